//! Opaque secrets that are used once: refresh tokens, and the tokens in mails to reset a password or prove an address.
//!
//! Invariants: 256 bits; a prefix of its own for each kind, so that none can be used for another; one spelling; no
//! `Debug` and no `Display`; the database stores the hash alone, and a token that has to be given again is computed
//! again ([`Derivation`]).

use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::config::Config;

/// 256 bits, which nobody guesses (ASVS 7.2.3 asks for 128).
const SECRET_BYTES: usize = 32;
/// Their base64url without padding.
const SECRET_CHARS: usize = 43;

/// Length of SHA-256's block.
const BLOCK_BYTES: usize = 64;

/// What a token is for.
pub trait Kind: sealed::Sealed {
    /// How its text begins.
    const PREFIX: &'static str;
}

/// What is sent by mail, and therefore computed from an id when the mail is composed.
pub trait Mailed: Kind {
    /// Sets this kind's key apart from every other use of the signing key.
    const LABEL: &'static [u8];
}

/// See [`RefreshToken`].
pub enum Refresh {}
/// See [`ResetToken`].
pub enum Reset {}
/// See [`VerificationToken`].
pub enum Verification {}

/// Continues a session (RFC 6749, section 1.5).
pub type RefreshToken = Opaque<Refresh>;
/// Lets the reader of a mail choose a new password.
pub type ResetToken = Opaque<Reset>;
/// Proves that a mail arrived.
pub type VerificationToken = Opaque<Verification>;

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Refresh {}
    impl Sealed for super::Reset {}
    impl Sealed for super::Verification {}
}

impl Kind for Refresh {
    const PREFIX: &'static str = "nr1.";
}

impl Kind for Reset {
    const PREFIX: &'static str = "np1.";
}

impl Mailed for Reset {
    const LABEL: &'static [u8] = b"insurance-navigator/1/password-reset";
}

impl Kind for Verification {
    const PREFIX: &'static str = "nv1.";
}

impl Mailed for Verification {
    const LABEL: &'static [u8] = b"insurance-navigator/1/address-verification";
}

/// Sets the key of the refresh tokens' children apart.
const CHILD_LABEL: &[u8] = b"insurance-navigator/1/refresh-child";

/// An opaque secret: the prefix of its kind, and 43 characters of base64url.
pub struct Opaque<K> {
    text: SecretString,
    kind: PhantomData<fn() -> K>,
}

/// The text is no token of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token of this kind")]
pub struct OpaqueError;

/// The operating system gives no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random numbers")]
pub struct RandomError(#[source] getrandom::Error);

impl<K: Kind> Opaque<K> {
    /// Reads a token.
    ///
    /// # Errors
    /// [`OpaqueError`] unless it is the prefix and 32 bytes in base64url without padding and without spare bits.
    pub fn parse(text: &str) -> Result<Self, OpaqueError> {
        let secret = text.strip_prefix(K::PREFIX).filter(|rest| rest.len() == SECRET_CHARS).ok_or(OpaqueError)?;
        let bytes = URL_SAFE_NO_PAD.decode(secret).map_err(|_| OpaqueError)?;
        if bytes.len() == SECRET_BYTES { Ok(Self::of(text.to_owned())) } else { Err(OpaqueError) }
    }

    /// The text, for the reply or the mail that carries it, and for nothing else.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// What the database stores: SHA-256 over the whole text. A slow hash is for passwords; nobody guesses 256 bits.
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.expose()).to_vec()
    }

    fn from_bytes(secret: &[u8; SECRET_BYTES]) -> Self {
        Self::of(format!("{}{}", K::PREFIX, URL_SAFE_NO_PAD.encode(secret)))
    }

    fn of(text: String) -> Self {
        Self { text: SecretString::from(text), kind: PhantomData }
    }
}

impl<K> Clone for Opaque<K> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), kind: PhantomData }
    }
}

impl<K: Kind> Opaque<K> {
    /// A new token that derives from nothing: the first of a session, or an operator's.
    ///
    /// # Errors
    /// [`RandomError`] when the operating system gives no random numbers.
    pub fn random() -> Result<Self, RandomError> {
        let mut secret = [0_u8; SECRET_BYTES];
        getrandom::fill(&mut secret).map_err(RandomError)?;
        Ok(Self::from_bytes(&secret))
    }
}

/// Computes tokens from what is known already, with keys derived from those that sign access tokens: whoever can compute
/// them could sign an access token as well. Cheap to clone.
#[derive(Clone)]
pub struct Derivation {
    /// HMAC with the signing key.
    current: Hmac<Sha256>,
    /// HMAC with the key before it, during a rotation.
    previous: Option<Hmac<Sha256>>,
}

impl Derivation {
    /// Keyed by the configuration's keys.
    pub fn new(config: &Config) -> Self {
        let mut keys = config.jwt_keys_bytes().skip(1).map(keyed);
        Self { current: keyed(config.jwt_key_bytes()), previous: keys.next() }
    }

    /// The token that follows `parent`. It is the same each time, so that a client that lost the reply gets it again
    /// although it is not stored.
    pub fn child(&self, parent: &RefreshToken) -> RefreshToken {
        derive(&self.current, CHILD_LABEL, parent.expose().as_bytes())
    }

    /// [`Derivation::child`] with each key: one that was given just before the keys were changed is among them.
    pub fn child_candidates(&self, parent: &RefreshToken) -> Vec<RefreshToken> {
        self.with_each(CHILD_LABEL, parent.expose().as_bytes())
    }

    /// The token of the request `id`: computed when its hash is stored, and again when the mail is composed.
    pub fn one_time<K: Mailed>(&self, id: Uuid) -> Opaque<K> {
        derive(&self.current, K::LABEL, id.as_bytes())
    }

    /// [`Derivation::one_time`] with each key: the one whose hash is stored is the one to send.
    pub fn one_time_candidates<K: Mailed>(&self, id: Uuid) -> Vec<Opaque<K>> {
        self.with_each(K::LABEL, id.as_bytes())
    }

    fn with_each<K: Kind>(&self, label: &[u8], message: &[u8]) -> Vec<Opaque<K>> {
        std::iter::once(&self.current).chain(&self.previous).map(|key| derive(key, label, message)).collect()
    }
}

/// HMAC(HMAC(key, label), message). No label has a dot in it, so none is ever what an access token's signature is over.
fn derive<K: Kind>(key: &Hmac<Sha256>, label: &[u8], message: &[u8]) -> Opaque<K> {
    let label_key = mac(key.clone(), label);
    Opaque::from_bytes(&mac(keyed(&label_key), message))
}

fn mac(keyed: Hmac<Sha256>, message: &[u8]) -> [u8; SECRET_BYTES] {
    keyed.chain_update(message).finalize().into_bytes().into()
}

/// HMAC takes a key of any length (RFC 2104, section 2: a long one is hashed, a short one is filled up with zeros); the
/// crate's constructor that cannot fail takes one block.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let mut block = [0_u8; BLOCK_BYTES];
    if key.len() > BLOCK_BYTES {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    Hmac::new(&block.into())
}

#[cfg(test)]
mod tests;
