//! regulatory: every claim of the reply gets its source, or goes.
//!
//! **Takes** the ids of the facts that a plan or an answer wants to state, and the passages that were looked up for its
//! `search`. **Gives** the ids that are supported ([`RegulatoryFindings::sources`]), those that are not, and sentences of
//! the passages to quote. The reply states what is in the findings and nothing else.
//!
//! How it decides. A shipped fact is supported when it is in the table and holds today: an amount that has expired is not,
//! and the reply then says where to look. A deadline is counted again from the facts, and goes when the day is another one.
//! A passage counts when it comes from an official host (or is the person's own document), holds nothing that reads like an
//! instruction or markup, and shares terms with the question; of it the one sentence that shares most is quoted, and a
//! sentence with an amount only when the title names this year and our table has the amount too, and none that speaks of a
//! time that is over ("through 2025").
//!
//! Invariants: no claim is added, only taken away; a passage is data, never followed; no passage at all is fine.

pub mod claims;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use self::claims::Claim;
use super::fold::Text;
use super::output_check::{has_markup, sentences_of};
use super::patient_navigator::Intent;
use super::prompt_security::{Severity, inspect};
use super::service_access_strategy::{Strategy, counted};
use super::task_requirements::{Need, things};
use super::turn::{Facts, TurnState};
use super::{AgentName, Evidence, Next, StepError, StepInput, StepOutput, delta};
use crate::knowledge::amounts::amounts;
use crate::knowledge::dates;
use crate::workflow::step::Step;

/// What regulatory_check found.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub struct RegulatoryFindings {
    /// The ids of the deadline rules that stand behind the reply.
    pub rules: Vec<String>,
    /// The ids of all facts that it may state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// The ids of the facts that it may not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsupported: Vec<String>,
    /// Sentences to quote, each with its passage's source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quotes: Vec<Evidence>,
}

/// At most so many passages are quoted.
const MOST_QUOTES: usize = 2;
/// A longer sentence is not quoted, characters.
const LONGEST_QUOTE: usize = 260;

/// The step: a claim whose source is not there does not pass.
///
/// # Errors
/// [`StepError`].
pub fn run(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    let findings = check(input);
    Ok(StepOutput {
        agent: AgentName::Regulatory,
        delta: delta("regulatory", &findings)?,
        agent_state: None,
        next: Next::Step(Step::ChatResponse),
    })
}

fn check(input: &StepInput<'_>) -> RegulatoryFindings {
    let state = input.state;
    let wanted = wanted(state);
    let wrong = state.strategy.as_ref().and_then(|strategy| wrong_deadline(strategy, state, input));
    let is_supported = |id: &String| Some(id) != wrong.as_ref() && Claim::find(id, input.today).is_some();
    let (mut sources, unsupported): (Vec<String>, Vec<String>) = wanted.into_iter().partition(is_supported);
    for passage in input.evidence.iter().filter(|_| wants_quotes(state, input.message)) {
        // A shipped fact that was looked up is stated in our own words.
        let is_answer = passage.id.starts_with("fact:term-") && state.strategy.is_none();
        if is_answer && sources.is_empty() && Claim::find(&passage.id, input.today).is_some() {
            sources.push(passage.id.clone());
        }
    }
    RegulatoryFindings {
        rules: deadline_rules(state, &sources),
        quotes: if wants_quotes(state, input.message) { quotes(input) } else { Vec::new() },
        sources,
        unsupported,
    }
}

/// The facts that the steps before want to state.
pub fn wanted(state: &TurnState) -> Vec<String> {
    let of_plan = state.strategy.as_ref().map(Strategy::claims).unwrap_or_default();
    let terms = state.qa.iter().flat_map(|answer| &answer.terms);
    let mut ids: Vec<String> = Vec::new();
    for id in of_plan.into_iter().chain(terms.map(|word| format!("fact:term-{}", word.replace(' ', "-")))) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn deadline_rules(state: &TurnState, sources: &[String]) -> Vec<String> {
    let deadline = state.strategy.as_ref().and_then(|strategy| strategy.deadline.as_ref());
    let is_supported = |rule: &&String| sources.iter().any(|id| id.strip_prefix("fact:") == Some(rule.as_str()));
    deadline.map(|deadline| &deadline.rule).filter(is_supported).cloned().into_iter().collect()
}

/// The facts that a turn knows.
pub fn facts_of(state: &TurnState) -> Facts {
    let required = state.requirements.as_ref().map(|requirements| &requirements.facts);
    let analysed = state.analysis.as_ref().map(|analysis| &analysis.facts);
    // What task_requirements found is complete; a run that was begun before it kept facts has those of the analysis.
    let found = required.filter(|facts| !facts.is_empty()).or(analysed).unwrap_or(&state.carried.facts);
    found.clone()
}

/// The id of a deadline that is another day when it is counted again.
fn wrong_deadline(strategy: &Strategy, state: &TurnState, input: &StepInput<'_>) -> Option<String> {
    let deadline = strategy.deadline.as_ref()?;
    let again = counted(deadline, &facts_of(state), strategy.plan_type, input.today);
    let is_right = again.is_some_and(|(_, counted)| counted.last_day == deadline.last_day);
    (!is_right).then(|| format!("fact:{}", deadline.rule))
}

/// Whether a passage can answer: where there is a plan with its own sources, it is not needed.
fn wants_quotes(state: &TurnState, message: &str) -> bool {
    if let Some(strategy) = &state.strategy {
        let is_general = !strategy.plan.amounts.is_empty() || strategy.plan.letter.is_some();
        return !is_general
            && match strategy.plan.need {
                Some(Need::Coverage | Need::Costs | Need::PriorAuthorization | Need::Bill | Need::Representative) => {
                    true
                }
                Some(Need::Unclear) => is_question(message),
                _ => false,
            };
    }
    state.qa.as_ref().is_some_and(|answer| {
        answer.terms.is_empty()
            && !matches!(answer.intent, Intent::Smalltalk | Intent::MedicalAdvice | Intent::HumanHelp)
    })
}

fn quotes(input: &StepInput<'_>) -> Vec<Evidence> {
    let said = input.state.search.iter().flat_map(|query| query.split(' '));
    let terms: Vec<&str> = said.filter(|term| term.len() > 1 && !GENERAL.contains(term)).collect();
    let mut quotes: Vec<(usize, Evidence)> = Vec::new();
    for passage in input.evidence.iter().filter(|passage| is_trusted(passage, input)) {
        if let Some((shared, sentence)) = best_sentence(passage, &terms, input) {
            let title: String = passage.title.chars().take(120).collect();
            quotes.push((shared, Evidence { excerpt: sentence, title, ..passage.clone() }));
        }
    }
    quotes.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
    quotes.into_iter().map(|(_, quote)| quote).take(MOST_QUOTES).collect()
}

/// From an official host over TLS, or the person's own document; and nothing but text.
fn is_trusted(passage: &Evidence, input: &StepInput<'_>) -> bool {
    let host =
        passage.url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let is_official =
        host.ends_with(".gov") && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    let found = inspect(&passage.excerpt, input.today);
    let is_order = found.severity.is_some_and(|severity| severity >= Severity::Medium);
    let is_shipped = passage.id.starts_with("fact:");
    (is_official || passage.url.is_empty())
        && !is_shipped
        && !is_order
        && !has_markup(&passage.title)
        && !has_markup(&passage.excerpt)
}

/// Beginnings of sentences that only say where to look.
const POINTERS: [&str; 8] = ["Visit ", "See ", "Go to ", "Call ", "For more ", "Learn ", "Get more ", "Read "];
/// Beginnings of questions without a question mark.
const ASKS: [&str; 22] = [
    "what", "how", "when", "where", "who", "why", "which", "can", "could", "does", "do", "did", "is", "are", "will",
    "should", "que", "como", "cuando", "donde", "quien", "puedo",
];

fn is_question(message: &str) -> bool {
    message.contains(['?', '¿']) || Text::new(message).words().next().is_some_and(|word| ASKS.contains(&word))
}

fn says_what_is_paid(sentence: &str) -> bool {
    Text::new(sentence).words().any(|word| matches!(word, "cover" | "covers" | "covered" | "pay" | "pays" | "paid"))
}

/// Whether each amount of a sentence is one of our table that holds today: booklets of this year print some of last year.
fn holds_its_amounts(sentence: &str, today: NaiveDate) -> bool {
    let is_figure = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.');
    let figures = sentence
        .split('$')
        .skip(1)
        .map(|rest| rest.split(|c: char| !is_figure(c)).next().unwrap_or_default().trim_end_matches([',', '.']));
    let holding = || amounts().iter().filter(|amount| (amount.effective..=amount.expires).contains(&today));
    figures.into_iter().all(|figure| {
        let is_it = |value: &str| {
            value.split(|c: char| !is_figure(c)).any(|known| known.trim_end_matches([',', '.']) == figure)
        };
        figure == "0" || (!figure.is_empty() && holding().any(|amount| is_it(amount.value.en)))
    })
}

/// Whether a sentence speaks of a time that is over: "through 2025", "until January 30, 2026".
fn is_out_of_date(sentence: &str, today: NaiveDate) -> bool {
    const ENDS: [&str; 12] = [
        "until", "till", "through", "thru", "ends", "ended", "ending", "expires", "expired", "hasta", "termina",
        "vence",
    ];
    const WORDS_BEHIND: usize = 6;
    let text = Text::new(sentence);
    let words: Vec<&str> = text.words().collect();
    let ends: Vec<usize> =
        (0..words.len()).filter(|at| words.get(*at).is_some_and(|word| ENDS.contains(word))).collect();
    let is_past_year =
        |word: &str| word.parse().is_ok_and(|year: i32| (2000..chrono::Datelike::year(&today)).contains(&year));
    let names_past_year = |at: &usize| words.iter().skip(at + 1).take(WORDS_BEHIND).any(|word| is_past_year(word));
    let is_past = |found: &dates::Found| found.precision == dates::Precision::Written && found.date < today;
    !ends.is_empty() && (ends.iter().any(names_past_year) || dates::find_all(sentence, today).iter().any(is_past))
}

/// Terms that stand in every other passage: they choose none.
const GENERAL: [&str; 14] = [
    "medicare",
    "plan",
    "plans",
    "insurance",
    "health",
    "cover",
    "covers",
    "covered",
    "coverage",
    "pay",
    "pays",
    "cost",
    "costs",
    "service",
];

/// The sentence that shares most terms with the question, and how many: at least two, or the only one there is; and, with
/// its title, the name of the care that the question is about, as the texts write it.
fn best_sentence(passage: &Evidence, terms: &[&str], input: &StepInput<'_>) -> Option<(usize, String)> {
    let this_year = Claim::of_passage(passage).plan_year == Some(chrono::Datelike::year(&input.today));
    let is_fit = |sentence: &String| {
        let length = sentence.chars().count();
        (30..=LONGEST_QUOTE).contains(&length)
            && (!sentence.contains('$') || (this_year && holds_its_amounts(sentence, input.today)))
            && !is_out_of_date(sentence, input.today)
            && sentence.ends_with(['.', '!'])
            && !sentence.contains('•')
            && !sentence.starts_with(|c: char| c.is_lowercase())
            && !POINTERS.iter().any(|word| sentence.starts_with(word))
    };
    let stands = |text: &Text, term: &str| {
        let bare = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
        text.words().any(|word| bare(word) == bare(term))
    };
    let shared = |sentence: &String| {
        let words = Text::new(sentence);
        terms.iter().filter(|term| stands(&words, term)).count()
    };
    let asked = things::service(&Text::new(input.message)).filter(|service| things::is_exact(service.en));
    let named = asked.map(things::text_words).unwrap_or_default();
    let is_about_it = |sentence: &String| {
        let text = Text::new(&format!("{} {sentence}", passage.title));
        named.iter().all(|word| stands(&text, word))
    };
    let needed = terms.len().clamp(1, 2);
    // An excerpt that begins inside a text may begin inside a sentence.
    let partial = usize::from(passage.excerpt.starts_with('…'));
    sentences_of(&passage.excerpt)
        .into_iter()
        .skip(partial)
        .filter(|sentence| is_fit(sentence) && is_about_it(sentence))
        .filter(|sentence| shared(sentence) >= needed)
        .map(|sentence| (2 * shared(&sentence) + usize::from(says_what_is_paid(&sentence)), sentence))
        .max_by_key(|(shared, sentence)| (*shared, std::cmp::Reverse(sentence.len())))
}

#[cfg(test)]
mod tests;
