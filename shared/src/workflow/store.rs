//! The turn's SQL: one Rust function per SQL function of migration 008 that is called from outside.

use std::time::Duration;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::Place;
use super::definition::known;
use super::error::TurnError;
use super::message::{NewTurn, WhenBusy};
use super::state::{Commit, Deferral, History};
use super::step::WorkflowType;
use crate::agents::{self, Evidence, told};
use crate::auth::Principal;
use crate::clock::Deadline;
use crate::db::{Db, DbError, Parameters, Statement};
use crate::ids::{HolderId, RunId};

const TURN_BEGIN: Statement = Statement {
    name: "turn_begin",
    sql: "SELECT navigator.turn_begin($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS grant_data",
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
        Type::BOOL,
        Type::DATE,
    ],
};
const TURN_RESUME: Statement = Statement {
    name: "turn_resume",
    sql: "SELECT navigator.turn_resume($1, $2, $3, $4, $5, $6, $7) AS grant_data",
    parameters: &[Type::UUID, Type::TEXT, Type::UUID, Type::TEXT, Type::JSONB, Type::INT4, Type::DATE],
};
const STEP_COMMIT: Statement = Statement {
    name: "step_commit",
    sql: "SELECT outcome, has_next, evidence FROM navigator.step_commit(\
              $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
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
        Type::INT4,
        Type::JSONB,
        Type::JSONB,
        Type::TEXT,
        Type::TEXT,
        Type::INT4,
        Type::TEXT,
        Type::DATE,
    ],
};
const STEP_DEFER: Statement = Statement {
    name: "step_defer",
    sql: "SELECT outcome FROM navigator.step_defer($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    parameters: &[
        Type::UUID,
        Type::TEXT,
        Type::UUID,
        Type::INT8,
        Type::INT4,
        Type::INT4,
        Type::TEXT,
        Type::INT4,
        Type::JSONB,
    ],
};

const TURN_RELEASE: Statement = Statement {
    name: "turn_release",
    sql: "SELECT outcome FROM navigator.turn_release($1, $2, $3, $4, $5)",
    parameters: &[Type::UUID, Type::TEXT, Type::UUID, Type::INT4, Type::TEXT],
};

/// Every statement of this store.
pub(super) const STATEMENTS: [&Statement; 5] = [&TURN_BEGIN, &TURN_RESUME, &STEP_COMMIT, &STEP_DEFER, &TURN_RELEASE];
/// What is written down of a run that was handed back.
const NOT_STORED: &str = "the database did not store the step";

/// What a worker gets to go on with a run.
#[derive(Clone, Deserialize)]
pub(super) struct Grant {
    pub(super) run_id: Uuid,
    pub(super) fence: i64,
    pub(super) step_no: i32,
    pub(super) step: String,
    pub(super) attempt: i32,
    pub(super) wasted: Vec<Value>,
    pub(super) last_seq: i64,
    pub(super) workflow_type: String,
    pub(super) workflow_version: i32,
    pub(super) state: Value,
    pub(super) state_version: i32,
    pub(super) message: String,
    /// What another system told beside it.
    #[serde(default, deserialize_with = "told::stored")]
    pub(super) told: Option<told::Told>,
    #[serde(default)]
    pub(super) evidence: Vec<Evidence>,
    /// What the person's day has used of a language model.
    #[serde(default)]
    pub(super) tokens_today: i64,
    pub(super) done: Vec<String>,
    pub(super) history: History,
}

/// What `turn_begin` and `turn_resume` answered.
#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(super) enum Begun {
    /// This worker holds the request's new run.
    Started(Box<Grant>),
    /// This worker holds the request's run, which another one had begun.
    Resumed(Box<Grant>),
    /// This worker holds a run that stands before the request's.
    Drain(Box<Grant>),
    /// The request was answered before.
    Replay {
        response: String,
    },
    InProgress {
        retry_ms: u64,
    },
    /// The message is stored and waits for its turn.
    Queued {
        run_id: Uuid,
        workflow_type: String,
        retry_ms: u64,
    },
    Busy {
        retry_ms: u64,
    },
    Mismatch,
    NotMine {
        retry_ms: u64,
    },
    /// The conversation was deleted.
    Deleted,
    /// The conversation is archived.
    Archived,
    /// The request was not let in.
    Refused {
        refusal: String,
    },
    /// Nothing is to be done in the conversation.
    Idle,
}

/// For how long a run is taken, and on which day.
#[derive(Clone, Copy)]
pub(super) struct Claim {
    pub(super) lease: Duration,
    /// The worker's own day, UTC: what is in force on it is found.
    pub(super) today: NaiveDate,
}

pub(super) async fn turn_begin(
    db: &Db,
    principal: &Principal,
    turn: &NewTurn,
    run: RunId,
    holder: HolderId,
    claim: Claim,
    deadline: Deadline,
) -> Result<Begun, DbError> {
    let (user, session) = (principal.user.uuid(), principal.session.uuid());
    let (run, holder) = (run.uuid(), holder.uuid());
    let workflow_type = agents::route(turn.message.as_str());
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
        &WorkflowType::FIRST_STEP.as_str(),
        &known(),
        &milliseconds(claim.lease),
        &(turn.when_busy == WhenBusy::Enqueue),
        &claim.today,
    ];
    begun(db, &TURN_BEGIN, parameters, deadline).await
}

pub(super) async fn turn_resume(db: &Db, place: Place<'_>, claim: Claim, deadline: Deadline) -> Result<Begun, DbError> {
    let parameters: Parameters<'_> = &[
        &place.user.uuid(),
        &place.conversation.as_str(),
        &place.holder.uuid(),
        &WorkflowType::FIRST_STEP.as_str(),
        &known(),
        &milliseconds(claim.lease),
        &claim.today,
    ];
    begun(db, &TURN_RESUME, parameters, deadline).await
}

async fn begun(
    db: &Db,
    statement: &'static Statement,
    parameters: Parameters<'_>,
    deadline: Deadline,
) -> Result<Begun, DbError> {
    let row = db.query_one(statement, parameters, deadline).await?;
    statement.json(&row, "grant_data")
}

/// The error for a request that was not let in.
pub(super) fn refused(refusal: &str) -> TurnError {
    TURN_BEGIN.refused(refusal)
}

/// What `step_commit` answered.
pub(super) enum Committed {
    /// The step is stored, now or by an earlier sending of the same commit.
    Stored {
        /// After the last step: another message of the conversation waits.
        has_next: bool,
        /// What was found for the next step.
        evidence: Vec<Evidence>,
    },
    /// The run is no longer this worker's.
    Fenced,
    /// The run was cancelled.
    Cancelled,
    /// The account was deleted.
    Gone,
}

pub(super) async fn step_commit(
    db: &Db,
    place: Place<'_>,
    commit: &Commit,
    today: NaiveDate,
    deadline: Deadline,
) -> Result<Committed, DbError> {
    let parameters: Parameters<'_> = &[
        &place.user.uuid(),
        &place.conversation.as_str(),
        &commit.run.uuid(),
        &commit.fence,
        &commit.step_no,
        &commit.attempt,
        &commit.id.uuid(),
        &commit.step,
        &commit.agent.as_str(),
        &commit.output,
        &commit.agent_state,
        &milliseconds(commit.duration),
        &commit.usage,
        &commit.wasted,
        &commit.status.as_str(),
        &commit.next.map(super::Step::as_str),
        &milliseconds(commit.lease),
        &commit.response,
        &today,
    ];
    let driver = |error| DbError::from_driver(STEP_COMMIT.name, &error);
    let row = db.query_one(&STEP_COMMIT, parameters, deadline).await?;
    match row.try_get("outcome").map_err(driver)? {
        "committed" | "already" => {
            let evidence: Value = row.try_get("evidence").map_err(driver)?;
            // A passage of another form is none; the reply stands without it.
            let evidence = serde_json::from_value(evidence).unwrap_or_default();
            Ok(Committed::Stored { has_next: row.try_get("has_next").map_err(driver)?, evidence })
        }
        "fenced" => Ok(Committed::Fenced),
        "cancelled" => Ok(Committed::Cancelled),
        "gone" => Ok(Committed::Gone),
        other => Err(STEP_COMMIT.unknown(other)),
    }
}

/// What `step_defer` answered.
pub(super) enum Deferred {
    /// It is stored, now or by an earlier sending of the same call.
    Stored,
    /// The run is no longer this worker's.
    Fenced,
    /// The run was cancelled.
    Cancelled,
    /// The account was deleted.
    Gone,
}

pub(super) async fn step_defer(
    db: &Db,
    place: Place<'_>,
    deferral: &Deferral,
    deadline: Deadline,
) -> Result<Deferred, DbError> {
    let parameters: Parameters<'_> = &[
        &place.user.uuid(),
        &place.conversation.as_str(),
        &deferral.run.uuid(),
        &deferral.fence,
        &deferral.step_no,
        &deferral.attempt,
        &deferral.status.as_str(),
        &milliseconds(deferral.wait),
        &deferral.failed,
    ];
    let row = db.query_one(&STEP_DEFER, parameters, deadline).await?;
    match row.try_get("outcome").map_err(|error| DbError::from_driver(STEP_DEFER.name, &error))? {
        "deferred" => Ok(Deferred::Stored),
        "fenced" => Ok(Deferred::Fenced),
        "cancelled" => Ok(Deferred::Cancelled),
        "gone" => Ok(Deferred::Gone),
        other => Err(STEP_DEFER.unknown(other)),
    }
}

/// The run that `place.holder` was given is free after `wait`, and its attempt does not count.
pub(super) async fn turn_release(db: &Db, place: Place<'_>, wait: Duration, deadline: Deadline) -> Result<(), DbError> {
    let parameters: Parameters<'_> =
        &[&place.user.uuid(), &place.conversation.as_str(), &place.holder.uuid(), &milliseconds(wait), &NOT_STORED];
    let row = db.query_one(&TURN_RELEASE, parameters, deadline).await?;
    match row.try_get("outcome").map_err(|error| DbError::from_driver(TURN_RELEASE.name, &error))? {
        "released" | "excused" | "nothing" => Ok(()),
        other => Err(TURN_RELEASE.unknown(other)),
    }
}

fn milliseconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
