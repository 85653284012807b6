//! What is over is forgotten in its time, and not before, whoever asks: each kind by a statement of its own.

use ops::database::connect;
use serde_json::{Value, json};
use tests::product::{Options, Product, product, product_with};
use tokio_postgres::Client;

use super::{QUESTION, resume};

/// A connection with the rights of the functions.
async fn functions(product: &Product) -> Client {
    let (url, ca) = (&product.environment["DATABASE_URL"], &product.environment["DATABASE_CA_PEM"]);
    connect(url, Some(ca)).await.expect("a connection")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finished_requests_are_forgotten_after_a_week_and_their_keys_are_new_again() {
    let product = product_with(Options::default()).await;
    let person = product.api.person().await;
    let ask = |conversation: &str, message: &str| product.api.ask(&person, conversation, message).key("k").send();
    for conversation in ["old", "young"] {
        ask(conversation, QUESTION).await.expect(200);
    }
    let client = product.superuser().await;
    for (conversation, hours) in [("old", 169), ("young", 167)] {
        let sql = format!(
            "UPDATE navigator.workflow_requests SET finished_at = finished_at - interval '{hours} hours' WHERE conversation_id = '{conversation}'"
        );
        assert_eq!(client.execute(&sql, &[]).await.expect("set back"), 1);
    }
    let report = resume(&product).await;
    assert_eq!((&report["expired_requests"], &report["pruned_steps"]), (&json!(1), &json!(0)), "{report}");
    assert_eq!(ask("young", QUESTION).await.expect(200).headers["idempotency-replayed"], "true");
    let anew = ask("old", "What is a copay?").await.expect(200);
    assert!(anew.headers.get("idempotency-replayed").is_none());
    assert_eq!(product.api.turns(&person, "old").await.len(), 2, "the messages are kept");
    assert_eq!(resume(&product).await["expired_requests"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journal_is_kept_unless_a_number_of_days_is_set() {
    for (days, pruned) in [(None, 0), (Some("30"), 4)] {
        let environment = days.map(|days| ("JOURNAL_RETENTION_DAYS".to_owned(), days.to_owned()));
        let options = Options { environment: environment.into_iter().collect(), ..Options::default() };
        let product = product_with(options).await;
        let person = product.api.person().await;
        for conversation in ["old", "young"] {
            product.api.ask(&person, conversation, QUESTION).send().await.expect(200);
        }
        let client = product.superuser().await;
        for (conversation, age) in [("old", "31 days"), ("young", "29 days")] {
            let sql = format!(
                "UPDATE navigator.workflow_steps SET committed_at = committed_at - interval '{age}' WHERE conversation_id = '{conversation}'"
            );
            assert_eq!(client.execute(&sql, &[]).await.expect("set back"), 4);
        }
        assert_eq!(resume(&product).await["pruned_steps"], pruned);
        assert_eq!(
            product.count("SELECT count(*) FROM navigator.workflow_steps WHERE conversation_id = 'young'").await,
            4
        );
        for conversation in ["old", "young"] {
            let run = product.api.run(&person, conversation).await.expect(200);
            assert_eq!(run.json["status"], "completed");
            assert_eq!(product.api.turns(&person, conversation).await.len(), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_young_is_forgotten_whatever_the_functions_login_asks_for() {
    let product = product().await;
    let person = product.api.person().await;
    let answer = product.api.ask(&person, "c", QUESTION).key("k").send().await.expect(200);
    let client = functions(&product).await;
    let rows =
        "SELECT (SELECT count(*) FROM navigator.workflow_requests) + (SELECT count(*) FROM navigator.workflow_steps)";
    let before = product.count(rows).await;
    for (hours, days) in [(0, 0), (-1, -1), (i32::MIN, i32::MIN), (i32::MAX, i32::MAX), (1, 1)] {
        let sql = "SELECT navigator.sweep('{}', 50, $1, $2)";
        let swept: Value = client.query_one(sql, &[&hours, &days]).await.expect("swept").get(0);
        assert_eq!(swept["prunable"], json!([]), "{hours} hours, {days} days");
        for kind in ["requests", "journal", "sessions", "secrets", "mails", "limits", "users", ""] {
            let pruned = client.query_one("SELECT navigator.prune($1, $2, $3)", &[&kind, &hours, &days]).await;
            assert_eq!(pruned.expect("pruned").get::<_, i32>(0), 0, "{kind}, {hours} hours, {days} days");
        }
    }
    assert_eq!(product.count(rows).await, before);
    let again = product.api.ask(&person, "c", QUESTION).key("k").send().await.expect(200);
    assert_eq!(
        (&again.text, &again.headers["idempotency-replayed"]),
        (&answer.text, &"true".parse().expect("a value"))
    );
    // Older than the least, and asked for less.
    let root = product.superuser().await;
    for (table, column, old, young) in [
        ("workflow_requests", "finished_at", "25 hours", "23 hours"),
        ("workflow_steps", "committed_at", "31 days", "29 days"),
    ] {
        for (age, is_gone) in [(young, false), (old, true)] {
            let sql = format!("UPDATE navigator.{table} SET {column} = clock_timestamp() - interval '{age}'");
            root.execute(&sql, &[]).await.expect("aged");
            let kind = if table == "workflow_requests" { "requests" } else { "journal" };
            let rows =
                client.query_one("SELECT navigator.prune($1, 0, 0)", &[&kind]).await.expect("pruned").get::<_, i32>(0);
            assert_eq!(rows > 0, is_gone, "{table} {age}");
        }
    }
    // A number of any size for how many.
    for limit in [i32::MIN, -1, 0, i32::MAX] {
        client.query_one("SELECT navigator.sweep('{}', $1, 168, NULL)", &[&limit]).await.expect("swept");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_is_pruned_for_itself_and_one_that_cannot_be_costs_the_others_nothing() {
    let product = product().await;
    let person = product.api.person().await;
    product.api.ask(&person, "c", QUESTION).key("k").send().await.expect(200);
    let root = product.superuser().await;
    let old = format!(
        "UPDATE navigator.workflow_requests SET finished_at = finished_at - interval '169 hours';
         INSERT INTO navigator.sessions (id, user_id, expires_at) VALUES (gen_random_uuid(), '{0}', now() - interval '31 days');
         INSERT INTO navigator.one_time_secrets (id, user_id, purpose, secret_hash, expires_at)
             VALUES (gen_random_uuid(), '{0}', 'reset', 'x', now() - interval '25 hours');
         INSERT INTO navigator.outbox (id, kind, finished_at, outcome)
             VALUES (gen_random_uuid(), 'verify_email', now() - interval '25 hours', 'sent');
         UPDATE navigator.rate_limits SET began_at = began_at - interval '2 days'",
        person.id
    );
    root.batch_execute(&old).await.expect("old rows");
    // What is no business of the prune keeps it from one table.
    root.batch_execute(
        "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
         CREATE TRIGGER refuse BEFORE DELETE ON navigator.one_time_secrets FOR EACH ROW EXECUTE FUNCTION public.refuse()",
    )
    .await
    .expect("a trigger");
    let report = resume(&product).await;
    assert_eq!((&report["expired_requests"], &report["prune_errors"]), (&json!(1), &json!(1)), "{report}");
    let left = "SELECT (SELECT count(*) FROM navigator.sessions WHERE expires_at < now()) + \
                (SELECT count(*) FROM navigator.outbox WHERE finished_at < now() - interval '1 day') + \
                (SELECT count(*) FROM navigator.rate_limits WHERE began_at < now() - interval '1 day')";
    assert_eq!(product.count(left).await, 0);
    root.batch_execute("DROP TRIGGER refuse ON navigator.one_time_secrets").await.expect("gone");
    assert_eq!(resume(&product).await["prune_errors"], 0);
    assert_eq!(product.count("SELECT count(*) FROM navigator.one_time_secrets WHERE expires_at < now()").await, 0);
    assert_eq!(product.api.turns(&person, "c").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_one_statement_prunes_is_pruned_by_several() {
    let product = product().await;
    let person = product.api.person().await;
    let rows = format!(
        "INSERT INTO navigator.sessions (id, user_id, expires_at)
         SELECT gen_random_uuid(), '{}', now() - interval '31 days' FROM generate_series(1, 2500)",
        person.id
    );
    product.superuser().await.batch_execute(&rows).await.expect("ended sessions");
    resume(&product).await;
    assert_eq!(product.count("SELECT count(*) FROM navigator.sessions").await, 1);
}
