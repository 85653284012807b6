//! `ops archive`: conversations that nobody has touched for long go into compressed files, and come back.
//!
//! Invariants: an archive is known to the database before its file is begun, so that what a kill leaves is found and removed; a file is
//! written, read back and held against the database inside one transaction, which then takes the rows out: killed anywhere, a
//! conversation is in the database, or in a complete file that the database names, and never in neither. A conversation with a run or
//! a message under way is never archived. What is restored is what was archived, hash by hash; what its owner deleted stays deleted.

mod file;
mod store;

use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::{Args, Subcommand};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::database::{self, Purpose, commit};
use crate::{OpsError, Result};
use file::{Archived, Reader, Writer};

/// Conversations in one file: what is locked while it is written.
const BATCH: i32 = 200;

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
                let transaction = database::begin(&mut client, Purpose::Look).await?;
                print!("{}", store::list(&transaction, *of_deleted).await?);
                Ok(())
            }
            (Some(ArchiveCommand::Restore { file }), ..) => restore(&mut client, file).await,
            (None, Some(age), Some(folder)) => archive(&mut client, Utc::now() - age, folder).await,
            (None, ..) => Err(OpsError::said("say --older-than and --to")),
        }
    }
}

async fn archive(client: &mut Client, before: DateTime<Utc>, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(OpsError::io(format!("{} cannot be made", folder.display())))?;
    let folder = folder.canonicalize().map_err(OpsError::io(format!("{} cannot be found", folder.display())))?;
    remove_unfinished(client, &folder).await?;
    let (mut conversations, mut records) = (0, 0);
    loop {
        let time = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true).replace(':', "-");
        let name = format!("conversations-{time}-{}.jsonl.gz", Uuid::new_v4().simple());
        match batch(client, before, &folder, &name).await? {
            None => break,
            Some((of, with)) => {
                println!("{name}: {of} conversations, {with} records");
                conversations += of;
                records += with;
            }
        }
    }
    println!("{conversations} conversations with {records} records archived");
    Ok(())
}

/// What a kill left: nothing was taken out of the database for it.
async fn remove_unfinished(client: &mut Client, folder: &Path) -> Result<()> {
    let place = folder.to_string_lossy().into_owned();
    let transaction = database::begin(client, Purpose::Change).await?;
    for name in store::unfinished(&transaction, &place).await? {
        let path = folder.join(&name);
        let mut part = path.clone().into_os_string();
        part.push(".part");
        for path in [path, part.into()] {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(OpsError::io(format!("{} cannot be removed", path.display()))(error));
                }
                _ => {}
            }
        }
        store::discard(&transaction, &name).await?;
    }
    commit(transaction).await
}

/// One file; none when nothing is left to archive.
async fn batch(
    client: &mut Client,
    before: DateTime<Utc>,
    folder: &Path,
    name: &str,
) -> Result<Option<(usize, usize)>> {
    let transaction = database::begin(client, Purpose::Change).await?;
    store::begin(&transaction, name, &folder.to_string_lossy()).await?;
    commit(transaction).await?;
    let transaction = database::begin(client, Purpose::Move).await?;
    let picked = store::pick(&transaction, name, before, BATCH).await?;
    if picked.is_empty() {
        drop(transaction);
        let transaction = database::begin(client, Purpose::Change).await?;
        store::discard(&transaction, name).await?;
        commit(transaction).await?;
        return Ok(None);
    }
    let path = folder.join(name);
    let mut writer = Writer::create(&path, name)?;
    for (user, conversation) in &picked {
        let lines = store::lines(&transaction, *user, conversation).await?;
        writer.conversation(*user, conversation, &lines)?;
    }
    writer.complete()?;
    let mut found = Vec::with_capacity(picked.len());
    let mut reader = Reader::open(&path)?;
    while let Some(archived) = reader.next()? {
        found.push(archived.summary());
    }
    if found.len() != picked.len() {
        return Err(OpsError::said("the file does not hold what was written; nothing was taken out of the database"));
    }
    let records = found.iter().map(|summary| summary.records).sum();
    store::remove(&transaction, name, &found).await?;
    commit(transaction).await?;
    Ok(Some((found.len(), records)))
}

async fn restore(client: &mut Client, path: &Path) -> Result<()> {
    let mut reader = Reader::open(path)?;
    let name = reader.name().to_owned();
    let mut outcomes = std::collections::BTreeMap::<String, usize>::new();
    while let Some(archived) = reader.next()? {
        let outcome = restore_one(client, &name, archived).await?;
        *outcomes.entry(outcome).or_default() += 1;
    }
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

async fn restore_one(client: &mut Client, name: &str, archived: Archived) -> Result<String> {
    let transaction = database::begin(client, Purpose::Change).await?;
    let outcome = store::restore(&transaction, name, archived).await?;
    if outcome == "mismatch" {
        return Err(OpsError::said("a conversation of the file is not what was archived; it was not restored"));
    }
    commit(transaction).await?;
    Ok(outcome)
}
