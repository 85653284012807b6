//! The patterns that tell what a case is about, why the plan said no, and why somebody wants to sign up.

use std::sync::LazyLock;

use crate::agents::fold::phrases::{Phrases, WordSet};
use crate::agents::turn::{Affected, Care, Occasion, Reason, Subject};
use crate::knowledge::deadlines::Level;

/// What a pattern says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sign {
    Subject(Subject),
    Reason(Reason),
    Level(Level),
    Care(Care),
    Affected(Affected),
    Occasion(Occasion),
    Urgent,
    Declined,
}

const SETS: &[WordSet] = &[
    ("late", "late penalty multa"),
    (
        "choose",
        "choose choosing elect electing election yes decide accept late deadline until pay payment elegir escoger aceptar firmar decidir plazo hasta",
    ),
    ("add_es", "agregar agregarme meter meterme anadir anadirme incluir incluirme entrar apuntar apuntarme"),
    ("market", "marketplace obamacare healthcaregov cuidadodesalud mercado exchange aca"),
    (
        "when",
        "when pick choose late last latest deadline until january jan enero hasta plazo ultimo limite tarde cuando dia",
    ),
    (
        "lost",
        "lost acabo acabaron terminaron lose losing loses loss ended ends ending end left leaving leave quit retire retired retiring laid perdi pierdo perdio termino termina deje jubilo jubile despidieron acaba",
    ),
];

const PATTERNS: &[(Sign, &str)] = &[
    (Sign::Subject(Subject::Penalty), "late enrollment penalty"),
    (Sign::Subject(Subject::Penalty), "part d penalty"),
    (Sign::Subject(Subject::Penalty), "multa de|por ~3 parte|inscripcion"),
    (Sign::Subject(Subject::ExtraHelp), "extra help"),
    (Sign::Subject(Subject::ExtraHelp), "ayuda adicional"),
    (Sign::Subject(Subject::Marketplace), "tax credit|credits|subsidy"),
    (Sign::Subject(Subject::Marketplace), "marketplace says|said ~3 qualify|eligible"),
    (Sign::Subject(Subject::Marketplace), "marketplace ~3 eligibility"),
    (Sign::Subject(Subject::Marketplace), "credito fiscal|tributario"),
    (Sign::Subject(Subject::Discharge), "hospital ~8 discharg*|release*|home|out|alta"),
    (Sign::Subject(Subject::Discharge), "discharg* ~6 hospital|today|tomorrow|me|her|him|mom|dad"),
    (Sign::Subject(Subject::Discharge), "dar|dan|dieron de alta"),
    (Sign::Subject(Subject::CareEnds), "notice of medicare non coverage"),
    (Sign::Subject(Subject::CareEnds), "stop*|end|ends|ending|cut* ~4 nursing|rehab|therapy|home|hospice"),
    (
        Sign::Subject(Subject::CareEnds),
        "nursing|rehab|therapy|hospice|visits|coverage ~4 ends|ending|stops|stopping|stopped|cut",
    ),
    (Sign::Subject(Subject::CareEnds), "aviso de no cobertura"),
    (Sign::Subject(Subject::PartBDrug), "part b drug|medicine|medication"),
    (Sign::Subject(Subject::Drug), "prior auth* ~2 drug|medicine"),
    (Sign::Subject(Subject::Drug), "formulary|tier|step exception|therapy"),
    (Sign::Subject(Subject::Drug), "coverage determination"),
    (Sign::Subject(Subject::Drug), "terapia escalonada"),
    (Sign::Subject(Subject::Drug), "prescription|prescriptions|medication|medications|pharmacy|pills"),
    (Sign::Subject(Subject::Drug), "medicina|medicinas|medicamento|medicamentos|receta|farmacia|pastillas"),
    (Sign::Reason(Reason::NotNecessary), "not|isnt|wasnt ~1 medically necessary|needed"),
    (Sign::Reason(Reason::NotNecessary), "lack of medical necessity"),
    (Sign::Reason(Reason::NotNecessary), "no ~2 medicamente necesari*"),
    (Sign::Reason(Reason::NotNecessary), "no cumple ~4 criterios|necesidad"),
    (Sign::Reason(Reason::OutOfNetwork), "out of network"),
    (Sign::Reason(Reason::OutOfNetwork), "not in ~2 network"),
    (Sign::Reason(Reason::OutOfNetwork), "fuera de la? red"),
    (Sign::Reason(Reason::NoApproval), "no|without|lack|missing of? prior|pre authorization|approval|auth"),
    (Sign::Reason(Reason::NoApproval), "not ~1 preauthorized|preapproved|authorized"),
    (Sign::Reason(Reason::NoApproval), "sin autorizacion"),
    (Sign::Reason(Reason::NotABenefit), "not a|an ~1 covered? benefit|service"),
    (Sign::Reason(Reason::NotABenefit), "excluded|exclusion"),
    (Sign::Reason(Reason::NotABenefit), "no es un beneficio"),
    (Sign::Reason(Reason::Experimental), "experimental|investigational|unproven"),
    (Sign::Reason(Reason::StepTherapy), "step therapy"),
    (Sign::Reason(Reason::StepTherapy), "try ~4 first"),
    (Sign::Reason(Reason::StepTherapy), "probar ~5 primero"),
    (Sign::Reason(Reason::NotOnList), "not on ~2 formulary|list"),
    (Sign::Reason(Reason::NotOnList), "no esta en ~2 lista|formulario"),
    (
        Sign::Reason(Reason::PapersMissing),
        "missing|incomplete|insufficient|more|additional information|records|documentation|documents|paperwork",
    ),
    (Sign::Reason(Reason::PapersMissing), "faltan|falta ~2 documentos|informacion|papeles"),
    (Sign::Level(Level::Second), "denied|rejected|lost my ~1 appeal"),
    (Sign::Level(Level::Second), "appeal was|got|is denied|rejected|turned|unsuccessful"),
    (Sign::Level(Level::Second), "second appeal|level"),
    (Sign::Level(Level::Second), "level 2"),
    (Sign::Level(Level::Second), "redetermination ~3 denied|unfavorable|no"),
    (Sign::Level(Level::Second), "external review"),
    (Sign::Level(Level::Second), "final denial"),
    (Sign::Level(Level::Second), "negaron|rechazaron mi ~1 apelacion"),
    (Sign::Level(Level::Second), "segunda apelacion"),
    (Sign::Level(Level::Second), "revision externa"),
    (Sign::Level(Level::Third), "reconsideration ~3 denied|unfavorable"),
    (Sign::Level(Level::Third), "qic|ire|independent ~3 denied|said|no|upheld"),
    (Sign::Level(Level::Third), "judge|alj|omha"),
    (Sign::Level(Level::Third), "hearing officer|office|level|request|decision|date|with|before|on|is|was"),
    (Sign::Level(Level::Third), "a|the|my|at|for|to|fair|medicare hearing $"),
    (Sign::Level(Level::Third), "audiencia|juez"),
    (Sign::Care(Care::Had), "billed|bill|bills|reimburse*|already had|got|received"),
    (Sign::Care(Care::Had), "claim|claims|eob|explanation of benefits"),
    (Sign::Care(Care::Had), "after my|the ~2 surgery|stay|visit"),
    (Sign::Care(Care::Had), "ride|trip|stay|visit i had|took"),
    (Sign::Care(Care::Had), "factura|reclamo|reembols*|cobraron"),
    (Sign::Care(Care::Ahead), "prior|pre authorization|approval|auth"),
    (
        Sign::Care(Care::Ahead),
        "preauthorization|preapproval|precertification|scheduled|upcoming|planned|requested|request",
    ),
    (Sign::Care(Care::Ahead), "surgery|mri|appointment on|is next"),
    (Sign::Care(Care::Ahead), "autorizacion|programada|programado|solicitud"),
    (Sign::Affected(Affected::Mother), "my mom|mother|moms|mothers|mama|grandmother|grandma"),
    (Sign::Affected(Affected::Mother), "mi mama|madre|abuela"),
    (Sign::Affected(Affected::Father), "my dad|father|dads|fathers|grandfather|grandpa"),
    (Sign::Affected(Affected::Father), "mi papa|padre|abuelo"),
    (Sign::Affected(Affected::Spouse), "my husband|wife|spouse|partner|husbands|wifes"),
    (Sign::Affected(Affected::Spouse), "mi esposo|esposa|marido|mujer|pareja"),
    (Sign::Affected(Affected::Child), "my son|daughter|child|kid|baby|sons|daughters"),
    (Sign::Affected(Affected::Child), "mi hijo|hija|bebe|nino|nina"),
    (Sign::Affected(Affected::Other), "my brother|sister|aunt|uncle|friend|neighbor"),
    (Sign::Affected(Affected::Other), "mi hermano|hermana|tio|tia|amigo|amiga|vecino|vecina"),
    (Sign::Occasion(Occasion::Turning26), "turn|turns|turning|turned 26"),
    (Sign::Occasion(Occasion::Turning26), "cumple|cumplo 26"),
    (Sign::Occasion(Occasion::Cobra), "cobra ~12 @choose"),
    (Sign::Occasion(Occasion::Cobra), "@choose ~12 cobra"),
    (Sign::Occasion(Occasion::Birth), "baby|newborn|twins|bebe|gemelos ~8 born|arrived|nacio|nacieron"),
    (
        Sign::Occasion(Occasion::Birth),
        "born|nacio|nacieron ~6 baby|son|daughter|twins|bebe|hijo|hija|gemelos|nina|nino",
    ),
    (
        Sign::Occasion(Occasion::Birth),
        "had|have|tuve|tuvimos a|our|the|un|una|mi ~2 baby|son|daughter|twins|bebe|hijo|hija|nina|nino",
    ),
    (Sign::Occasion(Occasion::Birth), "gave birth"),
    (Sign::Occasion(Occasion::Birth), "girl|boy|son|daughter|twins|babies|triplets ~2 was|were born"),
    (Sign::Occasion(Occasion::Birth), "twins|baby|babies|triplets ~2 came|arrived"),
    (Sign::Occasion(Occasion::Birth), "nino|nina|hijo|hija|bebe|bebita|bebito|gemelos ~3 nacio|nacieron"),
    (Sign::Occasion(Occasion::Birth), "adopted|adopting|adoptamos|adoptar"),
    (
        Sign::Occasion(Occasion::SpousePlan),
        "husbands|wifes|spouses|partners ~2 employer|employers|job|work|company ~8 plan|insurance|coverage",
    ),
    (
        Sign::Occasion(Occasion::SpousePlan),
        "added|add|join|get|go|jump|hop ~3 on|onto|to|his|her ~2 husbands|wifes|spouses|his|hers|partners",
    ),
    (Sign::Occasion(Occasion::SpousePlan), "seguro|plan ~4 esposo|esposa|marido|mujer ~8 @add_es"),
    (Sign::Occasion(Occasion::SpousePlan), "@add_es ~8 esposo|esposa|marido|mujer"),
    (Sign::Occasion(Occasion::LostMedicaid), "@lost ~3 medicaid"),
    (Sign::Occasion(Occasion::LostMedicaid), "medicaid ~3 ended|ends|ending|stopped|cancel*|dropped"),
    (Sign::Occasion(Occasion::LostMedicaid), "me quitaron ~2 medicaid"),
    (Sign::Occasion(Occasion::LostJobCoverage), "@lost ~3 job|work|employer|jobs"),
    (Sign::Occasion(Occasion::LostJobCoverage), "@lost off"),
    (Sign::Occasion(Occasion::LostJobCoverage), "retire|retired|retiring|retirement"),
    (Sign::Occasion(Occasion::LostJobCoverage), "cobra"),
    (
        Sign::Occasion(Occasion::LostJobCoverage),
        "last day at|with|on ~2 work|job|plant|office|store|company|school|shop|hospital|factory",
    ),
    (
        Sign::Occasion(Occasion::LostJobCoverage),
        "insurance|coverage|benefits ~2 runs|goes|lasts|continues|good ~2 thru|through|until|till",
    ),
    (Sign::Occasion(Occasion::LostJobCoverage), "@lost ~3 trabajo|empleo"),
    (Sign::Occasion(Occasion::LostJobCoverage), "me jubilo|jubile|despidieron"),
    (Sign::Occasion(Occasion::LostCoverage), "@lost my ~2 coverage|insurance|plan"),
    (Sign::Occasion(Occasion::LostCoverage), "@lost ~2 cobertura|seguro"),
    (Sign::Occasion(Occasion::MarketplaceEnrollment), "@market ~12 @when"),
    (Sign::Occasion(Occasion::MarketplaceEnrollment), "@when ~12 @market"),
    (Sign::Occasion(Occasion::MarketplaceEnrollment), "healthcare gov ~12 @when"),
    (Sign::Occasion(Occasion::MarketplaceEnrollment), "@when ~12 healthcare gov"),
    (Sign::Occasion(Occasion::Moved), "move|moved|moving to|from|out|states|here"),
    (Sign::Occasion(Occasion::Moved), "me mudo|mude|mudando"),
    (Sign::Occasion(Occasion::Turning65), "turn|turns|turning|turned 65"),
    (Sign::Occasion(Occasion::Turning65), "65th birthday"),
    (Sign::Occasion(Occasion::Turning65), "be|hit|hits|reach 65"),
    (Sign::Occasion(Occasion::Turning65), "turning sixty five"),
    (Sign::Occasion(Occasion::Turning65), "cumplo|cumple|cumplir|cumpli 65"),
    (Sign::Occasion(Occasion::StillWorking), "still|keep|am|im|continue working|work"),
    (Sign::Occasion(Occasion::StillWorking), "sigo trabajando"),
    (Sign::Occasion(Occasion::Late), "missed|forgot|late ~4 enroll*|sign|window|period|deadline|part"),
    (Sign::Occasion(Occasion::Late), "didnt|never sign|signed|enroll*"),
    (Sign::Occasion(Occasion::Late), "no me inscribi"),
    (Sign::Occasion(Occasion::Medigap), "medigap|supplement|supplemental"),
    (Sign::Occasion(Occasion::Medigap), "seguro suplementario"),
    (Sign::Occasion(Occasion::LeaveAdvantage), "leave|drop|switch|change|get ~4 advantage"),
    (Sign::Occasion(Occasion::LeaveAdvantage), "dejar|cambi*|salir* ~4 advantage"),
    (Sign::Occasion(Occasion::MarketplaceEnrollment), "marketplace|healthcare|obamacare ~4 enroll*|sign|open|buy|get"),
    (Sign::Occasion(Occasion::MarketplaceEnrollment), "enroll*|sign|open ~5 marketplace|healthcare|obamacare"),
    (Sign::Occasion(Occasion::MarketplaceEnrollment), "inscri* ~6 mercado|obamacare"),
    (Sign::Occasion(Occasion::OpenEnrollment), "open enrollment"),
    (Sign::Occasion(Occasion::OpenEnrollment), "switch|change|compare ~3 medicare|drug|part plan|plans|d"),
    (Sign::Occasion(Occasion::OpenEnrollment), "inscripcion abierta"),
    (Sign::Occasion(Occasion::OpenEnrollment), "cambi* ~5 medicare"),
    (Sign::Occasion(Occasion::OpenEnrollment), "switch|change|drop|pick ~6 drug|medicare plan|plans"),
    (Sign::Occasion(Occasion::LowIncome), "have|got|get|on medicaid|extra ~2 change|switch|join"),
    (Sign::Urgent, "urgent|urgently|expedited|expedite"),
    (Sign::Urgent, "cant|cannot wait"),
    (Sign::Urgent, "fast appeal|review|decision"),
    (Sign::Urgent, "getting worse"),
    (Sign::Urgent, "hurry|speed ~2 up"),
    (Sign::Urgent, "make|get them ~2 hurry|faster|quicker|sooner"),
    (Sign::Urgent, "back|end|wind ~4 hospital|er ~2 without"),
    (Sign::Urgent, "every day|week|hour matters|counts"),
    (Sign::Urgent, "apurar*|apuren"),
    (Sign::Urgent, "waiting ~3 harm|hurt|kill|dangerous"),
    (Sign::Urgent, "runs|running|run out of|tomorrow|today"),
    (Sign::Urgent, "urgente|urgentemente"),
    (Sign::Urgent, "no puedo|puede esperar"),
    (Sign::Urgent, "apelacion rapida"),
    (Sign::Urgent, "esta empeorando|peor"),
    (Sign::Declined, "dont|do|not not? know|sure|remember|have"),
    (Sign::Declined, "not sure"),
    (Sign::Declined, "no idea"),
    (Sign::Declined, "cant|cannot find|say|tell"),
    (Sign::Declined, "no lo? se|tengo|recuerdo|encuentro"),
    (Sign::Declined, "no estoy segur*"),
];

static SIGNS: LazyLock<Phrases<u16>> = LazyLock::new(|| {
    let numbered: Vec<(u16, &'static str)> =
        PATTERNS.iter().zip(0..).map(|((_, pattern), number)| (number, *pattern)).collect();
    Phrases::new(&numbered, SETS)
});

/// The signs in the sentences of a text, the more specific ones of a kind first, whichever sentence they stand in.
pub(super) fn find(sentences: &[Vec<&str>]) -> Vec<Sign> {
    let mut hits: Vec<u16> = sentences.iter().flat_map(|words| SIGNS.find(words)).map(|hit| hit.tag).collect();
    hits.sort_unstable();
    hits.into_iter().filter_map(|number| PATTERNS.get(usize::from(number))).map(|(sign, _)| *sign).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_can_be_found() {
        assert_eq!(super::SIGNS.rejected(), [""; 0]);
    }
}
