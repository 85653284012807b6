//! A draft letter, with what to do before it is sent.

use super::dates;
use super::draft::{Draft, Numbered};
use super::plan::medicare;
use super::topics;
use crate::agents::letters::{LetterKind, draft as draft_letter};
use crate::agents::turn::Language;
use crate::agents::{ResponseType, StepInput, Urgency};

/// The reply that holds a letter.
pub(super) fn letter<'a>(input: &'a StepInput<'a>, kind: LetterKind, language: Language) -> Draft<'a> {
    let mut draft = Draft::new(input, language);
    draft.reply.response_type = ResponseType::Guidance;
    topics::notices(&mut draft);
    let what = match kind {
        LetterKind::Appeal => draft.pick("your appeal letter", "su carta de apelación"),
        LetterKind::PriorAuthorization => {
            draft.pick("your request for prior authorization", "su solicitud de autorización previa")
        }
        LetterKind::Records => draft.pick("your request for the file", "su solicitud del expediente"),
    };
    draft.add(&draft.pick(
        &format!("Here is a draft of {what}. I used only what you told me. Fill in each [BLANK], and change what is not right."),
        &format!("Este es un borrador de {what}. Usé solo lo que usted me dijo. Llene cada [ESPACIO] y cambie lo que no esté bien."),
    ));
    if language == Language::Es {
        draft.add("Primero va en inglés, para mandarla. Después va en español, para usted.");
    }
    if let Some(strategy) = input.state.strategy.as_ref().filter(|_| kind == LetterKind::Appeal)
        && dates::deadline(&mut draft, strategy).is_some()
    {
        draft.reply.urgency = if strategy.plan.is_urgent { Urgency::Urgent } else { Urgency::Soon };
    }
    if kind == LetterKind::Appeal {
        let earliest = input.state.strategy.as_ref().and_then(|strategy| strategy.plan.earliest.as_ref());
        dates::earliest(&mut draft, earliest);
    }
    let facts = draft.facts.clone();
    draft.paragraph(&draft_letter(kind, &facts, Language::En));
    if language == Language::Es {
        draft.paragraph(&draft_letter(kind, &facts, Language::Es));
    }
    let steps = [
        ("Fill in each blank. Sign it.", "Llene cada espacio. Fírmela."),
        ("Put the doctor's letter with it, if you have one.", "Ponga la carta del médico, si la tiene."),
        ("Keep a copy, and proof of the day you sent it.", "Guarde una copia y una prueba del día en que la mandó."),
    ];
    let steps: Vec<String> = steps.iter().map(|(en, es)| draft.pick(en, es)).collect();
    draft.list(&draft.pick("Before you send it:", "Antes de mandarla:"), &steps, Numbered::Yes);
    draft.reply.next_steps = steps;
    let lines: Vec<String> =
        input.state.strategy.as_ref().map(|strategy| strategy.plan.lines.clone()).unwrap_or_default();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    draft.help(&lines, medicare(&facts, None));
    draft
}
