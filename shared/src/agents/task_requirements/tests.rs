use chrono::NaiveDate;

use super::*;
use crate::agents::TurnState;
use crate::agents::patient_navigator::PlanType;
use crate::agents::regulatory::facts_of;
use crate::agents::rehearsal::{Rehearsal, Turn};

fn today() -> NaiveDate {
    "2026-11-22".parse().expect("a date")
}

fn talk(messages: &[&str]) -> (Rehearsal, Turn) {
    let mut rehearsal = Rehearsal::on(today());
    let mut turns: Vec<Turn> = messages.iter().map(|message| rehearsal.say(message).expect("a turn")).collect();
    (rehearsal, turns.pop().expect("a turn"))
}

/// What was found, with the facts as the later steps see them.
fn requirements(turn: &Turn) -> Requirements {
    let state: TurnState = serde_json::from_value(turn.state.clone()).expect("a state");
    let facts = facts_of(&state);
    Requirements { facts, ..state.requirements.expect("requirements") }
}

fn asked(messages: &[&str]) -> Vec<Slot> {
    let found = requirements(&talk(messages).1);
    if found.asks() { found.missing } else { Vec::new() }
}

#[test]
fn one_question_asks_for_everything_and_an_answer_in_pieces_for_the_rest() {
    let first = "How do I appeal?";
    assert_eq!(asked(&[first]), [Slot::PlanType, Slot::NoticeDate, Slot::Service]);
    assert_eq!(asked(&[first, "Medicare Advantage"]), [Slot::NoticeDate, Slot::Service]);
    assert_eq!(asked(&[first, "Medicare Advantage", "an MRI"]), [Slot::NoticeDate]);
    let (_, last) = talk(&[first, "Medicare Advantage", "an MRI", "October 2, 2026"]);
    let found = requirements(&last);
    assert!(found.missing.is_empty() && !found.asks());
    assert_eq!(found.facts.plan_type, Some(PlanType::MedicareAdvantage));
    assert_eq!(found.facts.thing(), Some("MRI"));
}

#[test]
fn who_does_not_know_gets_a_plan_without_it() {
    let (_, turn) = talk(&["My Medicare Advantage plan denied my MRI", "I don't know"]);
    let found = requirements(&turn);
    assert_eq!(
        (found.missing.as_slice(), found.goes_on, found.need),
        (&[Slot::NoticeDate][..], true, Some(Need::Appeal))
    );
}

#[test]
fn what_was_gone_on_without_is_not_asked_again_and_a_late_fact_still_counts() {
    let talk =
        talk(&["My Medicare Advantage plan denied my MRI", "I don't know", "the letter is dated October 2, 2026"]);
    let found = requirements(&talk.1);
    assert_eq!((found.need, found.missing.len()), (Some(Need::Appeal), 0));
    assert_eq!(found.facts.notice_date, "2026-10-02".parse().ok());
}

#[test]
fn what_earlier_messages_say_is_not_asked_again() {
    // The short way keeps no state: the plan and the state are read from the earlier message.
    let (_, turn) = talk(&["I have Medicare Advantage in Ohio. What is a deductible?", "They denied my MRI"]);
    let found = requirements(&turn);
    assert_eq!(found.missing, [Slot::NoticeDate]);
    assert_eq!(found.facts.place.state.as_deref(), Some("OH"));
}

#[test]
fn another_denial_is_another_case() {
    let first = "My Medicare Advantage plan denied my MRI, letter of October 2, 2026";
    assert_eq!(asked(&[first]), []);
    assert_eq!(asked(&[first, "They also denied my wheelchair"]), [Slot::NoticeDate]);
}

#[test]
fn care_that_ends_does_not_wait_for_an_answer() {
    let (_, turn) = talk(&["The hospital wants to send my mother home tomorrow and she can't even stand"]);
    let found = requirements(&turn);
    assert_eq!((found.need, found.asks()), (Some(Need::FastAppeal), false));
    assert_eq!(found.missing, [Slot::PlanType]);
}

#[test]
fn a_letter_belongs_to_the_need_of_the_plan_before() {
    let (rehearsal, turn) =
        talk(&["My Medicare Advantage plan denied my MRI, letter of October 2, 2026", "thanks", "write me the letter"]);
    let found = requirements(&turn);
    assert_eq!((found.letter, found.need), (Some(LetterKind::Appeal), Some(Need::Appeal)));
    assert_eq!(found.facts.notice_date, "2026-10-02".parse().ok());
    assert!(rehearsal.carried().is_some_and(|carried| carried.get("need").is_none()));
}

#[test]
fn signing_up_at_65_asks_for_the_birth_date() {
    assert_eq!(asked(&["I'm turning 65, how do I enroll in Medicare?"]), [Slot::BirthDate]);
    assert_eq!(asked(&["I need insurance"]), [Slot::Situation]);
    assert_eq!(asked(&["I turn 65 in March. When do I sign up for Medicare?"]), []);
}

#[test]
fn an_amount_of_the_year_needs_no_fact() {
    assert_eq!(asked(&["How much is the Part B premium?"]), []);
    assert_eq!(asked(&["How much will I have to pay?"]), [Slot::PlanType, Slot::Service]);
}

#[test]
fn a_state_of_version_1_without_the_new_fields_is_read() {
    let old = r#"{"need":"appeal_denial","facts":{"plan_type":"part_d","notice_date":"2026-10-02"}}"#;
    let carried: Carried = serde_json::from_str(old).expect("read");
    assert_eq!((carried.asked.len(), carried.last), (0, None));
    let old: Requirements = serde_json::from_str(r#"{"missing":["plan_type"]}"#).expect("read");
    assert!(old.asks());
}
