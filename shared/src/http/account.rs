//! The requests and replies of accounts: registration, log-in, sessions, passwords, and the own account.

use lambda_http::http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::problem::{Code, Problem, internal};
use super::reply::Reply;
use super::request::{Fields, Request};
use crate::accounts::{
    AccountError, Credentials, CryptoError, Email, ExportCursor, FullName, LogOutScope, LoginError, NewAccount,
    PasswordChange, PasswordError, RefreshError, RegisterError, SecretError, Verification,
};
use crate::auth::opaque::{Kind, Opaque, RefreshToken, ResetToken};
use crate::auth::password::{MAX_BYTES, NewPassword, PasswordRuleError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    email: String,
    password: String,
    full_name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    email: String,
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refresh {
    refresh_token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogOut {
    scope: LogOutScope,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    full_name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSecret {
    current_password: String,
    new_password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    token: String,
    new_password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proof {
    password: String,
}

impl Request {
    /// The account to register.
    ///
    /// # Errors
    /// As [`Request::json`]; 422 with every field that is wrong.
    pub fn new_account(&self) -> Result<NewAccount, Problem> {
        let body: Registration = self.json()?;
        let mut fields = Fields::default();
        let own_words = [body.email.as_str(), body.full_name.as_str()];
        let password = fields.take("/password", NewPassword::parse(SecretString::from(body.password), &own_words));
        let email = fields.take("/email", Email::parse(&body.email));
        let full_name = fields.take("/full_name", FullName::parse(&body.full_name));
        match (email, password, full_name) {
            (Some(email), Some(password), Some(full_name)) => {
                Ok(NewAccount { email, password, full_name, origin: self.origin().clone() })
            }
            _ => Err(fields.problem()),
        }
    }

    /// The credentials to check. Their form is not checked: the answer must not tell more than "wrong".
    ///
    /// # Errors
    /// As [`Request::json`]; 422 for what no account can have (U+0000, over-long).
    pub fn credentials(&self) -> Result<Credentials, Problem> {
        let body: Login = self.json()?;
        let mut fields = Fields::default();
        let email = fields.take("/email", plain(body.email, 320));
        let password = fields.take("/password", plain(body.password, MAX_BYTES));
        match (email, password) {
            (Some(email), Some(password)) => Ok(Credentials {
                email: email.trim().to_owned(),
                password: SecretString::from(password),
                origin: self.origin().clone(),
            }),
            _ => Err(fields.problem()),
        }
    }

    /// The refresh token to exchange.
    ///
    /// # Errors
    /// As [`Request::json`]; 401 when it cannot be one.
    pub fn refresh_token(&self) -> Result<RefreshToken, Problem> {
        let body: Refresh = self.json()?;
        RefreshToken::parse(body.refresh_token.trim()).map_err(|_| unknown_refresh_token())
    }

    /// Which sessions are to end; without a body, this one.
    ///
    /// # Errors
    /// As [`Request::json`].
    pub fn log_out_scope(&self) -> Result<LogOutScope, Problem> {
        if self.has_no_body() {
            return Ok(LogOutScope::This);
        }
        Ok(self.json::<LogOut>()?.scope)
    }

    /// The new name.
    ///
    /// # Errors
    /// As [`Request::json`].
    pub fn full_name(&self) -> Result<FullName, Problem> {
        let body: Profile = self.json()?;
        FullName::parse(&body.full_name).map_err(|error| Problem::field("/full_name", error))
    }

    /// The present and the new password.
    ///
    /// # Errors
    /// As [`Request::json`]; whether the new one is accepted is decided with the account's own words.
    pub fn password_change(&self) -> Result<PasswordChange, Problem> {
        let body: NewSecret = self.json()?;
        let mut fields = Fields::default();
        let current = fields.take("/current_password", plain(body.current_password, MAX_BYTES));
        let new = fields.take("/new_password", plain(body.new_password, MAX_BYTES));
        match (current, new) {
            (Some(current), Some(new)) => {
                Ok(PasswordChange { current: SecretString::from(current), new: SecretString::from(new) })
            }
            _ => Err(fields.problem()),
        }
    }

    /// The address whose password is forgotten.
    ///
    /// # Errors
    /// As [`Request::json`]; 422 for what is no address.
    pub fn forgotten_address(&self) -> Result<Email, Problem> {
        let body: Address = self.json()?;
        Email::parse(&body.email).map_err(|error| Problem::field("/email", error))
    }

    /// The code of a reset's mail, and the new password.
    ///
    /// # Errors
    /// As [`Request::json`]; 422 when it can be no code.
    pub fn reset(&self) -> Result<(ResetToken, SecretString), Problem> {
        let body: Reset = self.json()?;
        let new = plain(body.new_password, MAX_BYTES).map_err(|error| Problem::field("/new_password", error))?;
        Ok((secret(&body.token)?, SecretString::from(new)))
    }

    /// The code of a mail.
    ///
    /// # Errors
    /// As [`Request::json`]; 422 when it can be no code.
    pub fn secret<K: Kind>(&self) -> Result<Opaque<K>, Problem> {
        let body: Confirmation = self.json()?;
        secret(&body.token)
    }

    /// The password, asked for once more.
    ///
    /// # Errors
    /// As [`Request::json`]; 422 for what no account can have.
    pub fn proof(&self) -> Result<SecretString, Problem> {
        let body: Proof = self.json()?;
        plain(body.password, MAX_BYTES).map(SecretString::from).map_err(|error| Problem::field("/password", error))
    }

    /// Where an export goes on.
    ///
    /// # Errors
    /// 422 when it is no cursor of this API.
    pub fn export_cursor(&self) -> Result<Option<ExportCursor>, Problem> {
        let parameters = self.query_parameters(&["cursor"])?;
        let parsed = parameters.first().map(|(_, value)| ExportCursor::parse(value)).transpose();
        parsed.map_err(|error| Problem::field("?cursor", error))
    }
}

fn secret<K: Kind>(text: &str) -> Result<Opaque<K>, Problem> {
    // A code is copied out of a mail, often with the blank or the end of the line behind it.
    Opaque::parse(text.trim()).map_err(|_| invalid_secret())
}

fn plain(text: String, max_bytes: usize) -> Result<String, String> {
    if text.len() > max_bytes || text.contains('\0') {
        return Err(format!("must have at most {max_bytes} bytes and no U+0000"));
    }
    Ok(text)
}

impl Reply {
    /// 202: a mail is on its way, when the address is known.
    pub fn mail_asked() -> Self {
        let detail =
            "If an account has this address, a mail with a code is on its way. The code is good for ten minutes.";
        Self::json_of(StatusCode::ACCEPTED, &json!({ "detail": detail }))
    }

    /// 202 when a mail is on its way, 200 when the address is verified already.
    pub fn verification(verification: Verification) -> Self {
        let (status, detail) = match verification {
            Verification::Asked => {
                (StatusCode::ACCEPTED, "A mail with a code is on its way. The code is good for a day.")
            }
            Verification::Done => (StatusCode::OK, "The address is verified already."),
        };
        Self::json_of(status, &json!({ "detail": detail }))
    }
}

fn unknown_refresh_token() -> Problem {
    Problem::new(Code::InvalidRefreshToken).detail("Log in again to get new tokens.")
}

fn invalid_secret() -> Problem {
    Problem::new(Code::SecretInvalid).detail("It was used, or its time is over. Ask for another mail.")
}

fn rule(error: &PasswordRuleError) -> Problem {
    Problem::field("/new_password", error)
}

impl From<CryptoError> for Problem {
    fn from(error: CryptoError) -> Self {
        internal(&error)
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::EmailTaken => Self::new(Code::EmailTaken).detail("Log in instead, or use another address."),
            RegisterError::Refused(refusal) => refusal.into(),
            RegisterError::Database(error) => error.into(),
            RegisterError::Crypto(error) => error.into(),
        }
    }
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::WrongCredentials => Self::new(Code::InvalidCredentials),
            LoginError::Disabled => Self::new(Code::AccountDisabled).detail("Ask the operator of this service."),
            LoginError::Refused(refusal) => refusal.into(),
            LoginError::Database(error) => error.into(),
            LoginError::Crypto(error) => error.into(),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Unknown => unknown_refresh_token(),
            RefreshError::Ended => crate::auth::Refusal::SessionEnded.into(),
            RefreshError::Reused => Self::new(Code::RefreshTokenReused)
                .detail("Somebody may have a copy of it, so the session was ended. Log in again."),
            RefreshError::Refused(refusal) => refusal.into(),
            RefreshError::Database(error) => error.into(),
            RefreshError::Crypto(error) => error.into(),
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong => Self::new(Code::WrongPassword).detail("Nothing was changed."),
            PasswordError::Rule(error) => rule(&error),
            PasswordError::Same => Self::field("/new_password", "is the present password; choose another"),
            PasswordError::Conflict => Self::new(Code::Conflict).detail("Log in with the password as it is now."),
            PasswordError::Refused(refusal) => refusal.into(),
            PasswordError::Database(error) => error.into(),
            PasswordError::Crypto(error) => error.into(),
        }
    }
}

impl From<SecretError> for Problem {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Invalid => invalid_secret(),
            SecretError::Rule(error) => rule(&error),
            SecretError::Refused(refusal) => refusal.into(),
            SecretError::Database(error) => error.into(),
            SecretError::Crypto(error) => error.into(),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Refused(refusal) => refusal.into(),
            AccountError::Database(error) => error.into(),
        }
    }
}
