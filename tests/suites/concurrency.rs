//! Twenty at once: none lost.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tests::client::PASSWORD;
use tests::product::{Options, product_with};

async fn product() -> tests::product::Product {
    product_with(Options { processes: 4, pool_size: 10, ..Options::default() }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_first_messages_to_new_conversations_are_all_answered() {
    let product = product().await;
    let person = product.api.person().await;
    let asks = (0..20).map(|n| product.api.ask(&person, &format!("new-{n}"), "What is a copay?").send());
    for answer in join_all(asks).await {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    assert_eq!(product.count("SELECT count(*) FROM navigator.conversation_messages").await, 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_messages_to_one_conversation_are_answered_or_told_when_to_come_back() {
    let product = product().await;
    let person = product.api.person().await;
    let asks = (0..20).map(|n| {
        let (product, person) = (&product, &person);
        async move {
            for _ in 0..200 {
                let answer =
                    product.api.ask(person, "one", &format!("What is a copay? {n}")).key(&format!("k{n}")).send().await;
                if answer.status == 200 {
                    return;
                }
                assert_eq!(answer.status, 409, "{}", answer.text);
                assert!(answer.headers.contains_key("retry-after"));
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            panic!("message {n} was never answered");
        }
    });
    join_all(asks).await;
    let messages = product.api.messages(&person, "one").await;
    assert_eq!(messages.len(), 40);
    for (n, pair) in messages.chunks(2).enumerate() {
        assert_eq!((pair[0].0.as_str(), pair[1].0.as_str()), ("user", "assistant"), "pair {n}");
    }
    for n in 0..20 {
        let text = format!("What is a copay? {n}");
        assert_eq!(messages.iter().filter(|(_, content)| *content == text).count(), 1, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_equal_registrations_at_once_one_is_created_and_the_others_are_told() {
    let product = product().await;
    let registrations = (0..12).map(|n| {
        let email = if n % 2 == 0 { "Race@Example.org" } else { "race@example.ORG" };
        product.api.post("/register", &json!({ "email": email, "password": PASSWORD, "full_name": "R" })).send()
    });
    let mut statuses: Vec<u16> = join_all(registrations).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    assert!(statuses[1..].iter().all(|status| *status == 409), "{statuses:?}");
}
