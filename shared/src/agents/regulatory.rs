//! regulatory_check: every claim of the reply gets its source, or goes.

pub mod claims;

use serde::{Deserialize, Serialize};

use super::{AgentName, Citation, Next, StepError, StepInput, StepOutput, delta};
use crate::knowledge::Source;
use crate::knowledge::deadlines::{Rule, rule};
use crate::knowledge::help::{HelpLine, MEDICARE, SHIP};
use crate::workflow::step::Step;

/// What regulatory_check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegulatoryFindings {
    /// The ids of the deadline rules that stand behind the reply.
    pub rules: Vec<String>,
}

/// The step: a deadline whose rule is not in the table does not pass.
///
/// # Errors
/// [`StepError`].
pub fn run(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    let deadline = input.state.strategy.as_ref().and_then(|strategy| strategy.deadline.as_ref());
    let rules = deadline.and_then(|deadline| rule(&deadline.rule)).map(|rule| rule.id.to_owned()).into_iter().collect();
    Ok(StepOutput {
        agent: AgentName::Regulatory,
        delta: delta("regulatory", &RegulatoryFindings { rules })?,
        agent_state: None,
        next: Next::Step(Step::ChatResponse),
    })
}

/// The citation for a deadline rule.
pub(super) fn cite_rule(rule: &Rule) -> Citation {
    cite(&rule.source, rule.summary().en)
}

/// The citations for the help lines that every reply may name.
pub(super) fn cite_help() -> Vec<Citation> {
    [MEDICARE, SHIP].iter().map(cite_line).collect()
}

pub(super) fn cite_line(line: &HelpLine) -> Citation {
    cite(&line.source, line.text.to_owned())
}

fn cite(source: &Source, excerpt: String) -> Citation {
    let title = match source.page {
        Some(page) => format!("{}, page {page}", source.title),
        None => source.title.to_owned(),
    };
    Citation {
        id: String::new(),
        title,
        url: source.url.to_owned(),
        effective: Some(source.verified.to_owned()),
        excerpt,
    }
}
