//! Archiving by policy, on a schedule: what the function `archive` does.
//!
//! Invariants: off unless ARCHIVE_AFTER_DAYS says otherwise; the login is an operator's own, never the functions' navigator_api, which
//! may not see everybody's conversations; no file is begun in the last seconds of an invocation.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::{ArchiveError, Done, Folder, Place, archive};
use crate::clock::{Clock, Deadline};
use crate::config::{ArchiveConfig, ArchivePlace};
use crate::db::{Target, connector};
use crate::http::StartError;
use crate::operator::connect;
use crate::schedule::Scheduled;
use crate::telemetry;
use crate::telemetry::metrics::{Metric, Metrics};

/// What a file of 200 conversations takes, generously.
const ONE_FILE: Duration = Duration::from_secs(20);
/// The budget of connecting.
const CONNECT_BUDGET: Duration = Duration::from_secs(10);

/// The archiver of this execution environment. Cheap to clone.
#[derive(Clone)]
pub struct Archiver {
    metrics: Metrics,
    clock: Clock,
    policy: Option<Arc<Policy>>,
}

struct Policy {
    age: TimeDelta,
    target: Target,
    tls: postgres_native_tls::MakeTlsConnector,
    place: Box<dyn Place>,
}

impl Scheduled for Archiver {
    // Lambda's own limit, less a reply.
    const LONGEST: Duration = Duration::from_secs(890);

    fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}

impl Archiver {
    /// Reads the policy and sets up logging.
    ///
    /// # Errors
    /// [`StartError`] when the policy is on and cannot be followed.
    pub async fn load() -> Result<Self, StartError> {
        let config =
            ArchiveConfig::load().await.inspect_err(|_| telemetry::init(tracing::level_filters::LevelFilter::INFO))?;
        telemetry::init(config.log_level);
        let policy = match config.policy {
            None => None,
            Some(policy) => {
                let tls = connector(policy.database.verification, policy.database_ca_pem.as_deref())
                    .map_err(|error| StartError::Unsafe(format!("TLS cannot be set up: {error}")))?;
                let place = place(policy.place).await?;
                Some(Arc::new(Policy { age: policy.age, target: policy.database, tls, place }))
            }
        };
        Ok(Self { metrics: Metrics::default(), clock: Clock::system(), policy })
    }

    /// Archives what the policy says; nothing when it is off.
    ///
    /// # Errors
    /// [`ArchiveError`]; what was archived before stays archived, and the next invocation goes on.
    pub async fn archive_due(&self, deadline: Deadline) -> Result<Done, ArchiveError> {
        let Some(policy) = &self.policy else { return Ok(Done::default()) };
        let mut client = connect(&policy.target, policy.tls.clone(), CONNECT_BUDGET)
            .await?
            .ok_or(ArchiveError::Late(CONNECT_BUDGET.as_secs()))?;
        let now = self.clock.now();
        // Counted file by file: what comes after it may fail.
        let written = |_: &str, file: Done| {
            self.metrics.add(Metric::ConversationsArchived, u32::try_from(file.conversations).unwrap_or(u32::MAX));
            deadline.remaining() > ONE_FILE
        };
        archive(&mut client, now - policy.age, now, &*policy.place, written).await
    }
}

#[cfg_attr(not(feature = "s3"), allow(clippy::unused_async, reason = "a bucket's client is set up here"))]
async fn place(place: ArchivePlace) -> Result<Box<dyn Place>, StartError> {
    match place {
        ArchivePlace::Folder(path) => {
            Ok(Box::new(Folder::open(&path).map_err(|error| StartError::Unsafe(error.to_string()))?))
        }
        #[cfg(feature = "s3")]
        ArchivePlace::Bucket(bucket) => Ok(Box::new(super::s3::Bucket::open(bucket).await)),
        #[cfg(not(feature = "s3"))]
        ArchivePlace::Bucket(_) => Err(StartError::Unsafe(
            "ARCHIVE_BUCKET is set, and this build has no S3; build with the feature s3 or set ARCHIVE_FOLDER"
                .to_owned(),
        )),
    }
}
