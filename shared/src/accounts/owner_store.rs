//! The SQL of migration 013 for accounts: one Rust function per SQL function.

use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::owner::{AccountDetails, AccountError, ExportCursor, ExportPage, LogOutScope};
use super::passwords::PasswordError;
use super::types::FullName;
use crate::auth::Principal;
use crate::clock::{Clock, Deadline};
use crate::db::{Db, Parameters, Statement};

const ACCOUNT_READ: Statement = Statement {
    name: "account_read",
    sql: "SELECT outcome, account FROM navigator.account_read($1, $2)",
    parameters: &[Type::UUID, Type::UUID],
};
const ACCOUNT_UPDATE: Statement = Statement {
    name: "account_update",
    sql: "SELECT outcome, account FROM navigator.account_update($1, $2, $3)",
    parameters: &[Type::UUID, Type::UUID, Type::TEXT],
};
const SESSION_END: Statement = Statement {
    name: "session_end",
    sql: "SELECT outcome FROM navigator.session_end($1, $2, $3)",
    parameters: &[Type::UUID, Type::UUID, Type::TEXT],
};
const EXPORT_PAGE: Statement = Statement {
    name: "export_page",
    sql: "SELECT outcome, part, key_1, key_2, record FROM navigator.export_page($1, $2, $3, $4, $5, $6)",
    parameters: &[Type::UUID, Type::UUID, Type::INT4, Type::TEXT, Type::TEXT, Type::INT4],
};
const ACCOUNT_DELETE: Statement = Statement {
    name: "account_delete",
    sql: "SELECT outcome FROM navigator.account_delete($1, $2, $3, $4)",
    parameters: &[Type::UUID, Type::UUID, Type::TEXT, Type::UUID],
};

/// Every statement of this store.
pub(super) const STATEMENTS: [&Statement; 5] =
    [&ACCOUNT_READ, &ACCOUNT_UPDATE, &SESSION_END, &EXPORT_PAGE, &ACCOUNT_DELETE];

/// The bytes of a page: Lambda's replies have at most 6 MB, and escaping makes them longer.
const PAGE_BYTES: i32 = 2_000_000;

pub(super) async fn account_read(
    db: &Db,
    principal: &Principal,
    deadline: Deadline,
) -> Result<AccountDetails, AccountError> {
    let parameters: Parameters<'_> = &[&principal.user.uuid(), &principal.session.uuid()];
    details(&ACCOUNT_READ, &db.query_one(&ACCOUNT_READ, parameters, deadline).await?)
}

pub(super) async fn account_update(
    db: &Db,
    principal: &Principal,
    full_name: &FullName,
    deadline: Deadline,
) -> Result<AccountDetails, AccountError> {
    let parameters: Parameters<'_> = &[&principal.user.uuid(), &principal.session.uuid(), &full_name.as_str()];
    details(&ACCOUNT_UPDATE, &db.query_one(&ACCOUNT_UPDATE, parameters, deadline).await?)
}

fn details(statement: &'static Statement, row: &Row) -> Result<AccountDetails, AccountError> {
    match statement.column::<&str>(row, "outcome")? {
        "account" => Ok(statement.json(row, "account")?),
        other => Err(statement.refused(other)),
    }
}

pub(super) async fn session_end(
    db: &Db,
    principal: &Principal,
    scope: LogOutScope,
    deadline: Deadline,
) -> Result<(), AccountError> {
    let parameters: Parameters<'_> = &[&principal.user.uuid(), &principal.session.uuid(), &scope.as_str()];
    let row = db.query_one(&SESSION_END, parameters, deadline).await?;
    match SESSION_END.column::<&str>(&row, "outcome")? {
        "ended" => Ok(()),
        other => Err(SESSION_END.refused(other)),
    }
}

pub(super) async fn export_page(
    db: &Db,
    principal: &Principal,
    after: &ExportCursor,
    deadline: Deadline,
) -> Result<ExportPage, AccountError> {
    let ExportCursor(part, key_1, key_2) = after;
    let parameters: Parameters<'_> =
        &[&principal.user.uuid(), &principal.session.uuid(), part, key_1, key_2, &PAGE_BYTES];
    let rows = db.query(&EXPORT_PAGE, parameters, deadline).await?;
    let mut records = Vec::with_capacity(rows.len());
    for row in &rows {
        match EXPORT_PAGE.column::<&str>(row, "outcome")? {
            "record" => {
                let text: String = EXPORT_PAGE.column(row, "record")?;
                records.push(RawValue::from_string(text).map_err(|error| EXPORT_PAGE.unreadable(&error))?);
            }
            other => return Err(EXPORT_PAGE.refused(other)),
        }
    }
    let next_cursor = match rows.last() {
        Some(row) => Some(
            ExportCursor(
                EXPORT_PAGE.column(row, "part")?,
                EXPORT_PAGE.column(row, "key_1")?,
                EXPORT_PAGE.column(row, "key_2")?,
            )
            .encode(),
        ),
        None => None,
    };
    Ok(ExportPage { exported_at: Clock::system().now(), records, next_cursor })
}

pub(super) async fn account_delete(
    db: &Db,
    principal: &Principal,
    password_hash: &str,
    mail: Uuid,
    deadline: Deadline,
) -> Result<(), PasswordError> {
    let parameters: Parameters<'_> = &[&principal.user.uuid(), &principal.session.uuid(), &password_hash, &mail];
    let row = db.query_one(&ACCOUNT_DELETE, parameters, deadline).await?;
    match ACCOUNT_DELETE.column::<&str>(&row, "outcome")? {
        "deleted" => Ok(()),
        "conflict" => Err(PasswordError::Conflict),
        other => Err(ACCOUNT_DELETE.refused(other)),
    }
}
