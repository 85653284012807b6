//! One connection per execution environment, through a transaction-mode pooler.
//!
//! Invariants:
//! - Unnamed statements only, one statement and one Sync per operation, never two in flight: the connection is taken out
//!   of its slot while it is used. With two statements in flight a pooler may hand the replies to the wrong client.
//! - A connection whose statement was cut short (deadline, error of the transport) is never used again, and is closed.
//! - Every await has a deadline: with the database down behind a living pooler a client would hang for minutes. One operation
//!   takes `OPERATION_BUDGET` at most, however much time the invocation has: who waits is told in time to come back.
//! - Refused credentials are asked for again once, where there is somebody to ask ([`Db::with_reload`]).
//! - Every statement can be repeated, so a lost reply is answered by sending the same statement again.
//! - A role that may bypass row-level security is refused before the first statement of a request.

mod connection;
mod error;
mod pooler;
mod reload;
mod statement;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

#[cfg(feature = "archive")]
pub(crate) use error::loggable;
pub use error::{Class, DbError, chain, classify_server};
pub use reload::{Endpoint, Reload};
pub use statement::Statement;
pub use tls::{Target, UrlError, Verification, connector};

use crate::clock::{Deadline, Stopwatch};
use crate::telemetry::metrics::{Metric, Metrics};
use connection::{CONNECT_BUDGET, Connection};
use reload::Reloader;

/// How long one statement is waited for: the server's own limit for one (`statement_timeout` of navigator_api, 5 s), and a second.
/// What is not answered by then hangs before the server.
const STATEMENT_BUDGET: Duration = Duration::from_secs(6);
/// How long an operation takes at most, with connecting and repeating.
const OPERATION_BUDGET: Duration = Duration::from_millis(6_500);

/// The parameters of one call, in the order of the statement's types.
pub type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

/// The database of this execution environment. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    slot: Mutex<Slot>,
    reloader: Option<Reloader>,
    metrics: Metrics,
}

/// The connection, and where the next one goes.
struct Slot {
    endpoint: Arc<Endpoint>,
    connection: Option<Connection>,
}

impl Db {
    /// A database that is connected to at its first use.
    pub fn new(target: Target, tls: postgres_native_tls::MakeTlsConnector) -> Self {
        Self::assemble(Endpoint { target, tls }, None)
    }

    /// [`Db::new`] with somebody to ask where the database is now, when it refuses the credentials.
    pub fn with_reload(target: Target, tls: postgres_native_tls::MakeTlsConnector, reload: Reload) -> Self {
        Self::assemble(Endpoint { target, tls }, Some(Reloader::new(reload)))
    }

    fn assemble(endpoint: Endpoint, reloader: Option<Reloader>) -> Self {
        let slot = Slot { endpoint: Arc::new(endpoint), connection: None };
        Self { inner: Arc::new(Inner { slot: Mutex::new(slot), reloader, metrics: Metrics::default() }) }
    }

    /// The counts of this environment: this connection's, and those of everybody who works over it.
    pub fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Connects now, so that the handshake falls into Lambda's init phase.
    ///
    /// # Errors
    /// [`DbError`]; the caller may go on, the next call tries again.
    pub async fn connect(&self, deadline: Deadline) -> Result<(), DbError> {
        let mut slot = self.inner.slot.lock().await;
        if slot.connection.is_none() {
            slot.connection = Some(slot.endpoint.open(deadline, self.metrics()).await?);
        }
        Ok(())
    }

    /// Runs a statement and returns its rows: one round trip on a warm connection. A failure that a repeat can cure is
    /// repeated once or twice within the deadline and 6.5 s, each time with the same parameters.
    ///
    /// # Errors
    /// [`DbError`] with its class; nothing of a row's values is in it. One that was not answered is not carried out later, unless
    /// the server had begun it.
    pub async fn query(
        &self,
        statement: &'static Statement,
        parameters: Parameters<'_>,
        deadline: Deadline,
    ) -> Result<Vec<Row>, DbError> {
        let result = self.try_often(statement, parameters, deadline.capped(OPERATION_BUDGET)).await;
        result.map_err(|error| {
            self.metrics().add(Metric::DatabaseErrors, 1);
            match error.class() {
                // It was the invocation's time that was over.
                Class::Unanswered if deadline.remaining().is_zero() => {
                    DbError::new(Class::Timeout, statement.name, "no answer in time")
                }
                _ => error,
            }
        })
    }

    async fn try_often(
        &self,
        statement: &'static Statement,
        parameters: Parameters<'_>,
        deadline: Deadline,
    ) -> Result<Vec<Row>, DbError> {
        let mut attempt = 1;
        let mut has_reloaded = false;
        loop {
            let (endpoint, result) = self.try_once(statement, parameters, deadline).await;
            match result {
                Ok(rows) => return Ok(rows),
                Err(error) if error.class() == Class::Credential && !has_reloaded => {
                    has_reloaded = true;
                    if !self.reload(&endpoint, deadline).await {
                        return Err(error);
                    }
                    self.metrics().add(Metric::DatabaseRetries, 1);
                }
                Err(error) if attempt < error.class().attempts() => {
                    let pause = jitter(attempt);
                    if deadline.remaining() < pause + CONNECT_BUDGET / 4 {
                        return Err(error);
                    }
                    tracing::warn!(statement = statement.name, class = ?error.class(), attempt, "database call repeated");
                    self.metrics().add(Metric::DatabaseRetries, 1);
                    tokio::time::sleep(pause).await;
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// [`Db::query`] for a statement that returns exactly one row.
    ///
    /// # Errors
    /// As [`Db::query`]; another number of rows is a [`Class::Bug`].
    pub async fn query_one(
        &self,
        statement: &'static Statement,
        parameters: Parameters<'_>,
        deadline: Deadline,
    ) -> Result<Row, DbError> {
        let mut rows = self.query(statement, parameters, deadline).await?;
        match (rows.pop(), rows.is_empty()) {
            (Some(row), true) => Ok(row),
            _ => Err(DbError::new(Class::Bug, statement.name, "did not return exactly one row")),
        }
    }

    /// One attempt, and where it went.
    async fn try_once(
        &self,
        statement: &'static Statement,
        parameters: Parameters<'_>,
        deadline: Deadline,
    ) -> (Arc<Endpoint>, Result<Vec<Row>, DbError>) {
        let waiting = Stopwatch::start();
        let mut slot = self.inner.slot.lock().await;
        let endpoint = slot.endpoint.clone();
        let fresh = slot.fresh(deadline, self.metrics()).await;
        self.metrics().add_time(Metric::ConnectionWait, waiting.elapsed());
        match fresh {
            Ok(connection) => (endpoint, slot.run(connection, statement, parameters, deadline, self.metrics()).await),
            Err(error) => (endpoint, Err(error)),
        }
    }

    /// Whether there are other credentials now than those that were refused.
    async fn reload(&self, refused: &Endpoint, deadline: Deadline) -> bool {
        let Some(reloader) = &self.inner.reloader else { return false };
        let current = async || Endpoint::clone(&self.inner.slot.lock().await.endpoint);
        let Some(endpoint) = reloader.other_than(&refused.target, current, deadline).await else { return false };
        let mut slot = self.inner.slot.lock().await;
        if slot.endpoint.target != endpoint.target {
            *slot = Slot { endpoint: Arc::new(endpoint), connection: None };
        }
        true
    }
}

impl Slot {
    async fn run(
        &mut self,
        mut connection: Connection,
        statement: &'static Statement,
        parameters: Parameters<'_>,
        deadline: Deadline,
        metrics: &Metrics,
    ) -> Result<Vec<Row>, DbError> {
        let result = connection.run(statement, parameters, deadline, metrics).await;
        let is_usable = !result.as_ref().is_err_and(|error| error.class().spoils_connection());
        if is_usable && !connection.is_closed() {
            self.connection = Some(connection);
        }
        result
    }

    /// The connection if it can still be trusted, else a new one.
    async fn fresh(&mut self, deadline: Deadline, metrics: &Metrics) -> Result<Connection, DbError> {
        if let Some(mut connection) = self.connection.take()
            && connection.is_fresh(deadline, metrics).await
        {
            return Ok(connection);
        }
        self.endpoint.open(deadline, metrics).await
    }
}

/// Full jitter (0 to 50 ms · 2ⁿ), from a random UUID's bits: waiting environments must not come back together.
fn jitter(attempt: u32) -> Duration {
    let ceiling_ms = 50_u64 << attempt.min(4);
    Duration::from_millis(u64::from(uuid::Uuid::new_v4().as_bytes()[0]) * ceiling_ms / 255)
}
