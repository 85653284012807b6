//! `GET /conversations/{id}/workflow` at each stage of a run.

use ops::host::Hooks;
use serde_json::{Value, json};
use tests::gate::stand_in;
use tests::product::{Options, product_with};

use super::{QUESTION, STEPS, begin, end, gated, patient};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_seen_at_its_step_and_afterwards_with_what_each_step_took() {
    let (gate, product) = gated(patient()).await;
    let person = product.api.person().await;
    gate.hold(|arrival| arrival.step_no == 1);
    let asked = begin(product.api.ask(&person, "c", QUESTION));
    let held = gate.held().await;
    let during = product.api.run(&person, "c").await.expect(200);
    assert_eq!(during.json["run_id"], json!(held.arrival.run));
    assert_eq!(
        (&during.json["status"], &during.json["current_step"], &during.json["attempt"]),
        (&json!("running"), &json!(STEPS[1]), &json!(1))
    );
    assert_eq!(during.steps(), STEPS[..1]);
    assert_eq!((&during.json["queue"], &during.json["finished_at"]), (&json!([]), &Value::Null));
    assert!(during.json["started_at"].is_string());
    drop(held);
    let answer = end(asked).await.expect(200);
    let after = product.api.run(&person, "c").await.expect(200);
    assert_eq!(after.json["run_id"], answer.json["run_id"]);
    assert_eq!(
        (&after.json["status"], &after.json["current_step"], &after.json["attempt"]),
        (&json!("completed"), &Value::Null, &Value::Null)
    );
    assert_eq!(after.steps(), STEPS);
    assert_eq!(answer.steps(), STEPS);
    for step in after.json["steps"].as_array().expect("steps") {
        assert_eq!(step["attempts"], 1, "{step}");
    }
    assert!(after.json["finished_at"].is_string() && after.json["reason"].is_null(), "{}", after.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_turn_says_where_it_is_seen_and_under_which_key_it_goes_on() {
    let product = product_with(Options {
        environment: vec![stand_in(&json!({ "needs_ms": 2_000, "timeout_ms": 3_000 }))],
        hooks: Hooks { honours_deadline_header: true, ..Hooks::default() },
        ..Options::default()
    })
    .await;
    let person = product.api.person().await;
    // 3 s less the reserve of 1.5 s is less than a step needs.
    let asked = product.api.ask(&person, "c", QUESTION).header("x-local-deadline-ms", "3000").send().await.expect(202);
    assert_eq!(asked.json["workflow"], json!({ "type": "navigator_only", "status": "waiting", "steps": [] }));
    assert!(asked.retry_after().is_some_and(|pause| !pause.is_zero()), "{:?}", asked.headers);
    let location = asked.headers["location"].to_str().expect("text");
    assert_eq!(location, "/conversations/c/workflow");
    let seen = product.api.get(location).token(&person.token).send().await.expect(200);
    assert_eq!(seen.json["run_id"], asked.json["run_id"]);
    assert_eq!(
        (&seen.json["status"], &seen.json["current_step"], &seen.json["attempt"]),
        (&json!("waiting"), &json!(STEPS[0]), &json!(1))
    );
    assert_eq!(product.api.messages(&person, "c").await, [("user".to_owned(), QUESTION.to_owned())], "it is stored");
    let key = asked.json["idempotency_key"].as_str().expect("a key");
    let answer = product.api.ask(&person, "c", QUESTION).key(key).send().await.expect(200);
    assert_eq!(answer.json["run_id"], asked.json["run_id"]);
    assert_eq!(product.api.turns(&person, "c").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_elses_run_looks_like_nobodys() {
    let (gate, product) = gated(patient()).await;
    let (ana, ben) = (product.api.person().await, product.api.person().await);
    gate.hold(|arrival| arrival.step_no == 1);
    let asked = begin(product.api.ask(&ana, "c", QUESTION));
    let held = gate.held().await;
    for conversation in ["c", "never-was"] {
        for answer in [product.api.run(&ben, conversation).await, product.api.cancel(&ben, conversation).await] {
            let answer = answer.expect(404);
            assert_eq!(answer.code(), "conversation_not_found");
            assert_eq!(answer.json["detail"], "There is no such conversation.", "{conversation}");
        }
    }
    drop(held);
    assert_eq!(end(asked).await.expect(200).json["workflow"]["status"], "completed");
    for (method, path) in [("GET", "/conversations/c/workflow"), ("POST", "/conversations/c/workflow/cancel")] {
        assert_eq!(product.api.call(method, path).send().await.expect(401).code(), "missing_token");
        let long = path.replace("/c/", &format!("/{}/", "i".repeat(300)));
        product.api.call(method, &long).token(&ana.token).send().await.expect(422);
    }
}
