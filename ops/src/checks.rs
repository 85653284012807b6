//! Checks with a verdict each: what `ops setup` and `ops doctor` print, as lines for people or as JSON for machines.
//!
//! Invariants: a finding that is not ✓ says what to do; nothing secret is in a finding; exit code 1 comes from ✗ alone.

pub mod advice;
pub mod environment;
pub mod ledger;
pub mod pooled;
pub mod rights;
pub(crate) mod store;

use std::future::Future;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::{OpsError, Result};

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// ✓
    Ok,
    /// !: it works, and somebody should look at it.
    Warning,
    /// ✗
    Failed,
}

impl Level {
    fn sign(self) -> char {
        match self {
            Self::Ok => '✓',
            Self::Warning => '!',
            Self::Failed => '✗',
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What it is about: environment, connection, migrations, user service, …
    pub subject: &'static str,
    /// The verdict.
    pub level: Level,
    /// What was seen.
    pub found: String,
    /// What to do, unless all is well.
    pub advice: Option<String>,
    /// How long the check took.
    pub ms: u64,
}

/// What is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What was seen.
    pub found: String,
    /// What to do.
    pub advice: String,
}

impl Trouble {
    /// Both as text.
    pub fn new(found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { found: found.into(), advice: advice.into() }
    }
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines on standard output, each as soon as it is known.
    Lines,
    /// Lines on standard error: standard output is for something else.
    LinesAside,
    /// One JSON object on standard output at the end.
    Json,
}

/// The findings so far.
#[derive(Debug)]
pub struct Report {
    format: Format,
    findings: Vec<Finding>,
}

/// A check failed: what depends on it is not tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;

#[derive(Serialize)]
struct ReportView<'a> {
    ok: bool,
    checks: &'a [Finding],
}

impl Report {
    /// An empty report.
    pub fn new(format: Format) -> Self {
        Self { format, findings: Vec::new() }
    }

    /// Runs a check; its text is what is said when all is well.
    ///
    /// # Errors
    /// [`Stop`] when it failed, which is in the report.
    pub async fn check<T>(
        &mut self,
        subject: &'static str,
        work: impl Future<Output = std::result::Result<(T, String), Trouble>>,
    ) -> std::result::Result<T, Stop> {
        let begun = Instant::now();
        match work.await {
            Ok((value, found)) => {
                self.add(subject, Level::Ok, found, None, begun.elapsed());
                Ok(value)
            }
            Err(trouble) => {
                self.add(subject, Level::Failed, trouble.found, Some(trouble.advice), begun.elapsed());
                Err(Stop)
            }
        }
    }

    /// ✓
    pub fn ok(&mut self, subject: &'static str, found: impl Into<String>) {
        self.add(subject, Level::Ok, found.into(), None, Duration::ZERO);
    }

    /// !
    pub fn warn(&mut self, subject: &'static str, trouble: Trouble) {
        self.add(subject, Level::Warning, trouble.found, Some(trouble.advice), Duration::ZERO);
    }

    /// ✗
    pub fn fail(&mut self, subject: &'static str, trouble: Trouble) {
        self.add(subject, Level::Failed, trouble.found, Some(trouble.advice), Duration::ZERO);
    }

    fn add(&mut self, subject: &'static str, level: Level, found: String, advice: Option<String>, time: Duration) {
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let finding = Finding { subject, level, found, advice, ms };
        self.print(&lines(&finding));
        self.findings.push(finding);
    }

    fn print(&self, text: &str) {
        match self.format {
            Format::Lines => println!("{text}"),
            Format::LinesAside => eprintln!("{text}"),
            Format::Json => {}
        }
    }

    /// Whether nothing failed so far.
    pub fn is_ok(&self) -> bool {
        self.count(Level::Failed) == 0
    }

    fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }

    /// Says a line that is no finding.
    pub fn say(&self, line: &str) {
        self.print(line);
    }

    /// The summary.
    ///
    /// # Errors
    /// The summary itself, when a check failed.
    pub fn conclude(self) -> Result<()> {
        let (ok, warned, failed) = (self.count(Level::Ok), self.count(Level::Warning), self.count(Level::Failed));
        if self.format == Format::Json {
            let view = ReportView { ok: failed == 0, checks: &self.findings };
            println!("{}", serde_json::to_string(&view).map_err(|error| OpsError::said(error.to_string()))?);
        }
        let line = format!("{ok} passed, {warned} to look at, {failed} failed");
        match failed {
            0 => {
                self.print(&line);
                Ok(())
            }
            _ => Err(OpsError::said(format!("{line}; mend what is marked ✗ and run it again"))),
        }
    }
}

fn lines(finding: &Finding) -> String {
    let time = if finding.ms == 0 { String::new() } else { format!("  ({} ms)", finding.ms) };
    let mut text = format!("{} {:<20} {}{time}", finding.level.sign(), finding.subject, finding.found);
    if let Some(advice) = &finding.advice {
        text.push_str("\n    → ");
        text.push_str(advice);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_failed_check_fails_the_report_and_each_says_what_to_do() {
        let mut report = Report::new(Format::Json);
        assert_eq!(report.check("connection", async { Ok((7, "there".to_owned())) }).await, Ok(7));
        report.warn("backup", Trouble::new("not told", "say --last-backup"));
        assert!(report.is_ok());
        let failed: std::result::Result<(), Stop> =
            report.check("migrations", async { Err(Trouble::new("2 pending", "ops migrate up")) }).await;
        assert_eq!(failed, Err(Stop));
        let said: Vec<String> = report.findings.iter().map(lines).collect();
        assert!(said[2].starts_with("✗ migrations") && said[2].ends_with("→ ops migrate up"), "{said:?}");
        assert!(report.conclude().is_err());
    }
}
