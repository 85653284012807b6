//! SCRAM verifiers (RFC 5803), computed here: a statement, and with it the server's log and pg_stat_statements, holds what the server
//! stores anyway, never a password.
//!
//! Invariant: a verifier has the rounds that whoever checks the password announces. PostgreSQL and PgBouncer announce those of the
//! verifier; Supavisor, Supabase's shared pooler, always announces 4,096, and refuses every other verifier.
//!
//! Rounds slow down guessing: they matter for passwords that a person chose. One that is made here has 192 random bits or more, which
//! nobody guesses at any speed, and each cold start of a function pays for its rounds (docs/decisions/001-scram-rounds.md).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use launcher::process::random_hex;
use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha256};
use url::Url;
use uuid::Uuid;

use crate::{OpsError, Result};

/// The usual number of rounds, and the least for a password that may be guessed (RFC 7677, section 4).
const ROUNDS: u32 = 4_096;
/// For a password that nobody guesses.
const FEW_ROUNDS: u32 = 1;
/// So many hexadecimal digits, 192 bits, and nothing else: a password that was made, not chosen.
const MADE_DIGITS: usize = 48;

/// What a server keeps of a password: `SCRAM-SHA-256$rounds:salt$StoredKey:ServerKey`.
///
/// It has no `Debug` and no `Display`: with it and one overheard log-in one could log in.
pub struct Verifier(String);

impl Verifier {
    /// The verifier of the password in a database URL, with the rounds that suit the place it names.
    ///
    /// # Errors
    /// When it is no URL, or its password is empty or has other characters than ASCII.
    pub fn of_url(url: &str) -> Result<Self> {
        let url = Url::parse(url).map_err(|_| OpsError::said("the functions' DATABASE_URL is no URL"))?;
        let password = percent_decode_str(url.password().unwrap_or_default()).decode_utf8_lossy();
        let salt = Uuid::parse_str(&random_hex(16)?).map_err(|error| OpsError::said(error.to_string()))?;
        Self::new(&password, salt.as_bytes(), rounds(&url, &password))
    }

    fn new(password: &str, salt: &[u8], rounds: u32) -> Result<Self> {
        // Beyond ASCII the server would normalize the password first (RFC 4013).
        if password.is_empty() || !password.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(OpsError::said("the role's password may hold only printable ASCII characters"));
        }
        let salted = salted(password, salt, rounds)?;
        let stored = Sha256::digest(hmac(&salted, &[b"Client Key"])?);
        let server = hmac(&salted, &[b"Server Key"])?;
        let [salt, stored, server] = [salt, &stored[..], &server[..]].map(|bytes| STANDARD.encode(bytes));
        Ok(Self(format!("SCRAM-SHA-256${rounds}:{salt}${stored}:{server}")))
    }

    /// `ALTER ROLE name PASSWORD '…'`. The verifier's characters need no quoting.
    pub(crate) fn statement(&self, role: &str) -> String {
        format!("ALTER ROLE {role} PASSWORD '{}'", self.0)
    }
}

/// The rounds for a password at the place that a URL names.
fn rounds(url: &Url, password: &str) -> u32 {
    // Supavisor finds the project by the name: role.project.
    let is_supavisor =
        url.username().contains('.') || url.host_str().is_some_and(|host| host.ends_with(".pooler.supabase.com"));
    let is_made = password.len() >= MADE_DIGITS && password.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_made && !is_supavisor { FEW_ROUNDS } else { ROUNDS }
}

/// PBKDF2 with HMAC-SHA-256, one block.
fn salted(password: &str, salt: &[u8], rounds: u32) -> Result<[u8; 32]> {
    let mut last = hmac(password.as_bytes(), &[salt, &1_u32.to_be_bytes()])?;
    let mut all = last;
    for _ in 1..rounds {
        last = hmac(password.as_bytes(), &[&last])?;
        all.iter_mut().zip(last).for_each(|(sum, byte)| *sum ^= byte);
    }
    Ok(all)
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Result<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|error| OpsError::said(error.to_string()))?;
    parts.iter().for_each(|part| mac.update(part));
    Ok(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_of_another_implementation() {
        // Made with Python's hashlib.pbkdf2_hmac and hmac.
        for (password, rounds, expected) in [
            (
                "pencil",
                4_096,
                "SCRAM-SHA-256$4096:MDEyMzQ1Njc4OWFiY2RlZg==$nQpbZ77WudtqufPwikHXGRt6g2QJ4zns8bZLw273DRM=:jn2amWP1q1h+jgjy0YTO14S6/F02SV7taipOeB7ef20=",
            ),
            (
                "pencil",
                1,
                "SCRAM-SHA-256$1:MDEyMzQ1Njc4OWFiY2RlZg==$6E6za7g9nQj7bvJ78b+hKOVaeRanit38xaWlCSvoB4Y=:+Xl/1j60mYw7IUJQ7cmQYlUgCDB0vLsvuw4MqpuAMaQ=",
            ),
        ] {
            let verifier = Verifier::new(password, b"0123456789abcdef", rounds);
            assert_eq!(verifier.map(|verifier| verifier.0).expect("a verifier"), expected);
        }
    }

    #[test]
    fn few_rounds_are_for_passwords_that_were_made_and_poolers_that_read_the_verifier() {
        let made = "0123456789abcdef".repeat(4);
        for (url, password, expected) in [
            ("postgresql://navigator_api:x@127.0.0.1:6543/d", &made[..], FEW_ROUNDS),
            ("postgresql://navigator_api:x@db.abc.supabase.co:6543/d", &made[..48], FEW_ROUNDS),
            ("postgresql://navigator_api:x@127.0.0.1:6543/d", "tr0ub4dor", ROUNDS),
            ("postgresql://navigator_api:x@127.0.0.1:6543/d", &made[..32], ROUNDS),
            ("postgresql://navigator_api.abc:x@pooler.example.org:6543/d", &made, ROUNDS),
            ("postgresql://navigator_api:x@aws-0-us-east-1.pooler.supabase.com:6543/d", &made, ROUNDS),
        ] {
            assert_eq!(rounds(&Url::parse(url).expect("a URL"), password), expected, "{url}");
        }
    }

    #[test]
    fn a_statement_holds_no_password_and_two_have_two_salts() {
        let url = "postgresql://navigator_api:s%65cret@127.0.0.1:6543/d";
        let statement =
            || Verifier::of_url(url).map(|verifier| verifier.statement("navigator_api")).expect("a verifier");
        let (one, other) = (statement(), statement());
        assert!(one.starts_with("ALTER ROLE navigator_api PASSWORD 'SCRAM-SHA-256$4096:") && one != other, "{one}");
        assert!(!one.contains("secret"));
        for url in ["postgresql://navigator_api@h/d", "postgresql://a:p%27w@h/d%", "no url", "postgresql://a:p%20w@h/d"]
        {
            let is_refused = Verifier::of_url(url).is_err();
            assert_eq!(is_refused, !url.contains("%27"), "{url}");
        }
    }
}
