//! Functions in SAM's container (`sam local invoke`) over `cargo dev --docker`, where a Docker engine answers.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use launcher::workspace;
use ops::stack::LocalServer;
use serde_json::Value;
use tests::binaries::{GLIBC_OF_THE_RUNTIME, glibc};
use tests::local_dev::Ground;
use tests::product::binary;
use tests::python::Python;
use tests::sam::{command, said, tools};
use tests::template::altered;

const IMAGE: &str = "public.ecr.aws/lambda/provided:al2023-x86_64";

/// A folder with the `bootstrap` of a function: what sam build made, or what the suite has built, when that runs on the runtime.
fn bootstrap(function: &str, name: &str) -> Result<PathBuf, String> {
    let built = workspace::root().join(".aws-sam/build").join(function);
    if built.join("bootstrap").is_file() {
        return Ok(built);
    }
    let own = binary(name);
    if glibc(&own).is_none_or(|version| version > GLIBC_OF_THE_RUNTIME) {
        return Err("this machine's glibc is newer than the runtime's; run: sam build".to_owned());
    }
    let folder = tests::stack::folder("bootstrap");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).expect("readable");
    std::fs::copy(own, folder.join("bootstrap")).expect("copied");
    Ok(folder)
}

fn docker(arguments: &[&str]) -> Option<String> {
    let output = Command::new("docker").args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// What it takes, or why it is not there.
fn prerequisites() -> Result<(Python, [PathBuf; 2]), String> {
    docker(&["info", "--format", "{{.ServerVersion}}"]).ok_or("no Docker engine answers")?;
    let folders = [bootstrap("RegisterFunction", "register")?, bootstrap("NavigatorFunction", "navigator")?];
    Ok((tools()?, folders))
}

/// A number out of the database of `cargo dev`.
async fn count(ground: &Ground, sql: &str) -> i64 {
    let server = LocalServer::prepare(&ground.folder, ground.database_port()).await.expect("the server");
    let client = server.superuser("navigator").await.expect("a connection");
    client.query_one(sql, &[]).await.expect("a count").get(0)
}

async fn invoke(tools: &Python, function: &str, arguments: &[&str]) -> Value {
    // The image that is there is good enough; only where there is none is it pulled.
    let pull = docker(&["image", "inspect", IMAGE]).map(|_| "--skip-pull-image");
    let all: Vec<&str> = ["local", "invoke", function].iter().chain(arguments).copied().chain(pull).collect();
    let mut sam = command(tools, "sam", &all);
    let output = tokio::task::spawn_blocking(move || sam.output().expect("sam")).await.expect("it ran");
    println!("{}", said(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let answer = text.lines().rev().find_map(|line| serde_json::from_str::<Value>(line).ok());
    answer.unwrap_or_else(|| panic!("{function} has no answer: {}", said(&output)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sam_local_invoke_registers_somebody_and_answers_a_question() {
    let (tools, [register, navigator]) = match prerequisites() {
        Ok(found) => found,
        Err(reason) => {
            return tests::skip("sam_local_invoke_registers_somebody_and_answers_a_question", &reason);
        }
    };
    let ground = Ground::new();
    let serving = ground.serve(&["--docker"]);
    let of = |folder: PathBuf| format!("CodeUri: {}", folder.display());
    let (register, navigator) = (of(register), of(navigator));
    let roots = format!("ContentUri: {}", workspace::root().join("functions/roots").display());
    let template = altered(&[
        ("CodeUri: functions/register", &register),
        ("CodeUri: functions/navigator", &navigator),
        ("ContentUri: functions/roots", &roots),
    ]);
    let printed = ground.ops(&["--print-sam-env"]);
    assert!(printed.status.success(), "{}", said(&printed));
    let (variables, event) = (template.with_file_name("env.json"), template.with_file_name("event.json"));
    std::fs::write(&variables, printed.stdout).expect("written");
    let (template, variables) = (template.display().to_string(), variables.display().to_string());
    let secret = "SecretArn=arn:aws:secretsmanager:us-east-1:000000000000:secret:none";
    let arguments = ["-t", &template, "-n", &variables, "--parameter-overrides", secret, "-e"];
    let registered = [&arguments[..], &["tests/events/register.json"]].concat();
    let answer = invoke(&tools, "RegisterFunction", &registered).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(count(&ground, "SELECT count(*) FROM navigator.users").await, 1);
    let body: Value = serde_json::from_str(answer["body"].as_str().expect("a body")).expect("JSON");
    let text = std::fs::read_to_string(workspace::root().join("tests/events/navigator.json")).expect("the event");
    let text = text.replace("TOKEN_FROM_LOGIN", body["access_token"].as_str().expect("a token"));
    std::fs::write(&event, text).expect("written");
    let event = event.display().to_string();
    let asked = [&arguments[..], &[&event]].concat();
    let answer = invoke(&tools, "NavigatorFunction", &asked).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(count(&ground, "SELECT count(*) FROM navigator.conversation_messages").await, 2);
    drop(serving);
}
