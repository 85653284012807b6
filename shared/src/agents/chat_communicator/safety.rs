//! The safety line: whom to call in an emergency, where a reply may have missed one.
//!
//! A number that is named costs nothing; one that is missing can cost a life. So the line stands first in a reply that asks
//! back or is not sure, and last in the first reply of a conversation; once, and not in a reply to an emergency, which
//! begins with the number itself.

use crate::agents::regulatory::claims::Claim;
use crate::agents::turn::Language;
use crate::agents::{ComposedReply, PastMessage, ResponseType, Role, cancelled};
use crate::knowledge::Text;
use crate::knowledge::help::CRISIS;

/// The line.
pub const LINE: Text = Text {
    en: "Emergency? Call 911. Thoughts of suicide? Call or text 988.",
    es: "¿Emergencia? Llame al 911. ¿Piensa en el suicidio? Llame o mande un mensaje de texto al 988.",
};

/// How far a reply answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Answers {
    /// It says what was asked for.
    #[default]
    Yes,
    /// It asks back, or says that it is not sure.
    No,
    /// The same, and the language is not known either.
    InNoLanguage,
}

/// Whether nothing was answered in the conversation before; that a question was cancelled is no answer.
pub(super) fn is_first_reply(history: &[PastMessage]) -> bool {
    let is_answer = |past: &PastMessage| past.role == Role::Assistant && past.content != cancelled().content;
    !history.iter().any(is_answer)
}

/// The reply with the line where it belongs.
pub(super) fn with_line(reply: &mut ComposedReply, answers: Answers, is_first: bool, language: Language) {
    let line = match answers {
        Answers::InNoLanguage => format!("{}\n{}", LINE.en, LINE.es),
        _ => language.pick(LINE.en, LINE.es).to_owned(),
    };
    let has_it = reply.content.starts_with(&line) || reply.response_type == ResponseType::Emergency;
    reply.content = match answers {
        _ if has_it => return,
        Answers::No | Answers::InNoLanguage => format!("{line}\n\n{}", reply.content),
        Answers::Yes if is_first => format!("{}\n\n{line}", reply.content),
        Answers::Yes => return,
    };
    let citation = Claim::of_line(&CRISIS).citation(language);
    if !reply.citations.iter().any(|known| known.id == citation.id) {
        reply.citations.push(citation);
    }
}
