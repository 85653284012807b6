//! The embedded data files and the table of sources that their rows point into.
//!
//! Invariants: the files hold no escaped characters, so that every text is borrowed from the binary; what changes with the year stands
//! in one file, amounts.json, with the sources that it is read in (docs/yearly.md).

use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::IgnoredAny;

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

/// The file of what changes with the year.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'static, T: Deserialize<'de>"))]
pub(super) struct Yearly<T> {
    /// Its own sources; no key of theirs is in sources.json.
    sources: Vec<SourceRow>,
    /// Its rows.
    pub(super) amounts: Vec<T>,
}

static SOURCES: LazyLock<Vec<SourceRow>> = LazyLock::new(|| rows(include_str!("data/sources.json")));
static YEARLY_SOURCES: LazyLock<Vec<SourceRow>> =
    LazyLock::new(|| serde_json::from_str::<Yearly<IgnoredAny>>(yearly()).map(|file| file.sources).unwrap_or_default());

/// The text of the file of what changes with the year.
pub(super) fn yearly() -> &'static str {
    #[cfg(feature = "testing")]
    if let Some(other) = OTHER_YEARLY.get() {
        return other;
    }
    include_str!("data/amounts.json")
}

#[cfg(feature = "testing")]
static OTHER_YEARLY: std::sync::OnceLock<String> = std::sync::OnceLock::new();

/// Another file in place of the embedded one, before anything is read: the yearly change, rehearsed.
#[cfg(feature = "testing")]
pub(crate) fn rehearse(text: String) {
    let _only_the_first_counts = OTHER_YEARLY.set(text);
}

impl TryFrom<Cited> for Source {
    type Error = &'static str;

    fn try_from(cited: Cited) -> Result<Self, Self::Error> {
        let all = || SOURCES.iter().chain(YEARLY_SOURCES.iter());
        let row = all().find(|row| row.key == cited.source).ok_or("the source is in no table of sources")?;
        Ok(Self { title: row.title, url: cited.url.unwrap_or(row.url), page: cited.page, verified: row.verified })
    }
}

/// The rows of an embedded file.
pub(super) fn rows<T: Deserialize<'static>>(json: &'static str) -> Vec<T> {
    serde_json::from_str(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_a_source_stands_once() {
        let mut keys: Vec<&str> = SOURCES.iter().chain(YEARLY_SOURCES.iter()).map(|row| row.key).collect();
        let count = keys.len();
        assert!(count > 3 && !YEARLY_SOURCES.is_empty());
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}
