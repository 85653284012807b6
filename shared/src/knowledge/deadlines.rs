//! Deadline rules for appeals and decisions: who decides, at which level, how long, counted from what, and where it was
//! read.
//!
//! Invariants: the table is the file `deadline_rules.json` (the fifty rules of the research table) and
//! `deadline_rules_more.json` (others read in the same texts); a rule whose figures were not read in the cited text for a
//! kind of plan is an estimate for it; the citations of the Code of Federal Regulations are pointers, not checked there.

mod count;
mod say;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

pub use count::{Basis, CannotCount, Counted, Known};

use super::data::{Source, rows};
use super::words::Text;

/// Who made the decision that a deadline is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Track {
    /// Medicare Part A and B, run by the government.
    OriginalMedicare,
    /// A Medicare Advantage plan (Part C).
    MedicareAdvantage,
    /// A Medicare drug plan.
    PartD,
    /// A plan from an employer, the Marketplace, or bought directly.
    Commercial,
    /// The Marketplace itself: eligibility, savings, enrollment periods.
    Marketplace,
    /// Social Security, about Extra Help.
    ExtraHelp,
}

/// How far a case has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The first decision, before any appeal.
    Initial,
    /// The first appeal.
    First,
    /// The second appeal.
    Second,
    /// The Office of Medicare Hearings and Appeals.
    Third,
    /// The Medicare Appeals Council.
    Fourth,
    /// A federal district court.
    Fifth,
    /// A fast appeal because care is about to end.
    Fast,
}

/// What a rule limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The time a person has to act.
    FileBy,
    /// The time the other side has to decide.
    DecidedWithin,
    /// The smallest amount that a case must be about.
    MinimumUsd,
}

/// How long, or how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Days of the calendar; the day after the event is day 1.
    CalendarDays(u32),
    /// Monday to Friday without federal holidays.
    BusinessDays(u32),
    /// Months; the same day of the month, or its last day when it is shorter.
    Months(u32),
    /// Hours.
    Hours(u32),
    /// The day of the event itself.
    SameDay,
    /// Noon of the day before the event.
    NoonTheDayBefore,
    /// Dollars, for [`Kind::MinimumUsd`].
    Usd(u32),
}

/// What a span is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The date printed on the notice.
    NoticeDate,
    /// The day the person got the notice.
    NoticeReceipt,
    /// The day the other side got the request or appeal.
    Request,
    /// The day of what a complaint is about.
    Occurrence,
    /// The day of the planned discharge from a hospital.
    Discharge,
    /// The day on which care ends by the notice.
    CoverageEnd,
    /// Nothing: the rule is an amount.
    None,
}

/// Another page that states the same rule for another kind of plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct AlsoRead {
    /// The kind of plan.
    pub track: Track,
    /// The page of the same document.
    pub page: u16,
}

/// One rule.
#[derive(Debug, Deserialize)]
pub struct Rule {
    /// The rule's stable id, such as `ma-l1-file`.
    pub id: &'static str,
    /// Who decided.
    pub tracks: Vec<Track>,
    /// At which level.
    pub level: Level,
    /// What it limits.
    pub kind: Kind,
    /// How long, or how much.
    pub span: Span,
    /// From what it is counted.
    pub from: Event,
    /// The same in words, such as "the date on the denial notice".
    pub from_text: Text,
    /// What is to be done, or who decides about what.
    pub what: Text,
    /// Conditions.
    pub notes: Option<Text>,
    /// Days after the date on a notice when it is taken to have arrived.
    #[serde(default)]
    pub presumed_receipt_days: u32,
    /// Days that the other side may add.
    #[serde(default)]
    pub extension_days: u32,
    /// The kinds of plan for which the cited text does not hold the figures.
    #[serde(default)]
    pub estimate_for: Vec<Track>,
    /// What to do when the time is over, where the text says it.
    pub if_late: Option<Text>,
    /// The page that says it, when it is another than the source's.
    pub if_late_page: Option<u16>,
    /// Where the same rule is read for other kinds of plan.
    #[serde(default)]
    pub also_read_on: Vec<AlsoRead>,
    /// A pointer into the Code of Federal Regulations, not checked there.
    pub cfr: Option<&'static str>,
    /// Where it was read.
    #[serde(flatten)]
    pub source: Source,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules = rows(include_str!("data/deadline_rules.json"));
    rules.extend(rows::<Rule>(include_str!("data/deadline_rules_more.json")));
    rules
});

/// Every rule.
pub fn rules() -> &'static [Rule] {
    &RULES
}

/// The rule with this id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().iter().find(|rule| rule.id == id)
}

/// The rules for a situation, in the order of the table.
pub fn for_situation(track: Track, level: Level, kind: Kind) -> impl Iterator<Item = &'static Rule> {
    rules().iter().filter(move |rule| rule.level == level && rule.kind == kind && rule.applies_to(track))
}

impl Rule {
    /// The rule for asking for a first appeal against a decision of `track`.
    pub fn first_appeal(track: Track) -> Option<&'static Self> {
        for_situation(track, Level::First, Kind::FileBy).next()
    }

    /// Whether the rule holds for a kind of plan.
    pub fn applies_to(&self, track: Track) -> bool {
        self.tracks.contains(&track) || self.also_read_on.iter().any(|also| also.track == track)
    }

    /// The page on which the rule was read for a kind of plan.
    pub fn page_for(&self, track: Track) -> Option<u16> {
        self.also_read_on.iter().find(|also| also.track == track).map(|also| also.page).or(self.source.page)
    }

    /// Whether the cited text holds the figures for none of its kinds of plan.
    pub fn is_estimate(&self) -> bool {
        self.tracks.iter().all(|track| self.is_estimate_for(*track))
    }

    /// Whether the cited text does not hold the figures for a kind of plan.
    pub fn is_estimate_for(&self, track: Track) -> bool {
        self.estimate_for.contains(&track)
    }
}
