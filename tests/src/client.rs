//! A client of the API that holds every reply against openapi.yaml and the promises for all replies.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::contract;

/// A client of one product.
#[derive(Clone)]
pub struct Api {
    url: String,
    http: reqwest::Client,
}

/// A reply.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's bytes as text.
    pub text: String,
    /// The body.
    pub json: Value,
}

/// A registered person with a token.
#[derive(Clone, Debug)]
pub struct Person {
    /// The address.
    pub email: String,
    /// The id.
    pub id: String,
    /// The access token.
    pub token: String,
    /// The refresh token.
    pub refresh: String,
}

/// The password of everybody the tests register.
pub const PASSWORD: &str = "plain words for a test";

/// A request that is being put together.
pub struct Call {
    api: Api,
    method: reqwest::Method,
    path: String,
    request: reqwest::RequestBuilder,
}

impl Api {
    /// A client of the product at `url`.
    pub fn new(url: String) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build().expect("a client");
        Self { url, http }
    }

    /// The same product, called from another loopback address: to the gateway another client.
    #[must_use]
    pub fn from_address(&self, address: std::net::IpAddr) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).local_address(address);
        Self { url: self.url.clone(), http: http.build().expect("a client") }
    }

    /// A request without a body.
    pub fn call(&self, method: &str, path: &str) -> Call {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let request = self.http.request(method.clone(), format!("{}{path}", self.url));
        Call { api: self.clone(), method, path: path.to_owned(), request }
    }

    /// `GET path`.
    pub fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    /// `POST path` with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Call {
        self.call("POST", path).raw("application/json", body.to_string().into_bytes())
    }

    /// Registers somebody new.
    pub async fn person(&self) -> Person {
        let email = format!("person-{}@example.org", Uuid::new_v4());
        let body = json!({ "email": email, "password": PASSWORD, "full_name": "Ana Pérez" });
        let mut answer = self.post("/register", &body).send().await;
        // A machine with too much to do may not get its first connection in time; the same request is safe again.
        while answer.status == 503 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            answer = self.post("/register", &body).send().await;
        }
        assert_eq!(answer.status, 201, "{}", answer.text);
        let text = |pointer: &str| answer.json.pointer(pointer).and_then(Value::as_str).expect("text").to_owned();
        Person { email, id: text("/user/id"), token: text("/access_token"), refresh: text("/refresh_token") }
    }

    /// Asks a question in a conversation.
    pub fn ask(&self, person: &Person, conversation: &str, message: &str) -> Call {
        let body = json!({ "message": message, "conversation_id": conversation });
        self.post("/chat/navigator", &body).token(&person.token)
    }

    /// The run of a conversation: under way, or the last one.
    pub async fn run(&self, person: &Person, conversation: &str) -> Answer {
        self.get(&format!("/conversations/{conversation}/workflow")).token(&person.token).send().await
    }

    /// Asks for the run of a conversation to be cancelled.
    pub async fn cancel(&self, person: &Person, conversation: &str) -> Answer {
        let path = format!("/conversations/{conversation}/workflow/cancel");
        self.call("POST", &path).token(&person.token).send().await
    }

    /// The messages of a conversation: role and content, oldest first; `seq` has no gap.
    pub async fn messages(&self, person: &Person, conversation: &str) -> Vec<(String, String)> {
        let path = format!("/conversations/{conversation}/history?limit=100");
        let answer = self.get(&path).token(&person.token).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let messages = answer.json["messages"].as_array().expect("messages");
        for (index, message) in messages.iter().enumerate().skip(1) {
            let before = messages[index - 1]["seq"].as_i64().expect("a number");
            assert_eq!(message["seq"].as_i64(), Some(before + 1), "a gap: {}", answer.text);
        }
        let text = |message: &Value, name: &str| message[name].as_str().expect("text").to_owned();
        messages.iter().map(|message| (text(message, "role"), text(message, "content"))).collect()
    }

    /// `messages`, of which each question is followed by its answer.
    pub async fn turns(&self, person: &Person, conversation: &str) -> Vec<(String, String)> {
        let messages = self.messages(person, conversation).await;
        assert_eq!(messages.len() % 2, 0, "{messages:?}");
        let pairs = messages.chunks(2).map(|pair| {
            assert_eq!((pair[0].0.as_str(), pair[1].0.as_str()), ("user", "assistant"), "{messages:?}");
            (pair[0].1.clone(), pair[1].1.clone())
        });
        pairs.collect()
    }
}

impl Call {
    /// With a token.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With an Idempotency-Key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With a header whose value need not be ASCII.
    #[must_use]
    pub fn header_value(mut self, name: &str, value: HeaderValue) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With a body of any kind.
    #[must_use]
    pub fn raw(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.request = self.request.header(CONTENT_TYPE, content_type).body(body);
        self
    }

    /// Sends; the reply must be one that openapi.yaml allows.
    pub async fn send(self) -> Answer {
        let (method, path) = (self.method.to_string(), self.path.clone());
        let answer = self.send_unjudged().await;
        let content_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        contract::judge(&method, &path, answer.status, content_type, &answer.json);
        for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff")] {
            assert_eq!(answer.headers.get(name).and_then(|value| value.to_str().ok()), Some(value), "{method} {path}");
        }
        assert!(answer.headers.contains_key("x-request-id"), "{method} {path}");
        answer
    }

    /// Sends; the gateway's own answers (a function that died) are allowed too.
    pub async fn send_unjudged(self) -> Answer {
        drop(self.api);
        let response = self.request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a body");
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, text, json }
    }
}

/// Sends a request again and again, each time after as long as the answer before says, until it is 200. Every answer, in
/// their order. A function that died says nothing: then it is sent again at once.
pub async fn persist(request: impl Fn() -> Call) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    while answers.len() < 40 {
        let answer = request().send_unjudged().await;
        let (status, pause) = (answer.status, answer.retry_after());
        assert!(matches!(status, 200 | 202 | 409 | 500 | 503), "{status}: {}", answer.text);
        assert!(
            matches!(status, 200 | 500) || pause.is_some(),
            "{status} does not say when to ask again: {}",
            answer.text
        );
        answers.push(answer);
        if status == 200 {
            return answers;
        }
        tokio::time::sleep(pause.unwrap_or_default()).await;
    }
    panic!("never answered: {:?}", answers.last());
}

impl Answer {
    /// How long to wait before the request is sent again.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get("retry-after")?.to_str().ok()?.parse().ok()?;
        Some(Duration::from_secs(seconds))
    }

    /// The names of the steps that are done, of a reply that has them.
    pub fn steps(&self) -> Vec<&str> {
        let steps = self.json["workflow"]["steps"].as_array().or(self.json["steps"].as_array()).expect("steps");
        steps.iter().map(|step| step.as_str().or(step["step"].as_str()).expect("a name")).collect()
    }

    /// The problem's code.
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }

    /// The answer's text.
    pub fn content(&self) -> &str {
        self.json["message"]["content"].as_str().unwrap_or_default()
    }

    /// Panics unless the status is this one.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}
