//! The SQL of `ops regulatory`, as an operator; what `ops migrate up` seeds, as the schema's owner.
//!
//! Invariant: the role is set for a transaction only: the connection may be a pooler's.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row, Transaction};

use crate::{OpsError, Result, database};

/// A transaction as an operator.
pub(super) async fn begin(client: &mut Client) -> Result<Transaction<'_>> {
    database::begin(client, database::Purpose::Change).await
}

/// A transaction as the schema's owner.
pub(super) async fn begin_as_owner(client: &mut Client) -> Result<Transaction<'_>> {
    let transaction = client.transaction().await.map_err(failed("no transaction"))?;
    transaction
        .batch_execute("SET LOCAL ROLE navigator_owner")
        .await
        .map_err(failed("the role navigator_owner cannot be taken; run: ops migrate up"))?;
    Ok(transaction)
}

/// Commits.
pub(super) async fn commit(transaction: Transaction<'_>) -> Result<()> {
    transaction.commit().await.map_err(failed("the transaction cannot be committed"))
}

/// Whether the schema has the official texts' tables.
pub(super) async fn is_migrated(transaction: &Transaction<'_>) -> Result<bool> {
    let rows = rows(transaction, "SELECT to_regclass('navigator.regulatory_synonyms') IS NOT NULL", &[]).await?;
    get(rows.first().ok_or_else(|| OpsError::said("no answer about the schema"))?, 0)
}

/// Stores documents; what became of each, in their order.
pub(super) async fn store(transaction: &Transaction<'_>, documents: Vec<Value>) -> Result<Vec<String>> {
    let documents = Value::Array(documents);
    let sql = "SELECT outcome FROM navigator.regulatory_store($1) ORDER BY place";
    let rows = rows(transaction, sql, &[(&documents, Type::JSONB)]).await?;
    rows.iter().map(|row| get(row, 0)).collect()
}

/// Brings the planner's statistics up to date after many rows.
pub(super) async fn analyze(transaction: &Transaction<'_>) -> Result<()> {
    rows(transaction, "SELECT navigator.regulatory_analyze()::text", &[]).await.map(|_| ())
}

/// Makes the synonyms equal to the list: `languages`, `phrases` and `english` are columns of one table.
pub(super) async fn synonyms(
    transaction: &Transaction<'_>,
    languages: &[&str],
    phrases: &[&str],
    english: &[&str],
) -> Result<u64> {
    // Two phrases of the list may have the same stems: the later one counts.
    let sql = "
        WITH said AS (
            SELECT DISTINCT ON (lang, phrase) lang, phrase, english FROM (
                SELECT u.lang, array_to_string(navigator.regulatory_stems(u.phrase, u.lang), ' ') AS phrase, u.english, u.place
                  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS u (lang, phrase, english, place)) AS s
             ORDER BY lang, phrase, place DESC
        ), gone AS (
            DELETE FROM navigator.regulatory_synonyms AS y
             WHERE NOT EXISTS (SELECT FROM said AS s WHERE s.lang = y.lang AND s.phrase = y.phrase))
        INSERT INTO navigator.regulatory_synonyms AS y (lang, phrase, english) SELECT s.lang, s.phrase, s.english FROM said AS s
        ON CONFLICT (lang, phrase) DO UPDATE SET english = excluded.english WHERE y.english <> excluded.english";
    let parameters: [(&(dyn ToSql + Sync), Type); 3] =
        [(&languages, Type::TEXT_ARRAY), (&phrases, Type::TEXT_ARRAY), (&english, Type::TEXT_ARRAY)];
    transaction.execute_typed(sql, &parameters).await.map_err(failed("the synonyms cannot be stored"))
}

/// The product's facts that are not among `keys` are found no longer; how many they were.
pub(super) async fn retire_facts(transaction: &Transaction<'_>, keys: &[String]) -> Result<u64> {
    let sql = "
        WITH gone AS (
            UPDATE navigator.regulatory_documents AS d SET superseded_at = clock_timestamp()
             WHERE d.kind = 'fact' AND d.superseded_at IS NULL AND d.source_key <> ALL ($1) RETURNING d.id)
        SELECT count(*), navigator.regulatory_unindex(array_agg(g.id)) FROM gone AS g HAVING count(*) > 0";
    let rows = rows(transaction, sql, &[(&keys, Type::TEXT_ARRAY)]).await?;
    let Some(row) = rows.first() else { return Ok(0) };
    Ok(get::<i64>(row, 0)?.unsigned_abs())
}

/// The current version of a source that can be read again.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) key: String,
    pub(super) url: String,
    pub(super) title: String,
    pub(super) kind: String,
    pub(super) lang: String,
    pub(super) page: Option<i32>,
    pub(super) section: Option<String>,
    pub(super) plan_year: Option<i32>,
    pub(super) effective: Option<NaiveDate>,
    pub(super) expires: Option<NaiveDate>,
    pub(super) size: i32,
    pub(super) metadata: Value,
}

/// The sources that were not read since `before`, the oldest first: one for each address, its first page.
pub(super) async fn sources(transaction: &Transaction<'_>, before: DateTime<Utc>, limit: i64) -> Result<Vec<Source>> {
    let sql = "
        SELECT * FROM (
            SELECT DISTINCT ON (d.source_url) d.source_key, d.source_url, d.title, d.kind, d.lang, d.page, d.section, d.plan_year,
                   d.effective_date, d.expires_date, length(d.content), d.metadata, d.fetched_at
              FROM navigator.regulatory_documents AS d
             WHERE d.superseded_at IS NULL AND d.kind <> 'fact'
             ORDER BY d.source_url, d.page NULLS FIRST, d.source_key) AS s
         WHERE s.fetched_at < $1 ORDER BY s.fetched_at, s.source_url LIMIT $2";
    let rows = rows(transaction, sql, &[(&before, Type::TIMESTAMPTZ), (&limit, Type::INT8)]).await?;
    let source = |row: &Row| {
        Ok(Source {
            key: get(row, 0)?,
            url: get(row, 1)?,
            title: get(row, 2)?,
            kind: get(row, 3)?,
            lang: get(row, 4)?,
            page: get(row, 5)?,
            section: get(row, 6)?,
            plan_year: get(row, 7)?,
            effective: get(row, 8)?,
            expires: get(row, 9)?,
            size: get(row, 10)?,
            metadata: get(row, 11)?,
        })
    };
    rows.iter().map(source).collect()
}

/// Notes what a look at the source showed, for all documents of an address; `read_at` when they are as fresh as that.
pub(super) async fn note(
    transaction: &Transaction<'_>,
    url: &str,
    facts: &Value,
    read_at: Option<DateTime<Utc>>,
) -> Result<()> {
    let sql = "
        UPDATE navigator.regulatory_documents AS d
           SET metadata = jsonb_strip_nulls(d.metadata || $2), fetched_at = coalesce($3, d.fetched_at)
         WHERE d.source_url = $1 AND d.superseded_at IS NULL";
    let parameters: [(&(dyn ToSql + Sync), Type); 3] =
        [(&url, Type::TEXT), (&facts, Type::JSONB), (&read_at, Type::TIMESTAMPTZ)];
    transaction.execute_typed(sql, &parameters).await.map_err(failed("the look cannot be noted"))?;
    Ok(())
}

/// Why an address is stale, and how many documents it has.
pub(crate) async fn stale(
    transaction: &Transaction<'_>,
    today: NaiveDate,
    before: DateTime<Utc>,
) -> Result<Vec<(String, String, i64)>> {
    let sql = "
        SELECT s.reason, s.source_url, count(*) FROM (
            SELECT d.source_url, CASE
                       WHEN d.expires_date < $1 THEN 'expired'
                       WHEN d.metadata ? 'gone_at' THEN 'gone'
                       WHEN d.metadata ? 'changed_at' THEN 'changed'
                       WHEN d.fetched_at < $2 THEN 'old' END AS reason
              FROM navigator.regulatory_documents AS d WHERE d.superseded_at IS NULL) AS s
         WHERE s.reason IS NOT NULL GROUP BY s.reason, s.source_url ORDER BY s.reason, s.source_url";
    let rows = rows(transaction, sql, &[(&today, Type::DATE), (&before, Type::TIMESTAMPTZ)]).await?;
    rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?, get(row, 2)?))).collect()
}

async fn rows(
    transaction: &Transaction<'_>,
    sql: &str,
    parameters: &[(&(dyn ToSql + Sync), Type)],
) -> Result<Vec<Row>> {
    transaction.query_typed(sql, parameters).await.map_err(failed("the official texts"))
}

fn get<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, column: usize) -> Result<T> {
    row.try_get(column).map_err(failed("an answer about the official texts"))
}

fn failed(attempt: &str) -> impl FnOnce(tokio_postgres::Error) -> OpsError {
    OpsError::database(attempt)
}
