//! The migrations: twice, back and forth, twenty at once, through the pooler, under Supabase's roles.

use std::process::Command;

use futures_util::future::join_all;
use ops::migrate::embedded::MIGRATIONS;
use ops::{database, migrate, roles};
use tests::stack::stack;
use tests::supabase;

fn dump(url: &str, ca: &str) -> String {
    let folder = tests::stack::folder("dump");
    let ca_file = folder.join("ca.pem");
    std::fs::write(&ca_file, ca).expect("the CA");
    let binaries = launcher::postgres::PostgresBinaries::find().expect("PostgreSQL");
    let output = Command::new(binaries.program("pg_dump"))
        .args(["--schema-only", "--schema=navigator", url])
        .env("PGSSLROOTCERT", ca_file)
        .output()
        .expect("pg_dump");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // pg_dump writes a random token into its first and last lines.
    text.lines()
        .filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn up_twice_changes_nothing_and_every_step_back_and_forth_ends_in_the_same_schema() {
    let stack = stack().await;
    let name = stack.empty_database().await;
    let mut client = stack.server.superuser(&name).await.expect("a connection");
    roles::ensure(&mut client, None).await.expect("roles");
    let url = stack.server.superuser_url(&name);
    let mut dumps = Vec::new();
    for migration in MIGRATIONS {
        assert_eq!(migrate::up(&mut client, Some(migration.version)).await.expect("up"), [migration.name]);
        dumps.push(dump(&url, stack.server.ca_pem()));
    }
    assert!(migrate::up(&mut client, None).await.expect("up again").is_empty());
    migrate::verify(&mut client).await.expect("verified");
    for (migration, before) in MIGRATIONS.iter().rev().zip(dumps.iter().rev().skip(1)) {
        migrate::down(&mut client, migration.version - 1, true).await.expect("down");
        assert_eq!(&dump(&url, stack.server.ca_pem()), before, "after the way back from {}", migration.name);
        migrate::up(&mut client, Some(migration.version)).await.expect("up");
        migrate::down(&mut client, migration.version - 1, true).await.expect("down");
    }
    migrate::down(&mut client, -1, true).await.expect("down to nothing");
    migrate::up(&mut client, None).await.expect("up from nothing");
    assert_eq!(&dump(&url, stack.server.ca_pem()), dumps.last().expect("dumps"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_runners_at_once_apply_each_migration_once() {
    let stack = stack().await;
    let name = stack.empty_database().await;
    let runs = (0..20).map(|_| async {
        let mut client = stack.server.superuser(&name).await.expect("a connection");
        roles::ensure(&mut client, None).await.expect("roles");
        migrate::up(&mut client, None).await.expect("up").len()
    });
    assert_eq!(join_all(runs).await.iter().sum::<usize>(), MIGRATIONS.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_run_through_a_transaction_mode_pooler() {
    let stack = stack().await;
    let name = stack.empty_database().await;
    let pooler = stack.pooler(2);
    let url = format!(
        "postgresql://postgres:{}@127.0.0.1:{}/{name}?sslmode=verify-full",
        stack.server.superuser_password(),
        pooler.port()
    );
    let mut client = database::connect(&url, Some(stack.server.ca_pem())).await.expect("a pooled connection");
    roles::ensure(&mut client, None).await.expect("roles");
    assert_eq!(migrate::up(&mut client, None).await.expect("up").len(), MIGRATIONS.len());
    migrate::down(&mut client, 3, true).await.expect("down");
    migrate::up(&mut client, None).await.expect("up");
    migrate::verify(&mut client).await.expect("verified");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_run_under_supabases_roles_without_a_superuser() {
    let stack = stack().await;
    let (_name, mut client) = supabase::project(stack).await;
    roles::ensure(&mut client, None).await.expect("roles without a superuser");
    assert_eq!(migrate::up(&mut client, None).await.expect("up").len(), MIGRATIONS.len());
    migrate::verify(&mut client).await.expect("verified");
    migrate::down(&mut client, -1, true).await.expect("down");
    migrate::up(&mut client, None).await.expect("up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changed_after_it_was_applied_stops_everything() {
    let stack = stack().await;
    let name = stack.database().await;
    let mut client = stack.server.superuser(&name).await.expect("a connection");
    client
        .batch_execute("UPDATE navigator.schema_migrations SET up_checksum = 'other' WHERE version = 1")
        .await
        .expect("updated");
    for result in [
        migrate::up(&mut client, None).await,
        migrate::down(&mut client, 5, true).await,
        migrate::dry_run(&mut client).await,
    ] {
        let error = result.expect_err("stopped").to_string();
        assert!(error.contains("001_initial_schema was changed"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_or_a_policy_beside_the_matrix_is_named() {
    let stack = stack().await;
    for change in [
        "GRANT SELECT ON navigator.users TO PUBLIC",
        "GRANT DELETE ON navigator.workflow_steps TO navigator_api",
        "ALTER TABLE navigator.conversations NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY conversations_select ON navigator.conversations",
        "ALTER POLICY sessions_select ON navigator.sessions USING (true)",
        "ALTER FUNCTION navigator.enter(uuid, uuid) RESET search_path",
        "ALTER FUNCTION navigator.history_page RESET lock_timeout",
        "CREATE TABLE navigator.stray (id int)",
    ] {
        let name = stack.database().await;
        let mut client = stack.server.superuser(&name).await.expect("a connection");
        client.batch_execute(change).await.expect(change);
        assert!(migrate::verify(&mut client).await.is_err(), "{change}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runner_that_dies_in_the_middle_leaves_whole_migrations_only() {
    let stack = stack().await;
    for delay_ms in (0..30).map(|n| n * 8) {
        let name = stack.empty_database().await;
        let mut client = stack.server.superuser(&name).await.expect("a connection");
        roles::ensure(&mut client, None).await.expect("roles");
        let admin = stack.server.superuser("postgres").await.expect("a connection");
        let killer = async {
            tokio::time::sleep(std::time::Duration::from_millis(delay_ms)).await;
            let sql = format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'");
            admin.query_one(&sql, &[]).await.expect("terminated");
        };
        let (_died, ()) = tokio::join!(migrate::up(&mut client, None), killer);
        let mut client = stack.server.superuser(&name).await.expect("a connection");
        migrate::up(&mut client, None).await.expect("the next runner goes on");
        migrate::verify(&mut client).await.expect("verified");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_back_that_loses_data_wants_a_flag_and_a_dry_run_changes_nothing() {
    let stack = stack().await;
    let name = stack.database().await;
    let mut client = stack.server.superuser(&name).await.expect("a connection");
    let error = migrate::down(&mut client, 6, false).await.expect_err("refused").to_string();
    assert!(error.contains("--allow-data-loss"), "{error}");
    migrate::down(&mut client, 4, true).await.expect("down");
    let facts = migrate::facts(&mut client).await.expect("facts");
    let missing: Vec<&str> = MIGRATIONS.iter().filter(|one| one.version > 4).map(|one| one.name).collect();
    assert_eq!(migrate::dry_run(&mut client).await.expect("dry run"), missing);
    assert_eq!(migrate::facts(&mut client).await.expect("facts"), facts);
}
