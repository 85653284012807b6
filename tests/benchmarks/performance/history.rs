//! A page of the history among a million messages: how many buffers it touches, by place and by conversation.

use serde_json::Value;
use tests::stack::Stack;
use tokio_postgres::Client;
use uuid::Uuid;

/// A page, and the buffers of the whole call: session, limits, page, audit.
pub(crate) struct Page {
    pub(crate) what: &'static str,
    pub(crate) buffers: u64,
}

/// Messages in one conversation; as many again in conversations of a hundred.
const HALF: i64 = 500_000;

const FILL: &str = "
INSERT INTO navigator.conversations (user_id, id) SELECT $1, 'hot' UNION ALL SELECT $1, 'c' || g FROM generate_series(1, $2 / 100) g;
INSERT INTO navigator.conversation_messages (user_id, conversation_id, seq, id, run_id, role, content)
SELECT $1, 'hot', g, 'h' || g, gen_random_uuid(), CASE g % 2 WHEN 1 THEN 'user' ELSE 'assistant' END, repeat('what a person asks, ', 10)
  FROM generate_series(1, $2) g
UNION ALL
SELECT $1, 'c' || (1 + g / 100), 1 + g % 100, 'm' || g, gen_random_uuid(), CASE g % 2 WHEN 0 THEN 'user' ELSE 'assistant' END,
       repeat('what a person asks, ', 10)
  FROM generate_series(0, $2 - 1) g;
";

/// Fills a database of its own and reads pages of it as the function `history` does.
pub(crate) async fn measure(stack: &Stack) -> Vec<Page> {
    let database = stack.database().await;
    let client = stack.server.superuser(&database).await.expect("a connection");
    let (user, session) = person(&client).await;
    // The triggers of foreign keys would take minutes, and nothing here is about them.
    let fill = FILL.replace("$1", &format!("'{user}'::uuid")).replace("$2", &HALF.to_string());
    let quick = format!("SET session_replication_role = replica; {fill} RESET session_replication_role;");
    client.batch_execute(&quick).await.expect("a million messages");
    // Alone: it cannot run beside another statement.
    client.batch_execute("VACUUM (FREEZE, ANALYZE)").await.expect("vacuumed");
    client.batch_execute("SET ROLE navigator_api").await.expect("the functions' role");
    let mut pages = Vec::new();
    for (what, conversation, before) in [
        ("hot conversation, newest page", "hot", "NULL".to_owned()),
        ("hot conversation, half-way back", "hot", (HALF / 2).to_string()),
        ("hot conversation, oldest page", "hot", "51".to_owned()),
        ("cold conversation, newest page", "c4999", "NULL".to_owned()),
        ("cold conversation, oldest page", "c17", "51".to_owned()),
    ] {
        let call = format!(
            "SELECT * FROM navigator.history_page('{user}', '{session}', '{conversation}', {before}, 50, true)"
        );
        // The second time: what the plan and the catalogue took is paid once a connection.
        explain(&client, &call).await;
        pages.push(Page { what, buffers: explain(&client, &call).await });
    }
    pages
}

async fn person(client: &Client) -> (Uuid, Uuid) {
    let (user, session) = (Uuid::now_v7(), Uuid::now_v7());
    let sql = format!(
        "INSERT INTO navigator.users (id, email, password_hash, full_name) VALUES ('{user}', 'p@example.org', 'x', 'P'); \
         INSERT INTO navigator.sessions (id, user_id) VALUES ('{session}', '{user}')"
    );
    client.batch_execute(&sql).await.expect("a person with a session");
    (user, session)
}

async fn explain(client: &Client, call: &str) -> u64 {
    let sql = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {call}");
    let plan: Value = client.query_one(&sql, &[]).await.expect("a plan").get(0);
    let node = &plan[0]["Plan"];
    assert_eq!(node["Actual Rows"].as_f64(), Some(50.0), "{plan}");
    ["Shared Hit Blocks", "Shared Read Blocks"].iter().map(|name| node[name].as_u64().expect("a count")).sum()
}
