//! The edge of a function that a schedule invokes: no request and no reply, a report in the log.
//!
//! Invariants: the event is not read; every invocation has a deadline; nothing runs after it returns; a panic's text, which the
//! runtime would report with its error, goes nowhere.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::Value;
use tracing::Instrument as _;

#[cfg(all(feature = "workflow", feature = "mail"))]
pub use report::Report;

use crate::app::App;
use crate::clock::{Deadline, REPLY_RESERVE};
use crate::http::StartError;
use crate::telemetry::metrics::{Invocation, Metric, Metrics};

/// What a schedule works with: built once per cold start, a cheap clone.
pub trait Scheduled: Clone {
    /// No invocation works longer.
    const LONGEST: Duration;

    /// What its environment counts.
    fn metrics(&self) -> &Metrics;
}

impl Scheduled for App {
    // The next one is due.
    const LONGEST: Duration = Duration::from_secs(55);

    fn metrics(&self) -> &Metrics {
        self.metrics()
    }
}

/// Serves invocations until the environment ends. `load` runs during Lambda's init phase.
///
/// # Errors
/// When the environment must not serve, as for `http::run`.
pub async fn run<S, L, F, R, E>(load: impl FnOnce() -> L, handler: impl Fn(S, Deadline) -> F) -> Result<(), Error>
where
    S: Scheduled,
    L: Future<Output = Result<S, StartError>>,
    F: Future<Output = Result<R, E>>,
    R: Serialize,
    E: std::error::Error + Send + Sync + 'static,
{
    let app = load().await.inspect_err(StartError::print)?;
    let (app, handler) = (&app, &handler);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        let invocation = Invocation::begin(&event.context);
        let deadline = Deadline::from_lambda(event.context.deadline, REPLY_RESERVE, S::LONGEST);
        let work = AssertUnwindSafe(handler(app.clone(), deadline)).catch_unwind().instrument(invocation.span());
        let report = match work.await {
            Ok(Ok(report)) => serde_json::to_value(report).map_err(Error::from),
            Ok(Err(error)) => Err(Error::from(error)),
            Err(_) => Err(Error::from("the invocation panicked")),
        };
        app.metrics().add(Metric::ServerErrors, u8::from(report.is_err()));
        let said = report.as_ref().ok().map(|report| ("report".to_owned(), report.clone()));
        invocation.end(app.metrics(), said.into_iter().collect());
        report
    }))
    .await
}

#[cfg(all(feature = "workflow", feature = "mail"))]
mod report {
    use serde::Serialize;

    /// What one invocation of the schedule did.
    #[derive(Clone, Copy, Debug, Serialize)]
    pub struct Report {
        /// With the turns,
        #[serde(flatten)]
        pub turns: crate::workflow::SweepReport,
        /// and with the mails.
        #[serde(flatten)]
        pub mails: crate::accounts::mail::MailReport,
    }
}
