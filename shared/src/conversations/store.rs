//! The conversations' SQL: one Rust function per SQL function of migration 006.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::MetadataFilter;
use super::list::{ConversationView, ListError, ListQuery};
use super::types::{HistoryError, HistoryQuery, MessageView};
use crate::auth::Principal;
use crate::clock::Deadline;
use crate::db::{Db, DbError, Parameters, Statement};
use crate::ids::ConversationId;

const HISTORY_PAGE: Statement = Statement {
    name: "history_page",
    sql: "SELECT outcome, seq, id, role, content, agent_name, metadata, created_at \
          FROM navigator.history_page($1, $2, $3, $4, $5, $6)",
    parameters: &[Type::UUID, Type::UUID, Type::TEXT, Type::INT8, Type::INT4, Type::BOOL],
};

const CONVERSATIONS_PAGE: Statement = Statement {
    name: "conversations_page",
    sql: "SELECT outcome, id, title, messages, metadata, created_at, updated_at, archived \
          FROM navigator.conversations_page($1, $2, $3, $4, $5, $6)",
    parameters: &[Type::UUID, Type::UUID, Type::TIMESTAMPTZ, Type::TEXT, Type::INT4, Type::JSONB],
};
const CONVERSATION_DELETE: Statement = Statement {
    name: "conversation_delete",
    sql: "SELECT outcome FROM navigator.conversation_delete($1, $2, $3)",
    parameters: &[Type::UUID, Type::UUID, Type::TEXT],
};

/// Every statement of this store.
pub const STATEMENTS: [&Statement; 3] = [&HISTORY_PAGE, &CONVERSATIONS_PAGE, &CONVERSATION_DELETE];

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
        match HISTORY_PAGE.column::<&str>(row, "outcome")? {
            "message" => messages.push(message(row).map_err(driver)?),
            "not_found" => return Err(HistoryError::NotFound),
            "deleted" => return Err(HistoryError::Deleted),
            "archived" => return Err(HistoryError::Archived),
            other => return Err(HISTORY_PAGE.refused(other)),
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

/// The conversations, latest first, one more than the query's limit when there are further ones.
pub(super) async fn conversations_page(
    db: &Db,
    principal: &Principal,
    query: &ListQuery,
    deadline: Deadline,
) -> Result<Vec<ConversationView>, ListError> {
    let (at, id) = query.after.as_ref().map(|place| (place.updated_at, place.id.as_str())).unzip();
    let limit = i32::try_from(query.limit + 1).unwrap_or(i32::MAX);
    let metadata = query.metadata.as_ref().map(MetadataFilter::value);
    let (user, session) = (principal.user.uuid(), principal.session.uuid());
    let parameters: Parameters<'_> = &[&user, &session, &at, &id, &limit, &metadata];
    let rows = db.query(&CONVERSATIONS_PAGE, parameters, deadline).await?;
    let mut conversations = Vec::with_capacity(rows.len());
    for row in &rows {
        match CONVERSATIONS_PAGE.column::<&str>(row, "outcome")? {
            "conversation" => conversations.push(ConversationView {
                id: CONVERSATIONS_PAGE.column(row, "id")?,
                title: CONVERSATIONS_PAGE.column(row, "title")?,
                messages: CONVERSATIONS_PAGE.column(row, "messages")?,
                metadata: CONVERSATIONS_PAGE.column(row, "metadata")?,
                created_at: CONVERSATIONS_PAGE.column(row, "created_at")?,
                updated_at: CONVERSATIONS_PAGE.column(row, "updated_at")?,
                archived: CONVERSATIONS_PAGE.column(row, "archived")?,
            }),
            other => return Err(CONVERSATIONS_PAGE.refused(other)),
        }
    }
    Ok(conversations)
}

pub(super) async fn conversation_delete(
    db: &Db,
    principal: &Principal,
    conversation: &ConversationId,
    deadline: Deadline,
) -> Result<(), HistoryError> {
    let parameters: Parameters<'_> = &[&principal.user.uuid(), &principal.session.uuid(), &conversation.as_str()];
    let row = db.query_one(&CONVERSATION_DELETE, parameters, deadline).await?;
    match CONVERSATION_DELETE.column::<&str>(&row, "outcome")? {
        "deleted" => Ok(()),
        "not_found" => Err(HistoryError::NotFound),
        other => Err(CONVERSATION_DELETE.refused(other)),
    }
}

fn driver(error: tokio_postgres::Error) -> DbError {
    DbError::from_driver(HISTORY_PAGE.name, &error)
}
