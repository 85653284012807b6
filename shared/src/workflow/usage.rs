//! What a run costs: tokens per attempt, and what was spent on attempts that brought nothing.
//!
//! The journal keeps the attempt that was committed and the ones before it: those that failed with what they used, those that
//! died with their invocation without, because nobody was left to tell.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::telemetry::metrics::{Metric, Metrics};

/// Tokens of one attempt at a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens sent to a model.
    pub input_tokens: u64,
    /// Tokens that came back.
    pub output_tokens: u64,
}

impl Usage {
    /// All tokens.
    pub(crate) fn total(self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
    }
}

/// What one invocation did, for its line of metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) runs_started: u32,
    pub(super) runs_resumed: u32,
    pub(super) runs_completed: u32,
    pub(super) runs_failed: u32,
    pub(super) runs_suspended: u32,
    pub(super) attempts_lost: u32,
    pub(super) attempts_failed: u32,
    pub(super) without_model: u32,
    pub(super) used: Usage,
    pub(super) wasted: Usage,
}

impl Work {
    /// Counts a committed attempt and the ones it took before. A lost attempt is taken to have used what the committed one
    /// did: the same call was made again.
    pub(super) fn committed(&mut self, usage: Option<&Value>, wasted: &Value) {
        let read = |value: &Value| serde_json::from_value::<Usage>(value.clone()).unwrap_or_default();
        let used = usage.map(read).unwrap_or_default();
        self.used.add(used);
        for attempt in wasted.as_array().into_iter().flatten() {
            // A refused one was worked on by somebody who lived, and whose work was lost all the same.
            if attempt["outcome"] == "lost" || attempt["outcome"] == "refused" {
                self.attempts_lost += 1;
                self.wasted.add(used);
            } else {
                self.attempts_failed += 1;
                self.wasted.add(read(&attempt["usage"]));
            }
        }
    }

    /// Adds it to the invocation's counts.
    pub(super) fn report(&self, metrics: &Metrics) {
        let wasted = self.wasted.total();
        for (metric, count) in [
            (Metric::WorkflowStarted, self.runs_started),
            (Metric::WorkflowResumed, self.runs_resumed),
            (Metric::WorkflowCompleted, self.runs_completed),
            (Metric::WorkflowFailed, self.runs_failed),
            (Metric::WorkflowSuspended, self.runs_suspended),
            (Metric::StepRetries, self.attempts_lost + self.attempts_failed),
            (Metric::ModelFailures, self.without_model),
            (Metric::InputTokens, saturated(self.used.input_tokens)),
            (Metric::OutputTokens, saturated(self.used.output_tokens)),
            (Metric::WastedTokens, saturated(wasted)),
        ] {
            metrics.add(metric, count);
        }
    }
}

fn saturated(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lost_attempts_cost_what_the_committed_one_did_and_failed_ones_what_they_said() {
        let mut work = Work::default();
        let usage = json!({ "input_tokens": 100, "output_tokens": 10 });
        let wasted = json!([
            { "attempt": 1, "outcome": "lost" },
            { "attempt": 2, "outcome": "failed", "reason": "x", "usage": { "input_tokens": 7, "output_tokens": 1 } },
            { "attempt": 3, "outcome": "failed", "reason": "x" },
        ]);
        work.committed(Some(&usage), &wasted);
        assert_eq!(work.used, Usage { input_tokens: 100, output_tokens: 10 });
        assert_eq!(work.wasted, Usage { input_tokens: 107, output_tokens: 11 });
        assert_eq!((work.attempts_lost, work.attempts_failed), (1, 2));
    }
}
