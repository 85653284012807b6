//! Trains prompt_security's linear model: `cargo run -p tests --bin train_security -- INJECTION.jsonl`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use launcher::workspace;
use tests::eval::injection::Row;
use tests::eval::table::{Bar, Section, markdown};
use tests::eval::{Sources, injection, sets, train};

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
    let people = train::messages_of_people(&Sources::new(&root, BTreeMap::new()))?;
    let trained = train::train(&rows, &people);
    std::fs::write(root.join("shared/src/agents/prompt_security/weights.bin"), &trained.file)?;
    println!("{} texts in {} groups, {} messages of people", rows.len(), trained.groups, people.len());
    let (found, flagged) = (Bar::AtLeast(injection::LEAST_RECALL), Bar::AtMost(injection::MOST_FALSE_POSITIVES));
    let mut rows = Vec::new();
    for (name, seen, is_result) in [
        ("patterns and model, cross-validated", trained.cross_validated, true),
        ("model alone, cross-validated", trained.model_alone, false),
        ("patterns alone", trained.patterns_alone, false),
    ] {
        let bar = |bar| if is_result { bar } else { Bar::Shown };
        rows.push(Section::new(format!("attacks found ({name})"), seen.found, seen.attacks, bar(found)));
        rows.push(Section::new(format!("harmless texts flagged ({name})"), seen.flagged, seen.harmless, bar(flagged)));
    }
    print!("{}", markdown(&rows));
    Ok(())
}
