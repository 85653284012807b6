//! The year of a date without one, and dates that cannot be those of a letter. Today is Monday, November 30, 2026.

use chrono::NaiveDate;

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

#[test]
fn the_year_comes_from_the_weekday_the_role_and_the_tense() {
    let today = date("2026-11-30");
    let year = |text: &str| {
        let found = find_all(text, today);
        let first = found.first().unwrap_or_else(|| panic!("no date in {text}"));
        (first.date.to_string(), first.precision)
    };
    for (text, expected) in [
        ("letter dated December 5", "2025-12-05"),
        ("my coverage ends January 3", "2027-01-03"),
        ("my coverage ended January 3", "2026-01-03"),
        ("I must appeal by June 1", "2027-06-01"),
        ("the deadline was June 1", "2026-06-01"),
        ("I have until January 5", "2027-01-05"),
        ("my coverage will be terminated January 3", "2027-01-03"),
        ("mi cobertura termina el 3 de enero", "2027-01-03"),
        ("mi cobertura terminó el 3 de enero", "2026-01-03"),
        ("I lost my job on January 3", "2026-01-03"),
        ("my surgery will be on January 5", "2027-01-05"),
    ] {
        assert_eq!(year(text), (expected.to_owned(), Precision::YearAssumed), "{text}");
    }
    for (text, expected) in [
        ("letter dated Friday, November 20", "2026-11-20"),
        ("letter dated Thursday, November 20", "2025-11-20"),
        ("letter dated Wed, Nov 20", "2024-11-20"),
        ("la carta es del viernes 20 de noviembre", "2026-11-20"),
        ("coverage ends Sunday, January 3", "2027-01-03"),
        ("letter dated November 20 (Friday)", "2026-11-20"),
    ] {
        assert_eq!(year(text), (expected.to_owned(), Precision::Written), "{text}");
    }
}

#[test]
fn a_letters_date_that_cannot_be_is_odd() {
    let today = date("2026-11-30");
    let odd = |text: &str| odd_date_of_letter(text, today, false);
    for text in [
        "dated February 30, 2026",
        "letter dated 13/45/2026",
        "dated 2026-02-30",
        "fechada el 31 de noviembre de 2026",
        "the letter is dated June 31",
        "letter dated November 45, 2026",
    ] {
        assert_eq!(odd(text), Some(Odd::NotInCalendar), "{text}");
    }
    assert_eq!(odd("letter dated November 2, 2027"), Some(Odd::Ahead(date("2027-11-02"))));
    assert_eq!(odd("letter dated November 2, 2016"), Some(Odd::LongAgo(date("2016-11-02"))));
    assert_eq!(odd("letter dated December 5"), Some(Odd::WhichYear(date("2025-12-05"))));
    for text in [
        "letter dated November 2, 2026",
        "my surgery is on January 5, 2027",
        "appeal by January 6, 2027",
        "born 2/30/1950",
        "letter dated October 2",
        "my SSN is 123-45-6789",
        "letter dated Thursday, November 20",
        "call 1-800-633-4227",
    ] {
        assert_eq!(odd(text), None, "{text}");
    }
    assert_eq!(odd_date_of_letter("February 30, 2026", today, true), Some(Odd::NotInCalendar));
}
