//! Attacks as patterns of words, in the languages that attacks come in.
//!
//! A pattern names what an attack is about (the assistant's instructions, its prompt, its limits), not a word that people
//! use for other things too: "ignore my previous e-mail" and "override the step therapy rule" are none.

use std::sync::LazyLock;

use super::{Severity, Threat};
use crate::agents::fold::phrases::{Phrases, WordSet};
use crate::agents::fold::{Text, has_any};

/// What a pattern stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sign {
    /// The kind of attack.
    pub(super) threat: Threat,
    /// How sure the pattern is by itself.
    pub(super) severity: Severity,
}

/// The gravest sign of an attack in a text.
pub(super) fn find(text: &Text, raw: &str) -> Option<Sign> {
    let sentences = text.sentences();
    let in_words = sentences.iter().flat_map(|sentence| {
        let words: Vec<&str> = sentence.iter().map(|(word, _)| *word).collect();
        let harmless = HARMLESS.find(&words);
        let hits = SIGNS.find(&words);
        hits.into_iter()
            .filter(move |hit| !harmless.iter().any(|other| other.start < hit.end && hit.start < other.end))
            .map(|hit| hit.tag)
    });
    in_words.chain(in_marks(raw)).chain(in_script(text)).max_by_key(|sign| sign.severity)
}

/// Marks of a prompt's own format.
fn in_marks(raw: &str) -> impl Iterator<Item = Sign> {
    let lower = raw.to_lowercase();
    let sign = Sign { threat: Threat::Hijack, severity: Severity::High };
    MARKS.iter().filter(move |mark| lower.contains(**mark)).map(move |_| sign)
}

/// Instructions in scripts without spaces between words.
fn in_script(text: &Text) -> impl Iterator<Item = Sign> {
    let all: String = text.words().filter(|word| !word.is_ascii()).collect();
    let sign = Sign { threat: Threat::Override, severity: Severity::High };
    SCRIPT.iter().filter(move |(verb, object)| all.contains(verb) && all.contains(object)).map(move |_| sign)
}

/// Whether a text is about what the product is for; then it is never blocked.
pub(super) fn is_about_insurance(folded: &str) -> bool {
    has_any(folded, INSURANCE)
}

const INSURANCE: &[&str] = &[
    "medicare",
    "medicaid",
    "medigap",
    "insur*",
    "plan",
    "plans",
    "claim*",
    "denied",
    "denial*",
    "deny",
    "denies",
    "appeal*",
    "coverage",
    "cover",
    "covers",
    "covered",
    "deductible*",
    "copay*",
    "coinsurance",
    "premium*",
    "bill",
    "bills",
    "billed",
    "billing",
    "doctor*",
    "hospital*",
    "prescri*",
    "pharmac*",
    "eob",
    "hmo",
    "ppo",
    "cobra",
    "marketplace",
    "enroll*",
    "part a",
    "part b",
    "part c",
    "part d",
    "clinic*",
    "nurse*",
    "nursing",
    "surgery",
    "mri",
    "therap*",
    "medication*",
    "medicine*",
    "insulin",
    "patient",
    "grievance",
    "benefit*",
    "in network",
    "out of network",
    "prior auth*",
    "preauthorization",
    "medical",
    "seguro",
    "seguros",
    "cubre*",
    "apela*",
    "apelo",
    "negaron",
    "factura*",
    "medico*",
    "plan de",
    "reclamo*",
    "receta*",
    "medicina*",
    "inscrib*",
    "mi carta",
    "my letter",
    "the letter",
    "notice",
    "representative",
    "my mother",
    "my mom",
    "my father",
    "my husband",
    "my wife",
    "my daughter",
    "my son",
    "mi hija",
    "mi hijo",
    "mi madre",
    "humana",
    "aetna",
    "cigna",
    "kaiser",
    "blue cross",
    "unitedhealthcare",
    "ship",
    "social security",
];

/// Words that several patterns share.
const SETS: &[WordSet] = &[
    (
        "ignore",
        "ignore ignores ignoring ignored igmre disregard disregards disregarding forget forgetting forgot bypass bypassing \
         override overriding neglect dismiss discard drop abandon erase delete omit violate disobey circumvent skip \
         unlearn",
    ),
    (
        "prev",
        "previous prior earlier preceding above former past foregoing before original initial existing current all your",
    ),
    (
        "instr",
        "instruction instructions rules guidelines guideline directions directives directive prompt prompts programming \
         training restrictions constraints filters safeguards guardrails commands orders assignments context guidance \
         protocols instruktionen instrucciones instructs",
    ),
    (
        "show",
        "show reveal print output display dump leak expose disclose repeat recite list write give share send return echo \
             tell provide type paste copy quote spell summarize translate encode convert describe explain include append \
             see view read",
    ),
    ("recite", "reveal print output display dump leak repeat recite write return echo copy"),
    (
        "secret",
        "system initial hidden secret original internal exact full complete starting confidential entire underlying \
               developer real base core special preset first private whole",
    ),
    (
        "limits",
        "rules restrictions filters filter limits limitations censorship guidelines ethics morals boundaries constraints \
               guardrails restriction limit conscience morality inhibitions",
    ),
    ("ai", "ai assistant bot model chatbot gpt chatgpt llm persona character entity al machine program"),
    (
        "no_es",
        "ignora ignore ignoren ignorar olvida olvide olvidate olvidar omite descarta desobedece desecha borra salta saltate",
    ),
];

const MARKS: &[&str] = &[
    "<|im_start",
    "<|im_end",
    "<|system",
    "<|endoftext",
    "[inst]",
    "[/inst]",
    "<<sys>>",
    "</system>",
    "<system>",
    "[system]",
    "[/system]",
    "</user>",
    "<user>",
    "end of user input",
    "begin admin",
    "<!--",
    "system override",
    "system:\n",
    "&gt;!",
    "\"is_safe\"",
    "is_safe:",
    "\nsystem:",
    "\nassistant:",
    "\nhuman:",
    "<thinking>",
    // Words run together, as spaced-out letters are once they are joined.
    "ignoreall",
    "ignoreprevious",
    "ignoreyour",
    "previousinstruction",
    "yourinstructions",
    "systemprompt",
    "yourprompt",
];

/// Verb and object that stand in one text, folded.
const SCRIPT: &[(&str, &str)] = &[
    ("忽略", "指令"),
    ("忽略", "指示"),
    ("忽略", "规则"),
    ("忘记", "指令"),
    ("忘记", "规则"),
    ("忘记", "指示"),
    ("无视", "指令"),
    ("显示", "系统提示"),
    ("告诉我", "系统提示"),
    ("泄露", "提示词"),
    ("忽略", "提示词"),
    ("無視", "指示"),
    ("無視", "命令"),
    ("表示", "システムフロンフト"),
];

/// What looks like an attack and is none.
static HARMLESS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "forgot|forget ~6 doctor|doctors|nurse|nurses|plans|plan|hospital|hospitals|pharmacy|manual",
            "system prompt says|asks|asked|wants|wanted|appeared|appears|tells|told",
            "plans|portals|websites|computers|portal|website|computer|phone ~1 system prompt",
            "prior authorization|auth|approval ~2 instructions|rules|guidelines",
            "step therapy|rules|rule",
        ],
        SETS,
    )
});

static SIGNS: LazyLock<Phrases<Sign>> = LazyLock::new(|| {
    let mut patterns: Vec<(Sign, &'static str)> = Vec::new();
    for (threat, severity, list) in [
        (Threat::Override, Severity::High, OVERRIDE),
        (Threat::Override, Severity::Medium, OVERRIDE_WEAK),
        (Threat::Override, Severity::High, OVERRIDE_OTHER),
        (Threat::Leakage, Severity::High, LEAKAGE),
        (Threat::Leakage, Severity::Medium, LEAKAGE_WEAK),
        (Threat::Leakage, Severity::High, LEAKAGE_OTHER),
        (Threat::Jailbreak, Severity::High, JAILBREAK),
        (Threat::Jailbreak, Severity::Medium, JAILBREAK_WEAK),
        (Threat::Hijack, Severity::High, HIJACK),
        (Threat::Hijack, Severity::Medium, HIJACK_WEAK),
        (Threat::Obfuscation, Severity::Medium, OBFUSCATION),
        (Threat::PayloadSplitting, Severity::Medium, SPLITTING),
    ] {
        patterns.extend(list.iter().map(|pattern| (Sign { threat, severity }, *pattern)));
    }
    Phrases::new(&patterns, SETS)
});

const OVERRIDE: &[&str] = &[
    "@ignore ~3 previous|prior|earlier|preceding|above|former|past|foregoing|original|initial|existing ~1 @instr",
    "@ignore ~2 your ~3 @instr",
    "@ignore ~1 all|any|these|every|everything ~2 @instr",
    "@ignore ~1 @instr you|given|above|that|before|previously",
    "@ignore everything|all|anything ~1 above|before|previously|prior",
    "@ignore everything|all|anything ~2 you|youve ~2 told|learned|know|given|instructed|been",
    "@ignore everything|all|what ~3 written|said ~2 above|before $",
    "@ignore the? above ~2 and|instead",
    "@ignore ~3 content|safety|usage|openai|ethical policy|policies|guidelines|checks|rules|protocols|stuff",
    "instructions|guidelines|rules|directives|guidance|prompts ~8 void|mistake|supersede*|overridden|obsolete|cancelled|canceled|nullified|deprecated|revoked",
    "supersede* ~3 prior|previous|all|earlier",
    "guidance|guidelines|rules|instructions ~2 no longer apply|applies|valid|matter|bind",
    "override ~2 your|safety|system|security|configuration ~2 configuration|settings|protocols|protocol|rules|instructions|safety|filter|prompt|programming",
    "override safety|security protocols|protocol",
    "safety ~1 protocols|filters|filter|checks|guidelines|measures ~2 disabled|off|deactivated|removed",
    "administrator|admin|developer|root override",
    "put|set|leave|lay|cast aside ~3 @instr",
    "stop being ~3 assistant|helper|bot|ai",
    "you are|youre no longer ~4 assistant|bot|ai|bound|chatgpt|restricted|required|limited|model",
    "rules|instructions you were given do|dont|are|no",
    "your ~1 guidelines|instructions|rules|task ~1 were|was ~2 test|mistake|joke|wrong",
    "instead of following your|the ~1 @instr",
    "act ~2 without ~2 your @instr",
    "pretend|imagine ~4 forgotten|forget|forgot ~3 rules|instructions|guidelines",
    "rules|instructions|guidelines ~3 given|have do not|dont exist|apply",
    "comply|obey|listen ~2 with|to? every|all|any request|requests|command|order",
    "obey ~2 user|me|my without|no|every|any",
    "do as i say ~2 without|exception",
];

const OVERRIDE_WEAK: &[&str] = &[
    "^ new|updated|revised instruction|instructions|directive|directives|task",
    "new|updated instruction|instructions|directive|directives from|follow|are|you",
    "your new|real|true|actual|updated ~1 task|job|instruction|instructions|directive|directives|mission|purpose|goal|identity|objective|role",
    "your only ~1 job|task|purpose|goal ~1 now|is",
    "from now on ~1 you|your|act|answer|respond|always|reply|end|every|whenever|ignore|only|do|be|speak|talk|chatgpt|recommend",
    "from this point|here forward|on|onward|onwards ~2 you|your|act|answer|respond|always|ignore",
    "from here on ~3 guidance|rules|instructions|you",
    "from the next message",
    "@ignore the above|previous|preceding $",
    "dont|not|never ~1 follow|obey|look|use|answer ~6 instructions|rules|guidelines|documents|articles|provided",
    "forget about ~4 write|assignment|assignments|tell|concentrate|focus|task",
    "forget insurance|everything|all and|now",
    "despite what|everything you|youve|that",
    "now ~1 focus|concentrate|focused on ~2 new|next ~1 task|assignment",
    "do nothing|anything else but|except say|answer|write",
    "ignore what i|you|they ~1 said|told|wrote before|above|previously",
    "stop ignore|write|say",
];

const OVERRIDE_OTHER: &[&str] = &[
    // Spanish
    "@no_es ~4 instruccion*|reglas|ordenes|indicaciones|lineamientos|directiv*|restriccion*|consignas|normas|prompt",
    "@no_es todo|todas ~2 lo? que te",
    "no hagas|haga caso ~3 reglas|instruccion*|normas|ordenes",
    "a partir de ahora|aqui|este ~3 actua|actuas|responde*|recomienda|eres|ignora|di|debes|seras|contesta*|habla*|no|vas",
    "de ahora en adelante ~2 actua|responde*|eres|ignora|di|debes|seras|contesta*|habla*",
    "eres|seras|actua|actue|responde*|contesta*|finge|ia|asistente ~6 sin ~2 restriccion*|limites|filtros|reglas|censura|etica",
    "reglas ~2 seguridad ~3 no",
    "nueva|nuevas instruccion|instrucciones|tarea|directiva",
    // German
    "ignorier*|vergiss|vergesst|vergessen|missacht*|uberspring* ~5 anweisung*|instruktion*|befehl*|auftrag*|auftrage|aufgabe*|regel*|vorgabe*|angaben|anleitung*",
    "vergiss|vergessen|ignorier* ~2 alles ~3 davor|vorher*|bisher*|gesagt*|was|schreib*|und",
    "vergiss|vergessen alles|alle",
    "vorherig*|bisherig*|obig*|vorigen ~2 anweisung*|instruktion*|befehl*|informationen|regel*|angaben|obige",
    "ignorier* ~2 das obige|vorherige|alle",
    "lassen|lass ~2 alle|alles ~3 hinter",
    "neue|weitere|nachste ~1 anweisung*|aufgaben|instruktion*|auftrag*",
    "ab jetzt|sofort|nun ~3 du|hast|bist|gibst|sie|keine",
    "keine regeln|einschrankungen|beschrankungen|filter|grenzen ~2 du|mehr|hast",
    "du hast keine regeln|einschrankungen|grenzen",
    "ohne einschrankungen|beschrankungen|filter|regeln",
    // French
    "ignor*|oubli*|neglig* ~4 instructions|consignes|regles|directives|ordres",
    "sans restriction|restrictions|limites|filtre|filtres|regles",
    "nouvelles ~1 instructions|consignes|directives",
    "desormais ~3 tu|vous|sans|es|etes",
    // Italian, Portuguese
    "ignora|ignorare|dimentica* ~4 istruzioni|regole|direttive|ordini|indicazioni",
    "ignore|esqueca|esquece|desconsidere ~4 instrucoes|regras|ordens|diretrizes",
    "senza|sem restrizioni|filtri|limiti|regole|restricoes|filtros|limites|regras",
    "nuove|novas istruzioni|instrucoes",
    // Vietnamese, Indonesian, Russian, Polish, Dutch, Turkish
    "bo qua ~6 huong|quy|chi|lenh|tac",
    "abaikan ~4 instruksi|perintah|aturan",
    "игнорир*|игнор*|забуд*|отбрось ~5 инструкц*|указан*|правил*|команд*",
    "zignoruj|zapomnij|ignoruj ~5 instrukcj*|polecen*|zasad*",
    "negeer|vergeet ~5 instructies|regels|opdrachten|aanwijzingen",
    "onceki ~3 talimat*|kurallar*|komut*",
];

const LEAKAGE: &[&str] = &[
    "@show ~5 @secret ~2 prompt|prompts|instructions|instruction|message|directives|configuration|rules|prompting",
    "@show ~4 your ~2 prompt|prompts|directives|programming|configuration|config",
    "what|whats ~3 your ~2 @secret ~1 prompt|instructions|rules|message|directives",
    "what|whats ~2 your|the system prompt",
    "what|whats ~3 your prompt",
    "your|the system prompt",
    "system|hidden|initial|secret prompt ~3 begins|starts|is|verbatim|word|text|above|contains",
    "instructions|prompt|rules ~3 verbatim|word|letter",
    "@recite ~3 words|text|everything|content|contents|sentences|line|lines|all ~3 above|preceding|before this|line|message|my|the|conversation|with",
    "@recite ~2 words|text|everything above",
    "exact|verbatim|full ~1 text|wording|words of ~2 instructions|prompt|rules",
    "what ~1 were|was you ~2 told|instructed|given ~4 before|start|beginning|conversation|initially",
    "told before this conversation|chat",
    "what ~2 written ~4 prompt|above",
    "text|message|messages|content ~2 before|preceding my|the|our|this ~1 first",
    "i was instructed to",
    "you were|are instructed|told|programmed ~2 by|to ~3 developers|creators|makers|openai",
    "@show ~6 api|secret|encryption|access|private|jwt|service ~1 key|keys|token|tokens|secret|secrets|role",
    "@show ~4 environment variable|variables",
    "@show ~5 database|admin|root|server|service ~1 password|passwords|url|credentials|key",
    "@show ~3 credentials|apikey|passwords|secrets",
    "@show ~4 other|all|last|every|real|different ~2 users|patients|customers|accounts|conversations|members ~6 conversations|names|numbers|data|records|diagnoses|messages|details|emails|information|talked|database",
    "names ~4 numbers ~4 patients|users|members|customers",
    "other users|patients|peoples|customers|members ~1 conversations|data|messages|chats|records|diagnoses",
    "chain of thought",
    "ascii|base64|rot13|hex|binary|morse ~4 your|system|initial ~2 prompt|instructions",
    "instructions|prompt|prompts ~3 formatted|format ~2 as|code|python|json",
    "all your prompt|prompts|instructions",
    "dump|leak|reveal|exfiltrate|expose ~2 internal|hidden|secret|all ~2 configuration|config|data|instructions|prompts|secrets|credentials|information",
    "display|show|print system configuration|settings|prompt|instructions",
    "reveal|leak|dump|expose secrets|credentials|everything|internals",
    "any credentials you|that",
    "contents of your|the ~1 context|memory|environment|prompt|instructions",
];

const LEAKAGE_WEAK: &[&str] = &[
    "@show ~5 your ~1 instructions|instruction|guidelines",
    "what|whats ~2 your instructions|directives",
    "text of your|the ~1 instructions|prompt",
    "show|give|tell ~3 prompt text|texts",
    "your starting|initial|original instructions|prompt",
    "text you were given",
    "instructions ~2 you were ~1 given",
    "rules ~4 developers|creators|makers|openai gave|give|set",
];

const LEAKAGE_OTHER: &[&str] = &[
    "muestra*|muestre*|revela*|revele|dime|diga*|ensena*|imprime|escrib*|cuenta*|dame|repite ~5 prompt|prompts",
    "muestra*|muestre*|revela*|revele|dime|diga*|ensena*|imprime|escrib*|cuenta*|dame|repite ~5 tus|secretas|ocultas|iniciales|internas ~2 instrucciones|reglas|indicaciones|directivas",
    "instrucciones|reglas|mensaje|prompt ~2 secretas|ocultas|iniciales|internas|del ~1 sistema",
    "instrucciones|reglas ~2 te dieron",
    "muestra*|revela*|dime|dame ~4 contrasena*|claves|clave|credencial* ~3 sistema|base|api|servidor|administrador",
    "zeig*|gib|verrat*|nenn*|sag*|ausgib*|drucke ~6 prompt*|systemprompt*|anweisung*|systemanweisung*|instruktion*",
    "deine|ihre|deinen ~2 ursprunglich*|gesamt*|geheim*|initial* ~1 anweisung*|prompt*|instruktion*",
    "affich*|revel*|montr*|donn*|imprim* ~5 prompt|instructions|consignes",
    "message|prompt systeme",
    "mostra*|rivela*|dimmi|stampa* ~5 prompt|istruzioni",
    "mostre|revele|diga|imprima|exiba ~5 prompt|instrucoes",
    "loi nhac he thong",
    "системн* промпт*|инструкц*|подсказк*",
    "base|bases de datos ~2 registros|tablas",
    "envoi*|send* ~4 adresse externe",
];

const JAILBREAK: &[&str] = &[
    "do|does|can ~1 anything now",
    "dan mode",
    "act|acts|pretend|be|as ~4 dan $",
    "act as|like dan",
    "jailbreak|jailbroken|jailbreaking ~1 mode|prompt|yourself|version|gpt|chatgpt",
    "developer|god|debug|unrestricted|evil|chaos|sudo|maintenance|devmode|opposite mode ~2 enabled|on|activated|you|there|is|unlocked",
    "enable|enter|activate|switch|turn|entering|enabling ~4 developer|god|debug|unrestricted|evil|chaos|sudo|jailbreak mode",
    "you are|youre now ~3 ai|bot|assistant|model|persona|chatbot|unrestricted|free|freed|dan|uncensored|unfiltered|jailbroken",
    "pretend|act|roleplay|behave|imagine|simulate|immerse|be|play|become ~8 @ai ~6 no|without|never|any|unfiltered|uncensored|unrestricted|evil|amoral ~2 @limits|refuse*|content|polic*|safety",
    "pretend|act|roleplay|behave|imagine|simulate|be|become|play ~4 unfiltered|uncensored|unrestricted|amoral|evil|unethical|immoral|jailbroken ~3 @ai",
    "unfiltered|uncensored|unrestricted|amoral|unhinged|unethical|immoral ~3 @ai|response|responses|answer|answers|mode",
    "uncensored|unfiltered|unrestricted|evil version of you|yourself|chatgpt|the",
    "you ~2 have|has|had|having|with no|zero ~2 @limits",
    "you ~1 have no content|safety|usage|moral|ethical policy|policies|code|guidelines|filter|filters|limits",
    "with|had|have|has|having|without no|any ~1 content|usage|safety policy|policies|filter|filters",
    "never|not|cannot|cant|wont refuse|refuses|decline|say ~3 request|requests|no|question|questions|anything|user",
    "never refuses|refuse",
    "answer|answers|respond|responds ~4 without ~2 filter|filters|restriction|restrictions|limits|censorship|warnings|disclaimers|limitations",
    "no matter how ~2 immoral|unethical|illegal|harmful|offensive|dangerous",
    "regardless of ~3 legality|ethics|ethical|morality|consequences|legal|moral",
    "not|longer ~2 bound|restricted|limited|constrained|confined ~4 rules|guidelines|policies|policy|openai|restrictions|content|ethics|morals|laws|filters|limitations",
    "free|freed|freedom|broken|break|liberated|breaking ~2 from|of ~6 rules|restrictions|filters|openai*|policies|policy|confines|constraints|limitations|guidelines|ai|shackles",
    "typical confines",
    "does|do not|doesnt|dont have|care|need ~3 abide|follow|ethics|morals|moral|legality|rules ~2 rules|by|or|about",
    "no|any|without|zero ~1 ethical|moral ~3 guidelines|limits|limitations|restrictions|code|codes|implications|boundaries|constraints",
    "stay|remain in character ~12 never|always|no|must|evil|anything",
    "legal or not",
    "answers|answer|do|says|say anything ~3 user|ask*|legal|want*",
    "safety|content ~1 filter|filters|check|checks|policy|policies|protocols|guardrails ~2 off|disabled|disable|do|dont|gone|no",
    "switch|turn|shut|disable|deactivate|remove|bypass|skip|disregard|evade|circumvent ~4 safety|content|security|moderation|ethical ~1 filter|filters|check|checks|policy|policies|protocols|guidelines|guardrails|measures|features|restrictions",
    "no guardrails|safeguards|censorship",
    "permission|authorized|authorize ~6 skip|bypass|ignore ~3 safety|checks|rules|confirmations",
    "exempt from ~3 restrictions|rules|policies|guidelines|limits",
    "safety rules ~2 not|dont|no",
];

const JAILBREAK_WEAK: &[&str] = &[
    "answer|respond|reply ~3 twice|two|both ~3 different|separate|ways|once|parts|responses",
    "produce|generate|give|provide ~2 two ~2 responses|answers|replies",
    "hi|hello|hey chatgpt|gpt|chatbot|assistant",
    "you are going to|gonna pretend|act|imitate|be|play|roleplay|simulate",
    "going to act as|like",
    "stands|stand for ~3 anything|do|no|unexcus*|not|make|has",
    "act as|like ~3 ai|doctor|dan|gpt ~4 no|without|never|evil",
    "you are role|roleplaying|now playing",
    "act like it $",
    "confines of",
    "grandmother|grandma|granny ~12 used to ~4 read|tell|recite|sing ~6 keys|numbers|passwords|codes|recipe|napalm",
    "without getting|being ~1 caught|detected|noticed",
    "lethal|deadly doses|dose",
    "i am|im ~2 your developer|developers|creator|administrator|admin|owner|one",
    "for a|my novel|story|paper|research ~6 no|without|hidden|safety|system|lethal|bomb",
    "you can totally ignore",
];

const HIJACK: &[&str] = &[
    "call|invoke|use|execute|run|trigger ~3 delete|send|transfer|http|exec|shell|sql|drop|wipe|purge ~3 file|email|money|tool|post|table|function|user|query|command|me|for|tables",
    "call|invoke|use|trigger ~5 tool|tools|function|functions ~4 without|every|before|to|all",
    "your tools|tool to",
    "drop table|tables|database",
    "select from ~2 where|users|messages|table|accounts",
    "select ~3 from ~1 conversation|conversations|users|user|messages|accounts|information",
    "delete|erase|wipe|drop|destroy|purge ~4 database|table|tables|production",
    "borra|elimina ~5 base de datos",
    "etc passwd|shadow",
    "rm rf",
    "send|forward|email|post|upload|exfiltrate|transmit|mail ~6 customer|customers|client|user|users|patient|patients|conversation|chat|credential*|key|keys ~2 list|data|emails|records|names|history|conversation|info|information|to ~4 to|http|https|attacker|external",
    "send|forward|email|post|upload ~2 this|the|our|entire|full|whole conversation|chat|context ~3 to",
    "attacker|evil|exfil|exfiltrate|malicious ~2 example|com|net|org|address|server|site|url",
    "grant ~4 admin|administrator|root|premium|all|full ~2 access|rights|requests|privileges|permissions",
    "user ~1 is|has ~3 admin|administrator|verified|authorized|authenticated|staff|granted|superuser",
    "act|acts|actua|actue as|como administrator|admin|root|administrador|superusuario",
    "note|notice|message|attention|memo|hint|instruction|instructions|important|warning|nota|aviso|hinweis ~1 to|for|fur|para|a ~4 ai|bot|bots|assistant|llm|llms|model|models|chatbot|agent|agents|system|systems|ia|asistente|modelo|ki",
    "ai|llm|language|assistant|bot ~1 system|systems|assistant|assistants|agent|agents|model|models ~1 reading|processing|summarizing|that|who|parsing",
    "when|if|while ~2 summariz*|summaris*|processing|reading|translating ~6 must|include|end|append|say|add|always|tell|output|insert|write",
    "^ assistant|ai|bot|chatbot ~2 ignore|disregard|tell|recommend|ask|say|forget|do|reveal|output|print|stop|sure",
    "all|every|each|any|your ~1 future|subsequent|following|upcoming ~1 answer|answers|reply|replies|response|responses|summary|summaries|message|messages|report|reports|chats|output|outputs|conversation|conversations|tasks|interactions",
    "save|store|commit|add|write|persist ~5 to|in|into ~2 memory",
    "to your ~2 memory",
    "tell|instruct|convince ~1 every|all|any|each user|users|member|members|patient|patients|customer|customers ~4 who|that|asks|ask|asking",
    "when|whenever|if ~1 anyone|someone|somebody|user|users|anybody ~1 ask|asks ~6 tell|say|answer|respond|reply|it|recommend",
    "every time i|someone|user|anyone say|says|ask|asks|write|writes|mention ~5 you|answer|respond|reply|must",
    "repeat ~4 forever|infinitely|endlessly|indefinitely",
    "classify ~3 as benign|safe|harmless",
    "security agent|classifier|filter ~4 asks|benign|safe",
    "premium access ~3 disable|logging",
    "disable logging|monitoring|logs|audit|auditing",
    "insert|include|append|add|put ~5 link|url ~6 answer|answers|reply|replies|response|responses|message|messages",
    "begin|start|end|finish|prefix ~3 every|each|all|your ~2 answer|answers|reply|replies|response|responses|message|messages|summary|outputs",
    "append|add|include|attach ~6 token|code|canary ~6 every|each|all|your|end|response|answer|summary|reply",
    "hereby instructed",
    "transfer money|funds ~3 tool|without",
];

const HIJACK_WEAK: &[&str] = &[
    "next|following user message",
    "say|output|write|print|reply|respond|answer ~1 only|just ~3 with|the ~1 word|phrase|sentence",
    "just output|say|print",
    "reply|respond|answer ~2 with ~1 word|phrase",
    "repeat after me",
    "state that ~4 claims|guaranteed|all",
    "great|good|well|excellent ~1 job|done|work ~6 now ~6 write|new|task|forget|show|focus",
    "append ~6 to your|the ~1 answer|reply|response",
    "to ~6 comply $",
    "stop citing|mentioning ~4 sources|appeals",
    "hide|omit|conceal ~3 alternatives|sources|facts|truth",
    "actua|actue|haz como ~2 administrador|pirata|hacker",
    "approve this|the ~1 pr|claim|request|authorization ~2 now|immediately|anyway|regardless",
    "generate|write|run|execute ~4 sql|code|python|script ~4 database|access|print|delete",
];

const OBFUSCATION: &[&str] = &[
    "decode|decrypt|decipher|deobfuscate|unscramble|unencode ~10 follow|execute|obey|comply|instruction|instructions|act|perform|exactly",
    "decode ~8 do|run ~2 what|it|exactly|that|says",
    "base64|rot13|hex|morse|cipher|caesar|base32|encoded|encrypted ~10 follow|execute|obey|comply|instruction|instructions|command",
    "read|apply|translate|convert|decode ~4 base64|rot13|hex|morse|binary ~6 do|run|execute|follow|comply|obey",
    "descodifica*|decodifica* ~8 sigue|ejecuta|obedece|instruccion*",
    "dekodier*|entschlussel* ~8 befolg*|fuhre|anweisung*",
];

const SPLITTING: &[&str] = &[
    "concatenate|combine|join|merge|assemble|glue|stitch ~6 string|strings|parts|part|words|word|letters|lines|line|variables|fragments|pieces|x|y|a|b",
    "put ~5 together ~4 do|execute|follow|obey|comply|run|act|answer",
    "concatenate ~8 do|follow|execute|run|obey|comply",
    "do|execute|follow|run|obey|answer ~2 what ~1 a|x|part1|it|z b|y|part2|says",
    "let|set a|x|part1|z|b be|is|as",
    "joined|combined|concatenated|resulting|assembled string|text|sentence|instruction|prompt",
    "join|combine the parts|pieces|halves ~3 execute|follow|run|do|obey|comply",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        assert_eq!(SIGNS.rejected(), [""; 0]);
        assert_eq!(HARMLESS.rejected(), [""; 0]);
    }

    #[test]
    fn what_only_uses_the_same_words_is_no_attack() {
        for text in [
            "Please ignore my previous email, the correct order number is 5591.",
            "How do I override a step therapy rule for my drug?",
            "My doctor forgot to follow the plan's instructions for prior authorization.",
            "Forget what I said about my husband, this question is just about me.",
            "Show me the rules my plan must follow when it denies a hospital stay.",
            "Ignorez mon e-mail précédent, la bonne commande est 5591.",
        ] {
            assert_eq!(find(&Text::new(text), text), None, "{text}");
        }
    }
}
