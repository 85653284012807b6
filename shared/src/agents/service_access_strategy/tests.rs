use super::*;
use crate::agents::output_check::{self, Grounds};
use crate::agents::regulatory::claims::Claim;
use crate::agents::rehearsal::Rehearsal;
use crate::agents::{ComposedReply, Language};
use lines::{Action, Obstacle, Opening, Paper, Script};

fn today() -> NaiveDate {
    "2026-11-22".parse().expect("a date")
}

fn strategy(messages: &[&str]) -> Strategy {
    let mut rehearsal = Rehearsal::on(today());
    let mut turns: Vec<_> = messages.iter().map(|message| rehearsal.say(message).expect("a turn")).collect();
    let state = turns.pop().expect("a turn").state;
    serde_json::from_value(state["strategy"].clone()).expect("a strategy")
}

fn last_day(message: &str) -> (String, String) {
    let deadline = strategy(&[message]).deadline.unwrap_or_else(|| panic!("no deadline: {message}"));
    (deadline.rule, deadline.last_day.to_string())
}

#[test]
fn the_last_day_is_that_of_the_track_the_level_and_the_subject() {
    for (message, rule, day) in [
        ("Medicare Advantage denied my MRI, letter dated October 2, 2026", "ma-l1-file", "2026-12-06"),
        ("My Part D plan denied Eliquis, letter dated October 2, 2026", "d-l1-file", "2026-12-06"),
        ("Original Medicare denied my wheelchair, notice dated October 2, 2026", "om-l1-file", "2027-02-04"),
        ("My employer plan denied my MRI, letter dated October 2, 2026", "com-int-file", "2027-03-31"),
        (
            "My marketplace plan denied my MRI. I got the letter on October 5, 2026, dated October 2, 2026",
            "com-int-file",
            "2027-04-03",
        ),
        ("My employer plan denied my appeal for the MRI, letter dated October 2, 2026", "com-ext-file", "2027-02-02"),
        ("My Part D plan denied my appeal for Eliquis, letter dated October 2, 2026", "d-l2-file", "2026-12-06"),
        (
            "Medicare Advantage denied my MRI, dated October 2, 2026. The letter says I must appeal by December 1, 2026",
            "ma-l1-file",
            "2026-12-01",
        ),
        ("I want to appeal the Part D late enrollment penalty, letter dated October 2, 2026", "lep-file", "2026-12-01"),
    ] {
        assert_eq!(last_day(message), (rule.to_owned(), day.to_owned()), "{message}");
    }
}

#[test]
fn a_last_day_that_has_passed_is_said_to_have() {
    let strategy = strategy(&["Medicare Advantage denied my MRI, letter dated July 1, 2026"]);
    assert!(strategy.deadline.expect("a deadline").has_passed);
}

#[test]
fn where_waiting_does_harm_the_fast_way_comes_first() {
    let found = strategy(&[
        "My doctor says I can't wait. Medicare Advantage denied my heart surgery, letter of November 10, 2026",
    ]);
    assert_eq!(found.plan.actions.first(), Some(&Action::AskFastNow));
    assert_eq!(found.plan.answers, ["ma-l1-decide-fast"]);
    assert!(found.plan.is_urgent);
}

#[test]
fn a_drug_brings_the_exception_and_a_reason_its_answer() {
    let found = strategy(&["My Part D plan denied Ozempic, it says step therapy, letter dated October 2, 2026"]);
    assert!(
        found.plan.actions.contains(&Action::AnswerStepTherapy) && found.plan.actions.contains(&Action::AskException)
    );
    let found = strategy(&[
        "Medicare Advantage says my MRI is not medically necessary and denied it, letter dated October 2, 2026",
    ]);
    assert_eq!(found.plan.actions.first(), Some(&Action::AnswerNotNecessary));
}

#[test]
fn medicaid_has_no_rule_of_the_table() {
    let found = strategy(&["Medicaid denied my wheelchair, letter dated November 1, 2026"]);
    assert!(found.deadline.is_none() && found.plan.rule.is_none());
    assert!(found.plan.actions.contains(&Action::UsePrintedDay) && found.plan.lines.contains(&"medicaid".to_owned()));
}

#[test]
fn care_that_ends_goes_to_the_review_organization() {
    let found = strategy(&[
        "We got a Notice of Medicare Non-Coverage for dad's nursing home, the last day is November 27, 2026. It's Medicare Advantage",
    ]);
    let deadline = found.deadline.clone().unwrap_or_else(|| panic!("{found:?}"));
    assert_eq!((deadline.rule.as_str(), deadline.last_day.to_string()), ("qio-other", "2026-11-26".to_owned()));
    assert_eq!(found.plan.actions.first(), Some(&Action::CallReviewer));
    let found = strategy(&["The hospital wants to send my mother home tomorrow and she can't even stand"]);
    let rule = found.deadline.map(|deadline| deadline.rule).or(found.plan.rule);
    assert_eq!(rule.as_deref(), Some("qio-hospital"), "the day of the discharge, not noon of the day before");
}

#[test]
fn every_need_has_a_plan_whose_facts_exist() {
    for message in [
        "The ER doctor billed me $3,000 and says he's not in my plan",
        "I can't afford my prescriptions",
        "My statement shows a test I never had",
        "Can my daughter talk to Medicare for me?",
        "Where do I file a complaint about rude customer service at my Medicare Advantage plan?",
        "Who can see this chat?",
        "Is there a penalty for signing up late for Part B?",
        "I lost my job coverage on November 15, 2026, can I get a Marketplace plan now?",
        "How do I get prior authorization for an MRI from my Medicare Advantage plan?",
        "Which dermatologists near 30076 take my insurance?",
        "does medicaid cover braces for kids",
    ] {
        let found = strategy(&[message]);
        assert!(found.plan.opening.is_some() && found.plan.opening != Some(Opening::Unclear), "{message}: {found:?}");
        for id in found.claims() {
            assert!(Claim::find(&id, today()).is_some(), "{message}: {id}");
        }
    }
}

#[test]
fn the_plan_is_sure_only_when_every_figure_was_read_and_every_fact_is_known() {
    let confidence = |message: &str| strategy(&[message]).plan.confidence;
    assert_eq!(confidence("Medicare Advantage denied my MRI, letter dated October 2, 2026"), Confidence::High);
    assert_eq!(confidence("Original Medicare denied my MRI, notice dated October 2, 2026"), Confidence::Medium);
    assert_eq!(confidence("blue green seven"), Confidence::Low);
}

fn every_line() -> Vec<crate::knowledge::Text> {
    let texts = [
        Action::ALL.iter().map(|line| line.text()).collect::<Vec<_>>(),
        Paper::ALL.iter().map(|line| line.text()).collect(),
        Obstacle::ALL.iter().map(|line| line.text()).collect(),
        Opening::ALL.iter().map(|line| line.text()).collect(),
        Script::ALL.iter().map(|line| line.text()).collect(),
    ];
    texts.concat()
}

#[test]
fn no_line_states_what_would_need_a_source() {
    for line in every_line() {
        for language in [Language::En, Language::Es] {
            let slots = Slots { service: "Eliquis".into(), plan: language.pick("your plan", "su plan").into() };
            let text = slots.fill(line, language);
            let grounds = Grounds { today: today(), language, ..Grounds::default() };
            let reply = ComposedReply::informational(text.clone());
            assert_eq!(output_check::check(&reply, &grounds), [], "{text}");
        }
    }
}
