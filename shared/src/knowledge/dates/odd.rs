//! Dates that cannot be those of a letter: in no calendar, ahead, from years ago, or without a year that is clear.
//!
//! Invariant: only what the text says is the letter's date, or what answers the question for it, is odd; a day of care, a
//! birth date or a last day may lie anywhere.

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Precision, Role, find_all, parse, role, tokens};

/// What is wrong with the date of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Odd {
    /// No calendar has it.
    NotInCalendar,
    /// It lies ahead.
    Ahead(NaiveDate),
    /// It lies years back.
    LongAgo(NaiveDate),
    /// It has no year, and the last such day was nearly a year ago: this one, or the coming one is meant.
    WhichYear(NaiveDate),
}

/// A letter is not older than this, in years.
pub const YEARS_BACK: u32 = 6;
/// From so many days on, a day without a year is nearer ahead than behind.
const NEARLY_A_YEAR: u64 = 270;

/// What is wrong with the date of the letter that a text is about, if something is. `is_answer`: the text answers the question
/// for that date, so a date of which nothing is said is it.
pub fn of_letter(text: &str, today: NaiveDate, is_answer: bool) -> Option<Odd> {
    let is_letters = |role: Role| role == Role::Dated || (is_answer && role == Role::Unstated);
    let oldest = today.checked_sub_months(Months::new(12 * YEARS_BACK))?;
    let unclear = today.checked_sub_days(Days::new(NEARLY_A_YEAR))?;
    let found = find_all(text, today);
    let mut of_letter = found.iter().filter(|found| is_letters(found.role) && found.precision != Precision::Relative);
    let date = of_letter.clone().find(|found| found.date <= today && found.date >= oldest).or_else(|| of_letter.next());
    match date {
        Some(found) if found.date > today => Some(Odd::Ahead(found.date)),
        Some(found) if found.date < oldest => Some(Odd::LongAgo(found.date)),
        Some(found) if found.precision == Precision::YearAssumed && found.date < unclear => {
            Some(Odd::WhichYear(found.date))
        }
        Some(_) => None,
        None => {
            let tokens = tokens::split(text);
            let role_at = |at: usize, used: usize| role::of(&tokens, 0, &(at..at + used), tokens.len());
            let is_odd = |at: usize| parse::impossible(&tokens, at).is_some_and(|used| is_letters(role_at(at, used)));
            (0..tokens.len()).any(is_odd).then_some(Odd::NotInCalendar)
        }
    }
}
