//! A way from Docker's containers to the pooler of `cargo dev`, which listens on loopback alone.
//!
//! Invariant: it listens on loopback or on the address that Docker's own bridge has on this machine, never on another network.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::{OpsError, Result};

/// The name by which containers of Docker Desktop reach this machine's loopback.
const DESKTOP: &str = "host.docker.internal";

/// Where to listen so that containers can connect, and what the place is called among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The address of this machine to listen on.
    pub listen: IpAddr,
    /// The address or name that a container uses.
    pub host: String,
}

impl Way {
    /// The way over an address that somebody names, which must be loopback's; or, with an empty text, over Docker's bridge.
    ///
    /// # Errors
    /// One line: why there is none, and what to do.
    pub fn find(address: &str) -> Result<Self> {
        if address.is_empty() {
            return Self::of_docker();
        }
        match address.parse::<IpAddr>() {
            Ok(listen) if listen.is_loopback() => Ok(Self { listen, host: listen.to_string() }),
            _ => Err(OpsError::said(format!(
                "--docker={address} is not a loopback address; say --docker alone, and Docker is asked for the address of its bridge"
            ))),
        }
    }

    fn of_docker() -> Result<Self> {
        let gateway = "{{(index .IPAM.Config 0).Gateway}}";
        let output = Command::new("docker")
            .args(["network", "inspect", "bridge", "--format", gateway])
            .stdin(Stdio::null())
            .output()
            .map_err(|_| OpsError::said("there is no docker program here; install Docker, or leave --docker away"))?;
        if !output.status.success() {
            return Err(OpsError::said(
                "no Docker engine answers (docker network inspect bridge); start it, and run this again",
            ));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let gateway = text.trim().parse().map_err(|_| OpsError::said("Docker's bridge network has no gateway"))?;
        Ok(Self::over_bridge(gateway))
    }

    /// With Docker Desktop the bridge is inside a virtual machine: there containers reach this machine's loopback by a name.
    fn over_bridge(gateway: IpAddr) -> Self {
        let is_here = std::net::TcpListener::bind((gateway, 0))
            .map_or_else(|error| error.kind() != ErrorKind::AddrNotAvailable, |_| true);
        match is_here {
            true => Self { listen: gateway, host: gateway.to_string() },
            false => Self { listen: Ipv4Addr::LOCALHOST.into(), host: DESKTOP.to_owned() },
        }
    }
}

/// An open relay; dropping it closes it with every connection.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    work: JoinHandle<()>,
}

impl Relay {
    /// Listens on a free port of `listen`, and hands each connection on to the loopback port `to`.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn open(listen: IpAddr, to: u16) -> Result<Self> {
        let cannot = || OpsError::io(format!("nothing can listen on {listen} for Docker's containers"));
        let listener = TcpListener::bind((listen, 0)).await.map_err(cannot())?;
        let address = listener.local_addr().map_err(cannot())?;
        Ok(Self { address, work: tokio::spawn(hand_on(listener, to)) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.work.abort();
    }
}

async fn hand_on(listener: TcpListener, to: u16) {
    // They end with this task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((near, _)) = accepted {
                    connections.spawn(pass(near, to));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn pass(mut near: TcpStream, to: u16) {
    if let Ok(mut far) = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).await {
        let _ended = tokio::io::copy_bidirectional(&mut near, &mut far).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[test]
    fn only_loopback_can_be_named_and_a_bridge_elsewhere_is_docker_desktops() {
        let named = Way::find("127.0.0.2").expect("loopback");
        assert_eq!((named.listen.to_string(), named.host), ("127.0.0.2".to_owned(), "127.0.0.2".to_owned()));
        for address in ["0.0.0.0", "::", "192.168.0.10", "203.0.113.1", "localhost"] {
            let said = Way::find(address).expect_err(address).to_string();
            assert!(said.contains("not a loopback address") && said.contains("--docker alone"), "{said}");
        }
        let here = Way::over_bridge(Ipv4Addr::LOCALHOST.into());
        assert_eq!(here.host, "127.0.0.1");
        // Reserved for documents: no machine has it.
        let elsewhere = Way::over_bridge(Ipv4Addr::new(192, 0, 2, 1).into());
        assert_eq!(elsewhere, Way { listen: Ipv4Addr::LOCALHOST.into(), host: DESKTOP.to_owned() });
    }

    #[tokio::test]
    async fn bytes_pass_both_ways_and_a_dropped_relay_is_closed() {
        let far = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let relay = Relay::open(Ipv4Addr::LOCALHOST.into(), far.local_addr().expect("an address").port());
        let relay = relay.await.expect("a relay");
        let mut near = TcpStream::connect(relay.address()).await.expect("a connection");
        let (mut answering, _) = far.accept().await.expect("handed on");
        near.write_all(b"ask").await.expect("sent");
        let mut asked = [0; 3];
        answering.read_exact(&mut asked).await.expect("arrived");
        answering.write_all(b"told").await.expect("sent");
        let mut told = [0; 4];
        near.read_exact(&mut told).await.expect("arrived");
        assert_eq!((&asked, &told), (b"ask", b"told"));
        drop(relay);
        assert_eq!(near.read(&mut told).await.unwrap_or_default(), 0, "the connection ends with the relay");
    }
}
