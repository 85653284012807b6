//! The statement: a name for logs and metrics, its SQL, and the types of its parameters.
//!
//! Invariant: types are stated, never asked for: asking is a named statement, and through a transaction-mode pooler a
//! named statement may run somebody else's SQL.

#[cfg(any(feature = "password", feature = "mail", feature = "workflow"))]
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};

use super::error::{Class, DbError};

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

impl Statement {
    /// A column of one of its rows.
    pub(crate) fn column<'a, T: FromSql<'a>>(&'static self, row: &'a Row, name: &str) -> Result<T, DbError> {
        row.try_get(name).map_err(|error| DbError::from_driver(self.name, &error))
    }

    /// A JSON column of one of its rows, as `T`.
    #[cfg(any(feature = "password", feature = "mail", feature = "workflow"))]
    pub(crate) fn json<T: DeserializeOwned>(&'static self, row: &Row, name: &str) -> Result<T, DbError> {
        let value: serde_json::Value = self.column(row, name)?;
        serde_json::from_value(value).map_err(|error| self.unreadable(&error))
    }

    /// The error for an outcome that this code does not know: a newer schema's.
    pub(crate) fn unknown(&'static self, outcome: &str) -> DbError {
        DbError::new(Class::Schema, self.name, format_args!("unknown outcome {outcome}"))
    }

    /// The error for an answer that cannot be read.
    #[cfg(any(feature = "password", feature = "mail", feature = "workflow"))]
    pub(crate) fn unreadable(&'static self, error: &serde_json::Error) -> DbError {
        DbError::new(Class::Schema, self.name, format_args!("unreadable: {error}"))
    }
}
