//! Why a turn has no answer yet, or never will.

use super::state::StateError;
use crate::auth::Refusal;
use crate::db::DbError;

/// Why a turn has no answer yet, or never will.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// The same request is being worked on elsewhere.
    #[error("the same request is being worked on")]
    InProgress {
        /// When to ask again.
        retry_ms: u64,
    },
    /// Another message of the conversation is being worked on.
    #[error("another message of the conversation is being worked on")]
    Busy {
        /// When to ask again.
        retry_ms: u64,
    },
    /// The key belongs to another request.
    #[error("the Idempotency-Key belongs to another request")]
    KeyReused,
    /// The time was over before the message could be stored: others of its conversation came first.
    #[error("the time was over before the message could be stored")]
    Unfinished {
        /// When to ask again.
        retry_ms: u64,
    },
    /// The run was made by a newer version of this product.
    #[error("the run was made by a newer version")]
    NotMine {
        /// When to ask again.
        retry_ms: u64,
    },
    /// The conversation was deleted.
    #[error("the conversation was deleted")]
    Deleted,
    /// The conversation is archived.
    #[error("the conversation is archived")]
    Archived,
    /// The request was not let in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("the turn could not be stored")]
    Database(#[from] DbError),
    /// What the database holds cannot be read, or an answer cannot be written.
    #[error("the turn's state is unusable")]
    State(#[from] StateError),
}
