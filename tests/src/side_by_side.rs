//! The same turn of six steps in LangGraph with its Postgres saver, in DBOS and in this product, through one counting proxy.
//!
//! Invariants: nothing here judges a time; every contestant has a database of its own on the same server; messages are the
//! same, and the tools' answers and outputs are as long as the product's turned out to be. What a tool is asked to do is in
//! tests/benchmarks/side_by_side, with the method.

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
use std::time::Duration;

use launcher::install::{OpenSsl, announce, openssl};
use launcher::workspace;

use crate::python::Python;
use crate::stack::{Stack, stack};
use contestant::{Contestant as _, Route, Scripted, Tool};
use kills::Recovery;
use ours::Ours;
use python::{Failed, Sizes, Worker};
use report::{Column, Pooled, Report};

/// The product's column.
const OURS: &str = "Insurance Navigator";
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
/// What each of two workers does behind the pooler between two starts, and how often.
const POOLED_TURNS: usize = 10;
const POOLED_ROUNDS: usize = 3;
const POOLED_PATIENCE: Duration = Duration::from_secs(60);

/// Runs everything and writes RESULT.md; returns its text.
pub async fn run() -> String {
    build_functions();
    let python = python::prepare();
    announce("starting Postgres");
    let stack = stack().await;
    observer::calm(&stack.server).await;
    announce("measuring Insurance Navigator");
    let mut ours = Ours::start(stack).await;
    let url = probe_url(stack, &ours, &ours.product.database);
    let measured = measure::measure(&mut ours, &url, stack.server.ca_pem()).await;
    let output = "SELECT avg(octet_length(output::text))::bigint FROM navigator.workflow_steps";
    let output_bytes = usize::try_from(ours.observer().number(output).await).expect("a size");
    let sizes = Sizes { answer_bytes: measured.answer_bytes(), output_bytes };
    let tools = Tools { stack, python: &python, sizes };
    let (mut columns, mut pooled) = (Vec::new(), Vec::new());
    for tool in [Tool::LangGraph, Tool::Dbos] {
        columns.extend(tools.measure(tool, &mut pooled).await);
    }
    announce("trying Insurance Navigator behind the pooler with two processes");
    let failure = ours::try_pooler(POOLED_ROUNDS, POOLED_TURNS).await.err();
    pooled.push(Pooled { name: OURS, settings: "as shipped", failure });
    let route = "pooler, as shipped".to_owned();
    columns.push(Column { name: OURS.to_owned(), route, measured, kills: Vec::new() });
    tools.kill_all(&mut ours, &mut columns).await;
    let server = stack.server.superuser("postgres").await.expect("a connection");
    let version = server.query_one("SHOW server_version", &[]).await.expect("a version").get(0);
    let report = Report { columns, pooled, sizes, facts: report::facts(&python, version) };
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

/// What the tools run on, and the sizes they are given.
struct Tools<'a> {
    stack: &'a Stack,
    python: &'a Python,
    sizes: Sizes,
}

impl Tools<'_> {
    async fn start(&self, tool: Tool, route: Route) -> Result<Scripted, Failed> {
        Scripted::start(self.stack, self.python, tool, route, self.sizes).await
    }

    /// Tries a tool behind the pooler, and measures it as it is documented, there or directly; and, when only other
    /// settings run there, with these as well.
    async fn measure(&self, tool: Tool, pooled: &mut Vec<Pooled>) -> Vec<Column> {
        let name = tool.name();
        let mut routes = vec![(Route::Direct, "Postgres, as documented")];
        for (route, settings, label) in [
            (Route::PoolerAsShipped, "as documented", "pooler, as documented"),
            (Route::PoolerAdapted, "with nothing prepared and no LISTEN", "pooler, adapted"),
        ] {
            announce(&format!("trying {name} behind the pooler, {settings}"));
            let failure = match tokio::time::timeout(POOLED_PATIENCE, self.try_pooler(tool, route)).await {
                Ok(Ok(())) => None,
                Ok(Err(Failed::Said(error))) => Some(error),
                Ok(Err(Failed::Died)) => Some("the worker ended".to_owned()),
                Err(_) => Some(format!("not done within {} s", POOLED_PATIENCE.as_secs())),
            };
            match (&failure, route) {
                (None, Route::PoolerAsShipped) => routes = vec![(route, label)],
                (None, _) if routes[0].0 == Route::Direct => routes.push((route, label)),
                _ => {}
            }
            pooled.push(Pooled { name, settings, failure });
        }
        let mut columns = Vec::new();
        for (route, label) in routes {
            announce(&format!("measuring {name}: {label}"));
            let mut contestant = self.start(tool, route).await.expect("a worker");
            let url = probe_url(self.stack, &contestant, &contestant.database);
            let measured = measure::measure(&mut contestant, &url, self.stack.server.ca_pem()).await;
            columns.push(Column { name: name.to_owned(), route: label.to_owned(), measured, kills: Vec::new() });
            contestant.rest().await;
        }
        columns
    }

    /// Two workers at once over the pooler's few connections, both started anew several times.
    async fn try_pooler(&self, tool: Tool, route: Route) -> Result<(), Failed> {
        let mut contestant = self.start(tool, route).await?;
        for round in 1..=POOLED_ROUNDS {
            let mut second = contestant.another_worker().await?;
            let (one, two) = (format!("one-{round}"), format!("two-{round}"));
            tokio::try_join!(pooled_turns(contestant.worker(), &one), pooled_turns(&mut second, &two))?;
            second.stop().await;
            contestant.restart().await?;
        }
        Ok(())
    }

    /// The tools one after the other, and beside them the product, which mostly waits for leases to run out.
    async fn kill_all(&self, ours: &mut Ours, columns: &mut [Column]) {
        let trips = |columns: &[Column], name: &str| {
            let column = columns.iter().find(|column| column.name == name).expect("it was measured");
            column.measured.round_trips() as usize
        };
        let our_trips = trips(columns, OURS);
        let tools = async {
            let mut kills = Vec::new();
            for (tool, recovery) in
                [(Tool::LangGraph, Recovery::Resume), (Tool::LangGraph, Recovery::Retry), (Tool::Dbos, Recovery::Retry)]
            {
                announce(&format!("killing {} {KILLS} times: {recovery:?}", tool.name()));
                let mut contestant = self.start(tool, Route::Direct).await.expect("a worker");
                let outcomes = kills::scripted(&mut contestant, recovery, trips(columns, tool.name())).await;
                contestant.rest().await;
                kills.push((tool.name(), outcomes));
            }
            kills
        };
        let (tools, ours) = tokio::join!(tools, kills::ours(ours, our_trips));
        for (name, outcomes) in tools.into_iter().chain([(OURS, ours)]) {
            let column = columns.iter_mut().find(|column| column.name == name);
            column.expect("it was measured").kills.push(outcomes);
        }
    }
}

async fn pooled_turns(worker: &mut Worker, conversation: &str) -> Result<(), Failed> {
    for turn in 1..=POOLED_TURNS {
        worker.call(&Scripted::about("turn", conversation, turn)).await?;
    }
    Ok(())
}

fn probe_url(stack: &Stack, contestant: &impl contestant::Contestant, database: &str) -> String {
    let (password, port) = (stack.server.superuser_password(), contestant.proxy().port());
    format!("postgresql://postgres:{password}@127.0.0.1:{port}/{database}?sslmode=verify-full")
}
