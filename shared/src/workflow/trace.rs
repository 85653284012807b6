//! Where a turn goes, for `LOG_LEVEL=debug`: runs by id, steps and outcomes by name, times. Nothing of content, no conversation's
//! id (the client chooses it), no metadata.

use std::time::Duration;

use serde_json::Value;

use super::state::Run;
use super::store::{Begun, Committed, Deferred};
use crate::agents::{Next, StepError, StepOutput, decision};

/// How `turn_begin` or `turn_resume` answered.
pub(super) fn begun(begun: &Begun) {
    let (outcome, grant) = match begun {
        Begun::Started(grant) => ("started", Some(grant)),
        Begun::Resumed(grant) => ("resumed", Some(grant)),
        Begun::Drain(grant) => ("drain", Some(grant)),
        Begun::Replay { .. } => ("replay", None),
        Begun::InProgress { .. } => ("in_progress", None),
        Begun::Queued { .. } => ("queued", None),
        Begun::Busy { .. } => ("busy", None),
        Begun::Mismatch => ("mismatch", None),
        Begun::NotMine { .. } => ("not_mine", None),
        Begun::Deleted => ("deleted", None),
        Begun::Archived => ("archived", None),
        Begun::Refused { .. } => ("refused", None),
        Begun::Idle => ("idle", None),
    };
    match grant {
        Some(grant) => tracing::debug!(
            outcome,
            run_id = %grant.run_id,
            workflow = grant.workflow_type,
            step = grant.step,
            step_no = grant.step_no,
            attempt = grant.attempt,
            is_told = grant.told.is_some(),
            "turn"
        ),
        None => tracing::debug!(outcome, "turn"),
    }
}

/// What a step decided.
pub(super) fn step(run: &Run, output: &StepOutput, time: Duration) {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let next = match &output.next {
        Next::Step(step) => step.as_str(),
        Next::Done(_) => "done",
    };
    let decision = Value::Object(decision(output));
    tracing::debug!(
        run_id = %run.id(),
        step = run.step().as_str(),
        agent = output.agent.as_str(),
        next,
        %decision,
        ms = milliseconds(time),
        "step"
    );
}

/// Why a step was not done.
pub(super) fn failed(run: &Run, error: &StepError, time: Duration) {
    let (step, reason) = (run.step().as_str(), error.reason());
    tracing::debug!(run_id = %run.id(), step, reason, ms = milliseconds(time), "step failed");
}

/// What became of a step's commit.
pub(super) fn committed(run: &Run, committed: &Committed) {
    let (outcome, has_next, evidence) = match committed {
        Committed::Stored { has_next, evidence } => ("stored", *has_next, evidence.len()),
        Committed::Fenced => ("fenced", false, 0),
        Committed::Cancelled => ("cancelled", false, 0),
        Committed::Gone => ("gone", false, 0),
    };
    tracing::debug!(run_id = %run.id(), step = run.step().as_str(), outcome, has_next, evidence, "commit");
}

/// What became of a step that was put off.
pub(super) fn deferred(run: &Run, deferred: &Deferred, pause: Duration) {
    let outcome = match deferred {
        Deferred::Stored => "stored",
        Deferred::Fenced => "fenced",
        Deferred::Cancelled => "cancelled",
        Deferred::Gone => "gone",
    };
    tracing::debug!(
        run_id = %run.id(), step = run.step().as_str(), outcome, pause_ms = milliseconds(pause), "put off"
    );
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
