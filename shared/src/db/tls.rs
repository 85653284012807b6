//! The database URL made safe, and the TLS connector built once.
//!
//! Invariant: there is no way to a plain-text connection. tokio-postgres knows neither `verify-full` nor the parameters
//! that poolers' documentation puts into URLs, so they are read and removed here.

use std::time::Duration;

use native_tls::{Certificate, TlsConnector};
use postgres_native_tls::MakeTlsConnector;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, SslMode};
use url::Url;

/// How the server's certificate is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// Chain and host name, against the configured CA or the system's.
    Full,
    /// Encrypted, but the certificate is not checked: `sslmode=require` without a CA, on this machine alone.
    None,
}

/// Where and how to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The driver's settings, with TLS required.
    pub config: Config,
    /// The certificate check.
    pub verification: Verification,
}

/// Why a database URL cannot be used. The texts never hold the URL: it has a password in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL with the scheme of Postgres.
    #[error("is not a postgresql:// URL (expected postgresql://USER:PASSWORD@HOST:6543/DATABASE?sslmode=verify-full)")]
    NotPostgres,
    /// No user, host or database in it.
    #[error("names no {0}")]
    Missing(&'static str),
    /// A mode that could send the password in plain text.
    #[error("has sslmode={0}, which may send data unencrypted; use sslmode=verify-full")]
    Plaintext(String),
    /// Over a network, a certificate that nobody checks lets anybody in between answer as the server.
    #[error(
        "has sslmode=require and no CA, which checks no certificate; use sslmode=verify-full, with the server's CA in DATABASE_CA_PEM"
    )]
    Unverified,
}

/// Parameters that clients and poolers put into URLs and the driver refuses.
const FOREIGN: [&str; 9] =
    ["sslmode", "sslrootcert", "sslcert", "sslkey", "pgbouncer", "connection_limit", "pool_timeout", "schema", "supa"];

impl Target {
    /// Reads a database URL. `ca_given` says whether the configuration holds a CA certificate: with one, the certificate
    /// is always checked in full; without one it is checked by the system's CAs, and `require`, which would check nothing, is
    /// accepted for this machine's own addresses alone.
    ///
    /// # Errors
    /// [`UrlError`], without the URL in its text.
    pub fn parse(url: &SecretString, ca_given: bool) -> Result<Self, UrlError> {
        let mut url = Url::parse(url.expose_secret()).map_err(|_| UrlError::NotPostgres)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(UrlError::NotPostgres);
        }
        let sslmode = url.query_pairs().find(|(key, _)| key == "sslmode").map(|(_, value)| value.into_owned());
        let verification = match sslmode.as_deref() {
            None | Some("verify-full" | "verify-ca") => Verification::Full,
            Some("require") if ca_given => Verification::Full,
            Some("require") if is_this_machine(&url) => Verification::None,
            Some("require") => return Err(UrlError::Unverified),
            Some(other) => return Err(UrlError::Plaintext(other.to_owned())),
        };
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(key, _)| !FOREIGN.contains(&key.as_ref()))
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        let mut config: Config = url.as_str().parse().map_err(|_| UrlError::NotPostgres)?;
        if config.get_hosts().is_empty() {
            return Err(UrlError::Missing("host"));
        }
        if config.get_user().is_none_or(str::is_empty) {
            return Err(UrlError::Missing("user"));
        }
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(UrlError::Missing("database"));
        }
        config
            .ssl_mode(SslMode::Require)
            .channel_binding(ChannelBinding::Prefer)
            .application_name(application_name())
            .tcp_user_timeout(Duration::from_secs(2))
            .keepalives_idle(Duration::from_secs(30));
        Ok(Self { config, verification })
    }
}

/// Whether what the URL names cannot be anywhere else: its whole name is `localhost`, or it is a loopback address.
fn is_this_machine(url: &Url) -> bool {
    // A scheme that the standard does not know leaves addresses of IPv4 as names.
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// What the database's list of connections shows.
#[cfg(not(feature = "testing"))]
fn application_name() -> &'static str {
    "insurance-navigator"
}

/// In tests the wire tap has to know whose connection it sees.
#[cfg(feature = "testing")]
fn application_name() -> String {
    format!("insurance-navigator/{}", std::process::id())
}

/// Builds the connector. Once per process: native-tls reads the system's CA bundle each time.
///
/// # Errors
/// When the CA certificate is not PEM, or the TLS library refuses the settings.
pub fn connector(verification: Verification, ca_pem: Option<&str>) -> Result<MakeTlsConnector, native_tls::Error> {
    let mut builder = TlsConnector::builder();
    builder.min_protocol_version(Some(native_tls::Protocol::Tlsv12));
    if let Some(pem) = ca_pem {
        builder.disable_built_in_roots(true);
        for certificate in Certificate::stack_from_pem(pem.as_bytes())? {
            builder.add_root_certificate(certificate);
        }
    }
    if verification == Verification::None {
        builder.danger_accept_invalid_certs(true).danger_accept_invalid_hostnames(true);
    }
    Ok(MakeTlsConnector::new(builder.build()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str, ca_given: bool) -> Result<Target, UrlError> {
        Target::parse(&SecretString::from(url), ca_given)
    }

    #[test]
    fn parameters_the_driver_does_not_know_are_removed() {
        let target = parse(
            "postgresql://u:p@h:6543/d?pgbouncer=true&sslmode=verify-full&sslrootcert=x&connect_timeout=3",
            false,
        )
        .expect("a usable URL");
        assert_eq!(target.verification, Verification::Full);
        assert_eq!(target.config.get_ssl_mode(), SslMode::Require);
        assert_eq!(target.config.get_ports(), [6543]);
    }

    #[test]
    fn a_mode_that_could_be_plain_text_is_refused() {
        for mode in ["disable", "allow", "prefer"] {
            let error = parse(&format!("postgresql://u:p@h/d?sslmode={mode}"), true).expect_err("refused");
            assert_eq!(error, UrlError::Plaintext(mode.to_owned()));
        }
    }

    #[test]
    fn a_ca_turns_require_into_a_full_check() {
        assert_eq!(
            parse("postgresql://u:p@h/d?sslmode=require", true).expect("usable").verification,
            Verification::Full
        );
        for host in ["127.0.0.1:6543", "[::1]", "localhost"] {
            let target = parse(&format!("postgresql://u:p@{host}/d?sslmode=require"), false).expect("usable");
            assert_eq!(target.verification, Verification::None, "{host}");
        }
    }

    #[test]
    fn over_a_network_a_certificate_is_always_checked() {
        for host in
            ["h", "db.abc.supabase.co", "10.0.0.1", "172.17.0.1:6543", "localhost.example.org", "127.0.0.1.example.org"]
        {
            let error = parse(&format!("postgresql://u:p@{host}/d?sslmode=require"), false).expect_err(host);
            assert_eq!(error, UrlError::Unverified, "{host}");
            // Without a word about it the check is the full one, as with verify-full: by the system's CAs.
            let silent = parse(&format!("postgresql://u:p@{host}/d"), false).expect(host);
            assert_eq!(silent.verification, Verification::Full, "{host}");
        }
    }

    #[test]
    fn an_unusable_url_is_described_without_its_password() {
        for url in ["mysql://u:hunter2@h/d", "not a url hunter2", "postgresql://hunter2", "postgresql://:hunter2@h/d"] {
            let error = parse(url, false).expect_err("refused").to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
