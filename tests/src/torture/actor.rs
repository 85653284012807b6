//! A client: asks, is cut off, asks again with the same key, leaves, sends two messages at once, cancels.

use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::schedule::{Blow, Dice, Order, Workflow};
use super::world::World;
use crate::client::{Answer, Person};

/// A request whose process is to be frozen is left alone after this, and sent again.
const FREEZE_IMPATIENCE: Duration = Duration::from_secs(4);
/// Any other: the machine may be slow, and a request that is left goes on all the same.
const IMPATIENCE: Duration = Duration::from_secs(15);

/// A message that was sent, and what its client knows.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Whose.
    pub user: Uuid,
    /// In which conversation.
    pub conversation: String,
    /// Messages of one group were sent at once; groups one after the other.
    pub group: usize,
    /// Its Idempotency-Key.
    pub key: String,
    /// What was asked.
    pub message: String,
    /// Every 200 that was received for it.
    pub answers: Vec<String>,
    /// What the client was promised beside.
    pub fate: Fate,
    /// What came back each time: after how many milliseconds, and what.
    pub story: Vec<String>,
}

/// How a message has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its client has the answer.
    Answered,
    /// Its client left; stored or not, nothing may stay half done.
    Left,
    /// Nothing came in all the time: a violation.
    Never,
}

/// One client in one conversation.
pub struct Actor {
    world: Arc<World>,
    person: Person,
    conversation: String,
    dice: Dice,
    group: usize,
    impatience: Duration,
}

impl Actor {
    /// A client of a person's own.
    pub fn new(world: Arc<World>, person: Person, number: usize, seed: u64) -> Self {
        let dice = Dice::new(seed ^ (number as u64 + 1).wrapping_mul(0x5851_F42D_4C95_7F2D));
        Self { world, person, conversation: format!("c{number}-0"), dice, group: 0, impatience: IMPATIENCE }
    }

    /// Takes orders until none is left.
    pub async fn act(mut self) {
        while let Some(order) = self.world.next_order() {
            if self.group > 0 && self.group.is_multiple_of(40) {
                self.conversation = format!("{}-{}", self.conversation.split('-').next().unwrap_or("c"), self.group);
            }
            self.group += 1;
            self.world.director().order(&self.conversation, order);
            self.turn(order).await;
            if let Some(order) = self.world.director().take_back(&self.conversation) {
                self.world.put_back(order);
            }
        }
    }

    async fn turn(&mut self, order: Order) {
        self.impatience = if order.blow == Blow::Freeze { FREEZE_IMPATIENCE } else { IMPATIENCE };
        let asked = self.asked(order.workflow);
        match self.dice.below(20) {
            0..2 => self.leave(asked).await,
            2..5 => self.ask_twice(asked).await,
            5..7 => self.send_another(asked, order.workflow).await,
            7..8 => self.cancel(asked).await,
            _ => {
                let asked = self.until_answered(asked, None).await;
                self.world.record(asked);
            }
        }
    }

    fn asked(&mut self, workflow: Workflow) -> Sent {
        Sent {
            user: self.person.id.parse().expect("an id"),
            conversation: self.conversation.clone(),
            group: self.group,
            key: format!("k{:016x}", self.dice.roll()),
            message: workflow.message(self.dice.roll() % 1_000_000),
            answers: Vec::new(),
            fate: Fate::Never,
            story: Vec::new(),
        }
    }

    /// The client is gone after its first request; the schedule has to finish what was stored.
    async fn leave(&self, mut asked: Sent) {
        if let Some(answer) = self.send(&asked, None).await
            && answer.status == 200
        {
            asked.answers.push(answer.text);
        }
        asked.fate = Fate::Left;
        let end = Instant::now() + self.world.patience();
        while !self.world.is_settled(&asked).await {
            if Instant::now() > end {
                asked.fate = Fate::Never;
                break;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        self.world.record(asked);
    }

    /// The same request, again before the first is answered.
    async fn ask_twice(&self, asked: Sent) {
        let (first, second) = tokio::join!(self.until_answered(asked.clone(), None), async {
            tokio::time::sleep(Duration::from_millis(8)).await;
            self.until_answered(asked.clone(), None).await
        });
        let mut both = first;
        both.answers.extend(second.answers);
        if second.fate == Fate::Never {
            both.fate = Fate::Never;
        }
        self.world.record(both);
    }

    /// A second message that waits for its turn.
    async fn send_another(&mut self, asked: Sent, workflow: Workflow) {
        let other =
            if workflow == Workflow::StrategyRequest { Workflow::NavigatorOnly } else { Workflow::StrategyRequest };
        let another = self.asked(other);
        let (first, second) = tokio::join!(self.until_answered(asked, None), async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            self.until_answered(another, Some("enqueue")).await
        });
        self.world.record(first);
        self.world.record(second);
    }

    async fn cancel(&mut self, asked: Sent) {
        let pause = Duration::from_millis(self.dice.roll() % 60);
        let path = format!("/conversations/{}/workflow/cancel", self.conversation);
        let (asked, ()) = tokio::join!(self.until_answered(asked, None), async {
            tokio::time::sleep(pause).await;
            let call = self.world.api().call("POST", &path).token(&self.person.token);
            // Too early, too late or in time: the judge sees what became of the turn.
            let _any = tokio::time::timeout(self.impatience, call.send_unjudged()).await;
        });
        self.world.record(asked);
    }

    async fn until_answered(&self, mut asked: Sent, when_busy: Option<&str>) -> Sent {
        let end = Instant::now() + self.world.patience();
        while Instant::now() < end && !self.world.is_over() {
            let sent_at = Instant::now();
            let answer = self.send(&asked, when_busy).await;
            let (status, code) = answer.as_ref().map_or((0, ""), |answer| (answer.status, answer.code()));
            let at = self.world.patience().saturating_sub(end.saturating_duration_since(sent_at)).as_millis();
            asked.story.push(format!("{at}+{}:{status}{code}", sent_at.elapsed().as_millis()));
            let Some(answer) = answer else { continue };
            if answer.status == 200 {
                asked.answers.push(answer.text);
                asked.fate = Fate::Answered;
                return asked;
            }
            if matches!(answer.status, 202 | 409 | 500 | 503 | 504) {
                let seconds = answer.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
                tokio::time::sleep(Duration::from_millis(seconds.map_or(100, |seconds: u64| seconds * 1_000))).await;
            } else {
                self.world.complain(format!("{} answered {} {}", asked.key, answer.status, answer.text));
                break;
            }
        }
        asked
    }

    async fn send(&self, asked: &Sent, when_busy: Option<&str>) -> Option<Answer> {
        let mut body = serde_json::json!({ "message": asked.message, "conversation_id": asked.conversation });
        if let Some(when_busy) = when_busy {
            body["when_busy"] = when_busy.into();
        }
        let call = self.world.api().post("/chat/navigator", &body).token(&self.person.token).key(&asked.key);
        tokio::time::timeout(self.impatience, call.send_unjudged()).await.ok()
    }
}
