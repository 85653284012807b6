//! What a failed statement means: SQLSTATE, pooler code and transport failure → one class, in one table.
//!
//! Invariant: whoever handles a database error decides by [`Class`]; nobody else reads SQLSTATEs. What poolers say under the
//! server's SQLSTATEs is read first (`pooler`), so SQLSTATE alone would misclassify.

use std::error::Error as _;
use std::fmt;

use tokio_postgres::error::Severity;

use super::pooler;

/// How a failure is to be treated. The rules are those of ARCHITECTURE.md, "When the database fails".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Refused, unresolved, timed out or reset before anything was done.
    Unavailable,
    /// The server did not answer within its own limit, so something before it is stuck; the connection was closed. Nobody
    /// waits twice for that: whoever asked is told to come back.
    Unanswered,
    /// TLS or settings are wrong; retrying cannot help.
    Configuration,
    /// The server or the pooler has no connection left.
    Saturated,
    /// The pooler blocks this client for a while.
    Blocked,
    /// The credentials are not accepted.
    Credential,
    /// The server went away in the middle; the statement may or may not have been committed. Every statement of this
    /// product can be repeated, so it is.
    Ambiguous,
    /// The server only reads at the moment.
    ReadOnly,
    /// Serialisation failure or deadlock.
    Conflict,
    /// A lock was not free in time.
    Contention,
    /// The statement or this invocation ran out of time.
    Timeout,
    /// The schema is not the one this code was built for: a migration is under way, or runs after the code or before it.
    Schema,
    /// Something this program must never do (a named statement through the pooler, an unknown column).
    Bug,
    /// A value reached the database that should have been refused at the edge.
    Validation,
    /// Row-level security or a missing grant.
    Denied,
    /// The role may bypass row-level security: this process refuses to use it.
    UnsafeRole,
}

impl Class {
    /// How often an operation of this class may be tried in all.
    pub fn attempts(self) -> u32 {
        match self {
            Self::Conflict => 3,
            Self::Unavailable | Self::Saturated | Self::Ambiguous | Self::ReadOnly | Self::Contention => 2,
            Self::Configuration
            | Self::Blocked
            | Self::Credential
            | Self::Unanswered
            | Self::Timeout
            | Self::Schema
            | Self::Bug
            | Self::Validation
            | Self::Denied
            | Self::UnsafeRole => 1,
        }
    }

    /// Whether the connection must not be used again after it.
    pub fn spoils_connection(self) -> bool {
        !matches!(self, Self::Conflict | Self::Contention | Self::Schema | Self::Validation | Self::Denied)
    }
}

/// A failed database operation: its class, and a description without any row value.
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {class:?}: {reason}")]
pub struct DbError {
    class: Class,
    operation: &'static str,
    reason: String,
}

impl DbError {
    /// An error that this program found itself.
    pub fn new(class: Class, operation: &'static str, reason: impl fmt::Display) -> Self {
        Self { class, operation, reason: reason.to_string() }
    }

    /// From the driver's error. Message texts are kept only where they cannot quote a row's values.
    pub fn from_driver(operation: &'static str, error: &tokio_postgres::Error) -> Self {
        let class = match error.as_db_error() {
            Some(db) => classify_server(is_last_word(db), db.code().code(), db.message()),
            None => classify_transport(error),
        };
        Self { class, operation, reason: loggable(error) }
    }

    /// How to treat it.
    pub fn class(&self) -> Class {
        self.class
    }
}

/// Whether the connection ended with it.
fn is_last_word(db: &tokio_postgres::error::DbError) -> bool {
    match db.parsed_severity() {
        Some(severity) => matches!(severity, Severity::Fatal | Severity::Panic),
        // Before PostgreSQL 9.6, and poolers: in the server's language.
        None => matches!(db.severity(), "FATAL" | "PANIC"),
    }
}

/// The class of an error that the server or the pooler sent; `is_last_word` when it ended the connection (FATAL, PANIC).
pub fn classify_server(is_last_word: bool, sqlstate: &str, message: &str) -> Class {
    if let Some(class) = pooler::classify(sqlstate, message) {
        return class;
    }
    match (sqlstate, sqlstate.get(..2).unwrap_or_default()) {
        ("40003", _) => Class::Ambiguous,
        ("25006", _) => Class::ReadOnly,
        ("55P03", _) => Class::Contention,
        ("57014" | "25P04", _) => Class::Timeout,
        ("55000" | "55006", _) => Class::Unavailable,
        (_, "53") => Class::Saturated,
        (_, "28") => Class::Credential,
        (_, "40") => Class::Conflict,
        // Idle for too long, ended by somebody, a disk that failed; and what a server or pooler says of itself, whatever it is.
        ("25P03" | "XX000", _) | (_, "08" | "57" | "58") => Class::Ambiguous,
        // As the connection began: a database, a right or a parameter that is not there.
        (_, "0A" | "22" | "3D" | "42") if is_last_word => Class::Configuration,
        _ if is_last_word => Class::Ambiguous,
        ("22021" | "22P05" | "23514", _) => Class::Validation,
        ("42501", _) => Class::Denied,
        ("42883" | "42P01" | "42703" | "42704" | "42725" | "42804" | "42846" | "3F000", _) => Class::Schema,
        ("0A000", _) if message.contains("cached plan") => Class::Schema,
        _ => Class::Bug,
    }
}

fn classify_transport(error: &tokio_postgres::Error) -> Class {
    let text = chain(error).to_ascii_lowercase();
    if error.is_closed() {
        return Class::Ambiguous;
    }
    if text.contains("certificate") || text.contains("does not support tls") || text.contains("tls handshake") {
        return Class::Configuration;
    }
    // A column that the row does not have, or has of another type.
    if text.contains("invalid column") || text.contains("deserializing") {
        return Class::Schema;
    }
    if text.contains("serializing") || text.contains("converting") {
        return Class::Bug;
    }
    if text.contains("connecting to server") { Class::Unavailable } else { Class::Ambiguous }
}

/// What may be logged of the driver's error.
pub(crate) fn loggable(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| chain(error), describe)
}

/// Code, constraint and, for failures of the connection, the message: DETAIL, HINT and the texts of data errors quote
/// row values and are left out.
fn describe(db: &tokio_postgres::error::DbError) -> String {
    let code = db.code().code();
    let quotes_nothing = ["08", "28", "3D", "53", "55", "57", "58", "XX"].iter().any(|class| code.starts_with(class));
    let mut text = format!("SQLSTATE {code}");
    if quotes_nothing || matches!(code, "42501" | "42703" | "42883" | "42P01" | "3F000" | "25006" | "25P03" | "25P04") {
        text.push_str(": ");
        text.push_str(db.message());
    }
    if let Some(constraint) = db.constraint() {
        text.push_str(", constraint ");
        text.push_str(constraint);
    }
    text
}

/// The whole chain of causes, which may quote a row's values: the driver's own text leaves its source out.
pub fn chain(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests;
