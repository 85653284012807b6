//! Opaque tokens of 256 bits: the refresh token of a session, and the secrets that mails carry.
//!
//! Invariants: a kind has a prefix of its own and its hash covers the prefix, so that no token passes as one of another kind; the
//! database stores SHA-256 of the whole text and nothing else; no token has `Debug` or `Display`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::config::Config;

/// The text is no token of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpaqueError {
    /// Wrong prefix, length or alphabet.
    #[error("is no token of this kind")]
    Malformed,
    /// The operating system gave no random numbers.
    #[error("the system gave no random numbers")]
    Random,
}

/// A secret that a mail carries: derived from the mail's id.
pub trait OneTime: Sized {
    /// What tells this kind's derivation from every other's.
    const LABEL: &'static str;

    /// Reads a token.
    ///
    /// # Errors
    /// [`OpaqueError::Malformed`].
    fn parse(text: &str) -> Result<Self, OpaqueError>;

    /// From its 256 bits.
    fn from_bytes(bytes: [u8; 32]) -> Self;

    /// What the database stores.
    fn hash(&self) -> Vec<u8>;

    /// The token's text, for whom it belongs to.
    fn expose(&self) -> &str;
}

macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(String);

        impl $name {
            /// A new one.
            ///
            /// # Errors
            /// [`OpaqueError::Random`].
            pub fn random() -> Result<Self, OpaqueError> {
                let mut bytes = [0_u8; 32];
                getrandom::fill(&mut bytes).map_err(|_| OpaqueError::Random)?;
                Ok(Self::from_bytes(bytes))
            }

            /// From its 256 bits.
            pub fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(format!("{}{}", $prefix, URL_SAFE_NO_PAD.encode(bytes)))
            }

            /// Reads a token.
            ///
            /// # Errors
            /// [`OpaqueError::Malformed`].
            pub fn parse(text: &str) -> Result<Self, OpaqueError> {
                let bytes = text.strip_prefix($prefix).and_then(|rest| URL_SAFE_NO_PAD.decode(rest).ok());
                let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).ok_or(OpaqueError::Malformed)?;
                Ok(Self::from_bytes(bytes))
            }

            /// What the database stores: SHA-256 of the whole text.
            pub fn hash(&self) -> Vec<u8> {
                Sha256::digest(self.0.as_bytes()).to_vec()
            }

            /// The token's text, for whom it belongs to.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }
    };
}

macro_rules! one_time {
    ($name:ident, $label:literal) => {
        impl OneTime for $name {
            const LABEL: &'static str = $label;

            fn parse(text: &str) -> Result<Self, OpaqueError> {
                Self::parse(text)
            }

            fn from_bytes(bytes: [u8; 32]) -> Self {
                Self::from_bytes(bytes)
            }

            fn hash(&self) -> Vec<u8> {
                self.hash()
            }

            fn expose(&self) -> &str {
                self.expose()
            }
        }
    };
}

opaque!(
    /// Exchanges for the next access token, once.
    RefreshToken,
    "nr1."
);
opaque!(
    /// Sets a new password, once.
    ResetToken,
    "np1."
);
opaque!(
    /// Verifies an e-mail address.
    VerificationToken,
    "nv1."
);
one_time!(ResetToken, "reset token");
one_time!(VerificationToken, "verification token");

/// Derives tokens from others and from ids, under the signing keys: what can be derived again need not be stored.
#[derive(Clone)]
pub struct Derivation {
    keys: Vec<[u8; 32]>,
}

impl Derivation {
    /// Under the configuration's keys, the current one first.
    pub fn new(config: &Config) -> Self {
        let keys = config.jwt_keys().map(|key| mac(key, &[b"insurance-navigator opaque tokens v1"]));
        Self { keys: keys.collect() }
    }

    /// The token that follows `parent`: within its grace the same is given again.
    pub fn child(&self, parent: &RefreshToken) -> RefreshToken {
        RefreshToken::from_bytes(self.derive(0, "refresh token", parent.expose().as_bytes()))
    }

    /// The secret of the mail with this id.
    pub fn one_time<T: OneTime>(&self, id: Uuid) -> T {
        T::from_bytes(self.derive(0, T::LABEL, id.as_bytes()))
    }

    /// The secrets that the mail may have: under the current key, and under the one before it.
    pub fn one_time_candidates<T: OneTime>(&self, id: Uuid) -> Vec<T> {
        (0..self.keys.len()).map(|key| T::from_bytes(self.derive(key, T::LABEL, id.as_bytes()))).collect()
    }

    fn derive(&self, key: usize, label: &str, data: &[u8]) -> [u8; 32] {
        mac(&self.keys[key], &[label.as_bytes(), b"\0", data])
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}
