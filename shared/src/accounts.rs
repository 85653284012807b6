//! Accounts: who may use the product, and how a person proves to be one of them.
//!
//! Invariants: an address belongs to one account whatever its case; a repeated registration with the same ids is the same
//! registration; log-in and reset answer alike, and work alike, for a known and an unknown address; no secret is stored, only
//! its hash; a mail is written in the transaction that it is about and sent by the schedule.

#[cfg(feature = "mail")]
pub mod mail;
#[cfg(feature = "password")]
mod owner;
#[cfg(feature = "password")]
mod owner_store;
#[cfg(feature = "password")]
mod password_store;
#[cfg(feature = "password")]
mod passwords;
#[cfg(feature = "password")]
mod service;
#[cfg(feature = "password")]
mod store;
mod types;

#[cfg(feature = "password")]
pub use owner::{AccountDetails, AccountError, ExportCursor, ExportCursorError, ExportPage, LogOutScope, SessionView};
#[cfg(feature = "password")]
pub use passwords::{PasswordError, SecretError, Verification};
#[cfg(feature = "password")]
pub use service::{Accounts, CryptoError, LoginError, RefreshError, RegisterError};
pub use types::{AccountView, Email, EmailError, FullName, FullNameError, SignedIn};
#[cfg(feature = "password")]
pub use types::{Credentials, NewAccount, PasswordChange};

/// Every statement of the accounts' stores, for the test that holds them against the schema.
#[cfg(feature = "password")]
pub fn statements() -> Vec<&'static crate::db::Statement> {
    [&store::STATEMENTS[..], &password_store::STATEMENTS[..], &owner_store::STATEMENTS[..]].concat()
}
