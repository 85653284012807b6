//! Last days: counted by the rules as worked by hand, and said so in the replies.

use chrono::NaiveDate;
use serde::Deserialize;
use shared::knowledge::deadlines::{Event, Known, rule};

use super::TODAY;
use super::sets::{Kind, SetError, Sources};
use super::table::{Bar, Section};

#[derive(Deserialize)]
struct Row {
    rule: String,
    from: NaiveDate,
    last_day: NaiveDate,
}

/// The rows.
///
/// # Errors
/// [`SetError`].
pub fn sections(sources: &Sources) -> Result<Vec<Section>, SetError> {
    let section = |(origin, rows): (_, Vec<Row>)| {
        let misses: Vec<String> = rows.iter().filter_map(miss).collect();
        let name = format!("deadlines: counted as by hand ({origin})");
        Section::new(name, rows.len() - misses.len(), rows.len(), Bar::AtLeast(1.0)).with_misses(misses)
    };
    Ok(sources.read::<Row>(Kind::Deadlines)?.into_iter().map(section).collect())
}

fn miss(row: &Row) -> Option<String> {
    let counted = rule(&row.rule).and_then(|rule| {
        let mut known = Known::default();
        match rule.from {
            Event::NoticeDate => known.dated = Some(row.from),
            Event::NoticeReceipt => known.received = Some(row.from),
            _ => known.event = Some(row.from),
        }
        rule.count(&known, TODAY).ok()
    });
    let day = counted.map(|counted| counted.last_day);
    (day != Some(row.last_day)).then(|| format!("{} from {}: {day:?}, not {}", row.rule, row.from, row.last_day))
}
