//! service_strategy: the plan of action, with the deadline that applies.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::patient_navigator::{Intent, PlanType};
use super::{AgentName, Next, StepError, StepInput, StepOutput, delta};
use crate::knowledge::deadlines::Rule;
use crate::workflow::step::Step;

/// What service_strategy planned; the words are chat_communicator's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strategy {
    /// The need.
    pub intent: Intent,
    /// The kind of plan, if it is known.
    pub plan_type: Option<PlanType>,
    /// The deadline, if a rule applies.
    pub deadline: Option<Deadline>,
}

/// A deadline by a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The rule's id.
    pub rule: String,
    /// The date on the letter.
    pub notice_date: NaiveDate,
    /// The last day to act.
    pub last_day: NaiveDate,
    /// Whether it has passed.
    pub has_passed: bool,
}

/// The step.
///
/// # Errors
/// [`StepError`].
pub fn run(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    let analysis = input.state.analysis.as_ref().ok_or(StepError::MissingInput)?;
    let strategy = Strategy {
        intent: analysis.intent,
        plan_type: analysis.facts.plan_type,
        deadline: if analysis.intent == Intent::AppealDenial {
            deadline(analysis.facts.plan_type, analysis.facts.notice_date, input.today)
        } else {
            None
        },
    };
    Ok(StepOutput {
        agent: AgentName::ServiceAccessStrategy,
        delta: delta("strategy", &strategy)?,
        agent_state: Some(serde_json::to_value(&strategy)?),
        next: Next::Step(Step::RegulatoryCheck),
    })
}

fn deadline(plan: Option<PlanType>, notice_date: Option<NaiveDate>, today: NaiveDate) -> Option<Deadline> {
    let rule = Rule::first_appeal(plan?.track()?)?;
    let notice_date = notice_date?;
    let last_day = rule.last_day(notice_date)?;
    Some(Deadline { rule: rule.id.to_owned(), notice_date, last_day, has_passed: last_day < today })
}
