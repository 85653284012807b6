//! `ops import conversations`.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::product::product;

use super::world::{SAID, WRONG_HEADS, World, conversations, message, utf8};

const PEOPLE: [&str; 5] = ["a@example.org", "b@example.org", "c@example.org", "d@example.org", "e@example.org"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_messages_are_imported_once_although_the_import_is_killed_twenty_times() {
    const KILLS: usize = 20;
    let world = World::new().await;
    for email in PEOPLE {
        world.person(email).await;
    }
    let text = conversations(&PEOPLE, 2_000, 50);
    let path = world.file("all.jsonl", &text);
    let arguments = ["import", "conversations", utf8(&path)];
    let position = async || world.count("SELECT coalesce(max(line), 0) FROM navigator.imports").await;
    let mut before = 0;
    for kill in 0..KILLS {
        let mut import = world.spawn(&arguments);
        let patience = Instant::now() + Duration::from_secs(30);
        while position().await <= before {
            assert!(
                Instant::now() < patience && import.try_wait().expect("a status").is_none(),
                "kill {kill}: at {before}"
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // Anywhere in what comes next.
        tokio::time::sleep(Duration::from_millis(7 * kill as u64)).await;
        import.kill().expect("killed");
        import.wait().expect("ended");
        let now = position().await;
        assert!(now > before, "kill {kill}: {now} after {before}");
        before = now;
    }
    assert!(before < 100_000, "the kills were on the way: {before}");
    let printed = world.printed(&arguments);
    assert_eq!(printed, "100000 lines: 100000 imported, 0 already there, 0 refused\n");
    let counts = "SELECT count(*) FROM (SELECT FROM navigator.conversation_messages GROUP BY user_id, conversation_id \
                  HAVING count(*) = 50 AND min(seq) = 1 AND max(seq) = 50) AS c";
    assert_eq!((world.count(counts).await, world.count(WRONG_HEADS).await), (2_000, 0));
    let said = world.text(SAID).await;
    // The same without a kill, in the same order in another database.
    let other = World::new().await;
    for email in PEOPLE {
        other.person(email).await;
    }
    let output = other.printed(&arguments);
    assert_eq!((output, other.text(SAID).await), (printed, said.clone()));
    assert_eq!(world.printed(&arguments), "100000 lines: 0 imported, 100000 already there, 0 refused\n");
    assert_eq!(world.text(SAID).await, said);
    let recorded = "SELECT count(DISTINCT subject) FROM navigator.audit_log WHERE action = 'operator.import' AND operator IS NOT NULL";
    assert_eq!(world.count(recorded).await, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_line_that_cannot_be_imported_is_named_without_its_content_and_the_rest_is_imported() {
    let world = World::new().await;
    world.person("a@example.org").await;
    world
        .root
        .batch_execute(
            "INSERT INTO navigator.conversations (user_id, id, deleted_at) SELECT id, 'deleted', now() FROM navigator.users; \
             INSERT INTO navigator.conversations (user_id, id, archived_at) SELECT id, 'archived', now() FROM navigator.users; \
             INSERT INTO navigator.conversations (user_id, id) SELECT id, 'busy' FROM navigator.users; \
             INSERT INTO navigator.workflow_states (user_id, conversation_id, status) SELECT id, 'busy', 'running' FROM navigator.users",
        )
        .await
        .expect("conversations");
    let fine = |number| message("a@example.org", "c", number).to_string().into_bytes();
    let with = |conversation: &str, change: &dyn Fn(&mut Value)| {
        let mut line = message("A@example.org", conversation, 3);
        line["content"] = "a secret".into();
        change(&mut line);
        line.to_string().into_bytes()
    };
    let future = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    let lines: Vec<(Vec<u8>, &str)> = vec![
        (fine(1), ""),
        (b"\xff secret".to_vec(), "it is not UTF-8"),
        (b"{\"content\": \"secret".to_vec(), "it is not JSON"),
        (vec![b'x'; 1024 * 1024 + 1], "it has more than 1048576 bytes"),
        (Vec::new(), ""),
        (with("c", &|line| line["content"] = "secret\0".into()), "its content holds U+0000"),
        (with("c", &|line| line["metadata"] = json!({ "secret\0": 1 })), "its metadata holds U+0000"),
        (with("c", &|line| line["content"] = "secret".repeat(12_000).into()), "its content has more than 64 KiB"),
        (with("c", &|line| line["role"] = "secret".into()), "its role is neither user nor assistant"),
        (with("c", &|line| line["created_at"] = future.as_str().into()), "its created_at is in the future"),
        (with("c", &|line| line["user"] = "secret@example.org".into()), "there is no such user"),
        (with("c", &|line| line["user"] = uuid::Uuid::nil().to_string().into()), "there is no such user"),
        (
            with("c", &|line| line["created_at"] = "2025-01-30T00:00:00Z".into()),
            "it is older than the message before it",
        ),
        (with("deleted", &|_| {}), "the conversation was deleted"),
        (with("archived", &|_| {}), "the conversation is archived"),
        (with("busy", &|_| {}), "the conversation is being answered"),
        (with("c", &|line| line["secret"] = 1.into()), "it is no object, or a field is unknown or not of its type"),
        (fine(2), ""),
        (fine(1), ""),
        (fine(4), ""),
    ];
    let path = world.file("f.jsonl", lines.iter().map(|(line, _)| line.clone()).collect::<Vec<_>>().join(&b'\n'));
    let report = world.path("refused.jsonl");
    let output = world.ops(&["import", "conversations", utf8(&path), "--refused", utf8(&report)]);
    let (printed, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(printed, "20 lines: 3 imported, 1 already there, 15 refused\n", "{said}");
    let expected: Vec<Value> = (1_u64..)
        .zip(&lines)
        .filter(|(_, (_, reason))| !reason.is_empty())
        .map(|(number, (_, reason))| json!({ "line": number, "reason": reason }))
        .collect();
    let reported = std::fs::read_to_string(&report).expect("a report");
    let found: Vec<Value> = reported.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(found, expected);
    assert_eq!(said.lines().filter(|line| line.starts_with("line ")).count(), 15);
    assert!(!said.contains("secret") && !reported.contains("secret"), "{said}");
    let stored = "SELECT string_agg(seq || ' ' || content, ', ' ORDER BY seq) FROM navigator.conversation_messages";
    assert_eq!(world.text(stored).await, "1 message 1 of c, 2 message 2 of c, 3 message 4 of c");
    // Whoever registers meanwhile gets theirs by importing the file again; the standard input does as well.
    world.person("secret@example.org").await;
    let output = world.ops(&["import", "conversations", utf8(&path)]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "20 lines: 1 imported, 4 already there, 14 refused\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_goes_on_in_an_imported_conversation() {
    let product = product().await;
    let person = product.api.person().await;
    let world = World::of(&product).await;
    let lines = format!(
        "{}\n{}\n{}",
        json!({ "id": "old", "user_id": person.id, "metadata": { "source": "before" }, "created_at": "2024-05-01T00:00:00Z",
                "updated_at": "2024-05-01T00:00:00Z" }),
        message(&person.email, "old", 0),
        message(&person.email, "old", 1)
    );
    let path = world.file("f.jsonl", lines);
    let printed = world.printed(&["import", "conversations", utf8(&path)]);
    assert_eq!(printed, "3 lines: 3 imported, 0 already there, 0 refused\n");
    product.api.ask(&person, "old", "What is a deductible?").send().await.expect(200);
    let history = product.api.get("/conversations/old/history").token(&person.token).send().await.expect(200);
    let seqs: Vec<i64> =
        history.json["messages"].as_array().unwrap().iter().map(|m| m["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, [1, 2, 3, 4]);
    assert_eq!(history.json["messages"][0]["created_at"], "2025-01-31T00:00:00.500Z");
    let list = product.api.get("/conversations").token(&person.token).send().await.expect(200);
    let listed = &list.json["conversations"][0];
    assert_eq!(
        (&listed["metadata"]["source"], &listed["messages"], &listed["archived"]),
        (&json!("before"), &json!(4), &json!(false))
    );
    assert_eq!(
        world.printed(&["import", "conversations", utf8(&path)]),
        "3 lines: 0 imported, 3 already there, 0 refused\n"
    );
    assert_eq!(
        product.count("SELECT navigator.agent_state_inconsistencies(now() - interval '5 minutes')::bigint").await,
        0
    );
}
