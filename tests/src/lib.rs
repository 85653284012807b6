//! The harness: a real Postgres with a database per test, a real pooler, the real binaries behind the local host, a client
//! that holds every reply against openapi.yaml, and a tap on the wire between function and pooler.
//!
//! Invariant: only the language model and the clock ever have stand-ins.

#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the functions")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

pub mod binaries;
pub mod canary;
pub mod client;
pub mod contract;
pub mod emf;
pub mod eval;
pub mod eviction;
pub mod gate;
pub mod grade;
pub mod growth;
pub mod lints;
pub mod llm_stub;
pub mod local_dev;
pub mod mailbox;
pub mod model;
pub mod naughty;
pub mod node;
pub mod outage;
pub mod passwords;
pub mod plans;
pub mod product;
pub mod project;
pub mod python;
pub mod refusing;
mod relay;
pub mod rls;
pub mod sam;
pub mod schemathesis;
pub mod secrets_manager;
pub mod side_by_side;
pub mod source;
pub mod stack;
pub mod supabase;
pub mod tap;
pub mod template;
pub mod texts;
pub mod torture;
pub mod walk;
pub mod wycheproof;

pub use launcher::skips::skip;
