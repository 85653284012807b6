//! `ops export`, and back.

use std::os::unix::fs::PermissionsExt as _;

use tests::product::product;

use super::world::{SAID, WRONG_HEADS, World, utf8};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_exported_and_imported_elsewhere_is_the_same() {
    let product = product().await;
    let world = World::of(&product).await;
    let (ana, ben) = (product.api.person().await, product.api.person().await);
    for (person, conversation) in [(&ana, "c"), (&ana, "d"), (&ben, "c")] {
        for question in ["My plan denied my MRI. What can I do?", "¿Qué es un deducible?", "What is a copay?"] {
            product.api.ask(person, conversation, question).send().await.expect(200);
        }
    }
    let path = world.path("all.jsonl");
    let output = world.ops(&["export", utf8(&path), "--all"]);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "3 conversations with 18 messages\n");
    assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    let other = World::new().await;
    for person in [&ana, &ben] {
        other.person(&person.email).await;
    }
    let printed = other.printed(&["import", "conversations", utf8(&path)]);
    assert_eq!(printed, "21 lines: 21 imported, 0 already there, 0 refused\n");
    assert_eq!(other.text(SAID).await, world.text(SAID).await);
    assert_eq!(other.count(WRONG_HEADS).await, 0);
    let again = other.path("again.jsonl");
    other.printed(&["export", utf8(&again), "--all"]);
    let lines = |path| {
        std::fs::read_to_string(path)
            .expect("text")
            .lines()
            .map(ToOwned::to_owned)
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(lines(&again), lines(&path));
    // Where it came from it changes nothing.
    let printed = world.printed(&["import", "conversations", utf8(&path)]);
    assert_eq!(printed, "21 lines: 0 imported, 21 already there, 0 refused\n");
    let of_ben = world.printed(&["export", "-", "--user", &ben.email, "--ids"]);
    assert_eq!(of_ben.lines().count(), 7);
    assert!(of_ben.lines().all(|line| line.contains(&ben.id)) && !of_ben.contains(&ben.email));
    let tomorrow = (chrono::Utc::now() + chrono::TimeDelta::days(1)).date_naive().to_string();
    assert_eq!(world.printed(&["export", "-", "--all", "--since", &tomorrow]), "");
    assert_eq!(world.count("SELECT count(*) FROM navigator.audit_log WHERE action = 'operator.export'").await, 3);
    let sql =
        format!("SELECT count(*) FROM navigator.audit_log WHERE action = 'operator.export' AND subject = '{}'", ben.id);
    assert_eq!(world.count(&sql).await, 1);
}
