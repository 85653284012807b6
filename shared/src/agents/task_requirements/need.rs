//! The needs that there are plans of action for.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::agents::fold::Text;
use crate::agents::fold::phrases::Phrases;
use crate::agents::patient_navigator::{Analysis, Intent};

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
    /// The need of an analysed message.
    pub fn of(analysis: &Analysis, _message: &str) -> Self {
        match analysis.intent {
            Intent::AppealDenial => Self::Appeal,
            Intent::PriorAuthorization => Self::PriorAuthorization,
            Intent::CoverageQuestion => Self::Coverage,
            Intent::Costs => Self::Costs,
            Intent::Enrollment => Self::Enrollment,
            Intent::FindProvider => Self::FindProvider,
            Intent::HumanHelp => Self::HumanHelp,
            Intent::ExplainTerm | Intent::MedicalAdvice | Intent::Smalltalk | Intent::Other => Self::Unclear,
        }
    }
}

static SPECIALTIES: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "cardiolog*|dermatolog*|oncolog*|neurolog*|urolog*|orthoped*|psychiatr*|psycholog*|therapist*|dentist*|podiatr*",
            "ophthalmolog*|optometr*|pediatric*|gynecolog*|obgyn|rheumatolog*|endocrinolog*|gastroenterolog*|pulmonolog*",
            "surgeon*|primary|internist*|allergist*|nephrolog*|hematolog*|radiolog*|geriatric*|chiropract*|pcp",
            "ortopedist*|pediatra*|ginecolog*|dentista*|psiquiatra*|cirujan*|oftalmolog*|endocrinolog*|cardiologo|cabecera",
        ],
        &[],
    )
});

/// Whether a message says which kind of doctor.
pub(super) fn names_a_specialty(message: &str) -> bool {
    is_in(&SPECIALTIES, message)
}

static SITUATIONS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "medicare|medicaid|marketplace|part|healthcare|obamacare|mercado|chip",
            "penalty|disability|disabled|married|marriage|divorce*|baby|birth|adopt*|immigra*|veteran*|tricare|va",
            "discapacidad|cas*|divorci*|bebe|multa",
        ],
        &[],
    )
});

/// Whether a message says enough of why somebody wants to sign up: with whom, or after what.
pub(super) fn names_a_situation(message: &str) -> bool {
    is_in(&SITUATIONS, message)
}

/// A letter or statement is longer than a question about one, or has its words in several lines.
pub(super) fn holds_a_document(message: &str) -> bool {
    let lines = message.lines().filter(|line| !line.trim().is_empty()).count();
    message.len() > 400 || lines >= 4
}

fn is_in(phrases: &Phrases<()>, message: &str) -> bool {
    let text = Text::new(message);
    let words: Vec<&str> = text.words().collect();
    phrases.is_in(&words)
}
