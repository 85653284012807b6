//! Which steps ask a model, for what, and what becomes of its answer.

use std::sync::Arc;
use std::time::Duration;

use super::ask::{WithoutModel, ask};
use super::breaker::Breaker;
use super::prompts::Prompt;
use super::{LanguageModel, LlmSettings};
use crate::agents::advice::{AnalysisAdvice, StrategyAdvice, Wording};
use crate::agents::chat_communicator::{objection, takes_opening};
use crate::agents::prompt_security::Verdict;
use crate::agents::service_access_strategy::Strategy;
use crate::agents::turn::reply_language;
use crate::agents::{self, Advice, Next, StepError, StepInput, StepOutput};
use crate::clock::Deadline;
use crate::workflow::step::{Step, StepBudget};
use crate::workflow::usage::Usage;

/// Where a step's output says why it went without its model.
const WITHOUT_MODEL: &str = "without_model";

/// What a step keeps of its time for itself.
const OWN_TIME: Duration = Duration::from_millis(400);
/// Fewer steps have no order worth a question.
const FEWEST_ACTIONS: usize = 3;

/// Asks a model on behalf of the steps. Cheap to clone; one per execution environment.
#[derive(Clone)]
pub struct Advisor {
    model: Arc<dyn LanguageModel>,
    breaker: Arc<Breaker>,
    daily_tokens: u64,
    step_time: Duration,
    phi_allowed: bool,
}

impl Advisor {
    /// An advisor over a model.
    pub fn new(model: Arc<dyn LanguageModel>, settings: &LlmSettings) -> Self {
        Self {
            model,
            breaker: Arc::default(),
            daily_tokens: settings.daily_tokens,
            step_time: settings.step_time,
            phi_allowed: settings.phi_allowed,
        }
    }

    /// The budget of a step that may ask.
    pub(crate) fn budget(&self, step: Step) -> StepBudget {
        let own = step.budget();
        if asks(step) { StepBudget { timeout: own.timeout + self.step_time, ..own } } else { own }
    }

    /// Does a step, with advice where there is some; `spent` is what the person's day has used, `time` the step's slice.
    ///
    /// # Errors
    /// [`StepError`] of the rules; a model adds none.
    pub async fn step(
        &self,
        input: &StepInput<'_>,
        spent: u64,
        time: Duration,
    ) -> Result<(StepOutput, Option<Usage>), StepError> {
        let plain = agents::run_step(input).await?;
        let Some(prompt) = self.prompt(input, &plain) else { return Ok((plain, None)) };
        let until = Deadline::after(self.step_time.min(time.saturating_sub(OWN_TIME)));
        let (advice, used) = if spent >= self.daily_tokens {
            (Err(WithoutModel::Budget), Usage::default())
        } else {
            self.advice(input, &prompt, until).await
        };
        let used = Some(used).filter(|used| *used != Usage::default());
        let without = advice.as_ref().err().copied();
        let advice = advice.unwrap_or(Advice::Unavailable);
        let mut output = agents::run_step(&StepInput { advice: Some(&advice), ..*input }).await?;
        if let Some(without) = without {
            tracing::warn!(step = input.step.as_str(), reason = without.as_str(), "a step went without its model");
            output.delta.insert(WITHOUT_MODEL.to_owned(), without.as_str().into());
        }
        Ok((output, used))
    }

    /// Whether a step should have asked its model and could not; a budget that is used up is no failure.
    pub(crate) fn has_failed(output: &StepOutput) -> bool {
        let reason = output.delta.get(WITHOUT_MODEL).and_then(serde_json::Value::as_str);
        reason.is_some_and(|reason| reason != WithoutModel::Budget.as_str())
    }

    /// The question of a step, if it has one: never for an emergency, a refused or a suspicious message.
    fn prompt(&self, input: &StepInput<'_>, plain: &StepOutput) -> Option<Prompt> {
        let security = input.state.security.as_ref();
        if security.is_none_or(|security| security.emergency.is_some() || security.verdict != Verdict::Safe) {
            return None;
        }
        match (input.step, &plain.next) {
            (Step::NavigatorAnalysis, _) => Some(Prompt::analysis(input, self.phi_allowed)),
            (Step::ServiceStrategy, _) => {
                let strategy: Strategy = serde_json::from_value(plain.delta.get("strategy")?.clone()).ok()?;
                let has_order = strategy.plan.actions.len() >= FEWEST_ACTIONS;
                has_order.then(|| Prompt::strategy(input, &strategy, self.phi_allowed))
            }
            (Step::ChatResponse, Next::Done(reply)) if takes_opening(input, reply) => {
                Some(Prompt::wording(input, reply, reply_language(input), self.phi_allowed))
            }
            _ => None,
        }
    }

    async fn advice(
        &self,
        input: &StepInput<'_>,
        prompt: &Prompt,
        until: Deadline,
    ) -> (Result<Advice, WithoutModel>, Usage) {
        let (model, breaker, question) = (&*self.model, &self.breaker, prompt.question());
        match input.step {
            Step::NavigatorAnalysis => {
                let (found, used) = ask::<AnalysisAdvice>(model, breaker, question, until, |_| Ok(())).await;
                (found.map(Advice::Analysis), used)
            }
            Step::ServiceStrategy => {
                let some =
                    |advice: &StrategyAdvice| if advice.actions.is_empty() { Err("name the steps") } else { Ok(()) };
                let (found, used) = ask::<StrategyAdvice>(model, breaker, question, until, some).await;
                (found.map(Advice::Strategy), used)
            }
            _ => {
                let told = [question.system, question.data];
                let fits = |wording: &Wording| match objection(&restored(prompt, wording), input, &told) {
                    Some(objection) => Err(objection.why()),
                    None => Ok(()),
                };
                let (found, used) = ask::<Wording>(model, breaker, question, until, fits).await;
                (found.map(|wording| Advice::Wording(restored(prompt, &wording))), used)
            }
        }
    }
}

fn restored(prompt: &Prompt, wording: &Wording) -> Wording {
    Wording { opening: prompt.restore(wording.opening.trim()) }
}

/// Whether a step may ask.
fn asks(step: Step) -> bool {
    matches!(step, Step::NavigatorAnalysis | Step::ServiceStrategy | Step::ChatResponse)
}
