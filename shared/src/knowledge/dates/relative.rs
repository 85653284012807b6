//! Dates told from today: yesterday, last Tuesday, two weeks ago; ayer, el martes pasado, hace dos semanas.

use chrono::{Datelike as _, Days, Months, NaiveDate, Weekday};

use super::Written;
use super::tokens::Token;

const COUNTS: [(&str, u32); 28] = [
    ("a", 1),
    ("an", 1),
    ("one", 1),
    ("two", 2),
    ("couple", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("twelve", 12),
    ("un", 1),
    ("una", 1),
    ("dos", 2),
    ("par", 2),
    ("tres", 3),
    ("cuatro", 4),
    ("cinco", 5),
    ("seis", 6),
    ("siete", 7),
    ("ocho", 8),
    ("nueve", 9),
    ("diez", 10),
    ("doce", 12),
    ("quince", 15),
];

/// The relative date that begins at a token, and how many tokens it takes.
pub(super) fn at(tokens: &[Token], at: usize, today: NaiveDate) -> Option<(Written, usize)> {
    let word = |offset: usize| tokens.get(at + offset).map_or("", |token| token.word.as_str());
    let back = |days: u64| today.checked_sub_days(Days::new(days)).map(Written::Relative);
    let ahead = |days: u64| today.checked_add_days(Days::new(days)).map(Written::RelativeIfStated);
    match (word(0), word(1), word(2)) {
        ("day", "before", "yesterday") | ("antes", "de", "ayer") => Some((back(2)?, 3)),
        ("day", "after", "tomorrow") => Some((ahead(2)?, 3)),
        ("pasado", "manana", _) => Some((ahead(2)?, 2)),
        ("yesterday" | "ayer", ..) => Some((back(1)?, 1)),
        ("anteayer" | "antier", ..) => Some((back(2)?, 1)),
        ("today" | "hoy", ..) => Some((ahead(0)?, 1)),
        ("tomorrow", ..) => Some((ahead(1)?, 1)),
        // "por la mañana", "esta mañana" are the morning.
        ("manana", next, _) if next != "por" && !is_the_morning(tokens, at) => Some((ahead(1)?, 1)),
        ("hace", ..) => ago(tokens, at + 1, today).map(|(written, used)| (written, used + 1)),
        _ => weekdays(tokens, at, today).or_else(|| {
            let (written, used) = ago(tokens, at, today)?;
            matches!(word(used), "ago" | "atras").then_some((written, used + 1))
        }),
    }
}

fn is_the_morning(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map_or("", |token| token.word.as_str());
    matches!(before, "la" | "esta" | "una" | "cada" | "toda")
}

/// `two weeks`, `a couple of days`, `dos semanas`, `un par de meses` before today.
fn ago(tokens: &[Token], at: usize, today: NaiveDate) -> Option<(Written, usize)> {
    let mut next = at;
    if tokens.get(next)?.word == "a" && tokens.get(next + 1)?.word == "couple" {
        next += 1;
    }
    if tokens.get(next)?.word == "un" && tokens.get(next + 1)?.word == "par" {
        next += 1;
    }
    let token = tokens.get(next)?;
    let named = COUNTS.iter().find(|(word, _)| *word == token.word).map(|(_, count)| *count);
    let count = named.or_else(|| token.number())?;
    next += 1;
    if matches!(tokens.get(next)?.word.as_str(), "of" | "de") {
        next += 1;
    }
    let days = |days: u32| today.checked_sub_days(Days::new(u64::from(days)));
    let date = match tokens.get(next)?.word.as_str() {
        "day" | "days" | "dia" | "dias" => days(count),
        "week" | "weeks" | "semana" | "semanas" => days(count.checked_mul(7)?),
        "month" | "months" | "mes" | "meses" => today.checked_sub_months(Months::new(count)),
        _ => None,
    }?;
    Some((Written::Relative(date), next + 1 - at))
}

fn weekdays(tokens: &[Token], at: usize, today: NaiveDate) -> Option<(Written, usize)> {
    let word = |offset: usize| tokens.get(at + offset).map_or("", |token| token.word.as_str());
    let day = |offset: usize| weekday(word(offset));
    let past = |weekday: Weekday| before(weekday, today).map(Written::Relative);
    let next =
        |weekday: Weekday| today.succ_opt().and_then(|tomorrow| upcoming(weekday, tomorrow)).map(Written::Relative);
    match word(0) {
        "last" | "past" | "pasado" => Some((past(day(1)?)?, 2)),
        "next" | "proximo" => Some((next(day(1)?)?, 2)),
        _ => {
            let weekday = day(0)?;
            match (word(1), word(2)) {
                ("pasado", _) => Some((past(weekday)?, 2)),
                ("proximo", _) => Some((next(weekday)?, 2)),
                ("que", "viene") => Some((next(weekday)?, 3)),
                _ => Some((Written::Weekday(weekday), 1)),
            }
        }
    }
}

/// The weekday that stands beside a date, also in short: `Fri, Nov 20`, `November 20 (Friday)`.
pub(super) fn weekday_beside(tokens: &[Token], at: usize, used: usize) -> Option<Weekday> {
    let named =
        |at: usize| tokens.get(at).and_then(|token| weekday(&token.word).or_else(|| short_weekday(&token.word)));
    let begins = |at: usize| tokens.get(at).is_none_or(|token| token.begins_sentence);
    let before = at.checked_sub(1).filter(|_| !begins(at)).and_then(named);
    // "November 20, Friday December 4": that weekday is the next date's.
    let is_next_ones = || super::parse::at(tokens, at + used + 1).is_some();
    before.or_else(|| named(at + used).filter(|_| !begins(at + used) && !is_next_ones()))
}

fn short_weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "mon" | "lun" => Weekday::Mon,
        "tue" | "tues" => Weekday::Tue,
        "wed" | "mie" => Weekday::Wed,
        "thu" | "thur" | "thurs" | "jue" => Weekday::Thu,
        "fri" | "vie" => Weekday::Fri,
        "sat" | "sab" => Weekday::Sat,
        "sun" | "dom" => Weekday::Sun,
        _ => return None,
    })
}

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "lunes" => Weekday::Mon,
        "tuesday" | "martes" => Weekday::Tue,
        "wednesday" | "miercoles" => Weekday::Wed,
        "thursday" | "jueves" => Weekday::Thu,
        "friday" | "viernes" => Weekday::Fri,
        "saturday" | "sabado" => Weekday::Sat,
        "sunday" | "domingo" => Weekday::Sun,
        _ => return None,
    })
}

/// The last such weekday before today.
pub(super) fn before(weekday: Weekday, today: NaiveDate) -> Option<NaiveDate> {
    today.pred_opt()?.iter_days().rev().take(7).find(|day| day.weekday() == weekday)
}

/// Today or the first such weekday after it.
pub(super) fn upcoming(weekday: Weekday, today: NaiveDate) -> Option<NaiveDate> {
    today.iter_days().take(7).find(|day| day.weekday() == weekday)
}
