//! An archive's file: gzip (RFC 1952) over JSON lines. The first line names the archive; a conversation is a line
//! {user_id, conversation_id, records, hash} and behind it so many records, each {table, row} as the database printed it; hash is SHA-256
//! over them, a line feed after each.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::export::PrivateFile;
use crate::{OpsError, Result};

const VERSION: u32 = 1;

#[derive(Deserialize)]
struct Head {
    archive: String,
    version: u32,
}

/// What a file says of a conversation, and what was found to be so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) user_id: Uuid,
    pub(super) conversation_id: String,
    pub(super) records: usize,
    /// SHA-256, in hexadecimal digits.
    pub(super) hash: String,
}

/// A conversation out of a file: its records hash to what the file says.
pub(super) struct Archived {
    summary: Summary,
    pub(super) records: Vec<Value>,
}

impl Archived {
    pub(super) fn summary(&self) -> Summary {
        self.summary.clone()
    }
}

fn hash(lines: &[String]) -> String {
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) struct Writer {
    file: PrivateFile,
    encoder: GzEncoder<Vec<u8>>,
}

impl Writer {
    pub(super) fn create(path: &Path, name: &str) -> Result<Self> {
        let mut writer =
            Self { file: PrivateFile::create(path)?, encoder: GzEncoder::new(Vec::new(), Compression::default()) };
        writer.line(&json!({ "archive": name, "version": VERSION }).to_string())?;
        Ok(writer)
    }

    pub(super) fn conversation(&mut self, user: Uuid, conversation: &str, lines: &[String]) -> Result<()> {
        let (conversation_id, records, hash) = (conversation.to_owned(), lines.len(), hash(lines));
        let summary = json!(Summary { user_id: user, conversation_id, records, hash });
        self.line(&summary.to_string())?;
        lines.iter().try_for_each(|line| self.line(line))?;
        // The compressed bytes so far go to the file, so that memory holds one conversation.
        let bytes = std::mem::take(self.encoder.get_mut());
        self.file.writer.write_all(&bytes).map_err(unwritable())
    }

    pub(super) fn complete(mut self) -> Result<()> {
        let rest = self.encoder.finish().map_err(unwritable())?;
        self.file.writer.write_all(&rest).map_err(unwritable())?;
        self.file.complete()
    }

    fn line(&mut self, line: &str) -> Result<()> {
        self.encoder.write_all(line.as_bytes()).and_then(|()| self.encoder.write_all(b"\n")).map_err(unwritable())
    }
}

fn unwritable() -> impl FnOnce(std::io::Error) -> OpsError {
    OpsError::io("the archive cannot be written")
}

pub(super) struct Reader {
    lines: std::io::Lines<BufReader<MultiGzDecoder<BufReader<File>>>>,
    name: String,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(OpsError::io(format!("{} cannot be read", path.display())))?;
        let mut lines = BufReader::new(MultiGzDecoder::new(BufReader::new(file))).lines();
        let head = lines.next().ok_or_else(no_archive)?.map_err(unreadable())?;
        let head: Head = serde_json::from_str(&head).map_err(|_| no_archive())?;
        match head.version {
            VERSION => Ok(Self { lines, name: head.archive }),
            _ => Err(OpsError::said("the archive was made by another version of this program")),
        }
    }

    /// The archive's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The next conversation; an error when the file is cut or was changed.
    pub(super) fn next(&mut self) -> Result<Option<Archived>> {
        let Some(line) = self.lines.next() else { return Ok(None) };
        let summary: Summary = serde_json::from_str(&line.map_err(unreadable())?).map_err(|_| no_archive())?;
        let lines: Vec<String> =
            self.lines.by_ref().take(summary.records).collect::<std::io::Result<_>>().map_err(unreadable())?;
        if lines.len() != summary.records || hash(&lines) != summary.hash {
            return Err(OpsError::said("the archive's file was cut or changed"));
        }
        let records = lines.iter().map(|line| serde_json::from_str(line)).collect::<std::result::Result<_, _>>();
        Ok(Some(Archived { summary, records: records.map_err(|_| no_archive())? }))
    }
}

fn unreadable() -> impl FnOnce(std::io::Error) -> OpsError {
    OpsError::io("the archive's file is cut, damaged or cannot be read")
}

fn no_archive() -> OpsError {
    OpsError::said("the file is no archive of this program")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(of: usize) -> Vec<String> {
        (0..of)
            .map(|number| format!("{{\"table\": \"t\", \"row\": {{\"n\": {number}, \"text\": \"ñ\\u2028\"}}}}"))
            .collect()
    }

    #[test]
    fn what_is_written_is_read_and_what_was_cut_or_changed_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.gz");
        let mut writer = Writer::create(&path, "a").expect("a file");
        for (conversation, of) in [("one", 3), ("two", 1), ("three", 500)] {
            writer.conversation(Uuid::nil(), conversation, &lines(of)).expect("written");
        }
        writer.complete().expect("written");
        let mut reader = Reader::open(&path).expect("an archive");
        assert_eq!(reader.name(), "a");
        let mut found = Vec::new();
        while let Some(archived) = reader.next().expect("a conversation") {
            found.push((archived.summary().conversation_id, archived.records.len()));
        }
        assert_eq!(found, [("one".to_owned(), 3), ("two".to_owned(), 1), ("three".to_owned(), 500)]);
        let bytes = std::fs::read(&path).expect("bytes");
        for cut in [bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..cut]).expect("written");
            let mut reader = Reader::open(&path).expect("its beginning");
            let error = loop {
                match reader.next() {
                    Ok(Some(_)) => {}
                    Ok(None) => break None,
                    Err(error) => break Some(error),
                }
            };
            assert!(error.is_some(), "{cut} bytes of {}", bytes.len());
        }
    }
}
