//! The product under test: its own database, its own pooler, the real function binaries behind the local host.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use launcher::workspace;
use ops::host::{FunctionSpec, Hooks, Host, HostOptions, LogSink, RouteTable};
use ops::pooler::Pooler;
use tokio_postgres::Client;

use crate::client::Api;
use crate::stack::{Stack, stack};
use crate::tap::Tap;

/// A test that waits for longer than this waits in vain.
const PATIENCE: Duration = Duration::from_secs(60);

/// A signing key for tests; accepted by no deployment, because each makes its own.
fn test_signing_key() -> String {
    launcher::process::random_hex(32).expect("random digits")
}

/// How a product is to run.
pub struct Options {
    /// Processes per function.
    pub processes: usize,
    /// The pooler's server connections.
    pub pool_size: u32,
    /// Whether a tap stands between functions and pooler.
    pub is_tapped: bool,
    /// More environment.
    pub environment: Vec<(String, String)>,
    /// What is asked of the local host beside.
    pub hooks: Hooks,
    /// Invocation times by function; 29 s for those that are not named.
    pub timeouts: BTreeMap<&'static str, Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            processes: 1,
            pool_size: 5,
            is_tapped: false,
            environment: Vec::new(),
            hooks: Hooks::default(),
            timeouts: BTreeMap::new(),
        }
    }
}

/// A running product.
pub struct Product {
    /// The local host.
    pub host: Host,
    /// A client of its API.
    pub api: Api,
    /// The database's name.
    pub database: String,
    /// The functions' log lines.
    pub log: LogSink,
    /// The tap, if there is one.
    pub tap: Option<Tap>,
    /// The functions' environment.
    pub environment: BTreeMap<String, String>,
    stack: &'static Stack,
    pooler: Mutex<Pooler>,
}

/// Where a built function lies; `cargo verify` builds them before the tests.
pub fn binary(name: &str) -> PathBuf {
    let path = workspace::binaries().join(name);
    assert!(
        path.is_file(),
        "{name} is not built; cargo verify builds it, and cargo verify TEST before these tests alone"
    );
    path
}

/// Starts a product with the usual options.
pub async fn product() -> Product {
    product_with(Options::default()).await
}

/// Starts a product.
pub async fn product_with(options: Options) -> Product {
    let stack = stack().await;
    product_on(stack, stack.database().await, options).await
}

/// Starts a product over an existing database.
pub async fn product_on(stack: &'static Stack, database: String, options: Options) -> Product {
    let pooler = stack.pooler(options.pool_size);
    let tap = match options.is_tapped {
        true => Some(Tap::start(pooler.port(), &stack.server.certificates).await),
        false => None,
    };
    let port = tap.as_ref().map_or(pooler.port(), Tap::port);
    let mut environment = BTreeMap::from([
        ("DATABASE_URL".to_owned(), stack.server.api_url(port, &database)),
        ("DATABASE_CA_PEM".to_owned(), stack.server.ca_pem().to_owned()),
        ("JWT_SECRET_KEY".to_owned(), test_signing_key()),
        // The lowest cost that the configuration accepts: the cost itself is not what the suites measure.
        ("ARGON2_MEMORY_KIB".to_owned(), "7168".to_owned()),
        ("ARGON2_ITERATIONS".to_owned(), "1".to_owned()),
    ]);
    environment.extend(options.environment);
    let log = LogSink::capture();
    let host =
        start(&environment, options.processes, log.clone(), options.hooks, &options.timeouts).await.expect("a host");
    let api = Api::new(host.url());
    Product { host, api, database, log, tap, environment, stack, pooler: Mutex::new(pooler) }
}

/// Starts one function alone, for events without a route.
pub async fn start_function(name: &str, environment: &BTreeMap<String, String>, log: LogSink) -> Host {
    let spec = FunctionSpec {
        binary: binary(name),
        processes: 1,
        timeout: Duration::from_secs(300),
        environment: environment.clone(),
    };
    let (listen, routes) = (([127, 0, 0, 1], 0).into(), RouteTable::of_workspace().expect("routes"));
    let functions = [(name.to_owned(), spec)].into();
    Host::start(HostOptions { listen, routes, functions, log }).await.expect("a host")
}

/// Starts the functions with an environment.
pub async fn start_host(environment: &BTreeMap<String, String>, processes: usize, log: LogSink) -> ops::Result<Host> {
    start(environment, processes, log, Hooks::default(), &BTreeMap::new()).await
}

async fn start(
    environment: &BTreeMap<String, String>,
    processes: usize,
    log: LogSink,
    hooks: Hooks,
    timeouts: &BTreeMap<&'static str, Duration>,
) -> ops::Result<Host> {
    let spec = |name: &str| FunctionSpec {
        binary: binary(name),
        processes,
        timeout: timeouts.get(name).copied().unwrap_or(Duration::from_secs(29)),
        environment: environment.clone(),
    };
    let functions = workspace::SERVED.iter().map(|name| ((*name).to_owned(), spec(name))).collect();
    let listen = ([127, 0, 0, 1], 0).into();
    Host::start_with(HostOptions { listen, routes: RouteTable::of_workspace()?, functions, log }, hooks).await
}

impl Product {
    /// The pooler is killed and started again on the same port.
    pub fn crash_pooler(&self) {
        self.pooler.lock().expect("no panic while it is held").crash_and_restart().expect("the pooler starts again");
    }

    /// The server is crashed and started again.
    pub fn crash_server(&self) {
        self.stack.crash_and_restart();
    }

    /// What the functions' database runs on.
    pub fn stack(&self) -> &'static Stack {
        self.stack
    }

    /// A connection to the product's database with all rights.
    pub async fn superuser(&self) -> Client {
        self.stack.server.superuser(&self.database).await.expect("a connection")
    }

    /// `superuser`, while the server may be away.
    ///
    /// # Errors
    /// When it is.
    pub async fn try_superuser(&self) -> ops::Result<Client> {
        self.stack.server.superuser(&self.database).await
    }

    /// Waits until a query, asked with all rights, returns true.
    pub async fn until(&self, sql: &str) {
        let client = self.superuser().await;
        let is_true = async || client.query_one(sql, &[]).await.expect("a truth").get::<_, bool>(0);
        let until = Instant::now() + PATIENCE;
        while !is_true().await {
            assert!(Instant::now() < until, "never true: {sql}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The one number that a query returns, asked with all rights.
    pub async fn count(&self, sql: &str) -> i64 {
        let client = self.superuser().await;
        client.query_one(sql, &[]).await.expect("a count").get(0)
    }
}
