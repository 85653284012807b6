//! 1,000 kills, and every mistake made on purpose. `cargo torture` does it at any size.

#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the functions")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use tests::stack::stack;
use tests::torture::mutants::names;
use tests::torture::schedule::Blow;
use tests::torture::{Plan, all_noticed, noticed, run};

const SEED: u64 = 20_261_124;

/// One at a time.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_kills_lose_nothing_and_do_nothing_twice() {
    let _turn = TURN.lock().await;
    let stack = stack().await;
    // The server is everybody's in this process: it is not crashed here.
    let plan = Plan { server_crashes: 0, ..Plan::of(1_000, SEED) };
    let report = run(stack, stack.database().await, &plan).await;
    println!("{report}");
    assert!(report.violations.is_empty(), "{report}");
    assert!(report.fallen(Blow::Kill) >= 1_000, "{report}");
    assert_eq!(report.missed(10), [], "every point of every step of both workflows is struck");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mutant_is_noticed_and_without_one_there_is_nothing_to_notice() {
    let _turn = TURN.lock().await;
    let stack = stack().await;
    assert_eq!(noticed(stack, None, SEED).await, None);
    let missed: Vec<_> =
        all_noticed(stack, names(), SEED).await.into_iter().filter(|(_, violation)| violation.is_none()).collect();
    assert_eq!(missed, [], "these mutants were not noticed");
}
