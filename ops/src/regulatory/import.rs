//! `ops regulatory import`: a file of official texts, line by line, batch by batch.
//!
//! Invariants: memory does not grow with the file; a batch is stored whole or not at all, so a run that was cut short is
//! simply repeated; every row that is refused is named with its line and the reason, and the others are stored.

use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use shared::regulatory::NewDocument;
use tokio_postgres::Client;

use super::{formats, store};
use crate::lines::Lines;
use crate::{OpsError, Result};

const BATCH_ROWS: usize = 100;
const BATCH_BYTES: usize = 2 * 1024 * 1024;

/// What an import did.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportReport {
    /// New sources.
    pub created: usize,
    /// New versions of known sources.
    pub changed: usize,
    /// Rows whose text was there, as the current version or an earlier one.
    pub unchanged: usize,
    /// Rows that were refused.
    pub refused: usize,
    /// Passages of what was stored.
    pub passages: usize,
    /// How long it took.
    pub took: Duration,
}

impl ImportReport {
    fn stored(&self) -> usize {
        self.created + self.changed
    }

    /// # Errors
    /// When rows were refused.
    pub fn verdict(&self) -> Result<()> {
        match self.refused {
            0 => Ok(()),
            1 => Err(OpsError::said("1 row was refused; correct it and import the file again")),
            many => Err(OpsError::said(format!("{many} rows were refused; correct them and import the file again"))),
        }
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.passages as f64 / self.took.as_secs_f64().max(0.001);
        write!(
            f,
            "{} new, {} changed, {} unchanged, {} refused; {} passages stored in {:.1} s ({rate:.0} a second)",
            self.created,
            self.changed,
            self.unchanged,
            self.refused,
            self.passages,
            self.took.as_secs_f64()
        )
    }
}

/// Imports a file; `refusal` gets one line for each row that is refused.
///
/// # Errors
/// When the file cannot be read or the database fails; the batches before it stay stored.
pub async fn import(
    client: &mut Client,
    file: &Path,
    fetched: Option<DateTime<Utc>>,
    refusal: &mut dyn FnMut(String),
) -> Result<ImportReport> {
    let begun = Instant::now();
    let unreadable = || OpsError::io(format!("{} cannot be read", file.display()));
    let opened = File::open(file).map_err(unreadable())?;
    let progress = progress(opened.metadata().map_or(0, |metadata| metadata.len()));
    let mut lines = Lines::new(BufReader::new(opened));
    let mut report = ImportReport::default();
    let mut batch = Batch::default();
    for number in 1_u64.. {
        let read = lines.next().map_err(unreadable())?;
        let Some((bytes, line)) = read else { break };
        progress.inc(bytes);
        let document =
            line.and_then(|line| if line.trim().is_empty() { Ok(None) } else { document(line, fetched).map(Some) });
        match document {
            Ok(None) => {}
            Ok(Some(document)) => batch.push(document.to_json(), bytes),
            Err(reason) => {
                report.refused += 1;
                progress.suspend(|| refusal(format!("line {number}: {reason}")));
            }
        }
        if batch.documents.len() >= BATCH_ROWS || batch.bytes >= BATCH_BYTES as u64 {
            std::mem::take(&mut batch).store(client, &mut report).await?;
        }
    }
    batch.store(client, &mut report).await?;
    if report.stored() > 0 {
        let transaction = store::begin(client).await?;
        store::analyze(&transaction).await?;
        store::commit(transaction).await?;
    }
    progress.finish_and_clear();
    report.took = begun.elapsed();
    Ok(report)
}

fn document(line: &str, fetched: Option<DateTime<Utc>>) -> std::result::Result<NewDocument, String> {
    NewDocument::check(formats::draft(line, fetched)?)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

/// Shown on a terminal only.
fn progress(bytes: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {bytes_per_sec}  {eta} left");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

#[derive(Default)]
struct Batch {
    documents: Vec<Value>,
    bytes: u64,
}

impl Batch {
    fn push(&mut self, document: Value, bytes: u64) {
        self.documents.push(document);
        self.bytes += bytes;
    }

    async fn store(self, client: &mut Client, report: &mut ImportReport) -> Result<()> {
        if self.documents.is_empty() {
            return Ok(());
        }
        let passages: Vec<usize> =
            self.documents.iter().map(|document| document["passages"].as_array().map_or(0, Vec::len)).collect();
        let transaction = store::begin(client).await?;
        let outcomes = store::store(&transaction, self.documents).await?;
        store::commit(transaction).await?;
        for (outcome, passages) in outcomes.iter().zip(passages) {
            match outcome.as_str() {
                "created" => report.created += 1,
                "changed" => report.changed += 1,
                _ => {
                    report.unchanged += 1;
                    continue;
                }
            }
            report.passages += passages;
        }
        Ok(())
    }
}
