//! What a failed statement means: SQLSTATE, pooler code and transport failure → one class, in one table.
//!
//! Invariant: whoever handles a database error decides by [`Class`]; nobody else reads SQLSTATEs. Poolers put their own
//! `(ECODE)` in front of the message under XX000, so SQLSTATE alone would misclassify.

use std::error::Error as _;
use std::fmt;

/// How a failure is to be treated. The rules are those of ARCHITECTURE.md, "When the database fails".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Refused, unresolved, timed out or reset before anything was sent.
    Unavailable,
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
            | Self::Timeout
            | Self::Bug
            | Self::Validation
            | Self::Denied
            | Self::UnsafeRole => 1,
        }
    }

    /// Whether the connection must not be used again after it.
    pub fn spoils_connection(self) -> bool {
        !matches!(self, Self::Conflict | Self::Contention | Self::Validation | Self::Denied)
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
            Some(db) => classify_server(db.code().code(), db.message()),
            None => classify_transport(error),
        };
        Self { class, operation, reason: loggable(error) }
    }

    /// How to treat it.
    pub fn class(&self) -> Class {
        self.class
    }
}

/// The class of an error that the server or the pooler sent.
pub fn classify_server(sqlstate: &str, message: &str) -> Class {
    if matches!(sqlstate, "XX000" | "08P01")
        && let Some(class) = classify_pooler(message)
    {
        return class;
    }
    match sqlstate {
        "53300" => Class::Saturated,
        "28P01" | "28000" => Class::Credential,
        "25006" => Class::ReadOnly,
        "40001" | "40P01" => Class::Conflict,
        "55P03" => Class::Contention,
        "57014" => Class::Timeout,
        "57P01" | "57P02" | "57P03" => Class::Ambiguous,
        "22021" | "22P05" | "23514" => Class::Validation,
        "42501" => Class::Denied,
        code if code.starts_with("08") => Class::Ambiguous,
        code if code.starts_with("53") => Class::Saturated,
        _ => Class::Bug,
    }
}

fn classify_pooler(message: &str) -> Option<Class> {
    const TABLE: [(&str, Class); 7] = [
        ("(EMAXCONN", Class::Saturated),
        ("MaxClientsInSessionMode", Class::Saturated),
        ("max_client_conn", Class::Saturated),
        ("(ECHECKOUTTIMEOUT)", Class::Unavailable),
        ("(ECIRCUITBREAKER)", Class::Blocked),
        ("server login has been failing", Class::Unavailable),
        ("server conn crashed", Class::Ambiguous),
    ];
    TABLE.iter().find(|(mark, _)| message.contains(mark)).map(|(_, class)| *class)
}

fn classify_transport(error: &tokio_postgres::Error) -> Class {
    let text = chain(error).to_ascii_lowercase();
    if error.is_closed() {
        return Class::Ambiguous;
    }
    if text.contains("certificate") || text.contains("does not support tls") || text.contains("tls handshake") {
        return Class::Configuration;
    }
    if text.contains("serializing") || text.contains("deserializing") || text.contains("converting") {
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
    let quotes_nothing = ["08", "28", "53", "55", "57", "XX"].iter().any(|class| code.starts_with(class));
    let mut text = format!("SQLSTATE {code}");
    if quotes_nothing || code == "42501" || code == "42883" || code == "25006" {
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
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_has_its_class() {
        let rows = [
            ("53300", "sorry, too many clients already", Class::Saturated),
            ("08P01", "no more connections allowed (max_client_conn)", Class::Saturated),
            ("XX000", "(EMAXCONNSESSION) max clients reached in session mode", Class::Saturated),
            ("XX000", "(ECHECKOUTTIMEOUT) unable to check out connection from the pool", Class::Unavailable),
            ("XX000", "(ECIRCUITBREAKER) too many authentication errors", Class::Blocked),
            ("XX000", "something else", Class::Bug),
            ("28P01", "password authentication failed", Class::Credential),
            ("28000", "role is not permitted to log in", Class::Credential),
            ("57P01", "terminating connection due to administrator command", Class::Ambiguous),
            ("57P02", "crash", Class::Ambiguous),
            ("57P03", "the database system is starting up", Class::Ambiguous),
            ("08006", "connection failure", Class::Ambiguous),
            ("25006", "cannot execute UPDATE in a read-only transaction", Class::ReadOnly),
            ("40001", "could not serialize access", Class::Conflict),
            ("40P01", "deadlock detected", Class::Conflict),
            ("55P03", "canceling statement due to lock timeout", Class::Contention),
            ("57014", "canceling statement due to statement timeout", Class::Timeout),
            ("42P05", "prepared statement already exists", Class::Bug),
            ("26000", "prepared statement does not exist", Class::Bug),
            ("22021", "invalid byte sequence", Class::Validation),
            ("22P05", "unsupported Unicode escape sequence", Class::Validation),
            ("23514", "violates check constraint", Class::Validation),
            ("42501", "permission denied", Class::Denied),
        ];
        for (sqlstate, message, class) in rows {
            assert_eq!(classify_server(sqlstate, message), class, "{sqlstate} {message}");
        }
    }

    #[test]
    fn only_failures_that_a_repeat_can_mend_are_repeated() {
        assert_eq!(Class::Conflict.attempts(), 3);
        assert_eq!(Class::Ambiguous.attempts(), 2);
        for class in [Class::Configuration, Class::Credential, Class::Blocked, Class::Bug, Class::Timeout] {
            assert_eq!(class.attempts(), 1, "{class:?}");
        }
    }
}
