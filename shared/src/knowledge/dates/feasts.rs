//! Dates told from a feast: Thanksgiving, the Friday before Thanksgiving, el día después de Navidad.
//!
//! Invariant: the last such feast, unless the next one is weeks away; where a week is told, its first day, the earlier one.

use chrono::{Datelike as _, Days, NaiveDate, Weekday};

use super::Written;
use super::relative::weekday;
use super::tokens::Token;

/// How a feast lies in the year.
#[derive(Clone, Copy)]
enum Feast {
    /// Month and day.
    On(u32, u32),
    /// Month, weekday, and which of them in the month.
    Nth(u32, Weekday, u8),
    /// Month and weekday: the last of the month.
    Last(u32, Weekday),
}

const FEASTS: [(&[&str], Feast); 16] = [
    (&["thanksgiving"], Feast::Nth(11, Weekday::Thu, 4)),
    (&["accion", "de", "gracias"], Feast::Nth(11, Weekday::Thu, 4)),
    (&["labor", "day"], Feast::Nth(9, Weekday::Mon, 1)),
    (&["dia", "del", "trabajo"], Feast::Nth(9, Weekday::Mon, 1)),
    (&["columbus", "day"], Feast::Nth(10, Weekday::Mon, 2)),
    (&["memorial", "day"], Feast::Last(5, Weekday::Mon)),
    (&["veterans", "day"], Feast::On(11, 11)),
    (&["halloween"], Feast::On(10, 31)),
    (&["independence", "day"], Feast::On(7, 4)),
    (&["christmas", "eve"], Feast::On(12, 24)),
    (&["nochebuena"], Feast::On(12, 24)),
    (&["christmas"], Feast::On(12, 25)),
    (&["navidad"], Feast::On(12, 25)),
    (&["new", "years", "eve"], Feast::On(12, 31)),
    (&["new", "years"], Feast::On(1, 1)),
    (&["ano", "nuevo"], Feast::On(1, 1)),
];

/// The date that begins at a token, and how many tokens it takes.
pub(super) fn at(tokens: &[Token], at: usize, today: NaiveDate) -> Option<(Written, usize)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.word.as_str());
    if let Some((feast, used)) = feast(tokens, at) {
        return Some((Written::Relative(meant(feast, today)?), used));
    }
    let told = weekday(word(at));
    if told.is_none() && !matches!(word(at), "day" | "dia" | "week" | "semana") {
        return None;
    }
    let is_before = matches!(word(at + 1), "before" | "antes");
    if !is_before && !matches!(word(at + 1), "after" | "despues") {
        return None;
    }
    let linked = (2..4).take_while(|offset| matches!(word(at + offset), "de" | "del" | "the" | "dia")).count();
    let (feast, used) = feast(tokens, at + 2 + linked)?;
    let day = meant(feast, today)?;
    let shifted = |days: u64| {
        if is_before { day.checked_sub_days(Days::new(days)) } else { day.checked_add_days(Days::new(days)) }
    };
    let date = match told {
        Some(weekday) => (1..=7).filter_map(shifted).find(|date| date.weekday() == weekday),
        None if matches!(word(at), "week" | "semana") && is_before => shifted(7),
        None => shifted(1),
    };
    Some((Written::Relative(date?), 2 + linked + used))
}

fn feast(tokens: &[Token], at: usize) -> Option<(Feast, usize)> {
    let is_at = |words: &[&str]| {
        words.iter().enumerate().all(|(offset, word)| tokens.get(at + offset).is_some_and(|token| token.word == *word))
    };
    FEASTS.iter().find(|(words, _)| is_at(words)).map(|(words, feast)| (*feast, words.len()))
}

/// From so many days ahead on a feast is not the one that people mean.
const SOON: i64 = 60;

fn meant(feast: Feast, today: NaiveDate) -> Option<NaiveDate> {
    let in_year = |year: i32| match feast {
        Feast::On(month, day) => NaiveDate::from_ymd_opt(year, month, day),
        Feast::Nth(month, weekday, nth) => NaiveDate::from_weekday_of_month_opt(year, month, weekday, nth),
        Feast::Last(month, weekday) => {
            (4..=5).rev().find_map(|nth| NaiveDate::from_weekday_of_month_opt(year, month, weekday, nth))
        }
    };
    let year = today.year();
    let days: Vec<NaiveDate> = (year - 1..=year + 1).filter_map(in_year).collect();
    let last = days.iter().rev().find(|date| **date <= today)?;
    let next = days.iter().find(|date| **date > today)?;
    let is_next = (*next - today).num_days() <= SOON && *next - today < today - *last;
    Some(if is_next { *next } else { *last })
}
