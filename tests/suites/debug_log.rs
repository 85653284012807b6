//! `LOG_LEVEL=debug` says where a request went and what each step decided, and nothing that a person sent.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::canary::{Canaries, Victim, send};
use tests::product::{Options, Product, product_with};

async fn at_level(level: &str) -> Product {
    let environment = vec![("LOG_LEVEL".to_owned(), level.to_owned())];
    product_with(Options { environment, ..Options::default() }).await
}

/// The JSON lines of one request.
fn lines_of(product: &Product, request: &str) -> Vec<Value> {
    let lines = product.log.lines().into_iter();
    let json = lines.filter_map(|line| serde_json::from_str(line.split_once(": ")?.1).ok());
    json.filter(|line: &Value| line["request_id"] == request || line["span"]["request_id"] == request).collect()
}

/// Waits for the line that ends the request: it is written before the reply, and read a little after it.
async fn all_lines_of(product: &Product, request: &str) -> Vec<Value> {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        let lines = lines_of(product, request);
        if lines.iter().any(|line| line["message"] == "invocation") || std::time::Instant::now() > until {
            return lines;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn said<'a>(lines: &'a [Value], message: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["message"] == message).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lines_say_where_a_question_went_and_what_each_step_decided() {
    let product = at_level("debug").await;
    let canaries = Canaries::default();
    let victim = Victim::register(&product.api, &canaries).await;
    let answer = victim.question(&product.api, &canaries).send().await.expect(200);
    let request = answer.headers["x-request-id"].to_str().expect("an id").to_owned();
    let lines = all_lines_of(&product, &request).await;

    let asked = said(&lines, "request");
    assert_eq!((asked.len(), &asked[0]["route"]), (1, &json!("/chat/navigator")), "{lines:#?}");
    assert_eq!(said(&lines, "let in")[0]["user"], victim.id.as_str());
    let turn = said(&lines, "turn");
    assert_eq!((&turn[0]["outcome"], &turn[0]["run_id"]), (&json!("started"), &answer.json["run_id"]));

    let steps = said(&lines, "step");
    let names: Vec<&str> = steps.iter().map(|line| line["step"].as_str().expect("a name")).collect();
    assert_eq!(names, answer.steps());
    for line in &steps {
        let decision: Value = serde_json::from_str(line["decision"].as_str().expect("a decision")).expect("JSON");
        assert!(!decision.as_object().expect("an object").is_empty(), "{line}");
        assert!(line["ms"].is_u64() && line["agent"].is_string() && line["next"].is_string(), "{line}");
    }
    let decision = steps.iter().map(|line| line["decision"].as_str().unwrap_or_default()).collect::<String>();
    for value in [r#""security.verdict":"safe""#, r#""analysis.intent":"appeal_denial""#, r#""requirements.missing":["#]
    {
        assert!(decision.contains(value), "{value} in {decision}");
    }
    assert_eq!(said(&lines, "commit").len(), names.len());
    let trips: Vec<&str> = said(&lines, "round trip").iter().filter_map(|line| line["statement"].as_str()).collect();
    assert_eq!(trips.iter().filter(|name| **name == "turn_begin").count(), 1, "{trips:?}");
    assert_eq!(trips.iter().filter(|name| **name == "step_commit").count(), names.len(), "{trips:?}");

    let wrong = product.api.get("/conversations?limit=x").token(&victim.token).send().await.expect(422);
    let request = wrong.headers["x-request-id"].to_str().expect("an id").to_owned();
    assert_eq!(said(&all_lines_of(&product, &request).await, "refused")[0]["code"], "validation_failed");
}

/// Everything that a person can send, good and bad, with the log at debug: no word of it is in a line, and the lines are there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_holds_anything_that_was_sent() {
    let product = at_level("debug").await;
    let canaries = Canaries::default();
    let victim = Victim::register(&product.api, &canaries).await;
    let good = send(victim.good(&product.api, &canaries)).await;
    let bad = send(victim.bad(&product.api, &canaries)).await;
    assert!(good.iter().filter(|answer| answer.status == 200).count() >= 10);
    assert!(bad.iter().filter(|answer| answer.status >= 400).count() >= 40);
    let lines = product.log.lines();
    let leaks = canaries.found(lines.iter().map(String::as_str), &[]);
    assert!(leaks.is_empty(), "{leaks:#?}");
    let kinds: BTreeSet<&str> = ["request", "let in", "turn", "step", "commit", "round trip", "refused"]
        .into_iter()
        .filter(|kind| lines.iter().any(|line| line.contains(&format!("\"message\":\"{kind}\""))))
        .collect();
    assert_eq!(kinds.len(), 7, "{kinds:?}");
    // What another system told came along: it was looked at, and said of as much.
    assert!(lines.iter().any(|line| line.contains("\"is_told\":true")), "no turn with the earlier system's form");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_info_none_of_them_is_there() {
    let product = at_level("info").await;
    let person = product.api.person().await;
    product.api.ask(&person, "c", "What is a copay?").send().await.expect(200);
    let lines = product.log.lines();
    assert!(!lines.is_empty() && lines.iter().all(|line| !line.contains("\"level\":\"DEBUG\"")), "{lines:?}");
}
