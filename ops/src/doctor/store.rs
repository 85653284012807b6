//! The SQL of the doctor: one transaction that only reads, from one moment.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, IsolationLevel, Row, Transaction};

use crate::database::{get, query};
use crate::setup::services::ADDRESS_PATTERN;
use crate::{OpsError, Result};

/// Whose rights a look is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rights {
    /// The schema's owner: everything can be seen.
    Owner,
    /// An operator.
    Operator,
}

/// The rights of a login: the owner's when it may act as the owner.
pub(super) async fn rights(client: &Client) -> Result<Rights> {
    let sql = "SELECT coalesce((SELECT pg_has_role(current_user, r.oid, 'MEMBER') FROM pg_roles AS r WHERE r.rolname = 'navigator_owner'), \
               false) AS is_owner";
    let rows = client.query_typed(sql, &[]).await.map_err(OpsError::database("the login's rights"))?;
    Ok(if get(one(&rows)?, "is_owner")? { Rights::Owner } else { Rights::Operator })
}

/// A transaction that only reads.
pub(super) async fn look(client: &mut Client, rights: Rights) -> Result<Transaction<'_>> {
    let failed = || OpsError::database("no transaction");
    let builder = client.build_transaction().read_only(true).isolation_level(IsolationLevel::RepeatableRead);
    let transaction = builder.start().await.map_err(failed())?;
    let role = match rights {
        Rights::Owner => "navigator_owner",
        Rights::Operator => "navigator_operator",
    };
    let setup = format!("SET LOCAL ROLE {role}; SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '30s'");
    transaction.batch_execute(&setup).await.map_err(failed())?;
    Ok(transaction)
}

fn one(rows: &[Row]) -> Result<&Row> {
    rows.first().ok_or_else(|| OpsError::said("the database gave no answer"))
}

/// The server's clock.
pub(super) async fn now(client: &Client) -> Result<DateTime<Utc>> {
    let rows = client.query_typed("SELECT clock_timestamp() AS now", &[]).await;
    get(one(&rows.map_err(OpsError::database("the server's clock"))?)?, "now")
}

/// The server's connections: how many there can be, how many of them are kept for others, how many are in use.
pub(super) struct Connections {
    pub(super) most: i32,
    pub(super) reserved: i32,
    pub(super) used: i64,
    /// Of those in use, how many are of a kind that this login cannot see: clients, or the server's own workers.
    pub(super) unknown: i64,
}

/// [`Connections`] as they are. What a connection is of is visible to pg_read_all_stats alone, whose it is to everybody.
pub(super) async fn connections(client: &Client) -> Result<Connections> {
    let sql = "SELECT current_setting('max_connections')::int AS most, \
                      current_setting('superuser_reserved_connections')::int \
                        + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved, \
                      count(*) FILTER (WHERE coalesce(a.backend_type, 'client backend') = 'client backend') AS used, \
                      count(*) FILTER (WHERE a.backend_type IS NULL) AS unknown \
                 FROM pg_stat_activity AS a WHERE a.usesysid IS NOT NULL";
    let rows = client.query_typed(sql, &[]).await.map_err(OpsError::database("the server's connections"))?;
    let row = one(&rows)?;
    let (most, reserved) = (get(row, "most")?, get(row, "reserved")?);
    Ok(Connections { most, reserved, used: get(row, "used")?, unknown: get(row, "unknown")? })
}

/// Which of these tables do not show all their rows to the role that looks: they are not there, no right is, or row-level security.
pub(super) async fn hidden(transaction: &Transaction<'_>, tables: &[&str]) -> Result<BTreeSet<String>> {
    let sql = "
        SELECT t.name FROM unnest($1) AS t(name)
          LEFT JOIN pg_class AS c ON c.relname = t.name AND c.relnamespace = to_regnamespace('navigator')
         WHERE c.oid IS NULL OR NOT has_any_column_privilege(c.oid, 'SELECT')
            OR (row_security_active(c.oid) AND coalesce((
                SELECT bool_and(p.polpermissive) IS NOT TRUE OR NOT bool_or(pg_get_expr(p.polqual, p.polrelid) = 'true')
                  FROM pg_policy AS p
                 WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*')
                   AND EXISTS (SELECT FROM unnest(p.polroles) AS r WHERE r = 0 OR pg_has_role(r, 'USAGE'))), true))";
    let rows = query(transaction, sql, &[(&tables, Type::TEXT_ARRAY)]).await?;
    rows.iter().map(|row| get(row, "name")).collect()
}

/// How many, and for how long the oldest has been late, in seconds.
pub(super) struct Late {
    pub(super) count: i64,
    pub(super) seconds: f64,
}

async fn late(transaction: &Transaction<'_>, sql: &str) -> Result<Late> {
    let rows = query(transaction, sql, &[]).await?;
    let row = one(&rows)?;
    Ok(Late { count: get(row, "count")?, seconds: get(row, "seconds")? })
}

/// Runs that somebody should have gone on with over 2 minutes ago: abandoned, put off, or waiting behind one that is over.
pub(super) async fn late_runs(transaction: &Transaction<'_>) -> Result<Late> {
    let sql = "
        SELECT count(*), coalesce(extract(epoch FROM max(u.late)), 0)::float8 AS seconds
          FROM navigator.workflow_requests AS q
          JOIN navigator.workflow_states AS s ON s.user_id = q.user_id AND s.conversation_id = q.conversation_id
         CROSS JOIN LATERAL (SELECT clock_timestamp() - CASE
                     WHEN q.status = 'running' AND s.status = 'running' THEN s.lease_until
                     WHEN q.status = 'running' AND s.status = 'waiting' THEN s.wake_at
                     WHEN q.status = 'queued' AND s.status NOT IN ('running', 'waiting') THEN greatest(q.created_at, s.updated_at) END AS late) AS u
         WHERE q.finished_at IS NULL AND u.late > interval '2 minutes'";
    late(transaction, sql).await
}

/// Mails that were due over 10 minutes ago.
pub(super) async fn late_mails(transaction: &Transaction<'_>) -> Result<Late> {
    let sql = "SELECT count(*), coalesce(extract(epoch FROM max(clock_timestamp() - o.next_at)), 0)::float8 AS seconds \
                 FROM navigator.outbox AS o WHERE o.finished_at IS NULL AND o.next_at < clock_timestamp() - interval '10 minutes'";
    late(transaction, sql).await
}

/// Accounts that a set-up left behind because it was cut off.
pub(super) async fn trial_accounts(transaction: &Transaction<'_>) -> Result<i64> {
    let sql = "SELECT count(*) FROM navigator.users AS u \
                WHERE u.email_key LIKE $1 AND u.created_at < clock_timestamp() - interval '10 minutes'";
    get(one(&query(transaction, sql, &[(&ADDRESS_PATTERN, Type::TEXT)]).await?)?, "count")
}

/// How many conversations were touched in the last 7 days.
pub(super) async fn recent_conversations(transaction: &Transaction<'_>) -> Result<i64> {
    let sql = "SELECT count(*) FROM navigator.conversations AS c \
                WHERE c.deleted_at IS NULL AND c.updated_at > clock_timestamp() - interval '7 days'";
    get(one(&query(transaction, sql, &[]).await?)?, "count")
}

/// How many texts there are, the product's own facts included.
pub(super) async fn texts(transaction: &Transaction<'_>) -> Result<i64> {
    let sql = "SELECT count(*) FROM navigator.regulatory_documents AS d WHERE d.superseded_at IS NULL";
    get(one(&query(transaction, sql, &[]).await?)?, "count")
}

/// What does not fit together in conversations of the last 7 days: a reason and how many conversations.
pub(super) async fn mismatches(transaction: &Transaction<'_>) -> Result<Vec<(String, i64)>> {
    let sql = "
        WITH recent AS (
            SELECT c.user_id, c.id FROM navigator.conversations AS c
             WHERE c.deleted_at IS NULL AND c.updated_at > clock_timestamp() - interval '7 days'),
        agents AS (
            SELECT a.* FROM recent AS r JOIN navigator.agent_states AS a ON a.user_id = r.user_id AND a.conversation_id = r.id),
        heads AS (
            SELECT s.user_id, s.conversation_id, s.run_id, s.status, s.last_seq FROM recent AS r
              JOIN navigator.workflow_states AS s ON s.user_id = r.user_id AND s.conversation_id = r.id)
        SELECT f.reason, count(DISTINCT (f.user_id, f.conversation_id)) AS conversations FROM (
            SELECT 'an agent state without a run' AS reason, a.user_id, a.conversation_id FROM agents AS a
             WHERE NOT EXISTS (SELECT FROM heads AS h WHERE h.user_id = a.user_id AND h.conversation_id = a.conversation_id)
            UNION ALL
            -- Only where the journal reaches back that far.
            SELECT 'an agent state of a step that the agent never committed', a.user_id, a.conversation_id FROM agents AS a
             WHERE a.updated_at >= (SELECT min(w.committed_at) FROM navigator.workflow_steps AS w
                                     WHERE w.user_id = a.user_id AND w.conversation_id = a.conversation_id)
               AND NOT EXISTS (SELECT FROM navigator.workflow_steps AS w
                                WHERE w.user_id = a.user_id AND w.conversation_id = a.conversation_id
                                  AND w.agent_name = a.agent_name AND w.step = a.workflow_step)
            UNION ALL
            SELECT 'a run that counts other messages than there are', h.user_id, h.conversation_id FROM heads AS h
             WHERE h.last_seq <> (SELECT count(*) FROM navigator.conversation_messages AS m
                                   WHERE m.user_id = h.user_id AND m.conversation_id = h.conversation_id)
            UNION ALL
            SELECT 'an answered run without its answer', h.user_id, h.conversation_id FROM heads AS h
             WHERE h.status = 'completed' AND NOT EXISTS (
                       SELECT FROM navigator.conversation_messages AS m
                        WHERE m.user_id = h.user_id AND m.conversation_id = h.conversation_id AND m.run_id = h.run_id
                          AND m.role = 'assistant')
        ) AS f GROUP BY f.reason ORDER BY f.reason";
    let rows = query(transaction, sql, &[]).await?;
    rows.iter().map(|row| Ok((get(row, "reason")?, get(row, "conversations")?))).collect()
}

/// How many chains of the audit log do not end where their heads say.
pub(super) async fn broken_chains(transaction: &Transaction<'_>) -> Result<i64> {
    let sql = "
        SELECT count(*) FROM generate_series(0, 16) AS c LEFT JOIN navigator.audit_heads AS h ON h.chain = c
          LEFT JOIN LATERAL (SELECT l.seq, l.mac FROM navigator.audit_log AS l WHERE l.chain = c ORDER BY l.seq DESC LIMIT 1) AS l ON true
         WHERE h.chain IS NULL OR h.seq <> coalesce(l.seq, 0) OR (l.mac IS NOT NULL AND h.mac <> l.mac)";
    get(one(&query(transaction, sql, &[]).await?)?, "count")
}
