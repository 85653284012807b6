//! Clients that are made from functions/openapi.yaml, as strangers would make theirs, walk the running product; and Redocly, which
//! draws its pages from it, finds nothing wrong with it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use launcher::workspace;
use serde_json::Value;
use tests::contract::OPENAPI;
use tests::node::Node;
use tests::product::product;
use tests::python::Python;
use tests::stack;

fn sources() -> PathBuf {
    workspace::root().join("tests/clients")
}

fn contract() -> PathBuf {
    workspace::root().join("functions/openapi.yaml")
}

/// Runs it to a good end; what it said, both ways.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} failed:\n{said}");
    said
}

/// Runs what walks the product, off the threads that serve it; how many replies it got.
async fn walk(mut command: Command) -> u32 {
    let product = product().await;
    command.env("SUBJECT_URL", product.host.url());
    let said = tokio::task::spawn_blocking(move || run(&mut command)).await.expect("it ran");
    let lines = product.log.lines();
    assert!(!lines.iter().any(|line| line.contains("\"status\":5")), "no failure of ours");
    let count = said.split_whitespace().next().and_then(|word| word.parse().ok());
    count.unwrap_or_else(|| panic!("it does not say how many replies it got: {said}"))
}

fn copy(from: &Path, to: &Path, names: &[&str]) {
    for name in names {
        std::fs::copy(from.join(name), to.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_in_python_is_made_from_the_contract_and_walks_the_product() {
    const NAME: &str = "a_client_in_python_is_made_from_the_contract_and_walks_the_product";
    let python = match Python::install("clients-venv", &sources().join("requirements.txt")) {
        Ok(python) => python,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    let folder = stack::folder("client-python");
    let made = folder.join("client");
    let mut generate = Command::new(python.script("openapi-python-client"));
    generate.args(["generate", "--fail-on-warning", "--path"]).arg(contract()).arg("--config");
    let said = run(generate.arg(sources().join("generator.yaml")).arg("--output-path").arg(&made));
    assert!(!said.contains("Warning"), "{said}");
    let operations = glob(&made.join("navigator_client/api"));
    assert_eq!(operations, tests::contract::operations().len(), "one module for each operation");
    let mut program = Command::new(python.program());
    program.arg(sources().join("walk.py")).env("PYTHONPATH", &made).env("PYTHONDONTWRITEBYTECODE", "1");
    let replies = walk(program).await;
    assert!(replies >= 20, "{replies} replies");
}

/// How many modules are below a folder, but for those that only mark a package.
fn glob(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    entries
        .map(|entry| match entry.path() {
            path if path.is_dir() => glob(&path),
            path => usize::from(path.extension().is_some_and(|end| end == "py") && !path.ends_with("__init__.py")),
        })
        .sum()
}

fn node() -> Result<Node, String> {
    static NODE: std::sync::OnceLock<Result<Node, String>> = std::sync::OnceLock::new();
    NODE.get_or_init(|| Node::install("clients-node", &sources())).clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_in_typescript_is_made_from_the_contract_compiles_and_walks_the_product() {
    const NAME: &str = "a_client_in_typescript_is_made_from_the_contract_compiles_and_walks_the_product";
    let node = match node() {
        Ok(node) => node,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    let folder = stack::folder("client-typescript");
    copy(&sources(), &folder, &["walk.ts", "tsconfig.json", "package.json"]);
    std::os::unix::fs::symlink(node.modules(), folder.join("node_modules")).expect("a link");
    run(node.command("openapi-typescript").arg(contract()).arg("--output").arg(folder.join("schema.ts")));
    run(node.command("tsc").arg("--project").arg(&folder));
    // The compiler does hold the walk against the contract.
    let walked = std::fs::read_to_string(folder.join("walk.ts")).expect("the walk");
    std::fs::write(folder.join("walk.ts"), walked.replace("answer.message.content", "answer.message.text"))
        .expect("written");
    let mutant = node.command("tsc").arg("--noEmit").arg("--project").arg(&folder).output().expect("tsc runs");
    assert!(!mutant.status.success(), "a member that the contract has not was accepted");
    let mut program = Command::new("node");
    program.arg(folder.join("out/walk.js"));
    let replies = walk(program).await;
    assert!(replies >= 20, "{replies} replies");
}

#[test]
fn redocly_finds_no_error_and_no_warning_in_the_contract() {
    let node = match node() {
        Ok(node) => node,
        Err(reason) => return tests::skip("redocly_finds_no_error_and_no_warning_in_the_contract", &reason),
    };
    let lint = |file: &Path| {
        let mut redocly = node.command("redocly");
        redocly.args(["lint", "--format", "json", "--config"]).arg(sources().join("redocly.yaml")).arg(file);
        let output = redocly.output().expect("redocly runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let report: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
        let problems = report["problems"].as_array().cloned().unwrap_or_default();
        (output.status.success(), problems.iter().map(|problem| problem["message"].to_string()).collect::<Vec<_>>())
    };
    assert_eq!(lint(&contract()), (true, Vec::new()));
    // A description that a comma cuts is found.
    let text = std::fs::read_to_string(contract()).expect("openapi.yaml");
    let cut = text.replace("description: \"For POST /token/refresh, good for one use\"", "description: For, one use");
    let mutant = stack::folder("redocly").join("openapi.yaml");
    std::fs::write(&mutant, cut).expect("written");
    assert!(!lint(&mutant).0, "the linter finds a stray key");
}

#[test]
fn the_lock_file_of_npm_names_no_index() {
    let text = std::fs::read_to_string(sources().join("package-lock.json")).expect("the lock file");
    let lock: Value = serde_json::from_str(&text).expect("JSON");
    let packages = lock["packages"].as_object().expect("packages");
    assert!(packages.len() > 20, "{} packages", packages.len());
    for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
        assert!(
            package["resolved"].is_null(),
            "{name} names where it was found; npm --omit-lockfile-registry-resolved"
        );
        assert!(package["integrity"].is_string(), "{name} may be anything");
    }
    let manifest = std::fs::read_to_string(sources().join("package.json")).expect("the manifest");
    let manifest: Value = serde_json::from_str(&manifest).expect("JSON");
    for (name, version) in manifest["dependencies"].as_object().expect("dependencies") {
        let version = version.as_str().expect("a version");
        assert!(version.split('.').all(|part| part.parse::<u32>().is_ok()), "{name} {version} is not one version");
    }
}

/// What a schema may have (JSON Schema 2020-12 as far as it is used here, and OpenAPI's `example`).
const KEYWORDS: [&str; 26] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "default",
    "description",
    "enum",
    "example",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "not",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "title",
    "type",
    "uniqueItems",
];

/// What is wrong with the schema at a place, and with those in it.
fn faults(place: &str, schema: &Value, found: &mut Vec<String>) {
    let Some(members) = schema.as_object() else {
        return found.push(format!("{place}: {schema} is no object; generators do not read it"));
    };
    // A flow map `{description: One, two}` has a key `two` of nothing.
    found.extend(members.keys().filter(|key| !KEYWORDS.contains(&key.as_str())).map(|key| format!("{place}: {key:?}")));
    for (name, inner) in members.get("properties").and_then(Value::as_object).into_iter().flatten() {
        faults(&format!("{place}/{name}"), inner, found);
    }
    let lists = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|name| members.get(name)?.as_array());
    let single = ["items", "not"].into_iter().filter_map(|name| members.get(name));
    for (number, inner) in lists.flatten().chain(single).enumerate() {
        faults(&format!("{place}/{number}"), inner, found);
    }
}

#[test]
fn every_schema_of_the_contract_is_an_object_of_known_keywords() {
    let schemas = OPENAPI["components"]["schemas"].as_object().expect("schemas");
    let mut found = Vec::new();
    for (name, schema) in schemas {
        faults(name, schema, &mut found);
    }
    assert_eq!(found, Vec::<String>::new());
    for wrong in ["{description: For one thing, good for one use}", "{properties: {message: false}}"] {
        let mut found = Vec::new();
        faults("wrong", &serde_yaml_ng::from_str(wrong).expect("YAML"), &mut found);
        assert_eq!(found.len(), 1, "{wrong}");
    }
    let titles: Vec<&str> = schemas.values().filter_map(|schema| schema["title"].as_str()).collect();
    assert_eq!(titles.len(), titles.iter().collect::<BTreeSet<_>>().len(), "generators name classes by titles");
}

/// Maps of the contract outside of the schemas, in which a comma may cut a text too: each `description` is followed by nothing.
#[test]
fn no_text_of_the_contract_is_cut_by_a_comma() {
    fn nothings(place: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, inner) in members {
                    let place = format!("{place}/{name}");
                    if inner.is_null() && !matches!(name.as_str(), "default" | "example" | "const") {
                        found.push(place.clone());
                    }
                    nothings(&place, inner, found);
                }
            }
            Value::Array(members) => {
                for (number, inner) in members.iter().enumerate() {
                    nothings(&format!("{place}/{number}"), inner, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    nothings("", &OPENAPI, &mut found);
    assert_eq!(found, Vec::<String>::new(), "quote the text before");
}
