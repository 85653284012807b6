//! task_requirements: what a need requires, what of it is known, and one question for everything that is missing.
//!
//! **Takes** the analysis, the message, the person's earlier messages and what earlier turns left. **Gives** the need, the
//! facts that are known, and what is missing; the stored state of this agent ([`Carried`]) is what the next turn begins with.
//!
//! How it decides. Each need requires facts (`required`): an appeal the kind of plan, the date on the letter and what was
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
mod reading;
mod signs;
pub mod things;
pub mod zips;

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

pub use need::Need;
pub use reading::{birth_month, read, year_asked};

use super::fold::{fold, has_any, joined};
use super::letters::{self, LetterKind};
use super::patient_navigator::{self, Analysis, Place, PlanType, Situation, Slot, place, plan_answered, still_holding};
use super::prompt_security::UrgentDeadline;
use super::prompt_security::triage::Message;
use super::service_access_strategy::asked_amounts;
use super::turn::{Carried, Facts, Occasion, Subject};
use super::{AgentName, Next, PastMessage, Role, StepError, StepInput, StepOutput, delta};
use crate::knowledge::dates::{self, Odd};
use crate::workflow::step::Step;

/// What task_requirements found.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub struct Requirements {
    /// What is missing; empty when there is enough.
    pub missing: Vec<Slot>,
    /// Whether the turn goes on without it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub goes_on: bool,
    /// The need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need: Option<Need>,
    /// The letter that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<LetterKind>,
    /// What is wrong with the date that was given for the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odd_date: Option<Odd>,
    /// What is known; empty when it is what the analysis has: a turn's state is written with each of its steps.
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
fn required(need: Need, facts: &Facts) -> (&'static [Slot], Waits) {
    match need {
        Need::Appeal => match facts.subject {
            Some(Subject::Penalty | Subject::ExtraHelp | Subject::Marketplace) => (&[Slot::NoticeDate], Waits::ForThem),
            // The days are the state's, and the notice prints them: nothing to wait for.
            _ if facts.plan_type == Some(PlanType::Medicaid) => (&[Slot::NoticeDate], Waits::Not),
            _ => (&[Slot::PlanType, Slot::NoticeDate, Slot::Service], Waits::ForThem),
        },
        Need::PriorAuthorization | Need::Coverage | Need::Costs => (&[Slot::PlanType, Slot::Service], Waits::ForThem),
        Need::Enrollment => match facts.occasion {
            Some(Occasion::Turning65) => (&[Slot::BirthDate], Waits::ForThem),
            Some(Occasion::Cobra | Occasion::Birth | Occasion::SpousePlan) => (&[Slot::EventDate], Waits::Not),
            _ => (&[Slot::Situation], Waits::ForThem),
        },
        Need::Document => (&[Slot::DocumentText], Waits::ForThem),
        Need::FindProvider => (&[Slot::PlanType, Slot::Location, Slot::Specialty], Waits::Not),
        Need::FastAppeal | Need::Bill => (&[Slot::PlanType], Waits::Not),
        Need::Complaint => (&[Slot::PlanType, Slot::State], Waits::Not),
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
pub fn missing(need: Need, facts: &Facts, message: &str) -> Vec<Slot> {
    let dates = [facts.notice_date, facts.printed_last_day, facts.received_date];
    let is_known = |slot: &Slot| match slot {
        Slot::PlanType => facts.plan_type.is_some(),
        Slot::NoticeDate => dates.iter().any(Option::is_some),
        Slot::Service => facts.thing().is_some(),
        Slot::Location => !facts.place.is_empty(),
        Slot::State => facts.place.state.is_some(),
        Slot::Specialty => facts.specialty.is_some(),
        // Whoever names the kind of plan has said enough to be told its windows.
        Slot::Situation => facts.occasion.is_some() || facts.situation.is_some() || facts.plan_type.is_some(),
        Slot::BirthDate => facts.birth_date.is_some(),
        Slot::EventDate => facts.event_date.is_some(),
        Slot::DocumentText => facts.has_document,
    };
    if need == Need::Costs && !asked_amounts(message).is_empty() {
        return Vec::new();
    }
    required(need, facts).0.iter().copied().filter(|slot| !is_known(slot)).collect()
}

/// What is known: this message's facts, those of the person's earlier messages, those of earlier turns.
fn known(input: &StepInput<'_>, analysis: &Analysis, need: Need) -> (Facts, bool) {
    let mut older = input.state.carried.facts.clone();
    for past in input.history.iter().filter(|past| past.role == Role::User) {
        older = of_the_past(past, input.today).or(&older);
    }
    older = still_holding(&older, need.intent(), &Message::new(input.message));
    let read = read(input.message, Some(need), input.today);
    let found = &analysis.facts;
    let is_asked = input.state.carried.need.is_some() && input.state.carried.asked.contains(&Slot::PlanType);
    let answered = plan_answered(input.message).filter(|_| is_asked && older.plan_type.is_none());
    let (plan_type, plan_basis) = match (found.plan_type, answered) {
        (None, Some((plan, basis))) => (Some(plan), basis),
        (plan, _) => (plan, found.plan_basis),
    };
    let deadline = input.state.security.as_ref().and_then(|security| security.deadline);
    let own = Facts {
        plan_type,
        plan_basis,
        place: with_state(found.place.clone()),
        specialty: found.specialty.clone(),
        situation: found.situation,
        service: read.facts.service.clone().or_else(|| found.service.clone().filter(|_| read.facts.drug.is_none())),
        has_document: found.has_document,
        is_urgent: read.facts.is_urgent.or(deadline.is_some_and(does_harm).then_some(true)),
        occasion: read.facts.occasion.or(found.situation.filter(|_| need == Need::Enrollment).and_then(occasion_of)),
        birth_date: read.facts.birth_date.or_else(|| {
            let turns_65 = need == Need::Enrollment && found.situation == Some(Situation::Turning65);
            turns_65.then(|| birth_month(input.message, input.today)).flatten()
        }),
        subject: read.facts.subject.or(deadline.filter(|_| need == Need::FastAppeal).and_then(subject_of)),
        ..read.facts
    };
    (own.or(&older), read.is_declined)
}

/// The window that a situation opens, where no pattern of the finer table was met.
fn occasion_of(situation: Situation) -> Option<Occasion> {
    match situation {
        Situation::Turning65 => Some(Occasion::Turning65),
        Situation::Turning26 => Some(Occasion::Turning26),
        Situation::LostCoverage => Some(Occasion::LostCoverage),
        Situation::Moved => Some(Occasion::Moved),
        Situation::Work => Some(Occasion::StillWorking),
        Situation::Family | Situation::Disability => None,
    }
}

/// A place whose state its ZIP code tells.
pub fn with_state(place: Place) -> Place {
    let by_zip = || place.zip.as_deref().and_then(zips::state_of).map(str::to_owned);
    Place { state: place.state.clone().or_else(by_zip), ..place }
}

/// Waiting does harm, so the fast way comes first.
fn does_harm(deadline: UrgentDeadline) -> bool {
    matches!(deadline, UrgentDeadline::CannotWait | UrgentDeadline::Treatment | UrgentDeadline::Supply)
}

fn subject_of(deadline: UrgentDeadline) -> Option<Subject> {
    matches!(deadline, UrgentDeadline::Observation).then_some(Subject::Observation)
}

/// Facts of the person only: a case's own facts come with [`Carried`], which knows to which case they belong.
fn of_the_past(past: &PastMessage, today: NaiveDate) -> Facts {
    let content = joined(&past.content);
    let found = patient_navigator::read(&content, &Carried::default(), today).facts;
    let read = read(&content, None, today).facts;
    let Facts { plan_type, plan_basis, place, .. } = found;
    Facts { plan_type, plan_basis, place, birth_date: read.birth_date, ..Facts::default() }
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
    let (mut facts, is_declined) = known(input, analysis, need);
    let odd_date = odd_date(input, need, &mut facts);
    let missing = missing(need, &facts, input.message);
    let waits = required(need, &facts).1 == Waits::ForThem && letter.is_none();
    // What was asked for this need before; a fact that another case took away is asked for again.
    let before: &[Slot] = if carried.last == Some(need) { &carried.asked } else { &[] };
    let was_missing = self::missing(need, &carried.facts, "");
    let is_new = missing.iter().any(|slot| !before.contains(slot) || !was_missing.contains(slot));
    // An answer in pieces: while the question is open, something that was asked for came with this message.
    let came = before.iter().any(|slot| was_missing.contains(slot) && !missing.contains(slot));
    // What is wrong with a date is said once, and the date asked for again.
    let is_odd = odd_date.is_some() && missing.contains(&Slot::NoticeDate);
    let has_news = is_new || (came && carried.need.is_some()) || is_odd;
    let asks = waits && !missing.is_empty() && !is_declined && has_news;
    let asked = if asks { merged(before, &missing) } else { before.to_vec() };
    let left = Carried {
        need: asks.then(|| need.intent().unwrap_or(analysis.intent)),
        facts: facts.clone(),
        asked,
        last: if need == Need::Unclear { carried.last } else { Some(need) },
        odd_date: odd_date.or(carried.odd_date),
    };
    let facts = if facts == analysis.facts { Facts::default() } else { facts };
    let odd_date = odd_date.filter(|_| asks);
    let requirements =
        Requirements { goes_on: !missing.is_empty() && !asks, missing, need: Some(need), letter, odd_date, facts };
    Ok(StepOutput {
        agent: AgentName::TaskRequirements,
        delta: delta("requirements", &requirements)?,
        agent_state: Some(serde_json::to_value(&left)?),
        next: Next::Step(if asks { Step::ChatResponse } else { Step::ServiceStrategy }),
    })
}

/// What is wrong with the date that the message gives for the letter, unless that was said before. Where only the year is not
/// clear, a year alone answers, and saying the same again means the year that was taken.
fn odd_date(input: &StepInput<'_>, need: Need, facts: &mut Facts) -> Option<Odd> {
    let carried = &input.state.carried;
    if need != Need::Appeal || facts.notice_date.is_some() {
        return None;
    }
    let is_asked = carried.need.is_some() && carried.asked.contains(&Slot::NoticeDate);
    let is_short = input.message.split_whitespace().count() <= SHORT_ANSWER;
    let is_answer = is_asked && is_short;
    // A day that may be one of last year is asked about whatever it is said to be.
    let is_unclear = |odd: &Odd| matches!(odd, Odd::WhichYear(_));
    let found = dates::odd_date_of_letter(input.message, input.today, is_answer)
        .or_else(|| dates::odd_date_of_letter(input.message, input.today, true).filter(is_unclear));
    match (found, carried.odd_date) {
        (None, Some(Odd::WhichYear(date))) if is_asked => {
            let told = year_asked(input.message, input.today).and_then(|year| date.with_year(year));
            facts.notice_date = told.filter(|date| *date <= input.today);
            None
        }
        (Some(Odd::WhichYear(date)), Some(_)) => {
            facts.notice_date = Some(date);
            None
        }
        (found, None) => found,
        (_, Some(_)) => None,
    }
}

fn merged(asked: &[Slot], missing: &[Slot]) -> Vec<Slot> {
    let new = missing.iter().filter(|fact| !asked.contains(fact));
    asked.iter().chain(new).copied().collect()
}

/// The need of this message: a letter belongs to the need of the plan before it, and so does a fact that comes alone.
fn need_of(input: &StepInput<'_>, analysis: &Analysis, letter: Option<LetterKind>) -> Need {
    let carried = &input.state.carried;
    if let Some(letter) = letter {
        return letter.need();
    }
    let stated = Need::of(analysis.intent);
    let read = || read(input.message, carried.last, input.today);
    let is_short = input.message.split_whitespace().count() <= SHORT_ANSWER;
    match (stated, carried.last) {
        // "I don't know", "I can't find the letter": an answer to the open question, whatever it sounds like.
        (_, Some(last)) if carried.need.is_some() && is_short && read().is_declined => last,
        // "Medicare from my old job": no kind that could be told from it, and still the answer to the open question.
        (Need::Unclear, Some(last)) if carried.need.is_some() && is_short && names_plan(input.message) => last,
        // "The letter is dated October 2" speaks of a letter, and brings a fact for the need before.
        (Need::Unclear | Need::Document, Some(last))
            if last != Need::Document
                && !analysis.facts.has_document
                && (!read().facts.is_empty() || (is_short && !place(input.message).is_empty())) =>
        {
            last
        }
        // A denial that is about care which ends within days, or the answer to a question about one.
        (Need::Appeal, Some(Need::FastAppeal)) if analysis.continues_need => Need::FastAppeal,
        // A letter that says no is to be fought, unless its text is here to be explained.
        (Need::Document, _) if !analysis.facts.has_document && need::says_no(input.message) => Need::Appeal,
        _ => stated,
    }
}

fn names_plan(message: &str) -> bool {
    has_any(&fold(message), &["medicare", "plan", "seguro", "insurance"])
}

/// An answer that says not to know has at most so many words.
const SHORT_ANSWER: usize = 20;

#[cfg(test)]
mod tests;
