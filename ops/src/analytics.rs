//! `ops analytics`: numbers over the conversations, for whoever plans and improves the service.
//!
//! Invariants: no personal data and no content leave; a number that belongs to fewer than five people is not printed; what was imported
//! has no run and counts as conversation only.

mod store;

use chrono::{NaiveDate, TimeDelta, Utc};
use clap::Args;

use crate::database::{self, Purpose};
use crate::{OpsError, Result};

/// The fewest people that a number may belong to.
const FEWEST: i64 = 5;

/// The arguments of `ops analytics`.
#[derive(Debug, Args)]
pub struct AnalyticsArgs {
    /// The first day, UTC; 30 days before --until without it.
    #[arg(long, value_name = "DAY")]
    since: Option<NaiveDate>,
    /// The last day, UTC; today without it.
    #[arg(long, value_name = "DAY")]
    until: Option<NaiveDate>,
    /// Comma-separated values (RFC 4180): section, group, measure, value.
    #[arg(long)]
    csv: bool,
}

/// One number, or a text in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Measure {
    section: String,
    group: String,
    name: String,
    /// None where it would be about too few people.
    value: Option<String>,
}

impl AnalyticsArgs {
    /// Runs the command against OPERATOR_DATABASE_URL, else MIGRATION_DATABASE_URL, and prints the numbers.
    ///
    /// # Errors
    /// One line for the operator.
    pub async fn run(&self) -> Result<()> {
        let until = self.until.unwrap_or_else(|| Utc::now().date_naive());
        let since = self.since.unwrap_or(until - TimeDelta::days(30));
        if since > until {
            return Err(OpsError::said("--since is after --until"));
        }
        let mut client = database::for_operator().await?;
        let transaction = database::begin(&mut client, Purpose::Look).await?;
        let measures = store::measures(&transaction, since, until).await?;
        match (self.csv, measures.is_empty()) {
            (true, _) => print!("{}", csv(&measures)),
            (false, false) => print!("{}", table(&measures)),
            (false, true) => println!("no turn from {since} to {until} (imported conversations have no run)"),
        }
        Ok(())
    }
}

fn csv(measures: &[Measure]) -> String {
    let quoted = |text: &str| match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let mut text = "section,group,measure,value\r\n".to_owned();
    for measure in measures {
        let value = measure.value.as_deref().unwrap_or("<5 people");
        let cells = [&measure.section, &measure.group, &measure.name, value].map(quoted);
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

fn table(measures: &[Measure]) -> String {
    let width = measures.iter().map(|measure| measure.group.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    let (mut section, mut group) = ("", "");
    for measure in measures {
        if measure.section != section {
            section = &measure.section;
            group = "";
            text.push_str(&format!("\n{section}"));
        }
        if measure.group != group || group.is_empty() {
            group = &measure.group;
            text.push_str(&format!("\n  {group:<width$}"));
        }
        text.push_str(&format!("  {} {}", measure.name, measure.value.as_deref().unwrap_or("(<5 people)")));
    }
    text.trim_start().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(section: &str, group: &str, name: &str, value: Option<&str>) -> Measure {
        let [section, group, name] = [section, group, name].map(ToOwned::to_owned);
        Measure { section, group, name, value: value.map(ToOwned::to_owned) }
    }

    #[test]
    fn both_forms_hold_every_number_and_say_what_was_left_out() {
        let measures = [
            measure("volume", "2026-11-25", "turns", Some("7")),
            measure("volume", "2026-11-25", "people", Some("5")),
            measure("topics", "denial, \"x\"", "turns", None),
        ];
        let expected = "section,group,measure,value\r\nvolume,2026-11-25,turns,7\r\nvolume,2026-11-25,people,5\r\n\
                        topics,\"denial, \"\"x\"\"\",turns,<5 people\r\n";
        assert_eq!(csv(&measures), expected);
        assert_eq!(
            table(&measures),
            "volume\n  2026-11-25   turns 7  people 5\ntopics\n  denial, \"x\"  turns (<5 people)\n"
        );
    }
}
