//! The HTTP side: what API Gateway does with a request, its limits and its own error answers.
//!
//! Invariant: whatever a function does, the client gets an answer within the gateway's time limit.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::event;
use super::function::{Failure, Function};
use super::routes::RouteTable;
use super::runtime_api::MAX_PAYLOAD_BYTES;

/// API Gateway's limit for a body. Lambda's limit for the event that carries it is lower, but counts other bytes.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// How long API Gateway waits for a function; the function goes on.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);
/// Replaces the function's timeout for one request, where a test asked for that.
const DEADLINE_HEADER: &str = "x-local-deadline-ms";

/// What answers requests. Cheap to clone.
#[derive(Clone)]
pub(super) struct Gateway {
    routes: Arc<RouteTable>,
    functions: Arc<BTreeMap<String, Function>>,
    honours_deadline_header: bool,
}

impl Gateway {
    pub(super) fn new(
        routes: RouteTable,
        functions: Arc<BTreeMap<String, Function>>,
        honours_deadline_header: bool,
    ) -> Self {
        Self { routes: Arc::new(routes), functions, honours_deadline_header }
    }

    fn time_limit(&self, headers: &HeaderMap) -> Option<Duration> {
        let header = headers.get(DEADLINE_HEADER).filter(|_| self.honours_deadline_header)?;
        header.to_str().ok()?.parse().ok().map(Duration::from_millis)
    }
}

pub(super) async fn serve(listener: TcpListener, gateway: Gateway) {
    let service =
        Router::new().fallback(answer).with_state(gateway).into_make_service_with_connect_info::<SocketAddr>();
    if let Err(error) = axum::serve(listener, service).await {
        eprintln!("the local host stopped serving: {error}");
    }
}

async fn answer(
    State(gateway): State<Gateway>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return gateway_error(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long");
    };
    let target = gateway.routes.target(parts.method.as_str(), parts.uri.path());
    let Some(function) = gateway.functions.get(&target.function) else {
        return gateway_error(StatusCode::NOT_FOUND, "Not Found");
    };
    let source_ip = client.ip().to_string();
    let event = event::of_request(&parts.method, &parts.uri, &parts.headers, &body, &target, &source_ip).to_string();
    if event.len() > MAX_PAYLOAD_BYTES {
        return gateway_error(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long");
    }
    let outcome = timeout(INTEGRATION_TIMEOUT, function.invoke(event, gateway.time_limit(&parts.headers))).await;
    match outcome.unwrap_or(Err(Failure::TimedOut)) {
        Ok(value) => event::to_response(&value)
            .unwrap_or_else(|| gateway_error(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
        Err(Failure::TimedOut) => gateway_error(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        Err(Failure::Crashed(_) | Failure::InitFailed(_) | Failure::Reported(_)) => {
            gateway_error(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
    }
}

fn gateway_error(status: StatusCode, message: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!(r#"{{"message":"{message}"}}"#)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
