//! What happens next in a run: pure decisions from its state and the time left.
//!
//! Invariants: no I/O and no clock in here; a new turn starts with a fresh state; a state that cannot be read ends the run
//! as failed, keeps the message, and overwrites nothing.

use std::time::Duration;

use serde_json::{Map, Value};

use super::answer;
use super::step::{Step, WorkflowType};
use super::store::Grant;
use crate::agents::{self, AgentName, ComposedReply, Next, PastMessage, StepInput, StepOutput, TurnState};
use crate::ids::{CommitId, ConversationId, RunId};
use chrono::NaiveDate;

/// When a client may ask again for an unfinished turn, milliseconds.
pub(super) const RETRY_MS: u64 = 1_000;
/// After so many attempts at one step the run ends as failed: the invocations die in it.
const MAX_ATTEMPTS: i32 = 5;
/// What one step may take.
const STEP_TIMEOUT: Duration = Duration::from_millis(1_500);
/// What the lease lasts beyond the step: the commit's round trip.
const LEASE_MARGIN: Duration = Duration::from_secs(1);

/// The version of each workflow's sequence of steps that this code runs.
pub(super) const WORKFLOW_VERSION: i32 = 1;
/// The version of [`TurnState`] that this code writes.
pub(super) const STATE_VERSION: i32 = 1;

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    reserve: Duration,
}

impl Limits {
    pub(super) fn new(reserve: Duration) -> Self {
        Self { reserve }
    }

    /// How long a step may hold the run: killed in it, the run is free again that soon.
    pub(super) fn lease(&self, remaining: Duration) -> Duration {
        remaining.min(STEP_TIMEOUT + LEASE_MARGIN)
    }
}

/// What to do with a run now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Run the current step.
    Work { step_timeout: Duration },
    /// Too little time is left to begin a step.
    OutOfTime,
    /// End the run as failed, for this reason.
    GiveUp(&'static str),
}

/// How a run stands after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunStatus {
    Running,
    Completed,
    Failed,
}

impl RunStatus {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// What is stored or received cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("a workflow value cannot be encoded or decoded")]
pub struct StateError(#[from] serde_json::Error);

/// A run that this worker holds.
pub(super) struct Run {
    grant: Grant,
    workflow_type: Option<WorkflowType>,
    step: Option<Step>,
    state: Option<TurnState>,
    done: Vec<Step>,
}

/// What a step brought, before it is committed.
pub(super) struct Outcome {
    agent: AgentName,
    delta: Map<String, Value>,
    agent_state: Option<Value>,
    status: RunStatus,
    next: Option<Step>,
    reply: Option<Box<ComposedReply>>,
}

/// One step's commit, as it is sent.
pub(super) struct Commit {
    pub(super) run: RunId,
    pub(super) fence: i64,
    pub(super) step_no: i32,
    pub(super) attempt: i32,
    pub(super) id: CommitId,
    pub(super) step: String,
    pub(super) agent: AgentName,
    pub(super) output: Value,
    pub(super) agent_state: Option<Value>,
    pub(super) status: RunStatus,
    pub(super) next: Option<Step>,
    pub(super) lease: Duration,
    pub(super) last: Option<LastWords>,
}

/// What the last step stores beside its output.
pub(super) struct LastWords {
    pub(super) answer: String,
    pub(super) metadata: Value,
    pub(super) response: String,
}

impl Run {
    pub(super) fn from_grant(grant: Grant) -> Self {
        Self {
            workflow_type: WorkflowType::parse(&grant.workflow_type),
            step: Step::parse(&grant.step),
            state: serde_json::from_value(grant.state.clone()).ok(),
            done: grant.done.iter().filter_map(|step| Step::parse(step)).collect(),
            grant,
        }
    }

    pub(super) fn id(&self) -> RunId {
        self.grant.run_id.into()
    }

    pub(super) fn workflow_type(&self) -> WorkflowType {
        self.workflow_type.unwrap_or(WorkflowType::StrategyRequest)
    }

    /// The step that is next; what cannot be read is answered by the last one.
    pub(super) fn step(&self) -> Step {
        self.step.unwrap_or(Step::ChatResponse)
    }

    /// The answer's place in the conversation.
    pub(super) fn answer_seq(&self) -> i64 {
        self.grant.last_seq + 1
    }

    pub(super) fn steps_with_current(&self) -> Vec<Step> {
        self.done.iter().copied().chain([self.step()]).collect()
    }

    pub(super) fn plan(&self, remaining: Duration, limits: &Limits) -> Plan {
        if self.step.is_none() || self.workflow_type.is_none() || self.state.is_none() {
            return Plan::GiveUp("the stored state cannot be read");
        }
        if self.grant.attempt > MAX_ATTEMPTS {
            return Plan::GiveUp("the step was begun too often");
        }
        if remaining < limits.reserve {
            return Plan::OutOfTime;
        }
        Plan::Work { step_timeout: STEP_TIMEOUT.min(remaining) }
    }

    pub(super) fn step_input(&self, today: NaiveDate) -> StepInput<'_> {
        static FRESH: std::sync::LazyLock<TurnState> = std::sync::LazyLock::new(TurnState::default);
        StepInput {
            step: self.step(),
            workflow_type: self.workflow_type(),
            message: &self.grant.message,
            history: &self.grant.history,
            state: self.state.as_ref().unwrap_or(&FRESH),
            today,
        }
    }

    pub(super) fn complete(&self, output: StepOutput) -> Outcome {
        let (status, next, reply) = match output.next {
            Next::Step(step) => (RunStatus::Running, Some(step), None),
            Next::Done(reply) => (RunStatus::Completed, None, Some(reply)),
        };
        Outcome { agent: output.agent, delta: output.delta, agent_state: output.agent_state, status, next, reply }
    }

    /// The run ends as failed, with an answer that says so and where to get help.
    pub(super) fn give_up(&self, reason: &'static str) -> Outcome {
        tracing::error!(run_id = %self.id(), step = self.grant.step, reason, "run failed");
        let mut delta = Map::new();
        delta.insert("failure".to_owned(), Value::from(reason));
        Outcome {
            agent: AgentName::ChatCommunicator,
            delta,
            agent_state: None,
            status: RunStatus::Failed,
            next: None,
            reply: Some(Box::new(agents::could_not_answer(&self.grant.message))),
        }
    }

    pub(super) fn commit(
        &self,
        outcome: Outcome,
        conversation: &ConversationId,
        lease: Duration,
        id: CommitId,
    ) -> Result<Commit, StateError> {
        let last = match &outcome.reply {
            None => None,
            Some(reply) => {
                let (response, metadata) = answer::compose(self, conversation, outcome.agent, outcome.status, reply)?;
                Some(LastWords { answer: reply.content.clone(), metadata, response })
            }
        };
        Ok(Commit {
            run: self.id(),
            fence: self.grant.fence,
            step_no: self.grant.step_no,
            attempt: self.grant.attempt,
            id,
            step: self.grant.step.clone(),
            agent: outcome.agent,
            output: Value::Object(outcome.delta),
            agent_state: outcome.agent_state,
            status: outcome.status,
            next: outcome.next,
            lease,
            last,
        })
    }

    /// After the commit was acknowledged: the response when the run is over, else the run stands at its next step.
    pub(super) fn advance(&mut self, commit: Commit) -> Option<String> {
        if let Some(last) = commit.last {
            return Some(last.response);
        }
        self.done.push(self.step());
        if let (Value::Object(state), Value::Object(delta)) = (&mut self.grant.state, commit.output) {
            state.extend(delta);
        }
        self.state = serde_json::from_value(self.grant.state.clone()).ok();
        self.step = commit.next;
        self.grant.step = commit.next.map_or_else(String::new, |step| step.as_str().to_owned());
        self.grant.step_no += 1;
        self.grant.attempt = 1;
        None
    }
}

/// Messages as the grant carries them.
pub(super) type History = Vec<PastMessage>;
