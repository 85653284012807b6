//! What crosses between function and pooler: round trips, Syncs, names; and many processes over two connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use shared::clock::Deadline;
use shared::db::{Db, Statement, Target, connector};
use tests::client::PASSWORD;
use tests::product::{Options, Product, product_with};
use tests::stack::stack;
use tests::tap::{Counts, Decision};
use tokio_postgres::types::Type;

fn expect(product: &Product, what: &str, round_trips: usize) -> Counts {
    let counts = product.tap.as_ref().expect("a tap").take();
    assert_eq!(counts.round_trips, round_trips, "{what}: {:?}", counts.statements);
    assert_eq!(counts.syncs, round_trips, "{what}: one Sync each");
    assert_eq!(counts.statements.len(), round_trips, "{what}: one statement each");
    assert_eq!((counts.named, counts.simple), (0, 0), "{what}: no named statement, no simple query");
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_costs_its_round_trips_and_no_more() {
    let product = product_with(Options { is_tapped: true, ..Options::default() }).await;
    let person = product.api.person().await;
    let log_in = || product.api.post("/login", &json!({ "email": person.email, "password": PASSWORD })).send();
    log_in().await.expect(200);
    product.api.ask(&person, "c", "hello").send().await.expect(200);
    product.api.messages(&person, "c").await;
    product.api.get("/health/ready").send().await.expect(200);
    product.tap.as_ref().expect("a tap").take();

    product.api.person().await;
    expect(&product, "register", 2);
    log_in().await.expect(200);
    expect(&product, "log-in", 2);
    product.api.messages(&person, "c").await;
    expect(&product, "history", 1);
    product.api.get("/health/ready").send().await.expect(200);
    expect(&product, "ready", 1);
    let six = product
        .api
        .ask(&person, "d", "Medicare Advantage denied my MRI, dated 2026-10-02")
        .key("k")
        .send()
        .await
        .expect(200);
    assert_eq!(six.json["workflow"]["steps"].as_array().expect("steps").len(), 6);
    expect(&product, "a turn of six steps: begin and six commits", 7);
    product
        .api
        .ask(&person, "d", "Medicare Advantage denied my MRI, dated 2026-10-02")
        .key("k")
        .send()
        .await
        .expect(200);
    expect(&product, "a replay", 1);
    product.api.get("/health").send().await.expect(200);
    expect(&product, "live", 0);
    product.api.call("GET", "/me").token(&person.token).send().await.expect(200);
    product.tap.as_ref().expect("a tap").take();

    let refreshed =
        product.api.post("/token/refresh", &json!({ "refresh_token": person.refresh })).send().await.expect(200);
    expect(&product, "refresh", 1);
    product.api.get("/me").token(&person.token).send().await.expect(200);
    expect(&product, "the account", 1);
    product.api.get("/conversations").token(&person.token).send().await.expect(200);
    expect(&product, "the list", 1);
    product.api.get("/me/export").token(&person.token).send().await.expect(200);
    expect(&product, "an export's first part", 1);
    product.api.call("DELETE", "/conversations/d").token(&person.token).send().await.expect(204);
    expect(&product, "deleting a conversation", 1);
    product.api.post("/password-reset", &json!({ "email": person.email })).send().await.expect(202);
    expect(&product, "asking for a reset", 1);
    let change = json!({ "current_password": PASSWORD, "new_password": "quite another sentence 4 it" });
    product.api.post("/me/password", &change).token(&person.token).send().await.expect(204);
    expect(&product, "a change of password", 2);
    let token = refreshed.json["access_token"].as_str().expect("a token");
    product.api.call("POST", "/logout").token(token).send().await.expect(204);
    expect(&product, "log-out", 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_that_is_not_ready_in_its_time_is_made_anew_within_the_request() {
    let product = product_with(Options { is_tapped: true, ..Options::default() }).await;
    let person = product.api.person().await;
    // How many of the next connections take longer than one may, when the role is asked for.
    let slow = Arc::new(AtomicUsize::new(usize::MAX));
    let left = slow.clone();
    product.tap.as_ref().expect("a tap").before_reply(move |sql| {
        let is_slow = |left: usize| left.checked_sub(1);
        if sql.contains("rolbypassrls") && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, is_slow).is_ok() {
            tokio::task::block_in_place(|| std::thread::sleep(Duration::from_secs(3)));
        }
        Decision::Forward
    });
    let starts_without = || {
        let lines = product.log.lines();
        lines
            .iter()
            .filter(|line| line.starts_with("navigator") && line.contains("started without the database"))
            .count()
    };
    let before = starts_without();
    product.host.restart("navigator").await.expect("restarted");
    while starts_without() == before {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    slow.store(1, Ordering::SeqCst);
    product.api.ask(&person, "c", "What is a copay?").send().await.expect(200);
    assert_eq!(slow.load(Ordering::SeqCst), 0, "the request met the slow one");
    assert_eq!(product.api.turns(&person, "c").await.len(), 1);
}

/// Every client sends SQL texts of its own; another client's statement would answer with another number.
const WHO: [Statement; 4] = [
    Statement {
        name: "who_0",
        sql: "SELECT 0 AS who, $1::int8 AS sent, current_user::text AS role",
        parameters: &[Type::INT8],
    },
    Statement {
        name: "who_1",
        sql: "SELECT 1 AS who, $1::int8 AS sent, current_user::text AS role, 1 AS a",
        parameters: &[Type::INT8],
    },
    Statement {
        name: "who_2",
        sql: "SELECT 2 AS who, $1::int8 AS sent, current_user::text AS role, 1 AS a, 2 AS b",
        parameters: &[Type::INT8],
    },
    Statement {
        name: "who_3",
        sql: "SELECT 3 AS who, $1::int8 AS sent, current_user::text AS role, 4 AS c",
        parameters: &[Type::INT8],
    },
];
const CALLS_PER_CLIENT: i64 = 5_000;
const CLIENT: &str = "NAVIGATOR_WHO_AM_I";

/// The child of the test below: it is this same test binary, started with the client's number in the environment.
#[tokio::test]
async fn who_am_i_client() {
    let Ok(number) = std::env::var(CLIENT) else { return };
    let (number, url, ca) =
        (number.parse::<usize>().unwrap(), std::env::var("WHO_URL").unwrap(), std::env::var("WHO_CA").unwrap());
    let target = Target::parse(&url.into(), true).expect("a URL");
    let tls = connector(target.verification, Some(&ca)).expect("TLS");
    let db = Db::new(target, tls);
    for sent in 0..CALLS_PER_CLIENT {
        let row = db.query_one(&WHO[number], &[&sent], Deadline::after(Duration::from_secs(20))).await.expect("a row");
        let (who, back): (i32, i64) = (row.try_get("who").expect("who"), row.try_get("sent").expect("sent"));
        assert_eq!((usize::try_from(who).expect("small"), back), (number, sent), "another client's row");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_over_two_pooled_connections_get_their_own_rows_in_twenty_thousand_calls() {
    let stack = stack().await;
    let database = stack.database().await;
    let pooler = stack.pooler(2);
    let children: Vec<_> = (0..WHO.len())
        .map(|number| {
            std::process::Command::new(std::env::current_exe().expect("this binary"))
                .args(["--exact", "wire::who_am_i_client", "--nocapture"])
                .env(CLIENT, number.to_string())
                .env("WHO_URL", stack.server.api_url(pooler.port(), &database))
                .env("WHO_CA", stack.server.ca_pem())
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .expect("a client")
        })
        .collect();
    for child in children {
        let output =
            tokio::task::spawn_blocking(move || child.wait_with_output().expect("an end")).await.expect("joined");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the client did not run");
    }
}
