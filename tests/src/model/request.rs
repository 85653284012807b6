//! What workers, people and operators ask of a conversation.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use uuid::Uuid;

/// Who asks for work: one invocation, and the newest versions it understands (by workflow type, and `state`).
#[derive(Clone, Debug)]
pub struct Worker {
    /// Repeated unchanged when a reply was lost.
    pub holder: Uuid,
    /// The versions.
    pub known: BTreeMap<&'static str, i32>,
}

/// A message as it is asked for.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The Idempotency-Key.
    pub key: String,
    /// The hash of what the request says.
    pub hash: Vec<u8>,
    /// The run's id, if it becomes one.
    pub run: Uuid,
    /// The message.
    pub text: String,
    /// Kept beside it.
    pub metadata: Value,
    /// The workflow it is routed to.
    pub kind: &'static str,
    /// Whether it may wait for its turn.
    pub may_wait: bool,
}

/// A step that was done.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The worker's place.
    pub place: Place,
    /// The id of this commit.
    pub id: Uuid,
    /// The step.
    pub step: String,
    /// Whose work it was.
    pub agent: &'static str,
    /// What is merged into the state.
    pub output: Map<String, Value>,
    /// What the agent remembers, if anything.
    pub memory: Option<Value>,
    /// How long it took.
    pub duration_ms: i32,
    /// The tokens it used, if any.
    pub usage: Option<Value>,
    /// The attempts before it, as the worker knows them.
    pub wasted: Vec<Value>,
    /// What comes next.
    pub then: Then,
}

/// What a worker believes to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The run.
    pub run: Uuid,
    /// The grant's number.
    pub fence: i64,
    /// The step's number.
    pub step_no: i32,
    /// The attempt at it.
    pub attempt: i32,
}

/// What comes after a step.
#[derive(Clone, Debug)]
pub enum Then {
    /// Another step.
    Step(String),
    /// The end, with the answer, what is kept beside it, and the response.
    End(End, String, Value, String),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It was answered.
    Completed,
    /// It was given up.
    Failed,
    /// The person cancelled it.
    Cancelled,
}

/// A step put off.
#[derive(Clone, Debug)]
pub struct Deferral {
    /// The worker's place.
    pub place: Place,
    /// Whether the worker keeps the run meanwhile.
    pub hold: Hold,
    /// For how long.
    pub until: Until,
    /// The attempt that failed, if there was one.
    pub failed: Option<Value>,
}

/// Who has a run that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The worker of the newest grant.
    Held,
    /// Nobody.
    Paused,
}

/// The end of a lease or a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// It lies ahead.
    Ahead,
    /// It is over.
    Past,
}
