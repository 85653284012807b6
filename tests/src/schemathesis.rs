//! Schemathesis: installed once into the build folder, and run against a product as one person.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use launcher::workspace;
use serde_json::{Value, json};

use crate::client::PASSWORD;
use crate::python::Python;

/// One run's report.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it printed.
    pub said: String,
    /// The report (`--report json`).
    pub json: Value,
}

/// One run.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// What it is called in the build folder.
    pub name: &'a str,
    /// The product's address.
    pub url: &'a str,
    /// Who sends: a name and an access token each. With several of them the first sends, and what the others may not see is
    /// asked for in their names too.
    pub people: &'a [(&'a str, &'a str)],
    /// Generated requests per operation and phase.
    pub max_examples: u32,
    /// Further arguments.
    pub arguments: &'a [&'a str],
}

fn folder() -> PathBuf {
    workspace::root().join("tests/schemathesis")
}

/// The command, installed from the pins into the build folder; or why it cannot be there.
///
/// # Errors
/// A reason to skip: python3 or its venv is missing, or the package index cannot be reached.
pub fn program() -> Result<PathBuf, String> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PROGRAM.get_or_init(install).clone()
}

fn install() -> Result<PathBuf, String> {
    let python = Python::install("schemathesis-venv", &folder().join("requirements.txt"))?;
    Ok(python.script("st"))
}

/// Runs it; it has ended when this returns.
pub fn run(program: &Path, run: &Run<'_>) -> Report {
    let work = crate::stack::folder(&format!("schemathesis-{}", run.name));
    let report = work.join("report.json");
    let mut text = std::fs::read_to_string(folder().join("schemathesis.toml")).expect("its configuration");
    let is_alone = run.people.len() == 1;
    if !is_alone {
        text.push_str(&peers(run.people, &work));
    }
    let configuration = work.join("schemathesis.toml");
    std::fs::write(&configuration, text).expect("written");
    let output = Command::new(program)
        .arg("--config-file")
        .arg(&configuration)
        .arg("run")
        .arg(workspace::root().join("functions/openapi.yaml"))
        .args(["--url", run.url, "--max-examples", &run.max_examples.to_string(), "--no-color"])
        .args(["--continue-on-failure", "--report", "json", "--report-json-path"])
        .arg(&report)
        .args(run.arguments)
        .current_dir(&work)
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", folder())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SUBJECT_URL", run.url)
        .env("SUBJECT_TOKEN", if is_alone { run.people[0].1 } else { "" })
        .env("SUBJECT_PASSWORD", PASSWORD)
        .stdin(Stdio::null())
        .output()
        .expect("Schemathesis runs");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let json = std::fs::read(&report).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    Report { json: json.unwrap_or_else(|| panic!("{} has no report: {said}", run.name)), said }
}

/// The lines of the configuration by which these people are each other's strangers.
fn peers(people: &[(&str, &str)], work: &Path) -> String {
    let of = |(name, token): &(&str, &str)| {
        let header = json!({ "name": "Authorization", "value": format!("Bearer {token}") });
        json!({ "name": name, "fixedHeaders": [header] })
    };
    let names: Vec<&str> = people.iter().map(|(name, _)| *name).collect();
    let file = work.join("people.json");
    let people: Vec<Value> = people.iter().map(of).collect();
    std::fs::write(&file, json!({ "auth": people }).to_string()).expect("written");
    format!("\n[auth.wfc]\npath = {:?}\nuser = {:?}\npeers = {names:?}\n", file.display().to_string(), names[0])
}

impl Report {
    /// How many requests it generated and judged.
    pub fn examples(&self) -> u64 {
        self.json["test_cases"]["generated"].as_u64().expect("a number")
    }

    /// How many operations it tested.
    pub fn operations(&self) -> u64 {
        self.json["operations"]["tested"].as_u64().expect("a number")
    }

    /// Panics unless it ran to its end and found nothing.
    pub fn expect_nothing_found(&self) {
        let nothing = Value::Array(Vec::new());
        assert_eq!(self.json["complete"], true, "{}", self.said);
        assert_eq!((&self.json["failures"], &self.json["errors"]), (&nothing, &nothing), "{}", self.said);
        assert_eq!(self.json["exit_code"], 0, "{}", self.said);
    }
}
