//! A turn as it is asked for: the message, its metadata, and the key that makes a retry the same request.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::ids::{ConversationId, RequestKey};
use crate::json::has_nul;

/// A person's message: 1 byte to 16 KiB of text that is not blank.
#[derive(Clone)]
pub struct Message(String);

/// Why a text is not accepted as a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Empty, or only spaces.
    #[error("must not be empty; write your question")]
    Blank,
    /// Over [`Message::MAX_BYTES`].
    #[error("must have at most {} bytes; send a long letter in parts", Message::MAX_BYTES)]
    TooLong,
    /// Postgres cannot store it.
    #[error("must not contain U+0000")]
    Nul,
}

impl Message {
    /// The longest message, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 16 * 1024;

    /// Checks a message. It is kept as it was sent.
    ///
    /// # Errors
    /// [`MessageError`], whose text is for the person.
    pub fn parse(text: &str) -> Result<Self, MessageError> {
        if text.len() > Self::MAX_BYTES {
            return Err(MessageError::TooLong);
        }
        if text.contains('\0') {
            return Err(MessageError::Nul);
        }
        if text.trim().is_empty() {
            return Err(MessageError::Blank);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a client stores beside its message: a JSON object, 4 KiB at most, kept with the message, returned with it, and merged
/// into the conversation's own metadata but for the member `data`, which is the message's alone.
#[derive(Clone)]
pub struct TurnMetadata(Value);

/// Why an object is not accepted as metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Over [`TurnMetadata::MAX_BYTES`].
    #[error("must have at most {} bytes of JSON", TurnMetadata::MAX_BYTES)]
    TooLong,
    /// Over [`TurnMetadata::MAX_TOLD_BYTES`].
    #[error(
        "must have at most {} bytes of JSON beside the person's words; leave out user_response_created",
        TurnMetadata::MAX_TOLD_BYTES
    )]
    ToldTooLong,
    /// Postgres cannot store it.
    #[error("must not contain U+0000")]
    Nul,
}

/// The member that holds what another system told; migration 008 hands it to the steps.
const TOLD: &str = "data";
/// The member that says where a conversation comes from, and its value for the earlier system's form.
const SOURCE: (&str, &str) = ("source", "navigator_output");

impl TurnMetadata {
    /// The largest object, in bytes of JSON.
    pub const MAX_BYTES: usize = 4 * 1024;
    /// The most that may be told beside, in bytes of JSON.
    pub const MAX_TOLD_BYTES: usize = 8 * 1024;

    /// Checks an object.
    ///
    /// # Errors
    /// [`MetadataError`].
    pub fn parse(object: Map<String, Value>) -> Result<Self, MetadataError> {
        let value = Value::Object(object);
        let text = value.to_string();
        if text.len() > Self::MAX_BYTES {
            return Err(MetadataError::TooLong);
        }
        if has_nul(&value) { Err(MetadataError::Nul) } else { Ok(Self(value)) }
    }

    /// With what another system told beside the message (an object; an empty one is not kept), and, unless the client says it
    /// itself, that it was that system.
    ///
    /// # Errors
    /// [`MetadataError::ToldTooLong`].
    pub fn with_told(mut self, told: Value) -> Result<Self, MetadataError> {
        if told.to_string().len() > Self::MAX_TOLD_BYTES {
            return Err(MetadataError::ToldTooLong);
        }
        if let Value::Object(entries) = &mut self.0 {
            entries.entry(SOURCE.0).or_insert_with(|| SOURCE.1.into());
            if told.as_object().is_some_and(|told| !told.is_empty()) {
                entries.insert(TOLD.to_owned(), told);
            }
        }
        Ok(self)
    }

    /// The object.
    pub fn value(&self) -> &Value {
        &self.0
    }
}

/// What becomes of a message while another one of its conversation is being answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenBusy {
    /// It is refused; the client sends it again later.
    #[default]
    Reject,
    /// It is stored and answered next.
    Enqueue,
}

/// Not one of the two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be reject or enqueue")]
pub struct WhenBusyError;

impl WhenBusy {
    /// Reads the option.
    ///
    /// # Errors
    /// [`WhenBusyError`], whose text is for the client.
    pub fn parse(text: &str) -> Result<Self, WhenBusyError> {
        match text {
            "reject" => Ok(Self::Reject),
            "enqueue" => Ok(Self::Enqueue),
            _ => Err(WhenBusyError),
        }
    }
}

/// A turn as it is asked for.
#[derive(Clone)]
pub struct NewTurn {
    /// The conversation it belongs to; made on first use.
    pub conversation: ConversationId,
    /// What the person wrote.
    pub message: Message,
    /// What the client stores beside it.
    pub metadata: TurnMetadata,
    /// The request's key: the same key with the same content is the same request.
    pub key: RequestKey,
    /// SHA-256 over what the request says, so that a key used for something else is noticed.
    pub hash: [u8; 32],
    /// Not part of the hash: it says how to wait, not what is asked.
    pub when_busy: WhenBusy,
}

impl NewTurn {
    /// Puts a turn together that is refused when its conversation is busy.
    pub fn new(conversation: ConversationId, message: Message, metadata: TurnMetadata, key: RequestKey) -> Self {
        // Whether maps keep the order of their fields depends on what else is linked (serde_json's preserve_order).
        let mut canonical = metadata.value().clone();
        canonical.sort_all_objects();
        let mut hash = Sha256::new();
        for part in [conversation.as_str(), message.as_str(), &canonical.to_string()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hash = hash.finalize().into();
        Self { conversation, message, metadata, key, hash, when_busy: WhenBusy::default() }
    }

    /// The same turn with another way to wait.
    #[must_use]
    pub fn when_busy(mut self, when_busy: WhenBusy) -> Self {
        self.when_busy = when_busy;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn turn(conversation: &str, message: &str, metadata: &Value) -> NewTurn {
        NewTurn::new(
            ConversationId::parse(conversation).expect("an id"),
            Message::parse(message).expect("a message"),
            TurnMetadata::parse(metadata.as_object().cloned().expect("an object")).expect("metadata"),
            RequestKey::mint(),
        )
    }

    #[test]
    fn a_message_has_1_byte_to_16_kib_and_is_not_blank() {
        assert!(Message::parse(&"x".repeat(16 * 1024)).is_ok());
        assert_eq!(Message::parse(&"x".repeat(16 * 1024 + 1)).err(), Some(MessageError::TooLong));
        assert_eq!(Message::parse(" \n\t").err(), Some(MessageError::Blank));
        assert_eq!(Message::parse("a\0b").err(), Some(MessageError::Nul));
    }

    #[test]
    fn the_hash_tells_requests_apart_but_not_the_order_of_their_fields() {
        let base = turn("c", "hello", &json!({"a": 1, "b": 2}));
        assert_eq!(base.hash, turn("c", "hello", &json!({"b": 2, "a": 1})).hash);
        for other in [
            turn("d", "hello", &json!({"a": 1, "b": 2})),
            turn("c", "hell", &json!({})),
            turn("chello", "x", &json!({})),
        ] {
            assert_ne!(base.hash, other.hash);
        }
    }

    #[test]
    fn what_was_told_is_kept_beside_with_its_source_and_in_its_own_bounds() {
        let parsed =
            |value: Value| TurnMetadata::parse(value.as_object().cloned().expect("an object")).expect("metadata");
        let kept = |value: Value, told: Value| parsed(value).with_told(told).map(|metadata| metadata.value().clone());
        let told = json!({ "meta_intent": { "emergency": true } });
        let source = "navigator_output";
        assert_eq!(kept(json!({}), told.clone()), Ok(json!({ "source": source, "data": told })));
        assert_eq!(kept(json!({ "source": "import" }), json!({})), Ok(json!({ "source": "import" })));
        let long = |bytes: usize| json!({ "message": "x".repeat(bytes) });
        assert!(kept(json!({}), long(8 * 1024 - 14)).is_ok());
        assert_eq!(kept(json!({}), long(8 * 1024 - 13)), Err(MetadataError::ToldTooLong));
    }

    #[test]
    fn metadata_with_a_nul_deep_inside_is_refused() {
        let object = json!({"a": [{"b\0": 1}]}).as_object().cloned().expect("an object");
        assert_eq!(TurnMetadata::parse(object).err(), Some(MetadataError::Nul));
    }
}
