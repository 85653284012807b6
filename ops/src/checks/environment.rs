//! The environment of a check: the process' own, then `.env` files, the first that has a variable.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::{OpsError, Result};

/// Variables from the process and from files.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    files: Vec<BTreeMap<String, String>>,
}

impl Environment {
    /// Reads files in the order in which they count. One that was asked for must be there; those that are read by habit may be absent.
    ///
    /// # Errors
    /// A file that cannot be read, or a line of it that is no `NAME=value`: its number, never its text.
    pub fn read(asked: &[PathBuf], habitual: &[&str]) -> Result<Self> {
        let mut files = Vec::new();
        for path in asked {
            files.push(parse_file(path)?);
        }
        if asked.is_empty() {
            for path in habitual.iter().map(Path::new).filter(|path| path.is_file()) {
                files.push(parse_file(path)?);
            }
        }
        Ok(Self { files })
    }

    /// A variable that is set to something.
    pub fn get(&self, name: &str) -> Option<String> {
        self.all(name).into_iter().next()
    }

    /// Every value of a variable, the one that counts first.
    pub fn all(&self, name: &str) -> Vec<String> {
        let process = std::env::var(name).ok();
        let files = self.files.iter().filter_map(|file| file.get(name).cloned());
        process.into_iter().chain(files).filter(|value| !value.trim().is_empty()).collect()
    }
}

/// The variables of a file; an absent one has none.
///
/// # Errors
/// As [`Environment::read`].
pub fn parse_if_there(path: &Path) -> Result<BTreeMap<String, String>> {
    if path.exists() { parse_file(path) } else { Ok(BTreeMap::new()) }
}

fn parse_file(path: &Path) -> Result<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).map_err(OpsError::io(format!("{} cannot be read", path.display())))?;
    parse(&text).map_err(|line| OpsError::said(format!("{}, line {line}, is no NAME=value", path.display())))
}

/// `NAME=value` a line, with `export`, comments and quotes as shells and cargo-lambda have them; else the number of the line.
fn parse(text: &str) -> std::result::Result<BTreeMap<String, String>, usize> {
    let mut found = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=').ok_or(index + 1)?;
        found.insert(name.trim().to_owned(), unquoted(value.trim()).to_owned());
    }
    Ok(found)
}

fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some((inner, _)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
            return inner;
        }
    }
    value.split_once(" #").map_or(value, |(value, _)| value.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_shells_read_it_and_a_bad_line_is_named_by_its_number() {
        let found = parse("# c\nA=1\nexport B = \"x # y\"\nC='q' # d\nD=a#b # e\n\nE=\n").expect("a file");
        let expected = [("A", "1"), ("B", "x # y"), ("C", "q"), ("D", "a#b"), ("E", "")];
        assert_eq!(found, expected.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
        assert_eq!(parse("A=1\nhunter2\n"), Err(2));
    }
}
