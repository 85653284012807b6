//! What the earlier system's navigator says beside a person's words: facts, and an alarm that can only be raised.
//!
//! **Takes** that system's output as it was sent with `POST /chat/navigator`. **Gives** the words that are the message, the
//! facts for the agents, an emergency, and the line that comes first when it was not sure.
//!
//! Invariants: nothing in here is a command. An emergency is only ever added: `false` takes none away. A fact is a name of our
//! own tables, read by the code that reads messages; what the person wrote wins over it, and it over what earlier turns left. The
//! texts pass the same look for attacks as a message, and none of them is ever repeated.

mod form;

use chrono::NaiveDate;
use serde::{Deserialize as _, Deserializer};
use serde_json::Value;

pub(crate) use form::object;
pub use form::{Alarm, Body, ClinicalContext, MetaIntent, NavigatorOutput, Origin, RequestType, ServiceIntent};

use super::patient_navigator::{self, place};
use super::prompt_security::{Emergency, SecurityVerdict, Verdict, inspect, triage};
use super::task_requirements;
use super::turn::{Carried, Facts, TurnState};

/// That output, and the facts that were read in it.
#[derive(Clone)]
#[cfg_attr(test, derive(Debug))]
pub struct Told {
    output: NavigatorOutput,
    facts: Facts,
}

impl Told {
    /// Reads the facts.
    pub fn of(output: NavigatorOutput) -> Self {
        let facts = facts(&output);
        Self { output, facts }
    }

    /// A turn's state with what was told: its facts stand behind what the person writes, before what earlier turns left.
    #[must_use]
    pub fn beside(&self, mut state: TurnState) -> TurnState {
        state.carried.facts = self.facts.clone().or(&state.carried.facts);
        state.told = Some(self.clone());
        state
    }

    /// Whether the other system was not sure that this is no emergency.
    pub fn is_unsure(&self) -> bool {
        self.output.alarm() == Alarm::Unsure
    }

    fn emergency(&self, today: NaiveDate) -> Option<Emergency> {
        let found = self.output.conditions().iter().find_map(|text| triage(text, today).emergency);
        found.or((self.output.alarm() == Alarm::Yes).then_some(Emergency::Medical))
    }
}

/// Reads what is stored beside a message; anything else than that output is nothing told.
///
/// # Errors
/// None but the deserializer's own.
pub(crate) fn stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Told>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    Ok(value.and_then(|value| serde_json::from_value(value).ok()).map(Told::of))
}

/// A verdict on the message with what was told beside it: an emergency may be added and none is taken away; a message beside
/// which an attack stands is suspicious, and answered.
pub fn raised(found: SecurityVerdict, told: Option<&Told>, today: NaiveDate) -> SecurityVerdict {
    let Some(told) = told else { return found };
    let emergency = found.emergency.or_else(|| told.emergency(today));
    let texts: Vec<&str> = told.output.texts().into_iter().map(|(_, text)| text).collect();
    let beside = inspect(&texts.join("\n"), today);
    if found.verdict != Verdict::Safe || beside.verdict == Verdict::Safe {
        return SecurityVerdict { emergency, ..found };
    }
    let (deadline, language) = (found.deadline, found.language);
    SecurityVerdict { verdict: Verdict::Suspicious, emergency, deadline, language, ..beside }
}

/// The facts, by the words of our own tables.
fn facts(output: &NavigatorOutput) -> Facts {
    let read = |text: &str| patient_navigator::read(&text.replace('_', " "), &Carried::default(), NaiveDate::MIN).facts;
    let (meta, service) = (output.meta_intent.as_ref(), output.service_intent.as_ref());
    let specialty = service.and_then(|service| service.specialty.as_deref()).map(read).unwrap_or_default();
    let wanted = service.and_then(|service| service.service.as_deref());
    let named = wanted.map(|text| task_requirements::read(text, None, NaiveDate::MIN).facts).unwrap_or_default();
    let found = wanted.map(read).unwrap_or_default();
    Facts {
        plan_type: meta.and_then(|meta| meta.insurance.as_deref()).and_then(|text| read(text).plan_type),
        place: meta
            .and_then(|meta| meta.location.as_deref())
            .map(|text| place(&format!("in {text}")))
            .unwrap_or_default(),
        specialty: specialty.specialty.or(found.specialty),
        service: named.service.or_else(|| found.service.filter(|_| named.drug.is_none())),
        drug: named.drug,
        ..Facts::default()
    }
}

#[cfg(test)]
mod tests;
