//! The Python side: workers in an environment with the pinned packages, which take commands line by line.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use launcher::workspace;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::python::Python;

/// No command takes as long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the scripts and their pins lie.
pub(super) fn folder() -> PathBuf {
    workspace::root().join("tests/benchmarks/side_by_side")
}

/// The packages and their versions.
fn pins() -> PathBuf {
    folder().join("requirements.txt")
}

/// The pinned version of a package.
pub(super) fn pinned(package: &str) -> String {
    crate::python::pinned(&pins(), package)
}

/// Finds the environment in the build folder, or makes it.
pub(super) fn prepare() -> Python {
    Python::prepare("side-by-side-venv", &pins())
}

/// How long what a worker produces is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) answer_bytes: usize,
    /// Of one step.
    pub(super) output_bytes: usize,
}

/// How a worker is to run.
#[derive(Clone, Debug)]
pub(super) struct WorkerOptions {
    /// The script's name.
    pub(super) script: &'static str,
    /// The database, as libpq reads it.
    pub(super) database_url: String,
    /// Whether it gets the settings that a transaction-mode pooler needs.
    pub(super) is_for_pooler: bool,
    /// Where each step writes down that it began.
    pub(super) ledger: PathBuf,
    pub(super) sizes: Sizes,
}

/// Why a command has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// The process ended.
    Died,
    /// The command failed with this message.
    Said(String),
}

/// What a command brought.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) value: Value,
    /// How long it took inside the worker, milliseconds.
    pub(super) ms: f64,
}

/// A running worker; killed when dropped, and it ends by itself when this process does.
pub(super) struct Worker {
    child: Child,
    commands: ChildStdin,
    replies: Lines<BufReader<ChildStdout>>,
}

impl Worker {
    pub(super) async fn start(python: &Python, options: &WorkerOptions) -> Result<Self, Failed> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(log_file()).expect("a log");
        let mut child = Command::new(python.program())
            .arg(folder().join(options.script))
            .env("SIDE_BY_SIDE_DATABASE_URL", &options.database_url)
            .env("SIDE_BY_SIDE_POOLER", if options.is_for_pooler { "1" } else { "0" })
            .env("SIDE_BY_SIDE_LEDGER", &options.ledger)
            .env("SIDE_BY_SIDE_ANSWER_BYTES", options.sizes.answer_bytes.to_string())
            .env("SIDE_BY_SIDE_OUTPUT_BYTES", options.sizes.output_bytes.to_string())
            // "Security" in the README of langgraph-checkpoint-postgres.
            .env("LANGGRAPH_STRICT_MSGPACK", "true")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("a worker");
        let commands = child.stdin.take().expect("piped");
        let replies = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut worker = Self { child, commands, replies };
        worker.reply().await.map(|_| worker)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id().expect("it was not waited for")
    }

    /// Sends a command and waits for what it brings.
    pub(super) async fn call(&mut self, command: &Value) -> Result<Reply, Failed> {
        let line = format!("{command}\n");
        match self.commands.write_all(line.as_bytes()).await {
            Ok(()) => self.reply().await,
            Err(_) => Err(Failed::Died),
        }
    }

    async fn reply(&mut self) -> Result<Reply, Failed> {
        let line = tokio::time::timeout(PATIENCE, self.replies.next_line()).await;
        let line = match line {
            Ok(Ok(Some(line))) => line,
            Ok(_) => return Err(Failed::Died),
            Err(_) => return Err(Failed::Said("no reply within a minute".to_owned())),
        };
        let reply: Value = serde_json::from_str(&line).expect("a reply is JSON");
        match reply["error"].as_str() {
            Some(error) => Err(Failed::Said(error.to_owned())),
            None => Ok(Reply { value: reply["value"].clone(), ms: reply["ms"].as_f64().unwrap_or_default() }),
        }
    }

    /// Lets it end by itself.
    pub(super) async fn stop(self) {
        let Self { mut child, commands, .. } = self;
        drop(commands);
        if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
            child.kill().await.expect("killed");
        }
    }

    /// Waits for the end of a worker that was killed.
    pub(super) async fn wait(mut self) {
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends").expect("its status");
    }
}

/// Where the workers' own messages go.
fn log_file() -> PathBuf {
    workspace::target().join("side-by-side.log")
}

/// The steps that began for a turn of a conversation, in order, from the line numbered `from` on.
pub(super) fn began(ledger: &Path, from: usize, conversation: &str, turn: usize) -> Vec<usize> {
    let text = std::fs::read_to_string(ledger).unwrap_or_default();
    let prefix = format!("{conversation} {turn} ");
    text.lines().skip(from).filter_map(|line| line.strip_prefix(&prefix)?.parse().ok()).collect()
}

/// How many lines a ledger has.
pub(super) fn lines(ledger: &Path) -> usize {
    std::fs::read_to_string(ledger).unwrap_or_default().lines().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_of_the_comparison_is_pinned_exactly() {
        for package in ["langgraph", "langgraph-checkpoint-postgres", "dbos", "psycopg"] {
            assert!(pinned(package).starts_with(|c: char| c.is_ascii_digit()), "{package}");
        }
        let pins = std::fs::read_to_string(pins()).expect("requirements.txt");
        assert!(pins.lines().all(|line| line.split_once("==").is_some()), "a package without its version");
    }

    #[test]
    fn the_ledger_tells_which_steps_of_a_turn_began_after_a_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let ledger = folder.path().join("ledger");
        std::fs::write(&ledger, "c 1 0\nc 2 0\nc 2 1\nd 2 0\nc 2 1\nc 22 5\n").expect("written");
        assert_eq!(lines(&ledger), 6);
        assert_eq!(began(&ledger, 0, "c", 2), [0, 1, 1]);
        assert_eq!(began(&ledger, 3, "c", 2), [1]);
        assert_eq!(began(&ledger, 0, "e", 1), [0; 0]);
    }
}
