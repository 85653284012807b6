//! navigator_analysis and navigator_qa: what is asked, what is known, what is missing, and the answer to a plain question.
//!
//! **Takes** the message, the recent ones, and what earlier turns left. **Gives** an [`Analysis`]: one of eighteen intents and
//! the request type, how urgent and how sure, the facts in the message, whether it goes on with the need before; or, on the
//! short way, a [`QaAnswer`]: the intent and the words to explain, with the key terms to look up.
//!
//! How it decides. Everything is by patterns of words: the intent with the most points wins, and each pattern counts once
//! (`intents`); the kind of plan by name and brand (`plans`), care and kind of doctor by a list (`services`), place
//! (`places`), date and situation. A discharge within days outweighs the words about it. Few points are a weak intent, which
//! what earlier turns left may decide. A comparison explains each of the things compared.
//!
//! Invariants: linear in the message; a fact is a name of our tables or a date, never the person's own words; what earlier
//! turns left counts as known, and what the message says wins.

mod intents;
mod kinds;
mod places;
mod plans;
mod services;
mod situations;
mod slots;
mod spelling;
mod words;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::kinds::{Intent, PlanType, RequestType};
pub use self::places::{Place, find as place};
pub(in crate::agents) use self::plans::{answered as plan_answered, still_holding};
pub use self::situations::Situation;
pub use self::slots::{Slot, missing, required};
use super::advice::{Advice, AnalysisAdvice};
use super::fold::{fold, joined};
use super::prompt_security::triage::{Message, Triage, triage};
use super::service_access_strategy::query;
use super::turn::{Carried, Facts};
use super::{AgentName, Next, StepError, StepInput, StepOutput, Urgency, delta};
use crate::knowledge::dates;
use crate::knowledge::glossary;
use crate::workflow::step::{Step, WorkflowType};

/// A message of this many characters and lines holds the text of a document.
const DOCUMENT_CHARACTERS: usize = 350;

/// What navigator_analysis found.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub struct Analysis {
    /// What is wanted.
    pub intent: Intent,
    /// The kind of request.
    #[serde(default)]
    pub request_type: RequestType,
    /// Whether this message goes on with the need of the turn before.
    pub continues_need: bool,
    /// What is known of the situation, this message's facts before older ones.
    pub facts: Facts,
    /// What the need requires and nobody has said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Slot>,
    /// Conditions that the message names, in words of our own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    /// How soon to act.
    #[serde(default)]
    pub urgency: Urgency,
    /// How sure the intent is, in percent.
    #[serde(default)]
    pub confidence_percent: u8,
}

/// What navigator_qa answered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub struct QaAnswer {
    /// What is wanted.
    pub intent: Intent,
    /// The words that are explained.
    pub terms: Vec<String>,
}

/// The workflow for a message.
pub fn route(message: &str) -> WorkflowType {
    // Whether a discharge is near does not change the route, so the day does not matter here.
    let intent = intents::find(&Message::new(&joined(message)), NaiveDate::MIN).intent;
    if intent.is_plain() { WorkflowType::NavigatorOnly } else { WorkflowType::StrategyRequest }
}

/// What a message says, in the light of what earlier turns left. `today` is for dates written out in it.
pub fn read(message: &str, carried: &Carried, today: NaiveDate) -> Analysis {
    advised(&joined(message), carried, today, None)
}

/// From so many percent on the rules are sure of an intent, and no model is believed against them.
const SURE_PERCENT: u8 = 90;

/// [`read`], with a model's advice where the rules are not sure.
fn advised(message: &str, carried: &Carried, today: NaiveDate, advice: Option<&AnalysisAdvice>) -> Analysis {
    let read = Message::new(message);
    let mut found = intents::find(&read, today);
    let unsure = advice.filter(|_| found.confidence_percent < SURE_PERCENT);
    if let Some(advice) = unsure.filter(|advice| advice.intent != Intent::Other && advice.intent != Intent::Smalltalk) {
        found = intents::Found { intent: advice.intent, is_weak: false, ..found };
    }
    // What the rules do not read as Original Medicare is not, whoever says so: its last day is the later one.
    let named =
        advice.and_then(|advice| advice.plan_named_in(message)).filter(|plan| *plan != PlanType::OriginalMedicare);
    let own = facts(message, &read, carried.need.unwrap_or(found.intent));
    let is_short = message.split_whitespace().count() <= 4;
    let answers_question = is_short || own.answers_question();
    let is_question = message.contains('?');
    let asks_nothing_else =
        found.is_weak || (!is_question && matches!(found.intent, Intent::CoverageQuestion | Intent::Costs));
    let continues = answers_question && asks_nothing_else;
    let need = carried.need.filter(|need| continues || *need == found.intent);
    let intent = need.unwrap_or(found.intent);
    let own = if need.is_some() || carried.need.is_none() { own } else { facts(message, &read, intent) };
    let own = Facts { plan_type: own.plan_type.or(named), ..own };
    let facts = own.or(&still_holding(&carried.facts, Some(intent), &read));
    let triage = triage(message, today);
    Analysis {
        intent,
        request_type: RequestType::of(intent, triage),
        continues_need: need.is_some(),
        missing: missing(intent, &facts),
        facts,
        conditions: services::conditions(&read).into_iter().map(str::to_owned).collect(),
        urgency: urgency(intent, triage),
        confidence_percent: found.confidence_percent,
    }
}

fn facts(message: &str, read: &Message, intent: Intent) -> Facts {
    let service = services::service(read)
        .or_else(|| (intent == Intent::AppealDenial && services::names_claim(read)).then_some("claim"))
        .or_else(|| (intent == Intent::Costs && services::names_amount_of_plan(read)).then_some("plan costs"));
    let plans::Named { plan, basis } = plans::find(read, intent);
    Facts {
        plan_type: plan,
        plan_basis: basis,
        notice_date: notice_date(message),
        service: service.map(str::to_owned),
        specialty: services::specialty(read).map(str::to_owned),
        place: places::find(message),
        situation: situations::find(read),
        has_document: message.chars().count() >= DOCUMENT_CHARACTERS,
        ..Facts::default()
    }
}

/// The first date that is not said to be of something other than the letter.
fn notice_date(message: &str) -> Option<NaiveDate> {
    const OF_LETTER: &[&str] = &["letter", "notice", "dated", "carta", "aviso", "eob"];
    const DENIED: &[&str] = &["denied", "denial", "refused", "rejected", "negaron", "nego", "rechazaron"];
    const OF_SOMETHING_ELSE: &[&str] = &["surgery", "visit", "appointment", "born", "birth", "dob", "cirugia", "cita"];
    let first = |folded: &str, words: &[&str]| words.iter().filter_map(|word| folded.find(&format!(" {word} "))).min();
    message.split_inclusive(['.', '?', '!', ';', '\n']).find_map(|sentence| {
        let folded = fold(sentence);
        let denied = first(&folded, DENIED).unwrap_or(usize::MAX);
        let is_other = first(&folded, OF_SOMETHING_ELSE).is_some_and(|other| other < denied);
        if is_other && first(&folded, OF_LETTER).is_none() { None } else { dates::find(sentence) }
    })
}

fn urgency(intent: Intent, triage: Triage) -> Urgency {
    match (triage.emergency, triage.deadline, intent) {
        (Some(_), _, _) => Urgency::Emergency,
        (None, Some(_), _) | (None, None, Intent::FastAppealDischarge) => Urgency::Urgent,
        (None, None, Intent::AppealDenial) => Urgency::Soon,
        (None, None, _) => Urgency::Routine,
    }
}

/// The step navigator_analysis.
///
/// # Errors
/// [`StepError`].
pub fn analyse(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    let advice = match input.advice {
        Some(Advice::Analysis(advice)) => Some(advice),
        _ => None,
    };
    let analysis = advised(input.message, &input.state.carried, input.today, advice);
    let next = if analysis.intent.is_plain() { Step::NavigatorQa } else { Step::TaskRequirements };
    Ok(StepOutput {
        agent: AgentName::PatientNavigator,
        delta: delta("analysis", &analysis)?,
        agent_state: None,
        next: Next::Step(next),
    })
}

/// What is compared is two things, also where a name is made of both (“Medicare and Medicaid”).
fn apart(folded: &str) -> String {
    let compares = folded.split(' ').any(|word| {
        matches!(
            word,
            "difference" | "differences" | "different" | "diferencia" | "diferencias" | "vs" | "versus" | "compare"
        )
    });
    if compares {
        [" and ", " y "].iter().fold(folded.to_owned(), |text, word| text.replace(word, " | "))
    } else {
        folded.to_owned()
    }
}

/// The step navigator_qa.
///
/// # Errors
/// [`StepError`].
pub fn answer(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    let folded = fold(input.message);
    let found = glossary::find(&apart(&folded)).into_iter().map(|term| term.word.to_owned()).collect();
    let intent = intents::find(&Message::new(input.message), input.today).intent;
    let answer = QaAnswer { intent, terms: found };
    let mut found = delta("qa", &answer)?;
    let query = query(input.message);
    if !query.is_empty() {
        found.insert("search".to_owned(), query.into());
    }
    Ok(StepOutput {
        agent: AgentName::PatientNavigator,
        delta: found,
        agent_state: None,
        next: Next::Step(Step::RegulatoryCheck),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn analysed(text: &str) -> Analysis {
        read(text, &Carried::default(), NaiveDate::MIN)
    }

    #[test]
    fn words_inside_other_words_mean_nothing() {
        assert_eq!(analysed("Is the Medicare deductible high?").intent, Intent::Costs);
        assert_eq!(analysed("asdf qwer zxcv").intent, Intent::Other);
    }

    #[test]
    fn a_denial_is_an_appeal_whatever_was_denied() {
        for text in ["my suicide-treatment claim was denied", "My plan denied my MRI", "me negaron la cirugía"] {
            assert_eq!(analysed(text).intent, Intent::AppealDenial, "{text}");
        }
    }

    #[test]
    fn an_answer_to_the_question_continues_the_need_and_a_new_question_does_not() {
        let carried = Carried { need: Some(Intent::AppealDenial), ..Carried::default() };
        let answer = read("It's a Medicare Advantage plan, the letter is dated 2026-10-02", &carried, NaiveDate::MIN);
        assert_eq!((answer.intent, answer.continues_need), (Intent::AppealDenial, true));
        assert_eq!(answer.facts.plan_type, Some(PlanType::MedicareAdvantage));
        assert_eq!(answer.missing, [Slot::Service]);
        let other = read("What does coinsurance mean?", &carried, NaiveDate::MIN);
        assert_eq!((other.intent, other.continues_need), (Intent::ExplainTerm, false));
    }

    #[test]
    fn what_earlier_turns_left_is_not_asked_again() {
        let facts = Facts { plan_type: Some(PlanType::PartD), service: Some("drug".to_owned()), ..Facts::default() };
        let analysis = read("how do I appeal?", &Carried { facts, ..Carried::default() }, NaiveDate::MIN);
        assert_eq!((analysis.intent, analysis.missing), (Intent::AppealDenial, vec![Slot::NoticeDate]));
    }

    #[test]
    fn a_date_of_something_else_is_not_the_letters() {
        assert_eq!(analysed("My surgery was on 2026-05-01 and they denied it").facts.notice_date, None);
        let both = analysed("My surgery was 2026-05-01. The letter is dated 2026-06-01 and says denied.");
        assert_eq!(both.facts.notice_date, NaiveDate::from_ymd_opt(2026, 6, 1));
    }

    #[test]
    fn an_analysis_of_an_older_state_is_read() {
        let old = r#"{"intent":"appeal_denial","continues_need":false,"facts":{"plan_type":"part_d"}}"#;
        let analysis: Analysis = serde_json::from_str(old).expect("an analysis");
        assert_eq!((analysis.facts.plan_type, analysis.missing), (Some(PlanType::PartD), vec![]));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,300}") {
            let _ = analysed(&text);
        }
    }
}
