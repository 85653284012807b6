//! Changing a password, resetting it by mail, and verifying an address by mail.

use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::password_store as store;
use super::service::{Accounts, CryptoError};
use super::types::PasswordChange;
use crate::auth::opaque::{self, ResetToken, VerificationToken};
use crate::auth::password::{NewPassword, PasswordRuleError, Verdict};
use crate::auth::{Origin, Principal, Refusal};
use crate::clock::Deadline;
use crate::db::DbError;

/// Why a password was not changed, or an account not deleted.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The present password is another.
    #[error("the present password is wrong")]
    Wrong,
    /// The new password is not accepted.
    #[error(transparent)]
    Rule(#[from] PasswordRuleError),
    /// The new password is the present one.
    #[error("the new password is the present one")]
    Same,
    /// The password was changed elsewhere at the same time.
    #[error("the password was changed at the same time")]
    Conflict,
    /// The request was not let in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("the password could not be changed")]
    Database(#[from] DbError),
    /// Hashing failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// Why what a mail's secret is for did not happen.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The secret is unknown, used, or expired; which is not said.
    #[error("the secret is not valid any more")]
    Invalid,
    /// The new password is not accepted; the secret is still good.
    #[error(transparent)]
    Rule(#[from] PasswordRuleError),
    /// The request was not let in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("the secret could not be checked")]
    Database(#[from] DbError),
    /// Hashing failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// What became of the wish for a mail that verifies an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// A mail waits to be sent.
    Asked,
    /// The address is verified already.
    Done,
}

impl Accounts {
    /// Changes the password of who is logged in; every other session ends.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn change_password(
        &self,
        principal: &Principal,
        change: PasswordChange,
        deadline: Deadline,
    ) -> Result<(), PasswordError> {
        let is_same = change.current.expose_secret() == change.new.expose_secret();
        let owner = self.prove_owner(principal, change.current, deadline).await?;
        if is_same {
            return Err(PasswordError::Same);
        }
        let new = NewPassword::parse(change.new, &owner.context())?;
        let new = self.passwords.hash(new).await.map_err(CryptoError::from)?;
        store::password_change(&self.db, principal, &owner.password_hash, Some(&new), Uuid::now_v7(), deadline).await
    }

    /// Who is logged in, when `password` is theirs; a wrong guess is recorded and counted.
    pub(super) async fn prove_owner(
        &self,
        principal: &Principal,
        password: SecretString,
        deadline: Deadline,
    ) -> Result<store::Owner, PasswordError> {
        let owner = store::password_admit(&self.db, principal, deadline).await?;
        let verdict = self.passwords.verify(password, Some(owner.password_hash.clone())).await;
        match verdict.map_err(CryptoError::from)? {
            Verdict::Match { .. } => Ok(owner),
            Verdict::NoMatch => {
                store::password_change(&self.db, principal, &owner.password_hash, None, Uuid::now_v7(), deadline)
                    .await?;
                Err(PasswordError::Wrong)
            }
        }
    }

    /// Asks for a mail with which a forgotten password can be reset. The same answer and work for an unknown address.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn ask_for_reset(&self, email: &str, origin: &Origin, deadline: Deadline) -> Result<(), SecretError> {
        store::reset_request(&self.db, email, &self.new_mail::<opaque::Reset>(), origin, deadline).await
    }

    /// Sets a new password with the secret of a mail; every session ends.
    ///
    /// # Errors
    /// [`SecretError`]; after `Rule` the secret can be used again.
    pub async fn reset_password(
        &self,
        secret: &ResetToken,
        new: SecretString,
        origin: &Origin,
        deadline: Deadline,
    ) -> Result<(), SecretError> {
        let (email, full_name) = store::reset_admit(&self.db, secret, origin, deadline).await?;
        let new = NewPassword::parse(new, &[&email, &full_name])?;
        let hash = self.passwords.hash(new).await.map_err(CryptoError::from)?;
        store::reset_finish(&self.db, secret, &hash, Uuid::now_v7(), origin, deadline).await
    }

    /// Asks for a mail that verifies the address of who is logged in.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn ask_for_verification(
        &self,
        principal: &Principal,
        deadline: Deadline,
    ) -> Result<Verification, SecretError> {
        store::verification_request(&self.db, principal, &self.new_mail::<opaque::Verification>(), deadline).await
    }

    /// Verifies an address with the secret of a mail. One round trip.
    ///
    /// # Errors
    /// [`SecretError`].
    pub async fn verify_email(
        &self,
        secret: &VerificationToken,
        origin: &Origin,
        deadline: Deadline,
    ) -> Result<(), SecretError> {
        store::verification_confirm(&self.db, secret, origin, deadline).await
    }
}
