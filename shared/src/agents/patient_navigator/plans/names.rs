//! The names of the kinds of plan, and the words that tell of a plan or a company.

use std::sync::LazyLock;

use crate::agents::fold::phrases::{Phrases, WordSet};
use crate::agents::patient_navigator::PlanType;

/// The kinds, the most specific first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    PartD,
    Medigap,
    Advantage,
    Medicaid,
    Marketplace,
    Employer,
    /// The Medicare Summary Notice, which Original Medicare alone sends.
    Summary,
    Original,
    /// Part A or B: Original Medicare's, and what every Medicare Advantage plan must cover too.
    Part,
    Medicare,
}

impl Rank {
    pub(super) fn plan(self) -> PlanType {
        match self {
            Self::PartD => PlanType::PartD,
            Self::Medigap => PlanType::Medigap,
            Self::Advantage => PlanType::MedicareAdvantage,
            Self::Medicaid => PlanType::Medicaid,
            Self::Marketplace => PlanType::Marketplace,
            Self::Employer => PlanType::Employer,
            Self::Summary | Self::Original | Self::Part | Self::Medicare => PlanType::OriginalMedicare,
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
pub(super) static NOT_A_PLAN: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "notice of medicare",
            "medicare savings|non|noncoverage|fraud",
            "important message from medicare",
            "take|takes|taking|took ~1 advantage of",
        ],
        SETS,
    )
});

/// Where Original Medicare is what somebody does not have, or had before.
pub(super) static NOT_ORIGINAL: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "not|no|isnt|never|dont|left|leaving|dropped|quit|instead|used|formerly|switched|from|dejo|deje ~2 original|traditional|regular medicare",
            "not|no|isnt|never|dont|left|leaving|dropped|quit|instead|used|formerly|switched|from|dejo|deje ~2 medicare original|tradicional",
        ],
        SETS,
    )
});

/// Signs of a plan or a company behind a decision.
pub(super) static OF_PLAN: LazyLock<Phrases<()>> = LazyLock::new(|| {
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
pub(super) static OTHER_PLAN: LazyLock<Phrases<()>> = LazyLock::new(|| {
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
pub(super) static MEDICARE_PLAN: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "medicare ~2 plan|plans|policy|insurance",
            "plan|seguro|poliza de? medicare",
            "medicare from|through|thru|via|by|de|por ~3 job|work|employer|company|union|trabajo|empleo",
        ],
        SETS,
    )
});

pub(super) static PLANS: LazyLock<Phrases<Rank>> = LazyLock::new(|| {
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
            "my|our|his|her|with|from|to|at hr",
            "hr|hrs ~1 plan|insurance|coverage",
            "hr department|office|says|said|told|lady|person",
            "federal employee|fehb",
        ],
    ),
    (
        Rank::Summary,
        &[
            "medicare ~1 summary notice",
            "msn",
            "aviso resumido de medicare",
            "resumen de medicare",
            "aviso resumen de medicare",
        ],
    ),
    (Rank::Original, &["original|traditional|regular|straight|plain medicare", "medicare original|tradicional"]),
    (Rank::Part, &["part|parte|parts a|b"]),
    (Rank::Medicare, &["medicare"]),
];

pub(super) static DRUG_COSTS: LazyLock<Phrases<()>> = LazyLock::new(|| {
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

pub(super) static MEDICARE: LazyLock<Phrases<()>> = LazyLock::new(|| Phrases::plain(&["medicare"], SETS));

pub(super) static TURNS_65: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &["turn|turns|turning|turned|am|im|at|be|ill|cumplo|cumple|cumplir|hits|hit|age ~1 65|sixtyfive"],
        SETS,
    )
});

pub(super) static LOSES_COVERAGE: LazyLock<Phrases<()>> = LazyLock::new(|| {
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
