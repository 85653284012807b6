//! What the schedule finds, and what a worker says that the database kept from its commit.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::request::{Hold, Until};
use super::{MOST_ATTEMPTS, Model, Phase, RELEASED, understands};

impl Model {
    /// What a worker has to be answered that lives, and that the database kept from its commit.
    pub fn release(&mut self, holder: Uuid) -> &'static str {
        let is_mine = self.holder == Some(holder);
        let Some(turn) = self.turns.last_mut() else { return "nothing" };
        match turn.phase {
            Phase::UnderWay(Hold::Held, _) if is_mine => {
                turn.phase = Phase::UnderWay(Hold::Paused, Until::Ahead);
                turn.reason = Some(RELEASED.to_owned());
                "released"
            }
            Phase::UnderWay(..) => {
                let of_holder =
                    |attempt: &&mut Value| attempt["outcome"] == "lost" && attempt["holder"] == json!(holder);
                let refused: Vec<_> = turn.wasted.iter_mut().filter(of_holder).collect();
                let answer = if refused.is_empty() { "nothing" } else { "excused" };
                refused.into_iter().for_each(|attempt| attempt["outcome"] = "refused".into());
                answer
            }
            Phase::Over(_) => "nothing",
        }
    }

    /// Whether a sweep of such a worker has to find the conversation, and whether its run is to be given up; what it finds no other
    /// one does.
    pub fn sweep(&mut self, known: &BTreeMap<&'static str, i32>) -> Option<bool> {
        if self.is_claimed || !self.is_due(known) {
            return None;
        }
        self.is_claimed = true;
        Some(self.current().is_some_and(|turn| match turn.phase {
            Phase::UnderWay(hold, _) => {
                let refused = turn.wasted.iter().filter(|attempt| attempt["outcome"] == "refused").count();
                turn.attempt + i32::from(hold == Hold::Held) > MOST_ATTEMPTS + i32::try_from(refused).expect("few")
            }
            Phase::Over(_) => false,
        }))
    }

    fn is_due(&self, known: &BTreeMap<&'static str, i32>) -> bool {
        match self.current().map(|turn| (turn, turn.phase)) {
            Some((_, Phase::UnderWay(_, Until::Ahead))) => false,
            Some((turn, Phase::UnderWay(_, Until::Past))) => {
                understands(known, turn.kind, turn.version, turn.state_version)
            }
            Some((_, Phase::Over(_))) | None => self.queue.first().is_some_and(|first| known.contains_key(first.kind)),
        }
    }
}
