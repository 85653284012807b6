//! Passwords: the rule for new ones, and argon2id (RFC 9106) off the async thread.
//!
//! Invariants: a password's text has no `Debug` and no `Display`; every log-in costs exactly one verification, also for
//! an address nobody registered; a stored hash that is not argon2id means "needs a reset", never a failure.

mod arena;
mod reading;
mod rule;
mod strength;
mod words;

use std::fmt::Display;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use self::arena::Arena;
pub use self::rule::{MAX_BYTES, MIN_CHARS, NewPassword, PasswordRuleError};
use crate::config::PasswordCost;

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right.
    Match {
        /// The stored hash was not made with the configured cost: store [`Passwords::hash_again`]'s instead.
        is_outdated: bool,
    },
    /// The password is wrong, nobody has this address, or the stored hash is malformed, foreign or of absurd cost.
    NoMatch,
}

/// The hash function broke (out of memory) or its thread was lost.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashError(String);

impl HashError {
    fn of(cause: impl Display) -> Self {
        Self(cause.to_string())
    }
}

/// Hashes and verifies with one set of costs, one password at a time. Cheap to clone; clones share the memory.
#[derive(Clone)]
pub struct Passwords {
    arena: Arc<Arena>,
}

impl Passwords {
    /// The hasher for `cost`.
    ///
    /// # Errors
    /// [`HashError`] when argon2 does not accept the costs.
    pub fn new(cost: PasswordCost) -> Result<Self, HashError> {
        Ok(Self { arena: Arc::new(Arena::new(cost)?) })
    }

    /// The PHC string to store for a new password.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn hash(&self, password: NewPassword) -> Result<String, HashError> {
        self.hash_again(password.into_secret()).await
    }

    /// The PHC string of the configured cost for a password that was just verified, whatever today's rule for new ones
    /// says of it.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn hash_again(&self, password: SecretString) -> Result<String, HashError> {
        let arena = Arc::clone(&self.arena);
        off_thread(move || arena.hash(password.expose_secret().as_bytes())).await
    }

    /// Compares `password` with the stored hash, or with a decoy when there is none that can be verified: one
    /// verification either way.
    ///
    /// # Errors
    /// [`HashError`] only when the thread is lost.
    pub async fn verify(&self, password: SecretString, stored: Option<String>) -> Result<Verdict, HashError> {
        let arena = Arc::clone(&self.arena);
        off_thread(move || {
            let password = password.expose_secret().as_bytes();
            let Some(stored) = stored.and_then(|text| arena.read(&text)) else {
                return arena.verify_decoy(password).map(|()| Verdict::NoMatch);
            };
            let matches = arena.matches(password, &stored)?;
            Ok(if matches { Verdict::Match { is_outdated: stored.is_outdated } } else { Verdict::NoMatch })
        })
        .await
    }
}

/// The single async thread keeps answering the runtime while the hash is computed.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
) -> Result<T, HashError> {
    tokio::task::spawn_blocking(work).await.map_err(HashError::of)?
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: PasswordCost = PasswordCost { memory_kib: 64, iterations: 1 };
    const PASSWORD: &str = "correct horse battery staple";

    fn hasher(cost: PasswordCost) -> Passwords {
        Passwords::new(cost).expect("costs")
    }

    async fn verify(passwords: &Passwords, text: &str, stored: Option<&str>) -> Verdict {
        passwords.verify(SecretString::from(text), stored.map(str::to_owned)).await.expect("ran")
    }

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let passwords = hasher(CHEAP);
        let new = NewPassword::parse(SecretString::from(PASSWORD), &[]).expect("a good one");
        let hash = passwords.hash(new).await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        assert_eq!(verify(&passwords, PASSWORD, Some(&hash)).await, Verdict::Match { is_outdated: false });
        assert_eq!(verify(&passwords, "correct horse battery staplf", Some(&hash)).await, Verdict::NoMatch);
        for none in [None, Some("$2b$12$abcdefghijklmnopqrstuv"), Some("")] {
            assert_eq!(verify(&passwords, PASSWORD, none).await, Verdict::NoMatch, "{none:?}");
        }
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_outdated_until_it_is_made_again() {
        let (old, new) = (hasher(CHEAP), hasher(PasswordCost { memory_kib: 64, iterations: 2 }));
        let hash = old.hash_again(SecretString::from(PASSWORD)).await.expect("hashed");
        assert_eq!(verify(&new, PASSWORD, Some(&hash)).await, Verdict::Match { is_outdated: true });
        let hash = new.hash_again(SecretString::from(PASSWORD)).await.expect("hashed");
        assert_eq!(verify(&new, PASSWORD, Some(&hash)).await, Verdict::Match { is_outdated: false });
    }

    #[tokio::test]
    async fn a_hash_of_absurd_cost_matches_nothing_and_takes_no_memory() {
        let absurd =
            "$argon2id$v=19$m=4294967295,t=1,p=1$YSBzYWx0IG9mIDE2IGIuLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert_eq!(verify(&hasher(CHEAP), PASSWORD, Some(absurd)).await, Verdict::NoMatch);
    }
}
