use chrono::NaiveDate;

use proptest::prelude::*;

use crate::agents::rehearsal::Rehearsal;
use crate::agents::{ComposedReply, ResponseType, Urgency};
use crate::workflow::step::Step;

fn today() -> NaiveDate {
    "2026-11-22".parse().expect("a date")
}

fn last(messages: &[&str]) -> ComposedReply {
    let mut rehearsal = Rehearsal::on(today());
    let mut replies: Vec<_> = messages.iter().map(|message| rehearsal.say(message).expect("a turn").reply).collect();
    replies.pop().expect("a reply")
}

#[test]
fn an_emergency_is_answered_by_the_first_step_and_first() {
    for (message, number) in
        [("I have crushing chest pain, does my plan cover the ER?", "911"), ("quiero morirme", "988")]
    {
        let turn = Rehearsal::on(today()).say(message).expect("a turn");
        assert_eq!(turn.steps, [Step::SecurityCheck, Step::ChatResponse], "{message}");
        assert_eq!((turn.reply.response_type, turn.reply.urgency), (ResponseType::Emergency, Urgency::Emergency));
        assert!(turn.reply.content.contains(number));
    }
    let appeal = Rehearsal::on(today()).say("my suicide-treatment claim was denied").expect("a turn");
    assert_eq!(appeal.reply.response_type, ResponseType::Request);
    assert_eq!(appeal.state["analysis"]["intent"], "appeal_denial");
}

#[test]
fn a_deadline_comes_with_its_count_its_source_and_its_calendar() {
    let reply = last(&["Medicare Advantage denied my MRI, letter dated October 2, 2026"]);
    assert_eq!((reply.response_type, reply.urgency), (ResponseType::Guidance, Urgency::Soon));
    let deadline = reply.deadlines.first().expect("a deadline");
    assert_eq!((deadline.rule.as_str(), deadline.last_day.to_string()), ("ma-l1-file", "2026-12-06".to_owned()));
    assert!(deadline.how.contains("65 days"));
    let path = "/regulatory/deadlines/ma-l1-file/calendar?lang=en&dated=2026-10-02&plan=medicare_advantage";
    assert_eq!(deadline.calendar.as_deref(), Some(path));
    assert!(reply.citations.iter().any(|citation| citation.id == deadline.source));
}

#[test]
fn a_missed_last_day_brings_good_cause_and_no_calendar() {
    let reply = last(&["Original Medicare denied my MRI, notice dated January 5, 2026"]);
    assert!(reply.content.contains("seems to have been") && reply.content.contains("good cause"), "{}", reply.content);
    assert_eq!(reply.deadlines.first().map(|deadline| deadline.calendar.is_none()), Some(true));
}

#[test]
fn help_is_that_of_the_persons_state_and_plan() {
    let reply = last(&["Medicare Advantage denied my MRI, letter dated October 2, 2026. I live in Texas."]);
    assert!(reply.content.contains("1-800-252-9240"), "{}", reply.content);
    let reply = last(&["My employer plan denied my MRI, letter dated October 2, 2026"]);
    assert!(reply.content.contains("1-866-444-3272") && !reply.content.contains("1-800-MEDICARE"), "{}", reply.content);
}

#[test]
fn an_amount_is_given_with_its_year_and_withheld_for_another() {
    let this = last(&["How much is the Part B premium?"]);
    assert!(this.content.contains("In 2026, the standard Part B premium is $202.90 a month."), "{}", this.content);
    let next = last(&["How much will the Part B premium be in 2027?"]);
    assert!(!next.content.contains('$') && next.content.contains("for 2026 only"), "{}", next.content);
    let mut later = Rehearsal::on("2027-01-01".parse().expect("a date"));
    let later = later.say("How much is the Part B premium?").expect("a turn").reply;
    assert!(!later.content.contains('$') && later.content.contains("medicare-costs"), "{}", later.content);
}

#[test]
fn the_language_stays_when_a_message_does_not_tell_it() {
    let reply = last(&["Me negaron la silla de ruedas", "Medicare Advantage"]);
    assert!(reply.content.contains("\n\nGracias"), "{}", reply.content);
    let reply = last(&["They denied my wheelchair", "Medicare Advantage"]);
    assert!(reply.content.contains("\n\nThank you"), "{}", reply.content);
}

#[test]
fn an_open_question_is_remembered_after_another_answer() {
    let reply = last(&["They denied my wheelchair", "What does coinsurance mean?"]);
    assert!(
        reply.content.contains("Coinsurance is") && reply.content.contains("I still need: the kind of plan"),
        "{}",
        reply.content
    );
}

#[test]
fn a_letter_holds_the_facts_and_the_deadline() {
    let denial = "Medicare Advantage denied my wheelchair as not medically necessary, letter dated October 2, 2026";
    let reply = last(&[denial, "write me the letter"]);
    for text in
        ["DRAFT.", "Your last day: December 6, 2026.", "wheelchair", "not medically necessary", "[YOUR FULL NAME]"]
    {
        assert!(reply.content.contains(text), "{text}\n{}", reply.content);
    }
}

#[test]
fn nothing_of_the_person_comes_back() {
    let reply = last(&[
        "I'm Jane Brewster, SSN 123-45-6789, MBI 1EG4-TE5-MK73. Medicare Advantage denied my MRI at Mercy Clinic, letter dated October 2, 2026",
        "write me the letter",
    ]);
    for private in ["Jane", "Brewster", "6789", "MK73", "Mercy"] {
        assert!(!reply.content.contains(private), "{private}\n{}", reply.content);
    }
}

const WORDS: [&str; 24] = [
    "denied",
    "MRI",
    "Medicare Advantage",
    "letter dated October 2, 2026",
    "¿",
    "carta",
    "negaron",
    "mi plan",
    "65",
    "$35",
    "write me the letter",
    "escríbame la carta",
    "hospital",
    "tomorrow",
    "I don't know",
    "Part B",
    "premium",
    "2027",
    "Texas",
    "30076",
    "123-45-6789",
    "\u{202e}",
    "שלום",
    "🙂",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_conversation_gets_answers_and_none_breaks_a_rule(
        turns in proptest::collection::vec(proptest::collection::vec(prop_oneof![
            3 => proptest::sample::select(&WORDS[..]).prop_map(str::to_owned),
            1 => "\\PC{0,12}",
        ], 0..8), 1..4),
    ) {
        let mut rehearsal = Rehearsal::on(today());
        for words in turns {
            let message = words.join(" ");
            let turn = rehearsal.say(&message).expect("an answer");
            prop_assert!(turn.reply.content.len() > 20, "{message}");
            prop_assert!(turn.state.get("output_check").is_none(), "{message}: {}\n{}", turn.state["output_check"], turn.reply.content);
            prop_assert!(!turn.reply.content.contains("123-45-6789"), "{message}");
        }
    }
}
