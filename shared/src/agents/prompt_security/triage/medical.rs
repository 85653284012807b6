//! Signs of a medical emergency: 911.

use std::sync::LazyLock;

use super::context::{Sentence, View, is_negated, is_now, is_over, is_supposed};
use super::words::SETS;
use crate::agents::fold::phrases::{Hit, Phrases};

/// How a sign is worded, and so what shows that it is happening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// In the present ("can't breathe"): it is, unless supposed, negated or long ago.
    Present,
    /// In the past ("passed out"): it is, unless long ago or told of for a bill.
    Past,
    /// A noun ("chest pain"): somebody must have it.
    Noun,
    /// A noun for what many people have all the time ("shortness of breath"): it must be now.
    Mild,
    /// Whatever stands around it.
    Certain,
}

/// Whether somebody is in a medical emergency.
pub(super) fn is_happening(message: &View<'_>) -> bool {
    message.sentences.iter().any(|sentence| {
        let hits = SIGNS.find(&sentence.words);
        if hits.is_empty() {
            return false;
        }
        let figures = FIGURES.find(&sentence.words);
        hits.iter()
            .filter(|hit| !figures.iter().any(|figure| figure.start < hit.end && hit.start < figure.end))
            .any(|hit| counts(hit, sentence, message.is_retrospective))
    })
}

fn counts(hit: &Hit<Sign>, sentence: &Sentence<'_>, is_retrospective: bool) -> bool {
    let (around, after) = (sentence.around(hit), sentence.after(hit, 8));
    let before = sentence.before(hit, 8);
    let now = is_now(around) || is_now(sentence.before(hit, 4)) || (is_now(after) && !is_over(around));
    if hit.tag == Sign::Certain {
        return true;
    }
    if is_negated(before) || (is_supposed(before) && !RIGHT_NOW.is_in(around)) {
        return false;
    }
    match hit.tag {
        Sign::Certain => true,
        Sign::Present => now || !is_over(around),
        Sign::Past => now || (!is_retrospective && !is_over(&sentence.words)),
        Sign::Noun | Sign::Mild if is_topic(hit, sentence) => false,
        Sign::Noun | Sign::Mild if PAST_VERB.is_in(before) && !PERFECT.is_in(before) => {
            now && !is_retrospective && !is_over(&sentence.words)
        }
        Sign::Noun | Sign::Mild if is_over(around) => false,
        Sign::Noun | Sign::Mild => {
            let is_usual = hit.tag == Sign::Mild || CHRONIC.is_in(&sentence.words);
            let is_habit = HABIT.is_in(after) && !RIGHT_NOW.is_in(&sentence.words);
            let has_it = now || (!is_usual && (HAVING.is_in(before) || sentence.opens(hit)));
            has_it && !is_habit
        }
    }
}

/// Whether a noun is only what something is about: "chest pain codes", "a claim for chest pain".
fn is_topic(hit: &Hit<Sign>, sentence: &Sentence<'_>) -> bool {
    let near = sentence.before(hit, 4);
    let is_asked_about = QUESTION.is_in(&sentence.words) && !SOMEBODY_HAS.is_in(sentence.before(hit, 8));
    TOPIC_AFTER.is_in(sentence.after(hit, 2))
        || TOPIC_BEFORE.is_in(near)
        || (is_asked_about && sentence.is_in_first_segment(hit))
}

fn words(patterns: &[&'static str]) -> Phrases<()> {
    Phrases::plain(patterns, SETS)
}

static RIGHT_NOW: LazyLock<Phrases<()>> =
    LazyLock::new(|| words(&["right now", "ahora mismo", "ahorita", "as we speak", "at this moment", "currently"]));
static HAVING: LazyLock<Phrases<()>> = LazyLock::new(|| words(&["@have", "with", "@be", "been", "in"]));
static SOMEBODY_HAS: LazyLock<Phrases<()>> =
    LazyLock::new(|| words(&["@person ~2 @have", "@person ~2 @be", "@person with", "im|hes|shes ~1 @have|in"]));
static CHRONIC: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "copd|asthma|chronic|emphysema|apnea|angina|afib|fibrosis|asma|cronic*|apnea|epilepsy|epileptic|epilepsia",
        "for|por years|months|anos|meses",
    ])
});
static PAST_VERB: LazyLock<Phrases<()>> = LazyLock::new(|| words(&["@past"]));
static PERFECT: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "have|has|ive|hes|shes|theyve been|had|felt|developed",
        "ha|he|han estado|tenido|sentido",
        "just had",
        "acaba de",
    ])
});
static HABIT: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "when|whenever i|he|she|we",
        "every time|day|night|week",
        "sometimes|occasionally|often",
        "at night",
        "on exertion",
        "cuando",
        "a veces",
        "for years|months|weeks",
        "de vez",
    ])
});
static TOPIC_AFTER: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "claim|claims|code|codes|clinic|clinics|treatment|treatments|medication|medications|medicine|medicines|meds|drug|drugs",
        "kit|kits|center|centers|centre|rehab|rehabilitation|survivor|survivors|history|prevention|screening|coverage|bill",
        "bills|visit|visits|insurance|support|risk|unit|specialist|program|programs|therapy|recovery|disorder|doctor|patients",
        "reversal|test|tests|management|diagnosis|workup|monitor|monitors|protocol|education|counseling|services|covered",
        "de hace|rehabilitacion",
    ])
});
static TOPIC_BEFORE: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "claim|claims|bill|bills|billed|visit|visits|treatment|treatments|treated|medication|medicine|medicines|drug|drugs|meds for|of",
        "covered|coverage|test|tests|tested|code|codes|coded|charged|denied|cover|covers|pay|pays|appeal|diagnosis|note for|of",
        "care|stay|stays|admission|rehab|therapy|services|device|machine|inhaler|prescribed|surgery for|after",
        "hospitalized|admitted|er|emergency|ambulance|seen|went for",
        "after|following my|his|her|the|a|an",
        "since my|his|her|the",
        "after|post $",
        "recovering|recovered|recover from",
        "survivor|survivors|history|victim of",
        "cover|covers|covering|include|includes a|an|the? $",
        "cover|covers|covered $",
        "tratamiento|reclamo|factura|visita|medicina|rehabilitacion para|por|de",
        "cubre|cubren|cubrir el|la|un|una? $",
        "cubre|cubren|cubrir $",
        "despues de|del",
    ])
});
/// A question that is about things in general, unless somebody has something in it.
static QUESTION: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "^ is|are|does|do|will|would|can|could|should|has|have|did|what|whats|which|how|who|where|when|why|explain|define|tell",
        "^ es|son|cubre|cubren|paga|pagan|que|cual|cuanto|como|puede|pueden|debo|donde|cuando",
    ])
});

/// Where a sign is only a figure of speech, or about something else.
static FIGURES: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "gave|give|gives|giving|almost|nearly|practically ~3 heart attack|stroke",
        "gave|give|gives|giving|almost|nearly|practically had? ~3 heart attack|stroke",
        "heart attack|stroke|seizure ~2 when|over|at|looking|seeing ~6 bill|price|premium|cost|bills|letter|statement",
        "having ~2 heart attack|stroke over|looking|because ~6 bill|price|premium|cost|bills",
        "stroke of",
        "chok* on|under|with ~4 bill*|cost*|price*|premium*|paper*|debt|fees",
        "drown* in|under|with ~3 bill*|cost*|paper*|debt|forms|letters|fees|phone",
        "bleed* ~1 money|cash|dry|edge",
        "bleed* me|us|him|her dry",
        "bleeding ~2 money|premiums|funds|cash",
        "stop the bleeding of",
        "going|gonna|want|wants|plan|planning|will|to|could|might|ill|would overdose",
        "cant breathe under|with ~4 bill*|debt|cost*",
        "collapsed under|with ~4 bill*|debt|cost*",
        "respond* to|with",
        "responding|respond|responsive to",
        "plan|insurance|insurer|company|office|rep|nobody|medicare|humana|aetna|cigna|they ~3 respond*",
        "cant|cannot|unable to? talk|speak|see|hear ~1 to|with|my|the|a|an|any|english|spanish|for|what|why|how|on|if",
        "cant|cannot|unable to? move ~1 to|into|my|back|out|plan*|coverage|until",
        "cant|cannot swallow ~2 price|cost|bill*|increase",
        "puedo|puede|poder hablar|ver|mover ~1 con|ingles|espanol|mi|mis|la|el|los",
        "seizure|seizures of|property|assets",
        "chest x|xray|ct|scan|mri|tube|physical",
        "shot of|for|at",
        "shots",
        "passed out flyers|cards|forms",
        "bleeding edge",
        "me ahog* en|de|con ~3 deud*|cuentas|papel*|facturas",
        "infarto ~4 factura|cuenta|precio",
        "me da|dio|va un? infarto ~4 factura|cuenta|precio|ver",
    ])
});

static SIGNS: LazyLock<Phrases<Sign>> = LazyLock::new(|| {
    let mut patterns: Vec<(Sign, &'static str)> = Vec::new();
    for (sign, list) in [
        (Sign::Certain, CERTAIN),
        (Sign::Present, PRESENT),
        (Sign::Past, PAST),
        (Sign::Noun, NOUN),
        (Sign::Mild, MILD),
        (Sign::Present, PRESENT_ES),
        (Sign::Past, PAST_ES),
        (Sign::Noun, NOUN_ES),
    ] {
        patterns.extend(list.iter().map(|pattern| (sign, *pattern)));
    }
    Phrases::new(&patterns, SETS)
});

const CERTAIN: &[&str] = &[
    "dont|not know|sure|tell ~1 if|whether i|im|hes|shes|he|she ~2 having|heart|stroke|breathing|alive",
    "think|thinks|thought|believe|afraid|scared ~3 im|hes|shes|is|am|be having ~3 heart|stroke|seizure",
    "think|thinks|believe ~3 had|having|has a? stroke|heart|seizure",
    "someone|somebody|please call|send ~2 911|ambulance|paramedics",
    "should i|we|he|she ~3 go|call|take|drive|come|wait ~10 chest|stroke|breathing|breathe|bleeding|seizure|numb|unconscious",
    "i|we need ~1 ambulance|911|paramedics now|right|asap|please|immediately|quick|fast",
    "necesito|necesitamos una? ambulancia ya|ahora|urgente|por",
    "creo que ~3 teniendo|dando|dio|tengo|tiene ~3 infarto|derrame|ataque",
];

const PRESENT: &[&str] = &[
    "cant|cannot|barely|hardly|unable|struggling|struggles|struggle|fighting ~1 to? breathe|breath",
    "barely|hardly|isnt|not|stops|wont ~1 breathing|breathe",
    "cant|cannot catch|get ~2 breath|air",
    "gasping|wheezing ~3 air|breath|breathe|badly",
    "no|without|find|feel a? pulse|heartbeat",
    "turning|turns|going|gone|is|are|look|looks|getting ~1 blue|bluish|purple|gray|grey",
    "lips|skin|face|fingers|fingertips ~4 blue|bluish|purple|gray|grey",
    "wont|cant|cannot|doesnt ~3 wake ~2 up",
    "not|isnt|arent waking up",
    "wont|cant|cannot|doesnt wake",
    "@kin ~2 not|isnt|wont|doesnt ~1 responding|respond|responsive|react|reacting|moving",
    "is|hes|shes|now|still|found|lying|are|im|goes|going|and ~1 unconscious|unresponsive",
    "^ unconscious|unresponsive",
    "out cold",
    "passing|blacking out",
    "fainting",
    "face|mouth|smile|eyelid|cheek ~5 droop*|sagging|sags|sagged|lopsided|crooked|fallen",
    "droopy|drooping ~2 face|mouth",
    "face ~3 numb|tingling|tingly",
    "side of ~3 face|body ~4 droop*|sag*|numb|weak|paralyzed|limp",
    "slurring|slurs ~2 words|speech",
    "speech ~4 slurred|slurring|garbled|jumbled|gibberish",
    "slurred|garbled speech",
    "cant|cannot ~2 words out",
    "arm|leg|hand|side ~3 hangs|hanging|limp|dangling|dead",
    "@kin suddenly? cant|cannot talk|speak|see|walk|swallow|move|stand",
    "cant|cannot|unable ~1 to? move|feel|lift|raise ~3 arm|arms|leg|legs|face|side|hand",
    "cant|cannot see out",
    "suddenly cant|cannot see|talk|speak|walk|move",
    "cant|cannot swallow",
    "having|have ~2 heart attack|stroke|seizure|seizures|convuls*",
    "having ~3 allergic reaction",
    "seizing|convulsing",
    "seizure ~4 wont|doesnt|isnt|not|hasnt ~1 stop|stopping|stopped|ending",
    "bleeding|bleed|blood ~4 wont|not|doesnt|cant|cannot|isnt|never ~1 stop|stopping|control",
    "wont|cant|cannot|not|doesnt|will ~1 stop ~2 bleeding|bleed",
    "bleeding ~2 heavily|badly|lot|profusely|everywhere|bad|uncontrollably|death|through|nonstop|heavy|severely",
    "heavy|severe|heavily|uncontrolled|massive|profuse bleeding|bleed",
    "bleeding out",
    "bleeding from ~2 head|ears|ear|eyes|mouth|neck",
    "losing ~4 blood",
    "blood ~3 everywhere|gushing|pouring|spurting|squirting",
    "hemorrhaging",
    "soaked|soaking|soaks|filled|filling ~3 towel*|pad|pads|sheet*",
    "blood pressure ~4 200|205|210|215|220|225|230|235|240|250",
    "oxygen|o2|saturation|sats|spo2 ~4 65|70|72|75|76|77|78|79|80|81|82|83|84|85|86|87",
    "fever|temperature|temp ~4 104|105|106|107|108",
    "pregnant|pregnancy|preeclampsia ~10 spots|pounding|headache|contractions|moving|kicking|moved|dizzy|seizure|vision",
    "chemical|bleach|acid|cleaner|lye ~5 eye|eyes",
    "suffocating|suffocated|strangling|impaled",
    "floor|ground ~8 agony|screaming|help|up|move",
    "coughing|vomiting|throwing|spitting|puking|vomits|coughs ~5 blood",
    "pregnant ~6 bleeding|blood",
    "broke ~8 blood|bleeding",
    "chest ~2 hurts|hurting|aches|tight|heavy|crushing|pounding",
    "chest is|feels ~2 killing|tight|heavy|crushed|squeezed|exploding",
    "sitting|standing on ~2 chest",
    "grabbing|clutching|holding|grabs|clutches|clutched ~2 chest",
    "chest ~4 sweating|sweaty|clammy",
    "vision|sight ~3 black|dark|gone|blank|disappeared|vanished",
    "went|going|gone blind|black",
    "just lost ~2 vision|sight",
    "burned|burnt|burns|scalded ~8 face|body|badly|boiling|third|degree|skin",
    "snake|rattlesnake|copperhead|cobra ~2 bit|bite|bitten",
    "bitten by a? ~1 snake|rattlesnake|spider",
    "appendix ~3 burst|ruptured|rupture",
    "worst pain of",
    "reaction ~8 swell*|breath*|throat|hives|lips|tongue|wheez*",
    "hives ~8 breath*|swell*|throat|wheez*",
    "threatening|attacking|stabbing|beating ~5 knife|gun|me right",
    "found ~2 hanging",
    "heatstroke",
    "cant|cannot feel ~3 legs|arms|feet|hands|face",
    "throat|airway ~4 clos*|swell*|swollen|tight*|constrict*|block*",
    "wont|cant|cannot|doesnt|barely ~2 stay|keep|staying ~2 awake|conscious",
    "slumped|slumping|slumps",
    "foam|foaming ~3 mouth",
    "shaking|jerking|twitching ~3 over|uncontrol*|violently",
    "eyes ~3 roll*|rolled",
    "pupil|pupils ~5 bigger|different|blown|uneven",
    "cold sweat|sweats ~8 chest|breath*|arm|jaw|faint*",
    "suddenly|now ~4 sense|disoriented|delirious|incoherent",
    "tongue|lips|face|eyes ~3 swelling|swollen|swelled|huge|puffy|ballooning|puffing",
    "@person ~2 choking",
    "overdosing",
    "drowning",
    "im|shes|wife|daughter|is in labor ~8 coming|blood|bleeding|early|weeks|crowning",
    "baby is coming|crowning",
    "contractions ~8 blood|bleeding|early|preterm|20|21|22|23|24|25|26|27|28|29|30|31|32|33|34",
    "baby ~2 coming now|right|out",
    "baby|infant|newborn|toddler ~4 limp|floppy|unresponsive|lifeless|blue",
    "sugar|glucose ~8 confused|shaky|unconscious|unresponsive|pass|passing|wont",
    "sugar|glucose is|at|reads|reading ~3 20|25|30|35|40|45|500|550|600|700|800|dropping|crashing",
    "sudden|suddenly ~3 confus*|weak|weakness|blind|numb|numbness|disoriented|paralyzed|collapse|vision",
    "numb|numbness|weak|weakness ~4 suddenly|sudden",
    "numb all of a",
    "heart|pulse ~3 racing|pounding|skipping|fluttering|irregular ~8 dizzy|dizziness|faint*|breath|breathe|chest|pass|passing|lightheaded",
    "dizzy|faint|lightheaded|passing|sweating|clammy ~8 heart|chest ~3 racing|pounding|skipping|pain|tight|hurts",
    "pain ~3 down|in|spreading ~3 arm|jaw ~6 sweat*|chest|breath*|nause*",
    "heart|breathing is|has ~1 stopping|stopped",
    "bone ~4 sticking|through|showing|poking",
    "electrocuted",
    "monoxide ~5 alarm|detector|going|beeping|sick|headache*|poison*",
    "alarm ~4 monoxide",
    "fever ~8 stiff|seizure*|unresponsive|limp",
    "stung ~8 swell*|breath*|throat|hives",
];

const PAST: &[&str] = &[
    "stopped|quit breathing",
    "threw|thrown|coughed|vomited|spit|puked|spat ~3 blood",
    "fell ~12 floor|ground|agony|screaming|stairs",
    "fell|fallen|falling ~6 roof|ladder|horse|window|balcony",
    "electric|electrical|bad shock",
    "shocked|zapped by",
    "inhaled|breathed ~4 fumes|smoke|gas|bleach|chemicals",
    "crushed|trapped|pinned ~3 hand|arm|leg|under|fingers",
    "ran|run over ~4 car|truck|bus|van",
    "deep|huge|big|bad gash|cut|wound|laceration",
    "passed|blacked|knocked out",
    "fainted",
    "collapsed",
    "went|found|was|were|became|knocked unconscious|unresponsive|limp|blue",
    "overdosed",
    "took|taken|swallowed|ate|ingested|drank|downed ~4 bottle|bottles|handful|handfuls|fistful",
    "took|taken|swallowed|ate|ingested|downed|had ~2 too many|much ~4 @pills",
    "took|taken|swallowed|ate|ingested|downed ~2 all|bunch|lot|whole|entire|extra|double|triple|twice|wrong ~4 @pills",
    "injected|gave ~3 too much|many ~3 insulin|heroin|fentanyl|medicine|medication|morphine",
    "swallowed|ate|drank|drunk|ingested ~4 bleach|antifreeze|poison|cleaner|ammonia|detergent|gasoline|battery|batteries|magnet*",
    "took|taken|swallowed|ate|ingested|downed ~3 10|12|15|16|20|24|25|30|40|50|60|90|100|ten|twelve|fifteen|twenty|thirty|forty|fifty|dozen|dozens ~3 @pills",
    "took|taken|accidentally ~10 mistake|accident|accidentally|twice ~8 faint|dizzy|sick|sleepy|racing|confused|drowsy|slow",
    "accidentally|mistakenly took|swallowed|drank|ate|injected|gave ~4 double|triple|twice|extra|wrong|too|much|dogs|husbands|wifes|his|her",
    "swallowed|drank|ate|got ~4 my|his|her|grandmas|grandpas ~2 @pills",
    "shot in|through|by",
    "been|got|was shot|stabbed",
    "stabbed",
    "hit by ~2 car|truck|bus|train|motorcycle",
    "fell ~12 unconscious|bleeding|confused|vomiting|moving",
    "hit|hurt|banged|cracked ~2 head ~10 vomit*|throwing|puking|confus*|dizzy|bleeding|unconscious|sleepy|sense|pupil*|memory|slurr*|passed",
    "cut|sliced|chopped|severed ~4 finger|hand|arm|leg|wrist|artery|thumb ~6 off|deep|bad|badly|bone|bleeding|blood",
    "cut|sliced|chopped ~2 off ~3 finger|fingers|hand|toe|thumb",
    "drowned",
    "pulled ~5 pool|lake|water|bathtub",
    "water broke",
];

const NOUN: &[&str] = &[
    "chest ~2 pain|pains|pressure|tightness|heaviness",
    "chest ~6 squeez*|tight*|crush*|burn*|press*|pain*|hurt*|stabbing|heav*|ache*|aching",
    "pain|pains|pressure|tightness|heaviness|squeezing|crushing|burning|discomfort ~4 chest",
    "elephant ~4 chest",
    "trouble|difficulty|difficulties|problem|problems|hard|labored|shallow ~2 breathing|breathe|breath",
    "breathing problems|trouble|difficulties",
    "heart attack",
    "stroke",
    "seizure|seizures|convulsion|convulsions",
    "overdose",
    "allergic reaction",
    "anaphyla*",
    "sepsis|septic|ketoacidosis|dka",
    "asthma attack",
    "heat stroke|exhaustion",
    "internal bleeding",
    "worst headache",
    "headache ~8 of my life",
    "sudden|severe|thunderclap headache",
    "lots|lot of blood",
    "hemorrhage",
    "slurred",
    "severe|excruciating|unbearable|terrible ~2 stomach|abdominal|belly pain",
    "gunshot|stab|knife wound",
];

/// What many people have all the time.
const MILD: &[&str] = &["short|shortness|out of breath", "wheezing", "falta de aire"];

const PRESENT_ES: &[&str] = &[
    "no puedo|puede|pueden|podemos ~1 respirar",
    "no ~1 respira|respirando|responde|reacciona|despierta",
    "cuesta ~2 respirar",
    "respira|respirando ~2 mal|apenas|dificultad",
    "apenas ~2 respira|respirar",
    "me|le|te duele ~3 pecho",
    "duele ~4 pecho",
    "falta ~1 aire|respiracion",
    "se esta|estan ahogando|asfixiando|muriendo|desangrando",
    "me estoy ahogando|asfixiando|desangrando",
    "atragant*",
    "esta|sigue|estaba ~2 inconsciente|desmayad*|morad*|azul",
    "^ inconsciente",
    "cara|boca ~4 caida|torcida|chueca|paralizada|dormida|colgando",
    "no puede|puedo ~1 hablar|mover|ver",
    "esta|estoy|estan teniendo|dando ~3 infarto|derrame|ataque|convulsion*",
    "convulsionando",
    "sangra|sangrando|sangro|sangrado ~3 mucho|mucha|bastante|demasiado|parar|abundante|fuerte",
    "no ~2 para|deja|detiene ~2 sangrar|sangrado|sangre",
    "pierde|perdiendo ~2 sangre",
    "vomita|vomitando|tose|tosiendo|escupe|escupiendo ~3 sangre",
    "embarazada ~6 sangr*",
    "sangr* ~6 embarazada",
    "garganta|lengua ~4 cierra|cerrando|hincha|hinchando|hinchada",
    "no tiene|siento pulso",
    "labios ~3 morados|azules",
    "bebe ~4 morado|morada|azul|respira|flacido",
    "se quemo|quemaron|quemado ~5 cara|cuerpo|agua|hirviendo|grave",
    "perdi|perdio ~2 vista|vision",
    "dormid*|adormecid*|entumecid* ~3 brazo|cara|lado|pierna",
    "brazo|cara|lado ~3 dormid*|adormecid*|entumecid*|paraliz*",
    "aprieta ~3 pecho",
    "pecho ~2 apretado|aprieta|oprime",
    "no siente|siento|mueve|muevo ~3 brazo*|pierna*|cara|lado|manos|pies",
    "sudor frio",
    "ataque de asma",
];

const PAST_ES: &[&str] = &[
    "se desmayo",
    "me desmaye",
    "perdio el conocimiento|sentido",
    "se|me tomo|tome|trago|trague|comio|bebio ~5 frasco|bote|pastilla*|cloro|veneno|medicina*|bateria|pila",
    "tomo|tomado|tome|trago demasiad*|much*|tod* ~3 pastilla*|medicina*|medicamento*",
    "tuvo una? sobredosis",
    "rompio la|mi fuente",
    "atropell*",
    "descarga electrica",
    "inhalo|inhale|respiro|respire ~4 humo|gas|cloro|gases|vapores",
    "se cayo|cai|caida ~6 techo|escalera|caballo|ventana|piernas|mover",
    "dispararon|balearon|apunal*|acuchill*",
    "se golpeo|pego ~2 cabeza ~8 vomit*|confund*|inconsciente|sangr*",
    "se cayo ~10 inconsciente|sangr*|reacciona|despierta",
    "dejo de respirar",
];

const NOUN_ES: &[&str] = &[
    "dolor|dolores|presion|opresion ~4 pecho",
    "dificultad|problemas|trabajo ~2 respirar",
    "infarto",
    "ataque al|del|de corazon|cardiaco",
    "ataque cardiaco",
    "derrame cerebral?",
    "convulsion|convulsiones",
    "sobredosis",
    "reaccion alergica",
    "mucha sangre",
    "hemorragia",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        assert_eq!(SIGNS.rejected(), [""; 0]);
        for list in [
            &RIGHT_NOW,
            &HAVING,
            &SOMEBODY_HAS,
            &CHRONIC,
            &QUESTION,
            &PAST_VERB,
            &PERFECT,
            &HABIT,
            &TOPIC_AFTER,
            &TOPIC_BEFORE,
            &FIGURES,
        ] {
            assert_eq!(list.rejected(), [""; 0]);
        }
    }
}
