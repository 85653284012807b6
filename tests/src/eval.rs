//! The evaluation: how well the agents read what people write, as one table with bars.
//!
//! A [`Section`] is one row. A part of the product adds its rows by one function in `SECTIONS`. What counts as a hit is
//! written in `tests/eval/README.md`.
//!
//! Invariants: nothing here reads the clock; the only server is the search's own PostgreSQL on this machine; the repository's own sets are always measured, the
//! development sets where a folder with them is named (`launcher::reference`); a row without a bar never fails.

pub mod deadlines;
pub mod injection;
pub mod intents;
pub mod pii;
pub mod replies;
pub mod retrieval;
pub mod sets;
pub mod table;
pub mod train;
pub mod triage;

use chrono::NaiveDate;

pub use sets::{Kind, Sources};
pub use table::{Bar, Section};

/// What measures a part of the product.
type Measure = fn(&Sources) -> Result<Vec<Section>, sets::SetError>;

/// Every part, in the order of the table.
const SECTIONS: &[Measure] = &[
    injection::sections,
    triage::sections,
    intents::sections,
    pii::sections,
    retrieval::sections,
    deadlines::sections,
    replies::sections,
];

/// The day that messages of the sets are read on.
pub const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");

/// Measures everything.
///
/// # Errors
/// A set that cannot be read.
pub fn run(sources: &Sources) -> Result<Vec<Section>, sets::SetError> {
    let mut rows = Vec::new();
    for measure in SECTIONS {
        rows.extend(measure(sources)?);
    }
    Ok(rows)
}
