//! Connections for operators, and transactions with their rights: TLS as for the functions.

use std::time::Duration;

pub(crate) use shared::db::chain as reason;
use shared::db::{Target, connector};
use shared::operator;
pub use shared::operator::{Parameter, Purpose};
use tokio_postgres::types::FromSql;
use tokio_postgres::{Client, Row, Transaction};

use crate::checks::advice::{Place, of_connection};
use crate::checks::environment::Environment;
use crate::{OpsError, Result};

/// Connects to a URL; `ca_pem` is the CA to check the certificate against.
///
/// # Errors
/// When the URL is unusable or the server does not let us in.
pub async fn connect(url: &str, ca_pem: Option<&str>) -> Result<Client> {
    let target = Target::parse(&url.to_owned().into(), ca_pem.is_some())
        .map_err(|error| OpsError::said(format!("the database URL {error}")))?;
    let tls = connector(target.verification, ca_pem)
        .map_err(|error| OpsError::said(format!("TLS cannot be set up: {error}")))?;
    operator::connect(&target, tls, Duration::from_secs(10))
        .await
        .map_err(OpsError::database("the database cannot be reached"))?
        .ok_or_else(|| OpsError::said("the database does not answer within 10 s; check host, port and firewall"))
}

/// Connects for an operator's command: to OPERATOR_DATABASE_URL, the URL of a login that may act as navigator_operator; when it is not
/// set, to MIGRATION_DATABASE_URL.
///
/// # Errors
/// When neither is set, or why the server does not let us in, with what to do.
pub async fn for_operator() -> Result<Client> {
    open(&["OPERATOR_DATABASE_URL", "MIGRATION_DATABASE_URL"]).await
}

/// Connects for a look at the schema: to MIGRATION_DATABASE_URL; when it is not set, to OPERATOR_DATABASE_URL.
///
/// # Errors
/// As [`for_operator`].
pub async fn to_look() -> Result<Client> {
    open(&["MIGRATION_DATABASE_URL", "OPERATOR_DATABASE_URL"]).await
}

/// Connects to the first of these variables that is set, in the process or in `.env.runtime` or `.env` (as `ops doctor` reads them);
/// DATABASE_CA_PEM, when it is set, is the CA.
async fn open(variables: &[&'static str]) -> Result<Client> {
    let environment = Environment::read(&[], &[".env.runtime", ".env"])?;
    let Some((variable, url)) = variables.iter().find_map(|name| Some((*name, environment.get(name)?))) else {
        return Err(OpsError::said(format!(
            "{} is not set, in the environment, .env.runtime or .env → set it to the direct or session-mode URL of {}",
            variables.join(" or "),
            if variables[0].starts_with("OPERATOR") {
                "a login that may act as navigator_operator"
            } else {
                "the role that owns the database"
            }
        )));
    };
    let ca = match environment.get("DATABASE_CA_PEM") {
        Some(pem) => Some(pem.replace("\\n", "\n")),
        None => named_ca(variable, &url)?,
    };
    let place = Place::of(variable, &url)?;
    connect(&url, ca.as_deref()).await.map_err(|error| of_connection(&error, &place).into())
}

/// The CA in the file that `sslrootcert` of a URL names, as libpq has it; `system` names none.
fn named_ca(variable: &str, url: &str) -> Result<Option<String>> {
    let named = url::Url::parse(url).ok().and_then(|url| {
        let found = url.query_pairs().find(|(name, _)| name == "sslrootcert");
        found.map(|(_, path)| path.into_owned()).filter(|path| path != "system")
    });
    let cannot = |path: &str| OpsError::io(format!("{path}, which sslrootcert in {variable} names, cannot be read"));
    named.map(|path| std::fs::read_to_string(&path).map_err(cannot(&path))).transpose()
}

/// A transaction with an operator's rights.
///
/// # Errors
/// When the login may not act as navigator_operator, or the schema is older than this program.
pub async fn begin(client: &mut Client, purpose: Purpose) -> Result<Transaction<'_>> {
    operator::begin(client, purpose).await.map_err(explain)
}

/// Runs a statement with an operator's rights.
///
/// # Errors
/// One line: what failed and what to do.
pub async fn query(transaction: &Transaction<'_>, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>> {
    operator::query(transaction, sql, parameters).await.map_err(explain)
}

/// A column of a row.
///
/// # Errors
/// When it is not there, or of another type.
pub fn get<'a, T: FromSql<'a>>(row: &'a Row, name: &str) -> Result<T> {
    row.try_get(name).map_err(OpsError::database("the database's answer cannot be read"))
}

/// Commits.
///
/// # Errors
/// When it is not known whether it was stored.
pub async fn commit(transaction: Transaction<'_>) -> Result<()> {
    transaction.commit().await.map_err(OpsError::database("it is not known whether the change was stored; look"))
}

/// What to do about an error that an operator can do something about.
pub(crate) fn explain(error: tokio_postgres::Error) -> OpsError {
    match error.as_db_error().map(|db| db.code().code()) {
        // No such role, schema, table, column or function.
        Some("22023" | "3F000" | "42P01" | "42703" | "42883") => {
            OpsError::said("this database has no such tables, or older ones; run: ops migrate up")
        }
        Some("42501") => OpsError::said(
            "the URL names a role that may not act as navigator_operator; use that of an operator (GRANT navigator_operator TO …), \
             or the one that runs: ops migrate up",
        ),
        Some("55P03" | "40001" | "40P01") => {
            OpsError::said("what it wants is being worked on at this moment; run the command again")
        }
        _ => OpsError::database("the database said no")(error),
    }
}

/// Connects to MIGRATION_DATABASE_URL.
///
/// # Errors
/// As [`for_operator`].
pub async fn from_environment() -> Result<Client> {
    open(&["MIGRATION_DATABASE_URL"]).await
}
