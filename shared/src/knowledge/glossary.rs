//! The words people meet in letters and bills, in plain language of our own.
//!
//! Invariant: words and aliases stand in folded form (lower case, no accents, single spaces); each belongs to one term.

use std::sync::LazyLock;

use serde::Deserialize;

use super::data::{Source, rows};

/// One word and what it means.
#[derive(Debug, Deserialize)]
pub struct Term {
    /// The word in English, folded.
    pub word: &'static str,
    /// The word in Spanish, as it is written.
    pub word_es: &'static str,
    /// Other names in both languages, folded.
    pub aliases: Vec<&'static str>,
    /// What it means.
    pub meaning: &'static str,
    /// The same in Spanish.
    pub meaning_es: &'static str,
    /// Where it was read.
    #[serde(flatten)]
    pub source: Source,
}

impl Term {
    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.word).chain(self.aliases.iter().copied())
    }
}

static TERMS: LazyLock<Vec<Term>> = LazyLock::new(|| rows(include_str!("data/glossary.json")));

/// The glossary.
pub fn terms() -> &'static [Term] {
    &TERMS
}

/// The term of a folded word or phrase, also in the plural.
pub fn lookup(folded: &str) -> Option<&'static Term> {
    let word = folded.trim();
    let named = |word: &str| terms().iter().find(|term| term.names().any(|name| name == word));
    named(word).or_else(|| word.strip_suffix('s').and_then(named)).or_else(|| word.strip_suffix("es").and_then(named))
}

/// The terms, at most two, that a folded text (between spaces) asks about, in its order. Of names that overlap the
/// longest counts.
pub fn find(folded: &str) -> Vec<&'static Term> {
    let mut hits: Vec<(usize, usize, &'static Term)> = Vec::new();
    for term in terms() {
        for name in term.names() {
            hits.extend(position(folded, name).map(|at| (at, at + name.len(), term)));
        }
    }
    hits.sort_by_key(|(start, end, _)| (std::cmp::Reverse(end - start), *start));
    let mut kept: Vec<(usize, usize, &'static Term)> = Vec::new();
    for hit in hits {
        if kept.iter().all(|other| (hit.1 < other.0 || other.1 < hit.0) && other.2.word != hit.2.word) {
            kept.push(hit);
        }
    }
    kept.sort_by_key(|(start, ..)| *start);
    kept.into_iter().map(|(_, _, term)| term).take(2).collect()
}

/// Where a name stands as whole words, also with an `s` or `es` behind it.
fn position(folded: &str, name: &str) -> Option<usize> {
    folded.match_indices(name).map(|(at, _)| at).find(|at| {
        let before = folded.get(..*at).is_some_and(|text| text.ends_with(' '));
        let after = folded.get(at + name.len()..).unwrap_or_default();
        before
            && ["", "s", "es"].iter().any(|plural| after.strip_prefix(plural).is_some_and(|rest| rest.starts_with(' ')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::fold::fold;

    fn found(text: &str) -> Vec<&'static str> {
        find(&fold(text)).into_iter().map(|term| term.word).collect()
    }

    #[test]
    fn names_are_folded_and_belong_to_one_term() {
        let mut seen = std::collections::BTreeMap::new();
        for term in terms() {
            for name in term.names() {
                assert_eq!(fold(name).trim(), name);
                if let Some(other) = seen.insert(name, term.word) {
                    assert_eq!(other, term.word, "{name}");
                }
            }
        }
        assert!(terms().len() >= 100);
    }

    #[test]
    fn the_spanish_word_finds_its_term() {
        for term in terms() {
            let word = fold(term.word_es);
            let hit = find(&word);
            assert!(hit.iter().any(|hit| hit.word == term.word), "{} finds {:?}", term.word_es, found(term.word_es));
        }
    }

    #[test]
    fn the_longest_name_counts_and_the_order_is_the_texts() {
        assert_eq!(found("What is an out-of-pocket maximum?"), ["out of pocket maximum"]);
        assert_eq!(found("difference between copays and coinsurance"), ["copay", "coinsurance"]);
        assert_eq!(found("¿Qué es la autorización previa?"), ["prior authorization"]);
        assert_eq!(found("what is the donut hole"), ["donut hole"]);
        assert_eq!(found("what does IRE mean"), ["ire"]);
        assert_eq!(found("I was fired"), Vec::<&str>::new());
    }

    #[test]
    fn a_term_is_looked_up_by_any_of_its_names() {
        for (name, word) in [
            ("lis", "extra help"),
            ("deductibles", "deductible"),
            ("copagos", "copay"),
            ("apelaciones", "appeal"),
            (" prior auth ", "prior authorization"),
            ("part c", "medicare advantage"),
        ] {
            assert_eq!(lookup(name).map(|term| term.word), Some(word), "{name}");
        }
        assert!(lookup("quasar").is_none());
    }
}
