//! A second message while the first one is being answered: refused, or queued and answered next.

use serde_json::json;
use tests::client::{Answer, Call, Person};
use tests::gate::{Gate, Held};
use tests::product::Product;
use tokio::task::JoinHandle;

use super::{QUESTION, begin, end, gated, patient};

fn enqueue(product: &Product, person: &Person, message: &str, key: &str) -> Call {
    let body = json!({ "message": message, "conversation_id": "c", "when_busy": "enqueue" });
    product.api.post("/chat/navigator", &body).token(&person.token).key(key)
}

/// A turn that is held in its second step, and a message that waits behind it.
struct Waiting {
    gate: Gate,
    product: Product,
    person: Person,
    first: JoinHandle<Answer>,
    held: Held,
}

async fn one_waits() -> Waiting {
    let (gate, product) = gated(patient()).await;
    let person = product.api.person().await;
    gate.hold(|arrival| arrival.step_no == 1);
    let first = begin(product.api.ask(&person, "c", QUESTION));
    let held = gate.held().await;
    enqueue(&product, &person, "What is a copay?", "second").send().await.expect(202);
    Waiting { gate, product, person, first, held }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_message_is_refused_and_not_stored_unless_it_asks_to_wait() {
    let (gate, product) = gated(patient()).await;
    let person = product.api.person().await;
    gate.hold(|arrival| arrival.step_no == 1);
    let first = begin(product.api.ask(&person, "c", QUESTION).key("first"));
    let held = gate.held().await;
    let refused = product.api.ask(&person, "c", "What is a copay?").send().await.expect(409);
    assert_eq!(refused.code(), "conversation_busy");
    assert!(refused.retry_after().is_some_and(|pause| !pause.is_zero()));
    let same = product.api.ask(&person, "c", QUESTION).key("first").send().await.expect(409);
    assert_eq!(same.code(), "turn_in_progress");
    assert!(same.retry_after().is_some_and(|pause| !pause.is_zero()));
    let body = json!({ "message": QUESTION, "conversation_id": "c", "when_busy": "other" });
    let other = product.api.post("/chat/navigator", &body).token(&person.token).send().await.expect(422);
    assert_eq!(other.json["errors"][0]["pointer"], "/when_busy");
    let elsewhere = product.api.ask(&person, "d", QUESTION);
    gate.open();
    elsewhere.send().await.expect(200);
    drop(held);
    end(first).await.expect(200);
    assert_eq!(product.api.turns(&person, "c").await.len(), 1);
    enqueue(&product, &person, "What is a copay?", "free").send().await.expect(200);
    assert_eq!(product.api.turns(&person, "c").await.len(), 2, "nothing to wait for: it is answered at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_leaves_before_what_waits_behind_it_is_begun_and_that_is_due_at_once() {
    let (gate, product) = gated(patient()).await;
    let person = product.api.person().await;
    gate.hold(|arrival| arrival.step_no == 1);
    let first = begin(product.api.ask(&person, "c", QUESTION).key("first"));
    let held = gate.held().await;
    let second = || enqueue(&product, &person, "What is a copay?", "second");
    let queued = second().send().await.expect(202);
    assert_eq!(queued.json["workflow"], json!({ "type": "navigator_only", "status": "queued", "steps": [] }));
    assert_eq!(
        (&queued.json["idempotency_key"], &queued.headers["location"]),
        (&json!("second"), &"/conversations/c/workflow".parse().expect("a value"))
    );
    assert!(queued.retry_after().is_some_and(|pause| !pause.is_zero()));
    let again = second().send().await.expect(202);
    assert_eq!(again.json["run_id"], queued.json["run_id"], "the same key is the same message");
    // How to wait is no part of what is asked.
    let rejecting = product.api.ask(&person, "c", "What is a copay?").key("second").send().await.expect(202);
    assert_eq!(rejecting.json["run_id"], queued.json["run_id"]);
    let reused = enqueue(&product, &person, "What is a premium?", "second").send().await.expect(422);
    assert_eq!(reused.code(), "idempotency_key_reused");
    let reused = product.api.ask(&person, "c", "What is a premium?").key("first").send().await.expect(422);
    assert_eq!(reused.code(), "idempotency_key_reused");
    let seen = product.api.run(&person, "c").await.expect(200);
    assert_eq!(seen.json["run_id"], json!(held.arrival.run));
    let queue = seen.json["queue"].as_array().expect("a queue");
    assert_eq!(queue.iter().map(|one| &one["run_id"]).collect::<Vec<_>>(), [&queued.json["run_id"]]);
    assert_eq!(product.api.messages(&person, "c").await.len(), 1, "it is no part of the conversation yet");
    gate.open();
    drop(held);
    let first = end(first).await.expect(200);
    let of_second = || gate.seen().iter().filter(|arrival| json!(arrival.run) == queued.json["run_id"]).count();
    assert_eq!(of_second(), 0, "the answer waits for nobody");
    let report = product.host.invoke("resume", json!({})).await.expect("a report");
    assert_eq!((&report["found"], &report["finished"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(of_second(), 4);
    let answer = second().send().await.expect(200);
    assert_eq!(answer.headers["idempotency-replayed"], "true", "it was answered before it was asked again");
    assert_eq!(answer.json["run_id"], queued.json["run_id"]);
    let expected = [
        (QUESTION.to_owned(), first.content().to_owned()),
        ("What is a copay?".to_owned(), answer.content().to_owned()),
    ];
    assert_eq!(product.api.turns(&person, "c").await, expected);
    assert_eq!(product.api.run(&person, "c").await.json["queue"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_messages_may_wait_and_are_answered_in_their_order() {
    let (gate, product) = gated(patient()).await;
    let person = product.api.person().await;
    gate.hold(|arrival| arrival.step_no == 0);
    let first = begin(product.api.ask(&person, "c", "What is a term? 0"));
    let held = gate.held().await;
    let nth = |n: usize| enqueue(&product, &person, &format!("What is a term? {n}"), &format!("key-{n}"));
    for n in 1..=10 {
        nth(n).send().await.expect(202);
    }
    let eleventh = nth(11).send().await.expect(409);
    assert_eq!(eleventh.code(), "conversation_busy");
    assert!(eleventh.retry_after().is_some());
    nth(10).send().await.expect(202);
    assert_eq!(product.api.run(&person, "c").await.json["queue"].as_array().map(Vec::len), Some(10));
    gate.open();
    drop(held);
    end(first).await.expect(200);
    // A client that asks again would be answered in its turn; those that do not are the schedule's.
    let report = product.host.invoke("resume", json!({})).await.expect("a report");
    assert_eq!((&report["found"], &report["finished"]), (&json!(1), &json!(10)), "one after the other: {report}");
    let questions: Vec<String> =
        product.api.turns(&person, "c").await.into_iter().map(|(question, _)| question).collect();
    assert_eq!(questions, (0..=10).map(|n| format!("What is a term? {n}")).collect::<Vec<_>>());
    for n in 1..=10 {
        assert_eq!(nth(n).send().await.expect(200).headers["idempotency-replayed"], "true");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_wait_behind_a_cancelled_turn_are_answered_next() {
    let Waiting { gate, product, person, first, held } = one_waits().await;
    let cancelled = product.api.cancel(&person, "c").await.expect(202);
    assert_eq!(cancelled.json["queue"].as_array().map(Vec::len), Some(1), "{}", cancelled.text);
    gate.open();
    // The worker of the cancelled turn is still in its step; nobody waits for it.
    let second = enqueue(&product, &person, "What is a copay?", "second").send().await.expect(200);
    assert_eq!(second.json["workflow"]["status"], "completed");
    drop(held);
    let first = end(first).await.expect(200);
    assert_eq!(first.json["workflow"]["status"], "cancelled");
    let expected = [
        (QUESTION.to_owned(), first.content().to_owned()),
        ("What is a copay?".to_owned(), second.content().to_owned()),
    ];
    assert_eq!(product.api.turns(&person, "c").await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_answered_by_its_own_next_request_and_behind_a_cancelled_turn_too() {
    let Waiting { gate, product, person, first, held } = one_waits().await;
    product.api.cancel(&person, "c").await.expect(202);
    gate.open();
    drop(held);
    end(first).await.expect(200);
    assert_eq!(product.api.turns(&person, "c").await.len(), 1, "the worker of the cancelled turn has replied");
    let second = enqueue(&product, &person, "What is a copay?", "second").send().await.expect(200);
    assert!(second.headers.get("idempotency-replayed").is_none());
    assert_eq!(product.api.turns(&person, "c").await.len(), 2);
}
