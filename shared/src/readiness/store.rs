//! The readiness check's SQL.

use crate::clock::Deadline;
use crate::db::{Db, DbError, Statement};

const MIGRATION_VERSION: Statement = Statement {
    name: "migration_version",
    sql: "SELECT coalesce(max(m.version), -1) AS version FROM navigator.schema_migrations AS m",
    parameters: &[],
};

/// Every statement of this store.
pub const STATEMENTS: [&Statement; 1] = [&MIGRATION_VERSION];

pub(super) async fn migration_version(db: &Db, deadline: Deadline) -> Result<i32, DbError> {
    let row = db.query_one(&MIGRATION_VERSION, &[], deadline).await?;
    row.try_get("version").map_err(|error| DbError::from_driver(MIGRATION_VERSION.name, &error))
}
