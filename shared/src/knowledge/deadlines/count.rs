//! The last day by a rule: from the dates on and around a letter.
//!
//! Invariants: a last day that the notice prints wins; where a date is missing the count takes the earlier, safe side or
//! says that it could not; the texts name no rule that moves a last day off a weekend, so none is applied: an earlier
//! safe day is named beside it. Dates only, so that no change of the clock matters; nothing overflows.

use chrono::{Days, Months, NaiveDate, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

use super::{Event, Kind, Rule, Span, Track};
use crate::knowledge::holidays::{add_open_days, open_day_on_or_before};
use crate::knowledge::words::Words;

/// What is known around a notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// The date printed on the notice.
    pub dated: Option<NaiveDate>,
    /// The day on which it arrived.
    pub received: Option<NaiveDate>,
    /// The day of the event that other rules count from: request, discharge, end of care, occurrence.
    pub event: Option<NaiveDate>,
    /// The time of that event, for rules in hours.
    pub time: Option<NaiveTime>,
    /// The last day that the notice prints.
    pub printed_last_day: Option<NaiveDate>,
    /// The kind of plan, where a rule is read for several.
    pub track: Option<Track>,
}

/// Which date a deadline was counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Not counted: the notice prints the last day.
    Printed,
    /// The date on the notice, as the rule has it.
    Dated,
    /// The day the notice arrived, as the rule has it.
    Received,
    /// The date on the notice and the days it is presumed to have been under way.
    PresumedReceived,
    /// The date on the notice, because the day it arrived is not known: the true last day may be later.
    DatedForReceived,
    /// The day the notice arrived, because its date is not known: the true last day is earlier.
    ReceivedForDated,
    /// The day of the event, as the rule has it.
    Event,
}

/// A deadline by a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The rule's id.
    pub rule: String,
    /// The last day.
    pub last_day: NaiveDate,
    /// The time on the last day, where the rule has one.
    pub until: Option<NaiveTime>,
    /// The last day with the time that the other side may add.
    pub with_extension: Option<NaiveDate>,
    /// The day by which to act to be on the safe side: never after the last day.
    pub safe_day: NaiveDate,
    /// What it was counted from.
    pub basis: Basis,
    /// The date it was counted from; none when the notice prints the last day.
    pub start: Option<NaiveDate>,
    /// Whether the figures were not read in the cited text.
    pub is_estimate: bool,
    /// Days from today to the last day; negative when it is over.
    pub days_left: i64,
    /// Whether the last day is over.
    pub has_passed: bool,
    /// How it was counted, in a sentence or two.
    pub how: Words,
    /// What to be careful about; empty when there is nothing.
    pub caution: Words,
    /// What to do, before or after the last day.
    pub what_now: Words,
}

/// Why a deadline cannot be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotCount {
    /// The date that the rule counts from is not known.
    #[error("the date that the rule counts from is not known")]
    Missing(Event),
    /// The last day lies beyond the calendar.
    #[error("the last day lies beyond the calendar")]
    BeyondCalendar,
    /// The rule is an amount, not a time.
    #[error("the rule is an amount, not a time")]
    NotATime,
}

impl Rule {
    /// Counts the last day from what is known.
    ///
    /// # Errors
    /// [`CannotCount`].
    pub fn count(&self, known: &Known, today: NaiveDate) -> Result<Counted, CannotCount> {
        let printed = known.printed_last_day.filter(|_| self.kind == Kind::FileBy);
        let (basis, start, last_day, until) = match printed {
            Some(day) => (Basis::Printed, None, day, None),
            None => {
                let (basis, start) = self.start(known)?;
                let (day, until) = self.end(start, known.time)?;
                (basis, Some(start), day, until)
            }
        };
        let is_estimate = basis != Basis::Printed
            && known.track.map_or_else(|| self.is_estimate(), |track| self.is_estimate_for(track));
        let mut counted = Counted {
            rule: self.id.to_owned(),
            last_day,
            until,
            with_extension: start.and_then(|_| self.extended(last_day)),
            safe_day: self.safe_day(last_day, basis, known.dated, is_estimate),
            basis,
            start,
            is_estimate,
            days_left: (last_day - today).num_days(),
            has_passed: last_day < today,
            how: Words::default(),
            caution: Words::default(),
            what_now: Words::default(),
        };
        counted.how = self.how(&counted, known);
        counted.caution = self.caution(&counted);
        counted.what_now = self.what_now(&counted, today);
        Ok(counted)
    }

    /// The last day counted from the date on the letter alone. `None` for rules that count from something else, and
    /// beyond the calendar.
    pub fn last_day(&self, dated: NaiveDate) -> Option<NaiveDate> {
        let (_, start) = self.start(&Known { dated: Some(dated), ..Known::default() }).ok()?;
        self.end(start, None).ok().map(|(day, _)| day)
    }

    fn start(&self, known: &Known) -> Result<(Basis, NaiveDate), CannotCount> {
        let missing = CannotCount::Missing(self.from);
        match self.from {
            Event::NoticeDate => match (known.dated, known.received) {
                (Some(dated), _) => Ok((Basis::Dated, dated)),
                (None, Some(received)) => Ok((Basis::ReceivedForDated, received)),
                (None, None) => Err(missing),
            },
            Event::NoticeReceipt => self.received(known)?.ok_or(missing),
            Event::Request | Event::Occurrence | Event::Discharge | Event::CoverageEnd => {
                known.event.map(|event| (Basis::Event, event)).ok_or(missing)
            }
            Event::None => Err(CannotCount::NotATime),
        }
    }

    /// When the notice arrived, or is taken to have arrived; the earlier of the two.
    fn received(&self, known: &Known) -> Result<Option<(Basis, NaiveDate)>, CannotCount> {
        let Some(dated) = known.dated else { return Ok(known.received.map(|day| (Basis::Received, day))) };
        if self.presumed_receipt_days == 0 {
            return Ok(Some(match known.received {
                Some(received) => (Basis::Received, received),
                None => (Basis::DatedForReceived, dated),
            }));
        }
        let presumed = add_days(dated, self.presumed_receipt_days)?;
        Ok(Some(match known.received {
            Some(received) if received < presumed => (Basis::Received, received),
            _ => (Basis::PresumedReceived, presumed),
        }))
    }

    fn end(&self, start: NaiveDate, time: Option<NaiveTime>) -> Result<(NaiveDate, Option<NaiveTime>), CannotCount> {
        match self.span {
            Span::CalendarDays(days) => Ok((add_days(start, days)?, None)),
            Span::BusinessDays(days) => {
                add_open_days(start, days).map(|day| (day, None)).ok_or(CannotCount::BeyondCalendar)
            }
            Span::Months(months) => {
                start.checked_add_months(Months::new(months)).map(|day| (day, None)).ok_or(CannotCount::BeyondCalendar)
            }
            Span::Hours(hours) => match time {
                Some(time) => start
                    .and_time(time)
                    .checked_add_signed(TimeDelta::hours(i64::from(hours)))
                    .map(|end| (end.date(), Some(end.time())))
                    .ok_or(CannotCount::BeyondCalendar),
                None => Ok((add_days(start, hours.div_ceil(24))?, None)),
            },
            Span::SameDay => Ok((start, None)),
            Span::NoonTheDayBefore => {
                start.pred_opt().map(|day| (day, NaiveTime::from_hms_opt(12, 0, 0))).ok_or(CannotCount::BeyondCalendar)
            }
            Span::Usd(_) => Err(CannotCount::NotATime),
        }
    }

    fn extended(&self, last_day: NaiveDate) -> Option<NaiveDate> {
        (self.extension_days > 0).then(|| add_days(last_day, self.extension_days).ok()).flatten()
    }

    /// An estimate is not trusted with the days of the mail, and a letter goes out on an open day.
    fn safe_day(&self, last_day: NaiveDate, basis: Basis, dated: Option<NaiveDate>, is_estimate: bool) -> NaiveDate {
        if self.kind != Kind::FileBy || matches!(self.span, Span::SameDay | Span::NoonTheDayBefore) {
            return last_day;
        }
        let without_mail = match (basis, self.span, dated) {
            (Basis::PresumedReceived, Span::CalendarDays(days), Some(dated)) if is_estimate => {
                add_days(dated, days).unwrap_or(last_day)
            }
            _ => last_day,
        };
        open_day_on_or_before(without_mail)
    }
}

fn add_days(date: NaiveDate, days: u32) -> Result<NaiveDate, CannotCount> {
    date.checked_add_days(Days::new(u64::from(days))).ok_or(CannotCount::BeyondCalendar)
}
