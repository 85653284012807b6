//! Attacks as patterns of words, in the languages that attacks come in.
//!
//! A pattern names what an attack is about (the assistant's instructions, its prompt, its limits), not a word that people
//! use for other things too: "ignore my previous e-mail" and "override the step therapy rule" are none.

mod conduct;
mod instructions;

use std::sync::LazyLock;

use self::conduct::{HIJACK, HIJACK_WEAK, JAILBREAK, JAILBREAK_WEAK, OBFUSCATION, SPLITTING};
use self::instructions::{LEAKAGE, LEAKAGE_OTHER, LEAKAGE_WEAK, OVERRIDE, OVERRIDE_OTHER, OVERRIDE_WEAK};
use super::{Severity, Threat};
use crate::agents::fold::phrases::{Phrases, WordSet, is_overlapped};
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
        hits.into_iter().filter(move |hit| !is_overlapped(hit, &harmless)).map(|hit| hit.tag)
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
    INSURANCE.split('|').any(|phrase| has_any(folded, &[phrase]))
}

const INSURANCE: &str = "medicare|medicaid|medigap|insur*|plan|plans|claim*|denied|denial*|deny|denies|appeal*|coverage|cover|covers|\
     covered|deductible*|copay*|coinsurance|premium*|bill|bills|billed|billing|doctor*|hospital*|prescri*|\
     pharmac*|eob|hmo|ppo|cobra|marketplace|enroll*|part a|part b|part c|part d|clinic*|nurse*|nursing|surgery|\
     mri|therap*|medication*|medicine*|insulin|patient|grievance|benefit*|in network|out of network|prior auth*|\
     preauthorization|medical|seguro|seguros|cubre*|apela*|apelo|negaron|factura*|medico*|plan de|reclamo*|\
     receta*|medicina*|inscrib*|mi carta|my letter|the letter|notice|representative|my mother|my mom|my father|\
     my husband|my wife|my daughter|my son|mi hija|mi hijo|mi madre|humana|aetna|cigna|kaiser|blue cross|\
     unitedhealthcare|ship|social security";

/// Words that several patterns share.
const SETS: &[WordSet] = &[
    (
        "ignore",
        "ignore ignores ignoring ignored igmre overlook disregard disregards disregarding forget forgetting forgot bypass bypassing \
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
