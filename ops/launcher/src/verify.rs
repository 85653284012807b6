//! `cargo verify`: every check and every test, stage by stage, with a summary.
//!
//! Invariant: one resolution of features (`workspace::WHOLE`) serves lints, documentation, binaries and tests, so that cargo checks
//! every crate once and compiles it once; only the lints of the smaller builds check again what differs in them.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::install::{OpenSsl, announce, openssl, pgbouncer};
use crate::postgres::PostgresBinaries;
use crate::reference::{REFERENCE, reference};
use crate::skips::SKIPS_FILE;
use crate::{LauncherError, Result, workspace};

/// The tests that read the evaluation material, by the beginnings of their names: where it is there, they run once more
/// without it, as in every clone. The suite `checkout` finds what is missing here.
pub const READ_REFERENCE: [&str; 3] = [
    "evaluation::",
    "knowledge::tests::",
    "regulatory::the_official_texts_are_imported_and_a_second_time_changes_nothing",
];

struct Stage {
    name: &'static str,
    arguments: Vec<String>,
    rustdoc_flags: Option<&'static str>,
    /// Whether it runs without the evaluation material where that is there.
    is_bare: bool,
}

impl Stage {
    fn new(name: &'static str, arguments: &[&[&str]]) -> Self {
        let arguments = arguments.concat().into_iter().map(str::to_owned).collect();
        Self { name, arguments, rustdoc_flags: None, is_bare: false }
    }
}

/// Runs every stage, or with `filters` what builds and runs the tests with these words in their names; stops at the first
/// stage that fails.
///
/// # Errors
/// One line with the stage that failed.
pub fn run(filters: &[String]) -> Result<()> {
    let started = Instant::now();
    let has_reference = reference()?.is_some();
    prerequisites()?;
    let linking = openssl()?;
    let stages = match filters {
        [] => stages(linking, has_reference),
        filters => stages_of(linking, filters),
    };
    let skips = workspace::target().join("skipped-tests.txt");
    fs::write(&skips, "").map_err(|error| LauncherError::io("the list of skipped tests cannot be written", &error))?;
    let mut times = Vec::new();
    for stage in stages {
        announce(&format!("{} …", stage.name));
        let begun = Instant::now();
        let mut cargo = workspace::cargo();
        cargo.args(&stage.arguments).env(SKIPS_FILE, &skips);
        if let Some(flags) = stage.rustdoc_flags {
            cargo.env("RUSTDOCFLAGS", flags);
        }
        if stage.is_bare {
            cargo.env_remove(REFERENCE).env_remove(SKIPS_FILE);
        }
        let status = cargo.status().map_err(|error| LauncherError::io("cargo cannot be run", &error))?;
        times.push((stage.name, begun.elapsed()));
        if !status.success() {
            summary(&times, started.elapsed());
            return Err(LauncherError::new(format!(
                "cargo verify: {} failed; run: {}cargo {}",
                stage.name,
                if stage.is_bare { "env -u NAVIGATOR_REFERENCE " } else { "" },
                stage.arguments.join(" ")
            )));
        }
    }
    summary(&times, started.elapsed());
    let skipped = fs::read_to_string(&skips).unwrap_or_default();
    println!("skipped: {}", skipped.lines().count());
    for line in skipped.lines() {
        println!("  {line}");
    }
    Ok(())
}

/// What the tests need beside the compiler: found, or installed, or named.
///
/// # Errors
/// One line: what to install.
pub fn prerequisites() -> Result<()> {
    for (component, probe) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        let found =
            Command::new("cargo").args([probe, "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            return Err(LauncherError::new(format!(
                "{component} is missing; install it with: rustup component add {component}"
            )));
        }
    }
    PostgresBinaries::find_or_install()?;
    pgbouncer()?;
    Ok(())
}

fn stages(linking: OpenSsl, has_reference: bool) -> Vec<Stage> {
    let whole = workspace::whole(linking);
    let whole: Vec<&str> = whole.iter().map(String::as_str).collect();
    let denied = ["--", "-D", "warnings"];
    // As `cargo dev` builds them, and the crate under all functions with none of its features.
    let local = workspace::alone(&workspace::LOCAL, linking);
    let history = workspace::alone(&["history"], linking);
    let [local, history] = [&local, &history].map(|list| list.iter().map(String::as_str).collect::<Vec<_>>());
    let mut documentation = Stage::new("documentation", &[&["doc", "--no-deps"], &whole]);
    documentation.rustdoc_flags = Some("-D warnings");
    let mut stages = vec![
        Stage::new("format", &[&["fmt", "--all", "--check"]]),
        Stage::new("lints", &[&["clippy", "--all-targets"], &whole, &denied]),
        Stage::new("lints of cargo dev", &[&["clippy"], &local, &denied]),
        Stage::new("lints without features", &[&["clippy"], &history, &denied]),
        documentation,
        Stage::new("build", &[&["build", "--all-targets"], &whole]),
        Stage::new("tests", &[&["test"], &whole]),
    ];
    if has_reference {
        let only = ["--lib", "--test", "black_box", "--"];
        let tests = Stage::new("bare clone", &[&["test"], &whole, &only, &READ_REFERENCE]);
        stages.push(Stage { is_bare: true, ..tests });
    }
    stages
}

fn stages_of(linking: OpenSsl, filters: &[String]) -> Vec<Stage> {
    let whole = workspace::whole(linking);
    let whole: Vec<&str> = whole.iter().map(String::as_str).collect();
    let filters: Vec<&str> = filters.iter().map(String::as_str).collect();
    vec![
        Stage::new("build", &[&["build", "--all-targets"], &whole]),
        Stage::new("tests", &[&["test"], &whole, &["--lib", "--test", "black_box", "--"], &filters]),
    ]
}

fn summary(times: &[(&str, Duration)], total: Duration) {
    println!();
    for (name, time) in times {
        println!("{name:<28} {:>7.1} s", time.as_secs_f64());
    }
    println!("{:<28} {:>7.1} s", "in all", total.as_secs_f64());
}
