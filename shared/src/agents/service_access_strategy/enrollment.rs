//! Plans for signing up, joining and changing: the windows that a situation opens.

use chrono::NaiveDate;

use super::lines::{Action, Obstacle, Opening, Paper, Script};
use super::{Case, Plan};
use crate::agents::patient_navigator::{PlanType, Slot};
use crate::agents::turn::{Facts, Occasion};
use crate::knowledge::windows::{self, Window};

/// The windows that can be counted from the facts; the same when they are counted again for the reply.
pub fn windows(facts: &Facts, today: NaiveDate) -> Vec<Window> {
    let mut found: Vec<Option<Window>> = Vec::new();
    let event = facts.event_date;
    match facts.occasion {
        Some(Occasion::Turning65 | Occasion::StillWorking) => {
            found.push(facts.birth_date.and_then(windows::initial_enrollment));
        }
        Some(Occasion::Cobra) => {
            let told = facts.notice_date.or(facts.received_date);
            found.push(event.or(told).and_then(|ended| windows::cobra_election(ended, told)));
        }
        Some(Occasion::Birth) => {
            // A plan from a job has the shorter time: it counts unless the Marketplace is named.
            let is_marketplace = facts.plan_type == Some(PlanType::Marketplace);
            found.push(event.and_then(|day| match is_marketplace {
                true => windows::marketplace_after_event(day),
                false => windows::job_plan_after_event(day),
            }));
        }
        Some(Occasion::SpousePlan) => found.push(event.and_then(windows::job_plan_after_event)),
        Some(Occasion::LostJobCoverage) => {
            let first = event.into_iter().chain(facts.job_end_date).min();
            found.extend([
                first.and_then(windows::part_b_after_job).filter(|_| may_have_medicare(facts, today)),
                event
                    .and_then(|day| windows::two_full_months_after("sep-left-employer", day))
                    .filter(|_| may_have_medicare(facts, today)),
                event.and_then(windows::marketplace_after_loss),
            ]);
        }
        Some(Occasion::LostCoverage | Occasion::Turning26) => {
            found.push(event.and_then(windows::marketplace_after_loss))
        }
        Some(Occasion::LostMedicaid) => {
            found.push(event.and_then(|day| windows::three_months_from("sep-lost-medicaid", day)));
        }
        Some(Occasion::Moved) => found.push(event.and_then(|day| windows::two_full_months_after("sep-move", day))),
        Some(Occasion::OpenEnrollment) => found.push(windows::medicare_open_enrollment(today)),
        Some(Occasion::MarketplaceEnrollment) => found.push(windows::marketplace_open_enrollment(today)),
        Some(Occasion::LeaveAdvantage) => {
            found
                .extend([windows::medicare_open_enrollment(today), windows::medicare_advantage_open_enrollment(today)]);
        }
        Some(Occasion::Late) => found.push(windows::general_enrollment(today)),
        Some(Occasion::Medigap | Occasion::LowIncome) | None => {
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
    let (facts, lines): (&[&str], &[&str]) = match case.facts.occasion {
        Some(Occasion::Turning65) => (&["automatic", "part-b-job-sep"], &["social-security"]),
        Some(Occasion::StillWorking) => (&["part-b-job-sep", "cobra-warning", "hsa-stop"], &["social-security"]),
        Some(Occasion::LostJobCoverage) => {
            (&["part-b-job-sep", "cobra-warning", "marketplace-lost-coverage"], &["marketplace", "social-security"])
        }
        Some(Occasion::Cobra) => {
            (&["cobra-election", "cobra-warning", "marketplace-lost-coverage"], &["ebsa", "marketplace"])
        }
        Some(Occasion::Birth) => {
            (&["marketplace-life-event", "job-plan-special", "medicaid-any-time"], &["marketplace", "ebsa"])
        }
        Some(Occasion::SpousePlan) => (&["job-plan-special", "marketplace-lost-coverage"], &["ebsa", "marketplace"]),
        Some(Occasion::LostCoverage | Occasion::Turning26) => (&["marketplace-lost-coverage"], &["marketplace"]),
        Some(Occasion::LostMedicaid) => {
            (&["sep-lost-medicaid", "marketplace-lost-coverage"], &["marketplace", "medicaid"])
        }
        Some(Occasion::Moved) => (&["sep-move", "marketplace-life-event"], &["marketplace"]),
        Some(Occasion::OpenEnrollment) => (&["open-enrollment"], &[]),
        Some(Occasion::MarketplaceEnrollment) => {
            (&["marketplace-open-enrollment", "marketplace-life-event"], &["marketplace"])
        }
        Some(Occasion::LeaveAdvantage) => (&["ma-oep", "medigap-trial"], &[]),
        Some(Occasion::Late) => (&["gep", "part-b-penalty"], &["social-security"]),
        Some(Occasion::Medigap) => (&["medigap-open-enrollment", "medigap-guaranteed"], &["insurance-department"]),
        Some(Occasion::LowIncome) => (&["sep-extra-help"], &["medicaid"]),
        None => (&["iep", "open-enrollment", "marketplace-lost-coverage", "medicaid-any-time"], &["marketplace"]),
    };
    // A window that was counted says more than the general words about it.
    let general = facts.iter().filter(|id| !counted.iter().any(|window| window.id == **id));
    let mut obstacles = Vec::new();
    if case.is_missing(Slot::EventDate) {
        obstacles.push(Obstacle::NoEventDate);
    } else if !case.missing.is_empty() {
        obstacles.push(Obstacle::NoSituation);
    }
    if case.facts.place.state.is_none() {
        obstacles.push(Obstacle::NoState);
    }
    Plan {
        opening: Some(if case.facts.occasion.is_none() { Opening::EnrollmentOpen } else { Opening::Enrollment }),
        actions: actions(case),
        papers: match case.facts.occasion {
            Some(Occasion::Turning65 | Occasion::StillWorking) => vec![Paper::BirthProof, Paper::CoverageProof],
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
    match case.facts.occasion {
        Some(Occasion::Turning65) => {
            vec![Action::SignUpSocialSecurity, Action::AskJobPlan, Action::PickCoverage, Action::ComparePlans]
        }
        Some(Occasion::StillWorking) => vec![Action::AskJobPlan, Action::SignUpSocialSecurity, Action::KeepProof],
        Some(Occasion::Cobra) => vec![Action::ChooseCobra, Action::KeepProof, Action::ApplyMarketplace],
        Some(Occasion::Birth) => vec![Action::AddChild, Action::CheckMedicaid],
        Some(Occasion::SpousePlan) => vec![Action::AskEmployerJoin, Action::KeepProof, Action::ApplyMarketplace],
        Some(Occasion::LostJobCoverage) => {
            vec![Action::KeepProof, Action::SignUpSocialSecurity, Action::ApplyMarketplace, Action::CheckMedicaid]
        }
        Some(Occasion::LostCoverage | Occasion::Turning26 | Occasion::LostMedicaid) => {
            vec![Action::KeepProof, Action::ApplyMarketplace, Action::CheckMedicaid]
        }
        Some(Occasion::MarketplaceEnrollment) => vec![Action::ApplyMarketplace, Action::CheckMedicaid],
        Some(Occasion::Medigap) => vec![Action::AskMedigapSellers, Action::KeepProof],
        Some(Occasion::Late) => vec![Action::CallMedicareOptions, Action::SignUpSocialSecurity],
        Some(Occasion::Moved | Occasion::OpenEnrollment | Occasion::LeaveAdvantage | Occasion::LowIncome) => {
            vec![Action::CallMedicareOptions, Action::ComparePlans]
        }
        None => vec![Action::CallMedicareOptions, Action::ApplyMarketplace, Action::CheckMedicaid],
    }
}
