//! Access tokens: JWTs signed with HS256 (RFC 7519, RFC 8725, RFC 9068).
//!
//! Invariants: the algorithm and the key are the server's choice, never the token's; every claim is required; a header
//! that asks for anything beyond `alg` and `typ` is refused; time is the [`Clock`]'s, with 5 s of leeway.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Principal;
use crate::clock::Clock;
use crate::config::Config;

/// The `iss` and `aud` of every token.
const ISSUER: &str = "insurance-navigator";
const AUDIENCE: &str = "insurance-navigator-api";
const TYPE: &str = "at+jwt";
const LEEWAY_S: u64 = 5;
/// The longest token that is looked at, in bytes.
const MAX_BYTES: usize = 4_096;

/// Signs and verifies access tokens. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    ttl: Duration,
    clock: Clock,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    jti: Uuid,
    iat: u64,
    exp: u64,
    app_roles: Vec<String>,
}

/// Exactly these header fields; anything else (`crit`, `jwk`, `jku`, `x5u`, `x5c`, `b64`, `zip`, …) is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    alg: String,
    typ: String,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Malformed, not ours, or changed on the way.
    #[error("the access token is not valid")]
    Invalid,
    /// It was valid once.
    #[error("the access token has expired")]
    Expired,
}

/// The token could not be made; the signing key is unusable.
#[derive(Debug, thiserror::Error)]
#[error("the access token could not be signed")]
pub struct SigningError(#[source] jsonwebtoken::errors::Error);

impl Tokens {
    /// Keys and lifetime from the configuration.
    pub fn new(config: &Config, clock: Clock) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // Expiry is checked below, on this product's clock.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(config.jwt_key_bytes()),
            decoding: DecodingKey::from_secret(config.jwt_key_bytes()),
            validation,
            ttl: config.access_token_ttl,
            clock,
        }
    }

    /// How long a new token is valid.
    pub fn ttl(&self) -> Duration {
        self.ttl
    }

    /// Signs a token for `principal`.
    ///
    /// # Errors
    /// [`SigningError`] when the key is unusable; the configuration check makes that impossible in practice.
    pub fn issue(&self, principal: &Principal) -> Result<String, SigningError> {
        let now = self.clock.unix_seconds();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: principal.user.uuid(),
            sid: principal.session.uuid(),
            jti: Uuid::new_v4(),
            iat: now,
            exp: now + self.ttl.as_secs(),
            app_roles: principal.roles.clone(),
        };
        let header = Header { typ: Some(TYPE.to_owned()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &self.encoding).map_err(SigningError)
    }

    /// Verifies a token and returns who it speaks for.
    ///
    /// # Errors
    /// [`TokenError`]; it does not say which check failed.
    pub fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        if token.len() > MAX_BYTES {
            return Err(TokenError::Invalid);
        }
        check_header(token)?;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        let now = self.clock.unix_seconds();
        if claims.iat > now + LEEWAY_S || claims.exp < claims.iat {
            return Err(TokenError::Invalid);
        }
        if claims.exp + LEEWAY_S <= now {
            return Err(TokenError::Expired);
        }
        Ok(Principal { user: claims.sub.into(), session: claims.sid.into(), roles: claims.app_roles })
    }
}

fn check_header(token: &str) -> Result<(), TokenError> {
    let (header, _) = token.split_once('.').ok_or(TokenError::Invalid)?;
    let json = URL_SAFE_NO_PAD.decode(header).map_err(|_| TokenError::Invalid)?;
    let header: StrictHeader = serde_json::from_slice(&json).map_err(|_| TokenError::Invalid)?;
    let is_ours = header.alg == "HS256" && header.typ.eq_ignore_ascii_case(TYPE);
    if is_ours { Ok(()) } else { Err(TokenError::Invalid) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{SessionId, UserId};
    use chrono::{DateTime, TimeDelta, Utc};

    const KEY: &str = "Zk3v-0pQ8x_unit-test-only_9LmN2rT5yU7w";
    const OTHER_KEY: &str = "Another-0pQ8x_unit-test-only_9LmN2rT5yU";

    fn at(seconds: i64) -> Clock {
        let start: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().expect("a time");
        Clock::fixed(start + TimeDelta::seconds(seconds))
    }

    fn tokens(key: &str, clock: Clock) -> Tokens {
        let config = Config::from_lookup(|name| match name {
            "DATABASE_URL" => Some("postgresql://navigator_api:p@h:6543/postgres?sslmode=require".to_owned()),
            "JWT_SECRET_KEY" => Some(key.to_owned()),
            _ => None,
        })
        .expect("a configuration");
        Tokens::new(&config, clock)
    }

    fn principal() -> Principal {
        Principal { user: UserId::new(), session: SessionId::new(), roles: vec!["user".to_owned()] }
    }

    #[test]
    fn a_token_speaks_for_the_principal_it_was_issued_for() {
        let who = principal();
        let token = tokens(KEY, at(0)).issue(&who).expect("signed");
        assert_eq!(tokens(KEY, at(60)).verify(&token), Ok(who));
    }

    #[test]
    fn a_token_expires_to_the_second_after_its_leeway() {
        let token = tokens(KEY, at(0)).issue(&principal()).expect("signed");
        assert!(tokens(KEY, at(30 * 60 + 4)).verify(&token).is_ok());
        assert_eq!(tokens(KEY, at(30 * 60 + 5)).verify(&token), Err(TokenError::Expired));
    }

    #[test]
    fn a_token_from_the_future_or_of_another_key_is_refused() {
        let who = principal();
        let token = tokens(KEY, at(0)).issue(&who).expect("signed");
        assert_eq!(tokens(KEY, at(-6)).verify(&token), Err(TokenError::Invalid));
        assert_eq!(tokens(OTHER_KEY, at(0)).verify(&token), Err(TokenError::Invalid));
    }

    #[test]
    fn every_changed_byte_makes_a_token_invalid() {
        let verifier = tokens(KEY, at(0));
        let token = verifier.issue(&principal()).expect("signed");
        for position in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(verifier.verify(&changed), Err(TokenError::Invalid), "byte {position}");
        }
    }

    #[test]
    fn a_header_with_anything_beyond_alg_and_typ_is_refused() {
        let verifier = tokens(KEY, at(0));
        let token = verifier.issue(&principal()).expect("signed");
        let rest = token.split_once('.').expect("three parts").1;
        for header in [
            r#"{"alg":"none","typ":"at+jwt"}"#,
            r#"{"alg":"HS512","typ":"at+jwt"}"#,
            r#"{"alg":"HS256","typ":"JWT"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"HS256","typ":"at+jwt","crit":["exp"]}"#,
            r#"{"alg":"HS256","typ":"at+jwt","jku":"https://example.org"}"#,
            r#"{"alg":"HS256","typ":"at+jwt","b64":false}"#,
        ] {
            let forged = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
            assert_eq!(verifier.verify(&forged), Err(TokenError::Invalid), "{header}");
        }
    }
}
