//! Who is asking: the principal of a request, proved by an access token.
//!
//! Invariant: identity comes from the token alone. Whether the token's session still lives is decided by
//! `navigator.enter` in the same transaction as the data.

mod hs256;
pub mod jws;
mod object;
pub mod opaque;
mod origin;
#[cfg(feature = "password")]
pub mod password;
mod refusal;
pub mod token;

pub use origin::Origin;
pub use refusal::{RateLimit, Refusal};

use crate::ids::{SessionId, UserId};

/// The person behind a request, and the log-in the request belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The token's `sub`.
    pub user: UserId,
    /// The token's `sid`.
    pub session: SessionId,
    /// The token's `app_roles`: a hint for the user interface; privileged routes read the roles in the transaction.
    pub roles: Vec<String>,
}
