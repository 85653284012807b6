//! What a turn knows so far: one field per step, and what earlier turns left.
//!
//! Invariants: version 1 of the stored state; a step writes its own field only; `carried` holds facts and the open need,
//! never a verdict.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::patient_navigator::{Analysis, Intent, Place, PlanType, QaAnswer, Situation};
use super::prompt_security::SecurityVerdict;
use super::regulatory::RegulatoryFindings;
use super::service_access_strategy::Strategy;
use super::task_requirements::Requirements;

/// The state of a turn (version 1).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TurnState {
    /// What earlier turns left.
    pub carried: Carried,
    /// security_check
    pub security: Option<SecurityVerdict>,
    /// navigator_analysis
    pub analysis: Option<Analysis>,
    /// navigator_qa
    pub qa: Option<QaAnswer>,
    /// task_requirements
    pub requirements: Option<Requirements>,
    /// service_strategy
    pub strategy: Option<Strategy>,
    /// regulatory_check
    pub regulatory: Option<RegulatoryFindings>,
}

/// What one turn leaves to the next: the stored state of task_requirements.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Carried {
    /// The need that a question for missing facts is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<Intent>,
    /// What the person has said of their situation.
    pub facts: Facts,
}

/// Facts of a person's situation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The kind of plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan_type: Option<PlanType>,
    /// The date on the letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_date: Option<NaiveDate>,
    /// The care, drug or thing that it is about, in words of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The kind of doctor or place looked for, in words of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specialty: Option<String>,
    /// Where the person is.
    #[serde(skip_serializing_if = "Place::is_empty")]
    pub place: Place,
    /// What has changed in the person's life or coverage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub situation: Option<Situation>,
    /// Whether the text of a letter or bill was given.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_document: bool,
}

impl Facts {
    /// These facts, completed by older ones.
    #[must_use]
    pub fn or(self, older: &Self) -> Self {
        Self {
            plan_type: self.plan_type.or(older.plan_type),
            notice_date: self.notice_date.or(older.notice_date),
            service: self.service.or_else(|| older.service.clone()),
            specialty: self.specialty.or_else(|| older.specialty.clone()),
            place: self.place.or(&older.place),
            situation: self.situation.or(older.situation),
            has_document: self.has_document || older.has_document,
        }
    }

    /// Whether they hold something that a question may have been about.
    pub fn answers_question(&self) -> bool {
        *self != Self::default()
    }
}

/// The language of a message, and of its reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

impl Language {
    /// The language of a folded text: Spanish when more of its words are Spanish than English, of the commonest words of
    /// each.
    pub fn of(folded: &str) -> Self {
        const SPANISH: &str = "que el la los las mi mis de del un una por para como puedo quiero tengo tiene seguro cubre cubren mes \
                               carta gracias hola ayuda medico cuando cuanto donde es en con se su al lo y esta estoy necesito \
                               cual quien pagar cirugia medicinas hijo hija mama papa si ya muy porque negaron buenos \
                               buenas dias tardes noches adios quisiera ser son hay le les nos soy llamo nombre";
        const ENGLISH: &str = "the is are was my your i it to and for of in on at with can do does did what how when where which who \
                               will would have has had not be this that they he she we you from if need help pay cover covered \
                               insurance denied claim about please thanks hi hello tell an or so but am";
        let count =
            |list: &str| folded.split_whitespace().filter(|word| list.split(' ').any(|common| common == *word)).count();
        let (spanish, english) = (count(SPANISH), count(ENGLISH));
        if spanish > english { Self::Es } else { Self::En }
    }

    /// The text in this language.
    pub fn pick<'a>(self, english: &'a str, spanish: &'a str) -> &'a str {
        match self {
            Self::En => english,
            Self::Es => spanish,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::fold::fold;

    #[test]
    fn the_language_is_that_of_the_commonest_words() {
        for text in ["¿Cubre Medicare mi cirugía?", "quiero morirme", "Gracias", "me negaron la resonancia", "hola"] {
            assert_eq!(Language::of(&fold(text)), Language::Es, "{text}");
        }
        for text in
            ["Tell me about La Jolla and de Kalb", "my plan denied my MRI and I need help ¿qué hago?", "", "MRI?"]
        {
            assert_eq!(Language::of(&fold(text)), Language::En, "{text}");
        }
    }

    #[test]
    fn facts_of_an_older_state_are_read() {
        let facts: Facts = serde_json::from_str(r#"{"plan_type":"part_d","notice_date":"2026-10-02"}"#).expect("facts");
        assert_eq!((facts.plan_type, facts.has_document), (Some(PlanType::PartD), false));
        assert_eq!(serde_json::to_string(&Facts::default()).expect("JSON"), "{}");
    }
}
