//! Dates written out: in numbers, with the name of the month, in either order.

use chrono::NaiveDate;

use super::tokens::Token;
use super::{Written, YEARS};

const MONTHS: [(u32, &[&str]); 12] = [
    (1, &["january", "jan", "enero", "ene"]),
    (2, &["february", "feb", "febrero"]),
    (3, &["march", "mar", "marzo"]),
    (4, &["april", "apr", "abril", "abr"]),
    (5, &["may", "mayo"]),
    (6, &["june", "jun", "junio"]),
    (7, &["july", "jul", "julio"]),
    (8, &["august", "aug", "agosto", "ago"]),
    (9, &["september", "sept", "sep", "septiembre", "setiembre"]),
    (10, &["october", "oct", "octubre"]),
    (11, &["november", "nov", "noviembre"]),
    (12, &["december", "dec", "diciembre", "dic"]),
];

/// Names that are also everyday words, so that something more must make them a month.
const ALSO_WORDS: [&str; 4] = ["may", "march", "mar", "ago"];

const ORDINALS: [(&str, u32); 22] = [
    ("first", 1),
    ("second", 2),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("eleventh", 11),
    ("twelfth", 12),
    ("thirteenth", 13),
    ("fourteenth", 14),
    ("fifteenth", 15),
    ("sixteenth", 16),
    ("seventeenth", 17),
    ("eighteenth", 18),
    ("nineteenth", 19),
    ("twentieth", 20),
    ("thirtieth", 30),
    ("primero", 1),
];

/// Spanish days are counted: dos de octubre.
const CARDINALS: [(&str, u32); 30] = [
    ("uno", 1),
    ("dos", 2),
    ("tres", 3),
    ("cuatro", 4),
    ("cinco", 5),
    ("seis", 6),
    ("siete", 7),
    ("ocho", 8),
    ("nueve", 9),
    ("diez", 10),
    ("once", 11),
    ("doce", 12),
    ("trece", 13),
    ("catorce", 14),
    ("quince", 15),
    ("dieciseis", 16),
    ("diecisiete", 17),
    ("dieciocho", 18),
    ("diecinueve", 19),
    ("veinte", 20),
    ("veintiuno", 21),
    ("veintidos", 22),
    ("veintitres", 23),
    ("veinticuatro", 24),
    ("veinticinco", 25),
    ("veintiseis", 26),
    ("veintisiete", 27),
    ("veintiocho", 28),
    ("veintinueve", 29),
    ("treinta", 30),
];

/// The date that begins at a token, and how many tokens it takes.
pub(super) fn at(tokens: &[Token], at: usize) -> Option<(Written, usize)> {
    let token = tokens.get(at)?;
    joined(&token.word)
        .map(|written| (written, 1))
        .or_else(|| month_joined_to_day(tokens, at))
        .or_else(|| month_first(tokens, at))
        .or_else(|| day_first(tokens, at))
}

/// Whether what begins at a token is written like a date of a day that no calendar has, and how many tokens it takes:
/// `February 30, 2026`, `2026-13-02`, `31 de noviembre`.
pub(super) fn impossible(tokens: &[Token], at: usize) -> Option<usize> {
    let token = tokens.get(at)?;
    if is_written_like_date(&token.word) && joined(&token.word).is_none() {
        return Some(1);
    }
    let number_at = |at: usize| tokens.get(at).and_then(day_number);
    let month_at = |at: usize| tokens.get(at).and_then(|token| month(&token.word));
    let (month, day, used) = match (month_at(at), number_at(at)) {
        (Some(month), _) => (month, number_at(at + 1)?, 2),
        (None, Some(day)) => {
            let linked = fillers(tokens, at + 1, &["of", "de", "day"]);
            (month_at(at + 1 + linked)?, day, 2 + linked)
        }
        (None, None) => return None,
    };
    let (year, of_year) = year(tokens, at + used);
    let is_month = year.is_some() || (token.is_capital && !ALSO_WORDS.contains(&token.word.as_str())) || day <= 31;
    let exists = match year {
        Some(Year::Full(year)) => i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day)),
        Some(Year::Short(year)) => {
            i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(2000 + year, month, day))
        }
        None => NaiveDate::from_ymd_opt(2000, month, day),
    };
    (is_month && exists.is_none()).then_some(used + of_year)
}

/// `30`, `31st`, `45`; no number that only looks like a day, such as 2026.
fn day_number(token: &Token) -> Option<u32> {
    let digits = token.word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let suffix = token.word.get(digits.len()..)?;
    let is_day = matches!(suffix, "" | "st" | "nd" | "rd" | "th") && (1..=2).contains(&digits.len());
    is_day.then(|| digits.parse().ok()).flatten()
}

/// Three numbers of which one is a year.
fn is_written_like_date(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['-', '/']).collect();
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = |part: &str| (1..=2).contains(&part.len());
    let is_this_year = |part: &str| part.len() == 4 && part.parse().is_ok_and(is_year);
    match parts.as_slice() {
        [first, second, third] if parts.iter().all(is_number) => {
            (is_this_year(first) && is_short(second) && is_short(third))
                || (is_short(first)
                    && is_short(second)
                    && (is_this_year(third) || (third.len() == 2 && word.contains('/'))))
        }
        _ => false,
    }
}

/// The month of a folded name, 1 to 12: `november`, `nov`, `noviembre`.
pub fn month(word: &str) -> Option<u32> {
    MONTHS.iter().find(|(_, names)| names.contains(&word)).map(|(month, _)| *month)
}

/// `2026-10-02`, `10/02/2026`, `10-2-26`, `2-oct-2026`, `10/2`.
fn joined(word: &str) -> Option<Written> {
    let parts: Vec<&str> = word.splitn(4, ['-', '/', '.']).collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => {
            // An ISO time may follow: 2026-10-02T08:00
            let day = day.split('t').next()?;
            full(number(year)?, number(month)?, number(day)?)
        }
        [first, second, year] => {
            let (month, day) = match (month(first), month(second)) {
                (Some(month), _) => (month, number(second)?),
                (None, Some(month)) => (month, number(first)?),
                (None, None) => month_and_day(number(first)?, number(second)?)?,
            };
            match (year.len(), word.contains('.')) {
                (4, _) => full(number(year)?, month, day),
                (2, false) => short(number(year)?, month, day),
                _ => None,
            }
        }
        [first, second] if word.contains('/') && word != "24/7" => {
            let (month, day) = month_and_day(number(first)?, number(second)?)?;
            no_year(month, day).map(|_| Written::BareNumbers { month, day })
        }
        _ => None,
    }
}

/// `Oct.2, 2026`
fn month_joined_to_day(tokens: &[Token], at: usize) -> Option<(Written, usize)> {
    let (name, day) = tokens.get(at)?.word.split_once(['-', '/', '.'])?;
    let (month, day) = (month(name)?, number(day)?);
    let (year, used) = year(tokens, at + 1);
    Some((with_year(year, month, day)?, used + 1))
}

/// `October 2, 2026`, `Oct. 2nd`, `octubre 2 de 2026`.
fn month_first(tokens: &[Token], at: usize) -> Option<(Written, usize)> {
    let token = tokens.get(at)?;
    let month = month(&token.word)?;
    let mut next = at + 1;
    next += fillers(tokens, next, &["the", "el", "dia"]);
    let (day, form) = day(tokens.get(next)?).filter(|(_, form)| *form != DayForm::Cardinal)?;
    next += 1;
    let (year, used) = year(tokens, next);
    next += used;
    let is_surely_a_month = year.is_some()
        || (token.word != "ago"
            && (form == DayForm::Suffixed || token.is_capital || follows_a_preposition(tokens, at)));
    if ALSO_WORDS.contains(&token.word.as_str()) && !is_surely_a_month {
        return None;
    }
    Some((with_year(year, month, day)?, next - at))
}

/// `2nd of October 2026`, `2 October`, `2 de octubre de 2026`, `primero de octubre`.
fn day_first(tokens: &[Token], at: usize) -> Option<(Written, usize)> {
    let (day, form) = day(tokens.get(at)?)?;
    let mut next = at + 1;
    let linked = fillers(tokens, next, &["of", "de", "day"]);
    if linked == 0 && form == DayForm::Cardinal {
        return None;
    }
    next += linked;
    let token = tokens.get(next)?;
    let month = month(&token.word)?;
    next += 1;
    let (year, used) = year(tokens, next);
    next += used;
    let is_surely_a_month =
        year.is_some() || (token.word != "ago" && (form == DayForm::Suffixed || linked > 0 || token.is_capital));
    if ALSO_WORDS.contains(&token.word.as_str()) && !is_surely_a_month {
        return None;
    }
    Some((with_year(year, month, day)?, next - at))
}

fn follows_a_preposition(tokens: &[Token], at: usize) -> bool {
    const PREPOSITIONS: [&str; 12] =
        ["on", "dated", "of", "by", "from", "until", "before", "since", "after", "el", "del", "de"];
    at.checked_sub(1).and_then(|at| tokens.get(at)).is_some_and(|token| PREPOSITIONS.contains(&token.word.as_str()))
}

/// How many of the next tokens are among `words`; at most two.
fn fillers(tokens: &[Token], at: usize, words: &[&str]) -> usize {
    tokens.iter().skip(at).take(2).take_while(|token| words.contains(&token.word.as_str())).count()
}

/// How a day of the month is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DayForm {
    /// `2`
    Number,
    /// `2nd`
    Suffixed,
    /// `second`
    Ordinal,
    /// `dos`
    Cardinal,
}

fn day(token: &Token) -> Option<(u32, DayForm)> {
    for (words, form) in [(ORDINALS.as_slice(), DayForm::Ordinal), (CARDINALS.as_slice(), DayForm::Cardinal)] {
        if let Some((_, day)) = words.iter().find(|(word, _)| *word == token.word) {
            return Some((*day, form));
        }
    }
    let digits = token.word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let form = match token.word.get(digits.len()..)? {
        "" => DayForm::Number,
        "st" | "nd" | "rd" | "th" | "ro" | "do" | "er" | "o" | "a" | "to" => DayForm::Suffixed,
        _ => return None,
    };
    let day = digits.parse().ok().filter(|day| digits.len() <= 2 && (1..=31).contains(day))?;
    Some((day, form))
}

enum Year {
    Full(u32),
    Short(u32),
}

/// The year that stands next, and how many tokens it takes.
fn year(tokens: &[Token], at: usize) -> (Option<Year>, usize) {
    let linked = fillers(tokens, at, &["de", "del", "of", "in"]).min(1);
    let Some(token) = tokens.get(at + linked).filter(|token| !token.begins_sentence) else { return (None, 0) };
    match token.number() {
        Some(year) if token.word.len() == 4 && is_year(year) => (Some(Year::Full(year)), linked + 1),
        Some(year) if token.word.len() == 2 && token.has_apostrophe => (Some(Year::Short(year)), linked + 1),
        _ => (None, 0),
    }
}

fn is_year(year: u32) -> bool {
    i32::try_from(year).is_ok_and(|year| YEARS.contains(&year))
}

fn with_year(year: Option<Year>, month: u32, day: u32) -> Option<Written> {
    match year {
        Some(Year::Full(year)) => full(year, month, day),
        Some(Year::Short(year)) => short(year, month, day),
        None => no_year(month, day),
    }
}

fn full(year: u32, month: u32, day: u32) -> Option<Written> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day).map(Written::Full)
}

fn short(year: u32, month: u32, day: u32) -> Option<Written> {
    no_year(month, day)?;
    i32::try_from(year).ok().map(|year| Written::ShortYear { year, month, day })
}

/// A day that exists in some year.
fn no_year(month: u32, day: u32) -> Option<Written> {
    NaiveDate::from_ymd_opt(2000, month, day).map(|_| Written::NoYear { month, day })
}

fn month_and_day(first: u32, second: u32) -> Option<(u32, u32)> {
    if first <= 12 { Some((first, second)) } else { (second <= 12).then_some((second, first)) }
}

fn number(text: &str) -> Option<u32> {
    (!text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}
