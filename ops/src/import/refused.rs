//! The report of refused lines.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::{OpsError, Result};

/// How many are named on the terminal.
const NAMED: u64 = 20;

pub(super) struct Refused {
    file: Option<std::fs::File>,
    count: u64,
}

impl Refused {
    /// An import that goes on behind line `from` keeps what it reported before.
    pub(super) fn open(path: Option<&Path>, from: u64) -> Result<Self> {
        let Some(path) = path else { return Ok(Self { file: None, count: 0 }) };
        let unwritable = || OpsError::io(format!("{} cannot be written", path.display()));
        let mut kept = Vec::new();
        if let (true, Ok(old)) = (from > 0, std::fs::File::open(path)) {
            for line in BufReader::new(old).lines() {
                let line = line.map_err(unwritable())?;
                let number = serde_json::from_str::<Value>(&line).ok().and_then(|line| line["line"].as_u64());
                if number.is_some_and(|number| number <= from) {
                    kept.extend_from_slice(line.as_bytes());
                    kept.push(b'\n');
                }
            }
        }
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path).map_err(unwritable())?;
        file.write_all(&kept).map_err(unwritable())?;
        Ok(Self { file: Some(file), count: 0 })
    }

    /// Reports lines, in their order; what is to be said of them on the terminal.
    pub(super) fn report(&mut self, mut lines: Vec<(u64, String)>) -> Result<Vec<String>> {
        lines.sort_by_key(|(number, _)| *number);
        let mut said = Vec::new();
        for (number, reason) in lines {
            self.count += 1;
            if self.count <= NAMED {
                said.push(format!("line {number}: {reason}"));
            } else if self.count == NAMED + 1 {
                said.push("further refused lines are not named here (--refused FILE)".to_owned());
            }
            if let Some(file) = &mut self.file {
                let line = format!("{}\n", json!({ "line": number, "reason": reason }));
                file.write_all(line.as_bytes()).map_err(OpsError::io("the report cannot be written"))?;
            }
        }
        Ok(said)
    }

    pub(super) fn close(self) -> Result<()> {
        self.file.map_or(Ok(()), |file| file.sync_all()).map_err(OpsError::io("the report cannot be written"))
    }
}
