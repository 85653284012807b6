//! `cargo run -p tests --bin side_by_side`: the comparison of tests/benchmarks/side_by_side, from nothing to RESULT.md.

use std::process::ExitCode;
use std::time::Duration;

/// Twice what it takes on two cores.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    match tokio::time::timeout(PATIENCE, tests::side_by_side::run()).await {
        Ok(result) => {
            println!("{result}");
            ExitCode::SUCCESS
        }
        Err(_) => {
            eprintln!("not done within {} minutes; nothing was written", PATIENCE.as_secs() / 60);
            ExitCode::FAILURE
        }
    }
}
