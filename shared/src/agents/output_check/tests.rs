use proptest::prelude::*;

use super::*;

fn grounds() -> Grounds<'static> {
    let today = "2026-11-22".parse().expect("a date");
    let claims =
        ["fact:ma-l1-file", "fact:amount-part_b_premium"].iter().filter_map(|id| Claim::find(id, today)).collect();
    Grounds { today, claims, ..Grounds::default() }
}

fn cleaned(text: &str) -> ComposedReply {
    enforce(ComposedReply::informational(text.to_owned()), &grounds()).reply
}

#[test]
fn the_time_of_one_side_is_not_that_of_the_other() {
    let said = |text: &str| check(&ComposedReply::informational(text.to_owned()), &grounds());
    assert_eq!(said("You have 65 days to appeal from the date on the letter."), []);
    assert_eq!(said("The plan must answer within 65 days of your appeal.").len(), 1);
}

#[test]
fn a_reply_that_is_too_long_becomes_the_safe_one() {
    let reply = cleaned(&"You can appeal. ".repeat(2_000));
    assert!(reply.content.len() < 1_000 && reply.content.contains("1-800-633-4227"));
}

#[test]
fn a_figure_brings_its_citation() {
    let reply =
        cleaned("You can appeal. In 2026, the standard Part B premium is $202.90 a month. Call 1-800-633-4227.");
    let ids: Vec<&str> = reply.citations.iter().map(|citation| citation.id.as_str()).collect();
    assert!(ids.contains(&"fact:amount-part_b_premium") && ids.contains(&"fact:help-medicare"), "{ids:?}");
}

#[test]
fn a_deadline_that_no_claim_counted_goes() {
    let mut reply = ComposedReply::informational("You can ask the plan to look at it again, and say why.".to_owned());
    reply.deadlines.push(crate::agents::DatedDeadline {
        rule: "ma-l1-file".into(),
        source: "fact:ma-l1-file".into(),
        last_day: "2026-12-31".parse().expect("a date"),
        how: String::new(),
        calendar: None,
    });
    let checked = enforce(reply, &grounds());
    assert_eq!(checked.reply.deadlines, []);
    assert_eq!(checked.violations.first().map(|one| one.kind), Some(ViolationKind::UnknownSource));
}

const PIECES: [&str; 14] = [
    "You can appeal. ",
    "Your plan covers it. ",
    "1. Call 1-800-555-0199. ",
    "\n- Ask: “Is it covered? ",
    "What will I pay?” ",
    "$35 a month. ",
    "In 2026, the standard Part B premium is $202.90 a month. ",
    "by December 31, 2026 ",
    "https://evil.example.com/x ",
    "You will win! ",
    "\n\nWhat to do:\n",
    "tome 400 mg. ",
    "<b> ",
    "65 days ",
];

proptest! {
    #[test]
    fn nothing_panics_and_a_clean_reply_stays_clean(
        pieces in proptest::collection::vec(prop_oneof![
            proptest::sample::select(&PIECES[..]).prop_map(str::to_owned),
            "\\PC{0,20}",
        ], 0..12),
    ) {
        let once = cleaned(&pieces.concat());
        prop_assert_eq!(check(&once, &grounds()), []);
    }
}
