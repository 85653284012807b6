//! The Insurance Navigator's one shared crate: everything a function needs beyond its 5 to 20 lines of handler.
//!
//! Invariants: `http` may use the domain modules and they may use `db`, never the other way round; SQL stands only in
//! `store.rs` files (and in `migrations/`); the environment is read only in [`config`], the clock only in [`clock`].

pub mod accounts;
#[cfg(feature = "workflow")]
pub mod agents;
pub mod app;
#[cfg(feature = "archive")]
pub mod archive;
pub mod auth;
pub mod clock;
pub mod config;
pub mod conversations;
pub mod db;
pub mod http;
pub mod ids;
mod json;
#[cfg(any(feature = "workflow", feature = "regulatory"))]
pub mod knowledge;
#[cfg(feature = "workflow")]
pub mod llm;
#[cfg(feature = "archive")]
pub mod operator;
#[cfg(feature = "archive")]
pub mod private_file;
pub mod readiness;
#[cfg(feature = "regulatory")]
pub mod regulatory;
pub mod schedule;
pub mod telemetry;
#[cfg(feature = "workflow")]
pub mod workflow;
