//! Transactions with an operator's rights, for a login that may act as navigator_operator: several statements that belong together,
//! so they are no requests' way to the database ([`crate::db`]).
//!
//! Invariants: unnamed statements only; one moment for what is read together; a lock is waited for 3 s.

#![allow(clippy::disallowed_methods, reason = "an operator's transaction has several round trips; none is a request's")]

use std::time::Duration;

use postgres_native_tls::MakeTlsConnector;
use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{Client, Error, IsolationLevel, Row, Transaction};

use crate::db::Target;

/// Whether a transaction writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It reads, from one moment.
    Look,
    /// It changes something, or records what it reads.
    Change,
    /// It changes what it reads from one moment; whoever changed it meanwhile makes it fail.
    Move,
}

/// A parameter with its type: asking for the types would be a named statement.
pub type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// Connects within `time`; none when the server does not answer.
///
/// # Errors
/// What the server, or the way there, said.
pub async fn connect(target: &Target, tls: MakeTlsConnector, time: Duration) -> Result<Option<Client>, Error> {
    let Ok(connected) = tokio::time::timeout(time, target.config.connect(tls)).await else { return Ok(None) };
    let (client, connection) = connected?;
    tokio::spawn(async move {
        // Whoever waits for a reply sees the error.
        let _closed = connection.await;
    });
    Ok(Some(client))
}

/// Begins a transaction with an operator's rights.
///
/// # Errors
/// When the login may not act as navigator_operator.
pub async fn begin(client: &mut Client, purpose: Purpose) -> Result<Transaction<'_>, Error> {
    let builder = match purpose {
        Purpose::Look => client.build_transaction().read_only(true).isolation_level(IsolationLevel::RepeatableRead),
        Purpose::Change => client.build_transaction(),
        Purpose::Move => client.build_transaction().isolation_level(IsolationLevel::RepeatableRead),
    };
    let transaction = builder.start().await?;
    let setup = "SET LOCAL ROLE navigator_operator; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '3s'";
    transaction.batch_execute(setup).await?;
    Ok(transaction)
}

/// Runs a statement.
///
/// # Errors
/// What the database said.
pub async fn query(transaction: &Transaction<'_>, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Error> {
    transaction.query_typed(sql, parameters).await
}

/// A column of a row.
///
/// # Errors
/// When it is not there, or of another type.
pub fn get<'a, T: FromSql<'a>>(row: &'a Row, name: &str) -> Result<T, Error> {
    row.try_get(name)
}
