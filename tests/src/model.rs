//! The durable turn as a small state machine in memory, written from the design: what each of the workflow's SQL functions
//! has to answer, and what the conversation's rows have to say afterwards. One conversation of one person.
//!
//! Invariants: no I/O and no clock. A lease or a pause has either time left or none; ids are given by whoever asks.

mod contents;
pub mod driver;
pub mod operation;
pub mod request;
mod schedule;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use request::{Ask, Commit, Deferral, End, Hold, Place, Then, Until, Worker};

/// So many messages wait behind a run at the most.
pub const LONGEST_QUEUE: usize = 10;
/// When to ask again, milliseconds, for as long as leases and pauses last in this model.
const RETRY_MS: i32 = 2_000;
/// So many attempts at one step, and the run is given up.
const MOST_ATTEMPTS: i32 = 5;
/// What is written down of a run that was handed back.
pub const RELEASED: &str = "not stored";
/// Where every run begins.
pub const FIRST_STEP: &str = "security_check";
/// Whose memory a new turn starts with.
pub const REMEMBERS: &str = "task_requirements";

/// What became of a commit. `has_next` is none where the promise leaves it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The word.
    pub outcome: &'static str,
    /// Whether another message waits.
    pub has_next: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    UnderWay(Hold, Until),
    Over(End),
}

/// A run: the work on one message.
#[derive(Clone, Debug)]
struct Turn {
    ask: Ask,
    kind: &'static str,
    version: i32,
    state_version: i32,
    state: Map<String, Value>,
    step: String,
    step_no: i32,
    attempt: i32,
    wasted: Vec<Value>,
    reason: Option<String>,
    phase: Phase,
    /// Text is replayed as it is; of a cancelled run the meaning is known, not the spelling.
    response: Option<Value>,
    /// Its request was pruned: the key is new again.
    is_forgotten: bool,
}

#[derive(Clone, Debug)]
struct Line {
    id: String,
    run: Uuid,
    agent: Option<&'static str>,
    content: String,
    metadata: Value,
}

/// The model.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The runs that began, in their order; the last one is the head's.
    turns: Vec<Turn>,
    queue: Vec<Ask>,
    lines: Vec<Line>,
    journal: Vec<(Commit, i64)>,
    /// What the commits used of a model; forgetting the journal does not forget it.
    tokens: i64,
    memories: BTreeMap<&'static str, (Value, String)>,
    /// How many grants there were.
    fence: i64,
    holder: Option<Uuid>,
    /// A sweep has handed the conversation out, and nobody has taken it yet.
    is_claimed: bool,
}

impl Model {
    /// What a request to begin a turn has to be answered.
    pub fn begin(&mut self, ask: &Ask, worker: &Worker) -> Value {
        let begun = self.turns.iter().find(|turn| turn.ask.key == ask.key && !turn.is_forgotten);
        let queued = self.queue.iter().find(|waiting| waiting.key == ask.key);
        if begun.map(|turn| &turn.ask).or(queued).is_some_and(|known| known.hash != ask.hash) {
            return json!({ "outcome": "mismatch" });
        }
        if let Some(response) = begun.and_then(|turn| turn.response.clone()) {
            return json!({ "outcome": "replay", "response": response });
        }
        // A request that began and has no response is the current run's.
        let mine = if begun.is_some() { "resumed" } else { "drain" };
        match self.current().map(|turn| turn.phase) {
            Some(Phase::UnderWay(Hold::Held, _)) if self.holder == Some(worker.holder) => self.grant(mine),
            Some(Phase::UnderWay(_, Until::Past)) => self.take_over(mine, worker),
            Some(Phase::UnderWay(_, Until::Ahead)) => {
                if begun.is_some() {
                    json!({ "outcome": "in_progress", "retry_ms": RETRY_MS })
                } else if let Some(queued) = queued {
                    queued_answer(queued)
                } else if ask.may_wait && self.queue.len() < LONGEST_QUEUE {
                    self.queue.push(ask.clone());
                    queued_answer(ask)
                } else {
                    json!({ "outcome": "busy", "retry_ms": RETRY_MS })
                }
            }
            Some(Phase::Over(_)) | None => match self.queue.first().map(|first| first.key == ask.key) {
                Some(true) => self.start_queued("started", worker),
                Some(false) => self.start_queued("drain", worker),
                None => self.start("started", ask.clone(), worker),
            },
        }
    }

    /// What a worker that asks for whatever is due has to be answered.
    pub fn resume(&mut self, worker: &Worker) -> Value {
        match self.current().map(|turn| turn.phase) {
            Some(Phase::UnderWay(Hold::Held, _)) if self.holder == Some(worker.holder) => self.grant("resumed"),
            Some(Phase::UnderWay(_, Until::Past)) => self.take_over("resumed", worker),
            Some(Phase::UnderWay(_, Until::Ahead)) => json!({ "outcome": "busy", "retry_ms": RETRY_MS }),
            Some(Phase::Over(_)) | None if self.queue.is_empty() => json!({ "outcome": "idle" }),
            Some(Phase::Over(_)) | None => self.start_queued("drain", worker),
        }
    }

    /// What a commit has to be answered.
    pub fn commit(&mut self, commit: &Commit) -> Committed {
        if !self.is_held_at(commit.place) {
            let is_stored = self.journal.iter().any(|(stored, _)| {
                let same_place = (stored.place.run, stored.place.step_no) == (commit.place.run, commit.place.step_no);
                same_place && stored.id == commit.id
            });
            let is_last = matches!(commit.then, Then::End(..));
            return match is_stored {
                // A worker that is told too often to look for more finds nothing; too seldom, and somebody waits.
                true if is_last => Committed { outcome: "already", has_next: (!self.queue.is_empty()).then_some(true) },
                true => Committed { outcome: "already", has_next: Some(false) },
                false => Committed { outcome: self.refusal(commit.place.run), has_next: Some(false) },
            };
        }
        self.journal.push((commit.clone(), self.fence));
        let used = |name: &str| commit.usage.as_ref().and_then(|usage| usage[name].as_i64()).unwrap_or(0);
        self.tokens += used("input_tokens") + used("output_tokens");
        if let Some(memory) = &commit.memory {
            self.memories.insert(commit.agent, (memory.clone(), commit.step.clone()));
        }
        self.is_claimed = false;
        let turn = self.turns.last_mut().expect("a held run");
        turn.state.extend(commit.output.clone());
        turn.step_no += 1;
        (turn.attempt, turn.wasted, turn.reason) = (1, Vec::new(), None);
        match &commit.then {
            Then::Step(step) => {
                turn.step.clone_from(step);
                turn.phase = Phase::UnderWay(Hold::Held, Until::Ahead);
                Committed { outcome: "committed", has_next: Some(false) }
            }
            Then::End(end, answer, metadata, response) => {
                if *end == End::Failed {
                    turn.reason = commit.output.get("failure").and_then(Value::as_str).map(ToOwned::to_owned);
                }
                turn.step.clone_from(&commit.step);
                self.finish(*end, commit.agent, answer, metadata, Value::from(response.as_str()));
                Committed { outcome: "committed", has_next: Some(!self.queue.is_empty()) }
            }
        }
    }

    /// What a deferral has to be answered.
    pub fn defer(&mut self, deferral: &Deferral) -> &'static str {
        let place = deferral.place;
        let attempt = place.attempt + i32::from(deferral.failed.is_some());
        let fence = self.fence;
        let is_held = self.is_held_at(place);
        let Some(turn) = self.turns.last_mut() else { return "fenced" };
        if is_held && turn.attempt == place.attempt {
            turn.phase = Phase::UnderWay(deferral.hold, deferral.until);
            turn.attempt = attempt;
            turn.wasted.extend(deferral.failed.clone());
            if let Some(reason) = deferral.failed.as_ref().and_then(|failed| failed["reason"].as_str()) {
                turn.reason = Some(reason.to_owned());
            }
            return "deferred";
        }
        // The run stands as this call would leave it: the call was made before.
        let stands =
            (turn.ask.run, fence, turn.step_no, turn.attempt) == (place.run, place.fence, place.step_no, attempt);
        if stands && matches!(turn.phase, Phase::UnderWay(hold, _) if hold == deferral.hold) {
            return "deferred";
        }
        self.refusal(place.run)
    }

    /// Whether cancelling changes something, finds it changed, or comes too late.
    pub fn cancel(&mut self, answer: &str, parts: &Value) -> &'static str {
        match self.current().map(|turn| turn.phase) {
            None => "not_found",
            Some(Phase::Over(End::Cancelled)) => "cancelled",
            Some(Phase::Over(_)) => "finished",
            Some(Phase::UnderWay(..)) => {
                let response = self.cancelled_response(answer, parts);
                let mut metadata = parts.clone();
                // The text has them.
                metadata.as_object_mut().and_then(|parts| parts.remove("next_steps"));
                self.finish(End::Cancelled, "chat_communicator", answer, &metadata, response);
                "cancelled"
            }
        }
    }

    /// An operator lets a run that nobody holds be taken up at once, as at its first attempt. False: it cannot be.
    pub fn retry(&mut self) -> bool {
        let Some(turn) = self.turns.last_mut() else { return false };
        match turn.phase {
            Phase::Over(_) | Phase::UnderWay(Hold::Held, Until::Ahead) => return false,
            Phase::UnderWay(Hold::Held, Until::Past) => turn.wasted.push(lost(turn.attempt)),
            Phase::UnderWay(Hold::Paused, _) => {}
        }
        turn.attempt = 1;
        turn.phase = Phase::UnderWay(Hold::Paused, Until::Past);
        self.is_claimed = false;
        true
    }

    /// The time of a lease, a pause or a sweep's claim goes by.
    pub fn expire(&mut self) {
        self.is_claimed = false;
        if let Some(turn) = self.turns.last_mut()
            && let Phase::UnderWay(hold, _) = turn.phase
        {
            turn.phase = Phase::UnderWay(hold, Until::Past);
        }
    }

    /// Finished requests are forgotten; how many.
    pub fn forget_requests(&mut self) -> usize {
        let finished = self.turns.iter_mut().filter(|turn| turn.response.is_some() && !turn.is_forgotten);
        finished.map(|turn| turn.is_forgotten = true).count()
    }

    /// The journal is deleted; how many rows.
    pub fn forget_journal(&mut self) -> usize {
        std::mem::take(&mut self.journal).len()
    }

    fn current(&self) -> Option<&Turn> {
        self.turns.last()
    }

    /// A worker keeps its right for as long as nobody took the run over, even when its lease is over.
    fn is_held_at(&self, place: Place) -> bool {
        self.current().is_some_and(|turn| {
            matches!(turn.phase, Phase::UnderWay(Hold::Held, _))
                && (turn.ask.run, self.fence, turn.step_no) == (place.run, place.fence, place.step_no)
        })
    }

    fn refusal(&self, run: Uuid) -> &'static str {
        let is_cancelled = |turn: &Turn| turn.ask.run == run && turn.phase == Phase::Over(End::Cancelled);
        if self.turns.iter().any(|turn| is_cancelled(turn) && !turn.is_forgotten) { "cancelled" } else { "fenced" }
    }

    fn take_over(&mut self, outcome: &str, worker: &Worker) -> Value {
        let turn = self.turns.last_mut().expect("a run under way");
        if !understands(&worker.known, turn.kind, turn.version, turn.state_version) {
            return not_mine();
        }
        if matches!(turn.phase, Phase::UnderWay(Hold::Held, _)) {
            turn.wasted.push(lost_with(turn.attempt, self.holder));
            turn.attempt += 1;
        }
        turn.phase = Phase::UnderWay(Hold::Held, Until::Ahead);
        self.hand_to(worker);
        self.grant(outcome)
    }

    fn start_queued(&mut self, outcome: &str, worker: &Worker) -> Value {
        if !worker.known.contains_key(self.queue[0].kind) {
            return not_mine();
        }
        let ask = self.queue.remove(0);
        self.start(outcome, ask, worker)
    }

    fn start(&mut self, outcome: &str, ask: Ask, worker: &Worker) -> Value {
        let carried = self.memories.get(REMEMBERS).map(|(memory, _)| memory.clone());
        // While a question is open, any message may be the answer to it.
        let is_open = carried.as_ref().is_some_and(|memory| memory.get("need").is_some());
        let kind = if is_open { "strategy_request" } else { ask.kind };
        self.lines.push(Line {
            id: format!("{}-u", ask.run),
            run: ask.run,
            agent: None,
            content: ask.text.clone(),
            metadata: ask.metadata.clone(),
        });
        self.turns.push(Turn {
            kind,
            version: worker.known[kind],
            state_version: worker.known["state"],
            state: carried.map(|memory| ("carried".to_owned(), memory)).into_iter().collect(),
            step: FIRST_STEP.to_owned(),
            step_no: 0,
            attempt: 1,
            wasted: Vec::new(),
            reason: None,
            phase: Phase::UnderWay(Hold::Held, Until::Ahead),
            response: None,
            is_forgotten: false,
            ask,
        });
        self.hand_to(worker);
        self.grant(outcome)
    }

    fn hand_to(&mut self, worker: &Worker) {
        self.is_claimed = false;
        self.fence += 1;
        self.holder = Some(worker.holder);
    }

    fn finish(&mut self, end: End, agent: &'static str, answer: &str, metadata: &Value, response: Value) {
        self.is_claimed = false;
        let turn = self.turns.last_mut().expect("a run under way");
        turn.phase = Phase::Over(end);
        turn.response = Some(response);
        self.lines.push(Line {
            id: format!("{}-a", turn.ask.run),
            run: turn.ask.run,
            agent: Some(agent),
            content: answer.to_owned(),
            metadata: metadata.clone(),
        });
    }
}

fn understands(known: &BTreeMap<&'static str, i32>, kind: &str, version: i32, state_version: i32) -> bool {
    let reaches = |name: &str, wanted: i32| known.get(name).is_some_and(|newest| *newest >= wanted);
    reaches(kind, version) && reaches("state", state_version)
}

fn lost(attempt: i32) -> Value {
    json!({ "attempt": attempt, "outcome": "lost" })
}

/// The same, with the worker that it was lost with: it may still say that it lives.
fn lost_with(attempt: i32, holder: Option<Uuid>) -> Value {
    json!({ "attempt": attempt, "outcome": "lost", "holder": holder })
}

fn not_mine() -> Value {
    json!({ "outcome": "not_mine", "retry_ms": RETRY_MS })
}

fn queued_answer(ask: &Ask) -> Value {
    json!({ "outcome": "queued", "run_id": ask.run, "workflow_type": ask.kind, "retry_ms": RETRY_MS })
}
