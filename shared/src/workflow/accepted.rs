//! A turn that is answered now, or later.

use std::time::Duration;

use serde::Serialize;

use super::answer::TurnAnswer;
use super::message::NewTurn;
use super::state::{RETRY_MS, Run};
use super::status::RunStatus;
use super::step::{Step, WorkflowType};
use crate::ids::{ConversationId, RunId};

/// What became of a turn in this invocation.
pub enum Turn {
    /// It was answered.
    Answered(TurnAnswer),
    /// Its message is stored, and it goes on later.
    Accepted(Accepted),
}

/// A turn that goes on later: the same request with the same key asks for the answer, the history will hold it in any case.
#[derive(Debug, Serialize)]
pub struct Accepted {
    conversation_id: ConversationId,
    run_id: RunId,
    idempotency_key: String,
    workflow: AcceptedWorkflow,
    retry_after_ms: u64,
}

#[derive(Debug, Serialize)]
struct AcceptedWorkflow {
    r#type: &'static str,
    status: &'static str,
    steps: Vec<&'static str>,
}

impl Accepted {
    pub(super) fn suspended(turn: &NewTurn, run: &Run, pause: Duration) -> Self {
        let steps = run.done().iter().copied().map(Step::as_str).collect();
        let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        let workflow =
            AcceptedWorkflow { r#type: run.workflow_type().as_str(), status: RunStatus::Waiting.as_str(), steps };
        Self::new(turn, run.id(), workflow, pause_ms.max(RETRY_MS))
    }

    pub(super) fn queued(turn: &NewTurn, run: RunId, workflow_type: &str, retry_ms: u64) -> Self {
        let workflow_type = WorkflowType::parse(workflow_type).unwrap_or(WorkflowType::StrategyRequest);
        let workflow = AcceptedWorkflow { r#type: workflow_type.as_str(), status: "queued", steps: Vec::new() };
        Self::new(turn, run, workflow, retry_ms)
    }

    fn new(turn: &NewTurn, run_id: RunId, workflow: AcceptedWorkflow, retry_after_ms: u64) -> Self {
        Self {
            conversation_id: turn.conversation.clone(),
            run_id,
            idempotency_key: turn.key.as_str().to_owned(),
            workflow,
            retry_after_ms,
        }
    }

    /// Where the progress can be seen.
    pub fn location(&self) -> String {
        format!("/conversations/{}/workflow", self.conversation_id)
    }

    /// When to ask again, in milliseconds.
    pub fn retry_after_ms(&self) -> u64 {
        self.retry_after_ms
    }
}
