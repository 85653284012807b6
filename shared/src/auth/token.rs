//! Access tokens: JWTs signed with HS256 (RFC 7519, RFC 8725, RFC 9068).
//!
//! Invariants: the algorithm and the key are the server's choice, never the token's; header and claims have exactly the
//! members that [`Tokens::issue`] writes, each in its one form; time is the [`Clock`]'s, with 5 s of leeway.
//!
//! A new claim goes into the verifier one release before it goes into the signer: while both releases run, the older one
//! refuses what it does not know.

use std::time::Duration;

use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::jws::{self, VerifyingKey};
use super::{Principal, hs256, object};
use crate::clock::Clock;
use crate::config::{Config, MAX_ACCESS_TOKEN_MINUTES};

/// The `iss` and `aud` of every token.
const ISSUER: &str = "insurance-navigator";
const AUDIENCE: &str = "insurance-navigator-api";
const TYPE: &str = "at+jwt";
const LEEWAY_S: u64 = 5;
/// No configuration issues a token for longer.
const MAX_LIFETIME_S: u64 = 60 * MAX_ACCESS_TOKEN_MINUTES;

/// Signs and verifies access tokens. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    /// None when the secret is empty, which the configuration refuses.
    signing: Option<EncodingKey>,
    /// The signing key, then the one before it during a rotation.
    verifying: Vec<VerifyingKey>,
    ttl: Duration,
    clock: Clock,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: Id,
    sid: Id,
    jti: Id,
    iat: u64,
    exp: u64,
    app_roles: Vec<String>,
}

/// A UUID in the one form that is issued: 36 characters, lower case.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "Uuid")]
struct Id(Uuid);

impl TryFrom<String> for Id {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Uuid::try_parse(&text).ok().filter(|id| id.to_string() == text).map(Self).ok_or("not a UUID as it is issued")
    }
}

impl From<Id> for Uuid {
    fn from(id: Id) -> Self {
        id.0
    }
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
pub struct SigningError(#[source] Error);

impl Tokens {
    /// Keys and lifetime from the configuration.
    pub fn new(config: &Config, clock: Clock) -> Self {
        Self {
            signing: hs256::signing_key(config.jwt_key_bytes()).ok(),
            verifying: config.jwt_keys_bytes().map(VerifyingKey::new).collect(),
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
            sub: Id(principal.user.uuid()),
            sid: Id(principal.session.uuid()),
            jti: Id(Uuid::new_v4()),
            iat: now,
            exp: now + self.ttl.as_secs(),
            app_roles: principal.roles.clone(),
        };
        let header = Header { typ: Some(TYPE.to_owned()), ..Header::new(Algorithm::HS256) };
        let key = self.signing.as_ref().ok_or_else(|| SigningError(ErrorKind::InvalidKeyFormat.into()))?;
        jsonwebtoken::encode(&header, &claims, key).map_err(SigningError)
    }

    /// Verifies a token and returns who it speaks for.
    ///
    /// # Errors
    /// [`TokenError`]; it does not say which check failed.
    pub fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        let verified = jws::verify(token, &self.verifying).map_err(|_| TokenError::Invalid)?;
        if !is_our_header(&verified.header) {
            return Err(TokenError::Invalid);
        }
        let claims = object::parse(&verified.payload).ok_or(TokenError::Invalid)?;
        let claims: Claims = serde_json::from_value(Value::Object(claims)).map_err(|_| TokenError::Invalid)?;
        if claims.iss != ISSUER || claims.aud != AUDIENCE {
            return Err(TokenError::Invalid);
        }
        self.check_time(&claims)?;
        Ok(Principal { user: claims.sub.0.into(), session: claims.sid.0.into(), roles: claims.app_roles })
    }

    fn check_time(&self, claims: &Claims) -> Result<(), TokenError> {
        let now = self.clock.unix_seconds();
        // A lifetime that is never issued also keeps the sums below from overflowing.
        let lifetime = claims.exp.checked_sub(claims.iat).ok_or(TokenError::Invalid)?;
        if lifetime > MAX_LIFETIME_S || claims.iat > now + LEEWAY_S {
            return Err(TokenError::Invalid);
        }
        if claims.exp + LEEWAY_S <= now { Err(TokenError::Expired) } else { Ok(()) }
    }
}

/// Exactly `alg`, which the signature's check has pinned, and `typ` (RFC 9068, section 2.1).
fn is_our_header(header: &Map<String, Value>) -> bool {
    header.len() == 2 && header.contains_key("alg") && header.get("typ").and_then(Value::as_str) == Some(TYPE)
}

#[cfg(test)]
mod mutants;
#[cfg(test)]
mod tests;
