//! The changes of a run's status that really happen are those of `RunStatus::TRANSITIONS`, each made by the SQL function that
//! stands there: a trigger writes down what a scenario with every one of them does.

use std::collections::BTreeSet;

use ops::host::Hooks;
use serde_json::json;
use shared::workflow::RunStatus;
use tests::client::{Answer, Call, Person};
use tests::gate::{Gate, Held};
use tests::product::{Options, Product, product_with};
use tokio::task::JoinHandle;

use super::{QUESTION, end};

/// PG_CONTEXT is the call stack, innermost first; the outermost PL/pgSQL function is the one that a worker called.
const RECORDER: &str = r"
CREATE TABLE public.seen (before text, after text, context text);
CREATE FUNCTION public.record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE v_context text;
BEGIN
    GET DIAGNOSTICS v_context = PG_CONTEXT;
    INSERT INTO public.seen VALUES (OLD.status, NEW.status, v_context);
    RETURN NEW;
END $$;
CREATE TRIGGER record AFTER UPDATE OF status ON navigator.workflow_states FOR EACH ROW EXECUTE FUNCTION public.record();";

struct Stage {
    gate: Gate,
    product: Product,
    person: Person,
}

impl Stage {
    fn ask(&self, conversation: &str, key: &str) -> Call {
        self.product.api.ask(&self.person, conversation, QUESTION).key(key)
    }

    async fn suspend(&self, conversation: &str, key: &str) {
        self.ask(conversation, key).header("x-local-deadline-ms", "3000").send().await.expect(202);
    }

    /// A run held in its second step, and the request that waits for it.
    async fn hold(&self, conversation: &str, key: &str) -> (Held, JoinHandle<Answer>) {
        self.gate.hold(|arrival| arrival.step_no == 1);
        let asked = tokio::spawn(self.ask(conversation, key).send_unjudged());
        let held = self.gate.held().await;
        self.gate.open();
        (held, asked)
    }

    async fn enqueue(&self, conversation: &str) {
        let body = json!({ "message": QUESTION, "conversation_id": conversation, "when_busy": "enqueue" });
        let call = self.product.api.post("/chat/navigator", &body).token(&self.person.token);
        assert_eq!(call.send().await.expect(202).json["workflow"]["status"], "queued");
    }

    /// Kills the worker of a held run; its lease is over at once.
    async fn abandon(&self, (held, asked): (Held, JoinHandle<Answer>)) {
        self.product.host.kill(held.arrival.pid);
        assert_eq!(end(asked).await.status, 500);
        self.interfere("lease_until = now() WHERE status = 'running'").await;
    }

    /// Changes one head row, unseen by the recorder.
    async fn interfere(&self, what: &str) {
        let client = self.product.superuser().await;
        client.batch_execute("SET session_replication_role = replica").await.expect("unseen");
        let sql = format!("UPDATE navigator.workflow_states SET {what}");
        assert_eq!(client.execute(&sql, &[]).await.expect("changed"), 1);
    }

    async fn resume(&self, finished: u32) {
        let report = self.product.host.invoke("resume", json!({})).await.expect("a report");
        assert_eq!((&report["finished"], &report["errors"]), (&json!(finished), &json!(0)), "{report}");
    }

    async fn seen(&self) -> BTreeSet<(String, String, String)> {
        let client = self.product.superuser().await;
        let rows = client.query("SELECT before, after, context FROM public.seen", &[]).await.expect("rows");
        rows.iter().map(|row| (row.get(0), row.get(1), outermost(row.get(2)))).collect()
    }
}

/// `PL/pgSQL function navigator.NAME(…) line …` of the last such line.
fn outermost(context: &str) -> String {
    let mut lines = context.lines().filter_map(|line| line.strip_prefix("PL/pgSQL function navigator."));
    lines.next_back().and_then(|line| line.split('(').next()).unwrap_or("nobody").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_of_status_is_listed_with_the_function_that_makes_it_and_every_listed_one_happens() {
    let gate = Gate::start().await;
    let product = product_with(Options {
        processes: 3,
        environment: gate.environment(json!({ "needs_ms": 2_000, "timeout_ms": 20_000, "failures": 1 })),
        hooks: Hooks { honours_deadline_header: true, ..Hooks::default() },
        ..Options::default()
    })
    .await;
    product.superuser().await.batch_execute(RECORDER).await.expect("a recorder");
    let person = product.api.person().await;
    let stage = Stage { gate, product, person };
    // Asked, answered, asked again; each step fails once on the way.
    stage.ask("a", "1").send().await.expect(200);
    stage.ask("a", "2").send().await.expect(200);
    // Suspended, and gone on with by its own request and by the schedule.
    stage.suspend("b", "1").await;
    stage.ask("b", "1").send().await.expect(200);
    stage.suspend("b", "2").await;
    stage.resume(1).await;
    // Abandoned, and taken over by both.
    stage.abandon(stage.hold("c", "1").await).await;
    stage.ask("c", "1").send().await.expect(200);
    stage.abandon(stage.hold("c", "2").await).await;
    stage.resume(1).await;
    // Cancelled while it waits, and while it runs; asked again.
    stage.suspend("d", "1").await;
    stage.product.api.cancel(&stage.person, "d").await.expect(202);
    let (held, asked) = stage.hold("d", "2").await;
    stage.product.api.cancel(&stage.person, "d").await.expect(202);
    drop(held);
    end(asked).await.expect(200);
    // Failed; asked again.
    stage.suspend("e", "1").await;
    stage.interfere("state_data = '{\"security\": 7}' WHERE conversation_id = 'e'").await;
    assert_eq!(stage.ask("e", "1").send().await.expect(200).json["workflow"]["status"], "failed");
    stage.ask("e", "2").send().await.expect(200);
    // A message that waits behind a run that is completed, cancelled, failed.
    let (held, asked) = stage.hold("f", "1").await;
    stage.enqueue("f").await;
    drop(held);
    end(asked).await.expect(200);
    let (held, asked) = stage.hold("g", "1").await;
    stage.enqueue("g").await;
    stage.product.api.cancel(&stage.person, "g").await.expect(202);
    drop(held);
    end(asked).await.expect(200);
    let (held, asked) = stage.hold("h", "1").await;
    stage.enqueue("h").await;
    stage.abandon((held, asked)).await;
    stage.interfere("state_data = '{\"security\": 7}' WHERE conversation_id = 'h'").await;
    stage.resume(4).await;
    // Given up without a worker, from the hands of one that died and out of a pause.
    stage.abandon(stage.hold("i", "1").await).await;
    stage.interfere("step_attempt = 9 WHERE conversation_id = 'i'").await;
    stage.suspend("j", "1").await;
    stage.interfere("step_attempt = 9 WHERE conversation_id = 'j'").await;
    let report = stage.product.host.invoke("resume", json!({})).await.expect("a report");
    assert_eq!((&report["given_up"], &report["errors"]), (&json!(2), &json!(0)), "{report}");
    // Handed back by a worker whose commit the database refuses.
    let client = stage.product.superuser().await;
    client.batch_execute("ALTER FUNCTION navigator.step_commit RENAME TO step_commit_away").await.expect("away");
    assert!(stage.ask("k", "1").send_unjudged().await.status >= 500);
    client.batch_execute("ALTER FUNCTION navigator.step_commit_away RENAME TO step_commit").await.expect("back");
    let seen = stage.seen().await;
    let listed: BTreeSet<_> = RunStatus::TRANSITIONS
        .iter()
        .map(|(from, to, function)| (from.as_str().to_owned(), to.as_str().to_owned(), (*function).to_owned()))
        .collect();
    assert_eq!(seen.difference(&listed).collect::<Vec<_>>(), Vec::<&(String, String, String)>::new(), "not listed");
    assert_eq!(listed.difference(&seen).collect::<Vec<_>>(), Vec::<&(String, String, String)>::new(), "never seen");
}
