//! Problem details (RFC 9457), and the one table of codes.
//!
//! Invariants: only this module knows which error becomes which status; a problem's texts never hold SQL, a stack, or
//! anything of another person; every 503 and 504 says when to come back.

use std::fmt;

use lambda_http::http::StatusCode;
use lambda_http::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;

use super::reply::Reply;
use crate::auth::token::TokenError;
use crate::auth::{RateLimit, Refusal};
use crate::conversations::{HistoryError, ListError};
use crate::db::{Class, DbError};
use crate::readiness::NotReady;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal, $code:literal, $title:literal;)*) => {
        /// The stable codes of this API's problems. Clients may rely on them; the texts may change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code, for the contract test.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            fn row(self) -> (u16, &'static str, &'static str) {
                match self { $(Self::$name => ($status, $code, $title),)* }
            }
        }
    };
}

codes! {
    /// The body is not JSON.
    NotJson = 400, "not_json", "The body is not valid JSON";
    /// The body or the address is not UTF-8.
    NotUtf8 = 400, "not_utf8", "The request is not valid UTF-8";
    /// No token where one is needed.
    MissingToken = 401, "missing_token", "An access token is needed";
    /// The token is malformed, forged or foreign.
    InvalidToken = 401, "invalid_token", "The access token is not valid";
    /// The token was valid once.
    TokenExpired = 401, "token_expired", "The access token has expired";
    /// The session was logged out or was idle too long.
    SessionEnded = 401, "session_ended", "The session has ended";
    /// Log-in failed.
    InvalidCredentials = 401, "invalid_credentials", "The e-mail address or the password is wrong";
    /// The refresh token is unknown.
    InvalidRefreshToken = 401, "invalid_refresh_token", "The refresh token is not valid";
    /// The refresh token was used twice.
    RefreshTokenReused = 401, "refresh_token_reused", "The refresh token had been used before";
    /// An operator disabled the account.
    AccountDisabled = 403, "account_disabled", "The account is disabled";
    /// The present password is another.
    WrongPassword = 403, "wrong_password", "The present password is wrong";
    /// `user_id` in the body is somebody else's.
    UserMismatch = 403, "user_mismatch", "The user_id is not yours";
    /// The database refused the row.
    Forbidden = 403, "forbidden", "This is not allowed";
    /// No such route.
    RouteNotFound = 404, "route_not_found", "There is no such route";
    /// No such conversation, or not the caller's.
    ConversationNotFound = 404, "conversation_not_found", "There is no such conversation";
    /// No such official text.
    DocumentNotFound = 404, "document_not_found", "There is no such document";
    /// No such deadline rule.
    RuleNotFound = 404, "rule_not_found", "There is no such deadline rule";
    /// The route exists, for other methods.
    MethodNotAllowed = 405, "method_not_allowed", "This route does not have this method";
    /// The conversation was deleted.
    ConversationDeleted = 410, "conversation_deleted", "The conversation was deleted";
    /// The conversation was archived.
    ConversationArchived = 410, "conversation_archived", "The conversation is archived";
    /// The address is registered.
    EmailTaken = 409, "email_taken", "An account with this e-mail address exists";
    /// The same request is being worked on.
    TurnInProgress = 409, "turn_in_progress", "This request is being worked on";
    /// Another message of the conversation is being worked on.
    ConversationBusy = 409, "conversation_busy", "Another message of this conversation is being answered";
    /// The run was over before it could be cancelled.
    RunFinished = 409, "run_finished", "The answer is there already";
    /// Two writers met.
    Conflict = 409, "conflict", "Somebody else changed this at the same time";
    /// The body is over the limit.
    BodyTooLarge = 413, "body_too_large", "The body is too large";
    /// The body is not `application/json`.
    UnsupportedMediaType = 415, "unsupported_media_type", "The content type is not supported";
    /// One or more fields are wrong; `errors` names them.
    ValidationFailed = 422, "validation_failed", "The request has fields that cannot be accepted";
    /// The Idempotency-Key was used for another request.
    IdempotencyKeyReused = 422, "idempotency_key_reused", "The Idempotency-Key belongs to another request";
    /// The secret of a mail is unknown, used or expired.
    SecretInvalid = 422, "secret_invalid", "The code is not valid any more";
    /// Too many requests of one kind.
    RateLimited = 429, "rate_limited", "Too many requests";
    /// A failure of this product.
    InternalError = 500, "internal_error", "Something went wrong on our side";
    /// The database cannot be reached.
    DatabaseUnavailable = 503, "database_unavailable", "The service cannot reach its database";
    /// The database has no connection or lock free.
    DatabaseBusy = 503, "database_busy", "The service is busy";
    /// Other messages of the conversation came first, and the time was over.
    TurnUnfinished = 503, "turn_unfinished", "An earlier message of this conversation is still being answered";
    /// The turn was made by a newer version of this product.
    TurnNotMine = 503, "turn_not_mine", "The answer is being worked on by a newer version";
    /// The service is not ready.
    NotReady = 503, "not_ready", "The service is not ready";
    /// The time was over.
    DeadlineExceeded = 504, "deadline_exceeded", "The request took too long";
}

impl Code {
    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The stable code.
    pub fn as_str(self) -> &'static str {
        self.row().1
    }

    /// The summary for people.
    pub fn title(self) -> &'static str {
        self.row().2
    }
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where it is: a JSON pointer (RFC 6901) into the body, or `?name` for a query parameter, `header:name`, `path:name`.
    pub pointer: String,
    /// What is wrong and what to do.
    pub detail: String,
}

/// An error on its way to the client.
#[derive(Clone, Debug)]
pub struct Problem {
    code: Code,
    detail: String,
    errors: Vec<FieldError>,
    /// Boxed: most problems have none, and every parser returns one by value.
    again: Option<Box<Again>>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// With what a question is sent again, so that it is stored and answered once whatever became of it so far.
#[derive(Clone, Debug, Serialize)]
struct Again {
    conversation_id: String,
    idempotency_key: String,
}

/// When to come back, where nothing else is known.
const DEFAULT_RETRY_MS: u64 = 2_000;

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(flatten)]
    again: Option<&'a Again>,
}

impl Problem {
    /// A problem whose detail is its title.
    pub fn new(code: Code) -> Self {
        Self { code, detail: format!("{}.", code.title()), errors: Vec::new(), again: None, headers: Vec::new() }
    }

    /// What happened here, and what to do.
    #[must_use]
    pub fn detail(mut self, detail: impl fmt::Display) -> Self {
        self.detail = detail.to_string();
        self
    }

    /// The fields that are wrong.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail =
            errors.iter().map(|error| format!("{} {}", error.pointer, error.detail)).collect::<Vec<_>>().join("; ");
        Self { errors, ..Self::new(Code::ValidationFailed).detail(detail) }
    }

    /// One field that is wrong.
    pub fn field(pointer: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::fields(vec![FieldError { pointer: pointer.into(), detail: detail.to_string() }])
    }

    /// When to try again, in whole seconds, at least 1 (RFC 9110, 10.2.3).
    #[must_use]
    pub fn retry_after_ms(self, milliseconds: u64) -> Self {
        self.header(RETRY_AFTER, &milliseconds.div_ceil(1_000).max(1).to_string())
    }

    /// The limit that is used up (draft-ietf-httpapi-ratelimit-headers-10).
    fn rate_limit(self, limit: &RateLimit) -> Self {
        let RateLimit { policy, hits, window_s, left_s } = limit;
        self.header(HeaderName::from_static("ratelimit-policy"), &format!("\"{policy}\";q={hits};w={window_s}"))
            .header(HeaderName::from_static("ratelimit"), &format!("\"{policy}\";r=0;t={left_s}"))
    }

    /// The methods that the route has (RFC 9110, 10.2.1).
    #[must_use]
    pub fn allow(self, methods: &str) -> Self {
        self.header(ALLOW, methods)
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// What became of a question, for whoever asked it. Where it may be stored already, or is still to be answered, the problem
    /// names its conversation and its key, also when the client sent neither: both derive from what was minted for this request.
    #[cfg(feature = "workflow")]
    pub fn of_turn(error: crate::workflow::TurnError, turn: &crate::workflow::NewTurn) -> Self {
        let mut problem = Self::from(error);
        if !problem.code.status().is_server_error() && problem.code.status() != StatusCode::CONFLICT {
            return problem;
        }
        if problem.says_when() {
            problem.detail.push_str(
                " Send the same request again, with idempotency_key as its Idempotency-Key: it is stored and answered once.",
            );
        }
        problem.again = Some(Box::new(Again {
            conversation_id: turn.conversation.as_str().to_owned(),
            idempotency_key: turn.key.as_str().to_owned(),
        }));
        problem
    }

    /// Whether it is one of those that pass.
    fn says_when(&self) -> bool {
        matches!(self.code.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
    }

    /// The reply that carries it.
    pub fn into_reply(mut self, request_id: &str) -> Reply {
        if self.says_when() && !self.headers.iter().any(|(name, _)| *name == RETRY_AFTER) {
            self = self.retry_after_ms(DEFAULT_RETRY_MS);
        }
        let body = Body {
            r#type: format!("urn:insurance-navigator:problem:{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: &self.detail,
            instance: request_id,
            code: self.code.as_str(),
            errors: &self.errors,
            again: self.again.as_deref(),
        };
        let mut reply = Reply::problem(self.code.status(), &body);
        if self.code.status() == StatusCode::UNAUTHORIZED {
            reply = reply.header(WWW_AUTHENTICATE, challenge(self.code));
        }
        self.headers.into_iter().fold(reply, |reply, (name, value)| reply.header(name, value))
    }
}

/// RFC 6750, section 3: the error attribute only when a token was sent.
fn challenge(code: Code) -> HeaderValue {
    HeaderValue::from_static(match code {
        Code::InvalidToken
        | Code::TokenExpired
        | Code::SessionEnded
        | Code::InvalidRefreshToken
        | Code::RefreshTokenReused => r#"Bearer realm="insurance-navigator", error="invalid_token""#,
        _ => r#"Bearer realm="insurance-navigator""#,
    })
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::new(Code::InvalidToken).detail("Log in again to get a new access token."),
            TokenError::Expired => Self::new(Code::TokenExpired).detail("Log in again to get a new access token."),
        }
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        tracing::error!(class = ?error.class(), error = %error, "database call failed");
        let unavailable =
            |ms| Self::new(Code::DatabaseUnavailable).detail("Please try again in a moment.").retry_after_ms(ms);
        match error.class() {
            Class::Unavailable | Class::Unanswered | Class::Ambiguous | Class::ReadOnly => unavailable(2_000),
            Class::Configuration | Class::Credential | Class::UnsafeRole => unavailable(30_000),
            Class::Blocked => unavailable(60_000),
            Class::Saturated | Class::Contention => {
                Self::new(Code::DatabaseBusy).detail("Please try again in a moment.").retry_after_ms(1_000)
            }
            Class::Conflict => Self::new(Code::Conflict).detail("Please send the request again.").retry_after_ms(1_000),
            Class::Timeout => {
                Self::new(Code::DeadlineExceeded).detail("Please send the request again.").retry_after_ms(2_000)
            }
            Class::Schema => Self::new(Code::NotReady)
                .detail("The service is being updated. Please try again in a moment.")
                .retry_after_ms(5_000),
            Class::Validation => Self::new(Code::ValidationFailed)
                .detail("A value of the request cannot be stored; check its characters."),
            Class::Denied => Self::new(Code::Forbidden),
            Class::Bug => Self::new(Code::InternalError),
        }
    }
}

impl From<NotReady> for Problem {
    fn from(error: NotReady) -> Self {
        tracing::error!(%error, "not ready");
        Self::new(Code::NotReady).detail(format_args!("{error}.")).retry_after_ms(5_000)
    }
}

impl From<HistoryError> for Problem {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::NotFound => Self::new(Code::ConversationNotFound),
            HistoryError::Deleted => deleted(),
            HistoryError::Archived => archived(),
            HistoryError::Refused(refusal) => refusal.into(),
            HistoryError::Database(error) => error.into(),
        }
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Refused(refusal) => refusal.into(),
            ListError::Database(error) => error.into(),
        }
    }
}

fn deleted() -> Problem {
    Problem::new(Code::ConversationDeleted).detail("Begin another one with a new conversation_id.")
}

fn archived() -> Problem {
    Problem::new(Code::ConversationArchived).detail(
        "It was not used for a long time and is kept outside of this service. Ask whoever runs the service to restore it; \
         nothing is lost. Or begin another one with a new conversation_id.",
    )
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::SessionEnded => Self::new(Code::SessionEnded)
                .detail("Log in again; sessions end after 60 minutes without use and after 12 hours."),
            Refusal::RateLimited(limit) => Self::new(Code::RateLimited)
                .detail(format_args!("Please wait {} seconds and send the request again.", limit.left_s))
                .retry_after_ms(u64::from(limit.left_s) * 1_000)
                .rate_limit(&limit),
        }
    }
}

#[cfg(any(feature = "password", feature = "workflow"))]
pub(super) fn internal(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "internal failure");
    Problem::new(Code::InternalError)
}

#[cfg(test)]
mod tests;
#[cfg(feature = "workflow")]
mod turns;
