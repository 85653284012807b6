//! A reply while it is written: its text, and the claims that its figures are from.
//!
//! Invariant: a claim is written only when regulatory supports it, and is cited as soon as it is.

use chrono::NaiveDate;

use super::safety::Answers;
use crate::agents::patient_navigator::place;
use crate::agents::regulatory::claims::Claim;
use crate::agents::regulatory::{facts_of, wanted};
use crate::agents::task_requirements::with_state;
use crate::agents::turn::{Facts, Language};
use crate::agents::{ComposedReply, DatedDeadline, StepInput};
use crate::knowledge::dates::Odd;
use crate::knowledge::help::{self, HelpLine, MEDICARE, SHIP};
use crate::knowledge::{Text, Words};

/// A reply in the making.
pub(super) struct Draft<'a> {
    pub(super) reply: ComposedReply,
    pub(super) language: Language,
    pub(super) today: NaiveDate,
    pub(super) facts: Facts,
    /// Whether it answers, or asks back.
    pub(super) answers: Answers,
    input: &'a StepInput<'a>,
    claims: Vec<Claim>,
    supported: Vec<String>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(input: &'a StepInput<'a>, language: Language) -> Self {
        Self::of(input, language, ComposedReply::informational(String::new()))
    }

    pub(super) fn of(input: &'a StepInput<'a>, language: Language, reply: ComposedReply) -> Self {
        let findings = input.state.regulatory.as_ref();
        // A run that was begun before findings named all their sources goes on with what its plan wants.
        let supported = match findings {
            Some(findings) if !findings.sources.is_empty() || !findings.unsupported.is_empty() => {
                findings.sources.clone()
            }
            _ => wanted(input.state),
        };
        let mut facts = facts_of(input.state);
        // On the short way nobody has read where the person lives.
        if facts.place.state.is_none() {
            facts.place = with_state(place(input.message).or(&facts.place));
        }
        let answers = Answers::default();
        Self { reply, language, today: input.today, facts, answers, input, claims: Vec::new(), supported }
    }

    pub(super) fn say(&self, words: &Words) -> String {
        self.language.pick(&words.en, &words.es).to_owned()
    }

    pub(super) fn pick(&self, english: &str, spanish: &str) -> String {
        self.language.pick(english, spanish).to_owned()
    }

    pub(super) fn text(&self, text: Text) -> String {
        self.pick(text.en, text.es)
    }

    /// A sentence, or several, behind what is there in the same paragraph.
    pub(super) fn add(&mut self, text: &str) {
        let content = &mut self.reply.content;
        if !content.is_empty() && !content.ends_with('\n') && !text.is_empty() {
            content.push(' ');
        }
        content.push_str(text);
    }

    /// A new paragraph.
    pub(super) fn paragraph(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.reply.content.is_empty() && !self.reply.content.ends_with("\n\n") {
            self.reply.content.push_str("\n\n");
        }
        self.reply.content.push_str(text);
    }

    /// What comes next is a new paragraph.
    pub(super) fn paragraph_break(&mut self) {
        self.reply.content.push_str("\n\n");
    }

    /// A line of its own.
    pub(super) fn line(&mut self, text: &str) {
        self.reply.content.push('\n');
        self.reply.content.push_str(text);
    }

    /// A heading with its lines, numbered or with dashes; nothing without lines.
    pub(super) fn list(&mut self, heading: &str, lines: &[String], is_numbered: Numbered) {
        if lines.is_empty() {
            return;
        }
        self.paragraph(heading);
        for (line, number) in lines.iter().zip(1..) {
            match is_numbered {
                Numbered::Yes => self.line(&format!("{number}. {line}")),
                Numbered::No => self.line(&format!("- {line}")),
            }
        }
    }

    /// The claim of a fact, if it may be stated.
    pub(super) fn claim(&self, id: &str) -> Option<Claim> {
        self.supported.iter().any(|supported| supported == id).then(|| Claim::find(id, self.today)).flatten()
    }

    /// Whether a fact may be stated.
    pub(super) fn supports(&self, id: &str) -> bool {
        self.supported.iter().any(|supported| supported == id)
    }

    /// Notes that the text rests on a claim.
    pub(super) fn cite(&mut self, claim: Claim) {
        let citation = claim.citation(self.language);
        if !self.reply.citations.iter().any(|known| known.id == citation.id) {
            self.reply.citations.push(citation);
        }
        self.claims.push(claim);
    }

    pub(super) fn deadline(&mut self, deadline: DatedDeadline) {
        self.reply.deadlines.push(deadline);
    }

    /// Lines of help, the state's own counseling in place of the national pointer to it.
    pub(super) fn help(&mut self, lines: &[&str], medicare: Medicare) {
        let mut words: Vec<(Words, Claim)> = Vec::new();
        let mut add = |line: &HelpLine| words.push((Words::new(line.text, line.text_es), Claim::of_line(line)));
        lines.iter().filter_map(|id| help::line(id)).for_each(&mut add);
        if medicare == Medicare::Yes {
            add(&MEDICARE);
            match self.facts.place.state.as_deref().and_then(help::ship) {
                Some(ship) => words.push((ship.words(), Claim::of_ship(ship))),
                None => add(&SHIP),
            }
        }
        if words.is_empty() {
            return;
        }
        let lines: Vec<String> = words.iter().map(|(words, _)| self.say(words)).collect();
        self.list(&self.pick("People who can help:", "Quién le puede ayudar:"), &lines, Numbered::No);
        for (_, claim) in words {
            self.cite(claim);
        }
    }

    pub(super) fn input(&self) -> &'a StepInput<'a> {
        self.input
    }

    /// The reply, what it rests on, and the dates that the person gave.
    pub(super) fn finish(self) -> (ComposedReply, Vec<Claim>, Vec<NaiveDate>) {
        let facts = &self.facts;
        let odd = match self.input.state.requirements.as_ref().and_then(|requirements| requirements.odd_date) {
            Some(Odd::Ahead(date) | Odd::LongAgo(date) | Odd::WhichYear(date)) => Some(date),
            Some(Odd::NotInCalendar) | None => None,
        };
        let told = [odd, facts.notice_date, facts.received_date, facts.sent_date, facts.end_date, facts.event_date];
        (self.reply, self.claims, told.into_iter().flatten().collect())
    }
}

/// Whether a list has numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbered {
    Yes,
    No,
}

/// Whether Medicare's help is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Medicare {
    Yes,
    No,
}
