//! One Postgres for the whole test process, with a migrated template that every test clones.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use launcher::install::pgbouncer;
use launcher::postgres::{Cluster, ClusterOptions, PostgresBinaries};
use ops::pooler::{Pooler, PoolerOptions};
use ops::stack::LocalServer;
use tokio::sync::OnceCell;

/// The template's name.
const TEMPLATE: &str = "navigator_template";

/// The database side of the tests.
pub struct Stack {
    /// The server and its roles.
    pub server: LocalServer,
    binaries: PostgresBinaries,
    options: ClusterOptions,
    cluster: Mutex<Option<Cluster>>,
}

static STACK: OnceCell<Stack> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// The stack of this process; started at its first use, ended with the process.
pub async fn stack() -> &'static Stack {
    STACK.get_or_init(|| start(&[])).await
}

/// A stack that nobody else uses, with further settings of its server: for what is counted over a whole server.
pub async fn stack_of_its_own(settings: &[(&str, &str)]) -> &'static Stack {
    Box::leak(Box::new(start(settings).await))
}

async fn start(further: &[(&str, &str)]) -> Stack {
    let folder = folder("postgres");
    let binaries = PostgresBinaries::find_or_install().expect("PostgreSQL");
    let settings = [("fsync", "off"), ("max_connections", "300"), ("shared_buffers", "256MB"), ("max_wal_size", "4GB")];
    let mut options = ClusterOptions {
        folder: folder.clone(),
        port: None,
        settings: settings
            .iter()
            .chain(further)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    };
    let cluster = Cluster::start(&binaries, &options).expect("a server");
    let server = LocalServer::prepare(&folder, cluster.port()).await.expect("a prepared server");
    server.migrated_database(TEMPLATE).await.expect("a migrated template");
    raise_limits(&server).await;
    options.port = Some(cluster.port());
    Stack { server, binaries, options, cluster: Mutex::new(Some(cluster)) }
}

/// Everybody in the tests comes from one address, faster than people do: their limits are those of the suite that is about them.
async fn raise_limits(server: &LocalServer) {
    let client = server.superuser(TEMPLATE).await.expect("a connection");
    let keep = "CREATE TABLE public.shipped_policies AS TABLE navigator.rate_policies";
    client.batch_execute(keep).await.expect("kept");
    client.batch_execute("UPDATE navigator.rate_policies SET hits = 1000000").await.expect("raised");
}

/// A folder of this process that servers may enter; an earlier process' folders are cleared away.
pub fn folder(name: &str) -> PathBuf {
    let base = std::env::temp_dir();
    for entry in std::fs::read_dir(&base).expect("the temporary folder").flatten() {
        let file_name = entry.file_name();
        let Some(pid) =
            file_name.to_str().and_then(|name| name.strip_prefix("navigator-tests-")?.split('-').next()?.parse().ok())
        else {
            continue;
        };
        if !launcher::process::is_alive(pid) {
            let _another_test_was_faster = std::fs::remove_dir_all(entry.path());
        }
    }
    let folder =
        base.join(format!("navigator-tests-{}-{}-{name}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    launcher::postgres::make_private(&folder).expect("a folder");
    folder
}

impl Stack {
    /// The server is ended at once, as a crash would end it (no checkpoint, no good-byes), and started again.
    pub fn crash_and_restart(&self) {
        self.crash();
        self.restart();
    }

    /// The first half: it is away until [`Stack::restart`].
    pub fn crash(&self) {
        if let Some(crashed) = self.cluster.lock().expect("no panic while it is held").take() {
            crashed.crash();
        }
    }

    /// The second half.
    pub fn restart(&self) {
        let started = Cluster::start(&self.binaries, &self.options).expect("the server starts again");
        *self.cluster.lock().expect("no panic while it is held") = Some(started);
    }

    /// Every process of the server gets `signal`: `STOP`, and `CONT` to go on.
    pub fn signal_all(&self, signal: &str) {
        let server = self.cluster.lock().expect("no panic while it is held").as_ref().expect("a running server").pid();
        let parent_of = |pid: u32| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse::<u32>().ok()
        };
        let names = std::fs::read_dir("/proc").expect("/proc").flatten();
        let pids = names.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        launcher::process::signal(server, signal);
        pids.filter(|pid| parent_of(*pid) == Some(server)).for_each(|pid| launcher::process::signal(pid, signal));
    }

    /// The server ends, and its files are deleted: for what is large.
    pub fn remove(&self) {
        drop(self.cluster.lock().expect("no panic while it is held").take());
        std::fs::remove_dir_all(&self.options.folder).expect("the server's files");
    }

    /// A name that no other test of this process uses.
    pub fn unique(&self, prefix: &str) -> String {
        format!("{prefix}_{}", NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// A new database with the newest schema.
    pub async fn database(&self) -> String {
        let name = self.unique("test");
        let client = self.server.superuser("postgres").await.expect("a connection");
        self.server.create_database(&client, &name, TEMPLATE).await.expect("a database");
        name
    }

    /// A new database with nothing in it.
    pub async fn empty_database(&self) -> String {
        let name = self.unique("empty");
        let client = self.server.superuser("postgres").await.expect("a connection");
        self.server.create_database(&client, &name, "template1").await.expect("a database");
        name
    }

    /// A pooler of its own with `pool_size` server connections.
    pub fn pooler(&self, pool_size: u32) -> Pooler {
        let users = vec![
            ("navigator_api".to_owned(), self.server.api_password.clone()),
            ("postgres".to_owned(), self.server.superuser_password().to_owned()),
        ];
        let options = PoolerOptions {
            program: pgbouncer().expect("PgBouncer"),
            folder: folder("pooler"),
            server_port: self.server.port(),
            pool_size,
            max_clients: 1_000,
            users,
        };
        Pooler::start(&options, &self.server.certificates).expect("a pooler")
    }
}
