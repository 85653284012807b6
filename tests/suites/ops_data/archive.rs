//! `ops archive`.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tests::product::product;

use super::world::{SAID, WRONG_HEADS, World, conversations, utf8};

/// Every row of every conversation, its times and ids included.
const ROWS: &str = "SELECT md5(string_agg(encode(navigator.archive_hash(c.user_id, c.id), 'hex'), '' ORDER BY c.user_id, c.id)) \
    FROM navigator.conversations AS c WHERE c.archived_at IS NULL";

fn files(folder: &std::path::Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    entries.map(|entry| entry.file_name().into_string().expect("text")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_messages_go_out_and_come_back_the_same_although_both_are_killed() {
    let world = World::new().await;
    world.person("a@example.org").await;
    let path = world.file("all.jsonl", conversations(&["a@example.org"], 1_000, 10));
    world.printed(&["import", "conversations", utf8(&path)]);
    let (said, rows) = (world.text(SAID).await, world.text(ROWS).await);
    let folder = world.path("archives");
    std::fs::create_dir(&folder).expect("a folder");
    let archive = ["archive", "--older-than", "100d", "--to", utf8(&folder)];
    let left = async || world.count("SELECT count(*) FROM navigator.conversation_messages").await;
    let archived = async || {
        world
            .count("SELECT coalesce(sum(records) - 2 * count(*), 0)::bigint FROM navigator.archived_conversations")
            .await
    };
    let mut kills = 0;
    while left().await > 2_000 && kills < 40 {
        let mut command = world.spawn(&archive);
        tokio::time::sleep(Duration::from_millis(60 + 31 * (kills % 17))).await;
        command.kill().expect("killed");
        command.wait().expect("ended");
        kills += 1;
        // A statement that its client left ends, or not, a little later.
        tokio::time::sleep(Duration::from_millis(30)).await;
        let (here, there) = (left().await, archived().await);
        assert!(
            here + there == 10_000 || left().await + archived().await == 10_000,
            "{here} and {there} after kill {kills}"
        );
    }
    // Two at once: neither takes the other's file for what a kill left. Whoever meets the other may be told to come again.
    let both = [world.spawn(&archive), world.spawn(&archive)];
    for mut command in both {
        command.wait().expect("ended");
    }
    world.printed(&archive);
    assert_eq!((left().await, archived().await), (0, 10_000));
    assert_eq!(world.count("SELECT count(*) FROM navigator.archives WHERE status = 'writing'").await, 0);
    let known = world.text("SELECT string_agg(name, ' ' ORDER BY name) FROM navigator.archives").await;
    assert_eq!(
        known.split(' ').map(ToOwned::to_owned).collect::<BTreeSet<_>>(),
        files(&folder),
        "no other file is left"
    );
    println!("{kills} kills, {} files", files(&folder).len());
    for name in files(&folder) {
        let file = folder.join(&name);
        for delay in [40, 90, 140, 190] {
            let mut command = world.spawn(&["archive", "restore", utf8(&file)]);
            tokio::time::sleep(Duration::from_millis(delay)).await;
            command.kill().expect("killed");
            command.wait().expect("ended");
        }
        world.printed(&["archive", "restore", utf8(&file)]);
        assert!(world.printed(&["archive", "restore", utf8(&file)]).starts_with("0 conversations restored"));
    }
    assert_eq!((world.text(SAID).await, world.text(ROWS).await), (said, rows));
    assert_eq!(world.count(WRONG_HEADS).await, 0);
    let printed = world.printed(&archive);
    assert_eq!(printed, "0 conversations with 0 records archived\n", "what was restored is not archived again at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archived_conversation_says_so_until_it_is_restored() {
    let product = product().await;
    let world = World::of(&product).await;
    let (ana, ben) = (product.api.person().await, product.api.person().await);
    let question = "My plan denied my MRI. What can I do?";
    let first = product.api.ask(&ana, "c", question).key("k").send().await.expect(200);
    for (person, conversation) in [(&ana, "gone"), (&ana, "new"), (&ana, "busy"), (&ben, "c")] {
        product.api.ask(person, conversation, question).send().await.expect(200);
    }
    let age = "UPDATE navigator.conversations SET updated_at = updated_at - interval '400 days' WHERE id <> 'new'; \
               UPDATE navigator.workflow_states SET status = 'waiting', wake_at = now() + interval '1 day' WHERE conversation_id = 'busy'";
    world.root.batch_execute(age).await.expect("aged");
    let folder = world.path("archives");
    let archive = ["archive", "--older-than", "365d", "--to", utf8(&folder)];
    let printed = world.printed(&archive);
    assert!(printed.ends_with("records archived\n") && printed.contains("\n3 conversations with "), "{printed}");
    let get = async |path: &str| product.api.get(path).token(&ana.token).send().await;
    assert_eq!(get("/conversations/c/history").await.expect(410).code(), "conversation_archived");
    assert_eq!(get("/conversations/c/workflow").await.expect(410).code(), "conversation_archived");
    assert_eq!(product.api.cancel(&ana, "c").await.expect(410).code(), "conversation_archived");
    let asked = product.api.ask(&ana, "c", question).key("k").send().await.expect(410);
    assert!(
        asked.code() == "conversation_archived" && asked.json["detail"].as_str().unwrap().contains("restore"),
        "{}",
        asked.text
    );
    let list = get("/conversations").await.expect(200);
    let listed = |id: &str| {
        let all = list.json["conversations"].as_array().expect("a list");
        let found = all.iter().find(|one| one["id"] == id).expect(id);
        (found["archived"].clone(), found["messages"].clone(), found["title"].is_null())
    };
    assert_eq!((listed("c"), listed("new").0), ((json!(true), json!(2), true), json!(false)));
    let export = get("/me/export").await.expect(200);
    assert!(export.text.contains("archived_conversations"), "the export names it");
    let content = "SELECT count(*) FROM navigator.conversation_messages AS m JOIN navigator.conversations AS c \
                   ON c.user_id = m.user_id AND c.id = m.conversation_id WHERE c.archived_at IS NOT NULL";
    assert_eq!(world.count(content).await, 0);
    // One is deleted by its owner, one goes with its account: both are found for erasure and stay away.
    product.api.call("DELETE", "/conversations/gone").token(&ana.token).send().await.expect(204);
    let body = json!({ "password": tests::client::PASSWORD }).to_string().into_bytes();
    product.api.call("DELETE", "/me").token(&ben.token).raw("application/json", body).send().await.expect(204);
    let deleted = world.printed(&["archive", "list", "--of-deleted"]);
    assert_eq!(deleted.lines().count(), 2, "{deleted}");
    assert!(deleted.contains("  deleted\n") && deleted.contains(&format!("{}  c", ben.id)), "{deleted}");
    let name = files(&folder).pop_first().expect("a file");
    let printed = world.printed(&["archive", "restore", utf8(&folder.join(name))]);
    assert_eq!(
        printed,
        "1 conversations restored, 0 are there already, 1 were deleted, 1 belong to deleted accounts\n"
    );
    let history = get("/conversations/c/history").await.expect(200);
    assert_eq!(history.json["messages"][1]["content"], first.json["message"]["content"]);
    let replay = product.api.ask(&ana, "c", question).key("k").send().await.expect(200);
    assert_eq!(replay.text, first.text, "its requests are back too");
    product.api.ask(&ana, "c", "What is a copay?").send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_changed_restores_nothing_of_what_was_changed() {
    use std::io::{Read as _, Write as _};
    let world = World::new().await;
    world.person("a@example.org").await;
    let path = world.file("all.jsonl", conversations(&["a@example.org"], 2, 4));
    world.printed(&["import", "conversations", utf8(&path)]);
    let folder = world.path("archives");
    world.printed(&["archive", "--older-than", "1d", "--to", utf8(&folder)]);
    let file = folder.join(files(&folder).pop_first().expect("a file"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(&file).expect("a file")).read_to_string(&mut text).expect("text");
    let changed = world.path("changed.gz");
    let mut encoder =
        flate2::write::GzEncoder::new(std::fs::File::create(&changed).expect("a file"), Default::default());
    encoder.write_all(text.replace("message 2", "message X").as_bytes()).expect("written");
    encoder.finish().expect("written");
    let output = world.ops(&["archive", "restore", utf8(&changed)]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "the archive's file was cut or changed\n");
    assert_eq!(world.count("SELECT count(*) FROM navigator.conversation_messages").await, 0);
    world.printed(&["archive", "restore", utf8(&file)]);
    assert_eq!(world.count("SELECT count(*) FROM navigator.conversation_messages").await, 8);
}
