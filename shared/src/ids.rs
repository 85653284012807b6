//! Identifiers as distinct types, parsed once at the edge.
//!
//! Invariant: a value of one of these types is valid; nobody checks it again. Ids of messages and answers derive from the
//! run, so that a repeated write is the same write.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new time-ordered id (UUID version 7, RFC 9562).
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id as a UUID, for a statement's parameter.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl From<Uuid> for $name {
            fn from(value: Uuid) -> Self {
                Self(value)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id!(
    /// A registered person.
    UserId
);
uuid_id!(
    /// One log-in of one person; the `sid` of the access tokens issued for it.
    SessionId
);
uuid_id!(
    /// One version of one official text.
    DocumentId
);
uuid_id!(
    /// One run of a workflow: the work on one message.
    RunId
);
uuid_id!(
    /// One invocation's hold on a run; repeated unchanged when a lost reply makes it ask again.
    HolderId
);
uuid_id!(
    /// One attempt to commit one step; repeated unchanged when the commit's reply was lost.
    CommitId
);

/// Why a text is not a valid identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Empty, or longer than the limit (characters).
    #[error("must have 1 to {0} characters")]
    Length(usize),
    /// A character outside the allowed set.
    #[error("may hold only letters, digits and . _ : ~ @ -")]
    Character,
    /// Nothing but dots: as a segment of a path, `.` and `..` are gone before the request is sent.
    #[error("must not consist of dots alone")]
    Dots,
}

/// A conversation's id: chosen by the client or minted here, unique for one user. 1 to 128 characters of
/// `A-Z a-z 0-9 . _ : ~ @ -`, not of dots alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ConversationId(String);

impl ConversationId {
    /// The longest id, in characters.
    pub const MAX_CHARS: usize = 128;

    /// Parses a client's id.
    ///
    /// # Errors
    /// [`IdError`] when the length or a character is not allowed.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        check(text, Self::MAX_CHARS)?;
        Ok(Self(text.to_owned()))
    }

    /// The id of the conversation that a request without one begins. It derives from the user and the request's key, so
    /// that a retry finds the same conversation.
    pub fn derive(user: UserId, key: &RequestKey) -> Self {
        let mut hash = Sha256::new();
        hash.update(user.uuid().as_bytes());
        hash.update(key.as_str().as_bytes());
        let digest = hash.finalize();
        let mut bytes = [0_u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The `Idempotency-Key` of a request (draft-ietf-httpapi-idempotency-key-header-07): 1 to 255 visible ASCII characters.
/// The draft writes it as a quoted string; the bare form is accepted too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey(String);

impl RequestKey {
    /// The longest key, in characters.
    pub const MAX_CHARS: usize = 255;

    /// Parses a header's value.
    ///
    /// # Errors
    /// [`IdError`] when the length or a character is not allowed.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let text = text.trim();
        let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        if bare.is_empty() || bare.len() > Self::MAX_CHARS {
            return Err(IdError::Length(Self::MAX_CHARS));
        }
        if !bare.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(IdError::Character);
        }
        Ok(Self(bare.to_owned()))
    }

    /// A key for a request that came without one: each such POST is a turn of its own.
    pub fn mint() -> Self {
        Self(format!("minted-{}", Uuid::now_v7()))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check(text: &str, max_chars: usize) -> Result<(), IdError> {
    if text.is_empty() || text.chars().count() > max_chars {
        return Err(IdError::Length(max_chars));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '~' | '@' | '-');
    match text.chars().all(allowed) {
        false => Err(IdError::Character),
        true if text.chars().all(|c| c == '.') => Err(IdError::Dots),
        true => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_id_of_128_characters_is_the_longest() {
        assert!(ConversationId::parse(&"a".repeat(128)).is_ok());
        assert_eq!(ConversationId::parse(&"a".repeat(129)), Err(IdError::Length(128)));
        assert_eq!(ConversationId::parse(""), Err(IdError::Length(128)));
        assert_eq!(ConversationId::parse("a b"), Err(IdError::Character));
        assert_eq!(ConversationId::parse("../x"), Err(IdError::Character));
        assert_eq!(ConversationId::parse(".."), Err(IdError::Dots));
    }

    #[test]
    fn a_derived_conversation_id_depends_on_user_and_key_alone() {
        let (user, other) = (UserId::new(), UserId::new());
        let key = RequestKey::parse("k-1").expect("a valid key");
        assert_eq!(ConversationId::derive(user, &key), ConversationId::derive(user, &key));
        assert_ne!(ConversationId::derive(user, &key), ConversationId::derive(other, &key));
    }

    #[test]
    fn an_idempotency_key_may_be_quoted_or_bare_and_has_at_most_255_characters() {
        assert_eq!(RequestKey::parse("\"abc\""), RequestKey::parse("abc"));
        assert_eq!(RequestKey::parse(&"k".repeat(256)), Err(IdError::Length(255)));
        assert_eq!(RequestKey::parse("a b"), Err(IdError::Character));
    }
}
