//! `ops facts due`: which amounts of the year go silent soon, so that somebody puts the next year's into the one file that has them.

use chrono::{NaiveDate, Utc};
use clap::{Args, Subcommand};
use serde::Serialize;
use shared::knowledge::amounts::{Due, FILE, NOTICE_DAYS, due};

use crate::{OpsError, Result};

/// The subcommands of `ops facts`.
#[derive(Debug, Subcommand)]
pub enum FactsCommand {
    /// List the amounts that expire soon, or have, with where they were read; fails when there is one.
    Due(DueArgs),
}

/// What counts as due.
#[derive(Debug, Args)]
pub struct DueArgs {
    /// So many days ahead, for example 60d.
    #[arg(long, value_name = "DAYS", value_parser = days, default_value_t = NOTICE_DAYS)]
    within: u16,
    /// As of this day (YYYY-MM-DD) instead of today, UTC.
    #[arg(long, value_name = "DAY")]
    on: Option<NaiveDate>,
    /// One JSON object: {"on", "within_days", "file", "facts": [{"key", "what", "plan_year", "expires", "has_expired", "source", "page", "url"}]}.
    #[arg(long)]
    json: bool,
}

fn days(text: &str) -> std::result::Result<u16, String> {
    let days = text.strip_suffix('d').unwrap_or(text).parse();
    days.map_err(|_| "is not a number of days, for example 60d".to_owned())
}

#[derive(Serialize)]
struct DueView<'a> {
    on: NaiveDate,
    within_days: u16,
    file: &'a str,
    facts: &'a [Due],
}

impl FactsCommand {
    /// Runs the command; no database is asked.
    ///
    /// # Errors
    /// How many facts are due, when one is.
    pub fn run(&self) -> Result<()> {
        let Self::Due(arguments) = self;
        let on = arguments.on.unwrap_or_else(|| Utc::now().date_naive());
        let facts = due(on, arguments.within);
        if arguments.json {
            let view = DueView { on, within_days: arguments.within, file: FILE, facts: &facts };
            println!("{}", serde_json::to_string(&view).map_err(|error| OpsError::said(error.to_string()))?);
        } else {
            facts.iter().for_each(|due| println!("{}", line(due)));
        }
        match summary(&facts, arguments.within) {
            None if arguments.json => Ok(()),
            None => {
                println!("no fact expires within {} days", arguments.within);
                Ok(())
            }
            Some(summary) => Err(OpsError::said(format!("{summary} → add the next year's to {FILE}: docs/yearly.md"))),
        }
    }
}

/// `49 facts expire by 2026-12-31`; none when there is none.
pub(crate) fn summary(facts: &[Due], within_days: u16) -> Option<String> {
    let expired = facts.iter().filter(|due| due.has_expired).count();
    let coming = facts.len() - expired;
    let (first, last) = (facts.iter().find(|due| !due.has_expired), facts.iter().map(|due| due.expires).max()?);
    let coming = first.map(|first| match first.expires == last {
        true => format!("{coming} facts expire on {last}"),
        false => format!("{coming} facts expire within {within_days} days, the first on {}", first.expires),
    });
    let expired = (expired > 0).then(|| format!("{expired} facts have expired and are withheld"));
    Some(expired.into_iter().chain(coming).collect::<Vec<_>>().join(", "))
}

fn line(due: &Due) -> String {
    let Due { key, expires, source, url, .. } = due;
    let state = if due.has_expired { "expired" } else { "expires" };
    let page = due.page.map_or(String::new(), |page| format!(", page {page}"));
    format!("{state} {expires}  {key:<28} {FILE}  {source}{page}  {url}")
}
