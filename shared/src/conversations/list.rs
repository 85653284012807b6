//! A page of a person's conversations, and its cursor.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{CursorError, MetadataFilter};
use crate::auth::Refusal;
use crate::db::DbError;

/// Which conversations are asked for.
#[derive(Clone)]
pub struct ListQuery {
    /// At most this many, 1 to 100.
    pub limit: u32,
    /// Only those after this place; none for the latest.
    pub after: Option<ListCursor>,
    /// Only those whose metadata holds this; all without it.
    pub metadata: Option<MetadataFilter>,
}

/// A place in the list, opaque to clients: when the conversation there was last answered, and its id.
#[derive(Clone, PartialEq, Eq)]
pub struct ListCursor {
    pub(super) updated_at: DateTime<Utc>,
    pub(super) id: String,
}

impl ListCursor {
    const PREFIX: &'static str = "c1:";

    /// Reads a cursor.
    ///
    /// # Errors
    /// [`CursorError`].
    pub fn parse(text: &str) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let plain = String::from_utf8(bytes).map_err(|_| CursorError)?;
        let (micros, id) = plain.strip_prefix(Self::PREFIX).and_then(|rest| rest.split_once(':')).ok_or(CursorError)?;
        let updated_at = micros.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or(CursorError)?;
        let id = crate::ids::ConversationId::parse(id).map_err(|_| CursorError)?.as_str().to_owned();
        // PostgreSQL's timestamps begin in 4713 BC; a cursor of ours lies in this age.
        let cursor = Self { updated_at, id };
        let is_ours = (0..=4_102_444_800_000_000).contains(&updated_at.timestamp_micros()) && cursor.encode() == text;
        if is_ours { Ok(cursor) } else { Err(CursorError) }
    }

    /// The cursor as clients see it.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}{}:{}", Self::PREFIX, self.updated_at.timestamp_micros(), self.id))
    }
}

/// A conversation as its owner sees it in the list.
#[derive(Clone, Serialize)]
pub struct ConversationView {
    /// The id.
    pub id: String,
    /// The beginning of the first question (120 characters at most); null before it is stored, and while the
    /// conversation is archived.
    pub title: Option<String>,
    /// How many messages it has.
    pub messages: i64,
    /// What is kept with it.
    pub metadata: Value,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last answered.
    pub updated_at: DateTime<Utc>,
    /// Whether it is archived: then its history answers 410.
    pub archived: bool,
}

/// A page of conversations, the latest first.
#[derive(Clone, Serialize)]
pub struct ConversationsPage {
    /// The latest first.
    pub conversations: Vec<ConversationView>,
    /// Where the further ones begin; null when there are none.
    pub next_cursor: Option<String>,
}

impl ConversationsPage {
    /// From the rows: one more than asked for when there are further ones.
    pub(super) fn assemble(query: &ListQuery, mut conversations: Vec<ConversationView>) -> Self {
        let limit = query.limit as usize;
        let has_more = conversations.len() > limit;
        conversations.truncate(limit);
        let place = |last: &ConversationView| ListCursor { updated_at: last.updated_at, id: last.id.clone() }.encode();
        let next_cursor = conversations.last().filter(|_| has_more).map(place);
        Self { conversations, next_cursor }
    }
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The request was not let in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("the conversations could not be read")]
    Database(#[from] DbError),
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_cursor_survives_its_encoding(micros in 0_i64..4_102_444_800_000_000, id in "[A-Za-z0-9._:~@-]{0,127}[A-Za-z0-9_:~@-]") {
            let updated_at = DateTime::from_timestamp_micros(micros).expect("a time");
            let cursor = ListCursor { updated_at, id };
            proptest::prop_assert!(ListCursor::parse(&cursor.encode()) == Ok(cursor));
        }

        #[test]
        fn no_other_text_is_a_cursor(text in ".{0,60}") {
            if let Ok(cursor) = ListCursor::parse(&text) {
                proptest::prop_assert_eq!(cursor.encode(), text);
            }
        }
    }
}
