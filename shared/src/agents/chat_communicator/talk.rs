//! Replies without a plan of action: emergencies, refusals, plain answers, failures.

use super::draft::{Draft, Medicare};
use super::safety::{Answers, LINE};
use super::{asking, plan, topics};
use crate::agents::patient_navigator::{Intent, QaAnswer, Slot};
use crate::agents::prompt_security::Emergency;
use crate::agents::regulatory::claims::Claim;
use crate::agents::service_access_strategy::{Line as _, Opening};
use crate::agents::task_requirements::missing;
use crate::agents::turn::Language;
use crate::agents::{ComposedReply, ResponseType, StepInput, Urgency};
use crate::knowledge::glossary::terms;
use crate::knowledge::help::{CRISIS, MEDICARE, SHIP};

/// The answer to an emergency: the number to call, first and alone.
pub fn in_an_emergency(emergency: Emergency, language: Language) -> ComposedReply {
    let content = match emergency {
        Emergency::Medical => language.pick(
            "This sounds like a medical emergency. Call 911 now, or go to the nearest emergency room. Do not wait, and do not \
             drive yourself. Questions about your plan can wait. Write to me again when you are safe.",
            "Esto parece una emergencia médica. Llame al 911 ahora o vaya a la sala de emergencias más cercana. No espere y no \
             maneje usted. Las preguntas sobre su plan pueden esperar. Escríbame de nuevo cuando esté a salvo.",
        ),
        Emergency::Crisis => language.pick(
            "I am glad that you wrote this. You do not have to go through it alone. Call or text 988 now: someone is there day \
             and night, and it is free. If you are in danger right now, call 911. I can help with your plan when you are safe.",
            "Me alegra que lo haya escrito. No tiene que pasar por esto a solas. Llame o escriba al 988 ahora: hay alguien de día \
             y de noche, y es gratis. Si está en peligro ahora mismo, llame al 911. Le ayudo con su plan cuando esté a salvo.",
        ),
    };
    let step = match emergency {
        Emergency::Medical => language.pick("Call 911 now.", "Llame al 911 ahora."),
        Emergency::Crisis => language.pick("Call or text 988 now.", "Llame o escriba al 988 ahora."),
    };
    ComposedReply {
        response_type: ResponseType::Emergency,
        urgency: Urgency::Emergency,
        next_steps: vec![step.to_owned()],
        citations: vec![Claim::of_line(&CRISIS).citation(language)],
        ..ComposedReply::informational(content.to_owned())
    }
}

/// A message that does nothing but attack.
pub(super) fn refused<'a>(input: &'a StepInput<'a>, language: Language) -> Draft<'a> {
    let mut draft = Draft::new(input, language);
    draft.answers = Answers::No;
    draft.add(&draft.pick(
        "I can't do that. I can help with health insurance and Medicare: a denial letter, a bill, costs, or signing up. What do you need?",
        "No puedo hacer eso. Puedo ayudar con seguros de salud y Medicare: una carta de negación, una factura, costos o inscripción. ¿Qué necesita?",
    ));
    draft
}

/// The answer to a plain question.
pub(super) fn answer<'a>(input: &'a StepInput<'a>, answer: &QaAnswer, language: Language) -> Draft<'a> {
    let quotes = input.state.regulatory.as_ref().map(|findings| findings.quotes.as_slice()).unwrap_or_default();
    if let Some(talk) = topics::of_intent(input, answer.intent, language) {
        return with_reminder(talk);
    }
    let mut draft = Draft::new(input, language);
    topics::notices(&mut draft);
    // Whoever asks for a person with Medicare does not ask what Medicare is.
    let explains = answer.intent != Intent::HumanHelp;
    let claims = terms().iter().filter(|_| explains).map(Claim::of_term);
    let claims: Vec<Claim> = claims.filter(|claim| draft.supports(&claim.id)).collect();
    for claim in claims {
        draft.paragraph(&draft.say(&claim.words));
        draft.cite(claim);
    }
    if !quotes.is_empty() {
        draft.paragraph(
            &draft.pick("This is what I found in official texts.", "Esto es lo que encontré en textos oficiales."),
        );
        quotes.iter().for_each(|quote| plan::add_quote(&mut draft, quote));
    }
    if answer.intent == Intent::HumanHelp && draft.reply.citations.is_empty() {
        // Whoever asks for people may need them at once.
        draft.answers = Answers::No;
        draft.add(&draft.text(Opening::HumanHelp.text()));
    } else if draft.reply.citations.is_empty() {
        draft.answers = Answers::No;
        draft.add(&draft.pick(
            "I don't know this well enough to answer, and I don't want to guess. Ask it in other words, or ask the people below.",
            "No sé esto lo suficiente para responder, y no quiero adivinar. Pregunte con otras palabras o a las personas de abajo.",
        ));
    }
    let lines: &[&str] = if answer.intent == Intent::HumanHelp { &["consumer-assistance"] } else { &[] };
    draft.help(lines, Medicare::Yes);
    with_reminder(draft)
}

/// While a question is open, a word about it.
fn with_reminder(mut draft: Draft<'_>) -> Draft<'_> {
    let carried = &draft.input().state.carried;
    let (Some(_), Some(need)) = (carried.need, carried.last) else { return draft };
    let open: Vec<Slot> =
        missing(need, &carried.facts, "").into_iter().filter(|fact| carried.asked.contains(fact)).collect();
    if open.is_empty() {
        return draft;
    }
    draft.answers = Answers::No;
    let words: Vec<&str> = open.iter().map(|fact| asking::short(*fact, draft.language)).collect();
    let words = words.join(", ");
    draft.paragraph(&draft.pick(
        &format!("When you are ready, we go on. I still need: {words}."),
        &format!("Cuando quiera, seguimos. Todavía necesito: {words}."),
    ));
    draft
}

/// The answer of a run that had to be given up. It begins with the safety line: nobody may have read the message.
pub fn could_not_answer(language: Language) -> ComposedReply {
    let opening = language.pick(
        "I could not finish the answer. Your message is saved. Please ask again, or call:",
        "No pude terminar la respuesta. Su mensaje está guardado. Pregunte de nuevo o llame:",
    );
    let mut reply = with_help(&format!("{}\n\n{opening}", language.pick(LINE.en, LINE.es)), language);
    reply.citations.push(Claim::of_line(&CRISIS).citation(language));
    reply
}

/// What is said when nothing else may be.
pub fn safe_reply(language: Language) -> ComposedReply {
    with_help(
        language.pick(
            "I can't answer that safely. Please ask in other words, ask your plan at the number on your card, or call:",
            "No puedo responder eso con seguridad. Pregunte con otras palabras, llame al número de su tarjeta del plan o llame:",
        ),
        language,
    )
}

fn with_help(opening: &str, language: Language) -> ComposedReply {
    let lines = [MEDICARE, SHIP].map(|line| language.pick(line.text, line.text_es).to_owned());
    ComposedReply {
        citations: [MEDICARE, SHIP].iter().map(|line| Claim::of_line(line).citation(language)).collect(),
        ..ComposedReply::informational(format!("{opening}\n{}", lines.join("\n")))
    }
}
