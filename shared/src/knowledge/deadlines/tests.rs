//! Deadlines worked by hand: every rule at least twice, and the cases around a letter.

use chrono::{NaiveDate, NaiveTime};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn today() -> NaiveDate {
    date("2026-11-22")
}

fn named(id: &str) -> &'static Rule {
    rule(id).unwrap_or_else(|| panic!("{id}"))
}

/// The date that a rule counts from, and nothing else.
fn only(rule: &Rule, start: NaiveDate) -> Known {
    let mut known = Known::default();
    match rule.from {
        Event::NoticeDate => known.dated = Some(start),
        Event::NoticeReceipt => known.received = Some(start),
        _ => known.event = Some(start),
    }
    known
}

/// Worked out apart from this code, on a calendar. The days cross the ends of years, the leap days of 2024 and 2028, the
/// changes of the clock in March and November, and the months of 28 to 31 days. `cargo eval` reads the same file.
const WORKED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/eval/deadlines.jsonl"));

#[derive(Deserialize)]
struct Worked {
    rule: String,
    from: NaiveDate,
    last_day: NaiveDate,
}

#[test]
fn every_rule_gives_the_days_worked_out_by_hand() {
    let worked: Vec<Worked> = WORKED.lines().map(|line| serde_json::from_str(line).expect("an example")).collect();
    for Worked { rule: id, from, last_day } in &worked {
        let rule = named(id);
        let counted = rule.count(&only(rule, *from), today()).unwrap_or_else(|error| panic!("{id}: {error}"));
        assert_eq!(counted.last_day, *last_day, "{id} from {from}");
        assert!(counted.safe_day <= counted.last_day, "{id}");
        assert_eq!(counted.has_passed, *last_day < today(), "{id}");
        assert_eq!(counted.days_left, (*last_day - today()).num_days(), "{id}");
    }
    for rule in rules().iter().filter(|rule| rule.kind != Kind::MinimumUsd) {
        let examples = worked.iter().filter(|worked| worked.rule == rule.id).count();
        assert!(examples >= 2, "{} has {examples} worked examples", rule.id);
    }
}

#[test]
fn an_amount_is_no_time() {
    for id in ["om-l3-amount", "om-l5-amount"] {
        let rule = named(id);
        let known = Known { dated: Some(today()), event: Some(today()), ..Known::default() };
        assert_eq!(rule.count(&known, today()), Err(CannotCount::NotATime));
        assert_eq!(rule.last_day(today()), None);
        let threshold = crate::knowledge::amounts::threshold_of(id, today()).expect("a threshold");
        assert!(matches!(rule.span, Span::Usd(usd) if u64::from(usd) * 100 == threshold.cents));
    }
}

#[test]
fn the_count_is_said_in_both_languages() {
    let counted = named("ma-l1-file")
        .count(&Known { dated: Some(date("2026-10-02")), ..Known::default() }, today())
        .expect("a deadline");
    assert_eq!(counted.last_day, date("2026-12-06"));
    assert_eq!(counted.how.en, "65 days from the date on the denial notice, October 2, 2026; the day after is day 1.");
    assert_eq!(
        counted.how.es,
        "65 días desde la fecha del aviso de negación, 2 de octubre de 2026; el día siguiente es el día 1."
    );
    assert_eq!((counted.days_left, counted.has_passed), (14, false));
    // December 6, 2026 is a Sunday: nothing read moves it, so the Friday before is the safe day.
    assert_eq!(counted.safe_day, date("2026-12-04"));
    assert!(counted.caution.en.contains("act by Friday, December 4, 2026."), "{}", counted.caution.en);
    assert!(counted.caution.es.contains("viernes, 4 de diciembre de 2026."), "{}", counted.caution.es);
}

#[test]
fn the_day_printed_on_the_notice_wins() {
    let known = Known {
        dated: Some(date("2026-10-02")),
        received: Some(date("2026-10-05")),
        printed_last_day: Some(date("2026-12-01")),
        ..Known::default()
    };
    for id in ["ma-l1-file", "om-l1-file", "com-int-file", "qio-hospital"] {
        let counted = named(id).count(&known, today()).expect("a deadline");
        assert_eq!((counted.last_day, counted.basis), (date("2026-12-01"), Basis::Printed), "{id}");
        assert!(!counted.is_estimate, "a printed day is none: {id}");
        assert!(counted.how.en.contains("December 1, 2026 as the last day"), "{}", counted.how.en);
    }
    // It is a day to act by, not one for the other side's decision.
    let counted = named("ma-l1-decide-pre")
        .count(&Known { event: Some(date("2026-10-02")), ..known }, today())
        .expect("a deadline");
    assert_eq!(counted.last_day, date("2026-11-01"));
}

#[test]
fn the_day_of_arrival_is_not_taken_for_the_date_on_the_notice() {
    let counted = named("ma-l1-file")
        .count(&Known { received: Some(date("2026-10-05")), ..Known::default() }, today())
        .expect("a deadline");
    assert_eq!((counted.last_day, counted.basis), (date("2026-12-09"), Basis::ReceivedForDated));
    assert!(counted.how.en.contains("later than the true last day"), "{}", counted.how.en);
    assert!(counted.caution.en.contains("Look for the date printed on the notice"), "{}", counted.caution.en);
    let both = Known { dated: Some(date("2026-10-02")), received: Some(date("2026-10-05")), ..Known::default() };
    assert_eq!(named("ma-l1-file").count(&both, today()).expect("a deadline").last_day, date("2026-12-06"));
}

#[test]
fn the_date_on_a_letter_is_the_safe_side_where_arrival_counts() {
    let rule = named("om-l2-file");
    let dated = Known { dated: Some(date("2026-10-02")), ..Known::default() };
    let counted = rule.count(&dated, today()).expect("a deadline");
    assert_eq!((counted.last_day, counted.basis), (date("2027-03-31"), Basis::DatedForReceived));
    assert!(counted.how.en.contains("to be safe"), "{}", counted.how.en);
    let counted = rule.count(&Known { received: Some(date("2026-10-06")), ..dated }, today()).expect("a deadline");
    assert_eq!((counted.last_day, counted.basis), (date("2027-04-04"), Basis::Received));
}

#[test]
fn a_presumed_arrival_is_counted_and_an_estimate_says_so() {
    // 120 days and 5 of the mail, whose figures are not in the booklet: 2026-10-02 + 125 = 2027-02-04.
    let rule = named("om-l1-file");
    let dated = Known { dated: Some(date("2026-10-02")), ..Known::default() };
    let counted = rule.count(&dated, today()).expect("a deadline");
    assert_eq!((counted.last_day, counted.basis), (date("2027-02-04"), Basis::PresumedReceived));
    assert!(counted.is_estimate);
    assert!(counted.caution.en.starts_with("This is an estimate; use the date printed on your notice."));
    assert!(counted.caution.es.starts_with("Es una estimación; use la fecha impresa en su aviso."));
    // Without the mail it is January 30, 2027, a Saturday: Friday is the safe day.
    assert_eq!(counted.safe_day, date("2027-01-29"));
    // It arrived sooner than presumed.
    let sooner = rule.count(&Known { received: Some(date("2026-10-05")), ..dated }, today()).expect("a deadline");
    assert_eq!((sooner.last_day, sooner.basis), (date("2027-02-02"), Basis::Received));
    // Later than presumed: the earlier day counts.
    let later = rule.count(&Known { received: Some(date("2026-10-20")), ..dated }, today()).expect("a deadline");
    assert_eq!(later.last_day, date("2027-02-04"));
    // Social Security's letter says the five days itself: no estimate. 2026-09-15 + 5 + 60 = 2026-11-19.
    let counted = named("lis-file")
        .count(&Known { dated: Some(date("2026-09-15")), ..Known::default() }, today())
        .expect("a deadline");
    assert_eq!((counted.last_day, counted.is_estimate), (date("2026-11-19"), false));
}

#[test]
fn a_complaint_about_an_advantage_plan_is_an_estimate_and_one_about_a_drug_plan_is_read() {
    let rule = named("grievance");
    let known = |track| Known { event: Some(today()), track: Some(track), ..Known::default() };
    assert!(rule.count(&known(Track::MedicareAdvantage), today()).expect("a deadline").is_estimate);
    assert!(!rule.count(&known(Track::PartD), today()).expect("a deadline").is_estimate);
}

#[test]
fn hours_run_by_the_clock_where_the_time_is_known() {
    let rule = named("d-cd-fast");
    let at = |day: &str, hour| Known {
        event: Some(date(day)),
        time: NaiveTime::from_hms_opt(hour, 30, 0),
        ..Known::default()
    };
    let counted = rule.count(&at("2028-02-28", 14), today()).expect("a deadline");
    assert_eq!((counted.last_day, counted.until), (date("2028-02-29"), NaiveTime::from_hms_opt(14, 30, 0)));
    let counted = named("ma-od-fast").count(&at("2026-12-30", 9), today()).expect("a deadline");
    assert_eq!((counted.last_day, counted.until), (date("2027-01-02"), NaiveTime::from_hms_opt(9, 30, 0)));
    // A night in which the clock changes is a night like others: dates have no zone.
    let counted = rule.count(&at("2026-10-31", 23), today()).expect("a deadline");
    assert_eq!((counted.last_day, counted.until), (date("2026-11-01"), NaiveTime::from_hms_opt(23, 30, 0)));
}

#[test]
fn care_that_ends_is_appealed_by_noon_of_the_day_before() {
    let known = Known { event: Some(date("2026-11-27")), ..Known::default() };
    let counted = named("qio-other").count(&known, today()).expect("a deadline");
    // Thanksgiving Day; the review organization is called all the same, so no earlier day is named.
    assert_eq!((counted.last_day, counted.safe_day), (date("2026-11-26"), date("2026-11-26")));
    assert_eq!(counted.until, NaiveTime::from_hms_opt(12, 0, 0));
    assert_eq!(counted.how.en, "Noon of the day before the end date on the notice, November 27, 2026.");
}

#[test]
fn the_last_day_itself_is_in_time_and_the_day_after_is_not() {
    let known = Known { dated: Some(date("2026-10-02")), ..Known::default() };
    let on = |day: &str| named("ma-l1-file").count(&known, date(day)).expect("a deadline");
    assert_eq!((on("2026-12-06").has_passed, on("2026-12-06").days_left), (false, 0));
    assert_eq!((on("2026-12-07").has_passed, on("2026-12-07").days_left), (true, -1));
    assert!(on("2026-12-07").what_now.en.contains("write down why it is late"));
    let msn = Known { printed_last_day: Some(date("2026-11-01")), ..Known::default() };
    let late = named("om-l1-file").count(&msn, today()).expect("a deadline");
    assert!(late.what_now.en.contains("good cause") && late.what_now.es.contains("causa justificada"));
    // The text on external reviews says nothing of late ones, and so does the answer.
    let old = Known { received: Some(date("2026-01-05")), ..Known::default() };
    let late = named("com-ext-file").count(&old, today()).expect("a deadline");
    assert!(late.what_now.en.contains("does not say whether a late request is taken"), "{}", late.what_now.en);
}

#[test]
fn extra_days_of_the_other_side_are_named() {
    let known = Known { event: Some(date("2026-11-02")), ..Known::default() };
    let counted = named("ma-l1-decide-pre").count(&known, today()).expect("a deadline");
    assert_eq!((counted.last_day, counted.with_extension), (date("2026-12-02"), Some(date("2026-12-16"))));
    let on = |day: &str| named("ma-l1-decide-pre").count(&known, date(day)).expect("a deadline").what_now.en;
    assert!(on("2026-12-16").contains("unless you were told in writing"));
    assert!(on("2026-12-17").contains("you can file a complaint"));
}

#[test]
fn what_is_missing_is_named() {
    let none = Known::default();
    assert_eq!(named("ma-l1-file").count(&none, today()), Err(CannotCount::Missing(Event::NoticeDate)));
    assert_eq!(named("om-l2-file").count(&none, today()), Err(CannotCount::Missing(Event::NoticeReceipt)));
    assert_eq!(named("ma-od-std").count(&none, today()), Err(CannotCount::Missing(Event::Request)));
    assert_eq!(named("qio-hospital").count(&none, today()), Err(CannotCount::Missing(Event::Discharge)));
}

#[test]
fn the_first_appeal_of_each_kind_of_plan() {
    for (track, id) in [
        (Track::OriginalMedicare, "om-l1-file"),
        (Track::MedicareAdvantage, "ma-l1-file"),
        (Track::PartD, "d-l1-file"),
        (Track::Commercial, "com-int-file"),
        (Track::Marketplace, "mkt-file"),
        (Track::ExtraHelp, "lis-file"),
    ] {
        assert_eq!(Rule::first_appeal(track).map(|rule| rule.id), Some(id));
    }
    let amounts = |track| for_situation(track, Level::Third, Kind::MinimumUsd).next();
    assert_eq!(amounts(Track::PartD).and_then(|rule| rule.page_for(Track::PartD)), Some(37));
    assert_eq!(amounts(Track::MedicareAdvantage).and_then(|rule| rule.page_for(Track::MedicareAdvantage)), Some(23));
}

#[test]
fn a_counted_deadline_survives_storage() {
    let known = Known { dated: Some(date("2026-10-02")), ..Known::default() };
    let counted = named("om-l1-file").count(&known, today()).expect("a deadline");
    let stored = serde_json::to_string(&counted).expect("it is written");
    assert_eq!(serde_json::from_str::<Counted>(&stored).expect("it is read"), counted);
    let stored = serde_json::to_string(&known).expect("it is written");
    assert_eq!(serde_json::from_str::<Known>(&stored).expect("it is read"), known);
}

#[test]
fn nothing_overflows_at_the_ends_of_the_calendar() {
    for rule in rules().iter().filter(|rule| rule.kind != Kind::MinimumUsd) {
        for start in [NaiveDate::MIN, NaiveDate::MAX] {
            for known in
                [only(rule, start), Known { dated: Some(start), time: Some(NaiveTime::MIN), ..only(rule, start) }]
            {
                for today in [NaiveDate::MIN, NaiveDate::MAX] {
                    let _ = rule.count(&known, today);
                }
            }
        }
    }
    let known = Known { dated: Some(NaiveDate::MAX), ..Known::default() };
    assert_eq!(named("ma-l1-file").count(&known, today()), Err(CannotCount::BeyondCalendar));
}

proptest! {
    #[test]
    fn the_safe_day_is_open_and_the_last_day_is_the_number_of_days_away(offset in 0_u64..40_000) {
        let start = date("1990-01-01") + chrono::Days::new(offset);
        for rule in rules().iter().filter(|rule| rule.kind == Kind::FileBy) {
            let Span::CalendarDays(days) = rule.span else { continue };
            let counted = rule.count(&only(rule, start), today()).expect("a deadline");
            prop_assert_eq!((counted.last_day - start).num_days(), i64::from(days));
            prop_assert!(!crate::knowledge::holidays::is_closed(counted.safe_day));
            prop_assert!((counted.last_day - counted.safe_day).num_days() <= 4);
        }
    }
}
