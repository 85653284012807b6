//! `cargo torture`: the kill test at any size, and every mutant. The last line is a summary; the exit code is 1 when something
//! was violated, a place was never struck, or a mutant went unnoticed.

#![allow(clippy::disallowed_methods, clippy::expect_used, reason = "a test program")]

use std::process::ExitCode;

use clap::Parser;
use tests::stack::stack;
use tests::torture::mutants::names;
use tests::torture::schedule::Blow;
use tests::torture::{Plan, all_noticed, noticed, run};

/// Kills, freezes and cuts off the functions in the middle of their work, and looks whether anything was lost or done twice.
#[derive(Debug, Parser)]
#[command(name = "cargo torture")]
struct Arguments {
    /// SIGKILLs at a point of a step.
    #[arg(long, default_value_t = 1_000)]
    kills: usize,
    /// SIGSTOPs past the lease; a tenth of the kills when not given.
    #[arg(long)]
    freezes: Option<usize>,
    /// Connections cut; a tenth of the kills when not given.
    #[arg(long)]
    cuts: Option<usize>,
    /// Connections ended by the server; a twentieth of the kills when not given.
    #[arg(long)]
    terminations: Option<usize>,
    /// Crashes of the pooler.
    #[arg(long)]
    pooler_crashes: Option<usize>,
    /// Crashes of the database server.
    #[arg(long)]
    server_crashes: Option<usize>,
    /// Storms in which the database takes no step.
    #[arg(long)]
    refusals: Option<usize>,
    /// Decides what is done to whom.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Conversations at once.
    #[arg(long)]
    actors: Option<usize>,
    /// Leave the mutants out.
    #[arg(long)]
    no_mutants: bool,
    /// Only this mutant.
    #[arg(long)]
    mutant: Option<String>,
    /// How often each (workflow, step, point) must be killed at the least.
    #[arg(long, default_value_t = 1)]
    least: usize,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut failures = 0;
    if arguments.mutant.is_none() {
        failures += usize::from(!proper(&arguments).await);
    }
    if !arguments.no_mutants {
        failures += mutants(&arguments).await;
    }
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn proper(arguments: &Arguments) -> bool {
    let mut plan = Plan::of(arguments.kills, arguments.seed);
    for (value, given) in [
        (&mut plan.freezes, arguments.freezes),
        (&mut plan.cuts, arguments.cuts),
        (&mut plan.terminations, arguments.terminations),
        (&mut plan.pooler_crashes, arguments.pooler_crashes),
        (&mut plan.server_crashes, arguments.server_crashes),
        (&mut plan.refusals, arguments.refusals),
        (&mut plan.actors, arguments.actors),
    ] {
        *value = given.unwrap_or(*value);
    }
    let stack = stack().await;
    let report = run(stack, stack.database().await, &plan).await;
    println!("{report}");
    let missed = report.missed(arguments.least);
    if !missed.is_empty() {
        println!("struck less than {} times: {missed:?}", arguments.least);
    }
    report.violations.is_empty() && missed.is_empty() && report.fallen(Blow::Kill) >= arguments.kills
}

async fn mutants(arguments: &Arguments) -> usize {
    // Without a mistake the same blows must bring nothing to light, or every mutant would count as noticed.
    if let Some(violation) = noticed(stack().await, None, arguments.seed).await {
        println!("no mutant at all: {violation}");
        return 1;
    }
    let wanted = |name: &&'static str| arguments.mutant.as_deref().is_none_or(|only| only == *name);
    let chosen: Vec<_> = names().into_iter().filter(wanted).collect();
    let tried = all_noticed(stack().await, chosen, arguments.seed).await;
    let unnoticed: Vec<_> = tried.iter().filter(|(_, violation)| violation.is_none()).map(|(name, _)| *name).collect();
    println!("mutants: {} tried, {} unnoticed {unnoticed:?}", tried.len(), unnoticed.len());
    unnoticed.len()
}
