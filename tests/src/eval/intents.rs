//! What is wanted, the kind of plan, and what is missing.

use serde::Deserialize;
use shared::agents::Carried;
use shared::agents::patient_navigator::{Analysis, read};
use shared::agents::rehearsal::Rehearsal;

use super::TODAY;
use super::sets::{Kind, SetError, Sources, wait};
use super::table::{Bar, Section};

#[derive(Deserialize)]
struct Row {
    text: String,
    intent: String,
    plan_type: String,
    missing: Vec<String>,
}

/// The rows.
///
/// # Errors
/// [`SetError`].
pub fn sections(sources: &Sources) -> Result<Vec<Section>, SetError> {
    let mut sections = Vec::new();
    for (origin, rows) in sources.read::<Row>(Kind::Intents)? {
        let read: Vec<(&Row, Analysis)> = rows.iter().zip(analyses(sources, &rows)?).collect();
        let mut add =
            |name: &str, least: f64, found: &dyn Fn(&Analysis) -> String, expected: &dyn Fn(&Row) -> String| {
                let misses: Vec<String> = read
                    .iter()
                    .filter(|(row, analysis)| found(analysis) != expected(row))
                    .map(|(row, analysis)| format!("{} instead of {}: {}", found(analysis), expected(row), row.text))
                    .collect();
                let hits = rows.len() - misses.len();
                let name = format!("{name} ({origin})");
                sections.push(Section::new(name, hits, rows.len(), Bar::AtLeast(least)).with_misses(misses));
            };
        add("intents", 0.92, &|analysis| analysis.intent.label().to_owned(), &|row| row.intent.clone());
        add("slots: kind of plan", 0.90, &plan_type, &|row| row.plan_type.clone());
        add("slots: what is missing, as a set", 0.90, &missing, &|row| sorted(row.missing.clone()));
    }
    Ok(sections)
}

/// What is found in each message.
fn analyses(sources: &Sources, rows: &[Row]) -> Result<Vec<Analysis>, SetError> {
    let Some(advisor) = sources.advisor() else {
        return Ok(rows.iter().map(|row| read(&row.text, &Carried::default(), TODAY)).collect());
    };
    wait(|| async {
        let mut found = Vec::new();
        for row in rows {
            let analysis = Rehearsal::analysis(&row.text, TODAY, advisor).await;
            found.push(analysis.unwrap_or_else(|_| read(&row.text, &Carried::default(), TODAY)));
        }
        found
    })
}

fn plan_type(analysis: &Analysis) -> String {
    let plan = analysis.facts.plan_type.filter(|_| analysis.intent.depends_on_plan());
    plan.map_or("unknown", |plan| plan.label()).to_owned()
}

fn missing(analysis: &Analysis) -> String {
    sorted(analysis.missing.iter().map(|slot| slot.label().to_owned()).collect())
}

fn sorted(mut names: Vec<String>) -> String {
    names.sort_unstable();
    format!("[{}]", names.join(", "))
}
