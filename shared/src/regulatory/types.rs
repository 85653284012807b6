//! A question, parsed at the edge; what is found; what can go wrong.

use chrono::NaiveDate;
use serde::Serialize;

use crate::auth::Refusal;
use crate::db::DbError;
use crate::ids::DocumentId;

/// The most results of one search.
pub const MAX_LIMIT: u32 = 50;
const DEFAULT_LIMIT: u32 = 10;

/// A question in a person's words: 1 to 300 characters, no control characters.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct QueryText(String);

/// Why a text is not a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to 300 characters and no control characters")]
pub struct QueryError;

impl QueryText {
    /// Parses a question; outer spaces are removed.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let text = text.trim();
        let fits = (1..=300).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(QueryError) }
    }

    /// The question as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is asked.
#[derive(Clone)]
#[cfg_attr(test, derive(Debug))]
pub struct SearchQuery {
    /// The question.
    pub text: QueryText,
    /// At most this many results, 1 to [`MAX_LIMIT`].
    pub limit: u32,
}

/// Reads a limit; none is ten.
///
/// # Errors
/// A sentence for the client.
pub fn parse_limit(text: Option<&str>) -> Result<u32, String> {
    let Some(text) = text else { return Ok(DEFAULT_LIMIT) };
    match text.parse() {
        Ok(number @ 1..=MAX_LIMIT) => Ok(number),
        _ => Err(format!("must be a whole number from 1 to {MAX_LIMIT}")),
    }
}

/// What a document, or a page of a booklet, is called and where it comes from.
#[derive(Clone, Debug, Serialize)]
pub struct Heading {
    /// The id of this version, for reading it.
    pub id: DocumentId,
    /// Its title.
    pub title: String,
    /// Where it was published.
    pub url: String,
    /// The page, of a booklet.
    pub page: Option<i32>,
    /// The section it stands in.
    pub section: Option<String>,
    /// `en` or `es`.
    pub lang: String,
    /// The year its amounts are for.
    pub plan_year: Option<i32>,
    /// Since when it is in force.
    pub effective: Option<NaiveDate>,
    /// The last day it is stated.
    pub expires: Option<NaiveDate>,
    /// When it was read at its source.
    pub fetched: NaiveDate,
}

/// One result.
#[derive(Clone, Debug, Serialize)]
pub struct Hit {
    /// Of which document.
    #[serde(flatten)]
    pub heading: Heading,
    /// The best place, at most 400 characters.
    pub excerpt: String,
    /// How well it fits; comparable within one search only.
    pub score: f32,
}

/// The results, the best first.
#[derive(Clone, Debug, Serialize)]
pub struct SearchResults {
    /// None when nothing fits.
    pub results: Vec<Hit>,
}

/// One version of a document.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// Of which document.
    #[serde(flatten)]
    pub heading: Heading,
    /// Counts from 1 for each source.
    pub version: i32,
    /// Whether it is the version that is searched.
    pub is_current: bool,
    /// The text, as it was stored.
    pub text: String,
}

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is a new source, or a new version of one.
    New(DocumentId),
    /// This text is the current version already.
    Same(DocumentId),
}

impl Stored {
    /// The document's id.
    pub fn id(self) -> DocumentId {
        match self {
            Self::New(id) | Self::Same(id) => id,
        }
    }
}

/// Why nothing could be searched.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The request was not let in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("the official texts could not be searched")]
    Database(#[from] DbError),
}

/// Why a document could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No such document.
    #[error("there is no such document")]
    NotFound,
    /// The request was not let in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("the document could not be read")]
    Database(#[from] DbError),
}

/// Why a document could not be added.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The caller is no `regulatory_agent`.
    #[error("only a regulatory_agent may add official texts")]
    Forbidden,
    /// The request was not let in.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error("the document could not be stored")]
    Database(#[from] DbError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_has_1_to_300_characters() {
        assert_eq!(QueryText::parse("  hello ").expect("a question").as_str(), "hello");
        assert!(QueryText::parse(&"é".repeat(300)).is_ok());
        for text in [String::new(), "  ".to_owned(), "x".repeat(301), "a\0b".to_owned(), "a\nb".to_owned()] {
            assert!(QueryText::parse(&text).is_err(), "{text:?}");
        }
    }
}
