//! The windows, counted.

use chrono::{Datelike as _, Days, Months, NaiveDate};

use super::Window;
use crate::knowledge::words::{Words, long_date_en, long_date_es};

/// The months that Medicare's age rules count from.
struct Turning65 {
    /// The first day of the month in which Medicare can begin.
    month: NaiveDate,
    is_born_on_the_first: bool,
}

/// Someone born on the first of a month is treated as turning 65 in the month before (CMS 10050, pages 15 and 17).
fn turning_65(birth: NaiveDate) -> Option<Turning65> {
    let month = NaiveDate::from_ymd_opt(birth.year().checked_add(65)?, birth.month(), 1)?;
    let is_born_on_the_first = birth.day() == 1;
    let month = if is_born_on_the_first { month.checked_sub_months(Months::new(1))? } else { month };
    Some(Turning65 { month, is_born_on_the_first })
}

fn last_day_of_month(first_day: NaiveDate) -> Option<NaiveDate> {
    first_day.checked_add_months(Months::new(1))?.pred_opt()
}

fn first_of_month(date: NaiveDate) -> Option<NaiveDate> {
    date.with_day(1)
}

fn window(id: &str, first_day: NaiveDate, last_day: NaiveDate, how: Words) -> Window {
    Window { id: id.to_owned(), first_day, last_day, how, caution: Words::default() }
}

/// The seven months around the 65th birthday in which one can first sign up for Medicare (CMS 10050, page 17).
pub fn initial_enrollment(birth: NaiveDate) -> Option<Window> {
    let turning = turning_65(birth)?;
    let first_day = turning.month.checked_sub_months(Months::new(3))?;
    let last_day = last_day_of_month(turning.month.checked_add_months(Months::new(3))?)?;
    let how = if turning.is_born_on_the_first {
        Words::new(
            "Seven months: a birthday on the first of a month moves all of it one month earlier.",
            "Siete meses: un cumpleaños el primero del mes adelanta todo un mes.",
        )
    } else {
        Words::new(
            "Seven months: three before the month of your 65th birthday, that month, and three after it.",
            "Siete meses: los tres anteriores al mes en que cumple 65, ese mes y los tres siguientes.",
        )
    };
    Some(window("iep", first_day, last_day, how))
}

/// When Part B begins for someone who signs up on a day of the initial enrollment period; `None` outside of it.
pub fn part_b_start(birth: NaiveDate, signed_up: NaiveDate) -> Option<NaiveDate> {
    let period = initial_enrollment(birth)?;
    if !(period.first_day..=period.last_day).contains(&signed_up) {
        return None;
    }
    let month = turning_65(birth)?.month;
    if signed_up < month { Some(month) } else { first_of_month(signed_up)?.checked_add_months(Months::new(1)) }
}

/// A window that comes every year: the one that is open on `today`, else the next.
fn yearly(id: &str, today: NaiveDate, first: (u32, u32), last: (u32, u32), how: Words) -> Option<Window> {
    let crosses_the_year = last < first;
    (today.year().checked_sub(1)?..=today.year().checked_add(1)?).find_map(|year| {
        let first_day = NaiveDate::from_ymd_opt(year, first.0, first.1)?;
        let last_day = NaiveDate::from_ymd_opt(year + i32::from(crosses_the_year), last.0, last.1)?;
        (today <= last_day).then(|| window(id, first_day, last_day, how.clone()))
    })
}

/// January 1 to March 31 (CMS 10050, page 18).
pub fn general_enrollment(today: NaiveDate) -> Option<Window> {
    yearly(
        "gep",
        today,
        (1, 1),
        (3, 31),
        Words::new("January 1 to March 31 each year.", "Del 1 de enero al 31 de marzo de cada año."),
    )
}

/// October 15 to December 7 (CMS 10050, page 71).
pub fn medicare_open_enrollment(today: NaiveDate) -> Option<Window> {
    let how = Words::new("October 15 to December 7 each year.", "Del 15 de octubre al 7 de diciembre de cada año.");
    yearly("open-enrollment", today, (10, 15), (12, 7), how)
}

/// January 1 to March 31, for people in a Medicare Advantage plan (CMS 10050, page 72).
pub fn medicare_advantage_open_enrollment(today: NaiveDate) -> Option<Window> {
    let how = Words::new(
        "January 1 to March 31 each year, only if you are in a Medicare Advantage plan.",
        "Del 1 de enero al 31 de marzo de cada año, solo si está en un plan Medicare Advantage.",
    );
    yearly("ma-oep", today, (1, 1), (3, 31), how)
}

/// December 8 to November 30 of the next year, once, to a plan with five stars (CMS 10050, page 72).
pub fn five_star(today: NaiveDate) -> Option<Window> {
    let how = Words::new(
        "Once from December 8 to November 30 of the next year.",
        "Una vez del 8 de diciembre al 30 de noviembre del año siguiente.",
    );
    yearly("five-star", today, (12, 8), (11, 30), how)
}

/// From November 1; by December 15 for coverage from January 1 (HealthCare.gov, dates and deadlines). That page
/// names a later last day too, but not for a season; 45 CFR 155.410(e) lets none end after December from 2027 on, and states
/// differ. So the window ends here on the safe day, and no later one is named.
pub fn marketplace_open_enrollment(today: NaiveDate) -> Option<Window> {
    let how = Words::new(
        "From November 1; a plan chosen by December 15 starts on January 1.",
        "Desde el 1 de noviembre; un plan elegido a más tardar el 15 de diciembre empieza el 1 de enero.",
    );
    let mut window = yearly("marketplace-open-enrollment", today, (11, 1), (12, 15), how)?;
    window.caution = Words::new(
        "December 15 is the safe day. States differ, and some give more time; do not count on it. Check HealthCare.gov.",
        "El 15 de diciembre es el día seguro. Los estados difieren y algunos dan más tiempo; no cuente con eso. Revise HealthCare.gov.",
    );
    Some(window)
}

/// Six months from the first month in which one is 65 and has Part B (CMS 10050, page 77).
pub fn medigap_open_enrollment(birth: NaiveDate, part_b_start: NaiveDate) -> Option<Window> {
    let first_day = first_of_month(part_b_start)?.max(turning_65(birth)?.month);
    let last_day = first_day.checked_add_months(Months::new(6))?.pred_opt()?;
    let how = Words::new(
        format!("Six months from {}, the first month in which you are 65 and have Part B.", long_date_en(first_day)),
        format!("Seis meses desde el {}, el primer mes en que tiene 65 años y la Parte B.", long_date_es(first_day)),
    );
    Some(window("medigap-open-enrollment", first_day, last_day, how))
}

/// No later than 63 days after coverage ends, in the cases that the law names (CMS 02110, page 19).
pub fn medigap_guaranteed(coverage_ended: NaiveDate) -> Option<Window> {
    let last_day = coverage_ended.checked_add_days(Days::new(63))?;
    let how = Words::new(
        format!("63 days from the end of your coverage, {}; the day after is day 1.", long_date_en(coverage_ended)),
        format!(
            "63 días desde el fin de su cobertura, {}; el día siguiente es el día 1.",
            long_date_es(coverage_ended)
        ),
    );
    Some(window("medigap-guaranteed", coverage_ended, last_day, how))
}

/// Eight months from the month after the job or its coverage ends, whichever is first (CMS 10050, page 17).
pub fn part_b_after_job(job_or_coverage_ended: NaiveDate) -> Option<Window> {
    let first_day = first_of_month(job_or_coverage_ended)?.checked_add_months(Months::new(1))?;
    let last_day = first_day.checked_add_months(Months::new(8))?.pred_opt()?;
    let how = Words::new(
        "Eight months from the month after the job or its coverage ends, whichever is first. You can also sign up before.",
        "Ocho meses desde el mes siguiente al fin del trabajo o de su cobertura, lo que pase primero. También puede inscribirse antes.",
    );
    Some(window("part-b-job-sep", first_day, last_day, how))
}

/// Two full months after the month of an event, to join a Medicare Advantage or drug plan (CMS 11219, pages 4 and 5).
/// `id` is that of the [`super::WindowFact`], such as `sep-left-employer`.
pub fn two_full_months_after(id: &str, event: NaiveDate) -> Option<Window> {
    let last_day = first_of_month(event)?.checked_add_months(Months::new(3))?.pred_opt()?;
    let how = Words::new(
        format!("Two full months after the month of {}.", long_date_en(event)),
        format!("Dos meses completos después del mes del {}.", long_date_es(event)),
    );
    Some(window(id, event, last_day, how))
}

/// Three full months from the day Medicaid or Extra Help ends, or the notice of it, whichever is later (CMS 11219, pages 5
/// and 8). `id` is that of the [`super::WindowFact`], such as `sep-lost-medicaid`.
pub fn three_months_from(id: &str, ended_or_told: NaiveDate) -> Option<Window> {
    let last_day = ended_or_told.checked_add_months(Months::new(3))?;
    let how = Words::new(
        format!("Three months from {}.", long_date_en(ended_or_told)),
        format!("Tres meses desde el {}.", long_date_es(ended_or_told)),
    );
    Some(window(id, ended_or_told, last_day, how))
}

/// Sixty days before to sixty days after the loss of other coverage (HealthCare.gov, special enrollment periods).
pub fn marketplace_after_loss(lost: NaiveDate) -> Option<Window> {
    let first_day = lost.checked_sub_days(Days::new(60))?;
    let last_day = lost.checked_add_days(Days::new(60))?;
    let how = Words::new(
        format!("60 days before to 60 days after the loss on {}.", long_date_en(lost)),
        format!("60 días antes hasta 60 días después de la pérdida el {}.", long_date_es(lost)),
    );
    Some(window("marketplace-lost-coverage", first_day, last_day, how))
}

/// Sixty days to choose COBRA, from the later of the end of coverage and the notice (29 U.S.C. 1165(1)). Without the day of the
/// notice the count begins with the end of coverage, the earlier day.
pub fn cobra_election(coverage_ended: NaiveDate, noticed: Option<NaiveDate>) -> Option<Window> {
    let start = noticed.map_or(coverage_ended, |noticed| noticed.max(coverage_ended));
    let last_day = start.checked_add_days(Days::new(60))?;
    let how = Words::new(
        format!("60 days from {}, the later of the end of coverage and the notice.", long_date_en(start)),
        format!("60 días desde el {}, lo último entre el fin de la cobertura y el aviso.", long_date_es(start)),
    );
    Some(window("cobra-election", start, last_day, how))
}

/// At least thirty days after a birth, a wedding or the loss of other coverage, to join a plan from a job (29 CFR 2590.701-6).
pub fn job_plan_after_event(event: NaiveDate) -> Option<Window> {
    let last_day = event.checked_add_days(Days::new(30))?;
    let how = Words::new(
        format!("30 days from {}; some plans give more.", long_date_en(event)),
        format!("30 días desde el {}; algunos planes dan más.", long_date_es(event)),
    );
    Some(window("job-plan-special", event, last_day, how))
}

/// Sixty days after a birth, an adoption or a wedding (HealthCare.gov, special enrollment periods).
pub fn marketplace_after_event(event: NaiveDate) -> Option<Window> {
    let last_day = event.checked_add_days(Days::new(60))?;
    let how = Words::new(
        format!("60 days from {}.", long_date_en(event)),
        format!("60 días desde el {}.", long_date_es(event)),
    );
    Some(window("marketplace-life-event", event, last_day, how))
}

/// The days in a row without creditable drug coverage between the last covered day and the first day of new coverage.
/// 63 or more can bring the Part D penalty (CMS 10050, page 83).
pub fn uncovered_days(last_covered: NaiveDate, new_coverage: NaiveDate) -> u64 {
    u64::try_from((new_coverage - last_covered).num_days() - 1).unwrap_or(0)
}

/// The last day on which new drug coverage can begin without 63 uncovered days in a row.
pub fn last_start_without_gap(last_covered: NaiveDate) -> Option<NaiveDate> {
    last_covered.checked_add_days(Days::new(63))
}

#[cfg(test)]
mod tests {
    use super::super::{WindowState, fact};
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn days(window: Option<Window>) -> (String, String) {
        let window = window.expect("a window");
        assert!(fact(&window.id).is_some(), "{} has no source", window.id);
        (window.first_day.to_string(), window.last_day.to_string())
    }

    fn is(window: Option<Window>, first_day: &str, last_day: &str) {
        assert_eq!(days(window), (first_day.to_owned(), last_day.to_owned()));
    }

    #[test]
    fn the_first_enrollment_is_that_of_the_handbooks_example() {
        // Turning 65 on June 2: March to September. On June 1: February to August.
        is(initial_enrollment(date("1961-06-02")), "2026-03-01", "2026-09-30");
        is(initial_enrollment(date("1961-06-01")), "2026-02-01", "2026-08-31");
    }

    #[test]
    fn the_first_enrollment_crosses_years_and_leap_days() {
        is(initial_enrollment(date("1962-01-15")), "2026-10-01", "2027-04-30");
        // January 1: the month is December of the year before.
        is(initial_enrollment(date("1962-01-01")), "2026-09-01", "2027-03-31");
        is(initial_enrollment(date("1960-02-29")), "2024-11-01", "2025-05-31");
        is(initial_enrollment(date("1962-11-30")), "2027-08-01", "2028-02-29");
        is(initial_enrollment(date("1961-12-01")), "2026-08-01", "2027-02-28");
        assert_eq!(initial_enrollment(NaiveDate::MAX), None);
    }

    #[test]
    fn part_b_begins_with_the_birthday_month_or_the_month_after_signing_up() {
        let birth = date("1961-06-02");
        assert_eq!(part_b_start(birth, date("2026-03-01")), Some(date("2026-06-01")));
        assert_eq!(part_b_start(birth, date("2026-05-31")), Some(date("2026-06-01")));
        assert_eq!(part_b_start(birth, date("2026-06-01")), Some(date("2026-07-01")));
        assert_eq!(part_b_start(birth, date("2026-09-30")), Some(date("2026-10-01")));
        assert_eq!(part_b_start(birth, date("2026-02-28")), None);
        assert_eq!(part_b_start(birth, date("2026-10-01")), None);
        // Born on the first: the month before.
        assert_eq!(part_b_start(date("1961-06-01"), date("2026-02-01")), Some(date("2026-05-01")));
    }

    #[test]
    fn a_yearly_window_is_the_open_one_or_the_next() {
        is(medicare_open_enrollment(date("2026-11-22")), "2026-10-15", "2026-12-07");
        is(medicare_open_enrollment(date("2026-12-07")), "2026-10-15", "2026-12-07");
        is(medicare_open_enrollment(date("2026-12-08")), "2027-10-15", "2027-12-07");
        is(general_enrollment(date("2026-11-22")), "2027-01-01", "2027-03-31");
        is(general_enrollment(date("2027-03-31")), "2027-01-01", "2027-03-31");
        is(medicare_advantage_open_enrollment(date("2026-04-01")), "2027-01-01", "2027-03-31");
        is(five_star(date("2026-11-22")), "2025-12-08", "2026-11-30");
        is(five_star(date("2026-12-01")), "2026-12-08", "2027-11-30");
        is(marketplace_open_enrollment(date("2026-11-22")), "2026-11-01", "2026-12-15");
    }

    #[test]
    fn medigap_counts_from_part_b_or_the_65th_birthday() {
        is(medigap_open_enrollment(date("1961-06-02"), date("2026-06-01")), "2026-06-01", "2026-11-30");
        // Part B put off because of a job.
        is(medigap_open_enrollment(date("1955-03-10"), date("2026-09-01")), "2026-09-01", "2027-02-28");
        // Part B since a disability, years before 65.
        is(medigap_open_enrollment(date("1961-06-02"), date("2019-01-01")), "2026-06-01", "2026-11-30");
        is(medigap_guaranteed(date("2026-12-31")), "2026-12-31", "2027-03-04");
        is(medigap_guaranteed(date("2027-12-31")), "2027-12-31", "2028-03-03");
    }

    #[test]
    fn windows_after_an_event() {
        is(part_b_after_job(date("2026-04-15")), "2026-05-01", "2026-12-31");
        is(part_b_after_job(date("2026-06-30")), "2026-07-01", "2027-02-28");
        is(two_full_months_after("sep-left-employer", date("2026-11-30")), "2026-11-30", "2027-01-31");
        is(two_full_months_after("sep-move", date("2027-12-15")), "2027-12-15", "2028-02-29");
        is(three_months_from("sep-lost-medicaid", date("2026-11-30")), "2026-11-30", "2027-02-28");
        is(marketplace_after_loss(date("2026-12-31")), "2026-11-01", "2027-03-01");
        is(cobra_election(date("2026-10-31"), Some(date("2026-11-09"))), "2026-11-09", "2027-01-08");
        is(cobra_election(date("2026-11-30"), Some(date("2026-11-20"))), "2026-11-30", "2027-01-29");
        is(cobra_election(date("2026-11-30"), None), "2026-11-30", "2027-01-29");
        is(job_plan_after_event(date("2026-11-09")), "2026-11-09", "2026-12-09");
        is(marketplace_after_event(date("2026-10-03")), "2026-10-03", "2026-12-02");
    }

    #[test]
    fn sixty_three_days_without_drug_coverage_are_too_many() {
        let last_covered = date("2026-10-31");
        // November 30 days and December 31: 61; January 1 and 2: 63 uncovered when coverage begins on January 3.
        assert_eq!(uncovered_days(last_covered, date("2027-01-03")), 63);
        assert_eq!(uncovered_days(last_covered, date("2027-01-02")), 62);
        assert_eq!(last_start_without_gap(last_covered), Some(date("2027-01-02")));
        assert_eq!(uncovered_days(last_covered, date("2026-11-01")), 0);
        assert_eq!(uncovered_days(last_covered, date("2026-10-01")), 0);
    }

    #[test]
    fn a_window_is_seen_from_a_day() {
        let window = medicare_open_enrollment(date("2026-11-22")).expect("a window");
        assert_eq!(window.state(date("2026-10-14")), WindowState::Upcoming { days_until: 1 });
        assert_eq!(window.state(date("2026-11-22")), WindowState::Open { days_left: 15 });
        assert_eq!(window.state(date("2026-12-07")), WindowState::Open { days_left: 0 });
        assert_eq!(window.state(date("2026-12-08")), WindowState::Closed { days_ago: 1 });
    }
}
