//! Canaries: random words, one in every field that a person can fill, and the requests that carry them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::client::{Answer, Api, Call};

/// The words by the place they were put in. Each is lower-case letters and digits, so that no encoding changes it.
#[derive(Default)]
pub struct Canaries {
    words: Mutex<BTreeMap<String, &'static str>>,
}

/// Where a canary was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// The place it was put in.
    pub place: &'static str,
    /// The line it was found in.
    pub line: String,
}

/// The places whose words the sender's own problems repeat: what is not known has to be named, and a question that failed in
/// passing names with what it is sent again. No other value is repeated.
pub const NAMES: [&str; 4] =
    ["name of an unknown member", "name of an unknown parameter", "Idempotency-Key", "conversation id"];

impl Canaries {
    /// A new word for a place.
    pub fn plant(&self, place: &'static str) -> String {
        let word = format!("zq{}", launcher::process::random_hex(10).expect("random digits"));
        self.words.lock().expect("no panic while it is held").insert(word.clone(), place);
        word
    }

    /// Watches for a text that was not made here, such as a token.
    pub fn watch(&self, place: &'static str, text: &str) {
        self.words.lock().expect("no panic while it is held").insert(text.to_owned(), place);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.words.lock().expect("no panic while it is held").len()
    }

    /// Those in a sink's lines that are of none of these places.
    pub fn found<'a>(&self, lines: impl IntoIterator<Item = &'a str>, but: &[&str]) -> Vec<Leak> {
        let words = self.words.lock().expect("no panic while it is held");
        let mut leaks = Vec::new();
        for line in lines {
            let here = words.iter().filter(|(word, place)| !but.contains(place) && line.contains(word.as_str()));
            leaks.extend(here.map(|(_, place)| Leak { place, line: line.to_owned() }));
        }
        leaks.sort();
        leaks.dedup_by_key(|leak| leak.place);
        leaks
    }
}

/// Somebody every part of whom is a canary.
pub struct Victim {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The id.
    pub id: String,
    /// The access token.
    pub token: String,
    /// The refresh token.
    pub refresh: String,
    /// The conversation that is there.
    pub conversation: String,
}

fn json_of(call: Call, body: &Value) -> Call {
    call.raw("application/json", body.to_string().into_bytes())
}

impl Victim {
    /// Registers.
    pub async fn register(api: &Api, canaries: &Canaries) -> Self {
        let email = format!("{}@example.org", canaries.plant("e-mail address"));
        let password = format!("{} {}", canaries.plant("password"), canaries.plant("password"));
        let body = json!({ "email": email, "password": password, "full_name": canaries.plant("full name") });
        let answer = api.post("/register", &body).send().await.expect(201);
        let text = |pointer: &str| answer.json.pointer(pointer).and_then(Value::as_str).expect("text").to_owned();
        let victim = Self {
            email,
            password,
            id: text("/user/id"),
            token: text("/access_token"),
            refresh: text("/refresh_token"),
            conversation: canaries.plant("conversation id"),
        };
        // A token's head is the same for everybody; what tells it apart is its end.
        for token in [&victim.token, &victim.refresh] {
            canaries.watch("token", &token[token.len() - 24..]);
        }
        victim
    }

    /// A question that would be answered.
    pub fn question(&self, api: &Api, canaries: &Canaries) -> Call {
        let metadata = json!({ canaries.plant("metadata key"): canaries.plant("metadata value") });
        let message = format!("My Medicare Advantage plan denied my MRI. {}", canaries.plant("message"));
        let body = json!({ "message": message, "conversation_id": self.conversation, "metadata": metadata });
        self.dressed(api.post("/chat/navigator", &body), canaries).key(&canaries.plant("Idempotency-Key"))
    }

    /// With the token, and canaries in headers that nobody asked for.
    fn dressed(&self, call: Call, canaries: &Canaries) -> Call {
        call.token(&self.token)
            .header("user-agent", &canaries.plant("User-Agent"))
            .header("origin", &format!("https://{}.example", canaries.plant("Origin")))
            .header("cookie", &format!("a={}", canaries.plant("Cookie")))
            .header("referer", &format!("https://{}.example", canaries.plant("Referer")))
            .header("x-forwarded-for", &canaries.plant("X-Forwarded-For"))
    }

    /// Requests that are good as long as everything works: one of each operation that does not end the session.
    pub fn good(&self, api: &Api, canaries: &Canaries) -> Vec<Call> {
        let plant = |place| canaries.plant(place);
        let own = |method: &str, path: String| self.dressed(api.call(method, &path), canaries);
        let conversation = &self.conversation;
        let part = |names: &[&str]| {
            Value::Object(names.iter().map(|name| ((*name).to_owned(), plant("data value").into())).collect())
        };
        let mut data = json!({ "metadata": part(&["user_response_created", "timestamp"]),
                               "meta_intent": part(&["summary", "location", "insurance"]),
                               "clinical_context": part(&["symptom", "onset", "duration"]),
                               "service_intent": part(&["specialty", "service", "plan_detail_type"]) });
        data["metadata"]["raw_user_text"] = format!("What is a copay? {}", plant("message")).into();
        data["meta_intent"]["emergency"] = "unsure".into();
        data["clinical_context"]["body"] = part(&["region", "side", "subpart"]);
        let label = json!({ plant("metadata key"): plant("metadata value") }).to_string();
        let label: String = label.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let newcomer = json!({ "email": format!("{}@example.org", plant("e-mail address")),
                               "password": format!("{} {}", plant("password"), plant("password")),
                               "full_name": plant("full name") });
        vec![
            self.question(api, canaries),
            json_of(
                own("POST", "/chat/navigator".into()),
                &json!({ "data": data, "session_id": plant("conversation id") }),
            ),
            own("GET", format!("/conversations/{conversation}/history?include_metadata=true")),
            own("GET", format!("/conversations/{conversation}/workflow")),
            own("POST", format!("/conversations/{conversation}/workflow/cancel")),
            own("DELETE", format!("/conversations/{}", plant("conversation id"))),
            own("GET", "/conversations?limit=2".into()),
            own("GET", format!("/conversations?metadata={label}")),
            own("GET", "/me".into()),
            own("GET", "/me/export".into()),
            own("GET", format!("/regulatory?q={}", plant("search"))),
            own("GET", format!("/regulatory/deadlines/{}", plant("path segment"))),
            own("POST", "/email-verification".into()),
            json_of(own("PATCH", "/me".into()), &json!({ "full_name": plant("full name") })),
            api.post("/register", &newcomer),
            api.post("/login", &json!({ "email": self.email, "password": self.password })),
            api.post("/password-reset", &json!({ "email": self.email })),
            api.post("/password-reset", &json!({ "email": format!("{}@example.org", plant("unknown address")) })),
            api.get("/health/ready"),
        ]
    }

    /// Requests that are wrong in a way of their own each, with canaries in what is wrong.
    pub fn bad(&self, api: &Api, canaries: &Canaries) -> Vec<Call> {
        let plant = |place| canaries.plant(place);
        let own = |method: &str, path: String| self.dressed(api.call(method, &path), canaries);
        let chat = |body: Value| json_of(own("POST", "/chat/navigator".into()), &body);
        let raw = |kind: &str, body: Vec<u8>| own("POST", "/chat/navigator".into()).raw(kind, body);
        let anyone = |path: &str, body: Value| api.post(path, &body);
        let mut calls = vec![
            chat(json!({ "message": { plant("message"): plant("message") } })),
            chat(json!({ "message": [plant("message")], "conversation_id": 7 })),
            chat(json!({ "message": format!("{}\0", plant("message")) })),
            chat(json!({ "message": plant("message").repeat(1_000) })),
            chat(json!({ "message": "x", "metadata": { plant("metadata key"): plant("metadata value").repeat(500) } })),
            chat(json!({ "message": "x", "metadata": { "a": format!("{}\0", plant("metadata value")) } })),
            chat(json!({ "message": "x", "metadata": plant("metadata value") })),
            chat(json!({ "message": "x", "conversation_id": format!("{} x", plant("conversation id")) })),
            chat(json!({ "message": "x", "user_id": plant("user id") })),
            chat(json!({ "message": "x", "when_busy": plant("word of a list") })),
            chat(json!({ "message": "x", plant("name of an unknown member"): plant("unknown member") })),
            chat(json!({ "data": { "message": { "a": plant("message") } } })),
            chat(json!({ "data": plant("data value") })),
            chat(json!({ "data": { "meta_intent": [plant("data value")], "message": plant("message") } })),
            chat(
                json!({ "data": { "meta_intent": { "emergency": plant("data value") }, "message": plant("message") } }),
            ),
            chat(json!({ "data": { "meta_intent": { "request_type": plant("data value") }, "message": "x" } })),
            chat(
                json!({ "data": { "service_intent": { "service": format!("{}\0", plant("data value")) }, "message": "x" } }),
            ),
            chat(json!({ "data": { "message": "x", plant("name of an unknown member"): plant("data value") } })),
            own("GET", format!("/conversations?metadata={}", plant("metadata value"))),
            raw("application/json", plant("body that is no JSON").into_bytes()),
            raw("application/json", format!("{{\"message\": \"{}", plant("body that is no JSON")).into_bytes()),
            raw("application/json", format!("{{\"message\": \"a\"}} {}", plant("body that is no JSON")).into_bytes()),
            raw("application/json", [plant("body that is no UTF-8").as_bytes(), b"\xff"].concat()),
            raw(&format!("text/{}", plant("Content-Type")), plant("body of another type").into_bytes()),
            own("POST", "/chat/navigator".into())
                .key(&format!("{} x", plant("Idempotency-Key")))
                .raw("application/json", b"{\"message\":\"x\"}".to_vec()),
            own("GET", format!("/conversations/{}%20/history", plant("conversation id"))),
            own("GET", format!("/conversations/{}%ff/history", plant("conversation id"))),
            own("GET", format!("/conversations/{}/history", plant("conversation id"))),
            own("GET", format!("/conversations?cursor={}", plant("cursor"))),
            own("GET", format!("/conversations?limit={}", plant("number"))),
            own("GET", format!("/conversations?{}={}", plant("name of an unknown parameter"), plant("query"))),
            own("GET", format!("/me/export?cursor={}", plant("cursor"))),
            own("GET", format!("/regulatory?q={}%00", plant("search"))),
            own("GET", format!("/regulatory/{}", plant("path segment"))),
            own("GET", format!("/regulatory/deadlines/ma-l1-file?dated={}", plant("date"))),
            own("GET", format!("/{}/{}", plant("path segment"), plant("path segment"))),
            own("PUT", format!("/conversations/{}/history", plant("conversation id"))),
            json_of(
                own("POST", "/regulatory".into()),
                &json!({ "url": plant("url"), "title": plant("title"), "text": plant("text") }),
            ),
            json_of(
                own("POST", "/me/password".into()),
                &json!({ "current_password": plant("wrong password"), "new_password": format!("{} {}", plant("password"), plant("password")) }),
            ),
            json_of(
                own("POST", "/me/password".into()),
                &json!({ "current_password": plant("wrong password"), "new_password": "short" }),
            ),
            json_of(own("DELETE", "/me".into()), &json!({ "password": plant("wrong password") })),
            json_of(own("POST", "/logout".into()), &json!({ "scope": plant("word of a list") })),
            json_of(own("PATCH", "/me".into()), &json!({ "full_name": format!("{}\u{7}", plant("full name")) })),
            anyone(
                "/register",
                json!({ "email": plant("e-mail address"), "password": plant("password"), "full_name": plant("full name").repeat(20) }),
            ),
            anyone(
                "/register",
                json!({ "email": self.email, "password": format!("{} {}", plant("password"), plant("password")), "full_name": plant("full name") }),
            ),
            anyone("/register", json!({ "email": [plant("e-mail address")], "password": { plant("password"): 1 } })),
            anyone("/login", json!({ "email": self.email, "password": plant("wrong password") })),
            anyone(
                "/login",
                json!({ "email": format!("{}@example.org", plant("unknown address")), "password": plant("wrong password") }),
            ),
            anyone("/login", json!({ "email": self.email, "password": format!("{}\0", plant("wrong password")) })),
            anyone("/token/refresh", json!({ "refresh_token": plant("token") })),
            anyone(
                "/token/refresh",
                json!({ "refresh_token": format!("{}{}", &self.refresh[..self.refresh.len() - 24], plant("token")) }),
            ),
            anyone("/password-reset", json!({ "email": plant("e-mail address") })),
            anyone(
                "/password-reset/confirm",
                json!({ "token": plant("token"), "new_password": format!("{} {}", plant("password"), plant("password")) }),
            ),
            anyone("/email-verification/confirm", json!({ "token": plant("token") })),
        ];
        for token in [plant("token"), format!("{}.{}.{}", plant("token"), plant("token"), plant("token"))] {
            calls.push(api.get("/me").token(&token));
        }
        calls.push(api.get("/me").header("authorization", &format!("Basic {}", plant("token"))));
        calls
    }
}

/// Sends them all, a few at once; whatever the answers are.
pub async fn send(calls: Vec<Call>) -> Vec<Answer> {
    use futures_util::StreamExt as _;
    futures_util::stream::iter(calls).map(Call::send_unjudged).buffered(6).collect().await
}
