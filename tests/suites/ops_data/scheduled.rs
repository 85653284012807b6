//! The function `archive`: what the schedule does by the policy.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ops::host::LogSink;
use serde_json::json;
use tests::emf::metric_lines;
use tests::product::start_function;
use tests::secrets_manager::SecretsManager;

use super::world::{SAID, WRONG_HEADS, World, conversations, utf8};

const LEFT: &str = "SELECT count(*) FROM navigator.conversation_messages";
const ARCHIVED: &str = "SELECT coalesce(sum(records) - 2 * count(*), 0)::bigint FROM navigator.archived_conversations WHERE restored_at IS NULL";

/// The file that was begun last.
const BEGUN: &str = "SELECT coalesce(max(created_at)::text, '') FROM navigator.archives";

/// Ten messages a conversation.
async fn world(of: usize) -> World {
    let world = World::new().await;
    world.person("a@example.org").await;
    let path = world.file("all.jsonl", conversations(&["a@example.org"], of, 10));
    world.printed(&["import", "conversations", utf8(&path)]);
    world
}

/// The policy, into a folder.
fn policy(world: &World) -> BTreeMap<String, String> {
    let folder = world.path("archives");
    let mut environment = world.operator();
    environment.insert("ARCHIVE_AFTER_DAYS".to_owned(), "100".to_owned());
    environment.insert("ARCHIVE_FOLDER".to_owned(), utf8(&folder).to_owned());
    environment
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schedule_archives_nothing_unless_the_policy_says_so() {
    let world = world(4).await;
    let host = start_function("archive", &BTreeMap::new(), LogSink::capture()).await;
    let report = host.invoke("archive", json!({})).await.expect("a report");
    assert_eq!(report, json!({ "conversations": 0, "records": 0 }));
    assert_eq!((world.count(LEFT).await, world.count(ARCHIVED).await), (40, 0));
    host.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schedule_archives_what_is_due_although_it_is_killed_and_says_how_much() {
    let world = world(1_000).await;
    // Six conversations become due later, so that something is left for the run that nobody kills.
    world.person("b@example.org").await;
    let path = world.file("later.jsonl", conversations(&["b@example.org"], 6, 10));
    world.printed(&["import", "conversations", utf8(&path)]);
    let touched = async |when: &str| {
        let sql = format!(
            "UPDATE navigator.conversations SET updated_at = {when} FROM navigator.users AS u \
                           WHERE u.id = user_id AND u.email LIKE 'b@%'"
        );
        world.root.batch_execute(&sql).await.expect("touched");
    };
    touched("now()").await;
    let said = world.text(SAID).await;
    let log = LogSink::capture();
    let host = start_function("archive", &policy(&world), log.clone()).await;
    let mut kills = 0;
    for round in 0..30_u64 {
        if world.count(LEFT).await <= 3_000 {
            break;
        }
        let before = world.text(BEGUN).await;
        let blow = async {
            // Not before it works: what dies while it starts is replaced, and its event goes to the next process.
            let until = Instant::now() + Duration::from_secs(20);
            while world.text(BEGUN).await == before && Instant::now() < until {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            tokio::time::sleep(Duration::from_millis(53 * (round % 17))).await;
            host.processes("archive").iter().for_each(|process| host.kill(process.pid));
        };
        let (lost, ()) = tokio::join!(host.invoke("archive", json!({})), blow);
        // A machine may be faster than a late blow.
        kills += usize::from(lost.is_err());
        // A statement that its client left ends, or not, a little later.
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(world.count(LEFT).await + world.count(ARCHIVED).await, 10_060, "after kill {kills}");
    }
    touched("now() - interval '400 days'").await;
    let due = world.count("SELECT count(*) FROM navigator.conversations WHERE archived_at IS NULL").await;
    let report = host.invoke("archive", json!({})).await.expect("a report");
    println!("{kills} kills, then {report}");
    assert!(kills > 2 && due >= 6 && report["conversations"] == due, "{kills} kills, {due} due: {report}");
    assert_eq!((world.count(LEFT).await, world.count(ARCHIVED).await), (0, 10_060));
    assert_eq!(world.count("SELECT count(*) FROM navigator.archives WHERE status = 'writing'").await, 0);
    let counted = metric_lines(&log.lines()).iter().map(|line| line.sum("ConversationsArchived")).sum::<f64>();
    assert!(counted >= due as f64, "{counted} of {due}");
    // Nothing is left to do, and what was archived comes back.
    let report = host.invoke("archive", json!({})).await.expect("a report");
    assert_eq!(report, json!({ "conversations": 0, "records": 0 }));
    host.shutdown().await;
    for entry in std::fs::read_dir(world.path("archives")).expect("a folder").flatten() {
        world.printed(&["archive", "restore", utf8(&entry.path())]);
    }
    assert_eq!((world.text(SAID).await, world.count(WRONG_HEADS).await), (said, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archiver_that_may_not_or_has_no_place_fails_and_takes_nothing() {
    let world = world(4).await;
    let pooler = world.stack().pooler(2);
    let functions = world.stack().server.api_url(pooler.port(), &world.database);
    let file = world.file("no-folder", "");
    for (variable, value, said) in [
        ("OPERATOR_DATABASE_URL", functions.as_str(), "OPERATOR_DATABASE_URL"),
        ("ARCHIVE_AFTER_DAYS", "soon", "ARCHIVE_AFTER_DAYS"),
        ("ARCHIVE_FOLDER", utf8(&file), "cannot be"),
    ] {
        let log = LogSink::capture();
        let mut environment = policy(&world);
        environment.insert(variable.to_owned(), value.to_owned());
        let host = start_function("archive", &environment, log.clone()).await;
        assert!(host.invoke("archive", json!({})).await.is_err(), "{variable}");
        host.shutdown().await;
        let lines = log.lines().join("\n");
        assert!(lines.contains(said) && !lines.contains("message 1 of"), "{variable}: {lines}");
    }
    assert_eq!((world.count(LEFT).await, world.count(ARCHIVED).await), (40, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_of_the_database_is_logged_without_what_it_quotes() {
    let world = world(4).await;
    let refuse = "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                  RAISE EXCEPTION 'quoted-row' USING DETAIL = 'quoted-row', HINT = 'quoted-row'; END $$; \
                  CREATE TRIGGER refuse BEFORE INSERT ON navigator.archived_conversations FOR EACH ROW EXECUTE FUNCTION public.refuse()";
    world.root.batch_execute(refuse).await.expect("a trigger");
    let log = LogSink::capture();
    let host = start_function("archive", &policy(&world), log.clone()).await;
    let failure = host.invoke("archive", json!({})).await.expect_err("a refusal");
    host.shutdown().await;
    let said = format!("{failure:?} {}", log.lines().join("\n"));
    assert!(said.contains("SQLSTATE P0001") && !said.contains("quoted-row"), "{said}");
    assert_eq!((world.count(LEFT).await, world.count(ARCHIVED).await), (40, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bucket_and_the_secret_are_those_of_aws() {
    const NAME: &str = "the_bucket_and_the_secret_are_those_of_aws";
    let manager = match SecretsManager::start().await {
        Ok(manager) => manager,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    let world = world(4).await;
    let said = world.text(SAID).await;
    let mut environment: BTreeMap<String, String> = manager.environment().into_iter().collect();
    environment.insert("APP_SECRET_ARN".to_owned(), manager.store("archive", &json!(world.operator())).await);
    environment.insert("ARCHIVE_AFTER_DAYS".to_owned(), "100".to_owned());
    environment.insert("ARCHIVE_BUCKET".to_owned(), "archives".to_owned());
    let host = start_function("archive", &environment, LogSink::capture()).await;
    assert!(host.invoke("archive", json!({})).await.is_err(), "there is no such bucket");
    assert_eq!((world.count(LEFT).await, world.count(ARCHIVED).await), (40, 0));
    manager.make_bucket("archives").await;
    let report = host.invoke("archive", json!({})).await.expect("a report");
    assert_eq!(report["conversations"], 4);
    assert_eq!((world.count(LEFT).await, world.count(ARCHIVED).await), (0, 40));
    assert_eq!(world.count("SELECT count(*) FROM navigator.archives WHERE status = 'writing'").await, 0);
    host.shutdown().await;
    let place = world.text("SELECT place || '/' || name FROM navigator.archives").await;
    let key = place.strip_prefix("s3://archives/").expect("in the bucket");
    assert!(key.starts_with("conversations/"), "{key}");
    let path = world.file("back.jsonl.gz", manager.object("archives", key).await);
    assert!(world.printed(&["archive", "list"]).contains(key));
    world.printed(&["archive", "restore", utf8(&path)]);
    assert_eq!(world.text(SAID).await, said);
}
