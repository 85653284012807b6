//! task_requirements: what is needed to help, what is there, and one question for everything that is missing.

use serde::{Deserialize, Serialize};

use super::patient_navigator::{Slot, missing};
use super::turn::Carried;
use super::{AgentName, Next, StepError, StepInput, StepOutput, delta};
use crate::workflow::step::Step;

/// What task_requirements found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirements {
    /// What is missing; empty when there is enough.
    pub missing: Vec<Slot>,
}

/// The step.
///
/// # Errors
/// [`StepError`].
pub fn run(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    let analysis = input.state.analysis.as_ref().ok_or(StepError::MissingInput)?;
    let requirements = Requirements { missing: missing(analysis.intent, &analysis.facts) };
    let is_enough = requirements.missing.is_empty();
    let carried = Carried { need: (!is_enough).then_some(analysis.intent), facts: analysis.facts.clone() };
    Ok(StepOutput {
        agent: AgentName::TaskRequirements,
        delta: delta("requirements", &requirements)?,
        agent_state: Some(serde_json::to_value(&carried)?),
        next: Next::Step(if is_enough { Step::ServiceStrategy } else { Step::ChatResponse }),
    })
}
