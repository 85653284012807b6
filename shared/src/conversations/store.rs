//! The conversations' SQL: one Rust function per SQL function of migration 006.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::types::{HistoryError, HistoryQuery, MessageView};
use crate::auth::Principal;
use crate::clock::Deadline;
use crate::db::{Class, Db, DbError, Statement};

const HISTORY_PAGE: Statement = Statement {
    name: "history_page",
    sql: "SELECT outcome, seq, id, role, content, agent_name, metadata, created_at \
          FROM navigator.history_page($1, $2, $3, $4, $5, $6)",
    parameters: &[Type::UUID, Type::UUID, Type::TEXT, Type::INT8, Type::INT4, Type::BOOL],
};

/// Every statement of this store.
pub const STATEMENTS: [&Statement; 1] = [&HISTORY_PAGE];

/// The messages newest first, one more than the query's limit when there are older ones.
pub(super) async fn history_page(
    db: &Db,
    principal: &Principal,
    query: &HistoryQuery,
    deadline: Deadline,
) -> Result<Vec<MessageView>, HistoryError> {
    let (user, session) = (principal.user.uuid(), principal.session.uuid());
    let before = query.before.map(super::Cursor::seq);
    let limit = i32::try_from(query.limit + 1).unwrap_or(i32::MAX);
    let rows = db
        .query(
            &HISTORY_PAGE,
            &[&user, &session, &query.conversation.as_str(), &before, &limit, &query.include_metadata],
            deadline,
        )
        .await?;
    let mut messages = Vec::with_capacity(rows.len());
    for row in &rows {
        match row.try_get::<_, &str>("outcome").map_err(driver)? {
            "message" => messages.push(message(row).map_err(driver)?),
            "not_found" => return Err(HistoryError::NotFound),
            "session_ended" => return Err(HistoryError::SessionEnded),
            other => {
                return Err(DbError::new(Class::Bug, HISTORY_PAGE.name, format_args!("unknown outcome {other}")).into());
            }
        }
    }
    Ok(messages)
}

fn message(row: &Row) -> Result<MessageView, tokio_postgres::Error> {
    Ok(MessageView {
        id: row.try_get("id")?,
        seq: row.try_get("seq")?,
        role: row.try_get("role")?,
        content: row.try_get("content")?,
        agent_name: row.try_get("agent_name")?,
        created_at: row.try_get("created_at")?,
        metadata: row.try_get("metadata")?,
    })
}

fn driver(error: tokio_postgres::Error) -> DbError {
    DbError::from_driver(HISTORY_PAGE.name, &error)
}
