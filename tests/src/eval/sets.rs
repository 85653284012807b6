//! Where the evaluation's sets are, and how they are read: one JSON object a line.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use launcher::LauncherError;
use launcher::reference::reference;
use serde::de::DeserializeOwned;
use shared::llm::Advisor;

/// What a set is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Attacks and harmless texts.
    Injection,
    /// Emergencies and look-alikes.
    Triage,
    /// What is wanted, and what is missing.
    Intents,
    /// Personal data in texts.
    Pii,
    /// Questions with the documents that answer them.
    Questions,
    /// Days counted by the deadline rules.
    Deadlines,
    /// Conversations with what must be answered.
    Replies,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Injection, Self::Triage, Self::Intents, Self::Pii, Self::Questions, Self::Deadlines, Self::Replies];

    /// Its name: that of the file in `tests/eval`, and of the option that gives another file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Injection => "injection",
            Self::Triage => "triage",
            Self::Intents => "intents",
            Self::Pii => "pii",
            Self::Questions => "questions",
            Self::Deadlines => "deadlines",
            Self::Replies => "replies",
        }
    }

    /// The development set's file name.
    fn development(self) -> &'static str {
        match self {
            Self::Injection => "injection_dev.jsonl",
            Self::Triage => "safety_triage_dev.jsonl",
            Self::Intents => "intents_dev.jsonl",
            Self::Pii => "pii_dev.jsonl",
            Self::Questions => "questions_dev.jsonl",
            Self::Deadlines => "deadlines_dev.jsonl",
            Self::Replies => "replies_dev.jsonl",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a set comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `tests/eval` of this repository.
    Own,
    /// The development sets, which no clone holds.
    Development,
    /// A file given by option.
    Given,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => "own",
            Self::Development => "dev",
            Self::Given => "given",
        })
    }
}

/// Why a set cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// The file cannot be read.
    #[error("{0} cannot be read")]
    Read(PathBuf, #[source] std::io::Error),
    /// A line is not what it should be.
    #[error("{0}, line {1}: {2}")]
    Line(PathBuf, usize, serde_json::Error),
    /// The folder with the development sets is not what it should be.
    #[error("{0}")]
    Reference(LauncherError),
    /// What a measurement needs cannot be used.
    #[error("it cannot be measured: {0}")]
    Search(String),
}

/// Which files are measured.
#[derive(Clone)]
pub struct Sources {
    own: PathBuf,
    development: Option<PathBuf>,
    given: BTreeMap<Kind, PathBuf>,
    advisor: Option<Advisor>,
}

impl Sources {
    /// The sets of a checkout, the development sets where a folder with them is named, and the files given instead of these.
    ///
    /// # Errors
    /// [`SetError::Reference`].
    pub fn new(root: &Path, given: BTreeMap<Kind, PathBuf>) -> Result<Self, SetError> {
        let development = reference().map_err(SetError::Reference)?.map(|folder| folder.join("eval"));
        Ok(Self { own: root.join("tests/eval"), development, given, advisor: None })
    }

    /// The same, with a language model's advice where a step may ask for it.
    #[must_use]
    pub fn with_advisor(mut self, advisor: Advisor) -> Self {
        self.advisor = Some(advisor);
        self
    }

    /// The language model, if one is measured.
    pub fn advisor(&self) -> Option<&Advisor> {
        self.advisor.as_ref()
    }

    /// The file given for a kind.
    pub fn given(&self, kind: Kind) -> Option<&Path> {
        self.given.get(&kind).map(PathBuf::as_path)
    }

    /// The folder of the own sets.
    pub fn own_folder(&self) -> &Path {
        &self.own
    }

    /// The development set of a kind, when it is there.
    pub fn development(&self, kind: Kind) -> Option<PathBuf> {
        let path = self.development.as_ref()?.join(kind.development());
        path.is_file().then_some(path)
    }

    /// The sets of a kind: the own one, and the one given or the development set when it is there.
    ///
    /// # Errors
    /// [`SetError`].
    pub fn read<T: DeserializeOwned>(&self, kind: Kind) -> Result<Vec<(Origin, Vec<T>)>, SetError> {
        let mut sets = vec![(Origin::Own, read(&self.own.join(format!("{kind}.jsonl")))?)];
        match (self.given.get(&kind), self.development(kind)) {
            (Some(path), _) => sets.push((Origin::Given, read(path)?)),
            (None, Some(path)) => sets.push((Origin::Development, read(&path)?)),
            (None, None) => {}
        }
        Ok(sets)
    }
}

/// The rows of one file.
///
/// # Errors
/// [`SetError`].
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, SetError> {
    let text = std::fs::read_to_string(path).map_err(|error| SetError::Read(path.to_path_buf(), error))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            serde_json::from_str(line).map_err(|error| SetError::Line(path.to_path_buf(), number + 1, error))
        })
        .collect()
}

/// Waits for what is asynchronous in a measurement, on a thread of its own: the caller may be inside a runtime.
///
/// # Errors
/// [`SetError::Search`] when it panicked.
pub(super) fn wait<T: Send, F: Future<Output = T>>(begin: impl FnOnce() -> F + Send) -> Result<T, SetError> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| SetError::Search(error.to_string()))?;
    std::thread::scope(|scope| scope.spawn(|| runtime.block_on(begin())).join())
        .map_err(|_| SetError::Search("a part of it panicked; see above".to_owned()))
}
