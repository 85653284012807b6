//! Every shipped fact as a passage, for the search to seed beside the official texts.
//!
//! Invariants: ids are stable, the Spanish passage's is the English one's with `:es`; a dated fact carries the day it
//! expires, and whoever shows a passage looks at it.

use chrono::NaiveDate;
use serde::Serialize;

use super::Source;
use super::amounts::{amounts, thresholds_of};
use super::deadlines::{Kind, Rule, rules};
use super::glossary::{Term, terms};
use super::help::{HelpLine, lines, ships};
use super::windows::facts;
use super::words::Words;

/// A shipped fact in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// Its id, such as `fact:ma-l1-file` or `fact:ma-l1-file:es`.
    pub id: String,
    /// A title.
    pub title: String,
    /// The fact in our own words.
    pub text: String,
    /// `en` or `es`.
    pub lang: &'static str,
    /// The source's title.
    pub source: &'static str,
    /// The source's address.
    pub url: &'static str,
    /// The source's page, for a booklet.
    pub page: Option<u16>,
    /// When it was read there (ISO date).
    pub verified: &'static str,
    /// The year it holds for, if it holds for one.
    pub plan_year: Option<i32>,
    /// The first day it holds.
    pub effective: Option<NaiveDate>,
    /// The last day it holds.
    pub expires: Option<NaiveDate>,
}

impl Passage {
    /// Whether the fact holds on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.effective.is_none_or(|first| first <= day) && self.expires.is_none_or(|last| day <= last)
    }
}

#[derive(Clone, Copy, Default)]
struct Holds {
    plan_year: Option<i32>,
    effective: Option<NaiveDate>,
    expires: Option<NaiveDate>,
}

/// Every shipped fact, in both languages, ordered by kind.
pub fn passages() -> Vec<Passage> {
    let mut all = Vec::new();
    for rule in rules() {
        both(&mut all, rule.id, &rule.what.into(), &rule_text(rule), &rule.source, rule_holds(rule));
    }
    for amount in amounts() {
        let holds = Holds {
            plan_year: Some(amount.plan_year),
            effective: Some(amount.effective),
            expires: Some(amount.expires),
        };
        let title = Words::new(
            format!("{} ({})", amount.what.en, amount.plan_year),
            format!("{} ({})", amount.what.es, amount.plan_year),
        );
        both(&mut all, &amount.fact_id(), &title, &amount.words(), &amount.source, holds);
    }
    for fact in facts() {
        let what = Words::new(format!("{}.", fact.what.en), format!("{}.", fact.what.es));
        let text = what.and(&fact.when.into());
        both(&mut all, &format!("window-{}", fact.id), &fact.what.into(), &text, &fact.source, Holds::default());
    }
    for line in lines() {
        let text = Words::new(line.text, line.text_es);
        both(&mut all, &format!("help-{}", line.id), &line_title(line), &text, &line.source, Holds::default());
    }
    for ship in ships() {
        let title = Words::new(
            format!("Free Medicare help in {} (SHIP)", ship.name),
            format!("Ayuda gratis con Medicare en {} (SHIP)", ship.name_es),
        );
        let id = format!("ship-{}", ship.state.to_lowercase());
        both(&mut all, &id, &title, &ship.words(), &ship.source, Holds::default());
    }
    for term in terms() {
        let title = Words::new(format!("What “{}” means", term.word), format!("Qué quiere decir “{}”", term.word_es));
        let id = format!("term-{}", term.word.replace(' ', "-"));
        both(&mut all, &id, &title, &term_text(term), &term.source, Holds::default());
    }
    all
}

fn both(all: &mut Vec<Passage>, id: &str, title: &Words, text: &Words, source: &Source, holds: Holds) {
    for (lang, suffix, title, text) in [("en", "", &title.en, &text.en), ("es", ":es", &title.es, &text.es)] {
        all.push(Passage {
            id: format!("fact:{id}{suffix}"),
            title: title.clone(),
            text: text.clone(),
            lang,
            source: source.title,
            url: source.url,
            page: source.page,
            verified: source.verified,
            plan_year: holds.plan_year,
            effective: holds.effective,
            expires: holds.expires,
        });
    }
}

fn rule_text(rule: &Rule) -> Words {
    let mut text = rule.summary();
    if let Some(notes) = rule.notes {
        text = text.and(&notes.into());
    }
    if let Some(late) = rule.if_late {
        if rule.kind == Kind::FileBy {
            text = text.and(&Words::new("If the time is over:", "Si el plazo ya pasó:"));
        }
        text = text.and(&late.into());
    }
    text
}

fn rule_holds(rule: &Rule) -> Holds {
    if rule.kind != Kind::MinimumUsd {
        return Holds::default();
    }
    let said = thresholds_of(rule.id);
    Holds {
        plan_year: said.last().map(|amount| amount.plan_year),
        effective: said.iter().map(|amount| amount.effective).min(),
        expires: said.iter().map(|amount| amount.expires).max(),
    }
}

fn term_text(term: &Term) -> Words {
    let text = Words::new(term.meaning, term.meaning_es);
    if term.aliases.is_empty() {
        return text;
    }
    let names = term.aliases.join(", ");
    text.and(&Words::new(format!("Other names: {names}."), format!("Otros nombres: {}, {names}.", term.word)))
}

/// The line's words up to its first colon, question mark or full stop.
fn line_title(line: &HelpLine) -> Words {
    let title = |text: &str| text.split([':', '?', '.']).next().unwrap_or_default().trim_start_matches('¿').to_owned();
    Words::new(title(line.text), title(line.text_es))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_every_fact_is_there_in_both_languages() {
        let all = passages();
        let mut ids: Vec<&str> = all.iter().map(|passage| passage.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all.len());
        let spanish = all.iter().filter(|passage| passage.lang == "es").count();
        assert_eq!(spanish * 2, all.len());
        assert!(ids.contains(&"fact:ma-l1-file") && ids.contains(&"fact:term-prior-authorization:es"));
        // A file that cannot be read is empty: each has its rows.
        let rows = [rules().len(), amounts().len(), facts().len(), lines().len(), ships().len(), terms().len()];
        let of_this_year = amounts().iter().filter(|amount| amount.plan_year == 2026).count();
        assert_eq!((rows[0], of_this_year, &rows[2..]), (59, 49, &[37, 31, 54, 116][..]));
        assert_eq!(all.len(), rows.iter().sum::<usize>() * 2);
    }

    #[test]
    fn every_passage_has_words_and_a_source() {
        for passage in passages() {
            assert!(!passage.title.is_empty() && passage.text.len() > 10, "{}", passage.id);
            let hosts =
                ["www.medicare.gov", "www.healthcare.gov", "www.law.cornell.edu", "www.ecfr.gov", "webapps.dol.gov"];
            assert!(hosts.iter().any(|host| passage.url.starts_with(&format!("https://{host}/"))), "{}", passage.url);
            assert!(passage.verified.parse::<NaiveDate>().is_ok() && !passage.source.is_empty());
        }
    }

    #[test]
    fn money_expires_and_words_do_not() {
        for passage in passages() {
            let is_money = ["fact:amount-", "fact:om-l3-amount", "fact:om-l5-amount"]
                .iter()
                .any(|beginning| passage.id.starts_with(beginning));
            assert_eq!(passage.expires.is_some(), is_money, "{}", passage.id);
            let last = passage.expires.unwrap_or(NaiveDate::MAX);
            assert!(passage.holds_on(last), "{}", passage.id);
            assert!(last.succ_opt().is_none_or(|after| !passage.holds_on(after)), "{}", passage.id);
        }
    }

    #[test]
    fn an_estimate_says_so_in_both_languages() {
        let all = passages();
        let text = |id: &str| all.iter().find(|passage| passage.id == id).map(|passage| passage.text.clone());
        let english = text("fact:om-l1-file").expect("the rule");
        assert!(english.contains("This is an estimate; use the date printed on your notice."), "{english}");
        let spanish = text("fact:om-l1-file:es").expect("the rule");
        assert!(spanish.contains("Es una estimación; use la fecha impresa en su aviso."), "{spanish}");
        assert!(!text("fact:ma-l1-file").expect("the rule").contains("estimate"));
    }
}
