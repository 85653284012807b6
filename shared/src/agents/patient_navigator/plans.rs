//! The kind of plan that a message names, by its own name or by the brand it is sold under.

use std::sync::LazyLock;

use super::{Intent, PlanType};
use crate::agents::fold::phrases::{Phrases, WordSet, is_overlapped};
use crate::agents::prompt_security::triage::Message;

/// The kind of plan: the most specific that is named, and else what the need implies.
pub(super) fn find(message: &Message, intent: Intent) -> Option<PlanType> {
    let view = message.view();
    let named = view.sentences.iter().flat_map(|sentence| {
        let other = NOT_A_PLAN.find(&sentence.words);
        PLANS.find(&sentence.words).into_iter().filter(move |hit| !is_overlapped(hit, &other))
    });
    let named = named.map(|hit| hit.tag).min();
    let is_in = |patterns: &Phrases<()>| view.sentences.iter().any(|sentence| patterns.is_in(&sentence.words));
    match (named, intent) {
        // Part A and B are Medicare's own; whoever asks for a drug's price or cap asks about Part D.
        (Some(Rank::Medicare) | None, Intent::Costs) if is_in(&DRUG_COSTS) => Some(PlanType::PartD),
        (Some(Rank::Employer), Intent::Enrollment) if is_in(&MEDICARE) => Some(PlanType::OriginalMedicare),
        (Some(rank), _) => Some(rank.plan()),
        (None, Intent::Enrollment) if is_in(&TURNS_65) => Some(PlanType::OriginalMedicare),
        (None, Intent::Enrollment) if is_in(&LOSES_COVERAGE) => Some(PlanType::Marketplace),
        (None, _) => None,
    }
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
            Self::Original | Self::Medicare => PlanType::OriginalMedicare,
        }
    }
}

const SETS: &[WordSet] = &[(
    "insurer",
    "humana aetna cigna unitedhealthcare united uhc aarp anthem kaiser wellcare centene elevance bcbs cross shield regence \
     highmark molina devoted clover scan alignment healthspring wellpoint upmc geisinger priority healthfirst emblem \
     premera carefirst florida wellmark selecthealth",
)];

/// Where a plan's name is part of another name.
static NOT_A_PLAN: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &["notice of medicare", "medicare summary|savings|non|noncoverage|fraud", "important message from medicare"],
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
            "ventaja de? medicare",
            "part|parte c",
            "medicare ~1 hmo|ppo|pffs",
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
    (
        Rank::Original,
        &[
            "original|traditional|regular|straight|plain medicare",
            "medicare original|tradicional",
            "part|parte|parts a|b",
        ],
    ),
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
        find(&Message::new(text), Intent::AppealDenial)
    }

    #[test]
    fn every_pattern_can_be_read() {
        assert_eq!(PLANS.rejected(), [""; 0]);
        for list in [&NOT_A_PLAN, &DRUG_COSTS, &TURNS_65, &LOSES_COVERAGE] {
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
}
