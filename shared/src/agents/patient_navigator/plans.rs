//! The kind of plan that a message names, by its own name or by the brand it is sold under.

mod names;

use self::names::{
    DRUG_COSTS, LOSES_COVERAGE, MEDICARE, MEDICARE_PLAN, NOT_A_PLAN, NOT_ORIGINAL, OF_PLAN, OTHER_PLAN, PLANS, Rank,
    TURNS_65,
};
use super::spelling::corrected;
use super::{Intent, PlanType};
use crate::agents::fold::fold;
use crate::agents::fold::phrases::{Hit, Phrases, is_overlapped};
use crate::agents::prompt_security::triage::Message;
use crate::agents::turn::{Facts, PlanBasis};

/// A kind of plan, and what it rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) plan: Option<PlanType>,
    /// `None` when the message names the kind itself.
    pub(super) basis: Option<PlanBasis>,
}

impl Named {
    fn sure(plan: PlanType) -> Self {
        Self { plan: Some(plan), basis: None }
    }

    fn by(plan: PlanType, basis: PlanBasis) -> Self {
        Self { plan: Some(plan), basis: Some(basis) }
    }
}

/// The kind of plan: the most specific that is named, and else what the need implies.
///
/// "Medicare" alone is Original Medicare only where nothing speaks of a plan or a company: a plan's letter has the earlier
/// last day. Where it does, the kind is not known.
pub(super) fn find(message: &Message, intent: Intent) -> Named {
    let view = message.view();
    let sentences: Vec<Vec<&str>> = view.sentences.iter().map(|sentence| corrected(&sentence.words)).collect();
    let named = sentences.iter().flat_map(|words| {
        let (other, not_original) = (NOT_A_PLAN.find(words), NOT_ORIGINAL.find(words));
        let is_it = move |hit: &Hit<Rank>| {
            !is_overlapped(hit, &other) && (hit.tag != Rank::Original || !is_overlapped(hit, &not_original))
        };
        PLANS.find(words).into_iter().filter(is_it)
    });
    let named = named.map(|hit| hit.tag).min();
    let is_in = |patterns: &Phrases<()>| sentences.iter().any(|words| patterns.is_in(words));
    let implied = |plan| Named::by(plan, PlanBasis::Implied);
    match (named, intent) {
        // Part A and B are Medicare's own; whoever asks for a drug's price or cap asks about Part D.
        (Some(Rank::Part | Rank::Medicare) | None, Intent::Costs) if is_in(&DRUG_COSTS) => implied(PlanType::PartD),
        (Some(Rank::Employer), Intent::Enrollment) if is_in(&MEDICARE) => implied(PlanType::OriginalMedicare),
        (
            Some(Rank::Part | Rank::Medicare),
            Intent::Costs | Intent::Enrollment | Intent::FinancialHelp | Intent::ExplainTerm,
        ) => implied(PlanType::OriginalMedicare),
        (Some(Rank::Part | Rank::Medicare), _) if speaks_of_plan(&sentences) => Named::default(),
        (Some(Rank::Part | Rank::Medicare), _) => Named::by(PlanType::OriginalMedicare, PlanBasis::MedicareAlone),
        (Some(Rank::Original), intent) if is_at_stake(intent) && speaks_of_plan(&sentences) => {
            Named::by(PlanType::OriginalMedicare, PlanBasis::MedicareAlone)
        }
        // "My Medicare plan through my old job": which of the two decided is not known.
        (Some(Rank::Medicaid | Rank::Marketplace | Rank::Employer), _) if is_in(&MEDICARE_PLAN) => Named::default(),
        // With both, which of them said no is not known.
        (Some(Rank::Medicaid), intent) if is_at_stake(intent) && is_in(&MEDICARE) => Named::default(),
        // Who lost a job's coverage, wants a Marketplace plan or asks what COBRA is has not said whose letter comes later.
        (
            Some(rank @ (Rank::Medicaid | Rank::Marketplace | Rank::Employer | Rank::Summary | Rank::Original)),
            Intent::Enrollment | Intent::ExplainTerm | Intent::Costs,
        ) => implied(rank.plan()),
        (Some(rank), _) => Named::sure(rank.plan()),
        (None, Intent::Enrollment) if is_in(&TURNS_65) => implied(PlanType::OriginalMedicare),
        (None, Intent::Enrollment) if is_in(&LOSES_COVERAGE) => implied(PlanType::Marketplace),
        (None, _) => Named::default(),
    }
}

/// What earlier turns left, without a kind of plan that this message or its need speaks against.
pub(in crate::agents) fn still_holding(older: &Facts, intent: Option<Intent>, message: &Message) -> Facts {
    let is_at_stake = intent.is_some_and(is_at_stake);
    let is_implied = older.plan_basis == Some(PlanBasis::Implied);
    let is_original = older.plan_type == Some(PlanType::OriginalMedicare);
    if is_at_stake && (is_implied || (is_original && says_plan(message))) {
        return Facts { plan_type: None, plan_basis: None, ..older.clone() };
    }
    older.clone()
}

/// Whether the kind decides how many days are left.
fn is_at_stake(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::AppealDenial | Intent::FastAppealDischarge | Intent::ExplainDocument | Intent::SurpriseBill
    )
}

/// The kind that a short answer to the question for it names, in words that only an answer has: "from my job".
pub(in crate::agents) fn answered(message: &str) -> Option<(PlanType, Option<PlanBasis>)> {
    let folded = fold(message);
    if folded.split_whitespace().count() > LONGEST_ANSWER {
        return None;
    }
    let names = |words: &str| words.split('|').any(|word| folded.contains(&format!(" {word} ")));
    let (plan, _) = ANSWERS.iter().find(|(_, words)| names(words))?;
    let is_medicare = names("medicare");
    match plan {
        PlanType::Employer | PlanType::Marketplace | PlanType::Medicaid if is_medicare => None,
        PlanType::OriginalMedicare
            if names("not original|no original|no es original") || says_plan(&Message::new(message)) =>
        {
            None
        }
        PlanType::OriginalMedicare if !names("original|red white and blue") => {
            Some((*plan, Some(PlanBasis::MedicareAlone)))
        }
        plan => Some((*plan, None)),
    }
}

/// An answer to the question for the kind of plan has at most so many words.
const LONGEST_ANSWER: usize = 30;
const ANSWERS: [(PlanType, &str); 7] = [
    (PlanType::PartD, "part d|parte d|drug plan|medicine plan|plan de medicinas|prescription"),
    (PlanType::MedicareAdvantage, "advantage|part c|parte c|hmo|ppo"),
    (PlanType::Medigap, "medigap|supplement|suplemento"),
    (PlanType::Medicaid, "medicaid|medi cal"),
    (PlanType::Marketplace, "marketplace|obamacare|mercado|healthcare gov|aca"),
    (PlanType::Employer, "job|work|employer|company|union|trabajo|empleo|empresa|empleador|sindicato"),
    (PlanType::OriginalMedicare, "original|medicare|red white and blue"),
];

fn says_plan(message: &Message) -> bool {
    let view = message.view();
    speaks_of_plan(&view.sentences.iter().map(|sentence| corrected(&sentence.words)).collect::<Vec<_>>())
}

/// Whether the words tell of a plan or a company: Original Medicare is neither.
fn speaks_of_plan(sentences: &[Vec<&str>]) -> bool {
    sentences.iter().any(|words| {
        let other = OTHER_PLAN.find(words);
        OF_PLAN.find(words).iter().any(|hit| !is_overlapped(hit, &other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Option<PlanType> {
        find(&Message::new(text), Intent::AppealDenial).plan
    }

    fn basis(text: &str) -> Option<PlanBasis> {
        find(&Message::new(text), Intent::AppealDenial).basis
    }

    #[test]
    fn every_pattern_can_be_read() {
        assert_eq!(PLANS.rejected(), [""; 0]);
        for list in
            [&NOT_A_PLAN, &NOT_ORIGINAL, &OF_PLAN, &OTHER_PLAN, &MEDICARE_PLAN, &DRUG_COSTS, &TURNS_65, &LOSES_COVERAGE]
        {
            assert_eq!(list.rejected(), [""; 0]);
        }
    }

    #[test]
    fn a_brand_tells_the_kind_and_a_company_alone_does_not() {
        assert_eq!(plan("Aetna Medicare PPO denied rehab"), Some(PlanType::MedicareAdvantage));
        assert_eq!(plan("Humana Gold Plus said no"), Some(PlanType::MedicareAdvantage));
        assert_eq!(plan("SilverScript rejected it"), Some(PlanType::PartD));
        assert_eq!(plan("Medicare denied my chair"), Some(PlanType::OriginalMedicare));
        assert_eq!(plan("Cigna through my job denied it"), Some(PlanType::Employer));
        assert_eq!(plan("Blue Cross denied it"), None);
        assert_eq!(plan("I was denied a deductible refund"), None);
    }

    #[test]
    fn a_plan_is_never_original_medicare() {
        for text in [
            "My Medicare plan denied my MRI",
            "My Medicare health plan denied my MRI",
            "My Medicare replacement plan denied it",
            "Medicare denied my MRI and the plan will not say why",
            "my medicare insurance company denied my MRI",
            "My plan denied my Part B drug",
            "Medicare says my doctor is out of network",
            "Mi plan de Medicare negó mi resonancia",
            "mi aseguradora de Medicare la negó",
            "Medicare denied it. My card says Humana",
            "my Medicare plan through my old job denied it",
            "I left Original Medicare, my Medicare plan denied my MRI",
            "His Medicare (he has Medicaid too) will not cover it, denied",
            "discharged after a 12 hr shift",
        ] {
            assert_eq!(plan(text), None, "{text}");
        }
        for text in
            ["Medicare denied my MRI", "Medicare Part B denied my walker", "Medicare denied it and I plan to appeal"]
        {
            assert_eq!(
                (plan(text), basis(text)),
                (Some(PlanType::OriginalMedicare), Some(PlanBasis::MedicareAlone)),
                "{text}"
            );
        }
        let sure = "Original Medicare denied my MRI";
        assert_eq!((plan(sure), basis(sure)), (Some(PlanType::OriginalMedicare), None));
    }

    #[test]
    fn a_private_kind_is_known_by_many_names() {
        for text in [
            "My Medicare Adv. plan denied it",
            "my medicare advantge denied it",
            "my Medicare Advantagc plan",
            "Medicare C denied it",
            "Medicare Plus Blue denied it",
            "HealthSpring Medicare denied it",
            "My Medicare plan sent me an Integrated Denial Notice",
        ] {
            assert_eq!(plan(text), Some(PlanType::MedicareAdvantage), "{text}");
        }
        for text in
            ["My Medicare PartD plan", "Medicare perscription plan", "Medicare pharmacy plan", "my farmacy plan"]
        {
            assert_eq!(plan(text), Some(PlanType::PartD), "{text}");
        }
    }

    #[test]
    fn an_answer_of_medicare_alone_is_not_sure() {
        assert_eq!(answered("Medicare"), Some((PlanType::OriginalMedicare, Some(PlanBasis::MedicareAlone))));
        assert_eq!(answered("It's Original Medicare"), Some((PlanType::OriginalMedicare, None)));
        for (text, plan) in [
            ("It's from my job", PlanType::Employer),
            ("Es de mi trabajo", PlanType::Employer),
            ("the Advantage kind", PlanType::MedicareAdvantage),
            ("Medicare Original", PlanType::OriginalMedicare),
            ("un plan de medicinas", PlanType::PartD),
            ("del Mercado", PlanType::Marketplace),
        ] {
            assert_eq!(answered(text), Some((plan, None)), "{text}");
        }
        assert_eq!(answered("I have no idea"), None);
        for text in ["a Medicare plan", "not Original Medicare", "Medicare from my old job"] {
            assert_eq!(answered(text), None, "{text}");
        }
    }
}
