//! Facts in the product's own words, each with its source: deadline rules, amounts of the year, enrollment windows, where
//! to get help, and the words of letters and bills. They are data files under `knowledge/data`, embedded and read once.
//!
//! Invariants: pure code, no I/O and no clock (today is a parameter); agents state only deadlines, amounts and phone
//! numbers of this module, with their source; a rule whose figures were not read in the cited text says that it is an
//! estimate; the date printed on a notice wins; a dated fact is stated until the day it expires and withheld, with where
//! to look, from the day after. A data file that cannot be read is empty, never a panic; tests read every one.

pub mod amounts;
pub mod calendar;
mod data;
pub mod dates;
pub mod deadlines;
pub mod glossary;
pub mod help;
pub mod holidays;
mod passages;
#[cfg(test)]
mod tests;
pub mod windows;
mod words;

pub use data::Source;
#[cfg(feature = "testing")]
pub(crate) use data::rehearse;
pub use passages::{Passage, passages};
pub use words::{Text, Words, long_date_en, long_date_es};
