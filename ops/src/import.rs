//! `ops import conversations`: the conversations of an earlier system, line by line, batch by batch.
//!
//! Invariants: memory does not grow with the file; a batch and the position behind it are stored in one transaction, so an import that is
//! killed goes on there; a message's id derives from what it is, so the same file again changes nothing; a refused line is named
//! by its number and a reason that holds nothing of it, and the others are stored.

mod refused;
mod row;
mod source;
mod store;

use std::path::PathBuf;

use chrono::Utc;
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::lines::Lines;
use crate::{OpsError, Result, database};
use refused::Refused;
use source::Source;
use store::{Batch, Totals};

const BATCH_ROWS: usize = 500;
const BATCH_BYTES: u64 = 2 * 1024 * 1024;

/// The subcommands of `ops import`.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Imports conversations from JSON lines.
    ///
    /// A line is one message:
    /// {"user": e-mail address or id, "conversation_id", "role": "user" | "assistant", "content", "agent_name"?, "metadata"?,
    /// "created_at": RFC 3339, "seq"?}; or a conversation's own row, before its messages: {"user", "conversation_id", "metadata"?,
    /// "created_at"}. Within a conversation the lines are in order; conversations may be mixed. The user must have an account.
    /// "user" may be called "user_id" or "email", and a conversation's "conversation_id" "id"; "id" and "updated_at" of a message are
    /// passed over, so rows of the earlier system's tables can be written out as they are:
    /// SELECT to_jsonb(m) || jsonb_build_object('user_id', c.user_id) FROM conversation_messages AS m JOIN conversations AS c
    /// ON c.id = m.conversation_id ORDER BY c.id, m.created_at.
    ///
    /// Killed, it goes on where it was when it is run again; run again after it was done, it adds what is not there yet. The exit code
    /// is 1 when lines were refused.
    #[command(verbatim_doc_comment)]
    Conversations(ImportArgs),
}

/// The arguments of `ops import conversations`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The file; - reads the standard input.
    file: PathBuf,
    /// The name under which the position is kept; without it a file's size and its beginning, and none for the standard input.
    #[arg(long)]
    name: Option<String>,
    /// Write the refused lines here, as {"line": number, "reason"}.
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
}

impl ImportCommand {
    /// Runs the command against OPERATOR_DATABASE_URL, else MIGRATION_DATABASE_URL, and prints a summary.
    ///
    /// # Errors
    /// One line for the operator; also when lines were refused.
    pub async fn run(&self) -> Result<()> {
        let Self::Conversations(arguments) = self;
        let totals = arguments.import().await?;
        println!(
            "{} lines: {} imported, {} already there, {} refused",
            totals.lines, totals.imported, totals.present, totals.refused
        );
        match totals.refused {
            0 => Ok(()),
            _ => Err(OpsError::said("lines were refused; correct them and import the file again")),
        }
    }
}

impl ImportArgs {
    async fn import(&self) -> Result<Totals> {
        let mut source = Source::open(&self.file)?;
        let name = self.name.clone().or_else(|| source.identity());
        let mut client = database::for_operator().await?;
        let mut totals = match &name {
            Some(name) => store::open(&mut client, name).await?,
            None => Totals::default(),
        };
        source.skip(totals.bytes)?;
        let progress = progress(source.bytes());
        progress.set_position(totals.bytes);
        let mut refused = Refused::open(self.refused.as_deref(), totals.lines)?;
        let mut lines = Lines::new(source.into_reader());
        let mut batch = Batch::default();
        loop {
            let read = lines.next().map_err(OpsError::io("the file cannot be read"))?;
            let is_last = read.is_none();
            if let Some((bytes, line)) = read {
                progress.inc(bytes);
                let number = totals.lines + batch.lines + 1;
                match line.and_then(|line| checked(number, line)) {
                    Ok(row) => batch.push(bytes, row),
                    Err(reason) => batch.refuse(bytes, number, reason),
                }
            }
            if is_last || batch.rows.len() >= BATCH_ROWS || batch.bytes >= BATCH_BYTES {
                let full = std::mem::take(&mut batch);
                let lines =
                    store::store(&mut client, name.as_deref(), &mut totals, full, is_last, &mut refused).await?;
                progress.suspend(|| lines.iter().for_each(|line| eprintln!("{line}")));
            }
            if is_last {
                progress.finish_and_clear();
                refused.close()?;
                return Ok(totals);
            }
        }
    }
}

fn checked(number: u64, line: &str) -> std::result::Result<Option<Value>, String> {
    match line.trim() {
        "" => Ok(None),
        line => row::check(number, line, Utc::now()).map(Some).map_err(ToOwned::to_owned),
    }
}

/// Shown on a terminal only.
fn progress(bytes: Option<u64>) -> ProgressBar {
    let Some(bytes) = bytes else {
        let style = ProgressStyle::with_template("{bytes}  {bytes_per_sec}");
        return ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    };
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {bytes_per_sec}  {eta} left");
    ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
