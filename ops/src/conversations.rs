//! `ops conversations`: whose conversations, of which ids, carry a label in their metadata.
//!
//! Invariants: ids, times and the metadata that clients store, nothing that was said; each search is in the audit log, without what
//! was looked for, because a label may say as much of a person as a message.

use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::Value;
use shared::conversations::MetadataFilter;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use crate::database::{self, Parameter, Purpose, get, query};
use crate::workflow::text::{at, plain, table};
use crate::{OpsError, Result};

/// The conversations of everyone whose metadata contains `$1`, the latest first, `$2` at most. It is found over
/// `conversations_metadata_idx`.
pub const FIND: &str = "
SELECT c.user_id, c.id, c.created_at, c.updated_at, c.archived_at IS NOT NULL AS archived, c.metadata
  FROM navigator.conversations AS c
 WHERE c.deleted_at IS NULL AND c.metadata @> $1
 ORDER BY c.updated_at DESC, c.user_id, c.id
 LIMIT $2";

/// The arguments of `ops conversations`.
#[derive(Debug, Args)]
pub struct ConversationsArgs {
    /// What the metadata must contain, as a JSON object: {"source":"navigator_output"}.
    #[arg(long, value_name = "JSON")]
    metadata: String,
    /// How many at the most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    limit: u16,
}

impl ConversationsArgs {
    /// Runs the command against OPERATOR_DATABASE_URL, else MIGRATION_DATABASE_URL, and prints what it found.
    ///
    /// # Errors
    /// One line for the operator: what is wrong and what to do.
    pub async fn run(&self) -> Result<()> {
        let filter =
            MetadataFilter::parse(&self.metadata).map_err(|error| OpsError::said(format!("--metadata {error}")))?;
        let mut client = database::for_operator().await?;
        let transaction = database::begin(&mut client, Purpose::Change).await?;
        let found = find(&transaction, &filter, self.limit.into()).await?;
        let record = "SELECT navigator.audit_operator(NULL, 'operator.conversations', $1, 'ok')::text";
        let count = format!("{} found", found.len().min(self.limit.into()));
        query(&transaction, record, &[(&count, Type::TEXT)]).await?;
        database::commit(transaction).await?;
        print!("{}", printed(&found, self.limit.into()));
        Ok(())
    }
}

/// One more than the limit when there are further ones.
async fn find(transaction: &Transaction<'_>, filter: &MetadataFilter, limit: i64) -> Result<Vec<Found>> {
    let parameters: [Parameter<'_>; 2] = [(filter.value(), Type::JSONB), (&(limit + 1), Type::INT8)];
    query(transaction, FIND, &parameters).await?.iter().map(Found::read).collect()
}

struct Found {
    user: Uuid,
    conversation: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived: bool,
    metadata: Value,
}

impl Found {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            user: get(row, "user_id")?,
            conversation: get(row, "id")?,
            created_at: get(row, "created_at")?,
            updated_at: get(row, "updated_at")?,
            archived: get(row, "archived")?,
            metadata: get(row, "metadata")?,
        })
    }

    fn cells(&self) -> [String; 6] {
        [
            self.user.to_string(),
            plain(&self.conversation),
            at(self.created_at),
            at(self.updated_at),
            if self.archived { "yes" } else { "-" }.to_owned(),
            plain(&self.metadata.to_string()),
        ]
    }
}

fn printed(found: &[Found], limit: usize) -> String {
    if found.is_empty() {
        return "no conversation has such metadata\n".to_owned();
    }
    let head = ["USER", "CONVERSATION", "BEGUN", "LAST ANSWERED", "ARCHIVED", "METADATA"];
    let rows: Vec<_> = found.iter().take(limit).map(Found::cells).collect();
    let more = if found.len() > limit { "there are more; see them with a larger --limit\n" } else { "" };
    format!("{}{more}", table(head, &rows))
}
