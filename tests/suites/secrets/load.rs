//! Rotations while people use the product: nobody notices.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ops::host::Host;
use tests::client::Person;
use tests::product::product_on;

use super::*;

/// People who do something all the time.
const PEOPLE: usize = 6;

/// What the people do, against whichever hosts are there.
struct Load {
    urls: Mutex<Vec<String>>,
    is_over: AtomicBool,
    /// People who log in anew before their next request.
    epoch: AtomicUsize,
    requests: AtomicUsize,
    failures: Mutex<Vec<String>>,
}

impl Load {
    fn start(urls: Vec<String>) -> (Arc<Self>, Vec<tokio::task::JoinHandle<()>>) {
        let load = Arc::new(Self {
            urls: Mutex::new(urls),
            is_over: AtomicBool::new(false),
            epoch: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            failures: Mutex::default(),
        });
        let tasks = (0..PEOPLE).map(|number| tokio::spawn(load.clone().person(number))).collect();
        (load, tasks)
    }

    async fn person(self: Arc<Self>, number: usize) {
        let person = self.api(number).person().await;
        let (mut token, mut epoch) = (person.token.clone(), self.epoch.load(Ordering::SeqCst));
        for turn in number.. {
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            let api = self.api(turn);
            let now = self.epoch.load(Ordering::SeqCst);
            if now != epoch || turn % 9 == 0 {
                let body = json!({ "email": person.email, "password": PASSWORD });
                let answer = api.post("/login", &body).send().await;
                self.judge("log-in", &answer);
                token = answer.json["access_token"].as_str().unwrap_or_default().to_owned();
                epoch = now;
            }
            let known = Person {
                email: person.email.clone(),
                id: person.id.clone(),
                token: token.clone(),
                refresh: String::new(),
            };
            let conversation = format!("c{}", turn % 3);
            match turn % 3 {
                0 => self.judge("the account", &api.get("/me").token(&token).send().await),
                1 => self.judge("a question", &api.ask(&known, &conversation, "What is a copay?").send().await),
                _ => self.judge("the list", &api.get("/conversations").token(&token).send().await),
            }
        }
    }

    fn api(&self, turn: usize) -> Api {
        let urls = self.urls.lock().expect("the hosts");
        Api::new(urls[turn % urls.len()].clone())
    }

    fn judge(&self, what: &str, answer: &tests::client::Answer) {
        self.requests.fetch_add(1, Ordering::SeqCst);
        if answer.status != 200 {
            self.failures.lock().expect("the failures").push(format!("{what}: {} {}", answer.status, answer.text));
        }
    }

    /// Waits until so many further requests were answered.
    async fn further(&self, count: usize) {
        let goal = self.requests.load(Ordering::SeqCst) + count;
        let patience = tokio::time::Instant::now() + Duration::from_secs(60);
        while self.requests.load(Ordering::SeqCst) < goal {
            assert!(tokio::time::Instant::now() < patience, "the load stands still");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// As Lambda does it: new environments beside the old ones, then alone; the old ones end when nothing is under way in them.
    async fn replace(&self, old: Host, new: Host) -> Host {
        self.urls.lock().expect("the hosts").push(new.url());
        self.further(30).await;
        self.urls.lock().expect("the hosts").retain(|url| *url != old.url());
        self.further(PEOPLE * 4).await;
        old.shutdown().await;
        new
    }

    async fn end(&self, tasks: Vec<tokio::task::JoinHandle<()>>) {
        self.is_over.store(true, Ordering::SeqCst);
        for task in tasks {
            task.await.expect("no panic");
        }
        let failures = self.failures.lock().expect("the failures");
        let requests = self.requests.load(Ordering::SeqCst);
        println!("{requests} requests, {} failed", failures.len());
        assert!(
            failures.is_empty(),
            "{} of {requests} failed: {:#?}",
            failures.len(),
            &failures[..failures.len().min(5)]
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_password_is_rotated_twice_under_load_and_no_request_fails() {
    let name = "the_database_password_is_rotated_twice_under_load_and_no_request_fails";
    let manager = match SecretsManager::start().await {
        Ok(manager) => manager,
        Err(reason) => return tests::skip(name, &reason),
    };
    let stack = stack_of_its_own(&[]).await;
    let product = product_on(stack, stack.database().await, Options::default()).await;
    let mut bundle = product.environment.clone();
    bundle.insert("DATABASE_URL".to_owned(), stack.server.api_url(stack.server.port(), &product.database));
    let arn = manager.store("loaded-database", &json!(bundle)).await;
    let mut environment: BTreeMap<String, String> = manager.environment().into_iter().collect();
    environment.insert("APP_SECRET_ARN".to_owned(), arn.clone());
    let host = start_host(&environment, 2, LogSink::capture()).await.expect("a host");
    let (load, tasks) = Load::start(vec![host.url()]);
    load.further(40).await;
    let url = stack.server.superuser_url(&product.database);
    let migration = [("MIGRATION_DATABASE_URL", url.as_str()), ("DATABASE_CA_PEM", stack.server.ca_pem())];
    // Every connection is made anew after each, as a pooler's would be over the next minutes.
    let one = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'navigator_api' AND state = 'idle' LIMIT 2";
    for _ in 0..2 {
        rotate(&manager, &arn, "--database", &migration);
        for _ in 0..12 {
            product.superuser().await.batch_execute(one).await.expect("ended");
            load.further(10).await;
        }
        // An environment asks the secret at most once in ten seconds.
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    load.end(tasks).await;
    host.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_signing_key_is_rotated_under_load_and_no_request_fails() {
    let name = "the_signing_key_is_rotated_under_load_and_no_request_fails";
    let manager = match SecretsManager::start().await {
        Ok(manager) => manager,
        Err(reason) => return tests::skip(name, &reason),
    };
    let product = product().await;
    let (arn, environment) = bundled(&product, &manager, "loaded-keys").await;
    let start = async || start_host(&environment, 1, LogSink::capture()).await.expect("a host");
    let mut host = start().await;
    let (load, tasks) = Load::start(vec![host.url()]);
    load.further(40).await;
    for step in 1..=3 {
        if step == 3 {
            // In place of the longest life of an access token: everybody gets another.
            load.epoch.fetch_add(1, Ordering::SeqCst);
            load.further(PEOPLE * 4).await;
        }
        // Every function is restarted between two steps, so their waiting times need not pass.
        if step > 1 {
            hours_pass(&manager, &arn, 50).await;
        }
        let said = rotate(&manager, &arn, "--signing-key", &[]);
        assert!(said.starts_with(&format!("step {step} of 3")), "{said}");
        host = load.replace(host, start().await).await;
    }
    load.end(tasks).await;
    host.shutdown().await;
}
