//! The workflow's SQL: one Rust function per SQL function of migration 007.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::message::NewTurn;
use super::state::{Commit, History, STATE_VERSION, WORKFLOW_VERSION};
use super::step::WorkflowType;
use crate::agents;
use crate::auth::Principal;
use crate::clock::Deadline;
use crate::db::{Class, Db, DbError, Parameters, Statement};
use crate::ids::{ConversationId, HolderId, RunId, UserId};

const TURN_BEGIN: Statement = Statement {
    name: "turn_begin",
    sql: "SELECT navigator.turn_begin($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS grant_data",
    parameters: &[
        Type::UUID,
        Type::UUID,
        Type::TEXT,
        Type::TEXT,
        Type::BYTEA,
        Type::UUID,
        Type::UUID,
        Type::TEXT,
        Type::JSONB,
        Type::TEXT,
        Type::TEXT,
        Type::JSONB,
        Type::INT4,
    ],
};
const STEP_COMMIT: Statement = Statement {
    name: "step_commit",
    sql: "SELECT outcome FROM navigator.step_commit(\
              $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    parameters: &[
        Type::UUID,
        Type::TEXT,
        Type::UUID,
        Type::INT8,
        Type::INT4,
        Type::INT4,
        Type::UUID,
        Type::TEXT,
        Type::TEXT,
        Type::JSONB,
        Type::JSONB,
        Type::TEXT,
        Type::TEXT,
        Type::INT4,
        Type::TEXT,
        Type::JSONB,
        Type::TEXT,
    ],
};

/// Every statement of this store.
pub const STATEMENTS: [&Statement; 2] = [&TURN_BEGIN, &STEP_COMMIT];

/// What a worker gets to go on with a run.
#[derive(Clone, Deserialize)]
pub(super) struct Grant {
    pub(super) run_id: Uuid,
    pub(super) fence: i64,
    pub(super) step_no: i32,
    pub(super) step: String,
    pub(super) attempt: i32,
    pub(super) last_seq: i64,
    pub(super) workflow_type: String,
    pub(super) state: Value,
    pub(super) message: String,
    pub(super) done: Vec<String>,
    pub(super) history: History,
}

/// What `turn_begin` answered.
pub(super) enum Begun {
    /// This worker holds the request's run.
    Mine(Box<Grant>),
    /// This worker holds an abandoned run that stands before the request's.
    Drain(Box<Grant>),
    /// The request was answered before.
    Replay(String),
    InProgress {
        retry_ms: u64,
    },
    Busy {
        retry_ms: u64,
    },
    Mismatch,
    NotMine {
        retry_ms: u64,
    },
    SessionEnded,
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum BegunRow {
    Started(Box<Grant>),
    Resumed(Box<Grant>),
    Drain(Box<Grant>),
    Replay { response: String },
    InProgress { retry_ms: u64 },
    Busy { retry_ms: u64 },
    Mismatch,
    NotMine { retry_ms: u64 },
    SessionEnded,
}

pub(super) async fn turn_begin(
    db: &Db,
    principal: &Principal,
    turn: &NewTurn,
    run: RunId,
    holder: HolderId,
    lease: Duration,
    deadline: Deadline,
) -> Result<Begun, DbError> {
    let (user, session) = (principal.user.uuid(), principal.session.uuid());
    let (run, holder) = (run.uuid(), holder.uuid());
    let workflow_type = agents::route(turn.message.as_str());
    let known = json!({
        (WorkflowType::StrategyRequest.as_str()): WORKFLOW_VERSION,
        (WorkflowType::NavigatorOnly.as_str()): WORKFLOW_VERSION,
        "state": STATE_VERSION,
    });
    let parameters: Parameters<'_> = &[
        &user,
        &session,
        &turn.conversation.as_str(),
        &turn.key.as_str(),
        &turn.hash.as_slice(),
        &run,
        &holder,
        &turn.message.as_str(),
        turn.metadata.value(),
        &workflow_type.as_str(),
        &workflow_type.first_step().as_str(),
        &known,
        &milliseconds(lease),
    ];
    let row = db.query_one(&TURN_BEGIN, parameters, deadline).await?;
    let value: Value = row.try_get("grant_data").map_err(|error| DbError::from_driver(TURN_BEGIN.name, &error))?;
    let begun = serde_json::from_value(value)
        .map_err(|error| DbError::new(Class::Bug, TURN_BEGIN.name, format_args!("unreadable grant: {error}")))?;
    Ok(match begun {
        BegunRow::Started(grant) | BegunRow::Resumed(grant) => Begun::Mine(grant),
        BegunRow::Drain(grant) => Begun::Drain(grant),
        BegunRow::Replay { response } => Begun::Replay(response),
        BegunRow::InProgress { retry_ms } => Begun::InProgress { retry_ms },
        BegunRow::Busy { retry_ms } => Begun::Busy { retry_ms },
        BegunRow::Mismatch => Begun::Mismatch,
        BegunRow::NotMine { retry_ms } => Begun::NotMine { retry_ms },
        BegunRow::SessionEnded => Begun::SessionEnded,
    })
}

/// What `step_commit` answered.
pub(super) enum Committed {
    /// The step is stored, now or by an earlier sending of the same commit.
    Stored,
    /// The run is no longer this worker's.
    Fenced,
}

pub(super) async fn step_commit(
    db: &Db,
    user: UserId,
    conversation: &ConversationId,
    commit: &Commit,
    deadline: Deadline,
) -> Result<Committed, DbError> {
    let (user, run, id) = (user.uuid(), commit.run.uuid(), commit.id.uuid());
    let last = commit.last.as_ref();
    let parameters: Parameters<'_> = &[
        &user,
        &conversation.as_str(),
        &run,
        &commit.fence,
        &commit.step_no,
        &commit.attempt,
        &id,
        &commit.step,
        &commit.agent.as_str(),
        &commit.output,
        &commit.agent_state,
        &commit.status.as_str(),
        &commit.next.map(super::Step::as_str),
        &milliseconds(commit.lease),
        &last.map(|last| last.answer.as_str()),
        &last.map(|last| &last.metadata),
        &last.map(|last| last.response.as_str()),
    ];
    let row = db.query_one(&STEP_COMMIT, parameters, deadline).await?;
    match row.try_get("outcome").map_err(|error| DbError::from_driver(STEP_COMMIT.name, &error))? {
        "committed" | "already" => Ok(Committed::Stored),
        "fenced" => Ok(Committed::Fenced),
        other => Err(DbError::new(Class::Bug, STEP_COMMIT.name, format_args!("unknown outcome {other}"))),
    }
}

fn milliseconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
