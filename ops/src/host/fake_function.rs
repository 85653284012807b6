//! A function for the host's own tests: this very test binary, started again as a process that speaks the Runtime API and
//! does what the event's body says.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};

/// The environment variable that says how initialisation goes.
pub(super) const INIT: &str = "FAKE_INIT";

/// A program that starts `serve` below: a function's binary gets no arguments, the test binary needs some.
pub(super) fn binary() -> PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY
        .get_or_init(|| {
            let test_binary = std::env::current_exe().expect("this program");
            let script = test_binary.with_extension("fake-function");
            let name = "host::fake_function::serve";
            let text = format!("#!/bin/sh\nexec '{}' --exact {name} --nocapture\n", test_binary.display());
            // Renamed into place: another run may execute it at this moment.
            let draft = script.with_extension(format!("draft-{}", std::process::id()));
            fs::write(&draft, text).expect("a script");
            fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).expect("permissions");
            fs::rename(&draft, &script).expect("the script in place");
            script
        })
        .clone()
}

/// The process; nothing when run as one of the tests.
#[tokio::test]
async fn serve() {
    let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") else { return };
    let (http, base) = (reqwest::Client::new(), format!("http://{api}/2018-06-01/runtime"));
    match std::env::var(INIT).as_deref() {
        Ok("refuse") => {
            println!("JWT_SECRET_KEY is missing");
            std::process::exit(1);
        }
        Ok("report") => {
            http.post(format!("{base}/init/error")).body("DATABASE_URL is no URL").send().await.expect("a reply");
            std::process::exit(1);
        }
        _ => {}
    }
    loop {
        let taken = http.get(format!("{base}/invocation/next")).send().await.expect("an invocation");
        let id = taken.headers()["lambda-runtime-aws-request-id"].to_str().expect("an id").to_owned();
        let event: Value = taken.json().await.expect("an event");
        let (path, answer) = work(event["body"].as_str().unwrap_or_default()).await;
        http.post(format!("{base}/invocation/{id}/{path}")).json(&answer).send().await.expect("a reply");
    }
}

async fn work(command: &str) -> (&'static str, Value) {
    match command {
        "crash" => std::process::abort(),
        "hang" => std::future::pending().await,
        "nap" => tokio::time::sleep(Duration::from_millis(300)).await,
        "report" => return ("error", json!({ "errorMessage": "boom" })),
        "garble" => {
            use std::io::Write as _;
            std::io::stdout().write_all(b"caf\xe9\nafter it\n").expect("stdout");
        }
        "big" => return ("response", json!({ "statusCode": 200, "body": "x".repeat(4 << 20) })),
        _ => {}
    }
    let environment: Vec<String> = std::env::vars().map(|(name, _)| name).collect();
    let body = json!({ "pid": std::process::id(), "command": command, "environment": environment });
    ("response", json!({ "statusCode": 200, "body": body.to_string() }))
}
