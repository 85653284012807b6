//! The deadline calculator as clients call it: a rule and the dates around a notice, counted, in one language.
//!
//! Invariant: a pure function of the question and of today; nothing is read or stored.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::knowledge::Words;
use crate::knowledge::calendar::{Entry, ics};
use crate::knowledge::deadlines::{self, CannotCount, Counted, Event, Known, Rule, Track};
use crate::knowledge::windows::{self, WindowFact};

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct LastDayQuery {
    /// The id of a deadline rule or an enrollment window.
    pub rule: String,
    /// The date printed on the notice.
    pub dated: Option<NaiveDate>,
    /// The day on which it arrived.
    pub received: Option<NaiveDate>,
    /// The day of the discharge, of the end of care, of the request, of what a complaint is about.
    pub event: Option<NaiveDate>,
    /// The last day that the notice prints; it wins.
    pub printed: Option<NaiveDate>,
    /// The kind of plan, where a rule is read for several.
    pub plan: Option<Track>,
    /// The language of the texts.
    pub lang: Lang,
}

/// A language of the shipped texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

impl Lang {
    fn of(self, words: &Words) -> &str {
        match self {
            Self::En => &words.en,
            Self::Es => &words.es,
        }
    }
}

/// A last day, with what a person has to know about it.
#[derive(Clone, Debug, Serialize)]
pub struct LastDay {
    /// The id of the rule or enrollment window.
    pub rule: &'static str,
    /// What is to be done.
    pub what: String,
    /// The last day.
    pub last_day: NaiveDate,
    /// The day by which to act to be on the safe side.
    pub safe_day: NaiveDate,
    /// Days from today to the last day; negative when it is over.
    pub days_left: i64,
    /// Whether it is over.
    pub has_passed: bool,
    /// Whether the figures were not read in the cited text.
    pub is_estimate: bool,
    /// How it was counted.
    pub how: String,
    /// What to be careful about; empty when there is nothing.
    pub caution: String,
    /// What to do now, before or after the last day.
    pub what_now: String,
    /// Where the rule was read.
    pub source: LastDaySource,
}

/// Where a rule was read.
#[derive(Clone, Debug, Serialize)]
pub struct LastDaySource {
    title: &'static str,
    url: &'static str,
    page: Option<u16>,
    verified: &'static str,
}

/// Why there is no last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LastDayError {
    /// No rule and no window has that id.
    #[error("there is no such rule")]
    NoSuchRule,
    /// It cannot be counted from these dates.
    #[error(transparent)]
    Count(#[from] CannotCount),
    /// A window depends on a person's birthday or event; its last day has to be given.
    #[error("the last day of a window has to be given")]
    Window,
}

impl LastDayQuery {
    /// Counts the last day.
    ///
    /// # Errors
    /// [`LastDayError`].
    pub fn count(&self, today: NaiveDate) -> Result<LastDay, LastDayError> {
        if let Some(fact) = windows::fact(&self.rule) {
            return self.window(fact, today);
        }
        let (rule, counted) = self.counted(today)?;
        let say = |words: &Words| self.lang.of(words).to_owned();
        Ok(LastDay {
            rule: rule.id,
            what: say(&rule.what.into()),
            last_day: counted.last_day,
            safe_day: counted.safe_day,
            days_left: counted.days_left,
            has_passed: counted.has_passed,
            is_estimate: counted.is_estimate,
            how: say(&counted.how),
            caution: say(&counted.caution),
            what_now: say(&counted.what_now),
            source: source(&rule.source),
        })
    }

    /// The calendar file (RFC 5545) of the last day, on its safe day.
    ///
    /// # Errors
    /// [`LastDayError`].
    pub fn calendar(&self, now: DateTime<Utc>) -> Result<String, LastDayError> {
        let today = now.date_naive();
        if windows::fact(&self.rule).is_none() {
            let (rule, counted) = self.counted(today)?;
            return Ok(ics(&Entry::for_deadline(rule, &counted, |words| self.lang.of(words)), now));
        }
        let day = self.count(today)?;
        let entry = Entry {
            uid: format!("{}-{}@insurance-navigator", day.rule, day.last_day),
            summary: day.what,
            description: day.how,
            day: day.last_day,
            url: Some(day.source.url.to_owned()),
            remind_days_before: vec![14, 3, 0],
        };
        Ok(ics(&entry, now))
    }

    fn counted(&self, today: NaiveDate) -> Result<(&'static Rule, Counted), LastDayError> {
        let rule = deadlines::rule(&self.rule).ok_or(LastDayError::NoSuchRule)?;
        let known = Known {
            dated: self.dated,
            received: self.received,
            event: self.event,
            time: None,
            printed_last_day: self.printed,
            track: self.plan,
        };
        Ok((rule, rule.count(&known, today)?))
    }

    fn window(&self, fact: &'static WindowFact, today: NaiveDate) -> Result<LastDay, LastDayError> {
        let last_day = self.printed.ok_or(LastDayError::Window)?;
        Ok(LastDay {
            rule: fact.id,
            what: self.lang.of(&fact.what.into()).to_owned(),
            last_day,
            safe_day: last_day,
            days_left: (last_day - today).num_days(),
            has_passed: last_day < today,
            is_estimate: false,
            how: self.lang.of(&fact.when.into()).to_owned(),
            caution: String::new(),
            what_now: String::new(),
            source: source(&fact.source),
        })
    }
}

fn source(source: &crate::knowledge::Source) -> LastDaySource {
    LastDaySource { title: source.title, url: source.url, page: source.page, verified: source.verified }
}

/// The parameter that a rule counts from.
pub fn parameter_of(event: Event) -> &'static str {
    match event {
        Event::NoticeDate | Event::None => "dated",
        Event::NoticeReceipt => "received",
        Event::Request | Event::Occurrence | Event::Discharge | Event::CoverageEnd => "event",
    }
}
