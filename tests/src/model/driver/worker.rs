//! A worker: what it was given last, what it believes since, and what it sent last.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::model::REMEMBERS;
use crate::model::operation::{Ending, Flaw, Keep, Memory, Reason, Release, Wait};
use crate::model::request::{Commit, Deferral, End, Hold, Place, Then, Until, Worker};

/// The names a run's steps have, over and over.
const STEPS: [&str; 4] = ["security_check", "navigator_analysis", "regulatory_check", "chat_response"];

/// One of the workers.
pub(super) struct Actor {
    holder: Uuid,
    release: Release,
    grant: Option<Grant>,
    commit: Option<Commit>,
    deferral: Option<Deferral>,
}

struct Grant {
    place: Place,
    step: String,
    wasted: Vec<Value>,
}

impl Actor {
    pub(super) fn new(release: Release) -> Self {
        Self { holder: Uuid::new_v4(), release, grant: None, commit: None, deferral: None }
    }

    /// A new invocation of the worker. It keeps what it knew: a frozen one comes back with old grants.
    pub(super) fn comes_anew(&mut self, release: Release) {
        (self.holder, self.release) = (Uuid::new_v4(), release);
    }

    pub(super) fn worker(&self) -> Worker {
        Worker { holder: self.holder, known: self.release.known() }
    }

    pub(super) fn release(&self) -> Release {
        self.release
    }

    /// Whether the answer gives it a run.
    pub(super) fn granted(&mut self, answer: &Value) -> bool {
        let grant = || {
            let number = |name: &str| answer[name].as_i64();
            let small = |name: &str| i32::try_from(number(name)?).ok();
            let run = answer["run_id"].as_str()?.parse().ok()?;
            let place = Place { run, fence: number("fence")?, step_no: small("step_no")?, attempt: small("attempt")? };
            Some(Grant {
                place,
                step: answer["step"].as_str()?.to_owned(),
                wasted: answer["wasted"].as_array()?.clone(),
            })
        };
        let Some(grant) = grant() else { return false };
        self.grant = Some(grant);
        true
    }

    pub(super) fn commit(&self, ending: Ending, memory: Memory, flaw: Flaw, number: i32) -> Option<Commit> {
        let grant = self.grant.as_ref()?;
        let (agent, memory) = match memory {
            Memory::None => ("regulatory", None),
            Memory::Facts => (REMEMBERS, Some(json!({ "facts": { "number": number } }))),
            Memory::Need => (REMEMBERS, Some(json!({ "need": "plan", "number": number }))),
            Memory::Private => ("patient_navigator", Some(json!({ "need": "nobody else's" }))),
        };
        let mut output = Map::new();
        output.insert(format!("finding_{}", number % 3), json!(number));
        let next_step = usize::try_from(grant.place.step_no + 1).unwrap_or(0) % STEPS.len();
        let words = |end, output: &mut Map<String, Value>| {
            if end == End::Failed {
                output.insert("failure".to_owned(), json!(format!("reason {number}")));
            }
            // The spaces and the order of the names have to come back as they are.
            let response = format!(
                "{{\"urgency\":  {number}, \"run_id\": 1, \"message\": {{ \"seq\": 0, \"content\": \"answer \\u003c{number}\" }} }}"
            );
            Then::End(end, format!("answer <{number}"), json!({ "urgency": number }), response)
        };
        let then = match ending {
            Ending::Step => Then::Step(STEPS[next_step].to_owned()),
            Ending::Completed => words(End::Completed, &mut output),
            Ending::Failed => words(End::Failed, &mut output),
        };
        Some(Commit {
            place: flaw.of(grant.place),
            id: Uuid::new_v4(),
            step: grant.step.clone(),
            agent,
            output,
            memory,
            duration_ms: number,
            usage: (number % 2 == 0).then(|| json!({ "input_tokens": number, "output_tokens": 1 })),
            wasted: grant.wasted.clone(),
            then,
        })
    }

    pub(super) fn last_commit(&self) -> Option<Commit> {
        self.commit.clone()
    }

    /// After a commit: when it is stored, the worker stands at the next step.
    pub(super) fn committed(&mut self, commit: Commit, outcome: &str) {
        if let (Some(grant), "committed" | "already", Then::Step(next)) = (&mut self.grant, outcome, &commit.then)
            && grant.place == commit.place
        {
            grant.place.step_no += 1;
            grant.place.attempt = 1;
            grant.step.clone_from(next);
            grant.wasted.clear();
        }
        self.commit = Some(commit);
    }

    pub(super) fn deferral(&self, keep: Keep, wait: Wait, reason: Reason, flaw: Flaw) -> Option<Deferral> {
        let grant = self.grant.as_ref()?;
        let failed = || {
            json!({ "attempt": grant.place.attempt, "outcome": "failed", "reason": "it took too long",
                    "usage": { "input_tokens": 5, "output_tokens": 0 } })
        };
        Some(Deferral {
            place: flaw.of(grant.place),
            hold: if keep == Keep::Hold { Hold::Held } else { Hold::Paused },
            until: if wait == Wait::Zero { Until::Past } else { Until::Ahead },
            failed: (reason == Reason::Failure).then(failed),
        })
    }

    pub(super) fn last_deferral(&self) -> Option<Deferral> {
        self.deferral.clone()
    }

    /// After a deferral: when it is stored, a failed attempt counts.
    pub(super) fn deferred(&mut self, deferral: Deferral, outcome: &str) {
        if let (Some(grant), "deferred", Some(failed)) = (&mut self.grant, outcome, &deferral.failed)
            && grant.place == deferral.place
        {
            grant.place.attempt += 1;
            grant.wasted.push(failed.clone());
        }
        self.deferral = Some(deferral);
    }
}

impl Flaw {
    fn of(self, place: Place) -> Place {
        match self {
            Self::None => place,
            Self::OldFence => Place { fence: place.fence - 1, ..place },
            Self::NextFence => Place { fence: place.fence + 1, ..place },
            Self::OldStep => Place { step_no: place.step_no - 1, ..place },
            Self::NextStep => Place { step_no: place.step_no + 1, ..place },
            Self::OtherRun => Place { run: Uuid::new_v4(), ..place },
        }
    }
}
