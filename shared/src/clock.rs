//! The clock: the only place that asks the system for the time, so that tests can hold it still.
//!
//! Invariant: wall-clock time decides what a person is told (token expiry, deadlines on letters); monotonic time decides
//! how long this invocation may still work. The two never mix.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, NaiveDate, Utc};
use tokio::time::Instant;

/// Where the wall-clock time comes from: the system, or one fixed instant in tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    fixed: Option<DateTime<Utc>>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that always answers `at`.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self { fixed: Some(at) }
    }

    /// The wall-clock time, UTC.
    pub fn now(&self) -> DateTime<Utc> {
        self.fixed.unwrap_or_else(|| DateTime::<Utc>::from(wall()))
    }

    /// Today's date, UTC.
    pub fn today(&self) -> NaiveDate {
        self.now().date_naive()
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, as tokens carry them (RFC 7519, `NumericDate`).
    pub fn unix_seconds(&self) -> u64 {
        u64::try_from(self.now().timestamp()).unwrap_or(0)
    }
}

/// What is kept of an invocation's time for sending the reply.
pub const REPLY_RESERVE: Duration = Duration::from_millis(500);

/// The time something takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch {
    begun: Instant,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { begun: monotonic() }
    }

    pub(crate) fn elapsed(self) -> Duration {
        monotonic().saturating_duration_since(self.begun)
    }
}

/// The instant by which an invocation's work has to be over. Every await is given a slice of it.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    at: Instant,
}

impl Deadline {
    /// `budget` from now.
    pub fn after(budget: Duration) -> Self {
        Self { at: monotonic() + budget }
    }

    /// From Lambda's deadline in milliseconds since the epoch, less `reserve` for sending the reply; at most `longest` from
    /// now. Lambda delivers no event whose deadline has passed, but `cargo lambda watch` states a constant that lies in
    /// 1970: a deadline in the past is none.
    pub fn from_lambda(deadline_ms: u64, reserve: Duration, longest: Duration) -> Self {
        let now = wall().duration_since(UNIX_EPOCH).unwrap_or_default();
        match Duration::from_millis(deadline_ms).checked_sub(now) {
            Some(left) => Self::after(left.saturating_sub(reserve).min(longest)),
            None => Self::after(longest),
        }
    }

    /// The earlier of this deadline and `budget` from now.
    pub fn capped(self, budget: Duration) -> Self {
        Self { at: self.at.min(monotonic() + budget) }
    }

    /// The time left; zero when it is over.
    pub fn remaining(self) -> Duration {
        self.at.saturating_duration_since(monotonic())
    }

    /// The instant itself, for `tokio::time::timeout_at`.
    pub fn instant(self) -> Instant {
        self.at
    }
}

/// A wall-clock instant that survives a frozen execution environment: Lambda stops the process between invocations, and
/// only the wall clock tells how long.
pub(crate) fn wall() -> SystemTime {
    #[allow(clippy::disallowed_methods, reason = "idle time across a freeze shows only on the wall clock")]
    let now = SystemTime::now();
    #[cfg(feature = "testing")]
    let now = offset::applied(now);
    now
}

#[cfg(feature = "testing")]
pub(crate) use offset::set as set_offset;

/// A wall clock that is off, for tests.
#[cfg(feature = "testing")]
mod offset {
    use std::sync::OnceLock;
    use std::time::{Duration, SystemTime};

    static OFFSET_MS: OnceLock<i64> = OnceLock::new();

    pub(crate) fn set(milliseconds: i64) {
        let _only_the_first_counts = OFFSET_MS.set(milliseconds);
    }

    pub(super) fn applied(now: SystemTime) -> SystemTime {
        let offset = OFFSET_MS.get().copied().unwrap_or(0);
        let size = Duration::from_millis(offset.unsigned_abs());
        if offset < 0 { now - size } else { now + size }
    }
}

fn monotonic() -> Instant {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
    Instant::now()
}
