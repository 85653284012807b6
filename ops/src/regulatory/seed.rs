//! What the product brings itself: the vocabulary that the search knows, and the product's own facts as passages, so that
//! a search finds something before anything was imported.
//!
//! Invariants: both are kept equal to their lists by every run, and a second run changes nothing; a fact that left the list
//! is found no longer.

use chrono::{NaiveDate, NaiveTime};
use serde_json::json;
use shared::knowledge::passages;
use shared::regulatory::{Draft, Kind, NewDocument};
use tokio_postgres::{Client, Transaction};

use super::store;
use crate::{OpsError, Result};

/// What people say and the official texts' words for it, in the two languages.
const VOCABULARY: [(&str, &str); 2] = [("en", include_str!("words_en.txt")), ("es", include_str!("words_es.txt"))];

/// A fact in the product's own words, with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Names the fact for good.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
    /// `en` or `es`.
    pub lang: String,
    /// Where it was read; any https address.
    pub url: String,
    /// On which page.
    pub page: Option<u32>,
    /// When it was read there.
    pub verified: NaiveDate,
    /// The year its amounts are for.
    pub plan_year: Option<i32>,
    /// Since when it is in force.
    pub effective: Option<NaiveDate>,
    /// The last day it is stated; the end of the plan year when absent.
    pub expires: Option<NaiveDate>,
}

/// What a run changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seeded {
    /// Facts that are new or were reworded.
    pub stored: usize,
    /// Facts that were there.
    pub unchanged: usize,
    /// Facts that left the list.
    pub retired: u64,
    /// Phrases of the vocabulary that are new or say something else.
    pub phrases: u64,
}

/// Brings the product's vocabulary and facts into a migrated database; does nothing in one that is not yet.
///
/// # Errors
/// When a fact is not acceptable or the database fails; nothing is changed then.
pub async fn prepare(client: &mut Client) -> Result<Seeded> {
    seed(client, &shipped()?).await
}

/// The facts that `shared` ships, in both languages.
fn shipped() -> Result<Vec<Passage>> {
    passages().into_iter().map(shipped_fact).collect()
}

fn shipped_fact(fact: shared::knowledge::Passage) -> Result<Passage> {
    let verified = fact.verified.parse();
    Ok(Passage {
        id: fact.id.strip_prefix("fact:").unwrap_or(&fact.id).to_owned(),
        title: fact.title,
        text: fact.text,
        lang: fact.lang.to_owned(),
        url: fact.url.to_owned(),
        page: fact.page.map(u32::from),
        verified: verified.map_err(|_| OpsError::said(format!("the fact {} has no day it was read on", fact.id)))?,
        plan_year: fact.plan_year,
        effective: fact.effective,
        expires: fact.expires,
    })
}

/// [`prepare`] with these facts.
///
/// # Errors
/// As [`prepare`].
pub async fn seed(client: &mut Client, passages: &[Passage]) -> Result<Seeded> {
    let transaction = store::begin_as_owner(client).await?;
    if !store::is_migrated(&transaction).await? {
        return Ok(Seeded::default());
    }
    let mut seeded = facts(&transaction, passages).await?;
    seeded.phrases = vocabulary(&transaction).await?;
    store::commit(transaction).await?;
    Ok(seeded)
}

async fn facts(transaction: &Transaction<'_>, passages: &[Passage]) -> Result<Seeded> {
    let keys: Vec<String> = passages.iter().map(|passage| key(&passage.id)).collect();
    let documents = passages.iter().map(document).collect::<Result<Vec<_>>>()?;
    let documents = documents.iter().map(NewDocument::to_json).collect();
    let outcomes = store::store(transaction, documents).await?;
    let unchanged = outcomes.iter().filter(|outcome| *outcome == "same").count();
    let retired = store::retire_facts(transaction, &keys).await?;
    Ok(Seeded { stored: outcomes.len() - unchanged, unchanged, retired, phrases: 0 })
}

fn key(id: &str) -> String {
    format!("fact:{id}")
}

fn document(passage: &Passage) -> Result<NewDocument> {
    let iso = |date: Option<NaiveDate>| date.map(|date| date.to_string());
    let draft = Draft {
        key: Some(key(&passage.id)),
        url: passage.url.clone(),
        title: passage.title.clone(),
        text: passage.text.clone(),
        kind: Kind::Fact,
        lang: Some(passage.lang.clone()),
        effective: iso(passage.effective),
        expires: iso(passage.expires),
        plan_year: passage.plan_year.map(i64::from),
        page: passage.page.map(i64::from),
        section: None,
        fetched: Some(passage.verified.and_time(NaiveTime::MIN).and_utc()),
        metadata: Some(json!({ "id": passage.id })),
    };
    NewDocument::check(draft).map(NewDocument::may_revert).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        OpsError::said(format!("the fact {} is not acceptable: {}", passage.id, problems.join("; ")))
    })
}

async fn vocabulary(transaction: &Transaction<'_>) -> Result<u64> {
    let entries: Vec<_> = VOCABULARY.iter().flat_map(|(lang, text)| entries(lang, text)).collect();
    let column = |pick: fn(&(&'static str, &'static str, &'static str)) -> &'static str| -> Vec<&str> {
        entries.iter().map(pick).collect()
    };
    store::synonyms(transaction, &column(|e| e.0), &column(|e| e.1), &column(|e| e.2)).await
}

/// Language, phrase and English words of each phrase of a list.
fn entries(lang: &'static str, text: &'static str) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
        .flat_map(move |(phrases, english)| phrases.split(',').map(move |phrase| (lang, phrase.trim(), english.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_vocabulary_is_a_comment_an_empty_line_or_an_entry() {
        for (lang, text) in VOCABULARY {
            for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                assert_eq!(line.matches(':').count(), 1, "{lang}: {line}");
            }
            assert!(entries(lang, text).all(|(_, phrase, _)| !phrase.is_empty()), "{lang}");
            // The search looks for phrases of at most five words.
            assert!(entries(lang, text).all(|(_, phrase, _)| phrase.split_whitespace().count() <= 5), "{lang}");
            assert!(entries(lang, text).count() > 300, "{lang}");
        }
    }

    #[test]
    fn every_shipped_fact_is_acceptable_and_has_a_key_of_its_own() {
        let facts = shipped().expect("facts");
        for fact in &facts {
            document(fact).unwrap_or_else(|error| panic!("{error}"));
        }
        let keys: std::collections::BTreeSet<String> = facts.iter().map(|fact| key(&fact.id)).collect();
        assert_eq!(keys.len(), facts.len());
        assert!(facts.len() > 600 && keys.contains("fact:ma-l1-file:es"), "{}", facts.len());
    }

    #[test]
    fn a_fact_that_is_not_acceptable_is_named() {
        let passage = Passage {
            id: "part-b-premium".to_owned(),
            title: String::new(),
            text: "x".to_owned(),
            lang: "en".to_owned(),
            url: "http://www.medicare.gov".to_owned(),
            page: None,
            verified: NaiveDate::from_ymd_opt(2026, 7, 27).expect("a date"),
            plan_year: None,
            effective: None,
            expires: None,
        };
        let error = document(&passage).expect_err("refused").to_string();
        assert!(error.contains("part-b-premium") && error.contains("url") && error.contains("title"), "{error}");
    }
}
