//! `cargo verify`: every check and every test, stage by stage, with a summary.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::install::{OpenSsl, announce, openssl, pgbouncer};
use crate::postgres::PostgresBinaries;
use crate::{LauncherError, Result, workspace};

/// Where tests write `name: reason` when they skip; read at the end.
pub const SKIPS_FILE: &str = "NAVIGATOR_SKIPS_FILE";

struct Stage {
    name: &'static str,
    arguments: Vec<String>,
    rustdoc_flags: Option<&'static str>,
}

/// Runs every stage; stops at the first that fails.
///
/// # Errors
/// One line with the stage that failed.
pub fn run() -> Result<()> {
    let started = Instant::now();
    prerequisites()?;
    let features = match openssl()? {
        OpenSsl::System => Vec::new(),
        OpenSsl::Vendored => vec![
            "--features",
            "register/vendored,login/vendored,navigator/vendored,history/vendored,regulatory/vendored,health/vendored,ops/vendored",
        ],
    };
    let skips = workspace::target().join("skipped-tests.txt");
    fs::write(&skips, "").map_err(|error| LauncherError::io("the list of skipped tests cannot be written", &error))?;
    let mut times = Vec::new();
    for stage in stages(&features) {
        announce(&format!("{} …", stage.name));
        let begun = Instant::now();
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(&stage.arguments).current_dir(workspace::root()).env(SKIPS_FILE, &skips).stdin(Stdio::null());
        if let Some(flags) = stage.rustdoc_flags {
            cargo.env("RUSTDOCFLAGS", flags);
        }
        let status = cargo.status().map_err(|error| LauncherError::io("cargo cannot be run", &error))?;
        times.push((stage.name, begun.elapsed()));
        if !status.success() {
            summary(&times, started.elapsed());
            return Err(LauncherError::new(format!(
                "cargo verify: {} failed; run: cargo {}",
                stage.name,
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

fn prerequisites() -> Result<()> {
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

fn stages(features: &[&str]) -> Vec<Stage> {
    let stage = |name, arguments: &[&str], with_features: bool| Stage {
        name,
        arguments: arguments
            .iter()
            .chain(if with_features { features } else { &[] })
            .map(|argument| (*argument).to_owned())
            .collect(),
        rustdoc_flags: None,
    };
    let lean = ["--workspace", "--no-default-features"];
    let denied = ["--", "-D", "warnings"];
    let mut clippy: Vec<&str> = [&["clippy"], &lean[..], &["--all-targets"], features].concat();
    clippy.extend(denied);
    let mut with_aws = vec!["clippy"];
    with_aws.extend(denied);
    let mut documentation = stage("documentation", &[&["doc", "--no-deps"], &lean[..]].concat(), true);
    documentation.rustdoc_flags = Some("-D warnings");
    let mut binaries = vec!["build", "--no-default-features", "-p", "ops"];
    for function in workspace::FUNCTIONS {
        binaries.extend(["-p", function]);
    }
    vec![
        stage("format", &["fmt", "--all", "--check"], false),
        stage("lints", &clippy, false),
        stage("lints with the AWS client", &with_aws, false),
        documentation,
        stage("binaries", &binaries, true),
        stage("tests", &[&["test"], &lean[..]].concat(), true),
    ]
}

fn summary(times: &[(&str, Duration)], total: Duration) {
    println!();
    for (name, time) in times {
        println!("{name:<28} {:>7.1} s", time.as_secs_f64());
    }
    println!("{:<28} {:>7.1} s", "in all", total.as_secs_f64());
}
