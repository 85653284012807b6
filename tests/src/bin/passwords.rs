//! Judges the rule for new passwords by lists: `--common` must be refused with its derivations
//! (`tests::passwords::derivations` says which), phrases of `--diceware` must be accepted.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a tool fails by panicking")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tests::passwords::{BAR_PERCENT, is_refused, judge, phrases, words};

/// Judges the rule for new passwords by lists; fails under 99 % refused, or when a phrase is refused.
#[derive(Parser)]
struct Options {
    /// Common passwords, one in a line.
    #[arg(long)]
    common: PathBuf,
    /// Take every n-th line only.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// Words, one in a line, of which 1,000 phrases are made.
    #[arg(long)]
    diceware: Option<PathBuf>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let common = std::fs::read(&options.common).expect("the list can be read");
    let outcome = judge(String::from_utf8_lossy(&common).lines().step_by(options.every.max(1)));
    print!("{}", outcome.table());
    let mut is_good = outcome.percent() >= BAR_PERCENT;
    if let Some(path) = options.diceware {
        let list = std::fs::read_to_string(path).expect("the words can be read");
        let made = phrases(&words(&list));
        let refused: Vec<&String> = made.iter().filter(|phrase| is_refused(phrase)).collect();
        println!("\n{} of {} phrases accepted", made.len() - refused.len(), made.len());
        refused.iter().for_each(|phrase| println!("refused: {phrase}"));
        is_good &= refused.is_empty();
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
