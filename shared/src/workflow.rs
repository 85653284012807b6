//! The durable turn: a message is answered step by step, and each step is committed before the next begins.
//!
//! Invariants: `navigator.turn_begin` and `navigator.step_commit` are the only writers, one round trip each; a repeated
//! commit carries the same commit id; a worker that is told `fenced` stops at once; decisions are made by `state`, which
//! knows no I/O and no clock; nothing is said to be stored before its commit was acknowledged.

mod answer;
mod message;
mod state;
pub mod step;
mod store;

use std::time::Duration;

use tokio::time::timeout;

pub use answer::TurnAnswer;
pub use message::{Message, MessageError, MetadataError, NewTurn, TurnMetadata};
pub use state::StateError;
pub use step::{Step, WorkflowType};
pub use store::STATEMENTS;

use crate::agents;
use crate::auth::Principal;
use crate::clock::{Clock, Deadline};
use crate::db::{Db, DbError};
use crate::ids::{CommitId, HolderId, RunId};
use state::{Limits, Plan, Run};
use store::{Begun, Committed};

/// How many abandoned runs of the conversation one invocation finishes before its own.
const MAX_DRAINS: usize = 3;

/// The durable turns of this execution environment. Cheap to clone.
#[derive(Clone)]
pub struct Turns {
    db: Db,
    clock: Clock,
    limits: Limits,
}

/// Why a turn has no answer yet, or never will.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// The same request is being worked on elsewhere.
    #[error("the same request is being worked on")]
    InProgress {
        /// When to ask again.
        retry_ms: u64,
    },
    /// Another message of the conversation is being worked on.
    #[error("another message of the conversation is being worked on")]
    Busy {
        /// When to ask again.
        retry_ms: u64,
    },
    /// The key belongs to another request.
    #[error("the Idempotency-Key belongs to another request")]
    KeyReused,
    /// The time was over before the answer was ready; what is done is stored.
    #[error("the time was over before the answer was ready")]
    Unfinished {
        /// When to ask again.
        retry_ms: u64,
    },
    /// The run was made by a newer version of this product.
    #[error("the run was made by a newer version")]
    NotMine {
        /// When to ask again.
        retry_ms: u64,
    },
    /// The session has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The database failed.
    #[error("the turn could not be stored")]
    Database(#[from] DbError),
    /// What the database holds cannot be read, or an answer cannot be written.
    #[error("the turn's state is unusable")]
    State(#[from] StateError),
}

impl Turns {
    /// Turns over a database; `reserve` is what is kept of an invocation's time.
    pub fn new(db: Db, clock: Clock, reserve: Duration) -> Self {
        Self { db, clock, limits: Limits::new(reserve) }
    }

    /// Answers a message, or goes on where an earlier invocation stopped, or replays the stored answer.
    ///
    /// # Errors
    /// [`TurnError`]. After any of them the same request with the same key is safe to send again.
    pub async fn take(
        &self,
        principal: &Principal,
        turn: &NewTurn,
        deadline: Deadline,
    ) -> Result<TurnAnswer, TurnError> {
        let (run, holder) = (RunId::new(), HolderId::new());
        for _ in 0..=MAX_DRAINS {
            let lease = self.limits.lease(deadline.remaining());
            match store::turn_begin(&self.db, principal, turn, run, holder, lease, deadline).await? {
                Begun::Mine(grant) => {
                    let response = self.work(principal, turn, Run::from_grant(*grant), deadline).await?;
                    return Ok(TurnAnswer { response, replayed: false });
                }
                Begun::Drain(grant) => {
                    self.work(principal, turn, Run::from_grant(*grant), deadline).await?;
                }
                Begun::Replay(response) => return Ok(TurnAnswer { response, replayed: true }),
                Begun::InProgress { retry_ms } => return Err(TurnError::InProgress { retry_ms }),
                Begun::Busy { retry_ms } => return Err(TurnError::Busy { retry_ms }),
                Begun::Mismatch => return Err(TurnError::KeyReused),
                Begun::NotMine { retry_ms } => return Err(TurnError::NotMine { retry_ms }),
                Begun::SessionEnded => return Err(TurnError::SessionEnded),
            }
        }
        Err(TurnError::Unfinished { retry_ms: state::RETRY_MS })
    }

    /// Runs the remaining steps; returns the response that was stored with the last one.
    async fn work(
        &self,
        principal: &Principal,
        turn: &NewTurn,
        mut run: Run,
        deadline: Deadline,
    ) -> Result<String, TurnError> {
        loop {
            let plan = run.plan(deadline.remaining(), &self.limits);
            let output = match plan {
                Plan::OutOfTime => return Err(TurnError::Unfinished { retry_ms: state::RETRY_MS }),
                Plan::GiveUp(reason) => run.give_up(reason),
                Plan::Work { step_timeout } => match timeout(step_timeout, self.run_step(&run)).await {
                    Ok(Ok(output)) => run.complete(output),
                    Ok(Err(error)) => run.give_up(error.reason()),
                    Err(_) => run.give_up("the step took too long"),
                },
            };
            let commit =
                run.commit(output, &turn.conversation, self.limits.lease(deadline.remaining()), CommitId::new())?;
            match store::step_commit(&self.db, principal.user, &turn.conversation, &commit, deadline).await? {
                Committed::Stored => {}
                Committed::Fenced => return Err(TurnError::InProgress { retry_ms: state::RETRY_MS }),
            }
            match run.advance(commit) {
                Some(response) => return Ok(response),
                None => tracing::debug!(run_id = %run.id(), step = run.step().as_str(), "step begins"),
            }
        }
    }

    async fn run_step(&self, run: &Run) -> Result<agents::StepOutput, agents::StepError> {
        agents::run_step(&run.step_input(self.clock.today())).await
    }
}
