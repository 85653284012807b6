//! TLS in front of the emulated Secrets Manager, which a cold start pays for in AWS too.

use std::sync::Arc;

use ops::certificates::Certificates;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// Serves on the returned port for as long as this program runs.
pub(crate) async fn serve(upstream: u16, certificates: &Certificates) -> u16 {
    let read = |path| std::fs::read(path).expect("a certificate");
    let identity = native_tls::Identity::from_pkcs8(&read(&certificates.certificate), &read(&certificates.key));
    let acceptor = native_tls::TlsAcceptor::new(identity.expect("an identity")).expect("an acceptor");
    let acceptor = Arc::new(tokio_native_tls::TlsAcceptor::from(acceptor));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut client = acceptor.accept(client).await.ok()?;
                let mut server = TcpStream::connect(("127.0.0.1", upstream)).await.ok()?;
                copy_bidirectional(&mut client, &mut server).await.ok()
            });
        }
    });
    port
}
