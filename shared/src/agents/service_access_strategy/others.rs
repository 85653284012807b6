//! Plans for bills, help with paying, fraud, complaints, acting for somebody, privacy, and a person to talk to.

use super::lines::{Action, Obstacle, Opening, Paper, Script};
use super::{Case, Deadline, Plan};
use crate::agents::fold::fold;
use crate::agents::patient_navigator::{PlanType, Slot};
use crate::agents::task_requirements::Need;
use crate::knowledge::glossary;

fn owned(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

pub(super) fn plan(case: &Case<'_>) -> (Plan, Option<Deadline>) {
    let plan = match case.need {
        Need::Bill => bill(case),
        Need::FinancialHelp => financial_help(case),
        Need::Document => document(case),
        Need::Fraud => Plan {
            opening: Some(Opening::Fraud),
            actions: vec![Action::CallProvider, Action::ReportIt, Action::GiveNoNumber, Action::WriteDown],
            papers: vec![Paper::Bills],
            lines: owned(&["smp", "plan-fraud", "identity-theft"]),
            ..Plan::default()
        },
        Need::Representative => Plan {
            opening: Some(Opening::Representative),
            actions: vec![Action::CallTogether, Action::NameInWriting],
            papers: vec![Paper::RepresentativeForm],
            terms: owned(&["appointed representative"]),
            ..Plan::default()
        },
        Need::Complaint => return complaint(case),
        Need::Privacy => {
            Plan { opening: Some(Opening::Privacy), actions: vec![Action::LeaveNumbersOut], ..Plan::default() }
        }
        Need::HumanHelp => Plan {
            opening: Some(Opening::HumanHelp),
            actions: vec![Action::CallFreeHelp],
            obstacles: if case.facts.place.state.is_none() { vec![Obstacle::NoState] } else { Vec::new() },
            lines: owned(help_for(case.plan_type())),
            ..Plan::default()
        },
        _ => Plan { opening: Some(Opening::Unclear), actions: vec![Action::WhatHappened], ..Plan::default() },
    };
    (plan, None)
}

/// Whom to ask about a kind of plan.
fn help_for(plan: Option<PlanType>) -> &'static [&'static str] {
    match plan {
        Some(PlanType::Employer) => &["ebsa", "consumer-assistance"],
        Some(PlanType::Marketplace) => &["marketplace", "consumer-assistance"],
        Some(PlanType::Medicaid) => &["medicaid"],
        _ => &[],
    }
}

fn bill(case: &Case<'_>) -> Plan {
    Plan {
        opening: Some(Opening::Bill),
        actions: vec![
            Action::WaitForStatement,
            Action::AskItemized,
            Action::AskPlanBill,
            Action::AskSurpriseLaw,
            Action::AppealBill,
            Action::AskHospitalHelp,
        ],
        papers: vec![Paper::Bills, Paper::PlanCard, Paper::CallLog],
        obstacles: if case.is_missing(Slot::PlanType) { vec![Obstacle::NoPlanKind] } else { Vec::new() },
        terms: owned(&["balance billing"]),
        lines: match case.plan_type() {
            Some(PlanType::OriginalMedicare | PlanType::MedicareAdvantage | PlanType::PartD) => Vec::new(),
            Some(PlanType::Medicaid) => owned(&["medicaid"]),
            _ => owned(&["consumer-assistance", "insurance-department"]),
        },
        script: Some(Script::Bill),
        ..Plan::default()
    }
}

fn financial_help(case: &Case<'_>) -> Plan {
    let folded = fold(case.message);
    let is_about_a_bill = folded.contains(" bill ") || folded.contains(" hospital ") || folded.contains(" factura ");
    let mut actions = vec![Action::ApplyExtraHelp, Action::ApplySavings];
    if is_about_a_bill {
        actions.insert(0, Action::AskHospitalHelp);
    }
    if folded.contains(" prescription") || folded.contains(" medic") || folded.contains(" drug") {
        actions.push(Action::AskDoctorCheaper);
    }
    Plan {
        opening: Some(Opening::FinancialHelp),
        actions,
        papers: vec![Paper::IncomeProof],
        obstacles: if case.facts.place.state.is_none() { vec![Obstacle::NoState] } else { Vec::new() },
        amounts: owned(&["extra_help_income_single", "extra_help_income_couple"]),
        terms: owned(&["extra help", "medicare savings program"]),
        lines: owned(&["social-security", "medicaid"]),
        script: Some(Script::Help),
        ..Plan::default()
    }
}

fn document(case: &Case<'_>) -> Plan {
    let found = glossary::find(&fold(case.message));
    Plan {
        opening: Some(Opening::Document),
        actions: vec![Action::CheckDates, Action::WhatHappened],
        terms: found.into_iter().map(|term| term.word.to_owned()).collect(),
        ..Plan::default()
    }
}

fn complaint(case: &Case<'_>) -> (Plan, Option<Deadline>) {
    let is_medicare_plan = matches!(case.plan_type(), Some(PlanType::MedicareAdvantage | PlanType::PartD));
    let mut obstacles = Vec::new();
    if case.is_missing(Slot::PlanType) {
        obstacles.push(Obstacle::NoPlanKind);
    }
    if case.is_missing(Slot::State) {
        obstacles.push(Obstacle::NoState);
    }
    let plan = Plan {
        opening: Some(Opening::Complaint),
        rule: is_medicare_plan.then(|| "grievance".to_owned()),
        actions: if is_medicare_plan {
            vec![Action::FileGrievance, Action::SayWhatHappened]
        } else {
            vec![Action::FileGrievance, Action::SayWhatHappened, Action::ComplainDepartment]
        },
        papers: vec![Paper::CallLog],
        obstacles,
        answers: if is_medicare_plan { owned(&["grievance-decide"]) } else { Vec::new() },
        terms: owned(&["grievance"]),
        lines: if is_medicare_plan { owned(&["ombudsman"]) } else { owned(&["insurance-department"]) },
        script: Some(Script::Complaint),
        ..Plan::default()
    };
    (plan, None)
}
