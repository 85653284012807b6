//! Runs that nobody can finish: those that kill whoever works on them, and those whose commits the database refuses. They come
//! after everybody else, and are ended without a worker.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tests::gate::Gate;
use tests::product::{Options, Product, product_with};
use tests::stack::stack;

use crate::ops_workflow::runs::Runs;

/// Each of these kills the process that begins a step of it.
const KILLERS: usize = 6;
/// The journal refuses each of these.
const REFUSED: usize = 34;
const HEALTHY: usize = 40;

/// The journal takes no step of a conversation whose id begins so.
const REFUSE: &str = "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.conversation_id LIKE 'refused%' THEN RAISE EXCEPTION 'the row is refused'; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON navigator.workflow_steps FOR EACH ROW EXECUTE FUNCTION public.refuse()";

struct Stage {
    product: Arc<Product>,
    runs: Runs,
    gate: Gate,
}

impl Stage {
    async fn new() -> Self {
        let gate = Gate::start().await;
        let options = Options {
            environment: gate.environment(json!({})),
            timeouts: BTreeMap::from([("resume", Duration::from_secs(60))]),
            ..Options::default()
        };
        let product = product_with(options).await;
        let person = product.api.person().await;
        let mut runs = Runs::within(stack().await, product.database.clone()).await;
        runs.user = person.id.parse().expect("an id");
        let session = runs.root.query_one("SELECT id FROM navigator.sessions WHERE user_id = $1", &[&runs.user]).await;
        runs.session = session.expect("a session").get(0);
        runs.root.batch_execute(REFUSE).await.expect("a trigger");
        let product = Arc::new(product);
        let struck = product.clone();
        gate.hold(move |arrival| {
            let is_killer = arrival.conversation.starts_with("killer");
            if is_killer {
                struck.host.kill(arrival.pid);
            }
            is_killer
        });
        Self { product, runs, gate }
    }

    /// A run whose first worker died in it.
    async fn abandon(&self, conversation: &str) {
        self.runs.begin(conversation, "My plan denied my MRI", 0).await;
    }

    /// The same, and the worker that took it up died as well.
    async fn abandon_again(&self, conversation: &str) {
        self.abandon(conversation).await;
        self.runs.resume(conversation).await;
        self.leases_are_over().await;
    }

    async fn leases_are_over(&self) {
        let sql = "UPDATE navigator.workflow_states SET lease_until = now() WHERE status = 'running'";
        self.runs.root.batch_execute(sql).await.expect("over");
    }

    /// What an invocation whose time was over had been handed out is due again.
    async fn a_minute_is_over(&self) {
        let sql = "UPDATE navigator.workflow_states SET claimed_until = NULL";
        self.runs.root.batch_execute(sql).await.expect("over");
    }

    async fn pauses_are_over(&self) {
        let sql = "UPDATE navigator.workflow_states SET wake_at = now() WHERE status = 'waiting'";
        self.runs.root.batch_execute(sql).await.expect("over");
    }

    async fn resume(&self) -> Result<Value, String> {
        self.product.host.invoke("resume", json!({})).await.map_err(|failure| format!("{failure:?}"))
    }

    async fn count(&self, prefix: &str, status: &str) -> usize {
        let sql = format!(
            "SELECT count(*) FROM navigator.workflow_states WHERE conversation_id LIKE '{prefix}%' AND status = '{status}'"
        );
        usize::try_from(self.product.count(&sql).await).expect("a count")
    }

    async fn heads(&self, prefix: &str) -> Vec<Value> {
        let sql = "SELECT to_jsonb(s) FROM navigator.workflow_states AS s WHERE s.conversation_id LIKE $1 || '%'";
        let rows = self.runs.root.query(sql, &[&prefix]).await.expect("heads");
        rows.iter().map(|row| row.get(0)).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_healthy_runs_beside_forty_poisoned_ones_are_finished_by_the_first_sweep() {
    let stage = Stage::new().await;
    // Poison is oldest.
    for number in 0..KILLERS {
        stage.abandon_again(&format!("killer-{number}")).await;
    }
    for number in 0..REFUSED {
        stage.abandon(&format!("refused-{number}")).await;
    }
    for number in 0..HEALTHY {
        stage.abandon(&format!("healthy-{number}")).await;
    }
    // One invocation, unless the machine is so slow that its time is over before all were tried once.
    let mut looks = 0;
    while stage.count("healthy", "completed").await < HEALTHY {
        let _whether_a_killer_was_reached = stage.resume().await;
        stage.a_minute_is_over().await;
        looks += 1;
        assert!(looks < 8, "{} of {HEALTHY}", stage.count("healthy", "completed").await);
    }
    println!("{looks} invocations for the healthy ones");
    assert_eq!((stage.count("refused", "failed").await, stage.count("killer", "failed").await), (0, 0));
    let seen = stage.gate.seen();
    let last = seen.iter().rposition(|arrival| arrival.conversation.starts_with("healthy"));
    let mut once = BTreeSet::new();
    let poison = seen.iter().position(|arrival| {
        let name = &arrival.conversation;
        name.starts_with("killer") || name.starts_with("refused") && !once.insert(name.clone())
    });
    assert!(poison.is_none_or(|poison| last < Some(poison)), "what failed before comes last: {last:?}, {poison:?}");
    // Each killer takes its five attempts, and whoever becomes due meanwhile is not kept waiting by it.
    let mut invocations = 1;
    while stage.count("killer", "failed").await < KILLERS {
        let newcomer = format!("later-{invocations}");
        stage.abandon(&newcomer).await;
        stage.leases_are_over().await;
        // The schedule comes once a minute: what a killed invocation had claimed is due again.
        stage.a_minute_is_over().await;
        let _killed_or_not = stage.resume().await;
        assert_eq!(stage.count(&newcomer, "completed").await, 1, "{newcomer}");
        invocations += 1;
        assert!(invocations <= 2 + 4 * KILLERS, "{:?}", stage.heads("killer").await);
    }
    let deaths = |number: usize| {
        let name = format!("killer-{number}");
        stage.gate.seen().iter().filter(|arrival| arrival.conversation == name).count()
    };
    let all: Vec<usize> = (0..KILLERS).map(deaths).collect();
    assert_eq!(all, [3; KILLERS], "two died before this test looked, and three in it");
    for head in stage.heads("killer").await {
        assert_eq!(head["last_error"], "the step was begun too often", "{head}");
    }
    println!("{invocations} invocations");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_commits_are_refused_is_ended_after_a_quarter_of_an_hour_and_its_conversation_goes_on() {
    let stage = Stage::new().await;
    let person = stage.product.api.person().await;
    let ask = |key: &str| stage.product.api.ask(&person, "refused", "What is a deductible?").key(key);
    assert!(ask("k").send_unjudged().await.status >= 500);
    // More often than a run may be lost with its worker, and within a minute: no attempt is counted.
    for _ in 0..11 {
        stage.pauses_are_over().await;
        let report = stage.resume().await.expect("a report");
        assert_eq!(
            (&report["found"], &report["errors"], &report["given_up"]),
            (&json!(1), &json!(1), &json!(0)),
            "{report}"
        );
    }
    let [head] = <[Value; 1]>::try_from(stage.heads("refused").await).expect("one");
    assert_eq!(
        (&head["status"], &head["step_attempt"], &head["wasted"]),
        (&json!("waiting"), &json!(1), &json!([])),
        "{head}"
    );
    assert_eq!(head["last_error"], "the database did not store the step");
    assert!(head["takeovers"].as_i64() >= Some(10), "{head}");
    let client = &stage.runs.root;
    // Older than the alarm's five minutes: the operator hears of it.
    client
        .batch_execute("UPDATE navigator.workflow_requests SET created_at = created_at - interval '1 hour'")
        .await
        .expect("set back");
    for (age, is_ended) in [("14 minutes", false), ("16 minutes", true)] {
        let sql = format!(
            "UPDATE navigator.workflow_states SET troubled_since = now() - interval '{age}', wake_at = now() WHERE status = 'waiting'"
        );
        client.batch_execute(&sql).await.expect("set back");
        let report = stage.resume().await.expect("a report");
        assert_eq!(
            (&report["given_up"], &report["errors"]),
            (&json!(u8::from(is_ended)), &json!(u8::from(!is_ended))),
            "{report}"
        );
        assert_eq!(report["stalled"], json!(u8::from(!is_ended)), "{report}");
    }
    // The trigger still stands: the end needs no journal.
    let failed = ask("k").send().await.expect(200);
    assert_eq!(failed.json["workflow"]["status"], "failed");
    assert!(
        failed.content().contains("Please ask again") && failed.content().contains("Pregunte de nuevo"),
        "{}",
        failed.content()
    );
    let run = stage.product.api.run(&person, "refused").await.expect(200);
    assert_eq!((&run.json["status"], &run.json["reason"]), (&json!("failed"), &json!("the step could not be stored")));
    client.batch_execute("DROP TRIGGER refuse ON navigator.workflow_steps").await.expect("mended");
    let next = ask("another").send().await.expect(200);
    assert_eq!(next.json["workflow"]["status"], "completed");
    assert_eq!(stage.product.api.turns(&person, "refused").await.len(), 2);
    assert_eq!(product_problems(&stage.product).await, 0);
}

/// The conversations whose rows do not fit together.
async fn product_problems(product: &Product) -> i64 {
    product.count("SELECT count(*) FROM navigator.agent_state_problems(now() - interval '1 hour', 200)").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_disagrees_with_its_messages_is_ended_too() {
    let stage = Stage::new().await;
    for (conversation, seq) in [("behind", "last_seq - 1"), ("ahead", "last_seq + 3")] {
        stage.abandon(conversation).await;
        let sql = format!(
            "UPDATE navigator.workflow_states SET last_seq = {seq}, takeovers = 10, troubled_since = now() - interval '1 hour'
              WHERE conversation_id = '{conversation}'"
        );
        stage.runs.root.batch_execute(&sql).await.expect("changed");
    }
    let report = stage.resume().await.expect("a report");
    assert_eq!((&report["given_up"], &report["errors"]), (&json!(2), &json!(0)), "{report}");
    // Not even a message can be written.
    stage.abandon("mute").await;
    let sql = "CREATE FUNCTION public.silence() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
        CREATE TRIGGER silence BEFORE INSERT ON navigator.conversation_messages FOR EACH ROW EXECUTE FUNCTION public.silence();
        UPDATE navigator.workflow_states SET step_attempt = 5 WHERE conversation_id = 'mute'";
    stage.runs.root.batch_execute(sql).await.expect("changed");
    let report = stage.resume().await.expect("a report");
    assert_eq!((&report["given_up"], &report["errors"]), (&json!(1), &json!(0)), "{report}");
    let unfinished = "SELECT count(*) FROM navigator.workflow_requests WHERE finished_at IS NULL OR response IS NULL";
    assert_eq!(stage.product.count(unfinished).await, 0);
}
