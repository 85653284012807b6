//! `ops export`: conversations as JSON lines, in the form that `ops import conversations` reads.
//!
//! Invariants: it is recorded before anything is read; all of it is from one moment; memory does not grow with what is exported; a file is
//! readable by its owner alone, and has its name only when it is complete. Importing it into a database that has the same people gives
//! the same messages in the same order.

use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;
use serde_json::{Value, json};
use shared::private_file::PrivateFile;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row, Transaction};
use uuid::Uuid;

use crate::database::{self, Parameter, Purpose, get, query};
use crate::{OpsError, Result};

/// Messages that are fetched at once.
const PAGE: i64 = 1_000;

/// The arguments of `ops export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The file; - writes to the standard output.
    file: PathBuf,
    /// Only this person's: e-mail address or id.
    #[arg(long, required_unless_present = "all", conflicts_with = "all")]
    user: Option<String>,
    /// Everybody's.
    #[arg(long)]
    all: bool,
    /// Only conversations that were answered on this day or later.
    #[arg(long, value_name = "DAY")]
    since: Option<NaiveDate>,
    /// Name people by their id instead of their address: for a database that has the same ids.
    #[arg(long)]
    ids: bool,
}

impl ExportArgs {
    /// Runs the command against OPERATOR_DATABASE_URL, else MIGRATION_DATABASE_URL, and says on the standard error how much it wrote.
    ///
    /// # Errors
    /// One line for the operator.
    pub async fn run(&self) -> Result<()> {
        let mut client = database::for_operator().await?;
        let user = self.record(&mut client).await?;
        let (conversations, messages) = if self.file == Path::new("-") {
            self.write(&mut client, user, &mut std::io::stdout().lock()).await?
        } else {
            let failed = || OpsError::io(format!("{} cannot be written", self.file.display()));
            let mut file = PrivateFile::create(&self.file).map_err(failed())?;
            let counts = self.write(&mut client, user, &mut file.writer).await?;
            file.complete().map_err(failed())?;
            counts
        };
        eprintln!("{conversations} conversations with {messages} messages");
        Ok(())
    }

    /// Who is meant, when one person is; recorded.
    async fn record(&self, client: &mut Client) -> Result<Option<Uuid>> {
        let transaction = database::begin(client, Purpose::Change).await?;
        let user = match &self.user {
            None => None,
            Some(who) => Some(person(&transaction, who).await?),
        };
        let sql = "SELECT navigator.audit_operator($1, 'operator.export', NULL, 'ok')::text";
        query(&transaction, sql, &[(&user, Type::UUID)]).await?;
        database::commit(transaction).await?;
        Ok(user)
    }

    async fn write(&self, client: &mut Client, user: Option<Uuid>, out: &mut dyn Write) -> Result<(u64, u64)> {
        let transaction = database::begin(client, Purpose::Look).await?;
        let (mut conversations, mut messages) = (0, 0);
        let mut place = (Uuid::nil(), String::new(), 0_i64);
        loop {
            let rows = page(&transaction, user, self.since, &place).await?;
            let Some(last) = rows.last() else { break };
            for row in &rows {
                let (owner, id): (Uuid, String) = (get(row, "user_id")?, get(row, "conversation_id")?);
                let name = if self.ids { owner.to_string() } else { get(row, "email")? };
                if (owner, id.as_str()) != (place.0, place.1.as_str()) {
                    conversations += 1;
                    line(out, &conversation(row, &name)?)?;
                    place = (owner, id, 0);
                }
                messages += 1;
                line(out, &message(row, &name)?)?;
            }
            place = (get(last, "user_id")?, get(last, "conversation_id")?, get(last, "seq")?);
        }
        out.flush().map_err(OpsError::io("the export cannot be written"))?;
        Ok((conversations, messages))
    }
}

async fn person(transaction: &Transaction<'_>, who: &str) -> Result<Uuid> {
    let id = Uuid::try_parse(who).ok();
    let sql = "SELECT u.id FROM navigator.users AS u WHERE u.id = $1 OR u.email_key = lower($2)";
    let rows = query(transaction, sql, &[(&id, Type::UUID), (&who, Type::TEXT)]).await?;
    rows.first().map_or_else(|| Err(OpsError::said("there is no such account")), |row| get(row, "id"))
}

async fn page(
    transaction: &Transaction<'_>,
    user: Option<Uuid>,
    since: Option<NaiveDate>,
    place: &(Uuid, String, i64),
) -> Result<Vec<Row>> {
    let sql = "SELECT m.user_id, m.conversation_id, m.seq, m.role, m.content, m.agent_name, m.metadata, m.created_at, u.email, \
                      c.metadata AS conversation_metadata, c.created_at AS conversation_created_at \
                 FROM navigator.conversation_messages AS m \
                 JOIN navigator.conversations AS c ON c.user_id = m.user_id AND c.id = m.conversation_id \
                 JOIN navigator.users AS u ON u.id = m.user_id \
                WHERE (m.user_id, m.conversation_id, m.seq) > ($1, $2, $3) AND ($4::uuid IS NULL OR m.user_id = $4) \
                  AND ($5::date IS NULL OR c.updated_at >= $5::date::timestamp AT TIME ZONE 'UTC') \
                ORDER BY m.user_id, m.conversation_id, m.seq LIMIT $6";
    let parameters: [Parameter<'_>; 6] = [
        (&place.0, Type::UUID),
        (&place.1, Type::TEXT),
        (&place.2, Type::INT8),
        (&user, Type::UUID),
        (&since, Type::DATE),
        (&PAGE, Type::INT8),
    ];
    query(transaction, sql, &parameters).await
}

fn conversation(row: &Row, name: &str) -> Result<Value> {
    Ok(json!({ "user": name, "conversation_id": get::<String>(row, "conversation_id")?,
               "metadata": get::<Value>(row, "conversation_metadata")?,
               "created_at": get::<DateTime<Utc>>(row, "conversation_created_at")? }))
}

fn message(row: &Row, name: &str) -> Result<Value> {
    Ok(json!({ "user": name, "conversation_id": get::<String>(row, "conversation_id")?, "seq": get::<i64>(row, "seq")?,
               "role": get::<String>(row, "role")?, "content": get::<String>(row, "content")?,
               "agent_name": get::<Option<String>>(row, "agent_name")?, "metadata": get::<Value>(row, "metadata")?,
               "created_at": get::<DateTime<Utc>>(row, "created_at")? }))
}

fn line(out: &mut dyn Write, value: &Value) -> Result<()> {
    out.write_all(format!("{value}\n").as_bytes()).map_err(OpsError::io("the export cannot be written"))
}
