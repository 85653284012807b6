//! The three steps of a signing key's rotation, and the time between them: pure code.
//!
//! A function's environment knows the keys that it read at its start, so a key is announced before it signs, and kept after it signed.
//! The bundle keeps the hour of each step in JWT_ROTATION (`announced TIME`, `switched TIME`; RFC 3339).
//!
//! Invariants: a bundle without a usable key is refused, and stays as it is; a step is refused before its time, so two operators who press
//! at once take the same step. The times: step 2 when no environment lives that started before step 1; step 3 when none lives that
//! started before step 2 and may have signed with the old key until its end, when the last of its tokens has expired, and when the
//! mails whose codes were derived with it have left.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value};

use crate::{OpsError, Result};

const KEY: &str = "JWT_SECRET_KEY";
/// The second key: it verifies. Before the switch it is the coming one, after it the one before.
const SECOND_KEY: &str = "JWT_SECRET_KEY_PREVIOUS";
/// Where a rotation stands, and since when; the functions do not read it.
const STATE: &str = "JWT_ROTATION";

/// Lambda ends an execution environment after some hours, however busy it is: none that was there a day ago is there now.
const ENVIRONMENTS: TimeDelta = TimeDelta::hours(24);
/// The longest life of an access token that the configuration accepts.
const TOKENS: TimeDelta = TimeDelta::minutes(60);
/// A mail that could not be sent is tried for a day.
const MAILS: TimeDelta = TimeDelta::hours(24);

/// A step that can be taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The bundle after it.
    pub(super) bundle: Map<String, Value>,
    /// What was done, and what to do next.
    pub(super) said: String,
    /// What it costs to take it before its time.
    pub(super) warning: Option<String>,
}

/// The next step of the bundle's rotation at a time; `new` is the key that a first step announces. `is_hurried` takes it before its time.
///
/// # Errors
/// When the bundle has no key, its rotation is not this program's, or the step's time has not come.
pub(super) fn next(mut bundle: Map<String, Value>, new: String, now: DateTime<Utc>, is_hurried: bool) -> Result<Step> {
    let text = |name: &str| bundle.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let Some(key) = text(KEY).map(ToOwned::to_owned) else {
        return Err(OpsError::said(
            "the secret has no JWT_SECRET_KEY, so there is nothing to rotate, and nothing was changed; see that it is the right secret, or \
             fill it: ops setup --secret ARN",
        ));
    };
    let second = text(SECOND_KEY).map(ToOwned::to_owned);
    let state = text(STATE).unwrap_or_default().to_owned();
    let (name, since) = state.split_once(' ').map_or((state.as_str(), None), |(name, time)| (name, Some(time)));
    let since = since.and_then(|time| DateTime::parse_from_rfc3339(time.trim()).ok()).map(|time| time.to_utc());
    let at = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    match (name, second) {
        ("", None) if !bundle.contains_key(SECOND_KEY) => {
            bundle.insert(SECOND_KEY.to_owned(), new.into());
            bundle.insert(STATE.to_owned(), format!("announced {at}").into());
            let said = format!(
                "step 1 of 3: the new key is announced; nothing is signed with it yet. Functions learn of it as they start. Step 2 has its \
                 time from {} on: run this again then.",
                shown(now + ENVIRONMENTS)
            );
            Ok(Step { bundle, said, warning: None })
        }
        ("announced", Some(coming)) => {
            let cost = "functions that started before step 1 refuse what is signed with the new key: people have to sign in again";
            let warning = in_time(2, since, ENVIRONMENTS, now, is_hurried, cost)?;
            bundle.insert(KEY.to_owned(), coming.into());
            bundle.insert(SECOND_KEY.to_owned(), key.into());
            bundle.insert(STATE.to_owned(), format!("switched {at}").into());
            let said = format!(
                "step 2 of 3: the new key signs as functions start; the old one verifies until step 3, which has its time from {} on \
                 (environments, tokens and mails of the old key are gone then): run this again then.",
                shown(now + ENVIRONMENTS + TOKENS + MAILS)
            );
            Ok(Step { bundle, said, warning })
        }
        ("switched", Some(_)) => {
            let cost = "tokens and the codes of mails that were made with the old key become invalid: people have to sign in again";
            let warning = in_time(3, since, ENVIRONMENTS + TOKENS + MAILS, now, is_hurried, cost)?;
            bundle.remove(SECOND_KEY);
            bundle.remove(STATE);
            let said = "step 3 of 3: the old key is gone. Functions that start from now on do not know it.".to_owned();
            Ok(Step { bundle, said, warning })
        }
        _ => Err(OpsError::said(
            "JWT_SECRET_KEY_PREVIOUS and JWT_ROTATION of the bundle are not as this command leaves them; remove both, or set JWT_ROTATION \
             to `announced TIME` (the second key is the coming one) or `switched TIME` (it is the one before), TIME as 2026-12-31T08:00:00Z",
        )),
    }
}

/// The warning when a step is hurried; none when its time has come.
fn in_time(
    step: u8,
    since: Option<DateTime<Utc>>,
    wait: TimeDelta,
    now: DateTime<Utc>,
    is_hurried: bool,
    cost: &str,
) -> Result<Option<String>> {
    let said = match since.map(|since| since + wait) {
        Some(due) if due <= now => return Ok(None),
        Some(due) => {
            // Rounded up, so that it is never too early.
            let minutes = ((due - now).num_seconds() + 59) / 60;
            format!("step {step} of 3 has its time at {}, in {} h {} min", shown(due), minutes / 60, minutes % 60)
        }
        None => {
            format!("JWT_ROTATION does not say when step {} was taken (`… TIME`, as 2026-12-31T08:00:00Z)", step - 1)
        }
    };
    if is_hurried {
        return Ok(Some(format!("{said}; --now takes it all the same, and {cost}")));
    }
    Err(OpsError::said(format!("{said}; before it, {cost}. Nothing was changed. When a key may be known: --now")))
}

fn shown(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(pairs: &[(&str, &str)]) -> Map<String, Value> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
    }

    fn time(hours: i64) -> DateTime<Utc> {
        "2026-12-30T08:00:00Z".parse::<DateTime<Utc>>().expect("a time") + TimeDelta::hours(hours)
    }

    fn step(bundle: &Map<String, Value>, hours: i64, is_hurried: bool) -> Result<Step> {
        next(bundle.clone(), "new".to_owned(), time(hours), is_hurried)
    }

    #[test]
    fn a_key_is_announced_then_signs_then_the_old_one_goes_each_in_its_time() {
        let start = bundle(&[(KEY, "old"), ("OTHER", "kept")]);
        let announced = step(&start, 0, false).expect("announced").bundle;
        let state = (STATE, "announced 2026-12-30T08:00:00Z");
        assert_eq!(announced, bundle(&[(KEY, "old"), (SECOND_KEY, "new"), state, ("OTHER", "kept")]));
        for hours in [0, 1, 23] {
            let said = step(&announced, hours, false).expect_err("too early").to_string();
            let left = format!("has its time at 2026-12-31 08:00 UTC, in {} h 0 min", 24 - hours);
            assert!(said.contains(&left) && said.contains("Nothing was changed"), "{said}");
        }
        let switched = step(&announced, 24, false).expect("switched");
        assert_eq!(switched.warning, None);
        let state = (STATE, "switched 2026-12-31T08:00:00Z");
        let expected = bundle(&[(KEY, "new"), (SECOND_KEY, "old"), state, ("OTHER", "kept")]);
        assert_eq!(switched.bundle, expected);
        for hours in [24, 24 + 24, 24 + 48] {
            assert!(step(&switched.bundle, hours, false).is_err(), "{hours}");
        }
        let retired = step(&switched.bundle, 24 + 49, false).expect("retired");
        assert_eq!((retired.bundle, retired.warning), (bundle(&[(KEY, "new"), ("OTHER", "kept")]), None));
    }

    #[test]
    fn a_step_that_is_hurried_says_what_it_costs() {
        let announced = step(&bundle(&[(KEY, "old")]), 0, true).expect("announced");
        assert_eq!(announced.warning, None, "the first step waits for nothing");
        let switched = step(&announced.bundle, 1, true).expect("switched");
        assert!(
            switched
                .warning
                .is_some_and(|warning| warning.contains("in 23 h 0 min") && warning.contains("sign in again"))
        );
        let retired = step(&switched.bundle, 2, true).expect("retired");
        assert!(retired.warning.is_some());
        assert_eq!(step(&announced.bundle, 24, true).expect("in time").warning, None);
    }

    #[test]
    fn what_is_no_bundle_of_keys_is_refused_and_says_why() {
        for (wrong, part) in [
            (bundle(&[]), "has no JWT_SECRET_KEY"),
            (bundle(&[(KEY, " ")]), "has no JWT_SECRET_KEY"),
            (bundle(&[(SECOND_KEY, "b"), (STATE, "announced 2026-12-01T00:00:00Z")]), "has no JWT_SECRET_KEY"),
            (bundle(&[(KEY, "a"), (SECOND_KEY, "b")]), "not as this command leaves them"),
            (bundle(&[(KEY, "a"), (SECOND_KEY, "")]), "not as this command leaves them"),
            (bundle(&[(KEY, "a"), (STATE, "announced 2026-12-01T00:00:00Z")]), "not as this command leaves them"),
            (bundle(&[(KEY, "a"), (SECOND_KEY, "b"), (STATE, "announced")]), "does not say when step 1"),
            (bundle(&[(KEY, "a"), (SECOND_KEY, "b"), (STATE, "switched yesterday")]), "does not say when step 2"),
        ] {
            let said = step(&wrong, 1_000, false).expect_err("refused").to_string();
            assert!(said.contains(part), "{said}");
        }
        let untimed = bundle(&[(KEY, "a"), (SECOND_KEY, "b"), (STATE, "announced")]);
        assert!(step(&untimed, 0, true).expect("hurried").warning.is_some());
    }
}
