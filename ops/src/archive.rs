//! `ops archive`: conversations that nobody has touched for long go into compressed files, and come back (`shared::archive`).

use std::path::{Path, PathBuf};

use chrono::{SecondsFormat, TimeDelta, Utc};
use clap::{Args, Subcommand};
use shared::archive::{ArchiveError, Done, Entry, Folder, archive, list, restore};
use tokio_postgres::Client;

use crate::database;
use crate::{OpsError, Result};

/// The arguments of `ops archive`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ArchiveArgs {
    #[command(subcommand)]
    command: Option<ArchiveCommand>,
    /// Archive what was not touched for so long, for example 365d.
    #[arg(long, value_name = "DAYS", value_parser = days, required = true)]
    older_than: Option<TimeDelta>,
    /// The folder that the files go to. They hold health information.
    #[arg(long, value_name = "FOLDER", required = true)]
    to: Option<PathBuf>,
}

/// The subcommands of `ops archive`.
#[derive(Debug, Subcommand)]
pub enum ArchiveCommand {
    /// What the archives hold, a line a conversation.
    List {
        /// Only what was deleted since, by its owner or with the account: its content is to be erased from the file.
        #[arg(long)]
        of_deleted: bool,
    },
    /// Brings the conversations of a file back; those that were deleted are passed over. Run it again after a kill.
    Restore {
        /// The file.
        file: PathBuf,
    },
}

fn days(text: &str) -> std::result::Result<TimeDelta, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse().ok()).filter(|days| (0..=36_500).contains(days));
    days.and_then(TimeDelta::try_days).ok_or_else(|| "is not a number of days, for example 365d".to_owned())
}

impl ArchiveArgs {
    /// Runs the command against OPERATOR_DATABASE_URL, else MIGRATION_DATABASE_URL, and prints what it did or found.
    ///
    /// # Errors
    /// One line for the operator.
    pub async fn run(&self) -> Result<()> {
        let mut client = database::for_operator().await?;
        match (&self.command, self.older_than, &self.to) {
            (Some(ArchiveCommand::List { of_deleted }), ..) => {
                let entries = list(&mut client, *of_deleted).await.map_err(explained)?;
                entries.iter().for_each(|entry| println!("{}", line(entry)));
                if entries.is_empty() {
                    println!("nothing");
                }
                Ok(())
            }
            (Some(ArchiveCommand::Restore { file }), ..) => restore_from(&mut client, file).await,
            (None, Some(age), Some(folder)) => archive_into(&mut client, age, folder).await,
            (None, ..) => Err(OpsError::said("say --older-than and --to")),
        }
    }
}

async fn archive_into(client: &mut Client, age: TimeDelta, folder: &Path) -> Result<()> {
    let (folder, now) = (Folder::open(folder).map_err(explained)?, Utc::now());
    let written = |name: &str, file: Done| {
        println!("{name}: {} conversations, {} records", file.conversations, file.records);
        true
    };
    let done = archive(client, now - age, now, &folder, written).await.map_err(explained)?;
    println!("{} conversations with {} records archived", done.conversations, done.records);
    Ok(())
}

async fn restore_from(client: &mut Client, path: &Path) -> Result<()> {
    let bytes = std::fs::read(path).map_err(OpsError::io(format!("{} cannot be read", path.display())))?;
    let outcomes = restore(client, &bytes).await.map_err(explained)?;
    let count = |outcome: &str| outcomes.get(outcome).copied().unwrap_or(0);
    println!(
        "{} conversations restored, {} are there already, {} were deleted, {} belong to deleted accounts",
        count("restored"),
        count("present"),
        count("deleted"),
        count("account_deleted")
    );
    match count("unknown") {
        0 => Ok(()),
        of => Err(OpsError::said(format!("{of} conversations of the file are unknown to this database"))),
    }
}

fn explained(error: ArchiveError) -> OpsError {
    match error {
        ArchiveError::Database(error) => database::explain(error),
        error => OpsError::said(error.to_string()),
    }
}

fn line(entry: &Entry) -> String {
    let Entry { file, place, user, conversation, records, at, standing } = entry;
    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("{place}/{file}  {user}  {conversation}  {records} records  {at}  {standing}")
}
