//! The proxy between a client and a server that speak just enough of the protocol.

use std::sync::atomic::AtomicUsize;

use native_tls::{Identity, TlsConnector};
use tokio::net::TcpListener;
use tokio_native_tls::TlsStream;

use super::*;
use crate::relay::SSL_REQUEST;

/// A server that answers every Sync and query, and counts them.
async fn server(certificates: &Certificates) -> (u16, Arc<AtomicUsize>) {
    let read = |path| std::fs::read(path).expect("a certificate");
    let identity = Identity::from_pkcs8(&read(&certificates.certificate), &read(&certificates.key)).expect("PEM");
    let acceptor = tokio_native_tls::TlsAcceptor::from(native_tls::TlsAcceptor::new(identity).expect("TLS"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let asked = Arc::<AtomicUsize>::default();
    tokio::spawn({
        let asked = asked.clone();
        async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut request = [0_u8; 8];
                socket.read_exact(&mut request).await.expect("a request for TLS");
                socket.write_all(b"S").await.expect("written");
                let mut stream = acceptor.accept(socket).await.expect("TLS");
                stream.read_exact(&mut request).await.expect("a start-up message");
                stream.write_all(&message(b'Z', b"I")).await.expect("written");
                while let Ok(received) = read_message(&mut stream).await {
                    if matches!(received[0], b'S' | b'Q') {
                        asked.fetch_add(1, Ordering::SeqCst);
                        let reply = [message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat();
                        stream.write_all(&reply).await.expect("written");
                    }
                }
            }
        }
    });
    (port, asked)
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("short").to_be_bytes();
    [&[kind][..], &length, body].concat()
}

fn statement(name: &str, sql: &str) -> Vec<u8> {
    let parse = message(b'P', format!("{name}\0{sql}\0\0\0").as_bytes());
    [parse, message(b'B', b""), message(b'E', b""), message(b'S', b"")].concat()
}

struct Client(TlsStream<TcpStream>);

impl Client {
    async fn connect(proxy: &Proxy) -> Self {
        let mut socket = TcpStream::connect(("127.0.0.1", proxy.port())).await.expect("a connection");
        socket.write_all(&SSL_REQUEST).await.expect("written");
        let mut answer = [0_u8; 1];
        socket.read_exact(&mut answer).await.expect("an answer");
        let connector = TlsConnector::builder().danger_accept_invalid_certs(true).build().expect("TLS");
        let connector = tokio_native_tls::TlsConnector::from(connector);
        let mut client = Self(connector.connect("localhost", socket).await.expect("TLS"));
        client.send(&[0, 0, 0, 8, 0, 3, 0, 0]).await;
        client.wait(1).await.expect("ready");
        client
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("written");
    }

    /// Reads on until so many ReadyForQuery replies have come.
    async fn wait(&mut self, replies: usize) -> std::io::Result<()> {
        let mut seen = 0;
        while seen < replies {
            seen += usize::from(read_message(&mut self.0).await?[0] == b'Z');
        }
        Ok(())
    }
}

async fn stand() -> (Proxy, Client, Arc<AtomicUsize>, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let certificates = Certificates::ensure(folder.path()).expect("certificates");
    let (port, asked) = server(&certificates).await;
    let proxy = Proxy::start(port, &certificates).await;
    let client = Client::connect(&proxy).await;
    (proxy, client, asked, folder)
}

#[tokio::test]
async fn trips_statements_bytes_and_texts_are_counted_and_the_start_up_is_not() {
    let (proxy, mut client, _, _folder) = stand().await;
    assert_eq!(proxy.take(), Counts::default());
    let (one, two) = (statement("", "SELECT 1"), statement("named", "SELECT 2"));
    client.send(&one).await;
    client.wait(1).await.expect("a reply");
    client.send(&message(b'Q', b"BEGIN\0")).await;
    client.wait(1).await.expect("a reply");
    client.send(&[one.clone(), two.clone(), two.clone()].concat()).await;
    client.wait(3).await.expect("replies");
    let counts = proxy.take();
    assert_eq!((counts.round_trips, counts.statements), (3, 5));
    assert_eq!(counts.bytes_up, 2 * one.len() + 2 * two.len() + "Q....BEGIN.".len());
    assert_eq!((counts.sent("SELECT 1"), counts.sent("SELECT"), counts.sent("BEGIN")), (2, 4, 1));
    assert_eq!(proxy.take(), Counts::default());
}

#[tokio::test]
async fn each_trip_takes_at_least_the_added_time_and_pipelined_statements_take_it_together() {
    let (proxy, mut client, _, _folder) = stand().await;
    let added = Duration::from_millis(30);
    proxy.delay(added);
    let begun = Instant::now();
    for _ in 0..2 {
        client.send(&statement("", "SELECT 1")).await;
        client.wait(1).await.expect("a reply");
    }
    assert!(begun.elapsed() >= 2 * added);
    let begun = Instant::now();
    client.send(&statement("", "SELECT 1").repeat(100)).await;
    client.wait(100).await.expect("replies");
    assert!(begun.elapsed() >= added);
    assert!(begun.elapsed() < 100 * added, "one after the other");
    assert_eq!(proxy.take().round_trips, 3);
}

#[tokio::test]
async fn a_kill_at_the_beginning_of_a_trip_keeps_it_from_the_server_and_one_at_its_end_from_the_client() {
    for (point, is_asked) in [(0, false), (1, true), (2, false), (3, true)] {
        let (proxy, mut client, asked, _folder) = stand().await;
        let killed = Arc::<AtomicUsize>::default();
        proxy.arm(point, {
            let killed = killed.clone();
            move || {
                killed.fetch_add(1, Ordering::SeqCst);
            }
        });
        for _ in 0..point / 2 {
            client.send(&statement("", "SELECT 1")).await;
            client.wait(1).await.expect("a reply");
        }
        assert_eq!(killed.load(Ordering::SeqCst), 0, "not yet at point {point}");
        client.send(&statement("", "SELECT 2")).await;
        let silence = tokio::time::timeout(Duration::from_millis(300), client.wait(1)).await;
        assert!(!matches!(silence, Ok(Ok(()))), "no reply after point {point}");
        assert_eq!(killed.load(Ordering::SeqCst), 1);
        assert_eq!(asked.load(Ordering::SeqCst), point / 2 + usize::from(is_asked));
        assert!(!proxy.disarm(), "it happens once");
    }
}
