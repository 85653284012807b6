//! Conversations: what was said, in order, for its owner alone.
//!
//! Invariants: order is the per-conversation `seq`, never time; an absent conversation and somebody else's look the same.

mod store;
mod types;

pub use store::STATEMENTS;
pub use types::{Cursor, CursorError, HistoryError, HistoryPage, HistoryQuery, MessageView};

use crate::auth::Principal;
use crate::clock::Deadline;
use crate::db::Db;

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
}
