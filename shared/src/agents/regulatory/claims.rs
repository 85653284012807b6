//! What a reply may state, each with the source it was read in.
//!
//! Invariant: a claim of a shipped fact is found again by its id (`fact:...`, the ids of [`crate::knowledge::passages`]), so that
//! the state keeps ids and no prose; an amount that does not hold today is no claim, only where to look is.

use chrono::NaiveDate;

use crate::agents::{Citation, Evidence, Language};
use crate::knowledge::amounts::{self, Amount, Standing, threshold_of, thresholds_of};
use crate::knowledge::dates;
use crate::knowledge::deadlines::{Counted, Kind, Rule, Track, rule, rules};
use crate::knowledge::glossary::{Term, terms};
use crate::knowledge::help::{self, HelpLine, StateShip, lines};
use crate::knowledge::windows::{self, Window, WindowFact, facts};
use crate::knowledge::{Source, Words};

/// A sourced statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The source's id.
    pub id: String,
    /// Everything that it says, in both languages.
    pub words: Words,
    /// The last days that were counted by it.
    pub dates: Vec<NaiveDate>,
    /// The span of a rule.
    pub span: Words,
    /// Whose time the span is.
    pub time: Option<Use>,
    /// The year that its amounts hold for.
    pub plan_year: Option<i32>,
    /// Whether it is a passage that was looked up, and not one of our own facts.
    pub is_passage: bool,
    title: String,
    url: String,
    effective: Option<String>,
    excerpt: Words,
}

/// Whose time a rule limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// The person's, to act.
    ToAct,
    /// The other side's, to answer.
    ToAnswer,
}

impl Claim {
    /// The claim with this id on a day; `None` when there is no such fact, or it does not hold on that day.
    pub fn find(id: &str, today: NaiveDate) -> Option<Self> {
        let id = id.strip_prefix("fact:")?;
        if id.starts_with("amount-") {
            return amounts::by_fact_id(id, today).map(Self::of_amount);
        }
        if let Some(id) = id.strip_prefix("window-") {
            return windows::fact(id).map(Self::of_window_fact);
        }
        if let Some(id) = id.strip_prefix("help-") {
            return help::line(id).map(Self::of_line);
        }
        if let Some(state) = id.strip_prefix("ship-") {
            return help::ship(state).map(Self::of_ship);
        }
        if let Some(word) = id.strip_prefix("term-") {
            return terms().iter().find(|term| term_id(term) == word).map(Self::of_term);
        }
        let rule = rule(id)?;
        let holds =
            rule.kind != Kind::MinimumUsd || threshold_of(rule.id, today).is_none_or(|amount| amount.holds_on(today));
        holds.then(|| Self::of_rule(rule, None))
    }

    /// What a rule says.
    pub fn of_rule(rule: &Rule, track: Option<Track>) -> Self {
        let mut words = rule.summary();
        // What is remarked about a time to act may name other times, such as one that no longer holds.
        let notes = rule.notes.filter(|_| rule.kind == Kind::DecidedWithin);
        for more in [notes, rule.if_late].into_iter().flatten() {
            words = words.and(&more.into());
        }
        if rule.presumed_receipt_days > 0 {
            let days = rule.presumed_receipt_days;
            let (en, es) =
                (format!("Taken to arrive after {days} days."), format!("Se supone que llega en {days} días."));
            words = words.and(&Words::new(en, es));
        }
        let page = track.map_or(rule.source.page, |track| rule.page_for(track));
        let plan_year = (rule.kind == Kind::MinimumUsd).then(|| thresholds_of(rule.id).into_iter().next()).flatten();
        Self {
            plan_year: plan_year.map(|amount| amount.plan_year),
            span: rule.span.words(),
            time: match rule.kind {
                Kind::FileBy => Some(Use::ToAct),
                Kind::DecidedWithin => Some(Use::ToAnswer),
                Kind::MinimumUsd => None,
            },
            ..Self::new(format!("fact:{}", rule.id), words, rule.summary(), &Source { page, ..rule.source })
        }
    }

    /// What was counted by a rule.
    pub fn of_deadline(rule: &Rule, counted: &Counted, track: Option<Track>) -> Self {
        let claim = Self::of_rule(rule, track);
        let words = claim.words.clone().and(&counted.how).and(&counted.caution).and(&counted.what_now);
        let days = [Some(counted.last_day), Some(counted.safe_day), counted.with_extension];
        Self { words, dates: days.into_iter().flatten().collect(), ..claim }
    }

    /// An amount that holds.
    pub fn of_amount(amount: &Amount) -> Self {
        let words = amount.words();
        let all = words.clone().and(&amount.where_to_look.into());
        let id = format!("fact:amount-{}", amount.key);
        Self { plan_year: Some(amount.plan_year), ..Self::new(id, all, words, &amount.source) }
    }

    /// Where to look for an amount that does not hold on the day, or for the year, that is asked about.
    pub fn of_pointer(key: &str, standing: &Standing) -> Option<Self> {
        let amount = amounts::amounts().iter().find(|amount| amount.key == key)?;
        Some(Self::new(format!("fact:amount-{key}"), standing.words(), amount.where_to_look.into(), &amount.source))
    }

    /// What is known of a kind of window.
    pub fn of_window_fact(fact: &WindowFact) -> Self {
        let words = Words::new(format!("{}.", fact.what.en), format!("{}.", fact.what.es)).and(&fact.when.into());
        let span = Words::from(fact.when);
        let claim = Self::new(format!("fact:window-{}", fact.id), words, fact.when.into(), &fact.source);
        Self { span, time: Some(Use::ToAct), ..claim }
    }

    /// A person's window; `None` when it has no source.
    pub fn of_window(window: &Window) -> Option<Self> {
        let claim = Self::of_window_fact(windows::fact(&window.id)?);
        let words = claim.words.clone().and(&window.how).and(&window.caution);
        let span = claim.span.clone().and(&window.how);
        Some(Self { words, span, dates: vec![window.first_day, window.last_day], ..claim })
    }

    /// A line of help.
    pub fn of_line(line: &HelpLine) -> Self {
        let words = Words::new(line.text, line.text_es);
        let with_web = line.web.map_or(words.clone(), |web| words.clone().and(&Words::new(web, web)));
        Self::new(format!("fact:help-{}", line.id), with_web, words, &line.source)
    }

    /// A state's counseling program.
    pub fn of_ship(ship: &StateShip) -> Self {
        let words = ship.words();
        Self::new(format!("fact:ship-{}", ship.state.to_lowercase()), words.clone(), words, &ship.source)
    }

    /// What a word means.
    pub fn of_term(term: &Term) -> Self {
        let words = Words::new(term.meaning, term.meaning_es);
        Self::new(format!("fact:term-{}", term_id(term)), words.clone(), words, &term.source)
    }

    /// A passage that was looked up. Its amounts hold for the year in its title, if it names one.
    pub fn of_passage(passage: &Evidence) -> Self {
        let text = Words::new(&*passage.excerpt, &*passage.excerpt);
        let title = match passage.page {
            Some(page) => format!("{}, page {page}", passage.title),
            None => passage.title.clone(),
        };
        Self {
            id: passage.id.clone(),
            excerpt: text.clone(),
            words: text,
            dates: Vec::new(),
            span: Words::default(),
            time: None,
            plan_year: year_in(&passage.title),
            is_passage: true,
            title,
            url: passage.url.clone(),
            effective: passage.effective.clone(),
        }
    }

    fn new(id: String, words: Words, excerpt: Words, source: &Source) -> Self {
        let title = match source.page {
            Some(page) => format!("{}, page {page}", source.title),
            None => source.title.to_owned(),
        };
        Self {
            id,
            words,
            dates: Vec::new(),
            span: Words::default(),
            time: None,
            plan_year: None,
            is_passage: false,
            title,
            url: source.url.to_owned(),
            effective: Some(source.verified.to_owned()),
            excerpt,
        }
    }

    /// The source, as it stands beside the answer.
    pub fn citation(&self, language: Language) -> Citation {
        const MOST: usize = 110;
        let excerpt = language.pick(&self.excerpt.en, &self.excerpt.es);
        let excerpt = match excerpt.char_indices().nth(MOST) {
            Some((end, _)) => format!("{}…", excerpt.get(..end).unwrap_or_default().trim_end()),
            None => excerpt.to_owned(),
        };
        Citation {
            id: self.id.clone(),
            title: self.title.clone(),
            url: self.url.clone(),
            effective: self.effective.clone(),
            excerpt,
        }
    }

    /// The last days that it names: those that were counted, else those in its text.
    pub fn last_days(&self, today: NaiveDate) -> Vec<NaiveDate> {
        // The words about a counted deadline name the day it was counted from too.
        if !self.dates.is_empty() && self.is_rule() {
            return self.dates.clone();
        }
        let texts = [&self.words.en, &self.words.es];
        let named = texts.into_iter().flat_map(|text| dates::find_all(text, today)).map(|found| found.date);
        self.dates.iter().copied().chain(named).collect()
    }

    fn is_rule(&self) -> bool {
        self.id.strip_prefix("fact:").is_some_and(|id| rule(id).is_some())
    }

    /// Where it was read.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The source's address.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// The lines and state programs that a reply may name without being asked to.
pub fn known_lines() -> impl Iterator<Item = Claim> {
    lines().iter().map(Claim::of_line).chain(help::ships().iter().map(Claim::of_ship))
}

/// The ids of every shipped fact that holds on a day.
pub fn shipped_ids(today: NaiveDate) -> Vec<String> {
    let rules = rules().iter().map(|rule| format!("fact:{}", rule.id));
    let amounts = amounts::amounts().iter().map(|amount| format!("fact:{}", amount.fact_id()));
    let windows = facts().iter().map(|fact| format!("fact:window-{}", fact.id));
    let terms = terms().iter().map(|term| format!("fact:term-{}", term_id(term)));
    rules.chain(amounts).chain(windows).chain(terms).filter(|id| Claim::find(id, today).is_some()).collect()
}

fn term_id(term: &Term) -> String {
    term.word.replace(' ', "-")
}

fn year_in(title: &str) -> Option<i32> {
    let numbers = title.split(|c: char| !c.is_ascii_digit()).filter(|number| number.len() == 4);
    numbers.filter_map(|number| number.parse().ok()).find(|year| (2000..=2100).contains(year))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn every_shipped_passage_is_found_by_its_id() {
        let today = day("2026-11-22");
        for passage in
            crate::knowledge::passages().iter().filter(|passage| passage.lang == "en" && passage.holds_on(today))
        {
            let claim = Claim::find(&passage.id, today).unwrap_or_else(|| panic!("{}", passage.id));
            assert_eq!((claim.id.as_str(), claim.url()), (passage.id.as_str(), passage.url));
        }
        assert!(shipped_ids(today).len() > 200);
        for id in ["fact:ma-l9-file", "fact:amount-part_z", "fact:term-quasar", "ma-l1-file", ""] {
            assert!(Claim::find(id, today).is_none(), "{id}");
        }
    }

    #[test]
    fn an_amount_that_does_not_hold_is_no_claim() {
        assert!(Claim::find("fact:amount-part_b_premium", day("2026-12-31")).is_some());
        assert!(Claim::find("fact:amount-part_b_premium-2026", day("2026-12-31")).is_some());
        for id in ["fact:amount-part_b_premium", "fact:om-l3-amount", "fact:amount-part_b_premium-2027"] {
            assert!(Claim::find(id, day("2025-12-31")).is_none(), "{id}");
        }
        assert_eq!(Claim::find("fact:om-l3-amount", day("2026-05-01")).and_then(|claim| claim.plan_year), Some(2026));
    }

    #[test]
    fn a_citation_carries_the_id_the_page_and_a_short_excerpt() {
        let claim = Claim::find("fact:ma-l1-file", day("2026-11-22")).expect("the rule");
        let citation = claim.citation(Language::Es);
        assert_eq!(citation.id, "fact:ma-l1-file");
        assert!(citation.title.ends_with(", page 21") && citation.excerpt.contains("65 días"));
        let passage = Evidence {
            id: "p1".into(),
            title: "Medicare & You 2026".into(),
            url: "https://www.medicare.gov/x".into(),
            page: Some(7),
            effective: None,
            excerpt: "é".repeat(500),
        };
        let claim = Claim::of_passage(&passage);
        assert_eq!((claim.plan_year, claim.title()), (Some(2026), "Medicare & You 2026, page 7"));
        assert_eq!(claim.citation(Language::En).excerpt.chars().count(), 111);
    }
}
