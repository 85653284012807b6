//! task_requirements: what a need requires, what of it is known, and one question for everything that is missing.
//!
//! **Takes** the analysis, the message, the person's earlier messages and what earlier turns left. **Gives** the need, the
//! facts that are known, and what is missing; the stored state of this agent ([`Carried`]) is what the next turn begins with.
//!
//! How it decides. Each need requires facts ([`required`]): an appeal the kind of plan, the date on the letter and what was
//! denied; a question about coverage or costs the plan and the service; signing up the situation. What was said before, in
//! this message or an earlier one, is not asked again. Where the answer is much the same without a fact, or where time
//! presses (care that ends), the turn goes on without it and says what it does not know. Otherwise one question asks for
//! all that is missing; an answer in pieces goes on with the need, and what is still missing is asked for; a person who
//! does not know, or says something else, gets the plan of action without it.
//!
//! After a plan the need stays as `last`: "write me the letter", or a date that comes later, goes on with its facts.
//!
//! Invariants: facts only, no verdict, is carried over; facts of one denial never count for another one.

mod need;
mod places;
mod reading;
mod signs;
pub mod things;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use need::Need;
pub use reading::{read, year_asked};

use super::letters::{self, LetterKind};
use super::patient_navigator::Analysis;
use super::service_access_strategy::asked_amounts;
use super::turn::{Carried, Facts, Situation, Subject};
use super::{AgentName, Next, PastMessage, Role, StepError, StepInput, StepOutput, delta};
use crate::workflow::step::Step;

/// A fact that a need requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The kind of plan.
    PlanType,
    /// The date on the letter.
    NoticeDate,
    /// The service, item or medicine.
    Service,
    /// The state or ZIP code.
    Location,
    /// The kind of doctor.
    Specialty,
    /// Why somebody wants to sign up or change.
    Situation,
    /// The birth date.
    BirthDate,
    /// The text of a letter or statement.
    DocumentText,
}

/// What task_requirements found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirements {
    /// What is missing; empty when there is enough.
    pub missing: Vec<Fact>,
    /// Whether the turn goes on without it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub goes_on: bool,
    /// The need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<Need>,
    /// The letter that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<LetterKind>,
    /// What is known.
    #[serde(default, skip_serializing_if = "Facts::is_empty")]
    pub facts: Facts,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Requirements {
    /// Whether the person is asked.
    pub fn asks(&self) -> bool {
        !self.missing.is_empty() && !self.goes_on
    }
}

/// The facts that a need requires, and whether the turn waits for them.
fn required(need: Need, facts: &Facts) -> (&'static [Fact], Waits) {
    match need {
        Need::Appeal => match facts.subject {
            Some(Subject::Penalty | Subject::ExtraHelp | Subject::Marketplace) => (&[Fact::NoticeDate], Waits::ForThem),
            _ => (&[Fact::PlanType, Fact::NoticeDate, Fact::Service], Waits::ForThem),
        },
        Need::PriorAuthorization | Need::Coverage | Need::Costs => (&[Fact::PlanType, Fact::Service], Waits::ForThem),
        Need::Enrollment => match facts.situation {
            Some(Situation::Turning65) => (&[Fact::BirthDate], Waits::ForThem),
            _ => (&[Fact::Situation], Waits::ForThem),
        },
        Need::Document => (&[Fact::DocumentText], Waits::ForThem),
        Need::FindProvider => (&[Fact::PlanType, Fact::Location, Fact::Specialty], Waits::Not),
        Need::FastAppeal | Need::Bill => (&[Fact::PlanType], Waits::Not),
        Need::Complaint => (&[Fact::PlanType, Fact::Location], Waits::Not),
        Need::FinancialHelp | Need::Fraud | Need::Representative | Need::Privacy | Need::HumanHelp | Need::Unclear => {
            (&[], Waits::Not)
        }
    }
}

/// Whether a plan of action waits for what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    ForThem,
    Not,
}

/// What is missing for a need.
pub fn missing(need: Need, facts: &Facts, message: &str) -> Vec<Fact> {
    let is_general = need == Need::Costs && !asked_amounts(message).is_empty();
    let is_missing = |fact: &Fact| match fact {
        Fact::PlanType => facts.plan_type.is_none(),
        Fact::NoticeDate => {
            facts.notice_date.is_none() && facts.printed_last_day.is_none() && facts.received_date.is_none()
        }
        Fact::Service => facts.thing().is_none(),
        Fact::Location => facts.state.is_none() && facts.zip.is_none(),
        Fact::Specialty => facts.thing().is_none() && !need::names_a_specialty(message),
        Fact::Situation => facts.situation.is_none() && !need::names_a_situation(message),
        Fact::BirthDate => facts.birth_date.is_none(),
        Fact::DocumentText => !need::holds_a_document(message),
    };
    if is_general {
        return Vec::new();
    }
    required(need, facts).0.iter().copied().filter(is_missing).collect()
}

/// What is known: this message's facts, those of the person's earlier messages, those of earlier turns.
fn known(input: &StepInput<'_>, analysis: &Analysis, need: Need) -> (Facts, bool) {
    let mut older = input.state.carried.facts.clone();
    for past in input.history.iter().filter(|past| past.role == Role::User) {
        older = of_the_past(past, need, input.today).or(&older);
    }
    let read = read(input.message, Some(need), input.today);
    let own = Facts { plan_type: analysis.facts.plan_type, ..read.facts };
    (own.or(&older), read.is_declined)
}

/// Facts of the person only: a case's own facts come with [`Carried`], which knows to which case they belong.
fn of_the_past(past: &PastMessage, need: Need, today: NaiveDate) -> Facts {
    let facts = read(&past.content, Some(need), today).facts;
    let plan_type = super::patient_navigator::plan_type(&super::fold::fold(&past.content));
    Facts { plan_type, state: facts.state, zip: facts.zip, birth_date: facts.birth_date, ..Facts::default() }
}

/// The step.
///
/// # Errors
/// [`StepError`].
pub fn run(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    let analysis = input.state.analysis.as_ref().ok_or(StepError::MissingInput)?;
    let carried = &input.state.carried;
    let letter = letters::requested(input.message, carried.last);
    let need = need_of(input, analysis, letter);
    let (facts, is_declined) = known(input, analysis, need);
    let missing = missing(need, &facts, input.message);
    let waits = required(need, &facts).1 == Waits::ForThem && letter.is_none();
    let is_new = missing.iter().any(|fact| !carried.asked.contains(fact));
    // An answer in pieces: something that was asked for came with this message.
    let was_missing = self::missing(need, &carried.facts, "");
    let is_piece = carried.asked.iter().any(|fact| was_missing.contains(fact) && !missing.contains(fact));
    let asks = waits && !missing.is_empty() && !is_declined && (is_new || is_piece);
    let asked = if asks { merged(&carried.asked, &missing) } else { Vec::new() };
    let requirements = Requirements { goes_on: !missing.is_empty() && !asks, missing, need: Some(need), letter, facts };
    let left = Carried {
        need: asks.then_some(analysis.intent),
        facts: requirements.facts.clone(),
        asked,
        last: if need == Need::Unclear { carried.last } else { Some(need) },
    };
    Ok(StepOutput {
        agent: AgentName::TaskRequirements,
        delta: delta("requirements", &requirements)?,
        agent_state: Some(serde_json::to_value(&left)?),
        next: Next::Step(if asks { Step::ChatResponse } else { Step::ServiceStrategy }),
    })
}

fn merged(asked: &[Fact], missing: &[Fact]) -> Vec<Fact> {
    let new = missing.iter().filter(|fact| !asked.contains(fact));
    asked.iter().chain(new).copied().collect()
}

/// The need of this message: a letter belongs to the need of the plan before it, and so does a fact that comes alone.
fn need_of(input: &StepInput<'_>, analysis: &Analysis, letter: Option<LetterKind>) -> Need {
    let carried = &input.state.carried;
    if let Some(letter) = letter {
        return letter.need();
    }
    let stated = Need::of(analysis, input.message);
    let brings = || !read(input.message, carried.last, input.today).facts.is_empty() || analysis.facts != carried.facts;
    let is_answer = || carried.need.is_some() && read(input.message, carried.last, input.today).is_declined;
    match (stated, carried.last) {
        (Need::Unclear, Some(last)) if brings() || is_answer() => last,
        // A denial that is about care which ends within days, or the answer to a question about one.
        (Need::Appeal, _) if analysis.continues_need && carried.last == Some(Need::FastAppeal) => Need::FastAppeal,
        _ => stated,
    }
}

#[cfg(test)]
mod tests;
