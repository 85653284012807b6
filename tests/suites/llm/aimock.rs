//! The three providers through `@copilotkit/aimock`, a server of others that speaks their protocols and breaks them on demand.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use super::*;

const PACKAGE: &str = "@copilotkit/aimock";
const VERSION: &str = "1.43.0";

/// A running server; ended by its process id.
struct Aimock {
    child: Child,
    port: u16,
}

impl Drop for Aimock {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// Its command-line program, installed once into the build folder; or why it is not there.
fn program() -> Result<PathBuf, String> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let install = || {
        let folder = launcher::workspace::target().join("aimock");
        let program = folder.join("node_modules/@copilotkit/aimock/dist/cli.js");
        if !program.is_file() {
            std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
            let npm = Command::new("npm")
                .args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
                .arg(&folder)
                .arg(format!("{PACKAGE}@{VERSION}"))
                .output();
            let done = npm.map_err(|_| "npm is not installed (apt install npm)".to_owned())?;
            if !done.status.success() {
                return Err(format!("npm cannot install {PACKAGE}@{VERSION}"));
            }
        }
        Ok(program)
    };
    PROGRAM.get_or_init(install).clone()
}

impl Aimock {
    async fn start(arguments: &[&str]) -> Result<Self, String> {
        let program = program()?;
        let fixtures = tests::stack::folder("aimock").join("fixtures.json");
        std::fs::write(&fixtures, fixtures_text()).map_err(|error| error.to_string())?;
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        let child = Command::new("node")
            .arg(program)
            .args(["-p", &port.to_string(), "-h", "127.0.0.1", "-f"])
            .arg(&fixtures)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| "node is not installed (apt install nodejs)".to_owned())?;
        let server = Self { child, port };
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("aimock did not start".to_owned())
    }

    fn environment(&self, provider: &str) -> Vec<(String, String)> {
        let path = if provider == "bedrock" { "" } else { "/v1" };
        tests::llm_stub::environment(provider, &format!("http://127.0.0.1:{}{path}", self.port), model(provider))
    }
}

/// A name that the provider's own form of the server takes.
fn model(provider: &str) -> &'static str {
    match provider {
        "anthropic" => "claude-sonnet-4-5",
        "openai" => "gpt-4o-mini",
        _ => "anthropic.claude-3-5-sonnet-20240620-v1:0",
    }
}

/// One answer a prompt, chosen by the instructions.
fn fixtures_text() -> String {
    let answer = |system: &str, content: Value| json!({ "match": { "systemMessage": system }, "response": { "content": content.to_string() } });
    json!({ "fixtures": [
        answer("You help to sort messages", json!({ "intent": "appeal_denial", "plan_type": null, "plan_words": null })),
        answer("You put the steps", json!({ "actions": ["write_appeal", "doctor_letter"] })),
        answer("You write the first lines", json!({ "opening": OPENING })),
    ] })
    .to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_provider_answers_a_turn_through_aimock_and_survives_its_chaos() {
    const NAME: &str = "each_provider_answers_a_turn_through_aimock_and_survives_its_chaos";
    let calm = match Aimock::start(&[]).await {
        Ok(calm) => calm,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    for provider in PROVIDERS {
        let product = product_with(Options { environment: calm.environment(provider), ..Options::default() }).await;
        let person = product.api.person().await;
        let answer = product.api.ask(&person, "c", MESSAGE).send().await.expect(200);
        is_whole(&answer);
        assert!(answer.content().starts_with(OPENING), "{provider}: {}", answer.content());
        assert!(!answer.content().contains(notice()), "{provider}");
        println!("{provider}: {} tokens", tokens(&product, "c").await);
    }
    for chaos in [
        &["--chaos-drop", "1"][..],
        &["--chaos-malformed", "1"],
        &["--chaos-disconnect", "1"],
        &["--chaos-ratelimit", "1"],
        &["--chaos-latency", "10000"],
        &["--chaos-drop", "0.4", "--chaos-malformed", "0.3", "--chaos-disconnect", "0.3"],
    ] {
        let server = Aimock::start(chaos).await.expect("it started before");
        for provider in PROVIDERS {
            let mut environment = server.environment(provider);
            environment.push(("LLM_STEP_MS".to_owned(), "1000".to_owned()));
            let product = product_with(Options { environment, ..Options::default() }).await;
            let person = product.api.person().await;
            let answer = product.api.ask(&person, "c", MESSAGE).send().await.expect(200);
            is_whole(&answer);
            let is_certain = !chaos[1].contains('.');
            assert!(
                !is_certain || ends_with_notice(answer.content(), Language::En),
                "{provider} {chaos:?}: {}",
                answer.content()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_model_behind_llama_server_costs_no_turn() {
    const NAME: &str = "a_small_model_behind_llama_server_costs_no_turn";
    let found = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_file());
    let (Some(server), Some(weights)) = (found("LLAMA_SERVER"), found("LLAMA_MODEL")) else {
        return tests::skip(NAME, "LLAMA_SERVER and LLAMA_MODEL do not name a llama-server and a GGUF file");
    };
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
    let child = Command::new(server)
        .args(["--host", "127.0.0.1", "--port", &port.to_string(), "-c", "4096", "-m"])
        .arg(weights)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("llama-server runs");
    let server = Aimock { child, port };
    for _ in 0..600 {
        let health = reqwest::get(format!("http://127.0.0.1:{port}/health")).await;
        if health.is_ok_and(|health| health.status().is_success()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut environment = server.environment("openai");
    environment.push(("LLM_STEP_MS".to_owned(), "7000".to_owned()));
    let product = product_with(Options { environment, ..Options::default() }).await;
    let person = product.api.person().await;
    let answer = product.api.ask(&person, "c", MESSAGE).send().await.expect(200);
    is_whole(&answer);
    println!("{}", answer.content());
}
