//! Strings that break programs, through every field that is stored and comes back: the same bytes, or a problem that names
//! the field.

use std::collections::BTreeMap;
use std::future::Future;

use futures_util::{StreamExt as _, stream};
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use tests::client::{Answer, Call, Person};
use tests::naughty;
use tests::product::{Options, Product, product_with};

const QUESTION: &str = "What is a copay?";
/// Holds nothing of any string here: a password may not hold the person's own words.
const UNRELATED: &str = "quilt-hazel-ember-fjord-91";

/// How many strings a field took and how many it refused.
type Tally = (usize, usize);

async fn tally<F: Future<Output = bool>>(strings: &[String], each: impl Fn(usize, String) -> F) -> Tally {
    let all = stream::iter(strings.iter().cloned().enumerate()).map(|(index, text)| each(index, text));
    let taken = all.buffer_unordered(4).filter(|taken| std::future::ready(*taken)).count().await;
    (taken, strings.len() - taken)
}

/// The reply, which must not be able to become markup, whatever it quotes.
async fn send(call: Call) -> Answer {
    let answer = call.send().await;
    assert!(answer.status < 500, "{}", answer.text);
    assert!(!answer.text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{}", answer.text);
    answer
}

/// Whether it was taken; what is refused must be refused for these fields and no other.
fn judged(answer: &Answer, wrong: &[&str], sent: &str) -> bool {
    let errors = answer.json["errors"].as_array().cloned().unwrap_or_default();
    let pointers: Vec<&str> = errors.iter().map(|error| error["pointer"].as_str().expect("a pointer")).collect();
    assert_eq!(pointers, wrong, "{sent:?}: {}", answer.text);
    assert_eq!(answer.status == 422, !wrong.is_empty(), "{sent:?}: {}", answer.text);
    wrong.is_empty()
}

/// The one field that is wrong, unless it fits.
fn unless(fits: bool, pointer: &str) -> Vec<&str> {
    if fits { Vec::new() } else { vec![pointer] }
}

fn is_control(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}')
}

/// Names, titles, sections and searches: outer spaces go, no control characters stay.
fn is_label(text: &str, most: usize) -> bool {
    let text = text.trim();
    (1..=most).contains(&text.chars().count()) && !text.chars().any(is_control)
}

fn is_message(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= 16_384
}

fn is_id(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._:~@-".contains(c);
    (1..=128).contains(&text.len()) && text.chars().all(allowed) && text.chars().any(|c| c != '.')
}

fn is_metadata(value: &Value) -> bool {
    value.to_string().len() <= 4_096
}

/// Every byte that is no letter or digit, percent-encoded.
fn encoded(text: &str) -> String {
    let one = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(one).collect()
}

/// No client sends these as a segment of a path: they are resolved before.
fn is_no_segment(text: &str) -> bool {
    matches!(text, "" | "." | "..")
}

struct Subject {
    product: Product,
    person: Person,
    strings: Vec<String>,
}

impl Subject {
    fn get(&self, path: &str) -> Call {
        self.product.api.get(path).token(&self.person.token)
    }

    fn post(&self, path: &str, body: &Value) -> Call {
        self.product.api.post(path, body).token(&self.person.token)
    }

    async fn renamed(&self) -> Tally {
        tally(&self.strings, |_, text| async move {
            let body = json!({ "full_name": text }).to_string().into_bytes();
            let call = self.product.api.call("PATCH", "/me").token(&self.person.token);
            let answer = send(call.raw("application/json", body)).await;
            let is_taken = judged(&answer, &unless(is_label(&text, 200), "/full_name"), &text);
            assert!(!is_taken || answer.json["full_name"] == text.trim(), "{text:?}: {}", answer.text);
            is_taken
        })
        .await
    }

    async fn registered(&self) -> Tally {
        tally(&self.strings, |index, text| async move {
            let body = json!({ "email": format!("s{index}@example.org"), "password": UNRELATED, "full_name": text });
            let answer = send(self.product.api.post("/register", &body)).await;
            let is_taken = judged(&answer, &unless(is_label(&text, 200), "/full_name"), &text);
            if is_taken {
                let token = answer.json["access_token"].as_str().expect("a token");
                let account = send(self.product.api.get("/me").token(token)).await;
                assert_eq!(account.json["full_name"], text.trim(), "{text:?}");
            }
            is_taken
        })
        .await
    }

    /// The first message of a conversation and its metadata, as its history has them.
    async fn stored(&self, conversation: &str) -> (Value, Value) {
        let path = format!("/conversations/{}/history?include_metadata=true", encoded(conversation));
        let history = send(self.get(&path)).await.expect(200);
        assert_eq!(history.json["conversation_id"], conversation);
        (history.json["messages"][0]["content"].clone(), history.json["messages"][0]["metadata"].clone())
    }

    /// Messages with metadata, in the conversations `c-0`, `c-1`, ….
    async fn asked(&self) -> Tally {
        tally(&self.strings, |index, text| async move {
            let (conversation, metadata) = (format!("c-{index}"), json!({ &text: text, "list": [text] }));
            let body = json!({ "message": text, "conversation_id": conversation, "metadata": metadata });
            let answer = send(self.post("/chat/navigator", &body)).await;
            let mut wrong = if is_message(&text) { vec![] } else { vec!["/message"] };
            wrong.extend((!is_metadata(&metadata)).then_some("/metadata"));
            let is_taken = judged(&answer, &wrong, &text);
            if is_taken {
                assert_eq!(self.stored(&conversation).await, (json!(text), metadata), "{text:?}");
            }
            is_taken
        })
        .await
    }

    /// The form with `data`: the strings as what another system told, deep inside.
    async fn asked_with_data(&self) -> Tally {
        tally(&self.strings, |index, text| async move {
            let conversation = format!("d-{index}");
            let told = json!({ "meta_intent": { "location": text }, "clinical_context": { "body": { "side": text } } });
            let mut body = json!({ "data": told, "session_id": conversation });
            body["data"]["metadata"] = json!({ "raw_user_text": QUESTION });
            let answer = send(self.post("/chat/navigator", &body)).await;
            let is_taken = judged(&answer, &unless(told.to_string().len() <= 8_192, "/data"), &text);
            if is_taken {
                let kept = json!({ "data": told, "source": "navigator_output" });
                assert_eq!(self.stored(&conversation).await, (json!(QUESTION), kept), "{text:?}");
            }
            is_taken
        })
        .await
    }

    /// A page's items, page after page.
    async fn all(&self, path: &str, name: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = send(self.get(&format!("{path}{cursor}"))).await.expect(200);
            items.extend(page.json[name].as_array().expect("items").clone());
            let Some(next) = page.json["next_cursor"].as_str() else { return items };
            cursor = format!("{}cursor={next}", if path.contains('?') { "&" } else { "?" });
        }
    }

    /// How many of the questions of `asked` the list shows as titles, and the export as messages.
    async fn listed_and_exported(&self) -> (usize, usize) {
        let sent = |conversation: &Value| {
            let number = conversation.as_str()?.strip_prefix("c-")?;
            Some(self.strings[number.parse::<usize>().ok()?].clone())
        };
        let mut listed = 0;
        for conversation in self.all("/conversations?limit=100", "conversations").await {
            let Some(text) = sent(&conversation["id"]) else { continue };
            assert_eq!(conversation["title"], text.chars().take(120).collect::<String>());
            listed += 1;
        }
        let mut exported = 0;
        for record in self.all("/me/export", "records").await {
            let row = &record["row"];
            let Some(text) = sent(&row["conversation_id"]).filter(|_| row["role"] == "user") else { continue };
            assert_eq!((&row["content"], &row["metadata"]["list"]), (&json!(text), &json!([text])));
            exported += 1;
        }
        (listed, exported)
    }

    async fn named_conversations(&self) -> Tally {
        tally(&self.strings, |_, text| async move {
            let body = json!({ "message": QUESTION, "conversation_id": text });
            let answer = send(self.post("/chat/navigator", &body)).await;
            let is_taken = judged(&answer, &unless(is_id(&text), "/conversation_id"), &text);
            if is_taken {
                self.stored(&text).await;
            } else if !is_no_segment(&text) {
                let path = format!("/conversations/{}/history", encoded(&text));
                judged(&send(self.get(&path)).await, &["path:conversation_id"], &text);
            }
            is_taken
        })
        .await
    }

    /// Those that HTTP can carry in a header at all.
    async fn keyed(&self) -> Tally {
        let sendable: Vec<String> =
            self.strings.iter().filter(|text| HeaderValue::from_bytes(text.as_bytes()).is_ok()).cloned().collect();
        tally(&sendable, |index, text| async move {
            let value = HeaderValue::from_bytes(text.as_bytes()).expect("it can be sent");
            let body = json!({ "message": QUESTION, "conversation_id": format!("k-{index}") });
            let call = || self.post("/chat/navigator", &body).header_value("idempotency-key", value.clone());
            let answer = send(call()).await;
            let bare = text.trim_matches([' ', '\t']);
            let bare = bare.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(bare);
            let fits = (1..=255).contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_graphic());
            let is_taken = judged(&answer, &unless(fits, "header:Idempotency-Key"), &text);
            if is_taken {
                let again = send(call()).await.expect(200);
                assert_eq!(
                    (again.headers["idempotency-replayed"].as_bytes(), &again.text),
                    (&b"true"[..], &answer.text)
                );
            }
            is_taken
        })
        .await
    }

    async fn searched(&self) -> Tally {
        tally(&self.strings, |_, text| async move {
            let answer = send(self.get(&format!("/regulatory?q={}", encoded(&text)))).await;
            judged(&answer, &unless(is_label(&text, 300), "?q"), &text)
        })
        .await
    }

    /// As a number, as each cursor, as a date, as a word of a list, as the name of a parameter, as a rule.
    async fn queried(&self) -> Tally {
        tally(&self.strings, |_, text| async move {
            let value = encoded(&text);
            for (path, name) in [
                ("/conversations", "?cursor"),
                ("/conversations/c-1/history", "?cursor"),
                ("/me/export", "?cursor"),
                ("/conversations/c-1/history", "?include_metadata"),
                ("/regulatory/deadlines/ma-l1-file", "?lang"),
            ] {
                let is_word = matches!((name, text.as_str()), ("?include_metadata", "true" | "false"));
                let answer = send(self.get(&format!("{path}{name}={value}"))).await;
                judged(&answer, &unless(is_word, name), &text);
            }
            let unknown = send(self.get(&format!("/conversations?{value}=1"))).await.expect(422);
            assert!(unknown.json["errors"][0]["pointer"].as_str().is_some_and(|pointer| pointer.starts_with('?')));
            if !is_no_segment(&text) {
                send(self.get(&format!("/regulatory/deadlines/{value}"))).await.expect(404);
                let document = send(self.get(&format!("/regulatory/{value}"))).await;
                judged(&document, &unless(uuid::Uuid::try_parse(&text).is_ok(), "path:id"), &text);
            }
            let answer = send(self.get(&format!("/conversations?limit={value}"))).await;
            let is_number = text.parse::<u32>().is_ok_and(|number| (1..=100).contains(&number));
            judged(&answer, &unless(is_number, "?limit"), &text)
        })
        .await
    }

    async fn published(&self) -> BTreeMap<&'static str, Tally> {
        let sql = "INSERT INTO navigator.user_roles (user_id, role_name) VALUES ($1::text::uuid, 'regulatory_agent')";
        self.product.superuser().await.execute(sql, &[&self.person.id]).await.expect("granted");
        let mut tallies = BTreeMap::new();
        for (field, most) in [("title", 300), ("text", 0), ("section", 500)] {
            let tally = tally(&self.strings, |index, text| async move {
                let url = format!("https://www.cms.gov/{field}/{index}");
                let mut body = json!({ "url": url, "title": "A title", "text": format!("A text {index}") });
                body[field] = json!(text);
                let answer = send(self.post("/regulatory", &body)).await;
                let fits = if field == "text" { !text.trim().is_empty() } else { is_label(&text, most) };
                let pointer = format!("/{field}");
                let is_taken = judged(&answer, &unless(fits, &pointer), &text);
                if is_taken {
                    let id = answer.json["id"].as_str().expect("an id");
                    let document = send(self.get(&format!("/regulatory/{id}"))).await.expect(200);
                    let kept = if field == "text" { text.as_str() } else { text.trim() };
                    assert_eq!(document.json[field], kept, "{text:?}");
                }
                is_taken
            });
            tallies.insert(field, tally.await);
        }
        tallies
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_naughty_strings_come_back_byte_for_byte() {
    let product = product_with(Options { processes: 2, ..Options::default() }).await;
    let person = product.api.person().await;
    let subject = Subject { product, person, strings: naughty::strings() };
    assert!(subject.strings.len() >= 500);
    // Of 770 strings; 47 of them cannot be sent in a header at all.
    let mut tallies = BTreeMap::from([
        ("full_name, changed", subject.renamed().await),
        ("full_name, registered", subject.registered().await),
        ("message and metadata", subject.asked().await),
        ("titles and exported messages", subject.listed_and_exported().await),
        ("data", subject.asked_with_data().await),
        ("conversation_id", subject.named_conversations().await),
        ("Idempotency-Key", subject.keyed().await),
        ("?q", subject.searched().await),
        ("?limit", subject.queried().await),
    ]);
    tallies.extend(subject.published().await);
    let expected = BTreeMap::from([
        ("full_name, changed", (660, 110)),
        ("full_name, registered", (660, 110)),
        ("message and metadata", (753, 17)),
        ("titles and exported messages", (753, 753)),
        ("data", (767, 3)),
        ("conversation_id", (114, 656)),
        ("Idempotency-Key", (288, 435)),
        ("?q", (668, 102)),
        ("?limit", (5, 765)),
        ("title", (668, 102)),
        ("text", (761, 9)),
        ("section", (672, 98)),
    ]);
    assert_eq!(tallies, expected);
}

/// Half a character (RFC 8259, 8.2) and bytes that are no UTF-8 cannot be stored as they came, and U+0000 not at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_characters_and_nul_are_refused_in_every_field() {
    let product = product_with(Options::default()).await;
    let person = product.api.person().await;
    let fields = [
        (
            "POST",
            "/register",
            r#"{"email":"a@example.org","password":"quilt-hazel-ember-fjord-91","full_name":"^"}"#,
            "/full_name",
        ),
        ("POST", "/login", r#"{"email":"^","password":"x"}"#, "/email"),
        ("POST", "/login", r#"{"email":"a@example.org","password":"^"}"#, "/password"),
        ("PATCH", "/me", r#"{"full_name":"^"}"#, "/full_name"),
        (
            "POST",
            "/me/password",
            r#"{"current_password":"^","new_password":"quilt-hazel-ember-fjord-91"}"#,
            "/current_password",
        ),
        ("POST", "/chat/navigator", r#"{"message":"^"}"#, "/message"),
        ("POST", "/chat/navigator", r#"{"message":"x","metadata":{"a":["^"]}}"#, "/metadata"),
        ("POST", "/chat/navigator", r#"{"message":"x","metadata":{"^":1}}"#, "/metadata"),
        ("POST", "/chat/navigator", r#"{"message":"x","conversation_id":"^"}"#, "/conversation_id"),
        ("POST", "/chat/navigator", r#"{"data":{"message":"^"}}"#, "/data/message"),
        (
            "POST",
            "/chat/navigator",
            r#"{"data":{"message":"x","metadata":{"timestamp":"^"}}}"#,
            "/data/metadata/timestamp",
        ),
        ("POST", "/regulatory", r#"{"url":"https://www.cms.gov/a","title":"^","text":"x"}"#, "/title"),
        ("POST", "/regulatory", r#"{"url":"https://www.cms.gov/a","title":"x","text":"^"}"#, "/text"),
        ("POST", "/regulatory", r#"{"url":"https://www.cms.gov/a","title":"x","text":"x","section":"^"}"#, "/section"),
    ];
    let halves = [r"\ud800", r"\udc00", r"a\udfffb", r"\ude00\ud83d", r"\ud83d\u0041", r"\uD83D"];
    let bytes: [&[u8]; 6] = [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"a\x80"];
    let mut refused = 0;
    for (method, path, body, place) in fields {
        let (before, after) = body.split_once('^').expect("a place");
        let with = |value: &[u8]| [before.as_bytes(), value, after.as_bytes()].concat();
        let call =
            |value: &[u8]| product.api.call(method, path).token(&person.token).raw("application/json", with(value));
        for half in halves {
            assert_eq!(send(call(half.as_bytes())).await.expect(400).code(), "not_json", "{path} {half}");
        }
        for value in bytes {
            assert_eq!(send(call(value)).await.expect(400).code(), "not_utf8", "{path} {value:?}");
        }
        let nul = send(call(b"a\\u0000b")).await.expect(422);
        assert_eq!(nul.json["errors"][0]["pointer"], place, "{path}: {}", nul.text);
        assert_eq!(send(call(b"a\0b")).await.expect(400).code(), "not_json", "{path}");
        refused += halves.len() + bytes.len() + 2;
    }
    assert_eq!(refused, 14 * 14);
}
