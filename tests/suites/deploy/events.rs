//! tests/events: one event per function, for `sam local invoke` and `cargo lambda invoke`, each of the shape in which it comes.

use launcher::workspace;
use serde_json::{Map, Value, json};
use tests::product::product;
use tests::template::Template;

fn event(binary: &str) -> Value {
    let path = workspace::root().join(format!("tests/events/{binary}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The parameters of a path that fits a pattern.
fn parameters(pattern: &str, path: &str) -> Option<Map<String, Value>> {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    let mut found = Map::new();
    for (wanted, given) in pattern.iter().zip(&path) {
        match wanted.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => drop(found.insert(name.to_owned(), Value::from(*given))),
            None if wanted == given => {}
            None => return None,
        }
    }
    (pattern.len() == path.len()).then_some(found)
}

#[test]
fn each_event_has_the_shape_in_which_the_gateway_or_the_schedule_sends_it() {
    let template = Template::read();
    for (binary, function) in template.functions() {
        let event = event(binary);
        let routes: Vec<String> = template
            .routes()
            .into_iter()
            .filter(|(_, _, owner)| owner == binary)
            .map(|(method, path, _)| format!("{method} {path}"))
            .collect();
        if routes.is_empty() {
            assert!(function.events().iter().any(|event| event["Type"] == "Schedule"), "{binary}: nothing invokes it");
            assert_eq!((&event["source"], &event["detail-type"]), (&json!("aws.events"), &json!("Scheduled Event")));
            assert!(event["resources"][0].as_str().is_some_and(|arn| arn.contains(":rule/")), "{binary}");
            continue;
        }
        let key = event["routeKey"].as_str().expect("a route");
        assert!(routes.iter().any(|route| route == key), "{binary} has no route {key}");
        let (method, pattern) = key.split_once(' ').expect("a method");
        let context = &event["requestContext"];
        assert_eq!((&event["version"], &context["routeKey"]), (&json!("2.0"), &json!(key)), "{binary}");
        assert_eq!(context["http"]["method"], method, "{binary}");
        assert_eq!(context["http"]["path"], event["rawPath"], "{binary}");
        for field in ["accountId", "apiId", "domainName", "requestId", "stage", "time", "timeEpoch"] {
            assert!(!context[field].is_null(), "{binary}: {field}");
        }
        let found = parameters(pattern, event["rawPath"].as_str().expect("a path"));
        let found = found.unwrap_or_else(|| panic!("{binary}: {} is no {pattern}", event["rawPath"]));
        let given = event["pathParameters"].as_object().cloned().unwrap_or_default();
        assert_eq!(given, found, "{binary}");
        let query = event["rawQueryString"].as_str().expect("a query");
        let spelled: Map<String, Value> = reqwest::Url::parse(&format!("http://x/?{query}"))
            .expect("a query")
            .query_pairs()
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect();
        assert_eq!(event["queryStringParameters"].as_object().cloned().unwrap_or_default(), spelled, "{binary}");
        assert_eq!(event["isBase64Encoded"], false, "{binary}");
        let takes_body = !tests::contract::OPENAPI["paths"][pattern][method.to_lowercase()]["requestBody"].is_null();
        assert_eq!(event["body"].is_string(), takes_body, "{binary}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_event_is_answered_by_its_function() {
    let product = product().await;
    let mut token = "TOKEN_FROM_LOGIN".to_owned();
    for (binary, status) in [
        ("health", 200),
        ("register", 201),
        ("login", 200),
        ("navigator", 200),
        ("history", 200),
        ("workflow", 200),
        ("regulatory", 200),
        // Its refresh token is nobody's.
        ("session", 401),
    ] {
        let mut event = event(binary);
        if let Some(header) = event["headers"].get_mut("authorization") {
            assert_eq!(header, "Bearer TOKEN_FROM_LOGIN", "{binary}");
            *header = Value::from(format!("Bearer {token}"));
        }
        let answer = product.host.invoke(binary, event).await.unwrap_or_else(|failure| panic!("{binary}: {failure:?}"));
        assert_eq!(answer["statusCode"], status, "{binary}: {answer}");
        if binary == "login" {
            let body: Value = serde_json::from_str(answer["body"].as_str().expect("a body")).expect("JSON");
            body["access_token"].as_str().expect("a token").clone_into(&mut token);
        }
    }
    let report = product.host.invoke("resume", event("resume")).await.expect("a report");
    assert_eq!((&report["found"], &report["errors"]), (&json!(0), &json!(0)), "{report}");
}
