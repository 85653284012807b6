//! One connection: how it is opened, used and closed.
//!
//! Invariants: no statement is waited for longer than the server itself works on one, and a second; whoever gives a statement
//! up closes its socket before anything else happens. A pooler keeps a statement in its queue for as long as the socket is
//! open, and would have it carried out when nobody waits for it any more.

use std::time::{Duration, SystemTime};

use tokio::task::JoinHandle;
use tokio::time::timeout_at;
use tokio_postgres::{Client, Row};

use super::error::{Class, DbError};
use super::reload::Endpoint;
use super::statement::Statement;
use super::{Parameters, STATEMENT_BUDGET};
use crate::clock::{Deadline, Stopwatch, wall};
use crate::telemetry::metrics::{Metric, Metrics};

/// A connection idle for longer is asked first whether it still lives.
const PING_AFTER: Duration = Duration::from_secs(15);
/// A connection idle for longer is dropped: NAT gateways and poolers forget it.
const DROP_AFTER: Duration = Duration::from_secs(60);
/// The budget of one connection attempt.
pub(super) const CONNECT_BUDGET: Duration = Duration::from_millis(2_500);
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

/// An open connection. Dropped at rest it says good-bye; dropped with a statement under way its socket is closed at once.
pub(super) struct Connection {
    client: Client,
    /// Reads and writes the socket, and owns it.
    driver: JoinHandle<()>,
    is_busy: bool,
    last_used: SystemTime,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.is_busy {
            self.driver.abort();
        }
    }
}

impl Connection {
    /// Whether the other end has gone.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Whether it may be used now: what rested for long is asked first.
    pub(super) async fn is_fresh(&mut self, deadline: Deadline, metrics: &Metrics) -> bool {
        if self.is_closed() {
            return false;
        }
        // A clock set back makes the idle time unknown: treat it as long.
        let idle = wall().duration_since(self.last_used).unwrap_or(DROP_AFTER);
        if idle < PING_AFTER {
            return true;
        }
        idle < DROP_AFTER && self.run(&PING, &[], deadline.capped(PING_BUDGET), metrics).await.is_ok()
    }

    /// One statement, one round trip.
    pub(super) async fn run(
        &mut self,
        statement: &'static Statement,
        parameters: Parameters<'_>,
        deadline: Deadline,
        metrics: &Metrics,
    ) -> Result<Vec<Row>, DbError> {
        debug_assert_eq!(statement.parameters.len(), parameters.len(), "{}", statement.name);
        let typed: Vec<_> = parameters.iter().copied().zip(statement.parameters.iter().cloned()).collect();
        let (sent, until) = (Stopwatch::start(), deadline.capped(STATEMENT_BUDGET).instant());
        // Also for whoever drops this future before its end.
        self.is_busy = true;
        let answer = timeout_at(until, self.client.query_typed(statement.sql, &typed)).await;
        let time = sent.elapsed();
        metrics.query(statement.name, time);
        let result = match answer {
            Ok(answer) => {
                self.is_busy = false;
                self.last_used = wall();
                answer.map_err(|error| DbError::from_driver(statement.name, &error))
            }
            Err(_) => {
                self.give_up().await;
                Err(DbError::new(Class::Unanswered, statement.name, "no answer in time"))
            }
        };
        let (rows, class) = (result.as_ref().map_or(0, Vec::len), result.as_ref().err().map(DbError::class));
        tracing::debug!(statement = statement.name, rows, ?class, us = time.as_micros(), "round trip");
        result
    }

    /// The socket is closed when this returns.
    async fn give_up(&mut self) {
        self.driver.abort();
        let _aborted = (&mut self.driver).await;
        self.is_busy = false;
    }
}

impl Endpoint {
    /// A connection whose role is one that may be used.
    pub(super) async fn open(&self, deadline: Deadline, metrics: &Metrics) -> Result<Connection, DbError> {
        let connecting = Stopwatch::start();
        let opened = self.try_open(deadline.capped(CONNECT_BUDGET), metrics).await;
        metrics.add(Metric::DatabaseConnects, 1);
        metrics.add_time(Metric::DatabaseConnectTime, connecting.elapsed());
        opened
    }

    async fn try_open(&self, deadline: Deadline, metrics: &Metrics) -> Result<Connection, DbError> {
        let attempt = self.target.config.connect(self.tls.clone());
        let (client, driver) = match timeout_at(deadline.instant(), attempt).await {
            Ok(Ok(connected)) => connected,
            Ok(Err(error)) => return Err(DbError::from_driver("connect", &error)),
            Err(_) => return Err(DbError::new(Class::Unavailable, "connect", "no answer in time")),
        };
        let driver = tokio::spawn(async move {
            // The error also reaches whoever waits for a reply; here it would be logged a second time.
            let _closed = driver.await;
        });
        let mut connection = Connection { client, driver, is_busy: false, last_used: wall() };
        let row = match connection.run(&ROLE_CHECK, &[], deadline, metrics).await {
            // The connection's time was over, not the request's: another one may be faster.
            Err(error) if matches!(error.class(), Class::Unanswered | Class::Timeout) => {
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
        Ok(connection)
    }
}
