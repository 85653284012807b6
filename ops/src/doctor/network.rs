//! Whether this network reaches the hosts: Supabase's direct host has IPv6 addresses only, and many networks, Lambda's too, have none.

use std::net::{IpAddr, UdpSocket};

use crate::checks::Trouble;

/// The addresses of a host; none when it does not resolve.
pub(super) async fn addresses(address: &str) -> Vec<IpAddr> {
    match tokio::net::lookup_host(address).await {
        Ok(found) => found.map(|address| address.ip()).collect(),
        Err(_) => Vec::new(),
    }
}

/// Whether this system has a way there; nothing is sent.
pub(super) fn has_way(to: IpAddr) -> bool {
    let from = if to.is_ipv6() { "[::]:0" } else { "0.0.0.0:0" };
    UdpSocket::bind(from).and_then(|socket| socket.connect((to, 5432))).is_ok()
}

/// What is wrong with where a host leads.
pub(super) fn judge(host: &str, addresses: &[IpAddr], has_way: impl Fn(IpAddr) -> bool) -> Option<Trouble> {
    if addresses.is_empty() {
        return Some(Trouble::new(
            format!("{host} does not resolve"),
            "correct the host; a paused project has none: resume it",
        ));
    }
    let session = "for migrations use the pooler's session mode: its host, port 5432, user postgres.<project-ref>";
    if !addresses.iter().all(IpAddr::is_ipv6) {
        return None;
    }
    Some(match addresses.iter().any(|address| has_way(*address)) {
        true => Trouble::new(
            format!("{host} has IPv6 only; this machine reaches it, Lambda and many networks do not"),
            format!("functions never use it; elsewhere {session}"),
        ),
        false => Trouble::new(format!("{host} has IPv6 only, and this network has none"), session),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_with_ipv6_only_is_told_with_the_way_around() {
        let (four, six): (IpAddr, IpAddr) = ("203.0.113.1".parse().expect("v4"), "2001:db8::1".parse().expect("v6"));
        assert_eq!(judge("h", &[four], |_| false), None);
        assert_eq!(judge("h", &[six, four], |_| false), None, "IPv4 is a way, too");
        let without = judge("db.x.supabase.co", &[six], |_| false).expect("told");
        assert!(without.found.contains("this network has none") && without.advice.contains("port 5432"), "{without:?}");
        assert!(judge("h", &[six], |_| true).expect("told").found.contains("Lambda"));
        assert!(judge("h", &[], |_| true).expect("told").found.contains("does not resolve"));
    }

    #[test]
    fn this_machine_has_a_way_to_itself() {
        assert!(has_way("127.0.0.1".parse().expect("v4")));
    }
}
