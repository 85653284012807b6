//! Lambda's Runtime API (2018-06-01), as one process of a function sees it.
//!
//! Invariants: it serves one process and hands out one invocation at a time; an invocation's deadline begins when it is
//! taken, so that a cold start is not counted against it. Whoever speaks the protocol can be served: a test does it
//! without a process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::function::Failure;
use super::lock;
use crate::{OpsError, Result};

/// Lambda's limit for the payload of a synchronous invocation and for its answer: 6 MB and a little for the envelope.
pub(super) const MAX_PAYLOAD_BYTES: usize = 6 * 1024 * 1024 + 100;
/// What stands between the head and the body of a streamed answer.
const STREAM_SEPARATOR: [u8; 8] = [0; 8];

/// What a function made of an invocation.
pub(super) type Outcome = std::result::Result<Value, Failure>;

/// One invocation on its way to a process.
pub(super) struct Invocation {
    request_id: Uuid,
    time_limit: Duration,
    event: String,
    taken: oneshot::Sender<()>,
    reply: oneshot::Sender<Outcome>,
}

/// The invoker's side of an invocation.
pub(super) struct Pending {
    /// Resolves when the process takes the invocation.
    pub(super) taken: oneshot::Receiver<()>,
    /// Resolves when the process answers; an error when it asks for the next invocation instead.
    pub(super) answer: oneshot::Receiver<Outcome>,
}

impl Invocation {
    pub(super) fn new(request_id: Uuid, time_limit: Duration, event: String) -> (Self, Pending) {
        let (taken, is_taken) = oneshot::channel();
        let (reply, answer) = oneshot::channel();
        (Self { request_id, time_limit, event, taken, reply }, Pending { taken: is_taken, answer })
    }
}

/// The Runtime API of one process; ends when dropped.
pub(super) struct RuntimeApi {
    address: SocketAddr,
    queue: mpsc::Sender<Invocation>,
    initialisation: Initialisation,
    server: JoinHandle<()>,
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// How far the process came with its initialisation. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Initialisation {
    is_ready: Arc<AtomicBool>,
    error: Arc<std::sync::Mutex<Option<String>>>,
}

impl Initialisation {
    /// Whether it ever asked for an invocation.
    pub(super) fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::Acquire)
    }

    /// The error it reported.
    pub(super) fn error(&self) -> Option<String> {
        lock(&self.error).clone()
    }
}

/// The invocation the process works on.
type Current = Option<(Uuid, oneshot::Sender<Outcome>)>;

#[derive(Clone)]
struct Api {
    function: String,
    queue: Arc<Mutex<mpsc::Receiver<Invocation>>>,
    current: Arc<std::sync::Mutex<Current>>,
    initialisation: Initialisation,
}

impl RuntimeApi {
    /// Listens on a loopback port of its own.
    pub(super) async fn start(function: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(OpsError::io("no port for the Runtime API"))?;
        let address = listener.local_addr().map_err(OpsError::io("no port for the Runtime API"))?;
        let (queue, receiver) = mpsc::channel(1);
        let initialisation = Initialisation::default();
        let api = Api {
            function: function.to_owned(),
            queue: Arc::new(Mutex::new(receiver)),
            current: Arc::default(),
            initialisation: initialisation.clone(),
        };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(api);
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the Runtime API stopped: {error}");
            }
        });
        Ok(Self { address, queue, initialisation, server })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn initialisation(&self) -> &Initialisation {
        &self.initialisation
    }

    /// Leaves an invocation for the process; a queue that has ended drops it, which its `Pending` shows.
    pub(super) async fn submit(&self, invocation: Invocation) {
        let _shown_by_pending = self.queue.send(invocation).await;
    }
}

async fn next(State(api): State<Api>) -> Response<Body> {
    api.initialisation.is_ready.store(true, Ordering::Release);
    // Whatever it worked on is given up; the invoker learns it from the dropped sender.
    lock(&api.current).take();
    let Some(invocation) = api.queue.lock().await.recv().await else {
        return status(StatusCode::GONE);
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let headers = [
        ("lambda-runtime-aws-request-id", invocation.request_id.to_string()),
        ("lambda-runtime-deadline-ms", (now + invocation.time_limit).as_millis().to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            format!("arn:aws:lambda:us-east-1:000000000000:function:{}", api.function),
        ),
        ("lambda-runtime-trace-id", trace_id(now, invocation.request_id)),
        ("content-type", "application/json".to_owned()),
    ];
    let mut response = Response::new(Body::from(invocation.event));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    *lock(&api.current) = Some((invocation.request_id, invocation.reply));
    let _invoker_left = invocation.taken.send(());
    response
}

/// X-Ray's form: seconds and 96 bits, both hexadecimal.
fn trace_id(now: Duration, request_id: Uuid) -> String {
    let (_, low) = request_id.as_u64_pair();
    format!("Root=1-{:08x}-{low:024x};Sampled=0", now.as_secs())
}

async fn response(State(api): State<Api>, Path(id): Path<Uuid>, headers: HeaderMap, body: Body) -> Response<Body> {
    let Ok(body) = to_bytes(body, MAX_PAYLOAD_BYTES).await else {
        finish(&api, id, Err(Failure::Reported("its answer exceeds 6 MB".to_owned())));
        return status(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let mode = headers.get("lambda-runtime-function-response-mode");
    let answer = if mode.is_some_and(|mode| mode.as_bytes() == b"streaming") {
        collected(&body)
    } else {
        serde_json::from_slice(&body).map_err(|error| Failure::Reported(format!("its answer is not JSON: {error}")))
    };
    finish(&api, id, answer)
}

/// A streamed answer (head as JSON, eight zero bytes, body) in the buffered form: an HTTP API does not stream.
fn collected(streamed: &Bytes) -> Outcome {
    let malformed = || Failure::Reported("its streamed answer has no head".to_owned());
    let end = streamed.windows(STREAM_SEPARATOR.len()).position(|window| window == STREAM_SEPARATOR);
    let end = end.ok_or_else(malformed)?;
    let mut answer: Value = serde_json::from_slice(&streamed[..end]).map_err(|_| malformed())?;
    let fields = answer.as_object_mut().ok_or_else(malformed)?;
    fields.insert("body".to_owned(), json!(STANDARD.encode(&streamed[end + STREAM_SEPARATOR.len()..])));
    fields.insert("isBase64Encoded".to_owned(), json!(true));
    Ok(answer)
}

async fn error(State(api): State<Api>, Path(id): Path<Uuid>, body: Bytes) -> Response<Body> {
    finish(&api, id, Err(Failure::Reported(String::from_utf8_lossy(&body).into_owned())))
}

async fn init_error(State(api): State<Api>, body: Bytes) -> Response<Body> {
    *lock(&api.initialisation.error) = Some(String::from_utf8_lossy(&body).into_owned());
    status(StatusCode::ACCEPTED)
}

fn finish(api: &Api, id: Uuid, outcome: Outcome) -> Response<Body> {
    let reply = lock(&api.current).take_if(|(current, _)| *current == id);
    let Some((_, reply)) = reply else { return status(StatusCode::BAD_REQUEST) };
    let _invoker_left = reply.send(outcome);
    status(StatusCode::ACCEPTED)
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Client {
        base: String,
        http: reqwest::Client,
    }

    async fn api_and_client() -> (RuntimeApi, Client) {
        let api = RuntimeApi::start("login").await.expect("a listener");
        let base = format!("http://{}/2018-06-01/runtime", api.address());
        (api, Client { base, http: reqwest::Client::new() })
    }

    impl Client {
        async fn next(&self) -> reqwest::Response {
            self.http.get(format!("{}/invocation/next", self.base)).send().await.expect("an invocation")
        }

        async fn post(&self, path: &str, body: Vec<u8>, mode: Option<&str>) -> u16 {
            let mut request = self.http.post(format!("{}/{path}", self.base)).body(body);
            if let Some(mode) = mode {
                request = request.header("lambda-runtime-function-response-mode", mode);
            }
            request.send().await.expect("a reply").status().as_u16()
        }
    }

    fn invocation() -> (Uuid, Invocation, Pending) {
        let id = Uuid::new_v4();
        let (invocation, pending) = Invocation::new(id, Duration::from_secs(3), r#"{"a":1}"#.to_owned());
        (id, invocation, pending)
    }

    #[tokio::test]
    async fn an_invocation_is_taken_with_its_headers_and_answered_once() {
        let (api, client) = api_and_client().await;
        let (id, invocation, pending) = invocation();
        assert!(!api.initialisation().is_ready());
        api.submit(invocation).await;
        let taken = client.next().await;
        pending.taken.await.expect("taken");
        assert!(api.initialisation().is_ready());
        let headers = taken.headers().clone();
        let header = |name: &str| headers[name].to_str().expect("text").to_owned();
        assert_eq!(header("lambda-runtime-aws-request-id"), id.to_string());
        assert_eq!(
            header("lambda-runtime-invoked-function-arn"),
            "arn:aws:lambda:us-east-1:000000000000:function:login"
        );
        let deadline: u128 = header("lambda-runtime-deadline-ms").parse().expect("a number");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("now").as_millis();
        assert!((now..=now + 3_000).contains(&deadline), "{deadline} is within three seconds of {now}");
        assert!(header("lambda-runtime-trace-id").starts_with("Root=1-"));
        assert_eq!(taken.text().await.expect("the event"), r#"{"a":1}"#);

        let path = format!("invocation/{id}/response");
        assert_eq!(client.post(&path, br#"{"b":2}"#.to_vec(), None).await, 202);
        assert_eq!(pending.answer.await.expect("an outcome"), Ok(json!({"b": 2})));
        assert_eq!(client.post(&path, b"{}".to_vec(), None).await, 400, "it was answered before");
    }

    #[tokio::test]
    async fn an_error_and_an_oversized_or_streamed_answer_reach_the_invoker() {
        let (api, client) = api_and_client().await;
        let cases = [
            ("error", b"boom".to_vec(), None, 202, Err(Failure::Reported("boom".to_owned()))),
            (
                "response",
                vec![b'x'; MAX_PAYLOAD_BYTES + 1],
                None,
                413,
                Err(Failure::Reported("its answer exceeds 6 MB".to_owned())),
            ),
            (
                "response",
                b"{\"statusCode\":200}\0\0\0\0\0\0\0\0hi".to_vec(),
                Some("streaming"),
                202,
                Ok(json!({"statusCode": 200, "body": "aGk=", "isBase64Encoded": true})),
            ),
            (
                "response",
                b"no head".to_vec(),
                Some("streaming"),
                202,
                Err(Failure::Reported("its streamed answer has no head".to_owned())),
            ),
        ];
        for (path, body, mode, status, outcome) in cases {
            let (id, invocation, pending) = invocation();
            api.submit(invocation).await;
            client.next().await;
            assert_eq!(client.post(&format!("invocation/{id}/{path}"), body, mode).await, status);
            assert_eq!(pending.answer.await.expect("an outcome"), outcome);
        }
    }

    #[tokio::test]
    async fn an_invocation_that_is_skipped_is_not_waited_for() {
        let (api, client) = api_and_client().await;
        let (_, first, skipped) = invocation();
        api.submit(first).await;
        client.next().await;
        let (_, second, pending) = invocation();
        api.submit(second).await;
        client.next().await;
        assert!(skipped.answer.await.is_err());
        pending.taken.await.expect("taken");
    }

    #[tokio::test]
    async fn an_init_error_is_kept() {
        let (api, client) = api_and_client().await;
        assert_eq!(client.post("init/error", b"JWT_SECRET_KEY is missing".to_vec(), None).await, 202);
        assert_eq!(api.initialisation().error().as_deref(), Some("JWT_SECRET_KEY is missing"));
        assert!(!api.initialisation().is_ready());
    }
}
