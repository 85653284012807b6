//! Dates as people write them, in English and Spanish, with what each is the date of.
//!
//! Invariants: linear in the text's length; numbers are read month first, as in the United States, unless the first is
//! over 12; a date that does not exist is refused; nothing outside the years 1900 to 2100 is a date; what is relative or
//! has no year is resolved against a given today and marked, so that the person can be asked. The year comes from the
//! weekday beside the date, else from what it is the date of and the tense: a letter's lies in the past.

mod feasts;
mod odd;
#[cfg(test)]
mod odd_tests;
mod parse;
mod relative;
mod role;
#[cfg(test)]
mod tests;
mod tokens;

use chrono::{Datelike as _, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

pub use odd::{Odd, YEARS_BACK, of_letter as odd_date_of_letter};
pub use parse::month as month_named;
use role::Tense;
use tokens::Token;

/// What a date in a text is the date of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Printed on a letter or notice, or the day it was sent.
    Dated,
    /// The day a letter arrived.
    Received,
    /// A last day.
    Deadline,
    /// The day the person sent a request or appeal.
    Sent,
    /// The day care, coverage or a job ends, or of a discharge.
    Ends,
    /// A birth date.
    Birth,
    /// The 65th birthday.
    Turning65,
    /// The text does not say.
    Unstated,
}

impl Role {
    fn looks_ahead(self) -> bool {
        matches!(self, Self::Deadline | Self::Ends | Self::Turning65)
    }
}

/// How sure the date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Day, month and year are written, or the weekday tells the year.
    Written,
    /// The year was assumed.
    YearAssumed,
    /// It was counted from today: "yesterday", "two weeks ago".
    Relative,
}

/// A date found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The date.
    pub date: NaiveDate,
    /// What it is the date of.
    pub role: Role,
    /// How sure it is.
    pub precision: Precision,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where it ends, in bytes, exclusive.
    pub end: usize,
}

/// The years in which a date is one.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;

/// What was written, before it is known which day it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Full(NaiveDate),
    /// Two digits of a year.
    ShortYear {
        year: i32,
        month: u32,
        day: u32,
    },
    NoYear {
        month: u32,
        day: u32,
    },
    /// Only numbers and no year: a date only where a role makes it one.
    BareNumbers {
        month: u32,
        day: u32,
    },
    Relative(NaiveDate),
    /// "today", "tomorrow": a date only where a role makes it one.
    RelativeIfStated(NaiveDate),
    /// A weekday alone: a date only where a role makes it one.
    Weekday(Weekday),
}

struct Candidate {
    written: Written,
    /// The index of its first token, and of the first behind it.
    tokens: std::ops::Range<usize>,
}

/// Every date in a text, in its order.
pub fn find_all(text: &str, today: NaiveDate) -> Vec<Found> {
    scan(text, Some(today))
}

/// The date of the letter that a text is about: the first full date that is said to be on it, else the first full date
/// of which nothing is said. What is relative or has no year is not guessed.
pub fn find(text: &str) -> Option<NaiveDate> {
    let found = scan(text, None);
    let with = |role| found.iter().find(|found| found.role == role);
    with(Role::Dated).or_else(|| with(Role::Unstated)).map(|found| found.date)
}

fn scan(text: &str, today: Option<NaiveDate>) -> Vec<Found> {
    let tokens = tokens::split(text);
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let told = |today| feasts::at(&tokens, at, today).or_else(|| relative::at(&tokens, at, today));
        let hit = parse::at(&tokens, at).or_else(|| today.and_then(told));
        match hit {
            Some((written, used)) => {
                // "Friday, October 2": the weekday belongs to the date behind it.
                if candidates
                    .last()
                    .is_some_and(|last| matches!(last.written, Written::Weekday(_)) && last.tokens.end == at)
                {
                    candidates.pop();
                }
                candidates.push(Candidate { written, tokens: at..at + used });
                at += used;
            }
            None => at += 1,
        }
    }
    (0..candidates.len()).filter_map(|index| found(&tokens, &candidates, index, today)).collect()
}

fn found(tokens: &[Token], candidates: &[Candidate], index: usize, today: Option<NaiveDate>) -> Option<Found> {
    let candidate = candidates.get(index)?;
    let before = index.checked_sub(1).and_then(|index| candidates.get(index)).map_or(0, |other| other.tokens.end);
    let after = candidates.get(index + 1).map_or(tokens.len(), |other| other.tokens.start);
    let is_relative = matches!(candidate.written, Written::RelativeIfStated(_) | Written::Weekday(_));
    let role = match role::of(tokens, before, &candidate.tokens, after) {
        Role::Unstated if is_relative && role::goes_away(tokens, before, &candidate.tokens) => Role::Ends,
        role => role,
    };
    let said = Said {
        role,
        tense: role::tense(tokens, before, &candidate.tokens, after, role.looks_ahead()),
        weekday: relative::weekday_beside(tokens, candidate.tokens.start, candidate.tokens.len()),
    };
    let (date, precision) = resolve(candidate.written, said, today)?;
    let start = tokens.get(candidate.tokens.start)?.start;
    let end = tokens.get(candidate.tokens.end.checked_sub(1)?)?.end;
    YEARS.contains(&date.year()).then_some(Found { date, role, precision, start, end })
}

/// What the text says of a date beside the date itself.
#[derive(Clone, Copy)]
struct Said {
    role: Role,
    tense: Option<Tense>,
    weekday: Option<Weekday>,
}

fn resolve(written: Written, said: Said, today: Option<NaiveDate>) -> Option<(NaiveDate, Precision)> {
    let role = said.role;
    let is_stated = role != Role::Unstated;
    match written {
        Written::Full(date) => Some((date, Precision::Written)),
        Written::ShortYear { year, month, day } => {
            let is_past_century = match (role, today) {
                (Role::Birth, Some(today)) => 2000 + year > today.year(),
                (_, Some(today)) => 2000 + year > today.year() + 5,
                (_, None) => false,
            };
            let year = if is_past_century { 1900 + year } else { 2000 + year };
            NaiveDate::from_ymd_opt(year, month, day).map(|date| (date, Precision::Written))
        }
        Written::NoYear { month, day } => without_year(month, day, said, today?),
        Written::BareNumbers { month, day } => {
            is_stated.then_some(())?;
            without_year(month, day, said, today?)
        }
        Written::Relative(date) => Some((date, Precision::Relative)),
        Written::RelativeIfStated(date) => is_stated.then_some((date, Precision::Relative)),
        Written::Weekday(weekday) => {
            is_stated.then_some(())?;
            let today = today?;
            let date =
                if role.looks_ahead() { relative::upcoming(weekday, today) } else { relative::before(weekday, today) };
            date.map(|date| (date, Precision::Relative))
        }
    }
}

/// How many years back a weekday may tell the year.
const WEEKDAY_YEARS_BACK: i32 = 3;

/// In the year that the weekday tells; else the most recent such day, and for a day that people speak of ahead the one that
/// the tense tells, or the nearest.
fn without_year(month: u32, day: u32, said: Said, today: NaiveDate) -> Option<(NaiveDate, Precision)> {
    if said.role == Role::Birth {
        return None;
    }
    let in_years = |years: std::ops::RangeInclusive<i32>| -> Vec<NaiveDate> {
        years.filter_map(|year| NaiveDate::from_ymd_opt(year, month, day)).collect()
    };
    let this = today.year();
    let mut days = in_years(this - 1..=this + 1);
    let mut precision = Precision::YearAssumed;
    if let Some(weekday) = said.weekday {
        let told: Vec<NaiveDate> = in_years(this - WEEKDAY_YEARS_BACK..=this + 1)
            .into_iter()
            .filter(|date| date.weekday() == weekday && is_plausible(*date, said, today))
            .collect();
        if !told.is_empty() {
            (days, precision) = (told, Precision::Written);
        }
    }
    let past = days.iter().filter(|date| **date <= today).max();
    let ahead = days.iter().filter(|date| **date >= today).min();
    let nearest = || days.iter().min_by_key(|date| (**date - today).num_days().abs());
    let date = match (said.role.looks_ahead(), said.tense) {
        (true, Some(Tense::Past)) => past,
        (true, Some(Tense::Ahead)) => ahead,
        (true, None) => nearest(),
        (false, Some(Tense::Ahead)) if said.role == Role::Unstated => ahead,
        (false, _) => past,
    };
    date.map(|date| (*date, precision))
}

/// A letter, an arrival, what somebody sent: none of them lies ahead.
fn is_plausible(date: NaiveDate, said: Said, today: NaiveDate) -> bool {
    said.role.looks_ahead() || said.role == Role::Unstated || date <= today
}
