//! Enrollment windows: when a person may sign up, join or change, from a birth date or an event.
//!
//! Invariant: a window's first and last day both belong to it. Nothing overflows: beyond the calendar there is no window.

mod calc;

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use calc::{
    cobra_election, five_star, general_enrollment, initial_enrollment, job_plan_after_event, last_start_without_gap,
    marketplace_after_event, marketplace_after_loss, marketplace_open_enrollment, medicare_advantage_open_enrollment,
    medicare_open_enrollment, medigap_guaranteed, medigap_open_enrollment, part_b_after_job, part_b_start,
    three_months_from, two_full_months_after, uncovered_days,
};

use super::data::{Source, rows};
use super::words::{Text, Words};

/// What is known of a kind of window.
#[derive(Debug, Deserialize)]
pub struct WindowFact {
    /// Its stable id.
    pub id: &'static str,
    /// Who or what it is for.
    pub what: Text,
    /// When it is, in words.
    pub when: Text,
    /// Where it was read.
    #[serde(flatten)]
    pub source: Source,
}

static FACTS: LazyLock<Vec<WindowFact>> = LazyLock::new(|| rows(include_str!("data/windows.json")));

/// Every kind of window.
pub fn facts() -> &'static [WindowFact] {
    &FACTS
}

/// The kind of window with this id.
pub fn fact(id: &str) -> Option<&'static WindowFact> {
    facts().iter().find(|fact| fact.id == id)
}

/// One person's window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The id of its [`WindowFact`].
    pub id: String,
    /// The first day.
    pub first_day: NaiveDate,
    /// The last day.
    pub last_day: NaiveDate,
    /// How it was found.
    pub how: Words,
    /// What to be careful about; empty when there is nothing.
    pub caution: Words,
}

/// A window seen from a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowState {
    /// It has not begun.
    Upcoming {
        /// Days until its first day.
        days_until: i64,
    },
    /// It is open.
    Open {
        /// Days after today that it is still open.
        days_left: i64,
    },
    /// It is over.
    Closed {
        /// Days since its last day.
        days_ago: i64,
    },
}

impl Window {
    /// The window seen from `today`.
    pub fn state(&self, today: NaiveDate) -> WindowState {
        if today < self.first_day {
            WindowState::Upcoming { days_until: (self.first_day - today).num_days() }
        } else if today <= self.last_day {
            WindowState::Open { days_left: (self.last_day - today).num_days() }
        } else {
            WindowState::Closed { days_ago: (today - self.last_day).num_days() }
        }
    }
}
