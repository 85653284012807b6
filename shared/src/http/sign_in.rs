//! The bodies of `POST /register` and `POST /login`, parsed.

use secrecy::SecretString;
use serde::Deserialize;

use super::problem::Problem;
use super::request::{Fields, Request};
use crate::accounts::{Credentials, Email, FullName, NewAccount};
use crate::auth::password::{MAX_BYTES, NewPassword};

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

impl Request {
    /// The account to register.
    ///
    /// # Errors
    /// As [`Request::json`]; 422 with every field that is wrong.
    pub fn new_account(&self) -> Result<NewAccount, Problem> {
        let body: Registration = self.json()?;
        let mut fields = Fields::default();
        let email = fields.take("/email", Email::parse(&body.email));
        // Also of an address or a name that is not valid: the person sends the same password again with the right one.
        let context = [body.email.as_str(), body.full_name.as_str()];
        let password = fields.take("/password", NewPassword::parse(SecretString::from(body.password), &context));
        let full_name = fields.take("/full_name", FullName::parse(&body.full_name));
        match (email, password, full_name) {
            (Some(email), Some(password), Some(full_name)) => Ok(NewAccount { email, password, full_name }),
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
            (Some(email), Some(password)) => {
                Ok(Credentials { email: email.trim().to_owned(), password: SecretString::from(password) })
            }
            _ => Err(fields.problem()),
        }
    }
}

fn plain(text: String, max_bytes: usize) -> Result<String, String> {
    if text.len() > max_bytes || text.contains('\0') {
        return Err(format!("must have at most {max_bytes} bytes and no U+0000"));
    }
    Ok(text)
}
