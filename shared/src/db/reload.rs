//! Credentials that were changed while an environment runs: where the database is, is asked for again.
//!
//! Invariants: at most one fetch in [`PAUSE`] and at most one for a call; no fetch without time for it; what was fetched is
//! taken only if it differs, since a second attempt with the same credentials would only count as another wrong log-in.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::future::BoxFuture;
use postgres_native_tls::MakeTlsConnector;
use tokio::sync::Mutex;
use tokio::time::timeout_at;

use super::tls::Target;
use crate::clock::{Deadline, wall};

/// Asks where the database is now; none when that cannot be found out.
pub type Reload = Arc<dyn Fn() -> BoxFuture<'static, Option<Endpoint>> + Send + Sync>;

/// The least time from one fetch to the next.
const PAUSE: Duration = Duration::from_secs(10);
/// The budget of a fetch.
const BUDGET: Duration = Duration::from_millis(2_500);
/// With less time left it would not be over before the request is.
const LEAST: Duration = Duration::from_millis(500);

/// Where the database is, and how TLS is spoken to it.
#[derive(Clone)]
pub struct Endpoint {
    /// Host, role, password, and how the certificate is checked.
    pub target: Target,
    /// The connector for this check.
    pub tls: MakeTlsConnector,
}

/// When to fetch, and what to make of what was fetched.
pub(super) struct Reloader {
    reload: Reload,
    /// When the last fetch began.
    last: Mutex<Option<SystemTime>>,
}

impl Reloader {
    pub(super) fn new(reload: Reload) -> Self {
        Self { reload, last: Mutex::new(None) }
    }

    /// Another endpoint than `refused`, if there is one. `current` is asked once nobody else is fetching: a call that
    /// waited for another's fetch takes what that one found.
    pub(super) async fn other_than(
        &self,
        refused: &Target,
        current: impl AsyncFnOnce() -> Endpoint,
        deadline: Deadline,
    ) -> Option<Endpoint> {
        if deadline.remaining() < LEAST {
            return None;
        }
        let deadline = deadline.capped(BUDGET);
        let fetched = timeout_at(deadline.instant(), async {
            let mut last = self.last.lock().await;
            let current = current().await;
            if current.target != *refused {
                return Some(current);
            }
            let now = wall();
            if !is_due(*last, now) {
                return None;
            }
            *last = Some(now);
            (self.reload)().await
        });
        let fetched = fetched.await.ok().flatten();
        let other = fetched.filter(|endpoint| endpoint.target != *refused);
        tracing::warn!(changed = other.is_some(), "the database refused the credentials; they were asked for again");
        other
    }
}

/// Whether enough time has passed. A clock that was set back tells nothing, so a fetch is allowed.
fn is_due(last: Option<SystemTime>, now: SystemTime) -> bool {
    last.and_then(|last| now.duration_since(last).ok()).is_none_or(|passed| passed >= PAUSE)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use secrecy::SecretString;

    use super::*;
    use crate::db::{Verification, connector};

    fn endpoint(password: &str, sslmode: &str) -> Endpoint {
        let url = SecretString::from(format!(
            "postgresql://navigator_api:{password}@127.0.0.1:6543/postgres?sslmode={sslmode}"
        ));
        Endpoint {
            target: Target::parse(&url, false).expect("a URL"),
            tls: connector(Verification::Full, None).expect("TLS"),
        }
    }

    fn old() -> Endpoint {
        endpoint("old", "require")
    }

    /// A reloader that finds `answer`, and how often it was asked.
    fn reloader(answer: Option<Endpoint>) -> (Reloader, Arc<AtomicU32>) {
        let asked = Arc::new(AtomicU32::new(0));
        let counted = asked.clone();
        let reload: Reload = Arc::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            let answer = answer.clone();
            Box::pin(async move { answer })
        });
        (Reloader::new(reload), asked)
    }

    async fn ask(reloader: &Reloader, refused: &Endpoint, current: &Endpoint) -> Option<Endpoint> {
        let deadline = Deadline::after(Duration::from_secs(20));
        reloader.other_than(&refused.target, async || current.clone(), deadline).await
    }

    #[tokio::test(start_paused = true)]
    async fn changed_credentials_are_taken_with_their_certificate_check() {
        let new = endpoint("new", "verify-full");
        let (reloader, asked) = reloader(Some(new.clone()));
        let found = ask(&reloader, &old(), &old()).await.expect("another endpoint");
        assert!(found.target == new.target && found.target.verification == Verification::Full);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_credentials_or_none_change_nothing() {
        for answer in [Some(old()), None] {
            let (reloader, asked) = reloader(answer);
            assert!(ask(&reloader, &old(), &old()).await.is_none());
            assert_eq!(asked.load(Ordering::Relaxed), 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_refusal_within_the_pause_asks_nobody() {
        let (reloader, asked) = reloader(Some(old()));
        for _ in 0..3 {
            assert!(ask(&reloader, &old(), &old()).await.is_none());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_another_call_found_meanwhile_is_taken_without_asking() {
        let (reloader, asked) = reloader(None);
        let found = ask(&reloader, &old(), &endpoint("new", "require")).await;
        assert!(found.is_some_and(|found| found.target != old().target));
        assert_eq!(asked.load(Ordering::Relaxed), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_fetch_that_hangs_costs_no_more_than_its_budget() {
        let reloader = Reloader::new(Arc::new(|| Box::pin(std::future::pending())));
        let whole = Deadline::after(Duration::from_secs(20));
        let found = reloader.other_than(&old().target, async || old(), whole).await;
        assert!(found.is_none());
        assert_eq!(whole.remaining(), Duration::from_secs(20) - BUDGET);
    }

    #[tokio::test(start_paused = true)]
    async fn without_time_for_a_fetch_nobody_is_asked() {
        let (reloader, asked) = reloader(Some(endpoint("new", "require")));
        let deadline = Deadline::after(LEAST - Duration::from_millis(1));
        assert!(reloader.other_than(&old().target, async || old(), deadline).await.is_none());
        assert_eq!(asked.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_fetch_is_due_ten_seconds_after_the_last_one_or_when_the_clock_went_back() {
        let last = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        assert!(is_due(None, last));
        assert!(!is_due(Some(last), last));
        assert!(!is_due(Some(last), last + PAUSE - Duration::from_millis(1)));
        assert!(is_due(Some(last), last + PAUSE));
        assert!(is_due(Some(last), last - Duration::from_secs(1)));
    }
}
