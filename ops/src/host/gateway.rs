//! The HTTP side: what API Gateway does with a request, its limits and its own error answers.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response, StatusCode};
use tokio::net::TcpListener;

use super::event;
use super::function::{Failure, Function};
use super::routes::RouteTable;

/// API Gateway's limit for a body; Lambda's for a request is 6 MB.
const MAX_BODY_BYTES: usize = 6 * 1024 * 1024;

#[derive(Clone)]
struct Gateway {
    routes: Arc<RouteTable>,
    functions: Arc<BTreeMap<String, Function>>,
}

pub(super) async fn serve(listener: TcpListener, routes: RouteTable, functions: Arc<BTreeMap<String, Function>>) {
    let gateway = Gateway { routes: Arc::new(routes), functions };
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
    let event = event::of_request(&parts.method, &parts.uri, &parts.headers, &body, &target, &client.ip().to_string());
    match function.invoke(event).await {
        Ok(value) => event::to_response(&value)
            .unwrap_or_else(|| gateway_error(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
        Err(Failure::TimedOut) => gateway_error(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        Err(Failure::Crashed(_) | Failure::Reported(_)) => {
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
