//! A conversation in memory: the agents' steps as the workflow runs them, without a database. For tests.
//!
//! Invariant: the rules of `turn_start` and `step_commit` in small: a fresh state for each turn with only what
//! task_requirements left, the longer workflow while a question is open, each step's output merged into the state by its
//! top-level fields, and the passages for a step those of the `search` that the step before left.

use std::time::Duration;

use chrono::NaiveDate;
use futures_util::FutureExt as _;

use serde_json::{Map, Value, json};

use super::patient_navigator::Analysis;
use super::{
    ComposedReply, Evidence, Next, PastMessage, Role, StepError, StepInput, TurnState, cancelled, route, run_step,
};
use crate::llm::Advisor;
use crate::workflow::step::{Step, WorkflowType};
use crate::workflow::usage::Usage;

/// A conversation.
#[derive(Default)]
pub struct Rehearsal {
    today: NaiveDate,
    carried: Option<Value>,
    history: Vec<PastMessage>,
    /// What a search finds, whatever it is for.
    pub evidence: Vec<Evidence>,
}

/// A turn that was run.
pub struct Turn {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The state after the last one.
    pub state: Value,
    /// What was looked up.
    pub searches: Vec<String>,
    /// How many bytes the steps' outputs have as JSON.
    pub output_bytes: usize,
    /// What a language model cost.
    pub usage: Usage,
    /// The answer.
    pub reply: ComposedReply,
}

/// What a step may take with a model.
const STEP_TIME: Duration = Duration::from_secs(20);
/// How many messages a step sees, and how much of each.
const HISTORY: usize = 6;
const HISTORY_CHARACTERS: usize = 2_000;

impl Rehearsal {
    /// A new conversation on a day.
    pub fn on(today: NaiveDate) -> Self {
        Self { today, ..Self::default() }
    }

    /// Runs a whole turn.
    ///
    /// # Errors
    /// [`StepError`].
    pub fn say(&mut self, message: &str) -> Result<Turn, StepError> {
        self.turn(message, None).now_or_never().ok_or(StepError::TimedOut)?
    }

    /// [`Self::say`], with a language model's advice.
    ///
    /// # Errors
    /// [`StepError`].
    pub async fn say_with(&mut self, message: &str, advisor: &Advisor) -> Result<Turn, StepError> {
        self.turn(message, Some(advisor)).await
    }

    async fn turn(&mut self, message: &str, advisor: Option<&Advisor>) -> Result<Turn, StepError> {
        let is_open = self.carried.as_ref().is_some_and(|carried| carried.get("need").is_some());
        let workflow_type = if is_open { WorkflowType::StrategyRequest } else { route(message) };
        let mut state = Map::new();
        if let Some(carried) = &self.carried {
            state.insert("carried".to_owned(), carried.clone());
        }
        let mut turn = Turn {
            steps: Vec::new(),
            state: Value::Null,
            searches: Vec::new(),
            output_bytes: 0,
            usage: Usage::default(),
            reply: ComposedReply::informational(String::new()),
        };
        let mut next = Some(WorkflowType::FIRST_STEP);
        let mut evidence: Vec<Evidence> = Vec::new();
        while let Some(step) = next {
            let read: TurnState = serde_json::from_value(Value::Object(state.clone()))?;
            let input = StepInput {
                step,
                workflow_type,
                message,
                history: &self.history,
                state: &read,
                today: self.today,
                evidence: &evidence,
                advice: None,
            };
            let (output, usage) = match advisor {
                Some(advisor) => advisor.step(&input, 0, STEP_TIME).await?,
                None => (run_step(&input).await?, None),
            };
            turn.usage.add(usage.unwrap_or_default());
            let search = output.delta.get("search").and_then(Value::as_str).map(ToOwned::to_owned);
            evidence = if search.is_some() { self.evidence.clone() } else { Vec::new() };
            turn.searches.extend(search);
            turn.output_bytes += json!(output.delta).to_string().len();
            if step == Step::TaskRequirements {
                self.carried = output.agent_state.or(self.carried.take());
            }
            state.extend(output.delta);
            turn.steps.push(step);
            next = match output.next {
                Next::Step(step) => Some(step),
                Next::Done(reply) => {
                    turn.reply = *reply;
                    None
                }
            };
        }
        self.remember(Role::User, message);
        self.remember(Role::Assistant, &turn.reply.content);
        turn.state = Value::Object(state);
        Ok(turn)
    }

    /// A message whose turn the person cancelled: it stays in the history, with the word that says so.
    pub fn cancel(&mut self, message: &str) {
        self.remember(Role::User, message);
        self.remember(Role::Assistant, &cancelled().content);
    }

    /// What navigator_analysis makes of a message alone, with a language model's advice.
    ///
    /// # Errors
    /// [`StepError`].
    pub async fn analysis(message: &str, today: NaiveDate, advisor: &Advisor) -> Result<Analysis, StepError> {
        let mut input = StepInput {
            step: Step::SecurityCheck,
            workflow_type: WorkflowType::StrategyRequest,
            message,
            history: &[],
            state: &TurnState::default(),
            today,
            evidence: &[],
            advice: None,
        };
        let security = run_step(&input).await?;
        let state: TurnState = serde_json::from_value(Value::Object(security.delta))?;
        (input.step, input.state) = (Step::NavigatorAnalysis, &state);
        let (output, _) = advisor.step(&input, 0, STEP_TIME).await?;
        let analysis = output.delta.get("analysis").cloned().unwrap_or_default();
        Ok(serde_json::from_value(analysis)?)
    }

    /// What earlier turns left.
    pub fn carried(&self) -> Option<&Value> {
        self.carried.as_ref()
    }

    fn remember(&mut self, role: Role, content: &str) {
        self.history.push(PastMessage { role, content: content.chars().take(HISTORY_CHARACTERS).collect() });
        let first = self.history.len().saturating_sub(HISTORY);
        self.history.drain(..first);
    }
}
