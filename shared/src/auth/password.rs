//! Passwords: the rule for new ones, and argon2id (RFC 9106) off the async thread.
//!
//! Invariants: a password's text has no `Debug` and no `Display`; every log-in costs exactly one verification, also for
//! an address nobody registered; a stored hash that is not argon2id means "needs a reset", never a failure.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::PasswordCost;

/// NIST SP 800-63B-4, section 3.1.1.2: 15 characters where the password is the only factor.
pub const MIN_CHARS: usize = 15;
/// Longer inputs would only cost time.
pub const MAX_BYTES: usize = 1_024;

/// A password that satisfies the rule for new passwords.
#[derive(Clone)]
pub struct NewPassword(SecretString);

/// Why a new password is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRuleError {
    /// Fewer characters than [`MIN_CHARS`].
    #[error("must have at least {MIN_CHARS} characters; a passphrase of four or five unrelated words works well")]
    TooShort,
    /// More bytes than [`MAX_BYTES`].
    #[error("must have at most {MAX_BYTES} bytes")]
    TooLong,
    /// U+0000 in it: most programs that take passwords cut the text there.
    #[error("must not contain U+0000")]
    Nul,
    /// One character or a short pattern over and over.
    #[error("repeats a short pattern; a passphrase of four or five unrelated words works well")]
    Repetitive,
}

impl NewPassword {
    /// Checks a new password.
    ///
    /// # Errors
    /// [`PasswordRuleError`], whose text is for the person.
    pub fn parse(text: SecretString, _context: &[&str]) -> Result<Self, PasswordRuleError> {
        let exposed = text.expose_secret();
        if exposed.len() > MAX_BYTES {
            return Err(PasswordRuleError::TooLong);
        }
        if exposed.contains('\0') {
            return Err(PasswordRuleError::Nul);
        }
        if exposed.chars().count() < MIN_CHARS {
            return Err(PasswordRuleError::TooShort);
        }
        if is_repetitive(exposed) {
            return Err(PasswordRuleError::Repetitive);
        }
        Ok(Self(text))
    }
}

/// Whether the text is one unit of at most four characters repeated.
fn is_repetitive(text: &str) -> bool {
    let chars: Vec<char> = text.to_lowercase().chars().collect();
    (1..=4).any(|unit| chars.iter().zip(chars.iter().skip(unit)).all(|(a, b)| a == b))
}

/// What a verification found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right.
    Match {
        /// Whether the hash was made with other parameters than today's.
        is_outdated: bool,
    },
    /// The password is wrong, nobody has this address, or the stored hash is of a foreign kind.
    NoMatch,
}

/// The hash function broke (out of memory) or its thread was lost.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashError(String);

/// Hashes and verifies with one set of costs. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    cost: PasswordCost,
    /// What is verified for an unknown address: a hash of the same cost that no password matches.
    decoy: String,
}

impl Passwords {
    /// The hasher for `cost`.
    ///
    /// # Errors
    /// [`HashError`] when argon2 does not accept the costs.
    pub fn new(cost: PasswordCost) -> Result<Self, HashError> {
        argon2(cost)?;
        let decoy = format!(
            "$argon2id$v=19$m={},t={},p=1$bmF2aWdhdG9yLWRlY295$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            cost.memory_kib, cost.iterations
        );
        Ok(Self { cost, decoy })
    }

    /// The PHC string to store for a new password.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn hash(&self, password: NewPassword) -> Result<String, HashError> {
        let cost = self.cost;
        off_thread(move || {
            argon2(cost)?
                .hash_password(password.0.expose_secret().as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|error| HashError(error.to_string()))
        })
        .await
    }

    /// The same password, hashed with today's parameters.
    ///
    /// # Errors
    /// [`HashError`].
    pub async fn hash_again(&self, password: SecretString) -> Result<String, HashError> {
        self.hash(NewPassword(password)).await
    }

    /// Compares `password` with the stored hash, or with the decoy when there is none: the same work either way.
    ///
    /// # Errors
    /// [`HashError`] only when the thread is lost.
    pub async fn verify(&self, password: SecretString, stored: Option<String>) -> Result<Verdict, HashError> {
        let decoy = self.decoy.clone();
        let cost = self.cost;
        off_thread(move || {
            let stored = stored.filter(|text| text.starts_with("$argon2id$"));
            let known = stored.is_some();
            let text = stored.unwrap_or(decoy);
            let hash = PasswordHash::new(&text).map_err(|error| HashError(error.to_string()))?;
            let matches = argon2(cost)?.verify_password(password.expose_secret().as_bytes(), &hash).is_ok();
            Ok(if matches && known { Verdict::Match { is_outdated: false } } else { Verdict::NoMatch })
        })
        .await
    }
}

fn argon2(cost: PasswordCost) -> Result<Argon2<'static>, HashError> {
    let params =
        Params::new(cost.memory_kib, cost.iterations, 1, None).map_err(|error| HashError(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The single async thread keeps answering the runtime while the hash is computed.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
) -> Result<T, HashError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| HashError(error.to_string()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: PasswordCost = PasswordCost { memory_kib: 64, iterations: 1 };

    fn new_password(text: &str) -> Result<NewPassword, PasswordRuleError> {
        NewPassword::parse(SecretString::from(text), &[])
    }

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let passwords = Passwords::new(CHEAP).expect("costs");
        let hash = passwords.hash(new_password("correct horse battery").expect("long")).await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        let verify = |text: &str, stored: Option<String>| passwords.verify(SecretString::from(text), stored);
        assert_eq!(
            verify("correct horse battery", Some(hash.clone())).await.expect("ran"),
            Verdict::Match { is_outdated: false }
        );
        assert_eq!(verify("correct horse batterz", Some(hash)).await.expect("ran"), Verdict::NoMatch);
        assert_eq!(verify("correct horse battery", None).await.expect("ran"), Verdict::NoMatch);
        let foreign = Some("$2b$12$abcdefghijklmnopqrstuv".to_owned());
        assert_eq!(verify("correct horse battery", foreign).await.expect("ran"), Verdict::NoMatch);
    }

    #[test]
    fn a_new_password_has_15_characters_at_least_and_1024_bytes_at_most() {
        assert_eq!(new_password("fourteen chars").err(), Some(PasswordRuleError::TooShort));
        assert!(new_password("fifteen chars !").is_ok());
        assert!(new_password("ünïcödé-päßwörd").is_ok());
        assert_eq!(new_password(&"ab-c".repeat(257)).err(), Some(PasswordRuleError::TooLong));
        for repeated in ["aaaaaaaaaaaaaaaaaa", "abababababababab", "1234123412341234"] {
            assert_eq!(new_password(repeated).err(), Some(PasswordRuleError::Repetitive), "{repeated}");
        }
    }
}
