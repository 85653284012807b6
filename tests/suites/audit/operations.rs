//! What every operation leaves in the log: driven through the routes and the operator's command.

use serde_json::{Value, json};
use tests::client::{Answer, PASSWORD};
use tests::gate::Gate;
use tests::mailbox::product_with_mail;
use tests::product::{Options, Product};

use crate::ops_command::ops;

const NEW_PASSWORD: &str = "quite another sentence 4 it";
const QUESTION: &str = "What is a copay? I was told so by Doctor Whisper";

/// Everything that a row must not hold.
struct Secrets(Vec<String>);

impl Secrets {
    fn keep(&mut self, answer: &Answer) {
        for name in ["access_token", "refresh_token"] {
            self.0.extend(answer.json[name].as_str().map(ToOwned::to_owned));
        }
    }
}

async fn send(product: &Product, method: &str, path: &str, token: &str, body: Option<Value>, status: u16) -> Answer {
    let mut call = product.api.call(method, path);
    if !token.is_empty() {
        call = call.token(token);
    }
    if let Some(body) = body {
        call = call.raw("application/json", body.to_string().into_bytes());
    }
    call.send().await.expect(status)
}

/// Action, outcome, who acted, about whom: of every row, in the order of time.
async fn rows(product: &Product, ana: &str) -> Vec<String> {
    let sql = format!(
        "SELECT format('%s %s by %s about %s', action, outcome, \
                    CASE WHEN operator IS NOT NULL AND actor IS NULL THEN 'an operator' WHEN actor = '{ana}' THEN 'Ana' \
                         WHEN actor IS NULL THEN 'nobody known' ELSE 'somebody else' END, \
                    CASE WHEN subject = '{ana}' THEN 'Ana' WHEN subject IS NULL THEN 'nobody' ELSE 'somebody else' END) \
           FROM navigator.audit_log ORDER BY at"
    );
    product.superuser().await.query(&sql, &[]).await.expect("rows").iter().map(|row| row.get(0)).collect()
}

/// Says that these rows came since the last time.
struct Log<'a> {
    product: &'a Product,
    ana: String,
    read: usize,
}

impl Log<'_> {
    async fn says(&mut self, expected: &[&str]) {
        let rows = rows(self.product, &self.ana).await;
        assert_eq!(rows[self.read..], *expected);
        self.read = rows.len();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_leaves_its_row() {
    let gate = Gate::start().await;
    let environment = gate.environment(json!({}));
    let (product, mailbox) = product_with_mail(Options { environment, ..Options::default() }).await;
    let (product, mut secrets) = (&product, Secrets(Vec::new()));
    let person = product.api.person().await;
    let (email, token) = (person.email.as_str(), person.token.as_str());
    let mut log = Log { product, ana: person.id.clone(), read: 0 };
    log.says(&["register ok by Ana about Ana"]).await;

    // Coming in.
    let new = json!({ "email": email.to_uppercase(), "password": PASSWORD, "full_name": "Ana Pérez" });
    send(product, "POST", "/register", "", Some(new), 409).await;
    log.says(&["register taken by nobody known about nobody"]).await;
    let credentials = |email: &str, password: &str| Some(json!({ "email": email, "password": password }));
    send(product, "POST", "/login", "", credentials(email, NEW_PASSWORD), 401).await;
    send(product, "POST", "/login", "", credentials("nobody@example.org", PASSWORD), 401).await;
    let second = send(product, "POST", "/login", "", credentials(email, PASSWORD), 200).await;
    log.says(&[
        "login refused by nobody known about Ana",
        "login refused by nobody known about nobody",
        "login ok by Ana about Ana",
    ])
    .await;
    let refresh = || Some(json!({ "refresh_token": second.json["refresh_token"] }));
    let third = send(product, "POST", "/token/refresh", "", refresh(), 200).await;
    let again = send(product, "POST", "/token/refresh", "", refresh(), 200).await;
    let successor = Some(json!({ "refresh_token": third.json["refresh_token"] }));
    secrets.keep(&send(product, "POST", "/token/refresh", "", successor, 200).await);
    send(product, "POST", "/token/refresh", "", refresh(), 401).await;
    let fourth = send(product, "POST", "/login", "", credentials(email, PASSWORD), 200).await;
    send(product, "POST", "/logout", fourth.json["access_token"].as_str().expect("a token"), None, 204).await;
    log.says(&[
        "session.refresh ok by Ana about Ana",
        "session.refresh again by Ana about Ana",
        "session.refresh ok by Ana about Ana",
        "session.refresh reused by Ana about Ana",
        "login ok by Ana about Ana",
        "logout ok by Ana about Ana",
    ])
    .await;
    for answer in [&second, &third, &again, &fourth] {
        secrets.keep(answer);
    }

    // Conversations.
    gate.hold(|arrival| arrival.step_no == 1);
    let (asked, ()) = tokio::join!(product.api.ask(&person, "c", QUESTION).send(), async {
        let held = gate.held().await;
        product.api.run(&person, "c").await.expect(200);
        product.api.cancel(&person, "c").await.expect(202);
        gate.open();
        drop(held);
    });
    asked.expect(200);
    product.api.ask(&person, "c", QUESTION).send().await.expect(200);
    log.says(&[
        "question started by Ana about Ana",
        "workflow.read ok by Ana about Ana",
        "workflow.cancel ok by Ana about Ana",
        // Whoever was answering finds the run cancelled, and takes the stored answer.
        "question replay by Ana about Ana",
        "question started by Ana about Ana",
    ])
    .await;
    product.api.cancel(&person, "c").await.expect(409);
    product.api.cancel(&person, "none").await.expect(404);
    product.api.run(&person, "none").await.expect(404);
    product.api.messages(&person, "c").await;
    send(product, "GET", "/conversations/none/history", token, None, 404).await;
    send(product, "GET", "/conversations", token, None, 200).await;
    send(product, "DELETE", "/conversations/none", token, None, 404).await;
    log.says(&[
        "workflow.cancel finished by Ana about Ana",
        "workflow.cancel not_found by Ana about Ana",
        "workflow.read not_found by Ana about Ana",
        "history.read ok by Ana about Ana",
        "history.read not_found by Ana about Ana",
        "conversations.read ok by Ana about Ana",
        "conversation.delete not_found by Ana about Ana",
    ])
    .await;

    // Operators, before the conversation is gone.
    let ops = ops(product);
    ops.ok(&["workflow", "show", "c"]).await;
    ops.ok(&["workflow", "show", "c", "--content"]).await;
    ops.ok(&["user", "show", email]).await;
    ops.ok(&["audit", "show", "--who", email]).await;
    ops.ok(&["audit", "access", email]).await;
    log.says(&[
        "operator.read ok by an operator about Ana",
        "user.read ok by an operator about Ana",
        "audit.read ok by an operator about Ana",
        "audit.access ok by an operator about Ana",
    ])
    .await;
    send(product, "DELETE", "/conversations/c", token, None, 204).await;
    send(product, "PATCH", "/me", token, Some(json!({ "full_name": "Ana Secretname" })), 200).await;
    send(product, "GET", "/me/export", token, None, 200).await;
    log.says(&[
        "conversation.delete deleted by Ana about Ana",
        "account.update ok by Ana about Ana",
        "account.export ok by Ana about Ana",
    ])
    .await;

    // Passwords and mails.
    let change = |current: &str| Some(json!({ "current_password": current, "new_password": NEW_PASSWORD }));
    send(product, "POST", "/me/password", token, change("not the present one"), 403).await;
    send(product, "POST", "/me/password", token, change(PASSWORD), 204).await;
    for address in [email, "nobody@example.org"] {
        send(product, "POST", "/password-reset", "", Some(json!({ "email": address })), 202).await;
    }
    let reset = mailbox.code(product, email, "np1.").await;
    send(product, "POST", "/email-verification", token, None, 202).await;
    let verification = mailbox.code(product, email, "nv1.").await;
    send(product, "POST", "/email-verification/confirm", "", Some(json!({ "token": verification })), 204).await;
    let body = json!({ "token": reset, "new_password": PASSWORD });
    send(product, "POST", "/password-reset/confirm", "", Some(body), 204).await;
    log.says(&[
        "password.change refused by Ana about Ana",
        "password.change ok by Ana about Ana",
        "password.reset_request ok by nobody known about Ana",
        "password.reset_request ok by nobody known about nobody",
        "email.verify_request ok by Ana about Ana",
        "email.verify ok by Ana about Ana",
        "password.reset ok by Ana about Ana",
    ])
    .await;
    secrets.0.extend([reset, verification]);

    // Roles, and what they allow.
    let document =
        || Some(json!({ "url": "https://www.medicare.gov/x", "title": "A title", "text": "A text of some length." }));
    ops.ok(&["user", "grant", email, "regulatory_agent"]).await;
    let fifth = send(product, "POST", "/login", "", credentials(email, PASSWORD), 200).await;
    let token = fifth.json["access_token"].as_str().expect("a token");
    send(product, "POST", "/regulatory", token, document(), 201).await;
    // The token names the role still; the transaction decides.
    let behind = "DELETE FROM navigator.user_roles WHERE role_name = 'regulatory_agent'";
    product.superuser().await.batch_execute(behind).await.expect("taken");
    send(product, "POST", "/regulatory", token, document(), 403).await;
    ops.ok(&["user", "grant", email, "regulatory_agent"]).await;
    ops.ok(&["user", "revoke", email, "regulatory_agent"]).await;
    ops.ok(&["user", "disable", email]).await;
    send(product, "POST", "/login", "", credentials(email, PASSWORD), 403).await;
    ops.ok(&["user", "enable", email]).await;
    ops.ok(&["user", "enable", email]).await;
    ops.ok(&["limits", "set", "account", "999", "60"]).await;
    log.says(&[
        "user.grant changed by an operator about Ana",
        "login ok by Ana about Ana",
        "regulatory.create created by Ana about Ana",
        "regulatory.create forbidden by Ana about Ana",
        "user.grant changed by an operator about Ana",
        "user.revoke changed by an operator about Ana",
        "user.disable changed by an operator about Ana",
        "login disabled by Ana about Ana",
        "user.enable changed by an operator about Ana",
        "user.enable unchanged by an operator about Ana",
        "limits.set ok by an operator about nobody",
    ])
    .await;
    secrets.keep(&fifth);

    // The end.
    let last = send(product, "POST", "/login", "", credentials(email, PASSWORD), 200).await;
    let token = last.json["access_token"].as_str().expect("a token");
    send(product, "DELETE", "/me", token, Some(json!({ "password": NEW_PASSWORD })), 403).await;
    send(product, "DELETE", "/me", token, Some(json!({ "password": PASSWORD })), 204).await;
    send(product, "POST", "/login", "", credentials(email, PASSWORD), 401).await;
    log.says(&[
        "login ok by Ana about Ana",
        "password.change refused by Ana about Ana",
        "account.delete ok by Ana about Ana",
        "login refused by nobody known about nobody",
    ])
    .await;
    secrets.keep(&last);
    ops.ok(&["user", "create-admin", "boss@example.org", "--name", "Grace Chief"]).await;
    log.says(&["user.create_admin ok by an operator about somebody else"]).await;

    holds_nothing_of(product, secrets, &person).await;
    assert!(ops.ok(&["audit", "verify"]).await.contains("the log is as it was written"));
}

async fn holds_nothing_of(product: &Product, secrets: Secrets, person: &tests::client::Person) {
    let mut words = secrets.0;
    assert_eq!(words.len(), 16, "every token was kept");
    words.extend([&person.email, &person.token, &person.refresh].map(ToOwned::to_owned));
    words.extend(
        ["@", "Ana", "Pérez", "Secretname", "Grace", "boss", "nobody", "copay", "Whisper", PASSWORD, NEW_PASSWORD]
            .map(ToOwned::to_owned),
    );
    let sql = "SELECT to_jsonb(l)::text FROM navigator.audit_log AS l";
    let rows = product.superuser().await.query(sql, &[]).await.expect("rows");
    assert!(rows.len() > 45, "{}", rows.len());
    for row in rows {
        let text = row.get::<_, String>(0).to_lowercase();
        for word in &words {
            assert!(!text.contains(&word.to_lowercase()), "{word} in {text}");
        }
    }
}
