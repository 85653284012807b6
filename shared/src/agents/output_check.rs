//! The output check: what a reply says is held against its sources, whoever wrote it.
//!
//! A reply may state dates, spans of time, amounts, percentages, phone numbers and links only as a claim of the turn has
//! them (phone numbers and addresses of help also from the shipped lines); an amount only with the year it holds for; no
//! coverage, network or cost of a person's plan, unless the sentence is that of a source; no medical advice, no promise of
//! success, no part of a prompt, no internal name, no identifier of a person, no markup. In an emergency the number to call
//! comes first.
//!
//! A sentence that breaks a rule is taken out; when too little is left, a safe reply takes the place of the rest. What is
//! left gets the citations it needs, so that every figure of a reply carries a source's id.
//!
//! Invariants: a pure function, linear in the reply; it adds nothing to the text.

mod identifiers;
mod numbers;
mod sentences;
mod tokens;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Serialize;

use super::fold::fold;
use super::prompt_security::Emergency;
use super::regulatory::claims::{Claim, Use, known_lines};
use super::{ComposedReply, Language, ResponseType, chat_communicator};
use crate::knowledge::dates::{self, Role};
use tokens::Token;

/// A longer reply is no answer to a person.
const MOST_BYTES: usize = 16 * 1024;
/// With fewer words left a reply says nothing.
const FEWEST_WORDS: usize = 8;

/// What a rule is broken with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ViolationKind {
    /// A date that no claim has.
    Date,
    /// A span of time that no claim has.
    Span,
    /// A phone number that is nobody's.
    Phone,
    /// An address that no source has.
    Link,
    /// An amount or percentage that no claim has.
    Amount,
    /// An amount without the year it holds for.
    AmountWithoutYear,
    /// Coverage, network or cost of a plan without a source.
    Coverage,
    /// Advice that only a clinician may give.
    MedicalAdvice,
    /// A promise of success.
    Promise,
    /// Part of a prompt, or an internal name.
    Internal,
    /// A Social Security or Medicare number.
    Identifier,
    /// HTML, an image, a script.
    Markup,
    /// An emergency that is not answered first.
    EmergencyNotFirst,
    /// A citation or deadline that rests on no claim.
    UnknownSource,
    /// More than a person reads.
    TooLong,
}

/// A rule that was broken, and by which sentence.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Violation {
    /// The rule.
    pub kind: ViolationKind,
    /// The sentence.
    pub sentence: String,
}

/// What a reply may rest on.
#[derive(Clone, Default)]
#[cfg_attr(test, derive(Debug))]
pub struct Grounds<'a> {
    /// Today.
    pub today: NaiveDate,
    /// The reply's language.
    pub language: Language,
    /// The emergency that the reply is about, if there is one.
    pub emergency: Option<Emergency>,
    /// What the turn found, with its sources.
    pub claims: Vec<Claim>,
    /// Dates that the person gave: they may be said again, but not as a last day.
    pub told: Vec<NaiveDate>,
    /// What was said to the model that wrote the reply.
    pub prompt: &'a [&'a str],
}

/// A reply that was checked.
pub struct Checked {
    /// What may be said, with its citations.
    pub reply: ComposedReply,
    /// What was taken out.
    pub violations: Vec<Violation>,
}

/// What breaks the rules in a reply.
pub fn check(reply: &ComposedReply, grounds: &Grounds<'_>) -> Vec<Violation> {
    enforce(reply.clone(), grounds).violations
}

/// Takes out what breaks the rules, and cites the rest.
pub fn enforce(reply: ComposedReply, grounds: &Grounds<'_>) -> Checked {
    let judge = Judge::new(grounds);
    let mut violations = Vec::new();
    if let Some(emergency) = grounds.emergency
        && !names_help_first(&reply, emergency)
    {
        violations.push(Violation { kind: ViolationKind::EmergencyNotFirst, sentence: String::new() });
        return Checked { reply: chat_communicator::in_an_emergency(emergency, grounds.language), violations };
    }
    let is_too_long = reply.content.len() > MOST_BYTES;
    if is_too_long {
        violations.push(Violation { kind: ViolationKind::TooLong, sentence: String::new() });
    }
    let mut reply = if is_too_long { chat_communicator::safe_reply(grounds.language) } else { reply };
    reply.content = judge.cleaned(&reply.content, &mut violations);
    reply.next_steps.retain(|step| {
        let broken = judge.broken(step);
        violations.extend(broken.iter().map(|kind| Violation { kind: *kind, sentence: step.clone() }));
        broken.is_empty()
    });
    judge.keep_sources(&mut reply, &mut violations);
    if !violations.is_empty() && says_nothing(&reply.content) {
        reply = chat_communicator::safe_reply(grounds.language);
    }
    judge.complete_citations(&mut reply);
    Checked { reply, violations }
}

/// The ids of the sources that stand behind a text's figures; `None` for one that has none. Tests count with it.
pub fn sources(text: &str, grounds: &Grounds<'_>) -> Vec<(String, Option<String>)> {
    let judge = Judge::new(grounds);
    let found = tokens::find(text, grounds.today);
    let needs_source = |token: &&Token| !matches!(token, Token::Date(date) if grounds.told.contains(date));
    found
        .iter()
        .filter(needs_source)
        .map(|token| (format!("{token:?}"), judge.source(token).map(|claim| claim.id.clone())))
        .collect()
}

fn names_help_first(reply: &ComposedReply, emergency: Emergency) -> bool {
    let number = match emergency {
        Emergency::Medical => "911",
        Emergency::Crisis => "988",
    };
    let beginning: String = reply.content.chars().take(300).collect();
    reply.response_type == ResponseType::Emergency && fold(&beginning).contains(&format!(" {number} "))
}

fn says_nothing(content: &str) -> bool {
    fold(content).split_whitespace().count() < FEWEST_WORDS
}

/// The shipped lines, and what stands in them.
static KNOWN: LazyLock<(Vec<Claim>, BTreeMap<Token, usize>)> = LazyLock::new(|| {
    let lines: Vec<Claim> = known_lines().collect();
    let mut known = BTreeMap::new();
    for (number, line) in lines.iter().enumerate() {
        for token in tokens::find(&line.words.en, NaiveDate::MIN) {
            if matches!(token, Token::Phone(_) | Token::Link(_)) {
                known.entry(token).or_insert(number);
            }
        }
    }
    (lines, known)
});

struct Judge<'a> {
    grounds: &'a Grounds<'a>,
    /// Each figure of the claims, and the first claim that has it.
    allowed: BTreeMap<Token, usize>,
    /// What the sources say, folded: a sentence of theirs may be said.
    texts: Vec<String>,
    /// The last days to act or to answer.
    last_days: BTreeSet<NaiveDate>,
    /// How long a person has to act, and how long the other side has to answer.
    to_act: BTreeSet<Token>,
    to_answer: BTreeSet<Token>,
    /// Runs of words of the prompt.
    prompt: BTreeSet<String>,
}

impl<'a> Judge<'a> {
    fn new(grounds: &'a Grounds<'a>) -> Self {
        let mut allowed = BTreeMap::new();
        for (number, claim) in grounds.claims.iter().enumerate() {
            let texts = [&claim.words.en, &claim.words.es];
            let found = texts.into_iter().flat_map(|text| tokens::find(text, grounds.today));
            let dates = claim.dates.iter().map(|date| Token::Date(*date));
            let link = tokens::link(claim.url()).map(Token::Link);
            for token in found.chain(dates).chain(link) {
                allowed.entry(token).or_insert(number);
            }
        }
        let texts = grounds.claims.iter().flat_map(|claim| [fold(&claim.words.en), fold(&claim.words.es)]).collect();
        let times = |use_: Use| {
            let claims = grounds.claims.iter().filter(move |claim| claim.time == Some(use_));
            claims.flat_map(|claim| tokens::find(&claim.span.en, grounds.today)).collect()
        };
        let last_days = grounds.claims.iter().flat_map(|claim| claim.last_days(grounds.today)).collect();
        let prompt = grounds.prompt.iter().flat_map(|text| runs(&fold(text))).collect();
        Self { grounds, allowed, texts, last_days, to_act: times(Use::ToAct), to_answer: times(Use::ToAnswer), prompt }
    }

    fn source(&self, token: &Token) -> Option<&Claim> {
        let claim = self.allowed.get(token).and_then(|number| self.grounds.claims.get(*number));
        let line = KNOWN.1.get(token).and_then(|number| KNOWN.0.get(*number));
        // A number or address that a fact names in passing is that of the line itself.
        line.or(claim)
    }

    fn cleaned(&self, content: &str, violations: &mut Vec<Violation>) -> String {
        let was = sentences::lines(content);
        let mut lines = was.clone();
        let mut is_broken = false;
        for line in &mut lines {
            line.sentences.retain(|sentence| {
                let broken = self.broken(sentence);
                violations.extend(broken.iter().map(|kind| Violation { kind: *kind, sentence: sentence.clone() }));
                is_broken |= !broken.is_empty();
                broken.is_empty()
            });
        }
        if is_broken { sentences::join(&lines, &was) } else { content.to_owned() }
    }

    /// The rules that a sentence breaks.
    fn broken(&self, sentence: &str) -> Vec<ViolationKind> {
        let mut broken = BTreeSet::new();
        let found = tokens::find(sentence, self.grounds.today);
        broken.extend(found.iter().filter_map(|token| self.broken_by(token, sentence)));
        let is_wrong_day = |found: &dates::Found| found.role == Role::Deadline && !self.last_days.contains(&found.date);
        if dates::find_all(sentence, self.grounds.today).iter().any(is_wrong_day) {
            broken.insert(ViolationKind::Date);
        }
        if self.is_wrong_time(sentence, &found) {
            broken.insert(ViolationKind::Span);
        }
        if identifiers::is_in(sentence) {
            broken.insert(ViolationKind::Identifier);
        }
        if has_markup(sentence) {
            broken.insert(ViolationKind::Markup);
        }
        let folded = fold(sentence);
        if identifiers::has_internal_name(sentence) || runs(&folded).any(|run| self.prompt.contains(&run)) {
            broken.insert(ViolationKind::Internal);
        }
        if !self.is_of_a_source(&folded) {
            broken.extend(words::find(&self.without_quotes(sentence)));
        }
        broken.into_iter().collect()
    }

    fn broken_by(&self, token: &Token, sentence: &str) -> Option<ViolationKind> {
        let claim = self.source(token);
        match token {
            Token::Date(date) if self.grounds.told.contains(date) || *date == self.grounds.today => None,
            Token::Date(_) => claim.is_none().then_some(ViolationKind::Date),
            Token::Span(..) if self.is_since_told(token) => None,
            Token::Span(..) => claim.is_none().then_some(ViolationKind::Span),
            Token::Phone(_) => claim.is_none().then_some(ViolationKind::Phone),
            Token::Link(_) => claim.is_none().then_some(ViolationKind::Link),
            Token::Percent(_) => claim.is_none().then_some(ViolationKind::Amount),
            Token::Foreign => Some(ViolationKind::Amount),
            Token::Money(_) => match claim.map(|claim| claim.plan_year) {
                // An example in the meaning of a word.
                Some(None) if self.is_of_a_source(&fold(sentence)) => None,
                None | Some(None) => Some(ViolationKind::Amount),
                Some(Some(year)) if sentence.contains(&year.to_string()) => None,
                Some(Some(_)) => Some(ViolationKind::AmountWithoutYear),
            },
        }
    }

    /// How many years ago a date was that the person gave.
    fn is_since_told(&self, token: &Token) -> bool {
        let years = |date: &NaiveDate| self.grounds.today.years_since(*date);
        matches!(token, Token::Span(count, numbers::Unit::Year) if self.grounds.told.iter().filter_map(years).any(|years| years == *count))
    }

    /// A time to act or to answer that is another one's: the 30 days of the plan are not those of the person.
    fn is_wrong_time(&self, sentence: &str, found: &[Token]) -> bool {
        let spans = || found.iter().filter(|token| matches!(token, Token::Span(..)));
        if spans().next().is_none() || self.is_of_a_source(&fold(sentence)) {
            return false;
        }
        match words::clock(sentence) {
            Some(words::Clock::ToAct) => spans().any(|span| !self.to_act.contains(span)),
            Some(words::Clock::ToAnswer) => spans().any(|span| !self.to_answer.contains(span)),
            None => false,
        }
    }

    fn is_of_a_source(&self, folded: &str) -> bool {
        folded.split_whitespace().count() > 3 && self.texts.iter().any(|text| text.contains(folded))
    }

    /// A sentence without what it quotes from a source, or gives a person to ask.
    fn without_quotes(&self, sentence: &str) -> String {
        let mut rest = sentence;
        let mut kept = String::new();
        while let Some((before, quoted)) = rest.split_once(['“', '«']) {
            let Some((inside, after)) = quoted.split_once(['”', '»']) else { break };
            kept.push_str(before);
            let is_question = inside.trim_end().ends_with('?');
            if !is_question && !self.is_of_a_source(&fold(inside.trim_end_matches('…'))) {
                kept.push_str(inside);
            }
            rest = after;
        }
        kept + rest
    }

    fn keep_sources(&self, reply: &mut ComposedReply, violations: &mut Vec<Violation>) {
        let claims = &self.grounds.claims;
        let mut unknown = 0;
        reply.citations.retain(|citation| {
            let is_known =
                claims.iter().chain(&KNOWN.0).any(|claim| claim.id == citation.id && claim.url() == citation.url);
            unknown += usize::from(!is_known);
            is_known
        });
        reply.deadlines.retain(|deadline| {
            let is_known =
                claims.iter().any(|claim| claim.id == deadline.source && claim.dates.contains(&deadline.last_day));
            unknown += usize::from(!is_known);
            is_known
        });
        let broken = Violation { kind: ViolationKind::UnknownSource, sentence: String::new() };
        violations.extend(std::iter::repeat_n(broken, unknown));
    }

    /// Cites the source of each figure.
    fn complete_citations(&self, reply: &mut ComposedReply) {
        let text = std::iter::once(&reply.content).chain(&reply.next_steps);
        let found: BTreeSet<Token> = text.flat_map(|text| tokens::find(text, self.grounds.today)).collect();
        for claim in found.iter().filter_map(|token| self.source(token)) {
            if !reply.citations.iter().any(|citation| citation.id == claim.id) {
                reply.citations.push(claim.citation(self.grounds.language));
            }
        }
    }
}

/// Whether a Social Security or Medicare number stands in a text.
pub(super) fn holds_identifier(text: &str) -> bool {
    identifiers::is_in(text)
}

/// The sentences of a text.
pub(super) fn sentences_of(text: &str) -> Vec<String> {
    sentences::lines(text).into_iter().flat_map(|line| line.sentences).collect()
}

/// Every eight words in a row of a folded text.
fn runs(folded: &str) -> impl Iterator<Item = String> + use<> {
    let words: Vec<&str> = folded.split_whitespace().collect();
    words.windows(8).map(|run| run.join(" ")).collect::<Vec<_>>().into_iter()
}

/// Whether a text holds HTML, an image or a marker of a model format.
pub(super) fn has_markup(sentence: &str) -> bool {
    let mut rest = sentence;
    while let Some((_, after)) = rest.split_once('<') {
        if after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '|')) {
            return true;
        }
        rest = after;
    }
    sentence.contains("![")
}

#[cfg(test)]
mod tests;
