//! The migration runner: version tracking, rollback, a lock that is safe behind a pooler, and a dry run.
//!
//! Invariants: one transaction per migration, under one advisory transaction lock, the ledger read again after the lock was
//! granted; a file that changed after it was applied stops everything; after every step every function has a lock_timeout, and
//! the schema equals the matrix. What only looks (the ledger, [`verify`], [`facts`]) looks in transactions that can do nothing
//! else, and needs no right to change anything.

pub mod command;
pub mod embedded;
mod matrix;

use std::time::Duration;

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Transaction};

use crate::checks::ledger::{Ledger, Standing, checksum};
use crate::checks::store::look;
use crate::{OpsError, Result, roles};
use embedded::{MIGRATIONS, Migration, lossy};
use matrix::Scope;

const LOCK: &str = "SELECT pg_advisory_xact_lock(7246116208322)";
const LEDGER: &str = "
CREATE TABLE IF NOT EXISTS navigator.schema_migrations (
    version int NOT NULL,
    name text NOT NULL,
    up_checksum text NOT NULL,
    down_checksum text NOT NULL,
    down_sql text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT schema_migrations_pkey PRIMARY KEY (version)
);
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_policies WHERE schemaname = 'navigator' AND tablename = 'schema_migrations') THEN
        ALTER TABLE navigator.schema_migrations ENABLE ROW LEVEL SECURITY;
        ALTER TABLE navigator.schema_migrations FORCE ROW LEVEL SECURITY;
        CREATE POLICY schema_migrations_owner ON navigator.schema_migrations TO navigator_owner USING (true) WITH CHECK (true);
        CREATE POLICY schema_migrations_select ON navigator.schema_migrations FOR SELECT TO navigator_api USING (true);
        GRANT SELECT (version) ON navigator.schema_migrations TO navigator_api;
    END IF;
END $$;";
/// A lock that is not free within its 3 s is waited for again, so often.
const LOCK_ATTEMPTS: u32 = 10;

/// One row of the ledger.
#[derive(Clone, Debug)]
struct Applied {
    version: i32,
    name: String,
    up_checksum: String,
    down_checksum: String,
    down_sql: String,
}

/// What a run did: the names of the migrations, in order.
pub type Ran = Vec<String>;

/// Applies every migration that is missing, up to `to`.
///
/// # Errors
/// A changed file, a difference from the matrix, or a failing statement; the migrations before it stay applied.
pub async fn up(client: &mut Client, to: Option<i32>) -> Result<Ran> {
    let mut ran = Ran::new();
    for migration in MIGRATIONS.iter().filter(|migration| to.is_none_or(|to| migration.version <= to)) {
        if with_lock_retries(client, Step::Up(migration)).await? {
            ran.push(migration.name.to_owned());
        }
    }
    Ok(ran)
}

/// Rolls back every migration newer than `to` (-1: all), also those this binary does not know.
///
/// # Errors
/// As [`up`]; and a lossy migration without `allow_data_loss`.
pub async fn down(client: &mut Client, to: i32, allow_data_loss: bool) -> Result<Ran> {
    let mut ran = Ran::new();
    if Ledger::read(client).await?.standing != Standing::There {
        return Ok(ran);
    }
    for applied in recorded(client).await?.into_iter().rev().filter(|applied| applied.version > to) {
        if let Some(reason) = lossy(&applied.down_sql).filter(|_| !allow_data_loss) {
            let line = format!("{} would lose data ({reason}); repeat with --allow-data-loss", applied.name);
            return Err(OpsError::said(line));
        }
        if with_lock_retries(client, Step::Down(&applied)).await? {
            ran.push(applied.name);
        }
    }
    Ok(ran)
}

/// Holds the ledger against the files and the schema against the matrix; only looks. How many migrations are applied.
///
/// # Errors
/// Every difference: what is missing, newer than this program, changed, or beside the matrix.
pub async fn verify(client: &mut Client) -> Result<usize> {
    let transaction = look(client).await?;
    let ledger = Ledger::read_in(&transaction).await?;
    let of_ledger = ledger.differences();
    let mut of_schema = Vec::new();
    if ledger.standing == Standing::There {
        let scope = if ledger.pending.is_empty() { Scope::Whole } else { Scope::AsFar };
        of_schema = matrix::differences(&transaction, scope).await?;
    }
    transaction.rollback().await.map_err(OpsError::database("verify"))?;
    let told = |head: &str, wrong: &[String]| format!("{head}\n  {}", wrong.join("\n  "));
    match (of_ledger.is_empty(), of_schema.is_empty()) {
        (true, true) => Ok(ledger.applied),
        (true, false) => Err(OpsError::said(told(matrix::DIFFERS, &of_schema))),
        (false, true) => Err(OpsError::said(told(&ledger.summary(), &of_ledger))),
        (false, false) => {
            let (ledger, schema) = (told(&ledger.summary(), &of_ledger), told(matrix::DIFFERS, &of_schema));
            Err(OpsError::said(format!("{ledger}\n{schema}")))
        }
    }
}

/// Runs what [`up`] would run in one transaction and takes it all back, the roles too where they are missing.
///
/// # Errors
/// As [`up`].
pub async fn dry_run(client: &mut Client) -> Result<Ran> {
    let mut ran = Ran::new();
    let standing = Ledger::read(client).await?.standing;
    let transaction = client.transaction().await.map_err(OpsError::database("no transaction"))?;
    if standing != Standing::There {
        roles::make(&transaction).await?;
    }
    prepare(&transaction).await?;
    let applied = ledger(&transaction).await?;
    compare(&applied)?;
    for migration in MIGRATIONS.iter().filter(|migration| !applied.iter().any(|row| row.version == migration.version)) {
        apply(&transaction, migration).await?;
        ran.push(migration.name.to_owned());
    }
    transaction.rollback().await.map_err(OpsError::database("dry run"))?;
    Ok(ran)
}

/// The schema's facts in the form of `migrations/matrix.txt`; only looks.
///
/// # Errors
/// When the database fails.
pub async fn facts(client: &mut Client) -> Result<Vec<String>> {
    let transaction = look(client).await?;
    let facts = matrix::facts(&transaction).await?;
    transaction.rollback().await.map_err(OpsError::database("facts"))?;
    Ok(facts)
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Up(&'a Migration),
    Down(&'a Applied),
}

async fn with_lock_retries(client: &mut Client, step: Step<'_>) -> Result<bool> {
    let mut attempt = 1;
    loop {
        match run_step(client, step).await {
            Err(OpsError::Database { source, .. }) if attempt < LOCK_ATTEMPTS && sqlstate(&source) == Some("55P03") => {
                tokio::time::sleep(Duration::from_millis(100 * u64::from(attempt))).await;
                attempt += 1;
            }
            other => return other,
        }
    }
}

/// Whether the step was needed.
async fn run_step(client: &mut Client, step: Step<'_>) -> Result<bool> {
    let transaction = begin(client).await?;
    let applied = ledger(&transaction).await?;
    compare(&applied)?;
    let is_applied = |version: i32| applied.iter().any(|row| row.version == version);
    match step {
        Step::Up(migration) if !is_applied(migration.version) => apply(&transaction, migration).await?,
        Step::Down(row) if is_applied(row.version) => take_back(&transaction, row).await?,
        Step::Up(_) | Step::Down(_) => return Ok(false),
    }
    transaction.commit().await.map_err(OpsError::database("the migration cannot be committed"))?;
    Ok(true)
}

/// A transaction that holds the runner's lock, as the owner, with the ledger in place.
async fn begin(client: &mut Client) -> Result<Transaction<'_>> {
    let transaction = client.transaction().await.map_err(OpsError::database("no transaction"))?;
    prepare(&transaction).await?;
    Ok(transaction)
}

async fn prepare(transaction: &Transaction<'_>) -> Result<()> {
    let setup = format!(
        "SET LOCAL lock_timeout = '30s'; {LOCK}; SET LOCAL lock_timeout = '3s'; SET LOCAL client_min_messages = warning; SET LOCAL ROLE navigator_owner; {LEDGER}"
    );
    transaction.batch_execute(&setup).await.map_err(OpsError::database("the migrations' lock and ledger"))
}

/// The ledger's rows with the SQL to go back, oldest first.
async fn recorded(client: &mut Client) -> Result<Vec<Applied>> {
    let transaction = begin(client).await?;
    let applied = ledger(&transaction).await?;
    transaction.rollback().await.map_err(OpsError::database("the ledger cannot be read"))?;
    Ok(applied)
}

async fn ledger(transaction: &Transaction<'_>) -> Result<Vec<Applied>> {
    let sql =
        "SELECT version, name, up_checksum, down_checksum, down_sql FROM navigator.schema_migrations ORDER BY version";
    let failed = || OpsError::database("the ledger cannot be read");
    let none: [(&(dyn ToSql + Sync), Type); 0] = [];
    let rows = transaction.query_typed(sql, &none).await.map_err(failed())?;
    rows.iter()
        .map(|row| {
            Ok(Applied {
                version: row.try_get(0)?,
                name: row.try_get(1)?,
                up_checksum: row.try_get(2)?,
                down_checksum: row.try_get(3)?,
                down_sql: row.try_get(4)?,
            })
        })
        .collect::<std::result::Result<_, _>>()
        .map_err(failed())
}

/// Every applied migration that this binary knows is unchanged.
fn compare(applied: &[Applied]) -> Result<()> {
    for row in applied {
        let Some(known) = MIGRATIONS.iter().find(|migration| migration.version == row.version) else { continue };
        if row.name != known.name || row.up_checksum != checksum(known.up) || row.down_checksum != checksum(known.down)
        {
            let line = format!(
                "migration {} was changed after it was applied; restore the file, or for a development database: cargo dev --reset",
                row.name
            );
            return Err(OpsError::said(line));
        }
    }
    Ok(())
}

async fn apply(transaction: &Transaction<'_>, migration: &Migration) -> Result<()> {
    run_sql(transaction, migration.name, migration.up).await?;
    let (up, down) = (checksum(migration.up), checksum(migration.down));
    let sql = "INSERT INTO navigator.schema_migrations (version, name, up_checksum, down_checksum, down_sql) VALUES ($1, $2, $3, $4, $5)";
    let parameters: [(&(dyn ToSql + Sync), Type); 5] = [
        (&migration.version, Type::INT4),
        (&migration.name, Type::TEXT),
        (&up, Type::TEXT),
        (&down, Type::TEXT),
        (&migration.down, Type::TEXT),
    ];
    transaction.execute_typed(sql, &parameters).await.map_err(OpsError::database("the ledger cannot be written"))?;
    Ok(())
}

async fn take_back(transaction: &Transaction<'_>, applied: &Applied) -> Result<()> {
    run_sql(transaction, &applied.name, &applied.down_sql).await?;
    transaction
        .execute_typed("DELETE FROM navigator.schema_migrations WHERE version = $1", &[(&applied.version, Type::INT4)])
        .await
        .map_err(OpsError::database("the ledger cannot be written"))?;
    Ok(())
}

/// Runs a file as the owner, then checks the post-conditions.
async fn run_sql(transaction: &Transaction<'_>, name: &str, sql: &str) -> Result<()> {
    transaction.batch_execute(sql).await.map_err(OpsError::database(format!("migration {name}")))?;
    transaction
        .batch_execute("SET LOCAL ROLE navigator_owner")
        .await
        .map_err(OpsError::database(format!("after {name}")))?;
    matrix::bound_locks(transaction).await?;
    let wrong = matrix::differences(transaction, Scope::AsFar).await?;
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(OpsError::said(format!("after migration {name}: {}\n  {}", matrix::DIFFERS, wrong.join("\n  ")))),
    }
}

fn sqlstate(error: &tokio_postgres::Error) -> Option<&str> {
    error.as_db_error().map(|db| db.code().code())
}
