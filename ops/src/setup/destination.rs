//! Where the functions' environment is kept: a file of lines, or the secret bundle in Secrets Manager.
//!
//! Invariants: what is there and is not the set-up's stays as it is; nothing is written when nothing changes; a file is readable by its
//! owner alone and replaced whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::checks::environment::parse_if_there;
use crate::secrets::store::Store;
use crate::{OpsError, Result};

/// A file, or a bundle, and what was in it.
pub(super) enum Destination {
    /// A file in the form of `.env`.
    File { path: PathBuf, values: BTreeMap<String, String> },
    /// A bundle.
    Secret { store: Store, bundle: Map<String, Value>, id: String },
}

impl Destination {
    /// Reads what is there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) async fn open(file: &Path, secret: Option<&str>) -> Result<Self> {
        match secret {
            Some(id) => {
                let store = Store::open(id.to_owned()).await?;
                let bundle = store.read().await?;
                Ok(Self::Secret { store, bundle, id: id.to_owned() })
            }
            None => Ok(Self::File { path: file.to_path_buf(), values: parse_if_there(file)? }),
        }
    }

    /// A value that is there.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let value = match self {
            Self::File { values, .. } => values.get(name).cloned(),
            Self::Secret { bundle, .. } => bundle.get(name).and_then(Value::as_str).map(ToOwned::to_owned),
        };
        value.filter(|value| !value.trim().is_empty())
    }

    /// What it is called in texts.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File { path, .. } => path.display().to_string(),
            Self::Secret { id, .. } => format!("the secret {id}"),
        }
    }

    /// Puts these values in; whether anything was written.
    ///
    /// # Errors
    /// When it cannot be written; then it is as before.
    pub(super) async fn put(&self, new: &[(&str, String)]) -> Result<bool> {
        if new.iter().all(|(name, value)| self.get(name).as_deref() == Some(value)) {
            return Ok(false);
        }
        match self {
            Self::File { path, .. } => {
                let before = fs::read_to_string(path).unwrap_or_else(|_| HEAD.to_owned());
                replace(path, &merged(&before, new))?;
            }
            Self::Secret { store, bundle, .. } => {
                let mut bundle = bundle.clone();
                bundle.extend(new.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.clone()))));
                store.write(&bundle).await?;
            }
        }
        Ok(true)
    }

    /// Makes it what it was when it was opened: what [`Destination::put`] promised did not happen.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) async fn restore(&self, before: Option<&str>) -> Result<()> {
        match (self, before) {
            (Self::File { path, .. }, Some(text)) => replace(path, text),
            (Self::File { path, .. }, None) => {
                fs::remove_file(path).map_err(OpsError::io("the file cannot be removed"))
            }
            (Self::Secret { store, bundle, .. }, _) => Ok(store.write(bundle).await?),
        }
    }

    /// The file's text as it is, for [`Destination::restore`].
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::File { path, .. } => fs::read_to_string(path).ok(),
            Self::Secret { .. } => None,
        }
    }
}

const HEAD: &str = "# The functions' environment, made by `ops setup`: cargo lambda watch --env-file FILE, or put it into APP_SECRET_ARN.\n\
                    # It holds secrets: keep it out of the repository. .env.example explains each line.\n";

/// The text with these lines replaced where they stand, or added.
fn merged(before: &str, new: &[(&str, String)]) -> String {
    let mut missing: Vec<&(&str, String)> = new.iter().collect();
    let mut text = String::new();
    for line in before.lines() {
        let bare = line.trim_start();
        let bare = bare.strip_prefix("export ").unwrap_or(bare);
        let name = bare.split_once('=').map(|(name, _)| name.trim()).unwrap_or_default();
        match missing.iter().position(|(new, _)| *new == name) {
            Some(place) => {
                let (name, value) = missing.remove(place);
                text.push_str(&assignment(name, value));
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    for (name, value) in missing {
        text.push_str(&assignment(name, value));
        text.push('\n');
    }
    text
}

fn assignment(name: &str, value: &str) -> String {
    let quote = if value.contains('\'') { '"' } else { '\'' };
    format!("{name}={quote}{value}{quote}")
}

fn replace(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let cannot = || OpsError::io(format!("{} cannot be written", path.display()));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).map_err(cannot())?;
    let written =
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| {
        let _nothing_is_left = fs::remove_file(&beside);
        cannot()(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_keeps_its_other_lines_and_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("env");
        let open = async || Destination::open(&path, None).await.expect("opened");
        assert!(open().await.put(&[("A", "1".to_owned())]).await.expect("written"));
        fs::write(&path, "# mine\nOTHER=x y\nexport A=0\n").expect("edited");
        let edited = open().await;
        let before = edited.text();
        assert!(edited.put(&[("A", "1".to_owned()), ("B", "2 3".to_owned())]).await.expect("written"));
        assert_eq!(fs::read_to_string(&path).expect("text"), "# mine\nOTHER=x y\nA='1'\nB='2 3'\n");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(open().await.get("B").as_deref(), Some("2 3"));
        assert!(!open().await.put(&[("A", "1".to_owned())]).await.expect("nothing to write"));
        edited.restore(before.as_deref()).await.expect("restored");
        assert_eq!(fs::read_to_string(&path).expect("text"), "# mine\nOTHER=x y\nexport A=0\n");
    }
}
