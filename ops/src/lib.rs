//! What an operator and a developer need beside the functions: migrations, the database's roles, the local host.
//!
//! Invariant: nothing in here is linked into a function.

#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the functions; this is a command line")]

pub mod analytics;
pub mod archive;
pub mod ask;
pub mod audit;
#[cfg(feature = "aws")]
mod aws;
pub mod certificates;
pub mod checks;
pub mod conversations;
pub mod database;
pub mod dev;
pub mod doctor;
pub mod export;
pub mod facts;
pub mod host;
pub mod import;
pub mod limits;
mod lines;
pub mod migrate;
pub mod pooler;
pub mod regulatory;
pub mod relay;
pub mod roles;
pub mod scram;
pub mod secrets;
pub mod setup;
pub mod stack;
pub mod user;
pub mod workflow;

/// What went wrong and what to do: the text is for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum OpsError {
    /// The database said no.
    #[error("{attempt}: {}", database::reason(source))]
    Database {
        /// What was attempted.
        attempt: String,
        /// The driver's error.
        source: tokio_postgres::Error,
    },
    /// The operating system said no.
    #[error("{attempt}: {source}")]
    Io {
        /// What was attempted.
        attempt: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// Something else, in one line.
    #[error("{0}")]
    Said(String),
}

impl OpsError {
    /// One line.
    pub fn said(line: impl Into<String>) -> Self {
        Self::Said(line.into())
    }

    pub(crate) fn io(attempt: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let attempt = attempt.into();
        move |source| Self::Io { attempt, source }
    }

    pub(crate) fn database(attempt: impl Into<String>) -> impl FnOnce(tokio_postgres::Error) -> Self {
        let attempt = attempt.into();
        move |source| Self::Database { attempt, source }
    }
}

/// What was seen and what to do, in one line.
impl From<checks::Trouble> for OpsError {
    fn from(trouble: checks::Trouble) -> Self {
        Self::Said(format!("{} → {}", trouble.found, trouble.advice))
    }
}

impl From<launcher::LauncherError> for OpsError {
    fn from(error: launcher::LauncherError) -> Self {
        Self::Said(error.0)
    }
}

/// The result of an operator's command.
pub type Result<T> = std::result::Result<T, OpsError>;
