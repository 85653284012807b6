//! Texts in both languages, and dates as people write them.

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

/// A shipped text in English and Spanish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Spanish.
    pub es: &'static str,
}

/// A composed text in English and Spanish.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// English.
    pub en: String,
    /// Spanish.
    pub es: String,
}

impl Words {
    /// From both texts.
    pub fn new(en: impl Into<String>, es: impl Into<String>) -> Self {
        Self { en: en.into(), es: es.into() }
    }

    /// These words and another sentence.
    #[must_use]
    pub fn and(mut self, more: &Self) -> Self {
        for (text, more) in [(&mut self.en, &more.en), (&mut self.es, &more.es)] {
            if !text.is_empty() && !more.is_empty() {
                text.push(' ');
            }
            text.push_str(more);
        }
        self
    }
}

impl From<Text> for Words {
    fn from(text: Text) -> Self {
        Self::new(text.en, text.es)
    }
}

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_ES: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
const DAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAYS_ES: [&str; 7] = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];

fn nth(names: &[&'static str], index: u32) -> &'static str {
    usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default()
}

/// `October 2, 2026`
pub fn long_date_en(date: NaiveDate) -> String {
    format!("{} {}, {}", nth(&MONTHS_EN, date.month0()), date.day(), date.year())
}

/// `2 de octubre de 2026`
pub fn long_date_es(date: NaiveDate) -> String {
    format!("{} de {} de {}", date.day(), nth(&MONTHS_ES, date.month0()), date.year())
}

pub(super) fn weekday_en(date: NaiveDate) -> &'static str {
    nth(&DAYS_EN, date.weekday().num_days_from_monday())
}

pub(super) fn weekday_es(date: NaiveDate) -> &'static str {
    nth(&DAYS_ES, date.weekday().num_days_from_monday())
}
