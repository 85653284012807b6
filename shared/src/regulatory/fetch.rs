//! What may be fetched when a text is refreshed: pure decisions, no I/O. `ops` asks here before each connection.
//!
//! Invariants: only https, only the hosts of the list, only public addresses; a redirect is a new question. The address
//! that was checked is the one that is connected to, so a name that answers differently the second time gains nothing
//! (OWASP ASVS 5.0, 1.3.6; SSRF by DNS rebinding).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use url::{Host, Url};

/// The hosts whose texts this product uses. Exact names: a host below one of them may be anybody's.
pub const ALLOWED_HOSTS: [&str; 8] = [
    "www.cms.gov",
    "www.ecfr.gov",
    "www.healthcare.gov",
    "www.hhs.gov",
    "www.medicaid.gov",
    "www.medicare.gov",
    "www.ssa.gov",
    "www.va.gov",
];
/// The largest body, in bytes.
pub const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
/// The time for one address with all its redirects.
pub const MAX_TIME: Duration = Duration::from_secs(30);
/// The most redirects for one address.
pub const MAX_REDIRECTS: usize = 3;

/// Why something is not fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not an address.
    #[error("it is not an absolute URL")]
    NotAUrl,
    /// Another scheme than https.
    #[error("only https is fetched")]
    NotHttps,
    /// A user or a password in the address.
    #[error("the URL names a user")]
    Credentials,
    /// Another port than 443.
    #[error("only port 443 is fetched")]
    Port,
    /// A host that is not on the list, an address among them.
    #[error("the host {0} is not on the list of official hosts")]
    Host(String),
    /// The name's address is not a public one.
    #[error("the host's address {0} is not a public one")]
    Address(IpAddr),
    /// Too many redirects.
    #[error("there are more than {MAX_REDIRECTS} redirects")]
    Redirects,
}

/// The URL without its fragment, when its host may be asked.
///
/// # Errors
/// [`Refusal`].
pub fn target(url: &str) -> Result<Url, Refusal> {
    let mut url = Url::parse(url).map_err(|_| Refusal::NotAUrl)?;
    if url.scheme() != "https" {
        return Err(Refusal::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::Credentials);
    }
    if url.port().is_some() {
        return Err(Refusal::Port);
    }
    match url.host() {
        Some(Host::Domain(name)) if ALLOWED_HOSTS.contains(&name) => {}
        other => return Err(Refusal::Host(other.map(|host| host.to_string()).unwrap_or_default())),
    }
    url.set_fragment(None);
    Ok(url)
}

/// Where a redirect leads, when that may be asked. `hops` counts the redirects before it.
///
/// # Errors
/// [`Refusal`].
pub fn redirect(from: &Url, location: &str, hops: usize) -> Result<Url, Refusal> {
    if hops >= MAX_REDIRECTS {
        return Err(Refusal::Redirects);
    }
    target(from.join(location).map_err(|_| Refusal::NotAUrl)?.as_str())
}

/// The address itself when it is one of the public Internet.
///
/// # Errors
/// [`Refusal::Address`].
pub fn public(address: IpAddr) -> Result<IpAddr, Refusal> {
    let is_public = match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    };
    if is_public { Ok(address) } else { Err(Refusal::Address(address)) }
}

/// Not in the IANA registry of special-purpose addresses (RFC 6890).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224..=255, _, _)
    );
    !special
}

/// Global unicast (2000::/3) without the ranges that carry an IPv4 address or serve documentation and tests: mapped,
/// compatible, NAT64, 6to4 and Teredo addresses could lead back into a private network, so none of them passes.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_global = a & 0xe000 == 0x2000;
    let special = matches!((a, b), (0x2001, 0..=0x01ff | 0x0db8) | (0x2002, _) | (0x3fff, 0..=0x0fff));
    is_global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_addresses_are_refused_each_for_its_reason() {
        type Expected = fn(&Refusal) -> bool;
        let rows: [(&str, Expected); 21] = [
            ("http://www.medicare.gov/x", |r| *r == Refusal::NotHttps),
            ("ftp://www.medicare.gov/x", |r| *r == Refusal::NotHttps),
            ("file:///etc/passwd", |r| *r == Refusal::NotHttps),
            ("javascript:alert(1)", |r| *r == Refusal::NotHttps),
            ("gopher://www.medicare.gov:70/_x", |r| *r == Refusal::NotHttps),
            ("/relative", |r| *r == Refusal::NotAUrl),
            ("https://", |r| *r == Refusal::NotAUrl),
            ("https://user@www.medicare.gov/x", |r| *r == Refusal::Credentials),
            ("https://www.medicare.gov:pass@evil.example/", |r| *r == Refusal::Credentials),
            ("https://www.medicare.gov:8443/x", |r| *r == Refusal::Port),
            ("https://evil.example/", |r| matches!(r, Refusal::Host(_))),
            ("https://www.medicare.gov.evil.example/", |r| matches!(r, Refusal::Host(_))),
            ("https://evilwww.medicare.gov/", |r| matches!(r, Refusal::Host(_))),
            ("https://medicare.gov./", |r| matches!(r, Refusal::Host(_))),
            ("https://www.medicare.gov./", |r| matches!(r, Refusal::Host(_))),
            ("https://127.0.0.1/", |r| matches!(r, Refusal::Host(_))),
            ("https://0x7f.1/", |r| matches!(r, Refusal::Host(_))),
            ("https://2130706433/", |r| matches!(r, Refusal::Host(_))),
            ("https://[::1]/", |r| matches!(r, Refusal::Host(_))),
            ("https://www.medıcare.gov/", |r| matches!(r, Refusal::Host(_))),
            ("https://evil.example\\@www.medicare.gov/", |r| matches!(r, Refusal::Host(_))),
        ];
        for (url, expected) in rows {
            let refusal = target(url).expect_err(url);
            assert!(expected(&refusal), "{url}: {refusal:?}");
        }
    }

    #[test]
    fn an_official_address_passes_without_its_fragment() {
        let url = target("https://WWW.medicare.gov:443/publications/a.pdf#page=9").expect("allowed");
        assert_eq!(url.as_str(), "https://www.medicare.gov/publications/a.pdf");
    }

    #[test]
    fn a_redirect_is_a_new_question() {
        let from = target("https://www.medicare.gov/a/b").expect("allowed");
        assert_eq!(redirect(&from, "../c", 0).map(|url| url.to_string()), Ok("https://www.medicare.gov/c".to_owned()));
        assert!(redirect(&from, "https://www.cms.gov/x", 2).is_ok());
        for location in ["http://www.medicare.gov/", "//evil.example/", "https://169.254.169.254/latest/meta-data"] {
            assert!(redirect(&from, location, 0).is_err(), "{location}");
        }
        assert_eq!(redirect(&from, "/x", MAX_REDIRECTS), Err(Refusal::Redirects));
    }

    #[test]
    fn only_public_addresses_pass() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.254",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.254",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.254",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            let address: IpAddr = text.parse().expect("an address");
            assert_eq!(public(address), Err(Refusal::Address(address)), "{text}");
        }
        for text in
            ["8.8.8.8", "23.22.13.113", "100.63.255.255", "172.15.0.1", "172.32.0.1", "2606:4700::1", "2600:1f18::1"]
        {
            let address: IpAddr = text.parse().expect("an address");
            assert_eq!(public(address), Ok(address), "{text}");
        }
    }
}
