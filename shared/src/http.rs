//! The edge: from an API Gateway event to a handler and back.
//!
//! Invariants: every request gets an id, a deadline and a reply; every error leaves as RFC 9457 problem details with a
//! code of one table; a panic is a 500 that says nothing; nothing runs after the reply is returned, because a frozen
//! environment would thaw in the middle of it.

#[cfg(feature = "password")]
mod account;
mod cors;
#[cfg(feature = "regulatory")]
mod last_day;
mod page;
mod problem;
#[cfg(feature = "regulatory")]
mod regulatory;
mod reply;
mod request;
mod router;
mod routes;
#[cfg(feature = "workflow")]
mod turn;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use lambda_http::{Body, Error, RequestExt as _, Response, service_fn};
use serde_json::{Map, Value};
use tracing::Instrument as _;

pub use cors::{AllowedOrigins, OriginsError};
pub use problem::{Code, FieldError, Problem};
pub use reply::Reply;
pub use request::{Fields, Request};
pub use router::Router;
pub use routes::{Access, ROUTES, Role, Route, allowed_methods};

use crate::app::App;
use crate::clock::REPLY_RESERVE;
use crate::config::ConfigError;
use crate::telemetry::metrics::{Invocation, Metric, Metrics};

/// Serves `router` until the environment ends. `load` runs during Lambda's init phase.
///
/// # Errors
/// When the configuration is wrong or the database role is unsafe: the environment must not serve. The text lists every
/// problem.
pub async fn run<L>(load: impl FnOnce() -> L, router: Router) -> Result<(), Error>
where
    L: Future<Output = Result<App, StartError>>,
{
    let app = load().await.inspect_err(StartError::print)?;
    let (app, router) = (&app, &router);
    lambda_http::run(service_fn(move |event: lambda_http::Request| async move {
        let invocation = event.lambda_context_ref().map_or_else(Invocation::unknown, Invocation::begin);
        Ok::<_, Error>(serve(app, router, event, &invocation).instrument(invocation.span()).await)
    }))
    .await
}

async fn serve(app: &App, router: &Router, event: lambda_http::Request, invocation: &Invocation) -> Response<Body> {
    let request = Request::from_event(event, &invocation.request_id, REPLY_RESERVE);
    let (method, route) = (request.method().to_string(), request.route_for_log());
    tracing::debug!(method, route, "request");
    let mut cors = cors::Cors::of(app.allowed_origins(), &request);
    let answer = AssertUnwindSafe(answer(app, router, request, cors.preflight.take())).catch_unwind().await;
    let reply = match answer.unwrap_or_else(|_| Err(Problem::new(Code::InternalError))) {
        Ok(reply) => reply,
        Err(problem) => {
            if problem.code() == Code::RefreshTokenReused {
                app.metrics().add(Metric::RefreshTokensReused, 1);
            }
            tracing::debug!(code = problem.code().as_str(), "refused");
            problem.into_reply(&invocation.request_id)
        }
    };
    report(app.metrics(), invocation, &method, route, reply.status().as_u16());
    cors.on(reply).into_response(&invocation.request_id)
}

fn report(metrics: &Metrics, invocation: &Invocation, method: &str, route: &str, status: u16) {
    metrics.add(Metric::ServerErrors, u8::from(status >= 500));
    metrics.add(Metric::RateLimited, u8::from(status == 429));
    // A request that is refused has nothing to store.
    if method != "GET" && !(400..500).contains(&status) {
        metrics.persisted(status < 400);
    }
    let properties: [(&str, Value); 3] =
        [("method", method.into()), ("route", route.into()), ("status", status.into())];
    invocation.end(metrics, Map::from_iter(properties.map(|(name, value)| (name.to_owned(), value))));
}

async fn answer(app: &App, router: &Router, request: Request, preflight: Option<Reply>) -> Result<Reply, Problem> {
    match preflight {
        Some(reply) => Ok(reply),
        None => router.dispatch(app.clone(), request).await,
    }
}

/// Why a function does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The environment is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database role could see past row-level security, or TLS cannot be set up.
    #[error("{0}")]
    Unsafe(String),
}

impl StartError {
    pub(crate) fn print(&self) {
        tracing::error!("this function refuses to start: {self}");
    }
}
