//! `POST /conversations/{id}/workflow/cancel`: at every stage of a run, and at the same moment as its last commit.

use ops::host::Hooks;
use serde_json::{Value, json};
use tests::product::{Options, product_with};

use super::{QUESTION, STEPS, begin, end, gated, patient};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_turn_is_cancelled_at_once_and_says_so_to_everybody_who_asks() {
    let (gate, product) = gated(patient()).await;
    let person = product.api.person().await;
    gate.hold(|arrival| arrival.step_no == 1);
    let ask = || product.api.ask(&person, "c", QUESTION).key("k");
    let asked = begin(ask());
    let held = gate.held().await;
    let cancelled = product.api.cancel(&person, "c").await.expect(202);
    assert_eq!(
        (&cancelled.json["status"], &cancelled.json["current_step"], &cancelled.json["run_id"]),
        (&json!("cancelled"), &Value::Null, &json!(held.arrival.run))
    );
    assert_eq!(product.api.run(&person, "c").await.expect(200).text, cancelled.text);
    let at_once = ask().send().await.expect(200);
    assert_eq!((&at_once.json["workflow"]["status"], at_once.steps()), (&json!("cancelled"), STEPS[..1].to_vec()));
    drop(held);
    let first = end(asked).await.expect(200);
    assert_eq!(first.text, at_once.text, "whoever asked first gets the stored answer");
    let replayed = ask().send().await.expect(200);
    assert_eq!(replayed.text, first.text);
    assert_eq!(replayed.headers["idempotency-replayed"], "true");
    assert_eq!(
        gate.seen().iter().map(|arrival| arrival.step_no).collect::<Vec<_>>(),
        [0, 1],
        "no step begins after it"
    );
    gate.open();
    product.api.ask(&person, "c", QUESTION).send().await.expect(200);
    let turns = product.api.turns(&person, "c").await;
    assert_eq!(turns.len(), 2);
    assert_eq!((turns[0].0.as_str(), turns[0].1.as_str()), (QUESTION, first.content()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_again_changes_nothing_and_cancelling_too_late_is_refused() {
    let (gate, product) = gated(patient()).await;
    let person = product.api.person().await;
    product.api.ask(&person, "c", QUESTION).key("k").send().await.expect(200);
    let before = product.api.run(&person, "c").await.expect(200);
    assert_eq!(product.api.cancel(&person, "c").await.expect(409).code(), "run_finished");
    assert_eq!(product.api.run(&person, "c").await.text, before.text);
    gate.hold(|arrival| arrival.step_no == 2);
    let asked = begin(product.api.ask(&person, "c", QUESTION));
    let held = gate.held().await;
    let once = product.api.cancel(&person, "c").await.expect(202);
    let twice = product.api.cancel(&person, "c").await.expect(202);
    assert_eq!(once.text, twice.text);
    drop(held);
    assert_eq!(end(asked).await.expect(200).json["workflow"]["status"], "cancelled");
    assert_eq!(product.api.cancel(&person, "c").await.expect(202).text, once.text);
    assert_eq!(product.api.turns(&person, "c").await.len(), 2, "one answer each");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_and_an_abandoned_run_are_cancelled_and_nobody_goes_on_with_them() {
    let gate = tests::gate::Gate::start().await;
    let product = product_with(Options {
        environment: gate.environment(json!({ "needs_ms": 2_000, "timeout_ms": 20_000 })),
        hooks: Hooks { honours_deadline_header: true, ..Hooks::default() },
        ..Options::default()
    })
    .await;
    let person = product.api.person().await;
    let ask = |conversation: &str| product.api.ask(&person, conversation, QUESTION).key("k");
    ask("waiting").header("x-local-deadline-ms", "3000").send().await.expect(202);
    gate.hold(|arrival| arrival.step_no == 1);
    let asked = tokio::spawn(ask("abandoned").send_unjudged());
    let held = gate.held().await;
    product.host.kill(held.arrival.pid);
    assert_eq!(end(asked).await.status, 500);
    gate.open();
    for (conversation, steps) in [("waiting", 0), ("abandoned", 1)] {
        let cancelled = product.api.cancel(&person, conversation).await.expect(202);
        assert_eq!((&cancelled.json["status"], cancelled.steps().len()), (&json!("cancelled"), steps));
        let answer = ask(conversation).send().await.expect(200);
        assert_eq!(answer.json["workflow"]["status"], "cancelled");
        assert_eq!(product.api.turns(&person, conversation).await.len(), 1);
    }
    let report = product.host.invoke("resume", json!({})).await.expect("a report");
    assert_eq!(report["found"], 0, "{report}");
    product.api.ask(&person, "waiting", QUESTION).send().await.expect(200);
    assert_eq!(product.api.turns(&person, "waiting").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_and_the_last_commit_at_once_never_both_win() {
    let (gate, product) = gated(patient()).await;
    let person = product.api.person().await;
    gate.hold(|arrival| arrival.step_no == 3);
    let mut cancelled = 0;
    for number in 0..24 {
        let conversation = format!("c{number}");
        let asked = begin(product.api.ask(&person, &conversation, QUESTION).key("k"));
        let held = gate.held().await;
        let cancel = || {
            let (api, person, conversation) = (product.api.clone(), person.clone(), conversation.clone());
            tokio::spawn(async move { api.cancel(&person, &conversation).await })
        };
        // Now the one has a start, now the other.
        let cancel = if number % 2 == 0 {
            let cancel = cancel();
            drop(held);
            cancel
        } else {
            drop(held);
            cancel()
        };
        let (answer, cancel) = (end(asked).await.expect(200), end(cancel).await);
        match (cancel.status, answer.json["workflow"]["status"].as_str()) {
            (202, Some("cancelled")) => cancelled += 1,
            (409, Some("completed")) => assert_eq!(cancel.code(), "run_finished"),
            other => panic!("{other:?}: {}", cancel.text),
        }
        let again = product.api.ask(&person, &conversation, QUESTION).key("k").send().await.expect(200);
        assert_eq!(again.text, answer.text);
        let turns = product.api.turns(&person, &conversation).await;
        assert_eq!(turns, [(QUESTION.to_owned(), answer.content().to_owned())]);
    }
    println!("{cancelled} of 24 cancelled in time");
}
