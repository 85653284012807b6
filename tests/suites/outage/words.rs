//! What poolers and servers say while they cannot: said once it is not even noticed, said all the time it is a 503 or 504 with the
//! time to come back.

use std::time::Duration;

use serde_json::json;
use shared::clock::Deadline;
use tests::client::PASSWORD;
use tests::product::{Options, product_on};
use tests::refusing::{Point, Refusal, Refusing};
use tests::stack::stack;

use super::{NOTHING, db};

const fn at(point: Point, severity: &'static str, sqlstate: &'static str, message: &'static str) -> Refusal {
    Refusal { point, severity, sqlstate, message }
}

/// What a second attempt cures.
const PASSING: [Refusal; 16] = [
    at(Point::Start, "FATAL", "XX000", "Max client connections reached"),
    at(Point::Start, "FATAL", "XX000", "(EMAXCONN) max client connections reached, limit: 200"),
    at(Point::Start, "FATAL", "XX000", "(EAUTHQUERY) authentication query failed: connection to database failed"),
    at(Point::Start, "FATAL", "57P03", "the database system is starting up"),
    at(Point::Start, "FATAL", "08P01", "server login has been failing, try again later (server_login_retry)"),
    at(Point::Statement, "FATAL", "XX000", "(EDBHANDLEREXITED) DbHandler exited. Check logs for more information"),
    at(Point::Statement, "FATAL", "XX000", "Unable to check out process from the pool due to timeout"),
    at(Point::Statement, "FATAL", "XX000", "(ESOMETHINGNEW) a code of next year"),
    at(Point::Statement, "FATAL", "08P01", "query_wait_timeout"),
    at(Point::Statement, "FATAL", "57P05", "terminating connection due to idle-session timeout"),
    at(Point::Statement, "FATAL", "25P03", "terminating connection due to idle-in-transaction timeout"),
    at(Point::Statement, "FATAL", "99Z99", "what no release has said so far"),
    at(Point::Statement, "ERROR", "XX000", "a text of next year"),
    at(Point::Statement, "ERROR", "55000", "not in the state that this needs"),
    at(Point::Statement, "ERROR", "53100", "could not extend file: No space left on device"),
    at(Point::Statement, "ERROR", "25006", "cannot execute INSERT in a read-only transaction"),
];
/// What a second attempt within the request cannot cure, or could make worse.
const LASTING: [Refusal; 5] = [
    at(Point::Start, "FATAL", "XX000", "(ECIRCUITBREAKER) too many authentication errors"),
    at(Point::Start, "FATAL", "XX000", "(ENOTFOUND) tenant/user navigator_api.project not found"),
    at(Point::Statement, "FATAL", "25P04", "terminating connection due to transaction timeout"),
    at(Point::Statement, "ERROR", "57014", "canceling statement due to statement timeout"),
    at(Point::Statement, "ERROR", "42883", "function navigator.enter does not exist"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_passes_is_tried_again_within_the_operation_and_what_lasts_is_not() {
    let stack = stack().await;
    let database = stack.database().await;
    let pooler = stack.pooler(2);
    let refusing = Refusing::start(pooler.port(), &stack.server.certificates).await;
    let soon = || Deadline::after(Duration::from_secs(27));
    for (is_cured, refusal) in PASSING.map(|one| (true, one)).into_iter().chain(LASTING.map(|one| (false, one))) {
        // Connected first for what is said of a statement, as a warm environment is.
        let db = db(stack, refusing.port(), &database);
        if refusal.point == Point::Statement {
            db.query(&NOTHING, &[], soon()).await.expect("connected");
        }
        refusing.refuse(refusal, 1);
        let result = db.query(&NOTHING, &[], soon()).await;
        assert_eq!(refusing.let_through(), 0, "{refusal:?} was not said");
        assert_eq!(result.is_ok(), is_cured, "{refusal:?}: {:?}", result.err());
        db.query(&NOTHING, &[], soon()).await.expect("the next one is as any other");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_pooler_says_the_client_is_told_when_to_come_back_and_is_answered_once_then() {
    let stack = stack().await;
    let database = stack.database().await;
    let pooler = stack.pooler(4);
    let refusing = Refusing::start(pooler.port(), &stack.server.certificates).await;
    let url = stack.server.api_url(refusing.port(), &database);
    let options = Options { environment: vec![("DATABASE_URL".to_owned(), url)], ..Options::default() };
    let product = product_on(stack, database, options).await;
    let person = product.api.person().await;
    let question = json!({ "message": "What is a deductible?" });
    let mut conversations = std::collections::BTreeSet::new();
    for refusal in PASSING.into_iter().chain(LASTING) {
        refusing.refuse(refusal, usize::MAX);
        if refusal.point == Point::Start {
            // Heard by a new connection.
            product.host.restart("navigator").await.expect("restarted");
            product.host.restart("login").await.expect("restarted");
        }
        let asked = product.api.post("/chat/navigator", &question).token(&person.token).send().await;
        let body = json!({ "email": person.email, "password": PASSWORD });
        let log_in = product.api.post("/login", &body).send().await;
        refusing.let_through();
        for answer in [&asked, &log_in] {
            assert!(matches!(answer.status, 503 | 504), "{refusal:?}: {}", answer.text);
            assert!(answer.retry_after().is_some(), "{refusal:?}: {:?}", answer.headers);
        }
        // The client had neither a key nor a conversation: the reply names both.
        let key = asked.json["idempotency_key"].as_str().expect("a key");
        let conversation = asked.json["conversation_id"].as_str().expect("a conversation");
        let answer =
            product.api.post("/chat/navigator", &question).token(&person.token).key(key).send().await.expect(200);
        assert_eq!(answer.json["conversation_id"], conversation);
        let again = product.api.ask(&person, conversation, "What is a deductible?").key(key).send().await.expect(200);
        assert_eq!(again.text, answer.text, "with its conversation it is the same request too");
        assert_eq!(product.api.turns(&person, conversation).await.len(), 1);
        assert!(conversations.insert(conversation.to_owned()), "each request is one of its own");
    }
}
