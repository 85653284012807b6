//! Twenty at once, and two hundred: none lost, none mixed up.

use std::time::Duration;

use futures_util::future::join_all;
use ops::host::{FunctionSpec, Host, HostOptions, RouteTable};
use serde_json::json;
use shared::workflow::stand_in::{content, link};
use tests::client::{Api, PASSWORD, Person, persist};
use tests::gate::stand_in;
use tests::product::{Options, Product, binary, product_with};

async fn product() -> tests::product::Product {
    product_with(Options { processes: 4, pool_size: 10, ..Options::default() }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_first_messages_to_new_conversations_are_all_answered() {
    let product = product().await;
    let person = product.api.person().await;
    let asks = (0..20).map(|n| product.api.ask(&person, &format!("new-{n}"), "What is a copay?").send());
    for answer in join_all(asks).await {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    assert_eq!(product.count("SELECT count(*) FROM navigator.conversation_messages").await, 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_messages_to_one_conversation_are_answered_or_told_when_to_come_back() {
    let product = product().await;
    let person = product.api.person().await;
    let asks = (0..20).map(|n| {
        let (product, person) = (&product, &person);
        async move {
            for _ in 0..200 {
                let answer =
                    product.api.ask(person, "one", &format!("What is a copay? {n}")).key(&format!("k{n}")).send().await;
                if answer.status == 200 {
                    return;
                }
                assert_eq!(answer.status, 409, "{}", answer.text);
                assert!(answer.headers.contains_key("retry-after"));
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            panic!("message {n} was never answered");
        }
    });
    join_all(asks).await;
    let messages = product.api.messages(&person, "one").await;
    assert_eq!(messages.len(), 40);
    for (n, pair) in messages.chunks(2).enumerate() {
        assert_eq!((pair[0].0.as_str(), pair[1].0.as_str()), ("user", "assistant"), "pair {n}");
    }
    for n in 0..20 {
        let text = format!("What is a copay? {n}");
        assert_eq!(messages.iter().filter(|(_, content)| *content == text).count(), 1, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_equal_registrations_at_once_one_is_created_and_the_others_are_told() {
    let product = product().await;
    let registrations = (0..12).map(|n| {
        let email = if n % 2 == 0 { "Race@Example.org" } else { "race@example.ORG" };
        product.api.post("/register", &json!({ "email": email, "password": PASSWORD, "full_name": "R" })).send()
    });
    let mut statuses: Vec<u16> = join_all(registrations).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    assert!(statuses[1..].iter().all(|status| *status == 409), "{statuses:?}");
}

/// A conversation's journal as the stand-in's steps left it: run, step, output, in order; and what was said.
const CHAINS: &str = "SELECT w.run_id::text AS run, w.step, w.output ->> 'nonce' AS nonce, w.output ->> 'chain' AS chain \
                      FROM navigator.workflow_steps AS w WHERE w.user_id = $1::text::uuid AND w.conversation_id = $2 \
                      ORDER BY w.step_no";

/// A navigator of one process, started and connected. How many can start at the same moment is a question about the machine,
/// so that each has a host of its own and is started when the one before it has answered.
async fn navigator(product: &Product, person: &Person, number: usize) -> Host {
    let spec = FunctionSpec {
        binary: binary("navigator"),
        processes: 1,
        timeout: Duration::from_secs(29),
        environment: product.environment.clone(),
    };
    let host = Host::start(HostOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        routes: RouteTable::of_workspace().expect("the routes"),
        functions: [("navigator".to_owned(), spec)].into(),
        log: product.log.clone(),
    });
    let host = host.await.expect("a host");
    let api = Api::new(host.url());
    persist(|| api.ask(person, &format!("start-{number}"), "hello").key("k")).await;
    host
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_conversations_at_once_over_fifteen_connections_get_their_own_answers() {
    const PEOPLE: usize = 20;
    const EACH: usize = 10;
    const CONNECTIONS: u32 = 15;
    // One process more than connections: the pooler has to pass one on from one to the other.
    const PROCESSES: usize = 16;
    let options = Options { pool_size: CONNECTIONS, environment: vec![stand_in(&json!({}))], ..Options::default() };
    let product = product_with(options).await;
    let starter = product.api.person().await;
    let mut hosts = Vec::new();
    for number in 0..PROCESSES {
        hosts.push(navigator(&product, &starter, number).await);
    }
    let apis: Vec<Api> = hosts.iter().map(|host| Api::new(host.url())).collect();
    let errors_before = errors(&product).len();
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        people.push(product.api.person().await);
    }
    // The same ids for everybody: only the owner tells them apart.
    let talks: Vec<_> = people.iter().flat_map(|person| (0..EACH).map(move |n| (person, format!("c{n}")))).collect();
    let question = |person: &Person, conversation: &str| format!("What is a copay? {conversation}, {}", person.id);
    let asks = talks
        .iter()
        .enumerate()
        .map(|(number, (person, id))| apis[number % PROCESSES].ask(person, id, &question(person, id)).send());
    let answers = join_all(asks).await;
    let client = product.superuser().await;
    for ((person, id), answer) in talks.iter().zip(&answers) {
        assert_eq!(answer.status, 200, "{}\n{:?}", answer.text, errors(&product));
        assert_eq!(answer.json["conversation_id"].as_str(), Some(id.as_str()));
        let steps = client.query(CHAINS, &[&person.id, id]).await.expect("the journal");
        assert_eq!(steps.len(), 4, "{id} of {}", person.id);
        let mut chain = answer.json["run_id"].as_str().expect("a run").to_owned();
        for step in &steps {
            assert_eq!(answer.json["run_id"], step.get::<_, &str>("run"));
            chain = link(&chain, step.get("step"), step.get("nonce"));
            assert_eq!(step.get::<_, &str>("chain"), chain, "each step went on from the one before");
        }
        assert_eq!(answer.content(), content(&chain), "the answer is this run's own");
        let turns = product.api.turns(person, id).await;
        assert_eq!(turns, [(question(person, id), answer.content().to_owned())]);
    }
    let of_functions = "FROM pg_stat_activity WHERE usename = 'navigator_api' AND datname = current_database()";
    assert!(product.count(&format!("SELECT count(*) {of_functions}")).await <= i64::from(CONNECTIONS));
    let stuck = product.count(&format!("SELECT count(*) {of_functions} AND state LIKE 'idle in transaction%'")).await;
    assert_eq!(stuck, 0);
    assert_eq!(errors(&product).len(), errors_before, "{:?}", errors(&product));
}

/// The functions' log lines that somebody should look at.
fn errors(product: &Product) -> Vec<String> {
    product.log.lines().into_iter().filter(|line| line.contains(r#""level":"ERROR""#)).collect()
}
