//! Logs: one JSON line an event on stdout, with its own time stamp and level, as Lambda's JSON log format expects them.
//!
//! Invariant: no line holds a password, a token, a message, an address, a name or a statement's parameter; users appear
//! by id.

use tracing::level_filters::LevelFilter;

/// Sets up logging for this process; a second call changes nothing.
pub fn init(level: LevelFilter) {
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(level)
        .finish();
    // An error means that a test has set one up already.
    let _already_set = tracing::subscriber::set_global_default(subscriber);
}
