//! `ops audit …`: who did what, who read what, and whether the log is still what was written.
//!
//! Invariants: reading the log is recorded in it; `verify` finds an edited row, a swapped row, a missing row and a cut end; whoever could
//! rewrite a whole chain with the database's own key is found by an anchor, which the schedule writes into the functions' log.

use std::fmt::Write as _;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand};
use serde_json::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use crate::database::{self, Parameter, Purpose, get, query};
use crate::{OpsError, Result};

/// Rows that are fetched at once.
const BATCH: i64 = 5_000;

/// The subcommands of `ops audit`.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Print rows, the newest first.
    Show(Filter),
    /// Who read or changed a person's data: the rows about them that are not only their own doing come first.
    Access {
        /// The person's id, or e-mail address.
        who: String,
        /// Since this day.
        #[arg(long)]
        since: Option<NaiveDate>,
    },
    /// Hold every row against its chain; exit code 1 when something was changed.
    Verify {
        /// An anchor: the JSON that the schedule's log lines call audit_anchor, or a file with it.
        #[arg(long)]
        anchor: Option<String>,
    },
    /// Print where the chains end, to be kept elsewhere.
    Anchor,
    /// Write every row as one JSON object a line.
    Export {
        /// The file; it must not exist.
        file: PathBuf,
    },
}

/// Which rows.
#[derive(Debug, Args)]
pub struct Filter {
    /// About this person, or by them: id or e-mail address (also one that nobody registered).
    #[arg(long)]
    who: Option<String>,
    /// Only this action, for example login.
    #[arg(long)]
    action: Option<String>,
    /// Since this day.
    #[arg(long)]
    since: Option<NaiveDate>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: u32,
}

impl AuditCommand {
    /// Runs the command against OPERATOR_DATABASE_URL, else MIGRATION_DATABASE_URL.
    ///
    /// # Errors
    /// One line for the operator; also when the log was changed.
    pub async fn run(&self) -> Result<()> {
        let mut client = database::for_operator().await?;
        let transaction = database::begin(&mut client, Purpose::Change).await?;
        let result = match self {
            Self::Show(filter) => show(&transaction, filter).await,
            Self::Access { who, since } => access(&transaction, who, *since).await,
            Self::Verify { anchor } => verify(&transaction, anchor.as_deref()).await,
            Self::Anchor => anchor(&transaction).await,
            Self::Export { file } => export(&transaction, file).await,
        };
        database::commit(transaction).await?;
        println!("{}", result?);
        Ok(())
    }
}

/// A person: the id when there is an account, and the name under which the log keeps the address.
struct Who {
    id: Option<Uuid>,
    pseudonym: Option<String>,
}

async fn who(transaction: &Transaction<'_>, text: &str) -> Result<Who> {
    if let Ok(id) = Uuid::try_parse(text) {
        return Ok(Who { id: Some(id), pseudonym: None });
    }
    let sql = "SELECT (SELECT u.id FROM navigator.users AS u WHERE u.email_key = lower($1)) AS id, \
                      navigator.audit_pseudonym($1) AS pseudonym";
    let rows = query(transaction, sql, &[(&text, Type::TEXT)]).await?;
    let row = rows.first().ok_or_else(|| OpsError::said("the database gave no answer"))?;
    Ok(Who { id: get(row, "id")?, pseudonym: get(row, "pseudonym")? })
}

async fn record(transaction: &Transaction<'_>, subject: Option<Uuid>, action: &str) -> Result<()> {
    let sql = "SELECT navigator.audit_operator($1, $2, NULL, 'ok')::text";
    query(transaction, sql, &[(&subject, Type::UUID), (&action, Type::TEXT)]).await.map(|_| ())
}

const COLUMNS: &str = "l.chain, l.seq, l.at, coalesce(l.actor::text, l.operator, 'unknown') AS actor, l.subject, l.action, l.object, \
                       l.outcome, l.origin";

async fn show(transaction: &Transaction<'_>, filter: &Filter) -> Result<String> {
    let who = match &filter.who {
        Some(text) => who(transaction, text).await?,
        None => Who { id: None, pseudonym: None },
    };
    let is_of_all = filter.who.is_none();
    let sql = format!(
        "SELECT {COLUMNS} FROM navigator.audit_log AS l \
          WHERE ($1 OR l.subject = $2 OR l.actor = $2 OR l.object = $3) AND ($4::text IS NULL OR l.action = $4) \
            AND ($5::date IS NULL OR l.at >= $5::date) ORDER BY l.at DESC, l.chain, l.seq DESC LIMIT $6"
    );
    let limit = i64::from(filter.limit);
    let parameters: [Parameter<'_>; 6] = [
        (&is_of_all, Type::BOOL),
        (&who.id, Type::UUID),
        (&who.pseudonym, Type::TEXT),
        (&filter.action, Type::TEXT),
        (&filter.since, Type::DATE),
        (&limit, Type::INT8),
    ];
    let rows = query(transaction, &sql, &parameters).await?;
    record(transaction, who.id, "audit.read").await?;
    lines(&rows)
}

async fn access(transaction: &Transaction<'_>, text: &str, since: Option<NaiveDate>) -> Result<String> {
    let who = who(transaction, text).await?;
    let Some(id) = who.id else {
        return Err(OpsError::said("there is no such account; give the id of one that was deleted"));
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM navigator.audit_log AS l WHERE l.subject = $1 AND ($2::date IS NULL OR l.at >= $2::date) \
          ORDER BY (l.actor IS NOT DISTINCT FROM l.subject), l.at DESC LIMIT 1000"
    );
    let rows = query(transaction, &sql, &[(&id, Type::UUID), (&since, Type::DATE)]).await?;
    record(transaction, Some(id), "audit.access").await?;
    lines(&rows)
}

fn lines(rows: &[Row]) -> Result<String> {
    let mut text = String::new();
    for row in rows {
        let at: DateTime<Utc> = get(row, "at")?;
        let dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let subject: Option<Uuid> = get(row, "subject")?;
        writeln!(
            text,
            "{}  {:<22} {:<12} by {} about {} object {} from {}",
            at.format("%Y-%m-%dT%H:%M:%S%.3fZ"),
            get::<String>(row, "action")?,
            get::<String>(row, "outcome")?,
            get::<String>(row, "actor")?,
            dash(subject.map(|id| id.to_string())),
            dash(get(row, "object")?),
            dash(get(row, "origin")?),
        )
        .map_err(|error| OpsError::said(error.to_string()))?;
    }
    write!(text, "{} rows", rows.len()).map_err(|error| OpsError::said(error.to_string()))?;
    Ok(text)
}

async fn verify(transaction: &Transaction<'_>, anchor: Option<&str>) -> Result<String> {
    let anchor: Option<Value> = match anchor {
        None => None,
        Some(text) => {
            let text = std::fs::read_to_string(text).unwrap_or_else(|_| text.to_owned());
            let parsed = serde_json::from_str(&text);
            Some(parsed.map_err(|_| OpsError::said("the anchor is no JSON, and no file with it"))?)
        }
    };
    let sql = "SELECT chain, seq, problem FROM navigator.audit_verify($1)";
    let rows = query(transaction, sql, &[(&anchor, Type::JSONB)]).await?;
    let count = query(transaction, "SELECT count(*) AS rows FROM navigator.audit_log", &[]).await?;
    record(transaction, None, "audit.verify").await?;
    if rows.is_empty() {
        let count: i64 = get(count.first().ok_or_else(|| OpsError::said("the database gave no answer"))?, "rows")?;
        return Ok(format!("the log is as it was written: {count} rows"));
    }
    let mut text = format!("the log was changed in {} places:", rows.len());
    for row in &rows {
        let (chain, seq, problem): (i16, i64, String) = (get(row, "chain")?, get(row, "seq")?, get(row, "problem")?);
        write!(text, "\n  chain {chain}, row {seq}: {problem}").map_err(|error| OpsError::said(error.to_string()))?;
    }
    Err(OpsError::said(text))
}

async fn anchor(transaction: &Transaction<'_>) -> Result<String> {
    let rows = query(transaction, "SELECT navigator.audit_anchor() AS anchor", &[]).await?;
    let anchor: Option<Value> = rows.first().map(|row| get(row, "anchor")).transpose()?.flatten();
    Ok(anchor.unwrap_or_else(|| Value::Object(serde_json::Map::new())).to_string())
}

async fn export(transaction: &Transaction<'_>, file: &PathBuf) -> Result<String> {
    use std::io::Write as _;
    let cannot = || OpsError::io(format!("{} cannot be written", file.display()));
    let mut output = std::io::BufWriter::new(std::fs::File::create_new(file).map_err(cannot())?);
    let sql = "SELECT l.chain, l.seq, to_jsonb(l) AS line FROM navigator.audit_log AS l \
                WHERE (l.chain, l.seq) > ($1, $2) ORDER BY l.chain, l.seq LIMIT $3";
    let (mut chain, mut seq, mut count) = (-1_i16, 0_i64, 0_usize);
    loop {
        let parameters: [Parameter<'_>; 3] = [(&chain, Type::INT2), (&seq, Type::INT8), (&BATCH, Type::INT8)];
        let rows = query(transaction, sql, &parameters).await?;
        for row in &rows {
            writeln!(output, "{}", get::<Value>(row, "line")?).map_err(cannot())?;
        }
        count += rows.len();
        let Some(last) = rows.last() else { break };
        (chain, seq) = (get(last, "chain")?, get(last, "seq")?);
    }
    output.flush().map_err(cannot())?;
    record(transaction, None, "audit.export").await?;
    Ok(format!("{count} rows written to {}", file.display()))
}
