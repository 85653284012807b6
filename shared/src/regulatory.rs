//! Official texts: found by a question, read by id, added by those who look after them.
//!
//! Invariants: a text is data, whatever it says: it is stored as it was sent and leaves only as a JSON string; a changed
//! text is a new version, the one before it stays readable and is no longer found; what is out of force on the day of the
//! question is not found; who may add is decided in the transaction that adds.

mod draft;
pub mod fetch;
mod last_day;
pub mod passages;
mod store;
mod types;

pub use draft::{Draft, DraftProblem, Kind, NewDocument};
pub use last_day::{Lang, LastDay, LastDayError, LastDayQuery, LastDaySource, parameter_of};
pub use store::STATEMENTS;
pub use types::{
    CreateError, Document, Heading, Hit, MAX_LIMIT, QueryError, QueryText, ReadError, SearchError, SearchQuery,
    SearchResults, Stored, parse_limit,
};

use crate::auth::Principal;
use crate::clock::{Clock, Deadline};
use crate::db::Db;
use crate::ids::DocumentId;

/// The operations on official texts. Cheap to clone.
#[derive(Clone)]
pub struct Regulatory {
    db: Db,
    clock: Clock,
}

impl Regulatory {
    /// The operations over a database; the clock says what is in force today.
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// The documents that fit a question best, each with an excerpt. One round trip.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn search(
        &self,
        principal: &Principal,
        query: &SearchQuery,
        deadline: Deadline,
    ) -> Result<SearchResults, SearchError> {
        let results = store::search(&self.db, principal, query, self.clock.today(), deadline).await?;
        Ok(SearchResults { results })
    }

    /// One version of one document, current or not. One round trip.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn read(&self, principal: &Principal, id: DocumentId, deadline: Deadline) -> Result<Document, ReadError> {
        store::read(&self.db, principal, id, deadline).await
    }

    /// The last day by a rule.
    ///
    /// # Errors
    /// [`LastDayError`].
    pub fn last_day(&self, query: &LastDayQuery) -> Result<LastDay, LastDayError> {
        query.count(self.clock.today())
    }

    /// The same as a calendar file.
    ///
    /// # Errors
    /// [`LastDayError`].
    pub fn calendar(&self, query: &LastDayQuery) -> Result<String, LastDayError> {
        query.calendar(self.clock.now())
    }

    /// Adds a document, or a version of one; the same text again is the same document. One round trip.
    ///
    /// # Errors
    /// [`CreateError`]; who is no `regulatory_agent` at this moment is refused, whatever the token says.
    pub async fn create(
        &self,
        principal: &Principal,
        role: &str,
        document: &NewDocument,
        deadline: Deadline,
    ) -> Result<Stored, CreateError> {
        store::create(&self.db, principal, role, document, deadline).await
    }
}
