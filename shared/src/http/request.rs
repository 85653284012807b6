//! A request, and its parts parsed into the domain's types.
//!
//! Invariant: what a handler gets out of here is valid; what is wrong becomes a problem with the place and the remedy.

use std::borrow::Cow;
use std::time::Duration;

use lambda_http::http::header::{AUTHORIZATION, CONTENT_TYPE};
use lambda_http::http::{HeaderMap, Method};
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt as _};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::problem::{Code, FieldError, Problem};
use super::routes::Role;
use crate::auth::token::Tokens;
use crate::auth::{Origin, Principal};
use crate::clock::Deadline;
use crate::ids::{ConversationId, RequestKey};

/// The largest body, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;
/// API Gateway gives up after 30 s; no request works longer than this.
const LONGEST: Duration = Duration::from_secs(27);

/// One request with its id and its deadline.
pub struct Request {
    id: String,
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
    deadline: Deadline,
    parameters: Vec<(String, String)>,
    origin: Origin,
    principal: Option<Principal>,
    role: Option<Role>,
}

impl Request {
    pub(super) fn from_event(event: lambda_http::Request, id: &str, reserve: Duration) -> Self {
        let deadline = event
            .lambda_context_ref()
            .map_or(Deadline::after(LONGEST), |context| Deadline::from_lambda(context.deadline, reserve, LONGEST));
        let origin = match event.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => Origin::parse(context.http.source_ip.as_deref()),
            _ => Origin::parse(None),
        };
        let (path, query) = (event.raw_http_path().to_owned(), event.uri().query().unwrap_or_default().to_owned());
        let path = if path.is_empty() { event.uri().path().to_owned() } else { path };
        let (parts, body) = event.into_parts();
        let body = match body {
            Body::Text(text) => text.into_bytes(),
            Body::Binary(bytes) => bytes,
            _ => Vec::new(),
        };
        Self {
            id: id.to_owned(),
            method: parts.method,
            path,
            query,
            headers: parts.headers,
            body,
            deadline,
            parameters: Vec::new(),
            origin,
            principal: None,
            role: None,
        }
    }

    /// The request's id, also in the reply's `X-Request-Id`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path, still percent-encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// By when the work has to be over.
    pub fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// The route's pattern: a path may hold ids, which do not belong into logs.
    pub(super) fn route_for_log(&self) -> &'static str {
        super::routes::pattern_of(&self.path).unwrap_or("unknown")
    }

    pub(super) fn matched(&mut self, parameters: Vec<(String, String)>) {
        self.parameters = parameters;
    }

    /// Where the request comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Who is asking: the router has proved it for every route that is not anybody's.
    ///
    /// # Errors
    /// 401 on a route that is anybody's.
    pub fn principal(&self) -> Result<&Principal, Problem> {
        self.principal.as_ref().ok_or_else(|| Problem::new(Code::MissingToken))
    }

    pub(super) fn restricted_to(&mut self, role: Role) {
        self.role = Some(role);
    }

    /// The role that the route is restricted to: who is asking must have it in the transaction.
    ///
    /// # Errors
    /// 403 on a route that is restricted to none.
    #[cfg(feature = "regulatory")]
    pub fn role(&self) -> Result<Role, Problem> {
        self.role.ok_or_else(|| Problem::new(Code::Forbidden))
    }

    /// Proves who is asking, by the access token.
    ///
    /// # Errors
    /// 401: no token, a malformed, forged, foreign or expired one.
    pub(super) fn authenticate(&mut self, tokens: &Tokens) -> Result<&Principal, Problem> {
        let Some(value) = self.headers.get(AUTHORIZATION) else {
            return Err(Problem::new(Code::MissingToken).detail("Send it as: Authorization: Bearer ACCESS_TOKEN."));
        };
        let token = value.to_str().ok().and_then(|text| {
            let (scheme, token) = text.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
        });
        let token = token.ok_or_else(|| {
            Problem::new(Code::InvalidToken).detail("Send it as: Authorization: Bearer ACCESS_TOKEN.")
        })?;
        let principal = tokens.verify(token)?;
        Ok(self.principal.insert(principal))
    }

    /// A header's value, when it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether there is no body at all.
    #[cfg(feature = "password")]
    pub(super) fn has_no_body(&self) -> bool {
        self.body.is_empty()
    }

    /// The body as `T`. Unknown fields, missing fields and wrong types are named by JSON pointer.
    ///
    /// # Errors
    /// 413, 415, 400 (not UTF-8, not JSON), 422 (not a `T`).
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if self.body.len() > MAX_BODY_BYTES {
            return Err(Problem::new(Code::BodyTooLarge).detail("The body may have at most 1 MiB (1,048,576 bytes)."));
        }
        self.check_content_type()?;
        let text = std::str::from_utf8(&self.body)
            .map_err(|_| Problem::new(Code::NotUtf8).detail("Send the body as UTF-8."))?;
        let mut parser = serde_json::Deserializer::from_str(text);
        let value = serde_path_to_error::deserialize(&mut parser).map_err(|error| {
            let pointer = pointer(error.path());
            let inner = error.into_inner();
            match inner.classify() {
                serde_json::error::Category::Data => Problem::field(pointer, describe(&inner)),
                _ => Problem::new(Code::NotJson).detail(format_args!(
                    "Line {}, column {}: {}.",
                    inner.line(),
                    inner.column(),
                    describe(&inner)
                )),
            }
        })?;
        parser
            .end()
            .map_err(|_| Problem::new(Code::NotJson).detail("There is text after the end of the JSON value."))?;
        Ok(value)
    }

    fn check_content_type(&self) -> Result<(), Problem> {
        let value = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = value.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/json") {
            return Ok(());
        }
        Err(Problem::new(Code::UnsupportedMediaType)
            .detail("Send the body as JSON with Content-Type: application/json."))
    }

    /// A parameter of the path.
    ///
    /// # Errors
    /// 400 when it is not UTF-8.
    pub(super) fn parameter(&self, name: &str) -> Result<Cow<'_, str>, Problem> {
        let raw = self.parameters.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value);
        percent_decode_str(raw).decode_utf8().map_err(|_| Problem::new(Code::NotUtf8))
    }

    /// The conversation named in the path.
    ///
    /// # Errors
    /// 422 when it cannot be an id, 400 when it is not UTF-8.
    pub fn conversation_id(&self) -> Result<ConversationId, Problem> {
        ConversationId::parse(&self.parameter("conversation_id")?)
            .map_err(|error| Problem::field("path:conversation_id", error))
    }

    /// The query's parameters; a repeated or unknown name is an error of the field.
    ///
    /// # Errors
    /// 422 with the parameter's name.
    pub fn query_parameters(&self, known: &[&str]) -> Result<Vec<(String, String)>, Problem> {
        let mut found: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()) {
            if !known.contains(&name.as_ref()) {
                let detail = format!("is not a parameter of this route; it has: {}", known.join(", "));
                return Err(Problem::field(format!("?{}", shorten(&name)), detail));
            }
            if found.iter().any(|(seen, _)| *seen == name) {
                return Err(Problem::field(format!("?{name}"), "is given more than once"));
            }
            found.push((name.into_owned(), value.into_owned()));
        }
        Ok(found)
    }

    /// The `Idempotency-Key`, or a minted one: then each POST is a request of its own.
    ///
    /// # Errors
    /// 422 when the header cannot be a key.
    pub fn request_key(&self) -> Result<RequestKey, Problem> {
        match self.headers.get("idempotency-key") {
            None => Ok(RequestKey::mint()),
            Some(value) => {
                value.to_str().ok().map_or(Err(crate::ids::IdError::Character), RequestKey::parse).map_err(|_| {
                    Problem::field(
                        "header:Idempotency-Key",
                        "must have 1 to 255 visible ASCII characters, for example a UUID",
                    )
                })
            }
        }
    }
}

/// Collects what is wrong with several fields, so that one reply names them all.
#[derive(Default)]
pub struct Fields {
    errors: Vec<FieldError>,
}

impl Fields {
    /// Keeps the value, or notes the error under `pointer`.
    pub fn take<T, E: std::fmt::Display>(&mut self, pointer: &str, result: Result<T, E>) -> Option<T> {
        result
            .map_err(|error| self.errors.push(FieldError { pointer: pointer.to_owned(), detail: error.to_string() }))
            .ok()
    }

    /// Whether nothing was wrong.
    #[cfg(any(feature = "regulatory", feature = "workflow"))]
    pub(super) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The problem with everything that was noted.
    pub fn problem(self) -> Problem {
        Problem::fields(self.errors)
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", shorten(key).replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// serde's words without its "at line …" tail and without a value that the client sent.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    if ["invalid type", "invalid value", "unknown variant"].iter().any(|start| text.starts_with(start)) {
        let expected = text.rsplit("expected ").next().unwrap_or_default();
        return format!("must be {expected}");
    }
    shorten(text)
}

fn shorten(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
