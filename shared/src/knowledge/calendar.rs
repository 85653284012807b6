//! A deadline as a calendar file (iCalendar, RFC 5545) that phones and mail programs open.
//!
//! Invariants: lines end in CRLF and are folded at 75 octets, never inside a character (section 3.1); text is escaped
//! (section 3.3.11); the stamp is a parameter; a date has no time and no zone, so that it is the same day everywhere.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use super::deadlines::{Counted, Rule};
use super::words::Words;

/// What the calendar shows. The day's year has four digits; see [`super::dates`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// A name that is the same whenever the same deadline is given out, so that a second file replaces the first.
    pub uid: String,
    /// The title.
    pub summary: String,
    /// More, such as how the day was counted and whom to call.
    pub description: String,
    /// The day.
    pub day: NaiveDate,
    /// The source's address.
    pub url: Option<String>,
    /// On how many days before the day to remind at nine in the morning; 0 is the day itself.
    pub remind_days_before: Vec<u32>,
}

impl Entry {
    /// The entry for a counted deadline of `rule`, on its safe day, in the language that `pick` picks.
    pub fn for_deadline(rule: &Rule, counted: &Counted, pick: impl Fn(&Words) -> &str) -> Self {
        let parts = [&counted.how, &counted.caution, &counted.what_now].map(|words| pick(words).to_owned());
        let lines: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Self {
            uid: format!("{}-{}@insurance-navigator", counted.rule, counted.last_day),
            summary: pick(&Words::from(rule.what)).to_owned(),
            description: lines.join("\n"),
            day: counted.safe_day,
            url: Some(rule.source.url.to_owned()),
            remind_days_before: vec![14, 3, 0],
        }
    }
}

/// The file. `stamp` is when it is made.
pub fn ics(entry: &Entry, stamp: DateTime<Utc>) -> String {
    let mut file = String::new();
    let mut line = |text: &str| fold_into(&mut file, text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Insurance Navigator//Deadlines//EN");
    line("CALSCALE:GREGORIAN");
    line("BEGIN:VEVENT");
    line(&format!("UID:{}", escape(&entry.uid)));
    line(&format!("DTSTAMP:{}", stamp.format("%Y%m%dT%H%M%SZ")));
    line(&format!("DTSTART;VALUE=DATE:{}", basic(entry.day)));
    line(&format!("DTEND;VALUE=DATE:{}", basic(entry.day.succ_opt().unwrap_or(entry.day))));
    line(&format!("SUMMARY:{}", escape(&entry.summary)));
    line(&format!("DESCRIPTION:{}", escape(&entry.description)));
    if let Some(url) = &entry.url {
        // A URI is not text and is not escaped; a line break in it would start a line of its own.
        line(&format!("URL:{}", url.chars().filter(|c| !c.is_control()).collect::<String>()));
    }
    line("TRANSP:TRANSPARENT");
    line("CLASS:PRIVATE");
    for days in &entry.remind_days_before {
        line("BEGIN:VALARM");
        line("ACTION:DISPLAY");
        line(&format!("DESCRIPTION:{}", escape(&entry.summary)));
        line(&format!("TRIGGER:{}", trigger(*days)));
        line("END:VALARM");
    }
    line("END:VEVENT");
    line("END:VCALENDAR");
    file
}

fn basic(date: NaiveDate) -> String {
    format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

/// Nine in the morning lies 15 hours before the midnight that ends that day.
fn trigger(days_before: u32) -> String {
    match days_before.checked_sub(1) {
        None => "PT9H".to_owned(),
        Some(0) => "-PT15H".to_owned(),
        Some(days) => format!("-P{days}DT15H"),
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() && c != '\t' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

fn fold_into(file: &mut String, line: &str) {
    const OCTETS: usize = 75;
    let mut used = 0;
    for c in line.chars() {
        if used + c.len_utf8() > OCTETS {
            file.push_str("\r\n ");
            used = 1;
        }
        file.push(c);
        used += c.len_utf8();
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;
    use proptest::prelude::*;

    use super::*;

    fn entry() -> Entry {
        Entry {
            uid: "ma-l1-file-2026-10-02@insurance-navigator".into(),
            summary: "Last day to appeal".into(),
            description: "65 days from the date on the denial notice, October 2, 2026; the day after is day 1.".into(),
            day: "2026-12-06".parse().expect("a date"),
            url: Some("https://www.medicare.gov/publications/11525-medicare-appeals.pdf".into()),
            remind_days_before: vec![14, 1, 0],
        }
    }

    fn stamp() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 22, 8, 5, 9).single().expect("a time")
    }

    fn unfolded(file: &str) -> Vec<String> {
        file.replace("\r\n ", "").split_terminator("\r\n").map(ToOwned::to_owned).collect()
    }

    #[test]
    fn the_file_is_the_standards() {
        let lines = unfolded(&ics(&entry(), stamp()));
        assert_eq!(
            lines,
            [
                "BEGIN:VCALENDAR",
                "VERSION:2.0",
                "PRODID:-//Insurance Navigator//Deadlines//EN",
                "CALSCALE:GREGORIAN",
                "BEGIN:VEVENT",
                "UID:ma-l1-file-2026-10-02@insurance-navigator",
                "DTSTAMP:20261122T080509Z",
                "DTSTART;VALUE=DATE:20261206",
                "DTEND;VALUE=DATE:20261207",
                "SUMMARY:Last day to appeal",
                "DESCRIPTION:65 days from the date on the denial notice\\, October 2\\, 2026\\; the day after is day 1.",
                "URL:https://www.medicare.gov/publications/11525-medicare-appeals.pdf",
                "TRANSP:TRANSPARENT",
                "CLASS:PRIVATE",
                "BEGIN:VALARM",
                "ACTION:DISPLAY",
                "DESCRIPTION:Last day to appeal",
                "TRIGGER:-P13DT15H",
                "END:VALARM",
                "BEGIN:VALARM",
                "ACTION:DISPLAY",
                "DESCRIPTION:Last day to appeal",
                "TRIGGER:-PT15H",
                "END:VALARM",
                "BEGIN:VALARM",
                "ACTION:DISPLAY",
                "DESCRIPTION:Last day to appeal",
                "TRIGGER:PT9H",
                "END:VALARM",
                "END:VEVENT",
                "END:VCALENDAR",
            ]
        );
    }

    #[test]
    fn a_deadline_becomes_an_entry_on_its_safe_day_in_either_language() {
        let rule = super::super::deadlines::rule("ma-l1-file").expect("the rule");
        let known = super::super::deadlines::Known { dated: "2026-10-02".parse().ok(), ..Default::default() };
        let counted = rule.count(&known, "2026-11-22".parse().expect("a date")).expect("a deadline");
        let english = Entry::for_deadline(rule, &counted, |words| &words.en);
        assert_eq!(english.uid, "ma-l1-file-2026-12-06@insurance-navigator");
        assert_eq!(english.day.to_string(), "2026-12-04");
        let lines = unfolded(&ics(&Entry::for_deadline(rule, &counted, |words| &words.es), stamp()));
        assert!(lines.contains(&"SUMMARY:Pedir al plan una reconsideración (primera apelación)".to_owned()));
        assert!(
            lines
                .iter()
                .any(|line| line.starts_with("DESCRIPTION:65 días desde la fecha del aviso de negación\\, 2 de"))
        );
    }

    #[test]
    fn a_text_cannot_start_a_line_of_its_own() {
        let mut hostile = entry();
        hostile.summary = "x\r\nATTENDEE:mailto:a@b\nBEGIN:VALARM\\;,".into();
        hostile.url = Some("https://a/\r\nSUMMARY:b".into());
        let lines = unfolded(&ics(&hostile, stamp()));
        assert!(lines.contains(&"SUMMARY:x\\nATTENDEE:mailto:a@b\\nBEGIN:VALARM\\\\\\;\\,".to_owned()));
        assert!(lines.contains(&"URL:https://a/SUMMARY:b".to_owned()));
        assert_eq!(lines.len(), unfolded(&ics(&entry(), stamp())).len());
    }

    #[test]
    fn the_end_of_a_year_and_of_a_leap_february_roll_over() {
        for (day, end) in [("2026-12-31", "20270101"), ("2028-02-28", "20280229"), ("2028-02-29", "20280301")] {
            let file = ics(&Entry { day: day.parse().expect("a date"), ..entry() }, stamp());
            assert!(file.contains(&format!("DTEND;VALUE=DATE:{end}\r\n")), "{day}");
        }
    }

    proptest! {
        #[test]
        fn folding_loses_nothing_and_keeps_to_75_octets(summary in "\\PC{0,200}") {
            let entry = Entry { summary: summary.clone(), ..entry() };
            let file = ics(&entry, stamp());
            prop_assert!(file.split_terminator("\r\n").all(|line| line.len() <= 75));
            let expected = format!("SUMMARY:{}", escape(&summary));
            prop_assert!(unfolded(&file).contains(&expected));
        }
    }
}
