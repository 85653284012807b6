//! A circuit breaker: a model that keeps failing is left alone for a while, so that no turn waits for it.

use std::sync::Mutex;
use std::time::Duration;

use super::ModelError;
use crate::clock::Stopwatch;

/// So many failures within [`WITHIN`] open it.
const FAILURES: usize = 3;
const WITHIN: Duration = Duration::from_secs(30);
/// After so long one call tries again.
const PROBE_AFTER: Duration = Duration::from_secs(15);
/// A wrong key or name is not mended within seconds.
const PROBE_AFTER_REFUSAL: Duration = Duration::from_secs(60);

/// The breaker of this environment.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: Vec<Stopwatch>,
    open: Option<(Stopwatch, Duration)>,
}

impl Breaker {
    /// Whether a call may be made; after a pause one is let through to try.
    pub(super) fn allows(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match state.open {
            None => true,
            Some((since, pause)) if since.elapsed() >= pause => {
                state.open = Some((Stopwatch::start(), pause));
                true
            }
            Some(_) => false,
        }
    }

    pub(super) fn succeeded(&self) {
        *self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = State::default();
    }

    pub(super) fn failed(&self, error: ModelError) {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        state.failures.retain(|failure| failure.elapsed() < WITHIN);
        state.failures.push(Stopwatch::start());
        if let ModelError::Refused(_) = error {
            state.open = Some((Stopwatch::start(), PROBE_AFTER_REFUSAL));
        } else if state.failures.len() >= FAILURES {
            state.open = Some((Stopwatch::start(), PROBE_AFTER));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWAY: ModelError = ModelError::Passing { status: Some(503), retry_after: None };

    #[tokio::test(start_paused = true)]
    async fn three_failures_open_it_one_probe_closes_it() {
        let breaker = Breaker::default();
        breaker.failed(AWAY);
        breaker.failed(AWAY);
        assert!(breaker.allows());
        breaker.failed(ModelError::TimedOut);
        assert!(!breaker.allows());
        tokio::time::advance(PROBE_AFTER).await;
        assert!(breaker.allows(), "one tries");
        assert!(!breaker.allows(), "the others wait for it");
        breaker.succeeded();
        assert!(breaker.allows());
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_opens_it_at_once_and_old_failures_do_not_count() {
        let breaker = Breaker::default();
        breaker.failed(AWAY);
        breaker.failed(AWAY);
        tokio::time::advance(WITHIN).await;
        breaker.failed(AWAY);
        assert!(breaker.allows());
        breaker.failed(ModelError::Refused(401));
        assert!(!breaker.allows());
        tokio::time::advance(PROBE_AFTER).await;
        assert!(!breaker.allows());
        tokio::time::advance(PROBE_AFTER_REFUSAL).await;
        assert!(breaker.allows());
    }
}
