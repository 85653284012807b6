//! The SQL of the checks that set-up and doctor share: the catalogs, and the ledger of migrations.

use tokio_postgres::types::Type;
use tokio_postgres::{Client, IsolationLevel, Row, Transaction};

use super::ledger::{Row as LedgerRow, Standing};
use crate::database::{Parameter, get};
use crate::{OpsError, Result};

/// Rows of a statement.
pub(super) async fn rows(client: &Transaction<'_>, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>> {
    client.query_typed(sql, parameters).await.map_err(OpsError::database("the database said no"))
}

/// A transaction that only reads, from one moment, and waits for no lock longer than 3 s.
pub(crate) async fn look(client: &mut Client) -> Result<Transaction<'_>> {
    let failed = || OpsError::database("no transaction");
    let builder = client.build_transaction().read_only(true).isolation_level(IsolationLevel::RepeatableRead);
    let transaction = builder.start().await.map_err(failed())?;
    transaction
        .batch_execute("SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '30s'")
        .await
        .map_err(failed())?;
    Ok(transaction)
}

/// What the login may do, and what kind of server it is.
pub(super) const LOGIN: &str = "
SELECT current_user::text AS role, current_setting('server_version_num')::int AS version, pg_is_in_recovery() AS is_standby,
       current_setting('default_transaction_read_only') = 'on' AS reads_only,
       r.rolsuper OR r.rolcreaterole AS makes_roles, has_database_privilege(current_database(), 'CREATE') AS makes_schemas,
       coalesce((SELECT pg_get_userbyid(n.nspowner) FROM pg_namespace AS n WHERE n.nspname = 'navigator'), '') AS schema_owner
  FROM pg_roles AS r WHERE r.rolname = current_user";

/// One row when the functions' role is there: what it must not be.
pub(super) const RUN_TIME_ROLE: &str = "
SELECT r.rolsuper AS is_super, r.rolbypassrls AS bypasses, r.rolcreaterole OR r.rolcreatedb OR r.rolreplication AS is_mighty,
       r.rolcanlogin AS logs_in,
       (SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname = 'navigator' AND c.relowner = r.oid) AS owned,
       coalesce((SELECT string_agg(g.rolname, ', ' ORDER BY g.rolname) FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid
                  WHERE m.member = r.oid), '') AS groups
  FROM pg_roles AS r WHERE r.rolname = 'navigator_api'";

/// What there is of the product, and whether this login sees the ledger's rows: forced row-level security shows none of them to whom no
/// policy names, superusers and BYPASSRLS apart.
const LEDGER: &str = "
SELECT pg_get_userbyid(n.nspowner)::text AS owner, c.oid IS NOT NULL AS is_there,
       coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, 'version', 'SELECT')
            AND has_column_privilege(c.oid, 'name', 'SELECT') AND has_column_privilege(c.oid, 'up_checksum', 'SELECT')
            AND has_column_privilege(c.oid, 'down_checksum', 'SELECT')
            AND (NOT row_security_active(c.oid) OR EXISTS (
                SELECT FROM pg_policy AS p, unnest(p.polroles) AS r
                 WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*') AND (r = 0 OR pg_has_role(r, 'USAGE')))), false) AS is_visible
  FROM pg_namespace AS n LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = 'schema_migrations' AND c.relkind = 'r'
 WHERE n.nspname = 'navigator'";

/// Whether the login may act as the schema's owner.
const IS_OWNER: &str = "
SELECT coalesce((SELECT pg_has_role(r.oid, 'MEMBER') FROM pg_roles AS r WHERE r.rolname = 'navigator_owner'), false) AS is_owner";

/// The ledger's rows, with the owner's rights where the login has them, else with its own.
pub(super) async fn ledger(transaction: &Transaction<'_>) -> Result<(Standing, Vec<LedgerRow>)> {
    if rows(transaction, IS_OWNER, &[]).await?.first().map_or(Ok(false), |row| get(row, "is_owner"))? {
        let failed = OpsError::database("the login's rights");
        transaction.batch_execute("SET LOCAL ROLE navigator_owner").await.map_err(failed)?;
    }
    let found = rows(transaction, LEDGER, &[]).await?;
    let Some(row) = found.first() else { return Ok((Standing::Nothing, Vec::new())) };
    if !get::<bool>(row, "is_there")? {
        return Ok((Standing::NoLedger(get(row, "owner")?), Vec::new()));
    }
    if !get::<bool>(row, "is_visible")? {
        return Err(OpsError::said(
            "the ledger of migrations is there, and this login does not see its rows → use the login that runs `ops migrate up`, or let this \
             one read it: GRANT navigator_owner TO …",
        ));
    }
    let sql = "SELECT m.version, m.name, m.up_checksum, m.down_checksum FROM navigator.schema_migrations AS m ORDER BY m.version";
    let read = |row: &Row| {
        let (up_checksum, down_checksum) = (get(row, "up_checksum")?, get(row, "down_checksum")?);
        Ok(LedgerRow { version: get(row, "version")?, name: get(row, "name")?, up_checksum, down_checksum })
    };
    let read = rows(transaction, sql, &[]).await?.iter().map(read).collect::<Result<_>>()?;
    Ok((Standing::There, read))
}

/// The process id of the server's side of a connection.
pub(super) async fn backend(client: &Client) -> Result<i32> {
    let none: [Parameter<'_>; 0] = [];
    let found = client.query_typed("SELECT pg_backend_pid() AS pid", &none).await;
    let found = found.map_err(OpsError::database("the pooler said no"))?;
    found.first().map_or_else(|| Err(OpsError::said("the database gave no answer")), |row| get(row, "pid"))
}

/// The name of a role that may have rights in the schema although it must not, and which.
pub(super) const EXPOSED: &str = "
SELECT format('%s: %s', coalesce(r.rolname, 'PUBLIC'), string_agg(DISTINCT f.what, ', ' ORDER BY f.what)) AS line
  FROM (
    SELECT a.grantee, lower(a.privilege_type) || ' on the schema' AS what
      FROM pg_namespace AS n, aclexplode(n.nspacl) AS a WHERE n.nspname = 'navigator'
    UNION ALL
    SELECT a.grantee, lower(a.privilege_type) || ' on ' || c.relname
      FROM pg_class AS c, aclexplode(c.relacl) AS a WHERE c.relnamespace = to_regnamespace('navigator')
    UNION ALL
    SELECT a.grantee, lower(a.privilege_type) || ' on ' || c.relname || '.' || t.attname
      FROM pg_class AS c JOIN pg_attribute AS t ON t.attrelid = c.oid, aclexplode(t.attacl) AS a
     WHERE c.relnamespace = to_regnamespace('navigator')
    UNION ALL
    SELECT m.member, 'member of ' || g.rolname
      FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid WHERE g.rolname LIKE 'navigator\\_%'
    UNION ALL
    SELECT a.grantee, 'execute ' || p.proname
      FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
     WHERE p.pronamespace = to_regnamespace('navigator')
  ) AS f LEFT JOIN pg_roles AS r ON r.oid = f.grantee
 WHERE f.grantee = 0 OR r.rolname = ANY ($1)
 GROUP BY r.rolname ORDER BY 1";

/// The roles of PostgREST that must have no right: Supabase offers what they may reach on the internet.
pub(super) async fn exposed(transaction: &Transaction<'_>) -> Result<Vec<String>> {
    let names = ["anon", "authenticated", "service_role", "authenticator"];
    let names: &[&str] = &names;
    rows(transaction, EXPOSED, &[(&names, Type::TEXT_ARRAY)]).await?.iter().map(|row| get(row, "line")).collect()
}
