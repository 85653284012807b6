//! Registration and log-in: admit (one round trip), hash off the async thread, finish (one round trip).

use secrecy::SecretString;

use super::store::{self, Known, Registration};
use super::types::{AccountView, Credentials, NewAccount, SignedIn};
use crate::auth::Principal;
use crate::auth::password::{HashError, Passwords, Verdict};
use crate::auth::token::{SigningError, Tokens};
use crate::clock::Deadline;
use crate::db::{Db, DbError};
use crate::ids::{SessionId, UserId};

/// The accounts' operations. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    db: Db,
    passwords: Passwords,
    tokens: Tokens,
}

/// Why a registration did not happen.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Somebody has this address already.
    #[error("an account with this e-mail address exists")]
    EmailTaken,
    /// The database failed.
    #[error("the registration could not be stored")]
    Database(#[from] DbError),
    /// The hash function failed.
    #[error("the password could not be hashed")]
    Hash(#[from] HashError),
    /// The token could not be signed.
    #[error("the token could not be signed")]
    Signing(#[from] SigningError),
}

/// Why a log-in did not happen.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Unknown address or wrong password; which of them is not said.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// The database failed.
    #[error("the log-in could not be checked")]
    Database(#[from] DbError),
    /// The hash function failed.
    #[error("the password could not be verified")]
    Hash(#[from] HashError),
    /// The token could not be signed.
    #[error("the token could not be signed")]
    Signing(#[from] SigningError),
}

impl Accounts {
    /// The operations over a database, a hasher and a signer.
    pub fn new(db: Db, passwords: Passwords, tokens: Tokens) -> Self {
        Self { db, passwords, tokens }
    }

    /// Registers a person and logs them in.
    ///
    /// # Errors
    /// [`RegisterError`]; of a race of equal addresses one wins and the others see `EmailTaken`.
    pub async fn register(&self, new: NewAccount, deadline: Deadline) -> Result<SignedIn, RegisterError> {
        if let Registration::EmailTaken = store::register_admit(&self.db, &new.email, deadline).await? {
            return Err(RegisterError::EmailTaken);
        }
        let hash = self.passwords.hash(new.password).await?;
        let (user, session) = (UserId::new(), SessionId::new());
        match store::register_finish(&self.db, user, &new.email, &hash, &new.full_name, session, deadline).await? {
            Registration::EmailTaken => Err(RegisterError::EmailTaken),
            Registration::Open(account) => Ok(self.signed_in(account, session)?),
        }
    }

    /// Logs a person in: always exactly one argon2 verification, whether the address is known or not.
    ///
    /// # Errors
    /// [`LoginError`].
    pub async fn log_in(&self, credentials: Credentials, deadline: Deadline) -> Result<SignedIn, LoginError> {
        let known = store::login_admit(&self.db, &credentials.email, deadline).await?;
        let Some(user) = self.prove(known, credentials.password).await? else {
            return Err(LoginError::WrongCredentials);
        };
        let session = SessionId::new();
        let account = store::login_finish(&self.db, user, session, deadline).await?;
        Ok(self.signed_in(account.ok_or(LoginError::WrongCredentials)?, session)?)
    }

    async fn prove(&self, known: Option<Known>, password: SecretString) -> Result<Option<UserId>, HashError> {
        let (user, hash) = known.map(|known| (known.user, known.password_hash)).unzip();
        let verdict = self.passwords.verify(password, hash).await?;
        Ok(user.filter(|_| matches!(verdict, Verdict::Match { .. })))
    }

    fn signed_in(&self, account: AccountView, session: SessionId) -> Result<SignedIn, SigningError> {
        let principal = Principal { user: account.id, session, roles: account.roles.clone() };
        Ok(SignedIn {
            access_token: self.tokens.issue(&principal)?,
            token_type: "Bearer",
            expires_in: self.tokens.ttl().as_secs(),
            user: account,
        })
    }
}
