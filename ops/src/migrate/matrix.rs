//! The post-conditions of every step: row-level security everywhere, and grants, policies and functions exactly as
//! committed in `migrations/matrix.txt`.

use std::collections::BTreeSet;

use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::embedded::MATRIX;
use crate::{OpsError, Result};

/// One line per fact: `grant`, `column grant`, `policy` or `function`, in the catalog's own words.
const FACTS: &str = r"
SELECT line FROM (
    SELECT format('grant %s %s %s', c.relname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type) AS line
      FROM pg_class AS c, aclexplode(c.relacl) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee
     WHERE c.relnamespace = 'navigator'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND a.grantee <> c.relowner
    UNION ALL
    SELECT format('grant %s(%s) %s %s', c.relname, t.attname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type)
      FROM pg_class AS c JOIN pg_attribute AS t ON t.attrelid = c.oid, aclexplode(t.attacl) AS a
      LEFT JOIN pg_roles AS r ON r.oid = a.grantee
     WHERE c.relnamespace = 'navigator'::regnamespace AND a.grantee <> c.relowner
    UNION ALL
    SELECT format('policy %s %s %s %s USING %s CHECK %s', p.tablename, p.policyname, p.cmd, array_to_string(p.roles, ','),
                  coalesce(p.qual, '-'), coalesce(p.with_check, '-'))
      FROM pg_policies AS p WHERE p.schemaname = 'navigator'
    UNION ALL
    SELECT format('function %s(%s) %s %s execute %s', f.proname, pg_get_function_identity_arguments(f.oid),
                  pg_get_userbyid(f.proowner), CASE WHEN f.prosecdef THEN 'definer' ELSE 'invoker' END,
                  coalesce((SELECT string_agg(coalesce(r.rolname, 'PUBLIC'), ',' ORDER BY r.rolname)
                     FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a
                     LEFT JOIN pg_roles AS r ON r.oid = a.grantee WHERE a.grantee <> f.proowner), '-'))
      FROM pg_proc AS f WHERE f.pronamespace = 'navigator'::regnamespace
) AS facts ORDER BY line";

/// Gives a lock_timeout to every function of the current role that has none and looks at tables: one open transaction of
/// somebody's must not hold up everybody behind it for as long as a statement may take. One place, so that no file can forget it.
/// What a file says itself stays. A function that calls others gives way after the shortest of theirs.
const BOUND_LOCKS: &str = r"
DO $$
DECLARE
    v_routine regprocedure;
BEGIN
    FOR v_routine IN
        SELECT f.oid FROM pg_proc AS f
         WHERE f.pronamespace = 'navigator'::regnamespace AND f.proowner = current_user::regrole AND f.provolatile <> 'i'
           AND NOT EXISTS (SELECT FROM unnest(f.proconfig) AS s WHERE s LIKE 'lock_timeout=%') LOOP
        EXECUTE format('ALTER ROUTINE %s SET lock_timeout = %L', v_routine, '1s');
    END LOOP;
END $$";

/// Whose functions there are.
const OWNERS: &str = "SELECT DISTINCT quote_ident(pg_get_userbyid(f.proowner)) FROM pg_proc AS f
     WHERE f.pronamespace = 'navigator'::regnamespace";

/// Tables without row-level security, or without FORCE; and functions without a fixed search_path or a limit to waiting for locks.
const UNGUARDED: &str = r#"
SELECT format('table %s has no forced row-level security', c.relname)
  FROM pg_class AS c
 WHERE c.relnamespace = 'navigator'::regnamespace AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
UNION ALL
SELECT format('function %s has a search_path that callers can change', f.proname)
  FROM pg_proc AS f
 WHERE f.pronamespace = 'navigator'::regnamespace
   AND NOT coalesce('search_path=""' = ANY (f.proconfig), false)
UNION ALL
SELECT format('function %s waits for locks without a lock_timeout', f.proname)
  FROM pg_proc AS f
 WHERE f.pronamespace = 'navigator'::regnamespace AND f.provolatile <> 'i'
   AND NOT EXISTS (SELECT FROM unnest(f.proconfig) AS s WHERE s LIKE 'lock_timeout=%')"#;

/// No function of the schema waits for a lock without a limit. The transaction acts as navigator_owner afterwards.
///
/// # Errors
/// When the database fails.
pub(super) async fn bound_locks(transaction: &Transaction<'_>) -> Result<()> {
    for owner in texts(transaction, OWNERS).await? {
        let sql = format!("SET LOCAL ROLE {owner}; {BOUND_LOCKS}; SET LOCAL ROLE navigator_owner");
        transaction.batch_execute(&sql).await.map_err(OpsError::database("a lock_timeout cannot be set"))?;
    }
    Ok(())
}

/// What differences of the schema begin with.
pub(super) const DIFFERS: &str = "the schema differs from the committed matrix:";

/// Which lines of the matrix the schema must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those of the tables and functions that are there: between two migrations.
    AsFar,
    /// All: every migration is applied.
    Whole,
}

/// What is another in the schema than in the matrix, a line each.
///
/// # Errors
/// When the database fails.
pub(super) async fn differences(transaction: &Transaction<'_>, scope: Scope) -> Result<Vec<String>> {
    let mut wrong = texts(transaction, UNGUARDED).await?;
    let actual: BTreeSet<String> = facts(transaction).await?.into_iter().collect();
    let objects: BTreeSet<&str> = actual.iter().filter_map(|line| object(line)).collect();
    let tables =
        texts(transaction, "SELECT relname::text FROM pg_class WHERE relnamespace = 'navigator'::regnamespace").await?;
    let is_due = |line: &&str| {
        let is_there = |name| objects.contains(name) || tables.iter().any(|table| table == name);
        scope == Scope::Whole || object(line).is_some_and(is_there)
    };
    let expected: BTreeSet<String> = MATRIX
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter(is_due)
        .map(ToOwned::to_owned)
        .collect();
    wrong.extend(actual.difference(&expected).map(|line| format!("not in migrations/matrix.txt: {line}")));
    wrong.extend(expected.difference(&actual).map(|line| format!("missing in the database: {line}")));
    Ok(wrong)
}

/// Every fact of the schema as it is, sorted.
///
/// # Errors
/// When the database fails.
pub(super) async fn facts(transaction: &Transaction<'_>) -> Result<Vec<String>> {
    texts(transaction, FACTS).await
}

/// The table or function that a line is about.
fn object(line: &str) -> Option<&str> {
    let name = line.split(' ').nth(1)?;
    Some(name.split('(').next().unwrap_or(name))
}

async fn texts(transaction: &Transaction<'_>, sql: &str) -> Result<Vec<String>> {
    let none: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 0] = [];
    let rows =
        transaction.query_typed(sql, &none).await.map_err(OpsError::database("the schema cannot be compared"))?;
    rows.iter().map(|row| row.try_get(0).map_err(OpsError::database("the schema cannot be compared"))).collect()
}
