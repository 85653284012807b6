//! Bad input: each its own problem with a stable code and the place; never a 5xx, never another person's data.

use serde_json::{Value, json};
use tests::client::{Answer, PASSWORD};
use tests::product::product;

fn pointer(answer: &Answer) -> &str {
    answer.json["errors"][0]["pointer"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_registration_is_named_field_by_field() {
    let product = product().await;
    let good = json!({ "email": "new@example.org", "password": PASSWORD, "full_name": "Ana" });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let without = |name: &str| {
        let mut body = good.clone();
        body.as_object_mut().expect("an object").remove(name);
        body
    };
    let cases = [
        (with("email", json!("no address")), "/email"),
        (with("email", json!("a\u{0}b@example.org")), "/email"),
        (with("email", json!(format!("{}@example.org", "x".repeat(300)))), "/email"),
        (with("password", json!("short")), "/password"),
        (with("password", json!("x".repeat(2_000))), "/password"),
        (with("full_name", json!("")), "/full_name"),
        (with("full_name", json!("a\u{0}b")), "/full_name"),
        (with("full_name", json!("x".repeat(201))), "/full_name"),
        (with("full_name", json!(7)), "/full_name"),
        (with("admin", json!(true)), "/admin"),
        (without("full_name"), ""),
    ];
    for (body, place) in cases {
        let answer = product.api.post("/register", &body).send().await.expect(422);
        assert_eq!(answer.code(), "validation_failed", "{body}");
        assert_eq!(pointer(&answer), place, "{}", answer.text);
    }
    let short = product.api.post("/register", &with("password", json!("short"))).send().await;
    let detail = short.json["detail"].as_str().expect("a detail");
    assert!(detail.contains("15") && detail.contains("passphrase"), "{detail}");
    let several = json!({ "email": "x", "password": "x", "full_name": "" });
    let answer = product.api.post("/register", &several).send().await.expect(422);
    assert_eq!(answer.json["errors"].as_array().expect("errors").len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_no_json_is_told_apart() {
    let product = product().await;
    let person = product.api.person().await;
    for path in ["/register", "/login", "/chat/navigator"] {
        let send = |content_type: &'static str, body: Vec<u8>| {
            product.api.call("POST", path).token(&person.token).raw(content_type, body).send()
        };
        assert_eq!(send("application/json", b"{".to_vec()).await.expect(400).code(), "not_json");
        assert_eq!(send("application/json", Vec::new()).await.expect(400).code(), "not_json");
        assert_eq!(
            send("application/json", b"{} {}".to_vec())
                .await
                .expect(if path == "/login" || path == "/register" { 422 } else { 400 })
                .status
                / 100,
            4
        );
        assert_eq!(send("application/json", vec![b'"', 0xff, b'"']).await.expect(400).code(), "not_utf8");
        assert_eq!(send("text/plain", b"{}".to_vec()).await.expect(415).code(), "unsupported_media_type");
        let large = format!("{{\"message\":\"{}\"}}", "x".repeat(2 * 1024 * 1024)).into_bytes();
        assert_eq!(send("application/json", large).await.expect(413).code(), "body_too_large");
        let deep = "[".repeat(10_000).into_bytes();
        assert!(matches!(send("application/json", deep).await.status, 400 | 422));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_credentials_get_one_answer_whoever_they_are_for() {
    let product = product().await;
    let person = product.api.person().await;
    let log_in = |email: &str, password: &str| {
        product.api.post("/login", &json!({ "email": email, "password": password })).send()
    };
    let mut wrong = log_in(&person.email, "not the password at all").await.expect(401);
    let mut unknown = log_in("nobody@example.org", "not the password at all").await.expect(401);
    for answer in [&mut wrong, &mut unknown] {
        answer.json["instance"] = Value::Null;
        assert!(answer.headers.contains_key("www-authenticate"));
    }
    assert_eq!(wrong.json, unknown.json);
    assert_eq!(log_in("a\u{0}b", "x").await.expect(422).code(), "validation_failed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_missing_or_foreign_is_refused() {
    let product = product().await;
    let person = product.api.person().await;
    let path = "/conversations/c/history";
    assert_eq!(product.api.get(path).send().await.expect(401).code(), "missing_token");
    let (body, signature) = person.token.rsplit_once('.').expect("three parts");
    let flipped = signature.chars().rev().collect::<String>();
    for token in ["x", "a.b.c", &format!("{body}.{flipped}"), &format!("{body}."), &person.token.to_uppercase()] {
        assert_eq!(product.api.get(path).token(token).send().await.expect(401).code(), "invalid_token", "{token}");
    }
    let basic = product.api.get(path).header("authorization", "Basic eDp5").send().await.expect(401);
    assert_eq!(basic.code(), "invalid_token");
    let client = product.superuser().await;
    client.batch_execute("UPDATE navigator.sessions SET revoked_at = now()").await.expect("updated");
    assert_eq!(product.api.get(path).token(&person.token).send().await.expect(401).code(), "session_ended");
    assert_eq!(product.api.ask(&person, "c", "hello there").send().await.expect(401).code(), "session_ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_token_says_that_it_expired() {
    let options = tests::product::Options::default();
    let product = tests::product::product_with(options).await;
    let person = product.api.person().await;
    let key = product.environment["JWT_SECRET_KEY"].clone();
    let long_ago = chrono::Utc::now() - chrono::TimeDelta::hours(2);
    let config = shared::config::Config::from_lookup(|name| match name {
        "JWT_SECRET_KEY" => Some(key.clone()),
        other => product.environment.get(other).cloned(),
    })
    .expect("a configuration");
    let tokens = shared::auth::token::Tokens::new(&config, shared::clock::Clock::fixed(long_ago));
    let principal = shared::auth::Principal {
        user: uuid::Uuid::parse_str(&person.id).expect("an id").into(),
        session: shared::ids::SessionId::new(),
        roles: vec!["user".to_owned()],
    };
    let token = tokens.issue(&principal).expect("a token");
    assert_eq!(
        product.api.get("/conversations/c/history").token(&token).send().await.expect(401).code(),
        "token_expired"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_questions_are_named_and_store_nothing() {
    let product = product().await;
    let person = product.api.person().await;
    let cases = [
        (json!({}), "/message"),
        (json!({ "message": "" }), "/message"),
        (json!({ "message": " \n " }), "/message"),
        (json!({ "message": "x".repeat(16 * 1024 + 1) }), "/message"),
        (json!({ "message": "a\u{0}b" }), "/message"),
        (json!({ "message": 7 }), "/message"),
        (json!({ "message": "x", "data": {} }), "/data"),
        (json!({ "message": "x", "conversation_id": "c".repeat(300) }), "/conversation_id"),
        (json!({ "message": "x", "conversation_id": "" }), "/conversation_id"),
        (json!({ "message": "x", "conversation_id": "a b" }), "/conversation_id"),
        // No client can send these as a segment of a path: the conversation could not be read or deleted.
        (json!({ "message": "x", "conversation_id": "." }), "/conversation_id"),
        (json!({ "message": "x", "conversation_id": ".." }), "/conversation_id"),
        (json!({ "message": "x", "session_id": "s" }), "/session_id"),
        (json!({ "message": "x", "metadata": { "a": "\u{0}" } }), "/metadata"),
        (json!({ "message": "x", "metadata": { "a": "y".repeat(5_000) } }), "/metadata"),
        (json!({ "message": "x", "unknown": 1 }), "/unknown"),
        (json!({ "data": { "message": 7 } }), "/data/message"),
        (json!({ "data": {} }), "/data/metadata/raw_user_text"),
    ];
    for (body, place) in cases {
        let answer = product.api.post("/chat/navigator", &body).token(&person.token).send().await.expect(422);
        assert_eq!(pointer(&answer), place, "{}", answer.text);
    }
    let key = product.api.ask(&person, "c", "x").key(&"k".repeat(300)).send().await.expect(422);
    assert_eq!(pointer(&key), "header:Idempotency-Key");
    assert_eq!(product.count("SELECT count(*) FROM navigator.conversation_messages").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_addresses_and_pages_are_named() {
    let product = product().await;
    let person = product.api.person().await;
    let get = |path: String| product.api.get(&path).token(&person.token).send();
    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=-1",
        "cursor=!!",
        "cursor=aDE6MA",
        "include_metadata=yes",
        "page=2",
        "limit=1&limit=2",
    ] {
        let answer = get(format!("/conversations/c/history?{query}")).await.expect(422);
        assert!(pointer(&answer).starts_with('?'), "{query}: {}", answer.text);
    }
    assert_eq!(
        pointer(&get(format!("/conversations/{}/history", "i".repeat(300))).await.expect(422)),
        "path:conversation_id"
    );
    assert_eq!(get("/conversations/%ff/history".to_owned()).await.expect(400).code(), "not_utf8");
    assert_eq!(get("/conversations/nothing/history".to_owned()).await.expect(404).code(), "conversation_not_found");
    assert_eq!(get("/nowhere".to_owned()).await.expect(404).code(), "route_not_found");
    let wrong = product.api.get("/register").send().await;
    assert_eq!((wrong.status, wrong.code()), (405, "method_not_allowed"));
    assert_eq!(wrong.headers["allow"], "POST");
}
