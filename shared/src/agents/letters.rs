//! Draft letters: an appeal, a request for prior authorization, a request for one's file.
//!
//! **Takes** the kind of letter and the facts of the case. **Gives** the letter in English (and in Spanish for somebody who
//! writes Spanish), marked as a draft.
//!
//! Invariants: nothing is invented. What is known is filled in, everything else is a placeholder in capitals between
//! brackets; reasons are those of the notice, as the person gave them. The letter asks, it claims no right, no coverage and
//! no deadline. It goes to the office that decides at that level.

mod texts;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::fold::Text;
use super::fold::phrases::Phrases;
use super::patient_navigator::PlanType;
use super::task_requirements::{Need, things};
use super::turn::{Affected, Facts, Language, Subject};
use crate::knowledge::deadlines::Level;
use crate::knowledge::{Text as Both, long_date_en, long_date_es};

/// A kind of letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// To have a decision changed.
    Appeal,
    /// For permission before care.
    PriorAuthorization,
    /// For a copy of the file.
    Records,
}

impl LetterKind {
    /// The need that the letter belongs to.
    pub fn need(self) -> Need {
        match self {
            Self::Appeal | Self::Records => Need::Appeal,
            Self::PriorAuthorization => Need::PriorAuthorization,
        }
    }
}

static REQUESTS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "write|draft|prepare|compose|generate|create|make ~4 letter|draft",
            "write|draft|prepare|compose ~3 appeal|request",
            "need|want|like|have|get a|the|an|your ~2 letter to|for|template",
            "want|get|see|send the|that|your letter|draft",
            "letter template",
            "sample|example|model letter",
            "^ the? letter please? $",
            "escribame|escribeme|escribir|escriba|escribe|redacte|redactar|redacta|redactame|hagame|hazme|haga|haz|prepare|prepara|preparame|hacer ~4 carta|borrador|solicitud",
            "escribame|escribeme|redacte|redacta|redactame|hagame|hazme ~3 apelacion",
            "borrador de|para ~2 carta|apelacion",
            "ejemplo|modelo de carta",
            "quiero|necesito|deme|dame la|una|el ~1 carta|borrador para|de|por",
            "^ la? carta por? favor? $",
        ],
        &[],
    )
});

/// In a long message, only words to the reader count: a notice says "write a letter" too.
static DIRECT: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "can|could|please|will you? ~2 write|draft|prepare ~4 letter|appeal",
            "write|draft me ~3 letter|appeal",
            "puede|podria|puedes|favor ~2 escribir*|redactar* ~4 carta|apelacion",
            "escribame|escribeme|redacteme|redactame|hagame|hazme ~3 carta|apelacion|borrador",
        ],
        &[],
    )
});

static RECORDS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "records|documents",
            "claim|case|my|the file",
            "expediente|historial|registros",
            "copia de ~3 archivo|expediente",
        ],
        &[],
    )
});

static AUTHORIZATION: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &["prior auth*", "preauthor*|preapproval|authorization|precert*", "autorizacion", "pre approval"],
        &[],
    )
});

static APPEAL: LazyLock<Phrases<()>> =
    LazyLock::new(|| Phrases::plain(&["appeal*|denial|denied", "apela*|negacion"], &[]));

/// A message with more words is read as a pasted text.
const LONG: usize = 60;

/// The letter that a message asks for; `last` is the need of the plan before it.
pub fn requested(message: &str, last: Option<Need>) -> Option<LetterKind> {
    let text = Text::new(message);
    let asks = if text.words().len() > LONG { &DIRECT } else { &REQUESTS };
    let sentences: Vec<Vec<&str>> =
        text.sentences().iter().map(|words| words.iter().map(|(word, _)| *word).collect()).collect();
    let asking: Vec<&Vec<&str>> = sentences.iter().filter(|words| asks.is_in(words)).collect();
    if asking.is_empty() {
        return None;
    }
    let is_about = |phrases: &Phrases<()>| asking.iter().any(|words| phrases.is_in(words));
    Some(if is_about(&APPEAL) {
        LetterKind::Appeal
    } else if is_about(&RECORDS) {
        LetterKind::Records
    } else if is_about(&AUTHORIZATION) || last == Some(Need::PriorAuthorization) {
        LetterKind::PriorAuthorization
    } else {
        LetterKind::Appeal
    })
}

/// The letter, marked as a draft.
pub fn draft(kind: LetterKind, facts: &Facts, language: Language) -> String {
    let letter = Letter { kind, facts, language };
    let lines = match kind {
        LetterKind::Appeal => letter.appeal(),
        LetterKind::PriorAuthorization => letter.authorization(),
        LetterKind::Records => letter.records(),
    };
    lines.join("\n")
}

/// A letter in one language.
struct Letter<'a> {
    kind: LetterKind,
    facts: &'a Facts,
    language: Language,
}

impl Letter<'_> {
    fn say(&self, text: Both) -> String {
        self.language.pick(text.en, text.es).to_owned()
    }

    /// A sentence with a gap.
    fn fill(&self, text: Both, gap: &str, value: &str) -> String {
        self.say(text).replace(gap, value)
    }

    fn thing(&self) -> String {
        if let Some(drug) = &self.facts.drug {
            return drug.clone();
        }
        let known = self.facts.service.as_deref().and_then(things::named).filter(|service| service.en != "claim");
        known.map_or_else(|| self.say(texts::THING), |service| self.language.pick(service.en, service.es).to_owned())
    }

    fn notice_date(&self) -> String {
        match (self.facts.notice_date, self.language) {
            (Some(date), Language::En) => long_date_en(date),
            (Some(date), Language::Es) => long_date_es(date),
            (None, _) => self.say(texts::NOTICE_DATE),
        }
    }

    fn head(&self) -> Vec<String> {
        let mut lines = vec![self.say(texts::DRAFT), String::new()];
        lines.extend([texts::DATE, texts::NAME, texts::ADDRESS, texts::PHONE].map(|text| self.say(text)));
        if self.facts.affected.is_some() {
            lines.push(self.say(texts::MEMBER));
        }
        lines.push(self.say(texts::MEMBER_NUMBER));
        lines.push(String::new());
        lines.push(self.say(self.addressee()));
        lines
    }

    /// Who decides.
    fn addressee(&self) -> Both {
        match (self.kind, self.facts.subject, self.facts.plan_type, self.facts.level) {
            (LetterKind::Appeal, Some(Subject::Penalty), ..) => texts::TO_PENALTY_REVIEWER,
            (LetterKind::Appeal, Some(Subject::ExtraHelp), ..) => texts::TO_SOCIAL_SECURITY,
            (LetterKind::Appeal, Some(Subject::Marketplace), ..) => texts::TO_MARKETPLACE,
            (LetterKind::Appeal, _, Some(PlanType::OriginalMedicare), None | Some(Level::First)) => {
                texts::TO_CONTRACTOR
            }
            (LetterKind::Appeal, _, Some(PlanType::OriginalMedicare), Some(Level::Second)) => texts::TO_QIC,
            (LetterKind::Appeal, _, Some(PlanType::MedicareAdvantage | PlanType::PartD), Some(Level::Second)) => {
                texts::TO_IRE
            }
            (LetterKind::Appeal, _, Some(PlanType::Employer | PlanType::Marketplace), Some(_)) => texts::TO_EXTERNAL,
            (LetterKind::Appeal, _, Some(PlanType::Medicaid), _) => texts::TO_MEDICAID,
            (LetterKind::Appeal, _, _, Some(_)) => texts::TO_NEXT_LEVEL,
            (LetterKind::Appeal, _, Some(PlanType::PartD), _) => texts::TO_DRUG_PLAN,
            (LetterKind::Appeal, _, Some(PlanType::MedicareAdvantage), _) => texts::TO_PLAN,
            (LetterKind::Appeal, _, Some(PlanType::Employer | PlanType::Marketplace), _) => texts::TO_INSURER,
            (LetterKind::PriorAuthorization, ..) => texts::TO_AUTHORIZATION,
            (LetterKind::Records, _, Some(PlanType::OriginalMedicare), _) => texts::TO_CONTRACTOR,
            (LetterKind::Records, ..) => texts::TO_MEMBER_SERVICES,
            (LetterKind::Appeal, ..) => texts::TO_SENDER,
        }
    }

    /// What the appeal is called at this level.
    fn called(&self) -> Both {
        match (self.facts.subject, self.facts.plan_type, self.facts.level) {
            (Some(Subject::Penalty), ..) => texts::CALLED_REVIEW,
            (Some(Subject::ExtraHelp | Subject::Marketplace), ..) => texts::CALLED_APPEAL,
            (_, Some(PlanType::OriginalMedicare | PlanType::PartD), None) => texts::CALLED_REDETERMINATION,
            (_, Some(PlanType::MedicareAdvantage), None) => texts::CALLED_RECONSIDERATION,
            (
                _,
                Some(PlanType::OriginalMedicare | PlanType::PartD | PlanType::MedicareAdvantage),
                Some(Level::Second),
            ) => texts::CALLED_RECONSIDERATION,
            (_, Some(PlanType::Employer | PlanType::Marketplace), None) => texts::CALLED_INTERNAL,
            (_, Some(PlanType::Employer | PlanType::Marketplace), Some(_)) => texts::CALLED_EXTERNAL,
            (_, Some(PlanType::Medicaid), _) => texts::CALLED_HEARING,
            _ => texts::CALLED_APPEAL,
        }
    }

    fn greeting(&self) -> Vec<String> {
        vec![String::new(), self.say(texts::GREETING), String::new()]
    }

    /// For whom somebody writes.
    fn on_behalf(&self) -> Option<String> {
        let who = match self.facts.affected? {
            Affected::Mother => texts::MOTHER,
            Affected::Father => texts::FATHER,
            Affected::Spouse => texts::SPOUSE,
            Affected::Child => texts::CHILD,
            Affected::Other => texts::SOMEBODY,
        };
        Some(self.fill(texts::ON_BEHALF, "{who}", &self.say(who)))
    }

    fn signature(&self, enclosed: &[Both]) -> Vec<String> {
        let mut lines = vec![String::new(), self.say(texts::CLOSING), self.say(texts::SIGNATURE), String::new()];
        if !enclosed.is_empty() {
            lines.push(self.say(texts::ENCLOSED));
            lines.extend(enclosed.iter().map(|text| format!("- {}", self.say(*text))));
        }
        lines
    }

    fn appeal(&self) -> Vec<String> {
        let mut lines = self.head();
        lines.push(String::new());
        let about = self.fill(texts::APPEAL_ABOUT, "{called}", &self.say(self.called()));
        lines.push(about.replace("{date}", &self.notice_date()));
        if !matches!(self.facts.subject, Some(Subject::Penalty | Subject::ExtraHelp | Subject::Marketplace)) {
            lines.push(self.fill(texts::ABOUT_THING, "{thing}", &self.thing()));
        }
        lines.push(self.say(texts::CLAIM_NUMBER));
        lines.extend(self.greeting());
        lines.extend(self.on_behalf());
        lines.push(self.fill(texts::ASK_TO_CHANGE, "{date}", &self.notice_date()));
        lines.push(match self.facts.reason {
            Some(reason) => self.fill(texts::THEIR_REASON, "{reason}", &self.say(texts::reason(reason))),
            None => self.say(texts::THEIR_REASON_UNKNOWN),
        });
        lines.push(self.say(texts::MY_REASON));
        lines.push(self.say(texts::DOCTOR_SUPPORTS));
        if self.facts.is_urgent == Some(true) {
            lines.push(self.say(texts::ASK_FAST));
        }
        lines.push(self.say(texts::ASK_FILE));
        lines.push(self.say(texts::ASK_ANSWER));
        lines.extend(self.signature(&[texts::COPY_OF_NOTICE, texts::DOCTOR_LETTER, texts::OTHER_PAPERS]));
        lines
    }

    fn authorization(&self) -> Vec<String> {
        let mut lines = self.head();
        lines.push(String::new());
        lines.push(self.fill(texts::AUTHORIZATION_ABOUT, "{thing}", &self.thing()));
        lines.extend(self.greeting());
        lines.extend(self.on_behalf());
        lines.push(self.fill(texts::ASK_AUTHORIZATION, "{thing}", &self.thing()));
        lines.extend([texts::WHEN_AND_WHERE, texts::WHY_NEEDED, texts::DOCTOR_SENDS].map(|text| self.say(text)));
        if self.facts.is_urgent == Some(true) {
            lines.push(self.say(texts::ASK_FAST_DECISION));
        }
        lines.push(self.say(texts::ASK_REASON_IF_NO));
        lines.extend(self.signature(&[texts::DOCTOR_LETTER, texts::OTHER_PAPERS]));
        lines
    }

    fn records(&self) -> Vec<String> {
        let mut lines = self.head();
        lines.push(String::new());
        lines.push(self.fill(texts::RECORDS_ABOUT, "{date}", &self.notice_date()));
        lines.push(self.fill(texts::ABOUT_THING, "{thing}", &self.thing()));
        lines.extend(self.greeting());
        lines.extend(self.on_behalf());
        lines.push(self.say(texts::ASK_RECORDS));
        lines.extend(
            [texts::RECORD_CLAIM, texts::RECORD_RULES, texts::RECORD_EXPERTS, texts::RECORD_NOTES]
                .map(|text| format!("- {}", self.say(text))),
        );
        lines.push(self.say(texts::ASK_COST));
        lines.extend(self.signature(&[]));
        lines
    }
}

#[cfg(test)]
mod tests;
