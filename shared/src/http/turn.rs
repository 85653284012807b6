//! The body of `POST /chat/navigator`, in both of its forms, parsed.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::problem::{Code, Problem, internal};
use super::request::{Fields, Request};
use crate::agents::told::{NavigatorOutput, object};
use crate::auth::Principal;
use crate::ids::ConversationId;
use crate::workflow::{Message, NewTurn, TurnMetadata, WhenBusy};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    message: Option<String>,
    conversation_id: Option<String>,
    metadata: Option<Map<String, Value>>,
    when_busy: Option<String>,
    /// The earlier system's form.
    #[serde(default, deserialize_with = "object")]
    data: Option<NavigatorOutput>,
    user_id: Option<String>,
    session_id: Option<String>,
}

/// The parts both forms have.
struct Parts {
    message: (&'static str, Option<String>),
    conversation: (&'static str, Option<String>),
    metadata: Map<String, Value>,
    told: Option<NavigatorOutput>,
}

impl Request {
    /// The turn that is asked for.
    ///
    /// # Errors
    /// As [`Request::json`]; 403 when `user_id` is somebody else's; 422 with every field that is wrong.
    pub fn new_turn(&self, principal: &Principal) -> Result<NewTurn, Problem> {
        let body: Body = self.json()?;
        if body.user_id.as_ref().is_some_and(|id| !id.eq_ignore_ascii_case(&principal.user.to_string())) {
            return Err(
                Problem::new(Code::UserMismatch).detail("Leave user_id out; the access token says who you are.")
            );
        }
        let key = self.request_key()?;
        let mut fields = Fields::default();
        let when_busy =
            fields.take("/when_busy", body.when_busy.as_deref().map_or(Ok(WhenBusy::default()), WhenBusy::parse));
        let parts = parts(body)?;
        let (pointer, message) = parts.message;
        let message = fields.take(
            pointer,
            message
                .as_deref()
                .map_or(Err(NO_WORDS.to_owned()), |text| Message::parse(text).map_err(|error| error.to_string())),
        );
        let (pointer, conversation) = parts.conversation;
        let conversation = match conversation {
            None => Some(ConversationId::derive(principal.user, &key)),
            Some(text) => fields.take(pointer, ConversationId::parse(&text)),
        };
        let metadata = fields.take("/metadata", TurnMetadata::parse(parts.metadata));
        let metadata = match parts.told {
            Some(told) => with_told(metadata, &told, &mut fields)?,
            None => metadata,
        };
        match (message, conversation, metadata, when_busy) {
            (Some(message), Some(conversation), Some(metadata), Some(when_busy)) if fields.is_empty() => {
                Ok(NewTurn::new(conversation, message, metadata, key).when_busy(when_busy))
            }
            _ => Err(fields.problem()),
        }
    }
}

fn parts(body: Body) -> Result<Parts, Problem> {
    match (body.message, body.data) {
        (Some(_), Some(_)) => Err(Problem::field("/data", "cannot stand beside message; send one of the two")),
        (None, None) => Err(Problem::field("/message", "is missing; send the question as text")),
        (Some(message), None) => {
            if body.session_id.is_some() {
                return Err(Problem::field("/session_id", "belongs to the form with data; use conversation_id"));
            }
            Ok(Parts {
                message: ("/message", Some(message)),
                conversation: ("/conversation_id", body.conversation_id),
                metadata: body.metadata.unwrap_or_default(),
                told: None,
            })
        }
        (None, Some(mut data)) => {
            if body.conversation_id.is_some() {
                return Err(Problem::field("/conversation_id", "belongs to the form with message; use session_id"));
            }
            Ok(Parts {
                message: data.take_words(),
                conversation: ("/session_id", body.session_id),
                metadata: body.metadata.unwrap_or_default(),
                told: Some(data),
            })
        }
    }
}

const NO_WORDS: &str = "is missing; send the person's words here, or as /data/message, or as /data/meta_intent/summary";

/// The metadata with what the earlier system told; each of its texts that cannot be stored is named.
fn with_told(
    metadata: Option<TurnMetadata>,
    told: &NavigatorOutput,
    fields: &mut Fields,
) -> Result<Option<TurnMetadata>, Problem> {
    for (pointer, _) in told.texts().into_iter().filter(|(_, text)| text.contains('\0')) {
        fields.take::<(), _>(pointer, Err("must not contain U+0000"));
    }
    let told = serde_json::to_value(told).map_err(|error| internal(&error))?;
    Ok(metadata.and_then(|metadata| fields.take("/data", metadata.with_told(told))))
}
