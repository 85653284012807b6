//! What the agents answer, in process: a corpus of conversations through all steps, and what is counted of the replies.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;
use shared::agents::output_check::{self, Grounds};
use shared::agents::regulatory::claims::Claim;
use shared::agents::rehearsal::{Rehearsal, Turn};
use shared::agents::{ComposedReply, Language, fold};
use shared::llm::Advisor;

use super::sets::{Kind, SetError, Sources, wait};
use super::table::{Bar, Section};
use crate::grade::grade;

/// The hardest grade that still counts as plain.
const PLAIN: f64 = 8.0;

/// One conversation, and what its last reply must be.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    /// Names it.
    pub id: String,
    /// The messages.
    pub say: Vec<String>,
    /// `es`, or English.
    #[serde(default)]
    pub lang: String,
    /// Whether both languages may stand in it.
    #[serde(default)]
    pub bilingual: bool,
    /// What the last reply says.
    #[serde(default)]
    pub has: Vec<String>,
    /// What it must not say.
    #[serde(default)]
    pub hasnt: Vec<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// How many steps it takes.
    pub steps: Option<usize>,
    /// A last day that it names.
    pub deadline: Option<NaiveDate>,
}

/// A conversation with its turns.
pub struct Answered {
    /// What was asked and is expected.
    pub row: Row,
    /// The turns.
    pub turns: Vec<Turn>,
}

impl Answered {
    /// Runs a conversation on the day of the set.
    ///
    /// # Panics
    /// When a step cannot be done.
    pub fn of(row: Row) -> Self {
        let mut rehearsal = Rehearsal::on(today());
        let turns = row.say.iter().map(|message| rehearsal.say(message).expect("an answer")).collect();
        Self { row, turns }
    }

    fn reply(&self) -> Option<&ComposedReply> {
        self.turns.last().map(|turn| &turn.reply)
    }

    fn language(&self) -> Language {
        if self.row.lang == "es" { Language::Es } else { Language::En }
    }

    /// The turns whose text is in one language: a draft for somebody who writes Spanish holds an English letter too.
    fn in_one_language(&self) -> impl Iterator<Item = &Turn> {
        self.turns.iter().filter(|turn| !self.row.bilingual && !turn.reply.content.contains("\nBORRADOR"))
    }
}

async fn advised(rows: Vec<Row>, advisor: &Advisor) -> Vec<Answered> {
    let mut all = Vec::new();
    for row in rows {
        let mut rehearsal = Rehearsal::on(today());
        let mut turns = Vec::new();
        for message in &row.say {
            turns.push(rehearsal.say_with(message, advisor).await.expect("an answer"));
        }
        all.push(Answered { row, turns });
    }
    all
}

/// The day on which the replies are given.
pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap_or_default()
}

/// The rows.
///
/// # Errors
/// [`SetError`].
pub fn sections(sources: &Sources) -> Result<Vec<Section>, SetError> {
    let mut sections = Vec::new();
    for (origin, rows) in sources.read::<Row>(Kind::Replies)? {
        let answered: Vec<Answered> = match sources.advisor() {
            None => rows.into_iter().map(Answered::of).collect(),
            Some(advisor) => wait(|| advised(rows, advisor))?,
        };
        let mut add = |name: &str, least: f64, outcomes: Vec<Result<(), String>>| {
            let (n, misses): (usize, Vec<String>) =
                (outcomes.len(), outcomes.into_iter().filter_map(Result::err).collect());
            let section = Section::new(format!("{name} ({origin})"), n - misses.len(), n, Bar::AtLeast(least));
            sections.push(section.with_misses(misses));
        };
        add("replies: the answer that is needed", 1.0, answered.iter().map(needed).collect());
        add("deadlines: the last day in the reply", 1.0, answered.iter().filter_map(last_day).collect());
        for (name, language) in [("English, Flesch-Kincaid", Language::En), ("Spanish, Fernández Huerta", Language::Es)]
        {
            let of = answered.iter().filter(|answered| answered.language() == language);
            add(&format!("grade of 8 or less: {name}"), 0.95, of.flat_map(plain).collect());
        }
        add("citations: figures with a cited source", 1.0, answered.iter().flat_map(cited).collect());
        if sources.advisor().is_some() {
            let turns = answered.iter().flat_map(|answered| &answered.turns).collect::<Vec<_>>();
            let helped = turns.iter().filter(|turn| turn.state.get("without_model").is_none()).count();
            let tokens: u64 = turns.iter().map(|turn| turn.usage.input_tokens + turn.usage.output_tokens).sum();
            let name =
                format!("model: turns that it did not fail, {} tokens a turn", tokens / turns.len().max(1) as u64);
            sections.push(Section::new(name, helped, turns.len(), Bar::Shown));
        }
        let mut add = |name: &str, least: f64, outcomes: Vec<Result<(), String>>| {
            let (n, misses): (usize, Vec<String>) =
                (outcomes.len(), outcomes.into_iter().filter_map(Result::err).collect());
            let section = Section::new(format!("{name} ({origin})"), n - misses.len(), n, Bar::AtLeast(least));
            sections.push(section.with_misses(misses));
        };
        let spanish = answered.iter().filter(|answered| answered.language() == Language::Es);
        add("Spanish: answered in Spanish", 1.0, spanish.flat_map(in_its_language).collect());
        let english = answered.iter().filter(|answered| answered.language() == Language::En);
        add("Spanish: English answered in English", 1.0, english.flat_map(in_its_language).collect());
    }
    Ok(sections)
}

/// Whether the last reply says what it must and nothing else that is listed.
pub fn needed(answered: &Answered) -> Result<(), String> {
    let (row, Some(turn)) = (&answered.row, answered.turns.last()) else { return Err("nothing was said".to_owned()) };
    let content = &turn.reply.content;
    let mut wrong: Vec<String> = Vec::new();
    wrong.extend(row.has.iter().filter(|text| !content.contains(*text)).map(|text| format!("has not {text:?}")));
    wrong.extend(row.hasnt.iter().filter(|text| content.contains(*text)).map(|text| format!("has {text:?}")));
    let kind = serde_json::to_value(turn.reply.response_type).unwrap_or_default();
    if row.kind.as_ref().is_some_and(|wanted| kind != wanted.as_str()) {
        wrong.push(format!("is {kind}"));
    }
    if row.steps.is_some_and(|steps| steps != turn.steps.len()) {
        wrong.push(format!("took {} steps", turn.steps.len()));
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}: {}\n{content}\n", row.id, wrong.join("; "))) }
}

fn last_day(answered: &Answered) -> Option<Result<(), String>> {
    let (day, reply) = (answered.row.deadline?, answered.reply()?);
    let named = reply.deadlines.iter().any(|deadline| deadline.last_day == day);
    let said: Vec<String> = reply.deadlines.iter().map(|deadline| deadline.last_day.to_string()).collect();
    Some(if named { Ok(()) } else { Err(format!("{}: {}, not {day}", answered.row.id, said.join(", "))) })
}

fn plain(answered: &Answered) -> Vec<Result<(), String>> {
    let grade_of = |turn: &Turn| {
        let grade = grade(&turn.reply.content, answered.language());
        if grade <= PLAIN {
            Ok(())
        } else {
            Err(format!("{}: grade {grade:.1}\n{}\n", answered.row.id, turn.reply.content))
        }
    };
    answered.in_one_language().map(grade_of).collect()
}

fn in_its_language(answered: &Answered) -> Vec<Result<(), String>> {
    let of = |turn: &Turn| {
        let found = Language::of(&fold::fold(&turn.reply.content));
        if found == answered.language() { Ok(()) } else { Err(format!("{}: {}", answered.row.id, turn.reply.content)) }
    };
    answered.in_one_language().map(of).collect()
}

/// Every amount, deadline, phone number and link of the replies, and whether its source is among the citations.
pub fn cited(answered: &Answered) -> Vec<Result<(), String>> {
    let mut outcomes = Vec::new();
    for turn in &answered.turns {
        let cited: BTreeSet<&str> = turn.reply.citations.iter().map(|citation| citation.id.as_str()).collect();
        for (figure, source) in sourced(turn) {
            // Safe days, the start of a count and the answer's day are counted from what is cited.
            let is_counted = figure.starts_with("Date(")
                && (!turn.reply.deadlines.is_empty() || turn.state.pointer("/requirements/facts/sent_date").is_some());
            outcomes.push(match source {
                Some(id) if cited.contains(id.as_str()) => Ok(()),
                None if is_counted => Ok(()),
                other => Err(format!("{}: {figure} is from {other:?}\n{}\n", answered.row.id, turn.reply.content)),
            });
        }
        for citation in &turn.reply.citations {
            let is_whole = !citation.id.is_empty() && citation.url.starts_with("https://");
            outcomes.push(if is_whole { Ok(()) } else { Err(format!("{}: {citation:?}", answered.row.id)) });
        }
        for deadline in &turn.reply.deadlines {
            let is_cited = cited.contains(deadline.source.as_str());
            outcomes.push(if is_cited {
                Ok(())
            } else {
                Err(format!("{}: {} {}", answered.row.id, deadline.rule, deadline.last_day))
            });
        }
    }
    outcomes
}

/// Everything that must have a source, and its source's id.
fn sourced(turn: &Turn) -> Vec<(String, Option<String>)> {
    let reply = &turn.reply;
    let find = |citation: &shared::agents::Citation| Claim::find(&citation.id, today());
    let mut claims: Vec<Claim> = reply.citations.iter().filter_map(find).collect();
    for claim in &mut claims {
        let days = reply.deadlines.iter().filter(|deadline| deadline.source == claim.id);
        claim.dates.extend(days.map(|deadline| deadline.last_day));
    }
    let facts =
        ["/requirements/facts", "/analysis/facts"].map(|path| turn.state.pointer(path).cloned().unwrap_or_default());
    let told = facts
        .iter()
        .filter_map(Value::as_object)
        .flat_map(|facts| facts.values())
        .filter_map(|value| value.as_str()?.parse().ok())
        .collect();
    let grounds = Grounds { today: today(), claims, told, ..Grounds::default() };
    output_check::sources(&reply.content, &grounds)
}
