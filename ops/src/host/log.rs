//! Where the functions' output goes: the terminal, readable; a file per function; or memory, for tests.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// How many lines are kept in memory at the most.
const KEPT_LINES: usize = 100_000;

/// Where the functions' output goes. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct LogSink {
    terminal: bool,
    folder: Option<PathBuf>,
    memory: Option<Arc<Mutex<Vec<String>>>>,
}

impl LogSink {
    /// The terminal, and a file per function in `folder`.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn terminal_and_files(folder: PathBuf) -> std::io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { terminal: true, folder: Some(folder), memory: None })
    }

    /// Memory.
    pub fn capture() -> Self {
        Self { memory: Some(Arc::default()), ..Self::default() }
    }

    /// What was captured so far: `function: line`.
    pub fn lines(&self) -> Vec<String> {
        let kept =
            self.memory.as_ref().map(|memory| memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone());
        kept.unwrap_or_default()
    }

    pub(super) fn write(&self, function: &str, line: &str) {
        if self.terminal {
            eprintln!("{}", readable(function, line));
        }
        if let Some(folder) = &self.folder {
            let file = OpenOptions::new().create(true).append(true).open(folder.join(format!("{function}.log")));
            if let Err(error) = file.and_then(|mut file| writeln!(file, "{line}")) {
                eprintln!("logs/{function}.log cannot be written: {error}");
            }
        }
        if let Some(memory) = &self.memory {
            let mut lines = memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if lines.len() < KEPT_LINES {
                lines.push(format!("{function}: {line}"));
            }
        }
    }
}

/// A JSON line as time, level, message and fields; any other line as it is.
fn readable(function: &str, line: &str) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(line) else { return format!("{function:>9} │ {line}") };
    let mut take =
        |name: &str| fields.remove(name).and_then(|value| value.as_str().map(ToOwned::to_owned)).unwrap_or_default();
    let (time, level, message) = (take("timestamp"), take("level"), take("message"));
    let clock = time.split('T').nth(1).map_or("", |rest| rest.get(..8).unwrap_or(rest)).to_owned();
    let rest: Vec<String> = fields
        .iter()
        .filter(|(name, _)| *name != "request_id")
        .map(|(name, value)| format!("{name}={}", value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)))
        .collect();
    format!("{function:>9} │ {clock} {level:<5} {message} {}", rest.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_line_becomes_a_sentence_and_any_other_line_stays() {
        let line = r#"{"timestamp":"2026-01-02T03:04:05.6Z","level":"INFO","message":"request","status":200,"request_id":"x"}"#;
        assert_eq!(readable("login", line), "    login │ 03:04:05 INFO  request status=200");
        assert_eq!(readable("login", "plain"), "    login │ plain");
    }
}
