//! `ops workflow`: the operator's command against a real database, with runs in every status.

pub(crate) mod runs;

use serde_json::{Value, json};
use tests::product::product;
use tests::stack::stack;
use uuid::Uuid;

use runs::{LONG_MS, Runs, one_line, ops_at};

/// The conversations of a list, in its order.
fn conversations(list: &str) -> Vec<&str> {
    list.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn list_shows_what_is_under_way_or_failed_and_any_status_that_is_asked_for() {
    let runs = Runs::new().await;
    assert_eq!(runs.printed(&["list"]), "no run is under way or failed\n");
    runs.of_every_status().await;
    let list = runs.printed(&["list"]);
    assert_eq!(conversations(&list), ["answered", "running", "abandoned", "waiting", "failed"], "{list}");
    let line = |list: &str, conversation: &str| {
        let found = list.lines().find(|line| line.contains(&format!(" {conversation} ")));
        found.unwrap_or_else(|| panic!("{conversation} in {list}")).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(line(&list, "running").contains(" strategy_request running security_check 1 ends in 1 h 1 "), "{list}");
    assert!(line(&list, "abandoned").contains(" running security_check 1 abandoned for "), "{list}");
    assert!(line(&list, "waiting").contains(" waiting security_check 1 due in 1 h 0 "), "{list}");
    assert!(line(&list, "failed").ends_with(" s the step was begun too often"), "{list}");
    assert!(line(&list, "answered").contains(" completed - - - 1 "), "a message waits there: {list}");
    assert!(line(&list, "running").starts_with(&runs.user.to_string()), "{list}");
    let of = |status: &str| {
        let list = runs.printed(&["list", "--status", status]);
        conversations(&list).into_iter().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of("running"), ["running", "abandoned"]);
    assert_eq!(of("waiting"), ["waiting"]);
    assert_eq!(of("failed"), ["failed"]);
    assert_eq!(of("cancelled"), ["cancelled"]);
    assert_eq!(of("completed"), ["answered", "completed"]);
    assert_eq!(of("all").len(), 7);
    assert_eq!(conversations(&runs.printed(&["list", "--status", "all", "--limit", "2"])), ["answered", "running"]);
    assert!(!runs.printed(&["list", "--status", "all"]).contains("question"), "no content");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn show_tells_a_runs_timeline_and_what_was_said_only_when_asked() {
    let runs = Runs::new().await;
    let first = runs.begin("c", "a secret \u{1b}[2J question", 0).await;
    // The first worker dies; the second commits a step, fails in the next one, and puts it off; the third puts it off too.
    let second = runs.resume("c").await;
    assert_eq!(runs.commit(&second, "running", json!({ "security": "a secret finding" }), None).await, "committed");
    let failed = json!({ "attempt": 1, "outcome": "failed", "reason": "what the step depends on is unavailable",
                         "usage": { "input_tokens": 7, "output_tokens": 1 } });
    runs.defer(&second, 1, Some(failed), 0).await;
    let third = runs.resume("c").await;
    assert_eq!(third.number("attempt"), 2);
    runs.begin("c", "the next secret", LONG_MS).await;
    let shown = runs.printed(&["show", "c"]);
    assert!(!shown.contains("secret"), "{shown}");
    // Times are told apart by their form only.
    let lines: Vec<String> = shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let has = |wanted: &str| assert!(lines.iter().any(|line| line.contains(wanted)), "{wanted} in {shown}");
    has(&format!("user {}", runs.user));
    has(&format!("run {}", first.run()));
    has("workflow strategy_request, version 1");
    has("status running");
    has("reason what the step depends on is unavailable");
    has("Z asked");
    has("Z begun with message 1 (22 characters)");
    has("Z security_check, prompt_security, attempt 2, 12 ms, 120 + 30 tokens");
    has("attempt 1 was lost with its invocation");
    has("now navigator_analysis, attempt 2, running (ends in 1 h)");
    has("attempt 1 failed: what the step depends on is unavailable, 7 + 1 tokens");
    has("taken up after 1 suspension");
    has("tokens 120 + 30; in attempts that failed 7 + 1");
    has("1 message waits behind it:");
    has("15 characters");
    let order = |text: &str| shown.find(text).unwrap_or_else(|| panic!("{text} in {shown}"));
    assert!(order("asked") < order("security_check,") && order("security_check,") < order("now  "));
    let with_content = runs.printed(&["show", "c", "--content"]);
    for text in ["| a secret \u{fffd}[2J question", "| the next secret"] {
        assert!(with_content.contains(text), "{text} in {with_content}");
    }
    assert!(!with_content.contains('\u{1b}'), "a terminal obeys nothing of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn show_counts_the_suspensions_before_a_later_runs_first_step_where_they_are_known() {
    let runs = Runs::new().await;
    let first = runs.begin("c", "a question", LONG_MS).await;
    assert_eq!(runs.commit(&first, "completed", json!({}), Some("an answer")).await, "committed");
    let second = runs.begin("c", "another question", LONG_MS).await;
    runs.defer(&second, 0, None, 0).await;
    let again = runs.resume("c").await;
    runs.defer(&again, 0, None, 0).await;
    let last = runs.resume("c").await;
    assert_eq!(runs.commit(&last, "completed", json!({}), Some("the answer at last")).await, "committed");
    let shown = runs.printed(&["show", "c"]);
    assert!(shown.contains("taken up after 2 suspensions"), "{shown}");
    assert!(shown.contains("completed with message 4 (18 characters)"), "{shown}");
    runs.begin("c", "a third one", LONG_MS).await;
    runs.cancel("c").await;
    runs.begin("c", "a fourth one", LONG_MS).await;
    let shown = runs.printed(&["show", "c"]);
    assert!(!shown.contains("suspension"), "nobody wrote down where the cancelled run's grants ended: {shown}");
    runs.root
        .batch_execute("UPDATE navigator.workflow_requests SET request_key = 'gone' WHERE status = 'running'")
        .await
        .expect("as pruned");
    runs.root
        .batch_execute("DELETE FROM navigator.workflow_requests WHERE request_key = 'gone'")
        .await
        .expect("as pruned");
    assert!(runs.printed(&["show", "c"]).contains("the request has been forgotten"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_id_of_several_users_is_not_guessed_at() {
    let runs = Runs::new().await;
    let other = runs.somebody_else().await;
    runs.begin("c", "a question", 0).await;
    let theirs = other.begin("c", "a question", 0).await;
    for command in ["show", "retry", "cancel"] {
        let line = runs.refused(&[command, "c"]);
        assert!(line.contains("--user") && line.contains(&runs.user.to_string()), "{line}");
        assert!(line.contains(&other.user.to_string()), "{line}");
    }
    let user = other.user.to_string();
    assert!(runs.printed(&["show", "c", "--user", &user]).contains(&theirs.text("run_id")));
    runs.printed(&["cancel", "c", "--user", &user]);
    assert_eq!(runs.head("c").await["status"], "running");
    assert_eq!(other.head("c").await["status"], "cancelled");
    let stranger = Uuid::new_v4().to_string();
    assert!(runs.refused(&["show", "c", "--user", &stranger]).contains("has no run in conversation c"));
    assert!(runs.refused(&["show", "never"]).contains("no run was begun in conversation never"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retry_makes_a_run_that_nobody_holds_due_at_its_first_attempt() {
    let runs = Runs::new().await;
    let failed = json!({ "attempt": 1, "outcome": "failed", "reason": "x" });
    let waiting = runs.begin("waiting", "a question", LONG_MS).await;
    runs.defer(&waiting, 0, Some(failed.clone()), LONG_MS).await;
    let abandoned = runs.begin("abandoned", "a question", 0).await;
    for (conversation, before, wasted) in [
        ("waiting", &waiting, json!([failed])),
        ("abandoned", &abandoned, json!([{ "attempt": 1, "outcome": "lost" }])),
    ] {
        let said = runs.printed(&["retry", conversation]);
        assert!(
            said.contains(&before.text("run_id")) && said.contains("due now, at attempt 1 of security_check"),
            "{said}"
        );
        // The worker that was given up comes back.
        assert_eq!(runs.commit(before, "running", json!({}), None).await, "fenced", "{conversation}");
        let grant = runs.resume(conversation).await;
        assert_eq!(grant.answer["outcome"], "resumed");
        assert_eq!((grant.number("attempt"), &grant.answer["wasted"]), (1, &wasted), "{conversation}");
        assert_eq!(runs.commit(&grant, "completed", json!({}), Some("an answer")).await, "committed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retry_refuses_what_is_held_or_over_and_says_what_to_do() {
    let runs = Runs::new().await;
    runs.of_every_status().await;
    for (conversation, words) in [
        ("running", &["is being worked on, for 1 h at the most", "ops workflow cancel running --user"][..]),
        ("completed", &["is completed", "a new question is a new request"]),
        ("cancelled", &["is cancelled", "a new question is a new request"]),
        ("failed", &["failed and its answer says so", "with a new Idempotency-Key"]),
        ("answered", &["is completed", "the resume function answers the 1 message behind it"]),
    ] {
        let before = runs.head(conversation).await;
        let line = runs.refused(&["retry", conversation]);
        for words in words {
            assert!(line.contains(words), "{words} in {line}");
        }
        assert_eq!(runs.head(conversation).await, before, "{conversation}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancel_leaves_what_the_owners_cancel_leaves_and_is_refused_when_it_is_too_late() {
    let runs = Runs::new().await;
    runs.of_every_status().await;
    let mut left = Vec::new();
    for by in ["owner", "operator"] {
        let grant = runs.begin(by, "a question", LONG_MS).await;
        assert_eq!(runs.commit(&grant, "running", json!({}), None).await, "committed");
        match by {
            "owner" => drop(runs.cancel(by).await),
            _ => assert!(runs.printed(&["cancel", by]).contains("is cancelled, and the conversation says so")),
        }
        let late = runs.commit(&grant, "running", json!({}), None).await;
        let sql = "SELECT jsonb_build_object(
                       'messages', (SELECT jsonb_agg(to_jsonb(m) - 'created_at' ORDER BY m.seq)
                                      FROM navigator.conversation_messages AS m
                                     WHERE m.user_id = $1 AND m.conversation_id = $2),
                       'request', (SELECT jsonb_build_object('status', q.status, 'response', q.response)
                                     FROM navigator.workflow_requests AS q
                                    WHERE q.user_id = $1 AND q.conversation_id = $2))::text";
        let text: String = runs.root.query_one(sql, &[&runs.user, &by]).await.expect("rows").get(0);
        left.push((late, text.replace(&grant.text("run_id"), "RUN").replace(by, "BY"), grant));
    }
    assert_eq!(left[0].0, "cancelled");
    assert!(left[0].1.contains("Usted canceló"), "{}", left[0].1);
    assert_eq!((&left[0].0, &left[0].1), (&left[1].0, &left[1].1), "the same rows");
    let sql = "SELECT response FROM navigator.workflow_requests WHERE user_id = $1 AND request_key = $2";
    let response: String = runs.root.query_one(sql, &[&runs.user, &left[1].2.key]).await.expect("a request").get(0);
    let response: Value = serde_json::from_str(&response).expect("JSON");
    assert_eq!(
        response["workflow"],
        json!({ "type": "strategy_request", "status": "cancelled", "steps": ["security_check"] })
    );
    for conversation in ["waiting", "abandoned", "running"] {
        runs.printed(&["cancel", conversation]);
        assert_eq!(runs.head(conversation).await["status"], "cancelled", "{conversation}");
    }
    let before = runs.head("cancelled").await;
    assert!(runs.printed(&["cancel", "cancelled"]).contains("was cancelled before; nothing was changed"));
    assert_eq!(runs.head("cancelled").await, before);
    for conversation in ["completed", "failed"] {
        let line = runs.refused(&["cancel", conversation]);
        assert!(line.contains(&format!("is {conversation}: it has its answer, and it is too late")), "{line}");
    }
    assert_eq!(runs.resume("running").await.answer["outcome"], "drain", "the message behind it is answered next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_keeps_the_command_from_working_is_said_in_one_line() {
    let runs = Runs::new().await;
    let (server, ca) = (&runs.stack.server, runs.stack.server.ca_pem());
    let line = one_line(&ops_at(None, ca, &["list"]));
    assert!(line.contains("MIGRATION_DATABASE_URL is not set"), "{line}");
    let empty = runs.stack.empty_database().await;
    for command in [&["list"][..], &["show", "c"], &["retry", "c"], &["cancel", "c"]] {
        let line = one_line(&ops_at(Some(&server.superuser_url(&empty)), ca, command));
        assert!(line.contains("run: ops migrate up"), "{line}");
        let line = one_line(&ops_at(Some(&server.api_url(server.port(), &runs.database)), ca, command));
        assert!(line.contains("may not act as navigator_operator"), "{line}");
    }
    runs.begin("c", "a question", 0).await;
    let lock = "BEGIN; SELECT FROM navigator.workflow_states FOR UPDATE";
    runs.root.batch_execute(lock).await.expect("locked");
    let line = runs.refused(&["retry", "c"]);
    assert!(line.contains("is being worked on at this moment; run the command again"), "{line}");
    runs.root.batch_execute("ROLLBACK").await.expect("unlocked");
    runs.printed(&["retry", "c"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_works_through_a_transaction_mode_pooler_too() {
    let runs = Runs::new().await;
    runs.begin("c", "a question", 0).await;
    let pooler = runs.stack.pooler(1);
    let server = &runs.stack.server;
    let url = format!(
        "postgresql://postgres:{}@127.0.0.1:{}/{}?sslmode=verify-full",
        server.superuser_password(),
        pooler.port(),
        runs.database
    );
    for command in [&["list"][..], &["show", "c"], &["retry", "c"], &["cancel", "c"]] {
        let output = ops_at(Some(&url), server.ca_pem(), command);
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(runs.head("c").await["status"], "cancelled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_was_begun_too_often_is_finished_by_the_resume_function_after_a_retry() {
    let product = product().await;
    let stack = stack().await;
    let person = product.api.person().await;
    let mut runs = Runs::within(stack, product.database.clone()).await;
    runs.user = person.id.parse().expect("an id");
    let session = runs.root.query_one("SELECT id FROM navigator.sessions WHERE user_id = $1", &[&runs.user]).await;
    runs.session = session.expect("a session").get(0);
    for (conversation, is_retried) in [("left", false), ("retried", true)] {
        runs.begin(conversation, "What is a deductible?", 0).await;
        let sql = "UPDATE navigator.workflow_states SET step_attempt = 6 WHERE conversation_id = $1";
        runs.root.execute(sql, &[&conversation]).await.expect("as if many invocations had died in it");
        if is_retried {
            runs.printed(&["retry", conversation]);
        }
    }
    let report = product.host.invoke("resume", json!({})).await.expect("a report");
    assert_eq!((&report["finished"], &report["given_up"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(runs.head("left").await["status"], "failed");
    assert_eq!(runs.head("retried").await["status"], "completed");
    assert!(product.api.messages(&person, "retried").await[1].1.to_lowercase().contains("deductible"));
    assert!(runs.printed(&["show", "retried"]).contains("attempt 6 was lost with its invocation"));
}
