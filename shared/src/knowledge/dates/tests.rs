//! The forms of dates, their roles, and what is no date. Today is Sunday, November 22, 2026.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn today() -> NaiveDate {
    date("2026-11-22")
}

fn dates(text: &str) -> Vec<String> {
    find_all(text, today()).into_iter().map(|found| found.date.to_string()).collect()
}

fn roles(text: &str) -> Vec<(String, Role)> {
    find_all(text, today()).into_iter().map(|found| (found.date.to_string(), found.role)).collect()
}

#[test]
fn a_full_date_is_found_in_each_usual_form() {
    for text in [
        "letter dated 2026-10-02, how do I appeal",
        "2026/10/02",
        "2026-10-02T08:30:00Z",
        "the notice of 10/2/2026 says no",
        "10/02/2026.",
        "10-02-2026",
        "10.02.2026",
        "10/2/26",
        "10-2-26",
        "It is dated October 2, 2026.",
        "dated Oct 2nd 2026",
        "Oct. 2, 2026",
        "OCT 2 2026",
        "2nd of October, 2026",
        "the 2nd day of October 2026",
        "2 October 2026",
        "02-Oct-2026",
        "2-oct-26",
        "October second, 2026",
        "October 2, '26",
        "Oct.2, 2026",
        "la carta es del 2 de octubre de 2026",
        "2 de octubre del 2026",
        "octubre 2 de 2026",
        "dos de octubre de 2026",
        "2 oct. 2026",
        "el día 2 de Octubre, 2026",
        "１０/０２/２０２６",
    ] {
        assert_eq!(dates(text), ["2026-10-02"], "{text}");
        assert_eq!(find(text), Some(date("2026-10-02")), "{text}");
    }
    for text in ["primero de octubre de 2026", "1º de octubre de 2026", "1ro de octubre 2026", "October first 2026"] {
        assert_eq!(dates(text), ["2026-10-01"], "{text}");
    }
}

#[test]
fn numbers_are_month_first_unless_the_first_is_over_twelve() {
    assert_eq!(dates("dated 03/04/2026"), ["2026-03-04"]);
    assert_eq!(dates("dated 25/12/2025"), ["2025-12-25"]);
    assert_eq!(dates("dated 12/25/2025"), ["2025-12-25"]);
}

#[test]
fn a_date_that_does_not_exist_is_refused() {
    for text in [
        "2026-02-29",
        "02/30/2026",
        "dated 13/13/2026",
        "February 30, 2026",
        "31 de abril de 2026",
        "2026-13-40",
        "June 31",
        "dated 00/10/2026",
        "October 0, 2026",
        "dated 2/29/26",
    ] {
        assert!(dates(text).is_empty(), "{text}: {:?}", dates(text));
        assert_eq!(find(text), None, "{text}");
    }
    assert_eq!(dates("2028-02-29"), ["2028-02-29"]);
}

#[test]
fn what_is_no_date_is_not_guessed() {
    for text in [
        "in March",
        "October 2026",
        "call 1-800-633-4227",
        "on the 2nd",
        "65 days",
        "24/7 nurse line",
        "take 1/2 pill",
        "my SSN is 123-45-6789",
        "42 CFR 405.942(b)",
        "member 1EG4-TE5-MK73",
        "version 1.2.3",
        "we may 3 times a day",
        "once March comes",
        "the second may be wrong",
        "first may I ask",
        "Monday through Friday, 8-5",
        "I will march 3 miles",
        "it costs $10.50",
        "2 weeks",
        "what should I do today?",
        "mañana por la mañana... esta mañana me sentí mal",
        "Tuesday is fine",
        "the year 1800-01-01",
        "",
    ] {
        assert!(dates(text).is_empty(), "{text}: {:?}", dates(text));
    }
}

#[test]
fn a_date_without_a_year_is_the_last_one_and_says_so() {
    let found = find_all("I got the letter on October 2", today());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].date, found[0].precision), (date("2026-10-02"), Precision::YearAssumed));
    assert_eq!(dates("dated December 20"), ["2025-12-20"]);
    assert_eq!(dates("dated November 22"), ["2026-11-22"]);
    assert_eq!(dates("carta del 3 de enero"), ["2026-01-03"]);
    assert_eq!(dates("the letter dated 10/2"), ["2026-10-02"]);
    assert_eq!(dates("recibí la carta el 2/10"), ["2026-02-10"]);
    assert_eq!(dates("dated May 3"), ["2026-05-03"]);
    // The last February 29 lies more than a year back: it is not guessed.
    assert!(dates("dated February 29").is_empty());
    assert_eq!(find("dated October 2"), None);
}

#[test]
fn a_last_day_without_a_year_is_the_nearest() {
    assert_eq!(roles("I must appeal by December 6"), [("2026-12-06".to_owned(), Role::Deadline)]);
    assert_eq!(roles("the deadline was November 10"), [("2026-11-10".to_owned(), Role::Deadline)]);
    assert_eq!(roles("my coverage ends January 31"), [("2027-01-31".to_owned(), Role::Ends)]);
}

#[test]
fn days_told_from_today() {
    for (text, expected) in [
        ("they denied it yesterday", "2026-11-21"),
        ("me lo negaron ayer", "2026-11-21"),
        ("the day before yesterday", "2026-11-20"),
        ("llegó anteayer", "2026-11-20"),
        ("antes de ayer", "2026-11-20"),
        ("it came last Tuesday", "2026-11-17"),
        ("last Sunday", "2026-11-15"),
        ("this past Friday", "2026-11-20"),
        ("el martes pasado", "2026-11-17"),
        ("el pasado martes", "2026-11-17"),
        ("two weeks ago", "2026-11-08"),
        ("2 weeks ago", "2026-11-08"),
        ("a week ago", "2026-11-15"),
        ("a couple of days ago", "2026-11-20"),
        ("10 days ago", "2026-11-12"),
        ("a month ago", "2026-10-22"),
        ("hace dos semanas", "2026-11-08"),
        ("hace 15 días", "2026-11-07"),
        ("hace un mes", "2026-10-22"),
        ("hace un par de semanas", "2026-11-08"),
        ("dos semanas atrás", "2026-11-08"),
        ("I got it today", "2026-11-22"),
        ("la recibí hoy", "2026-11-22"),
        ("they discharge him tomorrow", "2026-11-23"),
        ("le dan de alta mañana", "2026-11-23"),
        ("the letter came on Monday", "2026-11-16"),
        ("she will be discharged on Friday", "2026-11-27"),
        ("coverage ends next Tuesday", "2026-11-24"),
        ("termina el martes que viene", "2026-11-24"),
    ] {
        let found = find_all(text, today());
        let all: Vec<String> = found.iter().map(|found| found.date.to_string()).collect();
        assert_eq!(all, [expected], "{text}");
        assert_eq!(found[0].precision, Precision::Relative, "{text}");
        assert_eq!(find(text), None, "{text}");
    }
    // A month before March 31 ends on the last day of February.
    let found = find_all("a month ago", date("2028-03-31"));
    assert_eq!(found[0].date, date("2028-02-29"));
}

#[test]
fn the_weekday_before_a_date_belongs_to_it() {
    assert_eq!(dates("I got it on Friday, October 2, 2026"), ["2026-10-02"]);
    assert_eq!(dates("la recibí el viernes 2 de octubre"), ["2026-10-02"]);
}

#[test]
fn the_role_is_what_the_nearest_words_say() {
    use Role::{Birth, Dated, Deadline, Ends, Received, Sent, Turning65, Unstated};
    for (text, expected) in [
        ("letter dated 2026-10-02", Dated),
        ("the date on the letter is October 2, 2026", Dated),
        ("I got a denial letter from October 2, 2026", Dated),
        ("the October 2, 2026 letter", Dated),
        ("the notice of October 2, 2026", Dated),
        ("they mailed it October 2, 2026", Dated),
        ("Date of notice: 10/02/2026", Dated),
        ("recibí la carta del 2 de octubre de 2026", Dated),
        ("la carta tiene fecha 2 de octubre de 2026", Dated),
        ("aviso con fecha del 2 de octubre de 2026", Dated),
        ("I received the letter on October 2, 2026", Received),
        ("I got my denial on 10/2/2026", Received),
        ("the letter came October 2, 2026", Received),
        ("recibí la carta el 2 de octubre de 2026", Received),
        ("la carta me llegó el 2 de octubre de 2026", Received),
        ("I have to appeal by October 2, 2026", Deadline),
        ("no later than October 2, 2026", Deadline),
        ("the deadline is October 2, 2026", Deadline),
        ("October 2, 2026 is the deadline", Deadline),
        ("due date: 10/02/2026", Deadline),
        ("last day to appeal: October 2, 2026", Deadline),
        ("a más tardar el 2 de octubre de 2026", Deadline),
        ("antes del 2 de octubre de 2026", Deadline),
        ("tengo hasta el 2 de octubre de 2026", Deadline),
        ("la fecha límite es el 2 de octubre de 2026", Deadline),
        ("I filed my appeal on October 2, 2026", Sent),
        ("we faxed it on October 2, 2026", Sent),
        ("mandé la apelación el 2 de octubre de 2026", Sent),
        ("my coverage ends October 2, 2026", Ends),
        ("I lost my job on October 2, 2026", Ends),
        ("le dan el alta el 2 de octubre de 2026", Ends),
        ("I turn 65 on October 2, 2026", Turning65),
        ("cumplo 65 el 2 de octubre de 2026", Turning65),
        ("I have 65 days from October 2, 2026", Unstated),
        ("within 60 days of October 2, 2026", Unstated),
        ("my plan denied my MRI on October 2, 2026", Unstated),
        ("I got denied on October 2, 2026", Unstated),
        ("They turned down my surgery on October 2, 2026", Unstated),
        ("date of service October 2, 2026", Unstated),
        ("due to a fall on October 2, 2026", Unstated),
        ("2026-10-02", Unstated),
    ] {
        assert_eq!(roles(text), [("2026-10-02".to_owned(), expected)], "{text}");
    }
    assert_eq!(roles("I was born 6/2/61"), [("1961-06-02".to_owned(), Birth)]);
    assert_eq!(roles("date of birth: 06/01/1961"), [("1961-06-01".to_owned(), Birth)]);
    assert_eq!(roles("nací el 2 de junio de 1961"), [("1961-06-02".to_owned(), Birth)]);
    // Without the year a birthday is no birth date.
    assert!(roles("my birthday is June 2").is_empty());
}

#[test]
fn each_date_of_a_text_keeps_its_own_role() {
    use Role::{Dated, Deadline, Received, Sent, Unstated};
    let of = |text: &str| roles(text).into_iter().map(|(date, role)| (date[5..].to_owned(), role)).collect::<Vec<_>>();
    let expect = |list: &[(&str, Role)]| list.iter().map(|(day, role)| ((*day).to_owned(), *role)).collect::<Vec<_>>();
    assert_eq!(
        of(
            "The letter is dated October 2, 2026. I got it on October 7, 2026. It says I must appeal by December 6, 2026."
        ),
        expect(&[("10-02", Dated), ("10-07", Received), ("12-06", Deadline)])
    );
    assert_eq!(
        of("On October 5 I received the letter dated October 2"),
        expect(&[("10-05", Received), ("10-02", Dated)])
    );
    assert_eq!(
        of("La carta es del 2 de octubre de 2026, la recibí el 7 de octubre y mandé la apelación el 20 de octubre"),
        expect(&[("10-02", Dated), ("10-07", Received), ("10-20", Sent)])
    );
    assert_eq!(
        of("Yesterday I got a denial letter dated Nov 18. Services end 11/27."),
        expect(&[("11-21", Received), ("11-18", Dated), ("11-27", Role::Ends)])
    );
    assert_eq!(of("letter of 10/2 says appeal by 12/6"), expect(&[("10-02", Dated), ("12-06", Deadline)]));
    assert_eq!(
        of("I appealed on 11/1/2026 and they denied it again on 11/15/2026"),
        expect(&[("11-01", Sent), ("11-15", Unstated)])
    );
    assert_eq!(of("hace 3 días me llegó la carta"), expect(&[("11-19", Received)]));
    assert_eq!(of("I turn 65 on March 3rd"), expect(&[("03-03", Role::Turning65)]));
    assert_eq!(
        of("My MRI was on 9/1/2026 and the denial is dated 9/15/2026"),
        expect(&[("09-01", Unstated), ("09-15", Dated)])
    );
}

#[test]
fn the_date_of_the_letter_is_chosen_for_the_appeal() {
    let expected = Some(date("2026-10-02"));
    assert_eq!(find("MRI on 9/1/2026, denial letter dated 10/2/2026"), expected);
    assert_eq!(find("It's a Medicare Advantage plan, 10/2/2026"), expected);
    assert_eq!(find("it says appeal by 12/6/2026; the letter is dated 10/2/2026"), expected);
    // A last day, and the day of arrival, are not the date of the letter.
    assert_eq!(find("it says appeal by 12/6/2026"), None);
    assert_eq!(find("I received it on 10/7/2026"), None);
    assert_eq!(find("born 6/2/1961"), None);
}

#[test]
fn the_span_is_where_the_date_stands_in_the_text() {
    for (text, expected) in [
        ("ñandú — fechada el 2 de octubre de 2026, gracias", "2 de octubre de 2026"),
        ("dated Oct. 2nd, 2026!", "Oct. 2nd, 2026"),
        ("got it last Tuesday.", "last Tuesday"),
        ("🙂 2026-10-02 🙂", "2026-10-02"),
        ("ﬁled 10/02/2026", "10/02/2026"),
    ] {
        let found = find_all(text, today());
        assert_eq!(text.get(found[0].start..found[0].end), Some(expected), "{text}");
    }
}

#[test]
fn a_leap_day_and_the_ends_of_months_are_days() {
    assert_eq!(dates("dated February 29, 2028"), ["2028-02-29"]);
    assert_eq!(dates("dated 12/31/2026"), ["2026-12-31"]);
    assert_eq!(find_all("dated February 29", date("2028-03-01"))[0].date, date("2028-02-29"));
    assert_eq!(find_all("dated December 31", date("2027-01-01"))[0].date, date("2026-12-31"));
}

#[test]
fn a_long_text_takes_time_in_proportion() {
    // A tenth of a second for a megabyte would already be slow; quadratic work would take hours.
    let text = "the 2 of my the ".repeat(60_000);
    assert!(find_all(&text, today()).is_empty());
    let text = "10/02/2026 ".repeat(20_000);
    assert_eq!(find_all(&text, today()).len(), 20_000);
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic_and_spans_are_valid(text in "\\PC{0,120}") {
        for found in find_all(&text, today()) {
            prop_assert!(text.get(found.start..found.end).is_some());
            prop_assert!(YEARS.contains(&chrono::Datelike::year(&found.date)));
        }
    }

    #[test]
    fn every_date_is_read_back_from_each_form(offset in 0_u64..36_000) {
        let day = date("1995-01-01") + chrono::Days::new(offset);
        for text in [
            day.format("dated %Y-%m-%d").to_string(),
            day.format("dated %m/%d/%Y").to_string(),
            format!("dated {}", crate::knowledge::long_date_en(day)),
            format!("fechada el {}", crate::knowledge::long_date_es(day)),
        ] {
            prop_assert_eq!(find(&text), Some(day), "{}", text);
        }
    }
}

#[test]
fn a_day_told_from_a_feast_is_that_of_the_nearest_one() {
    let today = "2026-11-30".parse().expect("a date");
    let first = |text: &str| find_all(text, today).first().map(|found| found.date.to_string());
    for (text, expected) in [
        ("the letter is dated the Friday before Thanksgiving", "2026-11-20"),
        ("it came the day after Thanksgiving", "2026-11-27"),
        ("dated the week before Labor Day", "2026-08-31"),
        ("la carta llegó el viernes antes de Acción de Gracias", "2026-11-20"),
        ("until Christmas", "2026-12-25"),
        ("I got it on Memorial Day", "2026-05-25"),
    ] {
        assert_eq!(first(text).as_deref(), Some(expected), "{text}");
    }
}
