use super::*;
use crate::agents::turn::{Affected, Reason};
use crate::knowledge::deadlines::Level;

fn today() -> NaiveDate {
    "2026-11-22".parse().expect("a date")
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

fn appeal(text: &str) -> Facts {
    read(text, Some(Need::Appeal), today()).facts
}

#[test]
fn the_facts_of_a_denial_are_read() {
    let facts = appeal(
        "The letter of October 2, 2026 says my mother's MRI is not medically necessary. We got it on October 7.",
    );
    assert_eq!((facts.notice_date, facts.received_date), (day("2026-10-02"), day("2026-10-07")));
    assert_eq!((facts.reason, facts.affected), (Some(Reason::NotNecessary), Some(Affected::Mother)));
    assert_eq!(facts.service.as_deref(), Some("MRI"));
    let facts = appeal("Me negaron la silla de ruedas el 2 de octubre de 2026, fuera de la red.");
    assert_eq!((facts.notice_date, facts.reason), (day("2026-10-02"), Some(Reason::OutOfNetwork)));
    assert_eq!(facts.service.as_deref(), Some("wheelchair"));
}

#[test]
fn the_date_of_the_service_is_not_that_of_the_letter() {
    let facts = appeal("Date of service: 09/15/2026. Your claim is denied.");
    assert_eq!(facts.notice_date, None);
    let facts = appeal("Notice date: 10/02/2026\nDate of service: 09/15/2026\nYou must appeal by December 6, 2026.");
    assert_eq!((facts.notice_date, facts.printed_last_day), (day("2026-10-02"), day("2026-12-06")));
}

#[test]
fn a_letter_of_the_future_or_of_long_ago_has_no_date() {
    assert_eq!(appeal("the letter is dated October 2, 2027").notice_date, None);
    assert_eq!(appeal("the letter is dated October 2, 1999").notice_date, None);
}

#[test]
fn a_denied_appeal_is_another_level() {
    assert_eq!(appeal("They denied my appeal").level, Some(Level::Second));
    assert_eq!(appeal("me negaron la apelación otra vez, negaron mi apelación").level, Some(Level::Second));
    assert_eq!(appeal("They denied my MRI").level, None);
}

#[test]
fn the_65th_birthday_is_read_with_and_without_a_day() {
    let birth = |text: &str| read(text, Some(Need::Enrollment), today()).facts.birth_date;
    assert_eq!(birth("I turn 65 in March. When do I sign up?"), day("1962-03-02"));
    assert_eq!(birth("Cumplo 65 en marzo de 2027"), day("1962-03-02"));
    assert_eq!(birth("I turn 65 next month"), day("1961-12-02"));
    assert_eq!(birth("I turned 65 in August and never signed up"), day("1961-08-02"));
    assert_eq!(birth("Cumplí 65 en octubre"), day("1961-10-02"));
    assert_eq!(birth("I was born on June 2, 1962"), day("1962-06-02"));
}

#[test]
fn why_somebody_signs_up_is_read_with_its_day() {
    let read = |text: &str| read(text, Some(Need::Enrollment), today()).facts;
    let lost = read("I lost my job coverage on November 15, 2026");
    assert_eq!((lost.occasion, lost.event_date), (Some(Occasion::LostJobCoverage), day("2026-11-15")));
    assert_eq!(read("My son turns 26 in May").occasion, Some(Occasion::Turning26));
    assert_eq!(read("When is open enrollment on HealthCare.gov?").occasion, Some(Occasion::MarketplaceEnrollment));
    assert_eq!(read("When is Medicare open enrollment?").occasion, Some(Occasion::OpenEnrollment));
    assert_eq!(read("I need insurance").occasion, None);
}

#[test]
fn not_to_know_is_an_answer() {
    for text in ["I don't know", "not sure", "no sé", "no lo tengo"] {
        assert!(read(text, None, today()).is_declined, "{text}");
    }
    assert!(!read("Medicare Advantage", None, today()).is_declined);
}

#[test]
fn the_year_of_a_question_is_read() {
    assert_eq!(year_asked("What is the Part B premium in 2027?", today()), Some(2027));
    assert_eq!(year_asked("the premium next year", today()), Some(2027));
    assert_eq!(year_asked("la prima del próximo año", today()), Some(2027));
    assert_eq!(year_asked("What is the premium?", today()), None);
}
