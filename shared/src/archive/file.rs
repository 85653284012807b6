//! An archive's file: gzip (RFC 1952) over JSON lines. The first line names the archive; a conversation is a line
//! {user_id, conversation_id, records, hash} and behind it so many records, each {table, row} as the database printed it; hash is SHA-256
//! over them, a line feed after each.

use std::io::{BufRead as _, BufReader, Lines, Write as _};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::ArchiveError;

type Result<T> = std::result::Result<T, ArchiveError>;

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

/// A file in the making, in memory: it is compressed, and of one batch.
pub(super) struct Writer {
    encoder: GzEncoder<Vec<u8>>,
}

impl Writer {
    pub(super) fn new(name: &str) -> Result<Self> {
        let mut writer = Self { encoder: GzEncoder::new(Vec::new(), Compression::default()) };
        writer.line(&json!({ "archive": name, "version": VERSION }).to_string())?;
        Ok(writer)
    }

    pub(super) fn conversation(&mut self, user: Uuid, conversation: &str, lines: &[String]) -> Result<()> {
        let (conversation_id, records, hash) = (conversation.to_owned(), lines.len(), hash(lines));
        let summary = json!(Summary { user_id: user, conversation_id, records, hash });
        self.line(&summary.to_string())?;
        lines.iter().try_for_each(|line| self.line(line))
    }

    pub(super) fn complete(self) -> Result<Vec<u8>> {
        self.encoder.finish().map_err(unwritable)
    }

    fn line(&mut self, line: &str) -> Result<()> {
        self.encoder.write_all(line.as_bytes()).and_then(|()| self.encoder.write_all(b"\n")).map_err(unwritable)
    }
}

fn unwritable(error: std::io::Error) -> ArchiveError {
    ArchiveError::File(format!("the archive cannot be written: {error}"))
}

pub(super) struct Reader<'a> {
    lines: Lines<BufReader<MultiGzDecoder<&'a [u8]>>>,
    name: String,
}

impl<'a> Reader<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self> {
        let mut lines = BufReader::new(MultiGzDecoder::new(bytes)).lines();
        let head = lines.next().ok_or_else(no_archive)?.map_err(unreadable)?;
        let head: Head = serde_json::from_str(&head).map_err(|_| no_archive())?;
        match head.version {
            VERSION => Ok(Self { lines, name: head.archive }),
            _ => Err(ArchiveError::file("the archive was made by another version of this program")),
        }
    }

    /// The archive's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The next conversation; an error when the file is cut or was changed.
    pub(super) fn next(&mut self) -> Result<Option<Archived>> {
        let Some(line) = self.lines.next() else { return Ok(None) };
        let summary: Summary = serde_json::from_str(&line.map_err(unreadable)?).map_err(|_| no_archive())?;
        let lines: Vec<String> =
            self.lines.by_ref().take(summary.records).collect::<std::io::Result<_>>().map_err(unreadable)?;
        if lines.len() != summary.records || hash(&lines) != summary.hash {
            return Err(ArchiveError::file("the archive's file was cut or changed"));
        }
        let records = lines.iter().map(|line| serde_json::from_str(line)).collect::<std::result::Result<_, _>>();
        Ok(Some(Archived { summary, records: records.map_err(|_| no_archive())? }))
    }
}

fn unreadable(error: std::io::Error) -> ArchiveError {
    ArchiveError::File(format!("the archive's file is cut, damaged or cannot be read: {error}"))
}

fn no_archive() -> ArchiveError {
    ArchiveError::file("the file is no archive of this program")
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
        let mut writer = Writer::new("a").expect("a file");
        for (conversation, of) in [("one", 3), ("two", 1), ("three", 500)] {
            writer.conversation(Uuid::nil(), conversation, &lines(of)).expect("written");
        }
        let bytes = writer.complete().expect("written");
        let mut reader = Reader::open(&bytes).expect("an archive");
        assert_eq!(reader.name(), "a");
        let mut found = Vec::new();
        while let Some(archived) = reader.next().expect("a conversation") {
            found.push((archived.summary().conversation_id, archived.records.len()));
        }
        assert_eq!(found, [("one".to_owned(), 3), ("two".to_owned(), 1), ("three".to_owned(), 500)]);
        for cut in [bytes.len() / 2, bytes.len() - 1] {
            let mut reader = Reader::open(&bytes[..cut]).expect("its beginning");
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
