//! What a step decided, for a log line: names of our own enumerations, counts and truths, nothing that anyone wrote.
//!
//! Invariant: a list of what may be said. A field that is not in it is not said, and a value in it that is no short name of
//! ours (lower-case letters, digits and underscores) is not, either.

use serde_json::{Map, Value};

use super::StepOutput;

/// How a field is said.
#[derive(Clone, Copy)]
enum Says {
    /// The name, truth or number.
    Value,
    /// How many there are.
    Count,
}

/// The fields by the step's own field in the state; an empty name is the whole of it.
const SAID: &[(&str, &[(&str, Says)])] = &[
    (
        "security",
        &[
            ("verdict", Says::Value),
            ("threat", Says::Value),
            ("severity", Says::Value),
            ("confidence_percent", Says::Value),
            ("emergency", Says::Value),
            ("deadline", Says::Value),
            ("language", Says::Value),
        ],
    ),
    (
        "analysis",
        &[
            ("intent", Says::Value),
            ("request_type", Says::Value),
            ("urgency", Says::Value),
            ("confidence_percent", Says::Value),
            ("continues_need", Says::Value),
            ("missing", Says::Value),
        ],
    ),
    ("qa", &[("intent", Says::Value), ("terms", Says::Count)]),
    (
        "requirements",
        &[("need", Says::Value), ("missing", Says::Value), ("goes_on", Says::Value), ("letter", Says::Value)],
    ),
    (
        "strategy",
        &[
            ("intent", Says::Value),
            ("plan_type", Says::Value),
            ("need", Says::Value),
            ("actions", Says::Value),
            ("is_urgent", Says::Value),
            ("confidence", Says::Value),
        ],
    ),
    (
        "regulatory",
        &[("rules", Says::Count), ("sources", Says::Count), ("unsupported", Says::Count), ("quotes", Says::Count)],
    ),
    ("reply", &[("", Says::Value)]),
    ("output_check", &[("", Says::Value)]),
];

/// The longest name that is one of ours.
const LONGEST_NAME: usize = 40;

/// What a step decided, by `field.name`.
pub fn decision(output: &StepOutput) -> Map<String, Value> {
    let mut said = Map::new();
    for (field, names) in SAID {
        let Some(finding) = output.delta.get(*field) else { continue };
        for (name, how) in *names {
            let value = if name.is_empty() { Some(finding) } else { finding.get(*name) };
            let value = value.and_then(|value| match how {
                Says::Value => plain(value),
                Says::Count => value.as_array().map(|items| items.len().into()),
            });
            if let Some(value) = value {
                let place = if name.is_empty() { (*field).to_owned() } else { format!("{field}.{name}") };
                said.insert(place, value);
            }
        }
    }
    said
}

/// The value if it is a truth, a number, a name of ours, or several of them.
fn plain(value: &Value) -> Option<Value> {
    let is_of_a_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    match value {
        Value::Bool(_) | Value::Number(_) => Some(value.clone()),
        Value::String(text) => (text.len() <= LONGEST_NAME && text.bytes().all(is_of_a_name)).then(|| value.clone()),
        Value::Array(items) => Some(items.iter().filter_map(plain).collect()),
        Value::Null | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use futures_util::FutureExt as _;
    use serde_json::json;

    use super::*;
    use crate::agents::{AgentName, Next, StepInput, TurnState, run_step};
    use crate::workflow::step::{Step, WorkflowType};

    #[test]
    fn names_truths_and_counts_are_said_and_texts_are_not() {
        let delta = json!({
            "security": { "verdict": "safe", "reason": "it asks for zq1", "language": "en", "threat": "Zq 2" },
            "qa": { "intent": "explain_term", "terms": ["copay", "zq3"] },
            "analysis": { "facts": { "service": "zq4" }, "missing": ["plan_type", "notice_date"], "continues_need": false },
            "search": "zq5",
            "reply": "request",
        });
        let output = StepOutput {
            agent: AgentName::ChatCommunicator,
            delta: delta.as_object().cloned().expect("an object"),
            agent_state: Some(json!("zq6")),
            next: Next::Step(Step::ChatResponse),
        };
        let expected = json!({
            "security.verdict": "safe", "security.language": "en", "qa.intent": "explain_term", "qa.terms": 2,
            "analysis.missing": ["plan_type", "notice_date"], "analysis.continues_need": false, "reply": "request",
        });
        assert_eq!(Value::Object(decision(&output)), expected);
    }

    /// Each step of both ways says something, whatever its fields are called by then.
    #[test]
    fn every_step_says_what_it_decided() {
        for (message, workflow_type) in [
            ("My Medicare Advantage plan denied my MRI. The letter is dated 2026-11-02", WorkflowType::StrategyRequest),
            ("What is a copay?", WorkflowType::NavigatorOnly),
        ] {
            let (mut state, mut next, mut steps) = (Map::new(), Some(WorkflowType::FIRST_STEP), 0);
            while let Some(step) = next {
                let read: TurnState = serde_json::from_value(Value::Object(state.clone())).expect("a state");
                let today = NaiveDate::from_ymd_opt(2026, 11, 30).expect("a day");
                let (history, evidence, advice) = (&[][..], &[][..], None);
                let input = StepInput { step, workflow_type, message, history, state: &read, today, evidence, advice };
                let output = run_step(&input).now_or_never().expect("at once").expect("done");
                let said = Value::Object(decision(&output)).to_string();
                assert!(said.len() > 2 && !said.contains("MRI"), "{}: {said}", step.as_str());
                state.extend(output.delta);
                next = if let Next::Step(step) = output.next { Some(step) } else { None };
                steps += 1;
            }
            assert!(steps >= 4);
        }
    }
}
