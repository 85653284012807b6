//! The ladder from a question to a value: native schema, JSON object, tolerant parse, one repair, or a reason why not.
//!
//! Invariants: it ends by its deadline; at most [`MOST_CALLS`] calls; a retry only for what may pass, after the pause that the
//! provider names when it fits into the time left; what was used is counted whatever came of it.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::breaker::Breaker;
use super::{Form, LanguageModel, ModelError, Question};
use crate::clock::Deadline;
use crate::workflow::usage::Usage;

/// Of all kinds: retries, the other form, the repair.
const MOST_CALLS: usize = 4;
/// With less time left no call is begun.
const LEAST_TIME: Duration = Duration::from_millis(700);
const FIRST_PAUSE_MS: u64 = 200;
/// A longer answer is not looked at.
const LONGEST_ANSWER: usize = 64 * 1024;
/// So much of a wrong answer is shown to the model again.
const SHOWN_AGAIN: usize = 2_000;

/// Why there is no advice; stored with the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WithoutModel {
    /// The person's budget of the day is used up.
    Budget,
    /// The breaker is open.
    Open,
    /// Too little time was left, or it did not answer in time.
    Time,
    /// It is away or busy.
    Away,
    /// The configuration is wrong.
    Refused,
    /// What it said cannot be used.
    Unusable,
}

impl WithoutModel {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Budget => "daily_budget",
            Self::Open => "circuit_open",
            Self::Time => "no_time",
            Self::Away => "unavailable",
            Self::Refused => "refused",
            Self::Unusable => "unusable_answer",
        }
    }
}

/// Asks until there is a value that `check` takes; `check` says what is wrong otherwise.
pub(super) async fn ask<T: DeserializeOwned>(
    model: &dyn LanguageModel,
    breaker: &Breaker,
    question: Question<'_>,
    until: Deadline,
    check: impl Fn(&T) -> Result<(), &'static str>,
) -> (Result<T, WithoutModel>, Usage) {
    let mut used = Usage::default();
    let mut form = question.form;
    let mut wrong: Option<(String, String)> = None;
    let (mut passing, mut last) = (0_u32, WithoutModel::Unusable);
    for _ in 0..MOST_CALLS {
        if !breaker.allows() {
            return (Err(WithoutModel::Open), used);
        }
        if until.remaining() < LEAST_TIME {
            return (Err(WithoutModel::Time), used);
        }
        let repair = wrong.as_ref().map(|(said, problem)| (said.as_str(), problem.as_str()));
        let call = model.complete(Question { form, repair, ..question });
        match timeout(until.remaining(), call).await.unwrap_or(Err(ModelError::TimedOut)) {
            Ok(said) => {
                breaker.succeeded();
                used.add(said.usage);
                match parse::<T>(&said.text).and_then(|value| check(&value).map(|()| value).map_err(str::to_owned)) {
                    Ok(value) => return (Ok(value), used),
                    // One repair, and no more.
                    Err(_) if wrong.is_some() => return (Err(WithoutModel::Unusable), used),
                    Err(problem) => wrong = Some((said.text.chars().take(SHOWN_AGAIN).collect(), problem)),
                }
            }
            Err(ModelError::Rejected(_)) if form == Form::Schema => form = Form::Object,
            Err(error) => {
                breaker.failed(error);
                last = reason(error);
                let ModelError::Passing { retry_after, .. } = error else { return (Err(last), used) };
                let pause = retry_after.unwrap_or_else(|| jittered(passing));
                passing += 1;
                if passing >= 3 || until.remaining() < pause + LEAST_TIME {
                    return (Err(last), used);
                }
                tokio::time::sleep(pause).await;
            }
        }
    }
    (Err(last), used)
}

fn reason(error: ModelError) -> WithoutModel {
    match error {
        ModelError::Passing { .. } => WithoutModel::Away,
        ModelError::Refused(_) | ModelError::Rejected(_) => WithoutModel::Refused,
        ModelError::Unreadable => WithoutModel::Unusable,
        ModelError::TimedOut => WithoutModel::Time,
    }
}

/// Full jitter: 0 to 200 ms, 0 to 400 ms.
fn jittered(passing: u32) -> Duration {
    let longest = FIRST_PAUSE_MS << passing.min(4);
    Duration::from_millis(longest * u64::from(uuid::Uuid::new_v4().as_bytes()[0]) / 255)
}

/// The value in an answer: the whole of it, or the first JSON object in it.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    if text.len() > LONGEST_ANSWER {
        return Err("the answer is too long".to_owned());
    }
    let whole = serde_json::from_str(text.trim());
    whole.or_else(|error| object_in(text).map_or(Err(error), serde_json::from_str)).map_err(|error| {
        let told = error.to_string();
        format!("the answer is not the JSON object that was asked for: {}", told.chars().take(120).collect::<String>())
    })
}

/// The first balanced `{…}`, strings respected.
fn object_in(text: &str) -> Option<&str> {
    let begin = text.find('{')?;
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate().skip(begin) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => depth += 1,
            b'}' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    return text.get(begin..=at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
