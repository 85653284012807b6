//! A tap on the wire between function and pooler: it ends the TLS of both sides, counts what crosses, and asks the test
//! before it passes a reply on.

use std::sync::{Arc, Mutex};

use ops::certificates::Certificates;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::relay::{Ends, listen};

/// What crossed since the last reset, without the start-up of connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Statements sent (Parse messages), by their SQL text.
    pub statements: Vec<String>,
    /// Statements that had a name.
    pub named: usize,
    /// Simple queries.
    pub simple: usize,
    /// Syncs.
    pub syncs: usize,
    /// ReadyForQuery replies: round trips.
    pub round_trips: usize,
    /// Bytes from function to pooler.
    pub bytes_up: usize,
}

/// What the test wants done with a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Pass it on.
    Forward,
    /// Cut the connection instead.
    Cut,
}

/// A statement on its way, with its parameters in the binary form of the protocol.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// The function process that sent it, as its connection's application_name says (feature `testing`).
    pub pid: Option<u32>,
    /// The statement.
    pub sql: String,
    /// Its parameters; `None` for NULL.
    pub parameters: Vec<Option<Vec<u8>>>,
}

/// Where a statement is when the test is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The function has sent it; the pooler has not seen it.
    Sent,
    /// It was carried out; the function has not seen the reply.
    Replied,
    /// The function has the reply.
    Received,
}

/// What the test wants done with a statement.
#[derive(Debug)]
pub enum Verdict {
    /// Let it go on.
    Forward,
    /// Cut the connection.
    Cut,
    /// Let it go on when the sender is dropped.
    Hold(tokio::sync::oneshot::Receiver<()>),
}

type Hook = Arc<dyn Fn(&str) -> Decision + Send + Sync>;
type Watcher = Arc<dyn Fn(Moment, &Call) -> Verdict + Send + Sync>;

#[derive(Clone, Default)]
struct Shared {
    counts: Arc<Mutex<Counts>>,
    hook: Arc<Mutex<Option<Hook>>>,
    watcher: Arc<Mutex<Option<Watcher>>>,
}

impl Shared {
    /// Whether the connection goes on.
    async fn ask(&self, moment: Moment, call: &Mutex<Call>) -> bool {
        let Some(watcher) = self.watcher.lock().expect("no panic while it is held").clone() else { return true };
        let call = call.lock().expect("no panic while it is held").clone();
        match watcher(moment, &call) {
            Verdict::Forward => true,
            Verdict::Cut => false,
            Verdict::Hold(until) => {
                let _sender_dropped = until.await;
                true
            }
        }
    }
}

/// A running tap.
pub struct Tap {
    port: u16,
    shared: Shared,
    task: JoinHandle<()>,
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Tap {
    /// Starts a tap in front of the pooler on `upstream`.
    pub async fn start(upstream: u16, certificates: &Certificates) -> Self {
        let ends = Ends::new(certificates);
        let shared = Shared::default();
        let of_connection = shared.clone();
        // A cut connection is what some tests are about.
        let (port, task) =
            listen(move |client| pass_through(client, upstream, ends.clone(), of_connection.clone())).await;
        Self { port, shared, task }
    }

    /// Where the tap listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What crossed since the last call.
    pub fn take(&self) -> Counts {
        std::mem::take(&mut *self.shared.counts.lock().expect("no panic while it is held"))
    }

    /// Asks `hook` with the statement's SQL before the end of its reply is passed on.
    pub fn before_reply(&self, hook: impl Fn(&str) -> Decision + Send + Sync + 'static) {
        *self.shared.hook.lock().expect("no panic while it is held") = Some(Arc::new(hook));
    }

    /// Asks `watcher` at each moment of each statement.
    pub fn watch(&self, watcher: impl Fn(Moment, &Call) -> Verdict + Send + Sync + 'static) {
        *self.shared.watcher.lock().expect("no panic while it is held") = Some(Arc::new(watcher));
    }

    /// Passes everything on again.
    pub fn let_through(&self) {
        *self.shared.hook.lock().expect("no panic while it is held") = None;
        *self.shared.watcher.lock().expect("no panic while it is held") = None;
    }
}

async fn pass_through(client: TcpStream, upstream: u16, ends: Ends, shared: Shared) -> std::io::Result<()> {
    let (client, server) = ends.between(client, upstream).await?;
    let (client_read, client_write) = tokio::io::split(client);
    let (server_read, server_write) = tokio::io::split(server);
    let current = Arc::new(Mutex::new(Call::default()));
    tokio::select! {
        ended = upwards(client_read, server_write, shared.clone(), current.clone()) => ended,
        ended = downwards(server_read, client_write, shared, current) => ended,
    }
}

/// From the function: the start-up message has no type byte; every later one has. The messages of one statement are passed
/// on together, at its Sync.
async fn upwards(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: Shared,
    current: Arc<Mutex<Call>>,
) -> std::io::Result<()> {
    let mut length = [0_u8; 4];
    from.read_exact(&mut length).await?;
    let mut startup = vec![0_u8; body_length(length)];
    from.read_exact(&mut startup).await?;
    current.lock().expect("no panic while it is held").pid = process_of(&startup);
    to.write_all(&[&length[..], &startup].concat()).await?;
    to.flush().await?;
    let mut statement = Vec::new();
    loop {
        let (kind, message) = read_message(&mut from).await?;
        if kind == b'p' || kind == b'X' {
            to.write_all(&message).await?;
            to.flush().await?;
            continue;
        }
        shared.counts.lock().expect("no panic while it is held").add(kind, &message);
        match kind {
            b'P' => current.lock().expect("no panic while it is held").sql = sql_of(&message),
            b'B' => current.lock().expect("no panic while it is held").parameters = parameters_of(&message),
            _ => {}
        }
        statement.extend_from_slice(&message);
        if kind == b'S' || kind == b'Q' {
            if !shared.ask(Moment::Sent, &current).await {
                return Ok(());
            }
            to.write_all(&statement).await?;
            to.flush().await?;
            statement.clear();
        }
    }
}

/// To the function: before the end of a reply is passed on, the test is asked.
async fn downwards(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: Shared,
    current: Arc<Mutex<Call>>,
) -> std::io::Result<()> {
    let mut is_started = false;
    loop {
        let (kind, message) = read_message(&mut from).await?;
        let is_end = kind == b'Z' && is_started;
        if is_end {
            shared.counts.lock().expect("no panic while it is held").round_trips += 1;
            let hook = shared.hook.lock().expect("no panic while it is held").clone();
            let sql = current.lock().expect("no panic while it is held").sql.clone();
            if hook.is_some_and(|hook| hook(&sql) == Decision::Cut) || !shared.ask(Moment::Replied, &current).await {
                return Ok(());
            }
        }
        is_started |= kind == b'Z';
        to.write_all(&message).await?;
        to.flush().await?;
        if is_end && !shared.ask(Moment::Received, &current).await {
            return Ok(());
        }
    }
}

impl Counts {
    fn add(&mut self, kind: u8, message: &[u8]) {
        self.bytes_up += message.len();
        match kind {
            b'P' => {
                self.named += usize::from(message.get(5).is_some_and(|byte| *byte != 0));
                self.statements.push(sql_of(message));
            }
            b'Q' => self.simple += 1,
            b'S' => self.syncs += 1,
            _ => {}
        }
    }
}

/// The process in a start-up message's `application_name`, which is `insurance-navigator/PID` with the feature `testing`.
fn process_of(startup: &[u8]) -> Option<u32> {
    let texts: Vec<&[u8]> = startup.get(4..)?.split(|byte| *byte == 0).collect();
    let name = texts.iter().position(|text| *text == b"application_name").and_then(|at| texts.get(at + 1))?;
    std::str::from_utf8(name).ok()?.rsplit('/').next()?.parse().ok()
}

/// The SQL of a Parse message.
pub(crate) fn sql_of(message: &[u8]) -> String {
    let sql = message[5..].split(|byte| *byte == 0).nth(1).unwrap_or_default();
    String::from_utf8_lossy(sql).into_owned()
}

/// The parameters of a Bind message.
fn parameters_of(message: &[u8]) -> Vec<Option<Vec<u8>>> {
    let names: usize = message[5..].split(|byte| *byte == 0).take(2).map(|name| name.len() + 1).sum();
    let mut rest = &message[5 + names..];
    let mut take = |bytes: usize| {
        let (taken, left) = rest.split_at(bytes);
        rest = left;
        taken
    };
    let short = |bytes: &[u8]| usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    let formats = short(take(2));
    take(2 * formats);
    let count = short(take(2));
    (0..count)
        .map(|_| {
            let length = take(4);
            let length = i32::from_be_bytes([length[0], length[1], length[2], length[3]]);
            usize::try_from(length).ok().map(|length| take(length).to_vec())
        })
        .collect()
}

pub(crate) async fn read_message(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<(u8, Vec<u8>)> {
    let mut head = [0_u8; 5];
    from.read_exact(&mut head).await?;
    let mut message = head.to_vec();
    message.resize(5 + body_length([head[1], head[2], head[3], head[4]]), 0);
    from.read_exact(&mut message[5..]).await?;
    Ok((head[0], message))
}

pub(crate) fn body_length(length: [u8; 4]) -> usize {
    usize::try_from(u32::from_be_bytes(length)).expect("a length").saturating_sub(4)
}
