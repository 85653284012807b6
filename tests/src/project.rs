//! An empty project laid out like Supabase's, on a server of its own, for what makes the product's roles: they belong to a server, so
//! that one test at a time has it. Its pooler looks passwords up in the database, as Supabase's does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use launcher::install::pgbouncer;
use launcher::postgres::{Cluster, ClusterOptions, PostgresBinaries};
use launcher::process::{Supervised, free_port, spawn_from_own_thread, supervised, unprivileged_user};
use ops::stack::LocalServer;
use tokio::sync::{Mutex, MutexGuard, OnceCell};
use tokio_postgres::Client;

use crate::product::binary;
use crate::stack::folder;
use crate::supabase::LAYOUT;

/// The password of the project's `postgres`, here `supabase_postgres`.
pub const PASSWORD: &str = "forthistest";
/// The product's roles.
const ROLES: [&str; 6] =
    ["navigator_api", "navigator_owner", "navigator_auth", "navigator_audit", "navigator_sweep", "navigator_operator"];

struct Server {
    local: LocalServer,
    cluster: Cluster,
    turn: Mutex<u32>,
}

static SERVER: OnceCell<Server> = OnceCell::const_new();

async fn server() -> &'static Server {
    SERVER
        .get_or_init(async || {
            let folder = folder("project");
            let binaries = PostgresBinaries::find_or_install().expect("PostgreSQL");
            let settings = [("fsync", "off"), ("max_connections", "100"), ("autovacuum", "off")];
            let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let cluster = Cluster::start(&binaries, &ClusterOptions { folder: folder.clone(), port: None, settings })
                .expect("a server");
            let local = LocalServer::prepare(&folder, cluster.port()).await.expect("a prepared server");
            Server { local, cluster, turn: Mutex::new(0) }
        })
        .await
}

/// How the pooler hands out connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolMode {
    /// As the functions need it.
    Transaction,
    /// As they must not have it.
    Session,
}

/// A running PgBouncer that asks the database for passwords.
pub struct LookingPooler {
    /// Its loopback port.
    pub port: u16,
    process: Supervised,
}

impl Drop for LookingPooler {
    fn drop(&mut self) {
        self.process.stop("INT", Duration::from_secs(3));
    }
}

/// The project: its database, its pooler, and a folder in which commands are run.
pub struct Project {
    /// The database's name.
    pub database: String,
    /// The pooler in transaction mode.
    pub pooler: LookingPooler,
    /// Where commands run: with a `.env` in it.
    pub folder: tempfile::TempDir,
    /// The lines of `.env`.
    pub lines: BTreeMap<String, String>,
    server: &'static Server,
    _turn: MutexGuard<'static, u32>,
}

impl Project {
    /// A new one; waits until no other test has one.
    pub async fn new() -> Self {
        let server = server().await;
        let mut turn = server.turn.lock().await;
        *turn += 1;
        let database = format!("project_{turn}");
        let root = server.local.superuser("postgres").await.expect("a connection");
        forget_roles(&root).await;
        server.local.create_database(&root, &database, "template1").await.expect("a database");
        let inside = server.local.superuser(&database).await.expect("a connection");
        inside.batch_execute(&LAYOUT.replace("{name}", &database)).await.expect("the layout");
        let pooler = LookingPooler::start(&server.local, PoolMode::Transaction);
        let port = server.local.port();
        let text = |value: &str| value.to_owned();
        let lines = BTreeMap::from([
            (text("DATABASE_URL"), format!("postgresql://supabase_postgres:[password]@127.0.0.1:{port}/{database}")),
            (text("POSTGRES_PASSWORD"), text(PASSWORD)),
            (text("DATABASE_CA_PEM"), server.local.ca_pem().trim().replace('\n', "\\n")),
            (text("POOLER_HOST"), format!("127.0.0.1:{}", pooler.port)),
            (text("SUPABASE_SERVICE_ROLE_KEY"), text("sb_secret_forthistest")),
            (text("JWT_ALGORITHM"), text("HS256")),
            (text("ACCESS_TOKEN_EXPIRE_MINUTES"), text("30")),
            (text("SUPABASE_STORAGE_BUCKET"), text("policies")),
            (text("SIGNED_URL_EXPIRY_SECONDS"), text("3600")),
            (text("ARGON2_MEMORY_KIB"), text("7168")),
        ]);
        let folder = tempfile::tempdir().expect("a folder");
        Self { database, pooler, folder, lines, server, _turn: turn }
    }

    /// Runs `ops` in the folder, with the lines changed: a value replaces a line, none takes it away.
    pub fn ops(&self, arguments: &[&str], changes: &[(&str, Option<&str>)]) -> Output {
        self.ops_with(arguments, changes, &[])
    }

    /// [`Project::ops`], with more in the process' own environment.
    pub fn ops_with(
        &self,
        arguments: &[&str],
        changes: &[(&str, Option<&str>)],
        environment: &[(String, String)],
    ) -> Output {
        let mut lines = self.lines.clone();
        for (name, value) in changes {
            match value {
                Some(value) => lines.insert((*name).to_owned(), (*value).to_owned()),
                None => lines.remove(*name),
            };
        }
        let text: String = lines.iter().map(|(name, value)| format!("{name}=\"{value}\"\n")).collect();
        std::fs::write(self.folder.path().join(".env"), text).expect("written");
        let mut command = Command::new(binary("ops"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        command.output().expect("ops runs")
    }

    /// Makes the server log every statement, or as little as before, and returns its log so far.
    pub async fn log_all(&self, is_loud: bool) -> String {
        let value = if is_loud { "all" } else { "none" };
        let root = self.root().await;
        root.batch_execute(&format!("ALTER SYSTEM SET log_statement = '{value}'")).await.expect("set");
        root.batch_execute("SELECT pg_reload_conf()").await.expect("reloaded");
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let shown =
                self.root().await.query_one("SELECT current_setting('log_statement')", &[]).await.expect("a setting");
            if shown.get::<_, String>(0) == value {
                break;
            }
            assert!(Instant::now() < until, "log_statement is not {value}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        std::fs::read_to_string(self.server.cluster.folder().join("postgres.log")).expect("the server's log")
    }

    /// A connection with all rights.
    pub async fn root(&self) -> Client {
        self.server.local.superuser(&self.database).await.expect("a connection")
    }

    /// Statements with all rights.
    pub async fn change(&self, sql: &str) {
        self.root().await.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// The CA of the server and its poolers, PEM.
    pub fn ca_pem(&self) -> &str {
        self.server.local.ca_pem()
    }

    /// The server's port.
    pub fn port(&self) -> u16 {
        self.server.local.port()
    }

    /// Another pooler before the same server.
    pub fn pooler(&self, mode: PoolMode) -> LookingPooler {
        LookingPooler::start(&self.server.local, mode)
    }

    /// What set-ups write by habit, by name.
    pub fn written(&self) -> BTreeMap<String, String> {
        ops::checks::environment::parse_if_there(&self.folder.path().join(".env.runtime")).expect("an environment")
    }

    /// Everything that a set-up makes, but rows that any use adds to: the roles with their rights and passwords, the database's own
    /// schemas, tables, functions and policies, the ledger, the accounts, and the written file.
    pub async fn snapshot(&self) -> BTreeSet<String> {
        let root = self.root().await;
        let mut lines = BTreeSet::new();
        let mut add = async |sql: &str| {
            let rows = root.query(sql, &[]).await.expect("a snapshot");
            lines.extend(rows.iter().map(|row| row.get::<_, String>(0)));
        };
        for sql in SNAPSHOT {
            add(sql).await;
        }
        for table in ["schema_migrations", "users", "outbox", "deleted_users", "conversations", "rate_limits"] {
            let exists = format!("SELECT to_regclass('navigator.{table}') IS NOT NULL");
            if root.query_one(&exists, &[]).await.expect("a truth").get(0) {
                // What all requests count together is no trace of one.
                add(&format!(
                    "SELECT '{table} ' || (to_jsonb(t) - 'down_sql')::text FROM navigator.{table} AS t WHERE coalesce(to_jsonb(t) ->> 'key', 'x') <> ''"
                ))
                .await;
            }
        }
        lines.extend(self.written().iter().map(|(name, value)| format!("written {name}={value}")));
        lines
    }

    /// What is another now than in an earlier snapshot.
    pub async fn changes_since(&self, before: &BTreeSet<String>) -> Vec<String> {
        let now = self.snapshot().await;
        let gone = before.difference(&now).map(|line| format!("- {line}"));
        gone.chain(now.difference(before).map(|line| format!("+ {line}"))).collect()
    }
}

const SNAPSHOT: [&str; 5] = [
    "SELECT 'role ' || row(r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolinherit, r.rolpassword)::text
       FROM pg_authid AS r WHERE r.rolname NOT LIKE 'pg\\_%' ORDER BY r.rolname",
    "SELECT 'setting ' || setrole::regrole::text || ' ' || setconfig::text FROM pg_db_role_setting WHERE setdatabase = 0 ORDER BY 1",
    "SELECT 'member ' || member::regrole::text || ' of ' || roleid::regrole::text FROM pg_auth_members
      WHERE roleid::regrole::text NOT LIKE 'pg\\_%' ORDER BY 1",
    "SELECT 'schema ' || nspname || ' ' || coalesce(nspacl::text, '') FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_t%' ORDER BY 1",
    "SELECT 'object ' || c.oid::regclass::text || ' ' || c.relkind::text || ' ' || coalesce(c.relacl::text, '') FROM pg_class AS c
       JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname IN ('navigator', 'public') ORDER BY 1",
];

/// As on a server that never saw the product.
async fn forget_roles(root: &Client) {
    for row in
        root.query("SELECT datname FROM pg_database WHERE datname LIKE 'project\\_%'", &[]).await.expect("databases")
    {
        let name: String = row.get(0);
        root.batch_execute(&format!("DROP DATABASE \"{name}\" WITH (FORCE)")).await.expect("dropped");
    }
    root.batch_execute("DROP SCHEMA IF EXISTS navigator CASCADE").await.expect("dropped");
    for role in ROLES.iter().chain(&["supabase_postgres"]) {
        let sql = format!(
            "DO $$ BEGIN IF to_regrole('{role}') IS NOT NULL THEN DROP OWNED BY {role}; DROP ROLE {role}; END IF; END $$"
        );
        root.batch_execute(&sql).await.expect("dropped");
    }
    let roles = format!(
        "DO $$ DECLARE r text; BEGIN
             FOREACH r IN ARRAY ARRAY['anon', 'authenticated', 'service_role'] LOOP
                 IF to_regrole(r) IS NULL THEN EXECUTE format('CREATE ROLE %I NOLOGIN', r); END IF;
             END LOOP;
         END $$;
         ALTER ROLE service_role BYPASSRLS;
         CREATE ROLE supabase_postgres LOGIN CREATEROLE CREATEDB BYPASSRLS PASSWORD '{PASSWORD}'"
    );
    root.batch_execute(&roles).await.expect("the project's roles");
}

impl LookingPooler {
    fn start(server: &LocalServer, mode: PoolMode) -> Self {
        let folder = folder("looking");
        let port = free_port().expect("a port");
        let users = folder.join("users.txt");
        write(&users, &format!("\"postgres\" \"{}\"\n", server.superuser_password()));
        let file = folder.join("pgbouncer.ini");
        let mode = if mode == PoolMode::Transaction { "transaction" } else { "session" };
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={server_port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = scram-sha-256\nauth_file = {users}\nauth_user = postgres\nauth_query = SELECT usename, passwd FROM pg_shadow WHERE usename=$1\n\
             pool_mode = {mode}\ndefault_pool_size = 5\nserver_login_retry = 1\nclient_tls_sslmode = require\nclient_tls_cert_file = {certificate}\n\
             client_tls_key_file = {key}\nserver_tls_sslmode = verify-full\nserver_tls_ca_file = {ca}\n\
             ignore_startup_parameters = extra_float_digits\n",
            server_port = server.port(),
            users = users.display(),
            certificate = server.certificates.certificate.display(),
            key = server.certificates.key.display(),
            ca = server.certificates.ca.display(),
        );
        write(&file, &text);
        let mut command = supervised(&pgbouncer().expect("PgBouncer"), unprivileged_user(), "TERM");
        command.arg("-q").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = spawn_from_own_thread(command, "pgbouncer").expect("PgBouncer starts");
        let until = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(process.is_alive() && Instant::now() < until, "PgBouncer does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { port, process }
    }
}

fn write(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path: PathBuf = path.to_path_buf();
    std::fs::write(&path, text).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("permissions");
    launcher::postgres::give_to_server(&path).expect("given");
}
