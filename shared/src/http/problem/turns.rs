//! What a turn's errors say to the client.

use super::{Code, Problem, archived, deleted, internal};
use crate::workflow::{ControlError, TurnError};

impl From<TurnError> for Problem {
    fn from(error: TurnError) -> Self {
        match error {
            TurnError::InProgress { retry_ms } => Self::new(Code::TurnInProgress)
                .detail("Send the same request with the same Idempotency-Key again; it is answered once.")
                .retry_after_ms(retry_ms),
            TurnError::Busy { retry_ms } => Self::new(Code::ConversationBusy)
                .detail(
                    "Wait for that answer, then send this message again; or send it with \"when_busy\": \"enqueue\". At most \
                     ten messages of a conversation may wait.",
                )
                .retry_after_ms(retry_ms),
            TurnError::KeyReused => Self::new(Code::IdempotencyKeyReused)
                .detail("Use a new Idempotency-Key for a new message; a retry must repeat the request unchanged."),
            TurnError::Unfinished { retry_ms } => Self::new(Code::TurnUnfinished)
                .detail("Your message is not stored yet. Send the same request again in a moment.")
                .retry_after_ms(retry_ms),
            TurnError::NotMine { retry_ms } => Self::new(Code::TurnNotMine)
                .detail("Send the same request again in a moment.")
                .retry_after_ms(retry_ms),
            TurnError::Deleted => deleted(),
            TurnError::Archived => archived(),
            TurnError::Refused(refusal) => refusal.into(),
            TurnError::Database(error) => error.into(),
            TurnError::State(error) => internal(&error),
        }
    }
}

impl From<ControlError> for Problem {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::NotFound => Self::new(Code::ConversationNotFound),
            ControlError::Finished => {
                Self::new(Code::RunFinished).detail("It cannot be cancelled any more; read it in the history.")
            }
            ControlError::Deleted => deleted(),
            ControlError::Archived => archived(),
            ControlError::Refused(refusal) => refusal.into(),
            ControlError::Database(error) => error.into(),
        }
    }
}
