//! The SQL of passwords and of the mails that carry a secret (migrations 011 and 012): one Rust function per SQL function.

use tokio_postgres::types::Type;
use uuid::Uuid;

use super::passwords::{PasswordError, SecretError, Verification};
use super::store::NewMail;
use crate::auth::opaque::{ResetToken, VerificationToken};
use crate::auth::{Origin, Principal};
use crate::clock::Deadline;
use crate::db::{Db, Parameters, Statement};

const PASSWORD_ADMIT: Statement = Statement {
    name: "password_admit",
    sql: "SELECT outcome, password_hash, email, full_name FROM navigator.password_admit($1, $2)",
    parameters: &[Type::UUID, Type::UUID],
};
const PASSWORD_CHANGE: Statement = Statement {
    name: "password_change",
    sql: "SELECT outcome FROM navigator.password_change($1, $2, $3, $4, $5)",
    parameters: &[Type::UUID, Type::UUID, Type::TEXT, Type::TEXT, Type::UUID],
};
const RESET_REQUEST: Statement = Statement {
    name: "reset_request",
    sql: "SELECT outcome FROM navigator.reset_request($1, $2, $3, $4)",
    parameters: &[Type::TEXT, Type::UUID, Type::BYTEA, Type::TEXT],
};
const RESET_ADMIT: Statement = Statement {
    name: "reset_admit",
    sql: "SELECT outcome, email, full_name FROM navigator.reset_admit($1, $2)",
    parameters: &[Type::BYTEA, Type::TEXT],
};
const RESET_FINISH: Statement = Statement {
    name: "reset_finish",
    sql: "SELECT outcome FROM navigator.reset_finish($1, $2, $3, $4)",
    parameters: &[Type::BYTEA, Type::TEXT, Type::UUID, Type::TEXT],
};
const VERIFICATION_REQUEST: Statement = Statement {
    name: "verification_request",
    sql: "SELECT outcome FROM navigator.verification_request($1, $2, $3, $4)",
    parameters: &[Type::UUID, Type::UUID, Type::UUID, Type::BYTEA],
};
const VERIFICATION_CONFIRM: Statement = Statement {
    name: "verification_confirm",
    sql: "SELECT outcome FROM navigator.verification_confirm($1, $2)",
    parameters: &[Type::BYTEA, Type::TEXT],
};

/// Every statement of this store.
pub(super) const STATEMENTS: [&Statement; 7] = [
    &PASSWORD_ADMIT,
    &PASSWORD_CHANGE,
    &RESET_REQUEST,
    &RESET_ADMIT,
    &RESET_FINISH,
    &VERIFICATION_REQUEST,
    &VERIFICATION_CONFIRM,
];

/// Whose password is to be compared, and with what.
pub(super) struct Owner {
    pub(super) password_hash: String,
    email: String,
    full_name: String,
}

impl Owner {
    /// The person's own words, of which no password may be made.
    pub(super) fn context(&self) -> [&str; 2] {
        [&self.email, &self.full_name]
    }
}

pub(super) async fn password_admit(db: &Db, principal: &Principal, deadline: Deadline) -> Result<Owner, PasswordError> {
    let parameters: Parameters<'_> = &[&principal.user.uuid(), &principal.session.uuid()];
    let row = db.query_one(&PASSWORD_ADMIT, parameters, deadline).await?;
    match PASSWORD_ADMIT.column::<&str>(&row, "outcome")? {
        "admitted" => Ok(Owner {
            password_hash: PASSWORD_ADMIT.column(&row, "password_hash")?,
            email: PASSWORD_ADMIT.column(&row, "email")?,
            full_name: PASSWORD_ADMIT.column(&row, "full_name")?,
        }),
        other => Err(PASSWORD_ADMIT.refused(other)),
    }
}

/// Changes the hash `old` to `new`; without `new` a wrong guess is recorded.
pub(super) async fn password_change(
    db: &Db,
    principal: &Principal,
    old: &str,
    new: Option<&str>,
    mail: Uuid,
    deadline: Deadline,
) -> Result<(), PasswordError> {
    let parameters: Parameters<'_> = &[&principal.user.uuid(), &principal.session.uuid(), &old, &new, &mail];
    let row = db.query_one(&PASSWORD_CHANGE, parameters, deadline).await?;
    match PASSWORD_CHANGE.column::<&str>(&row, "outcome")? {
        "changed" => Ok(()),
        "refused" => Err(PasswordError::Wrong),
        "conflict" => Err(PasswordError::Conflict),
        other => Err(PASSWORD_CHANGE.refused(other)),
    }
}

pub(super) async fn reset_request(
    db: &Db,
    email: &str,
    mail: &NewMail,
    origin: &Origin,
    deadline: Deadline,
) -> Result<(), SecretError> {
    let parameters: Parameters<'_> = &[&email, &mail.id, &mail.secret_hash, &origin.as_str()];
    let row = db.query_one(&RESET_REQUEST, parameters, deadline).await?;
    match RESET_REQUEST.column::<&str>(&row, "outcome")? {
        "accepted" => Ok(()),
        other => Err(RESET_REQUEST.refused(other)),
    }
}

/// Address and name of whose password is to be reset.
pub(super) async fn reset_admit(
    db: &Db,
    secret: &ResetToken,
    origin: &Origin,
    deadline: Deadline,
) -> Result<(String, String), SecretError> {
    let row = db.query_one(&RESET_ADMIT, &[&secret.hash(), &origin.as_str()], deadline).await?;
    match RESET_ADMIT.column::<&str>(&row, "outcome")? {
        "valid" => Ok((RESET_ADMIT.column(&row, "email")?, RESET_ADMIT.column(&row, "full_name")?)),
        "invalid" => Err(SecretError::Invalid),
        other => Err(RESET_ADMIT.refused(other)),
    }
}

pub(super) async fn reset_finish(
    db: &Db,
    secret: &ResetToken,
    hash: &str,
    mail: Uuid,
    origin: &Origin,
    deadline: Deadline,
) -> Result<(), SecretError> {
    let parameters: Parameters<'_> = &[&secret.hash(), &hash, &mail, &origin.as_str()];
    let row = db.query_one(&RESET_FINISH, parameters, deadline).await?;
    match RESET_FINISH.column::<&str>(&row, "outcome")? {
        "changed" => Ok(()),
        "invalid" => Err(SecretError::Invalid),
        other => Err(RESET_FINISH.refused(other)),
    }
}

pub(super) async fn verification_request(
    db: &Db,
    principal: &Principal,
    mail: &NewMail,
    deadline: Deadline,
) -> Result<Verification, SecretError> {
    let parameters: Parameters<'_> = &[&principal.user.uuid(), &principal.session.uuid(), &mail.id, &mail.secret_hash];
    let row = db.query_one(&VERIFICATION_REQUEST, parameters, deadline).await?;
    match VERIFICATION_REQUEST.column::<&str>(&row, "outcome")? {
        "accepted" => Ok(Verification::Asked),
        "verified" => Ok(Verification::Done),
        other => Err(VERIFICATION_REQUEST.refused(other)),
    }
}

pub(super) async fn verification_confirm(
    db: &Db,
    secret: &VerificationToken,
    origin: &Origin,
    deadline: Deadline,
) -> Result<(), SecretError> {
    let row = db.query_one(&VERIFICATION_CONFIRM, &[&secret.hash(), &origin.as_str()], deadline).await?;
    match VERIFICATION_CONFIRM.column::<&str>(&row, "outcome")? {
        "verified" => Ok(()),
        "invalid" => Err(SecretError::Invalid),
        other => Err(VERIFICATION_CONFIRM.refused(other)),
    }
}
