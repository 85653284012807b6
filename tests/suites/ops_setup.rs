//! `ops setup` on an empty project: everything ✓, and again; and with each thing that can be wrong the right ✗, and nothing half-made.

mod after;
mod faults;
mod takeover;

use std::process::Output;

use ops::host::LogSink;
use serde_json::json;
use tests::client::{Api, PASSWORD};
use tests::product::{binary, start_host};
use tests::project::{self, Project};
use tests::secrets_manager::SecretsManager;

/// What was printed on standard output and error.
pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The report of a set-up that must succeed; no password is in it.
pub(crate) fn succeeds(project: &Project, arguments: &[&str]) -> String {
    let output = project.ops(&[&["setup"], arguments].concat(), &[]);
    let said = said(&output);
    assert!(output.status.success() && !said.contains('✗'), "{said}");
    assert!(!said.contains(project::PASSWORD), "{said}");
    said
}

fn password(url: &str) -> &str {
    url.split(':').nth(2).and_then(|rest| rest.split('@').next()).expect("a password")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_project_is_made_ready_and_a_second_set_up_changes_nothing() {
    let project = Project::new().await;
    let said = succeeds(&project, &[]);
    for subject in ["environment", "connection", "migrations", "user service", "conversation service", "orchestrator"] {
        assert!(said.contains(&format!("✓ {subject}")), "{subject}: {said}");
    }
    let written = project.written();
    assert!(!said.contains(password(&written["DATABASE_URL"])) && !said.contains(&written["JWT_SECRET_KEY"]), "{said}");
    let path = project.folder.path().join(".env.runtime");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).expect("written").permissions());
    assert_eq!(mode & 0o777, 0o600);
    let (before, modified) =
        (project.snapshot().await, std::fs::metadata(&path).expect("there").modified().expect("a time"));
    let second = succeeds(&project, &[]);
    assert!(second.contains("keeps its password") && second.contains("nothing to apply"), "{second}");
    assert_eq!(project.changes_since(&before).await, Vec::<String>::new());
    assert_eq!(
        std::fs::metadata(&path).expect("there").modified().expect("a time"),
        modified,
        "not even written again"
    );
    let left: i64 =
        project.root().await.query_one("SELECT count(*) FROM navigator.users", &[]).await.expect("a count").get(0);
    assert_eq!(left, 0, "no trial account is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_functions_start_with_what_was_written() {
    let project = Project::new().await;
    succeeds(&project, &[]);
    let log = LogSink::capture();
    let host = start_host(&project.written(), 1, log.clone()).await.expect("a host");
    let api = Api::new(host.url());
    let person = api.person().await;
    api.post("/login", &json!({ "email": person.email, "password": PASSWORD })).send().await.expect(200);
    api.ask(&person, "c", "What is a copay?").send().await.expect(200);
    assert_eq!(api.messages(&person, "c").await.len(), 2);
    host.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_url_is_printed_only_when_asked_for_and_alone() {
    let project = Project::new().await;
    let output = project.ops(&["setup", "--print-url", "--write", "kept.env"], &[]);
    let (printed, report) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{report}");
    assert!(printed.starts_with("postgresql://navigator_api:") && printed.lines().count() == 1, "{printed}");
    assert!(report.contains("✓ orchestrator") && !report.contains(password(printed.trim())), "{report}");
    // The other file is the place now: its password is kept; and a new one is made when that is asked for.
    let again = project.ops(&["setup", "--print-url", "--write", "kept.env"], &[]);
    assert_eq!(String::from_utf8_lossy(&again.stdout), printed);
    let anew = project.ops(&["setup", "--print-url", "--write", "kept.env", "--new-password"], &[]);
    assert!(anew.status.success() && String::from_utf8_lossy(&anew.stdout) != printed, "{}", said(&anew));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_gets_what_functions_need_and_keeps_its_other_keys() {
    const NAME: &str = "a_bundle_gets_what_functions_need_and_keeps_its_other_keys";
    let manager = match SecretsManager::start().await {
        Ok(manager) => manager,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    let arn = manager.store("setup", &json!({ "MAIL_FROM": "a@example.org", "LLM_STEP_MS": 5000 })).await;
    let project = Project::new().await;
    project.ops(&["--version"], &[]);
    let run = || {
        let mut command = std::process::Command::new(binary("ops"));
        command.args(["setup", "--secret", &arn]).current_dir(project.folder.path()).envs(manager.environment());
        let output = command.output().expect("ops runs");
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    };
    run();
    let first = manager.bundle(&arn).await;
    assert_eq!((&first["MAIL_FROM"], &first["LLM_STEP_MS"]), (&json!("a@example.org"), &json!(5000)));
    let url = first["DATABASE_URL"].as_str().expect("a URL");
    assert!(
        url.starts_with("postgresql://navigator_api:")
            && first["JWT_SECRET_KEY"].as_str().is_some_and(|key| key.len() >= 32)
    );
    assert!(run().contains("keeps its password"));
    assert_eq!(manager.bundle(&arn).await, first);
    assert!(!project.folder.path().join(".env.runtime").exists(), "no file beside the secret");
}
