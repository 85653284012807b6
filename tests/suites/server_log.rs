//! The server's log with `log_statement = 'all'`, as loud as a provider may set it: set-up, rotation, accounts and their mails leave no
//! password, token, code, or input of a verifier in it. What does stand in it are hashes: SCRAM verifiers, argon2 hashes, SHA-256 of
//! tokens and codes. (What people write stands in it too; SECURITY.md says what log_statement must be.)

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ops::host::LogSink;
use serde_json::{Value, json};
use tests::client::{Answer, Api, PASSWORD};
use tests::product::{binary, start_host};
use tests::project::Project;
use tests::secrets_manager::SecretsManager;

const SECOND: &str = "a second sentence for the log 7";
const THIRD: &str = "a third sentence for the log 8";

/// What must not be in the log, each with what it is.
#[derive(Default)]
struct Secrets(Vec<(String, String)>);

impl Secrets {
    /// A secret as text, and its bytes as the log shows binary parameters.
    fn add(&mut self, what: &str, secret: &str) {
        assert!(secret.len() >= 8, "{what} is too short to be looked for");
        self.0.push((what.to_owned(), secret.to_owned()));
        self.0.push((format!("{what}, as hexadecimal digits"), hex(secret.as_bytes())));
        // Tokens and codes are base64 behind a prefix with a dot.
        let bare = secret.rsplit('.').next().unwrap_or(secret);
        if let Ok(bytes) = URL_SAFE_NO_PAD.decode(bare).map_err(drop)
            && bytes.len() >= 16
        {
            self.0.push((format!("{what}, bare"), bare.to_owned()));
            self.0.push((format!("{what}, its bytes"), hex(&bytes)));
        }
    }

    /// Those of the tokens of an answer.
    fn add_tokens(&mut self, what: &str, answer: &Answer) {
        for name in ["access_token", "refresh_token"] {
            self.add(&format!("{what}'s {name}"), answer.json[name].as_str().expect("a token"));
        }
    }

    fn found_in(&self, log: &str) -> Vec<&str> {
        self.0.iter().filter(|(_, secret)| log.contains(secret.as_str())).map(|(what, _)| what.as_str()).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn password(url: &str) -> &str {
    url.split(':').nth(2).and_then(|rest| rest.split('@').next()).expect("a password")
}

/// Everything that a person does with a password, a token or a code.
async fn walk(api: &Api, mails: &std::path::Path, resume: impl AsyncFn(), secrets: &mut Secrets) {
    let email = "log@example.org";
    let registered = json!({ "email": email, "password": PASSWORD, "full_name": "Ana Log" });
    let person = api.post("/register", &registered).send().await.expect(201);
    secrets.add_tokens("registration", &person);
    let code = async |prefix: &str, secrets: &mut Secrets| {
        resume().await;
        let mut texts = String::new();
        for file in std::fs::read_dir(mails).expect("the folder").flatten() {
            texts.push_str(&std::fs::read_to_string(file.path()).expect("a mail"));
            std::fs::remove_file(file.path()).expect("removed");
        }
        let code = texts.lines().rev().find(|line| line.starts_with(prefix)).expect("a code").trim().to_owned();
        secrets.add(&format!("the code {prefix}"), &code);
        code
    };
    let verify = code("nv1.", secrets).await;
    api.post("/email-verification/confirm", &json!({ "token": verify })).send().await.expect(204);
    api.post("/login", &json!({ "email": email, "password": "a wrong one for the log" })).send().await.expect(401);
    let signed_in = api.post("/login", &json!({ "email": email, "password": PASSWORD })).send().await.expect(200);
    secrets.add_tokens("sign-in", &signed_in);
    let refresh = |answer: &Answer| json!({ "refresh_token": answer.json["refresh_token"] });
    let refreshed = api.post("/token/refresh", &refresh(&signed_in)).send().await.expect(200);
    secrets.add_tokens("refresh", &refreshed);
    let token = |answer: &Answer| answer.json["access_token"].as_str().expect("a token").to_owned();
    let change = json!({ "current_password": PASSWORD, "new_password": SECOND });
    api.post("/me/password", &change).token(&token(&refreshed)).send().await.expect(204);
    api.post("/password-reset", &json!({ "email": email })).send().await.expect(202);
    let reset = code("np1.", secrets).await;
    api.post("/password-reset/confirm", &json!({ "token": reset, "new_password": THIRD })).send().await.expect(204);
    let last = api.post("/login", &json!({ "email": email, "password": THIRD })).send().await.expect(200);
    secrets.add_tokens("the last sign-in", &last);
    api.post("/logout", &refresh(&last)).token(&token(&last)).send_unjudged().await;
    let last = api.post("/login", &json!({ "email": email, "password": THIRD })).send().await.expect(200);
    secrets.add_tokens("the sign-in before the end", &last);
    let delete =
        api.call("DELETE", "/me").raw("application/json", json!({ "password": THIRD }).to_string().into_bytes());
    delete.token(&token(&last)).send_unjudged().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_password_token_or_code_is_in_the_servers_log() {
    const NAME: &str = "no_password_token_or_code_is_in_the_servers_log";
    let manager = match SecretsManager::start().await {
        Ok(manager) => manager,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    let project = Project::new().await;
    let begun = project.log_all(true).await;
    let mut secrets = Secrets::default();
    for (what, secret) in [("the first password", PASSWORD), ("the second", SECOND), ("the third", THIRD)] {
        secrets.add(what, secret);
    }
    secrets.add("a wrong password", "a wrong one for the log");
    secrets.add("the project's password", tests::project::PASSWORD);

    super::ops_setup::succeeds(&project, &[]);
    let written = project.written();
    secrets.add("navigator_api's password", password(&written["DATABASE_URL"]));
    secrets.add("the signing key", &written["JWT_SECRET_KEY"]);
    let arn = manager.store("log", &json!(written)).await;
    let url = project.lines["DATABASE_URL"].replace("[password]", tests::project::PASSWORD);
    let ca = project.lines["DATABASE_CA_PEM"].clone();
    let ops = |arguments: &[&str]| {
        let mut command = Command::new(binary("ops"));
        command.args(arguments).envs(manager.environment()).env("MIGRATION_DATABASE_URL", &url);
        let output = command.env("DATABASE_CA_PEM", &ca).output().expect("ops runs");
        assert!(output.status.success(), "{}", super::ops_setup::said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    ops(&["secrets", "rotate", "--database", "--secret", &arn]);
    let bundle = manager.bundle(&arn).await;
    let text = |name: &str| bundle[name].as_str().expect("text").to_owned();
    assert_ne!(text("DATABASE_URL"), written["DATABASE_URL"]);
    secrets.add("navigator_api's new password", password(&text("DATABASE_URL")));
    ops(&["secrets", "rotate", "--signing-key", "--secret", &arn]);
    let coming = manager.bundle(&arn).await["JWT_SECRET_KEY_PREVIOUS"].as_str().map(ToOwned::to_owned);
    secrets.add("the coming signing key", &coming.expect("announced"));
    let made = ops(&["user", "create-admin", "admin@example.org", "--name", "Ada Admin"]);
    secrets
        .add("the administrator's code", made.lines().find(|line| line.starts_with("  np1.")).expect("a code").trim());

    let mails = tests::stack::folder("mail");
    let mut environment = written.clone();
    environment.insert("DATABASE_URL".to_owned(), text("DATABASE_URL"));
    environment.insert("MAIL_FOLDER".to_owned(), mails.display().to_string());
    environment.insert("ARGON2_MEMORY_KIB".to_owned(), "7168".to_owned());
    let host = start_host(&environment, 1, LogSink::capture()).await.expect("a host");
    let resume = async || {
        let report: Value = host.invoke("resume", json!({})).await.expect("a report");
        assert!(report.is_object(), "{report}");
    };
    walk(&Api::new(host.url()), &mails, resume, &mut secrets).await;
    host.shutdown().await;

    let log = project.log_all(false).await.split_off(begun.len());
    // The log is as loud as it was to be: what must not be in it would be.
    for part in [
        "ALTER ROLE navigator_api PASSWORD 'SCRAM-SHA-256$1:",
        "parameters: ",
        "log@example.org",
        "$argon2id$",
        "execute <unnamed>: ",
    ] {
        assert!(log.contains(part), "{part} is not in the log");
    }
    assert_eq!(log.matches("ALTER ROLE navigator_api PASSWORD").count(), 2, "set-up and rotation");
    println!("{} secrets looked for in {} lines", secrets.0.len(), log.lines().count());
    assert!(secrets.0.len() >= 40);
    assert_eq!(secrets.found_in(&log), Vec::<&str>::new());
}
