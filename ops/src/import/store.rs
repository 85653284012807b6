//! The SQL of `ops import`.

use serde::Deserialize;
use serde_json::Value;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::refused::Refused;
use crate::database::{Parameter, Purpose, begin, commit, get, query};
use crate::{OpsError, Result};

/// How far an import has come, and with what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) lines: u64,
    pub(super) bytes: u64,
    pub(super) imported: u64,
    pub(super) present: u64,
    pub(super) refused: u64,
}

/// Lines that are stored together.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) rows: Vec<Value>,
    pub(super) lines: u64,
    pub(super) bytes: u64,
    refused: Vec<(u64, String)>,
}

impl Batch {
    /// A line with its row; an empty line has none.
    pub(super) fn push(&mut self, bytes: u64, row: Option<Value>) {
        self.lines += 1;
        self.bytes += bytes;
        self.rows.extend(row);
    }

    pub(super) fn refuse(&mut self, bytes: u64, number: u64, reason: String) {
        self.push(bytes, None);
        self.refused.push((number, reason));
    }
}

#[derive(Deserialize)]
struct Stored {
    outcome: String,
    #[serde(default)]
    imported: u64,
    #[serde(default)]
    present: u64,
    #[serde(default)]
    refused: Vec<RefusedRow>,
}

#[derive(Deserialize)]
struct RefusedRow {
    n: u64,
    reason: String,
}

/// Where the import of this name goes on.
pub(super) async fn open(client: &mut Client, name: &str) -> Result<Totals> {
    let transaction = begin(client, Purpose::Change).await?;
    let name: [Parameter<'_>; 1] = [(&name, Type::TEXT)];
    query(&transaction, "SELECT line FROM navigator.import_open($1)", &name).await?;
    let sql = "SELECT i.line, i.bytes, i.imported, i.present, i.refused FROM navigator.imports AS i WHERE i.name = $1";
    let rows = query(&transaction, sql, &name).await?;
    let row = rows.first().ok_or_else(|| OpsError::said("the database gave no answer"))?;
    let number = |column: &str| get::<i64>(row, column).map(|number| u64::try_from(number).unwrap_or(0));
    let totals = Totals {
        lines: number("line")?,
        bytes: number("bytes")?,
        imported: number("imported")?,
        present: number("present")?,
        refused: number("refused")?,
    };
    commit(transaction).await?;
    Ok(totals)
}

/// Stores a batch and the position behind it; what is to be said of refused lines. They are reported before the position moves, so that a
/// kill loses none.
pub(super) async fn store(
    client: &mut Client,
    name: Option<&str>,
    totals: &mut Totals,
    batch: Batch,
    is_last: bool,
    refused: &mut Refused,
) -> Result<Vec<String>> {
    let (line, bytes) = (totals.lines + batch.lines, totals.bytes + batch.bytes);
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let transaction = begin(client, Purpose::Change).await?;
    let sql = "SELECT navigator.import_batch($1, $2, $3, $4, $5, $6, $7) AS stored";
    let parameters: [Parameter<'_>; 7] = [
        (&name, Type::TEXT),
        (&signed(totals.lines), Type::INT8),
        (&signed(line), Type::INT8),
        (&signed(bytes), Type::INT8),
        (&i32::try_from(batch.refused.len()).unwrap_or(i32::MAX), Type::INT4),
        (&is_last, Type::BOOL),
        (&Value::Array(batch.rows), Type::JSONB),
    ];
    let rows = query(&transaction, sql, &parameters).await?;
    let row = rows.first().ok_or_else(|| OpsError::said("the database gave no answer"))?;
    let stored: Stored = serde_json::from_value(get(row, "stored")?)
        .map_err(|error| OpsError::said(format!("the database's answer cannot be read: {error}")))?;
    if stored.outcome != "stored" {
        return Err(OpsError::said("another import of this file is under way; wait for it, or run this one again"));
    }
    let all: Vec<(u64, String)> =
        batch.refused.into_iter().chain(stored.refused.into_iter().map(|row| (row.n, row.reason))).collect();
    let count = all.len() as u64;
    let said = refused.report(all)?;
    commit(transaction).await?;
    *totals = Totals {
        lines: line,
        bytes,
        imported: totals.imported + stored.imported,
        present: totals.present + stored.present,
        refused: totals.refused + count,
    };
    Ok(said)
}
