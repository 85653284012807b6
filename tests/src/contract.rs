//! functions/openapi.yaml as a judge: which operations there are, and whether a reply is one of theirs.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use launcher::workspace;
use serde_json::{Value, json};
use shared::db::Statement;

/// The document, as JSON.
pub static OPENAPI: LazyLock<Value> = LazyLock::new(|| {
    let text = std::fs::read_to_string(workspace::root().join("functions/openapi.yaml")).expect("openapi.yaml");
    serde_yaml_ng::from_str(&text).expect("YAML")
});

static VALIDATORS: LazyLock<Mutex<BTreeMap<String, std::sync::Arc<jsonschema::Validator>>>> =
    LazyLock::new(Mutex::default);

/// Method and path of every operation.
pub fn operations() -> Vec<(String, String)> {
    let paths = OPENAPI["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods =
                ["get", "post", "put", "patch", "delete"].into_iter().filter(|method| item.get(method).is_some());
            methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
        })
        .collect()
}

/// Panics unless the document allows this reply to this request.
pub fn judge(method: &str, path: &str, status: u16, content_type: &str, body: &Value) {
    let path = path.split('?').next().unwrap_or(path);
    let pattern = operations().into_iter().find(|(wanted, pattern)| wanted == method && fits(pattern, path));
    let Some((_, pattern)) = pattern else {
        assert!(matches!(status, 404 | 405), "{method} {path} is no operation, but answered {status}: {body}");
        return judge_schema("Problem", method, path, status, body);
    };
    let operation = &OPENAPI["paths"][&pattern][method.to_lowercase()];
    let response = &operation["responses"][status.to_string()];
    assert!(!response.is_null(), "{method} {pattern} may not answer {status}: {body}");
    let response = match response["$ref"].as_str() {
        Some(reference) => OPENAPI.pointer(reference.trim_start_matches('#')).expect("a response"),
        None => response,
    };
    if response["content"].is_null() {
        assert!(
            body.is_null() && content_type.is_empty(),
            "{method} {pattern} answers {status} without a body: {body}"
        );
        return;
    }
    let media_type = content_type.split(';').next().unwrap_or_default();
    let content = response["content"].get(media_type);
    let content = content.unwrap_or_else(|| panic!("{method} {pattern} may not answer {status} with {content_type}"));
    if !media_type.ends_with("json") {
        return;
    }
    let name = content["schema"]["$ref"].as_str().and_then(|text| text.rsplit('/').next()).expect("a named schema");
    judge_schema(name, method, path, status, body);
}

fn judge_schema(name: &str, method: &str, path: &str, status: u16, body: &Value) {
    let validator = {
        let mut validators = VALIDATORS.lock().expect("no panic while it is held");
        let made = validators.entry(name.to_owned()).or_insert_with(|| {
            let schema = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$ref": format!("#/components/schemas/{name}"),
                "components": OPENAPI["components"],
            });
            std::sync::Arc::new(jsonschema::validator_for(&schema).expect("a schema"))
        });
        made.clone()
    };
    let errors: Vec<String> =
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{method} {path} answered {status} unlike {name}: {errors:?}\n{body}");
}

fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    let same =
        |(wanted, given): (&&str, &&str)| if wanted.starts_with('{') { !given.is_empty() } else { wanted == given };
    pattern.len() == path.len() && pattern.iter().zip(&path).all(same)
}

/// Every statement that the functions send on behalf of a request or the schedule.
pub fn statements() -> Vec<&'static Statement> {
    [
        &shared::accounts::statements()[..],
        &shared::accounts::mail::STATEMENTS[..],
        &shared::conversations::STATEMENTS[..],
        &shared::readiness::STATEMENTS[..],
        &shared::workflow::statements()[..],
        &shared::regulatory::STATEMENTS[..],
    ]
    .concat()
}
