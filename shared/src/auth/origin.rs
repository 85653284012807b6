//! Where a request comes from: the client's network address as the gateway saw it, for limits and the audit log.
//!
//! Invariant: it is `requestContext.http.sourceIp`, never a header: a client can write any `X-Forwarded-For`.

use std::net::IpAddr;

/// A network address; of IPv6 the /64, because a client has the whole of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// From the gateway's text; what is no address is one common origin.
    pub fn parse(source_ip: Option<&str>) -> Self {
        match source_ip.and_then(|text| text.parse().ok()) {
            Some(IpAddr::V4(address)) => Self(address.to_string()),
            Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
                Some(mapped) => Self(mapped.to_string()),
                None => {
                    let [a, b, c, d, ..] = address.segments();
                    Self(format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"))
                }
            },
            None => Self("unknown".to_owned()),
        }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_client_is_its_64_and_what_is_no_address_is_one_origin() {
        let origin = |text| Origin::parse(Some(text)).as_str().to_owned();
        assert_eq!(origin("203.0.113.9"), "203.0.113.9");
        assert_eq!(origin("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(origin("2001:db8:1:2:3:4:5:6"), origin("2001:db8:1:2::1"));
        assert_ne!(origin("2001:db8:1:2::1"), origin("2001:db8:1:3::1"));
        assert_eq!(origin("1.2.3.4, 5.6.7.8"), "unknown");
        assert_eq!(Origin::parse(None).as_str(), "unknown");
    }
}
