//! The main job and every route of the contract over `cargo lambda watch`: its routing, its events and its Runtime API. The
//! functions are the suite's own binaries (`--only-lambda-apis`): what it would build has other features, would take minutes, and
//! would replace them under the other tests. cargo-lambda comes from PyPI when it is not on the PATH.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use launcher::install::find_program;
use launcher::process::{free_port, supervised};
use launcher::workspace;
use serde_json::{Value, json};
use tests::client::{Api, Call, PASSWORD, Person};
use tests::contract::{OPENAPI, operations};
use tests::product::{binary, product};
use tests::python::Python;
use tokio::process::Child;

/// cargo-lambda, found or installed; or why it is not there.
fn program() -> Result<PathBuf, String> {
    let pins = workspace::root().join("tests/cargo-lambda/requirements.txt");
    let install = || Ok(Python::install("cargo-lambda-venv", &pins)?.script("cargo-lambda"));
    find_program("cargo-lambda").map_or_else(install, Ok)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cargo_lambda_watch_does_the_main_job_and_serves_every_route() {
    let program = match program() {
        Ok(program) => program,
        Err(reason) => {
            return tests::skip("cargo_lambda_watch_does_the_main_job_and_serves_every_route", &reason);
        }
    };
    let product = product().await;
    let log = tests::stack::folder("watch").join("log");
    let port = free_port().expect("a port");
    let mut command = tokio::process::Command::from(supervised(&program, None, "TERM"));
    command
        .args(["lambda", "watch", "--only-lambda-apis", "-A", "127.0.0.1", "-P", &port.to_string()])
        .current_dir(workspace::root())
        .env("CARGO_TARGET_DIR", workspace::target())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log).expect("a log"))
        .kill_on_drop(true);
    let mut watch = command.spawn().expect("cargo lambda watch");
    let api = Api::new(format!("http://127.0.0.1:{port}"));
    let until = Instant::now() + Duration::from_secs(60);
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        assert!(Instant::now() < until && watch.try_wait().expect("a state").is_none(), "it did not start: {}", said());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let functions: Vec<Child> =
        workspace::SERVED.iter().map(|name| function(name, port, &product.environment)).collect();
    main_job(&api).await;
    every_route(&api).await;
    for mut function in functions {
        function.kill().await.expect("an end");
    }
    watch.kill().await.expect("an end");
}

/// A function that takes its events from cargo-lambda's Runtime API.
fn function(name: &str, port: u16, environment: &BTreeMap<String, String>) -> Child {
    let mut command = tokio::process::Command::from(supervised(&binary(name), None, "KILL"));
    command
        .env_clear()
        .envs(environment)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("AWS_LAMBDA_RUNTIME_API", format!("http://127.0.0.1:{port}/.rt/{name}"))
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command.spawn().unwrap_or_else(|error| panic!("{name}: {error}"))
}

async fn main_job(api: &Api) {
    let person = api.person().await;
    api.post("/login", &json!({ "email": person.email, "password": PASSWORD })).send().await.expect(200);
    let answer = api.ask(&person, "watched", "My plan denied my MRI").key("k").send().await.expect(200);
    assert_eq!(
        api.ask(&person, "watched", "My plan denied my MRI").key("k").send().await.expect(200).text,
        answer.text
    );
    assert_eq!(api.messages(&person, "watched").await.len(), 2);
    api.get("/health/ready").send().await.expect(200);
}

/// A request without a token or a body to each operation: whoever must be logged in is told so, a missing body is named, and
/// the rest answers. `Call::send` holds each reply against the contract.
async fn every_route(api: &Api) {
    for (method, pattern) in operations() {
        let operation = &OPENAPI["paths"][&pattern][method.to_lowercase()];
        let anyone = operation["x-roles"] == json!(["anyone"]);
        let answer = request(api, &method, &pattern, None).send().await;
        let expected: &[u16] = match (anyone, operation["requestBody"]["required"] == true) {
            (false, _) => &[401],
            (true, true) => &[400, 415],
            (true, false) => &[200],
        };
        assert!(expected.contains(&answer.status), "{method} {pattern}: {} {}", answer.status, answer.text);
    }
    // The same with a token, what ends the session last.
    let person = api.person().await;
    let mut operations = operations();
    operations.sort_by_key(|(method, pattern)| (pattern == "/me" && method == "DELETE", pattern == "/logout"));
    for (method, pattern) in operations {
        let answer = request(api, &method, &pattern, Some(&person)).send().await;
        assert!(answer.code() != "route_not_found" && answer.status < 500, "{method} {pattern}: {}", answer.text);
    }
}

/// A request to an operation, its path's parameters filled in with what they show as an example.
fn request(api: &Api, method: &str, pattern: &str, person: Option<&Person>) -> Call {
    let segments = pattern.split('/').map(|segment| match segment {
        "{conversation_id}" => "watched",
        "{rule}" => OPENAPI["components"]["parameters"]["Rule"]["example"].as_str().expect("an example"),
        "{id}" => "00000000-0000-0000-0000-000000000000",
        other => other,
    });
    let call = api.call(method, &segments.collect::<Vec<_>>().join("/"));
    let call = match person {
        Some(person) => call.token(&person.token),
        None => call,
    };
    let takes_body = OPENAPI["paths"][pattern][method.to_lowercase()]["requestBody"] != Value::Null;
    if takes_body { call.raw("application/json", Vec::new()) } else { call }
}
