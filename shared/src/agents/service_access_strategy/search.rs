//! What to look up for a question: its key terms.
//!
//! Invariant: nothing of a person. Every word of the query stands in the shipped texts, in the table of services and
//! medicines or in a short list; names, numbers and everything else the person wrote stay out.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::agents::fold::{Text, fold};
use crate::agents::task_requirements::things::{self, SERVICES};
use crate::knowledge::glossary;
use crate::knowledge::passages;

/// Words that find nothing.
const FILLERS: &str = "a an the is are was were be been i my me you your it its this that to of in on for and or not no do does \
    did can could will would should have has had how what when where who why which with without about from at by as if so \
    get got more than they them their there here am im dont say says said tell one two out up all any each also other may \
    must if then only same day days use used name find name number call ask his her him off want wants after next please still may seen being see take takes took send \
    sent even some what whats most many much need needs going make made put keep kept come came back help letter people someone person years year \
    month months time date write first last new long says yes \
    january february march april may june july august september october november december day days week weeks hour hours";

/// Words people use and the official texts too, beyond the shipped ones.
const MORE: &str = "er emergency surgery nursing rehab wheelchair hearing glasses dental vision cancer diabetes insulin vaccine \
    ambulance travel abroad hospice oxygen kidney dialysis transplant screening mammogram colonoscopy physical therapy mental \
    depression substance alcohol denied deny denies approve approved refuse refused weight obesity acupuncture chiropractic telehealth caregiver disability";

/// Spanish words and the English ones of the texts, beyond the glossary's.
const SPANISH: &[(&str, &str)] = &[
    ("cubre", "cover"),
    ("cubren", "cover"),
    ("apelar", "appeal"),
    ("apelacion", "appeal"),
    ("negaron", "denied"),
    ("nego", "denied"),
    ("negacion", "denial"),
    ("costo", "cost"),
    ("cuesta", "cost"),
    ("pagar", "pay"),
    ("prima", "premium"),
    ("inscribir", "enroll"),
    ("inscripcion", "enrollment"),
    ("hospital", "hospital"),
    ("medico", "doctor"),
    ("queja", "complaint"),
    ("factura", "bill"),
    ("medicina", "drug"),
    ("medicinas", "drugs"),
    ("medicamento", "drug"),
    ("receta", "prescription"),
    ("recetas", "prescriptions"),
    ("multa", "penalty"),
    ("ambulancia", "ambulance"),
    ("vacuna", "vaccine"),
    ("cancer", "cancer"),
    ("plazo", "deadline"),
    ("enfermera", "nurse"),
    ("espejuelos", "glasses"),
    ("viaje", "travel"),
    ("ayuda", "help"),
];

static WORDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut words: BTreeSet<String> = MORE.split_whitespace().map(ToOwned::to_owned).collect();
    for passage in passages().iter().filter(|passage| passage.lang == "en" && !is_about_a_place(&passage.id)) {
        // A term's other names are in Spanish too.
        let text = passage.text.split("Other names:").next().unwrap_or_default();
        let text = format!("{} {text}", passage.title);
        words.extend(
            Text::new(&text).words().filter(|word| word.chars().all(char::is_alphabetic)).map(ToOwned::to_owned),
        );
    }
    for filler in FILLERS.split_whitespace() {
        words.remove(filler);
    }
    words.retain(|word| word.len() > 1 || word == "b" || word == "d");
    words
});

/// Names of states and programs say nothing of the question.
fn is_about_a_place(id: &str) -> bool {
    id.starts_with("fact:ship-") || id.starts_with("fact:help-")
}

/// At most so many terms, and so many words of a message.
const MOST_TERMS: usize = 12;
const MOST_WORDS: usize = 400;

/// The key terms of a message, in English.
pub fn query(message: &str) -> String {
    let text = Text::new(message);
    let mut terms: Vec<String> = Vec::new();
    let mut add = |term: &str| {
        let is_new = !terms.iter().any(|known| known == term);
        if is_new && terms.len() < MOST_TERMS {
            terms.push(term.to_owned());
        }
    };
    things::drug(&text).into_iter().for_each(|drug| add(&drug.to_lowercase()));
    let service = things::service(&text).filter(|service| SERVICES.iter().any(|known| known.en == service.en));
    service.into_iter().flat_map(things::text_words).for_each(|word| add(&word));
    glossary::find(&fold(message)).into_iter().flat_map(|term| term.word.split(' ')).for_each(&mut add);
    for word in text.words().take(MOST_WORDS) {
        if WORDS.contains(word) {
            add(word);
        }
        if let Some((_, english)) = SPANISH.iter().find(|(spanish, _)| *spanish == word) {
            add(english);
        }
    }
    terms.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_made_of_key_terms() {
        assert_eq!(query("Is a shingles shot covered by Medicare?"), "shingles medicare covered");
        let spanish = query("¿Cubre Medicare la silla de ruedas? Necesito autorización previa");
        for word in ["wheelchair", "prior", "authorization", "cover", "medicare"] {
            assert!(spanish.contains(word), "{spanish}");
        }
        assert_eq!(query("asdf qwer"), "");
    }

    #[test]
    fn nothing_of_a_person_is_looked_up() {
        let found = query(
            "My name is Jane Brewster, SSN 123-45-6789, MBI 1EG4-TE5-MK73, born 3/4/1950, jane@mail.com, (555) 010-0199. \
             My plan H1234 denied my MRI at Mercy Clinic on Elm Street.",
        );
        for private in ["jane", "brewster", "123", "1eg4", "1950", "mail", "555", "h1234", "mercy", "elm"] {
            assert!(!found.contains(private), "{private} in {found}");
        }
        assert!(found.contains("mri") && found.contains("denied"), "{found}");
    }
}
