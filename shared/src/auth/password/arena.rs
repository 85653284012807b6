//! argon2id (RFC 9106) in memory that is kept: allocating 19 MiB for each hash, and faulting them in page by page,
//! costs up to a tenth of it more.
//!
//! Invariants: one hash at a time per environment (the lock); no stored hash can take more memory or time than
//! [`MAX_MEMORY_FACTOR`] and [`MAX_WORK_FACTOR`] times what the configured cost takes; comparison in constant time.

use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use super::HashError;
use crate::config::PasswordCost;

/// More memory than so many times the configured one may be more than the function has.
const MAX_MEMORY_FACTOR: u64 = 4;
/// Memory times passes: a log-in with older, higher costs may take longer, but not for ever.
const MAX_WORK_FACTOR: u64 = 16;
const OUTPUT_BYTES: usize = 32;

/// Where hashes are computed.
pub(super) struct Arena {
    params: Params,
    /// Grows at the first hash, not when the function starts.
    blocks: Mutex<Vec<Block>>,
}

/// A stored hash that this arena can verify.
pub(super) struct Stored {
    argon2: Argon2<'static>,
    salt: Salt,
    output: Output,
    pub(super) is_outdated: bool,
}

impl Arena {
    /// # Errors
    /// [`HashError`] when argon2 does not accept the costs.
    pub(super) fn new(cost: PasswordCost) -> Result<Self, HashError> {
        let params = Params::new(cost.memory_kib, cost.iterations, 1, None).map_err(HashError::of)?;
        Ok(Self { params, blocks: Mutex::new(Vec::new()) })
    }

    /// The PHC string of a password with a new salt.
    pub(super) fn hash(&self, password: &[u8]) -> Result<String, HashError> {
        let salt = argon2::password_hash::try_generate_salt().map_err(HashError::of)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone());
        let output = self.output(&argon2, password, &salt, OUTPUT_BYTES)?;
        let hash = PasswordHash {
            algorithm: Ident::new(Algorithm::Argon2id.as_str()).map_err(HashError::of)?,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.params).map_err(HashError::of)?,
            salt: Some(Salt::new(&salt).map_err(HashError::of)?),
            hash: Some(output),
        };
        Ok(hash.to_string())
    }

    /// Reads a stored hash; none when it is malformed, of a foreign kind, or of absurd costs.
    pub(super) fn read(&self, stored: &str) -> Option<Stored> {
        let hash = PasswordHash::new(stored).ok()?;
        if hash.algorithm.as_str() != Algorithm::Argon2id.as_str() {
            return None;
        }
        // RFC 9106's reference implementation reads a string without a version as 1.0.
        let version = hash.version.map_or(Ok(Version::V0x10), Version::try_from).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let work = |params: &Params| u64::from(params.m_cost()) * u64::from(params.t_cost());
        let is_absurd = u64::from(params.m_cost()) > MAX_MEMORY_FACTOR * u64::from(self.params.m_cost())
            || work(&params) > MAX_WORK_FACTOR * work(&self.params);
        let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        let is_outdated = costs(&params) != costs(&self.params) || version != Version::V0x13;
        let (salt, output) = (hash.salt?, hash.hash?);
        let argon2 = Argon2::new(Algorithm::Argon2id, version, params);
        (!is_absurd).then_some(Stored { argon2, salt, output, is_outdated })
    }

    /// Whether the password has this hash.
    pub(super) fn matches(&self, password: &[u8], stored: &Stored) -> Result<bool, HashError> {
        let output = self.output(&stored.argon2, password, &stored.salt, stored.output.len())?;
        // `Output`'s equality takes the same time wherever they differ.
        Ok(output == stored.output)
    }

    /// As much work as verifying a hash of the configured cost; nothing matches.
    pub(super) fn verify_decoy(&self, password: &[u8]) -> Result<(), HashError> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone());
        self.output(&argon2, password, b"nobody has this.", OUTPUT_BYTES).map(drop)
    }

    fn output(&self, argon2: &Argon2<'_>, password: &[u8], salt: &[u8], bytes: usize) -> Result<Output, HashError> {
        let mut out = [0; Output::MAX_LENGTH];
        let out = out.get_mut(..bytes).ok_or_else(|| HashError::of("the output is too long"))?;
        // Whoever panicked with the lock left blocks that the next hash overwrites anyway.
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let needed = argon2.params().block_count();
        if blocks.len() < needed {
            blocks.resize(needed, Block::default());
        }
        let hashed = argon2.hash_password_into_with_memory(password, salt, out, &mut blocks[..needed]);
        let usual = self.params.block_count();
        if blocks.len() > usual {
            blocks.truncate(usual);
            blocks.shrink_to_fit();
        }
        hashed.map_err(HashError::of)?;
        Output::new(out).map_err(HashError::of)
    }
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::{CustomizedPasswordHasher as _, PasswordVerifier as _};

    use super::*;

    const COST: PasswordCost = PasswordCost { memory_kib: 64, iterations: 2 };

    fn arena() -> Arena {
        Arena::new(COST).expect("costs")
    }

    fn plain(version: Version, params: Params) -> String {
        let salt = b"a salt of 16 b..";
        let plain = Argon2::default();
        let hash = plain.hash_password_customized(b"secret", salt, Some("argon2id"), Some(version.into()), params);
        hash.expect("hashed").to_string()
    }

    fn matches(arena: &Arena, password: &[u8], stored: &str) -> bool {
        arena.matches(password, &arena.read(stored).expect("argon2id")).expect("hashed")
    }

    #[test]
    fn a_hash_from_kept_memory_is_the_plain_one_whatever_was_there_before() {
        let arena = arena();
        for password in ["secret", "another", ""] {
            let stored = arena.hash(password.as_bytes()).expect("hashed");
            assert!(stored.starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{stored}");
            let parsed = PasswordHash::new(&stored).expect("a PHC string");
            assert!(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
            assert!(matches(&arena, password.as_bytes(), &stored));
            assert!(!matches(&arena, b"wrong", &stored));
        }
        assert_ne!(arena.hash(b"secret").expect("hashed"), arena.hash(b"secret").expect("hashed"), "the salt is new");
    }

    #[test]
    fn a_plain_hash_verifies_also_with_other_parameters_and_says_so() {
        let arena = arena();
        for (version, m, t, p, bytes) in [
            (Version::V0x13, 64, 2, 1, 32),
            (Version::V0x13, 64, 3, 1, 32),
            (Version::V0x13, 256, 2, 4, 16),
            (Version::V0x13, 16, 1, 2, 64),
            (Version::V0x10, 64, 2, 1, 32),
        ] {
            let stored = plain(version, Params::new(m, t, p, Some(bytes)).expect("parameters"));
            assert!(matches(&arena, b"secret", &stored), "{stored}");
            assert!(!matches(&arena, b"Secret", &stored), "{stored}");
            let is_outdated = (version, m, t, p) != (Version::V0x13, 64, 2, 1);
            assert_eq!(arena.read(&stored).expect("argon2id").is_outdated, is_outdated, "{stored}");
        }
        assert_eq!(arena.blocks.lock().expect("free").len(), 64, "memory beyond the configured cost is given back");
    }

    #[test]
    fn what_is_malformed_foreign_or_absurd_is_not_read() {
        let rest = "YSBzYWx0IG9mIDE2IGIuLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let arena = arena();
        assert!(arena.read(&format!("$argon2id$v=19$m=64,t=2,p=1${rest}")).is_some());
        for stored in [
            String::new(),
            "$".to_owned(),
            "argon2id".to_owned(),
            "$2b$12$abcdefghijklmnopqrstuv".to_owned(),
            format!("$argon2i$v=19$m=64,t=2,p=1${rest}"),
            format!("$argon2d$v=19$m=64,t=2,p=1${rest}"),
            format!("$argon2id$v=20$m=64,t=2,p=1${rest}"),
            format!("$argon2id$v=19$m=260,t=1,p=1${rest}"),
            format!("$argon2id$v=19$m=4294967295,t=1,p=1${rest}"),
            format!("$argon2id$v=19$m=64,t=33,p=1${rest}"),
            format!("$argon2id$v=19$m=64,t=4294967295,p=1${rest}"),
            format!("$argon2id$v=19$m=7,t=2,p=1${rest}"),
            format!("$argon2id$v=19$m=64,t=0,p=1${rest}"),
            format!("$argon2id$v=19$m=64,t=2,p=0${rest}"),
            format!("$argon2id$v=19$m=64,t=2,p=16777216${rest}"),
            format!("$argon2id$v=19$m=64,t=2,p=1,x=1${rest}"),
            "$argon2id$v=19$m=64,t=2,p=1".to_owned(),
            "$argon2id$v=19$m=64,t=2,p=1$YSBzYWx0IG9mIDE2IGIuLg".to_owned(),
            "$argon2id$v=19$m=64,t=2,p=1$YSBz!$AAAA".to_owned(),
        ] {
            assert!(arena.read(&stored).is_none(), "{stored}");
        }
    }
}
