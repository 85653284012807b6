//! What an account is made of, parsed at the edge.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::UserId;

/// An e-mail address as the person wrote it; the database compares it in lower case.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// Why a text is not accepted as an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address like name@example.org (at most 254 characters)")]
pub struct EmailError;

impl Email {
    /// Accepts what mail systems accept in practice: one `@`, a dot-separated domain, no spaces or control characters,
    /// 254 characters at most (RFC 5321, 4.5.3.1.3). Whether it exists only a mail can tell.
    ///
    /// # Errors
    /// [`EmailError`].
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError)?;
        let local_is_fine = !local.is_empty()
            && local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c));
        let label_is_fine = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let domain_is_fine = domain.contains('.') && domain.split('.').all(label_is_fine);
        if text.len() <= 254 && local_is_fine && domain_is_fine { Ok(Self(text.to_owned())) } else { Err(EmailError) }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A person's name as they want to be called: 1 to 200 characters, no control characters.
#[derive(Clone, PartialEq, Eq)]
pub struct FullName(String);

/// Why a text is not accepted as a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to 200 characters and no control characters")]
pub struct FullNameError;

impl FullName {
    /// Parses a name; outer spaces are removed.
    ///
    /// # Errors
    /// [`FullNameError`].
    pub fn parse(text: &str) -> Result<Self, FullNameError> {
        let text = text.trim();
        let fits = (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(FullNameError) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A registration, checked.
#[cfg(feature = "password")]
pub struct NewAccount {
    /// The address to register.
    pub email: Email,
    /// The password, which satisfies the rule.
    pub password: crate::auth::password::NewPassword,
    /// The person's name.
    pub full_name: FullName,
    /// Where the request comes from.
    pub origin: crate::auth::Origin,
}

/// A log-in, parsed but not yet proved.
#[cfg(feature = "password")]
pub struct Credentials {
    /// The address as it was typed; anything is looked up, so that the answer tells nothing about its form.
    pub email: String,
    /// The password as it was typed.
    pub password: secrecy::SecretString,
    /// Where the request comes from.
    pub origin: crate::auth::Origin,
}

/// A change of password, parsed but not yet proved.
#[cfg(feature = "password")]
pub struct PasswordChange {
    /// The present password.
    pub current: secrecy::SecretString,
    /// The new one; whether it is accepted depends on the person's own words too.
    pub new: secrecy::SecretString,
}

/// What a person sees of their own account.
#[derive(Clone, Serialize, Deserialize)]
pub struct AccountView {
    /// The user's id (UUID).
    pub id: UserId,
    /// The address.
    pub email: String,
    /// The name.
    pub full_name: String,
    /// Whether a mail to the address reached its owner.
    pub email_verified: bool,
    /// The roles, in alphabetical order.
    pub roles: Vec<String>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
}

/// The answer to a registration or a log-in (RFC 6749, section 5.1, plus the account).
#[derive(Clone, Serialize)]
pub struct SignedIn {
    /// The token for `Authorization: Bearer`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds until the token expires.
    pub expires_in: u64,
    /// The token for `POST /token/refresh`, good for one use.
    pub refresh_token: String,
    /// Whose token it is.
    pub user: AccountView,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_needs_a_local_part_and_a_dotted_domain() {
        for good in ["a@b.co", "first.last+tag@sub.example.org", "josé@example.es", " padded@example.org "] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in
            ["", "a", "a@", "@b.co", "a@b", "a b@c.de", "a@b..de", "a@-b.de", "a\u{0}@b.de", "a@b.de\n", ".a@b.de"]
        {
            assert!(Email::parse(bad).is_err() || bad.trim() != bad, "{bad:?}");
        }
        assert!(Email::parse(&format!("a@{}.org", "b".repeat(260))).is_err());
    }

    #[test]
    fn a_name_has_1_to_200_characters_and_no_control_characters() {
        assert!(FullName::parse("Ana María O'Brien-Núñez").is_ok());
        assert!(FullName::parse("   ").is_err());
        assert!(FullName::parse("a\u{7}b").is_err());
        assert!(FullName::parse(&"x".repeat(201)).is_err());
    }
}
