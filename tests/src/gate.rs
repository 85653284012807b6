//! The gate: each step of a stand-in (`shared::workflow::stand_in`) asks here whether it may begin, so that a test can hold
//! a run in the middle of a step, without a sleep, and knows which steps began.
//!
//! Invariant: a step that nobody asked to hold begins at once, and a held one goes on when its `Held` is dropped.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// A test that waits for longer than this waits in vain.
const PATIENCE: Duration = Duration::from_secs(60);

/// A step that is about to begin, as its process says.
#[derive(Clone, Debug, Deserialize)]
pub struct Arrival {
    /// The process.
    pub pid: u32,
    /// The conversation.
    pub conversation: String,
    /// The run.
    pub run: Uuid,
    /// The fence of the process' grant.
    pub fence: i64,
    /// The step, from 0.
    pub step_no: i32,
    /// The attempt at it, from 1.
    pub attempt: i32,
}

/// A step that waits at the gate; it goes on when this is dropped.
pub struct Held {
    /// Which one.
    pub arrival: Arrival,
    _stream: BufReader<TcpStream>,
}

type Rule = Box<dyn Fn(&Arrival) -> bool + Send + Sync>;

struct Shared {
    rule: Mutex<Rule>,
    seen: Mutex<Vec<Arrival>>,
    held: mpsc::UnboundedSender<Held>,
}

/// An open gate.
pub struct Gate {
    address: SocketAddr,
    shared: Arc<Shared>,
    held: tokio::sync::Mutex<mpsc::UnboundedReceiver<Held>>,
    task: JoinHandle<()>,
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Gate {
    /// A gate on a loopback port that holds nothing yet.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, receiver) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared { rule: Mutex::new(Box::new(|_| false)), seen: Mutex::default(), held: sender });
        let task = tokio::spawn({
            let shared = shared.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let shared = shared.clone();
                    // A process that is killed leaves in the middle.
                    tokio::spawn(async move { arrive(stream, &shared).await.ok() });
                }
            }
        });
        Self { address, shared, held: tokio::sync::Mutex::new(receiver), task }
    }

    /// The environment of functions whose steps stop here: a stand-in's specification with this gate in it.
    pub fn environment(&self, mut specification: Value) -> Vec<(String, String)> {
        specification["control"] = json!(self.address);
        vec![stand_in(&specification)]
    }

    /// From now on the steps for which `rule` is true are held.
    pub fn hold(&self, rule: impl Fn(&Arrival) -> bool + Send + Sync + 'static) {
        *self.shared.rule.lock().expect("no panic while it is held") = Box::new(rule);
    }

    /// From now on nothing is held. What is held stays so.
    pub fn open(&self) {
        self.hold(|_| false);
    }

    /// The next step that is held.
    pub async fn held(&self) -> Held {
        let mut held = self.held.lock().await;
        tokio::time::timeout(PATIENCE, held.recv()).await.expect("a step comes to the gate").expect("the gate stands")
    }

    /// The steps that came so far, in their order.
    pub fn seen(&self) -> Vec<Arrival> {
        self.shared.seen.lock().expect("no panic while it is held").clone()
    }
}

/// The environment variable with a stand-in's specification.
pub fn stand_in(specification: &Value) -> (String, String) {
    ("NAVIGATOR_STAND_IN".to_owned(), specification.to_string())
}

async fn arrive(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let arrival: Arrival = serde_json::from_str(&line).map_err(std::io::Error::other)?;
    shared.seen.lock().expect("no panic while it is held").push(arrival.clone());
    // The stream's end is the permission.
    if (shared.rule.lock().expect("no panic while it is held"))(&arrival) {
        let _the_test_is_over = shared.held.send(Held { arrival, _stream: stream });
    }
    Ok(())
}
