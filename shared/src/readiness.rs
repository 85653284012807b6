//! Whether this deployment can serve: the database answers, as the right role, with the schema this code was built for, and takes
//! what is to be stored.

mod store;

pub use store::{FUNCTIONS, STATEMENTS};

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
    /// Nothing can be stored.
    #[error(
        "the database only reads at the moment; wait for the end of its failover, or switch default_transaction_read_only off"
    )]
    ReadOnly,
    /// A function that this code calls is not there.
    #[error("the database has no function {function}; run: ops migrate up")]
    Function {
        /// Its name.
        function: String,
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
        let found = store::look(&self.db, deadline).await?;
        match found {
            store::Look { migration, .. } if migration < REQUIRED_MIGRATION => {
                Err(NotReady::Migration { found: migration })
            }
            store::Look { missing: Some(function), .. } => Err(NotReady::Function { function }),
            store::Look { reads_only: true, .. } => Err(NotReady::ReadOnly),
            store::Look { migration, .. } => Ok(migration),
        }
    }
}
