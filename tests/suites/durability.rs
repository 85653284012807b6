//! A function killed after each step: the same request goes on with the next one.

mod outages;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tests::client::{Answer, Person};
use tests::llm_stub::{Behaviour, LlmStub};
use tests::product::{Options, Product, product_with};
use tests::tap::Decision;

async fn tapped() -> Product {
    product_with(Options { is_tapped: true, ..Options::default() }).await
}

/// Kills the navigator when the reply to its `nth` commit (from 1) arrives at the tap: the step is stored, and the
/// function never learns of it.
fn kill_after_commit(product: &Product, nth: usize) -> Arc<AtomicUsize> {
    let commits = Arc::new(AtomicUsize::new(0));
    let pids: Vec<u32> = product.host.processes("navigator").iter().map(|process| process.pid).collect();
    let seen = commits.clone();
    product.tap.as_ref().expect("a tap").before_reply(move |sql| {
        if sql.contains("step_commit") && seen.fetch_add(1, Ordering::SeqCst) + 1 == nth {
            for pid in &pids {
                launcher::process::signal(*pid, "KILL");
            }
            return Decision::Cut;
        }
        Decision::Forward
    });
    commits
}

/// Sends the same request until it is answered; 409 and 503 say when to come back.
async fn until_answered(product: &Product, person: &Person, conversation: &str, message: &str, key: &str) -> Answer {
    for _ in 0..40 {
        let answer = product.api.ask(person, conversation, message).key(key).send_unjudged().await;
        match answer.status {
            200 => return answer,
            409 | 503 => {
                assert!(answer.headers.contains_key("retry-after"), "{}", answer.text);
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
            500 => {}
            _ => panic!("{} {}", answer.status, answer.text),
        }
    }
    panic!("the turn was never answered");
}

async fn survives_a_kill_after_each_step(product: &Product, message: &str, steps: usize) {
    let person = product.api.person().await;
    for nth in 1..=steps {
        let (conversation, key) = (format!("c{nth}"), format!("key-{nth}"));
        product.api.get("/health").send().await.expect(200);
        let warm = product.api.ask(&person, "warm", "hello").send().await;
        assert_eq!(warm.status, 200);
        kill_after_commit(product, nth);
        let first = product.api.ask(&person, &conversation, message).key(&key).send_unjudged().await;
        assert_eq!(first.status, 500, "the gateway reports the death: {}", first.text);
        product.tap.as_ref().expect("a tap").let_through();
        let answer = until_answered(product, &person, &conversation, message, &key).await;
        let again = product.api.ask(&person, &conversation, message).key(&key).send().await.expect(200);
        assert_eq!(again.text, answer.text, "a replay has the same bytes");
        assert_eq!(again.headers["idempotency-replayed"], "true");
        let roles: Vec<String> =
            product.api.messages(&person, &conversation).await.into_iter().map(|(role, _)| role).collect();
        assert_eq!(roles, ["user", "assistant"], "after a kill at step {nth}");
        let journal = format!(
            "SELECT count(*) FROM navigator.workflow_steps WHERE conversation_id = '{conversation}' AND step_no BETWEEN 0 AND {}",
            steps - 1
        );
        assert_eq!(product.count(&journal).await, i64::try_from(steps).expect("few"));
        let fences = format!(
            "SELECT count(DISTINCT fence) FROM navigator.workflow_steps WHERE conversation_id = '{conversation}'"
        );
        assert_eq!(product.count(&fences).await, if nth == steps { 1 } else { 2 }, "a committed step is not run again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strategy_request_survives_a_kill_after_each_of_its_six_steps() {
    survives_a_kill_after_each_step(&tapped().await, "Medicare Advantage denied my MRI, letter dated 2026-10-02", 6)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strategy_request_with_a_language_model_survives_a_kill_after_each_of_its_six_steps() {
    let stub = LlmStub::start(Behaviour::Good).await;
    let environment = stub.environment("openai");
    let product = product_with(Options { is_tapped: true, environment, ..Options::default() }).await;
    survives_a_kill_after_each_step(&product, "Medicare Advantage denied my MRI, letter dated 2026-10-02", 6).await;
    // Three calls a turn, and no step that was committed asks again.
    assert_eq!(stub.take().len(), 6 * 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_navigator_only_turn_survives_a_kill_after_each_of_its_four_steps() {
    survives_a_kill_after_each_step(&tapped().await, "What is a deductible?", 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_before_the_reply_to_the_begin_stores_the_message_once() {
    let product = tapped().await;
    let person = product.api.person().await;
    product.api.ask(&person, "warm", "hello").send().await.expect(200);
    let pid = product.host.processes("navigator")[0].pid;
    product.tap.as_ref().expect("a tap").before_reply(move |sql| {
        if sql.contains("turn_begin") {
            launcher::process::signal(pid, "KILL");
            return Decision::Cut;
        }
        Decision::Forward
    });
    let first = product.api.ask(&person, "c", "What is a copay?").key("k").send_unjudged().await;
    assert_eq!(first.status, 500);
    product.tap.as_ref().expect("a tap").let_through();
    until_answered(&product, &person, "c", "What is a copay?", "k").await;
    assert_eq!(product.api.messages(&person, "c").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_reply_is_asked_for_again_on_a_new_connection_and_nothing_is_stored_twice() {
    let product = tapped().await;
    let person = product.api.person().await;
    product.api.ask(&person, "warm", "hello").send().await.expect(200);
    let message = "Medicare Advantage denied my MRI, letter dated 2026-10-02";
    for nth in 0..7 {
        let replies = AtomicUsize::new(0);
        product.tap.as_ref().expect("a tap").before_reply(move |sql| {
            let is_ours = sql.contains("step_commit") || sql.contains("turn_begin");
            let is_it = is_ours && replies.fetch_add(1, Ordering::SeqCst) == nth;
            if is_it { Decision::Cut } else { Decision::Forward }
        });
        let conversation = format!("lost-{nth}");
        product.api.ask(&person, &conversation, message).send().await.expect(200);
        assert_eq!(product.api.messages(&person, &conversation).await.len(), 2, "reply {nth} lost");
    }
    product.tap.as_ref().expect("a tap").let_through();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_kills_every_invocation_ends_as_failed_and_the_conversation_goes_on() {
    let product = tapped().await;
    let person = product.api.person().await;
    let asked = product.api.ask(&person, "c", "My plan denied my MRI").send().await.expect(200);
    assert_eq!(asked.json["response_type"], "request");
    let client = product.superuser().await;
    kill_after_commit(&product, 1);
    product.api.ask(&person, "c", "Medicare Advantage, 2026-10-02").key("k").send_unjudged().await;
    product.tap.as_ref().expect("a tap").let_through();
    // As if five invocations had died in the second step, the last one just now.
    let sql = "UPDATE navigator.workflow_states SET step_attempt = 5, lease_until = now() WHERE status = 'running'";
    assert_eq!(client.execute(sql, &[]).await.expect("updated"), 1);
    let failed = until_answered(&product, &person, "c", "Medicare Advantage, 2026-10-02", "k").await;
    assert_eq!(failed.json["workflow"]["status"], "failed");
    assert!(failed.content().contains("1-800-633-4227"), "{}", failed.content());
    let next = product.api.ask(&person, "c", "Medicare Advantage, 2026-10-02").send().await.expect(200);
    assert_eq!(next.json["workflow"]["status"], "completed");
    assert_eq!(next.json["response_type"], "guidance", "the need carries over, the failure does not");
    assert_eq!(product.api.messages(&person, "c").await.len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_that_cannot_be_read_fails_its_run_and_keeps_the_message() {
    let product = tapped().await;
    let person = product.api.person().await;
    product.api.ask(&person, "warm", "hello").send().await.expect(200);
    kill_after_commit(&product, 2);
    product.api.ask(&person, "c", "My plan denied my MRI").key("k").send_unjudged().await;
    product.tap.as_ref().expect("a tap").let_through();
    let client = product.superuser().await;
    let sql = "UPDATE navigator.workflow_states SET state_data = '{\"security\": 7}', lease_until = now() WHERE status = 'running'";
    assert_eq!(client.execute(sql, &[]).await.expect("updated"), 1);
    let failed = until_answered(&product, &person, "c", "My plan denied my MRI", "k").await;
    assert_eq!(failed.json["workflow"]["status"], "failed");
    assert_eq!(product.api.messages(&person, "c").await[0].1, "My plan denied my MRI");
    product.api.ask(&person, "c", "What is a deductible?").send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_used_for_another_request_is_refused_and_a_key_alone_names_a_conversation() {
    let product = tapped().await;
    let person = product.api.person().await;
    product.api.ask(&person, "c", "What is a copay?").key("k").send().await.expect(200);
    let other = product.api.ask(&person, "c", "What is a premium?").key("k").send().await.expect(422);
    assert_eq!(other.code(), "idempotency_key_reused");
    let body = json!({ "message": "What is a copay?" });
    let ask = || product.api.post("/chat/navigator", &body).token(&person.token).key("\"alone\"").send();
    let (first, second) = (ask().await.expect(200), ask().await.expect(200));
    assert_eq!(first.text, second.text);
    let (one, two) = (product.api.post("/chat/navigator", &body), product.api.post("/chat/navigator", &body));
    let one = one.token(&person.token).send().await.expect(200);
    let two = two.token(&person.token).send().await.expect(200);
    assert_ne!(
        one.json["conversation_id"], two.json["conversation_id"],
        "without a key each POST is a turn of its own"
    );
}
