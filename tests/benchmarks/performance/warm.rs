//! Warm requests: what a page of the history takes of the processor, and how much later than a bare statement it is there.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ops::host::{FunctionSpec, Host, HostOptions, LogSink, RouteTable};
use ops::pooler::Pooler;
use serde_json::{Value, json};
use tests::client::Api;
use tests::emf::metric_lines;
use tests::secrets_manager::SecretsManager;
use tests::side_by_side::proxy::Proxy;
use tests::stack::Stack;

use crate::median;
use crate::start::cpu_of;

/// Rounds that take turns, and requests in one.
const ROUNDS: usize = 12;
const REQUESTS: u32 = 200;
/// The distance to the database for the latency.
const ROUND_TRIP: Duration = Duration::from_millis(20);
const LATENCY_SAMPLES: usize = 150;

/// What was measured.
pub(crate) struct Warm {
    /// Processor time of a request, microseconds.
    pub(crate) cpu_us: BTreeMap<&'static str, f64>,
    /// Medians, milliseconds, with the database [`ROUND_TRIP`] away: `SELECT 1`; the history through the local host, in the function by
    /// its own line, and of that its statement; and `hello` through the host.
    pub(crate) select_ms: f64,
    pub(crate) history_ms: f64,
    pub(crate) duration_ms: f64,
    pub(crate) statement_ms: f64,
    pub(crate) hello_ms: f64,
}

pub(crate) async fn measure(
    stack: &Stack,
    pooler: &Pooler,
    programs: &[(&str, PathBuf)],
    environment: BTreeMap<String, String>,
    manager: &SecretsManager,
    bundle: impl Fn(u16) -> Value,
) -> Warm {
    let contestants = ["hello", "history", "fastapi", "register", "navigator"];
    let host = start(programs, &contestants, &environment, LogSink::default()).await;
    let event = event(&Api::new(host.url())).await;
    let invoke = async |host: &Host, name: &str| {
        let answer = host.invoke(name, event.clone()).await.expect("a reply");
        assert_eq!(answer["statusCode"], 200, "{name}: {answer}");
    };
    let measured = ["hello", "history", "fastapi"];
    let mut times: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    for round in 0..=ROUNDS {
        for name in measured {
            invoke(&host, name).await;
            let pid = host.processes(name)[0].pid;
            let before = cpu_of(pid);
            for _ in 0..REQUESTS {
                invoke(&host, name).await;
            }
            // The first round warms up.
            if round > 0 {
                times.entry(name).or_default().push((cpu_of(pid) - before).as_secs_f64() * 1e6 / f64::from(REQUESTS));
            }
        }
    }
    let cpu_us = times.into_iter().map(|(name, times)| (name, median(times.into_iter()))).collect();

    let proxy = Proxy::start(pooler.port(), &stack.server.certificates).await;
    // The same signing key, so that the token is good there too.
    let arn = &environment["APP_SECRET_ARN"];
    let mut far = manager.bundle(arn).await;
    far["DATABASE_URL"] = bundle(proxy.port())["DATABASE_URL"].clone();
    let mut distant = environment.clone();
    distant.insert("APP_SECRET_ARN".to_owned(), manager.store("far", &far).await);
    let log = LogSink::capture();
    let far_host = start(programs, &["hello", "history"], &distant, log.clone()).await;
    let client = ops::database::connect(far["DATABASE_URL"].as_str().expect("a URL"), Some(stack.server.ca_pem()));
    let client = client.await.expect("a connection");
    invoke(&far_host, "history").await;
    proxy.delay(ROUND_TRIP);
    let (mut select, mut history, mut hello) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..LATENCY_SAMPLES {
        let begun = Instant::now();
        client.query_typed("SELECT 1", &[]).await.expect("a row");
        select.push(begun.elapsed());
        let begun = Instant::now();
        invoke(&far_host, "history").await;
        history.push(begun.elapsed());
        let begun = Instant::now();
        invoke(&far_host, "hello").await;
        hello.push(begun.elapsed());
    }
    let ms = |times: Vec<Duration>| median(times.into_iter().map(|time| time.as_secs_f64() * 1e3));
    host.shutdown().await;
    far_host.shutdown().await;
    let lines = metric_lines(&log.lines());
    let of_history = |name: &str| {
        median(
            lines
                .iter()
                .filter(|line| line.function == "history" && line.sum("ColdStart") == 0.0)
                .map(|line| line.sum(name)),
        )
    };
    Warm {
        cpu_us,
        select_ms: ms(select),
        history_ms: ms(history),
        duration_ms: of_history("Duration"),
        statement_ms: of_history("QueryTime.history_page"),
        hello_ms: ms(hello),
    }
}

async fn start(
    programs: &[(&str, PathBuf)],
    names: &[&str],
    environment: &BTreeMap<String, String>,
    log: LogSink,
) -> Host {
    let spec = |program: &PathBuf| FunctionSpec {
        binary: program.clone(),
        processes: 1,
        timeout: Duration::from_secs(29),
        environment: environment.clone(),
    };
    let chosen = programs.iter().filter(|(name, _)| names.contains(name));
    let functions = chosen.map(|(name, program)| ((*name).to_owned(), spec(program))).collect();
    let listen = ([127, 0, 0, 1], 0).into();
    let routes = RouteTable::of_workspace().expect("the routes");
    Host::start(HostOptions { listen, routes, functions, log }).await.expect("a host")
}

/// A request for a page of fifty messages of somebody who has them.
async fn event(api: &Api) -> Value {
    let person = api.person().await;
    for number in 0..25 {
        api.ask(&person, "first", &format!("What is a copay? ({number})")).send().await.expect(200);
    }
    let text =
        std::fs::read_to_string(launcher::workspace::root().join("tests/events/history.json")).expect("an event");
    let mut event: Value = serde_json::from_str(&text).expect("JSON");
    event["headers"]["authorization"] = json!(format!("Bearer {}", person.token));
    event
}
