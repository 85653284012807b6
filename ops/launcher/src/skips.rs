//! Tests that cannot run say why, on standard output and in a list.

use std::fs::OpenOptions;
use std::io::Write as _;

/// Names the file to which tests write `SKIPPED name: reason`; `cargo verify` counts and prints its lines.
pub const SKIPS_FILE: &str = "NAVIGATOR_SKIPS_FILE";

/// Says that a test did not run, and why.
///
/// # Panics
/// When the list cannot be written: a skipped test that nobody hears of would pass for one that ran.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub fn skip(name: &str, reason: &str) {
    let line = format!("SKIPPED {name}: {reason}");
    println!("{line}");
    if let Some(path) = std::env::var_os(SKIPS_FILE) {
        let file = OpenOptions::new().append(true).create(true).open(path);
        file.and_then(|mut file| writeln!(file, "{line}")).expect("the list of skips can be written");
    }
}
