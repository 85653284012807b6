//! The same turn of six steps in LangGraph with its Postgres saver, in DBOS and in this product, through one counting proxy.
//!
//! Invariants: nothing here judges a time; every contestant has a database of its own on the same server; the texts are
//! the same; what a tool is asked to do is in tests/benchmarks/side_by_side, with the method.

mod contestant;
mod kills;
mod measure;
mod observer;
mod ours;
mod pace;
pub mod proxy;
mod python;
mod report;
mod text;
mod trips;

use std::process::Stdio;

use launcher::install::{OpenSsl, announce, openssl};
use launcher::workspace;

use crate::stack::{Stack, stack};
use contestant::{Contestant as _, Route, Scripted, Tool};
use kills::Recovery;
use ours::Ours;
use python::{Failed, Python};
use report::{Column, Pooled, Report};

/// The steps of a turn.
const STEP_NAMES: [&str; STEPS] = [
    "security_check",
    "navigator_analysis",
    "task_requirements",
    "service_strategy",
    "regulatory_check",
    "chat_response",
];
const STEPS: usize = 6;
/// Turns of one conversation.
const TURNS: usize = 46;
/// What is added to a round trip, milliseconds.
const DELAYS_MS: [u64; 3] = [0, 2, 10];
/// Kills of each contestant.
const KILLS: usize = 60;
/// Turns before and after a worker is started anew behind the pooler.
const POOLED_TURNS: usize = 10;

/// Runs everything and writes RESULT.md; returns its text.
pub async fn run() -> String {
    build_functions();
    let python = Python::prepare();
    announce("starting Postgres");
    let stack = stack().await;
    observer::calm(&stack.server).await;
    let (mut columns, mut pooled) = (Vec::new(), Vec::new());
    for tool in [Tool::LangGraph, Tool::Dbos] {
        columns.extend(measure_tool(stack, &python, tool, &mut pooled).await);
    }
    announce("measuring Insurance Navigator");
    let mut ours = Ours::start(stack).await;
    let url = probe_url(stack, &ours, &ours.product.database);
    let measured = measure::measure(&mut ours, &url, stack.server.ca_pem()).await;
    let output = "SELECT avg(octet_length(output::text))::bigint FROM navigator.workflow_steps";
    let our_output_bytes = ours.observer().number(output).await;
    columns.push(Column {
        name: "Insurance Navigator".to_owned(),
        route: "pooler, as shipped".to_owned(),
        measured,
        kills: Vec::new(),
    });
    kill_all(stack, &python, &mut ours, &mut columns).await;
    let server = stack.server.superuser("postgres").await.expect("a connection");
    let version = server.query_one("SHOW server_version", &[]).await.expect("a version").get(0);
    let report = Report { columns, pooled, facts: report::facts(&python, version), our_output_bytes };
    let text = report.markdown();
    std::fs::write(python::folder().join("RESULT.md"), &text).expect("RESULT.md can be written");
    ours.product.host.shutdown().await;
    text
}

/// As `cargo verify` builds them: apart from `ops` each would want `shared` with other features.
fn build_functions() {
    announce("building the functions");
    let mut cargo = std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--no-default-features", "-p", "ops"]).current_dir(workspace::root()).stdin(Stdio::null());
    for function in workspace::FUNCTIONS {
        cargo.args(["-p", function]);
    }
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    if openssl().expect("OpenSSL") == OpenSsl::Vendored {
        let packages = workspace::FUNCTIONS.iter().chain(&["ops"]);
        let features: Vec<String> = packages.map(|package| format!("{package}/vendored")).collect();
        cargo.args(["--features", &features.join(",")]);
    }
    assert!(cargo.status().expect("cargo runs").success(), "the functions do not build");
}

/// Tries a tool behind the pooler, and measures it as it is documented, there or directly; and, when only other settings
/// run there, with these as well.
async fn measure_tool(stack: &Stack, python: &Python, tool: Tool, pooled: &mut Vec<Pooled>) -> Vec<Column> {
    let name = tool.name();
    let mut routes = vec![(Route::Direct, "Postgres, as documented")];
    for (route, settings, label) in [
        (Route::PoolerAsShipped, "as documented", "pooler, as documented"),
        (Route::PoolerAdapted, "with nothing prepared and no LISTEN", "pooler, adapted"),
    ] {
        announce(&format!("trying {name} behind the pooler, {settings}"));
        let failure = try_pooler(stack, python, tool, route).await.err();
        match (&failure, route) {
            (None, Route::PoolerAsShipped) => routes = vec![(route, label)],
            (None, _) if routes[0].0 == Route::Direct => routes.push((route, label)),
            _ => {}
        }
        pooled.push(Pooled { tool, settings, failure });
    }
    let mut columns = Vec::new();
    for (route, label) in routes {
        announce(&format!("measuring {name}: {label}"));
        let mut contestant = Scripted::start(stack, python, tool, route).await.expect("a worker");
        let url = probe_url(stack, &contestant, &contestant.database);
        let measured = measure::measure(&mut contestant, &url, stack.server.ca_pem()).await;
        columns.push(Column { name: name.to_owned(), route: label.to_owned(), measured, kills: Vec::new() });
        contestant.rest().await;
    }
    columns
}

async fn try_pooler(stack: &Stack, python: &Python, tool: Tool, route: Route) -> Result<(), String> {
    let said = |failed| match failed {
        Failed::Died => "the worker ended".to_owned(),
        Failed::Said(error) => error,
    };
    let mut contestant = Scripted::start(stack, python, tool, route).await.map_err(said)?;
    for conversation in ["first", "second"] {
        for turn in 1..=POOLED_TURNS {
            let command = Scripted::about("turn", conversation, turn);
            contestant.worker().call(&command).await.map_err(said)?;
        }
        contestant.restart().await.map_err(said)?;
    }
    Ok(())
}

/// The contestants are killed side by side: each waits most of the time, for a start or for a lease.
async fn kill_all(stack: &Stack, python: &Python, ours: &mut Ours, columns: &mut [Column]) {
    announce(&format!("killing each contestant {KILLS} times"));
    let trips = |columns: &[Column], name: &str| {
        let column = columns.iter().find(|column| column.name == name).expect("it was measured");
        column.measured.round_trips() as usize
    };
    let scripted = async |tool: Tool, recovery: Recovery, trips: usize| {
        let mut contestant = Scripted::start(stack, python, tool, Route::Direct).await.expect("a worker");
        kills::scripted(&mut contestant, recovery, trips).await
    };
    let (langgraph, dbos) = (trips(columns, Tool::LangGraph.name()), trips(columns, Tool::Dbos.name()));
    let our_trips = trips(columns, "Insurance Navigator");
    let (resumed, retried, dbos, ours) = tokio::join!(
        scripted(Tool::LangGraph, Recovery::Resume, langgraph),
        scripted(Tool::LangGraph, Recovery::Retry, langgraph),
        scripted(Tool::Dbos, Recovery::Retry, dbos),
        kills::ours(ours, our_trips),
    );
    for (name, kills) in [
        (Tool::LangGraph.name(), vec![resumed, retried]),
        (Tool::Dbos.name(), vec![dbos]),
        ("Insurance Navigator", vec![ours]),
    ] {
        columns.iter_mut().find(|column| column.name == name).expect("it was measured").kills = kills;
    }
}

fn probe_url(stack: &Stack, contestant: &impl contestant::Contestant, database: &str) -> String {
    let (password, port) = (stack.server.superuser_password(), contestant.proxy().port());
    format!("postgresql://postgres:{password}@127.0.0.1:{port}/{database}?sslmode=verify-full")
}
