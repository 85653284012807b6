//! What a need requires, and what of it is missing.

use serde::{Deserialize, Serialize};

use super::Intent;
use crate::agents::turn::Facts;

/// A fact that a need requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// The kind of plan.
    PlanType,
    /// The date on the letter.
    NoticeDate,
    /// The care, drug or thing.
    Service,
    /// Where the person is.
    Location,
    /// The kind of doctor or place.
    Specialty,
    /// What has changed in the person's life or coverage.
    Situation,
    /// The text of a letter or bill.
    DocumentText,
    /// The state that the person lives in.
    State,
    /// The birth date, which windows to enroll are counted from.
    BirthDate,
    /// The day of a birth, of the end of coverage, of a COBRA notice.
    EventDate,
}

impl Slot {
    /// The label of the evaluation sets.
    pub fn label(self) -> &'static str {
        match self {
            Self::PlanType => "plan_type",
            Self::NoticeDate => "notice_date",
            Self::Service => "service",
            Self::Location => "location",
            Self::Specialty => "specialty",
            Self::Situation => "situation",
            Self::EventDate => "event_date",
            Self::DocumentText => "document_text",
            Self::State => "state",
            Self::BirthDate => "birth_date",
        }
    }
}

/// The facts that a need requires.
pub fn required(intent: Intent) -> &'static [Slot] {
    match intent {
        Intent::AppealDenial => &[Slot::PlanType, Slot::NoticeDate, Slot::Service],
        Intent::FastAppealDischarge | Intent::SurpriseBill => &[Slot::PlanType],
        Intent::PriorAuthorization | Intent::CoverageQuestion | Intent::Costs => &[Slot::PlanType, Slot::Service],
        Intent::Enrollment => &[Slot::Situation],
        Intent::FindProvider => &[Slot::PlanType, Slot::Location, Slot::Specialty],
        Intent::ExplainDocument => &[Slot::DocumentText],
        Intent::Complaint => &[Slot::PlanType, Slot::State],
        Intent::FinancialHelp
        | Intent::ExplainTerm
        | Intent::Fraud
        | Intent::Representative
        | Intent::PrivacyRequest
        | Intent::HumanHelp
        | Intent::MedicalAdvice
        | Intent::Smalltalk
        | Intent::Other => &[],
    }
}

/// What is missing for a need.
pub fn missing(intent: Intent, facts: &Facts) -> Vec<Slot> {
    let is_known = |slot: &Slot| match slot {
        Slot::PlanType => facts.plan_type.is_some(),
        Slot::NoticeDate => facts.notice_date.is_some(),
        Slot::Service => facts.service.is_some(),
        Slot::Location => !facts.place.is_empty(),
        Slot::Specialty => facts.specialty.is_some(),
        // Whoever names the kind of plan has said enough to be told its windows.
        Slot::Situation => facts.situation.is_some() || facts.plan_type.is_some(),
        Slot::DocumentText => facts.has_document,
        Slot::State => facts.place.state.is_some(),
        Slot::BirthDate => facts.birth_date.is_some(),
        Slot::EventDate => facts.event_date.is_some(),
    };
    required(intent).iter().copied().filter(|slot| !is_known(slot)).collect()
}
