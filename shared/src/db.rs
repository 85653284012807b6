//! One connection per execution environment, through a transaction-mode pooler.
//!
//! Invariants:
//! - Unnamed statements only, one statement and one Sync per operation, never two in flight: the connection is taken out
//!   of its slot while it is used. With two statements in flight a pooler may hand the replies to the wrong client.
//! - A connection whose statement was cut short (deadline, error of the transport) is never used again.
//! - Every await has a deadline: with the database down behind a living pooler a client would hang for minutes.
//! - Refused credentials are asked for again once, where there is somebody to ask ([`Db::with_reload`]).
//! - Every statement can be repeated, so a lost reply is answered by sending the same statement again.
//! - A role that may bypass row-level security is refused before the first statement of a request.

mod error;
mod reload;
mod statement;
mod tls;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;
use tokio::time::timeout_at;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};

#[cfg(feature = "archive")]
pub(crate) use error::loggable;
pub use error::{Class, DbError, chain, classify_server};
pub use reload::{Endpoint, Reload};
pub use statement::Statement;
pub use tls::{Target, UrlError, Verification, connector};

use crate::clock::{Deadline, Stopwatch, wall};
use crate::telemetry::metrics::{Metric, Metrics};
use reload::Reloader;

/// A connection idle for longer is asked first whether it still lives.
const PING_AFTER: Duration = Duration::from_secs(15);
/// A connection idle for longer is dropped: NAT gateways and poolers forget it.
const DROP_AFTER: Duration = Duration::from_secs(60);
/// The budget of one connection attempt.
const CONNECT_BUDGET: Duration = Duration::from_millis(2_500);
/// The budget of one ping.
const PING_BUDGET: Duration = Duration::from_millis(500);

const PING: Statement = Statement { name: "ping", sql: "SELECT 1", parameters: &[] };

/// Whether the role that is connected could see past row-level security.
const ROLE_CHECK: Statement = Statement {
    name: "role_check",
    sql: "SELECT r.rolsuper OR r.rolbypassrls OR EXISTS (\
              SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
              WHERE n.nspname = 'navigator' AND c.relowner = r.oid) AS unsafe \
          FROM pg_catalog.pg_roles r WHERE r.rolname = current_user",
    parameters: &[],
};

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

struct Connection {
    client: Client,
    last_used: SystemTime,
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

    /// Runs a statement and returns its rows: one round trip on a warm connection. A failure that a repeat can mend is
    /// repeated once or twice within the deadline, each time with the same parameters.
    ///
    /// # Errors
    /// [`DbError`] with its class; nothing of a row's values is in it.
    pub async fn query(
        &self,
        statement: &'static Statement,
        parameters: Parameters<'_>,
        deadline: Deadline,
    ) -> Result<Vec<Row>, DbError> {
        let result = self.try_often(statement, parameters, deadline).await;
        if result.is_err() {
            self.metrics().add(Metric::DatabaseErrors, 1);
        }
        result
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
        connection: Connection,
        statement: &'static Statement,
        parameters: Parameters<'_>,
        deadline: Deadline,
        metrics: &Metrics,
    ) -> Result<Vec<Row>, DbError> {
        let result = run(&connection.client, statement, parameters, deadline, metrics).await;
        let usable = !result.as_ref().is_err_and(|error| error.class().spoils_connection());
        if usable && !connection.client.is_closed() {
            self.connection = Some(Connection { client: connection.client, last_used: wall() });
        }
        result
    }

    /// The connection if it can still be trusted, else a new one.
    async fn fresh(&mut self, deadline: Deadline, metrics: &Metrics) -> Result<Connection, DbError> {
        if let Some(connection) = self.connection.take().filter(|kept| !kept.client.is_closed()) {
            // A clock set back makes the idle time unknown: treat it as long.
            let idle = wall().duration_since(connection.last_used).unwrap_or(DROP_AFTER);
            if idle < PING_AFTER {
                return Ok(connection);
            }
            let budget = deadline.capped(PING_BUDGET);
            if idle < DROP_AFTER && run(&connection.client, &PING, &[], budget, metrics).await.is_ok() {
                return Ok(connection);
            }
        }
        self.endpoint.open(deadline, metrics).await
    }
}

impl Endpoint {
    async fn open(&self, deadline: Deadline, metrics: &Metrics) -> Result<Connection, DbError> {
        let connecting = Stopwatch::start();
        let opened = self.try_open(deadline.capped(CONNECT_BUDGET), metrics).await;
        metrics.add(Metric::DatabaseConnects, 1);
        metrics.add_time(Metric::DatabaseConnectTime, connecting.elapsed());
        opened
    }

    async fn try_open(&self, deadline: Deadline, metrics: &Metrics) -> Result<Connection, DbError> {
        let attempt = self.target.config.connect(self.tls.clone());
        let (client, connection) = match timeout_at(deadline.instant(), attempt).await {
            Ok(Ok(connected)) => connected,
            Ok(Err(error)) => return Err(DbError::from_driver("connect", &error)),
            Err(_) => return Err(DbError::new(Class::Unavailable, "connect", "no answer in time")),
        };
        tokio::spawn(async move {
            // The error also reaches whoever waits for a reply; here it would be logged a second time.
            let _closed = connection.await;
        });
        let row = match run(&client, &ROLE_CHECK, &[], deadline, metrics).await {
            // The connection's time was over, not the request's: another one may be faster.
            Err(error) if error.class() == Class::Timeout => {
                return Err(DbError::new(Class::Unavailable, "connect", "no answer in time"));
            }
            checked => checked?,
        };
        let is_unsafe: bool = row
            .first()
            .and_then(|row| row.try_get(0).ok())
            .ok_or_else(|| DbError::new(Class::Bug, "role_check", "no answer about the current role"))?;
        if is_unsafe {
            let reason = "the database role is a superuser, bypasses row-level security or owns tables; \
                          DATABASE_URL must name navigator_api";
            return Err(DbError::new(Class::UnsafeRole, "connect", reason));
        }
        Ok(Connection { client, last_used: wall() })
    }
}

async fn run(
    client: &Client,
    statement: &'static Statement,
    parameters: Parameters<'_>,
    deadline: Deadline,
    metrics: &Metrics,
) -> Result<Vec<Row>, DbError> {
    debug_assert_eq!(statement.parameters.len(), parameters.len(), "{}", statement.name);
    let typed: Vec<_> = parameters.iter().copied().zip(statement.parameters.iter().cloned()).collect();
    let sent = Stopwatch::start();
    let answer = timeout_at(deadline.instant(), client.query_typed(statement.sql, &typed)).await;
    let time = sent.elapsed();
    metrics.query(statement.name, time);
    let result = match answer {
        Ok(Ok(rows)) => Ok(rows),
        Ok(Err(error)) => Err(DbError::from_driver(statement.name, &error)),
        Err(_) => Err(DbError::new(Class::Timeout, statement.name, "no answer in time")),
    };
    let (rows, class) = (result.as_ref().map_or(0, Vec::len), result.as_ref().err().map(DbError::class));
    tracing::debug!(statement = statement.name, rows, ?class, us = time.as_micros(), "round trip");
    result
}

/// Full jitter (0 to 50 ms · 2ⁿ), from a random UUID's bits: waiting environments must not come back together.
fn jitter(attempt: u32) -> Duration {
    let ceiling_ms = 50_u64 << attempt.min(4);
    Duration::from_millis(u64::from(uuid::Uuid::new_v4().as_bytes()[0]) * ceiling_ms / 255)
}
