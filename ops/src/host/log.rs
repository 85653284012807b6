//! Where the functions' output goes: the terminal, readable; files per function; or memory, for tests.
//!
//! Invariant: a function's files are bounded in size and number, however long the host runs.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::lock;
use super::log_files::LogFiles;

/// How many lines are kept in memory at the most; then the oldest go.
const KEPT_LINES: usize = 100_000;

/// Where the functions' output goes. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct LogSink {
    terminal: bool,
    files: Option<LogFiles>,
    memory: Option<Arc<Mutex<VecDeque<String>>>>,
}

impl LogSink {
    /// The terminal, and files per function in `folder`, bounded in size and number.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn terminal_and_files(folder: PathBuf) -> std::io::Result<Self> {
        Ok(Self { terminal: true, files: Some(LogFiles::in_folder(folder)?), memory: None })
    }

    /// Memory.
    pub fn capture() -> Self {
        Self { memory: Some(Arc::default()), ..Self::default() }
    }

    /// What was captured so far: `function: line`.
    pub fn lines(&self) -> Vec<String> {
        self.memory.as_ref().map(|memory| lock(memory).iter().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn write(&self, function: &str, line: &str) {
        if self.terminal
            && let Some(text) = readable(function, line)
        {
            eprintln!("{text}");
        }
        if let Some(files) = &self.files
            && let Err(error) = files.write(function, line)
        {
            eprintln!("logs/{function}.log cannot be written: {error}");
        }
        if let Some(memory) = &self.memory {
            let mut lines = lock(memory);
            if lines.len() == KEPT_LINES {
                lines.pop_front();
            }
            lines.push_back(format!("{function}: {line}"));
        }
    }
}

/// A JSON line as time, level, message and fields, of the metrics two; any other line as it is. None for what is for the files
/// alone: where the audit log's chains end, a line of more than a kilobyte a minute that only `ops audit verify` reads.
fn readable(function: &str, line: &str) -> Option<String> {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(line) else {
        return Some(format!("{function:>9} │ {line}"));
    };
    if fields.contains_key("audit_anchor") {
        return None;
    }
    let mut take =
        |name: &str| fields.remove(name).and_then(|value| value.as_str().map(ToOwned::to_owned)).unwrap_or_default();
    let (time, level, message) = (take("timestamp"), take("level"), take("message"));
    let clock = time.split('T').nth(1).map_or("", |rest| rest.get(..8).unwrap_or(rest)).to_owned();
    let is_shown: &dyn Fn(&str) -> bool = if fields.contains_key("_aws") {
        &|name| ["method", "route", "status", "report", "Duration", "RoundTrips"].contains(&name)
    } else {
        &|name| !["request_id", "span"].contains(&name)
    };
    let rest: Vec<String> = fields
        .iter()
        .filter(|(name, _)| is_shown(name))
        .map(|(name, value)| format!("{name}={}", value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)))
        .collect();
    Some(format!("{function:>9} │ {clock} {level:<5} {message} {}", rest.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_line_becomes_a_sentence_and_any_other_line_stays() {
        let line = r#"{"timestamp":"2026-01-02T03:04:05.6Z","level":"INFO","message":"request","status":200,"request_id":"x"}"#;
        assert_eq!(readable("login", line).as_deref(), Some("    login │ 03:04:05 INFO  request status=200"));
        assert_eq!(readable("login", "plain").as_deref(), Some("    login │ plain"));
    }

    #[test]
    fn the_audit_anchor_is_for_the_file_and_not_for_the_terminal() {
        let line = r#"{"level":"INFO","message":"audit anchor","audit_anchor":"{\"heads\":[]}"}"#;
        assert_eq!(readable("resume", line), None);
        let folder = tempfile::tempdir().expect("a folder");
        let sink = LogSink::terminal_and_files(folder.path().to_path_buf()).expect("a folder");
        sink.write("resume", line);
        let text = std::fs::read_to_string(folder.path().join("resume.log")).expect("a file");
        assert_eq!(text, format!("{line}\n"));
    }

    #[test]
    fn memory_keeps_the_newest_lines() {
        let memory = LogSink::capture();
        for number in 0..=KEPT_LINES {
            memory.write("login", &number.to_string());
        }
        let lines = memory.lines();
        assert_eq!((lines.len(), lines[0].as_str()), (KEPT_LINES, "login: 1"));
    }
}
