//! What a language model may add to a step, and what of it is taken.
//!
//! **Takes** a model's answer, already in one of these forms. **Gives** what the step makes of it: an intent where the rules
//! are not sure, a kind of plan that the message names, another order of the same steps, an opening in warmer words.
//!
//! Invariants: facts, dates, sources and help are the rules' own: advice can neither add nor remove one. Advice that breaks a
//! rule is dropped whole, with the rule's name; the step then stands as the rules made it. Pure code: who asked the model,
//! and how, is not known here.

mod opening;
mod words;

use serde::{Deserialize, Serialize};

pub use opening::Objection;
pub(super) use opening::{Circumstances, objection};

use super::fold::fold;
use super::patient_navigator::{Intent, PlanType};
use super::service_access_strategy::Action;

/// Advice for one step.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Advice {
    /// For navigator_analysis.
    Analysis(AnalysisAdvice),
    /// For service_strategy.
    Strategy(StrategyAdvice),
    /// For chat_response.
    Wording(Wording),
    /// The model was asked for and gave nothing usable: the reply says so.
    Unavailable,
}

/// What a message is about.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub struct AnalysisAdvice {
    /// What is wanted.
    pub intent: Intent,
    /// The kind of plan that the message names.
    #[serde(default)]
    pub plan_type: Option<PlanType>,
    /// The words of the message that name it.
    #[serde(default)]
    pub plan_words: Option<String>,
}

/// In which order to take the steps of a plan of action.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub struct StrategyAdvice {
    /// The steps, the first first.
    pub actions: Vec<Action>,
}

/// How the reply begins.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub struct Wording {
    /// One to three sentences that acknowledge what the person wrote.
    pub opening: String,
}

impl AnalysisAdvice {
    /// The kind of plan, if the message does name it in the words that the model points to.
    pub(super) fn plan_named_in(&self, message: &str) -> Option<PlanType> {
        let words = fold(self.plan_words.as_deref()?);
        let is_name = words.chars().filter(|c| c.is_alphanumeric()).count() >= 3;
        (is_name && fold(message).contains(&words)).then_some(self.plan_type).flatten()
    }
}

impl StrategyAdvice {
    /// The same steps in the advised order; those that are not named keep their order behind them.
    pub(super) fn ordered(&self, actions: &[Action]) -> Vec<Action> {
        let mut left = actions.to_vec();
        let mut ordered = Vec::with_capacity(left.len());
        for wanted in &self.actions {
            if let Some(at) = left.iter().position(|action| action == wanted) {
                ordered.push(left.remove(at));
            }
        }
        ordered.extend(left);
        ordered
    }
}
