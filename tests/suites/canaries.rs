//! Nothing that a person sends reaches a log, somebody else's error or an operator's list: canaries in every field, under
//! every failure that can be provoked, with the logs as loud as they get.

use std::collections::BTreeSet;
use std::process::Command;

use chrono::{TimeDelta, Utc};
use ops::host::{Hooks, LogSink};
use serde_json::{Value, json};
use tests::canary::{Canaries, NAMES, Victim, send};
use tests::client::{Answer, Api, Call};
use tests::gate::{Gate, stand_in};
use tests::llm_stub::{Behaviour, LlmStub};
use tests::product::{Options, Product, binary, product_with, start_host};
use tests::stack::stack;
use tests::tap::Decision;

/// The operator has to name conversations; their ids are in no log, though.
const FOR_OPERATORS: [&str; 1] = ["conversation id"];

/// Two people of one product: what the first sends must not reach what the second sees.
struct Scene {
    product: Product,
    canaries: Canaries,
    others: Canaries,
    victim: Victim,
    other: Victim,
    faults: Vec<&'static str>,
}

impl Scene {
    async fn new(level: &str, mut options: Options) -> Self {
        options.environment.push(("LOG_LEVEL".to_owned(), level.to_owned()));
        options.hooks = Hooks { honours_deadline_header: true, ..Hooks::default() };
        let product = product_with(options).await;
        let (canaries, others) = (Canaries::default(), Canaries::default());
        let victim = Victim::register(&product.api, &canaries).await;
        let other = Victim::register(&product.api, &others).await;
        Self { product, canaries, others, victim, other, faults: Vec::new() }
    }

    fn api(&self) -> &Api {
        &self.product.api
    }

    fn question(&self) -> Call {
        self.victim.question(self.api(), &self.canaries)
    }

    /// What both get under a fault, the second after the first and from the same processes.
    async fn both(&self, calls: impl Fn(&Victim, &Canaries) -> Vec<Call>) -> Vec<Answer> {
        let own = send(calls(&self.victim, &self.canaries)).await;
        let foreign = send(calls(&self.other, &self.others)).await;
        self.judge(&own, &foreign);
        own
    }

    async fn good(&self) -> Vec<Answer> {
        self.both(|who, canaries| who.good(self.api(), canaries)).await
    }

    /// What writes: a question, a registration, a name, a log-in.
    async fn writing(&self) -> Vec<Answer> {
        let chosen = |(index, call)| matches!(index, 0 | 13 | 14 | 15).then_some(call);
        self.both(|who, canaries| who.good(self.api(), canaries).into_iter().enumerate().filter_map(chosen).collect())
            .await
    }

    fn judge(&self, own: &[Answer], foreign: &[Answer]) {
        for answer in own.iter().filter(|answer| answer.status >= 400) {
            let leaks = self.canaries.found([answer.text.as_str()], &NAMES);
            assert!(leaks.is_empty(), "a problem repeats a value: {leaks:?}");
        }
        let leaks = self.canaries.found(foreign.iter().map(|answer| answer.text.as_str()), &[]);
        assert!(leaks.is_empty(), "somebody else sees it: {leaks:?}");
    }

    /// The fault happened, as `is_there` says, and nothing that was sent is in a log.
    fn silent(&mut self, fault: &'static str, is_there: bool) {
        self.silent_lines(fault, &self.product.log.lines());
        assert!(is_there, "{fault}: it did not happen");
        self.faults.push(fault);
    }

    fn silent_lines(&self, fault: &str, lines: &[String]) {
        for canaries in [&self.canaries, &self.others] {
            let leaks = canaries.found(lines.iter().map(String::as_str), &[]);
            assert!(leaks.is_empty(), "{fault}: {leaks:#?}");
        }
    }

    async fn sql(&self, sql: &str) {
        self.product.superuser().await.batch_execute(sql).await.expect("executed");
    }

    /// The schedule's report, which is logged too.
    async fn schedule(&self) {
        let report = self.product.host.invoke("resume", json!({})).await;
        self.silent_lines("the schedule's report", &[format!("{report:?}")]);
    }

    /// What the operator's commands print without being asked for content.
    async fn operator(&self) {
        let stack = stack().await;
        let run = |arguments: &[&str]| {
            let output = Command::new(binary("ops"))
                .args(arguments)
                .env("MIGRATION_DATABASE_URL", stack.server.superuser_url(&self.product.database))
                .env("DATABASE_CA_PEM", stack.server.ca_pem())
                .output()
                .expect("ops runs");
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            let printed = String::from_utf8(output.stdout).expect("text");
            assert!(printed.lines().count() > 3, "{arguments:?}: {printed}");
            printed
        };
        let printed = [
            run(&["workflow", "list", "--status", "all"]),
            run(&["workflow", "show", &self.victim.conversation]),
            run(&["audit", "show", "--limit", "5000"]),
            run(&["audit", "show", "--who", &self.victim.id, "--limit", "5000"]),
        ];
        let leaks = self.canaries.found(printed.iter().map(String::as_str), &FOR_OPERATORS);
        assert!(leaks.is_empty(), "{leaks:#?}");
    }

    /// A token that was good two hours ago.
    fn expired(&self) -> String {
        let environment = self.product.environment.clone();
        let config =
            shared::config::Config::from_lookup(|name| environment.get(name).cloned()).expect("a configuration");
        let clock = shared::clock::Clock::fixed(Utc::now() - TimeDelta::hours(2));
        let principal = shared::auth::Principal {
            user: uuid::Uuid::parse_str(&self.victim.id).expect("an id").into(),
            session: shared::ids::SessionId::new(),
            roles: vec!["user".to_owned()],
        };
        let token = shared::auth::token::Tokens::new(&config, clock).issue(&principal).expect("a token");
        self.canaries.watch("token", &token[token.len() - 24..]);
        token
    }
}

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

fn codes(answers: &[Answer]) -> BTreeSet<&str> {
    answers.iter().map(Answer::code).filter(|code| !code.is_empty()).collect()
}

/// Everything that needs no database of its own kind: good requests, bad ones, tokens that are none.
async fn requests(scene: &mut Scene) {
    scene.question().send().await.expect(200);
    scene.other.question(scene.api(), &scene.others).send().await.expect(200);
    let good = scene.good().await;
    let there = good.iter().find(|answer| answer.text.contains(&scene.victim.conversation)).expect("an answer");
    assert!(!scene.canaries.found([there.text.as_str()], &[]).is_empty(), "the search finds what is there");
    scene.silent("nothing is wrong", count(&good, 200) >= 10 && good.iter().all(|answer| answer.status < 500));
    let bad = scene.both(|who, canaries| who.bad(scene.api(), canaries)).await;
    let codes = codes(&bad);
    assert!(bad.iter().all(|answer| (400..500).contains(&answer.status) || answer.status == 202), "{codes:?}");
    for (fault, code) in [
        ("no JSON", "not_json"),
        ("no UTF-8", "not_utf8"),
        ("another type", "unsupported_media_type"),
        ("wrong types, too long, U+0000, unknown fields", "validation_failed"),
        ("somebody else's id", "user_mismatch"),
        ("a token that is none", "invalid_token"),
        ("a refresh token that is none", "invalid_refresh_token"),
        ("a wrong password at log-in", "invalid_credentials"),
        ("a wrong password at a change", "wrong_password"),
        ("an address that is taken", "email_taken"),
        ("a code that is none", "secret_invalid"),
        ("a conversation that is not there", "conversation_not_found"),
        ("a route that is not there", "route_not_found"),
        ("a method that is not there", "method_not_allowed"),
    ] {
        scene.silent(fault, codes.contains(code));
    }
    let expired = send(vec![scene.api().get("/me").token(&scene.expired())]).await;
    scene.silent("an expired token", self::codes(&expired).contains("token_expired"));
}

/// Failures that the database's own texts would tell with the row in them.
async fn rows_in_errors(scene: &mut Scene) {
    for (fault, code) in [
        ("a serialisation failure", "40001"),
        ("a deadlock", "40P01"),
        ("a duplicate", "23505"),
        ("a value out of range", "22003"),
        ("an exception of a function", "P0001"),
    ] {
        let trigger = |table: &str, when: &str| {
            format!(
                "CREATE TRIGGER broken BEFORE {when} ON navigator.{table} FOR EACH ROW EXECUTE FUNCTION public.broken();"
            )
        };
        scene
            .sql(&format!(
                "CREATE OR REPLACE FUNCTION public.broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING \
                 ERRCODE = '{code}', MESSAGE = NEW::text, DETAIL = NEW::text, HINT = NEW::text, CONSTRAINT = 'broken'; END $$; {} {}",
                trigger("users", "INSERT OR UPDATE"),
                trigger("conversation_messages", "INSERT")
            ))
            .await;
        let answers = scene.writing().await;
        scene
            .sql("DROP TRIGGER broken ON navigator.users; DROP TRIGGER broken ON navigator.conversation_messages")
            .await;
        scene.silent(fault, answers.iter().filter(|answer| answer.status >= 400).count() >= 3);
    }
    scene
        .sql(
            "ALTER TABLE navigator.users ADD CONSTRAINT broken CHECK (full_name NOT LIKE 'zq%') NOT VALID; \
             ALTER TABLE navigator.conversation_messages ADD CONSTRAINT broken CHECK (content NOT LIKE '%zq%') NOT VALID",
        )
        .await;
    let answers = scene.writing().await;
    scene
        .sql(
            "ALTER TABLE navigator.users DROP CONSTRAINT broken; ALTER TABLE navigator.conversation_messages DROP CONSTRAINT broken",
        )
        .await;
    scene.silent("a constraint", count(&answers, 422) >= 3);
    scene.sql("DROP POLICY conversation_messages_insert ON navigator.conversation_messages").await;
    let denied = scene.both(|who, canaries| vec![who.question(scene.api(), canaries)]).await;
    scene
        .sql(
            "CREATE POLICY conversation_messages_insert ON navigator.conversation_messages FOR INSERT TO navigator_api \
             WITH CHECK (user_id = (SELECT navigator.current_user_id()))",
        )
        .await;
    scene.silent("row-level security", count(&denied, 403) == 1);
}

/// Failures of the way to the database and of what waits there.
async fn database(scene: &mut Scene) {
    let rename = |from: &str, to: &str| {
        format!(
            "DO $$ DECLARE f record; BEGIN FOR f IN SELECT oid::regprocedure AS name, proname FROM pg_proc \
             WHERE pronamespace = 'navigator'::regnamespace AND proname LIKE '%{from}' LOOP \
             EXECUTE format('ALTER FUNCTION %s RENAME TO %I', f.name, left(f.proname, length(f.proname) - {}) || '{to}'); \
             END LOOP; END $$",
            from.len()
        )
    };
    scene.sql(&rename("", "_away")).await;
    let answers = scene.good().await;
    scene.sql(&rename("_away", "")).await;
    scene.silent("functions that are not there", count(&answers, 503) >= 10);

    let locker = scene.product.superuser().await;
    locker
        .batch_execute("BEGIN; LOCK TABLE navigator.users, navigator.conversation_messages IN ACCESS EXCLUSIVE MODE")
        .await
        .expect("locked");
    let answers = scene.writing().await;
    locker.batch_execute("ROLLBACK").await.expect("free");
    scene.silent("locks that are not free in time", count(&answers, 503) + count(&answers, 504) >= 3);

    scene.product.tap.as_ref().expect("a tap").before_reply(|_| Decision::Cut);
    let answers = scene.good().await;
    scene.product.tap.as_ref().expect("a tap").let_through();
    scene.silent("connections cut in the middle of a statement", count(&answers, 503) >= 10);

    scene.product.crash_pooler();
    let answers = scene.good().await;
    scene.silent("a pooler that crashed", answers.iter().all(|answer| matches!(answer.status, 200..500 | 503)));

    let mut environment = scene.product.environment.clone();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = nobody.local_addr().expect("an address").port();
    drop(nobody);
    let url = stack().await.server.api_url(port, &scene.product.database);
    environment.insert("DATABASE_URL".to_owned(), url);
    let log = LogSink::capture();
    let host = start_host(&environment, 1, log.clone()).await.expect("a host");
    let api = Api::new(host.url());
    let own = send(scene.victim.good(&api, &scene.canaries)).await;
    let foreign = send(scene.other.good(&api, &scene.others)).await;
    scene.judge(&own, &foreign);
    scene.silent_lines("no database", &log.lines());
    scene.silent("no database", count(&own, 503) >= 10);
    host.shutdown().await;

    scene.sql("UPDATE navigator.sessions SET revoked_at = now()").await;
    let answers = scene.good().await;
    scene.silent("a session that was ended", codes(&answers).contains("session_ended"));
}

/// Steps that panic, processes that are killed or stand still: what their invocation was about is in no line.
async fn processes() -> Vec<&'static str> {
    let environment = vec![stand_in(&json!({ "panics": true }))];
    let mut scene = Scene::new("trace", Options { environment, ..Options::default() }).await;
    let answers = scene.both(|who, canaries| vec![who.question(scene.api(), canaries)]).await;
    let lines = scene.product.log.lines();
    scene.silent("a panic", count(&answers, 500) == 1 && lines.iter().any(|line| line.contains("a panic")));

    let gate = Gate::start().await;
    let environment = gate.environment(json!({ "timeout_ms": 20_000 }));
    let mut after = Scene::new("trace", Options { environment, ..Options::default() }).await;
    gate.hold(|_| true);
    let asked = tokio::spawn(after.question().send_unjudged());
    let held = gate.held().await;
    after.product.host.kill(held.arrival.pid);
    let answer = asked.await.expect("an answer");
    after.judge(std::slice::from_ref(&answer), &[]);
    after.silent("a function that was killed", answer.status == 500);
    drop(held);
    let question = after.other.question(after.api(), &after.others).header("x-local-deadline-ms", "3000");
    let asked = tokio::spawn(question.send_unjudged());
    let held = gate.held().await;
    after.product.host.freeze(held.arrival.pid);
    let answer = asked.await.expect("an answer");
    after.silent("a function that stands still", answer.status == 503);
    drop(held);
    gate.open();
    after.schedule().await;
    // The run whose steps panic is due at once.
    scene.sql("UPDATE navigator.workflow_states SET lease_until = now() - interval '1 minute'").await;
    scene.schedule().await;
    let lines = scene.product.log.lines();
    scene.silent(
        "a panic on schedule",
        lines.iter().any(|line| line.starts_with("resume: ") && line.contains("a panic")),
    );
    [scene.faults, after.faults].concat()
}

/// What a model's provider says goes wrong, and what it says about it.
async fn providers() -> Vec<&'static str> {
    let stub = LlmStub::start(Behaviour::Good).await;
    let mut environment = stub.environment("openai");
    environment.push(("LLM_STEP_MS".to_owned(), "1000".to_owned()));
    let mut scene = Scene::new("trace", Options { environment, ..Options::default() }).await;
    let word = scene.canaries.plant("what a provider says");
    let quoting = |status, body: Value| Behaviour::Raw { status, headers: &[], body: body.to_string().into_bytes() };
    for (fault, behaviour) in [
        ("a provider's 500", quoting(500, json!({ "error": { "message": word } }))),
        (
            "a provider's 400 that quotes the request",
            quoting(400, json!({ "error": { "message": word, "input": word } })),
        ),
        ("a provider's 401", quoting(401, json!({ "error": word }))),
        ("a provider that says no JSON", Behaviour::Says(word.clone())),
        ("a provider's answer without its fields", quoting(200, json!({ "x": word }))),
        ("a provider that hangs up", Behaviour::Cuts),
        ("a provider that hangs", Behaviour::Hangs),
    ] {
        stub.behave(behaviour);
        let answers = send(vec![scene.question()]).await;
        scene.judge(&answers, &[]);
        let lines = scene.product.log.lines().join("\n");
        scene.silent(fault, answers[0].status == 200 && lines.contains("a step went without its model"));
    }
    scene.faults
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_a_person_sends_reaches_a_log_an_error_or_a_metric() {
    let mut faults = Vec::new();
    let mail = tests::stack::folder("mail");
    let environment = vec![("MAIL_FOLDER".to_owned(), mail.display().to_string())];
    let mut scene = Scene::new("trace", Options { is_tapped: true, environment, ..Options::default() }).await;
    requests(&mut scene).await;
    rows_in_errors(&mut scene).await;
    std::fs::remove_dir_all(&mail).expect("removed");
    scene.schedule().await;
    // The line is written before the reply, and read a little after it.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    let log = scene.product.log.clone();
    let is_said = || log.lines().iter().any(|line| line.contains("a mail could not be sent"));
    while !is_said() && std::time::Instant::now() < until {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    scene.silent("mails that cannot be sent", is_said());
    database(&mut scene).await;
    scene.operator().await;
    assert!(scene.canaries.count() > 1_000, "{}", scene.canaries.count());
    let lines = scene.product.log.lines().len();
    assert!(lines > 500, "{lines}");
    faults.extend(scene.faults);
    let mut quieter = Scene::new("debug", Options::default()).await;
    requests(&mut quieter).await;
    faults.extend(processes().await);
    faults.extend(providers().await);
    let distinct: BTreeSet<&str> = faults.into_iter().collect();
    println!("{} kinds of failure, {lines} lines", distinct.len());
    assert!(distinct.len() >= 40, "{distinct:?}");
}
