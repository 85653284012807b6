//! The performance table: cold starts, memory, sizes and warm requests of each function as it is deployed, as multiples of the
//! least function and beside the same endpoint in Python; and the history among a million messages. Writes RESULT.md.
//!
//! Run it with: cargo run --no-default-features -p tests --bin bench-performance
//!
//! Invariants: every time is a multiple of another one of the same run, and processor time but for the one latency; what is compared
//! takes turns; counts are those of one call.

#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the functions")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]

mod history;
mod parts;
mod report;
mod start;
mod tls;
mod warm;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use launcher::install::announce;
use launcher::process::random_hex;
use launcher::workspace;
use serde_json::json;
use tests::python::Python;
use tests::secrets_manager::SecretsManager;
use tests::stack::stack;

use start::{Start, start};

/// Cold starts of each.
const STARTS: usize = 20;

/// A function's cold starts.
pub(crate) struct Cold {
    pub(crate) name: String,
    pub(crate) binary_bytes: Option<u64>,
    /// Median.
    pub(crate) cpu_ms: f64,
    /// The highest.
    pub(crate) peak_kib: u32,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let names: Vec<&str> = ["hello"].iter().chain(workspace::SERVED.iter()).copied().collect();
    for name in &names {
        announce(&format!("building {name} as it is deployed"));
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release", "--quiet", "-p", name]).current_dir(workspace::root());
        if *name != "hello" {
            cargo.args(["--features", "vendored"]);
        }
        let status = cargo.status();
        assert!(status.expect("cargo").success(), "{name} is not built");
    }
    let stack = stack().await;
    let database = stack.database().await;
    let pooler = stack.pooler(5);
    let manager = SecretsManager::start().await.expect("an emulated Secrets Manager");
    let port = manager.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("its port");
    let secure = tls::serve(port, &stack.server.certificates).await;
    let bundle = |port: u16| {
        json!({
            "DATABASE_URL": stack.server.api_url(port, &database),
            "DATABASE_CA_PEM": stack.server.ca_pem(),
            "JWT_SECRET_KEY": random_hex(32).expect("random digits"),
        })
    };
    let arn = manager.store("performance", &bundle(pooler.port())).await;
    let ca_file = tests::stack::folder("performance").join("ca.pem");
    std::fs::write(&ca_file, stack.server.ca_pem()).expect("the CA");
    let mut environment: BTreeMap<String, String> = manager.environment().into_iter().collect();
    environment.insert("APP_SECRET_ARN".to_owned(), arn);
    // The name that Python's SDK reads outside of Lambda.
    environment.insert("AWS_DEFAULT_REGION".to_owned(), "us-east-1".to_owned());
    environment.insert("AWS_ENDPOINT_URL".to_owned(), format!("https://127.0.0.1:{secure}"));
    // One small file, as template.yaml has it; Python's HTTP client has a variable of its own for it.
    for variable in ["SSL_CERT_FILE", "AWS_CA_BUNDLE"] {
        environment.insert(variable.to_owned(), ca_file.display().to_string());
    }

    let pins = workspace::root().join("tests/benchmarks/performance/requirements.txt");
    let python = Python::prepare("performance-venv", &pins);
    let fastapi = python_function(&python);
    let release = workspace::target().join("release");
    let mut programs: Vec<(&str, PathBuf)> = names.iter().map(|name| (*name, release.join(name))).collect();
    programs.push(("fastapi", fastapi.clone()));
    announce("cold starts");
    let cold = cold_starts(&programs, &environment);
    let history = release.join("history");
    let parts = parts::measure("history", &history, &environment, bundle, pooler.port());
    announce("warm requests");
    let warm = warm::measure(stack, &pooler, &programs, environment, &manager, bundle).await;
    announce("a million messages");
    let pages = history::measure(stack).await;
    let text = report::text(&cold, &parts, &warm, &pages, &python, &pins);
    print!("{text}");
    std::fs::write(workspace::root().join("tests/benchmarks/performance/RESULT.md"), text).expect("RESULT.md");
}

/// Starts each in turn, so that the machine's other work changes all alike.
fn cold_starts(programs: &[(&str, PathBuf)], environment: &BTreeMap<String, String>) -> Vec<Cold> {
    let mut starts: BTreeMap<&str, Vec<Start>> = BTreeMap::new();
    for _ in 0..STARTS {
        for (name, program) in programs {
            starts.entry(name).or_default().push(start(name, program, environment));
        }
    }
    let of = |(name, program): &(&str, PathBuf)| {
        let starts = &starts[name];
        let is_script = *name == "fastapi";
        Cold {
            name: (*name).to_owned(),
            binary_bytes: (!is_script).then(|| std::fs::metadata(program).expect("a binary").len()),
            cpu_ms: median(starts.iter().map(|start| start.cpu.as_secs_f64() * 1e3)),
            peak_kib: starts.iter().map(|start| start.peak_kib).max().unwrap_or_default(),
        }
    };
    programs.iter().map(of).collect()
}

/// A program that runs the Python endpoint in AWS's own runtime client.
fn python_function(python: &Python) -> PathBuf {
    let app = workspace::root().join("tests/benchmarks/performance");
    let path = tests::stack::folder("performance-python").join("bootstrap");
    let text = format!(
        "#!/bin/sh\nexport PYTHONPATH={} PYTHONDONTWRITEBYTECODE=1\nexec {} -m awslambdaric app.handler\n",
        quoted(&app),
        quoted(python.program())
    );
    std::fs::write(&path, text).expect("a script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("may run");
    path
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
