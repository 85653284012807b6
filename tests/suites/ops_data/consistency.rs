//! The sweep counts what is stalled and what does not fit together.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::gate::{Gate, stand_in};
use tests::product::{Options, Product, product, product_with};

const QUESTION: &str = "My plan denied my MRI. What can I do?";

async fn resume(product: &Product) -> Value {
    product.host.invoke("resume", json!({})).await.expect("a report")
}

/// What agent_state_problems says, by conversation.
async fn problems(product: &Product) -> BTreeMap<String, String> {
    let sql = "SELECT conversation_id, problem FROM navigator.agent_state_problems(clock_timestamp() - interval '5 minutes', 200)";
    let rows = product.superuser().await.query(sql, &[]).await.expect("problems");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// A conversation's name, which is the problem that is looked for, and what provokes it.
const PROVOCATIONS: [(&str, &str); 11] = [
    ("last_seq", "UPDATE navigator.workflow_states SET last_seq = last_seq + 1 WHERE {c}"),
    ("question_missing", "DELETE FROM navigator.conversation_messages WHERE {c} AND role = 'user'"),
    ("answer_missing", "UPDATE navigator.conversation_messages SET id = 'x' || id WHERE {c} AND role = 'assistant'"),
    ("request", "UPDATE navigator.workflow_requests SET status = 'failed' WHERE {c}"),
    (
        "journal",
        "DELETE FROM navigator.workflow_steps WHERE {c} AND step_no = (SELECT max(step_no) FROM navigator.workflow_steps WHERE {c})",
    ),
    ("journal.ahead", "UPDATE navigator.workflow_states SET step_no = step_no - 1 WHERE {c}"),
    ("state_missing", "UPDATE navigator.workflow_states SET state_data = '{}' WHERE {c}"),
    (
        "agent_state_without_step",
        "UPDATE navigator.agent_states SET workflow_step = 'no_such_step' WHERE {c} AND agent_name = 'task_requirements'",
    ),
    (
        "agent_state_without_step.agent",
        "INSERT INTO navigator.agent_states (user_id, conversation_id, agent_name, state_data, workflow_step) \
         SELECT user_id, conversation_id, 'regulatory', '{}', workflow_step FROM navigator.agent_states WHERE {c} LIMIT 1",
    ),
    ("agent_state_missing", "DELETE FROM navigator.agent_states WHERE {c} AND agent_name = 'chat_communicator'"),
    (
        "agent_state_missing.old",
        "UPDATE navigator.agent_states SET updated_at = updated_at - interval '1 hour' WHERE {c} AND agent_name = 'chat_communicator'",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_provoked_inconsistency_is_found_and_nothing_else() {
    let product = product().await;
    let person = product.api.person().await;
    for (conversation, _) in PROVOCATIONS.iter().chain(&[("sound", ""), ("untouched", "")]) {
        product.api.ask(&person, conversation, QUESTION).send().await.expect(200);
    }
    // A second turn, of another kind: what the first one left behind is no inconsistency.
    product.api.ask(&person, "sound", "What is a deductible?").send().await.expect(200);
    assert_eq!(problems(&product).await, BTreeMap::new());
    let report = resume(&product).await;
    assert_eq!((&report["inconsistent"], &report["stalled"]), (&json!(0), &json!(0)), "{report}");
    let client = product.superuser().await;
    // Its own problem lies outside the time that is looked at.
    let old = "UPDATE navigator.workflow_states SET last_seq = 99, updated_at = updated_at - interval '6 minutes' \
                WHERE conversation_id = 'untouched'";
    client.execute(old, &[]).await.expect("changed");
    for (conversation, sql) in PROVOCATIONS {
        let sql = sql.replace("{c}", &format!("conversation_id = '{conversation}'"));
        assert!(client.execute(&sql, &[]).await.expect(&sql) > 0, "{sql} changes nothing");
    }
    let expected = PROVOCATIONS.map(|(name, _)| (name.to_owned(), name.split('.').next().unwrap().to_owned()));
    assert_eq!(problems(&product).await, BTreeMap::from(expected));
    assert_eq!(resume(&product).await["inconsistent"], PROVOCATIONS.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_under_way_fits_together_at_every_step() {
    let gate = Gate::start().await;
    let environment = gate.environment(json!({ "timeout_ms": 20_000 }));
    let product = product_with(Options { environment, ..Options::default() }).await;
    let person = product.api.person().await;
    gate.hold(|_| true);
    let asked = tokio::spawn(product.api.ask(&person, "c", "What is a deductible?").send());
    for step in 0..4 {
        let _held = gate.held().await;
        assert_eq!(problems(&product).await, BTreeMap::new(), "before step {step}");
    }
    asked.await.expect("no panic").expect(200);
    assert_eq!(problems(&product).await, BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_goes_on_with_for_five_minutes_is_stalled() {
    let suspend = stand_in(&json!({ "needs_ms": 2_000, "timeout_ms": 20_000 }));
    let hooks = ops::host::Hooks { honours_deadline_header: true, ..Default::default() };
    let product = product_with(Options { environment: vec![suspend], hooks, ..Options::default() }).await;
    let person = product.api.person().await;
    for conversation in ["lease", "pause", "queued", "young", "behind"] {
        let call = product.api.ask(&person, conversation, QUESTION).header("x-local-deadline-ms", "3000");
        call.send().await.expect(202);
    }
    let client = product.superuser().await;
    // Of a version that nobody here knows: the resume function leaves them alone.
    let sql = "UPDATE navigator.workflow_states SET workflow_version = 99; \
        UPDATE navigator.workflow_requests SET created_at = created_at - interval '1 hour'; \
        UPDATE navigator.workflow_states SET status = 'running', lease_until = clock_timestamp() - interval '301 s', wake_at = NULL \
         WHERE conversation_id = 'lease'; \
        UPDATE navigator.workflow_states SET wake_at = clock_timestamp() - interval '301 s' WHERE conversation_id = 'pause'; \
        UPDATE navigator.workflow_states SET wake_at = clock_timestamp() - interval '290 s' WHERE conversation_id IN ('young', 'behind'); \
        INSERT INTO navigator.workflow_requests (user_id, conversation_id, request_key, request_hash, run_id, workflow_type, status, message, created_at) \
        SELECT user_id, conversation_id, 'q', '', gen_random_uuid(), 'newer', 'queued', 'x', created_at + interval '1 s' \
          FROM navigator.workflow_requests WHERE conversation_id IN ('queued', 'behind'); \
        UPDATE navigator.workflow_requests SET status = 'cancelled', response = '{}', finished_at = clock_timestamp() \
         WHERE conversation_id = 'queued' AND request_key <> 'q'; \
        UPDATE navigator.workflow_states SET status = 'cancelled', wake_at = NULL, updated_at = updated_at - interval '301 s' \
         WHERE conversation_id = 'queued'";
    client.batch_execute(sql).await.expect("changed");
    let report = resume(&product).await;
    assert_eq!((&report["found"], &report["stalled"]), (&json!(0), &json!(3)), "{report}");
}
