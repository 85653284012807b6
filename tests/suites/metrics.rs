//! Metrics: each invocation writes one line in the embedded metric format, and its numbers are what happened.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ops::host::{Hooks, LogSink};
use serde_json::{Value, json};
use shared::telemetry::metrics::{Metric, QUERY_PREFIX};
use tests::client::PASSWORD;
use tests::emf::{MetricLine, metric_lines};
use tests::gate::Gate;
use tests::product::{Options, Product, product, product_with};
use tests::tap::Decision;

const QUESTION: &str = "What is a deductible?";

/// The lines of a function, once there are so many: the line is written before the reply, and read a little after it.
async fn lines_of(log: &LogSink, function: &str, count: usize) -> Vec<MetricLine> {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let mut lines = metric_lines(&log.lines());
        lines.retain(|line| line.function == function);
        if lines.len() >= count {
            assert_eq!(lines.len(), count, "one line an invocation: {lines:#?}");
            return lines;
        }
        assert!(Instant::now() < until, "not {count} lines of {function}: {lines:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn last_of(product: &Product, function: &str, count: usize) -> MetricLine {
    lines_of(&product.log, function, count).await.pop().expect("a line")
}

fn statement_names() -> BTreeSet<String> {
    let names = tests::contract::statements().into_iter().map(|statement| statement.name.to_owned());
    names.chain(["ping", "role_check"].map(ToOwned::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_invocation_of_every_function_says_in_one_line_what_it_did() {
    let product = product().await;
    let api = &product.api;
    let person = api.person().await;
    api.post("/login", &json!({ "email": person.email, "password": PASSWORD })).send().await.expect(200);
    let answer = api.ask(&person, "c", QUESTION).send().await.expect(200);
    api.get("/conversations/c/history").token(&person.token).send().await.expect(200);
    api.get("/conversations/c/workflow").token(&person.token).send().await.expect(200);
    api.get("/regulatory?q=appeal").token(&person.token).send().await.expect(200);
    api.get("/me").token(&person.token).send().await.expect(200);
    api.get("/health").send().await.expect(200);
    product.host.invoke("resume", json!({})).await.expect("a report");
    let known: BTreeSet<String> = Metric::ALL.iter().map(|metric| metric.name().to_owned()).collect();
    let statements = statement_names();
    let steps = answer.json["workflow"]["steps"].as_array().map_or(0, Vec::len);
    // The first invocation of each process, and what it cost beyond connecting: 2 for a password, n + 1 for a turn of n steps, else 1.
    let mut sent = Vec::new();
    for &function in launcher::workspace::SERVED {
        let line = last_of(&product, function, 1).await;
        assert_eq!(line.sum("ColdStart"), 1.0, "{function}");
        assert_eq!(line.sum("DatabaseConnects"), 1.0, "{function}");
        assert_eq!((line.sum("ServerErrors"), line.sum("DatabaseErrors")), (0.0, 0.0), "{function}: {}", line.line);
        assert!(line.sum("Duration") > 0.0 && line.get("ConnectionUtilization").is_none(), "{function}");
        for name in &line.names {
            let is_statement = name.strip_prefix(QUERY_PREFIX).is_some_and(|name| statements.contains(name));
            assert!(known.contains(name) || is_statement, "{function} says {name}");
        }
        sent.push((function, line.sum("RoundTrips") - 1.0));
    }
    for (function, round_trips) in sent {
        let expected = match function {
            "register" | "login" => 2,
            "navigator" => steps + 1,
            "health" => 0,
            _ => 1,
        };
        assert_eq!(round_trips, expected as f64, "{function}");
    }
    let turn = last_of(&product, "navigator", 1).await;
    assert_eq!(
        (turn.sum("WorkflowStarted"), turn.sum("WorkflowCompleted"), turn.sum("PersistenceSuccess")),
        (1.0, 1.0, 1.0)
    );
    assert_eq!(turn.line["QueryTime.step_commit"].as_array().map(Vec::len), Some(steps));
    let id = answer.headers["x-request-id"].to_str().expect("text");
    assert_eq!(
        (&turn.line["request_id"], &turn.line["route"], &turn.line["status"]),
        (&json!(id), &json!("/chat/navigator"), &json!(200))
    );
    assert!(turn.line["trace_id"].as_str().is_some_and(|trace| trace.starts_with("1-")), "{}", turn.line);
    let schedule = last_of(&product, "resume", 1).await;
    assert_eq!((schedule.sum("WorkflowStalled"), schedule.sum("AgentStateInconsistencies")), (0.0, 0.0));
    let due = shared::knowledge::amounts::due(chrono::Utc::now().date_naive(), 60);
    let expired = due.iter().filter(|due| due.has_expired).count();
    assert_eq!(
        (schedule.get("FactsDue"), schedule.get("FactsExpired")),
        (Some(due.len() as f64), Some(expired as f64))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_refusals_and_a_database_that_is_away_are_counted() {
    let product = product_with(Options { is_tapped: true, ..Options::default() }).await;
    let api = &product.api;
    let person = api.person().await;
    api.ask(&person, "c", QUESTION).send().await.expect(200);
    let tap = product.tap.as_ref().expect("a tap");
    tap.before_reply(|_| Decision::Cut);
    let failed = api.ask(&person, "c", QUESTION).send_unjudged().await;
    assert_eq!(failed.status, 503, "{}", failed.text);
    let line = last_of(&product, "navigator", 2).await;
    assert_eq!(
        (line.sum("ServerErrors"), line.sum("DatabaseErrors"), line.sum("PersistenceSuccess")),
        (1.0, 1.0, 0.0),
        "{}",
        line.line
    );
    assert!(line.sum("DatabaseRetries") >= 1.0 && line.sum("DatabaseConnects") >= 1.0, "{}", line.line);
    let lines = product.log.lines();
    let said = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line.split_once(": ")?.1).ok());
    let spans: Vec<Value> =
        said.filter(|line| line["message"] == "database call failed").map(|line| line["span"].clone()).collect();
    assert!(!spans.is_empty());
    for span in &spans {
        assert_eq!(span["request_id"], line.line["request_id"]);
        assert_eq!(span["trace_id"], line.line["trace_id"]);
    }
    tap.let_through();
    api.ask(&person, "another", QUESTION).send().await.expect(200);
    let line = last_of(&product, "navigator", 3).await;
    assert!((1.0..=100.0).contains(&line.sum("ConnectionUtilization")), "{}", line.line);
    assert_eq!((line.sum("DatabaseErrors"), line.sum("PersistenceSuccess")), (0.0, 1.0), "{}", line.line);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_reused_tokens_and_runs_that_were_resumed_or_failed_are_counted() {
    let gate = Gate::start().await;
    let environment = gate.environment(json!({}));
    let hooks = Hooks { honours_deadline_header: true, ..Hooks::default() };
    let product = product_with(Options { environment, hooks, ..Options::default() }).await;
    let api = &product.api;
    let person = api.person().await;
    gate.hold(|arrival| arrival.step_no == 2);
    let asked = tokio::spawn(api.ask(&person, "c", QUESTION).key("k").send_unjudged());
    let held = gate.held().await;
    product.host.kill(held.arrival.pid);
    assert_eq!(asked.await.expect("no panic").status, 500);
    gate.open();
    product.until("SELECT lease_until < clock_timestamp() FROM navigator.workflow_states").await;
    product.host.invoke("resume", json!({})).await.expect("a report");
    let line = last_of(&product, "resume", 1).await;
    assert_eq!(
        (line.sum("WorkflowResumed"), line.sum("WorkflowCompleted"), line.sum("StepRetries")),
        (1.0, 1.0, 1.0),
        "{}",
        line.line
    );
    assert_eq!(line.line["report"]["finished"], 1);

    let superuser = product.superuser().await;
    let refresh = |token: &str| api.post("/token/refresh", &json!({ "refresh_token": token })).send();
    let successor = refresh(&person.refresh).await.expect(200);
    refresh(successor.json["refresh_token"].as_str().expect("a token")).await.expect(200);
    refresh(&person.refresh).await.expect(401);
    let person = api.person().await;
    superuser
        .batch_execute("UPDATE navigator.rate_policies SET hits = 1 WHERE name = 'account'")
        .await
        .expect("changed");
    api.get("/me").token(&person.token).send().await.expect(200);
    api.get("/me").token(&person.token).send().await.expect(429);
    let lines = lines_of(&product.log, "session", 5).await;
    assert_eq!(lines.iter().filter_map(|line| line.get("RefreshTokensReused")).collect::<Vec<_>>(), [1.0]);
    assert_eq!(lines[2].get("RefreshTokensReused"), Some(1.0));
    let line = &lines[4];
    assert_eq!((line.sum("RateLimited"), line.sum("ServerErrors")), (1.0, 0.0));
}
