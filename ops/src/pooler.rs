//! PgBouncer in transaction mode with TLS and SCRAM: the local stand-in for Supabase's pooler, and as strict.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use launcher::process::{self, Supervised, supervised, unprivileged_user};

use crate::certificates::Certificates;
use crate::{OpsError, Result};

/// How a pooler is to run.
#[derive(Clone, Debug)]
pub struct PoolerOptions {
    /// PgBouncer's binary.
    pub program: PathBuf,
    /// A folder for its configuration; must exist.
    pub folder: PathBuf,
    /// The Postgres server's loopback port.
    pub server_port: u16,
    /// Connections to the server per database and user.
    pub pool_size: u32,
    /// Connections that clients may open in all.
    pub max_clients: u32,
    /// Who may log in: names and passwords.
    pub users: Vec<(String, String)>,
}

/// A running pooler.
#[derive(Debug)]
pub struct Pooler {
    port: u16,
    process: Supervised,
    options: PoolerOptions,
}

impl Pooler {
    /// Starts a pooler on a free port.
    ///
    /// # Errors
    /// When it cannot be configured or does not answer; the last line of its log is in the text.
    pub fn start(options: &PoolerOptions, certificates: &Certificates) -> Result<Self> {
        let port = process::free_port()?;
        write_configuration(options, certificates, port)?;
        Ok(Self { port, process: Self::launch(options, port)?, options: options.clone() })
    }

    /// Ends it at once, as a crash would, and starts it again on the same port.
    ///
    /// # Errors
    /// As `start`.
    pub fn crash_and_restart(&mut self) -> Result<()> {
        self.process.stop("KILL", Duration::from_secs(3));
        self.process = Self::launch(&self.options, self.port)?;
        Ok(())
    }

    fn launch(options: &PoolerOptions, port: u16) -> Result<Supervised> {
        let file = options.folder.join("pgbouncer.ini");
        let log_path = options.folder.join("pgbouncer.log");
        let log = fs::File::create(&log_path).map_err(OpsError::io("pgbouncer.log"))?;
        let mut command = supervised(&options.program, unprivileged_user(), "TERM");
        command.arg("-q").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let process = process::spawn_from_own_thread(command, "pgbouncer")?;
        let until = Instant::now() + Duration::from_secs(10);
        while process.is_alive() && Instant::now() < until {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(process);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let said = fs::read_to_string(&log_path).unwrap_or_default();
        Err(OpsError::said(format!(
            "PgBouncer did not start: {}",
            said.lines().last().unwrap_or("no reason in its log")
        )))
    }

    /// The loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.process.stop("INT", Duration::from_secs(3));
    }
}

fn write_configuration(options: &PoolerOptions, certificates: &Certificates, port: u16) -> Result<()> {
    let users: String = options.users.iter().map(|(name, password)| format!("\"{name}\" \"{password}\"\n")).collect();
    let users_file = options.folder.join("pgbouncer-users.txt");
    let file = options.folder.join("pgbouncer.ini");
    let text = format!(
        "[databases]\n* = host=127.0.0.1 port={server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
         unix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {users}\npool_mode = transaction\n\
         default_pool_size = {pool}\nmax_client_conn = {clients}\nmax_db_connections = 0\nserver_login_retry = 1\n\
         client_tls_sslmode = require\nclient_tls_cert_file = {certificate}\nclient_tls_key_file = {key}\n\
         server_tls_sslmode = verify-full\nserver_tls_ca_file = {ca}\nlog_connections = 0\nlog_disconnections = 0\n\
         ignore_startup_parameters = extra_float_digits\n",
        server = options.server_port,
        users = users_file.display(),
        pool = options.pool_size,
        clients = options.max_clients,
        certificate = certificates.certificate.display(),
        key = certificates.key.display(),
        ca = certificates.ca.display(),
    );
    write_private(&users_file, &users)?;
    write_private(&file, &text)
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, text).map_err(OpsError::io(format!("{} cannot be written", path.display())))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(OpsError::io("permissions"))?;
    Ok(launcher::postgres::give_to_server(path)?)
}
