//! The SQL of migration 011, registration to password change: one Rust function per SQL function.

use tokio_postgres::types::Type;
use uuid::Uuid;

use super::service::{LoginError, RefreshError, RegisterError};
use super::types::{AccountView, Email, FullName};
use crate::auth::Origin;
use crate::auth::opaque::RefreshToken;
use crate::clock::Deadline;
use crate::db::{Db, Parameters, Statement};
use crate::ids::{SessionId, UserId};

const REGISTER_ADMIT: Statement = Statement {
    name: "register_admit",
    sql: "SELECT outcome FROM navigator.register_admit($1, $2)",
    parameters: &[Type::TEXT, Type::TEXT],
};
const REGISTER_FINISH: Statement = Statement {
    name: "register_finish",
    sql: "SELECT outcome, account FROM navigator.register_finish($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    parameters: &[
        Type::UUID,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::UUID,
        Type::BYTEA,
        Type::UUID,
        Type::BYTEA,
        Type::TEXT,
    ],
};
const LOGIN_ADMIT: Statement = Statement {
    name: "login_admit",
    sql: "SELECT outcome, user_id, password_hash FROM navigator.login_admit($1, $2)",
    parameters: &[Type::TEXT, Type::TEXT],
};
const LOGIN_REFUSE: Statement = Statement {
    name: "login_refuse",
    sql: "SELECT outcome FROM navigator.login_refuse($1, $2)",
    parameters: &[Type::TEXT, Type::TEXT],
};
const LOGIN_FINISH: Statement = Statement {
    name: "login_finish",
    sql: "SELECT outcome, account FROM navigator.login_finish($1, $2, $3, $4, $5, $6, $7)",
    parameters: &[Type::UUID, Type::TEXT, Type::TEXT, Type::TEXT, Type::UUID, Type::BYTEA, Type::TEXT],
};
const SESSION_REFRESH: Statement = Statement {
    name: "session_refresh",
    sql: "SELECT outcome, session_id, account, child FROM navigator.session_refresh($1, $2, $3)",
    parameters: &[Type::BYTEA, Type::BYTEA_ARRAY, Type::TEXT],
};

/// Every statement of this store.
pub(super) const STATEMENTS: [&Statement; 6] =
    [&REGISTER_ADMIT, &REGISTER_FINISH, &LOGIN_ADMIT, &LOGIN_REFUSE, &LOGIN_FINISH, &SESSION_REFRESH];

/// A session that is to be opened, repeatable because its parts are chosen here.
pub(super) struct NewSession {
    pub(super) id: SessionId,
    pub(super) refresh: RefreshToken,
}

/// A mail that is to be written, with the hash of its secret.
pub(super) struct NewMail {
    pub(super) id: Uuid,
    pub(super) secret_hash: Vec<u8>,
}

/// A registration that is to be stored.
pub(super) struct NewUser<'a> {
    pub(super) id: UserId,
    pub(super) email: &'a Email,
    pub(super) password_hash: &'a str,
    pub(super) full_name: &'a FullName,
}

pub(super) async fn register_admit(
    db: &Db,
    email: &Email,
    origin: &Origin,
    deadline: Deadline,
) -> Result<(), RegisterError> {
    let row = db.query_one(&REGISTER_ADMIT, &[&email.as_str(), &origin.as_str()], deadline).await?;
    match REGISTER_ADMIT.column::<&str>(&row, "outcome")? {
        "free" => Ok(()),
        "taken" => Err(RegisterError::EmailTaken),
        other => Err(REGISTER_ADMIT.refused(other)),
    }
}

pub(super) async fn register_finish(
    db: &Db,
    user: &NewUser<'_>,
    session: &NewSession,
    mail: &NewMail,
    origin: &Origin,
    deadline: Deadline,
) -> Result<AccountView, RegisterError> {
    let parameters: Parameters<'_> = &[
        &user.id.uuid(),
        &user.email.as_str(),
        &user.password_hash,
        &user.full_name.as_str(),
        &session.id.uuid(),
        &session.refresh.hash(),
        &mail.id,
        &mail.secret_hash,
        &origin.as_str(),
    ];
    let row = db.query_one(&REGISTER_FINISH, parameters, deadline).await?;
    match REGISTER_FINISH.column::<&str>(&row, "outcome")? {
        "created" => Ok(REGISTER_FINISH.json(&row, "account")?),
        "taken" => Err(RegisterError::EmailTaken),
        other => Err(REGISTER_FINISH.refused(other)),
    }
}

/// A known account's id and its stored hash.
pub(super) struct Known {
    pub(super) user: UserId,
    pub(super) password_hash: String,
}

pub(super) async fn login_admit(
    db: &Db,
    email: &str,
    origin: &Origin,
    deadline: Deadline,
) -> Result<Option<Known>, LoginError> {
    let row = db.query_one(&LOGIN_ADMIT, &[&email, &origin.as_str()], deadline).await?;
    match LOGIN_ADMIT.column::<&str>(&row, "outcome")? {
        "found" => Ok(Some(Known {
            user: LOGIN_ADMIT.column::<Uuid>(&row, "user_id")?.into(),
            password_hash: LOGIN_ADMIT.column(&row, "password_hash")?,
        })),
        "unknown" => Ok(None),
        other => Err(LOGIN_ADMIT.refused(other)),
    }
}

/// A password that fits the hash which `login_admit` showed.
pub(super) struct Proof<'a> {
    pub(super) known: &'a Known,
    /// The same password, hashed with the present parameters, when those of the known hash are outdated.
    pub(super) new_hash: Option<&'a str>,
}

/// Records a log-in whose password was wrong, or whose address nobody has.
pub(super) async fn login_refuse(db: &Db, email: &str, origin: &Origin, deadline: Deadline) -> Result<(), LoginError> {
    let row = db.query_one(&LOGIN_REFUSE, &[&email, &origin.as_str()], deadline).await?;
    match LOGIN_REFUSE.column::<&str>(&row, "outcome")? {
        "refused" => Ok(()),
        other => Err(LOGIN_REFUSE.refused(other)),
    }
}

/// Opens a session; `None` when the account has another hash by now.
pub(super) async fn login_finish(
    db: &Db,
    email: &str,
    proof: &Proof<'_>,
    session: &NewSession,
    origin: &Origin,
    deadline: Deadline,
) -> Result<Option<AccountView>, LoginError> {
    let parameters: Parameters<'_> = &[
        &proof.known.user.uuid(),
        &email,
        &proof.known.password_hash,
        &proof.new_hash,
        &session.id.uuid(),
        &session.refresh.hash(),
        &origin.as_str(),
    ];
    let row = db.query_one(&LOGIN_FINISH, parameters, deadline).await?;
    match LOGIN_FINISH.column::<&str>(&row, "outcome")? {
        "opened" => Ok(Some(LOGIN_FINISH.json(&row, "account")?)),
        "changed" => Ok(None),
        "disabled" => Err(LoginError::Disabled),
        other => Err(LOGIN_FINISH.refused(other)),
    }
}

/// The session of a refresh token, and which of `children` (its successors by each key, never none) continues it.
pub(super) async fn session_refresh(
    db: &Db,
    token: &RefreshToken,
    children: Vec<RefreshToken>,
    origin: &Origin,
    deadline: Deadline,
) -> Result<(SessionId, AccountView, RefreshToken), RefreshError> {
    let hashes: Vec<Vec<u8>> = children.iter().map(RefreshToken::hash).collect();
    let parameters: Parameters<'_> = &[&token.hash(), &hashes, &origin.as_str()];
    let row = db.query_one(&SESSION_REFRESH, parameters, deadline).await?;
    match SESSION_REFRESH.column::<&str>(&row, "outcome")? {
        "refreshed" => {
            let session: Uuid = SESSION_REFRESH.column(&row, "session_id")?;
            // From 1.
            let place: i32 = SESSION_REFRESH.column(&row, "child")?;
            let child = usize::try_from(place - 1).ok().and_then(|index| children.into_iter().nth(index));
            let child = child.ok_or_else(|| SESSION_REFRESH.unknown("a successor that was not offered"))?;
            Ok((session.into(), SESSION_REFRESH.json(&row, "account")?, child))
        }
        "unknown" => Err(RefreshError::Unknown),
        "ended" => Err(RefreshError::Ended),
        "reused" => Err(RefreshError::Reused),
        other => Err(SESSION_REFRESH.refused(other)),
    }
}
