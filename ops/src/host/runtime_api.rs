//! Lambda's Runtime API (2018-06-01), as one process of a function sees it.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::function::Failure;

/// One invocation on its way to a process.
pub(super) struct Invocation {
    pub(super) request_id: String,
    pub(super) deadline: SystemTime,
    pub(super) event: Value,
    pub(super) reply: oneshot::Sender<Result<Value, Failure>>,
}

/// The invocation a process works on.
type Current = Option<(String, oneshot::Sender<Result<Value, Failure>>)>;

#[derive(Clone)]
struct Api {
    function: String,
    queue: Arc<Mutex<mpsc::Receiver<Invocation>>>,
    current: Arc<std::sync::Mutex<Current>>,
}

/// Serves one process until the queue is dropped with the task.
pub(super) async fn serve(listener: TcpListener, function: String, queue: mpsc::Receiver<Invocation>) {
    let api = Api { function, queue: Arc::new(Mutex::new(queue)), current: Arc::default() };
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .with_state(api);
    if let Err(error) = axum::serve(listener, router).await {
        eprintln!("the Runtime API stopped: {error}");
    }
}

async fn next(State(api): State<Api>) -> Response<Body> {
    let Some(invocation) = api.queue.lock().await.recv().await else {
        return status(StatusCode::GONE);
    };
    let deadline_ms = invocation.deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let headers = [
        ("lambda-runtime-aws-request-id", invocation.request_id.clone()),
        ("lambda-runtime-deadline-ms", deadline_ms.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            format!("arn:aws:lambda:us-east-1:000000000000:function:{}", api.function),
        ),
        ("lambda-runtime-trace-id", format!("Root=1-00000000-{:024x}", deadline_ms)),
        ("content-type", "application/json".to_owned()),
    ];
    let mut response = Response::new(Body::from(invocation.event.to_string()));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    *current(&api) = Some((invocation.request_id, invocation.reply));
    response
}

async fn response(State(api): State<Api>, Path(id): Path<String>, body: Bytes) -> Response<Body> {
    let value =
        serde_json::from_slice(&body).map_err(|error| Failure::Reported(format!("its answer is not JSON: {error}")));
    finish(&api, &id, value)
}

async fn error(State(api): State<Api>, Path(id): Path<String>, _headers: HeaderMap, body: Bytes) -> Response<Body> {
    finish(&api, &id, Err(Failure::Reported(String::from_utf8_lossy(&body).into_owned())))
}

async fn init_error(State(api): State<Api>, body: Bytes) -> Response<Body> {
    eprintln!("{}: init failed: {}", api.function, String::from_utf8_lossy(&body));
    status(StatusCode::ACCEPTED)
}

fn finish(api: &Api, id: &str, result: Result<Value, Failure>) -> Response<Body> {
    let taken = {
        let mut current = current(api);
        if current.as_ref().is_some_and(|(current_id, _)| current_id == id) { current.take() } else { None }
    };
    let Some((_, reply)) = taken else { return status(StatusCode::BAD_REQUEST) };
    // The client may have given up; the function did its work all the same.
    let _client_left = reply.send(result);
    status(StatusCode::ACCEPTED)
}

fn current(api: &Api) -> std::sync::MutexGuard<'_, Current> {
    api.current.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
