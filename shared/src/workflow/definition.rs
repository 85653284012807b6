//! What this version of the code knows: the workflows by version, and the versions of the stored state with their upcasters.
//!
//! Invariants: a run goes on under the definition it began with; a version that is not registered, or a state that cannot be
//! decoded, ends the run as failed and overwrites nothing; upcasters are pure and each goes one version up.

use serde_json::{Map, Value};

use super::step::{Step, WorkflowType};
use crate::agents::TurnState;

/// The version of [`TurnState`] that this code writes.
pub(super) const STATE_VERSION: i32 = 1;

/// Turns a state into that of the next version.
type Upcaster = fn(Value) -> Value;

/// The first turns version 1 into version 2, and so on; the array's length keeps it complete.
const UPCASTERS: [Upcaster; (STATE_VERSION - 1) as usize] = [];

/// A released sequence of steps.
#[derive(Debug)]
pub(super) struct Definition {
    workflow_type: WorkflowType,
    version: i32,
    /// What may follow each step; a step that is absent ends the run.
    edges: &'static [(Step, &'static [Step])],
}

/// Every workflow version whose runs this code can finish. The newest of a type begins new runs.
static REGISTRY: [Definition; 2] = [
    Definition {
        workflow_type: WorkflowType::StrategyRequest,
        version: 1,
        edges: &[
            (Step::SecurityCheck, &[Step::NavigatorAnalysis, Step::ChatResponse]),
            (Step::NavigatorAnalysis, &[Step::TaskRequirements, Step::NavigatorQa]),
            (Step::TaskRequirements, &[Step::ServiceStrategy, Step::ChatResponse]),
            (Step::ServiceStrategy, &[Step::RegulatoryCheck]),
            (Step::NavigatorQa, &[Step::RegulatoryCheck]),
            (Step::RegulatoryCheck, &[Step::ChatResponse]),
        ],
    },
    Definition {
        workflow_type: WorkflowType::NavigatorOnly,
        version: 1,
        edges: &[
            (Step::SecurityCheck, &[Step::NavigatorQa, Step::ChatResponse]),
            (Step::NavigatorQa, &[Step::RegulatoryCheck]),
            (Step::RegulatoryCheck, &[Step::ChatResponse]),
        ],
    },
];

impl Definition {
    /// The definition a run began with; `None` when this code does not have it.
    pub(super) fn find(workflow_type: &str, version: i32) -> Option<&'static Self> {
        REGISTRY.iter().find(|one| one.workflow_type.as_str() == workflow_type && one.version == version)
    }

    pub(super) fn workflow_type(&self) -> WorkflowType {
        self.workflow_type
    }

    /// Whether `next` may follow `step`.
    pub(super) fn allows(&self, step: Step, next: Step) -> bool {
        self.edges.iter().any(|(from, to)| *from == step && to.contains(&next))
    }
}

/// The newest version of each workflow, and of the state: what a worker tells the database that it understands.
pub(super) fn known() -> Value {
    let mut known = Map::new();
    for one in &REGISTRY {
        let newest = known.get(one.workflow_type.as_str()).and_then(Value::as_i64).unwrap_or(0);
        known.insert(one.workflow_type.as_str().to_owned(), Value::from(newest.max(i64::from(one.version))));
    }
    known.insert("state".to_owned(), Value::from(STATE_VERSION));
    Value::Object(known)
}

/// The state of any released version as this code's; `None` when it cannot be read.
pub(super) fn decode(version: i32, state: &Value) -> Option<TurnState> {
    serde_json::from_value(upcast(version, state.clone(), &UPCASTERS)?).ok()
}

fn upcast(version: i32, state: Value, upcasters: &[Upcaster]) -> Option<Value> {
    let done = usize::try_from(version.checked_sub(1)?).ok()?;
    Some(upcasters.get(done..)?.iter().fold(state, |state, upcaster| upcaster(state)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_definition_is_found_by_type_and_version_and_an_unknown_one_is_not() {
        assert!(Definition::find("strategy_request", 1).is_some());
        assert!(Definition::find("strategy_request", 2).is_none());
        assert!(Definition::find("another", 1).is_none());
        assert_eq!(known(), json!({ "strategy_request": 1, "navigator_only": 1, "state": STATE_VERSION }));
    }

    #[test]
    fn upcasters_are_applied_from_the_states_version_on() {
        let chain: [Upcaster; 2] = [|state| json!({ "two": state }), |state| json!({ "three": state })];
        assert_eq!(upcast(1, json!(0), &chain), Some(json!({ "three": { "two": 0 } })));
        assert_eq!(upcast(2, json!(0), &chain), Some(json!({ "three": 0 })));
        assert_eq!(upcast(3, json!(0), &chain), Some(json!(0)));
        for version in [4, 0, -1, i32::MIN] {
            assert_eq!(upcast(version, json!(0), &chain), None, "{version}");
        }
    }

    /// The states of every released version, as they were stored after each step. A file is added with a version and never
    /// changed.
    #[test]
    fn every_released_state_can_still_be_read() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
        let mut versions = std::collections::BTreeSet::new();
        for entry in std::fs::read_dir(folder).expect("the golden files").flatten() {
            let text = std::fs::read_to_string(entry.path()).expect("a golden file");
            let golden: Value = serde_json::from_str(&text).expect("JSON");
            let version = i32::try_from(golden["state_version"].as_i64().expect("a version")).expect("small");
            for state in golden["states"].as_array().expect("states") {
                let decoded = decode(version, &state["state"]);
                assert!(decoded.is_some(), "{}: after {}", entry.path().display(), state["after"]);
            }
            versions.insert(version);
        }
        assert_eq!(versions, (1..=STATE_VERSION).collect(), "each version has its golden files");
    }

    #[test]
    fn a_state_that_is_none_is_not_guessed_at() {
        assert!(decode(1, &json!({ "security": 7 })).is_none());
        assert!(decode(STATE_VERSION + 1, &json!({})).is_none());
    }
}
