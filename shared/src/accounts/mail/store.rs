//! The outbox' SQL (migration 012): one Rust function per SQL function.

use serde::Deserialize;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::clock::Deadline;
use crate::db::{Db, DbError, Statement};

const MAIL_TAKE: Statement =
    Statement { name: "mail_take", sql: "SELECT navigator.mail_take($1) AS mails", parameters: &[Type::INT4] };
const MAIL_SENT: Statement =
    Statement { name: "mail_sent", sql: "SELECT navigator.mail_sent($1)::text", parameters: &[Type::UUID_ARRAY] };

/// Every statement of this store.
pub(super) const STATEMENTS: [&Statement; 2] = [&MAIL_TAKE, &MAIL_SENT];

/// What a mail is about.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    VerifyEmail,
    ResetPassword,
    PasswordChanged,
    AccountDeleted,
}

/// A mail that is to be sent now.
#[derive(Deserialize)]
pub(super) struct Due {
    pub(super) id: Uuid,
    pub(super) kind: Kind,
    pub(super) recipient: String,
    /// Hexadecimal.
    pub(super) secret_hash: Option<String>,
}

pub(super) async fn mail_take(db: &Db, limit: i32, deadline: Deadline) -> Result<Vec<Due>, DbError> {
    let row = db.query_one(&MAIL_TAKE, &[&limit], deadline).await?;
    MAIL_TAKE.json(&row, "mails")
}

pub(super) async fn mail_sent(db: &Db, mails: &[Uuid], deadline: Deadline) -> Result<(), DbError> {
    db.query_one(&MAIL_SENT, &[&mails], deadline).await.map(|_| ())
}
