//! A function's process in the operating system: how Lambda would start it, its output, its signals, its end.
//!
//! Invariants: a process never outlives its `OsProcess` nor this program (parent-death signal, tied to a thread that
//! lives exactly as long as the process); no signal is sent to a process that has been reaped, because its id may belong
//! to somebody else by then.

use std::collections::VecDeque;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::log::LogSink;
use super::{FunctionSpec, lock};
use crate::{OpsError, Result};

/// What a log service keeps of one line; the rest of a longer one becomes further lines.
const MAX_LINE_BYTES: u64 = 256 * 1024;
/// How many lines of a process are remembered for the message when it fails to start.
const REMEMBERED_LINES: usize = 10;
/// How long the output of an ended process is read on: something it started may hold the pipe open.
const OUTPUT_PATIENCE: Duration = Duration::from_millis(500);

/// How long a frozen process may take to stop; milliseconds, unless the machine is overloaded.
const FREEZE_PATIENCE: Duration = Duration::from_secs(2);

type LastLines = Arc<Mutex<VecDeque<String>>>;

/// How a process ended.
#[derive(Clone, Debug)]
pub(super) struct Exit {
    /// The signal that ended it; `None` when it ended by itself.
    pub(super) signal: Option<i32>,
    /// For a person.
    pub(super) description: String,
}

impl Exit {
    fn of(status: std::io::Result<ExitStatus>) -> Self {
        match status {
            Ok(status) => Self { signal: status.signal(), description: status.to_string() },
            Err(error) => Self { signal: None, description: format!("exit status unknown: {error}") },
        }
    }
}

/// What is left to tell of a process; cheap to clone, and it keeps no process alive.
#[derive(Clone)]
pub(super) struct Fate {
    exit: watch::Receiver<Option<Exit>>,
    output_read: watch::Receiver<bool>,
    last_lines: LastLines,
}

impl Fate {
    /// Waits for the end.
    pub(super) async fn ended(&self) -> Exit {
        let mut exit = self.exit.clone();
        let exit = exit.wait_for(Option::is_some).await.ok().and_then(|exit| exit.clone());
        // The sender says how the process ended before it goes; only a panic in its thread could prevent that.
        exit.unwrap_or_else(|| Exit { signal: None, description: "exit status unknown".to_owned() })
    }

    pub(super) fn has_ended(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// The last lines of an ended process.
    pub(super) async fn last_words(&self) -> String {
        let mut output_read = self.output_read.clone();
        let _others_hold_the_pipe = tokio::time::timeout(OUTPUT_PATIENCE, output_read.wait_for(|read| *read)).await;
        let lines: Vec<String> = lock(&self.last_lines).iter().cloned().collect();
        lines.join("\n")
    }
}

/// A running process; killed when dropped.
pub(super) struct OsProcess {
    pid: u32,
    fate: Fate,
}

impl OsProcess {
    /// Starts the function `name` against the Runtime API at `runtime_api`.
    pub(super) async fn spawn(name: &str, spec: &FunctionSpec, runtime_api: SocketAddr, log: &LogSink) -> Result<Self> {
        let (started, exit) = spawn_on_own_thread(command(name, spec, runtime_api), name)?;
        let Started { pid, stdout, stderr } = started
            .await
            .map_err(|_| OpsError::said(format!("{name} cannot be started")))?
            .map_err(OpsError::io(format!("{name} cannot be started")))?;
        let last_lines = LastLines::default();
        let readers = [
            stdout.map(tokio::process::ChildStdout::from_std).map(|stream| follow(stream, name, log, &last_lines)),
            stderr.map(tokio::process::ChildStderr::from_std).map(|stream| follow(stream, name, log, &last_lines)),
        ];
        let (read, output_read) = watch::channel(false);
        tokio::spawn(async move {
            for reader in readers.into_iter().flatten() {
                let _ended = reader.await;
            }
            let _nobody_waits = read.send(true);
        });
        Ok(Self { pid, fate: Fate { exit, output_read, last_lines } })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    pub(super) fn fate(&self) -> &Fate {
        &self.fate
    }

    /// SIGSTOP, and waits until it works: until the kernel schedules one thread to take the signal, the others run on.
    pub(super) fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
        let until = Instant::now() + FREEZE_PATIENCE;
        while !self.fate.has_ended() && !is_stopped(self.pid) && Instant::now() < until {
            thread::sleep(Duration::from_millis(1));
        }
    }

    pub(super) fn signal(&self, signal: Signal) {
        let Ok(pid) = i32::try_from(self.pid) else { return };
        if !self.fate.has_ended() {
            let _it_ended_meanwhile = kill(Pid::from_raw(pid), signal);
        }
    }
}

impl Drop for OsProcess {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
    }
}

/// Whether every thread of a process is stopped.
fn is_stopped(pid: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return false };
    threads.flatten().all(|thread| {
        fs::read_to_string(thread.path().join("stat"))
            .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T')))
    })
}

/// The function as Lambda would start it: a clean environment, and what Lambda sets.
fn command(name: &str, spec: &FunctionSpec, runtime_api: SocketAddr) -> Command {
    let mut command = launcher::process::supervised(&spec.binary, None, "KILL");
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_REGION", "us-east-1")
        .envs(spec.binary.parent().map(|folder| ("LAMBDA_TASK_ROOT", folder)))
        .envs(&spec.environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

struct Started {
    pid: u32,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
}

type Start = oneshot::Receiver<std::io::Result<Started>>;

/// The parent-death signal follows the thread that spawned, so that thread must live as long as the process.
fn spawn_on_own_thread(mut command: Command, name: &str) -> Result<(Start, watch::Receiver<Option<Exit>>)> {
    let (started, start) = oneshot::channel();
    let (ended, exit) = watch::channel(None);
    thread::Builder::new()
        .name(format!("{name}-parent"))
        .spawn(move || match command.spawn() {
            Ok(mut child) => {
                let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
                if started.send(Ok(Started { pid: child.id(), stdout, stderr })).is_err() {
                    let _it_ended_by_itself = child.kill();
                }
                let _nobody_waits = ended.send(Some(Exit::of(child.wait())));
            }
            Err(error) => {
                let _nobody_waits = started.send(Err(error));
            }
        })
        .map_err(OpsError::io(format!("no thread to start {name}")))?;
    Ok((start, exit))
}

/// Reads to the end whatever the process writes: a full pipe would stop it.
fn follow<S>(stream: std::io::Result<S>, name: &str, log: &LogSink, last_lines: &LastLines) -> JoinHandle<()>
where
    S: AsyncRead + Unpin + Send + 'static,
{
    let (name, log, last_lines) = (name.to_owned(), log.clone(), last_lines.clone());
    tokio::spawn(async move {
        let stream = match stream {
            Ok(stream) => stream,
            Err(error) => return log.write(&name, &format!("its output cannot be read: {error}")),
        };
        let mut reader = BufReader::new(stream);
        let mut bytes = Vec::new();
        while let Ok(1..) = (&mut reader).take(MAX_LINE_BYTES).read_until(b'\n', &mut bytes).await {
            let text = String::from_utf8_lossy(&bytes);
            let line = text.trim_end_matches(['\n', '\r']);
            log.write(&name, line);
            remember(&last_lines, line);
            bytes.clear();
        }
    })
}

fn remember(last_lines: &LastLines, line: &str) {
    let mut lines = lock(last_lines);
    if lines.len() == REMEMBERED_LINES {
        lines.pop_front();
    }
    lines.push_back(line.to_owned());
}
