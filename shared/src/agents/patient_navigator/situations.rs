//! What has changed in a person's life or coverage, so that a window to enroll may be open.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::agents::fold::phrases::Phrases;
use crate::agents::prompt_security::triage::Message;

/// A reason to enroll or change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Situation {
    /// Turns 65.
    Turning65,
    /// Turns 26 and leaves a parent's plan.
    Turning26,
    /// Lost a job or coverage.
    LostCoverage,
    /// Moved.
    Moved,
    /// Married, divorced, had a child.
    Family,
    /// Still works, or retires.
    Work,
    /// Has a disability or a disease that opens Medicare.
    Disability,
}

/// The situation that a message names.
pub(super) fn find(message: &Message) -> Option<Situation> {
    let view = message.view();
    view.sentences.iter().find_map(|sentence| SITUATIONS.find(&sentence.words).first().map(|hit| hit.tag))
}

static SITUATIONS: LazyLock<Phrases<Situation>> = LazyLock::new(|| {
    Phrases::new(
        &[
            (
                Situation::Turning65,
                "turn|turns|turning|turned|am|im|at|be|ill|cumplo|cumple|cumplir|hits|hit|age ~1 65|sixtyfive|64",
            ),
            (Situation::Turning26, "turn|turns|turning|turned|cumplo|cumple|age ~1 26|twentysix"),
            (Situation::Turning26, "aging|ages|age out|off"),
            (Situation::LostCoverage, "lost|lose|losing|loses ~5 coverage|insurance|job|benefits|plan|medicaid"),
            (Situation::LostCoverage, "laid off"),
            (Situation::LostCoverage, "fired|quit|quitting"),
            (Situation::LostCoverage, "left|leaving my|the|his|her ~1 job"),
            (Situation::LostCoverage, "coverage|insurance|benefits ~3 end|ends|ending|ended|terminat*|stops|expires"),
            (Situation::LostCoverage, "perdi|perdio|pierdo|perder ~4 seguro|trabajo|cobertura|empleo"),
            (Situation::LostCoverage, "me despidieron"),
            (Situation::Moved, "moved|moving|mude|mudo|relocat*"),
            (
                Situation::Family,
                "married|marriage|wedding|divorce|divorced|divorcing|newborn|pregnant|adopted|casado|casada|divorcio",
            ),
            (Situation::Family, "had|having a baby"),
            (Situation::Family, "new baby"),
            (Situation::Family, "husband|wife|spouse ~2 died|passed"),
            (Situation::Work, "retire|retires|retiring|retired|retirement|jubilo|jubile|jubilado"),
            (Situation::Work, "still working|work"),
            (Situation::Work, "self employed"),
            (Situation::Disability, "disability|disabled|ssdi|als|esrd|incapacidad|discapacidad"),
        ],
        &[],
    )
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        assert_eq!(SITUATIONS.rejected(), [""; 0]);
    }
}
