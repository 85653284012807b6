//! What keeps a step from being stored ends no question: a lock, a function that is missing, connections that are cut. It is no
//! attempt at the step, however often it happens, and whoever asks again gets the answer when it is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tests::client::{Answer, Person};
use tests::gate::Gate;
use tests::product::{Options, Product, product_with};
use tests::stack::stack;
use tests::tap::{Moment, Verdict};
use uuid::Uuid;

use crate::ops_workflow::runs::Runs;

const QUESTION: &str = "What is a deductible?";
/// A step that is lost with its worker more often than five times ends its run: here it is begun more often than that.
const BEGUN: usize = 8;

struct Stage {
    gate: Gate,
    product: Arc<Product>,
    person: Person,
}

impl Stage {
    async fn new(processes: usize) -> Self {
        let gate = Gate::start().await;
        let environment = gate.environment(json!({ "timeout_ms": 20_000 }));
        let product = product_with(Options { processes, environment, is_tapped: true, ..Options::default() }).await;
        let person = product.api.person().await;
        Self { gate, product: Arc::new(product), person }
    }

    async fn sql(&self, sql: &str) {
        self.product.superuser().await.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// Asks again and again, as told, and lets the schedule look beside it, until `is_over` or an answer.
    async fn persist(&self, is_over: impl Fn(usize) -> bool) -> Option<Answer> {
        for _ in 0..400 {
            let answer = self.product.api.ask(&self.person, "c", QUESTION).key("k").send_unjudged().await;
            if answer.status == 200 {
                return Some(answer);
            }
            assert!(matches!(answer.status, 202 | 409 | 500 | 503 | 504), "{}", answer.text);
            let _whatever_comes_of_it = self.product.host.invoke("resume", json!({})).await;
            if is_over(self.begun()) {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("never: {:?}", self.gate.seen());
    }

    /// How often the second step was begun.
    fn begun(&self) -> usize {
        self.gate.seen().iter().filter(|arrival| arrival.step_no == 1).count()
    }

    /// The answer, and that no attempt was counted for what the step was not to blame for.
    async fn is_answered(&self, lost: usize) {
        let answer = self.persist(|_| false).await.expect("an answer");
        assert_eq!(answer.json["workflow"]["status"], "completed", "{}", answer.text);
        let sql = "SELECT attempt, wasted FROM navigator.workflow_steps WHERE step_no = 1";
        let row = self.product.superuser().await.query_one(sql, &[]).await.expect("the step");
        let wasted: Value = row.get(1);
        let counted = wasted.as_array().expect("a list").iter().filter(|attempt| attempt["outcome"] == "lost").count();
        assert!(counted <= lost, "{counted} attempts were counted, of {} begun: {wasted}", self.begun());
        assert_eq!(self.product.api.turns(&self.person, "c").await.len(), 1);
        println!("begun {} times, {counted} counted as lost", self.begun());
    }

    /// The first step is done, and the second is being worked on.
    async fn first_step_is_done(&self) -> (tests::gate::Held, tokio::task::JoinHandle<Answer>) {
        self.gate.hold(|arrival| arrival.step_no == 1);
        let asked = tokio::spawn(self.product.api.ask(&self.person, "c", QUESTION).key("k").send_unjudged());
        let held = self.gate.held().await;
        self.gate.open();
        (held, asked)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_on_the_journal_is_no_attempt() {
    let stage = Stage::new(2).await;
    let (held, asked) = stage.first_step_is_done().await;
    let operator = stage.product.superuser().await;
    operator.batch_execute("BEGIN; LOCK TABLE navigator.workflow_steps IN SHARE MODE").await.expect("locked");
    drop(held);
    assert!(asked.await.expect("no panic").status >= 409);
    assert!(stage.persist(|begun| begun >= BEGUN).await.is_none(), "nothing can be stored");
    operator.batch_execute("ROLLBACK").await.expect("unlocked");
    stage.is_answered(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_function_that_is_missing_is_no_attempt() {
    let stage = Stage::new(2).await;
    let (held, asked) = stage.first_step_is_done().await;
    stage.sql("ALTER FUNCTION navigator.step_commit RENAME TO step_commit_away").await;
    drop(held);
    assert!(asked.await.expect("no panic").status >= 409);
    assert!(stage.persist(|begun| begun >= BEGUN).await.is_none(), "nothing can be stored");
    stage.sql("ALTER FUNCTION navigator.step_commit_away RENAME TO step_commit").await;
    stage.is_answered(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_cannot_even_say_so_says_it_before_it_takes_another_run() {
    let stage = Stage::new(1).await;
    let (held, asked) = stage.first_step_is_done().await;
    // Each commit is cut off on its way, and each word about it too.
    let is_out = Arc::new(AtomicBool::new(true));
    let out = is_out.clone();
    stage.product.tap.as_ref().expect("a tap").watch(move |moment, call| {
        let is_cut = call.sql.contains("step_commit") || call.sql.contains("turn_release");
        if is_cut && moment == Moment::Sent && out.load(Ordering::SeqCst) { Verdict::Cut } else { Verdict::Forward }
    });
    drop(held);
    assert!(asked.await.expect("no panic").status >= 409);
    for _ in 0..BEGUN {
        stage.sql("UPDATE navigator.workflow_states SET lease_until = now() WHERE status = 'running'").await;
        let answer = stage.product.api.ask(&stage.person, "c", QUESTION).key("k").send_unjudged().await;
        assert!(answer.status >= 409, "{}", answer.text);
    }
    assert_eq!(stage.begun(), 1, "who owes a word takes no other run");
    is_out.store(false, Ordering::SeqCst);
    stage.is_answered(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_was_given_up_may_say_later_that_it_lives_and_nobody_else_is_disturbed() {
    let runs = Runs::within(stack().await, stack().await.database().await).await;
    let url = runs.stack.server.api_url(runs.stack.server.port(), &runs.database);
    let api = ops::database::connect(&url, Some(runs.stack.server.ca_pem())).await.expect("a connection");
    let release = async |holder: &Uuid| {
        let sql = "SELECT outcome FROM navigator.turn_release($1, 'c', $2, 0, 'not stored')";
        api.query_one(sql, &[&runs.user, holder]).await.expect("said").get::<_, String>(0)
    };
    let holder = async || Uuid::parse_str(runs.head("c").await["holder"].as_str().expect("a holder")).expect("an id");
    runs.begin("c", "a question", 0).await;
    let first = holder().await;
    let grant = runs.resume("c").await;
    let second = holder().await;
    assert_eq!((grant.number("attempt"), &grant.answer["wasted"][0]["outcome"]), (2, &json!("lost")));
    let before = runs.head("c").await;
    assert_eq!(release(&first).await, "excused");
    assert_eq!(release(&first).await, "nothing", "once");
    assert_eq!(release(&Uuid::new_v4()).await, "nothing", "nobody's");
    let after = runs.head("c").await;
    assert_eq!(after["wasted"][0]["outcome"], "refused");
    for same in ["status", "holder", "fence", "lease_until", "step_attempt"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert_eq!(runs.commit(&grant, "running", json!({}), None).await, "committed", "who has the run keeps it");
    assert_eq!(release(&first).await, "nothing", "the run has gone on since");
    // Who holds it hands it back.
    assert_eq!(release(&second).await, "released");
    assert_eq!(
        (&runs.head("c").await["status"], &runs.head("c").await["step_attempt"]),
        (&json!("waiting"), &json!(1))
    );
    assert_eq!(runs.commit(&grant, "running", json!({}), None).await, "fenced");
    // Six workers are lost, and all say later that they live: the run is not hopeless.
    let mut lost = Vec::new();
    for _ in 0..6 {
        runs.resume("c").await;
        lost.push(holder().await);
        let over = "UPDATE navigator.workflow_states SET lease_until = now()";
        runs.root.batch_execute(over).await.expect("over");
    }
    let hopeless = async || {
        let sql =
            "SELECT navigator.hopeless(status, step_attempt, wasted, 0, NULL, now()) FROM navigator.workflow_states";
        runs.root.query_one(sql, &[]).await.expect("an answer").get::<_, Option<String>>(0)
    };
    assert_eq!(hopeless().await.as_deref(), Some("the step was begun too often"));
    for holder in &lost[..5] {
        assert_eq!(release(holder).await, "excused");
    }
    assert_eq!(release(&lost[5]).await, "released", "it has the run still");
    assert_eq!(hopeless().await, None);
}
