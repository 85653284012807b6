//! The SQL of archives.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::ArchiveError;
use super::file::{Archived, Summary};
use crate::operator::{Parameter, get, query};

type Result<T> = std::result::Result<T, ArchiveError>;

/// Archives of this folder that were begun and not completed. Whoever works on one at this moment is waited for.
pub(super) async fn unfinished(transaction: &Transaction<'_>, place: &str) -> Result<Vec<String>> {
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended('navigator.operations', 0))::text";
    query(transaction, lock, &[]).await?;
    let sql = "SELECT a.name FROM navigator.archives AS a WHERE a.status = 'writing' AND a.place = $1";
    let rows = query(transaction, sql, &[(&place, Type::TEXT)]).await?;
    rows.iter().map(|row| Ok(get(row, "name")?)).collect()
}

pub(super) async fn discard(transaction: &Transaction<'_>, name: &str) -> Result<()> {
    let sql = "SELECT navigator.archive_discard($1)::text";
    query(transaction, sql, &[(&name, Type::TEXT)]).await?;
    Ok(())
}

pub(super) async fn begin(transaction: &Transaction<'_>, name: &str, place: &str) -> Result<()> {
    let sql = "SELECT navigator.archive_begin($1, $2)::text";
    query(transaction, sql, &[(&name, Type::TEXT), (&place, Type::TEXT)]).await?;
    Ok(())
}

/// The conversations to archive, locked.
pub(super) async fn pick(
    transaction: &Transaction<'_>,
    name: &str,
    before: DateTime<Utc>,
    limit: i32,
) -> Result<Vec<(Uuid, String)>> {
    let sql = "SELECT user_id, conversation_id FROM navigator.archive_pick($1, $2, $3)";
    let parameters: [Parameter<'_>; 3] = [(&name, Type::TEXT), (&before, Type::TIMESTAMPTZ), (&limit, Type::INT4)];
    let rows = query(transaction, sql, &parameters).await?;
    rows.iter().map(|row| Ok((get(row, "user_id")?, get(row, "conversation_id")?))).collect()
}

/// A conversation's records, in their order.
pub(super) async fn lines(transaction: &Transaction<'_>, user: Uuid, conversation: &str) -> Result<Vec<String>> {
    let sql = "SELECT line FROM navigator.archive_lines($1, $2)";
    let rows = query(transaction, sql, &[(&user, Type::UUID), (&conversation, Type::TEXT)]).await?;
    rows.iter().map(|row| Ok(get(row, "line")?)).collect()
}

/// Takes out of the database what the file holds, when it is the same.
pub(super) async fn remove(transaction: &Transaction<'_>, name: &str, found: &[Summary]) -> Result<()> {
    let sql = "SELECT navigator.archive_commit($1, $2) AS outcome";
    let rows = query(transaction, sql, &[(&name, Type::TEXT), (&json!(found), Type::JSONB)]).await?;
    match rows.first().map(|row| get::<String>(row, "outcome")).transpose()?.as_deref() {
        Some("archived") => Ok(()),
        Some("lost") => Err(ArchiveError::file("another archive command removed this file; run the command again")),
        _ => Err(ArchiveError::file(
            "the file does not hold what the database holds; nothing was taken out; run it again",
        )),
    }
}

/// A conversation of an archive.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The archive's file.
    pub file: String,
    /// Where the file is.
    pub place: String,
    /// Whose conversation.
    pub user: Uuid,
    /// Its id.
    pub conversation: String,
    /// Its records in the file.
    pub records: i32,
    /// When it was archived.
    pub at: DateTime<Utc>,
    /// archived, restored, deleted or account_deleted.
    pub standing: String,
}

/// What the archives hold.
pub(super) async fn list(transaction: &Transaction<'_>, of_deleted: bool) -> Result<Vec<Entry>> {
    let sql = "SELECT archive, place, user_id, conversation_id, records, archived_at, standing \
                 FROM navigator.archive_list($1)";
    let rows = query(transaction, sql, &[(&of_deleted, Type::BOOL)]).await?;
    let entry = |row| {
        Ok(Entry {
            file: get(row, "archive")?,
            place: get(row, "place")?,
            user: get(row, "user_id")?,
            conversation: get(row, "conversation_id")?,
            records: get(row, "records")?,
            at: get(row, "archived_at")?,
            standing: get(row, "standing")?,
        })
    };
    rows.iter().map(entry).collect()
}

/// What became of a conversation of a file.
pub(super) async fn restore(transaction: &Transaction<'_>, name: &str, archived: Archived) -> Result<String> {
    let summary = archived.summary();
    let sql = "SELECT navigator.archive_restore($1, $2, $3, $4) AS outcome";
    let parameters: [Parameter<'_>; 4] = [
        (&name, Type::TEXT),
        (&summary.user_id, Type::UUID),
        (&summary.conversation_id, Type::TEXT),
        (&Value::Array(archived.records), Type::JSONB),
    ];
    let rows = query(transaction, sql, &parameters).await?;
    rows.first().map_or_else(|| Err(ArchiveError::file("the database gave no answer")), |row| Ok(get(row, "outcome")?))
}
