//! What is wrong before anything is made: each fault has its ✗ and its advice, exit code 1, and the server is as before.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use tests::project::{PoolMode, Project};

use super::said;

/// A server that speaks no TLS.
fn plain_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0_u8; 8];
            let _answered = stream.read_exact(&mut request).and_then(|()| stream.write_all(b"N"));
        }
    });
    port
}

fn closed_port() -> u16 {
    launcher::process::free_port().expect("a port")
}

/// One fault: lines of `.env` that are changed, and what must be said.
struct Fault<'a> {
    name: &'a str,
    changes: Vec<(&'a str, Option<String>)>,
    says: [&'a str; 2],
}

fn fault<'a>(name: &'a str, changes: &[(&'a str, Option<String>)], says: [&'a str; 2]) -> Fault<'a> {
    Fault { name, changes: changes.to_vec(), says }
}

/// The server is as before, and the command said what it must.
async fn is_refused(project: &Project, arguments: &[&str], fault: &Fault<'_>) {
    let before = project.snapshot().await;
    let changes: Vec<_> = fault.changes.iter().map(|(name, value)| (*name, value.as_deref())).collect();
    let output = project.ops(&[&["setup"], arguments].concat(), &changes);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{}: {said}", fault.name);
    let lines: Vec<&str> = said.lines().collect();
    let is_told = lines.windows(2).any(|pair| {
        pair[0].starts_with('✗')
            && pair[0].contains(fault.says[0])
            && pair[1].contains('→')
            && pair[1].contains(fault.says[1])
    });
    assert!(is_told, "{}: {:?} is not said: {said}", fault.name, fault.says);
    assert!(!said.contains(tests::project::PASSWORD), "{}: {said}", fault.name);
    assert!(!said.contains("✓ user service") && !said.contains("✓ orchestrator"), "{}: {said}", fault.name);
    assert_eq!(project.changes_since(&before).await, Vec::<String>::new(), "{}: something was made", fault.name);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_in_the_environment_or_on_the_way_stops_before_anything_is_made() {
    let project = Project::new().await;
    let (port, database) = (project.port(), project.database.clone());
    let session = project.pooler(PoolMode::Session);
    let url =
        |user: &str, host: &str, database: &str| Some(format!("postgresql://{user}:[password]@{host}/{database}"));
    let here = format!("127.0.0.1:{port}");
    let text = |value: &str| Some(value.to_owned());
    let owner = "supabase_postgres";
    let closed = closed_port();
    let [other_ca, ..] = ops::certificates::generate(&["localhost"]).expect("another CA");
    let other_ca = Some(String::from_utf8(other_ca).expect("text").trim().replace('\n', "\\n"));
    let pooled = format!("127.0.0.1:{}", project.pooler.port);
    let migration = Some(format!("postgresql://{owner}:[password]@{here}/{database}"));
    let faults = [
        fault("no URL", &[("DATABASE_URL", None)], ["DATABASE_URL is not set", "DATABASE_URL=postgresql://postgres:"]),
        fault(
            "not a URL",
            &[("DATABASE_URL", text("db.example.supabase.co"))],
            ["is not a postgresql:// URL", "DATABASE_URL="],
        ),
        fault(
            "no password",
            &[("POSTGRES_PASSWORD", text("your_postgres_password"))],
            ["POSTGRES_PASSWORD is not set", "POSTGRES_PASSWORD="],
        ),
        fault(
            "a wrong password",
            &[("POSTGRES_PASSWORD", text("wrong"))],
            ["refuses supabase_postgres", "password of supabase_postgres"],
        ),
        fault(
            "no such host",
            &[("DATABASE_URL", url(owner, "nowhere.invalid:5432", &database))],
            ["nowhere.invalid", "does not resolve"],
        ),
        fault(
            "a closed port",
            &[("DATABASE_URL", url(owner, &format!("127.0.0.1:{closed}"), &database))],
            ["cannot be reached", "nothing listens"],
        ),
        fault(
            "a server without TLS",
            &[("DATABASE_URL", url(owner, &format!("127.0.0.1:{}", plain_server()), &database))],
            ["does not support TLS", "speaks no TLS"],
        ),
        fault(
            "sslmode=disable",
            &[("DATABASE_URL", url(owner, &here, &format!("{database}?sslmode=disable")))],
            ["sslmode=disable", "correct"],
        ),
        fault("another CA", &[("DATABASE_CA_PEM", other_ca)], ["certificate", "--ca FILE"]),
        fault("no CA", &[("DATABASE_CA_PEM", None)], ["certificate", "--ca FILE"]),
        fault("no such database", &[("DATABASE_URL", url(owner, &here, "absent"))], ["does not exist", "no database"]),
        fault("no pooler's host", &[("POOLER_HOST", None)], ["pooler's host is not known", "--pooler-host"]),
        fault("no such pooler", &[("POOLER_HOST", text("nowhere.invalid"))], ["nowhere.invalid", "does not resolve"]),
        fault(
            "a pooler that is away",
            &[("POOLER_HOST", Some(format!("127.0.0.1:{closed}")))],
            ["cannot be reached", "nothing listens"],
        ),
        fault(
            "a pooler in session mode",
            &[("POOLER_HOST", Some(format!("127.0.0.1:{}", session.port)))],
            ["session mode", "pool_mode = transaction"],
        ),
        fault("no pooler at all", &[("POOLER_HOST", Some(here.clone()))], ["no pooler at all", "port 6543"]),
        fault(
            "functions as the owner",
            &[
                ("MIGRATION_DATABASE_URL", migration),
                ("DATABASE_URL", Some(format!("postgresql://{owner}:x@{pooled}/{database}"))),
            ],
            ["functions run as navigator_api", "remove DATABASE_URL"],
        ),
        fault(
            "set-up as the functions",
            &[("DATABASE_URL", url("navigator_api", &here, &database))],
            ["cannot make roles", "MIGRATION_DATABASE_URL="],
        ),
        fault("a short key", &[("JWT_SECRET_KEY", text("tooshort"))], ["JWT_SECRET_KEY has 8 bytes", "one is made"]),
        fault(
            "a published key",
            &[("JWT_SECRET_KEY", text("your-super-secret-jwt-key-minimum-32-characters-long-for-security"))],
            ["published example", "one is made"],
        ),
        fault("another algorithm", &[("JWT_ALGORITHM", text("RS256"))], ["only HS256", "JWT_ALGORITHM"]),
        fault(
            "a service key for browsers",
            &[("SUPABASE_ANON_KEY", text("sb_secret_x"))],
            ["SUPABASE_ANON_KEY", "SUPABASE_ANON_KEY"],
        ),
    ];
    for fault in &faults {
        is_refused(&project, &[], fault).await;
    }
    let nowhere = fault("a place that cannot be written", &[], ["cannot be written", "--write FILE"]);
    is_refused(&project, &["--write", "no/such/folder/env"], &nowhere).await;
    // Every problem at once.
    let changes = [("DATABASE_URL", None), ("JWT_ALGORITHM", Some("none")), ("POOLER_HOST", None)];
    let all = said(&project.ops(&["setup"], &changes));
    assert_eq!(all.lines().filter(|line| line.starts_with('✗')).count(), 3, "{all}");
    println!("{} faults, each with its advice, and nothing made", faults.len() + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_at_the_server_stops_before_anything_is_made() {
    let project = Project::new().await;
    let database = project.database.clone();
    let read_only = [
        format!("ALTER DATABASE {database} SET default_transaction_read_only = on"),
        format!("ALTER DATABASE {database} RESET default_transaction_read_only"),
    ];
    let plain = |name, says| fault(name, &[], says);
    for (fault, provoke, undo) in [
        (
            plain("no CREATEROLE", ["may not make roles", "CREATEROLE"]),
            "ALTER ROLE supabase_postgres NOCREATEROLE",
            "ALTER ROLE supabase_postgres CREATEROLE",
        ),
        (
            plain("a server that only reads", ["only reads", "primary"]),
            read_only[0].as_str(),
            // What only reads cannot be changed in the same transaction mode.
            read_only[1].as_str(),
        ),
        (
            plain("no connection left", ["too many connections", "every connection is taken"]),
            "ALTER ROLE supabase_postgres CONNECTION LIMIT 0",
            "ALTER ROLE supabase_postgres CONNECTION LIMIT -1",
        ),
        (
            plain("somebody else's schema", ["belongs to postgres", "rename it"]),
            "CREATE SCHEMA navigator; CREATE TABLE navigator.theirs (id int)",
            "DROP SCHEMA navigator CASCADE",
        ),
        (
            plain(
                "a role that bypasses row-level security",
                ["navigator_api bypasses row-level security", "NOBYPASSRLS"],
            ),
            "CREATE ROLE navigator_api LOGIN BYPASSRLS",
            "DROP ROLE navigator_api",
        ),
        (
            plain("a superuser", ["navigator_api is a superuser", "NOSUPERUSER"]),
            "CREATE ROLE navigator_api LOGIN SUPERUSER",
            "DROP ROLE navigator_api",
        ),
        (
            plain("a role that makes roles", ["may make roles", "NOCREATEROLE"]),
            "CREATE ROLE navigator_api LOGIN CREATEROLE",
            "DROP ROLE navigator_api",
        ),
        (
            plain("a member of another role", ["is a member of service_role", "REVOKE service_role"]),
            "CREATE ROLE navigator_api LOGIN IN ROLE service_role",
            "DROP ROLE navigator_api",
        ),
        (
            plain("a password that nobody knows", ["its password is not known here", "--new-password"]),
            "CREATE ROLE navigator_api LOGIN NOINHERIT PASSWORD 'another'",
            "DROP ROLE navigator_api",
        ),
    ] {
        let writes = "SET transaction_read_only = off; ";
        project.change(&format!("{writes}{provoke}")).await;
        is_refused(&project, &[], &fault).await;
        project.change(&format!("{writes}{undo}")).await;
    }
    super::succeeds(&project, &[]);
}
