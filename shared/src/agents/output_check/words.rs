//! What a reply may not say in words: coverage without a source, medical advice, promises, internals.
//!
//! Invariants: patterns over the folded words of one sentence, linear in its length. What is asked, or named as unknown
//! ("whether your plan covers it"), is no statement: a marker before the words, with no pause between, says so.

use std::sync::LazyLock;

use super::ViolationKind;
use crate::agents::fold::Text;
use crate::agents::fold::phrases::{Phrases, WordSet};
use crate::agents::fold::text::Pause;

const SETS: &[WordSet] = &[
    (
        "payer",
        "medicare medicaid plan plans insurance insurer insurers policy marketplace aetna humana cigna kaiser anthem \
         unitedhealthcare part advantage medigap company tricare seguro aseguradora poliza parte",
    ),
    (
        "covers",
        "covers cover pays pay covered reimburses reimburse cubre cubren cubrira cubriran pagara paga pagan pagaran",
    ),
    (
        "will",
        "will does should must has have would can could shall wont doesnt cannot cant always also fully only not never no si tambien siempre solo",
    ),
    (
        "medicine",
        "medicine* medication* pill pills dose doses dosage drug drugs tablet* insulin metformin ozempic ibuprofen* aspirin* \
         tylenol acetaminophen antibiotic* amoxicillin statin* opioid* steroid* warfarin eliquis xarelto lisinopril melatonin \
         medicina* medicamento* pastilla* dosis insulina paracetamol antibiotico* amoxicilina metformina",
    ),
    (
        "use",
        "take taking stop stopping skip skipping start starting increase increasing double doubling halve reduce lower cut \
         split inject try quit tome toma tomese deje dejar suspenda suspender aumente aumentar reduzca reducir duplique baje \
         pruebe inyectese",
    ),
    (
        "illness",
        "cancer diabetes infection flu pneumonia stroke arthritis depression migraine covid anemia asthma hypertension ulcer \
         angina bronchitis appendicitis sprain fracture infeccion gripe neumonia artritis depresion migrana asma ulcera \
         bronquitis apendicitis fractura hipertension",
    ),
    (
        "care",
        "surgery operation doctor hospital treatment test mri scan chemo chemotherapy er ambulance cirugia operacion medico \
         tratamiento examen resonancia quimioterapia ambulancia urgencias",
    ),
];

const PATTERNS: &[(ViolationKind, &str)] = {
    use ViolationKind::{Coverage, Internal, MedicalAdvice, Promise};
    &[
        // Coverage, cost and network.
        (Coverage, "@payer ~1 covers|pays|reimburses|cubre|cubren|cubrira|paga|pagan|pagara"),
        (Coverage, "@payer b|c|d|a|plan|plans @covers"),
        (Coverage, "@payer ~1 @will ~2 cover|pay|reimburse|cubrir|pagar|cubre|paga|cubren"),
        (Coverage, "it|they|that|this covers|pays"),
        (Coverage, "it|they|that|this will|does|should|must|doesnt|wont ~1 cover|pay"),
        (Coverage, "they|we|i cover"),
        (Coverage, "is|are|be|was|were|being|youre|its|isnt|arent|get|gets ~2 covered"),
        (Coverage, "covered by|under|at|in|for|benefit|service"),
        (Coverage, "full|complete coverage"),
        (Coverage, "benefits|plan ~2 include|includes"),
        (Coverage, "included in your ~1 plan|benefits|coverage"),
        (Coverage, "have|has coverage for"),
        (Coverage, "pay|owe|pays|costs|cost you? nothing|zero"),
        (Coverage, "at no cost"),
        (Coverage, "no|without copay|charge|deductible for|on|to"),
        (Coverage, "in your ~1 network"),
        (Coverage, "is|are|hes|shes in|out network|of"),
        (Coverage, "accept|accepts|takes your ~1 plan|insurance|medicare|medicaid|coverage"),
        (Coverage, "esta|estan|estara|estaran|queda|quedan|son|es ~2 cubierto|cubierta|cubiertos|cubiertas"),
        (Coverage, "le|lo|la|se|les cubre|cubren|cubrira|cubriran"),
        (Coverage, "cubre|cubren|cubrira ~2 todo|completamente|totalmente|cirugia|costo|gasto*"),
        (Coverage, "cobertura total|completa|garantizada|para"),
        (Coverage, "tiene|tendra cobertura"),
        (Coverage, "no paga|pagara|debe|debera ~1 nada"),
        (Coverage, "sin costo para|alguno"),
        (Coverage, "incluido|incluida|incluye en? ~1 plan|beneficios|seguro"),
        (Coverage, "esta|estan dentro? en|de su|la red"),
        (Coverage, "acepta|aceptan su ~1 plan|seguro|medicare|medicaid"),
        // Medical advice.
        (MedicalAdvice, "@use ~4 @medicine"),
        (MedicalAdvice, "deje|dejar de ~2 @medicine"),
        (
            MedicalAdvice,
            "you|usted should|must|can|could|may|debe|deberia|puede safely? take|stop|skip|tomar|suspender|dejar",
        ),
        (
            MedicalAdvice,
            "# mg|ml|mcg|milligram*|milliliter*|tablet*|pill*|puff*|drops|miligramo*|mililitro*|pastilla*|gotas",
        ),
        (
            MedicalAdvice,
            "you|usted ~1 probably|likely|clearly|may|might|seem|probablemente|quizas have|has|to|tiene|padece ~4 @illness",
        ),
        (MedicalAdvice, "you|usted have|tiene|padece ~2 @illness"),
        (MedicalAdvice, "sounds|looks|seems|parece like? ~3 @illness"),
        (MedicalAdvice, "it|this|is|es probably|likely|just|only|probablemente|solo ~2 @illness"),
        (MedicalAdvice, "do|dont|not need ~3 @care"),
        (MedicalAdvice, "no need ~3 @care"),
        (MedicalAdvice, "no|not necesita|necesitas|requiere ~3 @care"),
        (
            MedicalAdvice,
            "you|should|usted need|needs|have|debe|necesita|deberia ~2 surgery|chemo*|operation|cirugia|operarse|quimioterapia",
        ),
        (MedicalAdvice, "safe|seguro to|for|tomar|dejar take|stop|skip|wait|you|la|el|los"),
        (MedicalAdvice, "not|no serious|dangerous|grave|peligroso"),
        (MedicalAdvice, "no|not es grave|peligroso|serio"),
        (MedicalAdvice, "nothing to worry"),
        (MedicalAdvice, "no se preocupe por ~3 sintoma*|dolor|fiebre"),
        (MedicalAdvice, "best|better|right treatment|medicine|drug"),
        (MedicalAdvice, "mejor|mejores tratamiento|medicina|medicamento"),
        (MedicalAdvice, "recommend|recomiendo|advise|aconsejo ~4 @care"),
        (MedicalAdvice, "recommend|recomiendo|advise|suggest|aconsejo ~4 @medicine"),
        (MedicalAdvice, "home|natural remedy|remedies"),
        (MedicalAdvice, "remedio|remedios casero|caseros|natural"),
        (MedicalAdvice, "apply ~2 ice|cream|heat"),
        (MedicalAdvice, "drink plenty|lots"),
        (MedicalAdvice, "aplique|aplicar ~2 hielo|crema|calor"),
        (MedicalAdvice, "your|su diagnosis|diagnostico is|es"),
        (MedicalAdvice, "surgery|operation|cirugia is|es ~1 necessary|needed|necesaria|unnecessary|innecesaria"),
        // Promises.
        (
            Promise,
            "you|youll|we|well|appeal|it|claim|case|they|theyll|plan will|are|is|going|sure|certain|must|gonna ~3 win|succeed|prevail|approved|approve|overturned|reversed|granted",
        ),
        (Promise, "youll|well|theyll|itll ~2 win|succeed|approve|approved|pay"),
        (Promise, "will|must|have|has ~1 be|to|get ~1 approved|approve|overturn*|reversed|granted|win|pay"),
        (Promise, "guarantee*"),
        (Promise, "i|we promise"),
        (Promise, "definitely|certainly|surely|undoubtedly ~4 win|approve*|pay|pays|cover*|succeed"),
        (Promise, "100 percent|sure|certain|success"),
        (Promise, "sure|certain|bound|likely to ~1 win|succeed|approve*|be|get"),
        (Promise, "cant|cannot lose"),
        (Promise, "no doubt"),
        (Promise, "good|high|great|excellent|strong chance|chances|odds|case"),
        (Promise, "most|almost|nearly|many ~2 appeals|appeal ~3 succeed|win|won|approved|granted|overturned"),
        (Promise, "always win|wins|approve|approves|succeed"),
        (Promise, "garantiz*"),
        (Promise, "le|te|les prometo|aseguro|garantizo"),
        (Promise, "va|van|vamos|voy a ~1 ganar|aprobar|aprobarle|aprobarlo|pagarle|conceder"),
        (Promise, "ganara|ganaras|aprobaran|aprobara|concederan|revertiran"),
        (Promise, "sera|seran ~1 aprobad*|conced*|aceptad*"),
        (Promise, "seguramente|definitivamente|indudablemente ~3 gan*|aprob*|pag*|cubr*"),
        (Promise, "seguro que|de ~3 gan*|aprob*|aprueb*|pag*"),
        (Promise, "sin duda"),
        (Promise, "no puede perder"),
        (Promise, "tiene|hay ~1 muchas|altas|buenas|grandes posibilidades|probabilidades"),
        (Promise, "casi siempre|seguro ~2 gan*|aprueb*|aprob*"),
        (Promise, "la mayoria de ~1 apelaciones"),
        (Promise, "tienen que aprobar|aprobarlo|pagar|pagarle"),
        // Prompts and internals.
        (Internal, "system|hidden|developer|initial|original prompt|message|instructions"),
        (Internal, "my|the|these|following instructions|prompt|guidelines|rules say|says|are|is|were|was|state|tell|i"),
        (Internal, "i|was|am|been|were told|instructed|programmed|prompted|configured|trained to|not|by|as|never"),
        (Internal, "i am|was instructed|programmed|prompted|configured|trained"),
        (Internal, "as|im|am an ai"),
        (Internal, "language model|models"),
        (Internal, "chatgpt|gpt|openai|anthropic|claude|bedrock|gemini|mistral"),
        (Internal, "you are a|an helpful|insurance|medicare|assistant|ai"),
        (Internal, "api key|keys|token"),
        (Internal, "mis|las instrucciones|indicaciones dicen|son|internas|originales|del"),
        (Internal, "prompt del|de|interno"),
        (Internal, "mensaje|instrucciones|prompt del|de sistema"),
        (Internal, "modelo de lenguaje"),
        (Internal, "como|soy una ia|inteligencia"),
        (Internal, "fui|he|estoy sido? instruido|programado|configurado|entrenado"),
        (Internal, "me dijeron|ordenaron|indicaron que"),
        (Internal, "eres un|una asistente|ia|modelo"),
        (Internal, "clave de ~1 api"),
    ]
};

/// What makes the words behind it a question, or something that is not known.
const OPEN: &[&str] = &[
    "whether",
    "if",
    "what",
    "which",
    "how much|many|long|often",
    "ask|asks",
    "cant|cannot|can|not say|tell|know|promise|see",
    "dont|not know|say|promise|have",
    "nobody|no can|one|puede ~1 promise|guarantee|say|prometer",
    "check|find|sure ~1 that|out",
    "who|when",
    "si",
    "lo que",
    "que tanto",
    "cuanto|cuanta|cuantos|cual|cuales|quien",
    "pregunte|preguntele|preguntar|pregunta",
    "no puedo|se|sabemos|podemos ~1 decir|prometer|si|que|saber",
    "nadie puede",
    "averigue|confirme|verifique si|que",
    "unless|until",
    "a menos|hasta que",
    "you|usted think|believe|cree|want|quiere",
    "to|para",
    "why",
    "por que",
];

/// How far before the words the marker may stand.
const REACH: usize = 6;

/// How long a person has to act, and how long the other side has to answer: each must be that of a rule for it.
const CLOCKS: &[(Clock, &str)] = &[
    (
        Clock::ToAct,
        "have|has|had|get|gets|got|given|gives|allow* ~4 to|for appeal*|file|ask|act|send|request|sign|enroll|respond",
    ),
    (
        Clock::ToAct,
        "appeal|file|ask|send|request|sign|enroll|apply ~6 within|in|up ~3 #|one|two|three|four|six|nine*|ninety|thirty|sixty",
    ),
    (Clock::ToAct, "within|in # ~3 to|you|or appeal|file|ask|act|must|lose"),
    (Clock::ToAct, "# ~2 to appeal|file|ask|act"),
    (Clock::ToAct, "tiene|tienen|cuenta|hay|dan ~5 para ~1 apelar|pedir*|presentar*|mandar*|inscribir*|responder"),
    (
        Clock::ToAct,
        "apele|apelar|pida|pedir|presente|presentar|mande ~4 en|de|dentro ~1 #|un|dos|tres|seis|noventa|treinta|sesenta",
    ),
    (
        Clock::ToAnswer,
        "plan|insurer|they|company|reviewer|medicare|contractor must|has|have|will|should|shall ~2 answer|decide|respond|reply ~3 #|two|three",
    ),
    (
        Clock::ToAnswer,
        "plan|aseguradora|revisor|medicare debe|deben|tiene|tienen ~2 responder|decidir|contestar ~3 #|dos|tres",
    ),
    (Clock::ToAnswer, "deben|debe decidir|responder ~2 #|dos|tres"),
    (Clock::ToAnswer, "must|will answer|decide|respond ~3 #|two|three"),
];

/// Whose time a sentence speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// The person's.
    ToAct,
    /// The other side's.
    ToAnswer,
}

static TIMES: LazyLock<Phrases<Clock>> = LazyLock::new(|| Phrases::new(CLOCKS, SETS));

/// Whose time a sentence speaks of, if it does.
pub(super) fn clock(sentence: &str) -> Option<Clock> {
    let text = Text::new(sentence);
    text.sentences().iter().find_map(|part| {
        let words: Vec<&str> = part.iter().map(|(word, _)| *word).collect();
        TIMES.find(&words).first().map(|hit| hit.tag)
    })
}

static WORDS: LazyLock<Phrases<ViolationKind>> = LazyLock::new(|| Phrases::new(PATTERNS, SETS));
static MARKERS: LazyLock<Phrases<()>> = LazyLock::new(|| Phrases::plain(OPEN, SETS));

/// What a sentence says that it may not.
pub(super) fn find(sentence: &str) -> Vec<ViolationKind> {
    let text = Text::new(sentence);
    let mut found = Vec::new();
    for part in text.sentences() {
        let words: Vec<&str> = part.iter().map(|(word, _)| *word).collect();
        let markers = MARKERS.find(&words);
        for hit in WORDS.find(&words) {
            let is_open = hit.tag != ViolationKind::Internal
                && markers.iter().any(|marker| {
                    marker.start <= hit.start
                        && marker.start + REACH >= hit.start
                        && marker.start < hit.end
                        && part
                            .get(marker.start + 1..=hit.start)
                            .is_none_or(|between| between.iter().all(|(_, pause)| *pause == Pause::None))
                });
            if !is_open && !found.contains(&hit.tag) {
                found.push(hit.tag);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_found() {
        assert_eq!(WORDS.rejected(), [""; 0]);
        assert_eq!(MARKERS.rejected(), [""; 0]);
        assert_eq!(TIMES.rejected(), [""; 0]);
    }

    #[test]
    fn what_is_asked_or_unknown_is_no_statement() {
        for text in [
            "I can't say whether your plan covers it.",
            "I don't have your plan's papers, so I can't say what it covers.",
            "Ask if it is covered and what you pay.",
            "No puedo decir si su plan cubre los lentes.",
            "Pregunte si está cubierto.",
            "Nobody can promise that you will win.",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
        for text in ["If you wonder, your plan covers it.", "Your plan covers it.", "Sí, su plan cubre los lentes."] {
            assert_eq!(find(text), [ViolationKind::Coverage], "{text}");
        }
    }
}
