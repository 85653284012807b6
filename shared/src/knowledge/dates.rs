//! Dates as people write them in letters and messages.

use chrono::NaiveDate;

const MONTHS: [(&str, u32); 24] = [
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("april", 4),
    ("may", 5),
    ("june", 6),
    ("july", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("november", 11),
    ("december", 12),
    ("enero", 1),
    ("febrero", 2),
    ("marzo", 3),
    ("abril", 4),
    ("mayo", 5),
    ("junio", 6),
    ("julio", 7),
    ("agosto", 8),
    ("septiembre", 9),
    ("octubre", 10),
    ("noviembre", 11),
    ("diciembre", 12),
];

/// The first date in a text: `2026-10-02`, `10/2/2026` (month first, as in the United States), `October 2, 2026`,
/// `Oct 2 2026`, `2 de octubre de 2026`. A date without a year is not guessed.
pub fn find(text: &str) -> Option<NaiveDate> {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '/')).filter(|word| !word.is_empty()).collect();
    (0..words.len()).find_map(|at| numeric(words[at]).or_else(|| spelled(&words[at..])))
}

fn numeric(word: &str) -> Option<NaiveDate> {
    let parts: Vec<&str> = word.split(['-', '/']).collect();
    let &[a, b, c] = parts.as_slice() else { return None };
    let number = |text: &str| text.parse::<u32>().ok();
    if a.len() == 4 {
        return NaiveDate::from_ymd_opt(a.parse().ok()?, number(b)?, number(c)?);
    }
    let year: i32 = match c.len() {
        4 => c.parse().ok()?,
        2 => 2000 + c.parse::<i32>().ok()?,
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year, number(a)?, number(b)?)
}

fn spelled(words: &[&str]) -> Option<NaiveDate> {
    let words: Vec<&str> =
        words.iter().copied().filter(|word| !matches!(*word, "de" | "del" | "of" | "the")).take(3).collect();
    let &[first, second, third] = words.as_slice() else { return None };
    let (day, month) = match (month(first), month(second)) {
        (Some(month), _) => (day(second)?, month),
        (None, Some(month)) => (day(first)?, month),
        (None, None) => return None,
    };
    let year: i32 = third.parse().ok().filter(|year| (1900..2200).contains(year))?;
    NaiveDate::from_ymd_opt(year, month, day)
}

fn month(word: &str) -> Option<u32> {
    let fits = |name: &str| name == word || (word.len() >= 3 && name.starts_with(word));
    MONTHS.iter().find(|(name, _)| fits(name)).map(|(_, number)| *number)
}

fn day(word: &str) -> Option<u32> {
    word.trim_end_matches(|c: char| c.is_alphabetic()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_found_in_each_usual_form() {
        let expected = NaiveDate::from_ymd_opt(2026, 10, 2);
        for text in [
            "letter dated 2026-10-02, how do I appeal",
            "the notice of 10/2/2026 says no",
            "It is dated October 2, 2026.",
            "dated Oct 2nd 2026",
            "la carta es del 2 de octubre de 2026",
        ] {
            assert_eq!(find(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_not_guessed() {
        for text in ["in March", "call 1-800-633-4227", "on the 2nd", "2026-13-40", "65 days", ""] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
