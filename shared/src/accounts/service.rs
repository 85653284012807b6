//! Registration, log-in and refreshing. Where a password is hashed there are two round trips: one that admits (limits come before
//! the hash), one that finishes.

use secrecy::SecretString;
use uuid::Uuid;

use super::store::{self, Known, NewMail, NewSession, NewUser, Proof};
use super::types::{AccountView, Credentials, NewAccount, SignedIn};
use crate::auth::opaque::{Derivation, Mailed, RandomError, RefreshToken, Verification as Verifying};
use crate::auth::password::{HashError, Passwords, Verdict};
use crate::auth::token::{SigningError, Tokens};
use crate::auth::{Origin, Principal, Refusal};
use crate::clock::Deadline;
use crate::db::{Db, DbError};
use crate::ids::{SessionId, UserId};

/// How often a log-in looks at the account's hash: once more when it was changed meanwhile (another password, or the same one
/// hashed with newer parameters by a log-in at the same moment).
const LOOKS: usize = 2;

/// The accounts' operations. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    pub(super) db: Db,
    pub(super) passwords: Passwords,
    pub(super) derivation: Derivation,
    tokens: Tokens,
}

/// Why a registration did not happen.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Somebody has this address already.
    #[error("an account with this e-mail address exists")]
    EmailTaken,
    /// The request was not let in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("the registration could not be stored")]
    Database(#[from] DbError),
    /// Hashing, signing or the source of random numbers failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// Why a log-in did not happen.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Unknown address or wrong password; which of them is not said.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// The password is right, and an operator has disabled the account.
    #[error("the account is disabled")]
    Disabled,
    /// The request was not let in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("the log-in could not be checked")]
    Database(#[from] DbError),
    /// Hashing, signing or the source of random numbers failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// Why a session was not refreshed.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// No such token was given out, or it has been forgotten.
    #[error("the refresh token is unknown")]
    Unknown,
    /// The session is over.
    #[error("the session has ended")]
    Ended,
    /// The token had been used before: somebody has a copy, and the session is over.
    #[error("the refresh token was used twice")]
    Reused,
    /// The request was not let in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("the session could not be refreshed")]
    Database(#[from] DbError),
    /// Hashing, signing or the source of random numbers failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// A failure of this process' cryptography.
#[derive(Debug, thiserror::Error)]
pub enum CryptoError {
    /// The hash function failed.
    #[error("the password could not be hashed or verified")]
    Hash(#[from] HashError),
    /// The token could not be signed.
    #[error("the token could not be signed")]
    Signing(#[from] SigningError),
    /// The system gave no random numbers.
    #[error("no token could be made")]
    Random(#[from] RandomError),
}

impl Accounts {
    /// The operations over a database, a hasher, a signer, and what derives secrets.
    pub fn new(db: Db, passwords: Passwords, tokens: Tokens, derivation: Derivation) -> Self {
        Self { db, passwords, derivation, tokens }
    }

    /// Registers a person and logs them in; a mail to verify the address waits in the outbox.
    ///
    /// # Errors
    /// [`RegisterError`]; of a race of equal addresses one wins and the others see `EmailTaken`.
    pub async fn register(&self, new: NewAccount, deadline: Deadline) -> Result<SignedIn, RegisterError> {
        store::register_admit(&self.db, &new.email, &new.origin, deadline).await?;
        let hash = self.passwords.hash(new.password).await.map_err(CryptoError::from)?;
        let user = NewUser { id: UserId::new(), email: &new.email, password_hash: &hash, full_name: &new.full_name };
        let (session, mail) = (new_session()?, self.new_mail::<Verifying>());
        let account = store::register_finish(&self.db, &user, &session, &mail, &new.origin, deadline).await?;
        Ok(self.signed_in(account, session.id, &session.refresh)?)
    }

    /// Logs a person in: exactly one argon2 verification, whether the address is known or not; a second look, and one more, only
    /// when the password was changed between the two round trips.
    ///
    /// # Errors
    /// [`LoginError`].
    pub async fn log_in(&self, credentials: Credentials, deadline: Deadline) -> Result<SignedIn, LoginError> {
        let Credentials { email, password, origin } = credentials;
        for _ in 0..LOOKS {
            let known = store::login_admit(&self.db, &email, &origin, deadline).await?;
            let Some((known, new_hash)) = self.prove(known, password.clone()).await? else { break };
            let (session, proof) = (new_session()?, Proof { known: &known, new_hash: new_hash.as_deref() });
            let opened = store::login_finish(&self.db, &email, &proof, &session, &origin, deadline).await?;
            if let Some(account) = opened {
                return Ok(self.signed_in(account, session.id, &session.refresh)?);
            }
        }
        store::login_refuse(&self.db, &email, &origin, deadline).await?;
        Err(LoginError::WrongCredentials)
    }

    /// Exchanges a refresh token for a new access token and the next refresh token, or gives that one again as long as it was
    /// never used. One round trip.
    ///
    /// # Errors
    /// [`RefreshError`]; after `Reused` the whole session is over.
    pub async fn refresh(
        &self,
        token: &RefreshToken,
        origin: &Origin,
        deadline: Deadline,
    ) -> Result<SignedIn, RefreshError> {
        let children = self.derivation.child_candidates(token);
        let (session, account, child) = store::session_refresh(&self.db, token, children, origin, deadline).await?;
        Ok(self.signed_in(account, session, &child)?)
    }

    /// Whose the password is, and its new hash when the stored one was made with other parameters; `None` when it is wrong.
    async fn prove(
        &self,
        known: Option<Known>,
        password: SecretString,
    ) -> Result<Option<(Known, Option<String>)>, CryptoError> {
        let stored = known.as_ref().map(|known| known.password_hash.clone());
        let new_hash = match self.passwords.verify(password.clone(), stored).await? {
            Verdict::Match { is_outdated: true } => Some(self.passwords.hash_again(password).await?),
            Verdict::Match { is_outdated: false } => None,
            Verdict::NoMatch => return Ok(None),
        };
        Ok(known.map(|known| (known, new_hash)))
    }

    pub(super) fn new_mail<K: Mailed>(&self) -> NewMail {
        let id = Uuid::now_v7();
        NewMail { id, secret_hash: self.derivation.one_time::<K>(id).hash() }
    }

    fn signed_in(
        &self,
        account: AccountView,
        session: SessionId,
        refresh: &RefreshToken,
    ) -> Result<SignedIn, CryptoError> {
        let principal = Principal { user: account.id, session, roles: account.roles.clone() };
        Ok(SignedIn {
            access_token: self.tokens.issue(&principal)?,
            token_type: "Bearer",
            expires_in: self.tokens.ttl().as_secs(),
            refresh_token: refresh.expose().to_owned(),
            user: account,
        })
    }
}

fn new_session() -> Result<NewSession, CryptoError> {
    Ok(NewSession { id: SessionId::new(), refresh: RefreshToken::random()? })
}
