//! The database's roles and the schema they share: made idempotently, because they belong to the cluster and not to one
//! version of one database.
//!
//! Invariants: works without superuser rights (Supabase's `postgres` has CREATEROLE); `navigator_api` can log in, owns
//! nothing, inherits nothing and cannot bypass row-level security.

use tokio_postgres::{Client, Transaction};

use crate::scram::Verifier;
use crate::{OpsError, Result};

/// Serialises concurrent set-ups of one database; transaction-scoped, so that it is safe behind a pooler.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7246116208321)";

const CREATE: &str = r"
DO $$
DECLARE r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['navigator_owner', 'navigator_auth', 'navigator_audit', 'navigator_sweep', 'navigator_operator'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', r);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
        IF NOT pg_has_role(current_user, r, 'MEMBER') OR NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', r);
        END IF;
        EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC', r);
    END LOOP;
    BEGIN
        CREATE ROLE navigator_api LOGIN NOINHERIT;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    -- Only a role's own setting limits the statement that is running.
    ALTER ROLE navigator_api SET statement_timeout = '5s';
    ALTER ROLE navigator_api SET idle_in_transaction_session_timeout = '5s';
    -- Every statement is a short one; compiling its plan costs more than all of it, as soon as the tables have grown.
    ALTER ROLE navigator_api SET jit = off;
    EXECUTE format('GRANT CREATE, CONNECT ON DATABASE %I TO navigator_owner', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO navigator_api', current_database());
END $$;
CREATE SCHEMA IF NOT EXISTS navigator AUTHORIZATION navigator_owner;
SET LOCAL ROLE navigator_owner;
GRANT USAGE ON SCHEMA navigator TO navigator_api, navigator_auth, navigator_audit, navigator_sweep, navigator_operator;
RESET ROLE;
";

/// Makes the roles and the schema, or finds them made. `navigator_api` gets the password of the verifier, when one is given.
///
/// # Errors
/// When the connected role may not create roles, or the database fails.
pub async fn ensure(client: &mut Client, password: Option<&Verifier>) -> Result<()> {
    for attempt in 1.. {
        match try_ensure(client, password).await {
            // Roles belong to the cluster: set-ups of other databases may touch the same catalog rows.
            Err(OpsError::Database { source, .. }) if attempt < 10 && is_concurrent(&source) => {
                tokio::time::sleep(std::time::Duration::from_millis(20 * attempt)).await;
            }
            other => return other,
        }
    }
    Ok(())
}

async fn try_ensure(client: &mut Client, password: Option<&Verifier>) -> Result<()> {
    let transaction = client.transaction().await.map_err(cannot())?;
    make(&transaction).await?;
    if let Some(verifier) = password {
        set_password(&transaction, verifier).await?;
    }
    transaction.commit().await.map_err(cannot())
}

/// Makes the roles and the schema in a transaction, which may take them back.
pub(crate) async fn make(transaction: &Transaction<'_>) -> Result<()> {
    transaction.batch_execute(LOCK).await.map_err(cannot())?;
    transaction.batch_execute(CREATE).await.map_err(cannot())
}

/// Gives `navigator_api` the password of a verifier.
pub(crate) async fn set_password(transaction: &Transaction<'_>, verifier: &Verifier) -> Result<()> {
    let failed = OpsError::database("the password of navigator_api cannot be changed with these rights");
    transaction.batch_execute(&verifier.statement("navigator_api")).await.map_err(failed)
}

fn cannot() -> impl FnOnce(tokio_postgres::Error) -> OpsError {
    OpsError::database("the roles cannot be made (the role needs CREATEROLE, as Supabase's postgres has)")
}

fn is_concurrent(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|db| db.message().contains("concurrently") || db.code().code() == "40P01")
}
