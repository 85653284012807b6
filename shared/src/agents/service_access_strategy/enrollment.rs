//! Plans for signing up, joining and changing: the windows that a situation opens.

use chrono::NaiveDate;

use super::lines::{Action, Obstacle, Opening, Paper, Script};
use super::{Case, Plan};
use crate::agents::turn::{Facts, Situation};
use crate::knowledge::windows::{self, Window};

/// The windows that can be counted from the facts; the same when they are counted again for the reply.
pub fn windows(facts: &Facts, today: NaiveDate) -> Vec<Window> {
    let mut found: Vec<Option<Window>> = Vec::new();
    let event = facts.event_date;
    match facts.situation {
        Some(Situation::Turning65 | Situation::StillWorking) => {
            found.push(facts.birth_date.and_then(windows::initial_enrollment));
        }
        Some(Situation::LostJobCoverage) => {
            found.extend([
                event.and_then(windows::part_b_after_job).filter(|_| may_have_medicare(facts, today)),
                event
                    .and_then(|day| windows::two_full_months_after("sep-left-employer", day))
                    .filter(|_| may_have_medicare(facts, today)),
                event.and_then(windows::marketplace_after_loss),
            ]);
        }
        Some(Situation::LostCoverage | Situation::Turning26) => {
            found.push(event.and_then(windows::marketplace_after_loss))
        }
        Some(Situation::LostMedicaid) => {
            found.push(event.and_then(|day| windows::three_months_from("sep-lost-medicaid", day)));
        }
        Some(Situation::Moved) => found.push(event.and_then(|day| windows::two_full_months_after("sep-move", day))),
        Some(Situation::OpenEnrollment) => found.push(windows::medicare_open_enrollment(today)),
        Some(Situation::MarketplaceEnrollment) => found.push(windows::marketplace_open_enrollment(today)),
        Some(Situation::LeaveAdvantage) => {
            found
                .extend([windows::medicare_open_enrollment(today), windows::medicare_advantage_open_enrollment(today)]);
        }
        Some(Situation::Late) => found.push(windows::general_enrollment(today)),
        Some(Situation::Medigap | Situation::LowIncome) | None => {
            found.push(facts.birth_date.and_then(windows::initial_enrollment));
        }
    }
    found.into_iter().flatten().collect()
}

/// Unless the birth date says otherwise.
fn may_have_medicare(facts: &Facts, today: NaiveDate) -> bool {
    let at_65 = |birth: NaiveDate| birth.checked_add_months(chrono::Months::new(12 * 65 - 4));
    facts.birth_date.and_then(at_65).is_none_or(|day| day <= today)
}

fn owned(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

pub(super) fn plan(case: &Case<'_>) -> Plan {
    let counted = windows(case.facts, case.today);
    let (facts, lines): (&[&str], &[&str]) = match case.facts.situation {
        Some(Situation::Turning65) => (&["automatic", "part-b-job-sep"], &["social-security"]),
        Some(Situation::StillWorking) => (&["part-b-job-sep", "cobra-warning", "hsa-stop"], &["social-security"]),
        Some(Situation::LostJobCoverage) => {
            (&["part-b-job-sep", "cobra-warning", "marketplace-lost-coverage"], &["marketplace", "social-security"])
        }
        Some(Situation::LostCoverage | Situation::Turning26) => (&["marketplace-lost-coverage"], &["marketplace"]),
        Some(Situation::LostMedicaid) => {
            (&["sep-lost-medicaid", "marketplace-lost-coverage"], &["marketplace", "medicaid"])
        }
        Some(Situation::Moved) => (&["sep-move", "marketplace-life-event"], &["marketplace"]),
        Some(Situation::OpenEnrollment) => (&["open-enrollment"], &[]),
        Some(Situation::MarketplaceEnrollment) => {
            (&["marketplace-open-enrollment", "marketplace-life-event"], &["marketplace"])
        }
        Some(Situation::LeaveAdvantage) => (&["ma-oep", "medigap-trial"], &[]),
        Some(Situation::Late) => (&["gep", "part-b-penalty"], &["social-security"]),
        Some(Situation::Medigap) => (&["medigap-open-enrollment", "medigap-guaranteed"], &["insurance-department"]),
        Some(Situation::LowIncome) => (&["sep-extra-help"], &["medicaid"]),
        None => (&["iep", "open-enrollment", "marketplace-lost-coverage", "medicaid-any-time"], &["marketplace"]),
    };
    // A window that was counted says more than the general words about it.
    let general = facts.iter().filter(|id| !counted.iter().any(|window| window.id == **id));
    let mut obstacles = Vec::new();
    if !case.missing.is_empty() {
        obstacles.push(Obstacle::NoSituation);
    }
    if case.facts.state.is_none() {
        obstacles.push(Obstacle::NoState);
    }
    Plan {
        opening: Some(if case.facts.situation.is_none() { Opening::EnrollmentOpen } else { Opening::Enrollment }),
        actions: actions(case),
        papers: match case.facts.situation {
            Some(Situation::Turning65 | Situation::StillWorking) => vec![Paper::BirthProof, Paper::CoverageProof],
            _ => vec![Paper::CoverageProof],
        },
        obstacles,
        windows: counted.iter().map(|window| (window.id.clone(), window.last_day)).collect(),
        window_facts: general.map(|id| (*id).to_owned()).collect(),
        lines: owned(lines),
        script: Some(Script::Enrollment),
        ..Plan::default()
    }
}

fn actions(case: &Case<'_>) -> Vec<Action> {
    match case.facts.situation {
        Some(Situation::Turning65) => {
            vec![Action::SignUpSocialSecurity, Action::AskJobPlan, Action::PickCoverage, Action::ComparePlans]
        }
        Some(Situation::StillWorking) => vec![Action::AskJobPlan, Action::SignUpSocialSecurity, Action::KeepProof],
        Some(Situation::LostJobCoverage) => {
            vec![Action::KeepProof, Action::SignUpSocialSecurity, Action::ApplyMarketplace, Action::CheckMedicaid]
        }
        Some(Situation::LostCoverage | Situation::Turning26 | Situation::LostMedicaid) => {
            vec![Action::KeepProof, Action::ApplyMarketplace, Action::CheckMedicaid]
        }
        Some(Situation::MarketplaceEnrollment) => vec![Action::ApplyMarketplace, Action::CheckMedicaid],
        Some(Situation::Medigap) => vec![Action::AskMedigapSellers, Action::KeepProof],
        Some(Situation::Late) => vec![Action::CallMedicareOptions, Action::SignUpSocialSecurity],
        Some(Situation::Moved | Situation::OpenEnrollment | Situation::LeaveAdvantage | Situation::LowIncome) => {
            vec![Action::CallMedicareOptions, Action::ComparePlans]
        }
        None => vec![Action::CallMedicareOptions, Action::ApplyMarketplace, Action::CheckMedicaid],
    }
}
