//! Cross-origin requests (Fetch standard, "CORS protocol"): allowed to the origins that the operator listed, exactly, and to no other.
//!
//! Invariant: an origin is compared byte for byte; no wildcard, no reflection, no credentials (tokens travel in a header).

use lambda_http::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderValue, VARY,
};

use super::reply::Reply;
use super::request::Request;
use super::routes::allowed_methods;

const REQUEST_HEADERS: &str = "authorization, content-type, idempotency-key";
const REPLY_HEADERS: &str =
    "idempotency-replayed, link, location, ratelimit, ratelimit-policy, retry-after, x-request-id";

/// The origins that may call, as `scheme://host[:port]`.
#[derive(Clone, Debug, Default)]
pub struct AllowedOrigins(Vec<String>);

/// What is wrong with a list of origins.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no origin; write scheme://host[:port] without a path, separated by commas (no *)")]
pub struct OriginsError(String);

impl AllowedOrigins {
    /// Reads a comma-separated list.
    ///
    /// # Errors
    /// [`OriginsError`] with the first that is none.
    pub fn parse(text: &str) -> Result<Self, OriginsError> {
        let mut origins = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let is_origin = url::Url::parse(part).is_ok_and(|url| {
                // A star is a letter to the URL standard, and would be taken for a pattern by people.
                !part.contains('*')
                    && matches!(url.scheme(), "https" | "http")
                    && url.origin().ascii_serialization() == part
            });
            if !is_origin {
                return Err(OriginsError(part.chars().take(100).collect()));
            }
            origins.push(part.to_owned());
        }
        Ok(Self(origins))
    }

    /// The request's origin, when it is listed.
    fn of(&self, request: &Request) -> Option<HeaderValue> {
        let origin = request.header("origin")?;
        self.0.iter().any(|allowed| allowed == origin).then(|| HeaderValue::from_str(origin).ok()).flatten()
    }
}

/// What a reply to a request says about origins; made before the request is consumed.
pub(super) struct Cors {
    origin: Option<HeaderValue>,
    /// The answer to a browser's question before the request proper.
    pub(super) preflight: Option<Reply>,
}

impl Cors {
    pub(super) fn of(allowed: &AllowedOrigins, request: &Request) -> Self {
        let origin = allowed.of(request);
        let asks = request.method() == "OPTIONS" && request.header("access-control-request-method").is_some();
        let methods = allowed_methods(request.path());
        let preflight = (asks && origin.is_some() && !methods.is_empty()).then(|| {
            let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
            Reply::no_content()
                .header(ACCESS_CONTROL_ALLOW_METHODS, value(&methods))
                .header(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS))
                .header(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"))
        });
        Self { origin, preflight }
    }

    /// The reply with what a browser needs to show it to the page.
    pub(super) fn on(self, reply: Reply) -> Reply {
        let reply = reply.header(VARY, HeaderValue::from_static("origin"));
        match self.origin {
            None => reply,
            Some(origin) => reply
                .header(ACCESS_CONTROL_ALLOW_ORIGIN, origin)
                .header(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(REPLY_HEADERS)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_origins_are_taken() {
        assert!(AllowedOrigins::parse("https://app.example.org, http://127.0.0.1:8080").is_ok());
        assert!(AllowedOrigins::parse("").is_ok());
        for bad in [
            "*",
            "https://*.example.org",
            "https://example.org/",
            "https://example.org/x",
            "null",
            "example.org",
            "https://example.org:443",
            "HTTPS://example.org",
            "ftp://example.org",
            "https://user@example.org",
        ] {
            assert!(AllowedOrigins::parse(bad).is_err(), "{bad}");
        }
    }
}
