//! `ops dev`: the whole product on this machine. `cargo dev` starts Postgres and compiles; everything else begins here.

mod sam;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use clap::Args;
use launcher::install::{find_program, has_program};
use launcher::process::random_hex;
use launcher::workspace;
use serde::{Deserialize, Serialize};
use tokio::signal::unix::{SignalKind, signal};

use crate::host::{FunctionSpec, Host, HostOptions, LogSink, RouteTable};
use crate::pooler::{Pooler, PoolerOptions};
use crate::relay::{Relay, Way};
use crate::stack::LocalServer;
use crate::{OpsError, Result};

/// The name of the development database.
const DATABASE: &str = "navigator";
/// The port that is served when it is free and nobody asks for another.
const USUAL_PORT: u16 = 8080;
/// API Gateway's limit is 30 s; template.yaml gives the navigator 29 s.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(29);

/// The arguments of `ops dev`.
#[derive(Debug, Args)]
pub struct DevArgs {
    /// Where the data rests between runs.
    #[arg(long)]
    folder: PathBuf,
    /// The port of the Postgres server that runs in the folder.
    #[arg(long)]
    database_port: Option<u16>,
    /// The port to serve on.
    #[arg(long)]
    port: Option<u16>,
    /// Print the environment for `cargo lambda watch --env-file FILE` and end.
    #[arg(long)]
    print_env: bool,
    /// Let Docker's containers reach the database, for `sam local invoke`: a relay on the address of Docker's bridge (or of loopback, when
    /// one is named).
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    docker: Option<String>,
    /// Print the file for `sam local invoke --env-vars` and end; `cargo dev --docker` must be running.
    #[arg(long)]
    print_sam_env: bool,
    /// Begin with no data (done by the launcher, before Postgres starts).
    #[arg(long)]
    reset: bool,
}

/// What other commands need to know of a running `cargo dev`.
#[derive(Debug, Serialize, Deserialize)]
pub struct DevState {
    /// Where the API answers.
    pub url: String,
    /// The functions' environment.
    pub environment: BTreeMap<String, String>,
    /// The process that serves.
    pub pid: u32,
    /// `host:port` by which Docker's containers reach the database; none without --docker.
    #[serde(default)]
    pub docker: Option<String>,
}

impl DevState {
    fn path(folder: &Path) -> PathBuf {
        folder.join("dev-state.json")
    }

    /// The state of the `cargo dev` that runs now, or ran last.
    ///
    /// # Errors
    /// When none ever ran.
    pub fn read(folder: &Path) -> Result<Self> {
        let text = fs::read_to_string(Self::path(folder))
            .map_err(|_| OpsError::said("nothing is running; start it with: cargo dev"))?;
        serde_json::from_str(&text)
            .map_err(|_| OpsError::said("the state of cargo dev is unreadable; run: cargo dev --reset"))
    }

    /// Whether that `cargo dev` still runs.
    pub fn is_running(&self) -> bool {
        launcher::process::is_alive(self.pid)
    }
}

/// Serves until Ctrl-C.
///
/// # Errors
/// One line: what failed and what to do.
pub async fn run(arguments: &DevArgs) -> Result<()> {
    if arguments.print_env {
        return print_env(&arguments.folder);
    }
    if arguments.print_sam_env {
        println!("{}", sam::environment(&DevState::read(&arguments.folder)?)?);
        return Ok(());
    }
    let way = arguments.docker.as_deref().map(Way::find).transpose()?;
    let database_port = arguments.database_port.ok_or_else(|| OpsError::said("ops dev is started by: cargo dev"))?;
    let host_name = way.as_ref().map(|way| way.host.as_str());
    let server = LocalServer::prepare_for(&arguments.folder, database_port, host_name).await?;
    for name in server.migrated_database(DATABASE).await? {
        eprintln!("· migrated  {name}");
    }
    let pooler = start_pooler(&server, &arguments.folder)?;
    let pooled_port = pooler.as_ref().map_or(database_port, Pooler::port);
    let environment = environment(&server, pooled_port, &arguments.folder)?;
    let host = start_host(arguments.port, &environment).await?;
    let relay = match &way {
        Some(way) => Some(Relay::open(way.listen, pooled_port).await?),
        None => None,
    };
    let docker = way.iter().zip(&relay).map(|(way, relay)| sam::authority(&way.host, relay.address().port())).next();
    // The keys of a model stay in the terminal's environment.
    let kept = environment.into_iter().filter(|(name, _)| !is_of_a_model(name)).collect();
    let state = DevState { url: host.url(), environment: kept, pid: std::process::id(), docker };
    let text = serde_json::to_string_pretty(&state).map_err(|error| OpsError::said(error.to_string()))?;
    write_private(&DevState::path(&arguments.folder), &text)?;
    println!("{}", welcome(&state.url, &arguments.folder.join("mail")));
    if let Some(address) = &state.docker {
        println!("{}", sam::welcome(address));
    }
    tokio::select! {
        ended = wait_for_the_end() => ended?,
        () = run_schedule(&host) => {}
    }
    eprintln!("· stopping");
    host.shutdown().await;
    drop((relay, pooler));
    Ok(())
}

fn start_pooler(server: &LocalServer, folder: &Path) -> Result<Option<Pooler>> {
    let program = match find_program("pgbouncer") {
        Some(program) => program,
        None if launcher::process::is_root() && has_program("apt-get") => match launcher::install::pgbouncer() {
            Ok(program) => program,
            Err(error) => return Ok(without_pooler(&error.0)),
        },
        None => return Ok(without_pooler("install it with: sudo apt-get install -y pgbouncer")),
    };
    let users = vec![("navigator_api".to_owned(), server.api_password.clone())];
    let options = PoolerOptions {
        program,
        folder: folder.to_path_buf(),
        server_port: server.port(),
        pool_size: 10,
        max_clients: 200,
        users,
    };
    Pooler::start(&options, &server.certificates).map(Some)
}

fn without_pooler(why: &str) -> Option<Pooler> {
    eprintln!("· no PgBouncer here, so the functions connect to Postgres directly ({why})");
    None
}

fn environment(server: &LocalServer, port: u16, folder: &Path) -> Result<BTreeMap<String, String>> {
    let key_file = folder.join("jwt-secret-key");
    if !key_file.is_file() {
        write_private(&key_file, &random_hex(48)?)?;
    }
    let key = fs::read_to_string(&key_file).map_err(OpsError::io("jwt-secret-key cannot be read"))?;
    // A language model and its keys come from the terminal.
    let mut environment: BTreeMap<String, String> = std::env::vars().filter(|(name, _)| is_of_a_model(name)).collect();
    environment.extend([
        ("DATABASE_URL".to_owned(), server.api_url(port, DATABASE)),
        ("DATABASE_CA_PEM".to_owned(), server.ca_pem().trim().replace('\n', "\\n")),
        ("JWT_SECRET_KEY".to_owned(), key.trim().to_owned()),
        ("MAIL_FOLDER".to_owned(), folder.join("mail").display().to_string()),
    ]);
    Ok(environment)
}

fn is_of_a_model(name: &str) -> bool {
    name.starts_with("LLM_") || name.starts_with("AWS_") || name == "PHI_ALLOWED_LLM"
}

async fn start_host(port: Option<u16>, environment: &BTreeMap<String, String>) -> Result<Host> {
    let usual_is_free = TcpListener::bind((Ipv4Addr::LOCALHOST, USUAL_PORT)).is_ok();
    let port = port.unwrap_or(if usual_is_free { USUAL_PORT } else { 0 });
    let spec = |name: &str| FunctionSpec {
        binary: workspace::binaries().join(name),
        processes: 2,
        timeout: FUNCTION_TIMEOUT,
        environment: environment.clone(),
    };
    let functions = workspace::SERVED.iter().map(|name| ((*name).to_owned(), spec(name))).collect();
    let logs = workspace::root().join("logs");
    let log = LogSink::terminal_and_files(logs).map_err(OpsError::io("the folder logs cannot be made"))?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Host::start(HostOptions { listen, routes: RouteTable::of_workspace()?, functions, log }).await
}

/// What template.yaml's schedule does: the resume function once a minute.
async fn run_schedule(host: &Host) {
    let mut minutes = tokio::time::interval(Duration::from_secs(60));
    loop {
        minutes.tick().await;
        if let Err(failure) = host.invoke("resume", serde_json::json!({ "source": "aws.events" })).await {
            eprintln!("· resume     {failure}");
        }
    }
}

fn print_env(folder: &Path) -> Result<()> {
    let state = DevState::read(folder)?;
    if !state.is_running() {
        eprintln!("cargo dev does not run at the moment; this is its last environment, and its ports may change");
    }
    let mut text = String::new();
    for (name, value) in &state.environment {
        writeln!(text, "{name}=\"{value}\"").map_err(|error| OpsError::said(error.to_string()))?;
    }
    print!("{text}");
    Ok(())
}

fn welcome(url: &str, mail: &Path) -> String {
    let mail = mail.display();
    // A letter of last week: its last day to act is still to come, whenever this is read.
    let dated = (Utc::now() - TimeDelta::days(7)).format("%Y-%m-%d");
    format!(
        r#"
Insurance Navigator is serving at {url}   (Ctrl-C ends it; data stays until: cargo dev --reset)

Copy these, one after the other (sh and curl):

  # 1  register (409 if you did before)
  curl -s {url}/register -H 'content-type: application/json' -d '{{"email":"you@example.org","password":"four plain words here","full_name":"Your Name"}}'; echo

  # 2  log in; the token is kept in $TOKEN
  TOKEN=$(curl -s {url}/login -H 'content-type: application/json' -d '{{"email":"you@example.org","password":"four plain words here"}}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')

  # 3  ask
  curl -s {url}/chat/navigator -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{{"message":"My Medicare Advantage plan denied my MRI. The letter is dated {dated}.","conversation_id":"first"}}'; echo

  # 4  read the history
  curl -s {url}/conversations/first/history -H "authorization: Bearer $TOKEN"; echo

Mails (codes to verify an address or reset a password) are files in {mail}, within a minute.
Or, in another terminal:  cargo ask "my Medicare Advantage plan denied my MRI, the letter is dated {dated}"
"#
    )
}

async fn wait_for_the_end() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).map_err(OpsError::io("signals"))?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended.map_err(OpsError::io("signals")),
        _ = terminate.recv() => Ok(()),
    }
}

pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, text).map_err(OpsError::io(format!("{} cannot be written", path.display())))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(OpsError::io("permissions"))
}
