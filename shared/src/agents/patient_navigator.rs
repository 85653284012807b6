//! navigator_analysis and navigator_qa: what is asked, and the answer to a plain question.

use serde::{Deserialize, Serialize};

use super::fold::{fold, has_any};
use super::turn::{Carried, Facts, Language};
use super::{AgentName, Next, StepError, StepInput, StepOutput, delta};
use crate::knowledge::dates;
use crate::knowledge::deadlines::Track;
use crate::knowledge::glossary;
use crate::workflow::step::{Step, WorkflowType};

/// What a person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// A decision of the plan is to be changed.
    AppealDenial,
    /// Permission before care.
    PriorAuthorization,
    /// Whether something is covered.
    CoverageQuestion,
    /// What something costs.
    Costs,
    /// When and how to sign up.
    Enrollment,
    /// A doctor or hospital is looked for.
    FindProvider,
    /// What a word means.
    ExplainTerm,
    /// A person is wanted.
    HumanHelp,
    /// Advice that only a clinician may give.
    MedicalAdvice,
    /// Greetings and thanks.
    Smalltalk,
    /// Something else.
    Other,
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
}

impl PlanType {
    /// The deadline rules that apply; none for Medicaid, whose rules are each state's own.
    pub fn track(self) -> Option<Track> {
        match self {
            Self::OriginalMedicare => Some(Track::OriginalMedicare),
            Self::MedicareAdvantage => Some(Track::MedicareAdvantage),
            Self::PartD => Some(Track::PartD),
            Self::Employer | Self::Marketplace => Some(Track::Commercial),
            Self::Medicaid => None,
        }
    }
}

/// What navigator_analysis found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    /// What is wanted.
    pub intent: Intent,
    /// Whether this message goes on with the need of the turn before.
    pub continues_need: bool,
    /// What is known of the situation, this message's facts before older ones.
    pub facts: Facts,
}

/// What navigator_qa answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QaAnswer {
    /// What is wanted.
    pub intent: Intent,
    /// The words that are explained.
    pub terms: Vec<String>,
}

const PLANS: &[(PlanType, &[&str])] = &[
    (PlanType::PartD, &["part d", "drug plan", "prescription plan", "parte d", "plan de medicinas"]),
    (
        PlanType::MedicareAdvantage,
        &["medicare advantage", "advantage plan", "advantage", "part c", "medicare hmo", "medicare ppo", "parte c"],
    ),
    (PlanType::Medicaid, &["medicaid", "medi cal", "tenncare", "masshealth"]),
    (PlanType::Marketplace, &["marketplace", "healthcare gov", "obamacare", "mercado de seguros", "aca plan"]),
    (
        PlanType::Employer,
        &[
            "through my job",
            "employer",
            "my job",
            "work insurance",
            "my work",
            "por mi trabajo",
            "mi trabajo",
            "my company",
        ],
    ),
    (PlanType::OriginalMedicare, &["original medicare", "part a", "part b", "medicare", "parte a", "parte b"]),
];

/// From the most specific to the least.
const INTENTS: &[(Intent, &[&str])] = &[
    (
        Intent::MedicalAdvice,
        &[
            "should i take",
            "dose of",
            "dosage",
            "what medicine should",
            "debo tomar",
            "que dosis",
            "do i have cancer",
            "diagnose",
        ],
    ),
    (
        Intent::AppealDenial,
        &[
            "denied",
            "denial",
            "deny",
            "denies",
            "denying",
            "appeal*",
            "rejected",
            "turned down",
            "said no",
            "refused to pay",
            "refuses to pay",
            "wont pay",
            "not approved",
            "negaron",
            "nego",
            "negado",
            "negacion",
            "denegaron",
            "rechazaron",
            "apela*",
        ],
    ),
    (
        Intent::PriorAuthorization,
        &[
            "prior authorization",
            "prior auth",
            "preauthorization",
            "pre authorization",
            "autorizacion previa",
            "approval before",
        ],
    ),
    (
        Intent::HumanHelp,
        &[
            "talk to a person",
            "speak to a person",
            "talk to someone",
            "speak to someone",
            "human",
            "real person",
            "free help",
            "hablar con una persona",
            "hablar con alguien",
            "ayuda gratis",
        ],
    ),
    (
        Intent::ExplainTerm,
        &[
            "what is a",
            "what is an",
            "what does",
            "what are",
            "whats a",
            "whats an",
            "what is",
            "mean",
            "difference between",
            "que es",
            "que significa",
            "explain",
        ],
    ),
    (
        Intent::FindProvider,
        &[
            "find a doctor",
            "find me a doctor",
            "in my network",
            "in network",
            "specialist near",
            "doctor near",
            "which doctors",
            "dermatologist*",
            "buscar un medico",
            "en mi red",
        ],
    ),
    (
        Intent::Enrollment,
        &[
            "sign up",
            "enroll*",
            "turn 65",
            "turning 65",
            "open enrollment",
            "join a plan",
            "change my plan",
            "need insurance",
            "inscrib*",
            "cumplo 65",
            "cambiar de plan",
        ],
    ),
    (
        Intent::Costs,
        &[
            "how much",
            "cost*",
            "copay",
            "coinsurance",
            "premium",
            "deductible",
            "cuanto cuesta",
            "cuanto pago",
            "cuanto tengo que pagar",
        ],
    ),
    (
        Intent::CoverageQuestion,
        &["cover*", "does my plan pay", "will they pay", "does medicare pay", "cubre*", "paga mi plan"],
    ),
    (Intent::Smalltalk, &["thanks", "thank you", "hello", "hi", "good morning", "gracias", "hola", "buenos dias"]),
];

/// The intent of a folded text.
pub fn intent(folded: &str) -> Intent {
    INTENTS.iter().find(|(_, phrases)| has_any(folded, phrases)).map_or(Intent::Other, |(intent, _)| *intent)
}

/// The kind of plan that a folded text names.
pub fn plan_type(folded: &str) -> Option<PlanType> {
    PLANS.iter().find(|(_, phrases)| has_any(folded, phrases)).map(|(plan, _)| *plan)
}

/// The workflow for a folded message.
pub fn route(folded: &str) -> WorkflowType {
    match intent(folded) {
        Intent::ExplainTerm | Intent::Smalltalk | Intent::HumanHelp | Intent::MedicalAdvice => {
            WorkflowType::NavigatorOnly
        }
        _ => WorkflowType::StrategyRequest,
    }
}

/// What a message says, in the light of what earlier turns left.
pub fn read(message: &str, carried: &Carried) -> Analysis {
    let folded = fold(message);
    let own = Facts { plan_type: plan_type(&folded), notice_date: dates::find(message), ..Facts::default() };
    let stated = intent(&folded);
    let answers_question = own != Facts::default() || folded.split_whitespace().count() <= 4;
    let continues = matches!(stated, Intent::Other | Intent::CoverageQuestion | Intent::Costs) && answers_question;
    match carried.need.filter(|need| continues || *need == stated) {
        Some(need) => Analysis { intent: need, continues_need: true, facts: own.or(&carried.facts) },
        None => Analysis { intent: stated, continues_need: false, facts: own.or(&carried.facts) },
    }
}

/// The step navigator_analysis.
///
/// # Errors
/// [`StepError`].
pub fn analyse(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    let analysis = read(input.message, &input.state.carried);
    let is_plain =
        matches!(analysis.intent, Intent::ExplainTerm | Intent::Smalltalk | Intent::MedicalAdvice | Intent::HumanHelp);
    let next = if is_plain { Step::NavigatorQa } else { Step::TaskRequirements };
    Ok(StepOutput {
        agent: AgentName::PatientNavigator,
        delta: delta("analysis", &analysis)?,
        agent_state: None,
        next: Next::Step(next),
    })
}

/// The step navigator_qa.
///
/// # Errors
/// [`StepError`].
pub fn answer(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    let folded = fold(input.message);
    let found = glossary::find(&folded).into_iter().map(|term| term.word.to_owned()).collect();
    let answer = QaAnswer { intent: intent(&folded), terms: found };
    Ok(StepOutput {
        agent: AgentName::PatientNavigator,
        delta: delta("qa", &answer)?,
        agent_state: None,
        next: Next::Step(Step::RegulatoryCheck),
    })
}

/// The language that security_check found.
pub(super) fn language(input: &StepInput<'_>) -> Language {
    input.state.security.as_ref().map_or_else(|| Language::of(&fold(input.message)), |security| security.language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_inside_other_words_mean_nothing() {
        assert_eq!(intent(&fold("Is the Medicare deductible high?")), Intent::Costs);
        assert_eq!(intent(&fold("asdf qwer zxcv")), Intent::Other);
    }

    #[test]
    fn a_denial_is_an_appeal_whatever_was_denied() {
        for text in ["my suicide-treatment claim was denied", "My plan denied my MRI", "me negaron la cirugía"] {
            assert_eq!(intent(&fold(text)), Intent::AppealDenial, "{text}");
        }
    }

    #[test]
    fn an_answer_to_the_question_continues_the_need_and_a_new_question_does_not() {
        let carried = Carried { need: Some(Intent::AppealDenial), ..Carried::default() };
        let answer = read("It's a Medicare Advantage plan, the letter is dated 2026-10-02", &carried);
        assert_eq!((answer.intent, answer.continues_need), (Intent::AppealDenial, true));
        assert_eq!(answer.facts.plan_type, Some(PlanType::MedicareAdvantage));
        let other = read("What does coinsurance mean?", &carried);
        assert_eq!((other.intent, other.continues_need), (Intent::ExplainTerm, false));
    }
}
