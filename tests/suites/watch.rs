//! The main job over `cargo lambda watch`, on the same paths. Needs cargo-lambda (`pip install cargo-lambda`).

use std::process::Stdio;
use std::time::{Duration, Instant};

use launcher::install::find_program;
use launcher::process::{free_port, supervised};
use launcher::workspace;
use serde_json::json;
use tests::client::{Api, PASSWORD};
use tests::product::product;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_four_commands_work_over_cargo_lambda_watch() {
    let Some(program) = find_program("cargo-lambda") else {
        return tests::skip(
            "the_four_commands_work_over_cargo_lambda_watch",
            "cargo-lambda is not installed (pip install cargo-lambda)",
        );
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
    let person = api.person().await;
    api.post("/login", &json!({ "email": person.email, "password": PASSWORD })).send().await.expect(200);
    let answer = api.ask(&person, "watched", "My plan denied my MRI").key("k").send().await.expect(200);
    assert_eq!(
        api.ask(&person, "watched", "My plan denied my MRI").key("k").send().await.expect(200).text,
        answer.text
    );
    assert_eq!(api.messages(&person, "watched").await.len(), 2);
    api.get("/health/ready").send().await.expect(200);
    // The whole group: cargo lambda starts cargo, and cargo the functions.
    std::process::Command::new("sh").args(["-c", &format!("kill -TERM -{group}")]).status().expect("kill");
    watch.wait().await.expect("an end");
}
