//! Signs of a medical emergency: 911.

mod signs;

use std::sync::LazyLock;

use self::signs::{CERTAIN, MILD, NOUN, NOUN_ES, PAST, PAST_ES, PRESENT, PRESENT_ES};
use super::context::{Sentence, View, is_negated, is_now, is_over, is_supposed};
use super::words::SETS;
use crate::agents::fold::phrases::{Hit, Phrases, is_overlapped};

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
            .filter(|hit| !is_overlapped(hit, &figures))
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
        "blue|gray|purple|grey cross|shield|card|plan|letter|pill|pills|form|button|advantage|envelope|book|area",
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
