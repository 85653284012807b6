//! Deadline rules for a first appeal, and the last day counted from the date on the letter.

use chrono::{Days, NaiveDate};

use super::Source;

const MEDICARE_APPEALS: &str = "Medicare Appeals (CMS 11525)";
const MEDICARE_APPEALS_URL: &str = "https://www.medicare.gov/publications/11525-medicare-appeals.pdf";

/// The kind of plan that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
}

/// One rule: who decided, how many days, counted from what, and where it was read.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The rule's id.
    pub id: &'static str,
    /// Who decided.
    pub track: Track,
    /// Calendar days.
    pub days: u64,
    /// Days that the letter is presumed to have been under way.
    pub presumed_mail_days: u64,
    /// Whether the cited text holds the figure; otherwise the last day is an estimate.
    pub is_estimate: bool,
    /// Where it was read.
    pub source: Source,
}

/// The rules for asking for a first appeal.
pub const FIRST_APPEAL: [Rule; 4] = [
    Rule {
        id: "om-l1-file",
        track: Track::OriginalMedicare,
        days: 120,
        presumed_mail_days: 5,
        is_estimate: true,
        source: Source { title: MEDICARE_APPEALS, url: MEDICARE_APPEALS_URL, page: Some(9), verified: "2026-11-22" },
    },
    Rule {
        id: "ma-l1-file",
        track: Track::MedicareAdvantage,
        days: 65,
        presumed_mail_days: 0,
        is_estimate: false,
        source: Source { title: MEDICARE_APPEALS, url: MEDICARE_APPEALS_URL, page: Some(21), verified: "2026-11-22" },
    },
    Rule {
        id: "d-l1-file",
        track: Track::PartD,
        days: 65,
        presumed_mail_days: 0,
        is_estimate: false,
        source: Source { title: MEDICARE_APPEALS, url: MEDICARE_APPEALS_URL, page: Some(35), verified: "2026-11-22" },
    },
    Rule {
        id: "com-int-file",
        track: Track::Commercial,
        days: 180,
        presumed_mail_days: 0,
        is_estimate: false,
        source: Source {
            title: "HealthCare.gov: Internal appeals",
            url: "https://www.healthcare.gov/appeal-insurance-company-decision/internal-appeals",
            page: None,
            verified: "2026-11-22",
        },
    },
];

impl Rule {
    /// The rule for a first appeal against a decision of `track`.
    pub fn first_appeal(track: Track) -> &'static Self {
        let [original, advantage, part_d, commercial] = &FIRST_APPEAL;
        match track {
            Track::OriginalMedicare => original,
            Track::MedicareAdvantage => advantage,
            Track::PartD => part_d,
            Track::Commercial => commercial,
        }
    }

    /// The last day, counted from the date on the letter; the day after it is day 1. `None` beyond the calendar.
    pub fn last_day(&self, notice_date: NaiveDate) -> Option<NaiveDate> {
        notice_date.checked_add_days(Days::new(self.days + self.presumed_mail_days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn last_days_worked_by_hand() {
        // October 2 + 29 days is October 31, + 30 is November 30, + 6 is December 6: 65 days.
        let advantage = Rule::first_appeal(Track::MedicareAdvantage);
        assert_eq!(advantage.last_day(date("2026-10-02")), Some(date("2026-12-06")));
        // January 1, 2028 (a leap year): 30 to January 31, 29 to February 29, 6 to March 6.
        assert_eq!(advantage.last_day(date("2028-01-01")), Some(date("2028-03-06")));
        // March 1 + 180: 30 + 30 + 31 + 30 + 31 = 152 to July 31, 28 more.
        assert_eq!(Rule::first_appeal(Track::Commercial).last_day(date("2026-03-01")), Some(date("2026-08-28")));
        // January 1 + 125: 30 + 28 + 31 + 30 = 119 to April 30, 6 more.
        assert_eq!(Rule::first_appeal(Track::OriginalMedicare).last_day(date("2026-01-01")), Some(date("2026-05-06")));
    }
}
