//! The SQL of `ops workflow`.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use super::Found;
use crate::database::{Parameter, Purpose, get, query};
use crate::{OpsError, Result};

/// The users who have a run in a conversation of this id.
pub(super) async fn owners(transaction: &Transaction<'_>, conversation: &str) -> Result<Vec<Uuid>> {
    let sql = "SELECT s.user_id FROM navigator.workflow_states AS s \
                WHERE s.conversation_id = $1 AND s.run_id IS NOT NULL ORDER BY s.user_id";
    let rows = query(transaction, sql, &[(&conversation, Type::TEXT)]).await?;
    rows.iter().map(|row| get(row, "user_id")).collect()
}

/// A conversation's current or last run, as its head row and its message have it.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) user: Uuid,
    pub(super) conversation: String,
    pub(super) run: Uuid,
    pub(super) workflow_type: String,
    pub(super) version: i32,
    pub(super) status: String,
    pub(super) step: String,
    pub(super) attempt: i32,
    pub(super) fence: i64,
    pub(super) wasted: Value,
    pub(super) reason: Option<String>,
    /// Seconds until the end of the lease or the pause; negative when it is over.
    pub(super) until_seconds: Option<f64>,
    /// When its message was stored.
    pub(super) begun_at: DateTime<Utc>,
    pub(super) age_seconds: f64,
    /// How many messages wait behind it.
    pub(super) queued: i64,
}

const RUN: &str = "
SELECT s.user_id, s.conversation_id, s.run_id, s.workflow_type, s.workflow_version, s.status, s.current_step, s.step_attempt,
       s.fence, s.wasted, s.last_error, extract(epoch FROM u.until - clock_timestamp())::float8 AS until_seconds,
       m.created_at, extract(epoch FROM clock_timestamp() - m.created_at)::float8 AS age_seconds, n.queued
  FROM navigator.workflow_states AS s
  JOIN navigator.conversation_messages AS m ON m.user_id = s.user_id AND m.id = s.run_id || '-u'
 CROSS JOIN LATERAL (SELECT CASE s.status WHEN 'running' THEN s.lease_until WHEN 'waiting' THEN s.wake_at END AS until) AS u
 CROSS JOIN LATERAL (SELECT count(*) AS queued FROM navigator.workflow_requests AS q
                      WHERE q.user_id = s.user_id AND q.conversation_id = s.conversation_id AND q.status = 'queued') AS n";

impl Run {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            user: get(row, "user_id")?,
            conversation: get(row, "conversation_id")?,
            run: get(row, "run_id")?,
            workflow_type: get(row, "workflow_type")?,
            version: get(row, "workflow_version")?,
            status: get(row, "status")?,
            step: get(row, "current_step")?,
            attempt: get(row, "step_attempt")?,
            fence: get(row, "fence")?,
            wasted: get(row, "wasted")?,
            reason: get(row, "last_error")?,
            until_seconds: get(row, "until_seconds")?,
            begun_at: get(row, "created_at")?,
            age_seconds: get(row, "age_seconds")?,
            queued: get(row, "queued")?,
        })
    }

    /// Whether it is still to be answered.
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.status.as_str(), "running" | "waiting")
    }
}

/// Runs of these statuses, the newest first; with `with_queue` also those behind which messages wait.
pub(super) async fn runs(
    transaction: &Transaction<'_>,
    statuses: &[&str],
    with_queue: bool,
    limit: i64,
) -> Result<Vec<Run>> {
    let sql = format!("{RUN} WHERE s.status = ANY ($1) OR ($2 AND n.queued > 0) ORDER BY m.created_at DESC LIMIT $3");
    let parameters: [Parameter<'_>; 3] =
        [(&statuses, Type::TEXT_ARRAY), (&with_queue, Type::BOOL), (&limit, Type::INT8)];
    query(transaction, &sql, &parameters).await?.iter().map(Run::read).collect()
}

/// One conversation's run; with `Purpose::Change` its head row is locked.
pub(super) async fn run(transaction: &Transaction<'_>, which: &Found, purpose: Purpose) -> Result<Run> {
    if purpose == Purpose::Change {
        let lock = "SELECT 1 FROM navigator.workflow_states AS s \
                     WHERE s.user_id = $1 AND s.conversation_id = $2 FOR NO KEY UPDATE";
        query(transaction, lock, &keys(which)).await?;
    }
    // A statement of its own: it sees what the one before had to wait for.
    let sql = format!("{RUN} WHERE s.user_id = $1 AND s.conversation_id = $2");
    let rows = query(transaction, &sql, &keys(which)).await?;
    rows.first().map_or_else(|| Err(OpsError::said("the conversation was deleted at this moment")), Run::read)
}

/// A committed step.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) step: String,
    pub(super) agent: String,
    pub(super) fence: i64,
    pub(super) attempt: i32,
    pub(super) duration_ms: i32,
    pub(super) usage: Option<Value>,
    pub(super) wasted: Value,
    pub(super) committed_at: DateTime<Utc>,
}

/// The steps of the conversation's run, in their order.
pub(super) async fn steps(transaction: &Transaction<'_>, run: &Run) -> Result<Vec<Step>> {
    let sql = "SELECT w.step, w.agent_name, w.fence, w.attempt, w.duration_ms, w.usage, w.wasted, w.committed_at \
                 FROM navigator.workflow_steps AS w \
                WHERE w.user_id = $1 AND w.conversation_id = $2 AND w.run_id = $3 ORDER BY w.step_no";
    let read = |row: &Row| {
        Ok(Step {
            step: get(row, "step")?,
            agent: get(row, "agent_name")?,
            fence: get(row, "fence")?,
            attempt: get(row, "attempt")?,
            duration_ms: get(row, "duration_ms")?,
            usage: get(row, "usage")?,
            wasted: get(row, "wasted")?,
            committed_at: get(row, "committed_at")?,
        })
    };
    query(transaction, sql, &run_keys(run)).await?.iter().map(read).collect()
}

/// The fence with which the run began: one more than that of the run before. Nobody wrote it down, so that it is known only
/// for a first run, and after one that ended with a commit whose journal is still there.
pub(super) async fn first_fence(transaction: &Transaction<'_>, run: &Run) -> Result<Option<i64>> {
    let sql = "
        SELECT CASE WHEN m.seq = 1 THEN 1 WHEN q.status IN ('completed', 'failed') THEN
                   (SELECT max(w.fence) + 1 FROM navigator.workflow_steps AS w
                     WHERE w.user_id = $1 AND w.conversation_id = $2 AND w.run_id = b.run_id) END AS fence
          FROM navigator.conversation_messages AS m
          LEFT JOIN navigator.conversation_messages AS b
                 ON b.user_id = m.user_id AND b.conversation_id = m.conversation_id AND b.seq = m.seq - 1
          LEFT JOIN navigator.workflow_requests AS q
                 ON q.user_id = m.user_id AND q.conversation_id = m.conversation_id AND q.run_id = b.run_id
         WHERE m.user_id = $1 AND m.conversation_id = $2 AND m.id = $3 || '-u'";
    let rows = query(
        transaction,
        sql,
        &[(&run.user, Type::UUID), (&run.conversation, Type::TEXT), (&run.run.to_string(), Type::TEXT)],
    )
    .await?;
    rows.first().map_or(Ok(None), |row| get(row, "fence"))
}

/// A message of the run: the question, and the answer when there is one.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) seq: i64,
    pub(super) characters: i32,
    /// None unless it was asked for.
    pub(super) content: Option<String>,
    pub(super) created_at: DateTime<Utc>,
}

/// The run's messages, the question first.
pub(super) async fn messages(transaction: &Transaction<'_>, run: &Run, with_content: bool) -> Result<Vec<Message>> {
    let sql = "SELECT m.seq, char_length(m.content) AS characters, CASE WHEN $4 THEN m.content END AS content, m.created_at \
                 FROM navigator.conversation_messages AS m \
                WHERE m.user_id = $1 AND m.conversation_id = $2 AND m.run_id = $3 ORDER BY m.seq";
    let [user, conversation, id] = run_keys(run);
    let read = |row: &Row| {
        Ok(Message {
            seq: get(row, "seq")?,
            characters: get(row, "characters")?,
            content: get(row, "content")?,
            created_at: get(row, "created_at")?,
        })
    };
    query(transaction, sql, &[user, conversation, id, (&with_content, Type::BOOL)]).await?.iter().map(read).collect()
}

/// A request of the conversation that waits, or the run's own.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) run: Uuid,
    pub(super) characters: Option<i32>,
    /// None unless it was asked for.
    pub(super) content: Option<String>,
    pub(super) created_at: DateTime<Utc>,
}

/// The run's request, unless it has been forgotten, and those that wait behind it in their order.
pub(super) async fn requests(transaction: &Transaction<'_>, run: &Run, with_content: bool) -> Result<Vec<Request>> {
    let sql = "SELECT q.run_id, char_length(q.message) AS characters, CASE WHEN $4 THEN q.message END AS content, q.created_at \
                 FROM navigator.workflow_requests AS q \
                WHERE q.user_id = $1 AND q.conversation_id = $2 AND (q.run_id = $3 OR q.status = 'queued') \
                ORDER BY q.status = 'queued', q.created_at, q.run_id";
    let [user, conversation, id] = run_keys(run);
    let read = |row: &Row| {
        Ok(Request {
            run: get(row, "run_id")?,
            characters: get(row, "characters")?,
            content: get(row, "content")?,
            created_at: get(row, "created_at")?,
        })
    };
    query(transaction, sql, &[user, conversation, id, (&with_content, Type::BOOL)]).await?.iter().map(read).collect()
}

/// Makes the locked head's run due, as at its first attempt.
pub(super) async fn run_retry(transaction: &Transaction<'_>, which: &Found) -> Result<()> {
    let sql = "SELECT (navigator.run_retry(s)).status FROM navigator.workflow_states AS s \
                WHERE s.user_id = $1 AND s.conversation_id = $2";
    query(transaction, sql, &keys(which)).await.map(|_| ())
}

/// Cancels the locked head's run with this answer.
pub(super) async fn run_cancel(
    transaction: &Transaction<'_>,
    which: &Found,
    answer: &str,
    parts: &Value,
) -> Result<()> {
    let sql = "SELECT (navigator.run_cancel(s, $3, $4)).status FROM navigator.workflow_states AS s \
                WHERE s.user_id = $1 AND s.conversation_id = $2";
    let [user, conversation] = keys(which);
    query(transaction, sql, &[user, conversation, (&answer, Type::TEXT), (parts, Type::JSONB)]).await.map(|_| ())
}

/// Recorded in the audit log: the operator who is logged in did this to the conversation.
pub(super) async fn record(transaction: &Transaction<'_>, which: &Found, action: &str) -> Result<()> {
    let sql = "SELECT navigator.audit_operator($1, $2, $3, 'ok')::text";
    let parameters: [Parameter<'_>; 3] =
        [(&which.user, Type::UUID), (&action, Type::TEXT), (&which.conversation, Type::TEXT)];
    query(transaction, sql, &parameters).await.map(|_| ())
}

fn keys(which: &Found) -> [Parameter<'_>; 2] {
    [(&which.user, Type::UUID), (&which.conversation, Type::TEXT)]
}

fn run_keys(run: &Run) -> [Parameter<'_>; 3] {
    [(&run.user, Type::UUID), (&run.conversation, Type::TEXT), (&run.run, Type::UUID)]
}
