//! A tap on the wire between function and pooler: it ends the TLS of both sides, counts what crosses, and asks the test
//! before it passes a reply on.

use std::sync::{Arc, Mutex};

use native_tls::{Identity, TlsConnector};
use ops::certificates::Certificates;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The request that starts TLS (PostgreSQL, "Message Formats", SSLRequest).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

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

type Hook = Arc<dyn Fn(&str) -> Decision + Send + Sync>;

#[derive(Clone, Default)]
struct Shared {
    counts: Arc<Mutex<Counts>>,
    hook: Arc<Mutex<Option<Hook>>>,
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
        let read = |path| std::fs::read(path).expect("a certificate");
        let identity =
            Identity::from_pkcs8(&read(&certificates.certificate), &read(&certificates.key)).expect("an identity");
        let acceptor =
            tokio_native_tls::TlsAcceptor::from(native_tls::TlsAcceptor::new(identity).expect("an acceptor"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Shared::default();
        let task = tokio::spawn({
            let shared = shared.clone();
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    let (acceptor, shared) = (acceptor.clone(), shared.clone());
                    tokio::spawn(async move {
                        // A cut connection is what some tests are about.
                        let _ended = pass_through(client, upstream, acceptor, shared).await;
                    });
                }
            }
        });
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

    /// Passes everything on again.
    pub fn let_through(&self) {
        *self.shared.hook.lock().expect("no panic while it is held") = None;
    }
}

async fn pass_through(
    mut client: TcpStream,
    upstream: u16,
    acceptor: tokio_native_tls::TlsAcceptor,
    shared: Shared,
) -> std::io::Result<()> {
    let failed = |error: native_tls::Error| std::io::Error::other(error);
    client.set_nodelay(true)?;
    let mut request = [0_u8; 8];
    client.read_exact(&mut request).await?;
    assert_eq!(request, SSL_REQUEST, "a connection without TLS");
    client.write_all(b"S").await?;
    let client = acceptor.accept(client).await.map_err(failed)?;
    let mut server = TcpStream::connect(("127.0.0.1", upstream)).await?;
    server.set_nodelay(true)?;
    server.write_all(&SSL_REQUEST).await?;
    let mut answer = [0_u8; 1];
    server.read_exact(&mut answer).await?;
    let connector = TlsConnector::builder().danger_accept_invalid_certs(true).build().map_err(failed)?;
    let server = tokio_native_tls::TlsConnector::from(connector).connect("localhost", server).await.map_err(failed)?;
    let (client_read, client_write) = tokio::io::split(client);
    let (server_read, server_write) = tokio::io::split(server);
    let current = Arc::new(Mutex::new(String::new()));
    tokio::select! {
        ended = upwards(client_read, server_write, shared.clone(), current.clone()) => ended,
        ended = downwards(server_read, client_write, shared, current) => ended,
    }
}

/// From the function: the start-up message has no type byte; every later one has.
async fn upwards(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: Shared,
    current: Arc<Mutex<String>>,
) -> std::io::Result<()> {
    let mut length = [0_u8; 4];
    from.read_exact(&mut length).await?;
    let mut startup = vec![0_u8; body_length(length)];
    from.read_exact(&mut startup).await?;
    to.write_all(&[&length[..], &startup].concat()).await?;
    to.flush().await?;
    loop {
        let (kind, message) = read_message(&mut from).await?;
        if kind != b'p' && kind != b'X' {
            let mut counts = shared.counts.lock().expect("no panic while it is held");
            counts.bytes_up += message.len();
            match kind {
                b'P' => {
                    let mut texts = message[5..].split(|byte| *byte == 0);
                    counts.named += usize::from(texts.next().is_some_and(|name| !name.is_empty()));
                    let sql = String::from_utf8_lossy(texts.next().unwrap_or_default()).into_owned();
                    current.lock().expect("no panic while it is held").clone_from(&sql);
                    counts.statements.push(sql);
                }
                b'Q' => counts.simple += 1,
                b'S' => counts.syncs += 1,
                _ => {}
            }
        }
        to.write_all(&message).await?;
        to.flush().await?;
    }
}

/// To the function: before the end of a reply is passed on, the test is asked.
async fn downwards(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: Shared,
    current: Arc<Mutex<String>>,
) -> std::io::Result<()> {
    let mut is_started = false;
    loop {
        let (kind, message) = read_message(&mut from).await?;
        if kind == b'Z' && is_started {
            shared.counts.lock().expect("no panic while it is held").round_trips += 1;
            let hook = shared.hook.lock().expect("no panic while it is held").clone();
            let sql = current.lock().expect("no panic while it is held").clone();
            if hook.is_some_and(|hook| hook(&sql) == Decision::Cut) {
                return Ok(());
            }
        }
        is_started |= kind == b'Z';
        to.write_all(&message).await?;
        to.flush().await?;
    }
}

async fn read_message(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<(u8, Vec<u8>)> {
    let mut head = [0_u8; 5];
    from.read_exact(&mut head).await?;
    let mut message = head.to_vec();
    message.resize(5 + body_length([head[1], head[2], head[3], head[4]]), 0);
    from.read_exact(&mut message[5..]).await?;
    Ok((head[0], message))
}

fn body_length(length: [u8; 4]) -> usize {
    usize::try_from(u32::from_be_bytes(length)).expect("a length").saturating_sub(4)
}
