//! A turn that takes longer than one invocation may: it goes on in the next one, whoever begins it.

use std::collections::BTreeMap;
use std::time::Duration;

use ops::host::Hooks;
use serde_json::json;
use tests::client::{Person, persist};
use tests::gate::stand_in;
use tests::product::{Options, Product, product_with};

use super::{QUESTION, STEPS};

/// Of 4 s, 1.5 s are the reserve: a step of 2 s fits once.
const DEADLINE: &str = "4000";

async fn slow() -> Product {
    product_with(Options {
        environment: vec![stand_in(&json!({ "step_ms": 2_000, "needs_ms": 2_000, "timeout_ms": 3_000 }))],
        hooks: Hooks { honours_deadline_header: true, ..Hooks::default() },
        timeouts: BTreeMap::from([("resume", Duration::from_secs(4))]),
        ..Options::default()
    })
    .await
}

/// The journal holds each step once, in order, each done at its first attempt although the run was suspended before it; how
/// many grants it took.
async fn grants(product: &Product, person: &Person) -> usize {
    let sql = "SELECT step, attempt, fence, wasted = '[]' AS is_clean FROM navigator.workflow_steps ORDER BY step_no";
    let rows = product.superuser().await.query(sql, &[]).await.expect("the journal");
    assert_eq!(rows.iter().map(|row| row.get::<_, String>("step")).collect::<Vec<_>>(), STEPS);
    assert!(rows.iter().all(|row| row.get::<_, i32>("attempt") == 1 && row.get::<_, bool>("is_clean")));
    let run = product.api.run(person, "c").await.expect(200);
    assert!(run.json["steps"].as_array().expect("steps").iter().all(|step| step["attempts"] == 1), "{}", run.text);
    let mut fences: Vec<i64> = rows.iter().map(|row| row.get("fence")).collect();
    fences.dedup();
    fences.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_longer_than_an_invocation_is_finished_by_the_clients_retries_alone() {
    let product = slow().await;
    let person = product.api.person().await;
    let answers =
        persist(|| product.api.ask(&person, "c", QUESTION).key("k").header("x-local-deadline-ms", DEADLINE)).await;
    let (answer, before) = answers.split_last().expect("an answer");
    assert!(!before.is_empty());
    for (number, accepted) in before.iter().enumerate() {
        assert_eq!(accepted.status, 202, "{}", accepted.text);
        assert_eq!(accepted.headers["location"], "/conversations/c/workflow");
        assert_eq!(accepted.json["run_id"], answer.json["run_id"]);
        assert!(number == 0 || accepted.steps().len() >= before[number - 1].steps().len(), "{}", accepted.text);
    }
    assert_eq!((&answer.json["workflow"]["status"], answer.steps()), (&json!("completed"), STEPS.to_vec()));
    let grants = grants(&product, &person).await;
    assert!(grants > 1 && grants <= answers.len(), "{grants} grants, {} answers", answers.len());
    println!("{} invocations, {grants} of them with a step", answers.len());
    assert_eq!(product.api.turns(&person, "c").await, [(QUESTION.to_owned(), answer.content().to_owned())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_longer_than_an_invocation_is_finished_by_the_schedule_alone() {
    let product = slow().await;
    let person = product.api.person().await;
    let ask = || product.api.ask(&person, "c", QUESTION).key("k");
    let accepted = ask().header("x-local-deadline-ms", DEADLINE).send().await.expect(202);
    assert_eq!(accepted.headers["location"], "/conversations/c/workflow");
    let mut invocations = 1;
    while product.api.run(&person, "c").await.expect(200).json["status"] == "waiting" {
        let report = product.host.invoke("resume", json!({})).await.expect("a report");
        assert_eq!((&report["errors"], &report["taken"]), (&json!(0), &json!(0)), "{report}");
        invocations += 1;
        assert!(invocations < 40, "never finished: {report}");
    }
    let grants = grants(&product, &person).await;
    assert!(grants > 1, "{grants} grants");
    println!("{invocations} invocations, {grants} of them with a step");
    let turns = product.api.turns(&person, "c").await;
    assert_eq!(turns.len(), 1);
    let answer = ask().send().await.expect(200);
    assert_eq!((answer.content(), &answer.json["run_id"]), (turns[0].1.as_str(), &accepted.json["run_id"]));
    assert_eq!(answer.headers["idempotency-replayed"], "true");
}
