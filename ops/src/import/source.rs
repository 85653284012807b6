//! Where the lines come from: a file, whose position can be gone to, or the standard input.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::{OpsError, Result};

/// What of a file is hashed to know it again.
const BEGINNING_BYTES: u64 = 1024 * 1024;

pub(super) enum Source {
    File { file: File, bytes: u64, identity: String },
    Input,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Input);
        }
        let unreadable = || OpsError::io(format!("{} cannot be read", path.display()));
        let mut file = File::open(path).map_err(unreadable())?;
        let bytes = file.metadata().map_err(unreadable())?.len();
        let mut beginning = Vec::new();
        Read::by_ref(&mut file).take(BEGINNING_BYTES).read_to_end(&mut beginning).map_err(unreadable())?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable())?;
        let digest = Sha256::digest(&beginning);
        let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self::File { file, bytes, identity: format!("{hex}-{bytes}") })
    }

    /// What the file is known by.
    pub(super) fn identity(&self) -> Option<String> {
        match self {
            Self::File { identity, .. } => Some(identity.clone()),
            Self::Input => None,
        }
    }

    /// How long it is, where that is known.
    pub(super) fn bytes(&self) -> Option<u64> {
        match self {
            Self::File { bytes, .. } => Some(*bytes),
            Self::Input => None,
        }
    }

    /// Goes on behind so many bytes.
    pub(super) fn skip(&mut self, position: u64) -> Result<()> {
        let failed = || OpsError::io("the place where the import was cannot be gone to; is it the same file?");
        match self {
            Self::File { bytes, .. } if *bytes < position => {
                Err(OpsError::said("the file is shorter than what was imported of it; use another --name"))
            }
            Self::File { file, .. } => file.seek(SeekFrom::Start(position)).map(|_| ()).map_err(failed()),
            Self::Input => {
                std::io::copy(&mut std::io::stdin().lock().take(position), &mut std::io::sink()).map_err(failed())?;
                Ok(())
            }
        }
    }

    pub(super) fn into_reader(self) -> Box<dyn BufRead + Send> {
        match self {
            Self::File { file, .. } => Box::new(BufReader::with_capacity(256 * 1024, file)),
            Self::Input => Box::new(BufReader::new(std::io::stdin())),
        }
    }
}
