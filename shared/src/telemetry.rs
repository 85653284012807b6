//! Logs: one JSON line an event on stdout, with its own time stamp and level, as Lambda's JSON log format expects them, and with
//! the invocation's request and trace ids. How the invocation went is one more line, with its metrics (`metrics`).
//!
//! Invariant: no line holds a password, a token, a message, an address, a name or a statement's parameter; users appear
//! by id. Types that hold such a value have neither `Debug` nor `Display` (`silent`), a panic's text is dropped, and what a
//! library says below INFO is dropped too: Lambda's own runtime traces whole events.

pub mod metrics;
mod silent;

use std::io;
use std::panic::PanicHookInfo;

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

/// Sets up logging for this process, of panics too; a second call changes nothing.
pub fn init(level: LevelFilter) {
    // An error means that a test has set one up already.
    let _already_set = tracing::subscriber::set_global_default(subscriber(level, io::stdout));
    std::panic::set_hook(Box::new(report_panic));
}

fn subscriber<W>(level: LevelFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(level)
        .with_writer(writer)
        .finish()
        .with(filter_fn(may_speak))
}

/// This crate at every level; libraries, which know nothing of what must not be logged, at INFO and above.
fn may_speak(event: &Metadata<'_>) -> bool {
    let is_ours = event.target().split("::").next() == Some(env!("CARGO_CRATE_NAME"));
    is_ours || *event.level() <= Level::INFO
}

/// The place alone: a panic's text may quote what the code was working on.
fn report_panic(panic: &PanicHookInfo<'_>) {
    match panic.location() {
        Some(location) => tracing::error!(%location, "a panic"),
        None => tracing::error!("a panic"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("the lines").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_library_is_heard_at_info_and_not_below_whatever_the_level() {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing::subscriber::with_default(subscriber(LevelFilter::TRACE, move || writer.clone()), || {
            tracing::trace!(target: "lambda_runtime::layers", body = "canary", "an event");
            tracing::debug!(target: "sharedish", "canary");
            tracing::info!(target: "lambda_runtime", "heard");
            tracing::trace!("own");
        });
        let text = String::from_utf8(lines.0.lock().expect("the lines").clone()).expect("UTF-8");
        assert!(text.contains("heard") && text.contains("own") && !text.contains("canary"), "{text}");
    }

    #[test]
    fn a_panic_is_one_json_line_with_its_place_and_without_its_text() {
        let lines = Lines::default();
        let writer = lines.clone();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(report_panic));
        let outcome = tracing::subscriber::with_default(subscriber(LevelFilter::INFO, move || writer.clone()), || {
            std::panic::catch_unwind(|| panic!("canary {}", "ana@example.org"))
        });
        std::panic::set_hook(before);
        assert!(outcome.is_err());
        let text = String::from_utf8(lines.0.lock().expect("the lines").clone()).expect("UTF-8");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!text.contains("canary") && !text.contains("ana@"), "{text}");
        let line: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(line["level"], "ERROR");
        let place = line["location"].as_str().expect("a place");
        assert!(place.starts_with(file!()), "{place}");
    }
}
