//! Rate limits: exact, for everybody alike, and never a way to lock an owner out.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use serde_json::json;
use tests::client::{Answer, Api, PASSWORD};
use tests::product::{Options, Product, product, product_with};

/// The limits as they are shipped; the others are raised in the tests.
async fn ship(product: &Product, names: &[&str]) -> BTreeMap<String, (i32, i32)> {
    let client = product.superuser().await;
    let sql = "UPDATE navigator.rate_policies AS p SET hits = s.hits FROM public.shipped_policies AS s \
               WHERE s.name = p.name AND p.name = ANY ($1) RETURNING p.name, p.hits, p.seconds";
    let rows = client.query(sql, &[&names]).await.expect("shipped");
    rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect()
}

fn address(number: u8) -> IpAddr {
    Ipv4Addr::new(127, 9, 0, number).into()
}

async fn log_in(api: &Api, email: &str, password: &str) -> Answer {
    api.post("/login", &json!({ "email": email, "password": password })).send().await
}

/// A 429 says which limit, how much of it, and when to come back.
fn assert_limited(answer: &Answer, policy: &str) {
    assert_eq!((answer.status, answer.code()), (429, "rate_limited"), "{}", answer.text);
    let header = |name: &str| answer.headers[name].to_str().expect("text").to_owned();
    assert!(header("ratelimit-policy").starts_with(&format!("\"{policy}\";q=")), "{}", header("ratelimit-policy"));
    assert!(header("ratelimit").starts_with(&format!("\"{policy}\";r=0;t=")), "{}", header("ratelimit"));
    assert!(answer.retry_after().is_some_and(|pause| !pause.is_zero()));
}

const GUESSES: usize = 10_000;
const ADDRESSES: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_guesses_are_let_in_exactly_as_often_as_the_limits_say() {
    let product = product_with(Options { processes: 8, pool_size: 12, ..Options::default() }).await;
    let person = product.api.person().await;
    let shipped = ship(&product, &["login_pair", "login_account", "login_address", "login_all"]).await;
    let (pair, account) = (shipped["login_pair"].0, shipped["login_account"].0);
    let apis: Vec<Api> =
        (0..ADDRESSES).map(|n| product.api.from_address(address(u8::try_from(n + 1).expect("few")))).collect();
    let (next, tried, limited) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let health = Arc::new(AtomicUsize::new(0));
    let attack = join_all((0..16).map(|_| async {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= GUESSES {
                return;
            }
            let answer = log_in(&apis[number % ADDRESSES], &person.email, &format!("a wrong guess no {number}")).await;
            match answer.status {
                401 => tried.fetch_add(1, Ordering::Relaxed),
                429 => limited.fetch_add(1, Ordering::Relaxed),
                other => panic!("{other}: {}", answer.text),
            };
        }
    }));
    let watch = async {
        while next.load(Ordering::Relaxed) < GUESSES {
            product.api.get("/health").send().await.expect(200);
            product.api.get("/health/ready").send().await.expect(200);
            health.fetch_add(1, Ordering::Relaxed);
        }
    };
    tokio::join!(attack, watch);
    let (tried, limited) = (tried.into_inner(), limited.into_inner());
    println!(
        "{tried} of {GUESSES} guesses let in, {limited} refused; health answered {} times",
        health.load(Ordering::Relaxed)
    );
    // The first try of each address, and the account's own limit for all further ones together.
    let further = usize::try_from(account).expect("few").min(ADDRESSES * usize::try_from(pair - 1).expect("few"));
    assert_eq!((tried, limited), (ADDRESSES + further, GUESSES - ADDRESSES - further));
    let most = "SELECT max(hits)::int8 FROM navigator.rate_limits WHERE policy = 'login_pair'";
    assert!(product.count(most).await <= i64::from(pair));
    let recorded = "SELECT count(*) FROM navigator.audit_log WHERE action = 'login' AND outcome = 'refused'";
    assert_eq!(
        product.count(recorded).await,
        i64::try_from(tried).expect("few"),
        "each one that was let in is recorded"
    );
    assert!(health.load(Ordering::Relaxed) > 20);
    // The owner still gets in from where nobody attacks, and from there again.
    let elsewhere = product.api.from_address(Ipv4Addr::new(127, 8, 0, 1).into());
    log_in(&elsewhere, &person.email, PASSWORD).await.expect(200);
    log_in(&elsewhere, &person.email, PASSWORD).await.expect(200);
    assert_limited(&log_in(&apis[0], &person.email, PASSWORD).await, "login_pair");
    // Throttled, not locked out for good.
    let later = "UPDATE navigator.rate_limits SET began_at = began_at - interval '1 day'";
    product.superuser().await.batch_execute(later).await.expect("later");
    log_in(&apis[0], &person.email, PASSWORD).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_address_is_limited_like_a_known_one_and_no_header_makes_another_client() {
    let product = product().await;
    let person = product.api.person().await;
    let shipped = ship(&product, &["login_pair"]).await;
    let hits = shipped["login_pair"].0;
    for email in [person.email.as_str(), "nobody@example.org"] {
        for number in 0..hits {
            let call = product.api.post("/login", &json!({ "email": email, "password": "a wrong guess" }));
            call.header("x-forwarded-for", &format!("203.0.113.{number}")).send().await.expect(401);
        }
        let call = product.api.post("/login", &json!({ "email": email.to_uppercase(), "password": "a wrong guess" }));
        assert_limited(&call.header("x-forwarded-for", "198.51.100.7").send().await, "login_pair");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_password_forgets_the_wrong_tries_before_it() {
    let product = product().await;
    let person = product.api.person().await;
    let hits = ship(&product, &["login_pair"]).await["login_pair"].0;
    for _ in 0..3 {
        for _ in 1..hits {
            log_in(&product.api, &person.email, "a wrong guess").await.expect(401);
        }
        log_in(&product.api, &person.email, PASSWORD).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_other_limit_holds_exactly_too() {
    let product = product_with(Options { processes: 4, ..Options::default() }).await;
    let shipped = ship(
        &product,
        &["account", "register_address", "password", "refresh_address", "secret_address", "mail_address"],
    )
    .await;
    let hits = |name: &str| usize::try_from(shipped[name].0).expect("few");
    let person = product.api.person().await;
    let me = || product.api.get("/me").token(&person.token);
    let rename = |api: &Api, n: usize| {
        let body = json!({ "current_password": format!("wrong guess number {n}"), "new_password": "quite another sentence 4 it" });
        api.post("/me/password", &body).token(&person.token)
    };
    let from = |n: u8| product.api.from_address(Ipv4Addr::new(127, 7, 0, n).into());
    let (second, third, fourth, fifth) = (from(2), from(3), from(4), from(5));
    let unknown = format!("nr1.{}", "A".repeat(43));
    // Twice as often as the limit allows, many at once; what is let in answers as it always does.
    let runs: Vec<(&str, usize, Vec<Answer>)> = vec![
        (
            "password",
            hits("password"),
            join_all((0..2 * hits("password")).map(|n| rename(&product.api, n).send())).await,
        ),
        (
            "refresh_address",
            hits("refresh_address"),
            join_all(
                (0..2 * hits("refresh_address"))
                    .map(|_| second.post("/token/refresh", &json!({ "refresh_token": unknown })).send()),
            )
            .await,
        ),
        (
            "secret_address",
            hits("secret_address"),
            join_all((0..2 * hits("secret_address")).map(|_| {
                let code = format!("nv1.{}", "A".repeat(43));
                third.post("/email-verification/confirm", &json!({ "token": code })).send()
            }))
            .await,
        ),
        (
            "mail_address",
            hits("mail_address"),
            join_all(
                (0..2 * hits("mail_address")).map(|n| {
                    fourth.post("/password-reset", &json!({ "email": format!("nobody{n}@example.org") })).send()
                }),
            )
            .await,
        ),
        (
            "register_address",
            hits("register_address"),
            join_all((0..2 * hits("register_address")).map(|n| {
                let body = json!({ "email": format!("new{n}@example.org"), "password": PASSWORD, "full_name": "New" });
                fifth.post("/register", &body).send()
            }))
            .await,
        ),
    ];
    for (policy, most, answers) in &runs {
        let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
        assert_eq!(answers.len() - refused.len(), *most, "{policy}");
        refused.iter().for_each(|answer| assert_limited(answer, policy));
    }
    // The account's limit counts everything that its owner does, whatever the route; another person is not touched.
    let other = product.api.from_address(Ipv4Addr::new(127, 7, 0, 9).into());
    let before = product
        .count(&format!(
            "SELECT hits::int8 FROM navigator.rate_limits WHERE policy = 'account' AND key = '{}'",
            person.id
        ))
        .await;
    let left = hits("account") - usize::try_from(before).expect("few");
    let answers = join_all((0..left + 50).map(|_| me().send())).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), left);
    assert_limited(&me().send().await, "account");
    assert_limited(&product.api.ask(&person, "c", "What is a copay?").send().await, "account");
    assert_eq!(product.count("SELECT count(*) FROM navigator.conversations").await, 0, "nothing was stored");
    let new = json!({ "email": "other@example.org", "password": PASSWORD, "full_name": "Other" });
    let token = other.post("/register", &new).send().await.expect(201).json["access_token"]
        .as_str()
        .expect("a token")
        .to_owned();
    other.get("/me").token(&token).send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_is_not_flooded_and_the_answer_does_not_tell() {
    let (product, mailbox) = tests::mailbox::product_with_mail(Options::default()).await;
    // The limits first: the registration's own email counts.
    let most = ship(&product, &["mail_account"]).await["mail_account"].0;
    let person = product.api.person().await;
    let registered = mailbox.collect(&product).await.len();
    assert_eq!(registered, 1);
    for _ in 0..3 * most {
        product.api.post("/password-reset", &json!({ "email": person.email })).send().await.expect(202);
    }
    assert_eq!(registered + mailbox.collect(&product).await.len(), usize::try_from(most).expect("few"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strangers_mailbox_is_not_flooded_by_whoever_registers_its_address_and_each_thing_is_said_once() {
    let (product, mailbox) = tests::mailbox::product_with_mail(Options::default()).await;
    let most = usize::try_from(ship(&product, &["mail_account", "mail_notice"]).await["mail_account"].0).expect("few");
    let later = async |sql: &str| product.superuser().await.batch_execute(sql).await.expect("later");
    let collect = async |subject: &str| {
        let mails = mailbox.collect(&product).await;
        mails.iter().filter(|mail| mail.to == "stranger@example.org" && mail.subject.contains(subject)).count()
    };
    // Registered, changed back and forth, deleted, and from the beginning again.
    for _ in 0..2 * most {
        let new = json!({ "email": "stranger@example.org", "password": PASSWORD, "full_name": "A Stranger" });
        let registered = product.api.post("/register", &new).send().await.expect(201);
        let token = registered.json["access_token"].as_str().expect("a token").to_owned();
        let mut passwords = [PASSWORD, "quite another sentence 4 it"];
        for _ in 0..4 {
            let change = json!({ "current_password": passwords[0], "new_password": passwords[1] });
            product.api.post("/me/password", &change).token(&token).send().await.expect(204);
            passwords.reverse();
        }
        let body = json!({ "password": PASSWORD }).to_string().into_bytes();
        let deletion = product.api.call("DELETE", "/me").token(&token).raw("application/json", body);
        deletion.send().await.expect(204);
        mailbox.collect(&product).await;
    }
    let sent = product.count("SELECT count(*) FROM navigator.outbox WHERE outcome = 'sent'").await;
    // Verifications went with their accounts' rows; a notice of a deletion outlives the account.
    assert_eq!(sent, 1, "one notice of a deletion within its window");
    // Another one waits for the window's end, for all that came since.
    let end = "UPDATE navigator.outbox SET next_at = clock_timestamp() WHERE finished_at IS NULL";
    later(end).await;
    assert_eq!(collect("deleted").await, 1);
    assert_eq!(collect("").await, 0);
    // The window over, the next change is said at once; of ten more in it the owner learns by one mail.
    later("UPDATE navigator.rate_limits SET began_at = began_at - interval '1 hour'").await;
    let person = product.api.person().await;
    let mut passwords = [PASSWORD, "quite another sentence 4 it"];
    let mut changed = Vec::new();
    for number in 0..11 {
        let change = json!({ "current_password": passwords[0], "new_password": passwords[1] });
        product.api.post("/me/password", &change).token(&person.token).send().await.expect(204);
        passwords.reverse();
        if number == 0 || number == 10 {
            let mails = mailbox.collect(&product).await;
            changed
                .push(mails.iter().filter(|mail| mail.to == person.email && mail.subject.contains("changed")).count());
        }
    }
    later(end).await;
    let mails = mailbox.collect(&product).await;
    changed.push(mails.iter().filter(|mail| mail.to == person.email && mail.subject.contains("changed")).count());
    assert_eq!(changed, [1, 0, 1], "at once, not again within the window, and all the others at its end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_calls_the_sweep_deletes_nothing_that_is_younger_than_the_least_retention() {
    let product = product().await;
    let person = product.api.person().await;
    for key in ["k1", "k2"] {
        product.api.ask(&person, key, "What is a copay?").key(key).send().await.expect(200);
    }
    let kept = async || {
        let mut counts = Vec::new();
        for table in ["workflow_requests", "workflow_steps", "sessions", "refresh_tokens", "outbox", "one_time_secrets"]
        {
            counts.push(product.count(&format!("SELECT count(*) FROM navigator.{table}")).await);
        }
        counts
    };
    let before = kept().await;
    assert!(before.iter().all(|count| *count > 0), "{before:?}");
    let client = product.superuser().await;
    client.batch_execute("SET ROLE navigator_api").await.expect("the functions' role");
    for retention in ["0, 0", "-1, -1", "-2147483648, -2147483648", "NULL, NULL"] {
        client.batch_execute(&format!("SELECT navigator.sweep('{{}}', 50, {retention})")).await.expect("a sweep");
        assert_eq!(kept().await, before, "{retention}");
    }
    // The same request is still the same.
    let again = product.api.ask(&person, "k1", "What is a copay?").key("k1").send().await.expect(200);
    assert_eq!(again.headers["idempotency-replayed"], "true");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_changes_a_limit_and_it_holds_at_the_next_request() {
    let product = product().await;
    let person = product.api.person().await;
    let ops = crate::ops_command::ops(&product);
    ops.ok(&["limits", "set", "account", "2", "60"]).await;
    let me = || product.api.get("/me").token(&person.token).send();
    let statuses = [me().await.status, me().await.status, me().await.status];
    assert_eq!(statuses, [200, 200, 429]);
    assert!(ops.ok(&["limits", "list"]).await.contains("login_pair"));
    assert!(ops.fails(&["limits", "set", "nothing", "2", "60"]).await.contains("there is no such limit"));
    assert!(ops.fails(&["limits", "set", "account", "0", "60"]).await.contains("0 is not in 1.."));
}
