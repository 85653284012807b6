//! Archives: conversations that nobody has touched for long go into compressed files, and come back. `ops archive` and the function
//! `archive` are this code.
//!
//! Invariants: an archive is known to the database before its file is begun, so that what a kill leaves is found and removed; a file is
//! written, read back and held against the database inside one transaction, which then takes the rows out: killed anywhere, a
//! conversation is in the database, or in a complete file that the database names, and never in neither. A conversation with a run or
//! a message under way is never archived. What is restored is what was archived, hash by hash; what its owner deleted stays deleted.

mod file;
mod place;
#[cfg(feature = "s3")]
mod s3;
mod scheduled;
mod store;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use tokio_postgres::{Client, Transaction};
use uuid::Uuid;

pub use place::{Folder, Place, Placing};
pub use scheduled::Archiver;
pub use store::Entry;

use crate::db::loggable;
use crate::operator::{Purpose, begin};
use file::{Archived, Reader, Writer};

/// Conversations in one file: what is locked while it is written, and in memory, compressed.
const BATCH: i32 = 200;

/// Why something is not archived, or not brought back. Nothing is lost by any of them.
#[derive(thiserror::Error)]
pub enum ArchiveError {
    /// The database said no; the text quotes nothing of a row.
    #[error("the database said no: {}", loggable(.0))]
    Database(#[from] tokio_postgres::Error),
    /// The database does not answer.
    #[error("the database does not answer within {0} s")]
    Late(u64),
    /// The place of the files said no.
    #[error("{0}")]
    Place(String),
    /// A file, or what the database makes of it, is not as it should be.
    #[error("{0}")]
    File(String),
}

/// As it is displayed: Lambda's runtime logs this form, and the driver's own would quote rows.
impl fmt::Debug for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl ArchiveError {
    fn file(line: &str) -> Self {
        Self::File(line.to_owned())
    }
}

/// What was archived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Conversations.
    pub conversations: usize,
    /// Their records: messages, states and what else belongs to them.
    pub records: usize,
}

/// Archives what was not touched since `before`, file after file; `written` hears of each and says whether another may be begun.
///
/// # Errors
/// [`ArchiveError`]; what was archived before stays archived.
pub async fn archive(
    client: &mut Client,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
    place: &dyn Place,
    mut written: impl FnMut(&str, Done) -> bool,
) -> Result<Done, ArchiveError> {
    remove_unfinished(client, place).await?;
    let mut done = Done::default();
    loop {
        let time = now.to_rfc3339_opts(SecondsFormat::Secs, true).replace(':', "-");
        let name = format!("conversations-{time}-{}.jsonl.gz", Uuid::new_v4().simple());
        let Some(file) = batch(client, before, place, &name).await? else { return Ok(done) };
        done.conversations += file.conversations;
        done.records += file.records;
        if !written(&name, file) {
            return Ok(done);
        }
    }
}

/// What a kill left: nothing was taken out of the database for it.
async fn remove_unfinished(client: &mut Client, place: &dyn Place) -> Result<(), ArchiveError> {
    let transaction = begin(client, Purpose::Change).await?;
    for name in store::unfinished(&transaction, place.name()).await? {
        place.remove(&name).await?;
        store::discard(&transaction, &name).await?;
    }
    Ok(transaction.commit().await?)
}

/// One file; none when nothing is left to archive.
async fn batch(
    client: &mut Client,
    before: DateTime<Utc>,
    place: &dyn Place,
    name: &str,
) -> Result<Option<Done>, ArchiveError> {
    let transaction = begin(client, Purpose::Change).await?;
    store::begin(&transaction, name, place.name()).await?;
    transaction.commit().await?;
    let transaction = begin(client, Purpose::Move).await?;
    let picked = store::pick(&transaction, name, before, BATCH).await?;
    if picked.is_empty() {
        drop(transaction);
        let transaction = begin(client, Purpose::Change).await?;
        store::discard(&transaction, name).await?;
        transaction.commit().await?;
        return Ok(None);
    }
    let mut writer = Writer::new(name)?;
    for (user, conversation) in &picked {
        let lines = store::lines(&transaction, *user, conversation).await?;
        writer.conversation(*user, conversation, &lines)?;
    }
    place.put(name, writer.complete()?).await?;
    take_out(transaction, place, name, picked.len()).await.map(Some)
}

/// Reads the file back, holds it against the database, and takes what it holds out.
async fn take_out(
    transaction: Transaction<'_>,
    place: &dyn Place,
    name: &str,
    picked: usize,
) -> Result<Done, ArchiveError> {
    let bytes = place.get(name).await?;
    let mut found = Vec::with_capacity(picked);
    let mut reader = Reader::open(&bytes)?;
    while let Some(archived) = reader.next()? {
        found.push(archived.summary());
    }
    if found.len() != picked {
        return Err(ArchiveError::file(
            "the file does not hold what was written; nothing was taken out of the database",
        ));
    }
    let records = found.iter().map(|summary| summary.records).sum();
    store::remove(&transaction, name, &found).await?;
    transaction.commit().await?;
    Ok(Done { conversations: found.len(), records })
}

/// What the archives hold, a conversation each; only of what was deleted since when `of_deleted`.
///
/// # Errors
/// [`ArchiveError::Database`].
pub async fn list(client: &mut Client, of_deleted: bool) -> Result<Vec<Entry>, ArchiveError> {
    store::list(&begin(client, Purpose::Look).await?, of_deleted).await
}

/// Brings the conversations of a file back; how many there are of each outcome: restored, present, deleted, account_deleted, unknown.
///
/// # Errors
/// [`ArchiveError`]; what was restored before stays restored.
pub async fn restore(client: &mut Client, bytes: &[u8]) -> Result<BTreeMap<String, usize>, ArchiveError> {
    let mut reader = Reader::open(bytes)?;
    let name = reader.name().to_owned();
    let mut outcomes = BTreeMap::<String, usize>::new();
    while let Some(archived) = reader.next()? {
        let outcome = restore_one(client, &name, archived).await?;
        *outcomes.entry(outcome).or_default() += 1;
    }
    Ok(outcomes)
}

async fn restore_one(client: &mut Client, name: &str, archived: Archived) -> Result<String, ArchiveError> {
    let transaction = begin(client, Purpose::Change).await?;
    let outcome = store::restore(&transaction, name, archived).await?;
    if outcome == "mismatch" {
        return Err(ArchiveError::file("a conversation of the file is not what was archived; it was not restored"));
    }
    transaction.commit().await?;
    Ok(outcome)
}
