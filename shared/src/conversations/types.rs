//! A page of history, its cursor, and what can go wrong.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::auth::Refusal;
use crate::db::DbError;
use crate::ids::ConversationId;

/// Which messages are asked for.
#[derive(Clone, Debug)]
pub struct HistoryQuery {
    /// Whose messages.
    pub conversation: ConversationId,
    /// At most this many, 1 to 100.
    pub limit: u32,
    /// Only messages before this place; none for the newest.
    pub before: Option<Cursor>,
    /// Whether each message's metadata is wanted.
    pub include_metadata: bool,
}

/// A place in a conversation, opaque to clients: messages before it come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(i64);

/// The text is not a cursor that this API handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor of this API; use next_cursor of the page before, or leave it out for the newest messages")]
pub struct CursorError;

impl Cursor {
    const PREFIX: &'static str = "h1:";

    /// The place before message `seq`.
    pub fn before(seq: i64) -> Self {
        Self(seq)
    }

    /// Reads a cursor.
    ///
    /// # Errors
    /// [`CursorError`].
    pub fn parse(text: &str) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let plain = String::from_utf8(bytes).map_err(|_| CursorError)?;
        let digits = plain.strip_prefix(Self::PREFIX).ok_or(CursorError)?;
        let seq: i64 = digits.parse().map_err(|_| CursorError)?;
        if seq > 0 && digits == seq.to_string() { Ok(Self(seq)) } else { Err(CursorError) }
    }

    /// The cursor as clients see it.
    pub fn encode(self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}{}", Self::PREFIX, self.0))
    }

    /// The `seq` it stands before.
    pub fn seq(self) -> i64 {
        self.0
    }
}

/// One message as its owner sees it.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(Debug))]
pub struct MessageView {
    /// The message's id; derives from the run that made it.
    pub id: String,
    /// Its place in the conversation, from 1, without gaps.
    pub seq: i64,
    /// `user` or `assistant`.
    pub role: String,
    /// The text.
    pub content: String,
    /// The agent that wrote it, for an answer.
    pub agent_name: Option<String>,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    /// What came with it, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// A page of messages in chronological order.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(Debug))]
pub struct HistoryPage {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Oldest first.
    pub messages: Vec<MessageView>,
    /// Where the older messages begin; null when there are none.
    pub next_cursor: Option<String>,
}

impl HistoryPage {
    /// From the rows: newest first, one more than asked for when there are older ones.
    pub(super) fn assemble(query: &HistoryQuery, mut newest_first: Vec<MessageView>) -> Self {
        let limit = query.limit as usize;
        let has_older = newest_first.len() > limit;
        newest_first.truncate(limit);
        let next_cursor = newest_first.last().filter(|_| has_older).map(|oldest| Cursor::before(oldest.seq).encode());
        newest_first.reverse();
        Self { conversation_id: query.conversation.clone(), messages: newest_first, next_cursor }
    }
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// No such conversation, or not this user's.
    #[error("there is no such conversation")]
    NotFound,
    /// The conversation was deleted.
    #[error("the conversation was deleted")]
    Deleted,
    /// The conversation is archived.
    #[error("the conversation is archived")]
    Archived,
    /// The request was not let in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("the history could not be read")]
    Database(#[from] DbError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(seq: i64) -> MessageView {
        MessageView {
            id: format!("m{seq}"),
            seq,
            role: "user".to_owned(),
            content: String::new(),
            agent_name: None,
            created_at: DateTime::<Utc>::UNIX_EPOCH,
            metadata: None,
        }
    }

    fn query(limit: u32) -> HistoryQuery {
        let conversation = ConversationId::parse("c").expect("an id");
        HistoryQuery { conversation, limit, before: None, include_metadata: false }
    }

    #[test]
    fn a_page_is_chronological_and_names_older_messages_only_when_there_are_some() {
        let page = HistoryPage::assemble(&query(2), vec![message(5), message(4), message(3)]);
        assert_eq!(page.messages.iter().map(|m| m.seq).collect::<Vec<_>>(), [4, 5]);
        assert_eq!(page.next_cursor, Some(Cursor::before(4).encode()));
        let last = HistoryPage::assemble(&query(2), vec![message(2), message(1)]);
        assert_eq!(last.next_cursor, None);
    }

    proptest::proptest! {
        #[test]
        fn a_cursor_survives_its_encoding(seq in 1_i64..i64::MAX) {
            assert_eq!(Cursor::parse(&Cursor::before(seq).encode()), Ok(Cursor::before(seq)));
        }

        #[test]
        fn no_other_text_is_a_cursor(text in ".{0,40}") {
            if let Ok(cursor) = Cursor::parse(&text) {
                assert_eq!(cursor.encode(), text);
            }
        }
    }
}
