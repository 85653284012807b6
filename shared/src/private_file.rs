//! Files with health information: for operators' exports and archives.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Result};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A file that only its owner reads, and that has its name only when it is complete.
#[derive(Debug)]
pub struct PrivateFile {
    /// What is written into it.
    pub writer: BufWriter<File>,
    part: PathBuf,
    path: PathBuf,
}

impl PrivateFile {
    /// Begins it, anew where a killed run left one.
    ///
    /// # Errors
    /// What the system said.
    pub fn create(path: &Path) -> Result<Self> {
        let part = part(path);
        // What is left of a run that was killed has the rights that it had.
        remove(&part)?;
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        Ok(Self { writer: BufWriter::new(file), part, path: path.to_owned() })
    }

    /// It is on disk, under its name.
    ///
    /// # Errors
    /// What the system said.
    pub fn complete(self) -> Result<()> {
        self.writer.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&self.part, &self.path)?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }

    /// Removes what there is of one, whole or begun, which may be nothing.
    ///
    /// # Errors
    /// What the system said.
    pub fn discard(path: &Path) -> Result<()> {
        remove(path)?;
        remove(&part(path))
    }
}

fn part(path: &Path) -> PathBuf {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    part.into()
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
