//! Replies: JSON whose bytes are also safe inside HTML, with the headers that every reply of a health product carries.

use lambda_http::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LINK, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
#[cfg(feature = "workflow")]
use lambda_http::http::header::{LOCATION, RETRY_AFTER};
use lambda_http::http::{HeaderMap, StatusCode};
use lambda_http::{Body, Response};
use serde::Serialize;

use super::page::next_target;
use crate::conversations::{HistoryPage, HistoryQuery};
use crate::json::render;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// A reply on its way out.
#[derive(Clone)]
#[cfg_attr(test, derive(Debug))]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    /// 200 with a JSON body.
    pub fn ok(body: &impl Serialize) -> Self {
        Self::json(StatusCode::OK, JSON, body)
    }

    /// 201 with a JSON body.
    pub fn created(body: &impl Serialize) -> Self {
        Self::json(StatusCode::CREATED, JSON, body)
    }

    /// 200 with a turn's answer, or 202 when it goes on later: `Location` shows the progress, `Retry-After` says when to ask
    /// again.
    #[cfg(feature = "workflow")]
    pub fn turn(turn: crate::workflow::Turn) -> Self {
        match turn {
            crate::workflow::Turn::Answered(answer) => Self::answer(answer),
            crate::workflow::Turn::Accepted(accepted) => {
                let seconds = accepted.retry_after_ms().div_ceil(1_000).max(1);
                let reply =
                    Self::json(StatusCode::ACCEPTED, JSON, &accepted).header(RETRY_AFTER, HeaderValue::from(seconds));
                match HeaderValue::try_from(accepted.location()) {
                    Ok(location) => reply.header(LOCATION, location),
                    Err(_) => reply,
                }
            }
        }
    }

    /// 204: it is done, and there is nothing to say.
    pub fn no_content() -> Self {
        Self { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), body: String::new() }
    }

    #[cfg(feature = "password")]
    pub(super) fn json_of(status: StatusCode, body: &impl Serialize) -> Self {
        Self::json(status, JSON, body)
    }

    /// 202: it is done, and what is under way finds out soon.
    pub fn accepted(body: &impl Serialize) -> Self {
        Self::json(StatusCode::ACCEPTED, JSON, body)
    }

    /// 200 with a turn's answer, byte for byte as it was stored.
    #[cfg(feature = "workflow")]
    fn answer(answer: crate::workflow::TurnAnswer) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, JSON);
        if answer.replayed {
            headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
        }
        Self { status: StatusCode::OK, headers, body: answer.response }
    }

    pub(super) fn problem(status: StatusCode, body: &impl Serialize) -> Self {
        Self::json(status, PROBLEM_JSON, body)
    }

    fn json(status: StatusCode, content_type: HeaderValue, body: &impl Serialize) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type);
        match render(body) {
            Ok(body) => Self { status, headers, body },
            Err(error) => {
                tracing::error!(%error, "a reply could not be rendered");
                Self { status: StatusCode::INTERNAL_SERVER_ERROR, headers, body: "{}".to_owned() }
            }
        }
    }

    /// A body that is no JSON.
    #[cfg(feature = "regulatory")]
    pub(super) fn text(status: StatusCode, headers: HeaderMap, body: String) -> Self {
        Self { status, headers, body }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// 200 with a page, and `Link: <…>; rel="next"` (RFC 8288) when there are older messages.
    pub fn page(query: &HistoryQuery, page: &HistoryPage) -> Self {
        let link =
            next_target(query, page).and_then(|target| HeaderValue::try_from(format!("<{target}>; rel=\"next\"")).ok());
        match link {
            Some(link) => Self::ok(page).header(LINK, link),
            None => Self::ok(page),
        }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn into_response(self, request_id: &str) -> Response<Body> {
        let mut response = Response::new(if self.body.is_empty() { Body::Empty } else { Body::Text(self.body) });
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        *headers = self.headers;
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
        );
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
        response
    }
}
