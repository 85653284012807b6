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
pub mod gate;
pub mod grade;
pub mod growth;
pub mod lints;
pub mod llm_stub;
pub mod mailbox;
pub mod model;
pub mod naughty;
pub mod passwords;
pub mod plans;
pub mod product;
pub mod project;
pub mod python;
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
pub mod wycheproof;

/// Says that a test did not run, and why; `cargo verify` counts and prints it.
pub fn skip(name: &str, reason: &str) {
    use std::io::Write as _;
    let line = format!("SKIPPED {name}: {reason}");
    println!("{line}");
    if let Some(path) = std::env::var_os(launcher::verify::SKIPS_FILE) {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        file.and_then(|mut file| writeln!(file, "{line}")).expect("the list of skips can be written");
    }
}
