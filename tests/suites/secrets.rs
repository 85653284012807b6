//! The secrets that the functions read are changed while they run: no token becomes invalid, no request fails.

mod load;

use std::collections::BTreeMap;
use std::process::Command;

use ops::host::LogSink;
use serde_json::{Value, json};
use tests::client::{Api, PASSWORD};
use tests::llm_stub::{Behaviour, LlmStub, OPENING};
use tests::product::{Options, Product, binary, product, start_host};
use tests::secrets_manager::SecretsManager;
use tests::stack::stack_of_its_own;

/// A product's environment as a bundle in Secrets Manager, and nothing of it in the functions' own.
async fn bundled(product: &Product, manager: &SecretsManager, name: &str) -> (String, BTreeMap<String, String>) {
    let arn = manager.store(name, &json!(product.environment)).await;
    let mut environment: BTreeMap<String, String> = manager.environment().into_iter().collect();
    environment.insert("APP_SECRET_ARN".to_owned(), arn.clone());
    (arn, environment)
}

/// What the command says when it refuses, which it must; the bundle stays as it is.
async fn refuses(manager: &SecretsManager, arn: &str, more: &[&str]) -> String {
    let before = manager.bundle(arn).await;
    let mut command = Command::new(binary("ops"));
    command.args(["secrets", "rotate", "--signing-key", "--secret", arn]).args(more).envs(manager.environment());
    let output = command.output().expect("ops runs");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(manager.bundle(arn).await, before, "nothing was changed");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The bundle's last step was taken so many hours earlier.
async fn hours_pass(manager: &SecretsManager, arn: &str, hours: i64) {
    let mut bundle = manager.bundle(arn).await;
    let state = bundle["JWT_ROTATION"].as_str().expect("a step and its time").to_owned();
    let (step, time) = state.split_once(' ').expect("a step and its time");
    let time: chrono::DateTime<chrono::Utc> = time.parse().expect("a time");
    bundle["JWT_ROTATION"] = format!("{step} {}", (time - chrono::TimeDelta::hours(hours)).to_rfc3339()).into();
    manager.put(arn, &bundle).await;
}

fn rotate(manager: &SecretsManager, arn: &str, what: &str, more: &[(&str, &str)]) -> String {
    let mut command = Command::new(binary("ops"));
    command.args(["secrets", "rotate", what, "--secret", arn]).envs(manager.environment()).envs(more.iter().copied());
    let output = command.output().expect("ops runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signing_key_is_changed_in_three_steps_and_every_token_stays_good() {
    let manager = match SecretsManager::start().await {
        Ok(manager) => manager,
        Err(reason) => {
            return tests::skip("a_signing_key_is_changed_in_three_steps_and_every_token_stays_good", &reason);
        }
    };
    let product = product().await;
    let (arn, environment) = bundled(&product, &manager, "keys").await;
    let person = product.api.person().await;
    let first_key = product.environment["JWT_SECRET_KEY"].clone();
    let mut tokens = vec![person.token.clone()];
    for step in 1..=2 {
        // One environment that started before the step, and one after it.
        let before = start_host(&environment, 1, LogSink::capture()).await.expect("a host");
        Api::new(before.url()).get("/me").token(&person.token).send().await.expect(200);
        let said = rotate(&manager, &arn, "--signing-key", &[]);
        let state = manager.bundle(&arn).await["JWT_ROTATION"].as_str().expect("a step and its time").to_owned();
        let time = state.split_once(' ').and_then(|(_, time)| time.parse::<chrono::DateTime<chrono::Utc>>().ok());
        let apart = (chrono::Utc::now() - time.expect("a time")).num_seconds();
        assert!((-5..600).contains(&apart), "the time is that of the step: {state}");
        assert!(said.starts_with(&format!("step {step} of 3")) && !said.contains(&first_key), "{said}");
        let after = start_host(&environment, 1, LogSink::capture()).await.expect("a host");
        for (here, there) in [(&before, &after), (&after, &before)] {
            let body = json!({ "email": person.email, "password": PASSWORD });
            let answer = Api::new(here.url()).post("/login", &body).send().await.expect(200);
            tokens.push(answer.json["access_token"].as_str().expect("a token").to_owned());
            for token in &tokens {
                Api::new(there.url()).get("/me").token(token).send().await.expect(200);
            }
        }
        before.shutdown().await;
        after.shutdown().await;
        // The next step has its time: while environments of before may live, and after step 2 tokens and mails.
        let (early, due) = if step == 1 { (23, 1) } else { (48, 1) };
        let said = refuses(&manager, &arn, &[]).await;
        assert!(
            said.contains(&format!("step {} of 3 has its time at", step + 1)) && !said.contains(&first_key),
            "{said}"
        );
        hours_pass(&manager, &arn, early).await;
        refuses(&manager, &arn, &[]).await;
        hours_pass(&manager, &arn, due).await;
    }
    let said = rotate(&manager, &arn, "--signing-key", &[]);
    assert!(said.starts_with("step 3 of 3"), "{said}");
    let bundle = manager.bundle(&arn).await;
    assert_ne!(bundle["JWT_SECRET_KEY"], Value::from(first_key));
    assert_eq!((&bundle["JWT_SECRET_KEY_PREVIOUS"], &bundle["JWT_ROTATION"]), (&Value::Null, &Value::Null));
    let last = start_host(&environment, 1, LogSink::capture()).await.expect("a host");
    let old = Api::new(last.url()).get("/me").token(&person.token).send().await.expect(401);
    assert_eq!(old.code(), "invalid_token", "the old key is gone");
    Api::new(last.url()).get("/me").token(tokens.last().expect("tokens")).send().await.expect(200);
    last.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_presses_at_once_take_one_step_and_an_empty_bundle_none() {
    const NAME: &str = "three_presses_at_once_take_one_step_and_an_empty_bundle_none";
    let manager = match SecretsManager::start().await {
        Ok(manager) => manager,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    let arn = manager.store("pressed", &json!({ "JWT_SECRET_KEY": "k".repeat(48), "OTHER": "kept" })).await;
    let press = || {
        let mut command = Command::new(binary("ops"));
        command.args(["secrets", "rotate", "--signing-key", "--secret", &arn]).envs(manager.environment());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("ops runs")
    };
    let pressed: Vec<_> = (0..3).map(|_| press()).collect();
    let said: Vec<_> = pressed.into_iter().map(|child| child.wait_with_output().expect("an end")).collect();
    for output in said.iter().filter(|output| output.status.success()) {
        assert!(String::from_utf8_lossy(&output.stdout).starts_with("step 1 of 3"), "no later step was taken");
    }
    assert!(said.iter().any(|output| output.status.success()));
    let bundle = manager.bundle(&arn).await;
    assert_eq!((&bundle["JWT_SECRET_KEY"], &bundle["OTHER"]), (&json!("k".repeat(48)), &json!("kept")));
    assert!(bundle["JWT_ROTATION"].as_str().is_some_and(|state| state.starts_with("announced 20")), "{bundle}");
    // When a key may be known there is no time: it is said what it costs.
    let mut command = Command::new(binary("ops"));
    command.args(["secrets", "rotate", "--signing-key", "--now", "--secret", &arn]).envs(manager.environment());
    let output = command.output().expect("ops runs");
    let warned = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && warned.starts_with("warning: ") && warned.contains("sign in again"), "{warned}");
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("step 2 of 3"));
    let empty = manager.store("empty", &json!({})).await;
    for more in [&[][..], &["--now"]] {
        let said = refuses(&manager, &empty, more).await;
        assert!(said.contains("has no JWT_SECRET_KEY") && said.contains("ops setup --secret"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_password_is_changed_and_a_running_function_fetches_the_new_one() {
    let manager = match SecretsManager::start().await {
        Ok(manager) => manager,
        Err(reason) => {
            return tests::skip("a_database_password_is_changed_and_a_running_function_fetches_the_new_one", &reason);
        }
    };
    // A server of its own: its role's password is everybody's.
    let stack = stack_of_its_own(&[]).await;
    let product = tests::product::product_on(stack, stack.database().await, Options::default()).await;
    let person = product.api.person().await;
    let mut bundle = product.environment.clone();
    bundle.insert("DATABASE_URL".to_owned(), stack.server.api_url(stack.server.port(), &product.database));
    let arn = manager.store("database", &json!(bundle)).await;
    let mut environment: BTreeMap<String, String> = manager.environment().into_iter().collect();
    environment.insert("APP_SECRET_ARN".to_owned(), arn.clone());
    let log = LogSink::capture();
    let host = start_host(&environment, 1, log.clone()).await.expect("a host");
    let api = Api::new(host.url());
    api.get("/me").token(&person.token).send().await.expect(200);
    let url = stack.server.superuser_url(&product.database);
    let migration = [("MIGRATION_DATABASE_URL", url.as_str()), ("DATABASE_CA_PEM", stack.server.ca_pem())];
    let said = rotate(&manager, &arn, "--database", &migration);
    let new = manager.bundle(&arn).await["DATABASE_URL"].as_str().expect("a URL").to_owned();
    assert!(said.contains("the password is changed") && new != bundle["DATABASE_URL"], "{said}");
    // The connection that is open goes on; when it is lost, the next one is refused with the old password.
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'navigator_api'";
    for _ in 0..2 {
        product.superuser().await.batch_execute(end).await.expect("ended");
        api.get("/me").token(&person.token).send().await.expect(200);
        api.ask(&person, "c", "What is a copay?").send().await.expect(200);
    }
    let lines = log.lines().join("\n");
    let password = new.split(':').nth(2).and_then(|rest| rest.split('@').next()).expect("a password");
    assert!(!lines.contains(password), "no password in a log");
    host.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_bundle_holds_the_database_the_signing_key_and_the_providers_key() {
    let manager = match SecretsManager::start().await {
        Ok(manager) => manager,
        Err(reason) => {
            return tests::skip("one_bundle_holds_the_database_the_signing_key_and_the_providers_key", &reason);
        }
    };
    let stub = LlmStub::start(Behaviour::Good).await;
    let environment = stub.environment("anthropic");
    let product = tests::product::product_with(Options { environment, ..Options::default() }).await;
    let (_, environment) = bundled(&product, &manager, "all").await;
    assert!(!environment.keys().any(|name| ["DATABASE_URL", "JWT_SECRET_KEY", "LLM_API_KEY"].contains(&name.as_str())));
    let host = start_host(&environment, 1, LogSink::capture()).await.expect("a host");
    let api = Api::new(host.url());
    let person = api.person().await;
    let message = "Medicare Advantage denied my MRI, letter dated 2026-10-02.";
    let answer = api.ask(&person, "c", message).send().await.expect(200);
    assert!(answer.content().starts_with(OPENING), "{}", answer.content());
    assert_eq!(stub.take().len(), 3, "the model was asked with the bundle's key");
    // The same person over the functions that have it all in their environment: one signing key.
    product.api.get("/me").token(&person.token).send().await.expect(200);
    host.shutdown().await;
}
