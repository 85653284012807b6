//! What a person does with their own account: reads it, changes it, ends sessions, takes everything along, deletes it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::owner_store as store;
use super::passwords::PasswordError;
use super::service::Accounts;
use super::types::{AccountView, FullName};
use crate::auth::{Principal, Refusal};
use crate::clock::Deadline;
use crate::db::DbError;

/// The account with its living sessions.
#[derive(Clone, Serialize, Deserialize)]
pub struct AccountDetails {
    /// The account.
    #[serde(flatten)]
    pub account: AccountView,
    /// The sessions that could be used now, oldest first.
    pub sessions: Vec<SessionView>,
}

/// A log-in.
#[derive(Clone, Serialize, Deserialize)]
pub struct SessionView {
    /// The session's id, as in the tokens' `sid`.
    pub id: Uuid,
    /// When its person logged in.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// Whether the request came with it.
    pub is_current: bool,
}

/// Which sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogOutScope {
    /// The one the request came with.
    This,
    /// All but that.
    Others,
    /// All.
    All,
}

impl LogOutScope {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::This => "this",
            Self::Others => "others",
            Self::All => "all",
        }
    }
}

/// A place in an export, opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportCursor(pub(super) i32, pub(super) String, pub(super) String);

/// The text is not a cursor that this API handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor of this API; use next_cursor of the page before, or leave it out for the beginning")]
pub struct ExportCursorError;

impl ExportCursor {
    pub(super) fn start() -> Self {
        Self(-1, String::new(), String::new())
    }

    /// Reads a cursor.
    ///
    /// # Errors
    /// [`ExportCursorError`].
    pub fn parse(text: &str) -> Result<Self, ExportCursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ExportCursorError)?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| ExportCursorError)?;
        let is_ours = cursor.encode() == text && !cursor.1.contains('\0') && !cursor.2.contains('\0');
        if is_ours { Ok(cursor) } else { Err(ExportCursorError) }
    }

    /// The cursor as clients see it.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

/// A part of everything that is stored about a person.
#[derive(Serialize)]
pub struct ExportPage {
    /// When it was read.
    pub exported_at: DateTime<Utc>,
    /// `{table, row}` each.
    pub records: Vec<Box<RawValue>>,
    /// Where the next part begins; null at the end.
    pub next_cursor: Option<String>,
}

/// Why an operation on the own account did not happen.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The request was not let in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("the account could not be read or changed")]
    Database(#[from] DbError),
}

impl Accounts {
    /// The account and its sessions. One round trip.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn read(&self, principal: &Principal, deadline: Deadline) -> Result<AccountDetails, AccountError> {
        store::account_read(&self.db, principal, deadline).await
    }

    /// Changes the name. One round trip.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn rename(
        &self,
        principal: &Principal,
        full_name: &FullName,
        deadline: Deadline,
    ) -> Result<AccountDetails, AccountError> {
        store::account_update(&self.db, principal, full_name, deadline).await
    }

    /// Ends sessions; it takes effect at their next request. One round trip.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn log_out(
        &self,
        principal: &Principal,
        scope: LogOutScope,
        deadline: Deadline,
    ) -> Result<(), AccountError> {
        store::session_end(&self.db, principal, scope, deadline).await
    }

    /// A part of everything that is stored about the person, in a fixed order. One round trip.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn export(
        &self,
        principal: &Principal,
        after: Option<ExportCursor>,
        deadline: Deadline,
    ) -> Result<ExportPage, AccountError> {
        let after = after.unwrap_or_else(ExportCursor::start);
        store::export_page(&self.db, principal, &after, deadline).await
    }

    /// Deletes the account and everything of it, for good; the audit log keeps what happened, by id.
    ///
    /// # Errors
    /// [`PasswordError`]: the password is asked for once more.
    pub async fn delete(
        &self,
        principal: &Principal,
        password: SecretString,
        deadline: Deadline,
    ) -> Result<(), PasswordError> {
        let owner = self.prove_owner(principal, password, deadline).await?;
        store::account_delete(&self.db, principal, &owner.password_hash, Uuid::now_v7(), deadline).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_cursor_survives_its_encoding(part in -1..20, a in "[^\0]{0,40}", b in "[^\0]{0,40}") {
            let cursor = ExportCursor(part, a, b);
            proptest::prop_assert_eq!(ExportCursor::parse(&cursor.encode()), Ok(cursor));
        }

        #[test]
        fn no_other_text_is_a_cursor(text in ".{0,60}") {
            if let Ok(cursor) = ExportCursor::parse(&text) {
                proptest::prop_assert_eq!(cursor.encode(), text);
            }
        }
    }
}
