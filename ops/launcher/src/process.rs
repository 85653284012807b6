//! Child processes that end with their parent, as the right user.

use std::fs;
use std::io::Read as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::{LauncherError, Result};

/// Whether this process is root. Postgres and PgBouncer refuse to run as root.
pub fn is_root() -> bool {
    fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        status
            .lines()
            .find_map(|line| line.strip_prefix("Uid:"))
            .is_some_and(|ids| ids.split_whitespace().next() == Some("0"))
    })
}

/// The user that servers run as when this process is root.
pub fn unprivileged_user() -> Option<&'static str> {
    if !is_root() {
        return None;
    }
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let exists = |name: &str| passwd.lines().any(|line| line.split(':').next() == Some(name));
    Some(if exists("postgres") { "postgres" } else { "nobody" })
}

/// A command whose process gets `signal` when the *thread* that spawned it ends, and runs as `user` if one is given.
/// Spawn it from a thread that lives as long as the child should.
pub fn supervised(program: &Path, user: Option<&str>, signal: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig").arg(signal);
    if let Some(user) = user {
        command.arg(format!("--reuid={user}")).arg("--init-groups");
        if let Some(group) = primary_group(user) {
            command.arg(format!("--regid={group}"));
        }
    }
    command.arg("--").arg(program);
    command
}

fn primary_group(user: &str) -> Option<String> {
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    let line = passwd.lines().find(|line| line.split(':').next() == Some(user))?;
    line.split(':').nth(3).map(ToOwned::to_owned)
}

/// A loopback port that nobody uses at the moment.
///
/// # Errors
/// When the system has none.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| LauncherError::io("no free port", &error))?;
    Ok(listener.local_addr().map_err(|error| LauncherError::io("no free port", &error))?.port())
}

/// Sends a signal by name (`INT`, `HUP`, `KILL`, …). The shell's own `kill` is on every system.
pub fn signal(pid: u32, name: &str) {
    let _ended_already = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).stderr(Stdio::null()).status();
}

/// Spawns from a thread of its own that lives until the child ends, so that the parent-death signal follows the process
/// and not some short-lived thread of the caller.
///
/// # Errors
/// When the program cannot be started.
pub fn spawn_from_own_thread(mut command: Command, what: &str) -> Result<Supervised> {
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::Builder::new()
        .name(format!("{what}-parent"))
        .spawn(move || match command.spawn() {
            Ok(mut child) => {
                let _receiver_waits = sender.send(Ok(child.id()));
                let _ended = child.wait();
            }
            Err(error) => {
                let _receiver_waits = sender.send(Err(error));
            }
        })
        .map_err(|error| LauncherError::io("no thread", &error))?;
    match receiver.recv() {
        Ok(Ok(pid)) => Ok(Supervised { pid }),
        Ok(Err(error)) => Err(LauncherError::new(format!("{what} cannot be started: {error}"))),
        Err(_) => Err(LauncherError::new(format!("{what} cannot be started"))),
    }
}

/// A child with a thread of its own.
#[derive(Debug)]
pub struct Supervised {
    pid: u32,
}

impl Supervised {
    /// The process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether it still runs.
    pub fn is_alive(&self) -> bool {
        is_alive(self.pid)
    }

    /// Sends `signal`, waits up to `patience`, then kills.
    pub fn stop(&self, name: &str, patience: Duration) {
        signal(self.pid, name);
        let until = Instant::now() + patience;
        while self.is_alive() && Instant::now() < until {
            thread::sleep(Duration::from_millis(20));
        }
        if self.is_alive() {
            signal(self.pid, "KILL");
        }
    }
}

/// Whether a process with this id runs (and is no zombie).
pub fn is_alive(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with('Z')))
}

/// Runs a command to its end and returns its output, or one line with its last words.
///
/// # Errors
/// When it cannot be started or fails.
pub fn run_quietly(command: &mut Command, attempt: &str) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| LauncherError::io(attempt, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = words.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    Err(LauncherError::new(format!("{attempt} failed: {last}")))
}

/// Random hexadecimal digits from the system's generator.
///
/// # Errors
/// When `/dev/urandom` cannot be read.
pub fn random_hex(bytes: usize) -> Result<String> {
    let mut buffer = vec![0_u8; bytes];
    fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut buffer))
        .map_err(|error| LauncherError::io("/dev/urandom cannot be read", &error))?;
    Ok(buffer.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Waits for a child of a foreground command and passes its exit code on.
pub fn exit_code(child: &mut Child) -> i32 {
    child.wait().ok().and_then(|status| status.code()).unwrap_or(1)
}
