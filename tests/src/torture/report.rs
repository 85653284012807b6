//! What was done and what came of it: a table, and one last line.

use std::collections::BTreeMap;
use std::fmt;

use super::Plan;
use super::director::Hit;
use super::schedule::{Blow, Order, Point, cells};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Report {
    seed: u64,
    hits: BTreeMap<(Order, &'static str), usize>,
    /// Database connections that the server ended.
    pub terminations: usize,
    /// Crashes of the pooler.
    pub pooler_crashes: usize,
    /// Crashes of the server.
    pub server_crashes: usize,
    /// Storms in which no step was taken.
    pub refusals: usize,
    /// Orders whose turn was over before they could be carried out; they were given again.
    pub put_back: usize,
    /// Turns begun.
    pub turns: usize,
    /// Steps committed.
    pub steps: usize,
    /// Attempts that ended with their process.
    pub lost_attempts: usize,
    /// How long it took.
    pub seconds: u64,
    /// What must not have happened.
    pub violations: Vec<String>,
}

impl Report {
    pub(super) fn of(plan: &Plan) -> Self {
        Self { seed: plan.seed, ..Self::default() }
    }

    pub(super) fn add_hit(&mut self, hit: &Hit, outcome: &'static str) {
        *self.hits.entry((hit.order, outcome)).or_default() += 1;
    }

    /// How many blows of a kind fell.
    pub fn fallen(&self, blow: Blow) -> usize {
        self.hits.iter().filter(|((order, _), _)| order.blow == blow).map(|(_, count)| count).sum()
    }

    /// How often a blow at this point, of any step, led to this.
    pub fn times(&self, blow: Blow, point: Point, outcome: &str) -> usize {
        let fits = |order: &Order, led_to: &str| order.blow == blow && order.point == point && led_to == outcome;
        self.hits.iter().filter(|((order, led_to), _)| fits(order, led_to)).map(|(_, count)| count).sum()
    }

    /// The places where a kill could fall and fell less often than `least`.
    pub fn missed(&self, least: usize) -> Vec<Order> {
        let count =
            |cell: &Order| self.hits.iter().filter(|((order, _), _)| order == cell).map(|(_, n)| n).sum::<usize>();
        cells(Blow::Kill).into_iter().filter(|cell| count(cell) < least).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| blow | point | workflow | step | outcome | times |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for ((order, outcome), count) in &self.hits {
            let (blow, point) = (blow(order.blow), point(order.point));
            let step = order.step_no.map_or("-".to_owned(), |number| number.to_string());
            writeln!(f, "| {blow} | {point} | {} | {step} | {outcome} | {count} |", order.workflow.as_str())?;
        }
        for violation in self.violations.iter().take(20) {
            writeln!(f, "VIOLATION: {violation}")?;
        }
        write!(
            f,
            "torture: seed {}: {} kills, {} freezes, {} cuts, {} connections ended, {} pooler and {} server crashes, {} storms; \
             {} turns, {} steps, {} attempts lost; {} violations; {} s",
            self.seed,
            self.fallen(Blow::Kill),
            self.fallen(Blow::Freeze),
            self.fallen(Blow::Cut),
            self.terminations,
            self.pooler_crashes,
            self.server_crashes,
            self.refusals,
            self.turns,
            self.steps,
            self.lost_attempts,
            self.violations.len(),
            self.seconds
        )
    }
}

fn blow(blow: Blow) -> &'static str {
    match blow {
        Blow::Kill => "kill",
        Blow::Freeze => "freeze",
        Blow::Cut => "cut",
    }
}

fn point(point: Point) -> &'static str {
    match point {
        Point::BeforeBegin => "begin not sent",
        Point::BeginSent => "begin sent, reply unread",
        Point::BeforeStep => "before the step",
        Point::InStep => "in the step",
        Point::BeforeCommit => "commit not sent",
        Point::CommitSent => "commit sent, reply unread",
        Point::AfterCommit => "after the commit",
    }
}
