//! Looking at a conversation's run, and cancelling it, for its owner.

use serde::{Deserialize, Serialize};

use super::control_store as store;
use crate::agents;
use crate::auth::{Principal, Refusal};
use crate::clock::Deadline;
use crate::db::{Db, DbError};
use crate::ids::ConversationId;

/// The operations on a conversation's run. Cheap to clone.
#[derive(Clone)]
pub struct WorkflowControl {
    db: Db,
}

/// A run as its owner sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunView {
    conversation_id: String,
    run_id: uuid::Uuid,
    r#type: String,
    version: i32,
    status: String,
    /// The step under way; null when the run is over.
    current_step: Option<String>,
    /// The attempt at it, from 1.
    attempt: Option<i32>,
    /// Why an attempt, or the run, failed.
    reason: Option<String>,
    /// Null when the request has been forgotten (REQUEST_RETENTION_HOURS).
    started_at: Option<String>,
    updated_at: String,
    finished_at: Option<String>,
    steps: Vec<StepView>,
    queue: Vec<QueuedView>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StepView {
    step: String,
    agent_name: String,
    attempts: i32,
    duration_ms: i32,
    committed_at: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct QueuedView {
    run_id: uuid::Uuid,
    queued_at: String,
}

/// Why there is nothing to see or to cancel.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// No such conversation, not this user's, or nothing was asked in it yet.
    #[error("there is no such conversation")]
    NotFound,
    /// The run was over before it could be cancelled.
    #[error("the run is over")]
    Finished,
    /// The conversation was deleted.
    #[error("the conversation was deleted")]
    Deleted,
    /// The conversation is archived.
    #[error("the conversation is archived")]
    Archived,
    /// The request was not let in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("the workflow could not be read or cancelled")]
    Database(#[from] DbError),
}

impl WorkflowControl {
    /// The operations over a database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// The conversation's run: under way, or the last one. One round trip.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn status(
        &self,
        principal: &Principal,
        conversation: &ConversationId,
        deadline: Deadline,
    ) -> Result<RunView, ControlError> {
        store::workflow_status(&self.db, principal, conversation, deadline).await
    }

    /// Cancels the run under way; cancelling it again changes nothing. Messages that wait are answered next. One round trip.
    ///
    /// # Errors
    /// [`ControlError`]; `Finished` when it was answered or had failed before.
    pub async fn cancel(
        &self,
        principal: &Principal,
        conversation: &ConversationId,
        deadline: Deadline,
    ) -> Result<RunView, ControlError> {
        store::turn_cancel(&self.db, principal, conversation, &agents::cancelled(), deadline).await
    }
}
