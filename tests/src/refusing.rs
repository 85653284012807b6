//! A pooler that refuses: it stands in front of the real one, and answers some connections or statements itself, in the words
//! that a test gives it.

use std::sync::Arc;
use std::sync::Mutex;

use ops::certificates::Certificates;
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::relay::{Ends, listen};
use crate::tap::{body_length, read_message, sql_of};

/// Where it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// As the client begins a connection.
    Start,
    /// At a statement, the role's check of a new connection not counted.
    Statement,
}

/// What it says.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    /// Where.
    pub point: Point,
    /// `FATAL` ends the connection, `ERROR` leaves it ready for the next statement.
    pub severity: &'static str,
    /// The code.
    pub sqlstate: &'static str,
    /// The text.
    pub message: &'static str,
}

/// What is to be refused, and how often still.
type Plan = Arc<Mutex<Option<(Refusal, usize)>>>;

/// A running one.
pub struct Refusing {
    port: u16,
    plan: Plan,
    task: JoinHandle<()>,
}

impl Drop for Refusing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Refusing {
    /// Starts in front of the pooler on `upstream`.
    pub async fn start(upstream: u16, certificates: &Certificates) -> Self {
        let ends = Ends::new(certificates);
        let plan = Plan::default();
        let of_connection = plan.clone();
        // A refused client leaves when it likes.
        let (port, task) = listen(move |client| serve(client, upstream, ends.clone(), of_connection.clone())).await;
        Self { port, plan, task }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Refuses the next `times`, and passes everything on afterwards.
    pub fn refuse(&self, refusal: Refusal, times: usize) {
        *self.plan.lock().expect("no panic while it is held") = Some((refusal, times));
    }

    /// Passes everything on, and says how many refusals were not needed.
    pub fn let_through(&self) -> usize {
        self.plan.lock().expect("no panic while it is held").take().map_or(0, |(_, times)| times)
    }
}

/// What is to be said at this point.
fn refused(plan: &Plan, point: Point) -> Option<Refusal> {
    let mut plan = plan.lock().expect("no panic while it is held");
    let (refusal, times) = plan.as_mut().filter(|(refusal, times)| refusal.point == point && *times > 0)?;
    *times -= 1;
    Some(*refusal)
}

async fn serve(client: TcpStream, upstream: u16, ends: Ends, plan: Plan) -> std::io::Result<()> {
    let (mut client, mut server) = ends.between(client, upstream).await?;
    let mut startup = vec![0_u8; 4];
    client.read_exact(&mut startup).await?;
    startup.resize(4 + body_length([startup[0], startup[1], startup[2], startup[3]]), 0);
    client.read_exact(&mut startup[4..]).await?;
    if let Some(refusal) = refused(&plan, Point::Start) {
        return say(&mut client, refusal).await;
    }
    server.write_all(&startup).await?;
    server.flush().await?;
    let (mut from_client, to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let to_client = tokio::sync::Mutex::new(to_client);
    let upwards = async {
        let (mut statement, mut sql) = (Vec::new(), String::new());
        loop {
            let (kind, message) = read_message(&mut from_client).await?;
            if kind == b'P' {
                sql = sql_of(&message);
            }
            statement.extend_from_slice(&message);
            // A statement is passed on as a whole, so that what is refused has left nothing behind.
            if !matches!(kind, b'S' | b'Q' | b'p' | b'X') {
                continue;
            }
            let is_counted = kind == b'S' && !sql.contains("rolbypassrls");
            if let Some(refusal) = is_counted.then(|| refused(&plan, Point::Statement)).flatten() {
                say(&mut *to_client.lock().await, refusal).await?;
                if refusal.severity == "FATAL" {
                    return Ok(());
                }
            } else {
                to_server.write_all(&statement).await?;
                to_server.flush().await?;
            }
            statement.clear();
        }
    };
    let downwards = async {
        loop {
            let (_, message) = read_message(&mut from_server).await?;
            let mut to_client = to_client.lock().await;
            to_client.write_all(&message).await?;
            to_client.flush().await?;
        }
    };
    tokio::select! {
        ended = upwards => ended,
        ended = downwards => ended,
    }
}

/// An ErrorResponse, and ReadyForQuery after one that leaves the connection (PostgreSQL, "Message Formats").
async fn say(client: &mut (impl AsyncWrite + Unpin), refusal: Refusal) -> std::io::Result<()> {
    let fields = [('S', refusal.severity), ('V', refusal.severity), ('C', refusal.sqlstate), ('M', refusal.message)];
    let mut body: Vec<u8> =
        fields.iter().flat_map(|(name, text)| [name.to_string().as_bytes(), text.as_bytes(), &[0]].concat()).collect();
    body.push(0);
    let length = u32::try_from(body.len() + 4).expect("a short text").to_be_bytes();
    let mut message = [&b"E"[..], &length, &body].concat();
    if refusal.severity == "ERROR" {
        message.extend_from_slice(b"Z\0\0\0\x05I");
    }
    client.write_all(&message).await?;
    client.flush().await
}
