//! The database in trouble: what is given up is given up, what a pooler says is understood, one open transaction holds up
//! nobody for long, and no question is lost in an outage.

mod locks;
mod words;

use std::collections::BTreeSet;
use std::time::Duration;

use shared::clock::Deadline;
use shared::db::{Class, Db, Statement, Target, connector};
use tests::outage::{Report, run_all};
use tests::product::{Product, product};
use tests::stack::{Stack, stack, stack_of_its_own};
use tokio_postgres::types::Type;

/// How long the outages of `cargo verify` are; 60 s and 5 minutes by `cargo run -p tests --bin outage`.
const OUTAGE: Duration = Duration::from_secs(20);
/// What an invocation has, less what is kept for its reply.
const INVOCATION: Duration = Duration::from_secs(27);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_question_is_lost_or_given_up_in_an_outage_and_everybody_is_told_in_time_to_come_back() {
    let reports = run_all(OUTAGE).await;
    println!("{}", Report::HEAD);
    reports.iter().for_each(|report| println!("{report}"));
    for report in reports {
        assert!(report.is_good(), "{report}: {:#?}", report.violations);
    }
}

const MARK: Statement =
    Statement { name: "mark", sql: "INSERT INTO public.marks (n) VALUES ($1) RETURNING n", parameters: &[Type::INT4] };
const NOTHING: Statement = Statement { name: "nothing", sql: "SELECT 1", parameters: &[] };
const LONG: Statement = Statement { name: "long", sql: "SELECT 1 FROM pg_sleep(2)", parameters: &[] };

fn db(stack: &Stack, port: u16, database: &str) -> Db {
    let target = Target::parse(&stack.server.api_url(port, database).into(), true).expect("a URL");
    let tls = connector(target.verification, Some(stack.server.ca_pem())).expect("TLS");
    Db::new(target, tls)
}

/// A database with a table for marks.
async fn with_marks(stack: &Stack) -> String {
    let database = stack.database().await;
    let client = stack.server.superuser(&database).await.expect("a connection");
    let sql = "CREATE TABLE public.marks (n int); GRANT USAGE ON SCHEMA public TO navigator_api; \
               GRANT SELECT, INSERT ON public.marks TO navigator_api";
    client.batch_execute(sql).await.expect("a table");
    database
}

async fn marks(stack: &Stack, database: &str) -> Vec<i32> {
    let client = stack.server.superuser(database).await.expect("a connection");
    let rows = client.query("SELECT n FROM public.marks ORDER BY n", &[]).await.expect("the marks");
    rows.iter().map(|row| row.get(0)).collect()
}

/// Gives `statement` up, and says what is left of the invocation then.
async fn given_up(db: &Db, n: i32) -> Duration {
    let deadline = Deadline::after(INVOCATION);
    let error = db.query_one(&MARK, &[&n], deadline).await.expect_err("nobody answers");
    assert_eq!(error.class(), Class::Unanswered, "{error}");
    deadline.remaining()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_given_up_in_a_poolers_queue_is_never_carried_out() {
    let stack = stack_of_its_own(&[]).await;
    let database = with_marks(stack).await;
    // One connection to the server: whoever has it, the others are in the queue.
    let pooler = stack.pooler(1);
    let (first, second) = (db(stack, pooler.port(), &database), db(stack, pooler.port(), &database));
    let soon = || Deadline::after(INVOCATION);
    first.query(&NOTHING, &[], soon()).await.expect("connected");
    second.query(&NOTHING, &[], soon()).await.expect("connected");

    // The server hangs: all of its processes are stopped, one of them in the middle of a statement.
    let busy = first.clone();
    let busy = tokio::spawn(async move { busy.query(&LONG, &[], soon()).await.map(|_| ()) });
    let watcher = stack.server.superuser(&database).await.expect("a connection");
    let is_busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)' AND state = 'active'";
    while watcher.query_one(is_busy, &[]).await.expect("a count").get::<_, i64>(0) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stack.signal_all("STOP");
    let left = given_up(&second, 1).await;
    stack.signal_all("CONT");
    assert!(left > INVOCATION / 2, "it waited for longer than the server works on a statement: {left:?} are left");
    let error = busy.await.expect("no panic").expect_err("nobody answered");
    assert_eq!(error.class(), Class::Unanswered, "{error}");
    second.query(&MARK, &[&2], soon()).await.expect("the same environment goes on");
    assert_eq!(marks(stack, &database).await, [2]);

    // The server is gone, and comes back.
    stack.crash();
    given_up(&second, 3).await;
    stack.restart();
    let third = db(stack, pooler.port(), &database);
    while third.query(&MARK, &[&4], soon()).await.is_err() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(marks(stack, &database).await, [2, 4]);
}

#[test]
fn the_readiness_check_knows_every_function_that_a_statement_calls() {
    let mut called = BTreeSet::new();
    for statement in tests::contract::statements() {
        for call in statement.sql.split("navigator.").skip(1) {
            let name: String = call.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if call[name.len()..].starts_with('(') {
                called.insert(name);
            }
        }
    }
    let known: BTreeSet<String> = shared::readiness::FUNCTIONS.map(ToOwned::to_owned).into();
    assert_eq!(called, known, "shared/src/readiness/store.rs");
}

async fn is_not_ready(product: &Product, why: &str) {
    let answer = product.api.get("/health/ready").send().await.expect(503);
    assert_eq!(answer.code(), "not_ready");
    assert!(answer.retry_after().is_some() && answer.text.contains(why), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_only_reads_or_lacks_a_function_is_not_ready() {
    let product = product().await;
    let client = product.superuser().await;
    product.api.get("/health/ready").send().await.expect(200);
    client.batch_execute("ALTER FUNCTION navigator.step_commit RENAME TO gone").await.expect("renamed");
    is_not_ready(&product, "step_commit").await;
    client.batch_execute("ALTER FUNCTION navigator.gone RENAME TO step_commit").await.expect("renamed");
    product.api.get("/health/ready").send().await.expect(200);
    let turn = async |what: &str| {
        let sql = format!("SET default_transaction_read_only = off; ALTER DATABASE \"{}\" {what}", product.database);
        client.batch_execute(&sql).await.expect("changed");
        let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        client.query_one(others, &[]).await.expect("ended");
    };
    turn("SET default_transaction_read_only = on").await;
    is_not_ready(&product, "only reads").await;
    turn("RESET default_transaction_read_only").await;
    product.api.get("/health/ready").send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_function_waits_for_a_lock_without_a_limit_or_longer_than_a_client_should() {
    let stack = stack().await;
    let client = stack.server.superuser(&stack.database().await).await.expect("a connection");
    let sql = "SELECT f.proname::text, has_function_privilege('navigator_api', f.oid, 'EXECUTE'), \
                      (SELECT extract(epoch FROM replace(s, 'lock_timeout=', '')::interval)::float8 FROM unnest(f.proconfig) AS s \
                        WHERE s LIKE 'lock_timeout=%') \
                 FROM pg_proc AS f WHERE f.pronamespace = 'navigator'::regnamespace AND f.provolatile <> 'i'";
    let rows = client.query(sql, &[]).await.expect("the functions");
    assert!(rows.len() > 80, "{}", rows.len());
    for row in rows {
        let (name, is_for_requests, seconds): (String, bool, Option<f64>) = (row.get(0), row.get(1), row.get(2));
        let seconds = seconds.unwrap_or_else(|| panic!("{name} has no lock_timeout"));
        // A request may be tried twice; an import may wait for another one.
        let most = if is_for_requests { 2.0 } else { 10.0 };
        assert!(seconds > 0.0 && seconds <= most, "{name} waits for {seconds} s");
    }
}
