//! Refreshing, logging out, and accounts that are disabled.

use super::*;
use futures_util::future::join_all;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_is_good_for_one_use_and_a_replay_ends_the_session() {
    let product = product().await;
    let person = product.api.person().await;
    let first = refresh(&product.api, &person.refresh).await.expect(200);
    assert_ne!(text(&first, "refresh_token"), person.refresh);
    me(&product, text(&first, "access_token")).await.expect(200);
    let again = refresh(&product.api, &person.refresh).await.expect(200);
    assert_eq!(text(&again, "refresh_token"), text(&first, "refresh_token"), "the same child");
    let second = refresh(&product.api, text(&first, "refresh_token")).await.expect(200);
    let replay = refresh(&product.api, &person.refresh).await.expect(401);
    assert_eq!(replay.code(), "refresh_token_reused");
    // It stays so although that request failed: the thief's token and the owner's are both dead.
    for token in [text(&second, "refresh_token"), text(&first, "refresh_token"), &person.refresh] {
        assert_eq!(refresh(&product.api, token).await.expect(401).code(), "session_ended");
    }
    assert_eq!(me(&product, text(&second, "access_token")).await.expect(401).code(), "session_ended");
    let reused = "SELECT count(*) FROM navigator.audit_log WHERE action = 'session.refresh' AND outcome = 'reused'";
    assert_eq!(product.count(reused).await, 1);
    log_in(&product.api, &person.email, PASSWORD).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_successor_that_was_never_used_is_given_again_however_late_and_after_a_new_signing_key() {
    let product = product().await;
    let person = product.api.person().await;
    let lost = refresh(&product.api, &person.refresh).await.expect(200);
    let client = product.superuser().await;
    // Nearly the hour after which the session itself is over.
    let later = "UPDATE navigator.refresh_tokens SET used_at = used_at - interval '59 minutes' WHERE used_at IS NOT NULL; \
                 UPDATE navigator.sessions SET last_seen_at = last_seen_at - interval '59 minutes'";
    client.batch_execute(later).await.expect("later");
    let again = refresh(&product.api, &person.refresh).await.expect(200);
    assert_eq!(text(&again, "refresh_token"), text(&lost, "refresh_token"));
    // It counts as a use: the session is not over an hour after the first one.
    client.batch_execute(later).await.expect("later");
    let mut environment = product.environment.clone();
    let old = environment.insert("JWT_SECRET_KEY".to_owned(), launcher::process::random_hex(32).expect("digits"));
    environment.insert("JWT_SECRET_KEY_PREVIOUS".to_owned(), old.expect("a key"));
    product.host.set_environment("session", environment);
    product.host.restart("session").await.expect("restarted");
    let rotated = refresh(&product.api, &person.refresh).await.expect(200);
    assert_eq!(text(&rotated, "refresh_token"), text(&lost, "refresh_token"), "derived by the key it was made with");
    me(&product, text(&rotated, "access_token")).await.expect(200);
    // Used, it is the owner's, or a thief's: its parent is not good any more.
    refresh(&product.api, text(&rotated, "refresh_token")).await.expect(200);
    assert_eq!(refresh(&product.api, &person.refresh).await.expect(401).code(), "refresh_token_reused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_refreshes_of_one_token_at_once_leave_one_living_child() {
    let product = product_with(Options { processes: 4, ..Options::default() }).await;
    let person = product.api.person().await;
    let answers = join_all((0..50).map(|_| refresh(&product.api, &person.refresh))).await;
    let mut children: Vec<&str> =
        answers.iter().filter(|one| one.status == 200).map(|one| text(one, "refresh_token")).collect();
    assert_eq!(children.len(), 50, "{answers:?}");
    children.sort_unstable();
    children.dedup();
    assert_eq!(children.len(), 1, "one child for all");
    let living = "SELECT count(*) FROM navigator.refresh_tokens WHERE used_at IS NULL";
    assert_eq!(product.count(living).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_ends_with_its_session() {
    let product = product().await;
    let client = product.superuser().await;
    for (what, sql) in [
        ("idle", "UPDATE navigator.sessions SET last_seen_at = last_seen_at - interval '61 minutes'"),
        ("old", "UPDATE navigator.sessions SET expires_at = clock_timestamp()"),
        ("revoked", "UPDATE navigator.sessions SET revoked_at = clock_timestamp()"),
    ] {
        let person = product.api.person().await;
        client.batch_execute(sql).await.expect(what);
        assert_eq!(refresh(&product.api, &person.refresh).await.expect(401).code(), "session_ended", "{what}");
        assert_eq!(me(&product, &person.token).await.expect(401).code(), "session_ended", "{what}");
    }
    let unknown = format!("nr1.{}", "A".repeat(43));
    for token in [unknown.as_str(), "", "nr1.", "x", &"n".repeat(5_000)] {
        assert_eq!(refresh(&product.api, token).await.expect(401).code(), "invalid_refresh_token", "{token}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_passes_as_one_of_another_kind() {
    let (product, mailbox) = product_with_mail(Options::default()).await;
    let person = product.api.person().await;
    let verification = mailbox.code(&product, &person.email, "nv1.").await;
    product.api.post("/password-reset", &json!({ "email": person.email })).send().await.expect(202);
    let reset = mailbox.code(&product, &person.email, "np1.").await;
    let all = [&person.token, &person.refresh, &verification, &reset];
    for token in all.iter().filter(|token| ***token != person.token) {
        assert_eq!(me(&product, token).await.expect(401).code(), "invalid_token");
    }
    for token in all.iter().filter(|token| ***token != person.refresh) {
        assert_eq!(refresh(&product.api, token).await.expect(401).code(), "invalid_refresh_token");
    }
    for token in all.iter().filter(|token| ***token != reset) {
        let body = json!({ "token": token, "new_password": OTHER_PASSWORD });
        let answer = product.api.post("/password-reset/confirm", &body).send().await.expect(422);
        assert_eq!(answer.code(), "secret_invalid");
    }
    for token in all.iter().filter(|token| ***token != verification) {
        let answer =
            product.api.post("/email-verification/confirm", &json!({ "token": token })).send().await.expect(422);
        assert_eq!(answer.code(), "secret_invalid");
    }
    // Renamed, a token is another one still.
    let renamed = format!("np1.{}", verification.trim_start_matches("nv1."));
    let body = json!({ "token": renamed, "new_password": OTHER_PASSWORD });
    assert_eq!(product.api.post("/password-reset/confirm", &body).send().await.expect(422).code(), "secret_invalid");
}

async fn log_out(product: &Product, token: &str, scope: Option<&str>) -> Answer {
    let call = product.api.call("POST", "/logout").token(token);
    match scope {
        None => call.send().await,
        Some(scope) => call.raw("application/json", json!({ "scope": scope }).to_string().into_bytes()).send().await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logging_out_takes_effect_at_the_next_request() {
    let product = product().await;
    let person = product.api.person().await;
    let (mut tokens, mut refreshes) = (vec![person.token.clone()], vec![person.refresh.clone()]);
    for _ in 0..3 {
        let answer = log_in(&product.api, &person.email, PASSWORD).await.expect(200);
        tokens.push(text(&answer, "access_token").to_owned());
        refreshes.push(text(&answer, "refresh_token").to_owned());
    }
    let living = async || {
        let answers = join_all(tokens.iter().map(|token| me(&product, token))).await;
        answers.iter().map(|answer| answer.status == 200).collect::<Vec<bool>>()
    };
    log_out(&product, &tokens[0], None).await.expect(204);
    assert_eq!(living().await, [false, true, true, true]);
    assert_eq!(refresh(&product.api, &refreshes[0]).await.expect(401).code(), "session_ended");
    assert_eq!(log_out(&product, &tokens[0], None).await.expect(401).code(), "session_ended");
    log_out(&product, &tokens[1], Some("others")).await.expect(204);
    assert_eq!(living().await, [false, true, false, false]);
    let other = product.api.person().await;
    log_out(&product, &tokens[1], Some("all")).await.expect(204);
    assert_eq!(living().await, [false; 4]);
    me(&product, &other.token).await.expect(200);
    assert_eq!(
        log_out(&product, &other.token, Some("everybody")).await.expect(422).json["errors"][0]["pointer"],
        "/scope"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_operator_disabled_is_said_to_its_owner_alone_and_enabling_brings_no_session_back() {
    let product = product().await;
    let person = product.api.person().await;
    let ops = crate::ops_command::ops(&product);
    ops.ok(&["user", "disable", &person.email]).await;
    assert!(ops.ok(&["user", "show", &person.email]).await.contains("sessions 0"));
    assert_eq!(log_in(&product.api, &person.email, PASSWORD).await.expect(403).code(), "account_disabled");
    assert_eq!(log_in(&product.api, &person.email, OTHER_PASSWORD).await.expect(401).code(), "invalid_credentials");
    ops.ok(&["user", "enable", &person.id]).await;
    assert_eq!(me(&product, &person.token).await.expect(401).code(), "session_ended");
    assert_eq!(refresh(&product.api, &person.refresh).await.expect(401).code(), "session_ended");
    log_in(&product.api, &person.email, PASSWORD).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_is_granted_and_taken_by_an_operator_and_counts_at_once() {
    let product = product().await;
    let person = product.api.person().await;
    let add = |token: String| {
        let body = json!({ "url": "https://www.medicare.gov/x", "title": "A title", "text": "A text of some length." });
        let api = product.api.clone();
        async move { api.post("/regulatory", &body).token(&token).send().await }
    };
    assert_eq!(add(person.token.clone()).await.expect(403).code(), "forbidden");
    let ops = crate::ops_command::ops(&product);
    ops.ok(&["user", "grant", &person.email, "regulatory_agent"]).await;
    let fresh = refresh(&product.api, &person.refresh).await.expect(200);
    let token = text(&fresh, "access_token").to_owned();
    add(token.clone()).await.expect(201);
    // Behind the operator's back: the token still names the role, and the transaction decides.
    let client = product.superuser().await;
    client.batch_execute("DELETE FROM navigator.user_roles WHERE role_name = 'regulatory_agent'").await.expect("taken");
    assert_eq!(add(token.clone()).await.expect(403).code(), "forbidden");
    ops.ok(&["user", "grant", &person.email, "regulatory_agent"]).await;
    ops.ok(&["user", "revoke", &person.email, "regulatory_agent"]).await;
    assert_eq!(add(token).await.expect(401).code(), "session_ended");
    assert!(ops.fails(&["user", "grant", &person.email, "emperor"]).await.contains("there is no such role"));
    assert!(ops.fails(&["user", "disable", "nobody@example.org"]).await.contains("there is no such account"));
}
