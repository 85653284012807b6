//! The schedule's function: it finishes what nobody comes back for, once, forgets what is over, and sees no content.

mod growth;
mod poisoned;
mod retention;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ops::host::Hooks;
use serde_json::{Value, json};
use tests::client::Person;
use tests::gate::{Gate, stand_in};
use tests::product::{Options, Product, product_with};

const QUESTION: &str = "What is a deductible?";

async fn resume(product: &Product) -> Value {
    product.host.invoke("resume", json!({})).await.expect("a report")
}

/// Options under which a request with too little time is suspended before its first step.
fn suspending(environment: (String, String)) -> Options {
    Options {
        environment: vec![environment],
        hooks: Hooks { honours_deadline_header: true, ..Hooks::default() },
        ..Options::default()
    }
}

async fn suspend(product: &Product, person: &Person, conversation: &str) {
    let request = product.api.ask(person, conversation, QUESTION).key("k").header("x-local-deadline-ms", "3000");
    assert_eq!(request.send().await.expect(202).json["workflow"]["status"], "waiting");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_abandoned_turn_is_finished_although_nobody_asks_again() {
    let gate = Gate::start().await;
    let product = product_with(Options { environment: gate.environment(json!({})), ..Options::default() }).await;
    let person = product.api.person().await;
    gate.hold(|arrival| arrival.step_no == 2);
    let asked = tokio::spawn(product.api.ask(&person, "c", QUESTION).key("k").send_unjudged());
    let held = gate.held().await;
    product.host.kill(held.arrival.pid);
    assert_eq!(asked.await.expect("no panic").status, 500);
    gate.open();
    product.until("SELECT lease_until < clock_timestamp() FROM navigator.workflow_states").await;
    let report = resume(&product).await;
    assert_eq!(
        (&report["found"], &report["finished"], &report["errors"]),
        (&json!(1), &json!(1), &json!(0)),
        "{report}"
    );
    let turns = product.api.turns(&person, "c").await;
    assert_eq!(turns.len(), 1);
    let run = product.api.run(&person, "c").await.expect(200);
    assert_eq!((&run.json["status"], &run.json["reason"]), (&json!("completed"), &Value::Null));
    let attempts: Vec<_> = run.json["steps"].as_array().expect("steps").iter().map(|step| &step["attempts"]).collect();
    assert_eq!(attempts, [1, 1, 2, 1], "the lost attempt is counted: {}", run.text);
    let lost = "SELECT count(*) FROM navigator.workflow_steps WHERE wasted @> '[{\"attempt\": 1, \"outcome\": \"lost\"}]' AND jsonb_array_length(wasted) = 1";
    assert_eq!(product.count(lost).await, 1);
    let answer = product.api.ask(&person, "c", QUESTION).key("k").send().await.expect(200);
    assert_eq!(
        (answer.content(), &answer.headers["idempotency-replayed"]),
        (turns[0].1.as_str(), &"true".parse().expect("a value"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_that_is_being_worked_on_is_left_alone() {
    let gate = Gate::start().await;
    let environment = gate.environment(json!({ "timeout_ms": 20_000 }));
    let product = product_with(Options { environment, ..Options::default() }).await;
    let person = product.api.person().await;
    gate.hold(|arrival| arrival.step_no == 2);
    let asked = tokio::spawn(product.api.ask(&person, "c", QUESTION).send());
    let held = gate.held().await;
    assert_eq!(resume(&product).await["found"], 0);
    drop(held);
    assert_eq!(asked.await.expect("no panic").expect(200).json["workflow"]["status"], "completed");
    assert_eq!(product.count("SELECT max(fence) FROM navigator.workflow_states").await, 1, "one grant");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_that_finds_nothing_is_one_round_trip() {
    let product = product_with(Options { is_tapped: true, ..Options::default() }).await;
    let person = product.api.person().await;
    product.api.ask(&person, "c", QUESTION).send().await.expect(200);
    resume(&product).await;
    let tap = product.tap.as_ref().expect("a tap");
    tap.take();
    let report = resume(&product).await;
    assert!(report.as_object().is_some_and(|fields| fields.values().all(|value| value == 0)), "{report}");
    let counts = tap.take();
    assert_eq!(
        (counts.round_trips, counts.syncs, counts.named, counts.simple),
        (1, 1, 0, 0),
        "{:?}",
        counts.statements
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_at_once_finish_each_turn_once_and_more_than_one_look_finds() {
    const RUNS: usize = 24;
    let gate = Gate::start().await;
    let environment = gate.environment(json!({ "needs_ms": 2_000, "timeout_ms": 20_000 })).remove(0);
    let product = product_with(Options { processes: 2, ..suspending(environment) }).await;
    let person = product.api.person().await;
    for number in 0..RUNS {
        suspend(&product, &person, &format!("c{number}")).await;
    }
    let reports = tokio::join!(resume(&product), resume(&product));
    let sum = |name: &str| {
        [&reports.0, &reports.1].into_iter().map(|report| report[name].as_u64().expect("a number")).sum::<u64>()
    };
    assert_eq!((sum("finished"), sum("errors"), sum("suspended")), (RUNS as u64, 0, 0), "{reports:?}");
    assert_eq!((sum("found"), sum("taken")), (RUNS as u64, 0), "what one finds the other does not: {reports:?}");
    println!("finished {} and {}", reports.0["finished"], reports.1["finished"]);
    let began = gate.seen();
    let distinct: BTreeSet<_> = began.iter().map(|arrival| (arrival.run, arrival.step_no)).collect();
    assert_eq!((began.len(), distinct.len()), (4 * RUNS, 4 * RUNS), "no step began twice");
    for number in 0..RUNS {
        assert_eq!(product.api.turns(&person, &format!("c{number}")).await.len(), 1);
    }
    assert_eq!(resume(&product).await["found"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_versions_turn_is_passed_over_and_the_others_are_finished() {
    let product = product_with(suspending(stand_in(&json!({ "needs_ms": 2_000, "timeout_ms": 20_000 })))).await;
    let person = product.api.person().await;
    for conversation in ["newer", "known"] {
        suspend(&product, &person, conversation).await;
    }
    let client = product.superuser().await;
    let newer = "UPDATE navigator.workflow_states SET workflow_version = 99 WHERE conversation_id = 'newer'";
    client.execute(newer, &[]).await.expect("changed");
    let report = resume(&product).await;
    assert_eq!((&report["found"], &report["finished"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(product.api.run(&person, "newer").await.expect(200).json["status"], "waiting");
    assert_eq!(product.api.run(&person, "known").await.expect(200).json["status"], "completed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_that_does_not_fit_into_the_invocation_is_put_off_and_not_asked_for_again_in_it() {
    let options = Options {
        is_tapped: true,
        timeouts: BTreeMap::from([("resume", Duration::from_secs(8))]),
        ..suspending(stand_in(&json!({ "needs_ms": 20_000, "timeout_ms": 20_000 })))
    };
    let product = product_with(options).await;
    let person = product.api.person().await;
    suspend(&product, &person, "c").await;
    resume(&product).await;
    let tap = product.tap.as_ref().expect("a tap");
    tap.take();
    let report = resume(&product).await;
    assert_eq!((&report["found"], &report["suspended"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(tap.take().round_trips, 3, "sweep, resume, defer");
    let answer = product.api.ask(&person, "c", QUESTION).key("k").send().await.expect(200);
    assert_eq!(answer.json["workflow"]["status"], "completed", "with more time it does fit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sweep_sees_no_content_and_nobody_may_become_it() {
    let product = product_with(Options::default()).await;
    let person = product.api.person().await;
    product.api.ask(&person, "c", QUESTION).send().await.expect(200);
    let client = product.superuser().await;
    let denied = async |sql: &str| {
        let error = client.batch_execute(sql).await.expect_err(sql);
        assert_eq!(error.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{sql}");
    };
    client.batch_execute("SET ROLE navigator_sweep").await.expect("the role");
    for (table, columns) in [
        ("conversation_messages", ["content", "metadata"]),
        ("workflow_states", ["state_data", "request_key"]),
        ("workflow_requests", ["response", "message"]),
        ("workflow_requests", ["request_hash", "metadata"]),
        ("workflow_steps", ["output", "usage"]),
        ("agent_states", ["state_data", "agent_name"]),
        ("conversations", ["metadata", "id"]),
        ("users", ["email", "id"]),
        ("sessions", ["id", "user_id"]),
    ] {
        for column in columns {
            denied(&format!("SELECT {column} FROM navigator.{table}")).await;
        }
    }
    denied("UPDATE navigator.workflow_states SET status = 'completed'").await;
    denied("INSERT INTO navigator.workflow_requests (request_key) VALUES ('x')").await;
    let seen = "SELECT user_id, conversation_id, status, wake_at FROM navigator.workflow_states";
    assert_eq!(client.query(seen, &[]).await.expect("whose run it is").len(), 1);
    // What is not over is not deleted, whoever asks.
    client.batch_execute("RESET ROLE; UPDATE navigator.workflow_requests SET status = 'running', response = NULL, finished_at = NULL").await.expect("open again");
    client.batch_execute("SET ROLE navigator_sweep").await.expect("the role");
    assert_eq!(client.execute("DELETE FROM navigator.workflow_requests", &[]).await.expect("allowed"), 0);
    client.batch_execute("RESET ROLE; SET SESSION AUTHORIZATION navigator_api").await.expect("the functions' role");
    denied("SET ROLE navigator_sweep").await;
    denied("DELETE FROM navigator.workflow_requests").await;
}
