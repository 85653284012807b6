//! The readiness check's SQL.

use tokio_postgres::types::Type;

use crate::clock::Deadline;
use crate::db::{Db, DbError, Statement};

const LOOK: Statement = Statement {
    name: "readiness",
    sql: "SELECT coalesce(max(m.version), -1) AS migration, current_setting('transaction_read_only') = 'on' AS reads_only, \
              (SELECT min(f) FROM unnest($1::text[]) AS f WHERE NOT EXISTS (\
                  SELECT FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace \
                  WHERE n.nspname = 'navigator' AND p.proname = f)) AS missing \
          FROM navigator.schema_migrations AS m",
    parameters: &[Type::TEXT_ARRAY],
};

/// Every statement of this store.
pub const STATEMENTS: [&Statement; 1] = [&LOOK];

/// The SQL functions that the statements of this code call, in the schema `navigator`. A test holds them against the statements.
pub const FUNCTIONS: [&str; 36] = [
    "account_delete",
    "account_read",
    "account_update",
    "conversation_delete",
    "conversations_page",
    "export_page",
    "history_page",
    "login_admit",
    "login_finish",
    "login_refuse",
    "mail_sent",
    "mail_take",
    "password_admit",
    "password_change",
    "prune",
    "register_admit",
    "register_finish",
    "regulatory_create",
    "regulatory_read",
    "regulatory_search",
    "reset_admit",
    "reset_finish",
    "reset_request",
    "session_end",
    "session_refresh",
    "step_commit",
    "step_defer",
    "sweep",
    "turn_begin",
    "turn_cancel",
    "turn_give_up",
    "turn_release",
    "turn_resume",
    "verification_confirm",
    "verification_request",
    "workflow_status",
];

/// What the database says of itself.
pub(super) struct Look {
    /// The newest applied migration; -1 for none.
    pub(super) migration: i32,
    /// It takes no writes: a standby, or switched so.
    pub(super) reads_only: bool,
    /// One of [`FUNCTIONS`] that is not there.
    pub(super) missing: Option<String>,
}

pub(super) async fn look(db: &Db, deadline: Deadline) -> Result<Look, DbError> {
    let row = db.query_one(&LOOK, &[&FUNCTIONS.as_slice()], deadline).await?;
    Ok(Look {
        migration: LOOK.column(&row, "migration")?,
        reads_only: LOOK.column(&row, "reads_only")?,
        missing: LOOK.column(&row, "missing")?,
    })
}
