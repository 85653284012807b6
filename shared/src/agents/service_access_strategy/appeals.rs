//! Plans to have a decision changed: by track, level and subject.

use chrono::NaiveDate;

use super::lines::{Action, Obstacle, Opening, Paper, Script};
use super::{Case, Deadline, Plan, known};
use crate::agents::patient_navigator::{PlanType, Slot};
use crate::agents::task_requirements::Need;
use crate::agents::turn::{Care, Facts, Reason, Subject};
use crate::knowledge::deadlines::{Kind, Level, Rule, Track, for_situation, rule};

/// Whose decision is appealed, which is not always the plan's.
fn track(case: &Case<'_>) -> Option<Track> {
    match case.facts.subject {
        Some(Subject::Penalty) => Some(Track::PartD),
        Some(Subject::ExtraHelp) => Some(Track::ExtraHelp),
        Some(Subject::Marketplace) => Some(Track::Marketplace),
        _ => case.track(),
    }
}

/// The rule for asking, at the level that the case has come to.
fn rule_to_ask(case: &Case<'_>) -> Option<&'static Rule> {
    match case.facts.subject {
        Some(Subject::Penalty) => return rule("lep-file"),
        Some(Subject::ExtraHelp) => return rule("lis-file"),
        Some(Subject::Marketplace) => return rule("mkt-file"),
        _ => {}
    }
    let level = case.facts.level.unwrap_or(Level::First);
    for_situation(case.track()?, level, Kind::FileBy).find(|rule| !matches!(rule.id, "mkt-file"))
}

pub(super) fn appeal(case: &Case<'_>) -> (Plan, Option<Deadline>) {
    let rule = rule_to_ask(case);
    let deadline = rule.and_then(|rule| counted(rule, case));
    let mut plan = Plan {
        opening: Some(opening(case)),
        rule: rule.filter(|_| deadline.is_none()).map(|rule| rule.id.to_owned()),
        actions: actions(case),
        papers: papers(case),
        obstacles: obstacles(case),
        script: Some(match (case.plan_type(), case.facts.subject) {
            (Some(PlanType::Medicaid), _) => Script::Medicaid,
            (_, Some(Subject::Drug)) => Script::Exception,
            _ => Script::Appeal,
        }),
        is_urgent: case.is_urgent(),
        earliest: earliest(case.facts, case.today),
        window_facts: match case.plan_type() {
            Some(PlanType::Medicaid) => vec!["medicaid-hearing".to_owned()],
            _ => Vec::new(),
        },
        ..Plan::default()
    };
    (plan.answers, plan.fallbacks) = next_levels(case);
    plan.lines = lines(case);
    if is_exception(case) {
        plan.terms.push("formulary exception".to_owned());
    }
    (plan, deadline)
}

/// Whose decision it may be while the kind of plan is not sure.
const POSSIBLE: [Track; 4] = [Track::OriginalMedicare, Track::MedicareAdvantage, Track::PartD, Track::Commercial];

/// The earliest of the last days to ask, over the kinds of plan that it may be; `None` when the kind is sure, the letter prints
/// the day, or no date is known.
pub fn earliest(facts: &Facts, today: NaiveDate) -> Option<Deadline> {
    let is_sure = facts.plan_type.is_some() && facts.plan_basis.is_none();
    let is_other = matches!(facts.subject, Some(Subject::Penalty | Subject::ExtraHelp | Subject::Marketplace));
    if is_sure || is_other || facts.printed_last_day.is_some() {
        return None;
    }
    let level = facts.level.unwrap_or(Level::First);
    let possible = POSSIBLE.iter().filter_map(|track| {
        let rule = for_situation(*track, level, Kind::FileBy).find(|rule| rule.id != "mkt-file")?;
        rule.count(&known(facts, Some(*track)), today).ok().map(|counted| (rule, counted.last_day, counted.has_passed))
    });
    let (rule, last_day, has_passed) = possible.min_by_key(|(_, last_day, _)| *last_day)?;
    let is_its_own = facts.plan_type.and_then(PlanType::track).is_some_and(|track| rule.tracks.contains(&track));
    let found = Deadline { rule: rule.id.to_owned(), notice_date: facts.notice_date, last_day, has_passed };
    (!is_its_own).then_some(found)
}

/// The last day that is known from the facts of a first appeal alone, for a reply that asks for the rest.
pub fn last_day_known(facts: &Facts, today: NaiveDate) -> Option<Deadline> {
    let case = Case { need: Need::Appeal, facts, missing: &[], message: "", today };
    facts.plan_type.filter(|_| facts.plan_basis.is_none())?;
    rule_to_ask(&case).and_then(|rule| counted(rule, &case))
}

fn counted(rule: &Rule, case: &Case<'_>) -> Option<Deadline> {
    let counted = rule.count(&known(case.facts, track(case)), case.today).ok()?;
    Some(Deadline {
        rule: rule.id.to_owned(),
        notice_date: case.facts.notice_date,
        last_day: counted.last_day,
        has_passed: counted.has_passed,
    })
}

/// A drug plan can be asked for an exception as well.
fn is_exception(case: &Case<'_>) -> bool {
    let is_rule_of_list = matches!(case.facts.reason, Some(Reason::NotOnList | Reason::StepTherapy));
    case.facts.subject == Some(Subject::Drug) && (case.plan_type() == Some(PlanType::PartD) || is_rule_of_list)
}

fn opening(case: &Case<'_>) -> Opening {
    match case.facts.subject {
        Some(Subject::Penalty) => Opening::Penalty,
        Some(Subject::ExtraHelp) => Opening::ExtraHelp,
        Some(Subject::Marketplace) => Opening::Marketplace,
        _ if case.facts.level.is_some() => Opening::AppealAgain,
        _ if is_exception(case) => Opening::Exception,
        _ => Opening::Appeal,
    }
}

fn actions(case: &Case<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    if case.is_urgent() {
        actions.push(Action::AskFastNow);
    }
    match case.facts.subject {
        Some(Subject::Penalty) => return vec![Action::UsePenaltyForm, Action::CheckArrival],
        Some(Subject::ExtraHelp) => return vec![Action::WriteToSocialSecurity, Action::CheckArrival],
        Some(Subject::Marketplace) => return vec![Action::AppealMarketplace, Action::CheckArrival],
        _ => {}
    }
    actions.push(match case.facts.reason {
        None => Action::FindReason,
        Some(Reason::NotNecessary) => Action::AnswerNotNecessary,
        Some(Reason::OutOfNetwork) => Action::AnswerOutOfNetwork,
        Some(Reason::NoApproval) => Action::AnswerNoApproval,
        Some(Reason::NotABenefit) => Action::AnswerNotABenefit,
        Some(Reason::Experimental) => Action::AnswerExperimental,
        Some(Reason::StepTherapy) => Action::AnswerStepTherapy,
        Some(Reason::NotOnList) => Action::AnswerNotOnList,
        Some(Reason::PapersMissing) => Action::AnswerPapersMissing,
    });
    actions.push(Action::DoctorLetter);
    if is_exception(case) {
        actions.push(Action::AskException);
    }
    match (case.plan_type(), case.facts.level) {
        (Some(PlanType::Medicaid), _) => {
            return vec![
                Action::AskHearingNow,
                Action::AskFairHearing,
                Action::UsePrintedDay,
                Action::BringPapers,
                Action::CheckArrival,
            ];
        }
        (Some(PlanType::Medigap), _) => actions.extend([Action::WriteAppeal, Action::UsePrintedDay]),
        (_, Some(_)) => actions.push(Action::WriteToReviewer),
        (Some(PlanType::OriginalMedicare), None) => actions.push(Action::WriteToContractor),
        _ => actions.push(Action::WriteAppeal),
    }
    if !case.is_urgent() && case.facts.care != Some(Care::Had) && case.plan_type() != Some(PlanType::OriginalMedicare) {
        actions.push(Action::AskFast);
    }
    actions.extend([Action::CheckArrival, Action::OfferLetter]);
    actions
}

fn papers(case: &Case<'_>) -> Vec<Paper> {
    let mut papers = vec![Paper::DenialLetter];
    match case.facts.subject {
        Some(Subject::Penalty) => papers.push(Paper::CoverageProof),
        Some(Subject::ExtraHelp | Subject::Marketplace) => papers.push(Paper::IncomeProof),
        Some(Subject::Drug) => papers.extend([Paper::DoctorLetter, Paper::DrugList]),
        _ => papers.extend([Paper::DoctorLetter, Paper::Records]),
    }
    if case.facts.care == Some(Care::Had) {
        papers.push(Paper::Bills);
    }
    papers.push(Paper::CallLog);
    papers
}

fn obstacles(case: &Case<'_>) -> Vec<Obstacle> {
    let mut obstacles = Vec::new();
    if case.is_missing(Slot::PlanType) {
        obstacles.push(Obstacle::NoPlanKind);
    }
    if case.is_missing(Slot::NoticeDate) {
        obstacles.push(Obstacle::NoNoticeDate);
    }
    obstacles.extend([Obstacle::DoctorSlow, Obstacle::LostMail]);
    if case.facts.affected.is_some() {
        obstacles.push(Obstacle::NotTheMember);
    }
    obstacles
}

/// The rules for the answer, and for what comes after another no.
fn next_levels(case: &Case<'_>) -> (Vec<String>, Vec<String>) {
    let (urgent, had) = (case.is_urgent(), case.facts.care == Some(Care::Had));
    let (answers, fallbacks): (&[&str], &[&str]) = match (track(case), case.facts.level, case.facts.subject) {
        (_, _, Some(Subject::Penalty)) => (&["lep-decide"], &[]),
        (Some(Track::OriginalMedicare), None, _) => (&["om-l1-decide"], &["om-l2-file"]),
        (Some(Track::OriginalMedicare), Some(Level::Second), _) => (&["om-l2-decide"], &["om-l3-file", "om-l3-amount"]),
        (Some(Track::MedicareAdvantage), None, _) if urgent => (&["ma-l1-decide-fast"], &["ma-l2-decide-fast"]),
        (Some(Track::MedicareAdvantage), None, Some(Subject::PartBDrug)) => {
            (&["ma-l1-decide-partb"], &["ma-l2-decide-partb"])
        }
        (Some(Track::MedicareAdvantage), None, _) if had => (&["ma-l1-decide-pay"], &["ma-l2-decide-pay"]),
        (Some(Track::MedicareAdvantage), None, _) => {
            (&["ma-l1-decide-pre", "ma-l1-decide-fast"], &["ma-l2-decide-pre"])
        }
        (Some(Track::MedicareAdvantage), Some(Level::Second), _) => {
            (&["ma-l2-decide-pre"], &["ma-l3-file", "om-l3-amount"])
        }
        (Some(Track::PartD), None, _) if urgent => (&["d-l1-fast"], &["d-l2-file"]),
        (Some(Track::PartD), None, _) if had => (&["d-l1-pay"], &["d-l2-file"]),
        (Some(Track::PartD), None, _) => (&["d-l1-std", "d-l1-fast"], &["d-l2-file"]),
        (Some(Track::PartD), Some(Level::Second), _) => (&["d-l2-std", "d-l2-fast"], &["d-l3-file", "om-l3-amount"]),
        (Some(Track::Commercial), None, _) if urgent => (&["com-int-decide-urgent"], &["com-ext-file", "com-ext-fast"]),
        (Some(Track::Commercial), None, _) if had => (&["com-int-decide-post"], &["com-ext-file"]),
        (Some(Track::Commercial), None, _) => (&["com-int-decide-pre"], &["com-ext-file"]),
        (Some(Track::Commercial), Some(Level::Second), _) if urgent => (&["com-ext-fast"], &[]),
        (Some(Track::Commercial), Some(Level::Second), _) => (&["com-ext-std"], &[]),
        _ => (&[], &[]),
    };
    let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    (owned(answers), owned(fallbacks))
}

fn lines(case: &Case<'_>) -> Vec<String> {
    let ids: &[&str] = match (case.facts.subject, case.plan_type()) {
        (Some(Subject::ExtraHelp), _) => &["social-security"],
        (Some(Subject::Marketplace), _) => &["marketplace-appeals"],
        (_, Some(PlanType::Employer)) => &["ebsa", "consumer-assistance"],
        (_, Some(PlanType::Marketplace)) => &["consumer-assistance", "insurance-department"],
        (_, Some(PlanType::Medicaid)) => &["medicaid"],
        (_, Some(PlanType::Medigap)) => &["insurance-department"],
        _ => &[],
    };
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// A hospital sends somebody home, or care ends within days.
pub(super) fn fast(case: &Case<'_>) -> (Plan, Option<Deadline>) {
    let is_medicare =
        !matches!(case.plan_type(), Some(PlanType::Employer | PlanType::Marketplace | PlanType::Medicaid));
    if !is_medicare {
        return (fast_elsewhere(case), None);
    }
    let is_observation = case.facts.subject == Some(Subject::Observation);
    let is_hospital = is_observation || case.facts.subject == Some(Subject::Discharge);
    let rule = rule(if is_hospital { "qio-hospital" } else { "qio-other" });
    // The call is for now. A printed time is named while it lies ahead; one that is over is no reason not to call.
    let counted = rule.and_then(|rule| counted(rule, case));
    let is_over = counted.as_ref().is_some_and(|deadline| deadline.has_passed);
    let deadline = counted.filter(|_| !is_over);
    let is_end_over = case.facts.end_date.is_some_and(|date| date < case.today);
    let mut plan = Plan {
        opening: Some(match (is_observation, is_hospital) {
            (true, _) => Opening::Observation,
            (false, true) => Opening::Discharge,
            (false, false) => Opening::CareEnds,
        }),
        rule: rule.filter(|_| deadline.is_none() && !is_over && !is_observation).map(|rule| rule.id.to_owned()),
        actions: vec![
            Action::CallReviewer,
            Action::CallLate,
            Action::AskForNotice,
            Action::TellStaff,
            Action::DoctorSaysStay,
            Action::WriteDown,
        ],
        papers: vec![Paper::EndNotice, Paper::Records],
        obstacles: if is_end_over { vec![Obstacle::EndDateOver] } else { Vec::new() },
        lines: vec!["bfcc-qio".to_owned()],
        script: Some(Script::FastReview),
        is_urgent: true,
        ..Plan::default()
    };
    if case.plan_type() == Some(PlanType::MedicareAdvantage) {
        plan.answers.push("ma-l1-decide-fast".to_owned());
    }
    (plan, deadline)
}

fn fast_elsewhere(case: &Case<'_>) -> Plan {
    let is_medicaid = case.plan_type() == Some(PlanType::Medicaid);
    let first = if is_medicaid { Action::AskFairHearing } else { Action::AskBoth };
    let (answers, lines): (&[&str], &[&str]) = if is_medicaid {
        (&[], &["medicaid"])
    } else {
        (&["com-int-decide-urgent", "com-ext-fast"], &["consumer-assistance", "ebsa"])
    };
    let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    Plan {
        opening: Some(Opening::UrgentPlan),
        actions: vec![first, Action::DoctorSaysStay, Action::TellStaff, Action::WriteDown],
        papers: vec![Paper::EndNotice, Paper::Records],
        answers: owned(answers),
        lines: owned(lines),
        script: Some(if is_medicaid { Script::Medicaid } else { Script::FastReview }),
        is_urgent: true,
        ..Plan::default()
    }
}
