//! The accounts' SQL: one Rust function per SQL function of migration 005.

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::types::{AccountView, Email, FullName};
use crate::clock::Deadline;
use crate::db::{Class, Db, DbError, Statement};
use crate::ids::{SessionId, UserId};

const REGISTER_ADMIT: Statement = Statement {
    name: "register_admit",
    sql: "SELECT outcome FROM navigator.register_admit($1)",
    parameters: &[Type::TEXT],
};
const REGISTER_FINISH: Statement = Statement {
    name: "register_finish",
    sql: "SELECT outcome, created_at, roles FROM navigator.register_finish($1, $2, $3, $4, $5)",
    parameters: &[Type::UUID, Type::TEXT, Type::TEXT, Type::TEXT, Type::UUID],
};
const LOGIN_ADMIT: Statement = Statement {
    name: "login_admit",
    sql: "SELECT outcome, user_id, password_hash FROM navigator.login_admit($1)",
    parameters: &[Type::TEXT],
};
const LOGIN_FINISH: Statement = Statement {
    name: "login_finish",
    sql: "SELECT outcome, email, full_name, created_at, roles FROM navigator.login_finish($1, $2)",
    parameters: &[Type::UUID, Type::UUID],
};

/// Every statement of this store.
pub const STATEMENTS: [&Statement; 4] = [&REGISTER_ADMIT, &REGISTER_FINISH, &LOGIN_ADMIT, &LOGIN_FINISH];

/// What `register_admit` and `register_finish` answer.
pub(super) enum Registration<T> {
    Open(T),
    EmailTaken,
}

pub(super) async fn register_admit(db: &Db, email: &Email, deadline: Deadline) -> Result<Registration<()>, DbError> {
    let row = db.query_one(&REGISTER_ADMIT, &[&email.as_str()], deadline).await?;
    match column::<&str>(&row, "outcome", &REGISTER_ADMIT)? {
        "free" => Ok(Registration::Open(())),
        "taken" => Ok(Registration::EmailTaken),
        other => Err(unknown(&REGISTER_ADMIT, other)),
    }
}

pub(super) async fn register_finish(
    db: &Db,
    user: UserId,
    email: &Email,
    password_hash: &str,
    full_name: &FullName,
    session: SessionId,
    deadline: Deadline,
) -> Result<Registration<AccountView>, DbError> {
    let (id, sid) = (user.uuid(), session.uuid());
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
        [&id, &email.as_str(), &password_hash, &full_name.as_str(), &sid];
    let row = db.query_one(&REGISTER_FINISH, &parameters, deadline).await?;
    match column::<&str>(&row, "outcome", &REGISTER_FINISH)? {
        "created" => Ok(Registration::Open(AccountView {
            id: user,
            email: email.as_str().to_owned(),
            full_name: full_name.as_str().to_owned(),
            roles: column(&row, "roles", &REGISTER_FINISH)?,
            created_at: column(&row, "created_at", &REGISTER_FINISH)?,
        })),
        "taken" => Ok(Registration::EmailTaken),
        other => Err(unknown(&REGISTER_FINISH, other)),
    }
}

/// A known account's id and its stored hash.
pub(super) struct Known {
    pub(super) user: UserId,
    pub(super) password_hash: String,
}

pub(super) async fn login_admit(db: &Db, email: &str, deadline: Deadline) -> Result<Option<Known>, DbError> {
    let row = db.query_one(&LOGIN_ADMIT, &[&email], deadline).await?;
    match column::<&str>(&row, "outcome", &LOGIN_ADMIT)? {
        "found" => Ok(Some(Known {
            user: column::<Uuid>(&row, "user_id", &LOGIN_ADMIT)?.into(),
            password_hash: column(&row, "password_hash", &LOGIN_ADMIT)?,
        })),
        "unknown" => Ok(None),
        other => Err(unknown(&LOGIN_ADMIT, other)),
    }
}

/// Opens the session; `None` when the account went away in between.
pub(super) async fn login_finish(
    db: &Db,
    user: UserId,
    session: SessionId,
    deadline: Deadline,
) -> Result<Option<AccountView>, DbError> {
    let row = db.query_one(&LOGIN_FINISH, &[&user.uuid(), &session.uuid()], deadline).await?;
    match column::<&str>(&row, "outcome", &LOGIN_FINISH)? {
        "opened" => Ok(Some(AccountView {
            id: user,
            email: column(&row, "email", &LOGIN_FINISH)?,
            full_name: column(&row, "full_name", &LOGIN_FINISH)?,
            roles: column(&row, "roles", &LOGIN_FINISH)?,
            created_at: column::<DateTime<Utc>>(&row, "created_at", &LOGIN_FINISH)?,
        })),
        "unknown" => Ok(None),
        other => Err(unknown(&LOGIN_FINISH, other)),
    }
}

fn column<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    name: &str,
    statement: &'static Statement,
) -> Result<T, DbError> {
    row.try_get(name).map_err(|error| DbError::from_driver(statement.name, &error))
}

fn unknown(statement: &'static Statement, outcome: &str) -> DbError {
    DbError::new(Class::Bug, statement.name, format_args!("unknown outcome {outcome}"))
}
