//! Which blow falls where: first each (workflow × step × point) in turn, over and over, in an order that the seed decides.

use std::collections::VecDeque;

/// A workflow of the product, as the stand-in runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Workflow {
    /// Six steps.
    StrategyRequest,
    /// Four steps.
    NavigatorOnly,
}

impl Workflow {
    /// Both.
    pub const ALL: [Self; 2] = [Self::StrategyRequest, Self::NavigatorOnly];

    /// How many steps it has.
    pub fn steps(self) -> i32 {
        match self {
            Self::StrategyRequest => 6,
            Self::NavigatorOnly => 4,
        }
    }

    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StrategyRequest => "strategy_request",
            Self::NavigatorOnly => "navigator_only",
        }
    }

    /// A message that takes this workflow; the number makes it one of its kind.
    pub fn message(self, number: u64) -> String {
        match self {
            Self::StrategyRequest => format!("My plan denied my MRI. Case {number}."),
            Self::NavigatorOnly => format!("What is a deductible? Case {number}."),
        }
    }
}

/// A place in the work of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// turn_begin has left the function and reaches nobody.
    BeforeBegin,
    /// turn_begin was carried out; its reply is never read.
    BeginSent,
    /// The step is about to begin.
    BeforeStep,
    /// The step has begun.
    InStep,
    /// step_commit has left the function and reaches nobody.
    BeforeCommit,
    /// step_commit was carried out; its reply is never read.
    CommitSent,
    /// The reply of step_commit was just read.
    AfterCommit,
}

impl Point {
    const OF_A_STEP: [Self; 5] =
        [Self::BeforeStep, Self::InStep, Self::BeforeCommit, Self::CommitSent, Self::AfterCommit];
    const OF_A_BEGIN: [Self; 2] = [Self::BeforeBegin, Self::BeginSent];
}

/// What is done there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blow {
    /// SIGKILL to the process.
    Kill,
    /// SIGSTOP until another process has taken over, then SIGCONT.
    Freeze,
    /// Its connection is cut.
    Cut,
}

/// One blow, as it is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// What is done.
    pub blow: Blow,
    /// Where in a step.
    pub point: Point,
    /// In which step, from 0; none for the begin.
    pub step_no: Option<i32>,
    /// Of which workflow.
    pub workflow: Workflow,
}

/// A small deterministic generator (SplitMix64): the same seed gives the same orders on every machine.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end.max(1) as u64).expect("small")
    }
}

/// The orders that are left.
#[derive(Debug)]
pub struct Schedule {
    orders: VecDeque<Order>,
}

impl Schedule {
    /// The orders of a plan.
    pub fn new(kills: usize, freezes: usize, cuts: usize, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut orders = Vec::new();
        for (blow, count) in [(Blow::Kill, kills), (Blow::Freeze, freezes), (Blow::Cut, cuts)] {
            let mut cells = cells(blow);
            shuffle(&mut cells, &mut dice);
            orders.extend(cells.into_iter().cycle().take(count));
        }
        shuffle(&mut orders, &mut dice);
        Self { orders: orders.into() }
    }

    /// The next order; none when everything was given.
    pub fn take_next(&mut self) -> Option<Order> {
        self.orders.pop_front()
    }

    /// An order whose turn was over before it could be carried out is given again.
    pub fn put_back(&mut self, order: Order) {
        self.orders.push_back(order);
    }
}

fn shuffle(orders: &mut [Order], dice: &mut Dice) {
    for at in (1..orders.len()).rev() {
        orders.swap(at, dice.below(at + 1));
    }
}

/// Every place where a blow can fall.
pub fn cells(blow: Blow) -> Vec<Order> {
    let mut cells = Vec::new();
    for workflow in Workflow::ALL {
        if blow != Blow::Freeze {
            cells.extend(Point::OF_A_BEGIN.map(|point| Order { blow, point, step_no: None, workflow }));
        }
        for step_no in 0..workflow.steps() {
            for point in Point::OF_A_STEP {
                let fits = match blow {
                    Blow::Kill => true,
                    // Where the process waits for an answer that can be held back until somebody else has taken over.
                    Blow::Freeze => matches!(point, Point::BeforeStep | Point::BeforeCommit),
                    Blow::Cut => matches!(point, Point::BeforeCommit | Point::CommitSent),
                };
                if fits {
                    cells.push(Order { blow, point, step_no: Some(step_no), workflow });
                }
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_ordered_equally_often_and_a_seed_decides_the_order() {
        let mut schedule = Schedule::new(540, 0, 0, 7);
        let mut orders: Vec<Order> = std::iter::from_fn(|| schedule.take_next()).collect();
        let same: Vec<Order> = {
            let mut schedule = Schedule::new(540, 0, 0, 7);
            std::iter::from_fn(|| schedule.take_next()).collect()
        };
        assert_eq!(orders, same);
        assert_eq!(cells(Blow::Kill).len(), 54);
        orders.sort();
        for cell in cells(Blow::Kill) {
            assert_eq!(orders.iter().filter(|order| **order == cell).count(), 10, "{cell:?}");
        }
    }
}
