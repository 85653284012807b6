//! The statement: a name for logs and metrics, its SQL, and the types of its parameters.
//!
//! Invariant: types are stated, never asked for: asking is a named statement, and through a transaction-mode pooler a
//! named statement may run somebody else's SQL.

use tokio_postgres::types::Type;

/// One statement of the data layer. A test prepares each against the migrated schema and compares the types.
#[derive(Debug)]
pub struct Statement {
    /// The operation's name, for logs and metrics.
    pub name: &'static str,
    /// One SQL statement.
    pub sql: &'static str,
    /// The types of `$1`, `$2`, …; built-in types only.
    pub parameters: &'static [Type],
}
