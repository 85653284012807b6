//! A conversation's metadata: what its messages brought along, kept, merged, and found again by the person and by operators.

use std::process::{Command, Output};

use serde_json::{Value, json};
use tests::client::{Answer, Person};
use tests::product::{Product, binary, product};
use tests::stack::stack;

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn ask(product: &Product, person: &Person, conversation: &str, metadata: &Value) -> Answer {
    let body = json!({ "message": "What is a copay?", "conversation_id": conversation, "metadata": metadata,
                       "when_busy": "enqueue" });
    product.api.post("/chat/navigator", &body).token(&person.token).send().await
}

async fn list(product: &Product, person: &Person, query: &str) -> Answer {
    product.api.get(&format!("/conversations{query}")).token(&person.token).send().await
}

/// The ids of every conversation that a filter finds, page after page.
async fn found(product: &Product, person: &Person, filter: &Value, limit: usize) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let query = format!("?limit={limit}&metadata={}{cursor}", encoded(&filter.to_string()));
        let page = list(product, person, &query).await.expect(200);
        let here = page.json["conversations"].as_array().expect("conversations");
        ids.extend(here.iter().map(|one| one["id"].as_str().expect("an id").to_owned()));
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

async fn metadata(product: &Product, person: &Person, conversation: &str) -> Value {
    let page = list(product, person, "?limit=100").await.expect(200);
    let all = page.json["conversations"].as_array().expect("conversations").clone();
    let one = all.into_iter().find(|one| one["id"] == conversation).expect("the conversation");
    one["metadata"].clone()
}

async fn ops(product: &Product, arguments: &[&str]) -> Output {
    let stack = stack().await;
    Command::new(binary("ops"))
        .args(arguments)
        .env("OPERATOR_DATABASE_URL", stack.server.superuser_url(&product.database))
        .env("DATABASE_CA_PEM", stack.server.ca_pem())
        .output()
        .expect("ops runs")
}

async fn printed(product: &Product, arguments: &[&str]) -> String {
    let output = ops(product, arguments).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metadata_is_stored_at_creation_and_merged_with_the_newer_value_winning() {
    let product = product().await;
    let person = product.api.person().await;
    ask(&product, &person, "c", &json!({ "source": "navigator_output", "n": 1, "tags": ["a", "b"] })).await.expect(200);
    let first = json!({ "source": "navigator_output", "n": 1, "tags": ["a", "b"] });
    assert_eq!(metadata(&product, &person, "c").await, first);
    product.api.ask(&person, "c", "What is a premium?").send().await.expect(200);
    assert_eq!(metadata(&product, &person, "c").await, first, "a message without metadata changes nothing");
    let second = json!({ "n": 2, "tags": ["a"], "data": { "meta_intent": { "summary": "private" } }, "who": null });
    ask(&product, &person, "c", &second).await.expect(200);
    let merged = json!({ "source": "navigator_output", "n": 2, "tags": ["a"], "who": null });
    assert_eq!(metadata(&product, &person, "c").await, merged, "`data` is the message's");
    let path = "/conversations/c/history?include_metadata=true";
    let history = product.api.get(path).token(&person.token).send().await.expect(200);
    assert_eq!(history.json["messages"][4]["metadata"], second, "a message keeps what came with it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metadata_that_grows_too_large_is_left_out_whole_and_the_question_is_answered() {
    let product = product().await;
    let person = product.api.person().await;
    for number in 0..6 {
        let metadata = json!({ format!("k{number}"): "x".repeat(3_900), "last": number });
        ask(&product, &person, "c", &metadata).await.expect(200);
    }
    let kept = metadata(&product, &person, "c").await;
    let keys: Vec<&String> = kept.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["k0", "k1", "k2", "k3", "last"]);
    assert_eq!(kept["last"], 3, "all of it or nothing");
    ask(&product, &person, "c", &json!({ "k0": "short", "last": 9 })).await.expect(200);
    let kept = metadata(&product, &person, "c").await;
    assert_eq!((&kept["k0"], &kept["last"]), (&json!("short"), &json!(9)));
}

/// Ten messages at once into one conversation, which is made by whichever comes first: no label is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_messages_at_once_bring_along_is_all_there() {
    let product = product().await;
    let person = product.api.person().await;
    let labels: Vec<Value> = (0..10).map(|number| json!({ format!("k{number}"): number })).collect();
    let asked = labels.iter().map(|label| ask(&product, &person, "c", label));
    for answer in futures_util::future::join_all(asked).await {
        assert!(matches!(answer.status, 200 | 202), "{}", answer.text);
    }
    // Whoever finishes a turn answers three that wait; the schedule does the rest.
    for _ in 0..5 {
        product.host.invoke("resume", json!({})).await.expect("a report");
    }
    let kept = metadata(&product, &person, "c").await;
    let expected: serde_json::Map<String, Value> =
        (0..10).map(|number| (format!("k{number}"), json!(number))).collect();
    assert_eq!(kept, Value::Object(expected));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_finds_their_own_conversations_by_metadata_page_by_page() {
    let product = product().await;
    let (ana, ben) = (product.api.person().await, product.api.person().await);
    for number in 0..7 {
        let label = json!({ "source": if number % 2 == 0 { "navigator_output" } else { "app" },
                            "case": { "n": number, "open": number < 3 }, "tags": ["x", number] });
        ask(&product, &ana, &format!("a-{number}"), &label).await.expect(200);
    }
    ask(&product, &ben, "b-0", &json!({ "source": "navigator_output" })).await.expect(200);
    let of = async |filter: Value| found(&product, &ana, &filter, 2).await;
    assert_eq!(of(json!({ "source": "navigator_output" })).await, ["a-6", "a-4", "a-2", "a-0"]);
    assert_eq!(of(json!({ "case": { "open": true } })).await, ["a-2", "a-1", "a-0"]);
    assert_eq!(of(json!({ "tags": [5] })).await, ["a-5"]);
    assert_eq!(of(json!({ "source": "app", "case": { "n": 3 } })).await, ["a-3"]);
    assert_eq!(of(json!({})).await.len(), 7);
    assert_eq!(of(json!({ "source": "Navigator_output" })).await, [""; 0]);
    assert_eq!(found(&product, &ben, &json!({ "source": "navigator_output" }), 50).await, ["b-0"]);
    product.api.call("DELETE", "/conversations/a-4").token(&ana.token).send().await.expect(204);
    assert_eq!(of(json!({ "source": "navigator_output" })).await, ["a-6", "a-2", "a-0"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_that_is_none_is_refused_with_what_to_do() {
    let product = product().await;
    let person = product.api.person().await;
    let deep = format!("{}1{}", r#"{"a":"#.repeat(9), "}".repeat(9));
    for (text, says) in [
        ("", "must be a JSON object"),
        ("source", "must be a JSON object"),
        (r#"{"source":"#, "must be a JSON object"),
        (r#"["navigator_output"]"#, "must be an object"),
        ("7", "must be an object"),
        (deep.as_str(), "nested at most 8 deep"),
        (&"[".repeat(1_000), "nested at most 8 deep"),
        (&format!(r#"{{"a":"{}"}}"#, "x".repeat(1_100)), "at most 1024 bytes"),
        (r#"{"a":"\u0000"}"#, "U+0000"),
    ] {
        let answer = list(&product, &person, &format!("?metadata={}", encoded(text))).await.expect(422);
        let error = &answer.json["errors"][0];
        assert_eq!(error["pointer"], "?metadata", "{}", answer.text);
        assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(says)), "{says}: {}", answer.text);
        let refused = ops(&product, &["conversations", "--metadata", text]).await;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains(says) && said.lines().count() == 1, "{said}");
    }
    let twice = list(&product, &person, "?metadata=%7B%7D&metadata=%7B%7D").await.expect(422);
    assert_eq!(twice.json["errors"][0]["pointer"], "?metadata");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_find_ids_and_metadata_of_everyone_and_nothing_that_was_said() {
    let product = product().await;
    let (ana, ben) = (product.api.person().await, product.api.person().await);
    for (person, conversation, source) in
        [(&ana, "a-1", "navigator_output"), (&ana, "a-2", "app"), (&ben, "b-1", "navigator_output")]
    {
        ask(&product, person, conversation, &json!({ "source": source, "x": "\u{1b}[2J" })).await.expect(200);
    }
    let filter = r#"{"source":"navigator_output"}"#;
    let text = printed(&product, &["conversations", "--metadata", filter]).await;
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    let ids: Vec<(&str, &str)> = lines.iter().skip(1).map(|line| (line[0], line[1])).collect();
    assert_eq!(ids, [(ben.id.as_str(), "b-1"), (ana.id.as_str(), "a-1")], "{text}");
    assert!(text.contains(r#""source":"navigator_output""#) && !text.contains('\u{1b}'), "{text}");
    assert!(!text.contains("copay"), "{text}");
    let first = printed(&product, &["conversations", "--metadata", filter, "--limit", "1"]).await;
    assert!(
        first.lines().count() == 3 && first.ends_with("there are more; see them with a larger --limit\n"),
        "{first}"
    );
    let none = printed(&product, &["conversations", "--metadata", r#"{"source":"nobody"}"#]).await;
    assert_eq!(none, "no conversation has such metadata\n");
    let recorded = "SELECT count(*) FROM navigator.audit_log AS l \
                     WHERE l.action = 'operator.conversations' AND l.object IN ('2 found', '1 found', '0 found')";
    assert_eq!(product.count(recorded).await, 3);
}

/// The nodes of a plan, as their index's and their condition's names.
fn nodes(plan: &Value, into: &mut Vec<(String, String)>) {
    let text = |name: &str| plan[name].as_str().unwrap_or_default().to_owned();
    into.push((text("Index Name"), text("Index Cond")));
    plan["Plans"].as_array().into_iter().flatten().for_each(|inner| nodes(inner, into));
}

async fn plan(client: &tokio_postgres::Client, role: &str, user: &str, sql: &str) -> Vec<(String, String)> {
    let setup = format!("BEGIN; SET LOCAL ROLE {role}; SELECT set_config('app.user_id', '{user}', true)");
    client.batch_execute(&setup).await.expect("the role");
    let row = client.query_one(&format!("EXPLAIN (FORMAT JSON) {sql}"), &[]).await.expect("a plan");
    client.batch_execute("ROLLBACK").await.expect("ended");
    let mut found = Vec::new();
    nodes(&row.get::<_, Value>(0)[0]["Plan"], &mut found);
    found
}

/// Over 60,000 conversations of 300 people the operator's search goes over the index on metadata, and a person's never does, but
/// over the keys of that person.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_searches_go_over_an_index_of_their_own() {
    let product = product().await;
    let client = product.superuser().await;
    let grown = "
        INSERT INTO navigator.users (id, email, password_hash, full_name)
            SELECT md5('u' || n)::uuid, n || '@example.org', '-', 'A Name' FROM generate_series(1, 300) AS n;
        INSERT INTO navigator.conversations (user_id, id, metadata)
            SELECT md5('u' || (n % 300 + 1))::uuid, 'c-' || n,
                   jsonb_build_object('source', CASE WHEN n % 1000 = 0 THEN 'navigator_output' ELSE 'app' END, 'n', n)
              FROM generate_series(1, 60000) AS n;";
    client.batch_execute(grown).await.expect("grown");
    // As autovacuum does: what waits to be put into the index would be read through by each search.
    client.batch_execute("VACUUM (ANALYZE) navigator.conversations").await.expect("vacuumed");
    let user: String = client.query_one("SELECT md5('u1')::uuid::text", &[]).await.expect("an id").get(0);
    let filter = r#"'{"source":"navigator_output"}'::jsonb"#;

    let operators = ops::conversations::FIND.replace("$1", filter).replace("$2", "51");
    let found = plan(&client, "navigator_operator", "", &operators).await;
    assert!(found.iter().any(|(index, _)| index == "conversations_metadata_idx"), "{found:?}");

    // The query as it stands in the function, with the parameters' values.
    let sql = "SELECT prosrc FROM pg_proc WHERE oid = 'navigator.conversations_page'::regproc";
    let source: String = client.query_one(sql, &[]).await.expect("the source").get(0);
    let query = source.split_once("RETURN QUERY").expect("a query").1.split_once(';').expect("its end").0;
    let own = query
        .replace("p_metadata", filter)
        .replace("p_user", &format!("'{user}'::uuid"))
        .replace("p_at", "NULL::timestamptz")
        .replace("p_id", "NULL::text")
        .replace("p_limit", "51");
    let found = plan(&client, "navigator_api", &user, &own).await;
    assert!(found.iter().all(|(index, _)| index != "conversations_metadata_idx"), "{found:?}");
    let by_user =
        |(index, condition): &(String, String)| index == "conversations_pkey" && condition.contains("user_id = ");
    assert!(found.iter().any(by_user), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metadata_goes_along_with_exports_imports_and_archives() {
    let (from, to) = (product().await, product().await);
    let ana = from.api.person().await;
    let labels = json!({ "source": "navigator_output", "case": { "n": 7 } });
    ask(&from, &ana, "c", &labels).await.expect(200);
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();

    printed(&from, &["export", "--user", &ana.id, &path("all.jsonl")]).await;
    let sql =
        "INSERT INTO navigator.users (id, email, password_hash, full_name) VALUES ($1::text::uuid, $2, '-', 'A Name')";
    to.superuser().await.execute(sql, &[&ana.id, &ana.email]).await.expect("a person");
    printed(&to, &["import", "conversations", &path("all.jsonl")]).await;
    let stored = "SELECT metadata FROM navigator.conversations WHERE id = 'c'";
    let metadata = async |product: &Product| -> Value {
        product.superuser().await.query_one(stored, &[]).await.expect("the conversation").get(0)
    };
    assert_eq!(metadata(&to).await, labels);

    let age = "UPDATE navigator.conversations SET updated_at = updated_at - interval '400 days'";
    from.superuser().await.batch_execute(age).await.expect("aged");
    printed(&from, &["archive", "--older-than", "365d", "--to", &path("archives")]).await;
    assert_eq!(found(&from, &ana, &json!({ "case": { "n": 7 } }), 50).await, ["c"], "found while it is archived");
    let text = printed(&from, &["conversations", "--metadata", r#"{"case":{"n":7}}"#]).await;
    assert!(text.contains(" yes "), "{text}");
    let file = std::fs::read_dir(path("archives")).expect("archives").flatten().next().expect("a file").path();
    printed(&from, &["archive", "restore", &file.display().to_string()]).await;
    assert_eq!(metadata(&from).await, labels);
}
