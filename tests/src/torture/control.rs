//! The control port: each step of the stand-in asks here whether it may begin, and the answer is the director's.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::director::Director;

/// A step that is about to begin, as its process says.
#[derive(Clone, Debug, Deserialize)]
pub struct Announcement {
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

/// What a step is told.
#[derive(Debug)]
pub enum Permission {
    /// Begin.
    Go,
    /// Begin when the sender is dropped.
    Wait(tokio::sync::oneshot::Receiver<()>),
    /// Nothing: its process was killed.
    Silence,
}

/// The port, which answers "go" until a director is there.
pub struct Control {
    address: SocketAddr,
    director: Arc<Mutex<Option<Arc<Director>>>>,
    task: JoinHandle<()>,
}

impl Drop for Control {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Control {
    /// Listens on a loopback port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let director: Arc<Mutex<Option<Arc<Director>>>> = Arc::default();
        let shared = director.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let director = shared.lock().expect("no panic while it is held").clone();
                // A process that was killed leaves in the middle.
                tokio::spawn(async move { answer(stream, director).await.ok() });
            }
        });
        Self { address, director, task }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on `director` decides.
    pub fn obey(&self, director: Arc<Director>) {
        *self.director.lock().expect("no panic while it is held") = Some(director);
    }
}

async fn answer(stream: TcpStream, director: Option<Arc<Director>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let announcement: Announcement = serde_json::from_str(&line).map_err(std::io::Error::other)?;
    let permission = director.as_ref().map_or(Permission::Go, |director| director.step_begins(&announcement));
    match permission {
        Permission::Silence => return Ok(()),
        Permission::Go => {}
        Permission::Wait(until) => {
            let _sender_dropped = until.await;
        }
    }
    stream.get_mut().write_all(b"go\n").await?;
    if let Some(director) = director {
        director.step_has_begun(&announcement);
    }
    Ok(())
}
