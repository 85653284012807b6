//! Functions in SAM's container (`sam local invoke`), where a Docker engine answers.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use launcher::workspace;
use serde_json::{Value, json};
use tests::binaries::{GLIBC_OF_THE_RUNTIME, glibc};
use tests::product::{binary, product};
use tests::python::Python;
use tests::sam::{command, said, tools};
use tests::template::altered;
use tokio::net::{TcpListener, TcpStream};

const IMAGE: &str = "public.ecr.aws/lambda/provided:al2023-x86_64";

/// The address of this machine on Docker's bridge, if a server here can listen on it.
async fn bridge() -> Result<TcpListener, String> {
    let gateway = "{{(index .IPAM.Config 0).Gateway}}";
    let address = docker(&["network", "inspect", "bridge", "--format", gateway]).ok_or("Docker has no bridge")?;
    TcpListener::bind((address.as_str(), 0))
        .await
        .map_err(|error| format!("Docker's bridge is not of this machine: {error}"))
}

/// Hands each connection on to the pooler, which listens on loopback alone.
async fn relay(from: TcpListener, port: u16) {
    while let Ok((mut near, _)) = from.accept().await {
        tokio::spawn(async move {
            if let Ok(mut far) = TcpStream::connect(("127.0.0.1", port)).await {
                let _ended = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            }
        });
    }
}

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
async fn prerequisites() -> Result<(Python, [PathBuf; 2], TcpListener), String> {
    docker(&["info", "--format", "{{.ServerVersion}}"]).ok_or("no Docker engine answers")?;
    let folders = [bootstrap("RegisterFunction", "register")?, bootstrap("NavigatorFunction", "navigator")?];
    Ok((tools()?, folders, bridge().await?))
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
    let (tools, [register, navigator], listener) = match prerequisites().await {
        Ok(found) => found,
        Err(reason) => {
            return tests::skip("sam_local_invoke_registers_somebody_and_answers_a_question", &reason);
        }
    };
    let product = product().await;
    let of = |folder: PathBuf| format!("CodeUri: {}", folder.display());
    let (register, navigator) = (of(register), of(navigator));
    let roots = format!("ContentUri: {}", workspace::root().join("functions/roots").display());
    let template = altered(&[
        ("CodeUri: functions/register", &register),
        ("CodeUri: functions/navigator", &navigator),
        ("ContentUri: functions/roots", &roots),
    ]);
    let mut environment = product.environment.clone();
    // SAM's container is on the bridge, from which loopback is out of reach, and the certificate is for loopback's name.
    let mut url = reqwest::Url::parse(&environment["DATABASE_URL"]).expect("a URL");
    let address = listener.local_addr().expect("an address");
    let pooler = url.port().expect("a port");
    url.set_host(Some(&address.ip().to_string())).expect("a host");
    url.set_port(Some(address.port())).expect("a port");
    url.set_query(Some("sslmode=require"));
    environment.insert("DATABASE_URL".to_owned(), url.to_string());
    environment.remove("DATABASE_CA_PEM");
    let relay = tokio::spawn(relay(listener, pooler));
    // Nothing asks for a secret where the environment has everything.
    environment.insert("APP_SECRET_ARN".to_owned(), String::new());
    let (variables, event) = (template.with_file_name("env.json"), template.with_file_name("event.json"));
    std::fs::write(&variables, json!({ "Parameters": environment }).to_string()).expect("written");
    let (template, variables) = (template.display().to_string(), variables.display().to_string());
    let secret = "SecretArn=arn:aws:secretsmanager:us-east-1:000000000000:secret:none";
    let arguments = ["-t", &template, "-n", &variables, "--parameter-overrides", secret, "-e"];
    let registered = [&arguments[..], &["tests/events/register.json"]].concat();
    let answer = invoke(&tools, "RegisterFunction", &registered).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(product.count("SELECT count(*) FROM navigator.users").await, 1);
    let body: Value = serde_json::from_str(answer["body"].as_str().expect("a body")).expect("JSON");
    let text = std::fs::read_to_string(workspace::root().join("tests/events/navigator.json")).expect("the event");
    let text = text.replace("TOKEN_FROM_LOGIN", body["access_token"].as_str().expect("a token"));
    std::fs::write(&event, text).expect("written");
    let event = event.display().to_string();
    let asked = [&arguments[..], &[&event]].concat();
    let answer = invoke(&tools, "NavigatorFunction", &asked).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(product.count("SELECT count(*) FROM navigator.conversation_messages").await, 2);
    relay.abort();
}
