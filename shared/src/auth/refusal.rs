//! Why the database did not let a request in: what `navigator.enter` and `navigator.hit` answer instead of `ok`.

use crate::db::{DbError, Statement};

/// Why a request was not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The session was logged out, idle for 60 minutes, or is older than 12 hours.
    #[error("the session has ended")]
    SessionEnded,
    /// Too many requests of one kind.
    #[error("too many requests: {}", .0.policy)]
    RateLimited(RateLimit),
}

/// A limit that is used up (draft-ietf-httpapi-ratelimit-headers).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The policy's name.
    pub policy: String,
    /// How many requests it allows,
    pub hits: u32,
    /// within so many seconds.
    pub window_s: u32,
    /// Seconds until it allows one again.
    pub left_s: u32,
}

impl Refusal {
    /// Reads an outcome of the database; `None` when it is no refusal.
    pub(crate) fn parse(outcome: &str) -> Option<Self> {
        let mut words = outcome.split(' ');
        match words.next()? {
            "session_ended" => Some(Self::SessionEnded),
            "rate_limited" => {
                let policy = words.next()?.to_owned();
                let mut number = || words.next()?.parse().ok();
                Some(Self::RateLimited(RateLimit { policy, hits: number()?, window_s: number()?, left_s: number()? }))
            }
            _ => None,
        }
    }
}

impl Statement {
    /// The error for an outcome that is none of the operation's own: a refusal, or one that this code does not know.
    pub(crate) fn refused<E: From<Refusal> + From<DbError>>(&'static self, outcome: &str) -> E {
        Refusal::parse(outcome).map_or_else(|| self.unknown(outcome).into(), E::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_from_every_other_outcome() {
        assert_eq!(Refusal::parse("session_ended"), Some(Refusal::SessionEnded));
        let limit = RateLimit { policy: "login_pair".to_owned(), hits: 5, window_s: 900, left_s: 17 };
        assert_eq!(Refusal::parse("rate_limited login_pair 5 900 17"), Some(Refusal::RateLimited(limit)));
        for other in ["ok", "", "rate_limited", "rate_limited x 1 2", "message"] {
            assert_eq!(Refusal::parse(other), None, "{other}");
        }
    }
}
