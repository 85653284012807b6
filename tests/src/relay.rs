//! What every proxy between function and pooler needs: a port on loopback, and the TLS of both sides, which ends here.

use native_tls::{Identity, TlsConnector};
use ops::certificates::Certificates;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_native_tls::TlsStream;

/// The requests before the start-up message (PostgreSQL, "Message Formats": SSLRequest, GSSENCRequest).
pub(crate) const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
const GSS_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 48];

/// The TLS of both ends.
#[derive(Clone)]
pub(crate) struct Ends {
    acceptor: tokio_native_tls::TlsAcceptor,
    connector: tokio_native_tls::TlsConnector,
}

impl Ends {
    /// With the pooler's certificate towards the clients.
    pub(crate) fn new(certificates: &Certificates) -> Self {
        let read = |path| std::fs::read(path).expect("a certificate");
        let identity =
            Identity::from_pkcs8(&read(&certificates.certificate), &read(&certificates.key)).expect("an identity");
        let acceptor = native_tls::TlsAcceptor::new(identity).expect("an acceptor");
        // Once: the system's CA certificates, which are of no use here, take 20 ms to load.
        let connector = TlsConnector::builder().disable_built_in_roots(true).danger_accept_invalid_certs(true).build();
        Self { acceptor: acceptor.into(), connector: connector.expect("a connector").into() }
    }

    /// Both ends of a connection that passes through here, in the clear: the client's TLS ends here and another begins to the
    /// server. Clients that ask for GSS encryption first are told that there is none.
    pub(crate) async fn between(
        &self,
        mut client: TcpStream,
        upstream: u16,
    ) -> std::io::Result<(TlsStream<TcpStream>, TlsStream<TcpStream>)> {
        let failed = |error: native_tls::Error| std::io::Error::other(error);
        client.set_nodelay(true)?;
        let mut request = [0_u8; 8];
        client.read_exact(&mut request).await?;
        if request == GSS_REQUEST {
            client.write_all(b"N").await?;
            client.read_exact(&mut request).await?;
        }
        assert_eq!(request, SSL_REQUEST, "a connection without TLS");
        client.write_all(b"S").await?;
        let client = self.acceptor.accept(client).await.map_err(failed)?;
        let mut server = TcpStream::connect(("127.0.0.1", upstream)).await?;
        server.set_nodelay(true)?;
        server.write_all(&SSL_REQUEST).await?;
        let mut answer = [0_u8; 1];
        server.read_exact(&mut answer).await?;
        Ok((client, self.connector.connect("localhost", server).await.map_err(failed)?))
    }
}

/// Listens on a port of loopback and serves each connection in a task; how one ends is no concern of the others. The task that
/// is returned listens until it is aborted.
pub(crate) async fn listen<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> (u16, JoinHandle<()>)
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let task = tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client));
        }
    });
    (port, task)
}
