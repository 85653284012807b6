//! Finds, installs and starts what the product needs around it, with the standard library alone: the launcher compiles in
//! a second, so that a newcomer sees the first line at once, while everything else is still being built.
//!
//! Invariants: nothing is installed unannounced; every server listens on loopback, runs as an unprivileged user, and ends
//! with the process that started it.

#![allow(
    clippy::disallowed_methods,
    reason = "the rules of clippy.toml are for the functions; this program reads its own environment and clock"
)]

pub mod install;
pub mod postgres;
pub mod process;
pub mod reference;
pub mod skips;
pub mod verify;
pub mod workspace;

/// What went wrong and what to do, in one line for the person at the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LauncherError(pub String);

impl std::fmt::Display for LauncherError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LauncherError {}

impl LauncherError {
    /// An error with this line.
    pub fn new(line: impl Into<String>) -> Self {
        Self(line.into())
    }

    /// An error of the operating system, with what was attempted.
    pub fn io(attempt: &str, error: &std::io::Error) -> Self {
        Self(format!("{attempt}: {error}"))
    }
}

/// The launcher's result.
pub type Result<T> = std::result::Result<T, LauncherError>;
