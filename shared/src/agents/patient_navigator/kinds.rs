//! The kinds that a message is sorted into: intent, request, plan.

use serde::{Deserialize, Serialize};

use super::{Slot, required};
use crate::agents::prompt_security::Triage;
use crate::knowledge::deadlines::Track;

/// What a person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// A decision of the plan is to be changed.
    AppealDenial,
    /// A hospital or facility sends the person away, or coverage of care ends within days.
    FastAppealDischarge,
    /// Permission before care.
    PriorAuthorization,
    /// Whether something is covered.
    CoverageQuestion,
    /// What something costs.
    Costs,
    /// When and how to sign up, change or leave.
    Enrollment,
    /// A doctor or hospital is looked for.
    FindProvider,
    /// A bill from a provider outside the network, or for more than the plan allows.
    SurpriseBill,
    /// Help with paying.
    FinancialHelp,
    /// What a word means.
    ExplainTerm,
    /// What a letter or bill says.
    ExplainDocument,
    /// Something billed that never happened, or a scam.
    Fraud,
    /// Somebody is to act for the person.
    Representative,
    /// A complaint about the plan or a provider.
    Complaint,
    /// What happens to what the person writes.
    PrivacyRequest,
    /// A person is wanted.
    HumanHelp,
    /// Advice that only a clinician may give.
    MedicalAdvice,
    /// Greetings and thanks.
    Smalltalk,
    /// Something else.
    Other,
}

impl Intent {
    /// Every intent; of two as likely, the one named first is taken.
    pub const ALL: [Self; 19] = [
        Self::AppealDenial,
        Self::FastAppealDischarge,
        Self::PriorAuthorization,
        Self::CoverageQuestion,
        Self::Costs,
        Self::Enrollment,
        Self::FindProvider,
        Self::SurpriseBill,
        Self::FinancialHelp,
        Self::ExplainTerm,
        Self::ExplainDocument,
        Self::Fraud,
        Self::Representative,
        Self::Complaint,
        Self::PrivacyRequest,
        Self::HumanHelp,
        Self::MedicalAdvice,
        Self::Smalltalk,
        Self::Other,
    ];

    /// The label of the evaluation sets.
    pub fn label(self) -> &'static str {
        match self {
            Self::AppealDenial => "appeal_denial",
            Self::FastAppealDischarge => "fast_appeal_discharge",
            Self::PriorAuthorization => "prior_authorization",
            Self::CoverageQuestion => "coverage_question",
            Self::Costs => "costs",
            Self::Enrollment => "enrollment",
            Self::FindProvider => "find_provider",
            Self::SurpriseBill => "surprise_bill",
            Self::FinancialHelp => "financial_help",
            Self::ExplainTerm => "explain_term",
            Self::ExplainDocument => "explain_document",
            Self::Fraud => "fraud",
            Self::Representative => "representative",
            Self::Complaint => "complaint",
            Self::PrivacyRequest => "privacy_request",
            Self::HumanHelp => "human_help",
            Self::MedicalAdvice | Self::Other => "out_of_scope",
            Self::Smalltalk => "smalltalk",
        }
    }

    /// Whether the answer depends on the kind of plan; a plan named beside another need says nothing about it.
    pub fn depends_on_plan(self) -> bool {
        required(self).contains(&Slot::PlanType) || self == Self::Enrollment
    }

    /// Whether it is answered at once, without a plan of action.
    pub(super) fn is_plain(self) -> bool {
        matches!(self, Self::ExplainTerm | Self::Smalltalk | Self::MedicalAdvice | Self::HumanHelp)
    }
}

/// The kind of request, coarser than the intent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestType {
    /// A person's help is needed: counsel, a representative, a complaint, fraud.
    ExpertRequest,
    /// Care is to be got: a provider, a permission.
    ServiceRequest,
    /// Somebody is ill.
    SymptomReport,
    /// What the rules or the plan say.
    PolicyQuestion,
    /// A denial or a discharge is fought.
    AppealDenial,
    /// Signing up or changing.
    Enrollment,
    /// Money.
    Costs,
    /// Greetings and thanks.
    Smalltalk,
    /// Nothing of these.
    #[default]
    OutOfScope,
}

impl RequestType {
    pub(super) fn of(intent: Intent, triage: Triage) -> Self {
        if triage.emergency.is_some() {
            return Self::SymptomReport;
        }
        match intent {
            Intent::AppealDenial | Intent::FastAppealDischarge => Self::AppealDenial,
            Intent::PriorAuthorization | Intent::FindProvider => Self::ServiceRequest,
            Intent::CoverageQuestion | Intent::ExplainTerm | Intent::ExplainDocument | Intent::PrivacyRequest => {
                Self::PolicyQuestion
            }
            Intent::Costs | Intent::SurpriseBill | Intent::FinancialHelp => Self::Costs,
            Intent::Enrollment => Self::Enrollment,
            Intent::HumanHelp | Intent::Fraud | Intent::Representative | Intent::Complaint => Self::ExpertRequest,
            Intent::MedicalAdvice => Self::SymptomReport,
            Intent::Smalltalk => Self::Smalltalk,
            Intent::Other => Self::OutOfScope,
        }
    }
}

/// The kind of plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanType {
    /// Medicare Part A and B.
    OriginalMedicare,
    /// Medicare Part C.
    MedicareAdvantage,
    /// Medicare Part D.
    PartD,
    /// From an employer.
    Employer,
    /// From the Marketplace.
    Marketplace,
    /// Medicaid.
    Medicaid,
    /// A supplement to Original Medicare.
    Medigap,
}

impl PlanType {
    /// The label of the evaluation sets.
    pub fn label(self) -> &'static str {
        match self {
            Self::OriginalMedicare => "original_medicare",
            Self::MedicareAdvantage => "medicare_advantage",
            Self::PartD => "part_d",
            Self::Employer => "employer",
            Self::Marketplace => "marketplace",
            Self::Medicaid => "medicaid",
            Self::Medigap => "medigap",
        }
    }

    /// The deadline rules that apply; none for Medicaid and Medigap, whose rules are each state's own.
    pub fn track(self) -> Option<Track> {
        match self {
            Self::OriginalMedicare => Some(Track::OriginalMedicare),
            Self::MedicareAdvantage => Some(Track::MedicareAdvantage),
            Self::PartD => Some(Track::PartD),
            Self::Employer | Self::Marketplace => Some(Track::Commercial),
            Self::Medicaid | Self::Medigap => None,
        }
    }
}
