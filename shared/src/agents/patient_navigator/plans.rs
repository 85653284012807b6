//! The kind of plan that a message names, by its own name or by the brand it is sold under.

use std::sync::LazyLock;

use super::spelling::corrected;
use super::{Intent, PlanType};
use crate::agents::fold::fold;
use crate::agents::fold::phrases::{Hit, Phrases, WordSet, is_overlapped};
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
        // Who lost a job's coverage, wants a Marketplace plan or asks what COBRA is has not said whose letter comes later.
        (
            Some(rank @ (Rank::Medicaid | Rank::Marketplace | Rank::Employer | Rank::Original)),
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

/// The kinds, the most specific first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    PartD,
    Medigap,
    Advantage,
    Medicaid,
    Marketplace,
    Employer,
    Original,
    /// Part A or B: Original Medicare's, and what every Medicare Advantage plan must cover too.
    Part,
    Medicare,
}

impl Rank {
    fn plan(self) -> PlanType {
        match self {
            Self::PartD => PlanType::PartD,
            Self::Medigap => PlanType::Medigap,
            Self::Advantage => PlanType::MedicareAdvantage,
            Self::Medicaid => PlanType::Medicaid,
            Self::Marketplace => PlanType::Marketplace,
            Self::Employer => PlanType::Employer,
            Self::Original | Self::Part | Self::Medicare => PlanType::OriginalMedicare,
        }
    }
}

const SETS: &[WordSet] = &[
    // Names that mean nothing else.
    (
        "company",
        "humana aetna cigna unitedhealthcare uhc aarp anthem kaiser wellcare centene elevance bcbs regence highmark molina \
         devoted healthspring wellpoint upmc geisinger healthfirst carefirst wellmark selecthealth premera",
    ),
    (
        "insurer",
        "humana aetna cigna unitedhealthcare united uhc aarp anthem kaiser wellcare centene elevance bcbs cross shield regence \
     highmark molina devoted clover scan alignment healthspring wellpoint upmc geisinger priority healthfirst emblem \
     premera carefirst florida wellmark selecthealth",
    ),
];

/// Where a plan's name is part of another name.
static NOT_A_PLAN: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "notice of medicare",
            "medicare summary|savings|non|noncoverage|fraud",
            "important message from medicare",
            "take|takes|taking|took ~1 advantage of",
        ],
        SETS,
    )
});

/// Where Original Medicare is what somebody does not have, or had before.
static NOT_ORIGINAL: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "not|no|isnt|never|dont|left|leaving|dropped|quit|instead|used|formerly|switched|from|dejo|deje ~2 original|traditional|regular medicare",
            "not|no|isnt|never|dont|left|leaving|dropped|quit|instead|used|formerly|switched|from|dejo|deje ~2 medicare original|tradicional",
        ],
        SETS,
    )
});

/// Signs of a plan or a company behind a decision.
static OF_PLAN: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "plan|plans|planes",
            "@company",
            "blue cross|shield",
            "hmo|ppo|pffs|insurer|aseguradora|formulary",
            "in|out|outside of? ~1 network",
            "fuera|dentro de la? red",
            "medicare ~2 insurance|insurer|company|carrier|policy|replacement|network|seguro|aseguradora|compania|poliza",
            "insurance|insurer|company|carrier|policy|seguro|aseguradora|compania|poliza ~2 medicare",
        ],
        SETS,
    )
});
/// Plans of other kinds.
static OTHER_PLAN: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "plan|plans to|on|of",
            "care|treatment|payment|therapy|discharge|lesson|meal plan|plans",
            "plan|planes de pago|pagos|tratamiento|cuidado|cuidados|atencion|accion",
        ],
        SETS,
    )
});
/// A plan that is Medicare's.
static MEDICARE_PLAN: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "medicare ~2 plan|plans|policy|insurance",
            "plan|seguro|poliza de? medicare",
            "medicare from|through|thru|via|by|de|por ~3 job|work|employer|company|union|trabajo|empleo",
        ],
        SETS,
    )
});

static PLANS: LazyLock<Phrases<Rank>> = LazyLock::new(|| {
    let mut patterns = Vec::new();
    for (rank, list) in LISTS {
        patterns.extend(list.iter().map(|pattern| (*rank, *pattern)));
    }
    Phrases::new(&patterns, SETS)
});

const LISTS: &[(Rank, &[&str])] = &[
    (
        Rank::PartD,
        &[
            "part d",
            "parte d",
            "partd|parted",
            "medicare d",
            "medicare|senior pharmacy|drug|drugs|rx|prescription|medication plan|plans|coverage|benefit|benefits|insurance|card|company",
            "pharmacy plan|plans|benefit|benefits",
            "denial of medicare prescription|drug",
            "plan de? medicare? para|de ~1 medicinas|medicamentos|recetas|farmacia",
            "drug|prescription|rx|pdp plan|plans|coverage|insurance",
            "prescription drug plan|plans|coverage",
            "silverscript|medicarerx|pdp",
            "@insurer medicare rx|drug|prescription",
            "value script",
            "donut|doughnut hole",
            "plan ~1 de medicinas|medicamentos|recetas",
        ],
    ),
    (
        Rank::Medigap,
        &[
            "medigap",
            "medicare supplement|supplemental|suplementario",
            "supplement|supplemental plan|plans|insurance|policy",
            "plan g|n|f|k|l $",
            "plan g|n medigap|supplement|premium",
        ],
    ),
    (
        Rank::Advantage,
        &[
            "medicare|humana|aetna|cigna|uhc|kaiser|senior advantage",
            "advantage plan|plans",
            "advantage hmo|ppo",
            "medicareadvantage",
            "medicare ~2 advantage|ventaja",
            "advantage|ventaja ~1 medicare",
            "my|his|her|our|their advantage",
            "ventaja de? medicare",
            "part|parte c",
            "partc",
            "medicare c",
            "medicare ma",
            "ma plan|plans",
            "ma pd",
            "medicare ~1 hmo|ppo|pffs",
            "medicare plus blue|plan|hmo|ppo|gold",
            "medicare blue|gold|choice|select|preferred|complete|dual|premier|secure|essential|elite|signature|freedom",
            "@company ~1 medicare",
            "integrated denial",
            "aviso integrado",
            "denial of medical coverage|payment",
            "organization determination",
            "@insurer ~2 medicare plan|ppo|hmo|advantage|complete|dual|choice",
            "humana|aetna|cigna|unitedhealthcare|uhc|anthem|wellcare|devoted|molina|kaiser|highmark|upmc medicare",
            "blue ~2 medicare",
            "humana gold|choice|honor|dual",
            "gold plus",
            "medicare complete|giveback",
            "aarp ~1 complete|advantage|patriot",
            "special needs plan",
            "dsnp|csnp|isnp|mapd|snp",
            "devoted|clover health",
            "scan health",
            "medicare advantage",
        ],
    ),
    (
        Rank::Medicaid,
        &[
            "medicaid|tenncare|masshealth|badgercare|soonercare|ahcccs|peachcare",
            "medi cal",
            "husky a|b|c|d|health",
            "apple health",
            "chip program|plan|covers|coverage",
            "healthy connections|louisiana|michigan",
        ],
    ),
    (
        Rank::Marketplace,
        &[
            "marketplace|obamacare|healthcaregov|mercado|ambetter",
            "healthcare gov",
            "health exchange",
            "exchange plan",
            "aca|affordable ~1 plan|act|plans",
            "covered california",
            "bronze|silver|catastrophic plan",
            "gold plan",
            "oscar health|insurance|plan",
            "ley de cuidado",
        ],
    ),
    (
        Rank::Employer,
        &[
            "through|from|by|via|thru|with ~2 work|job|employer|employers|union|workplace",
            "through|from|via|thru ~2 company",
            "through|from my|his|her ~1 husbands|wifes|spouses ~1 work|job|employer|company",
            "employer|employers|workplace",
            "work|jobs|job|company|companys|union|group ~1 plan|insurance|coverage|health",
            "job based",
            "cobra",
            "plan|seguro ~3 trabajo|empleador|empleo",
            "por mi ~1 trabajo",
            "self funded|insured plan",
            "hr|hrs",
            "federal employee|fehb",
        ],
    ),
    (Rank::Original, &["original|traditional|regular|straight|plain medicare", "medicare original|tradicional"]),
    (Rank::Part, &["part|parte|parts a|b"]),
    (Rank::Medicare, &["medicare"]),
];

static DRUG_COSTS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "insulin|insulina",
            "most|cap|limit|maximum|max|tope|maximo ~8 drug|drugs|prescription|prescriptions|medicine|medicines|medications|medicinas|medicamentos",
            "drug|drugs|prescription|prescriptions|medicine|medication|medications ~6 cap|limit|maximum|most|costs ~4 2024|2025|2026|2027|2028|medicare|year",
            "coverage gap",
            "catastrophic coverage|phase",
            "vaccine|vaccines|shingles ~4 free",
        ],
        SETS,
    )
});

static MEDICARE: LazyLock<Phrases<()>> = LazyLock::new(|| Phrases::plain(&["medicare"], SETS));

static TURNS_65: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &["turn|turns|turning|turned|am|im|at|be|ill|cumplo|cumple|cumplir|hits|hit|age ~1 65|sixtyfive"],
        SETS,
    )
});

static LOSES_COVERAGE: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "turn|turns|turning|turned|cumplo|cumple 26|twentysix",
            "aging|ages|age|aged off|out",
            "lost|lose|losing|loses ~6 coverage|insurance|job|benefits|plan|medicaid",
            "laid off",
            "fired from",
            "quit|quitting|left|leaving my|the|his|her ~1 job",
            "divorc* ~8 insurance|coverage|plan",
            "coverage|insurance|benefits ~2 end|ends|ending|ended|terminat*|stops",
            "perdi|perdio|pierdo ~4 seguro|trabajo|cobertura|empleo",
            "me despidieron",
            "self employed",
            "starting a business",
        ],
        SETS,
    )
});

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
