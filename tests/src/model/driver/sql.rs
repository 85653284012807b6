//! The statements: one for each function that a worker, a person or the schedule calls.

use serde_json::{Value, json};
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::Driver;
use crate::model::request::{Ask, Commit, Deferral, Then, Until, Worker};
use crate::model::{FIRST_STEP, RELEASED};

/// The conversation of every sequence.
pub const CONVERSATION: &str = "c";
/// Longer than any test.
const LONG_MS: i32 = 3_600_000;

const BEGIN: &str = "SELECT navigator.turn_begin($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULL)";
const RESUME: &str = "SELECT navigator.turn_resume($1, $2, $3, $4, $5, $6, NULL)";
const COMMIT: &str = "SELECT jsonb_build_object('outcome', outcome, 'has_next', has_next) FROM navigator.step_commit(\
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, NULL)";
const DEFER: &str =
    "SELECT jsonb_build_object('outcome', outcome) FROM navigator.step_defer($1, $2, $3, $4, $5, $6, $7, $8, $9)";
pub(super) const CANCEL: &str = "SELECT navigator.turn_cancel($1, $2, $3, $4, $5)";
pub(super) const STATUS: &str = "SELECT navigator.workflow_status($1, $2, $3)";
pub(super) const SWEEP: &str = "SELECT navigator.sweep($1, $2, $3, $4)";
pub(super) const PRUNE: &str = "SELECT to_jsonb(navigator.prune($1, $2, $3))";
pub(super) const AGE_REQUESTS: &str = "UPDATE navigator.workflow_requests SET finished_at = finished_at - interval '25 hours' \
    WHERE user_id = $1 AND finished_at IS NOT NULL";
pub(super) const AGE_JOURNAL: &str =
    "UPDATE navigator.workflow_steps SET committed_at = committed_at - interval '31 days' WHERE user_id = $1";
pub(super) const EXPIRE: &str = "UPDATE navigator.workflow_states SET lease_until = lease_until - interval '1 day', \
    wake_at = wake_at - interval '1 day', claimed_until = claimed_until - interval '1 day' WHERE user_id = $1";
pub(super) const HOLD: &str =
    "UPDATE navigator.workflow_states SET claimed_until = claimed_until + interval '1 hour' WHERE user_id = $1";
const RELEASE: &str = "SELECT jsonb_build_object('outcome', outcome) FROM navigator.turn_release($1, $2, $3, $4, $5)";
pub(super) const RETRY: &str =
    "SELECT navigator.run_retry(s) IS NULL FROM navigator.workflow_states AS s WHERE s.user_id = $1";

/// Every row of one conversation.
pub const CONTENTS: &str = "\
SELECT jsonb_build_object(
    'messages', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'seq', m.seq, 'id', m.id, 'run_id', m.run_id, 'role', m.role, 'content', m.content,
            'agent_name', m.agent_name, 'metadata', m.metadata) ORDER BY m.seq), '[]')
        FROM navigator.conversation_messages AS m WHERE m.user_id = $1 AND m.conversation_id = $2),
    'requests', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'key', q.request_key, 'hash', encode(q.request_hash, 'hex'), 'run_id', q.run_id, 'type', q.workflow_type,
            'status', q.status, 'message', q.message, 'metadata', q.metadata,
            'response', CASE q.status WHEN 'cancelled' THEN q.response::jsonb ELSE to_jsonb(q.response) END)
            ORDER BY q.created_at), '[]')
        FROM navigator.workflow_requests AS q WHERE q.user_id = $1 AND q.conversation_id = $2),
    'journal', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'run_id', w.run_id, 'step_no', w.step_no, 'step', w.step, 'agent_name', w.agent_name,
            'commit_id', w.commit_id, 'fence', w.fence, 'attempt', w.attempt, 'duration_ms', w.duration_ms,
            'output', w.output, 'usage', w.usage, 'wasted', w.wasted) ORDER BY w.committed_at), '[]')
        FROM navigator.workflow_steps AS w WHERE w.user_id = $1 AND w.conversation_id = $2),
    'memories', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'agent_name', a.agent_name, 'state', a.state_data, 'step', a.workflow_step) ORDER BY a.agent_name), '[]')
        FROM navigator.agent_states AS a WHERE a.user_id = $1 AND a.conversation_id = $2),
    'head', (SELECT jsonb_build_object(
            'run_id', s.run_id, 'key', s.request_key, 'type', s.workflow_type, 'version', s.workflow_version,
            'step', s.current_step, 'step_no', s.step_no, 'status', s.status, 'state', s.state_data,
            'state_version', s.state_version, 'fence', s.fence, 'holder', s.holder,
            'lease', coalesce(CASE WHEN s.lease_until > clock_timestamp() THEN 'ahead' END,
                              CASE WHEN s.lease_until IS NULL THEN 'none' ELSE 'past' END),
            'wake', coalesce(CASE WHEN s.wake_at > clock_timestamp() THEN 'ahead' END,
                             CASE WHEN s.wake_at IS NULL THEN 'none' ELSE 'past' END),
            'attempt', s.step_attempt, 'wasted', s.wasted, 'reason', s.last_error, 'last_seq', s.last_seq)
        FROM navigator.workflow_states AS s WHERE s.user_id = $1 AND s.conversation_id = $2),
    'labels', (SELECT c.metadata FROM navigator.conversations AS c WHERE c.user_id = $1 AND c.id = $2))";

/// A value and the type it is sent as.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// A value that knows its type.
pub(super) trait Typed: ToSql + Sync + Sized {
    const TYPE: Type;
}

macro_rules! typed {
    ($($rust:ty = $sql:ident,)*) => { $(impl Typed for $rust { const TYPE: Type = Type::$sql; })* };
}

typed! {
    Uuid = UUID,
    &str = TEXT,
    String = TEXT,
    Vec<u8> = BYTEA,
    Value = JSONB,
    i32 = INT4,
    i64 = INT8,
    bool = BOOL,
}

impl<T: Typed> Typed for Option<T> {
    const TYPE: Type = T::TYPE;
}

pub(super) fn parameter<T: Typed>(value: &T) -> Parameter<'_> {
    (value, T::TYPE)
}

/// The one value that a statement returns.
pub(super) async fn answer(client: &Client, sql: &str, parameters: &[Parameter<'_>]) -> Result<Value, String> {
    let rows = client.query_typed(sql, parameters).await.map_err(|error| format!("  {sql}: {error:?}"))?;
    let row = rows.first().ok_or_else(|| format!("  {sql}: no row"))?;
    row.try_get(0).map_err(|error| format!("  {sql}: {error:?}"))
}

impl Driver {
    pub(super) async fn begin(&self, user: Uuid, session: Uuid, ask: &Ask, worker: &Worker) -> Result<Value, String> {
        let known = json!(worker.known);
        let parameters = [
            parameter(&user),
            parameter(&session),
            parameter(&CONVERSATION),
            parameter(&ask.key),
            parameter(&ask.hash),
            parameter(&ask.run),
            parameter(&worker.holder),
            parameter(&ask.text),
            parameter(&ask.metadata),
            parameter(&ask.kind),
            parameter(&FIRST_STEP),
            parameter(&known),
            parameter(&LONG_MS),
            parameter(&ask.may_wait),
        ];
        answer(&self.api, BEGIN, &parameters).await
    }

    pub(super) async fn resume(&self, user: Uuid, worker: &Worker) -> Result<Value, String> {
        let known = json!(worker.known);
        let parameters = [
            parameter(&user),
            parameter(&CONVERSATION),
            parameter(&worker.holder),
            parameter(&FIRST_STEP),
            parameter(&known),
            parameter(&LONG_MS),
        ];
        answer(&self.api, RESUME, &parameters).await
    }

    pub(super) async fn commit(&self, user: Uuid, commit: &Commit) -> Result<Value, String> {
        let (next, response) = match &commit.then {
            Then::Step(step) => (Some(step.as_str()), None),
            Then::End(.., response) => (None, Some(response.as_str())),
        };
        let (output, wasted) = (json!(commit.output), json!(commit.wasted));
        let (place, status) = (commit.place, commit.then.status());
        let parameters = [
            parameter(&user),
            parameter(&CONVERSATION),
            parameter(&place.run),
            parameter(&place.fence),
            parameter(&place.step_no),
            parameter(&place.attempt),
            parameter(&commit.id),
            parameter(&commit.step),
            parameter(&commit.agent),
            parameter(&output),
            parameter(&commit.memory),
            parameter(&commit.duration_ms),
            parameter(&commit.usage),
            parameter(&wasted),
            parameter(&status),
            parameter(&next),
            parameter(&LONG_MS),
            parameter(&response),
        ];
        answer(&self.api, COMMIT, &parameters).await
    }

    pub(super) async fn defer(&self, user: Uuid, deferral: &Deferral) -> Result<Value, String> {
        let (place, status) = (deferral.place, deferral.hold.status());
        let wait_ms = if deferral.until == Until::Past { 0 } else { LONG_MS };
        let parameters = [
            parameter(&user),
            parameter(&CONVERSATION),
            parameter(&place.run),
            parameter(&place.fence),
            parameter(&place.step_no),
            parameter(&place.attempt),
            parameter(&status),
            parameter(&wait_ms),
            parameter(&deferral.failed),
        ];
        answer(&self.api, DEFER, &parameters).await
    }

    pub(super) async fn release(&self, user: Uuid, holder: Uuid) -> Result<Value, String> {
        let parameters =
            [parameter(&user), parameter(&CONVERSATION), parameter(&holder), parameter(&LONG_MS), parameter(&RELEASED)];
        answer(&self.api, RELEASE, &parameters).await
    }

    /// A statement about one person, with all rights.
    pub(super) async fn root_does(&self, sql: &str, user: Uuid) -> Result<(), String> {
        let done = self.root.query_typed(sql, &[parameter(&user)]).await;
        done.map(|_| ()).map_err(|error| format!("  {sql}: {error:?}"))
    }
}
