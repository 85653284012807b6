//! How a run stands, and which way it may go from there.

/// The status of a conversation's head row, as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// Nothing was asked yet.
    Idle,
    /// A worker has it until its lease is over.
    Running,
    /// Nobody has it; it may go on from its wake time.
    Waiting,
    /// It was answered.
    Completed,
    /// It was given up, and the answer says so.
    Failed,
    /// The person cancelled it.
    Cancelled,
}

use RunStatus::{Cancelled, Completed, Failed, Idle, Running, Waiting};

impl RunStatus {
    /// Every status.
    pub const ALL: &'static [Self] = &[Idle, Running, Waiting, Completed, Failed, Cancelled];

    /// Every change there is, with the SQL function that makes it (an operator's `run_retry` aside). ARCHITECTURE.md draws this list, and a test compares them.
    pub const TRANSITIONS: &'static [(Self, Self, &'static str)] = &[
        (Idle, Running, "turn_begin"),
        (Running, Running, "step_commit"),
        (Running, Running, "step_defer"),
        (Running, Running, "turn_begin"),
        (Running, Running, "turn_resume"),
        (Running, Waiting, "step_defer"),
        (Running, Completed, "step_commit"),
        (Running, Failed, "step_commit"),
        (Running, Failed, "turn_give_up"),
        (Running, Waiting, "turn_release"),
        (Running, Cancelled, "turn_cancel"),
        (Waiting, Running, "turn_begin"),
        (Waiting, Running, "turn_resume"),
        (Waiting, Failed, "turn_give_up"),
        (Waiting, Cancelled, "turn_cancel"),
        (Completed, Running, "turn_begin"),
        (Completed, Running, "turn_resume"),
        (Failed, Running, "turn_begin"),
        (Failed, Running, "turn_resume"),
        (Cancelled, Running, "turn_begin"),
        (Cancelled, Running, "turn_resume"),
    ];

    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Idle => "idle",
            Running => "running",
            Waiting => "waiting",
            Completed => "completed",
            Failed => "failed",
            Cancelled => "cancelled",
        }
    }
}
