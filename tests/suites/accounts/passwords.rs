//! Changing and resetting a password, verifying an address, and hashes of other parameters.

use super::*;

async fn change(product: &Product, token: &str, current: &str, new: &str) -> Answer {
    let body = json!({ "current_password": current, "new_password": new });
    product.api.post("/me/password", &body).token(token).send().await
}

async fn confirm_reset(product: &Product, code: &str, new: &str) -> Answer {
    product.api.post("/password-reset/confirm", &json!({ "token": code, "new_password": new })).send().await
}

async fn ask_for_reset(product: &Product, email: &str) -> Answer {
    product.api.post("/password-reset", &json!({ "email": email })).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_is_refused_for_its_reason_and_a_change_is_told_by_mail() {
    let (product, mailbox) = product_with_mail(Options::default()).await;
    let person = product.api.person().await;
    assert_eq!(
        change(&product, &person.token, "not the present one", OTHER_PASSWORD).await.expect(403).code(),
        "wrong_password"
    );
    let own_words = format!("{} and more", person.email);
    for weak in ["short", "passwordpassword1", own_words.as_str()] {
        let refused = change(&product, &person.token, PASSWORD, weak).await.expect(422);
        assert_eq!(refused.json["errors"][0]["pointer"], "/new_password", "{weak}: {}", refused.text);
    }
    let same = change(&product, &person.token, PASSWORD, PASSWORD).await.expect(422);
    assert!(same.json["detail"].as_str().expect("a detail").contains("is the present password"), "{}", same.text);
    assert!(mailbox.collect(&product).await.iter().all(|mail| !mail.subject.contains("changed")), "nothing changed");
    change(&product, &person.token, PASSWORD, OTHER_PASSWORD).await.expect(204);
    refresh(&product.api, &person.refresh).await.expect(200);
    log_in(&product.api, &person.email, OTHER_PASSWORD).await.expect(200);
    let mails = mailbox.collect(&product).await;
    assert!(
        mails.iter().any(|mail| mail.to == person.email && mail.subject.contains("password was changed")),
        "{mails:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_of_a_mail_is_good_once_within_its_time_and_is_nowhere_stored() {
    let (product, mailbox) = product_with_mail(Options::default()).await;
    let person = product.api.person().await;
    mailbox.collect(&product).await;
    let known = ask_for_reset(&product, &person.email.to_uppercase()).await.expect(202);
    let unknown = ask_for_reset(&product, "nobody@example.org").await.expect(202);
    assert_eq!(known.json, unknown.json, "the answer does not tell who has an account");
    let code = mailbox.code(&product, &person.email, "np1.").await;
    let stored = "SELECT count(*) FROM navigator.outbox WHERE recipient IS NOT NULL AND finished_at IS NOT NULL";
    assert_eq!(product.count(stored).await, 0, "whom a mail went to is forgotten");
    for column in ["secret_hash::text FROM navigator.one_time_secrets", "to_jsonb(o)::text FROM navigator.outbox AS o"]
    {
        let rows = product.superuser().await.query(&format!("SELECT {column}"), &[]).await.expect("rows");
        assert!(rows.iter().all(|row| !row.get::<_, String>(0).contains(&code)), "the code itself is not stored");
    }
    // Refused by the rule, the code is still good; used, it is not.
    confirm_reset(&product, &code, "passwordpassword1").await.expect(422);
    confirm_reset(&product, &code, OTHER_PASSWORD).await.expect(204);
    assert_eq!(confirm_reset(&product, &code, "a third sentence for it 7").await.expect(422).code(), "secret_invalid");
    let answer = log_in(&product.api, &person.email, OTHER_PASSWORD).await.expect(200);
    assert_eq!(answer.json["user"]["email_verified"], true, "the code came by mail");
    // An older code ends with the newer password, and every code after ten minutes.
    ask_for_reset(&product, &person.email).await.expect(202);
    let first = mailbox.code(&product, &person.email, "np1.").await;
    ask_for_reset(&product, &person.email).await.expect(202);
    let second = mailbox.code(&product, &person.email, "np1.").await;
    confirm_reset(&product, &second, PASSWORD).await.expect(204);
    assert_eq!(confirm_reset(&product, &first, OTHER_PASSWORD).await.expect(422).code(), "secret_invalid");
    let person = product.api.person().await;
    ask_for_reset(&product, &person.email).await.expect(202);
    let late = mailbox.code(&product, &person.email, "np1.").await;
    let client = product.superuser().await;
    let later =
        "UPDATE navigator.one_time_secrets SET expires_at = expires_at - interval '10 minutes' WHERE purpose = 'reset'";
    client.batch_execute(later).await.expect("later");
    assert_eq!(confirm_reset(&product, &late, OTHER_PASSWORD).await.expect(422).code(), "secret_invalid");
    me(&product, &person.token).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_code_outlives_the_credential_under_which_it_was_asked_for() {
    let (product, mailbox) = product_with_mail(Options::default()).await;
    let ops = crate::ops_command::ops(&product);
    for is_disabled in [false, true] {
        let person = product.api.person().await;
        let verification = mailbox.code(&product, &person.email, "nv1.").await;
        ask_for_reset(&product, &person.email).await.expect(202);
        let reset = mailbox.code(&product, &person.email, "np1.").await;
        // A mail that has not left yet leaves no more: its code is dead.
        ask_for_reset(&product, &person.email).await.expect(202);
        if is_disabled {
            ops.ok(&["user", "disable", &person.email]).await;
            ops.ok(&["user", "enable", &person.email]).await;
        } else {
            change(&product, &person.token, PASSWORD, OTHER_PASSWORD).await.expect(204);
        }
        let mails = mailbox.collect(&product).await;
        assert!(mails.iter().all(|mail| !mail.text.contains("np1.")), "{mails:?}");
        assert_eq!(
            confirm_reset(&product, &reset, "a third sentence for it 7").await.expect(422).code(),
            "secret_invalid"
        );
        let confirm = product.api.post("/email-verification/confirm", &json!({ "token": verification }));
        assert_eq!(confirm.send().await.expect(422).code(), "secret_invalid");
        ask_for_reset(&product, &person.email).await.expect(202);
        let fresh = mailbox.code(&product, &person.email, "np1.").await;
        confirm_reset(&product, &fresh, "a third sentence for it 7").await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_verified_by_the_code_of_its_mail() {
    let (product, mailbox) = product_with_mail(Options::default()).await;
    let person = product.api.person().await;
    let confirm = |code: String| {
        let api = product.api.clone();
        async move { api.post("/email-verification/confirm", &json!({ "token": code })).send().await }
    };
    let code = mailbox.code(&product, &person.email, "nv1.").await;
    let ask = || product.api.call("POST", "/email-verification").token(&person.token).send();
    ask().await.expect(202);
    let again = mailbox.code(&product, &person.email, "nv1.").await;
    assert_ne!(code, again);
    confirm(code.clone()).await.expect(204);
    confirm(code).await.expect(204);
    assert_eq!(me(&product, &person.token).await.json["email_verified"], true);
    ask().await.expect(200);
    assert_eq!(confirm(format!("nv1.{}", "A".repeat(43))).await.expect(422).code(), "secret_invalid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_cannot_be_sent_is_sent_later_and_its_code_outlives_a_new_signing_key() {
    let (product, mailbox) = product_with_mail(Options::default()).await;
    let person = product.api.person().await;
    // The schedule's function gets a new signing key before the mail is composed; the one before it still verifies.
    let mut environment = product.environment.clone();
    let old = environment.insert("JWT_SECRET_KEY".to_owned(), launcher::process::random_hex(32).expect("digits"));
    environment.insert("JWT_SECRET_KEY_PREVIOUS".to_owned(), old.expect("a key"));
    let mut without_folder = environment.clone();
    without_folder.remove("MAIL_FOLDER");
    product.host.set_environment("resume", without_folder);
    product.host.restart("resume").await.expect("restarted");
    assert!(mailbox.collect(&product).await.is_empty(), "nobody sends");
    product.host.set_environment("resume", environment);
    product.host.restart("resume").await.expect("restarted");
    let code = mailbox.code(&product, &person.email, "nv1.").await;
    product.api.post("/email-verification/confirm", &json!({ "token": code })).send().await.expect(204);
    assert_eq!(mailbox.collect(&product).await.len(), 0, "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hash_of_other_parameters_is_renewed_at_log_in_and_a_foreign_one_lets_nobody_in() {
    let product = product().await;
    let person = product.api.person().await;
    let client = product.superuser().await;
    let hash = async || {
        let sql = format!("SELECT password_hash FROM navigator.users WHERE id = '{}'", person.id);
        client.query_one(&sql, &[]).await.expect("a hash").get::<_, String>(0)
    };
    let before = hash().await;
    log_in(&product.api, &person.email, PASSWORD).await.expect(200);
    assert_eq!(hash().await, before, "the parameters are today's");
    let mut environment = product.environment.clone();
    environment.insert("ARGON2_ITERATIONS".to_owned(), "2".to_owned());
    product.host.set_environment("login", environment);
    product.host.restart("login").await.expect("restarted");
    log_in(&product.api, &person.email, OTHER_PASSWORD).await.expect(401);
    assert_eq!(hash().await, before, "only the right password renews it");
    log_in(&product.api, &person.email, PASSWORD).await.expect(200);
    assert!(hash().await.contains("t=2,"), "{}", hash().await);
    log_in(&product.api, &person.email, PASSWORD).await.expect(200);
    for foreign in
        ["!", "", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$AAAA", "$argon2id$"]
    {
        let sql = format!("UPDATE navigator.users SET password_hash = '{foreign}' WHERE id = '{}'", person.id);
        client.batch_execute(&sql).await.expect("stored");
        assert_eq!(
            log_in(&product.api, &person.email, PASSWORD).await.expect(401).code(),
            "invalid_credentials",
            "{foreign}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_administrator_sets_a_password_with_a_code_that_is_printed_once() {
    let product = product().await;
    let ops = crate::ops_command::ops(&product);
    let said = ops.ok(&["user", "create-admin", "boss@example.org", "--name", "Grace Chief"]).await;
    let code = said.lines().map(str::trim).find(|line| line.starts_with("np1.")).expect("a code").to_owned();
    log_in(&product.api, "boss@example.org", PASSWORD).await.expect(401);
    confirm_reset(&product, &code, PASSWORD).await.expect(204);
    confirm_reset(&product, &code, PASSWORD).await.expect(422);
    let answer = log_in(&product.api, "Boss@example.org", PASSWORD).await.expect(200);
    assert_eq!(answer.json["user"]["roles"], json!(["admin", "user"]));
    assert!(
        ops.fails(&["user", "create-admin", "BOSS@example.org", "--name", "X"])
            .await
            .contains("has an account already")
    );
    assert!(ops.fails(&["user", "create-admin", "boss", "--name", "X"]).await.contains("must be an e-mail address"));
    let shown = ops.ok(&["user", "show", "boss@example.org"]).await;
    assert!(shown.contains("roles admin, user") && shown.contains("verified"), "{shown}");
    assert!(!shown.contains("argon2"), "{shown}");
}
