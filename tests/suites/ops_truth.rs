//! `ops` says what is, and does what it says: commands that look change nothing, on an empty database as on a half-migrated one, and
//! what AWS refuses is told in a line.

use std::process::{Command, Output};

use serde_json::{Value, json};
use tests::product::binary;
use tests::project::{PASSWORD, Project};
use tests::secrets_manager::SecretsManager;

use super::ops_setup::said;

/// How many migrations there are.
const ALL: usize = ops::migrate::embedded::MIGRATIONS.len();

/// A line of `.env` for a login of the project's database.
fn url(project: &Project, role: &str) -> String {
    format!("postgresql://{role}:{PASSWORD}@127.0.0.1:{}/{}?sslmode=verify-full", project.port(), project.database)
}

fn migrate(project: &Project, role: &str, arguments: &[&str]) -> Output {
    let url = url(project, role);
    project.ops(&[&["migrate"], arguments].concat(), &[("MIGRATION_DATABASE_URL", Some(&url))])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn looking_at_an_empty_database_makes_nothing_in_it_and_no_role_in_the_server() {
    let project = Project::new().await;
    let before = project.snapshot().await;
    for (arguments, code, part) in [
        (
            &["status"][..],
            0,
            format!("it has no schema navigator: nothing of the product is in it. 0 of {ALL} applied; missing: 000_"),
        ),
        (&["status", "--json"], 0, "\"applied\":[],\"missing\":[\"000_users_schema\",".to_owned()),
        (&["verify"], 1, "missing: 015_operations (ops migrate up)".to_owned()),
        (&["dry-run"], 0, "would apply  015_operations".to_owned()),
        (&["down", "--to", "-1"], 0, "nothing to do".to_owned()),
    ] {
        let output = migrate(&project, "supabase_postgres", arguments);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(&part) && !said.contains(PASSWORD), "{arguments:?}: {said}");
        assert_eq!(project.changes_since(&before).await, Vec::<String>::new(), "{arguments:?}");
    }
    // Somebody else's schema of that name is told as such.
    project.change("CREATE SCHEMA navigator; CREATE TABLE navigator.theirs (id int)").await;
    let before = project.snapshot().await;
    let theirs = said(&migrate(&project, "supabase_postgres", &["status"]));
    assert!(theirs.contains("its schema navigator, of postgres, has no ledger"), "{theirs}");
    assert_eq!(migrate(&project, "supabase_postgres", &["verify"]).status.code(), Some(1));
    assert_eq!(project.changes_since(&before).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_migrated_database_is_told_as_one_and_fails_the_gate() {
    let project = Project::new().await;
    let owner = "supabase_postgres";
    let up = migrate(&project, owner, &["up", "--to", "7"]);
    assert!(up.status.success(), "{}", said(&up));
    let before = project.snapshot().await;
    let status = migrate(&project, owner, &["status"]);
    let text = said(&status);
    assert!(
        status.status.success() && text.contains(&format!("8 of {ALL} applied; missing: 008_turns, 009_")),
        "{text}"
    );
    assert!(text.contains("applied  007_workflow") && text.contains("missing  008_turns"), "{text}");
    let status = migrate(&project, owner, &["status", "--json"]);
    let view: Value = serde_json::from_slice(&status.stdout).expect("JSON");
    assert_eq!(
        (view["applied"].as_array().map(Vec::len), view["missing"].as_array().map(Vec::len)),
        (Some(8), Some(ALL - 8))
    );
    let verify = migrate(&project, owner, &["verify"]);
    let text = said(&verify);
    assert_eq!(verify.status.code(), Some(1), "{text}");
    assert!(text.contains(&format!("8 of {ALL} applied")) && text.contains("missing: 008_turns"), "{text}");
    assert_eq!(project.changes_since(&before).await, Vec::<String>::new(), "looking changes nothing");
    let up = migrate(&project, owner, &["up"]);
    assert!(up.status.success(), "{}", said(&up));
    let verify = migrate(&project, owner, &["verify"]);
    assert!(verify.status.success() && said(&verify).contains(&format!("{ALL} of {ALL} applied")), "{}", said(&verify));
    // At the newest version everything of the matrix has to be there, also a table that is gone as a whole.
    project.change("DROP TABLE navigator.imports CASCADE").await;
    let verify = migrate(&project, owner, &["verify"]);
    assert_eq!(verify.status.code(), Some(1));
    assert!(said(&verify).contains("missing in the database: grant imports"), "{}", said(&verify));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_only_reads_looks_and_one_that_sees_no_rows_says_so() {
    let project = Project::new().await;
    super::ops_setup::succeeds(&project, &[]);
    let reader = "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'forthistest'";
    // What reads everything: as Supabase's read-only user, and as the owner whose sessions only read.
    for (rights, is_seen) in [
        ("ALTER ROLE reader BYPASSRLS; GRANT pg_read_all_data TO reader", true),
        ("GRANT navigator_owner TO reader; ALTER ROLE reader SET default_transaction_read_only = on", true),
        ("GRANT pg_read_all_data TO reader", false),
        ("SELECT 1", false),
    ] {
        project.change(&format!("{reader}; {rights}")).await;
        for command in ["status", "verify"] {
            let output = migrate(&project, "reader", &[command]);
            let said = said(&output);
            assert_eq!(output.status.success(), is_seen, "{rights}: {said}");
            let part = if is_seen { format!("{ALL} of {ALL} applied") } else { "does not see its rows".to_owned() };
            assert!(said.contains(&part), "{rights}: {said}");
        }
    }
    project.change("DROP ROLE reader").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_connects_the_same_way_and_says_what_to_do_when_it_cannot() {
    let project = Project::new().await;
    super::ops_setup::succeeds(&project, &[]);
    let good = url(&project, "supabase_postgres");
    let ca = project.folder.path().join("ca.pem");
    std::fs::write(&ca, project.lines["DATABASE_CA_PEM"].replace("\\n", "\n")).expect("written");
    let by_file = format!("{good}&sslrootcert={}", ca.display());
    let absent = format!("{good}&sslrootcert=/absent/ca.pem");
    let wrong = good.replace(PASSWORD, "another");
    let unencoded = good.replace(PASSWORD, "for#this@test");
    for command in
        [&["workflow", "list"][..], &["user", "show", "a@example.org"], &["limits", "list"], &["migrate", "status"]]
    {
        for (url, without_ca, parts) in [
            (&good, false, &[][..]),
            (&by_file, true, &[]),
            (&absent, true, &["/absent/ca.pem", "MIGRATION_DATABASE_URL"]),
            (
                &wrong,
                false,
                &[
                    "refuses supabase_postgres",
                    "→ the password of supabase_postgres in MIGRATION_DATABASE_URL is wrong",
                ],
            ),
            (&unencoded, false, &["→", "percent-encoded"]),
        ] {
            let mut changes = vec![("MIGRATION_DATABASE_URL", Some(url.as_str()))];
            changes.extend(without_ca.then_some(("DATABASE_CA_PEM", None)));
            std::fs::remove_file(project.folder.path().join(".env.runtime")).ok();
            let output = project.ops(command, &changes);
            let said = said(&output);
            let is_let_in = output.status.success() || said.contains("there is no such account");
            assert_eq!(is_let_in, parts.is_empty(), "{command:?} {url}: {said}");
            assert!(parts.iter().all(|part| said.contains(part)), "{command:?}: {said}");
            assert!(said.trim().lines().count() <= 1 || is_let_in, "one line: {said}");
            assert!(!said.contains("another") && !said.contains(PASSWORD), "{said}");
        }
    }
}

/// `ops` in the project's folder with nothing of AWS but what is given.
fn with_aws(project: &Project, arguments: &[&str], aws: &[(String, String)]) -> Output {
    let mut command = Command::new(binary("ops"));
    command.args(arguments).current_dir(project.folder.path()).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", project.folder.path());
    command.env("AWS_EC2_METADATA_DISABLED", "true").envs(aws.iter().map(|(name, value)| (name, value)));
    command.output().expect("ops runs")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_for_aws_is_one_line_that_says_what_to_do() {
    const NAME: &str = "what_is_missing_for_aws_is_one_line_that_says_what_to_do";
    let manager = match SecretsManager::start().await {
        Ok(manager) => manager,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    let arn = manager.store("lines", &json!({ "JWT_SECRET_KEY": "k".repeat(48) })).await;
    let project = Project::new().await;
    project.ops(&["--version"], &[]);
    let full = manager.environment();
    let without = |names: &[&str]| -> Vec<(String, String)> {
        full.iter().filter(|(name, _)| !names.contains(&name.as_str())).cloned().collect()
    };
    let credentials = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    let mut away = without(&["AWS_ENDPOINT_URL"]);
    away.push(("AWS_ENDPOINT_URL".to_owned(), "http://127.0.0.1:9".to_owned()));
    let mut profile = without(&credentials);
    profile.push(("AWS_PROFILE".to_owned(), "absent".to_owned()));
    let wrong = arn.replace(":secret:lines", ":secret:other");
    for (what, aws, arn, found, advice) in [
        ("no credentials", without(&credentials), &arn, "no AWS credentials are found", "aws configure"),
        ("no region", without(&["AWS_REGION"]), &arn, "no AWS region is set", "AWS_REGION"),
        ("no such profile", profile, &arn, "", "AWS_PROFILE"),
        ("another secret", full.clone(), &wrong, "there is none of this name", "ARN"),
        ("nobody answers", away, &arn, "AWS cannot be reached", "AWS_ENDPOINT_URL"),
    ] {
        for command in [
            &["secrets", "rotate", "--signing-key", "--secret", arn][..],
            &["setup", "--secret", arn],
            &["doctor", "--secret", arn],
        ] {
            let output = with_aws(&project, command, &aws);
            let said = said(&output);
            assert_eq!(output.status.code(), Some(1), "{what}, {command:?}: {said}");
            assert!(said.contains(found) && said.contains(advice), "{what}, {command:?}: {said}");
            let ugly = ["DispatchFailure", "ServiceError", "ConnectorError", "Unhandled", " { ", "\\n"];
            assert!(!ugly.iter().any(|part| said.contains(part)), "{what}, {command:?}: {said}");
            // The doctor looks at the rest all the same.
            let lines = said.lines().filter(|line| line.contains("the secret cannot be read")).count();
            assert_eq!(lines, 1, "{what}, {command:?}: {said}");
        }
    }
    assert_eq!(manager.bundle(&arn).await, json!({ "JWT_SECRET_KEY": "k".repeat(48) }), "nothing was changed");
}

/// The command that lists what expires.
fn facts(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(binary("ops")).args([&["facts", "due"], arguments].concat()).output().expect("ops runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn what_expires_is_listed_with_its_file_and_source_and_the_exit_code_says_whether_there_is_any() {
    let count = |on: &str, days: u16| shared::knowledge::amounts::due(on.parse().expect("a date"), days).len();
    for (on, within) in
        [("2026-11-01", 60), ("2026-12-31", 60), ("2027-01-02", 0), ("2026-06-01", 30), ("2040-01-01", 0)]
    {
        let (code, listed, said) = facts(&["--on", on, "--within", &format!("{within}d")]);
        let expected = count(on, within);
        assert_eq!(code, Some(i32::from(expected > 0)), "{on}: {listed}{said}");
        let lines = listed.lines().filter(|line| line.starts_with("expire")).count();
        assert_eq!(lines, expected, "{on}: {listed}");
        assert_eq!(said.contains("docs/yearly.md"), expected > 0, "{on}: {said}");
        let (same, json, _) = facts(&["--json", "--on", on, "--within", &within.to_string()]);
        let view: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!((same, view["facts"].as_array().map(Vec::len)), (code, Some(expected)), "{json}");
    }
    let (_, listed, _) = facts(&["--on", "2040-01-01"]);
    let line = listed.lines().find(|line| line.contains(" part_b_premium ")).expect("the premium");
    let parts = ["expired 20", shared::knowledge::amounts::FILE, "(CMS ", "https://www.medicare.gov/"];
    assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    assert!(launcher::workspace::root().join(shared::knowledge::amounts::FILE).is_file());
    assert!(launcher::workspace::root().join("docs/yearly.md").is_file());
}
