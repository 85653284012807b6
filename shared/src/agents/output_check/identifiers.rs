//! What must not leave at all: a person's numbers, and the product's own names.

use std::sync::LazyLock;

use crate::agents::AgentName;
use crate::knowledge::deadlines::rules;
use crate::workflow::step::{Step, WorkflowType};

/// Whether a Social Security or Medicare number stands in a text.
pub(super) fn is_in(text: &str) -> bool {
    pieces(text).any(|piece| is_ssn(piece) || is_mbi(piece))
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).filter(|piece| piece.len() > 7)
}

/// `123-45-6789`
fn is_ssn(piece: &str) -> bool {
    let lengths: Vec<usize> = piece.split('-').map(str::len).collect();
    let is_digits = piece.chars().all(|c| c.is_ascii_digit() || c == '-');
    is_digits && lengths == [3, 2, 4]
}

/// Eleven places, each of its own kind (CMS, Understanding the Medicare Beneficiary Identifier): `1EG4-TE5-MK73`.
fn is_mbi(piece: &str) -> bool {
    const KINDS: &[u8; 11] = b"CAXNAXNAANN";
    let bare: Vec<char> = piece.chars().filter(|c| *c != '-').collect();
    let is_letter = |c: char| c.is_ascii_uppercase() && !matches!(c, 'S' | 'L' | 'O' | 'I' | 'B' | 'Z');
    bare.len() == KINDS.len()
        && bare.iter().zip(KINDS).all(|(c, kind)| match kind {
            b'C' => ('1'..='9').contains(c),
            b'A' => is_letter(*c),
            b'X' => is_letter(*c) || c.is_ascii_digit(),
            _ => c.is_ascii_digit(),
        })
}

/// Names of tables, markers of model formats and the like.
const INTERNAL: [&str; 20] = [
    "workflow_states",
    "workflow_steps",
    "workflow_requests",
    "agent_states",
    "state_data",
    "step_commit",
    "turn_begin",
    "regulatory_chunks",
    "tool_call",
    "function_call",
    "tool_use",
    "<|",
    "[inst]",
    "[/inst]",
    "### system",
    "### instruction",
    "begin system",
    "navigator.",
    "fact:",
    "nc1.",
];

static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let steps = Step::ALL.iter().map(|step| step.as_str());
    let workflows = WorkflowType::ALL.iter().map(|workflow| workflow.as_str());
    let agents = AgentName::ALL.iter().map(|agent| agent.as_str()).filter(|name| name.contains('_'));
    let rules = rules().iter().map(|rule| rule.id).filter(|id| id.contains('-'));
    steps.chain(workflows).chain(agents).chain(rules).chain(INTERNAL).collect()
});

/// Whether a name that only the product uses stands in a text.
pub(super) fn has_internal_name(text: &str) -> bool {
    let lower = text.to_lowercase();
    NAMES.iter().any(|name| lower.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_person_are_seen_and_others_are_not() {
        for text in ["123-45-6789", "my number 1EG4-TE5-MK73.", "1EG4TE5MK73"] {
            assert!(is_in(text), "{text}");
        }
        for text in ["1-800-633-4227", "2026-12-06", "CMS-1696", "1EG4-TE5-MK7S", "30076-1234"] {
            assert!(!is_in(text), "{text}");
        }
    }

    #[test]
    fn names_of_steps_agents_and_rules_are_internal() {
        for text in
            ["after navigator_qa", "prompt_security said", "Rule ma-l1-file", "FACT:grievance-decide", "<|im_start|>"]
        {
            assert!(has_internal_name(text), "{text}");
        }
        assert!(!has_internal_name("A grievance is a complaint. Your step-by-step plan."));
    }
}
