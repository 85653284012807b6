//! Amounts of a plan year: premiums, deductibles, limits.
//!
//! The file holds a row per amount and year, so that next year's stand beside this year's before it begins: nothing goes silent at
//! midnight. The change of a year is rows in that one file (docs/yearly.md); what is due is said by [`due()`].
//!
//! Invariants: an amount is stated with its year from the day it takes effect until the day it expires, and for a year that is asked
//! about by name also before; on every other day it is withheld, with where to look. The page it was read on holds the figure.

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;

mod due;

use super::data::{Source, Yearly, yearly};
use super::words::{Text, Words};

pub use due::{Due, NOTICE_DAYS, due};

/// Where the amounts stand in the repository.
pub const FILE: &str = "shared/src/knowledge/data/amounts.json";

/// One amount.
#[derive(Debug, Deserialize)]
pub struct Amount {
    /// Its stable key, such as `part_b_premium`.
    pub key: &'static str,
    /// What it is, as the subject of a sentence.
    pub what: Text,
    /// The figure with its unit, such as `$202.90 a month`.
    pub value: Text,
    /// The figure in cents.
    pub cents: u64,
    /// The year it holds for.
    pub plan_year: i32,
    /// The first day it holds.
    pub effective: NaiveDate,
    /// The last day it holds.
    pub expires: NaiveDate,
    /// Where to look on other days.
    #[serde(rename = "where")]
    pub where_to_look: Text,
    /// A condition.
    pub note: Option<Text>,
    /// The deadline rule that this amount is the threshold of.
    pub rule: Option<&'static str>,
    /// Where it was read.
    #[serde(flatten)]
    pub source: Source,
}

/// An amount on a day.
#[derive(Clone, Copy, Debug)]
pub enum Standing {
    /// It holds on that day.
    Stated(&'static Amount),
    /// It does not: only where to look may be said.
    Withheld {
        /// The year that is known.
        plan_year: i32,
        /// What it is.
        what: Text,
        /// Where to look.
        where_to_look: Text,
    },
}

impl Standing {
    /// The sentence for the reply.
    pub fn words(&self) -> Words {
        match self {
            Self::Stated(amount) => amount.words(),
            Self::Withheld { plan_year, what, where_to_look } => Words::new(
                format!(
                    "What I know of {} is for {plan_year} only, so I do not give a figure. {}",
                    what.en, where_to_look.en
                ),
                format!(
                    "Lo que sé de {} es solo para {plan_year}, así que no doy una cifra. {}",
                    what.es, where_to_look.es
                ),
            ),
        }
    }
}

impl Amount {
    /// `In 2026, the standard Part B premium is $202.90 a month.`
    pub fn words(&self) -> Words {
        let words = Words::new(
            format!("In {}, {} is {}.", self.plan_year, self.what.en, self.value.en),
            format!("En {}, {} es {}.", self.plan_year, self.what.es, self.value.es),
        );
        self.note.map_or(words.clone(), |note| words.and(&note.into()))
    }

    /// Whether the amount holds on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        (self.effective..=self.expires).contains(&day)
    }

    /// Its id among the shipped facts: `amount-part_b_premium`; that of a later year, `amount-part_b_premium-2027`.
    pub fn fact_id(&self) -> String {
        let is_later = |other: &Amount| other.key == self.key && other.effective < self.effective;
        match amounts().iter().any(is_later) {
            false => format!("amount-{}", self.key),
            true => format!("amount-{}-{}", self.key, self.plan_year),
        }
    }

    fn standing(&'static self, holds: bool) -> Standing {
        if holds {
            Standing::Stated(self)
        } else {
            Standing::Withheld { plan_year: self.plan_year, what: self.what, where_to_look: self.where_to_look }
        }
    }
}

static AMOUNTS: LazyLock<Vec<Amount>> = LazyLock::new(|| read(yearly()));

fn read(file: &'static str) -> Vec<Amount> {
    serde_json::from_str::<Yearly<Amount>>(file).map(|file| file.amounts).unwrap_or_default()
}

/// Every amount of every year, also those that have expired or are to come.
pub fn amounts() -> &'static [Amount] {
    &AMOUNTS
}

/// An amount on a day; `None` when the key is unknown.
pub fn stated(key: &str, today: NaiveDate) -> Option<Standing> {
    on(of(key), today).map(|amount| amount.standing(amount.holds_on(today)))
}

/// An amount for a year that is asked about by name, on a day: also that of a year to come, once it is known. `None` when the key is
/// unknown.
pub fn stated_for(key: &str, year: i32, today: NaiveDate) -> Option<Standing> {
    let known = of(key).find(|amount| amount.plan_year == year && today <= amount.expires);
    known.map(|amount| amount.standing(true)).or_else(|| on(of(key), today).map(|amount| amount.standing(false)))
}

/// The shipped fact with this id (`amount-…`), on a day; `None` when there is none, or it does not hold.
pub fn by_fact_id(id: &str, today: NaiveDate) -> Option<&'static Amount> {
    let key = id.strip_prefix("amount-")?;
    let (key, year) = match key.rsplit_once('-') {
        Some((key, year)) => (key, Some(year.parse::<i32>().ok()?)),
        None => (key, None),
    };
    of(key).find(|amount| amount.holds_on(today) && year.is_none_or(|year| amount.plan_year == year))
}

/// The thresholds of a deadline rule that are worth saying, in their order: those of the newest two years.
pub fn thresholds_of(rule: &str) -> Vec<&'static Amount> {
    let mut all: Vec<&Amount> = amounts().iter().filter(|amount| amount.rule == Some(rule)).collect();
    all.sort_by_key(|amount| amount.effective);
    all.split_off(all.len().saturating_sub(2))
}

/// The threshold of a deadline rule on a day: the one that holds, else the last that began.
pub fn threshold_of(rule: &str, today: NaiveDate) -> Option<&'static Amount> {
    on(amounts().iter().filter(|amount| amount.rule == Some(rule)), today)
}

fn of(key: &str) -> impl Iterator<Item = &'static Amount> {
    amounts().iter().filter(move |amount| amount.key == key)
}

/// Of the years of one amount the one that holds on a day; else the last that began, else the first.
fn on(years: impl Iterator<Item = &'static Amount>, day: NaiveDate) -> Option<&'static Amount> {
    let is_better = |one: &Amount, other: &Amount| match (one.effective <= day, other.effective <= day) {
        (true, true) => one.effective > other.effective,
        (false, false) => one.effective < other.effective,
        (began, _) => began,
    };
    years.reduce(|best, amount| if is_better(amount, best) { amount } else { best })
}

/// Whether a case is about enough money for a hearing or a court.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InControversy {
    /// It is.
    Reached {
        /// How much more than the threshold, in cents.
        over_cents: u64,
    },
    /// It is not; several claims may be added up.
    Below {
        /// How much is missing, in cents.
        short_cents: u64,
    },
    /// The threshold of today's year is not known.
    Withheld {
        /// Where to look.
        where_to_look: Text,
    },
}

/// Holds the amount of a case, in cents, against the threshold of a rule such as `om-l3-amount`. `None` when the rule has
/// no threshold.
pub fn in_controversy(rule: &str, case_cents: u64, today: NaiveDate) -> Option<InControversy> {
    let amount = threshold_of(rule, today)?;
    if !amount.holds_on(today) {
        return Some(InControversy::Withheld { where_to_look: amount.where_to_look });
    }
    Some(match case_cents.checked_sub(amount.cents) {
        Some(over_cents) => InControversy::Reached { over_cents },
        None => InControversy::Below { short_cents: amount.cents - case_cents },
    })
}

/// The monthly Part D late enrollment penalty in cents: 1 percent of the national base premium of the year for each full
/// month without creditable coverage, rounded to ten cents (CMS 10050, page 84). `None` when that premium is not known
/// for today, or the result does not fit.
pub fn part_d_penalty_cents(months_without_coverage: u32, today: NaiveDate) -> Option<u64> {
    let base = of("part_d_base_premium").find(|amount| amount.holds_on(today))?.cents;
    let thousandths_of_a_dime = base.checked_mul(u64::from(months_without_coverage))?;
    Some((thousandths_of_a_dime + 500) / 1000 * 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn an_amount_is_stated_until_the_day_it_expires_and_withheld_from_the_day_after() {
        for amount in amounts() {
            let after = amount.expires.succ_opt().expect("a day");
            let before = amount.effective.pred_opt().expect("a day");
            let on =
                |day| matches!(stated(amount.key, day), Some(Standing::Stated(other)) if std::ptr::eq(other, amount));
            assert!(on(amount.effective) && on(amount.expires), "{}", amount.key);
            assert!(!on(after) && !on(before), "{}", amount.key);
            if of(amount.key).any(|next| next.holds_on(after)) {
                continue;
            }
            let said = stated(amount.key, after).expect("a known key").words();
            assert!(!said.en.contains(amount.value.en) && said.en.contains(amount.where_to_look.en), "{}", said.en);
            assert!(!said.es.contains(amount.value.es) && said.es.contains(amount.where_to_look.es), "{}", said.es);
        }
    }

    #[test]
    fn the_premium_carries_its_year_and_is_not_given_for_another() {
        let today = date("2026-11-22");
        let said = stated("part_b_premium", today).expect("known").words();
        assert_eq!(
            said.en,
            "In 2026, the standard Part B premium is $202.90 a month. People with a higher income pay more."
        );
        assert!(matches!(stated_for("part_b_premium", 2025, today), Some(Standing::Withheld { plan_year: 2026, .. })));
        let after = amounts().iter().map(|amount| amount.plan_year).max().expect("rows") + 1;
        assert!(matches!(stated_for("part_b_premium", after, today), Some(Standing::Withheld { plan_year: 2026, .. })));
        assert!(matches!(stated_for("part_b_premium", 2026, today), Some(Standing::Stated(_))));
        assert!(stated("part_z_premium", today).is_none());
    }

    #[test]
    fn the_value_says_the_same_as_the_cents() {
        for amount in amounts() {
            for text in [amount.value.en, amount.value.es] {
                let figure: String = text.chars().take_while(|c| *c != ' ').filter(|c| c.is_ascii_digit()).collect();
                let cents: u64 = figure.parse().expect("a figure");
                let expected = if text.contains('.') { cents } else { cents * 100 };
                assert_eq!(expected, amount.cents, "{}", amount.key);
            }
        }
    }

    #[test]
    fn a_hearing_needs_200_dollars_in_2026() {
        let count = |cents, day| in_controversy("om-l3-amount", cents, date(day));
        assert_eq!(count(20_000, "2026-12-31"), Some(InControversy::Reached { over_cents: 0 }));
        assert_eq!(count(25_050, "2026-01-01"), Some(InControversy::Reached { over_cents: 5_050 }));
        assert_eq!(count(19_999, "2026-06-01"), Some(InControversy::Below { short_cents: 1 }));
        let last = amounts().iter().map(|amount| amount.expires).max().and_then(|day| day.succ_opt()).expect("a day");
        assert!(matches!(in_controversy("om-l3-amount", 1_000_000, last), Some(InControversy::Withheld { .. })));
    }

    #[test]
    fn a_court_needs_1960_dollars_in_2026() {
        let count = |cents, day| in_controversy("om-l5-amount", cents, date(day));
        assert_eq!(count(196_000, "2026-12-31"), Some(InControversy::Reached { over_cents: 0 }));
        assert_eq!(count(60_000, "2026-03-01"), Some(InControversy::Below { short_cents: 136_000 }));
        assert!(matches!(count(196_000, "2025-12-31"), Some(InControversy::Withheld { .. })));
        assert_eq!(in_controversy("ma-l1-file", 1, date("2026-03-01")), None);
    }

    #[test]
    fn the_part_d_penalty_is_that_of_the_worked_examples() {
        // CMS 11109 page 22 (14 months), CMS 11222 pages 2 and 3 (17 and 12 months), CMS 10050 page 85 (29 months).
        let today = date("2026-11-22");
        for (months, cents) in [(14, 550), (17, 660), (12, 470), (29, 1130), (0, 0)] {
            assert_eq!(part_d_penalty_cents(months, today), Some(cents), "{months} months");
        }
        assert_eq!(part_d_penalty_cents(14, date("2025-12-31")), None);
        assert!(part_d_penalty_cents(u32::MAX, today).is_some());
    }
}
