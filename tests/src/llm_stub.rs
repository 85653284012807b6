//! A model that behaves as told, behind the three providers' protocols, on loopback.
//!
//! It notes every request, so that a test can look for what must not have left.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the model does with a request.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// Answers as asked.
    Good,
    /// Says this text, whatever it was asked, in the provider's form.
    Says(String),
    /// Sends these bytes.
    Raw {
        /// The HTTP status.
        status: u16,
        /// More headers, a line each.
        headers: &'static [&'static str],
        /// The body.
        body: Vec<u8>,
    },
    /// Never answers.
    Hangs,
    /// Sends a byte every 200 ms.
    Drips,
    /// Ends the connection in the middle of the answer.
    Cuts,
    /// Fails so many times with this status, then answers.
    Recovers(u32, u16),
    /// Answers so many times, then its key has expired.
    Expires(u32),
}

impl Behaviour {
    /// An HTTP error.
    pub fn status(status: u16) -> Self {
        Self::Raw { status, headers: &[], body: b"{\"error\": {\"message\": \"no\"}}".to_vec() }
    }
}

/// The server; ends with the value.
pub struct LlmStub {
    port: u16,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    behaviour: Mutex<Behaviour>,
    requests: Mutex<Vec<String>>,
}

impl Drop for LlmStub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl LlmStub {
    /// Starts it on a free port.
    pub async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared { behaviour: Mutex::new(behaviour), requests: Mutex::default() });
        let served = shared.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let served = served.clone();
                tokio::spawn(async move { serve(stream, &served).await });
            }
        });
        Self { port, shared, task }
    }

    /// What it does from now on.
    pub fn behave(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().expect("free") = behaviour;
    }

    /// The requests so far, with their bodies; forgotten by the call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.requests.lock().expect("free"))
    }

    /// The environment of a function that asks it as `provider`.
    pub fn environment(&self, provider: &str) -> Vec<(String, String)> {
        environment(provider, &self.base_url(provider), "stub-model")
    }

    /// Where it speaks a provider's protocol.
    pub fn base_url(&self, provider: &str) -> String {
        let path = if provider == "bedrock" { "" } else { "/v1" };
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

/// The environment of a function that asks `provider` at an address. The keys open nothing.
pub fn environment(provider: &str, base_url: &str, model: &str) -> Vec<(String, String)> {
    let pairs = [
        ("LLM_PROVIDER", provider),
        ("LLM_MODEL", model),
        ("LLM_BASE_URL", base_url),
        ("LLM_API_KEY", "not-a-key"),
        ("LLM_STEP_MS", "2500"),
        ("AWS_ACCESS_KEY_ID", "not-a-key"),
        ("AWS_SECRET_ACCESS_KEY", "not-a-key"),
        ("AWS_REGION", "us-east-1"),
    ];
    // Bedrock is asked with the role of the function, as it is deployed.
    let needed = pairs.into_iter().filter(|(name, _)| !(provider == "bedrock" && *name == "LLM_API_KEY"));
    needed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

async fn serve(mut stream: TcpStream, shared: &Shared) {
    while let Some((path, body)) = request(&mut stream).await {
        shared.requests.lock().expect("free").push(format!("{path}\n{body}"));
        let behaviour = {
            let mut behaviour = shared.behaviour.lock().expect("free");
            let now = behaviour.clone();
            match now {
                Behaviour::Recovers(left, status) => {
                    *behaviour = if left <= 1 { Behaviour::Good } else { Behaviour::Recovers(left - 1, status) };
                }
                Behaviour::Expires(left) => *behaviour = Behaviour::Expires(left.saturating_sub(1)),
                _ => {}
            }
            now
        };
        let asked: Value = serde_json::from_str(&body).unwrap_or_default();
        let whole = |text: &str| answer(&path, text, &asked).to_string().into_bytes();
        let sent = match behaviour {
            Behaviour::Expires(0) => send(&mut stream, 401, &[], b"{}").await,
            Behaviour::Good | Behaviour::Expires(_) => send(&mut stream, 200, &[], &whole(&good(&asked))).await,
            Behaviour::Says(text) => send(&mut stream, 200, &[], &whole(&text)).await,
            Behaviour::Raw { status, headers, body } => send(&mut stream, status, headers, &body).await,
            Behaviour::Recovers(_, status) => send(&mut stream, status, &[], b"{}").await,
            Behaviour::Hangs => std::future::pending().await,
            Behaviour::Drips => drip(&mut stream, &whole(&good(&asked))).await,
            Behaviour::Cuts => {
                let body = whole(&good(&asked));
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                let _gone = stream.write_all(head.as_bytes()).await;
                let _gone = stream.write_all(&body[..body.len() / 2]).await;
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Path and body of the next request on a connection.
async fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        let mut part = [0_u8; 8192];
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let path = head.split(' ').nth(1)?.to_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    while bytes.len() < end + length {
        let mut part = [0_u8; 8192];
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
    }
    Some((path, String::from_utf8_lossy(&bytes[end..end + length]).into_owned()))
}

async fn send(stream: &mut TcpStream, status: u16, headers: &[&str], body: &[u8]) -> std::io::Result<()> {
    let own = headers.iter().any(|line| line.starts_with("content-type"));
    let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
    if !own {
        head.push_str("content-type: application/json\r\n");
    }
    for line in headers {
        head.push_str(line);
        head.push_str("\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).await?;
    stream.write_all(body).await
}

async fn drip(stream: &mut TcpStream, body: &[u8]) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await?;
    for byte in body {
        stream.write_all(std::slice::from_ref(byte)).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

/// The text in the form of the provider whose path was asked; for Bedrock a JSON text is the call of the tool.
fn answer(path: &str, text: &str, asked: &Value) -> Value {
    if path.ends_with("/converse") {
        let input = serde_json::from_str::<Value>(text).ok().filter(|_| asked["toolConfig"].is_object());
        let block = match input {
            Some(input) => json!({ "toolUse": { "toolUseId": "t1", "name": "answer", "input": input } }),
            None => json!({ "text": text }),
        };
        return json!({
            "output": { "message": { "role": "assistant", "content": [block] } }, "stopReason": "end_turn",
            "usage": { "inputTokens": 120, "outputTokens": 30, "totalTokens": 150 }, "metrics": { "latencyMs": 5 },
        });
    }
    if path.ends_with("/messages") {
        return json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "stub-model", "stop_reason": "end_turn",
            "stop_sequence": null, "content": [{ "type": "text", "text": text }],
            "usage": { "input_tokens": 120, "output_tokens": 30 },
        });
    }
    json!({
        "id": "c1", "object": "chat.completion", "created": 1, "model": "stub-model",
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": text } }],
        "usage": { "prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150 },
    })
}

/// What a good model says: the same whoever provides it.
fn good(asked: &Value) -> String {
    let everything = asked.to_string();
    if everything.contains("You help to sort messages") {
        return json!({ "intent": "appeal_denial", "plan_type": null, "plan_words": null }).to_string();
    }
    if everything.contains("You put the steps") {
        return json!({ "actions": ["write_appeal", "doctor_letter"] }).to_string();
    }
    let opening = if everything.contains("\\\"language\\\":\\\"Spanish\\\"") {
        "Entiendo que esta carta es una preocupación grande. Vamos a verla juntos."
    } else {
        OPENING
    };
    json!({ "opening": opening }).to_string()
}

/// How a good model begins a reply in English.
pub const OPENING: &str = "I understand how upsetting a letter like this is. Let us look at it together.";
