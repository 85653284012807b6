//! Accounts: who may use the product, and how a person proves to be one of them.
//!
//! Invariants: an address belongs to one account whatever its case; a repeated registration with the same ids is the
//! same registration; log-in answers alike for an unknown address and a wrong password.

#[cfg(feature = "password")]
mod service;
#[cfg(feature = "password")]
mod store;
mod types;

#[cfg(feature = "password")]
pub use service::{Accounts, LoginError, RegisterError};
#[cfg(feature = "password")]
pub use store::STATEMENTS;
pub use types::{AccountView, Email, EmailError, FullName, FullNameError, SignedIn};
#[cfg(feature = "password")]
pub use types::{Credentials, NewAccount};
