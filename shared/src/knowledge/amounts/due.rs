//! Which amounts go silent soon, unless the next year's are put into the file.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::{Amount, amounts};

/// So many days ahead operators hear of it.
pub const NOTICE_DAYS: u16 = 60;

/// An amount that expires, or has expired, without one that follows it.
#[derive(Clone, Debug, Serialize)]
pub struct Due {
    /// The amount's key.
    pub key: &'static str,
    /// What it is.
    pub what: &'static str,
    /// The newest year that is known.
    pub plan_year: i32,
    /// The last day on which a figure is said.
    pub expires: NaiveDate,
    /// Whether that day is over: the figure is withheld.
    pub has_expired: bool,
    /// The title of where the figure was read.
    pub source: &'static str,
    /// Its page, for a booklet.
    pub page: Option<u16>,
    /// Its address.
    pub url: &'static str,
}

/// The amounts whose last day is over, or comes within so many days after `today`: the earliest first.
pub fn due(today: NaiveDate, within_days: u16) -> Vec<Due> {
    among(amounts(), today, within_days)
}

fn among(amounts: &'static [Amount], today: NaiveDate, within_days: u16) -> Vec<Due> {
    let horizon = today.checked_add_days(Days::new(within_days.into())).unwrap_or(NaiveDate::MAX);
    let keys: BTreeSet<&str> = amounts.iter().map(|amount| amount.key).collect();
    let last = keys.into_iter().filter_map(|key| last_said(amounts.iter().filter(|amount| amount.key == key), today));
    let mut due: Vec<Due> = last.filter(|amount| amount.expires <= horizon).map(|amount| row(amount, today)).collect();
    due.sort_by_key(|due| (due.expires, due.key));
    due
}

/// Of the years of one amount the one with which an unbroken row of years ends that holds on a day, or held before it.
fn last_said(years: impl Iterator<Item = &'static Amount> + Clone, day: NaiveDate) -> Option<&'static Amount> {
    let mut last = super::on(years.clone(), day)?;
    let follows = |last: &Amount, next: &Amount| {
        next.expires > last.expires && last.expires.succ_opt().is_some_and(|after| next.effective <= after)
    };
    while let Some(next) = years.clone().find(|next| follows(last, next)) {
        last = next;
    }
    Some(last)
}

fn row(amount: &'static Amount, today: NaiveDate) -> Due {
    Due {
        key: amount.key,
        what: amount.what.en,
        plan_year: amount.plan_year,
        expires: amount.expires,
        has_expired: amount.expires < today,
        source: amount.source.title,
        page: amount.source.page,
        url: amount.source.url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// The embedded file, with rows of the next year behind it for the keys that are chosen, as the yearly change makes it.
    fn changed(is_chosen: impl Fn(&str) -> bool, effective: &str) -> &'static [Amount] {
        let mut file: serde_json::Value = serde_json::from_str(super::super::yearly()).expect("JSON");
        let rows = file["amounts"].as_array_mut().expect("rows");
        let mut next: Vec<serde_json::Value> = Vec::new();
        for row in rows.iter().filter(|row| row["plan_year"] == 2026 && row["key"].as_str().is_some_and(&is_chosen)) {
            let mut row = row.clone();
            row["plan_year"] = 2027.into();
            row["effective"] = effective.into();
            row["expires"] = "2027-12-31".into();
            next.push(row);
        }
        rows.retain(|row| row["plan_year"] == 2026);
        rows.extend(next);
        super::super::read(String::leak(file.to_string())).leak()
    }

    #[test]
    fn an_amount_is_due_from_sixty_days_before_its_last_day_until_the_next_years_is_there() {
        let old = changed(|_| false, "2027-01-01");
        let count = |rows: &'static [Amount], day: &str| {
            let due = among(rows, date(day), NOTICE_DAYS);
            (due.len(), due.iter().filter(|due| due.has_expired).count())
        };
        assert_eq!(old.len(), 49);
        assert_eq!(count(old, "2026-10-31"), (0, 0));
        assert_eq!(count(old, "2026-11-01"), (49, 0));
        assert_eq!(count(old, "2026-12-31"), (49, 0));
        assert_eq!(count(old, "2027-01-01"), (49, 49));
        let new = changed(|_| true, "2027-01-01");
        assert_eq!(new.len(), 98);
        for day in ["2026-11-02", "2026-12-31", "2027-01-02", "2027-10-31"] {
            assert_eq!(count(new, day), (0, 0), "{day}");
        }
        assert_eq!(count(new, "2027-11-01"), (49, 0));
        let some = changed(|key| key != "part_b_premium", "2027-01-01");
        let due = among(some, date("2027-01-02"), NOTICE_DAYS);
        assert_eq!(due.iter().map(|due| (due.key, due.has_expired)).collect::<Vec<_>>(), [("part_b_premium", true)]);
        // A gap is silence: until the new ones begin, the old ones are what is over.
        let late = changed(|_| true, "2027-02-01");
        assert_eq!((count(late, "2027-01-15"), count(late, "2027-02-01")), ((49, 49), (0, 0)));
    }

    #[test]
    fn within_the_file_nothing_is_due_before_its_time() {
        let first = amounts().iter().map(|amount| amount.effective).min().expect("rows");
        assert!(due(first, 0).is_empty());
        assert!(!due(NaiveDate::MAX, u16::MAX).is_empty());
    }
}
