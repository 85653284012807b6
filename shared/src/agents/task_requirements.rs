//! task_requirements: what is needed to help, what is there, and one question for everything that is missing.

use serde::{Deserialize, Serialize};

use super::patient_navigator::Intent;
use super::turn::{Carried, Facts};
use super::{AgentName, Next, StepError, StepInput, StepOutput, delta};
use crate::workflow::step::Step;

/// A fact that a need requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The kind of plan.
    PlanType,
    /// The date on the letter.
    NoticeDate,
}

/// What task_requirements found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirements {
    /// What is missing; empty when there is enough.
    pub missing: Vec<Fact>,
}

/// The facts that a need requires.
fn required(intent: Intent) -> &'static [Fact] {
    match intent {
        Intent::AppealDenial => &[Fact::PlanType, Fact::NoticeDate],
        Intent::PriorAuthorization | Intent::CoverageQuestion | Intent::Costs | Intent::FindProvider => {
            &[Fact::PlanType]
        }
        Intent::Enrollment
        | Intent::ExplainTerm
        | Intent::HumanHelp
        | Intent::MedicalAdvice
        | Intent::Smalltalk
        | Intent::Other => &[],
    }
}

/// What is missing for a need.
pub fn missing(intent: Intent, facts: &Facts) -> Vec<Fact> {
    let is_missing = |fact: &Fact| match fact {
        Fact::PlanType => facts.plan_type.is_none(),
        Fact::NoticeDate => facts.notice_date.is_none(),
    };
    required(intent).iter().copied().filter(is_missing).collect()
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
