//! The SQL of migration 009: one Rust function per SQL function that is called from outside.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::control::{ControlError, RunView};
use super::definition::known;
use crate::agents::ComposedReply;
use crate::auth::Principal;
use crate::clock::Deadline;
use crate::config::Retention;
use crate::db::{Db, DbError, Parameters, Statement};
use crate::ids::{ConversationId, UserId};

const WORKFLOW_STATUS: Statement = Statement {
    name: "workflow_status",
    sql: "SELECT navigator.workflow_status($1, $2, $3) AS found",
    parameters: &[Type::UUID, Type::UUID, Type::TEXT],
};
const TURN_CANCEL: Statement = Statement {
    name: "turn_cancel",
    sql: "SELECT navigator.turn_cancel($1, $2, $3, $4, $5) AS found",
    parameters: &[Type::UUID, Type::UUID, Type::TEXT, Type::TEXT, Type::JSONB],
};
const SWEEP: Statement = Statement {
    name: "sweep",
    sql: "SELECT navigator.sweep($1, $2, $3, $4) AS found",
    parameters: &[Type::JSONB, Type::INT4, Type::INT4, Type::INT4],
};
const PRUNE: Statement = Statement {
    name: "prune",
    sql: "SELECT navigator.prune($1, $2, $3) AS rows",
    parameters: &[Type::TEXT, Type::INT4, Type::INT4],
};
const TURN_GIVE_UP: Statement = Statement {
    name: "turn_give_up",
    sql: "SELECT outcome, run_id, reason FROM navigator.turn_give_up($1, $2, $3, $4)",
    parameters: &[Type::UUID, Type::TEXT, Type::TEXT, Type::JSONB],
};

/// Every statement of this store.
pub(super) const STATEMENTS: [&Statement; 5] = [&WORKFLOW_STATUS, &TURN_CANCEL, &SWEEP, &PRUNE, &TURN_GIVE_UP];

pub(super) async fn workflow_status(
    db: &Db,
    principal: &Principal,
    conversation: &ConversationId,
    deadline: Deadline,
) -> Result<RunView, ControlError> {
    let parameters: Parameters<'_> = &[&principal.user.uuid(), &principal.session.uuid(), &conversation.as_str()];
    run_view(&WORKFLOW_STATUS, found(db, &WORKFLOW_STATUS, parameters, deadline).await?)
}

pub(super) async fn turn_cancel(
    db: &Db,
    principal: &Principal,
    conversation: &ConversationId,
    answer: &ComposedReply,
    deadline: Deadline,
) -> Result<RunView, ControlError> {
    let reply = answer.without_content().map_err(|error| TURN_CANCEL.unreadable(&error))?;
    let parameters: Parameters<'_> =
        &[&principal.user.uuid(), &principal.session.uuid(), &conversation.as_str(), &answer.content, &reply];
    run_view(&TURN_CANCEL, found(db, &TURN_CANCEL, parameters, deadline).await?)
}

fn run_view(statement: &'static Statement, mut found: Value) -> Result<RunView, ControlError> {
    let outcome = found.as_object_mut().and_then(|object| object.remove("outcome"));
    match outcome.as_ref().and_then(Value::as_str) {
        Some("found" | "cancelled") => Ok(serde_json::from_value(found).map_err(|error| statement.unreadable(&error))?),
        Some("finished") => Err(ControlError::Finished),
        Some("not_found") => Err(ControlError::NotFound),
        Some("deleted") => Err(ControlError::Deleted),
        Some("archived") => Err(ControlError::Archived),
        Some("refused") => Err(statement.refused(found["refusal"].as_str().unwrap_or_default())),
        other => Err(statement.unknown(other.unwrap_or_default()).into()),
    }
}

/// What the sweep found.
#[derive(Debug, Deserialize)]
pub(super) struct Swept {
    pub(super) due: Vec<Due>,
    /// The kinds of rows of which some are old enough to be forgotten.
    pub(super) prunable: Vec<String>,
    pub(super) mail_is_due: bool,
    /// Where the audit log's chains end.
    pub(super) audit_anchor: Option<Value>,
    /// Unfinished requests that have been due for more than 5 minutes.
    pub(super) stalled: u32,
    /// Conversations of the last 5 minutes whose rows do not fit together.
    pub(super) inconsistent: u32,
}

/// A conversation in which somebody has to go on; for 10 seconds no other look finds it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Due {
    pub(super) user_id: Uuid,
    pub(super) conversation_id: String,
    /// Its run is to be ended, not to be gone on with.
    pub(super) give_up: bool,
}

pub(super) async fn sweep(db: &Db, limit: i32, retention: Retention, deadline: Deadline) -> Result<Swept, DbError> {
    let parameters: Parameters<'_> = &[&known(), &limit, &retention.request_hours, &retention.journal_days];
    found(db, &SWEEP, parameters, deadline).await
}

/// Forgets the oldest rows of one kind; how many, [`PRUNED_AT_ONCE`] at most.
pub(super) async fn prune(db: &Db, kind: &str, retention: Retention, deadline: Deadline) -> Result<u32, DbError> {
    let row = db.query_one(&PRUNE, &[&kind, &retention.request_hours, &retention.journal_days], deadline).await?;
    let rows: i32 = row.try_get("rows").map_err(|error| DbError::from_driver(PRUNE.name, &error))?;
    Ok(u32::try_from(rows).unwrap_or(0))
}

/// As `navigator.prune` has it.
pub(super) const PRUNED_AT_ONCE: u32 = 1_000;

/// What `turn_give_up` answered.
pub(super) enum GivenUp {
    /// The run has ended as failed.
    Failed { run: Uuid, reason: String },
    /// Somebody has it, or it is over.
    NotDue,
}

pub(super) async fn turn_give_up(
    db: &Db,
    user: UserId,
    conversation: &ConversationId,
    answer: &ComposedReply,
    deadline: Deadline,
) -> Result<GivenUp, DbError> {
    let reply = answer.without_content().map_err(|error| TURN_GIVE_UP.unreadable(&error))?;
    let parameters: Parameters<'_> = &[&user.uuid(), &conversation.as_str(), &answer.content, &reply];
    let row = db.query_one(&TURN_GIVE_UP, parameters, deadline).await?;
    let driver = |error| DbError::from_driver(TURN_GIVE_UP.name, &error);
    match row.try_get("outcome").map_err(driver)? {
        "failed" => Ok(GivenUp::Failed {
            run: row.try_get("run_id").map_err(driver)?,
            reason: row.try_get("reason").map_err(driver)?,
        }),
        "busy" | "not_due" => Ok(GivenUp::NotDue),
        other => Err(TURN_GIVE_UP.unknown(other)),
    }
}

async fn found<T: DeserializeOwned>(
    db: &Db,
    statement: &'static Statement,
    parameters: Parameters<'_>,
    deadline: Deadline,
) -> Result<T, DbError> {
    let row = db.query_one(statement, parameters, deadline).await?;
    statement.json(&row, "found")
}
