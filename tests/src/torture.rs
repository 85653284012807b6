//! The kill test: real binaries through a real pooler, killed, frozen and cut off at every point of every step, while their
//! clients send the same requests again; and a judge that reads the database afterwards.
//!
//! Invariants of the test itself: a seed decides what is done to whom (not when the machine does it); every order that was
//! given and carried out is counted; a mutant of the SQL or of the driver that the judge does not notice is a failure.

pub mod actor;
pub mod control;
pub mod director;
pub mod judge;
pub mod mutants;
pub mod nemesis;
pub mod report;
pub mod schedule;
mod world;

use std::time::Duration;

pub use report::Report;

use crate::product::{Options, Product, product_on};
use crate::stack::Stack;
use world::World;

/// How much is done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// SIGKILLs of a function's process at a point of a step.
    pub kills: usize,
    /// SIGSTOPs past the lease, and back.
    pub freezes: usize,
    /// Connections cut without a word to either side.
    pub cuts: usize,
    /// Database connections ended by the server.
    pub terminations: usize,
    /// Crashes of the pooler.
    pub pooler_crashes: usize,
    /// Crashes of the database server.
    pub server_crashes: usize,
    /// Storms in which the database takes no step.
    pub refusals: usize,
    /// Decides everything.
    pub seed: u64,
    /// Conversations at once.
    pub actors: usize,
    /// After this without an answer a turn counts as lost.
    pub patience: Duration,
    /// The driver's mistake, if one is made on purpose.
    pub mutant: Option<&'static str>,
    /// Whether a violation ends the run early.
    pub stops_at_first_violation: bool,
}

impl Plan {
    /// `kills` kills, and a little of everything else that one process can do.
    pub fn of(kills: usize, seed: u64) -> Self {
        Self {
            kills,
            freezes: kills / 10,
            cuts: kills / 10,
            terminations: kills / 20,
            pooler_crashes: kills / 500,
            server_crashes: kills / 1_000,
            refusals: kills.div_ceil(400),
            seed,
            actors: 24,
            patience: Duration::from_secs(90),
            mutant: None,
            stops_at_first_violation: false,
        }
    }
}

/// Runs a plan over a database of this stack.
pub async fn run(stack: &'static Stack, database: String, plan: &Plan) -> Report {
    let control = control::Control::start().await;
    let product = product(stack, database, &control, plan).await;
    let world = World::new(product, control, plan.clone());
    world.run().await
}

async fn product(stack: &'static Stack, database: String, control: &control::Control, plan: &Plan) -> Product {
    let stand_in = serde_json::json!({ "control": control.address(), "step_ms": 2, "mutant": plan.mutant });
    let options = Options {
        // A frozen process keeps its place until it is thawed.
        processes: 16,
        pool_size: 12,
        is_tapped: true,
        environment: vec![
            ("NAVIGATOR_STAND_IN".to_owned(), stand_in.to_string()),
            ("LOG_LEVEL".to_owned(), "off".to_owned()),
        ],
        ..Options::default()
    };
    product_on(stack, database, options).await
}

/// The mutants of these names, a few at a time (they wait for leases more than they work): each with the violation that
/// gave it away.
pub async fn all_noticed(
    stack: &'static Stack,
    names: Vec<&'static str>,
    seed: u64,
) -> Vec<(&'static str, Option<String>)> {
    use futures_util::StreamExt as _;
    futures_util::stream::iter(names)
        .map(|name| async move {
            let violation = noticed(stack, Some(name), seed).await;
            println!("mutant {name}: {}", violation.as_deref().unwrap_or("NOT noticed"));
            (name, violation)
        })
        .buffer_unordered(2)
        .collect()
        .await
}

/// Makes one mistake on purpose, or none, and returns the violation that gave it away.
pub async fn noticed(stack: &'static Stack, mutant: Option<&str>, seed: u64) -> Option<String> {
    let database = stack.database().await;
    let mut plan = Plan {
        kills: 54,
        freezes: 16,
        cuts: 48,
        terminations: 0,
        actors: 16,
        patience: Duration::from_secs(45),
        stops_at_first_violation: true,
        // Without a mistake a storm must bring nothing to light either.
        refusals: usize::from(mutant.is_none()),
        ..Plan::of(0, seed)
    };
    match mutants::SQL_MUTANTS.iter().find(|one| Some(one.name) == mutant) {
        Some(sql) => {
            plan.refusals = usize::from(sql.name == mutants::REFUSED_COUNTS);
            sql.apply(&stack.server.superuser(&database).await.expect("a connection")).await;
        }
        None => plan.mutant = mutants::DRIVER_MUTANTS.iter().copied().find(|name| Some(*name) == mutant),
    }
    run(stack, database, &plan).await.violations.into_iter().next()
}
