//! The embedded data files and the table of sources that their rows point into.
//!
//! Invariant: the files hold no escaped characters, so that every text is borrowed from the binary.

use std::sync::LazyLock;

use serde::Deserialize;

/// Where a fact was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Cited")]
pub struct Source {
    /// The document's title.
    pub title: &'static str,
    /// Its address.
    pub url: &'static str,
    /// The page, for a booklet.
    pub page: Option<u16>,
    /// When it was read there (ISO date).
    pub verified: &'static str,
}

#[derive(Deserialize)]
struct SourceRow {
    key: &'static str,
    title: &'static str,
    url: &'static str,
    verified: &'static str,
}

/// How a row names its source; `url` is for a page below the source's own address.
#[derive(Deserialize)]
struct Cited {
    source: &'static str,
    page: Option<u16>,
    url: Option<&'static str>,
}

static SOURCES: LazyLock<Vec<SourceRow>> = LazyLock::new(|| rows(include_str!("data/sources.json")));

impl TryFrom<Cited> for Source {
    type Error = &'static str;

    fn try_from(cited: Cited) -> Result<Self, Self::Error> {
        let row = SOURCES.iter().find(|row| row.key == cited.source).ok_or("the source is not in sources.json")?;
        Ok(Self { title: row.title, url: cited.url.unwrap_or(row.url), page: cited.page, verified: row.verified })
    }
}

/// The rows of an embedded file.
pub(super) fn rows<T: Deserialize<'static>>(json: &'static str) -> Vec<T> {
    serde_json::from_str(json).unwrap_or_default()
}
