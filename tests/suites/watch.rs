//! The main job and every route of the contract over `cargo lambda watch`. cargo-lambda comes from PyPI when it is not on the PATH.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use launcher::install::find_program;
use launcher::process::{free_port, supervised};
use launcher::workspace;
use serde_json::{Value, json};
use tests::client::{Api, Call, PASSWORD, Person};
use tests::contract::{OPENAPI, operations};
use tests::product::product;
use tests::python::Python;

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
    let folder = tests::stack::folder("watch");
    let env_file = folder.join("env");
    let text: String = product
        .environment
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"\n", value.replace('\n', "\\n")))
        .collect();
    std::fs::write(&env_file, text).expect("the environment");
    let port = free_port().expect("a port");
    let mut command = tokio::process::Command::from(supervised(&program, None, "TERM"));
    command
        .args([
            "lambda",
            "watch",
            "--ignore-changes",
            "--no-default-features",
            "-A",
            "127.0.0.1",
            "-P",
            &port.to_string(),
            "--env-file",
        ])
        .arg(&env_file)
        .current_dir(workspace::root())
        .env("CARGO_TARGET_DIR", workspace::target())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.join("log")).expect("a log"))
        .process_group(0)
        .kill_on_drop(true);
    let mut watch = command.spawn().expect("cargo lambda watch");
    let group = watch.id().expect("a process id");
    let api = Api::new(format!("http://127.0.0.1:{port}"));
    let until = Instant::now() + Duration::from_secs(60);
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(Instant::now() < until && watch.try_wait().expect("a state").is_none(), "it did not start: {}", log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    main_job(&api).await;
    every_route(&api).await;
    // The whole group: cargo lambda starts cargo, and cargo the functions.
    std::process::Command::new("sh").args(["-c", &format!("kill -TERM -{group}")]).status().expect("kill");
    watch.wait().await.expect("an end");
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
