//! Conversations: what was said, in order, for its owner alone.
//!
//! Invariants: order is the per-conversation `seq`, never time; an absent conversation and somebody else's look the same.

mod filter;
mod list;
mod store;
mod types;

pub use filter::{MetadataFilter, MetadataFilterError};
pub use list::{ConversationView, ConversationsPage, ListCursor, ListError, ListQuery};
pub use store::STATEMENTS;
pub use types::{Cursor, CursorError, HistoryError, HistoryPage, HistoryQuery, MessageView};

use crate::auth::Principal;
use crate::clock::Deadline;
use crate::db::Db;
use crate::ids::ConversationId;

/// The conversations' operations. Cheap to clone.
#[derive(Clone)]
pub struct Conversations {
    db: Db,
}

impl Conversations {
    /// The operations over a database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// One page of a conversation: the newest messages, or those before the cursor, in chronological order. One round trip.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub async fn history(
        &self,
        principal: &Principal,
        query: &HistoryQuery,
        deadline: Deadline,
    ) -> Result<HistoryPage, HistoryError> {
        let found = store::history_page(&self.db, principal, query, deadline).await?;
        Ok(HistoryPage::assemble(query, found))
    }

    /// One page of the person's conversations, the latest first. One round trip.
    ///
    /// # Errors
    /// [`ListError`].
    pub async fn list(
        &self,
        principal: &Principal,
        query: &ListQuery,
        deadline: Deadline,
    ) -> Result<ConversationsPage, ListError> {
        let found = store::conversations_page(&self.db, principal, query, deadline).await?;
        Ok(ConversationsPage::assemble(query, found))
    }

    /// Deletes a conversation for good: its messages, its runs and what the agents kept. Its id is not used again. Deleting
    /// it once more changes nothing. One round trip.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub async fn delete(
        &self,
        principal: &Principal,
        conversation: &ConversationId,
        deadline: Deadline,
    ) -> Result<(), HistoryError> {
        store::conversation_delete(&self.db, principal, conversation, deadline).await
    }
}
