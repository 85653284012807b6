//! Personal data: found where it stands, and nothing taken for a Medicare number that is none.

use serde::Deserialize;
use shared::agents::pii::{self, Kind as Of};

use super::sets::{Kind, SetError, Sources};
use super::table::{Bar, Section};

#[derive(Deserialize)]
struct Row {
    text: String,
    spans: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    /// In characters, as in the sets.
    start: usize,
    /// In characters.
    end: usize,
    #[serde(rename = "type")]
    kind: String,
}

/// The rows.
///
/// # Errors
/// [`SetError`].
pub fn sections(sources: &Sources) -> Result<Vec<Section>, SetError> {
    let mut sections = Vec::new();
    for (origin, rows) in sources.read::<Row>(Kind::Pii)? {
        let (mut expected, mut missed, mut false_spans, mut false_numbers) = (0, Vec::new(), Vec::new(), Vec::new());
        for row in &rows {
            let found: Vec<(usize, usize, Of)> = pii::find(&row.text)
                .into_iter()
                .map(|span| {
                    let characters = |byte: usize| row.text[..byte].chars().count();
                    (characters(span.range.start), characters(span.range.end), span.kind)
                })
                .collect();
            let same =
                |a: &Expected, b: &(usize, usize, Of)| (a.start, a.end, a.kind.as_str()) == (b.0, b.1, b.2.label());
            expected += row.spans.len();
            let unseen = row.spans.iter().filter(|wanted| !found.iter().any(|span| same(wanted, span)));
            missed.extend(unseen.map(|wanted| format!("{}: {}", wanted.kind, row.text)));
            for span in found.iter().filter(|span| !row.spans.iter().any(|wanted| same(wanted, span))) {
                false_spans.push(format!("{}: {}", span.2.label(), row.text));
                if span.2 == Of::Mbi {
                    false_numbers.push(row.text.clone());
                }
            }
        }
        let name = |what: &str| format!("PII: {what} ({origin})");
        let hits = expected - missed.len();
        sections.push(Section::new(name("spans found"), hits, expected, Bar::AtLeast(0.95)).with_misses(missed));
        let n = rows.len();
        let false_spans_row =
            Section::new(name("false spans, by text"), false_spans.len().min(n), n, Bar::AtMost(0.03));
        sections.push(false_spans_row.with_misses(false_spans));
        let numbers = Section::new(name("false Medicare numbers"), false_numbers.len(), n, Bar::AtMost(0.0));
        sections.push(numbers.with_misses(false_numbers));
    }
    Ok(sections)
}
