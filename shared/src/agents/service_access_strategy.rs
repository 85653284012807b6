//! service_access_strategy: the plan of action for a need, as names and dates; the words come with the reply.
//!
//! **Takes** the need and the facts of task_requirements, and today. **Gives** a [`Strategy`]: how to begin, the steps, the
//! papers to gather, what may get in the way, what to do when the answer is no again, whom to call with which words; the
//! last day to act, counted by [`Rule::count`]; the rules for the other side's answer; windows to sign up; amounts of the
//! year; and how sure it is. Where the kind of plan is not sure, the earliest of the possible last days is named too. It also leaves `search`, the key terms of the question, to look up evidence for.
//!
//! How it decides. The kind of plan picks the table's track; what a case is about picks another one where the decision was
//! not the plan's (the late penalty, Extra Help, the Marketplace, a discharge). A denied appeal goes to the next level.
//! A last day that has passed brings what the rule's text says of late filing. Where waiting does harm, the fast way comes
//! first. Coverage is never stated: what is not known is said, with whom to ask and how. Amounts hold for their year only.
//!
//! Invariants: no prose in the state; every figure of a plan is that of a rule, window or amount whose id the plan names
//! ([`Strategy::claims`]); the search query holds words of a list, never a person's own.

mod amounts;
mod appeals;
mod coverage;
mod enrollment;
pub mod lines;
mod others;
mod search;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use amounts::asked as asked_amounts;
pub use appeals::{earliest, last_day_known};
pub use enrollment::windows;
pub use lines::{Action, Line, Obstacle, Opening, Paper, Script, Slots};
pub use search::query;

use super::advice::Advice;
use super::letters::LetterKind;
use super::patient_navigator::{Intent, PlanType, Slot};
use super::regulatory::facts_of;
use super::task_requirements::{Need, year_asked};
use super::turn::Facts;
use super::{AgentName, Next, StepError, StepInput, StepOutput, delta};
use crate::knowledge::deadlines::{Counted, Known, Rule, Track, rule};
use crate::workflow::step::Step;

/// What service_strategy planned; the words are chat_communicator's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub struct Strategy {
    /// What was asked.
    pub intent: Intent,
    /// The kind of plan, if it is known.
    pub plan_type: Option<PlanType>,
    /// The last day to act, if a rule applies and its date is known.
    pub deadline: Option<Deadline>,
    /// The rest of the plan.
    #[serde(flatten)]
    pub plan: Plan,
}

/// The parts of a plan of action, in the order in which they are said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// The need.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<Need>,
    /// How it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opening: Option<Opening>,
    /// The deadline rule that applies; its last day is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The earliest of the possible last days, where the kind of plan is not sure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest: Option<Deadline>,
    /// What to do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// What to gather.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<Paper>,
    /// What may get in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<Obstacle>,
    /// The rules for the other side's answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<String>,
    /// The rules that say what comes after another no.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<String>,
    /// Windows to sign up that were counted, by id, with their last day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<(String, NaiveDate)>,
    /// Windows to sign up that need no date, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub window_facts: Vec<String>,
    /// Amounts, by key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amounts: Vec<String>,
    /// The year that is asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// Words that are explained.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<String>,
    /// Lines of help, by id, beyond Medicare's and the state's counseling.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// What to say on the phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<Script>,
    /// The letter to draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter: Option<LetterKind>,
    /// Whether to act today.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_urgent: bool,
    /// How sure it is.
    pub confidence: Confidence,
}

/// How sure a plan of action is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// The need is not clear.
    #[default]
    Low,
    /// A fact is missing, or a figure is an estimate.
    Medium,
    /// Every figure was read in its source, and every fact is known.
    High,
}

/// A deadline by a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The rule's id.
    pub rule: String,
    /// The date on the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_date: Option<NaiveDate>,
    /// The last day to act.
    pub last_day: NaiveDate,
    /// Whether it has passed.
    pub has_passed: bool,
}

impl Strategy {
    /// The ids of the facts that the plan states, as [`super::regulatory::claims`] finds them.
    pub fn claims(&self) -> Vec<String> {
        let plan = &self.plan;
        let rules = self
            .deadline
            .iter()
            .chain(&plan.earliest)
            .map(|deadline| &deadline.rule)
            .chain(&plan.rule)
            .chain(&plan.answers)
            .chain(&plan.fallbacks);
        let windows = plan.windows.iter().map(|(id, _)| id).chain(&plan.window_facts);
        let mut ids: Vec<String> = rules.map(|id| format!("fact:{id}")).collect();
        ids.extend(plan.amounts.iter().map(|key| format!("fact:amount-{key}")));
        ids.extend(windows.map(|id| format!("fact:window-{id}")));
        ids.extend(plan.terms.iter().map(|word| format!("fact:term-{}", word.replace(' ', "-"))));
        ids.extend(plan.lines.iter().map(|id| format!("fact:help-{id}")));
        ids
    }
}

/// What a plan is made from.
pub(super) struct Case<'a> {
    need: Need,
    facts: &'a Facts,
    missing: &'a [Slot],
    message: &'a str,
    today: NaiveDate,
}

impl Case<'_> {
    fn plan_type(&self) -> Option<PlanType> {
        self.facts.plan_type
    }

    fn track(&self) -> Option<Track> {
        self.facts.plan_type.and_then(PlanType::track)
    }

    fn is_urgent(&self) -> bool {
        self.facts.is_urgent == Some(true)
    }

    fn is_missing(&self, slot: Slot) -> bool {
        self.missing.contains(&slot)
    }
}

/// What is known around a notice, for [`Rule::count`].
pub fn known(facts: &Facts, track: Option<Track>) -> Known {
    Known {
        dated: facts.notice_date,
        received: facts.received_date,
        event: facts.end_date,
        time: None,
        printed_last_day: facts.printed_last_day,
        track,
    }
}

/// The deadline of a plan, counted again from the facts: how, what to be careful about, what to do.
pub fn counted(
    deadline: &Deadline,
    facts: &Facts,
    plan: Option<PlanType>,
    today: NaiveDate,
) -> Option<(&'static Rule, Counted)> {
    let rule = rule(&deadline.rule)?;
    let counted = rule.count(&known_of(deadline, facts, plan), today).ok()?;
    Some((rule, counted))
}

/// What the deadline of a plan was counted from.
pub fn known_of(deadline: &Deadline, facts: &Facts, plan: Option<PlanType>) -> Known {
    let facts = Facts { notice_date: facts.notice_date.or(deadline.notice_date), ..facts.clone() };
    known(&facts, plan.and_then(PlanType::track))
}

/// The step.
///
/// # Errors
/// [`StepError`].
pub fn run(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    let mut strategy = plan(input)?;
    if let Some(Advice::Strategy(advice)) = input.advice {
        strategy.plan.actions = advice.ordered(&strategy.plan.actions);
    }
    let mut found = delta("strategy", &strategy)?;
    let query = query(input.message);
    if !query.is_empty() {
        found.insert("search".to_owned(), query.into());
    }
    Ok(StepOutput {
        agent: AgentName::ServiceAccessStrategy,
        delta: found,
        agent_state: None,
        next: Next::Step(Step::RegulatoryCheck),
    })
}

fn plan(input: &StepInput<'_>) -> Result<Strategy, StepError> {
    let state = input.state;
    let analysis = state.analysis.as_ref().ok_or(StepError::MissingInput)?;
    let requirements = state.requirements.as_ref().ok_or(StepError::MissingInput)?;
    let facts = facts_of(state);
    let need = requirements.need.unwrap_or_else(|| Need::of(analysis.intent));
    let case = Case { need, facts: &facts, missing: &requirements.missing, message: input.message, today: input.today };
    let (mut plan, deadline) = match need {
        Need::Appeal => appeals::appeal(&case),
        Need::FastAppeal => appeals::fast(&case),
        Need::PriorAuthorization => (coverage::prior_authorization(&case), None),
        Need::Coverage => (coverage::coverage(&case), None),
        Need::Costs => (coverage::costs(&case), None),
        Need::FindProvider => (coverage::provider(&case), None),
        Need::Enrollment => (enrollment::plan(&case), None),
        Need::Bill
        | Need::FinancialHelp
        | Need::Document
        | Need::Fraud
        | Need::Representative
        | Need::Complaint
        | Need::Privacy
        | Need::HumanHelp
        | Need::Unclear => others::plan(&case),
    };
    plan.need = Some(need);
    plan.letter = requirements.letter;
    plan.year = year_asked(input.message, input.today).filter(|_| !plan.amounts.is_empty());
    plan.confidence = confidence(&plan, deadline.as_ref(), &case);
    Ok(Strategy { intent: analysis.intent, plan_type: facts.plan_type, deadline, plan })
}

fn confidence(plan: &Plan, deadline: Option<&Deadline>, case: &Case<'_>) -> Confidence {
    let is_estimate = |deadline: &Deadline| {
        counted(deadline, case.facts, case.plan_type(), case.today).is_none_or(|(_, counted)| counted.is_estimate)
    };
    match (plan.need, deadline) {
        (None | Some(Need::Unclear), _) => Confidence::Low,
        (_, Some(deadline)) if is_estimate(deadline) => Confidence::Medium,
        _ if case.missing.is_empty() && plan.rule.is_none() && plan.earliest.is_none() => Confidence::High,
        _ => Confidence::Medium,
    }
}

#[cfg(test)]
mod tests;
