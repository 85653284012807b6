//! The needs that there are plans of action for.

use serde::{Deserialize, Serialize};

use crate::agents::fold::{fold, has_any};
use crate::agents::patient_navigator::Intent;

/// What somebody needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// A decision is to be changed.
    Appeal,
    /// Care ends within days, or the hospital sends somebody home.
    FastAppeal,
    /// Permission before care.
    PriorAuthorization,
    /// Whether something is covered.
    Coverage,
    /// What something costs.
    Costs,
    /// To sign up, join or change.
    Enrollment,
    /// A doctor, or whether one is in the network.
    FindProvider,
    /// A bill that is a surprise or wrong.
    Bill,
    /// Help with paying.
    FinancialHelp,
    /// What a letter or statement says.
    Document,
    /// Somebody cheats.
    Fraud,
    /// To act for somebody else, or let somebody act.
    Representative,
    /// A complaint.
    Complaint,
    /// What happens with what is written here.
    Privacy,
    /// A person to talk to.
    HumanHelp,
    /// Not clear yet.
    Unclear,
}

impl Need {
    /// The need behind an intent.
    pub fn of(intent: Intent) -> Self {
        match intent {
            Intent::AppealDenial => Self::Appeal,
            Intent::FastAppealDischarge => Self::FastAppeal,
            Intent::PriorAuthorization => Self::PriorAuthorization,
            Intent::CoverageQuestion => Self::Coverage,
            Intent::Costs => Self::Costs,
            Intent::Enrollment => Self::Enrollment,
            Intent::FindProvider => Self::FindProvider,
            Intent::SurpriseBill => Self::Bill,
            Intent::FinancialHelp => Self::FinancialHelp,
            Intent::ExplainDocument => Self::Document,
            Intent::Fraud => Self::Fraud,
            Intent::Representative => Self::Representative,
            Intent::Complaint => Self::Complaint,
            Intent::PrivacyRequest => Self::Privacy,
            Intent::HumanHelp => Self::HumanHelp,
            Intent::ExplainTerm | Intent::MedicalAdvice | Intent::Smalltalk | Intent::Other => Self::Unclear,
        }
    }

    /// The intent that asks for it; `None` when several do.
    pub fn intent(self) -> Option<Intent> {
        Some(match self {
            Self::Appeal => Intent::AppealDenial,
            Self::FastAppeal => Intent::FastAppealDischarge,
            Self::PriorAuthorization => Intent::PriorAuthorization,
            Self::Coverage => Intent::CoverageQuestion,
            Self::Costs => Intent::Costs,
            Self::Enrollment => Intent::Enrollment,
            Self::FindProvider => Intent::FindProvider,
            Self::Bill => Intent::SurpriseBill,
            Self::FinancialHelp => Intent::FinancialHelp,
            Self::Document => Intent::ExplainDocument,
            Self::Fraud => Intent::Fraud,
            Self::Representative => Intent::Representative,
            Self::Complaint => Intent::Complaint,
            Self::Privacy => Intent::PrivacyRequest,
            Self::HumanHelp => Intent::HumanHelp,
            Self::Unclear => return None,
        })
    }
}

/// Whether a message speaks of a no.
pub(super) fn says_no(message: &str) -> bool {
    const NO: [&str; 12] = [
        "denied",
        "denial",
        "denies",
        "rejected",
        "refused",
        "turned down",
        "negaron",
        "nego",
        "negacion",
        "negado",
        "rechazaron",
        "rechazo",
    ];
    has_any(&fold(message), &NO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_needs_intent_has_that_need() {
        for intent in Intent::ALL {
            let need = Need::of(intent);
            assert!(need == Need::Unclear || need.intent() == Some(intent), "{intent:?}");
        }
    }
}
