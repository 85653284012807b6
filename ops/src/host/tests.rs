//! The host with real processes: what a client sees when functions work, crash, hang, freeze and do not start.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{Failure, FunctionSpec, Hooks, Host, HostOptions, Lifecycle, LogSink, RouteTable, fake_function};

const ROUTES: &str = r#"[workspace.metadata.lambda.watch.router]
"/work" = [{ method = "POST", function = "worker" }]"#;
/// Nothing here takes this long on a machine that also compiles.
const PATIENCE: Duration = Duration::from_secs(30);

struct Running {
    host: Host,
    http: reqwest::Client,
    lives: mpsc::UnboundedReceiver<Lifecycle>,
    log: LogSink,
}

async fn start(processes: usize, environment: &[(&str, &str)]) -> Running {
    let (sender, lives) = mpsc::unbounded_channel();
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let spec =
        FunctionSpec { binary: fake_function::binary(), processes, timeout: Duration::from_secs(20), environment };
    let log = LogSink::capture();
    let options = HostOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        routes: RouteTable::from_workspace_manifest(ROUTES).expect("routes"),
        functions: BTreeMap::from([("worker".to_owned(), spec)]),
        log: log.clone(),
    };
    let hooks = Hooks { honours_deadline_header: true, lifecycle: Some(sender) };
    let host = Host::start_with(options, hooks).await.expect("a host");
    Running { host, http: reqwest::Client::new(), lives, log }
}

impl Running {
    fn request(&self, command: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}/work", self.host.url())).body(command.to_owned())
    }

    async fn send(&self, command: &str) -> (u16, Value) {
        answer(self.request(command)).await
    }

    /// The next life event that `wanted` accepts.
    async fn wait<T>(&mut self, wanted: impl Fn(Lifecycle) -> Option<T>) -> T {
        loop {
            let event = timeout(PATIENCE, self.lives.recv()).await.expect("in time").expect("a host that lives");
            if let Some(found) = wanted(event) {
                return found;
            }
        }
    }

    async fn wait_invoked(&mut self) -> u32 {
        self.wait(|event| if let Lifecycle::Invoked { pid, .. } = event { Some(pid) } else { None }).await
    }

    async fn wait_died(&mut self) -> Option<i32> {
        self.wait(|event| if let Lifecycle::Died { signal, .. } = event { Some(signal) } else { None }).await
    }

    fn pid(&self) -> u32 {
        self.host.processes("worker")[0].pid
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

#[tokio::test]
async fn a_request_is_answered_by_a_process_with_a_clean_environment() {
    let running = start(1, &[("GREETING", "hello")]).await;
    let (status, body) = running.send("hello").await;
    assert_eq!((status, &body["command"]), (200, &json!("hello")));
    assert_eq!(body["pid"], running.pid(), "setpriv became the function");
    let environment: Vec<&str> =
        body["environment"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
    for name in ["GREETING", "LAMBDA_TASK_ROOT", "AWS_LAMBDA_FUNCTION_NAME", "AWS_REGION", "PATH"] {
        assert!(environment.contains(&name), "{name} is set");
    }
    assert!(!environment.contains(&"CARGO_MANIFEST_DIR") && !environment.contains(&"HOME"));
    let direct = running.host.invoke("worker", json!({"body": "again"})).await.expect("an answer");
    assert_eq!(direct["statusCode"], 200);
}

#[tokio::test]
async fn a_crash_and_a_reported_error_are_500_and_the_next_request_works() {
    let mut running = start(1, &[]).await;
    let gateway_500 = (500, json!({"message": "Internal Server Error"}));
    assert_eq!(running.send("crash").await, gateway_500);
    assert_eq!(running.wait_died().await, Some(6), "SIGABRT");
    assert_eq!(running.send("hello").await.0, 200);
    assert_eq!(running.send("report").await, gateway_500);
    let reported = running.host.invoke("worker", json!({"body": "report"})).await;
    assert!(matches!(&reported, Err(Failure::Reported(text)) if text.contains("boom")), "{reported:?}");
    assert_eq!(running.send("hello").await.0, 200);
}

#[tokio::test]
async fn a_missed_deadline_is_503_and_the_process_is_killed() {
    let mut running = start(1, &[]).await;
    running.send("warm").await;
    let before = running.pid();
    let begun = Instant::now();
    let late = answer(running.request("hang").header("x-local-deadline-ms", "200")).await;
    assert_eq!(late, (503, json!({"message": "Service Unavailable"})));
    assert!(begun.elapsed() >= Duration::from_millis(200));
    // At once: the dying process gets no second request.
    assert_eq!(running.send("hello").await.0, 200);
    assert_eq!(running.wait_died().await, Some(9));
    assert_ne!(running.pid(), before);
}

#[tokio::test]
async fn a_killed_process_is_replaced_and_only_its_own_request_fails() {
    let mut running = start(1, &[]).await;
    for _ in 0..5 {
        assert_eq!(running.send("hello").await.0, 200);
        running.host.kill(running.pid());
    }
    assert_eq!(running.send("hello").await.0, 200, "a kill between two requests harms neither");
    while running.lives.try_recv().is_ok() {}
    let request = tokio::spawn(answer(running.request("hang")));
    let pid = running.wait_invoked().await;
    let info = running.host.processes("worker").into_iter().find(|process| process.pid == pid).expect("a process");
    assert!(info.is_busy && info.request_id.is_some());
    running.host.kill(pid);
    assert_eq!(request.await.expect("an answer").0, 500);
}

#[tokio::test]
async fn a_frozen_process_goes_on_when_thawed() {
    let mut running = start(1, &[]).await;
    running.send("warm").await;
    let pid = running.pid();
    running.host.freeze(pid);
    let mut request = tokio::spawn(answer(running.request("hello")));
    while running.wait_invoked().await != pid {}
    let early = timeout(Duration::from_millis(300), &mut request).await;
    assert!(early.is_err(), "no answer while frozen, but {pid} said {early:?}");
    running.host.thaw(pid);
    let (status, body) = request.await.expect("an answer");
    assert_eq!((status, &body["pid"]), (200, &json!(pid)));
}

#[tokio::test]
async fn a_client_that_leaves_costs_no_process() {
    let mut running = start(1, &[]).await;
    running.send("warm").await;
    while running.lives.try_recv().is_ok() {}
    let pid = running.pid();
    let request = tokio::spawn(answer(running.request("nap")));
    running.wait_invoked().await;
    request.abort();
    running.wait(|event| matches!(event, Lifecycle::Responded { .. }).then_some(())).await;
    let (_, body) = running.send("hello").await;
    assert_eq!(body["pid"], pid, "the invocation went on, and its process is free again");
    assert_eq!(running.host.processes("worker").len(), 1);
}

#[tokio::test]
async fn requests_wait_for_their_turn_when_every_process_is_busy() {
    let running = start(2, &[]).await;
    let answers = futures_util::future::join_all((0..8).map(|_| running.send("nap"))).await;
    assert!(answers.iter().all(|(status, _)| *status == 200));
    assert_eq!(running.host.processes("worker").len(), 2);
}

#[tokio::test]
async fn a_function_that_does_not_start_says_why() {
    for (init, words) in [("refuse", "JWT_SECRET_KEY is missing"), ("report", "DATABASE_URL is no URL")] {
        let mut running = start(1, &[(fake_function::INIT, init)]).await;
        let message =
            running.wait(|event| if let Lifecycle::InitFailed { message, .. } = event { Some(message) } else { None });
        let message = message.await;
        assert!(message.contains(words), "{message}");
        let failure = running.host.invoke("worker", json!({})).await;
        assert!(matches!(&failure, Err(Failure::InitFailed(text)) if text.contains(words)), "{failure:?}");
        assert!(running.log.lines().iter().any(|line| line.contains(words)), "the log names it too");
        assert_eq!(running.send("hello").await.0, 500);

        running.host.set_environment("worker", BTreeMap::new());
        running.host.restart("worker").await.expect("a start");
        assert_eq!(running.send("hello").await.0, 200, "a better environment makes it work");
    }
}

#[tokio::test]
async fn limits_are_the_gateways() {
    let running = start(1, &[]).await;
    let too_long = (413, json!({"message": "Request Too Long"}));
    assert_eq!(running.send(&"x".repeat(7 << 20)).await, too_long, "more than Lambda takes");
    assert_eq!(running.send(&"x".repeat(2 << 20)).await.0, 200);
    let response = running.request("big").send().await.expect("an answer");
    assert_eq!(response.bytes().await.expect("a body").len(), 4 << 20);
}

#[tokio::test]
async fn output_that_is_not_utf8_is_read_on() {
    let running = start(1, &[]).await;
    assert_eq!(running.send("garble").await.0, 200);
    let until = Instant::now() + PATIENCE;
    while !running.log.lines().iter().any(|line| line == "worker: after it") {
        assert!(Instant::now() < until, "{:?}", running.log.lines());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(running.log.lines().iter().any(|line| line.contains("caf\u{fffd}")));
}

#[tokio::test]
async fn nothing_lives_on_after_shutdown_or_drop() {
    let mut running = start(1, &[]).await;
    running.send("warm").await;
    let pid = running.pid();
    running.host.freeze(pid);
    running.host.shutdown().await;
    assert!(!launcher::process::is_alive(pid), "a frozen process ends too");
    let last = timeout(PATIENCE, async { while running.lives.recv().await.is_some() {} }).await;
    assert!(last.is_ok(), "nothing is started any more");

    let mut running = start(1, &[]).await;
    running.send("warm").await;
    drop(running.host);
    let died = timeout(PATIENCE, async {
        loop {
            if let Some(Lifecycle::Died { signal, .. }) = running.lives.recv().await {
                return signal;
            }
        }
    });
    assert_eq!(died.await.expect("in time"), Some(9));
}
