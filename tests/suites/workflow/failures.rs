//! Attempts at a step that fail: they are repeated, counted, and in the end given up.

use ops::host::Hooks;
use serde_json::{Value, json};
use tests::gate::{Gate, stand_in};
use tests::product::{Options, Product, product_with};

use super::{QUESTION, STEPS, begin, end};

const REASON: &str = "what the step depends on is unavailable";

async fn failing(specification: Value) -> Product {
    product_with(Options {
        environment: vec![stand_in(&specification)],
        hooks: Hooks { honours_deadline_header: true, ..Hooks::default() },
        ..Options::default()
    })
    .await
}

/// The attempts that brought nothing, of each step in order: how they ended and what they used.
async fn wasted(product: &Product) -> Vec<Value> {
    let sql = "SELECT wasted FROM navigator.workflow_steps ORDER BY run_id, step_no";
    let rows = product.superuser().await.query(sql, &[]).await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_fails_twice_is_done_at_the_third_attempt_and_all_three_are_told() {
    let gate = Gate::start().await;
    let environment = gate.environment(json!({ "failures": 2, "timeout_ms": 20_000 }));
    let product = product_with(Options { environment, ..Options::default() }).await;
    let person = product.api.person().await;
    gate.hold(|arrival| arrival.step_no == 1 && arrival.attempt == 2);
    let asked = begin(product.api.ask(&person, "c", QUESTION).key("k"));
    let held = gate.held().await;
    let during = product.api.run(&person, "c").await.expect(200);
    assert_eq!(
        (&during.json["status"], &during.json["attempt"], &during.json["reason"]),
        (&json!("running"), &json!(2), &json!(REASON))
    );
    drop(held);
    let answer = end(asked).await.expect(200);
    assert_eq!(answer.json["workflow"]["status"], "completed");
    let after = product.api.run(&person, "c").await.expect(200);
    let attempts: Vec<&Value> =
        after.json["steps"].as_array().expect("steps").iter().map(|step| &step["attempts"]).collect();
    assert_eq!(attempts, [3, 3, 3, 3]);
    let usage = json!({ "input_tokens": 100, "output_tokens": 10 });
    let failed = |attempt| json!({ "attempt": attempt, "outcome": "failed", "reason": REASON, "usage": usage });
    for of_step in wasted(&product).await {
        assert_eq!(of_step, json!([failed(1), failed(2)]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_always_fails_ends_the_run_with_its_reason_and_the_conversation_goes_on() {
    for (specification, reason) in
        [(json!({ "failures": 9 }), REASON), (json!({ "step_ms": 2_000, "timeout_ms": 100 }), "the step took too long")]
    {
        let product = failing(specification).await;
        let person = product.api.person().await;
        let ask = || product.api.ask(&person, "c", QUESTION).key("k");
        let failed = ask().send().await.expect(200);
        assert_eq!(failed.json["workflow"]["status"], "failed");
        assert!(failed.content().contains("1-800-633-4227"), "where to get help: {}", failed.content());
        let run = product.api.run(&person, "c").await.expect(200);
        assert_eq!((&run.json["status"], &run.json["reason"]), (&json!("failed"), &json!(reason)));
        assert_eq!(run.json["steps"][0]["attempts"], 5, "{}", run.text);
        assert_eq!(product.api.cancel(&person, "c").await.expect(409).code(), "run_finished");
        assert_eq!(ask().send().await.expect(200).text, failed.text);
        let mut environment = product.environment.clone();
        environment.insert("NAVIGATOR_STAND_IN".to_owned(), "{}".to_owned());
        product.host.set_environment("navigator", environment);
        product.host.restart("navigator").await.expect("restarted");
        let next = product.api.ask(&person, "c", QUESTION).send().await.expect(200);
        assert_eq!(next.steps(), STEPS);
        let run = product.api.run(&person, "c").await.expect(200);
        assert_eq!((&run.json["status"], &run.json["reason"]), (&json!("completed"), &Value::Null));
        assert_eq!(product.api.turns(&person, "c").await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_that_does_not_fit_into_the_invocation_is_spent_outside_of_it() {
    let product = failing(json!({ "failures": 4 })).await;
    let person = product.api.person().await;
    // 2.5 s to work in; the pauses of one step alone take 1.5 to 3 s.
    let ask = || product.api.ask(&person, "c", QUESTION).key("k").header("x-local-deadline-ms", "4000");
    let mut put_off = Vec::new();
    let answer = loop {
        let answer = ask().send().await;
        if answer.status == 200 {
            break answer;
        }
        assert!(matches!(answer.status, 202 | 409), "{}", answer.text);
        put_off.push(product.api.run(&person, "c").await.expect(200).json);
        assert!(put_off.len() < 40, "never answered");
        tokio::time::sleep(answer.retry_after().expect("when to ask again")).await;
    };
    assert_eq!(answer.json["workflow"]["status"], "completed");
    let between_attempts = |run: &&Value| run["attempt"].as_i64() > Some(1);
    let counted = put_off.iter().filter(between_attempts).collect::<Vec<_>>();
    assert!(!counted.is_empty(), "a failed attempt counts, although its pause is spent elsewhere: {put_off:?}");
    assert!(counted.iter().all(|run| run["status"] == "waiting" && run["reason"] == REASON), "{counted:?}");
    let run = product.api.run(&person, "c").await.expect(200);
    for step in run.json["steps"].as_array().expect("steps") {
        assert_eq!(step["attempts"], 5, "four failures, however many invocations: {}", run.text);
    }
    assert!(wasted(&product).await.iter().all(|of_step| of_step.as_array().map(Vec::len) == Some(4)));
}
