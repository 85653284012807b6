//! The SQL of the set-up: what the trial account leaves behind is cleared away.

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Transaction};
use uuid::Uuid;

use super::services::{ADDRESS_PATTERN, ORIGIN};
use crate::database::{Parameter, get};
use crate::{OpsError, Result};

async fn run(
    transaction: &Transaction<'_>,
    sql: &str,
    parameters: &[Parameter<'_>],
) -> Result<Vec<tokio_postgres::Row>> {
    transaction
        .query_typed(sql, parameters)
        .await
        .map_err(OpsError::database("the trial account cannot be cleared away"))
}

/// Removes what accounts of trials left: the accounts themselves where a set-up was cut off (older than `minutes`; they are recorded as
/// deleted), mails, marks, and counters of limits. How many accounts were found.
pub(super) async fn clear(client: &mut Client, minutes: i32, trial: Option<(Uuid, &str)>) -> Result<i64> {
    let failed = || OpsError::database("the trial account cannot be cleared away");
    let transaction = client.transaction().await.map_err(failed())?;
    let setup = "SET LOCAL ROLE navigator_owner; SET LOCAL lock_timeout = '3s'";
    transaction.batch_execute(setup).await.map_err(failed())?;
    let user = trial.map(|(id, _)| id);
    let accounts = "
        WITH gone AS (
            DELETE FROM navigator.users AS u
             WHERE u.email_key LIKE $1 AND (u.created_at < clock_timestamp() - make_interval(mins => $2) OR u.id = $3) RETURNING u.id, u.email_key)
        SELECT g.id, g.email_key, navigator.audit_operator(g.id, 'account.delete', 'setup', 'ok')::text AS recorded FROM gone AS g";
    let gone =
        run(&transaction, accounts, &[(&ADDRESS_PATTERN, Type::TEXT), (&minutes, Type::INT4), (&user, Type::UUID)])
            .await?;
    let mut ids: Vec<Uuid> = gone.iter().map(|row| get(row, "id")).collect::<Result<_>>()?;
    ids.extend(user);
    let mut emails: Vec<String> = gone.iter().map(|row| get(row, "email_key")).collect::<Result<_>>()?;
    emails.extend(trial.map(|(_, email)| email.to_owned()));
    let mails = "DELETE FROM navigator.outbox AS o WHERE lower(o.recipient) LIKE $1";
    run(&transaction, mails, &[(&ADDRESS_PATTERN, Type::TEXT)]).await?;
    run(
        &transaction,
        "DELETE FROM navigator.deleted_users AS d WHERE d.user_id = ANY ($1)",
        &[(&ids, Type::UUID_ARRAY)],
    )
    .await?;
    let keys: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    // Counters are kept by the account, by a mark of its address (alone, or behind a kind of email), by where it comes from, and by the
    // last two together.
    let limits = "
        DELETE FROM navigator.rate_limits AS r
         WHERE r.key = ANY ($1) OR r.key = $2 OR r.key LIKE '% ' || $2
            OR right(r.key, 64) IN (SELECT encode(sha256(convert_to(lower(e), 'UTF8')), 'hex') FROM unnest($3) AS e)";
    let parameters: [Parameter<'_>; 3] =
        [(&keys, Type::TEXT_ARRAY), (&ORIGIN, Type::TEXT), (&emails, Type::TEXT_ARRAY)];
    run(&transaction, limits, &parameters).await?;
    transaction.commit().await.map_err(failed())?;
    i64::try_from(gone.len()).map_err(|error| OpsError::said(error.to_string()))
}
