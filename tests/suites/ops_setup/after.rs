//! What is wrong in a project that was set up, or comes to light in the middle: the migrations are all or nothing, and no trial account
//! is left.

use tests::project::Project;

use super::{said, succeeds};

/// Runs it; it must fail, and say this.
async fn fails(project: &Project, changes: &[(&str, Option<&str>)], says: [&str; 2]) -> String {
    let output = project.ops(&["setup"], changes);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    let is_told = |pair: &[&str]| pair[0].starts_with('✗') && pair[0].contains(says[0]) && pair[1].contains(says[1]);
    let multi_line = lines.iter().any(|line| line.starts_with('✗') && line.contains(says[0])) && said.contains(says[1]);
    assert!(lines.windows(2).any(is_told) || multi_line, "{says:?}: {said}");
    said
}

async fn count(project: &Project, sql: &str) -> i64 {
    project.root().await.query_one(sql, &[]).await.expect("a count").get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_that_fails_leaves_none_of_them() {
    let project = Project::new().await;
    project
        .change(
            "CREATE ROLE navigator_owner NOLOGIN; GRANT navigator_owner TO supabase_postgres WITH ADMIN OPTION; \
             CREATE SCHEMA navigator AUTHORIZATION navigator_owner",
        )
        .await;
    let objects = "SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'navigator'::regnamespace) \
                        + (SELECT count(*) FROM pg_proc WHERE pronamespace = 'navigator'::regnamespace)";
    // A name that a later migration needs (the earlier ones pass), and a table that is not ours.
    for (provoke, undo, says) in [
        (
            "CREATE DOMAIN navigator.workflow_steps AS int",
            "DROP DOMAIN navigator.workflow_steps",
            ["already exists", "rename or drop it"],
        ),
        (
            "CREATE TABLE navigator.workflow_steps (id int)",
            "DROP TABLE navigator.workflow_steps",
            ["differs from the committed matrix", "not the product's"],
        ),
    ] {
        project.change(&format!("SET ROLE navigator_owner; {provoke}")).await;
        let before = count(&project, objects).await;
        let said = fails(&project, &[], says).await;
        assert_eq!(count(&project, objects).await, before, "{said}");
        project.change(undo).await;
    }
    succeeds(&project, &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_that_was_changed_is_refused_and_stays_as_it_is() {
    let project = Project::new().await;
    succeeds(&project, &[]);
    let ledger = "navigator.schema_migrations";
    for (provoke, undo, says) in [
        (
            format!("UPDATE {ledger} SET up_checksum = up_checksum || 'x' WHERE version = 6"),
            format!("UPDATE {ledger} SET up_checksum = left(up_checksum, -1) WHERE version = 6"),
            ["changed after they were applied: 006_conversations", "never edited"],
        ),
        (
            format!(
                "INSERT INTO {ledger} (version, name, up_checksum, down_checksum, down_sql) VALUES (900, '900_later', '', '', '')"
            ),
            format!("DELETE FROM {ledger} WHERE version = 900"),
            ["newer than this program: 900_later", "newer program"],
        ),
        (
            "ALTER ROLE navigator_api BYPASSRLS".to_owned(),
            "ALTER ROLE navigator_api NOBYPASSRLS".to_owned(),
            ["navigator_api bypasses", "NOBYPASSRLS"],
        ),
        (
            "CREATE TABLE navigator.mine (id int); ALTER TABLE navigator.mine OWNER TO navigator_api".to_owned(),
            "DROP TABLE navigator.mine".to_owned(),
            ["owns tables", "REASSIGN OWNED"],
        ),
        (
            "GRANT USAGE ON SCHEMA navigator TO anon".to_owned(),
            "REVOKE USAGE ON SCHEMA navigator FROM anon".to_owned(),
            ["anon: usage on the schema", "REVOKE"],
        ),
        (
            "GRANT SELECT ON navigator.users TO service_role".to_owned(),
            "REVOKE SELECT ON navigator.users FROM service_role".to_owned(),
            ["differs from the committed matrix", "by hand"],
        ),
        (
            "ALTER ROLE navigator_api PASSWORD 'another'".to_owned(),
            format!("ALTER ROLE navigator_api PASSWORD '{}'", super::password(&project.written()["DATABASE_URL"])),
            ["does not let navigator_api in", "--new-password"],
        ),
    ] {
        project.change(&provoke).await;
        let before = project.snapshot().await;
        fails(&project, &[], says).await;
        assert_eq!(project.changes_since(&before).await, Vec::<String>::new(), "{provoke}");
        project.change(&undo).await;
    }
    succeeds(&project, &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_on_the_ledger_is_waited_for_shortly_and_told() {
    let project = Project::new().await;
    succeeds(&project, &[]);
    let root = project.root().await;
    root.batch_execute("BEGIN; LOCK TABLE navigator.schema_migrations IN ACCESS EXCLUSIVE MODE").await.expect("locked");
    fails(&project, &[], ["lock timeout", "somebody holds a lock"]).await;
    root.batch_execute("ROLLBACK").await.expect("free");
    succeeds(&project, &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_fails_is_told_and_its_trial_account_is_gone() {
    let project = Project::new().await;
    succeeds(&project, &[]);
    project
        .change(
            "CREATE FUNCTION public.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$; \
             GRANT EXECUTE ON FUNCTION public.no() TO PUBLIC",
        )
        .await;
    for (table, event, subject) in [
        ("users", "INSERT", "user service"),
        ("sessions", "INSERT", "user service"),
        ("conversation_messages", "INSERT", "conversation service"),
        ("workflow_steps", "INSERT", "conversation service"),
        ("users", "DELETE", "user service"),
    ] {
        project
            .change(&format!(
                "CREATE TRIGGER no BEFORE {event} ON navigator.{table} FOR EACH ROW EXECUTE FUNCTION public.no()"
            ))
            .await;
        let before = project.snapshot().await;
        let said = fails(&project, &[], ["", "run this again"]).await;
        assert!(said.contains(&format!("✗ {subject}")), "{table}: {said}");
        if event == "INSERT" {
            assert_eq!(project.changes_since(&before).await, Vec::<String>::new(), "{table}: something is left");
        }
        project.change(&format!("DROP TRIGGER no ON navigator.{table}")).await;
    }
    // What could not be deleted then is deleted by the next set-up, once it counts as left over.
    assert_eq!(count(&project, "SELECT count(*) FROM navigator.users").await, 1);
    project.change("UPDATE navigator.users SET created_at = created_at - interval '1 hour'").await;
    assert!(succeeds(&project, &[]).contains("an earlier set-up left"));
    assert_eq!(count(&project, "SELECT count(*) FROM navigator.users").await, 0);
}
