//! What the roles may do: the one that sets up must be able to, the functions' role must not.

use tokio_postgres::Client;

use super::{Trouble, advice, store};
use crate::Result;
use crate::database::get;

/// The oldest server that the schema runs on.
const OLDEST: i32 = 150_000;

/// The login that sets up: its name, or why it cannot.
///
/// # Errors
/// [`Trouble`].
pub async fn of_login(client: &mut Client) -> std::result::Result<String, Trouble> {
    let failed = |error| advice::of_statement(&error, "the login's rights cannot be read");
    let transaction = store::look(client).await.map_err(failed)?;
    let rows = store::rows(&transaction, store::LOGIN, &[]).await.map_err(failed)?;
    let row = rows.first().ok_or_else(|| Trouble::new("the login is no role of the server", "use another login"))?;
    let text = |name| get::<String>(row, name).map_err(failed);
    let is = |name| get::<bool>(row, name).map_err(failed);
    let (role, schema_owner) = (text("role")?, text("schema_owner")?);
    if get::<i32>(row, "version").map_err(failed)? < OLDEST {
        return Err(Trouble::new("the server is older than PostgreSQL 15", "upgrade the project"));
    }
    if is("is_standby")? || is("reads_only")? {
        return Err(Trouble::new(
            "the server only reads (a standby, or default_transaction_read_only)",
            "use the primary's URL; if the disk was full, make room and switch default_transaction_read_only off",
        ));
    }
    if role == "navigator_api" {
        return Err(Trouble::new(
            "the URL for set-up names navigator_api",
            "use the project's postgres in MIGRATION_DATABASE_URL",
        ));
    }
    if !is("makes_roles")? {
        return Err(Trouble::new(
            format!("{role} may not make roles"),
            format!("use the project's postgres, or as an administrator: ALTER ROLE {role} CREATEROLE"),
        ));
    }
    if schema_owner.is_empty() && !is("makes_schemas")? {
        return Err(Trouble::new(
            format!("{role} may not make schemas in this database"),
            format!("use the database's owner, or: GRANT CREATE ON DATABASE … TO {role}"),
        ));
    }
    if !schema_owner.is_empty() && schema_owner != "navigator_owner" {
        return Err(Trouble::new(
            format!("there is a schema navigator that belongs to {schema_owner}, not to this product"),
            "rename it (ALTER SCHEMA navigator RENAME TO …) or use another database",
        ));
    }
    Ok(role)
}

/// Whether the functions' role is there; it is nothing that could see past row-level security.
///
/// # Errors
/// [`Trouble`].
pub async fn of_run_time_role(client: &mut Client) -> std::result::Result<bool, Trouble> {
    let failed = |error| advice::of_statement(&error, "the functions' role cannot be looked at");
    let transaction = store::look(client).await.map_err(failed)?;
    let rows = store::rows(&transaction, store::RUN_TIME_ROLE, &[]).await.map_err(failed)?;
    let Some(row) = rows.first() else { return Ok(false) };
    let is = |name| get::<bool>(row, name).map_err(failed);
    let wrong = |found: String, mend: &str| {
        Err(Trouble::new(format!("navigator_api {found}"), format!("as an administrator: {mend}")))
    };
    if is("is_super")? {
        return wrong("is a superuser".to_owned(), "ALTER ROLE navigator_api NOSUPERUSER");
    }
    if is("bypasses")? {
        return wrong("bypasses row-level security".to_owned(), "ALTER ROLE navigator_api NOBYPASSRLS");
    }
    if is("is_mighty")? {
        return wrong(
            "may make roles or databases, or replicate".to_owned(),
            "ALTER ROLE navigator_api NOCREATEROLE NOCREATEDB NOREPLICATION",
        );
    }
    if !is("logs_in")? {
        return wrong("may not log in".to_owned(), "ALTER ROLE navigator_api LOGIN");
    }
    if get::<i64>(row, "owned").map_err(failed)? > 0 {
        return wrong("owns tables".to_owned(), "REASSIGN OWNED BY navigator_api TO navigator_owner");
    }
    let groups: String = get(row, "groups").map_err(failed)?;
    if !groups.is_empty() {
        return wrong(format!("is a member of {groups}"), &format!("REVOKE {groups} FROM navigator_api"));
    }
    Ok(true)
}

/// What the roles of the project's web interface (anon, authenticated, service_role), or everybody, may do in the schema: nothing.
///
/// # Errors
/// When the database fails.
pub async fn of_web_roles(client: &mut Client) -> Result<Vec<String>> {
    let transaction = store::look(client).await?;
    store::exposed(&transaction).await
}
