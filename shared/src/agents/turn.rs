//! What a turn knows so far: one field per step, and what earlier turns left.
//!
//! Invariants: version 1 of the stored state; a step writes its own field only; `carried` holds facts and the open need,
//! never a verdict.

mod facts;
mod language;

use serde::{Deserialize, Serialize};

pub use facts::{Affected, Care, Facts, Occasion, PlanBasis, Reason, Subject};
pub use language::{Language, reply_language};

use super::patient_navigator::{Analysis, Intent, QaAnswer, Slot};
use super::prompt_security::SecurityVerdict;
use super::regulatory::RegulatoryFindings;
use super::service_access_strategy::Strategy;
use super::task_requirements::{Need, Requirements};
use super::told::Told;
use crate::knowledge::dates::Odd;

/// The state of a turn (version 1).
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
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
    /// What to look up for the next step: key terms of the question, nothing of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// Why a step went without the model's advice, when one was to be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_model: Option<String>,
    /// What another system told beside the message; it is stored with the message, never in the state.
    #[serde(skip)]
    pub told: Option<Told>,
}

/// What one turn leaves to the next: the stored state of task_requirements.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(default)]
pub struct Carried {
    /// The need that a question for missing facts is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<Intent>,
    /// What the person has said of their situation.
    pub facts: Facts,
    /// What was asked for, so that it is not asked for again without need.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Slot>,
    /// The need of the last plan of action: a letter, or a fact that comes later, belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Need>,
    /// What was wrong with a letter's date, once it was said: it is not said again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub odd_date: Option<Odd>,
}
