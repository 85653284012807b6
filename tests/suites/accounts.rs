//! Accounts from registration to deletion: sessions, passwords, mails, the export.

use serde_json::{Value, json};
use tests::client::{Answer, Api, PASSWORD, Person};
use tests::mailbox::product_with_mail;
use tests::product::{Options, Product, product, product_with};

mod deletion;
mod eviction;
mod passwords;
mod pasted;
mod sessions;

pub(super) const OTHER_PASSWORD: &str = "quite another sentence 4 it";

async fn log_in(api: &Api, email: &str, password: &str) -> Answer {
    api.post("/login", &json!({ "email": email, "password": password })).send().await
}

async fn refresh(api: &Api, token: &str) -> Answer {
    api.post("/token/refresh", &json!({ "refresh_token": token })).send().await
}

fn text<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.json[name].as_str().expect("text")
}

async fn me(product: &Product, token: &str) -> Answer {
    product.api.get("/me").token(token).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_reads_and_renames_their_account_and_sees_their_sessions() {
    let product = product().await;
    let person = product.api.person().await;
    log_in(&product.api, &person.email, PASSWORD).await.expect(200);
    let account = me(&product, &person.token).await.expect(200);
    assert_eq!(
        (account.json["id"].as_str(), &account.json["email_verified"]),
        (Some(person.id.as_str()), &json!(false))
    );
    assert_eq!(account.json["roles"], json!(["user"]));
    let sessions = account.json["sessions"].as_array().expect("sessions");
    let current: Vec<&Value> = sessions.iter().map(|session| &session["is_current"]).collect();
    assert_eq!(current, [&json!(true), &json!(false)]);
    let renamed = product.api.call("PATCH", "/me").token(&person.token);
    let renamed = renamed.raw("application/json", json!({ "full_name": " María 🙂 <b> " }).to_string().into_bytes());
    assert_eq!(renamed.send().await.expect(200).json["full_name"], "María 🙂 <b>");
    assert_eq!(me(&product, &person.token).await.json["full_name"], "María 🙂 <b>");
    for (body, place) in [
        (json!({ "full_name": "" }), "/full_name"),
        (json!({ "full_name": "a", "email": "x@y.zz" }), "/email"),
        (json!({ "roles": ["admin"] }), "/roles"),
    ] {
        let refused = product.api.call("PATCH", "/me").token(&person.token);
        let refused = refused.raw("application/json", body.to_string().into_bytes()).send().await.expect(422);
        assert_eq!(refused.json["errors"][0]["pointer"], place, "{}", refused.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_holds_every_table_with_something_about_the_person() {
    let product = product().await;
    let (person, other) = (product.api.person().await, product.api.person().await);
    for conversation in ["a", "b"] {
        product
            .api
            .ask(&person, conversation, "Medicare Advantage denied my MRI, dated 2026-10-02")
            .send()
            .await
            .expect(200);
        product.api.ask(&other, conversation, "What is a copay? other-secret").send().await.expect(200);
    }
    let client = product.superuser().await;
    let rows = format!(
        "INSERT INTO navigator.policy_records (user_id, id, plan_name, plan_type) VALUES ('{id}', gen_random_uuid(), 'Plan', 'ma'); \
         INSERT INTO navigator.policy_documents (user_id, id, title, media_type, size_bytes, content_hash, storage_path) \
         VALUES ('{id}', gen_random_uuid(), 'Letter', 'application/pdf', 1, sha256('x'), 'p'); \
         INSERT INTO navigator.model_usage (user_id, day, tokens) VALUES ('{id}', '2026-01-01', 7); \
         INSERT INTO navigator.archives (name, place) VALUES ('{id}', 'p'); \
         INSERT INTO navigator.archived_conversations (user_id, conversation_id, archive, records, content_hash) \
         VALUES ('{id}', 'old', '{id}', 3, sha256('x')); \
         INSERT INTO navigator.conversation_messages (user_id, conversation_id, seq, id, run_id, role, content) \
         SELECT '{id}', 'a', n, 'big-' || n, gen_random_uuid(), 'user', repeat('long ', 3000) FROM generate_series(1000, 1400) AS n",
        id = person.id
    );
    client.batch_execute(&rows).await.expect("rows");
    let (mut path, mut records, mut pages) = ("/me/export".to_owned(), Vec::new(), 0);
    loop {
        let page = product.api.get(&path).token(&person.token).send().await.expect(200);
        assert!(page.text.len() < 5_000_000, "{}", page.text.len());
        records.extend(page.json["records"].as_array().expect("records").clone());
        pages += 1;
        let Some(cursor) = page.json["next_cursor"].as_str() else { break };
        path = format!("/me/export?cursor={cursor}");
    }
    assert!(pages > 3, "{pages}");
    let all = Value::from(records.clone()).to_string();
    assert!(!all.contains("other-secret") && !all.contains(&other.id) && !all.contains("argon2id"));
    let mut distinct: Vec<String> = records.iter().map(Value::to_string).collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), records.len(), "no record twice");
    let exported = |table: &str| records.iter().filter(|record| record["table"] == table).count();
    assert_eq!(exported("conversation_messages"), 405);
    // Every table with a person in it, by the catalog; what holds secrets, counts or other people's business is left out.
    let sql = "SELECT DISTINCT table_name::text FROM information_schema.columns WHERE table_schema = 'navigator' \
               AND column_name IN ('user_id', 'subject') ORDER BY 1";
    let left_out = ["deleted_users", "one_time_secrets", "outbox"];
    let tables: Vec<String> = client.query(sql, &[]).await.expect("tables").iter().map(|row| row.get(0)).collect();
    assert!(tables.len() > 12, "{tables:?}");
    for table in tables.iter().filter(|table| !left_out.contains(&table.as_str())) {
        assert!(exported(table) > 0, "{table} is not exported");
    }
    let bad = product.api.get("/me/export?cursor=WzEsMl0").token(&person.token).send().await.expect(422);
    assert_eq!(bad.json["errors"][0]["pointer"], "?cursor");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conversations_are_listed_latest_first_page_by_page() {
    let product = product().await;
    let person = product.api.person().await;
    for number in 0..5 {
        product.api.ask(&person, &format!("c{number}"), &format!("What is a copay? {number}")).send().await.expect(200);
    }
    product.api.ask(&person, "c1", "What is a premium?").send().await.expect(200);
    let (mut path, mut seen) = ("/conversations?limit=2".to_owned(), Vec::new());
    loop {
        let page = product.api.get(&path).token(&person.token).send().await.expect(200);
        for conversation in page.json["conversations"].as_array().expect("conversations") {
            seen.push(conversation["id"].as_str().expect("an id").to_owned());
            let number = seen.last().expect("one").trim_start_matches('c').to_owned();
            assert_eq!(conversation["title"], format!("What is a copay? {number}"));
            assert_eq!(conversation["messages"], if number == "1" { 4 } else { 2 });
        }
        let Some(cursor) = page.json["next_cursor"].as_str() else { break };
        path = format!("/conversations?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["c1", "c4", "c3", "c2", "c0"]);
    for query in ["limit=0", "limit=101", "cursor=x", "cursor=aDE6MA", "page=1"] {
        let path = format!("/conversations?{query}");
        product.api.get(&path).token(&person.token).send().await.expect(422);
    }
}
