//! What happens next in a run: pure decisions from its state and the time left.
//!
//! Invariants: no I/O and no clock in here; a new turn starts with a fresh state; a state that cannot be read ends the run
//! as failed, keeps the message, and overwrites nothing.

use std::time::Duration;

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::answer;
use super::definition::{Definition, decode};
use super::status::RunStatus;
use super::step::{Step, StepBudget, WorkflowType};
use super::store::Grant;
use super::usage::Usage;
use crate::agents::{
    self, AgentName, ComposedReply, Evidence, Next, PastMessage, StepError, StepInput, StepOutput, TurnState,
};
use crate::ids::{CommitId, ConversationId, RunId};

/// When a client may ask again for an unfinished turn, milliseconds.
pub(super) const RETRY_MS: u64 = 1_000;
/// After so many attempts at one step the run ends as failed: the invocations die in it, or it fails each time. As
/// `navigator.hopeless` has it, which ends a run that no worker gets as far as ending.
const MAX_ATTEMPTS: i32 = 5;
/// What the lease lasts beyond the step: the commit's round trip.
const LEASE_MARGIN: Duration = Duration::from_secs(1);
/// The pause after a first failed attempt; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// What is kept of the time left: no step begins in it.
    pub(super) reserve: Duration,
}

impl Limits {
    fn work_left(self, remaining: Duration) -> Duration {
        remaining.saturating_sub(self.reserve)
    }
}

/// How long a step may hold the run: killed in it, the run is free again that soon.
pub(super) fn lease(budget: StepBudget, remaining: Duration) -> Duration {
    remaining.min(budget.timeout + LEASE_MARGIN)
}

/// What to do with a run now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Run the current step.
    Work { timeout: Duration },
    /// Too little time is left for it.
    Suspend,
    /// End the run as failed, for this reason.
    GiveUp(&'static str),
}

/// What to do after an attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterFailure {
    /// Try again here after a pause.
    Retry { pause: Duration },
    /// Let another invocation try after a pause.
    Suspend { pause: Duration },
    /// End the run as failed, for this reason.
    GiveUp(&'static str),
}

/// What is stored or received cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("a workflow value cannot be encoded or decoded")]
pub struct StateError(#[from] serde_json::Error);

/// A run that this worker holds.
pub(super) struct Run {
    grant: Grant,
    definition: Option<&'static Definition>,
    step: Option<Step>,
    state: Option<TurnState>,
    done: Vec<Step>,
}

/// What a step brought, before it is committed.
pub(super) struct Outcome {
    agent: AgentName,
    delta: Map<String, Value>,
    agent_state: Option<Value>,
    usage: Option<Usage>,
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
    pub(super) duration: Duration,
    pub(super) usage: Option<Value>,
    pub(super) wasted: Value,
    pub(super) status: RunStatus,
    pub(super) next: Option<Step>,
    pub(super) lease: Duration,
    /// With the last step: the answer as the client gets it.
    pub(super) response: Option<String>,
}

/// A step put off, as it is sent.
pub(super) struct Deferral {
    pub(super) run: RunId,
    pub(super) fence: i64,
    pub(super) step_no: i32,
    pub(super) attempt: i32,
    pub(super) status: RunStatus,
    /// The pause of a waiting run; the lease of one that is kept.
    pub(super) wait: Duration,
    pub(super) failed: Option<Value>,
}

impl Run {
    pub(super) fn from_grant(grant: Grant) -> Self {
        Self {
            definition: Definition::find(&grant.workflow_type, grant.workflow_version),
            step: Step::parse(&grant.step),
            state: readable(&grant),
            done: grant.done.iter().filter_map(|step| Step::parse(step)).collect(),
            grant,
        }
    }

    pub(super) fn id(&self) -> RunId {
        self.grant.run_id.into()
    }

    #[cfg(feature = "testing")]
    pub(super) fn fence(&self) -> i64 {
        self.grant.fence
    }

    #[cfg(feature = "testing")]
    pub(super) fn step_no(&self) -> i32 {
        self.grant.step_no
    }

    #[cfg(feature = "testing")]
    pub(super) fn attempt(&self) -> i32 {
        self.grant.attempt
    }

    /// The state as it is stored.
    #[cfg(feature = "testing")]
    pub(super) fn stored_state(&self) -> &Value {
        &self.grant.state
    }

    pub(super) fn workflow_type(&self) -> WorkflowType {
        self.definition.map_or(WorkflowType::StrategyRequest, Definition::workflow_type)
    }

    /// The step that is next; what cannot be read is answered by the last one.
    pub(super) fn step(&self) -> Step {
        self.step.unwrap_or(Step::ChatResponse)
    }

    /// The answer's place in the conversation.
    pub(super) fn answer_seq(&self) -> i64 {
        self.grant.last_seq + 1
    }

    pub(super) fn done(&self) -> &[Step] {
        &self.done
    }

    pub(super) fn steps_with_current(&self) -> Vec<Step> {
        self.done.iter().copied().chain([self.step()]).collect()
    }

    /// The number of this attempt, without those before it that the database kept from their commit.
    fn attempts_that_count(&self) -> i32 {
        let refused = self.grant.wasted.iter().filter(|attempt| attempt["outcome"] == "refused").count();
        self.grant.attempt - i32::try_from(refused).unwrap_or(i32::MAX)
    }

    pub(super) fn plan(&self, budget: StepBudget, remaining: Duration, limits: Limits) -> Plan {
        if self.step.is_none() || self.definition.is_none() || self.state.is_none() {
            return Plan::GiveUp("the stored state cannot be read");
        }
        if self.attempts_that_count() > MAX_ATTEMPTS {
            return Plan::GiveUp("the step was begun too often");
        }
        let left = limits.work_left(remaining);
        if left < budget.needs {
            return Plan::Suspend;
        }
        Plan::Work { timeout: budget.timeout.min(left) }
    }

    /// `spread`, 0 to 255, shortens the pause by up to half, so that runs that failed together do not come back together.
    pub(super) fn after_failure(
        &self,
        error: &StepError,
        budget: StepBudget,
        remaining: Duration,
        limits: Limits,
        spread: u8,
    ) -> AfterFailure {
        if !error.is_passing() || self.attempts_that_count() >= MAX_ATTEMPTS {
            return AfterFailure::GiveUp(error.reason());
        }
        let doublings = u32::try_from(self.grant.attempt - 1).unwrap_or(0).min(10);
        let full = (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE);
        let pause = full - full * u32::from(spread) / 512;
        if limits.work_left(remaining) < pause + budget.needs {
            AfterFailure::Suspend { pause }
        } else {
            AfterFailure::Retry { pause }
        }
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
            evidence: &self.grant.evidence,
            advice: None,
        }
    }

    /// Tokens of the person's day, this run's included.
    pub(super) fn tokens_today(&self) -> u64 {
        u64::try_from(self.grant.tokens_today).unwrap_or(0)
    }

    pub(super) fn complete(&self, output: StepOutput, usage: Option<Usage>) -> Outcome {
        let (status, next, reply) = match output.next {
            Next::Step(next) if !self.definition.is_some_and(|definition| definition.allows(self.step(), next)) => {
                return self.give_up("the step's successor is not in the workflow's definition");
            }
            Next::Step(step) => (RunStatus::Running, Some(step), None),
            Next::Done(reply) => (RunStatus::Completed, None, Some(reply)),
        };
        Outcome {
            agent: output.agent,
            delta: output.delta,
            agent_state: output.agent_state,
            usage,
            status,
            next,
            reply,
        }
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
            usage: None,
            status: RunStatus::Failed,
            next: None,
            reply: Some(Box::new(agents::could_not_answer(&self.grant.message))),
        }
    }

    pub(super) fn commit(
        &self,
        outcome: Outcome,
        conversation: &ConversationId,
        duration: Duration,
        lease: Duration,
        id: CommitId,
    ) -> Result<Commit, StateError> {
        let compose = |reply: &ComposedReply| answer::compose(self, conversation, outcome.agent, outcome.status, reply);
        let response = outcome.reply.as_deref().map(compose).transpose()?;
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
            duration,
            usage: outcome.usage.map(|usage| json!(usage)),
            wasted: Value::Array(self.grant.wasted.clone()),
            status: outcome.status,
            next: outcome.next,
            lease,
            response,
        })
    }

    /// After the commit was acknowledged: the response when the run is over, else the run stands at its next step.
    pub(super) fn advance(&mut self, commit: Commit, evidence: Vec<Evidence>) -> Option<String> {
        if commit.response.is_some() {
            return commit.response;
        }
        let used = commit.usage.as_ref().and_then(|usage| serde_json::from_value::<Usage>(usage.clone()).ok());
        let used = i64::try_from(used.unwrap_or_default().total()).unwrap_or(i64::MAX);
        self.grant.tokens_today = self.grant.tokens_today.saturating_add(used);
        self.done.push(self.step());
        if let (Value::Object(state), Value::Object(delta)) = (&mut self.grant.state, commit.output) {
            state.extend(delta);
        }
        self.state = readable(&self.grant);
        self.step = commit.next;
        self.grant.step = commit.next.map_or_else(String::new, |step| step.as_str().to_owned());
        self.grant.step_no += 1;
        self.grant.attempt = 1;
        self.grant.wasted.clear();
        self.grant.evidence = evidence;
        None
    }

    /// The current step put off: for want of time (`error` is none), or after an attempt that failed.
    pub(super) fn deferral(&self, status: RunStatus, wait: Duration, error: Option<&StepError>) -> Deferral {
        let failed = error.map(|error| {
            let mut failed = json!({ "attempt": self.grant.attempt, "outcome": "failed", "reason": error.reason() });
            if let Some(usage) = error.usage() {
                failed["usage"] = json!(usage);
            }
            failed
        });
        Deferral {
            run: self.id(),
            fence: self.grant.fence,
            step_no: self.grant.step_no,
            attempt: self.grant.attempt,
            status,
            wait,
            failed,
        }
    }

    /// After a deferral was acknowledged: the attempt counts.
    pub(super) fn failed(&mut self, deferral: Deferral) {
        if let Some(failed) = deferral.failed {
            self.grant.attempt += 1;
            self.grant.wasted.push(failed);
        }
    }
}

/// The stored state as the steps read it, with what was told beside the message.
fn readable(grant: &Grant) -> Option<TurnState> {
    let state = decode(grant.state_version, &grant.state)?;
    Some(match &grant.told {
        Some(told) => told.beside(state),
        None => state,
    })
}

/// Messages as the grant carries them.
pub(super) type History = Vec<PastMessage>;
