//! What a person wants, by patterns that each count for one intent.
//!
//! The intent with the most points wins; a pattern counts once, however often it stands in the message. English and
//! Spanish.

mod care;
mod faint;
mod money;
mod people;

use std::sync::LazyLock;

use super::Intent;
use super::words::SETS;
use crate::agents::fold::phrases::{Phrases, is_overlapped};
use crate::agents::prompt_security::triage::{Message, ends_care, ends_noticed_care, is_still_observed};
use chrono::NaiveDate;

/// A greeting or thanks in more words than this has another purpose.
const LONGEST_SMALLTALK: usize = 10;
/// Fewer points than this are no intent.
const LEAST_POINTS: u32 = 2;
/// From so many points on an intent is clear.
const LEAST_POINTS_CLEAR: u32 = 5;
/// A discharge within days is more than any words about it.
const DISCHARGE_POINTS: u32 = 20;

/// An intent, and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The intent.
    pub(super) intent: Intent,
    /// In percent.
    pub(super) confidence_percent: u8,
    /// Whether little speaks for it.
    pub(super) is_weak: bool,
}

/// The intent of a message.
pub(super) fn find(message: &Message, today: NaiveDate) -> Found {
    let view = message.view();
    let mut points = [0_u32; Intent::ALL.len()];
    let mut seen = std::collections::HashSet::new();
    let mut length = 0;
    for sentence in &view.sentences {
        length += sentence.words.len();
        let harmless = FIGURES.find(&sentence.words);
        for hit in SIGNS.find(&sentence.words) {
            if !is_overlapped(&hit, &harmless) && seen.insert(hit.tag) {
                points[hit.tag.intent as usize] += hit.tag.points;
            }
        }
    }
    if ends_care(&view, today) || ends_noticed_care(&view, today) || is_still_observed(&view) {
        points[Intent::FastAppealDischarge as usize] += DISCHARGE_POINTS;
    }
    if view.sentences.iter().any(|sentence| ASKS_WHO.is_in(&sentence.words)) {
        // That is answered beside whatever else is asked.
        points[Intent::HumanHelp as usize] = points[Intent::HumanHelp as usize].min(LEAST_POINTS);
    }
    if length > LONGEST_SMALLTALK {
        points[Intent::Smalltalk as usize] = 0;
    }
    let mut best = Found { intent: Intent::Other, confidence_percent: 30, is_weak: true };
    let (mut most, mut second) = (LEAST_POINTS - 1, 0);
    for intent in Intent::ALL {
        let own = points[intent as usize];
        if own > most {
            (second, most) = (most, own);
            best.intent = intent;
        } else {
            second = second.max(own);
        }
    }
    if best.intent != Intent::Other {
        best.is_weak = most < LEAST_POINTS_CLEAR;
        let lead = most.saturating_sub(second);
        best.confidence_percent = if !best.is_weak && lead >= 3 {
            90
        } else if lead >= 1 {
            75
        } else {
            55
        };
    }
    best
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Sign {
    intent: Intent,
    points: u32,
    number: usize,
}

/// Whether this is a person.
static ASKS_WHO: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "^ is|are this|it|you|there ~3 person|human|agent|robot|bot|machine|live|real|alive",
            "am i ~2 talking|speaking|chatting|writing ~4 person|human|agent|robot|bot|machine|someone",
            "es|eres usted|tu|esto ~3 persona|humano|humana|robot|maquina|gente",
        ],
        SETS,
    )
});

/// Where words of a pattern mean something else.
static FIGURES: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "car|auto|home|homeowners|renters|pet|boat|travel insurance",
            "cover letter",
            "covered in",
            "customer service representative|rep",
            "sales representative|rep",
            "change of address",
            "not sure",
            "how much time|longer",
            "appeals to me",
            "in time",
        ],
        SETS,
    )
});

static SIGNS: LazyLock<Phrases<Sign>> = LazyLock::new(|| {
    let mut number = 0;
    let mut patterns = Vec::new();
    for (intent, points, list) in [care::LISTS, money::LISTS, people::LISTS, faint::LISTS].into_iter().flatten() {
        for pattern in *list {
            number += 1;
            patterns.push((Sign { intent: *intent, points: *points, number }, *pattern));
        }
    }
    Phrases::new(&patterns, SETS)
});

type List = (Intent, u32, &'static [&'static str]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        assert_eq!(SIGNS.rejected(), [""; 0]);
        assert_eq!(FIGURES.rejected(), [""; 0]);
        assert_eq!(ASKS_WHO.rejected(), [""; 0]);
    }
}
