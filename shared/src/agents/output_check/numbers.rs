//! Numbers in digits and in English or Spanish words, and what they count.

use crate::agents::fold::text::Pause;

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    /// Hours.
    Hour,
    /// Days of the calendar.
    Day,
    /// Days without weekends and holidays.
    BusinessDay,
    /// Weeks.
    Week,
    /// Months.
    Month,
    /// Years.
    Year,
}

const WORDS: [(&str, u32); 78] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
    ("couple", 2),
    ("dozen", 12),
    ("un", 1),
    ("una", 1),
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
    ("veintiun", 21),
    ("veintidos", 22),
    ("veintitres", 23),
    ("veinticuatro", 24),
    ("veinticinco", 25),
    ("veintiseis", 26),
    ("veintisiete", 27),
    ("veintiocho", 28),
    ("veintinueve", 29),
    ("treinta", 30),
    ("cuarenta", 40),
    ("cincuenta", 50),
    ("sesenta", 60),
    ("setenta", 70),
    ("ochenta", 80),
    ("noventa", 90),
    ("cien", 100),
    ("ciento", 100),
    ("doscientos", 200),
    ("trescientos", 300),
    ("cuatrocientos", 400),
    ("quinientos", 500),
    ("par", 2),
    ("docena", 12),
    ("quincena", 15),
];

/// Words that may stand between a number and its unit.
const BETWEEN: [&str; 27] = [
    "calendar",
    "business",
    "working",
    "full",
    "whole",
    "more",
    "additional",
    "extra",
    "straight",
    "consecutive",
    "of",
    "de",
    "habil",
    "habiles",
    "laborables",
    "calendario",
    "naturales",
    "mas",
    "completos",
    "completo",
    "adicionales",
    "seguidos",
    "entero",
    "enteros",
    "long",
    "or",
    "to",
];

/// Words that leave out weekends and holidays.
const BUSINESS: [&str; 5] = ["business", "working", "habil", "habiles", "laborables"];

fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "hour" | "hours" | "hr" | "hrs" | "hora" | "horas" => Unit::Hour,
        "day" | "days" | "dia" | "dias" => Unit::Day,
        "week" | "weeks" | "semana" | "semanas" => Unit::Week,
        "month" | "months" | "mes" | "meses" => Unit::Month,
        "year" | "years" | "ano" | "anos" => Unit::Year,
        _ => return None,
    })
}

/// A whole number at a word, and how many words it takes.
fn whole(words: &[&str], at: usize) -> Option<(u32, usize)> {
    let word = words.get(at)?;
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return word.parse().ok().map(|number| (number, 1));
    }
    let mut sum: Option<u32> = None;
    let mut used = 0;
    while let Some(word) = words.get(at + used) {
        let part = WORDS.iter().find(|(name, _)| name == word).map(|(_, value)| *value);
        sum = match (sum, part) {
            (None, Some(value)) => Some(value),
            (Some(before), Some(100)) if before < 10 && *word == "hundred" => Some(before * 100),
            (Some(before), Some(value))
                if (before % 100 >= 20 && before % 10 == 0 && value < 10) || (before % 100 == 0 && value < 100) =>
            {
                Some(before + value)
            }
            (Some(_), None) if matches!(*word, "y" | "and") && joins(words, at + used) => sum,
            _ => break,
        };
        used += 1;
    }
    sum.map(|sum| (sum, used))
}

/// "treinta y cinco", "one hundred and twenty": another part follows.
fn joins(words: &[&str], at: usize) -> bool {
    let value =
        |at: usize| words.get(at).and_then(|word| WORDS.iter().find(|(name, _)| name == word)).map(|(_, value)| *value);
    let before = at.checked_sub(1).and_then(value).unwrap_or(0);
    value(at + 1).is_some_and(|next| {
        (before.is_multiple_of(10) && (20..100).contains(&before) && next < 10) || (before >= 100 && next < 100)
    })
}

/// The spans of time in a sentence of folded words; "30 to 60 days" are two. A comma or bracket parts a number from a unit.
pub(super) fn spans(sentence: &[(&str, Pause)]) -> Vec<(u32, Unit)> {
    let words: Vec<&str> = sentence.iter().map(|(word, _)| *word).collect();
    let words = words.as_slice();
    let is_joined = |from: usize, to: usize| {
        sentence.get(from..=to).is_some_and(|between| between.iter().all(|(_, pause)| *pause == Pause::None))
    };
    let mut found = Vec::new();
    let mut at = 0;
    let mut waiting: Vec<u32> = Vec::new();
    while at < words.len() {
        let Some((number, used)) = whole(words, at) else {
            let is_between =
                words.get(at).is_some_and(|word| BETWEEN.contains(word) || matches!(*word, "a" | "o" | "y" | "and"));
            if !is_between {
                waiting.clear();
            }
            at += 1;
            continue;
        };
        waiting.push(number);
        at += used;
        let after = (at..at + 3).find(|at| !words.get(*at).is_some_and(|word| BETWEEN.contains(word))).unwrap_or(at);
        if let Some(unit) = words.get(after).and_then(|word| unit(word)).filter(|_| is_joined(at, after)) {
            // "Business days" in English, "días hábiles" in Spanish.
            let around = words.get(at..(after + 2).min(words.len())).unwrap_or_default();
            let is_open = unit == Unit::Day && around.iter().any(|word| BUSINESS.contains(word));
            let unit = if is_open { Unit::BusinessDay } else { unit };
            found.extend(waiting.drain(..).map(|number| (number, unit)));
            at = after + 1;
        }
    }
    found
}

/// The numbers in words before one of some words, in a sentence of folded words, times a hundred: "thirty dollars".
pub(super) fn in_words(words: &[&str], behind: &[&str]) -> Vec<u64> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let number = if word.starts_with(|c: char| c.is_ascii_digit()) { None } else { whole(words, at) };
        let Some((number, used)) = number else {
            at += 1;
            continue;
        };
        at += used;
        let next = words.get(at).copied().unwrap_or_default();
        if behind.contains(&next) && (next != "por" || words.get(at + 1) == Some(&"ciento")) {
            found.push(u64::from(number) * 100);
        }
    }
    found
}

/// The amount at the beginning of a text, in cents: `1,736.50`.
pub(super) fn cents(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, ',' | '.'))).unwrap_or(text.len());
    let figure = text.get(..digits)?.trim_end_matches([',', '.']);
    let (whole, part) = match figure.rsplit_once('.') {
        Some((whole, part)) if part.len() <= 2 => (whole, part),
        _ => (figure, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    if whole.is_empty() || whole.len() > 12 {
        return None;
    }
    let part: u64 = format!("{part:0<2}").parse().ok()?;
    Some(whole.parse::<u64>().ok()? * 100 + part)
}

/// The key of a phone that has a letter.
pub(super) fn key(letter: char) -> char {
    match letter.to_ascii_uppercase() {
        'A'..='C' => '2',
        'D'..='F' => '3',
        'G'..='I' => '4',
        'J'..='L' => '5',
        'M'..='O' => '6',
        'P'..='S' => '7',
        'T'..='V' => '8',
        _ => '9',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::fold::Text;

    fn of(text: &str) -> Vec<(u32, Unit)> {
        let read = Text::new(text);
        read.sentences().iter().flat_map(|sentence| spans(sentence)).collect()
    }

    #[test]
    fn numbers_in_words_of_both_languages() {
        for (text, number) in [
            ("sixty five days", 65),
            ("one hundred and twenty days", 120),
            ("one hundred eighty days", 180),
            ("ciento ochenta dias", 180),
            ("treinta y cinco dias", 35),
            ("noventa dias", 90),
            ("a couple of days", 2),
        ] {
            assert_eq!(of(text), [(number, Unit::Day)], "{text}");
        }
    }

    #[test]
    fn a_range_is_two_spans_and_adjectives_do_not_hide_the_unit() {
        assert_eq!(of("30 to 60 days"), [(30, Unit::Day), (60, Unit::Day)]);
        assert_eq!(of("4 full business days"), [(4, Unit::BusinessDay)]);
        assert_eq!(of("10 dias habiles"), [(10, Unit::BusinessDay)]);
        assert_eq!(of("page 7 says 3 months"), [(3, Unit::Month)]);
        assert_eq!(of("level 1 appeals take a day"), []);
        assert_eq!(of("call (1-800-633-4227), day or night"), []);
    }

    #[test]
    fn cents_of_an_amount() {
        assert_eq!(cents("1,736.50 a day"), Some(173_650));
        assert_eq!(cents("35."), Some(3_500));
        assert_eq!(cents("9.1"), Some(910));
        assert_eq!(cents("x"), None);
        assert_eq!(cents("99999999999999999999"), None);
    }
}
