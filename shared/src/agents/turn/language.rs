//! The language of a message, and of its reply.

use serde::{Deserialize, Serialize};

use crate::agents::fold::fold;
use crate::agents::{PastMessage, Role, StepInput};

/// English or Spanish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

/// Words that one language has and the other has not, folded.
const SPANISH: &str = "que el la los las mi mis de del un una por para como puedo quiero tengo seguro cubre cubren mes carta \
    gracias hola ayuda medico cuando cuanto cuanta donde es y o se su sus con sin en al lo le les nos yo \
    ella esta este estoy soy hay pero porque muy mas si ya necesito negaron nego pagar paga cuesta cumplo \
    anos fecha mama papa madre padre hijo hija esposo esposa buenos buenas dias escribame escribeme hagame \
    apelar apelacion cirugia silla ruedas medicina medicinas receta factura usted ustedes quien cual favor \
    tiene tardes noches adios quisiera ser son llamo nombre";
const ENGLISH: &str = "the is are was my i im it its and or of to for in on with without what when where how who why which can \
    could do does did will would should have has had they he she we you your this that not dont cant denied \
    denial appeal letter insurance coverage cover pay cost need help please thanks thank hello hi from at \
    an a dated am be if covered claim about tell so but";

impl Language {
    /// The language of a folded text; English when it cannot be told.
    pub fn of(folded: &str) -> Self {
        Self::told(folded).unwrap_or_default()
    }

    /// The language that the words of a folded text tell; `None` for a name, a number, another language.
    pub fn told(folded: &str) -> Option<Self> {
        // A pasted letter may be in another language than the question before it: the beginning counts as much as the rest.
        let words: Vec<&str> = folded.split_whitespace().collect();
        let count = |list: &str| {
            let list: Vec<&str> = list.split(' ').collect();
            let hits = |words: &[&str]| words.iter().filter(|word| list.contains(word)).count();
            hits(&words) + 3 * hits(words.get(..8).unwrap_or(&words))
        };
        let (spanish, english) = (count(SPANISH), count(ENGLISH));
        match spanish.cmp(&english) {
            std::cmp::Ordering::Greater => Some(Self::Es),
            std::cmp::Ordering::Less => Some(Self::En),
            std::cmp::Ordering::Equal => None,
        }
    }

    /// The text in this language.
    pub fn pick<'a>(self, english: &'a str, spanish: &'a str) -> &'a str {
        match self {
            Self::En => english,
            Self::Es => spanish,
        }
    }
}

/// The language to answer in: that of the message, else that of the person's last message that told one.
pub fn reply_language(input: &StepInput<'_>) -> Language {
    let own = Language::told(&fold(input.message));
    let earlier =
        |past: &PastMessage| (past.role == Role::User).then(|| Language::told(&fold(&past.content))).flatten();
    own.or_else(|| input.history.iter().rev().find_map(earlier)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_that_of_the_small_words() {
        for text in [
            "quiero morirme",
            "¿Cubren los lentes?",
            "hola",
            "Mi plan Medicare Advantage negó mi MRI",
            "la carta es del 2 de octubre",
        ] {
            assert_eq!(Language::of(&fold(text)), Language::Es, "{text}");
        }
        for text in [
            "my claim was denied",
            "Is it covered?",
            "thanks",
            "What is a deductible?",
            "no",
            "Los Angeles is where I live",
        ] {
            assert_eq!(Language::of(&fold(text)), Language::En, "{text}");
        }
        for text in ["Tell me about La Jolla and de Kalb", "my plan denied my MRI and I need help ¿qué hago?"] {
            assert_eq!(Language::of(&fold(text)), Language::En, "{text}");
        }
        for text in ["Medicare Advantage", "2026-10-02", "🙂", ""] {
            assert_eq!(Language::told(&fold(text)), None, "{text}");
        }
    }
}
