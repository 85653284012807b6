//! One friendly question for everything that is missing.

use chrono::NaiveDate;

use super::dates;
use super::draft::{Draft, Numbered};
use super::plan::slots;
use super::safety::Answers;
use super::topics;
use crate::agents::patient_navigator::{PlanType, Slot};
use crate::agents::regulatory::claims::Claim;
use crate::agents::service_access_strategy::{earliest, last_day_known};
use crate::agents::task_requirements::{Need, Requirements};
use crate::agents::turn::{Language, Occasion, PlanBasis};
use crate::agents::{ResponseType, StepInput};
use crate::knowledge::Text;
use crate::knowledge::dates::Odd;
use crate::knowledge::deadlines::rule;
use crate::knowledge::glossary::lookup;

/// The reply that asks.
pub(super) fn question<'a>(input: &'a StepInput<'a>, requirements: &Requirements, language: Language) -> Draft<'a> {
    let mut draft = Draft::new(input, language);
    let need = requirements.need.unwrap_or(Need::Appeal);
    let is_first = input.state.carried.asked.is_empty();
    let slots = slots(&draft.facts, language);
    draft.reply.response_type = ResponseType::Request;
    draft.answers = Answers::No;
    topics::notices(&mut draft);
    // A date that cannot be is nothing to give thanks for.
    if is_first || requirements.odd_date.is_none() {
        let opening = slots.fill(opening(need, is_first), language);
        draft.add(&opening);
    }
    if let Some(odd) = requirements.odd_date {
        let text = what_is_odd(odd, &draft);
        draft.paragraph(&text);
    }
    if need == Need::PriorAuthorization
        && is_first
        && let Some(term) = lookup("prior authorization")
    {
        draft.add(&draft.pick(term.meaning, term.meaning_es));
        draft.cite(Claim::of_term(term));
    }
    let asked: Vec<String> = requirements.missing.iter().map(|slot| draft.text(words(*slot, need, &draft))).collect();
    let heading = if is_first {
        draft.pick("To give you the right steps, please tell me:", "Para darle los pasos correctos, dígame por favor:")
    } else {
        draft.pick("I still need:", "Todavía necesito:")
    };
    draft.list(&heading, &asked, Numbered::No);
    draft.paragraph(&draft.pick(
        "You can send it in pieces. If you don't know, say so, and I go on without it.",
        "Puede mandarlo por partes. Si no lo sabe, dígalo y sigo sin eso.",
    ));
    if need == Need::Appeal {
        said_already(&mut draft);
    }
    draft.reply.next_steps = asked;
    draft
}

/// What can be said of an appeal while something is asked for: the last day or the earliest possible one, and the fast way.
fn said_already(draft: &mut Draft<'_>) {
    if let Some(known) = last_day_known(&draft.facts, draft.today) {
        dates::known(draft, &known);
    }
    let possible = earliest(&draft.facts, draft.today);
    let is_alone = draft.facts.plan_basis == Some(PlanBasis::MedicareAlone);
    if dates::earliest(draft, possible.as_ref()).is_none() && is_alone && draft.facts.printed_last_day.is_none() {
        dates::shorter(draft);
    }
    if draft.facts.is_urgent == Some(true) {
        draft.paragraph(&draft.pick(
            "If waiting could harm you, do not wait for me. Call your plan today and ask for a fast (expedited) appeal.",
            "Si esperar puede dañarle, no me espere. Llame hoy a su plan y pida una apelación rápida.",
        ));
        let id = match draft.facts.plan_type {
            Some(PlanType::MedicareAdvantage) => Some("ma-l1-decide-fast"),
            Some(PlanType::PartD) => Some("d-l1-fast"),
            Some(PlanType::OriginalMedicare | PlanType::Medicaid | PlanType::Medigap) => None,
            Some(PlanType::Employer | PlanType::Marketplace) | None => Some("com-int-decide-urgent"),
        };
        if let Some(rule) = id.and_then(rule) {
            draft.add(&draft.say(&rule.summary()));
            draft.cite(Claim::of_rule(rule, draft.facts.plan_type.and_then(PlanType::track)));
        }
    }
}

/// What is wrong with the date that was given for the letter.
fn what_is_odd(odd: Odd, draft: &Draft<'_>) -> String {
    let long = |date: NaiveDate| dates::long(date, draft.language);
    match odd {
        Odd::NotInCalendar => draft.pick(
            "That date is in no calendar. Please look at the letter again.",
            "Esa fecha no existe en el calendario. Mire otra vez la carta, por favor.",
        ),
        Odd::Ahead(date) => draft.pick(
            &format!(
                "{} is still in the future. The date on a letter is a day in the past. Please look again.",
                long(date)
            ),
            &format!(
                "El {} todavía está en el futuro. La fecha de una carta es un día pasado. Mire otra vez, por favor.",
                long(date)
            ),
        ),
        Odd::LongAgo(date) => {
            let years = draft.today.years_since(date).unwrap_or_default();
            draft.pick(
                &format!("{} was {years} years ago. Please look at the year on the letter again.", long(date)),
                &format!("El {} fue hace {years} años. Mire otra vez el año de la carta, por favor.", long(date)),
            )
        }
        Odd::WhichYear(date) => draft.pick(
            &format!("You gave no year. {} was almost a year ago. Which year is on the letter?", long(date)),
            &format!("No me dio el año. El {} fue hace casi un año. ¿Qué año dice la carta?", long(date)),
        ),
    }
}

fn opening(need: Need, is_first: bool) -> Text {
    if !is_first {
        return Text { en: "Thank you, I have noted that.", es: "Gracias, lo anoté." };
    }
    match need {
        Need::Appeal => Text {
            en: "I'm sorry that you got a no for {service}. You can ask for another look. I can help with that.",
            es: "Lamento que le hayan dicho que no a {service}. Puede pedir que lo revisen. Yo le ayudo con eso.",
        },
        Need::Document => Text { en: "I can help you read it.", es: "Puedo ayudarle a leerlo." },
        Need::Enrollment => Text {
            en: "I can help you find your time to sign up.",
            es: "Puedo ayudarle a hallar su período para inscribirse.",
        },
        _ => Text { en: "I can help with that.", es: "Puedo ayudarle con eso." },
    }
}

fn words(slot: Slot, need: Need, draft: &Draft<'_>) -> Text {
    match slot {
        Slot::PlanType => Text {
            en: "What kind of plan is it? Original Medicare, Medicare Advantage, a Medicare drug plan, one from a job, one from the Marketplace, or Medicaid?",
            es: "¿Qué tipo de plan es? ¿Medicare Original, Medicare Advantage, un plan de medicinas de Medicare, uno del trabajo, uno del Mercado o Medicaid?",
        },
        Slot::NoticeDate => Text {
            en: "What date is printed on the letter? If it names a last day to appeal, tell me that too.",
            es: "¿Qué fecha está impresa en la carta? Si nombra un último día para apelar, dígamelo también.",
        },
        Slot::Service => match need {
            Need::Appeal => Text {
                en: "What did they say no to? A test, a drug, an operation, a bill?",
                es: "¿A qué dijeron que no? ¿Un examen, una medicina, una operación, una factura?",
            },
            _ => Text {
                en: "Which care, item or drug is it about?",
                es: "¿De qué atención, artículo o medicina se trata?",
            },
        },
        Slot::Location | Slot::State => Text { en: "In which state do you live?", es: "¿En qué estado vive?" },
        Slot::Specialty => Text { en: "What kind of doctor do you need?", es: "¿Qué tipo de médico necesita?" },
        Slot::Situation => Text {
            en: "What is changing? For example: you turn 65, a job or its coverage ends, you move, or you want another plan.",
            es: "¿Qué cambia? Por ejemplo: cumple 65, termina un trabajo o su cobertura, se muda o quiere otro plan.",
        },
        Slot::BirthDate if draft.facts.occasion == Some(Occasion::Turning65) => Text {
            en: "What is your birth date? And do you, or your spouse, have coverage from a job now?",
            es: "¿Cuál es su fecha de nacimiento? ¿Y tiene usted, o su cónyuge, cobertura de un trabajo ahora?",
        },
        Slot::BirthDate => Text { en: "What is your birth date?", es: "¿Cuál es su fecha de nacimiento?" },
        Slot::EventDate => Text { en: "On which day did it happen?", es: "¿Qué día pasó?" },
        Slot::DocumentText => Text {
            en: "Please copy the text of the letter here. Leave out your Medicare and Social Security numbers.",
            es: "Copie aquí el texto de la carta. Quite sus números de Medicare y del Seguro Social.",
        },
    }
}

/// What is missing, in a few words.
pub(super) fn short(slot: Slot, language: Language) -> &'static str {
    let (en, es) = match slot {
        Slot::PlanType => ("the kind of plan", "el tipo de plan"),
        Slot::NoticeDate => ("the date on the letter", "la fecha de la carta"),
        Slot::Service => ("what it is about", "de qué se trata"),
        Slot::Location | Slot::State => ("your state", "su estado"),
        Slot::Specialty => ("the kind of doctor", "el tipo de médico"),
        Slot::Situation => ("what is changing", "qué cambia"),
        Slot::BirthDate => ("your birth date", "su fecha de nacimiento"),
        Slot::EventDate => ("the day it happened", "el día en que pasó"),
        Slot::DocumentText => ("the text of the letter", "el texto de la carta"),
    };
    match language {
        Language::En => en,
        Language::Es => es,
    }
}
