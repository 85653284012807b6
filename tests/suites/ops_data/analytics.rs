//! `ops analytics`.

use std::collections::BTreeMap;

use tests::product::product;

use super::world::{World, message, utf8};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_numbers_are_those_of_a_known_set_and_nothing_of_anybody_is_among_them() {
    let product = product().await;
    let world = World::of(&product).await;
    let mut people = Vec::new();
    for _ in 0..6 {
        people.push(product.api.person().await);
    }
    for person in &people {
        product.api.ask(person, "term", "What is a deductible?").send().await.expect(200);
        product.api.ask(person, "plan", "My plan denied my MRI. What can I do?").send().await.expect(200);
    }
    for person in &people[..4] {
        product.api.ask(person, "es", "¿Qué es un deducible?").send().await.expect(200);
    }
    let path = world.file("f.jsonl", message(&people[0].email, "imported", 0).to_string());
    world.printed(&["import", "conversations", utf8(&path)]);
    let csv = world.printed(&["analytics", "--csv"]);
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("section,group,measure,value"));
    let numbers: BTreeMap<String, String> =
        lines.filter_map(|line| line.rsplit_once(',')).map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let number = |key: &str| numbers.get(key).map(String::as_str).unwrap_or_else(|| panic!("{key} in {csv}"));
    let today = chrono::Utc::now().date_naive();
    assert_eq!(number(&format!("volume,{today},turns")), "16");
    assert_eq!(number(&format!("volume,{today},conversations")), "16");
    assert_eq!(number(&format!("volume,{today},people")), "6");
    assert_eq!(number("topics,explain_term,turns"), "10");
    assert_eq!(number("topics,appeal_denial,turns"), "6");
    assert_eq!(number("outcomes,completed,turns"), "16");
    assert_eq!(number("languages,en,turns"), "12");
    assert_eq!(number("languages,es,turns"), "<5 people");
    assert_eq!(number("needs that stayed open,appeal,conversations"), "6");
    assert!(number("latency of a turn (ms),completed,p50").parse::<u64>().is_ok(), "{csv}");
    assert!(number("latency of a step (ms),security_check,p99").parse::<u64>().is_ok(), "{csv}");
    assert!(numbers.keys().any(|key| key.starts_with("missing facts,notice_date,")), "{csv}");
    let table = world.printed(&["analytics"]);
    for text in [&csv, &table] {
        for word in
            ["@", "MRI", "deductible", "deducible"].into_iter().chain(people.iter().map(|person| person.id.as_str()))
        {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
    assert!(table.contains("turns (<5 people)"), "{table}");
    let earlier = world.printed(&["analytics", "--csv", "--since", "2020-01-01", "--until", "2020-01-31"]);
    assert_eq!(earlier, "section,group,measure,value\r\n");
    let earlier = world.printed(&["analytics", "--since", "2020-01-01", "--until", "2020-01-31"]);
    assert_eq!(earlier, "no turn from 2020-01-01 to 2020-01-31 (imported conversations have no run)\n");
}
