//! Plans for what is not decided yet: permission before care, coverage, costs, doctors in the network.
//!
//! Invariant: coverage and network are never stated; the plan says that they are not known, whom to ask and how.

use super::amounts;
use super::lines::{Action, Obstacle, Opening, Paper, Script};
use super::{Case, Plan};
use crate::agents::patient_navigator::{PlanType, Slot};
use crate::agents::turn::Subject;

fn unknown(case: &Case<'_>) -> Vec<Obstacle> {
    let mut unknown = Vec::new();
    if case.is_missing(Slot::PlanType) {
        unknown.push(Obstacle::NoPlanKind);
    }
    if case.is_missing(Slot::Service) {
        unknown.push(Obstacle::NoService);
    }
    unknown
}

fn owned(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

pub(super) fn prior_authorization(case: &Case<'_>) -> Plan {
    let answers: &[&str] = match (case.plan_type(), case.facts.subject) {
        (Some(PlanType::PartD), _) => &["d-cd-std", "d-cd-fast"],
        (Some(PlanType::MedicareAdvantage), Some(Subject::PartBDrug)) => &["ma-od-partb-std"],
        (Some(PlanType::MedicareAdvantage), _) => &["ma-od-std", "ma-od-fast"],
        (Some(PlanType::Employer | PlanType::Marketplace), _) => &["com-claim-pa", "com-claim-urgent"],
        _ => &[],
    };
    let mut actions = vec![Action::AskIfNeeded, Action::AskOfficeSent, Action::AskReference];
    actions.push(if case.is_urgent() { Action::AskFastNow } else { Action::AskFastDecision });
    actions.extend([Action::WriteDown, Action::IfNo]);
    if case.plan_type() == Some(PlanType::OriginalMedicare) {
        actions.insert(0, Action::AskMedicare);
    }
    Plan {
        opening: Some(Opening::PriorAuthorization),
        actions,
        papers: vec![Paper::PlanCard, Paper::Records],
        obstacles: [unknown(case), vec![Obstacle::PhoneNoAnswer]].concat(),
        answers: owned(answers),
        terms: owned(&["prior authorization"]),
        script: Some(Script::PriorAuthorization),
        is_urgent: case.is_urgent(),
        ..Plan::default()
    }
}

pub(super) fn coverage(case: &Case<'_>) -> Plan {
    let mut actions = match case.plan_type() {
        Some(PlanType::OriginalMedicare) => vec![Action::AskMedicare, Action::AskCode],
        Some(PlanType::Medicaid) => vec![Action::AskMedicaidOffice, Action::AskPlanCovered, Action::AskCode],
        _ => vec![Action::AskPlanCovered, Action::AskCode, Action::LookInBooklet],
    };
    actions.extend([Action::WriteDown, Action::AskInWriting, Action::IfNo]);
    Plan {
        opening: Some(if case.plan_type() == Some(PlanType::OriginalMedicare) {
            Opening::CoverageMedicare
        } else {
            Opening::Coverage
        }),
        actions,
        papers: vec![Paper::PlanCard],
        obstacles: [unknown(case), vec![Obstacle::PhoneNoAnswer]].concat(),
        lines: if case.plan_type() == Some(PlanType::Medicaid) { owned(&["medicaid"]) } else { Vec::new() },
        script: Some(Script::Coverage),
        ..Plan::default()
    }
}

pub(super) fn costs(case: &Case<'_>) -> Plan {
    let amounts = amounts::asked(case.message);
    if !amounts.is_empty() {
        return Plan {
            opening: Some(Opening::Amounts),
            amounts: owned(&amounts),
            terms: owned(amounts::terms(case.message)),
            window_facts: owned(amounts::penalty_facts(case.message)),
            ..Plan::default()
        };
    }
    Plan { opening: Some(Opening::Costs), ..coverage(case) }
}

pub(super) fn provider(case: &Case<'_>) -> Plan {
    let mut obstacles = vec![Obstacle::OldLists];
    if case.is_missing(Slot::PlanType) {
        obstacles.push(Obstacle::NoPlanKind);
    }
    if case.is_missing(Slot::Location) {
        obstacles.push(Obstacle::NoState);
    }
    Plan {
        opening: Some(Opening::FindProvider),
        actions: vec![Action::AskNetwork, Action::AskOfficeNetwork, Action::AskListDate, Action::WriteDown],
        papers: vec![Paper::PlanCard],
        obstacles,
        terms: owned(&["network"]),
        script: Some(Script::Network),
        ..Plan::default()
    }
}
