//! A second set-up of the same project, with another place for the functions' environment: what the first one left is taken over, and
//! only when it is this project's.

use std::collections::BTreeMap;

use ops::host::LogSink;
use serde_json::{Value, json};
use tests::client::{Api, PASSWORD};
use tests::product::start_host;
use tests::project::Project;
use tests::secrets_manager::SecretsManager;

use super::{password, said};

/// Runs a set-up that must succeed, with Secrets Manager in reach; it says no password.
fn with(manager: &SecretsManager, project: &Project, arguments: &[&str]) -> String {
    let output = project.ops_with(&[&["setup"], arguments].concat(), &[], &manager.environment());
    let said = said(&output);
    assert!(output.status.success() && !said.contains('✗'), "{said}");
    assert!(!said.contains(tests::project::PASSWORD), "{said}");
    said
}

/// A bundle as the functions' environment.
fn environment(bundle: &Value) -> BTreeMap<String, String> {
    let pairs = bundle.as_object().expect("an object").iter();
    pairs.map(|(name, value)| (name.clone(), value.as_str().expect("text").to_owned())).collect()
}

/// Adds lines to what the first set-up wrote.
fn add(project: &Project, lines: &str) {
    let path = project.folder.path().join(".env.runtime");
    let text = std::fs::read_to_string(&path).expect("written");
    std::fs::write(&path, text + lines).expect("written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_takes_over_the_first_set_ups_password_and_keys_and_its_tokens_live_on() {
    const NAME: &str = "a_secret_takes_over_the_first_set_ups_password_and_keys_and_its_tokens_live_on";
    let manager = match SecretsManager::start().await {
        Ok(manager) => manager,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    let project = Project::new().await;
    super::succeeds(&project, &[]);
    // In the middle of a rotation, and with a line of the operator's own.
    add(
        &project,
        "JWT_SECRET_KEY_PREVIOUS='Zk3v-0pQ8x_black-box-only_9LmN2rT5yU7w'\nCORS_ALLOWED_ORIGINS='https://a.example'\n",
    );
    let first = project.written();
    let host = start_host(&first, 1, LogSink::capture()).await.expect("a host");
    let person = Api::new(host.url()).person().await;
    host.shutdown().await;
    let arn = manager.store("takeover", &json!({})).await;
    let before = project.snapshot().await;
    let said = with(&manager, &project, &["--secret", &arn]);
    assert_eq!(said.matches("taken over from .env.runtime").count(), 2, "{said}");
    assert!(said.contains("only in .env.runtime: CORS_ALLOWED_ORIGINS"), "{said}");
    assert!(!said.contains(password(&first["DATABASE_URL"])) && !said.contains(&first["JWT_SECRET_KEY"]), "{said}");
    assert_eq!(project.changes_since(&before).await, Vec::<String>::new(), "neither roles nor .env.runtime");
    let bundle = manager.bundle(&arn).await;
    for name in ["DATABASE_URL", "DATABASE_CA_PEM", "JWT_SECRET_KEY", "JWT_SECRET_KEY_PREVIOUS"] {
        assert_eq!(bundle[name], json!(first[name]), "{name}");
    }
    assert_eq!(bundle["CORS_ALLOWED_ORIGINS"], Value::Null);
    let host = start_host(&environment(&bundle), 1, LogSink::capture()).await.expect("a host");
    let api = Api::new(host.url());
    api.get("/me").token(&person.token).send().await.expect(200);
    api.post("/login", &json!({ "email": person.email, "password": PASSWORD })).send().await.expect(200);
    host.shutdown().await;
    let again = with(&manager, &project, &["--secret", &arn]);
    assert!(again.contains("keeps its password") && !again.contains("taken over"), "{again}");
    assert_eq!(manager.bundle(&arn).await, bundle);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_that_the_advice_names_leads_on() {
    const NAME: &str = "every_way_that_the_advice_names_leads_on";
    let manager = match SecretsManager::start().await {
        Ok(manager) => manager,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    let project = Project::new().await;
    super::succeeds(&project, &[]);
    let first = project.written();
    let same = |values: &BTreeMap<String, String>, what: &str| {
        for name in ["DATABASE_URL", "JWT_SECRET_KEY"] {
            assert_eq!(values[name], first[name], "{what}: {name}");
        }
    };
    let read = |file: &str| ops::checks::environment::parse_if_there(&project.folder.path().join(file)).expect("lines");
    // A secret and a file at once.
    let both = manager.store("both", &json!({})).await;
    with(&manager, &project, &["--secret", &both, "--write", "both.env"]);
    same(&environment(&manager.bundle(&both).await), "the secret of both");
    same(&read("both.env"), "the file of both");
    // The file of the first set-up under another name: without advice, then by each of the ways that the ✗ names.
    std::fs::rename(project.folder.path().join(".env.runtime"), project.folder.path().join("kept.env")).expect("moved");
    let lost = said(&project.ops(&["setup", "--write", "other.env"], &[]));
    let advice = "say where it is kept: --write FILE, --env-file FILE or --secret ARN; if none run, say --new-password";
    assert!(lost.contains("its password is not known here") && lost.contains(advice), "{lost}");
    assert!(!project.folder.path().join("other.env").exists());
    with(&manager, &project, &["--write", "kept.env"]);
    for (name, files) in [("first", ["kept.env", ".env"]), ("last", [".env", "kept.env"])] {
        let arn = manager.store(name, &json!({})).await;
        with(&manager, &project, &["--env-file", files[0], "--env-file", files[1], "--secret", &arn]);
        same(&environment(&manager.bundle(&arn).await), name);
    }
    let arn = manager.store("named", &json!({})).await;
    with(&manager, &project, &["--secret", &arn, "--write", "kept.env"]);
    same(&environment(&manager.bundle(&arn).await), "named");
    // A new password, because somebody asks for it: the keys stay, and the file that is behind is named.
    std::fs::copy(project.folder.path().join("kept.env"), project.folder.path().join(".env.runtime")).expect("copied");
    let arn = manager.store("anew", &json!({})).await;
    let anew = with(&manager, &project, &["--secret", &arn, "--new-password"]);
    assert!(anew.contains(".env.runtime still has another password"), "{anew}");
    let bundle = environment(&manager.bundle(&arn).await);
    assert_eq!(bundle["JWT_SECRET_KEY"], first["JWT_SECRET_KEY"]);
    assert_ne!(bundle["DATABASE_URL"], first["DATABASE_URL"]);
    // From now on what .env.runtime holds is refused, and nothing of it is taken.
    let arn = manager.store("stale", &json!({})).await;
    let stale = said(&project.ops_with(&["setup", "--secret", &arn], &[], &manager.environment()));
    assert!(stale.contains("that in .env.runtime is refused") && stale.contains(advice), "{stale}");
    assert_eq!(manager.bundle(&arn).await, json!({}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_taken_over_from_another_projects_file() {
    const NAME: &str = "nothing_is_taken_over_from_another_projects_file";
    let manager = match SecretsManager::start().await {
        Ok(manager) => manager,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    let other = Project::new().await;
    super::succeeds(&other, &[]);
    let theirs = other.written();
    let text = std::fs::read_to_string(other.folder.path().join(".env.runtime")).expect("written");
    drop(other);
    let project = Project::new().await;
    std::fs::write(project.folder.path().join(".env.runtime"), &text).expect("written");
    let arn = manager.store("foreign", &json!({})).await;
    let said = with(&manager, &project, &["--secret", &arn]);
    assert!(said.contains(".env.runtime is of another project; nothing was taken from it"), "{said}");
    let bundle = environment(&manager.bundle(&arn).await);
    assert_ne!(password(&bundle["DATABASE_URL"]), password(&theirs["DATABASE_URL"]));
    assert_ne!(bundle["JWT_SECRET_KEY"], theirs["JWT_SECRET_KEY"]);
    assert_eq!(std::fs::read_to_string(project.folder.path().join(".env.runtime")).expect("there"), text);
}
