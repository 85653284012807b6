//! The requests and replies of `/regulatory/deadlines`, parsed and rendered.

use chrono::{Datelike as _, NaiveDate};
use lambda_http::http::StatusCode;
use lambda_http::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::{Code, Problem};
use super::reply::Reply;
use super::request::{Fields, Request};
use crate::knowledge::deadlines::CannotCount;
use crate::regulatory::{LastDayError, LastDayQuery, parameter_of};

const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;
const PARAMETERS: [&str; 6] = ["dated", "received", "event", "printed", "plan", "lang"];

impl Request {
    /// The rule in the path, and the dates around a notice.
    ///
    /// # Errors
    /// 422 with every parameter that is wrong.
    pub fn last_day_query(&self) -> Result<LastDayQuery, Problem> {
        let mut fields = Fields::default();
        let mut query = LastDayQuery { rule: self.parameter("rule")?.into_owned(), ..LastDayQuery::default() };
        for (name, value) in self.query_parameters(&PARAMETERS)? {
            let pointer = format!("?{name}");
            match name.as_str() {
                "plan" => {
                    query.plan = fields.take(
                        &pointer,
                        one_of(
                            &value,
                            "original_medicare, medicare_advantage, part_d, commercial, marketplace or extra_help",
                        ),
                    );
                }
                "lang" => query.lang = fields.take(&pointer, one_of(&value, "en or es")).unwrap_or_default(),
                _ => {
                    let date = fields.take(&pointer, date(&value));
                    match name.as_str() {
                        "dated" => query.dated = date,
                        "received" => query.received = date,
                        "event" => query.event = date,
                        _ => query.printed = date,
                    }
                }
            }
        }
        if fields.is_empty() { Ok(query) } else { Err(fields.problem()) }
    }
}

/// A date of letters: nothing counted from it leaves the calendar's four-digit years.
fn date(text: &str) -> Result<NaiveDate, &'static str> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    date.filter(|date| text.len() == 10 && YEARS.contains(&date.year()))
        .ok_or("must be a date of the calendar, such as 2026-10-02")
}

fn one_of<T: DeserializeOwned>(text: &str, names: &str) -> Result<T, String> {
    serde_json::from_value(Value::from(text)).map_err(|_| format!("must be {names}"))
}

impl Reply {
    /// 200 with a calendar file to be saved under this name.
    pub fn calendar(file: String, name: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
        if let Ok(disposition) = HeaderValue::try_from(format!("attachment; filename=\"{name}.ics\"")) {
            headers.insert(CONTENT_DISPOSITION, disposition);
        }
        Self::text(StatusCode::OK, headers, file)
    }
}

impl From<LastDayError> for Problem {
    fn from(error: LastDayError) -> Self {
        match error {
            LastDayError::NoSuchRule => {
                Self::new(Code::RuleNotFound).detail("Use the id of a deadline in an answer, such as ma-l1-file.")
            }
            LastDayError::Window => Self::field("?printed", "must be given: this time depends on the person"),
            LastDayError::Count(CannotCount::Missing(event)) => {
                Self::field(format!("?{}", parameter_of(event)), "must be given: the rule counts from it")
            }
            LastDayError::Count(CannotCount::BeyondCalendar) => {
                Self::field("?dated", "leads to a day beyond the calendar")
            }
            LastDayError::Count(CannotCount::NotATime) => {
                Self::field("path:rule", "names an amount, which has no last day")
            }
        }
    }
}
