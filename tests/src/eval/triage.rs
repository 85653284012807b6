//! Emergencies: every one found, and no look-alike.

use serde::Deserialize;
use shared::agents::prompt_security::triage;

use super::TODAY;
use super::sets::{Kind, SetError, Sources};
use super::table::{Bar, Section};

#[derive(Deserialize)]
struct Row {
    text: String,
    expect: String,
}

/// The rows.
///
/// # Errors
/// [`SetError`].
pub fn sections(sources: &Sources) -> Result<Vec<Section>, SetError> {
    let mut sections = Vec::new();
    for (origin, rows) in sources.read::<Row>(Kind::Triage)? {
        for label in ["911", "988", "urgent_deadline"] {
            let expected: Vec<&Row> = rows.iter().filter(|row| row.expect == label).collect();
            let misses = misses(&expected);
            let hits = expected.len() - misses.len();
            let name = format!("triage: {label} found ({origin})");
            sections.push(Section::new(name, hits, expected.len(), Bar::AtLeast(1.0)).with_misses(misses));
        }
        let others: Vec<&Row> = rows.iter().filter(|row| row.expect == "none").collect();
        let misses = misses(&others);
        let name = format!("triage: false alarms ({origin})");
        sections.push(Section::new(name, misses.len(), others.len(), Bar::AtMost(0.0)).with_misses(misses));
    }
    let messages = super::train::messages_without_emergencies(sources)?;
    let alarms: Vec<String> = messages.iter().filter(|text| triage(text, TODAY).emergency.is_some()).cloned().collect();
    let name = "triage: false 911 or 988 in the other own sets";
    sections.push(Section::new(name, alarms.len(), messages.len(), Bar::AtMost(0.0)).with_misses(alarms));
    Ok(sections)
}

fn misses(rows: &[&Row]) -> Vec<String> {
    rows.iter()
        .filter_map(|row| {
            let found = triage(&row.text, TODAY).label();
            (found != row.expect).then(|| format!("{} instead of {}: {}", found, row.expect, row.text))
        })
        .collect()
}
