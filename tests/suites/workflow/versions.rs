//! Rows that this version of the code cannot go on with: newer ones are left alone, unreadable ones end their run.

use ops::host::Hooks;
use serde_json::{Value, json};
use tests::client::{Call, Person};
use tests::gate::stand_in;
use tests::product::{Options, Product, product_with};

use super::{QUESTION, STEPS};

const HEAD: &str = "SELECT to_jsonb(s) FROM navigator.workflow_states AS s";

/// A product with one run that waits before its first step, and the request that goes on with it.
async fn with_a_waiting_run() -> (Product, Person) {
    let product = product_with(Options {
        environment: vec![stand_in(&json!({ "needs_ms": 2_000, "timeout_ms": 20_000 }))],
        hooks: Hooks { honours_deadline_header: true, ..Hooks::default() },
        ..Options::default()
    })
    .await;
    let person = product.api.person().await;
    request(&product, &person).header("x-local-deadline-ms", "3000").send().await.expect(202);
    (product, person)
}

fn request(product: &Product, person: &Person) -> Call {
    product.api.ask(person, "c", QUESTION).key("k")
}

async fn head(product: &Product) -> Value {
    product.superuser().await.query_one(HEAD, &[]).await.expect("the head").get(0)
}

async fn change(product: &Product, what: &str) {
    let sql = format!("UPDATE navigator.workflow_states SET {what}");
    assert_eq!(product.superuser().await.execute(&sql, &[]).await.expect("changed"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_versions_run_is_not_touched_and_goes_on_where_it_is_known() {
    for (newer, known) in [
        ("workflow_version = 99", "workflow_version = 1"),
        ("state_version = 99", "state_version = 1"),
        ("workflow_type = 'tomorrow'", "workflow_type = 'navigator_only'"),
        ("workflow_version = 99, current_step = 'a_new_step'", "workflow_version = 1, current_step = 'security_check'"),
        // Left behind by a process that died.
        ("workflow_version = 99, status = 'running', lease_until = now(), wake_at = NULL", "workflow_version = 1"),
    ] {
        let (product, person) = with_a_waiting_run().await;
        change(&product, newer).await;
        let before = head(&product).await;
        let refused = request(&product, &person).send().await.expect(503);
        assert_eq!(refused.code(), "turn_not_mine", "{newer}");
        assert!(refused.retry_after().is_some());
        let other = product.api.ask(&person, "c", "What is a copay?").send().await.expect(503);
        assert_eq!(other.code(), "turn_not_mine", "it cannot be drained either: {newer}");
        let report = product.host.invoke("resume", json!({})).await.expect("a report");
        assert_eq!(report["found"], 0, "{newer}: {report}");
        let seen = product.api.run(&person, "c").await.expect(200);
        assert_eq!(seen.json["current_step"], before["current_step"], "its owner sees how far it is all the same");
        assert_eq!(head(&product).await, before, "{newer}");
        change(&product, known).await;
        let answer = request(&product, &person).send().await.expect(200);
        assert_eq!((&answer.json["workflow"]["status"], answer.steps()), (&json!("completed"), STEPS.to_vec()));
        assert_eq!(product.api.turns(&person, "c").await.len(), 1, "the refused message was not stored");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_cannot_be_read_ends_as_failed_and_its_state_stays_for_a_person_to_look_at() {
    for unreadable in [
        "current_step = 'a_step_of_old'",
        // A version that this code no longer has.
        "workflow_version = 0",
        "state_version = 0",
        "state_data = '{\"security\": 7}'",
        "state_data = '[1, 2]'",
    ] {
        let (product, person) = with_a_waiting_run().await;
        change(&product, unreadable).await;
        let before = head(&product).await;
        let answer = request(&product, &person).send().await.expect(200);
        assert_eq!(answer.json["workflow"]["status"], "failed", "{unreadable}");
        assert!(answer.content().contains("1-800-633-4227"), "where to get help: {}", answer.content());
        let after = head(&product).await;
        assert_eq!(after["last_error"], "the stored state cannot be read", "{unreadable}");
        for column in ["workflow_type", "workflow_version", "state_version", "current_step"] {
            assert_eq!(after[column], before[column], "{unreadable}: {column}");
        }
        let run = product.api.run(&person, "c").await.expect(200);
        assert_eq!(
            (&run.json["status"], &run.json["steps"][0]["step"]),
            (&json!("failed"), &before["current_step"]),
            "{unreadable}"
        );
        if let (Some(before), Some(after)) = (before["state_data"].as_object(), after["state_data"].as_object()) {
            assert!(before.iter().all(|(name, value)| after.get(name) == Some(value)), "{unreadable}: {after:?}");
        }
        let turns = product.api.turns(&person, "c").await;
        assert_eq!(turns, [(QUESTION.to_owned(), answer.content().to_owned())]);
        assert_eq!(request(&product, &person).send().await.expect(200).text, answer.text);
        let next = product.api.ask(&person, "c", QUESTION).send().await.expect(200);
        assert_eq!(next.json["workflow"]["status"], "completed", "{unreadable}");
    }
}
