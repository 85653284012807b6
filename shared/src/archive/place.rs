//! Where archives' files are.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use futures_util::future::BoxFuture;

use super::ArchiveError;
use crate::private_file::PrivateFile;

/// What a place is doing.
pub type Placing<'a, T> = BoxFuture<'a, Result<T, ArchiveError>>;

/// A place for files: a folder, or a bucket.
pub trait Place: Send + Sync {
    /// As the database names it.
    fn name(&self) -> &str;
    /// Keeps a file; what was there under its name is replaced.
    fn put<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Placing<'a, ()>;
    /// A file as it was kept.
    fn get<'a>(&'a self, name: &'a str) -> Placing<'a, Vec<u8>>;
    /// Removes what there is of a file, which may be nothing.
    fn remove<'a>(&'a self, name: &'a str) -> Placing<'a, ()>;
}

/// A folder; its files are readable by their owner alone.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    name: String,
}

impl Folder {
    /// A folder, made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(path: &Path) -> Result<Self, ArchiveError> {
        fs::create_dir_all(path).map_err(failed(path, "made"))?;
        let path = path.canonicalize().map_err(failed(path, "found"))?;
        Ok(Self { name: path.to_string_lossy().into_owned(), path })
    }

    fn write(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let mut file = PrivateFile::create(&self.path.join(name))?;
        file.writer.write_all(bytes)?;
        file.complete()
    }
}

fn failed(path: &Path, what: &str) -> impl FnOnce(std::io::Error) -> ArchiveError {
    move |error| ArchiveError::Place(format!("{} cannot be {what}: {error}", path.display()))
}

impl Place for Folder {
    fn name(&self) -> &str {
        &self.name
    }

    fn put<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Placing<'a, ()> {
        Box::pin(async move { self.write(name, &bytes).map_err(failed(&self.path.join(name), "written")) })
    }

    fn get<'a>(&'a self, name: &'a str) -> Placing<'a, Vec<u8>> {
        Box::pin(async move {
            let path = self.path.join(name);
            fs::read(&path).map_err(failed(&path, "read"))
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> Placing<'a, ()> {
        Box::pin(async move {
            let path = self.path.join(name);
            PrivateFile::discard(&path).map_err(failed(&path, "removed"))
        })
    }
}
