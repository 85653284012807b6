//! How long what is over is kept.

use super::Reader;

/// The least that may be set: `navigator.retention` keeps it so long whatever it is asked for.
const LEAST_REQUEST_HOURS: u64 = 24;
const LEAST_JOURNAL_DAYS: u64 = 30;
const MOST_JOURNAL_DAYS: u64 = 36_500;

/// How long what is over is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Finished requests by Idempotency-Key, hours: so long a retry is recognised.
    pub request_hours: i32,
    /// The workflow's journal, days; none keeps it.
    pub journal_days: Option<i32>,
}

impl Retention {
    pub(super) fn read<L: Fn(&str) -> Option<String>>(read: &mut Reader<L>) -> Self {
        let request_hours = read.number("REQUEST_RETENTION_HOURS", 168, LEAST_REQUEST_HOURS, 8_760) as i32;
        let journal_days = read.number("JOURNAL_RETENTION_DAYS", 0, 0, MOST_JOURNAL_DAYS);
        if (1..LEAST_JOURNAL_DAYS).contains(&journal_days) {
            let problem = format!("must be 0, which keeps the journal, or {LEAST_JOURNAL_DAYS} to {MOST_JOURNAL_DAYS}");
            read.problem("JOURNAL_RETENTION_DAYS", problem);
        }
        Self { request_hours, journal_days: Some(journal_days as i32).filter(|days| *days > 0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &'static str, value: &'static str) -> (Retention, Vec<&'static str>) {
        let lookup = move |asked: &str| (asked == name).then(|| value.to_owned());
        let mut reader = Reader { lookup, problems: Vec::new() };
        let retention = Retention::read(&mut reader);
        (retention, reader.problems.into_iter().map(|problem| problem.variable).collect())
    }

    #[test]
    fn less_than_the_database_keeps_is_refused() {
        for (name, value) in [
            ("REQUEST_RETENTION_HOURS", "23"),
            ("REQUEST_RETENTION_HOURS", "8761"),
            ("JOURNAL_RETENTION_DAYS", "29"),
            ("JOURNAL_RETENTION_DAYS", "36501"),
        ] {
            assert_eq!(read(name, value).1, [name], "{value}");
        }
    }

    #[test]
    fn the_journal_is_kept_unless_a_number_of_days_is_set() {
        assert_eq!(read("", "").0, Retention { request_hours: 168, journal_days: None });
        assert_eq!(read("JOURNAL_RETENTION_DAYS", "0").0.journal_days, None);
        assert_eq!(read("JOURNAL_RETENTION_DAYS", "2190").0.journal_days, Some(2_190));
        assert_eq!(
            read("REQUEST_RETENTION_HOURS", "24"),
            (Retention { request_hours: 24, journal_days: None }, vec![])
        );
    }
}
