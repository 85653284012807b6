//! `ops doctor` on a project that was set up: all well, and each thing that can go wrong, provoked once. It changes nothing.

use serde_json::Value;
use tests::project::Project;

/// Lines of `.env` that are another for one look.
type Changes<'a> = &'a [(&'a str, Option<&'a str>)];

/// The report as JSON, and the exit code.
fn look(project: &Project, arguments: &[&str], changes: Changes<'_>) -> (Vec<Value>, Option<i32>) {
    let output = project.ops(&[&["doctor", "--json"], arguments].concat(), changes);
    let text = String::from_utf8_lossy(&output.stdout);
    let report: Value =
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    assert!(!text.contains(tests::project::PASSWORD), "{text}");
    let checks = report["checks"].as_array().expect("checks").clone();
    let is_failed = checks.iter().any(|check| check["level"] == "failed");
    assert_eq!(report["ok"], !is_failed, "{text}");
    assert_eq!(output.status.code(), Some(i32::from(is_failed)), "{text}");
    for check in &checks {
        assert_eq!(check["level"] == "ok", check["advice"].is_null(), "what is not ✓ says what to do: {check}");
    }
    (checks, output.status.code())
}

/// The findings that are not ✓.
fn told(checks: &[Value]) -> Vec<String> {
    let line = |check: &Value| {
        let text = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}: {} → {}", text("level"), text("subject"), text("found"), text("advice"))
    };
    let told: Vec<String> = checks.iter().filter(|check| check["level"] != "ok").map(line).collect();
    // Within 60 days of a year's end its amounts are due, also in a healthy project.
    let is_due = !shared::knowledge::amounts::due(chrono::Utc::now().date_naive(), 60).is_empty();
    let of_facts = |line: &&String| line.starts_with("warning facts: ") && line.contains("docs/yearly.md");
    assert_eq!(told.iter().filter(of_facts).count(), usize::from(is_due), "{told:#?}");
    told.into_iter().filter(|line| !of_facts(&line)).collect()
}

/// What a healthy project is looked at with.
const WELL: [&str; 2] = ["--concurrency", "50"];

fn now() -> String {
    chrono::Utc::now().to_rfc3339()
}

/// A conversation of somebody, as its rows lie in the database.
const CONVERSATION: &str = "
INSERT INTO navigator.users (id, email, password_hash, full_name) VALUES ('00000000-0000-4000-8000-000000000001', 'a@example.org', '!', 'A');
INSERT INTO navigator.conversations (user_id, id) VALUES ('00000000-0000-4000-8000-000000000001', 'c');
INSERT INTO navigator.conversation_messages (user_id, conversation_id, seq, id, run_id, role, content)
    VALUES ('00000000-0000-4000-8000-000000000001', 'c', 1, 'm1', '00000000-0000-4000-8000-000000000002', 'user', 'a question');
INSERT INTO navigator.workflow_states (user_id, conversation_id, run_id, status, last_seq, lease_until)
    VALUES ('00000000-0000-4000-8000-000000000001', 'c', '00000000-0000-4000-8000-000000000002', 'running', 1, now() + interval '1 hour');
INSERT INTO navigator.workflow_requests (user_id, conversation_id, request_key, request_hash, run_id, workflow_type, status)
    VALUES ('00000000-0000-4000-8000-000000000001', 'c', 'k', '', '00000000-0000-4000-8000-000000000002', 'strategy_request', 'running');";
const FORGET: &str = "DELETE FROM navigator.users";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_project_has_nothing_to_tell_and_is_not_changed() {
    let project = Project::new().await;
    super::ops_setup::succeeds(&project, &[]);
    let before = project.snapshot().await;
    let root = project.root().await;
    // Whoever writes gets a transaction id.
    let written = async || {
        let next = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text";
        root.query_one(next, &[]).await.expect("an id").get::<_, String>(0)
    };
    let ids = written().await;
    let taken = now();
    let (checks, code) = look(&project, &[&WELL[..], &["--last-backup", &taken]].concat(), &[]);
    assert_eq!((told(&checks), code), (Vec::new(), Some(0)));
    for subject in [
        "environment",
        "connection",
        "roles",
        "migrations",
        "user service",
        "conversation service",
        "orchestrator",
        "audit log",
        "official texts",
        "facts",
        "backup",
    ] {
        assert!(checks.iter().any(|check| check["subject"] == subject), "{subject}: {checks:?}");
    }
    // Its own connection is there at least.
    let used = checks
        .iter()
        .filter_map(|check| check["found"].as_str()?.split_once(" connections in use")?.0.split_once(" of "));
    let used: Vec<i64> = used.filter_map(|(used, _)| used.trim_start_matches("at most ").parse().ok()).collect();
    assert!(used.len() == 1 && (1..=100).contains(&used[0]), "{checks:#?}");
    assert_eq!(project.changes_since(&before).await, Vec::<String>::new());
    assert_eq!(written().await, ids, "it only reads");
    let lines = project.ops(&["doctor", "--concurrency", "50"], &[]);
    let text = String::from_utf8_lossy(&lines.stdout);
    assert!(lines.status.success() && text.contains("✓ orchestrator") && text.contains("! backup"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_thing_that_goes_wrong_in_the_database_is_told_with_its_level() {
    let project = Project::new().await;
    super::ops_setup::succeeds(&project, &[]);
    let taken = now();
    let arguments = [&WELL[..], &["--last-backup", &taken]].concat();
    let with = |more: &str| format!("{CONVERSATION} {more}");
    let forget = || FORGET.to_owned();
    let state = |step: &str| {
        format!(
            "{CONVERSATION}
             INSERT INTO navigator.workflow_steps (user_id, conversation_id, run_id, step_no, step, agent_name, commit_id, fence, attempt, duration_ms, output, wasted)
                 SELECT user_id, conversation_id, run_id, 1, 'security_check', 'prompt_security', gen_random_uuid(), 1, 1, 1, '{{}}', '[]'
                   FROM navigator.workflow_states;
             INSERT INTO navigator.agent_states (user_id, conversation_id, agent_name, state_data, workflow_step)
                 SELECT user_id, conversation_id, 'prompt_security', '{{}}', '{step}' FROM navigator.workflow_states"
        )
    };
    let none = |text: &str| text.to_owned();
    let ledger = "navigator.schema_migrations";
    let cases: Vec<(String, String, Option<&str>)> = vec![
        (with(""), forget(), None),
        (state("security_check"), forget(), None),
        (
            state("chat_response"),
            forget(),
            Some("failed conversation service: 1 conversations have an agent state of a step"),
        ),
        (
            with("UPDATE navigator.workflow_states SET last_seq = 7"),
            forget(),
            Some("failed conversation service: 1 conversations have a run that counts"),
        ),
        (
            with("UPDATE navigator.workflow_states SET status = 'completed'; DELETE FROM navigator.workflow_requests"),
            forget(),
            Some("failed conversation service: 1 conversations have an answered run without its answer"),
        ),
        (
            with(
                "DELETE FROM navigator.workflow_states; DELETE FROM navigator.workflow_requests; \
                  INSERT INTO navigator.agent_states (user_id, conversation_id, agent_name, state_data, workflow_step) \
                  SELECT user_id, id, 'x', '{}', 'y' FROM navigator.conversations",
            ),
            forget(),
            Some("failed conversation service: 1 conversations have an agent state without a run"),
        ),
        (
            with("UPDATE navigator.workflow_states SET lease_until = now() - interval '3 minutes'"),
            forget(),
            Some("warning orchestrator: 1 runs are abandoned or overdue"),
        ),
        (
            with(
                "UPDATE navigator.workflow_states SET status = 'waiting', lease_until = NULL, wake_at = now() - interval '1 hour'",
            ),
            forget(),
            Some("failed orchestrator: 1 runs are abandoned or overdue"),
        ),
        (
            none(
                "INSERT INTO navigator.outbox (id, kind, recipient, next_at) VALUES (gen_random_uuid(), 'verify_email', 'a@example.org', now() - interval '1 hour')",
            ),
            none("DELETE FROM navigator.outbox"),
            Some("warning user service: 1 mails wait"),
        ),
        (
            none(
                "INSERT INTO navigator.users (id, email, password_hash, full_name, created_at) VALUES \
                  (gen_random_uuid(), 'success+navigator-setup-x@simulator.amazonses.com', '!', 'x', now() - interval '1 hour')",
            ),
            forget(),
            Some("warning user service: 1 trial accounts"),
        ),
        (
            none("UPDATE navigator.audit_heads SET seq = seq + 1 WHERE chain = 16"),
            none("UPDATE navigator.audit_heads SET seq = seq - 1 WHERE chain = 16"),
            Some("failed audit log: 1 chains"),
        ),
        (
            format!("CREATE TABLE public.kept AS TABLE {ledger}; DELETE FROM {ledger} WHERE version = 14"),
            format!("INSERT INTO {ledger} SELECT * FROM public.kept WHERE version = 14; DROP TABLE public.kept"),
            Some("failed migrations: not applied: 014_operators"),
        ),
        (
            format!(
                "INSERT INTO {ledger} (version, name, up_checksum, down_checksum, down_sql) VALUES (900, '900_later', '', '', '')"
            ),
            format!("DELETE FROM {ledger} WHERE version = 900"),
            Some("warning migrations: newer than this program: 900_later"),
        ),
        (
            format!("UPDATE {ledger} SET up_checksum = up_checksum || 'x' WHERE version = 6"),
            format!("UPDATE {ledger} SET up_checksum = left(up_checksum, -1) WHERE version = 6"),
            Some("failed migrations: changed after they were applied: 006_conversations"),
        ),
        (
            none("ALTER POLICY users_owner ON navigator.users USING (false)"),
            none("ALTER POLICY users_owner ON navigator.users USING (true)"),
            Some("warning user service: not visible to this login: a right or a policy is missing for users"),
        ),
        (
            with("REVOKE SELECT ON navigator.audit_log FROM navigator_owner"),
            format!("GRANT SELECT ON navigator.audit_log TO navigator_owner; {FORGET}"),
            Some("warning audit log: not visible to this login: a right or a policy is missing for audit_log"),
        ),
        (
            none(
                "CREATE TABLE public.kept_texts AS TABLE navigator.regulatory_documents; UPDATE navigator.regulatory_documents SET superseded_at = now()",
            ),
            none(
                "UPDATE navigator.regulatory_documents AS d SET superseded_at = k.superseded_at FROM public.kept_texts AS k WHERE k.id = d.id; \
                 DROP TABLE public.kept_texts",
            ),
            Some("warning official texts: there is none"),
        ),
        (
            none("GRANT SELECT (id) ON navigator.users TO anon"),
            none("REVOKE SELECT (id) ON navigator.users FROM anon"),
            Some("rights in the schema navigator: anon: select on users.id"),
        ),
        (
            none("GRANT navigator_operator TO authenticated"),
            none("REVOKE navigator_operator FROM authenticated"),
            Some("rights in the schema navigator: authenticated: member of navigator_operator"),
        ),
        (
            none("ALTER ROLE navigator_api BYPASSRLS"),
            none("ALTER ROLE navigator_api NOBYPASSRLS"),
            Some("failed roles: navigator_api bypasses row-level security"),
        ),
        (
            none(
                "GRANT EXECUTE ON FUNCTION navigator.enter(uuid, uuid) TO anon; GRANT USAGE ON SCHEMA navigator TO anon",
            ),
            none(
                "REVOKE EXECUTE ON FUNCTION navigator.enter(uuid, uuid) FROM anon; REVOKE USAGE ON SCHEMA navigator FROM anon",
            ),
            Some("rights in the schema navigator: anon: execute enter, usage on the schema"),
        ),
        (
            none(
                "UPDATE navigator.regulatory_documents SET expires_date = current_date - 1 WHERE id = (SELECT id FROM navigator.regulatory_documents LIMIT 1)",
            ),
            none("UPDATE navigator.regulatory_documents SET expires_date = NULL WHERE expires_date = current_date - 1"),
            Some("warning official texts: 1 texts of 1 addresses are stale"),
        ),
    ];
    for (provoke, undo, expected) in &cases {
        project.change(provoke).await;
        let said = told(&look(&project, &arguments, &[]).0);
        match expected {
            None => assert_eq!(said, Vec::<String>::new(), "{provoke}"),
            Some(part) => assert!(said.iter().any(|line| line.contains(part)), "{part}: {said:#?}"),
        }
        project.change(undo).await;
        assert_eq!(told(&look(&project, &arguments, &[]).0), Vec::<String>::new(), "after {undo}");
    }
    println!("{} findings, each provoked and undone", cases.iter().filter(|case| case.2.is_some()).count());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_around_the_database_is_told_too() {
    let project = Project::new().await;
    super::ops_setup::succeeds(&project, &[]);
    let (port, database) = (project.port(), project.database.clone());
    let runtime = project.written()["DATABASE_URL"].clone();
    let password = runtime.split(':').nth(2).and_then(|rest| rest.split('@').next()).expect("a password").to_owned();
    let six = format!("postgresql://supabase_postgres:[password]@[::1]:{port}/{database}");
    let unpooled = format!("postgresql://navigator_api:{password}@127.0.0.1:{port}/{database}?sslmode=verify-full");
    let owner = format!("postgresql://supabase_postgres:[password]@127.0.0.1:{port}/{database}");
    let taken = now();
    let recent = ["--last-backup", taken.as_str()];
    let missing = project.folder.path().join("absent.dump").display().to_string();
    std::fs::write(project.folder.path().join("new.dump"), "x").expect("written");
    // A file of its own, so that what was written does not count.
    let alone = ["--env-file", ".env"];
    let empty = project.folder.path().join("empty.dump").display().to_string();
    std::fs::write(&empty, "").expect("written");
    let cases: [(&[&str], Changes<'_>, &str); 11] = [
        (&["--concurrency", "50", "--backup", &empty], &[], "failed backup:"),
        (&["--concurrency", "50", "--last-backup", "2020-01-01T00:00:00Z"], &[], "warning backup: the last backup is"),
        (&["--concurrency", "50", "--backup", &missing], &[], "failed backup:"),
        (&["--concurrency", "50"], &[], "warning backup: not told"),
        (&recent, &[], "reserved concurrency is not told"),
        (&["--concurrency", "50", "--pool-size", "97", recent[0], recent[1]], &[], "failed connection: "),
        (&["--concurrency", "400", recent[0], recent[1]], &[], "warning connection: 400 environments at once"),
        (&recent, &[("DATABASE_URL", Some(&six))], "IPv6 only"),
        (&alone, &[], "warning environment: the functions' DATABASE_URL is not known"),
        (
            &alone,
            &[("DATABASE_URL", Some(&unpooled)), ("MIGRATION_DATABASE_URL", Some(&owner))],
            "failed connection: 127.0.0.1:",
        ),
        (&recent, &[("JWT_ALGORITHM", Some("none"))], "failed environment: JWT_ALGORITHM"),
    ];
    for (arguments, changes, part) in cases {
        let said = told(&look(&project, arguments, changes).0);
        assert!(said.iter().any(|line| line.contains(part)), "{part}: {said:#?}");
    }
    assert_eq!(told(&look(&project, &["--concurrency", "50", "--backup", "new.dump"], &[]).0), Vec::<String>::new());
    // An operator's login sees what operators see.
    project
        .change("DROP ROLE IF EXISTS alice; CREATE ROLE alice LOGIN PASSWORD 'forthistest' IN ROLE navigator_operator")
        .await;
    let alice = format!("postgresql://alice:[password]@127.0.0.1:{port}/{database}");
    let said = told(&look(&project, &[&WELL[..], &recent].concat(), &[("OPERATOR_DATABASE_URL", Some(&alice))]).0);
    assert_eq!(said.len(), 2, "the ledger and the agents' states: {said:#?}");
    assert!(said.iter().all(|line| line.starts_with("warning") && line.contains("only the owner")), "{said:#?}");
    project.change("DROP ROLE alice").await;
}
