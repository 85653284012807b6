//! Weekends and the federal holidays of the United States (5 U.S.C. 6103(a)), with the day on which one is kept when it
//! falls on a weekend: the Friday before a Saturday, the Monday after a Sunday.
//!
//! Invariant: used to name an *earlier* safe day, and to count business days; never to move a deadline later.

use chrono::{Datelike as _, Days, NaiveDate, Weekday};

/// Whether a date is a Saturday, a Sunday or a kept federal holiday.
pub fn is_closed(date: NaiveDate) -> bool {
    is_weekend(date) || is_kept_holiday(date)
}

/// Whether a date is a Saturday or a Sunday.
pub fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Whether a federal holiday is kept on a date.
pub fn is_kept_holiday(date: NaiveDate) -> bool {
    let falls = |date: Option<NaiveDate>| date.is_some_and(is_holiday);
    match date.weekday() {
        Weekday::Sat | Weekday::Sun => false,
        Weekday::Fri => is_holiday(date) || falls(date.succ_opt()),
        Weekday::Mon => is_holiday(date) || falls(date.pred_opt()),
        _ => is_holiday(date),
    }
}

fn is_holiday(date: NaiveDate) -> bool {
    let week = (date.day() - 1) / 7 + 1;
    let is_last_of_month = date.checked_add_days(Days::new(7)).is_none_or(|next| next.month() != date.month());
    match (date.month(), date.day(), date.weekday()) {
        // New Year's Day, Juneteenth, Independence Day, Veterans Day, Christmas Day
        (1, 1, _) | (6, 19, _) | (7, 4, _) | (11, 11, _) | (12, 25, _) => true,
        // Birthday of Martin Luther King, Jr.; Washington's Birthday
        (1 | 2, _, Weekday::Mon) => week == 3,
        // Memorial Day
        (5, _, Weekday::Mon) => is_last_of_month,
        // Labor Day
        (9, _, Weekday::Mon) => week == 1,
        // Columbus Day
        (10, _, Weekday::Mon) => week == 2,
        // Thanksgiving Day
        (11, _, Weekday::Thu) => week == 4,
        _ => false,
    }
}

/// The date itself, or the last open day before it.
pub fn open_day_on_or_before(date: NaiveDate) -> NaiveDate {
    // No run of closed days is longer than four.
    (0..7).filter_map(|back| date.checked_sub_days(Days::new(back))).find(|day| !is_closed(*day)).unwrap_or(date)
}

/// The `count`th open day after a date. `None` beyond the calendar.
pub fn add_open_days(date: NaiveDate, count: u32) -> Option<NaiveDate> {
    let mut day = date;
    for _ in 0..count {
        day = day.succ_opt()?;
        while is_closed(day) {
            day = day.succ_opt()?;
        }
    }
    Some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn the_holidays_of_2026_are_kept_where_the_official_calendar_has_them() {
        // The official calendar of the Office of Personnel Management for 2026; July 4 is a Saturday.
        let kept = [
            "2026-01-01",
            "2026-01-19",
            "2026-02-16",
            "2026-05-25",
            "2026-06-19",
            "2026-07-03",
            "2026-09-07",
            "2026-10-12",
            "2026-11-11",
            "2026-11-26",
            "2026-12-25",
        ];
        let found: Vec<String> = date("2026-01-01")
            .iter_days()
            .take(365)
            .filter(|day| is_kept_holiday(*day))
            .map(|day| day.to_string())
            .collect();
        assert_eq!(found, kept);
        // January 1, 2028 is a Saturday: kept on the last day of 2027. June 19, 2027 too; July 4, 2027 is a Sunday.
        for day in ["2027-12-31", "2027-06-18", "2027-07-05"] {
            assert!(is_kept_holiday(date(day)), "{day}");
        }
    }

    #[test]
    fn a_closed_day_gives_the_open_day_before_and_open_days_are_counted_over_it() {
        assert_eq!(open_day_on_or_before(date("2026-12-06")), date("2026-12-04"));
        assert_eq!(open_day_on_or_before(date("2026-11-26")), date("2026-11-25"));
        assert_eq!(open_day_on_or_before(date("2026-12-07")), date("2026-12-07"));
        // Wednesday; Thanksgiving is skipped, then Friday, Monday, Tuesday, Wednesday.
        assert_eq!(add_open_days(date("2026-11-25"), 4), Some(date("2026-12-02")));
        assert_eq!(add_open_days(NaiveDate::MAX, 1), None);
    }
}
