//! The body of `POST /chat/navigator`, in both of its forms, parsed.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::problem::{Code, Problem};
use super::request::{Fields, Request};
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
    /// The seed system's form.
    data: Option<Map<String, Value>>,
    user_id: Option<String>,
    session_id: Option<String>,
}

/// The parts both forms have.
struct Parts {
    message: (&'static str, Option<String>),
    conversation: (&'static str, Option<String>),
    metadata: Map<String, Value>,
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
                .map_or(Err("is missing".to_owned()), |text| Message::parse(text).map_err(|error| error.to_string())),
        );
        let (pointer, conversation) = parts.conversation;
        let conversation = match conversation {
            None => Some(ConversationId::derive(principal.user, &key)),
            Some(text) => fields.take(pointer, ConversationId::parse(&text)),
        };
        let metadata = fields.take("/metadata", TurnMetadata::parse(parts.metadata));
        match (message, conversation, metadata, when_busy) {
            (Some(message), Some(conversation), Some(metadata), Some(when_busy)) => {
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
            })
        }
        (None, Some(mut data)) => {
            if body.conversation_id.is_some() {
                return Err(Problem::field("/conversation_id", "belongs to the form with message; use session_id"));
            }
            let message = message_of(&mut data);
            let mut metadata = body.metadata.unwrap_or_default();
            if !data.is_empty() {
                metadata.insert("data".to_owned(), Value::Object(data));
            }
            Ok(Parts { message: ("/data/message", message), conversation: ("/session_id", body.session_id), metadata })
        }
    }
}

/// `data.message`, or the summary of `data.meta_intent`; the rest of `data` is kept as it came.
fn message_of(data: &mut Map<String, Value>) -> Option<String> {
    match data.remove("message") {
        Some(Value::String(text)) => Some(text),
        Some(_) => None,
        None => data.get("meta_intent")?.get("summary")?.as_str().map(ToOwned::to_owned),
    }
}
