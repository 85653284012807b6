//! Whether this deployment can serve: the database answers, as the right role, with the schema this code was built for.

mod store;

pub use store::STATEMENTS;

use crate::clock::Deadline;
use crate::db::{Db, DbError};

/// The newest migration this code needs. `ops` holds it against its embedded list.
pub const REQUIRED_MIGRATION: i32 = 15;

/// The readiness check. Cheap to clone.
#[derive(Clone)]
pub struct Readiness {
    db: Db,
}

/// Why the deployment is not ready.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// The schema is older than this code.
    #[error("the database is at migration {found}, this version needs {REQUIRED_MIGRATION}; run: ops migrate up")]
    Migration {
        /// The newest applied migration; -1 for none.
        found: i32,
    },
    /// The database failed.
    #[error("the database does not answer")]
    Database(#[from] DbError),
}

impl Readiness {
    /// The check over a database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// The newest applied migration, when everything is in order.
    ///
    /// # Errors
    /// [`NotReady`].
    pub async fn check(&self, deadline: Deadline) -> Result<i32, NotReady> {
        let found = store::migration_version(&self.db, deadline).await?;
        if found >= REQUIRED_MIGRATION { Ok(found) } else { Err(NotReady::Migration { found }) }
    }
}
