//! Conversations of 46 turns, one for each added delay, and what each turn cost.

use std::time::{Duration, Instant};

use super::contestant::Contestant;
use super::proxy::Counts;
use super::{DELAYS_MS, TURNS};

/// How long the wire is watched while nobody asks for anything.
const IDLE: Duration = Duration::from_secs(10);
/// Round trips from which the added delay is read off.
const PROBES: usize = 25;

/// What one turn cost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TurnCost {
    pub(super) ms: f64,
    pub(super) round_trips: usize,
    pub(super) statements: usize,
    pub(super) bytes_up: usize,
    pub(super) wal_bytes: i64,
}

/// A conversation at one delay.
pub(super) struct Conversation {
    /// What a round trip of `SELECT 1` takes through the proxy, milliseconds.
    pub(super) round_trip_ms: f64,
    pub(super) turns: Vec<TurnCost>,
    pub(super) answer_bytes: usize,
}

/// One contestant's numbers; a conversation for each of [`DELAYS_MS`].
pub(super) struct Measured {
    pub(super) conversations: Vec<Conversation>,
    pub(super) rows_per_turn: f64,
    pub(super) idle_statements_per_minute: usize,
}

impl Measured {
    /// The middle value of a turn's cost over the conversations.
    pub(super) fn at_turn(&self, turn: usize, cost: impl Fn(&TurnCost) -> f64) -> f64 {
        median(self.conversations.iter().map(|conversation| cost(&conversation.turns[turn - 1])))
    }

    /// The middle value over a conversation's turns but the first, which may still warm something up.
    pub(super) fn over_turns(&self, conversation: usize, cost: impl Fn(&TurnCost) -> f64) -> f64 {
        median(self.conversations[conversation].turns[1..].iter().map(cost))
    }

    /// The middle value where it is smallest: what runs in the background adds to a turn the more the longer it takes, and a
    /// pipelined message that a near server overtakes looks as if it had waited.
    pub(super) fn at_least(&self, cost: impl Fn(&TurnCost) -> f64) -> f64 {
        let medians = (0..self.conversations.len()).map(|conversation| self.over_turns(conversation, &cost));
        medians.min_by(f64::total_cmp).unwrap_or_default()
    }

    /// Round trips of a turn.
    pub(super) fn round_trips(&self) -> f64 {
        self.at_least(|turn| turn.round_trips as f64)
    }

    /// Bytes of a late turn's answer.
    pub(super) fn answer_bytes(&self) -> usize {
        self.conversations.first().map_or(0, |conversation| conversation.answer_bytes)
    }
}

/// The middle value; of an even number the upper one.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Measures a contestant; `probe_url` leads through its proxy.
pub(super) async fn measure(contestant: &mut impl Contestant, probe_url: &str, ca_pem: &str) -> Measured {
    let names = DELAYS_MS.map(|delay| format!("added-{delay}"));
    for name in names.iter().map(String::as_str).chain(["warm"]) {
        contestant.open(name).await;
    }
    for turn in 1..=2 {
        contestant.take_turn("warm", turn).await;
    }
    contestant.rest().await;
    let rows = contestant.observer().rows_written().await;
    contestant.wake().await;
    let mut conversations = Vec::new();
    for (name, delay) in names.iter().zip(DELAYS_MS) {
        contestant.proxy().delay(Duration::from_millis(delay));
        let round_trip_ms = probe(probe_url, ca_pem).await;
        conversations.push(converse(contestant, name, round_trip_ms).await);
    }
    contestant.proxy().delay(Duration::ZERO);
    contestant.proxy().take();
    tokio::time::sleep(IDLE).await;
    let Counts { statements, .. } = contestant.proxy().take();
    contestant.rest().await;
    let rows = contestant.observer().rows_written().await - rows;
    contestant.wake().await;
    Measured {
        rows_per_turn: rows as f64 / (TURNS * conversations.len()) as f64,
        conversations,
        idle_statements_per_minute: statements * 60 / usize::try_from(IDLE.as_secs()).expect("short"),
    }
}

async fn converse(contestant: &mut impl Contestant, name: &str, round_trip_ms: f64) -> Conversation {
    let mut turns = Vec::new();
    let mut answer_bytes = 0;
    for number in 1..=TURNS {
        contestant.proxy().take();
        let wal = contestant.observer().wal().await;
        let taken = contestant.take_turn(name, number).await;
        let wal_bytes = contestant.observer().wal().await - wal;
        let Counts { round_trips, statements, bytes_up, .. } = contestant.proxy().take();
        turns.push(TurnCost { ms: taken.ms, round_trips, statements, bytes_up, wal_bytes });
        answer_bytes = taken.answer.len();
    }
    Conversation { round_trip_ms, turns, answer_bytes }
}

/// The middle time of a round trip through the proxy, milliseconds.
async fn probe(url: &str, ca_pem: &str) -> f64 {
    let client = ops::database::connect(url, Some(ca_pem)).await.expect("a connection through the proxy");
    let mut times = Vec::new();
    for _ in 0..PROBES {
        let begun = Instant::now();
        client.simple_query("SELECT 1").await.expect("a row");
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    median(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value_whatever_the_order() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 3.0);
        assert_eq!(median([]), 0.0);
    }
}
