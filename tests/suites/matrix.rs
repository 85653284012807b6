//! Every route × every kind of caller, from the one table of routes (`shared::http::ROUTES`).

use chrono::TimeDelta;
use serde_json::{Value, json};
use shared::http::{Access, ROUTES, Role, Route};
use tests::client::{Answer, Call, PASSWORD, Person};
use tests::contract::OPENAPI;
use tests::product::{Product, product};

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    /// Without a token.
    Anonymous,
    /// With a text that is no token of ours.
    Forged,
    /// With a token that has expired.
    Expired,
    /// With a token whose session was logged out.
    LoggedOut,
    /// With a token that names no role at all.
    Roleless,
    /// Who the thing belongs to, where the route is about one.
    Owner,
    /// Somebody else.
    Stranger,
    /// Somebody with the role that the route is restricted to.
    Privileged,
}

const CALLERS: [Caller; 8] = [
    Caller::Anonymous,
    Caller::Forged,
    Caller::Expired,
    Caller::LoggedOut,
    Caller::Roleless,
    Caller::Owner,
    Caller::Stranger,
    Caller::Privileged,
];

/// Two people, of whom Ana has a conversation, and what it takes to make tokens.
struct World {
    product: Product,
    ana: Person,
    ben: Person,
    document: String,
}

impl World {
    async fn new() -> Self {
        let product = product().await;
        let (ana, ben, agent) = (product.api.person().await, product.api.person().await, product.api.person().await);
        let world = Self { ana, ben, document: String::new(), product };
        let agent = world.grant(agent, Role::RegulatoryAgent).await;
        let answer = world.product.api.post("/regulatory", &text("first")).token(&agent.token).send().await.expect(201);
        world.product.api.ask(&world.ana, "hers", "What is a copay?").send().await.expect(200);
        Self { document: answer.json["id"].as_str().expect("an id").to_owned(), ..world }
    }

    async fn grant(&self, person: Person, role: Role) -> Person {
        let sql = "INSERT INTO navigator.user_roles (user_id, role_name) VALUES ($1::text::uuid, $2)";
        self.product.superuser().await.execute(sql, &[&person.id, &role.as_str()]).await.expect("granted");
        person
    }

    /// A token of ours with other contents.
    fn token(&self, person: &Person, age: TimeDelta, roles: &[&str]) -> String {
        let config = shared::config::Config::from_lookup(|name| self.product.environment.get(name).cloned());
        let clock = shared::clock::Clock::fixed(chrono::Utc::now() - age);
        let payload = person.token.split('.').nth(1).expect("claims");
        let claims =
            base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, payload).expect("base64");
        let claims: Value = serde_json::from_slice(&claims).expect("claims");
        let id = |name: &str| uuid::Uuid::parse_str(claims[name].as_str().expect("an id")).expect("an id");
        let principal = shared::auth::Principal {
            user: id("sub").into(),
            session: id("sid").into(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        };
        shared::auth::token::Tokens::new(&config.expect("a configuration"), clock).issue(&principal).expect("signed")
    }

    /// The person behind a request, and the token they send. Whoever is ruined by it is new.
    async fn caller(&self, caller: Caller, route: &Route) -> (Person, Option<String>) {
        let ruins = matches!((route.method, route.path), ("DELETE", "/me") | ("POST", "/logout" | "/me/password"));
        let fresh = async || self.product.api.person().await;
        let person = match caller {
            Caller::LoggedOut => fresh().await,
            Caller::Owner | Caller::Privileged if ruins => fresh().await,
            Caller::Privileged => {
                let person = fresh().await;
                match route.access {
                    Access::Only(role) if role != Role::User => self.grant(person, role).await,
                    _ => person,
                }
            }
            Caller::Stranger => fresh().await,
            _ => self.ana.clone(),
        };
        let token = match caller {
            Caller::Anonymous => None,
            Caller::Forged => Some(format!("{}x", person.token)),
            Caller::Expired => Some(self.token(&person, TimeDelta::hours(2), &["user"])),
            Caller::LoggedOut => {
                self.product.api.call("POST", "/logout").token(&person.token).send().await.expect(204);
                Some(person.token.clone())
            }
            Caller::Roleless => Some(self.token(&person, TimeDelta::zero(), &[])),
            Caller::Owner | Caller::Stranger | Caller::Privileged => Some(person.token.clone()),
        };
        (person, token)
    }

    async fn send(&self, route: &Route, caller: Caller) -> Answer {
        let (person, token) = self.caller(caller, route).await;
        // What is ruined by one request is another thing each time.
        let conversation = match (route.method, route.path, caller) {
            ("DELETE", "/conversations/{conversation_id}", Caller::Owner) => {
                self.product.api.ask(&self.ana, "for-deletion", "What is a premium?").send().await.expect(200);
                "for-deletion"
            }
            _ => "hers",
        };
        let call = request(self, route, &person, conversation);
        match token {
            Some(token) => call.token(&token).send().await,
            None => call.send().await,
        }
    }
}

fn text(title: &str) -> Value {
    json!({ "url": format!("https://www.cms.gov/{title}"), "title": title, "text": format!("Text of {title}.") })
}

/// A valid request to a route.
fn request(world: &World, route: &Route, person: &Person, conversation: &str) -> Call {
    let path = route
        .path
        .replace("{conversation_id}", conversation)
        .replace("{id}", &world.document)
        .replace("{rule}", "ma-l1-file");
    let path = match route.path {
        "/regulatory" if route.method == "GET" => format!("{path}?q=copay"),
        "/regulatory/deadlines/{rule}" | "/regulatory/deadlines/{rule}/calendar" => {
            format!("{path}?dated=2026-10-02&plan=medicare_advantage")
        }
        _ => path,
    };
    let unique = uuid::Uuid::new_v4();
    let body = match (route.method, route.path) {
        ("POST", "/register") => {
            Some(json!({ "email": format!("new-{unique}@example.org"), "password": PASSWORD, "full_name": "New" }))
        }
        ("POST", "/login") => Some(json!({ "email": person.email, "password": PASSWORD })),
        ("POST", "/token/refresh") => Some(json!({ "refresh_token": person.refresh })),
        ("PATCH", "/me") => Some(json!({ "full_name": "Ana" })),
        ("DELETE", "/me") => Some(json!({ "password": PASSWORD })),
        ("POST", "/me/password") => {
            Some(json!({ "current_password": PASSWORD, "new_password": "quite another sentence 4 it" }))
        }
        ("POST", "/password-reset") => Some(json!({ "email": person.email })),
        ("POST", "/password-reset/confirm") => {
            Some(json!({ "token": format!("np1.{}", "A".repeat(43)), "new_password": "quite another sentence 4 it" }))
        }
        ("POST", "/email-verification/confirm") => Some(json!({ "token": format!("nv1.{}", "A".repeat(43)) })),
        ("POST", "/chat/navigator") => Some(json!({ "message": "What is a copay?", "conversation_id": conversation })),
        ("POST", "/regulatory") => Some(text(&unique.to_string())),
        _ => None,
    };
    let call = world.product.api.call(route.method, &path);
    match body {
        Some(body) => call.raw("application/json", body.to_string().into_bytes()),
        None => call,
    }
}

/// The status and the code that a cell must have.
fn expected(route: &Route, caller: Caller) -> (Vec<u16>, &'static str) {
    let mut fine = match (route.method, route.path) {
        ("POST", "/register") => vec![201],
        ("POST", "/password-reset" | "/email-verification") => vec![202],
        ("POST", "/password-reset/confirm" | "/email-verification/confirm") => return (vec![422], "secret_invalid"),
        ("POST", "/logout" | "/me/password") | ("DELETE", _) => vec![204],
        ("POST", "/conversations/{conversation_id}/workflow/cancel") => vec![409],
        ("POST", "/regulatory") => vec![201],
        _ => vec![200],
    };
    let code = if fine == [409] { "run_finished" } else { "" };
    let role = match route.access {
        Access::Anyone if route.path == "/token/refresh" && caller == Caller::LoggedOut => {
            return (vec![401], "session_ended");
        }
        Access::Anyone => return (fine, code),
        Access::Only(role) => role,
    };
    // The calculator keeps nothing and reads nothing of a person: its routes ask no database.
    let is_stateless = route.path.starts_with("/regulatory/deadlines/");
    match caller {
        Caller::Anonymous => (vec![401], "missing_token"),
        Caller::Forged => (vec![401], "invalid_token"),
        Caller::Expired => (vec![401], "token_expired"),
        Caller::LoggedOut if !is_stateless => (vec![401], "session_ended"),
        Caller::Roleless | Caller::Owner | Caller::Stranger if role != Role::User => (vec![403], "forbidden"),
        Caller::Roleless => (vec![403], "forbidden"),
        // The same id is a new conversation of their own, or none: somebody else's looks like nobody's.
        Caller::Stranger | Caller::Privileged if route.path.contains("{conversation_id}") => {
            (vec![404], "conversation_not_found")
        }
        _ => (std::mem::take(&mut fine), code),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_answers_each_kind_of_caller_as_the_table_says() {
    let world = World::new().await;
    let (mut cells, mut wrong) = (0, Vec::new());
    for route in ROUTES {
        for caller in CALLERS {
            let answer = world.send(route, caller).await;
            let (statuses, code) = expected(route, caller);
            cells += 1;
            if !statuses.contains(&answer.status) || answer.code() != code {
                let cell = format!("{} {} {caller:?}", route.method, route.path);
                wrong.push(format!("{cell}: {} {} and not {statuses:?} {code}", answer.status, answer.code()));
            }
        }
    }
    println!("{cells} cells");
    assert_eq!(cells, ROUTES.len() * CALLERS.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Nothing that a stranger did touched what is Ana's.
    let messages = world.product.api.messages(&world.ana, "hers").await;
    assert!(messages.len() >= 2 && messages.iter().all(|(_, text)| !text.contains("premium")), "{messages:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_absent_looks_like_what_is_somebody_elses() {
    let world = World::new().await;
    for route in ROUTES.iter().filter(|route| route.path.contains("{conversation_id}")) {
        let send = async |conversation: &str| {
            let mut answer = request(&world, route, &world.ben, conversation).token(&world.ben.token).send().await;
            answer.json["instance"] = Value::Null;
            (answer.status, answer.json)
        };
        assert_eq!(send("hers").await, send("nobodys").await, "{} {}", route.method, route.path);
    }
}

#[test]
fn the_contract_names_the_same_roles_as_the_table() {
    for route in ROUTES {
        let operation = &OPENAPI["paths"][route.path][route.method.to_lowercase()];
        let (roles, is_open) = match route.access {
            Access::Anyone => (json!(["anyone"]), true),
            Access::Only(role) => (json!([role.as_str()]), false),
        };
        assert_eq!(operation["x-roles"], roles, "{} {}", route.method, route.path);
        assert_eq!(operation["security"] == json!([]), is_open, "{} {}: security", route.method, route.path);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_listed_pages_may_call_from_a_browser() {
    let environment =
        vec![("CORS_ALLOWED_ORIGINS".to_owned(), "https://app.example.org,http://127.0.0.1:3000".to_owned())];
    let options = tests::product::Options { environment, ..Default::default() };
    let product = tests::product::product_with(options).await;
    let allowed = |answer: &Answer| {
        answer.headers.get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned())
    };
    for origin in ["https://app.example.org", "http://127.0.0.1:3000"] {
        let answer = product.api.get("/health").header("origin", origin).send().await.expect(200);
        assert_eq!(allowed(&answer).as_deref(), Some(origin));
        assert_eq!(answer.headers["vary"], "origin");
        let asked = product
            .api
            .call("OPTIONS", "/me")
            .header("origin", origin)
            .header("access-control-request-method", "PATCH");
        let asked = asked.header("access-control-request-headers", "authorization").send_unjudged().await.expect(204);
        assert_eq!(allowed(&asked).as_deref(), Some(origin));
        assert_eq!(asked.headers["access-control-allow-methods"], "GET, PATCH, DELETE");
        assert!(!asked.headers.contains_key("access-control-allow-credentials"));
    }
    for origin in [
        "https://evil.example.org",
        "https://app.example.org.evil.org",
        "http://app.example.org",
        "null",
        "https://app.example.org:444",
        "https://APP.example.org",
    ] {
        let answer = product.api.get("/health").header("origin", origin).send().await.expect(200);
        assert_eq!(allowed(&answer), None, "{origin}");
        let asked = product
            .api
            .call("OPTIONS", "/me")
            .header("origin", origin)
            .header("access-control-request-method", "PATCH");
        assert_eq!(allowed(&asked.send_unjudged().await.expect(405)), None, "{origin}");
    }
}
