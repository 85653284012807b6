//! What in a text has to have a source: dates, spans of time, phone numbers, links, amounts of money, percentages.
//!
//! Invariants: linear in the text; the same reading is used for a reply and for what its sources say, so that a figure
//! stands in both or it does not.

use chrono::NaiveDate;

use super::numbers::{self, Unit};
use crate::agents::fold::Text;
use crate::knowledge::dates;

/// A figure or an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    /// A day of the calendar.
    Date(NaiveDate),
    /// So many hours, days, weeks, months or years.
    Span(u32, Unit),
    /// The digits of a phone number, without the country's 1.
    Phone(String),
    /// A web or mail address without scheme and `www.`.
    Link(String),
    /// An amount in cents.
    Money(u64),
    /// An amount of another currency.
    Foreign,
    /// Hundredths.
    Percent(u64),
}

/// Everything in a text that has to have a source.
pub(super) fn find(text: &str, today: NaiveDate) -> Vec<Token> {
    let mut found: Vec<Token> = dates::find_all(text, today).into_iter().map(|found| Token::Date(found.date)).collect();
    found.extend(links(text));
    found.extend(phones(text));
    found.extend(money(text));
    let words = Text::new(text);
    for sentence in words.sentences() {
        found.extend(numbers::spans(&sentence).into_iter().map(|(count, unit)| Token::Span(count, unit)));
        let sentence: Vec<&str> = sentence.iter().map(|(word, _)| *word).collect();
        found.extend(numbers::in_words(&sentence, &["percent", "por"]).into_iter().map(Token::Percent));
        let dollars = ["dollar", "dollars", "dolar", "dolares", "usd", "bucks"];
        found.extend(numbers::in_words(&sentence, &dollars).into_iter().map(Token::Money));
    }
    found.sort();
    found.dedup();
    found
}

/// Endings of host names that people meet; a word with a full stop inside is a link only with one of them.
const ENDINGS: [&str; 32] = [
    "com", "org", "net", "gov", "edu", "mil", "info", "biz", "io", "co", "ly", "app", "dev", "xyz", "online", "site",
    "website", "link", "click", "top", "ru", "cn", "tk", "uk", "ca", "mx", "eu", "shop", "live", "health", "care",
    "ai",
];

fn links(text: &str) -> Vec<Token> {
    let pieces =
        text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '<' | '>' | '"' | '“' | '”'));
    pieces.filter_map(link).map(Token::Link).collect()
}

/// The address in a piece of text without spaces.
pub(super) fn link(piece: &str) -> Option<String> {
    let trimmed = piece.trim_matches(|c: char| {
        matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '’' | '*' | '_' | '`' | '«' | '»')
    });
    let lower = trimmed.to_lowercase();
    let is_scheme = lower.contains("://")
        || ["www.", "mailto:", "javascript:", "data:", "tel:"].iter().any(|beginning| lower.starts_with(beginning));
    let bare = match lower.split_once("://") {
        Some((_, rest)) => rest,
        None => &lower,
    };
    let bare = bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches('/');
    let is_mail = bare.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    (is_scheme || is_mail || has_ending(bare, trimmed)).then(|| bare.to_owned())
}

fn has_ending(lower: &str, written: &str) -> bool {
    let host = lower.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let Some((name, ending)) = host.rsplit_once('.') else { return false };
    let is_named = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let has_letter = name.chars().any(char::is_alphabetic);
    // "the plan.Ask": a sentence without its space.
    let is_sentence = written.contains(&format!(".{}", capitalised(ending))) && ending.len() < 3;
    is_named && has_letter && ENDINGS.contains(&ending) && !is_sentence
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Groups of digits that one phone number or identifier may be written in.
struct Run {
    groups: Vec<String>,
    is_international: bool,
    /// Where the run ends in the text (bytes).
    end: usize,
}

fn phones(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((start, first)) = text.get(at..).and_then(|rest| rest.char_indices().find(|(_, c)| is_start(*c))) {
        let start = at + start;
        let before = text.get(..start).and_then(|text| text.chars().next_back());
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '$' | '€' | '£')) && first != '+' {
            at = start
                + text.get(start..).map_or(1, |rest| {
                    rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()).max(first.len_utf8())
                });
            continue;
        }
        let run = run_at(text, start);
        at = run.end.max(start + first.len_utf8());
        found.extend(in_groups(&run).into_iter().map(Token::Phone));
        if let Some((number, end)) = spelled(text, &run) {
            found.push(Token::Phone(number));
            at = end;
        }
    }
    found
}

fn is_start(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '(' | '+')
}

fn run_at(text: &str, start: usize) -> Run {
    let mut run = Run { groups: Vec::new(), is_international: false, end: start };
    let mut group = String::new();
    let mut gap = 0;
    for (at, c) in text.get(start..).unwrap_or_default().char_indices() {
        if c.is_ascii_digit() {
            group.push(c);
            gap = 0;
            run.end = start + at + 1;
        } else if matches!(c, ' ' | '(' | ')' | '-' | '.' | '–' | '‑' | '\u{a0}' | '/') && gap < 3 {
            if !group.is_empty() {
                run.groups.push(std::mem::take(&mut group));
            }
            gap += 1;
        } else if c == '+' && run.groups.is_empty() && group.is_empty() {
            run.is_international = true;
        } else {
            break;
        }
    }
    if !group.is_empty() {
        run.groups.push(group);
    }
    run
}

fn in_groups(run: &Run) -> Vec<String> {
    let lengths: Vec<usize> = run.groups.iter().map(String::len).collect();
    let joined = |from: usize, to: usize| run.groups.get(from..to).unwrap_or_default().concat();
    if run.is_international && !joined(0, lengths.len()).starts_with('1') {
        return if joined(0, lengths.len()).len() >= 8 { vec![joined(0, lengths.len())] } else { Vec::new() };
    }
    let mut found = Vec::new();
    let mut at = 0;
    while at < lengths.len() {
        let used = match lengths.get(at..).unwrap_or_default() {
            [3, 3, 4, ..] => 3,
            [3, 7, ..] | [3, 4, ..] => 2,
            [10 | 11, ..] => 1,
            [3, ..] if run.groups.get(at).is_some_and(|group| is_short_number(group)) && lengths.len() == 1 => 1,
            _ => 0,
        };
        if used > 0 {
            let digits = joined(at, at + used);
            found.push(if digits.len() == 11 { digits.trim_start_matches('1').to_owned() } else { digits });
        }
        at += used.max(1);
    }
    found
}

/// 911, 988, 711 and the like.
fn is_short_number(group: &str) -> bool {
    group == "988" || (group.ends_with("11") && group.starts_with(|c: char| matches!(c, '2'..='9')))
}

/// 1-800-MEDICARE, 1-877-7SAFERX: a number that ends in letters.
fn spelled(text: &str, run: &Run) -> Option<(String, usize)> {
    let area = match run.groups.as_slice() {
        [one, area, rest @ ..] if one == "1" && area.len() == 3 => Some((area, rest)),
        [area, rest @ ..] if area.len() == 3 && area.starts_with('8') => Some((area, rest)),
        _ => None,
    };
    let (area, rest) = area?;
    let mut digits = format!("{area}{}", rest.concat());
    if digits.len() >= 10 {
        return None;
    }
    let mut letters = 0;
    let mut end = run.end;
    for (at, c) in text.get(run.end..)?.char_indices() {
        match c {
            'A'..='Z' => {
                digits.push(numbers::key(c));
                letters += 1;
            }
            '0'..='9' => digits.push(c),
            '-' | ' ' if letters == 0 || c == '-' => continue,
            _ => break,
        }
        end = run.end + at + 1;
    }
    (letters >= 3 && digits.len() >= 10).then(|| (digits.chars().take(10).collect(), end))
}

fn money(text: &str) -> Vec<Token> {
    let mut found = with_word_behind(text);
    for (at, c) in text.char_indices() {
        if !matches!(c, '$' | '€' | '£' | '¥') {
            continue;
        }
        let rest = text.get(at + c.len_utf8()..).unwrap_or_default();
        let rest = rest.trim_start_matches([' ', '\u{a0}']);
        match numbers::cents(rest) {
            Some(cents) if c == '$' => found.push(Token::Money(cents)),
            Some(_) => found.push(Token::Foreign),
            None if c != '$'
                && text.get(..at).is_some_and(|text| text.trim_end().ends_with(|c: char| c.is_ascii_digit())) =>
            {
                found.push(Token::Foreign);
            }
            None => {}
        }
    }
    found
}

/// Figures whose meaning stands behind them: 20%, 12.5 percent, 40 dollars.
fn with_word_behind(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(|c: char| c.is_ascii_digit())).map(|to| at + to) {
        let rest = text.get(start..).unwrap_or_default();
        let length = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, ',' | '.'))).unwrap_or(rest.len());
        at = start + length;
        let figure = rest.get(..length).unwrap_or_default();
        let behind = rest.get(length..).unwrap_or_default().trim_start_matches([' ', '\u{a0}', '-']);
        let behind: String = behind.chars().take(10).collect::<String>().to_lowercase();
        let Some(hundredths) = numbers::cents(figure) else { continue };
        if ["%", "percent", "per cent", "por ciento"].iter().any(|word| behind.starts_with(word)) {
            found.push(Token::Percent(hundredths));
        } else if ["dollar", "dólar", "dolar", "usd", "bucks"].iter().any(|word| behind.starts_with(word)) {
            found.push(Token::Money(hundredths));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Token> {
        find(text, "2026-11-22".parse().expect("a date"))
    }

    fn phone(digits: &str) -> Token {
        Token::Phone(digits.to_owned())
    }

    fn link(address: &str) -> Token {
        Token::Link(address.to_owned())
    }

    #[test]
    fn phone_numbers_in_every_spelling() {
        for text in [
            "1-800-633-4227",
            "(800) 633-4227",
            "+1 800 633 4227",
            "800.633.4227",
            "18006334227",
            "1-800-MEDICARE",
            "1-800-MEDICARE (1-800-633-4227)",
        ] {
            assert_eq!(all(text), [phone("8006334227")], "{text}");
        }
        assert_eq!(all("1-877-7SAFERX"), [phone("8777723379")]);
        assert_eq!(all("1-800-HHS-TIPS"), [phone("8004478477")]);
        assert_eq!(all("1-877-SAMHSA-7"), [phone("8777264727")]);
        assert_eq!(all("Call 911, or text 988."), [phone("911"), phone("988")]);
        assert_eq!(all("call 555-0199"), [phone("5550199")]);
        assert_eq!(all("+44 20 7946 0958"), [phone("442079460958")]);
        assert_eq!(all("rooms 100 and 200, page 35, form CMS-1696"), []);
    }

    #[test]
    fn links_with_and_without_a_scheme() {
        assert_eq!(all("See https://www.Medicare.gov/basics/."), [link("medicare.gov/basics")]);
        assert_eq!(all("[here](http://evil.example.com/x?y=1)"), [link("evil.example.com/x?y=1")]);
        assert_eq!(all("write to a.b@plan.com"), [link("a.b@plan.com")]);
        assert_eq!(all("javascript:alert(1)"), [link("javascript:alert")]);
        assert_eq!(all("medicare.gov.evil.ru, shiphelp.org."), [link("medicare.gov.evil.ru"), link("shiphelp.org")]);
        assert_eq!(all("the plan.Ask again, e.g. at 8 a.m. in the U.S. or D.C."), []);
    }

    #[test]
    fn money_percentages_and_spans() {
        assert_eq!(all("$1,736.50 and $ 35"), [Token::Money(3_500), Token::Money(173_650)]);
        assert_eq!(all("thirty-five dollars, 40 dólares"), [Token::Money(3_500), Token::Money(4_000)]);
        assert_eq!(all("€40 or 40 £"), [Token::Foreign]);
        assert_eq!(all("20% or 12.5 percent, 5 por ciento"), [500, 1250, 2000].map(Token::Percent));
        assert_eq!(all("a 65-day limit"), [Token::Span(65, Unit::Day)]);
        assert_eq!(all("dentro de ciento veinte días"), [Token::Span(120, Unit::Day)]);
    }

    #[test]
    fn dates_as_people_write_them() {
        let day = |text: &str| Token::Date(text.parse().expect("a date"));
        assert_eq!(all("by December 6, 2026"), [day("2026-12-06")]);
        assert_eq!(all("a más tardar el 6 de diciembre de 2026"), [day("2026-12-06")]);
        assert_eq!(all("until tomorrow"), [day("2026-11-23")]);
    }
}
