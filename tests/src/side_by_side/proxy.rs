//! The counting proxy: it ends the TLS of both sides, passes every message on after half of a round trip's delay, counts
//! what crosses, and can kill the worker at a chosen point.
//!
//! Invariants: pipelined messages overlap in their delay as on a real network; the start-up of a connection is not
//! counted; a message at which the worker is killed is never passed on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ops::certificates::Certificates;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;

use super::pace::Pacer;
use super::trips::Trips;
use crate::relay::{Ends, listen};

/// What crossed since the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Round trips, as [`super::trips`] tells them apart.
    pub(super) round_trips: usize,
    /// Statements executed: Execute messages and simple queries.
    pub(super) statements: usize,
    /// Bytes of the protocol from client to server.
    pub(super) bytes_up: usize,
    /// How often each SQL text was sent.
    pub(super) sql: BTreeMap<String, usize>,
}

impl Counts {
    /// How many texts with this word were sent.
    pub(super) fn sent(&self, word: &str) -> usize {
        self.sql.iter().filter(|(text, _)| text.contains(word)).map(|(_, times)| times).sum()
    }
}

/// What is done once, when a point is reached.
struct Armed {
    left: usize,
    kill: Box<dyn FnOnce() + Send>,
}

#[derive(Default)]
struct Shared {
    counts: Mutex<Counts>,
    armed: Mutex<Option<Armed>>,
    one_way_nanos: AtomicU64,
}

/// A running proxy.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// Starts a proxy without delay in front of the server on `upstream`.
    pub async fn start(upstream: u16, certificates: &Certificates) -> Self {
        let ends = Ends::new(certificates);
        let shared = Arc::<Shared>::default();
        let pacer = Pacer::start();
        let of_connection = shared.clone();
        // A connection that breaks is what a kill is about.
        let (port, task) = listen(move |client| {
            let line = Line { shared: of_connection.clone(), pacer: pacer.clone(), trips: Arc::default() };
            line.pass_through(client, upstream, ends.clone())
        })
        .await;
        Self { port, shared, task }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Adds this much to every round trip from now on.
    pub fn delay(&self, round_trip: Duration) {
        let nanos = u64::try_from(round_trip.as_nanos() / 2).expect("a short time");
        self.shared.one_way_nanos.store(nanos, Ordering::Relaxed);
    }

    /// What crossed since the last call.
    pub(super) fn take(&self) -> Counts {
        std::mem::take(&mut *self.shared.counts.lock().expect("no panic while it is held"))
    }

    /// Calls `kill` at point number `point` from now, counted from 0: the beginning of a trip and the end of a trip are
    /// one point each. The message of that point is not passed on.
    pub(super) fn arm(&self, point: usize, kill: impl FnOnce() + Send + 'static) {
        *self.shared.armed.lock().expect("no panic while it is held") =
            Some(Armed { left: point, kill: Box::new(kill) });
    }

    /// Forgets a kill that has not happened; whether there was one.
    pub(super) fn disarm(&self) -> bool {
        self.shared.armed.lock().expect("no panic while it is held").take().is_some()
    }
}

/// A message on its way.
struct Piece {
    due: Instant,
    message: Vec<u8>,
}

/// One connection through the proxy.
#[derive(Clone)]
struct Line {
    shared: Arc<Shared>,
    pacer: Pacer,
    trips: Arc<Mutex<Trips>>,
}

impl Line {
    async fn pass_through(self, client: TcpStream, upstream: u16, ends: Ends) -> std::io::Result<()> {
        let (client, server) = ends.between(client, upstream).await?;
        let (client_read, client_write) = tokio::io::split(client);
        let (server_read, server_write) = tokio::io::split(server);
        let (up, rising) = mpsc::unbounded_channel();
        let (down, falling) = mpsc::unbounded_channel();
        // What was read before one side ended is still delivered to the other.
        tokio::select! {
            ended = async {
                tokio::join!(self.read_client(client_read, up), self.deliver(rising, server_write, |_| true)).1
            } => ended,
            ended = async {
                // A trip ends when its reply reaches the client, not when it left the server.
                let is_passed = |message: &[u8]| !(self.ends_trip(message) && self.is_killed());
                tokio::join!(self.read_server(server_read, down), self.deliver(falling, client_write, is_passed)).1
            } => ended,
        }
    }

    fn due(&self) -> Instant {
        Instant::now() + Duration::from_nanos(self.shared.one_way_nanos.load(Ordering::Relaxed))
    }

    /// The start-up message has no kind; every later one has. The replies to its authentication are not counted.
    async fn read_client(&self, from: impl AsyncRead + Unpin, to: UnboundedSender<Piece>) -> std::io::Result<()> {
        let mut from = BufReader::new(from);
        let mut length = [0_u8; 4];
        from.read_exact(&mut length).await?;
        let mut startup = length.to_vec();
        startup.resize(4 + body_length(length), 0);
        from.read_exact(&mut startup[4..]).await?;
        let _the_other_side_ended = to.send(Piece { due: self.due(), message: startup });
        loop {
            let message = read_message(&mut from).await?;
            let kind = message[0];
            if !matches!(kind, b'p' | b'X') {
                let begins = self.trips.lock().expect("no panic while it is held").sent(kind);
                self.count(&message, begins);
                if begins && self.is_killed() {
                    return Ok(());
                }
            }
            let _the_other_side_ended = to.send(Piece { due: self.due(), message });
        }
    }

    fn count(&self, message: &[u8], begins: bool) {
        let mut counts = self.shared.counts.lock().expect("no panic while it is held");
        counts.round_trips += usize::from(begins);
        counts.bytes_up += message.len();
        counts.statements += usize::from(matches!(message[0], b'E' | b'Q'));
        let mut texts = message[5..].split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into_owned());
        let sql = match message[0] {
            b'P' => texts.nth(1),
            b'Q' => texts.next(),
            _ => None,
        };
        if let Some(sql) = sql {
            *counts.sql.entry(sql).or_default() += 1;
        }
    }

    async fn read_server(&self, from: impl AsyncRead + Unpin, to: UnboundedSender<Piece>) -> std::io::Result<()> {
        let mut from = BufReader::new(from);
        loop {
            let message = read_message(&mut from).await?;
            let _the_other_side_ended = to.send(Piece { due: self.due(), message });
        }
    }

    /// Delivers in order, and in one write what is due at once; stops at the first message that is not to be passed on.
    async fn deliver(
        &self,
        mut from: UnboundedReceiver<Piece>,
        mut to: impl AsyncWrite + Unpin,
        is_passed: impl Fn(&[u8]) -> bool,
    ) -> std::io::Result<()> {
        let mut next = from.recv().await;
        while let Some(piece) = next.take() {
            self.pacer.until(piece.due).await;
            let mut batch = Vec::new();
            let mut current = Some(piece);
            while let Some(piece) = current.take() {
                if !is_passed(&piece.message) {
                    return Ok(());
                }
                batch.extend_from_slice(&piece.message);
                match from.try_recv() {
                    Ok(more) if more.due <= Instant::now() => current = Some(more),
                    Ok(more) => next = Some(more),
                    Err(_) => {}
                }
            }
            to.write_all(&batch).await?;
            to.flush().await?;
            if next.is_none() {
                next = from.recv().await;
            }
        }
        Ok(())
    }

    fn ends_trip(&self, message: &[u8]) -> bool {
        self.trips.lock().expect("no panic while it is held").received(message[0])
    }

    /// One point passes; whether the worker was killed at it.
    fn is_killed(&self) -> bool {
        let mut armed = self.shared.armed.lock().expect("no panic while it is held");
        match armed.take() {
            Some(Armed { left: 0, kill }) => {
                kill();
                true
            }
            Some(Armed { left, kill }) => {
                *armed = Some(Armed { left: left - 1, kill });
                false
            }
            None => false,
        }
    }
}

async fn read_message(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0_u8; 5];
    from.read_exact(&mut message).await?;
    message.resize(5 + body_length([message[1], message[2], message[3], message[4]]), 0);
    from.read_exact(&mut message[5..]).await?;
    Ok(message)
}

fn body_length(length: [u8; 4]) -> usize {
    usize::try_from(u32::from_be_bytes(length)).expect("a length").saturating_sub(4)
}

#[cfg(test)]
mod tests;
