//! One open transaction of somebody's: those behind it are told soon to come back, instead of waiting until their time is over.

use serde_json::json;
use tests::client::{Answer, PASSWORD, Person};
use tests::product::{Product, product};

/// Every operation of a person's, by name, as a request.
async fn ask(product: &Product, person: &Person, what: &str) -> Answer {
    let api = &product.api;
    let call = match what {
        "chat" => api.ask(person, "c", "What is a copay?").key("again"),
        "log-in" => api.post("/login", &json!({ "email": person.email, "password": PASSWORD })),
        "refresh" => api.post("/token/refresh", &json!({ "refresh_token": person.refresh })),
        "delete" => api.call("DELETE", "/conversations/gone").token(&person.token),
        "cancel" => api.call("POST", "/conversations/c/workflow/cancel").token(&person.token),
        path => api.get(path).token(&person.token),
    };
    call.send().await
}

/// What waits for the end of the person's chain of the audit log.
const AUDITED: [&str; 7] =
    ["chat", "log-in", "/conversations/c/history", "/conversations/c/workflow", "/me/export", "delete", "cancel"];
/// What waits for the count of the person's requests.
const COUNTED: [&str; 6] =
    ["chat", "/conversations", "/conversations/c/history", "/conversations/c/workflow", "/me", "/me/export"];

/// While somebody holds what `hold` locks, each of `requests` is told to come back, and is answered afterwards.
async fn gives_way(product: &Product, person: &Person, hold: &str, requests: &[&str]) {
    let holder = product.superuser().await;
    holder.batch_execute(&format!("BEGIN; {hold}")).await.expect(hold);
    let told = requests.iter().map(|what| async move { (*what, ask(product, person, what).await) });
    for (what, answer) in futures_util::future::join_all(told).await {
        // 504 is what it was: the statement's whole time, and nobody knows when to come back.
        assert_eq!((answer.status, answer.code()), (503, "database_busy"), "{what} behind {hold}: {}", answer.text);
        assert!(answer.retry_after().is_some(), "{what}: {:?}", answer.headers);
    }
    holder.batch_execute("ROLLBACK").await.expect("rolled back");
    for what in requests {
        let answer = ask(product, person, what).await;
        assert!(answer.status < 300 || matches!(answer.status, 404 | 409), "{what} after {hold}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_behind_one_open_transaction_is_told_soon_to_come_back() {
    let product = product().await;
    let person = product.api.person().await;
    product.api.ask(&person, "c", "hello").send().await.expect(200);
    gives_way(&product, &person, "SELECT FROM navigator.audit_heads FOR NO KEY UPDATE", &AUDITED).await;
    let mine = format!("SELECT FROM navigator.rate_limits WHERE key = '{}' FOR UPDATE", person.id);
    gives_way(&product, &person, &mine, &COUNTED).await;
    product.api.post("/login", &json!({ "email": person.email, "password": PASSWORD })).send().await.expect(200);
    gives_way(
        &product,
        &person,
        "SELECT FROM navigator.rate_limits WHERE policy = 'login_all' FOR UPDATE",
        &["log-in"],
    )
    .await;
    // A migration's lock on a table that is read only.
    gives_way(&product, &person, "LOCK TABLE navigator.conversation_messages", &["/conversations/c/history"]).await;
}
