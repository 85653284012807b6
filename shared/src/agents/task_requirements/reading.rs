//! What a message says of the case and of the person, beyond what patient_navigator reads.
//!
//! Invariants: linear in the message; a date that cannot be that of a letter (it lies ahead, or years back) is none; the
//! text is data: nothing in it is followed.

use chrono::{Datelike as _, Days, Months, NaiveDate};

use super::signs::{self, Sign};
use super::{Need, things};
use crate::agents::fold::Text;
use crate::agents::turn::{Facts, Occasion, Subject};
use crate::knowledge::dates::{self, Found, Odd, Precision, Role, YEARS_BACK};

/// What a message says.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Read {
    /// Of the case and the person.
    pub facts: Facts,
    /// Whether the person says not to know what was asked.
    pub is_declined: bool,
}

/// Reads a message that is about a need, as far as it is known.
pub fn read(message: &str, need: Option<Need>, today: NaiveDate) -> Read {
    let text = Text::new(message);
    let mut read = Read::default();
    let mut ends_care = false;
    let sentences: Vec<Vec<&str>> =
        text.sentences().iter().map(|sentence| sentence.iter().map(|(word, _)| *word).collect()).collect();
    for sign in signs::find(&sentences) {
        ends_care |= sign == Sign::Subject(Subject::CareEnds);
        read.take(sign);
    }
    let drug = things::drug(&text);
    read.facts.drug = drug.map(ToOwned::to_owned);
    read.facts.service = things::service(&text).filter(|_| drug.is_none()).map(|service| service.en.to_owned());
    if need == Some(Need::FastAppeal) {
        // A stay in a hospital before the care that ends: the time for that care is the earlier one.
        let names = |words: &[&str]| text.words().any(|word| words.contains(&word));
        let is_care = ends_care || names(&CARE_THAT_ENDS);
        match read.facts.subject {
            Some(Subject::Discharge) if ends_care => read.facts.subject = Some(Subject::CareEnds),
            None if is_care => read.facts.subject = Some(Subject::CareEnds),
            None if names(&["hospital"]) => read.facts.subject = Some(Subject::Discharge),
            _ => {}
        }
    }
    if read.facts.drug.is_some() {
        let _ = read.facts.subject.get_or_insert(Subject::Drug);
    }
    if read.facts.occasion.is_none() && need == Some(Need::Enrollment) && asks_marketplace_day(&text) {
        read.facts.occasion = Some(Occasion::MarketplaceEnrollment);
    }
    take_dates(&mut read.facts, message, need, today);
    if read.facts.birth_date.is_none() && read.facts.occasion == Some(Occasion::Turning65) {
        read.facts.birth_date = birth_by_month(&text, today);
    }
    read
}

/// Whether the Marketplace is named, and a last day asked or spoken of, in whichever sentences.
fn asks_marketplace_day(text: &Text) -> bool {
    const MARKET: [&str; 5] = ["marketplace", "obamacare", "healthcaregov", "cuidadodesalud", "mercado"];
    const DAYS: [&str; 9] = ["until", "till", "deadline", "last", "late", "january", "jan", "enero", "hasta"];
    let words: Vec<&str> = text.words().collect();
    let is_named =
        words.iter().any(|word| MARKET.contains(word)) || words.windows(2).any(|pair| pair == ["healthcare", "gov"]);
    is_named && words.iter().any(|word| DAYS.contains(word))
}

/// Care whose end has a time of its own, unlike a discharge from a hospital.
const CARE_THAT_ENDS: [&str; 9] =
    ["snf", "nursing", "rehab", "rehabilitation", "hospice", "hospicio", "rehabilitacion", "terapia", "nomnc"];

/// The month in which somebody turns 65, as a birth date, where the message says it in other words than these patterns.
pub fn birth_month(message: &str, today: NaiveDate) -> Option<NaiveDate> {
    birth_by_month(&Text::new(message), today)
}

impl Read {
    /// The first sign of a kind counts; the table has the more specific ones first.
    fn take(&mut self, sign: Sign) {
        let facts = &mut self.facts;
        match sign {
            Sign::Subject(subject) => facts.subject = facts.subject.or(Some(subject)),
            Sign::Reason(reason) => facts.reason = facts.reason.or(Some(reason)),
            Sign::Level(level) => facts.level = facts.level.or(Some(level)),
            Sign::Care(care) => facts.care = facts.care.or(Some(care)),
            Sign::Affected(who) => facts.affected = facts.affected.or(Some(who)),
            Sign::Occasion(occasion) => facts.occasion = facts.occasion.or(Some(occasion)),
            Sign::Urgent => facts.is_urgent = Some(true),
            Sign::Declined => self.is_declined = true,
        }
    }
}

fn take_dates(facts: &mut Facts, message: &str, need: Option<Need>, today: NaiveDate) {
    let found = dates::find_all(message, today);
    let of = |role: Role| found.iter().find(|found| found.role == role).map(|found| found.date);
    let oldest = today.checked_sub_months(Months::new(12 * YEARS_BACK)).unwrap_or(today);
    let is_past = |date: &NaiveDate| (oldest..=today).contains(date);
    let is_near =
        |date: &NaiveDate| *date >= oldest && *date <= today.checked_add_days(Days::new(400)).unwrap_or(today);
    facts.received_date = of(Role::Received).filter(is_past);
    facts.sent_date = of(Role::Sent).filter(is_past);
    let ends = of(Role::Ends).filter(is_near);
    facts.birth_date =
        of(Role::Birth).filter(|date| *date < today).or_else(|| of(Role::Turning65).and_then(born_65_before));
    let unstated = || found.iter().find(|found| found.role == Role::Unstated && !is_of_service(message, found));
    match need {
        Some(Need::Enrollment) => {
            let (covered, worked) = ends_by_what(message, &found);
            let covered_to = found.iter().find(|found| found.role == Role::Deadline && is_last_covered(message, found));
            let covered = covered.or(covered_to.map(|found| found.date));
            facts.event_date = covered.or(ends).or_else(|| unstated().map(|found| found.date)).filter(is_near);
            facts.job_end_date = worked.filter(|day| is_near(day) && facts.event_date != Some(*day));
            facts.notice_date = of(Role::Dated).filter(is_past);
            if facts.occasion == Some(Occasion::Turning65) && facts.birth_date.is_none() {
                facts.birth_date =
                    facts.event_date.take().filter(|date| date.year() + 60 > today.year()).and_then(born_65_before);
            }
        }
        Some(Need::FastAppeal) => {
            facts.notice_date = of(Role::Dated).filter(is_past);
            // "They told me today": the day of speaking is never the end of care.
            let is_today = |found: &&Found| found.precision == Precision::Relative && found.date == today;
            let last_day = found.iter().find(|found| found.role == Role::Deadline && !is_today(found));
            let is_to_act = |found: &&Found| is_last_day_to_act(message, found) && !is_last_covered(message, found);
            facts.printed_last_day = last_day.filter(is_to_act).map(|found| found.date).filter(is_near);
            let until = last_day.filter(|found| !is_to_act(found));
            // "They stop it today": no date to count from, but known to be over, so that no time is named that was before it.
            let ends = found.iter().find(|found| found.role == Role::Ends);
            let other = || unstated().filter(|found| !is_today(found));
            facts.end_date = ends.or(until).or_else(other).map(|found| found.date).filter(is_near);
        }
        _ => {
            // "They pay until December 9": the day on which care ends is no last day to appeal.
            let last = |is_covered: bool| {
                let is_it =
                    |found: &&Found| found.role == Role::Deadline && is_last_covered(message, found) == is_covered;
                found.iter().find(is_it).map(|found| found.date)
            };
            facts.end_date = ends.or_else(|| last(true)).filter(is_near);
            facts.printed_last_day = last(false).filter(is_near);
            facts.notice_date = of(Role::Dated).or_else(|| unstated().map(|found| found.date)).filter(is_past);
            // Nearly a year ago, or a few weeks ahead: a date that decides nothing before it is asked for.
            if matches!(dates::odd_date_of_letter(message, today, true), Some(Odd::WhichYear(odd)) if facts.notice_date == Some(odd))
            {
                facts.notice_date = None;
            }
        }
    }
}

/// So many words behind a date still speak of it.
const NEAR_WORDS: usize = 8;

/// Whether a last day is one to call or ask by: "call by December 2", and not "covered until December 2".
fn is_last_day_to_act(message: &str, found: &Found) -> bool {
    const ACTS: [&str; 16] = [
        "appeal",
        "call",
        "ask",
        "request",
        "review",
        "qio",
        "noon",
        "contact",
        "file",
        "deadline",
        "apelar",
        "apelacion",
        "llame",
        "llamar",
        "pedir",
        "mediodia",
    ];
    // What stands farther behind speaks of something else.
    let near = |text: &str| Text::new(text).words().take(NEAR_WORDS).any(|word| ACTS.contains(&word));
    let near_before = |text: &str| Text::new(text).words().any(|word| ACTS.contains(&word));
    let before = message.get(..found.start).unwrap_or_default();
    let sentence = before.rsplit(['.', '!', '?', '\n']).next().unwrap_or_default();
    let after = message.get(found.end..).unwrap_or_default().split(['.', '!', '?', '\n']).next().unwrap_or_default();
    near_before(sentence) || near(after)
}

/// Whether a last day is that of coverage: "they pay until December 9".
fn is_last_covered(message: &str, found: &Found) -> bool {
    const COVERS: [&str; 16] = [
        "pay",
        "pays",
        "paying",
        "paid",
        "cover",
        "covers",
        "covered",
        "coverage",
        "insurance",
        "benefits",
        "runs",
        "paga",
        "pagan",
        "cubre",
        "cubren",
        "seguro",
    ];
    let before = message.get(..found.start).unwrap_or_default();
    let text = Text::new(before.rsplit(['.', '!', '?', '\n']).next().unwrap_or_default());
    let words: Vec<&str> = text.words().collect();
    words.iter().rev().take(5).any(|word| COVERS.contains(word))
}

/// The day on which coverage ends and the day on which a job ends, where a message tells them apart.
fn ends_by_what(message: &str, found: &[Found]) -> (Option<NaiveDate>, Option<NaiveDate>) {
    const COVERAGE: [&str; 9] =
        ["coverage", "insurance", "benefits", "plan", "seguro", "cobertura", "beneficios", "cobra", "medicaid"];
    const WORK: [&str; 10] =
        ["job", "work", "laid", "fired", "retired", "quit", "trabajo", "empleo", "despidieron", "jubile"];
    let (mut covered, mut worked, mut from) = (None, None, 0);
    for date in found {
        let text = Text::new(message.get(from..date.start).unwrap_or_default());
        let words: Vec<&str> = text.words().collect();
        let nearest = words.iter().rev().take(9).find(|word| COVERAGE.contains(word) || WORK.contains(word));
        match nearest {
            Some(word) if COVERAGE.contains(word) && date.role == Role::Ends => covered = covered.or(Some(date.date)),
            Some(word) if WORK.contains(word) => worked = worked.or(Some(date.date)),
            _ => {}
        }
        from = date.end;
    }
    (covered, worked)
}

/// "Date of service", "fecha del servicio": not the date of the letter.
fn is_of_service(message: &str, found: &Found) -> bool {
    let before = message.get(..found.start).unwrap_or_default();
    let near: String =
        before.chars().rev().take(28).collect::<Vec<_>>().into_iter().rev().collect::<String>().to_lowercase();
    ["service", "servicio", "visit", "appointment", "surgery", "cita"].iter().any(|word| near.contains(word))
}

fn born_65_before(birthday: NaiveDate) -> Option<NaiveDate> {
    birthday.checked_sub_months(Months::new(12 * 65))
}

/// By number, in English and Spanish.
const MONTHS: [&str; 2] = [
    "january february march april may june july august september october november december",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
];

fn month_named(word: &str) -> Option<u32> {
    let number = |names: &str| names.split(' ').zip(1..).find(|(name, _)| *name == word).map(|(_, number)| number);
    MONTHS.iter().find_map(|names| number(names))
}

/// "I turn 65 in March", "next month": the second of the month, which counts as every day of it but the first.
fn birth_by_month(text: &Text, today: NaiveDate) -> Option<NaiveDate> {
    let words: Vec<&str> = text.words().collect();
    let named = words.windows(2).find_map(|pair| {
        let is_in = matches!(pair.first(), Some(&("in" | "en" | "this" | "next" | "de")));
        pair.get(1).filter(|_| is_in).and_then(|word| month_named(word))
    });
    let has = |pair: [&str; 2]| words.windows(2).any(|words| words == pair);
    let next_month = || (has(["next", "month"]) || has(["proximo", "mes"])).then(|| today.month() % 12 + 1);
    let this_month = || (has(["this", "month"]) || has(["este", "mes"])).then(|| today.month());
    let month = named.or_else(next_month).or_else(this_month)?;
    let year = words.iter().find_map(|word| word.parse::<i32>().ok().filter(|year| (2000..2100).contains(year)));
    // "Turned 65 in August" is over, "turns 65 in August" is to come.
    let says_over = |word: &&str| matches!(*word, "turned" | "cumpli" | "cumplio" | "cumplido");
    let is_over = words.windows(3).any(|near| near.contains(&"65") && near.iter().any(says_over));
    let assumed = match is_over {
        true => today.year() - i32::from(month > today.month()),
        false => today.year() + i32::from(month < today.month()),
    };
    NaiveDate::from_ymd_opt(year.unwrap_or(assumed), month, 2).and_then(born_65_before)
}

/// The year that a question is about, if it names one.
pub fn year_asked(message: &str, today: NaiveDate) -> Option<i32> {
    let text = Text::new(message);
    let words: Vec<&str> = text.words().collect();
    let has = |pair: [&str; 2]| words.windows(2).any(|words| words == pair);
    if has(["next", "year"])
        || has(["proximo", "ano"])
        || has(["ano", "proximo"])
        || has(["ano", "siguiente"])
        || has(["que", "viene"])
    {
        return Some(today.year() + 1);
    }
    if has(["last", "year"]) || has(["ano", "pasado"]) {
        return Some(today.year() - 1);
    }
    words.iter().find_map(|word| word.parse().ok().filter(|year| (2000..2100).contains(year)))
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
