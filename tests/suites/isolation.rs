//! One person never sees another's rows: by the routes, and by row-level security alone.

use serde_json::json;
use tests::product::{product, start_host};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_with_the_same_conversation_id_see_only_their_own() {
    let product = product().await;
    let (ana, ben) = (product.api.person().await, product.api.person().await);
    product.api.ask(&ana, "shared-id", "What is a copay? My secret is ana-1").send().await.expect(200);
    let path = "/conversations/shared-id/history";
    let absent = product.api.get(path).token(&ben.token).send().await.expect(404);
    let nothing = product.api.get("/conversations/never-was/history").token(&ben.token).send().await.expect(404);
    assert_eq!(absent.json["detail"], nothing.json["detail"], "somebody else's looks like nobody's");
    product.api.ask(&ben, "shared-id", "What is a premium? My secret is ben-2").send().await.expect(200);
    for (person, own, foreign) in [(&ana, "ana-1", "ben-2"), (&ben, "ben-2", "ana-1")] {
        let text = format!("{:?}", product.api.messages(person, "shared-id").await);
        assert!(text.contains(own) && !text.contains(foreign), "{text}");
    }
    let same_key = |person| product.api.ask(person, "k", "What is a network?").key("one-key").send();
    let (a, b) = (same_key(&ana).await.expect(200), same_key(&ben).await.expect(200));
    assert_ne!(a.json["run_id"], b.json["run_id"], "a key belongs to its user");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_level_security_alone_hides_everybody_elses_rows() {
    let product = product().await;
    let (ana, ben) = (product.api.person().await, product.api.person().await);
    product.api.ask(&ana, "c", "What is a copay?").send().await.expect(200);
    let client = product.superuser().await;
    // Copies of history_page and of what it asks that forgot the owner's predicates.
    for (function, predicate) in
        [("history_page", "m.user_id = p_user AND "), ("conversation_state", "c.user_id = p_user AND ")]
    {
        let sql = format!("SELECT pg_get_functiondef('navigator.{function}'::regproc)");
        let source: String = client.query_one(&sql, &[]).await.expect("the source").get(0);
        assert!(source.contains(predicate), "{source}");
        client.batch_execute(&source.replace(predicate, "")).await.expect("replaced");
    }
    product.api.get("/conversations/c/history").token(&ben.token).send().await.expect(404);
    assert_eq!(product.api.messages(&ana, "c").await.len(), 2);
    // The same question with all rights shows that the copy really is careless.
    let all = "SELECT count(*) FROM navigator.conversation_messages WHERE conversation_id = 'c'";
    assert_eq!(product.count(all).await, 2);
    for table in [
        "conversations",
        "conversation_messages",
        "agent_states",
        "workflow_states",
        "workflow_requests",
        "workflow_steps",
        "users",
        "sessions",
        "user_roles",
    ] {
        let sql = format!(
            "BEGIN; SET LOCAL ROLE navigator_api; SELECT set_config('app.user_id', '{}', true); CREATE TEMP TABLE seen ON COMMIT DROP AS SELECT 1",
            ben.id
        );
        client.batch_execute(&sql).await.expect("as the functions' role");
        let owner = if table == "users" { "id" } else { "user_id" };
        let foreign = client
            .query_one(&format!("SELECT count(*) FROM navigator.{table} WHERE {owner} = '{}'", ana.id), &[])
            .await;
        assert_eq!(foreign.expect("a count").get::<_, i64>(0), 0, "{table}");
        client.batch_execute("ROLLBACK").await.expect("back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_functions_role_cannot_read_password_hashes() {
    let product = product().await;
    product.api.person().await;
    let client = product.superuser().await;
    client.batch_execute("SET ROLE navigator_api").await.expect("the role");
    for sql in [
        "SELECT password_hash FROM navigator.users",
        "SELECT * FROM navigator.users",
        "UPDATE navigator.conversation_messages SET content = ''",
        "DELETE FROM navigator.workflow_steps",
        "TRUNCATE navigator.conversations CASCADE",
    ] {
        let error = client.batch_execute(sql).await.expect_err(sql);
        assert_eq!(error.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_with_rights_that_bypass_row_level_security_is_refused() {
    let product = product().await;
    let client = product.superuser().await;
    // Supabase's `postgres`: no superuser, but BYPASSRLS.
    client
        .batch_execute("DO $$ BEGIN CREATE ROLE supabase_like LOGIN BYPASSRLS CREATEROLE PASSWORD 'forthistest'; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        .await
        .expect("a role");
    let stack = tests::stack::stack().await;
    let mut environment = product.environment.clone();
    let url = format!(
        "postgresql://supabase_like:forthistest@127.0.0.1:{}/{}?sslmode=verify-full",
        stack.server.port(),
        product.database
    );
    environment.insert("DATABASE_URL".to_owned(), url);
    let log = ops::host::LogSink::capture();
    let host = start_host(&environment, 1, log.clone()).await.expect("a host");
    let api = tests::client::Api::new(host.url());
    let answer = api.post("/login", &json!({ "email": "a@example.org", "password": "x" })).send_unjudged().await;
    assert_eq!(answer.status, 500, "the function never begins to serve");
    let lines = log.lines().join("\n");
    assert!(lines.contains("bypasses row-level security") && lines.contains("navigator_api"), "{lines}");
    assert!(!lines.contains("forthistest"), "{lines}");
    host.shutdown().await;
}
