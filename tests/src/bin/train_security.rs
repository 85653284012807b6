//! Trains prompt_security's linear model: `cargo run -p tests --bin train_security -- INJECTION.jsonl`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use launcher::workspace;
use tests::eval::injection::Row;
use tests::eval::table::markdown;
use tests::eval::{Sources, sets, train};

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1).map(PathBuf::from) else {
        eprintln!("usage: train_security INJECTION.jsonl");
        return ExitCode::from(2);
    };
    match run(&path) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(path: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    let root = workspace::root();
    let rows: Vec<Row> = sets::read(path)?;
    let people = train::messages_of_people(&Sources::new(&root, BTreeMap::new())?)?;
    let trained = train::train(&rows, &people);
    std::fs::write(root.join("shared/src/agents/prompt_security/weights.bin"), &trained.file)?;
    println!("{} texts in {} groups, {} messages of people", rows.len(), trained.groups, people.len());
    print!("{}", markdown(&trained.sections()));
    Ok(())
}
