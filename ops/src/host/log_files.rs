//! The files under `logs/`: `navigator.log` is written, `navigator.1.log` the one before it, and so on; the oldest goes.
//!
//! Invariants: no file is longer than its bound but for one line that alone is; a function has four older files at the most;
//! a line is in one file, whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::lock;

/// The longest file, in bytes.
const LONGEST: u64 = 5 * 1024 * 1024;
/// How many older files a function has beside the one that is written: 25 MB a function in all.
const KEPT: usize = 4;

/// The files of every function. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct LogFiles {
    folder: PathBuf,
    longest: u64,
    /// Two processes of a function write at once, and one of them turns the files over.
    turn: Arc<Mutex<()>>,
}

impl LogFiles {
    pub(super) fn in_folder(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, longest: LONGEST, turn: Arc::default() })
    }

    /// Appends a line. The file is opened each time, so that one that was moved or deleted under a running host is made again.
    pub(super) fn write(&self, function: &str, line: &str) -> io::Result<()> {
        let _turn = lock(&self.turn);
        let path = self.path(function, 0);
        let mut file = open(&path)?;
        let written = file.metadata()?.len();
        let text = format!("{line}\n");
        if written > 0 && written + text.len() as u64 > self.longest {
            drop(file);
            self.turn_over(function)?;
            file = open(&path)?;
        }
        file.write_all(text.as_bytes())
    }

    /// Each file becomes the next older one; the oldest is overwritten.
    fn turn_over(&self, function: &str) -> io::Result<()> {
        for age in (0..KEPT).rev() {
            match fs::rename(self.path(function, age), self.path(function, age + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn path(&self, function: &str, age: usize) -> PathBuf {
        match age {
            0 => self.folder.join(format!("{function}.log")),
            _ => self.folder.join(format!("{function}.{age}.log")),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(longest: u64) -> (tempfile::TempDir, LogFiles) {
        let folder = tempfile::tempdir().expect("a folder");
        let files = LogFiles::in_folder(folder.path().join("logs")).expect("a folder");
        (folder, LogFiles { longest, ..files })
    }

    fn text(files: &LogFiles, function: &str, age: usize) -> String {
        fs::read_to_string(files.path(function, age)).unwrap_or_default()
    }

    #[test]
    fn lines_stay_as_they_were_and_the_newest_files_are_kept() {
        let (_folder, files) = files(4);
        for line in 0..8 {
            files.write("login", &line.to_string()).expect("written");
        }
        files.write("register", "other").expect("written");
        let found: Vec<String> = (0..=KEPT + 1).map(|age| text(&files, "login", age)).collect();
        assert_eq!(found, ["6\n7\n", "4\n5\n", "2\n3\n", "0\n1\n", "", ""]);
        assert_eq!(text(&files, "register", 0), "other\n");
    }

    #[test]
    fn a_long_run_keeps_to_its_bound_in_size_and_number() {
        let (_folder, files) = files(1_000);
        for line in 0..5_000 {
            files.write("navigator", &format!("{line:>40}")).expect("written");
        }
        let sizes: Vec<u64> = fs::read_dir(&files.folder)
            .expect("files")
            .flatten()
            .map(|entry| entry.metadata().expect("a file").len())
            .collect();
        assert!(sizes.len() == KEPT + 1 && sizes.iter().all(|size| *size <= 1_000), "{sizes:?}");
        assert!(text(&files, "navigator", 0).ends_with("4999\n"));
    }

    #[test]
    fn a_line_that_is_too_long_alone_is_whole_and_what_was_deleted_is_made_again() {
        let (_folder, files) = files(10);
        files.write("resume", &"x".repeat(30)).expect("written");
        files.write("resume", "y").expect("written");
        assert_eq!((text(&files, "resume", 1).len(), text(&files, "resume", 0)), (31, "y\n".to_owned()));
        fs::remove_file(files.path("resume", 0)).expect("removed");
        files.write("resume", "z").expect("written");
        assert_eq!(text(&files, "resume", 0), "z\n");
    }

    #[test]
    fn writers_at_once_lose_no_line_and_mix_none() {
        let (_folder, files) = files(u64::MAX);
        let folder = files.folder.clone();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let files = LogFiles { longest: 2_000, ..files.clone() };
                scope.spawn(move || {
                    (0..40).for_each(|line| {
                        files.write("login", &format!("{writer}-{line}-{}", "x".repeat(20))).expect("written")
                    })
                });
            }
        });
        let mut lines: Vec<String> = Vec::new();
        for entry in fs::read_dir(folder).expect("files").flatten() {
            lines.extend(fs::read_to_string(entry.path()).expect("a file").lines().map(ToOwned::to_owned));
        }
        lines.sort();
        lines.dedup();
        assert_eq!(lines.len(), 160);
        assert!(lines.iter().all(|line| line.ends_with(&"x".repeat(20))));
    }
}
