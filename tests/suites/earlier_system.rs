//! The earlier system's form of `POST /chat/navigator`: its navigator's output, as it is sent by whoever still has that system in
//! front. The payloads are files (`tests/golden/earlier_system`); each is posted to the running product.

use serde_json::{Value, json};
use tests::client::{Answer, Person};
use tests::product::{Product, product};

/// The payloads by the names of their files.
fn golden() -> Vec<(String, Value)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/earlier_system");
    let mut found: Vec<(String, Value)> = std::fs::read_dir(folder)
        .expect("the folder")
        .flatten()
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).expect("a file");
            (entry.file_name().to_string_lossy().into_owned(), serde_json::from_str(&text).expect("JSON"))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

async fn post(product: &Product, person: &Person, payload: &Value) -> Answer {
    product.api.post("/chat/navigator", payload).token(&person.token).send().await
}

fn texts<'a>(expected: &'a Value, name: &str) -> Vec<&'a str> {
    expected[name].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_payload_is_answered_by_the_persons_words_and_what_was_told_beside_them() {
    let product = product().await;
    let golden = golden();
    let kinds = ["expert_request", "service_request", "symptom_report", "policy_question"];
    for kind in kinds {
        let is_there = golden.iter().any(|(_, one)| one["payload"]["data"]["meta_intent"]["request_type"] == kind);
        assert!(is_there, "no payload is a {kind}");
    }
    for (name, one) in &golden {
        // Somebody new each time: what one payload told is known in the conversation's next turn.
        let person = product.api.person().await;
        let mut payload = one["payload"].clone();
        payload["user_id"] = person.id.clone().into();
        let call = || product.api.post("/chat/navigator", &payload).token(&person.token).key("once");
        let answer = call().send().await.expect(200);
        let (content, expected) = (answer.content(), &one["reply"]);
        if let Some(beginning) = expected["begins"].as_str() {
            assert!(content.starts_with(beginning), "{name}: {content}");
            assert!(content.len() > beginning.len(), "{name}: there is more than {content}");
        }
        for text in texts(expected, "contains") {
            assert!(content.to_lowercase().contains(&text.to_lowercase()), "{name}, {text}: {content}");
        }
        for text in texts(expected, "lacks") {
            assert!(!content.contains(text), "{name}, {text}: {content}");
        }
        let is_emergency = answer.json["response_type"] == "emergency";
        assert!(expected["calm"] != true || !is_emergency, "{name}: {content}");
        if let Some(kind) = expected["type"].as_str() {
            assert_eq!(answer.json["response_type"], kind, "{name}: {content}");
        }
        assert_eq!(answer.json["conversation_id"], "e1", "{name}");
        assert_eq!(call().send().await.expect(200).text, answer.text, "{name}: the same request, the same bytes");
        let path = "/conversations/e1/history?include_metadata=true";
        let history = product.api.get(path).token(&person.token).send().await.expect(200);
        let first = &history.json["messages"][0];
        assert_eq!(first["content"], one["words"], "{name}");
        assert_eq!(first["metadata"]["source"], "navigator_output", "{name}");
        let told = first["metadata"]["data"].to_string();
        assert!(!told.contains("raw_user_text") && !told.contains(":null"), "{name}: {told}");
        let list = product.api.get("/conversations").token(&person.token).send().await.expect(200);
        let source = json!({ "source": "navigator_output" });
        assert_eq!(list.json["conversations"][0]["metadata"], source, "{name}: nothing of what was told");
    }
    assert!(golden.len() >= 12);
}

/// What was told is one turn's: another message in the same conversation is no emergency because the one before was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alarm_is_that_of_its_own_message_and_facts_stay() {
    let product = product().await;
    let person = product.api.person().await;
    let told = |words: &str, alarm: Value| {
        json!({ "data": { "meta_intent": { "emergency": alarm, "insurance": "Medicare Advantage" },
                          "metadata": { "raw_user_text": words } }, "session_id": "c" })
    };
    let first = post(&product, &person, &told("My plan denied my MRI.", json!(true))).await.expect(200);
    assert_eq!(first.json["response_type"], "emergency");
    let second = post(&product, &person, &told("My plan denied my MRI.", json!("unsure"))).await.expect(200);
    assert!(second.content().starts_with("Emergency? Call 911."), "{}", second.content());
    assert!(!second.content().contains("What kind of plan"), "it was told: {}", second.content());
    let third = product.api.ask(&person, "c", "The letter is dated November 2, 2026").send().await.expect(200);
    assert!(!third.content().starts_with("Emergency?"), "{}", third.content());
    assert!(third.content().contains("January 6, 2027"), "the plan that was told: {}", third.content());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_of_the_form_is_named_and_stores_nothing() {
    let product = product().await;
    let person = product.api.person().await;
    let words = |mut data: Value| {
        data["metadata"]["raw_user_text"] = "What is a copay?".into();
        data
    };
    let cases = [
        (json!({ "metadata": null }), "/data/metadata/raw_user_text", "is missing"),
        (json!({ "meta_intent": { "summary": null } }), "/data/metadata/raw_user_text", "is missing"),
        (json!({ "meta_intent": { "summary": " " } }), "/data/meta_intent/summary", "must not be empty"),
        (json!({ "metadata": { "raw_user_text": 7 } }), "/data/metadata/raw_user_text", "must be a string"),
        (json!({ "metadata": { "raw_user_text": "x".repeat(16_385) } }), "/data/metadata/raw_user_text", "at most"),
        (words(json!({ "meta_intent": { "emergency": "maybe" } })), "/data/meta_intent/emergency", "\"unsure\""),
        (words(json!({ "meta_intent": { "emergency": 1 } })), "/data/meta_intent/emergency", "\"unsure\""),
        (
            words(json!({ "meta_intent": { "request_type": "order" } })),
            "/data/meta_intent/request_type",
            "expert_request",
        ),
        (words(json!({ "meta_intent": ["expert_request"] })), "/data/meta_intent", "must be an object"),
        (
            words(json!({ "meta_intent": { "location": { "city": "Austin" } } })),
            "/data/meta_intent/location",
            "a string",
        ),
        (words(json!({ "clinical_context": { "body": "foot" } })), "/data/clinical_context/body", "must be an object"),
        (words(json!({ "clinical_context": { "symptom": "a\0b" } })), "/data/clinical_context/symptom", "U+0000"),
        (words(json!({ "service_intent": { "service": "x".repeat(8_200) } })), "/data", "at most 8192 bytes"),
        (words(json!({ "service_intent": { "colour": "red" } })), "/data/service_intent/colour", "unknown field"),
        (words(json!({ "service_context": {} })), "/data/service_context", "unknown field"),
    ];
    for (data, pointer, says) in cases {
        let answer = post(&product, &person, &json!({ "data": data, "session_id": "c" })).await.expect(422);
        let error = &answer.json["errors"][0];
        assert_eq!(error["pointer"], pointer, "{}", answer.text);
        assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(says)), "{says}: {}", answer.text);
    }
    for (data, pointer) in [(json!([]), "/data"), (json!("x"), "/data"), (Value::Null, "/message")] {
        let answer = post(&product, &person, &json!({ "data": data })).await.expect(422);
        assert_eq!(answer.json["errors"][0]["pointer"], pointer, "{}", answer.text);
    }
    assert_eq!(product.count("SELECT count(*) FROM navigator.conversations").await, 0);
}
