//! `cargo run -p tests --bin outage`: every outage at any length. The last lines are a table; the exit code is 1 when a promise was
//! broken.

#![allow(clippy::disallowed_methods, clippy::expect_used, reason = "a test program")]

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use launcher::workspace;
use tests::outage::{Report, run_all};

/// Takes the database away in five ways while people ask, and looks whether a question was lost, answered twice or given up.
#[derive(Debug, Parser)]
#[command(name = "outage")]
struct Arguments {
    /// How long each outage is, in seconds: one or several.
    #[arg(long, value_delimiter = ',', default_value = "20")]
    seconds: Vec<u64>,
    /// Write the table into tests/benchmarks/outage/RESULT.md.
    #[arg(long)]
    write: bool,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 4)]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut reports = Vec::new();
    for seconds in &arguments.seconds {
        reports.extend(run_all(Duration::from_secs(*seconds)).await);
    }
    let rows: Vec<String> = reports.iter().map(ToString::to_string).collect();
    let table = format!("{}\n{}\n", Report::HEAD, rows.join("\n"));
    print!("{table}");
    reports.iter().flat_map(|report| &report.violations).for_each(|violation| println!("{violation}"));
    if arguments.write {
        let heading = "# Outages\n\nWritten by `cargo run -p tests --bin outage --no-default-features -- --seconds 20,60,300 --write` after the \
                       functions were built as `cargo verify` builds them. The five outages of a length run beside each other on one \
                       machine; the schedule's function runs every 5 s instead of every minute. Times of replies are the function's own.\n\n";
        let path = workspace::root().join("tests/benchmarks/outage/RESULT.md");
        std::fs::write(path, format!("{heading}{table}")).expect("the result can be written");
    }
    if reports.iter().all(Report::is_good) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
