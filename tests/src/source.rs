//! A source of official texts on this machine: a TLS server that answers from a table, and the fetcher that finds it under
//! every name of the list.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use native_tls::Identity;
use ops::certificates;
use ops::regulatory::fetch::{Fetcher, Resolver};
use shared::regulatory::fetch::{ALLOWED_HOSTS, Refusal};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What the source answers: the status line's rest, more header lines, and the body.
#[derive(Clone, Debug)]
pub struct Canned {
    /// For example `200 OK`.
    pub status: &'static str,
    /// Header lines without their ends.
    pub headers: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

type Table = Arc<Mutex<BTreeMap<String, Canned>>>;

/// A running source.
pub struct Source {
    address: SocketAddr,
    ca_pem: Vec<u8>,
    table: Table,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers every name with one address.
#[derive(Clone, Debug)]
pub struct Fixed(pub Vec<SocketAddr>);

impl Resolver for Fixed {
    async fn resolve(&self, _host: &str) -> std::io::Result<Vec<SocketAddr>> {
        Ok(self.0.clone())
    }
}

impl Source {
    /// Starts a source that answers 404 to everything.
    pub async fn start() -> Self {
        let [ca_pem, certificate, key] = certificates::generate(&ALLOWED_HOSTS).expect("certificates");
        let identity = Identity::from_pkcs8(&certificate, &key).expect("an identity");
        let acceptor =
            tokio_native_tls::TlsAcceptor::from(native_tls::TlsAcceptor::new(identity).expect("an acceptor"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (table, requests) = (Table::default(), Arc::new(Mutex::new(Vec::new())));
        let task = tokio::spawn({
            let (table, requests) = (table.clone(), requests.clone());
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (acceptor, table, requests) = (acceptor.clone(), table.clone(), requests.clone());
                    tokio::spawn(async move {
                        let mut stream = acceptor.accept(stream).await.ok()?;
                        let mut head = Vec::new();
                        while !head.ends_with(b"\r\n\r\n") {
                            head.push(stream.read_u8().await.ok()?);
                        }
                        let head = String::from_utf8_lossy(&head).into_owned();
                        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                        requests.lock().expect("no panic while it is held").push(head);
                        let absent = Canned { status: "404 Not Found", headers: Vec::new(), body: Vec::new() };
                        let canned =
                            table.lock().expect("no panic while it is held").get(&path).cloned().unwrap_or(absent);
                        let mut reply = format!("HTTP/1.1 {}\r\nconnection: close\r\n", canned.status);
                        for header in &canned.headers {
                            reply.push_str(&format!("{header}\r\n"));
                        }
                        reply.push_str("\r\n");
                        stream.write_all(reply.as_bytes()).await.ok()?;
                        stream.write_all(&canned.body).await.ok()?;
                        stream.shutdown().await.ok()
                    });
                }
            }
        });
        Self { address, ca_pem, table, requests, task }
    }

    /// Sets what a path answers.
    pub fn set(&self, path: &str, status: &'static str, headers: &[&str], body: &[u8]) {
        let headers = headers.iter().map(|header| (*header).to_owned()).collect();
        let canned = Canned { status, headers, body: body.to_vec() };
        self.table.lock().expect("no panic while it is held").insert(path.to_owned(), canned);
    }

    /// The heads of the requests since the last call.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().expect("no panic while it is held"))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its authority.
    pub fn root(&self) -> reqwest::Certificate {
        reqwest::Certificate::from_pem(&self.ca_pem).expect("a certificate")
    }

    /// A fetcher that finds it under every name. Its rule lets 127.0.0.1 pass, and nothing else.
    pub fn fetcher(&self) -> Fetcher<Fixed> {
        fn this_machine(address: IpAddr) -> Result<IpAddr, Refusal> {
            if address == IpAddr::V4(Ipv4Addr::LOCALHOST) { Ok(address) } else { Err(Refusal::Address(address)) }
        }
        Fetcher::with_rules(Fixed(vec![self.address]), this_machine, self.root())
    }
}
