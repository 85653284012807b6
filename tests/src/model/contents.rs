//! The model as the database shows it: grants, the owner's view, and the full contents of the conversation's rows.

use serde_json::{Map, Value, json};

use super::request::{Commit, End, Hold, Then, Until};
use super::{Model, Phase, Turn};

/// So many earlier messages a worker is given, and so many characters of each.
const HISTORY: (usize, usize) = (6, 2_000);

impl Model {
    /// What a worker gets to go on with the current run.
    pub(super) fn grant(&self, outcome: &str) -> Value {
        let turn = self.current().expect("a run");
        let asked = self.lines.iter().position(|line| line.run == turn.ask.run).expect("its message");
        let history: Vec<Value> = self.lines[asked.saturating_sub(HISTORY.0)..asked]
            .iter()
            .map(|line| {
                let content: String = line.content.chars().take(HISTORY.1).collect();
                json!({ "role": role(line.agent), "content": content })
            })
            .collect();
        json!({
            "outcome": outcome, "run_id": turn.ask.run, "fence": self.fence, "step_no": turn.step_no, "step": turn.step,
            "attempt": turn.attempt, "wasted": turn.wasted, "last_seq": self.lines.len(),
            "workflow_type": turn.kind, "workflow_version": turn.version,
            "state": turn.state, "state_version": turn.state_version,
            "message": turn.ask.text, "told": turn.ask.metadata["data"], "evidence": [], "tokens_today": self.tokens, "done": self.done(turn), "history": history,
        })
    }

    /// A run as its owner sees it, without the times; none before anything was asked.
    pub fn view(&self) -> Option<Value> {
        let turn = self.current()?;
        let is_under_way = matches!(turn.phase, Phase::UnderWay(..));
        let steps: Vec<Value> = self
            .rows(turn)
            .map(|(commit, _)| {
                json!({ "step": commit.step, "agent_name": commit.agent, "attempts": commit.place.attempt,
                        "duration_ms": commit.duration_ms })
            })
            .collect();
        Some(json!({
            "conversation_id": super::driver::CONVERSATION, "run_id": turn.ask.run, "type": turn.kind,
            "version": turn.version, "status": status(turn.phase),
            "current_step": is_under_way.then_some(&turn.step), "attempt": is_under_way.then_some(turn.attempt),
            "reason": turn.reason, "steps": steps,
            "is_started": !turn.is_forgotten, "is_finished": !turn.is_forgotten && turn.response.is_some(),
            "queue": self.queue.iter().map(|ask| json!({ "run_id": ask.run })).collect::<Vec<_>>(),
        }))
    }

    /// What every replay of a cancelled request says.
    pub(super) fn cancelled_response(&self, answer: &str, parts: &Value) -> Value {
        let turn = self.current().expect("a run");
        let mut response = json!({
            "conversation_id": super::driver::CONVERSATION, "run_id": turn.ask.run,
            "message": { "id": format!("{}-a", turn.ask.run), "seq": self.lines.len() + 1, "content": answer,
                         "agent_name": "chat_communicator" },
            "workflow": { "type": turn.kind, "status": "cancelled", "steps": self.done(turn) },
            "persistence": { "persisted": true, "state": "stored" },
        });
        for (name, part) in parts.as_object().into_iter().flatten() {
            response[name] = part.clone();
        }
        response
    }

    /// Every row of the conversation, in the form of [`super::driver::CONTENTS`].
    pub fn contents(&self) -> Value {
        let messages: Vec<Value> = self
            .lines
            .iter()
            .zip(1..)
            .map(|(line, seq)| {
                json!({ "seq": seq, "id": line.id, "run_id": line.run, "role": role(line.agent),
                        "content": line.content, "agent_name": line.agent, "metadata": line.metadata })
            })
            .collect();
        let begun = self.turns.iter().filter(|turn| !turn.is_forgotten).map(|turn| {
            let status = if turn.response.is_some() { status(turn.phase) } else { "running" };
            json!({ "key": turn.ask.key, "hash": hex(&turn.ask.hash), "run_id": turn.ask.run, "type": turn.ask.kind,
                    "status": status, "message": null, "metadata": null, "response": turn.response })
        });
        let queued = self.queue.iter().map(|ask| {
            json!({ "key": ask.key, "hash": hex(&ask.hash), "run_id": ask.run, "type": ask.kind, "status": "queued",
                    "message": ask.text, "metadata": ask.metadata, "response": null })
        });
        let journal: Vec<Value> = self
            .journal
            .iter()
            .map(|(commit, fence)| {
                json!({ "run_id": commit.place.run, "step_no": commit.place.step_no, "step": commit.step,
                        "agent_name": commit.agent, "commit_id": commit.id, "fence": fence,
                        "attempt": commit.place.attempt, "duration_ms": commit.duration_ms, "output": commit.output,
                        "usage": commit.usage, "wasted": commit.wasted })
            })
            .collect();
        let memories: Vec<Value> = self
            .memories
            .iter()
            .map(|(agent, (memory, step))| json!({ "agent_name": agent, "state": memory, "step": step }))
            .collect();
        json!({
            "messages": messages, "requests": begun.chain(queued).collect::<Vec<_>>(), "journal": journal,
            "memories": memories, "head": self.current().map(|turn| self.head(turn)), "labels": self.labels(),
        })
    }

    /// The conversation's metadata: what its questions brought along, in their order, but for what was told beside them.
    fn labels(&self) -> Option<Map<String, Value>> {
        let questions =
            self.lines.iter().filter(|line| line.agent.is_none()).filter_map(|line| line.metadata.as_object());
        let members = questions.flatten().filter(|(name, _)| *name != "data");
        (!self.lines.is_empty()).then(|| members.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    fn head(&self, turn: &Turn) -> Value {
        let end_of = |wanted: Hold| match turn.phase {
            Phase::UnderWay(hold, Until::Ahead) if hold == wanted => "ahead",
            Phase::UnderWay(hold, Until::Past) if hold == wanted => "past",
            Phase::UnderWay(..) | Phase::Over(_) => "none",
        };
        json!({
            "run_id": turn.ask.run, "key": turn.ask.key, "type": turn.kind, "version": turn.version,
            "step": turn.step, "step_no": turn.step_no, "status": status(turn.phase), "state": turn.state,
            "state_version": turn.state_version, "fence": self.fence, "holder": self.holder,
            "lease": end_of(Hold::Held), "wake": end_of(Hold::Paused), "attempt": turn.attempt,
            "wasted": turn.wasted, "reason": turn.reason, "last_seq": self.lines.len(),
        })
    }

    fn rows(&self, turn: &Turn) -> impl Iterator<Item = &(Commit, i64)> + use<'_> {
        let run = turn.ask.run;
        self.journal.iter().filter(move |(commit, _)| commit.place.run == run)
    }

    fn done<'a>(&'a self, turn: &Turn) -> Vec<&'a str> {
        self.rows(turn).map(|(commit, _)| commit.step.as_str()).collect()
    }
}

impl Then {
    /// The run's status after the commit.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Step(_) => "running",
            Self::End(end, ..) => status(Phase::Over(*end)),
        }
    }
}

impl Hold {
    /// The run's status meanwhile.
    pub fn status(self) -> &'static str {
        status(Phase::UnderWay(self, Until::Ahead))
    }
}

fn status(phase: Phase) -> &'static str {
    match phase {
        Phase::UnderWay(Hold::Held, _) => "running",
        Phase::UnderWay(Hold::Paused, _) => "waiting",
        Phase::Over(End::Completed) => "completed",
        Phase::Over(End::Failed) => "failed",
        Phase::Over(End::Cancelled) => "cancelled",
    }
}

fn role(agent: Option<&str>) -> &'static str {
    if agent.is_some() { "assistant" } else { "user" }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
