//! Leases are the database's time: processes whose clocks disagree by ten seconds take a run over from each other as if they
//! agreed.

use ops::host::{Host, LogSink};
use serde_json::{Value, json};
use tests::client::{Api, persist};
use tests::gate::Gate;
use tests::product::{Product, product, start_host};

use super::{QUESTION, STEPS};

/// A further host over the product's database, whose processes' clocks are off.
async fn host(product: &Product, gate: &Gate, offset_ms: i64) -> Host {
    let mut environment = product.environment.clone();
    environment.extend(gate.environment(json!({ "clock_offset_ms": offset_ms })));
    start_host(&environment, 1, LogSink::capture()).await.expect("a host")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_taken_over_once_between_processes_whose_clocks_are_ten_seconds_apart() {
    let product = product().await;
    let person = product.api.person().await;
    let gate = Gate::start().await;
    let (fast, slow) = (host(&product, &gate, 5_000).await, host(&product, &gate, -5_000).await);
    for (conversation, first, second) in [("fast-first", &fast, &slow), ("slow-first", &slow, &fast)] {
        let (from, to) = (Api::new(first.url()), Api::new(second.url()));
        // Held in the third step, under its first grant only.
        gate.hold(|arrival| arrival.step_no == 2 && arrival.fence == 1);
        let asked = tokio::spawn(from.ask(&person, conversation, QUESTION).key("k").send_unjudged());
        let held = gate.held().await;
        let busy = to.ask(&person, conversation, QUESTION).key("k").send().await.expect(409);
        assert_eq!(busy.code(), "turn_in_progress", "the lease holds, whatever the other's clock says");
        first.kill(held.arrival.pid);
        assert_eq!(asked.await.expect("no panic").status, 500);
        let answers = persist(|| to.ask(&person, conversation, QUESTION).key("k")).await;
        let answer = answers.last().expect("an answer");
        assert_eq!((&answer.json["workflow"]["status"], answer.steps()), (&json!("completed"), STEPS.to_vec()));
        assert_eq!(
            product.api.turns(&person, conversation).await,
            [(QUESTION.to_owned(), answer.content().to_owned())],
            "one question, one answer"
        );
        let sql = format!(
            "SELECT jsonb_agg(jsonb_build_array(step, fence, attempt) ORDER BY step_no) FROM navigator.workflow_steps \
             WHERE conversation_id = '{conversation}'"
        );
        let journal: Value = product.superuser().await.query_one(&sql, &[]).await.expect("the journal").get(0);
        assert_eq!(
            journal,
            json!([[STEPS[0], 1, 1], [STEPS[1], 1, 1], [STEPS[2], 2, 2], [STEPS[3], 2, 1]]),
            "{conversation}"
        );
        let again = from.ask(&person, conversation, QUESTION).key("k").send().await.expect(200);
        assert_eq!(again.text, answer.text);
    }
    fast.shutdown().await;
    slow.shutdown().await;
}
