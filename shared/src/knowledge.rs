//! Facts in the product's own words, each with its source: deadline rules and where to get help.
//!
//! Invariants: agents state only deadlines and phone numbers of this module, with their source; a rule whose figures were
//! not read in the cited text says that it is an estimate; the date printed on a notice wins.

pub mod dates;
pub mod deadlines;
pub mod help;
pub mod terms;

/// Where a fact was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
