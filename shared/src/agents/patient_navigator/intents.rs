//! What a person wants, by patterns that each count for one intent.
//!
//! The intent with the most points wins; a pattern counts once, however often it stands in the message. English and
//! Spanish.

use std::sync::LazyLock;

use super::Intent;
use super::words::SETS;
use crate::agents::fold::phrases::Phrases;
use crate::agents::prompt_security::triage::{Message, ends_care};
use chrono::NaiveDate;

/// A greeting or thanks in more words than this has another purpose.
const LONGEST_SMALLTALK: usize = 10;
/// Fewer points than this are no intent.
const LEAST_POINTS: u32 = 2;
/// A discharge within days is more than any words about it.
const DISCHARGE_POINTS: u32 = 9;

/// An intent, and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The intent.
    pub(super) intent: Intent,
    /// In percent.
    pub(super) confidence_percent: u8,
}

/// The intent of a message.
pub(super) fn find(message: &Message, today: NaiveDate) -> Found {
    let view = message.view();
    let mut points = [0_u32; Intent::ALL.len()];
    let mut seen = std::collections::HashSet::new();
    let mut length = 0;
    for sentence in &view.sentences {
        length += sentence.words.len();
        let harmless = FIGURES.find(&sentence.words);
        for hit in SIGNS.find(&sentence.words) {
            let is_figure = harmless.iter().any(|other| other.start < hit.end && hit.start < other.end);
            if !is_figure && seen.insert(hit.tag) {
                points[hit.tag.intent as usize] += hit.tag.points;
            }
        }
    }
    if ends_care(&view, today) {
        points[Intent::FastAppealDischarge as usize] += DISCHARGE_POINTS;
    }
    if length > LONGEST_SMALLTALK {
        points[Intent::Smalltalk as usize] = 0;
    }
    let mut best = Found { intent: Intent::Other, confidence_percent: 30 };
    let (mut most, mut second) = (LEAST_POINTS - 1, 0);
    for intent in Intent::ALL {
        let own = points[intent as usize];
        if own > most {
            (second, most) = (most, own);
            best.intent = intent;
        } else {
            second = second.max(own);
        }
    }
    if best.intent != Intent::Other {
        let lead = most.saturating_sub(second);
        best.confidence_percent = if most >= 5 && lead >= 3 {
            90
        } else if lead >= 1 {
            75
        } else {
            55
        };
    }
    best
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Sign {
    intent: Intent,
    points: u32,
    number: usize,
}

/// Where words of a pattern mean something else.
static FIGURES: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "car|auto|home|homeowners|renters|pet|boat|travel insurance",
            "cover letter",
            "covered in",
            "customer service representative|rep",
            "sales representative|rep",
            "change of address",
            "not sure",
            "how much time|longer",
            "appeals to me",
            "in time",
        ],
        SETS,
    )
});

static SIGNS: LazyLock<Phrases<Sign>> = LazyLock::new(|| {
    let mut number = 0;
    let mut patterns = Vec::new();
    for (intent, points, list) in LISTS {
        for pattern in *list {
            number += 1;
            patterns.push((Sign { intent: *intent, points: *points, number }, *pattern));
        }
    }
    Phrases::new(&patterns, SETS)
});

type List = (Intent, u32, &'static [&'static str]);

const LISTS: &[List] = &[
    (
        Intent::AppealDenial,
        8,
        &[
            "denied|denial|denials|denies|denying|rejected|rejects|rejection|declined|disapproved|disallowed|overturn",
            "turned|turns|turning ~3 down",
            "said|say|says|saying|told ~2 no",
            "refused|refuses|refuse|refusing ~3 pay|cover|approve|authorize|reimburse|let",
            "wont|didnt|doesnt|wouldnt|not ~1 pay|cover|approve|reimburse|authorize",
            "not|isnt|wasnt|arent ~1 medically necessary",
            "didnt|hasnt|havent|isnt|wont|never|not ~1 paid|paying",
            "decided|deciding|decides not|against",
            "appeal|appeals|appealing|appealed",
            "negaron|nego|negado|negada|negacion|niega|niegan|denegaron|denegado|denegada|denegacion|rechazaron|rechazo|rechazado|rechazada",
            "apel*",
            "dijo|dijeron|dice|dicen ~1 que no",
            "no quier*|quiso|quisieron ~1 pagar|cubrir|aprobar",
        ],
    ),
    (
        Intent::AppealDenial,
        3,
        &[
            "deny|reject",
            "reconsider|reopen|review ~2 again",
            "reconsider",
            "second|another review",
            "fight|challenge|contest|dispute|reverse ~3 decision|denial|it|that|this|them",
            "redetermination|reconsideration|external review|hearing",
            "impugnar|pelear",
        ],
    ),
    (
        Intent::FastAppealDischarge,
        7,
        &[
            "notice of medicare non|noncoverage",
            "nomnc|qio|livanta|acentra|kepro",
            "@facility ~6 discharg* ~8 soon|early|ready",
            "discharg* ~6 too soon|early",
            "fast|expedited|immediate appeal|review ~6 discharg*|hospital|stay",
        ],
    ),
    (
        Intent::FastAppealDischarge,
        4,
        &["have|has|must to? leave ~2 hospital|rehab|facility|nursing", "fast appeal", "dar|dan de alta"],
    ),
    (
        Intent::PriorAuthorization,
        6,
        &[
            "prior|pre ~1 auth*|approv*|cert*",
            "preauth*|precert*|preapprov*",
            "auth|authorization|authorisation|authorizations",
            "@need|get|getting|before|require|requires ~2 approval|approved|permission ~4 before|first|ahead|for|advance",
            "autorizacion|autorizaciones|preautoriz*",
            "aprobacion|permiso ~2 previ*|antes|para",
            "how long ~6 approve|approval|decide|decision|authorize",
        ],
    ),
    (
        Intent::PriorAuthorization,
        4,
        &[
            "hasnt|havent|not|still|yet|never ~3 approved|authorized|approve|decided",
            "waiting|wait ~4 approval|approve|decision",
            "step therapy|quantity limit",
            "formulary|tier exception",
            "approve it|this|my|the",
            "todavia|aun no ~3 aprob*|aprueb*|autoriz*",
        ],
    ),
    (
        Intent::CoverageQuestion,
        4,
        &[
            "cover|covers|covered|covering",
            "@plan|they|it|this|that ~2 pay|pays|paying|paid ~1 for|if|toward*|when",
            "paid|paying for",
            "cubre|cubren|cubierto|cubierta|cubiertos|cubiertas|cubrir|cubra",
            "paga|pagan|pagara ~2 el|la|los|las|por|mi|@plan",
            "included|include|includes ~3 plan|benefit|benefits|coverage|insurance",
            "coverage for|of",
            "get|have ~4 through|with|from|under ~1 @plan",
            "is|are ~4 free ~2 on|under|with|for",
            "eligible for ~4 benefit|benefits|coverage",
            "@need ~1 referral",
            "incluye|incluyen",
        ],
    ),
    (
        Intent::Costs,
        5,
        &[
            "how much",
            "what|whats ~3 cost|costs|price|charge|charges",
            "what|whats ~1 do|does|will|would|did|should ~2 i|we|it|he|she|this ~1 pay|owe|cost",
            "what|whats ~5 copay|copayment|coinsurance|premium|deductible",
            "cost|costs me|us",
            "cuanto|cuanta|cuesta|cuestan|costo|costara|precio",
            "my|our share|portion|part|responsibility ~1 for|of",
            "expensive|pricey",
            "out of pocket",
            "donut|doughnut hole",
            "coverage gap",
            "most|maximum|max|limit|cap|tope|maximo ~5 pay|spend|charge|cost|costs|spending|pagar|deductible",
            "pay|pays|paying|charged more|extra ~3 because|for",
            "irmaa",
            "really # ~3 month",
            "por mes|dia",
            "per|each|a day ~6 hospital|snf|nursing",
            "day|days # ~8 hospital|stay",
            "pay for ~6 longer|days|stay",
        ],
    ),
    (
        Intent::Costs,
        14,
        &[
            "what|whats is|are? the|my|your? ~2 part|medicare|plan|plans|my ~2 deductible|premium|copay|coinsurance|deductibles|premiums|copays",
            "what|whats is|are? my|your ~1 copay|premium|deductible|coinsurance|copays|premiums|deductibles",
            "what|whats is|are? the? copay|premium|deductible|coinsurance for|with|on|in",
        ],
    ),
    (
        Intent::Costs,
        8,
        &[
            "penalty|penalties|multa for|por|if|late|is|signing|enrolling|amount",
            "i|we ~2 pay|owe ~6 medicare|part|hospital|visit|drugs|drug",
        ],
    ),
    (
        Intent::Costs,
        3,
        &[
            "copay|copays|copayment|copayments|coinsurance|deductible|deductibles|premium|premiums|copago|deducible|prima|coseguro",
            "cost|costs|expensive|cheaper|price",
            "owe",
        ],
    ),
    (
        Intent::Enrollment,
        6,
        &[
            "enroll|enrolls|enrolled|enrolling|disenroll*",
            "enrollment ~3 period|window|deadline|end|ends|start|starts|begin",
            "open|special|initial|general|annual enrollment",
            "sign|signing|signed|signs ~4 up",
            "turn|turns|turning|turned 65|26|sixtyfive|twentysix",
            "inscrib*|inscripcion",
            "cumplo|cumple|cumplir 65|26",
            "apply|applying|application for ~4 medicaid|medicare|obamacare|marketplace|coverage|insurance|chip",
            "@switch ~6 plan|plans|coverage|insurance|policy|advantage|medicare|part|medigap|hmo|ppo",
            "join|joining ~4 plan|plans|part|medicare|advantage",
            "get|got|buy|need|want|find|choose|pick|picking|choosing|compare ~3 insurance|plan|plans|coverage|policy|medigap",
            "lost|lose|losing|loses|ending|ends|ended ~5 coverage|insurance|job|plan|benefits",
            "dont|no|without|not ~2 have ~2 insurance|coverage|plan",
            "no insurance|coverage",
            "uninsured",
            "aging|ages|age|aged off|out",
            "which|what|best plan|insurance|policy ~4 choose|pick|best|get|right|for|buy",
            "different|better|another|cheaper|new insurance|plan|coverage|policy",
            "cobra",
            "add|adding ~4 to|on ~4 plan|coverage|insurance|policy",
            "necesito|quiero|buscar|busco|conseguir|comprar ~3 seguro|plan|cobertura",
            "cambiar|cambio|cancelar|dejar|salir ~4 plan|seguro|cobertura",
            "perdi|pierdo|perder|perdio ~5 seguro|trabajo|cobertura|empleo",
            "no tengo ~2 seguro|cobertura",
            "missed ~4 enrollment|signing|sign|deadline ~6 medicare|enroll*|part",
            "when|how ~4 start|get|getting|begin|qualify|eligible ~2 medicare|part|coverage",
            "when|does|will ~4 coverage|plan|insurance|medicare ~1 start|starts|begin|begins|effective|kick",
            "new to medicare",
            "late|auto|automatically enroll*",
            "need|get part a|b",
            "time|when ~2 to enroll|join|sign",
        ],
    ),
    (Intent::Enrollment, 12, &["have|need|must|should ~3 take|get|keep|enroll ~1 medicare|part"]),
    (
        Intent::Enrollment,
        3,
        &[
            "divorce|divorced|divorcing|moved|moving|retire|retiring|retired|married|marriage|newborn|baby|laid|quit|fired ~12 insurance|coverage|plan|marketplace|medicare|enrollment|healthcare",
            "still|keep|working ~8 medicare|part",
            "have|need|must to? take|get ~1 medicare",
            "best time|plan",
            "eligible|eligibility",
            "me jubilo|mudo|mude|divorci*|caso|case",
        ],
    ),
    (
        Intent::FindProvider,
        6,
        &[
            "find|need|looking|want|recommend|search|searching|get|see|locate|suggest ~3 new|good|another|different|closest ~1 @provider",
            "find|looking|recommend|searching|locate|suggest ~5 @provider",
            "need|want a|an|another ~1 @provider",
            "i|we need|want ~2 @provider",
            "take|takes|taking|accept|accepts|accepting|acepta|acepten|acepte|aceptan|toma|toman ~4 @plan|insurance|seguro|patients|medicare|medicaid",
            "which|what|any|are|is|does ~3 @provider ~6 network|near|nearby|take|takes|accept|accepts|around|in",
            "in|still|outside my|the|your|our|their ~1 network",
            "@provider ~3 in network",
            "in network ~3 @provider",
            "is|are ~8 in ~1 network",
            "network ~1 directory|doctors|providers|pharmacies|hospitals",
            "@provider ~6 near|nearby|close|around|cerca",
            "busco|buscar|buscando|encontrar|encuentro|necesito|recomienda ~3 @provider",
            "@provider ~5 en mi red",
            "que|cuales|algun|alguna ~2 @provider ~4 acepta*|acepte*|red|cerca",
            "second opinion",
            "where ~4 get|go|have ~6 network",
        ],
    ),
    (Intent::FindProvider, 3, &["near me|here|#", "provider|doctor directory|list|finder", "cerca de"]),
    (
        Intent::SurpriseBill,
        8,
        &[
            "balance bill*",
            "surprise bill*|medical",
            "no surprises act",
            "out of network ~12 bill|billed|bills|charge|charged|owe|owes|pay",
            "bill|billed|bills|charge|charged|owe ~12 out of network",
            "bill|billed|bills|charge|charged ~12 not|isnt|wasnt ~2 in ~2 plan|network|insurance",
            "charg*|bill* ~4 more than ~6 eob|allowed|owe|insurance|plan|says|should",
            "network ~10 wasnt|isnt|werent|not ~8 owe|bill|billed|charged|pay",
            "not|isnt|wasnt|werent|outside ~4 network|plan ~10 bill|billed|bills|charge|charged|owe|owes",
            "wants|want|asking|billing|bill ~3 rest|difference|balance ~3 me|us|from",
            "factura|cuenta|cobr* ~3 sorpresa|inesperad*",
            "factura|cuenta|cobr* ~12 fuera de|no ~3 red",
            "ambulance ~6 bill|billed|charge|charged",
        ],
    ),
    (
        Intent::SurpriseBill,
        4,
        &[
            "got|get|received|sent|sending|came ~4 bill|bills",
            "billed|charged me|us",
            "llego|recibi|mandaron ~3 factura|cuenta",
        ],
    ),
    (
        Intent::FinancialHelp,
        10,
        &[
            "cant|cannot|couldnt|unable|hard|struggling|struggle|trouble|not|dont|barely ~3 afford|pay|paying",
            "afford",
            "help|assistance|aid|assist ~2 pay|paying|cost|costs|premium|premiums|bill|bills|copays",
            "help|assistance|aid ~3 with ~3 cost|costs|premium|premiums|bill|bills|copays|prescriptions|payments|deductible",
            "help|assistance for ~6 pay|afford|income",
            "qualify|eligible for help|assistance|aid",
            "lower|reduce ~3 cost|costs|premium|premiums|bill|bills",
            "help paying",
            "charity|charitable care",
            "financial assistance|help|aid|hardship",
            "subsidy|subsidies|subsidio|subsidios",
            "tax credit|credits",
            "program|programs ~4 help|helps|pay|lower|discount|assist*",
            "medical debt",
            "collections|collection agency?",
            "payment plan",
            "ayuda financiera|economica",
            "no ~1 puedo|podemos|alcanza ~3 pagar|comprar|medicinas|medicamentos|pago",
            "ayuda|asistencia ~2 para|con ~3 pagar|costos|prima|medicinas",
            "bajos ingresos",
        ],
    ),
    (
        Intent::FinancialHelp,
        14,
        &[
            "extra help",
            "low income subsidy",
            "savings program|programs",
            "qmb|slmb|msp|lis",
            "ayuda adicional|extra",
            "programa de ahorros",
        ],
    ),
    (
        Intent::FinancialHelp,
        6,
        &[
            "make|makes|earn|earns|income|live|living|get|bring ~3 # ~3 month|year|monthly|yearly|week",
            "# ~2 month ~2 social|income|pension",
            "cost|costs too much",
            "fixed|limited|low income",
            "too expensive",
            "gano|ganamos|ingresos ~3 #",
        ],
    ),
    (
        Intent::ExplainTerm,
        9,
        &[
            "difference|differences|diferencia|diferencias ~1 between|entre",
            "what|whats|wats is|are|was? a|an|the? @term ~2 $",
            "^ @term meaning",
            "stand|stands for",
            "@term vs|versus ~1 @term",
            "what|whats is|are? a|an|the? out|allowed|medically|creditable|prior|step|donut|coverage|qualified ~3 $",
            "what ~2 does ~5 mean ~3 $",
            "what ~1 do ~3 mean by",
            "meaning of",
            "define|definition",
            "explain|explains|explica|explicar|explique|expliqueme ~3 @term",
            "que es|son ~3 @term ~2 $",
            "que significa|quiere",
            "is the same as|thing",
        ],
    ),
    (
        Intent::ExplainDocument,
        6,
        &[
            "got|get|received|have|recibi|llego ~4 letter|notice|eob|statement|carta|aviso",
            "what ~3 do ~3 with ~3 letter|notice",
        ],
    ),
    (
        Intent::ExplainTerm,
        4,
        &["what|whats is|are ~3 @term", "que es|son ~3 @term", "what does ~6 mean", "how does|do ~3 @term work"],
    ),
    (
        Intent::ExplainDocument,
        16,
        &[
            "what|whats ~2 is|does|do|did ~2 this|my|these|that|the ~3 @document ~3 say|says|mean|means|telling|about|saying|tell",
            "read|explain|translate|review|check|interpret|summarize|understand|decode ~3 this|my|these|the|it|that ~2 @document",
            "understand ~6 @document",
            "look at ~3 @document",
            "confused|confusing ~4 @document",
            "@document ~6 confusing|confused|understand|codes",
            "@document ~8 what ~1 it|this|they|that ~1 mean|means|says|saying",
            "no ~1 entiendo|comprendo ~4 @document",
            "que dice|significa|quiere ~4 @document",
            "lea|leer|leerme|explicar*|explique|traducir|traduzca ~3 @document",
        ],
    ),
    (
        Intent::Fraud,
        10,
        &[
            "scam|scams|scammer|scammed|fraud|fraudulent|estafa|estafas|fraude|phishing",
            "@charged ~10 never|didnt ~2 had|have|got|get|received|receive|ordered|order|happened|happen|saw|see|used|asked|took|needed",
            "never|didnt ~1 ordered|order|happened|happen|asked|requested ~3 $",
            "called|calling|caller|call|email|texted|somebody|someone ~8 for|pedir*|pide* ~3 medicare|social|card|mi|bank ~2 number|numero|card|security",
            "pedir|pedirme|pidieron|piden|pidio ~4 numero",
            "asked|asking|asks|wants|wanted ~4 medicare|social ~1 number|card",
            "billing|bills|billed|charging|charged ~4 medicare|medicaid|insurance ~6 never|didnt|fake|not|happen*|twice",
            "offering|offer|offers|offered|give|gave|giving|gives|share ~10 medicare|social ~2 number|card|security",
            "in my name",
            "suspicious",
            "stolen|stole|used|using|uses my ~1 identity|card|medicare|number",
            "identity theft|robo",
        ],
    ),
    (
        Intent::Representative,
        12,
        &[
            "representative|representante ~3 for|form|de|appeal|as|of",
            "as ~2 representative|representante",
            "appoint|appointing|appointment|authorized|authorize|nombrar ~4 representative|representante|someone|somebody|person",
            "on|in ~1 my|his|her|their ~1 behalf",
            "power of attorney",
            "speak|talk|call|deal ~1 to|with ~2 medicare|plan|insurance|insurer|them ~1 for my|him|her",
            "call medicare|insurance|plan for me|my|him|her",
            "appeal for my|him|her|his",
            "permission|permiso ~3 talk|speak|call|see|handle|para|hablar",
            "give|giving|let ~1 my ~2 @family ~4 permission|access|authority|talk|speak",
            "want|need|have|let my ~1 @family ~2 handle|help|talk|speak|call|file|manage|deal|appeal",
            "nombr*|designar|autorizar ~3 representante|alguien|hija|hijo",
            "poder notarial|legal",
            "can|could|may|let|lets|allow|allows|how ~1 my|a ~1 @family ~4 talk|speak|call|act|appeal|handle|sign|deal|represent|manage|help|ask|do|make|file",
            "puede|pueden|podria ~1 mi ~1 @family ~6 por mi|llamar|hablar|representar*|actuar|apelar|firmar",
            "talk|speak|call|act|decide|appeal|sign for me|my|him|her",
            "help|handle|manage ~2 my ~2 @family|parents ~4 medicare|insurance|plan|appeal|claim|paperwork",
            "en mi nombre",
            "someone|somebody ~2 act|speak|appeal|call ~3 for|as",
            "proxy|guardian|conservator",
        ],
    ),
    (
        Intent::Complaint,
        9,
        &[
            "complain|complaint|complaints|complaining",
            "grievance|grievances|agravio",
            "report|reporting ~4 plan|insurance|insurer|insurers|company|them|agent|broker|provider|doctor|humana|aetna",
            "report ~1 that|this|it|him|her|a|an ~3 $",
            "keeps|keep|kept ignoring|transferring|hanging|lying",
            "ignoring me|us",
            "bad|terrible|poor|awful service|treatment|experience",
            "treated ~2 badly|poorly|terribly|rudely",
            "insurance|state commissioner|regulator|department",
            "rude|mistreated|unprofessional|lied|hung|hanging|hangs",
            "queja|quejas|quejar*|denunciar|reportar|reclamar ~3 contra?",
        ],
    ),
    (
        Intent::PrivacyRequest,
        12,
        &[
            "delete|erase|remove|clear|wipe|borra|borrar|borre|elimina|eliminar|elimine ~5 data|information|account|history|conversation|conversations|chat|chats|messages|record|everything|datos|informacion|historial|cuenta|conversacion|mensajes",
            "who ~3 see|read|access|sees|reads|view ~5 chat|this|write|type|information|conversation|data|say|messages|here|records",
            "do|does|will|can|are|how|is ~2 you|this|it|anyone|anybody ~3 store|save|keep|share|sell|record|saved|stored|shared|recorded|storing|recording|keeping ~6 $",
            "private|privacy|confidential|hipaa|privad*|privacidad|confidencial",
            "copy of ~4 data|everything|information|conversation|chat|records ~4 you|me|about",
            "quien ~3 ver|lee|leer|ve|acceso ~6 escribo|chat|digo|informacion|conversacion|datos|esto",
            "guarda|guardan|comparte|comparten|vende|venden ~5 escribo|datos|informacion|conversacion|digo",
            "is ~2 information|data|chat|conversation ~2 safe|secure|encrypted",
            "what ~3 do|does|happens|happen ~3 with|to ~2 my|the|this ~1 data|information|info|messages|conversation|chat",
            "shar*|sell|selling|stor*|sav* my|our data|information|info",
            "what data|information ~3 you ~2 have|collect|keep|store",
        ],
    ),
    (
        Intent::HumanHelp,
        9,
        &[
            "talk|speak|chat|speaking|talking to|with ~3 person|human|someone|agent|representative|somebody|counselor|advisor|people|operator|rep|specialist",
            "real|live|actual person|human|agent|someone",
            "human being",
            "connect|transfer|put me ~2 to|through|with",
            "call me|back",
            "free help|counseling|advice|counselor|assistance",
            "ship|shiip counselor|counselors|office|number|program|volunteer",
            "counselor|navigator|broker|advisor near|in|help*",
            "phone|telephone|hotline|number ~4 call|help|speak|reach|medicare|plan|talk",
            "number|telefono ~2 to|for|of|de|para",
            "who|whom ~2 can|could|should|do ~3 help|call|talk|ask|contact|speak",
            "help ~3 in person",
            "near me ~4 help",
            "ayuda|hablar|necesito ~4 persona|alguien",
            "help ~6 free",
            "how ~3 contact|reach|call ~2 medicare|plan|insurance|someone|you|ship|social",
            "hablar con ~3 persona|alguien|agente|humano|representante|asesor|consejero",
            "ayuda gratis|gratuita",
            "quien ~2 puede ~2 ayudar*",
            "persona real",
            "local help|office",
        ],
    ),
    (
        Intent::MedicalAdvice,
        9,
        &[
            "should|can|could|may|do i|he|she|we|my|you ~3 take|taking|stop|quit|eat|drink|try|increase|double|mix",
            "dose|doses|dosage|dosis|milligrams|mg ~3 of|de|for|should|can|le",
            "safe|okay|ok|seguro ~2 to|for|tomar ~3 take|taking|mix|pregnan*|tomar",
            "side effect|effects",
            "efectos secundarios",
            "puedo|debo|deberia|puede ~2 tomar|dejar|dar|darle|comer",
            "is|are|could|does ~3 mole|lump|rash|bump|symptom|symptoms|pain|headache|cough|fever ~4 cancer|serious|normal|infected|mean|bad|dangerous|contagious",
            "do i|we|he|she have ~3 cancer|diabetes|covid|flu|depression|disease|infection",
            "what|which ~2 medicine|medication|drug|treatment|vitamin|supplement ~3 should|best|good|is",
            "diagnose|diagnosis ~3 me|is",
            "cure for|cancer",
            "better ~2 metformin|ozempic|statin|aspirin|insulin",
            "que medicina|medicamento ~2 debo|tomo|es",
            "home remedy|remedies",
        ],
    ),
    (
        Intent::Other,
        7,
        &[
            "weather|clima|poem|poema|joke|chiste|recipe|receta de|para|election|elections|president|stock|stocks|bitcoin|homework",
            "write|tell|sing me? ~2 poem|story|song|joke|essay|code|script",
            "car|auto|home|homeowners|renters|pet|boat|travel insurance",
            "capital of",
            "who won|will win|is the president",
            "movie|football|basketball|soccer|baseball|super bowl",
            "python|javascript|html|sql",
            "translate ~6 french|german|chinese|japanese",
        ],
    ),
    (
        Intent::Smalltalk,
        3,
        &[
            "thanks|thank|thx|ty|gracias|appreciate",
            "hello|hi|hey|hola|greetings|howdy|yo",
            "good morning|afternoon|evening|night|day",
            "buenos|buenas dias|tardes|noches",
            "bye|goodbye|adios|ciao",
            "see you|ya",
            "very|so|super|really|was helpful|useful",
            "you helped|rock",
            "you are|youre|ur ~1 great|awesome|wonderful|amazing|best|kind|good",
            "how are you",
            "como esta|estas",
            "^ ok|okay|great|perfect|awesome|cool|sure|yes|no|si|bueno|perfecto|fine|got $",
            "nice|pleasure ~1 to? meet|talking",
            "have a",
            "que tenga",
            "who|what are you",
            "are you ~3 real|human|robot|bot|person|computer",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        assert_eq!(SIGNS.rejected(), [""; 0]);
        assert_eq!(FIGURES.rejected(), [""; 0]);
    }
}
