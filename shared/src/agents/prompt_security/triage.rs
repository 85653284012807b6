//! Whether a message calls for immediate help: 911, 988, or a deadline within days.
//!
//! Signs are patterns of words; what stands around a sign says whether it is happening: negated, past, only supposed, a
//! figure of speech, or the subject of a bill or claim. English and Spanish.
//!
//! Invariants: no model, no network, linear in the message; a sign is looked for in the whole message, whatever else is in
//! it.

mod context;
mod crisis;
mod deadline;
mod ending;
mod medical;
mod words;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::agents::fold::joined;

pub(in crate::agents) use context::Message;
pub(in crate::agents) use deadline::ends_care;
pub(in crate::agents) use ending::{ends_noticed_care, is_still_observed};

/// What kind of immediate help a message calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Emergency {
    /// A medical emergency: 911.
    Medical,
    /// A crisis of the mind: 988.
    Crisis,
}

/// Why something must be done within days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UrgentDeadline {
    /// A hospital, a nursing home or a service sends the person away, or coverage of it ends (fast appeal to the QIO).
    Discharge,
    /// An inpatient was made an outpatient "under observation" (fast appeal while still in the hospital).
    Observation,
    /// Care is planned within days and not approved (expedited decision).
    Treatment,
    /// A medicine runs out before the plan has decided.
    Supply,
    /// A doctor says that waiting does harm (expedited decision or appeal).
    CannotWait,
    /// The last day to appeal, answer or enroll is near.
    LastDay,
}

/// What triage found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Triage {
    /// Help that comes before everything else.
    pub emergency: Option<Emergency>,
    /// What must be done within days.
    pub deadline: Option<UrgentDeadline>,
}

impl Triage {
    /// The label of the evaluation sets.
    pub fn label(self) -> &'static str {
        match (self.emergency, self.deadline) {
            (Some(Emergency::Medical), _) => "911",
            (Some(Emergency::Crisis), _) => "988",
            (None, Some(_)) => "urgent_deadline",
            (None, None) => "none",
        }
    }
}

/// Reads a message. `today` is for dates written out in it.
pub fn triage(message: &str, today: NaiveDate) -> Triage {
    let read = Message::new(&joined(message));
    let message = read.view();
    let emergency = if medical::is_happening(&message) {
        Some(Emergency::Medical)
    } else {
        crisis::is_happening(&message).then_some(Emergency::Crisis)
    };
    Triage { emergency, deadline: deadline::find(&message, today) }
}
