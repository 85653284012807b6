//! Deleting conversations and accounts, also in the middle of a turn.

use super::*;

async fn delete_me(product: &Product, token: &str, password: &str) -> Answer {
    let body = json!({ "password": password }).to_string().into_bytes();
    product.api.call("DELETE", "/me").token(token).raw("application/json", body).send().await
}

async fn delete_conversation(product: &Product, person: &Person, id: &str) -> Answer {
    product.api.call("DELETE", &format!("/conversations/{id}")).token(&person.token).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_conversation_is_gone_and_its_id_is_not_used_again() {
    let product = product().await;
    let (person, other) = (product.api.person().await, product.api.person().await);
    for who in [&person, &other] {
        product
            .api
            .ask(who, "c", "Medicare Advantage denied my MRI, dated 2026-10-02")
            .key("k")
            .send()
            .await
            .expect(200);
    }
    assert_eq!(delete_conversation(&product, &person, "never").await.expect(404).code(), "conversation_not_found");
    delete_conversation(&product, &person, "c").await.expect(204);
    delete_conversation(&product, &person, "c").await.expect(204);
    for path in ["/conversations/c/history", "/conversations/c/workflow"] {
        assert_eq!(product.api.get(path).token(&person.token).send().await.expect(410).code(), "conversation_deleted");
    }
    assert_eq!(product.api.cancel(&person, "c").await.expect(410).code(), "conversation_deleted");
    for key in ["k", "another"] {
        let answer = product.api.ask(&person, "c", "What is a copay?").key(key).send().await.expect(410);
        assert_eq!(answer.code(), "conversation_deleted");
    }
    let list = product.api.get("/conversations").token(&person.token).send().await.expect(200);
    assert_eq!(list.json["conversations"], json!([]));
    for table in ["conversation_messages", "agent_states", "workflow_requests", "workflow_steps"] {
        let left = format!("SELECT count(*) FROM navigator.{table} WHERE user_id = '{}'", person.id);
        assert_eq!(product.count(&left).await, 0, "{table}");
    }
    assert_eq!(product.api.messages(&other, "c").await.len(), 2, "another person's conversation of this id stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_that_is_deleted_in_the_middle_of_a_turn_stays_deleted() {
    let gate = tests::gate::Gate::start().await;
    let environment = gate.environment(json!({}));
    let product = product_with(Options { environment, ..Options::default() }).await;
    let person = product.api.person().await;
    gate.hold(|arrival| arrival.step_no == 1);
    let (answer, ()) = tokio::join!(product.api.ask(&person, "c", "What is a copay?").send_unjudged(), async {
        let held = gate.held().await;
        delete_conversation(&product, &person, "c").await.expect(204);
        gate.open();
        drop(held);
    });
    assert!(matches!(answer.status, 409 | 410), "{}", answer.text);
    for table in ["conversation_messages", "agent_states", "workflow_requests", "workflow_steps"] {
        assert_eq!(product.count(&format!("SELECT count(*) FROM navigator.{table}")).await, 0, "{table}");
    }
    assert_eq!(product.api.ask(&person, "c", "again").send().await.expect(410).code(), "conversation_deleted");
    assert_eq!(product.host.invoke("resume", json!({})).await.expect("a report")["found"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_account_is_gone_and_cannot_come_back() {
    let (product, mailbox) = product_with_mail(Options::default()).await;
    let (person, other) = (product.api.person().await, product.api.person().await);
    for who in [&person, &other] {
        product.api.ask(who, "c", "Medicare Advantage denied my MRI, dated 2026-10-02").send().await.expect(200);
    }
    assert_eq!(delete_me(&product, &person.token, "not the password").await.expect(403).code(), "wrong_password");
    delete_me(&product, &person.token, PASSWORD).await.expect(204);
    assert_eq!(me(&product, &person.token).await.expect(401).code(), "session_ended");
    assert_eq!(delete_me(&product, &person.token, PASSWORD).await.expect(401).code(), "session_ended");
    assert_eq!(refresh(&product.api, &person.refresh).await.expect(401).code(), "invalid_refresh_token");
    log_in(&product.api, &person.email, PASSWORD).await.expect(401);
    let client = product.superuser().await;
    let sql = "SELECT DISTINCT table_name::text FROM information_schema.columns WHERE table_schema = 'navigator' AND column_name = 'user_id'";
    for row in client.query(sql, &[]).await.expect("tables") {
        let table: String = row.get(0);
        let left =
            product.count(&format!("SELECT count(*) FROM navigator.{table} WHERE user_id = '{}'", person.id)).await;
        assert_eq!(left, i64::from(table == "deleted_users"), "{table}");
    }
    // A registration whose acknowledgement was lost and that is repeated after the deletion does not bring the id back.
    let again = format!(
        "SELECT outcome FROM navigator.register_finish('{}', 'new@example.org', 'x', 'X', gen_random_uuid(), sha256('a'), \
         gen_random_uuid(), sha256('b'), 'test')",
        person.id
    );
    assert_eq!(client.query_one(&again, &[]).await.expect("an outcome").get::<_, String>(0), "taken");
    let mails = mailbox.collect(&product).await;
    assert!(mails.iter().any(|mail| mail.to == person.email && mail.subject.contains("deleted")), "{mails:?}");
    // The log keeps what happened, by id; the address is free again, for a new account.
    let kept = format!(
        "SELECT count(*) FROM navigator.audit_log WHERE subject = '{}' AND action = 'account.delete'",
        person.id
    );
    assert_eq!(product.count(&kept).await, 1);
    let body = json!({ "email": person.email, "password": PASSWORD, "full_name": "Ana" });
    let new = product.api.post("/register", &body).send().await.expect(201);
    assert_ne!(new.json["user"]["id"], person.id);
    assert_eq!(product.api.messages(&other, "c").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_deleted_in_the_middle_of_a_turn_leaves_nothing() {
    let gate = tests::gate::Gate::start().await;
    let environment = gate.environment(json!({}));
    let product = product_with(Options { environment, ..Options::default() }).await;
    let person = product.api.person().await;
    gate.hold(|arrival| arrival.step_no == 1);
    let (answer, ()) = tokio::join!(product.api.ask(&person, "c", "What is a copay?").send_unjudged(), async {
        let held = gate.held().await;
        delete_me(&product, &person.token, PASSWORD).await.expect(204);
        gate.open();
        drop(held);
    });
    assert_eq!(answer.expect(401).code(), "session_ended");
    assert_eq!(product.count("SELECT count(*) FROM navigator.users").await, 0);
    assert_eq!(product.count("SELECT count(*) FROM navigator.conversation_messages").await, 0);
}
