//! Where the functions' environment is kept: a file of lines, the secret bundle in Secrets Manager, or both.
//!
//! Invariants: what is there and is not the set-up's stays as it is; nothing is written when nothing changes; a file is readable by its
//! owner alone and replaced whole; of several places either all are written or none.

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
    async fn secret(id: &str) -> Result<Self> {
        let store = Store::open(id.to_owned()).await?;
        let bundle = store.read().await?;
        Ok(Self::Secret { store, bundle, id: id.to_owned() })
    }

    /// Reads what is there; an absent file holds nothing.
    ///
    /// # Errors
    /// When it cannot be read.
    fn file(path: &Path) -> Result<Self> {
        Ok(Self::File { path: path.to_path_buf(), values: parse_if_there(path)? })
    }

    /// Whether it is a file without a value.
    fn is_empty(&self) -> bool {
        matches!(self, Self::File { values, .. } if values.is_empty())
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
    async fn put(&self, new: &[(String, String)]) -> Result<bool> {
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
                bundle.extend(new.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))));
                store.write(&bundle).await?;
            }
        }
        Ok(true)
    }

    /// Makes it what it was when it was opened: what [`Destination::put`] promised did not happen.
    ///
    /// # Errors
    /// When it cannot be written.
    async fn restore(&self, before: Option<&str>) -> Result<()> {
        match (self, before) {
            (Self::File { path, .. }, Some(text)) => replace(path, text),
            (Self::File { path, .. }, None) => {
                fs::remove_file(path).map_err(OpsError::io("the file cannot be removed"))
            }
            (Self::Secret { store, bundle, .. }, _) => Ok(store.write(bundle).await?),
        }
    }

    /// The file's text as it is, for [`Destination::restore`].
    fn text(&self) -> Option<String> {
        match self {
            Self::File { path, .. } => fs::read_to_string(path).ok(),
            Self::Secret { .. } => None,
        }
    }
}

/// Every place where the environment is to be kept, and the file in which an earlier set-up may have kept it.
pub(super) struct Kept {
    /// The first one counts: what it holds is not replaced by what another place knows.
    places: Vec<Destination>,
    /// Read, and not necessarily written.
    earlier: Option<Destination>,
}

/// The file that is written when nothing else is said.
const HABITUAL: &str = ".env.runtime";

impl Kept {
    /// Reads what is there: the secret and, where one is named, the file; else the file alone, by habit [`HABITUAL`].
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub(super) async fn open(file: Option<&Path>, secret: Option<&str>) -> Result<Self> {
        let habitual = Path::new(HABITUAL);
        let path = file.unwrap_or(habitual);
        let (mut places, mut earlier) = (Vec::new(), None);
        match secret {
            Some(id) => {
                places.push(Destination::secret(id).await?);
                earlier = Some(Destination::file(path)?).filter(|file| !file.is_empty());
                if file.is_some() {
                    places.push(Destination::file(path)?);
                }
            }
            None => {
                places.push(Destination::file(path)?);
            }
        }
        if earlier.is_none() && path != habitual {
            earlier = Some(Destination::file(habitual)?).filter(|file| !file.is_empty());
        }
        Ok(Self { places, earlier })
    }

    /// A value of the place that counts.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.places.first().and_then(|place| place.get(name))
    }

    /// The file of an earlier set-up: its name and its values; none when there is no such file, or nothing in it.
    pub(super) fn earlier(&self) -> Option<(String, &BTreeMap<String, String>)> {
        match &self.earlier {
            Some(Destination::File { path, values }) => Some((path.display().to_string(), values)),
            _ => None,
        }
    }

    /// What the places are called in texts.
    pub(super) fn name(&self) -> String {
        self.places.iter().map(Destination::name).collect::<Vec<_>>().join(" and ")
    }

    /// Whether a file of this name is one of the places.
    pub(super) fn includes(&self, file: &str) -> bool {
        self.places.iter().any(|place| place.name() == file)
    }

    /// Puts these values into every place; what was written, for [`Kept::restore`].
    ///
    /// # Errors
    /// When one place cannot be written; then all are as before.
    pub(super) async fn put(&self, new: &[(String, String)]) -> Result<Written> {
        let mut written = Written(Vec::new());
        for (index, place) in self.places.iter().enumerate() {
            let before = place.text();
            match place.put(new).await {
                Ok(true) => written.0.push((index, before)),
                Ok(false) => {}
                Err(error) => {
                    self.restore(&written).await?;
                    return Err(error);
                }
            }
        }
        Ok(written)
    }

    /// Makes the places what they were: what [`Kept::put`] promised did not happen.
    ///
    /// # Errors
    /// When one cannot be written.
    pub(super) async fn restore(&self, written: &Written) -> Result<()> {
        for (index, before) in &written.0 {
            if let Some(place) = self.places.get(*index) {
                place.restore(before.as_deref()).await?;
            }
        }
        Ok(())
    }

    /// The names of the places that were written.
    pub(super) fn names(&self, written: &Written) -> String {
        let names = written.0.iter().filter_map(|(index, _)| self.places.get(*index)).map(Destination::name);
        names.collect::<Vec<_>>().join(" and ")
    }

    #[cfg(test)]
    pub(super) fn of(kept: BTreeMap<String, String>, earlier: BTreeMap<String, String>) -> Self {
        let file = |name: &str, values| Destination::File { path: PathBuf::from(name), values };
        Self { places: vec![file("none", kept)], earlier: Some(file("earlier", earlier)) }
    }
}

/// The places that were written, each with its text before.
pub(super) struct Written(Vec<(usize, Option<String>)>);

impl Written {
    /// Whether nothing had to be written.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

const HEAD: &str = "# The functions' environment, made by `ops setup`: cargo lambda watch --env-file FILE, or put it into APP_SECRET_ARN.\n\
                    # It holds secrets: keep it out of the repository. .env.example explains each line.\n";

/// The text with these lines replaced where they stand, or added.
fn merged(before: &str, new: &[(String, String)]) -> String {
    let mut missing: Vec<&(String, String)> = new.iter().collect();
    let mut text = String::new();
    for line in before.lines() {
        let bare = line.trim_start();
        let bare = bare.strip_prefix("export ").unwrap_or(bare);
        let name = bare.split_once('=').map(|(name, _)| name.trim()).unwrap_or_default();
        match missing.iter().position(|(new, _)| new == name) {
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
        let open = || Destination::file(&path).expect("opened");
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        assert!(open().put(&pairs(&[("A", "1")])).await.expect("written"));
        fs::write(&path, "# mine\nOTHER=x y\nexport A=0\n").expect("edited");
        let edited = open();
        let before = edited.text();
        assert!(edited.put(&pairs(&[("A", "1"), ("B", "2 3")])).await.expect("written"));
        assert_eq!(fs::read_to_string(&path).expect("text"), "# mine\nOTHER=x y\nA='1'\nB='2 3'\n");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(open().get("B").as_deref(), Some("2 3"));
        assert!(!open().put(&pairs(&[("A", "1")])).await.expect("nothing to write"));
        edited.restore(before.as_deref()).await.expect("restored");
        assert_eq!(fs::read_to_string(&path).expect("text"), "# mine\nOTHER=x y\nexport A=0\n");
    }
    #[tokio::test]
    async fn of_two_places_both_are_written_or_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, nowhere) = (folder.path().join("env"), folder.path().join("no/env"));
        std::fs::write(&path, "A='0'\n").expect("written");
        let file = |path: &Path| Destination::file(path).expect("opened");
        let new = [("A".to_owned(), "1".to_owned())];
        let broken = Kept { places: vec![file(&path), file(&nowhere)], earlier: None };
        assert!(broken.put(&new).await.is_err());
        assert_eq!(fs::read_to_string(&path).expect("text"), "A='0'\n");
        let other = folder.path().join("other");
        let both = Kept { places: vec![file(&path), file(&other)], earlier: None };
        let written = both.put(&new).await.expect("written");
        assert!(fs::read_to_string(&other).expect("text").contains("A='1'"));
        both.restore(&written).await.expect("restored");
        assert_eq!(fs::read_to_string(&path).expect("text"), "A='0'\n");
        assert!(!other.exists());
    }
}
