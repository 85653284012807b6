//! chat_communicator: the reply, in plain words, in the person's language, with steps, dates, sources and human help.
//!
//! **Takes** everything the steps before found out. **Gives** the reply: it acknowledges, answers, lists the next steps in
//! order, says the last day and how it was counted, cites, and names people who help (Medicare's line, the counseling
//! program of the person's state, the plan's own line, state programs). A deadline comes with a calendar file.
//!
//! How it decides. An emergency comes before everything else, and alone. A blocked message is refused in one sentence. A
//! question for missing facts asks for all of them at once, with what can be said already; it begins with the safety line
//! (`safety`), as does every reply that is not sure, and the first reply of a conversation ends with it. A letter comes as a draft. Else
//! the plan of action or the answer is put into words. Greetings, thanks, abuse, nonsense, other countries, other scripts
//! and requests for medical advice each get a short honest reply with what to do instead.
//!
//! Invariants: a figure is written only from a claim that regulatory supports, and every reply, also this agent's own, goes
//! through [`super::output_check`] before it leaves; the person's own words are never repeated; the words stay at a reading
//! grade of 8 or less.

mod asking;
mod dates;
mod draft;
mod letter;
mod plan;
mod safety;
mod talk;
mod topics;

use serde_json::Value;

use self::draft::Draft;
use self::safety::Answers;
pub use self::safety::LINE as SAFETY_LINE;
pub use self::talk::{could_not_answer, in_an_emergency, safe_reply};
use super::advice::{self, Advice, Circumstances, Objection, Wording};
use super::output_check::{self, Grounds};
use super::prompt_security::{SecurityVerdict, Verdict};
use super::turn::{Language, reply_language};
use super::{
    AgentName, ComposedReply, Next, ResponseType, StepError, StepInput, StepOutput, Urgency, delta, letters, told,
};

/// The step.
///
/// # Errors
/// [`StepError`].
pub fn run(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    let language = reply_language(input);
    let (checked, answers) = compose(input, language);
    let mut reply = checked.reply;
    match input.advice {
        Some(Advice::Wording(wording)) if takes_opening(input, &reply) && objection(wording, input, &[]).is_none() => {
            reply.content = format!("{}\n\n{}", wording.opening.trim(), reply.content);
        }
        _ => {}
    }
    let is_without = matches!(input.advice, Some(Advice::Unavailable)) || input.state.without_model.is_some();
    if is_without && reply.response_type != ResponseType::Emergency {
        reply.content = format!("{}\n\n{}", reply.content, without_model(language));
    }
    // Another system's navigator that was not sure of an emergency makes this reply unsure, too.
    let is_doubted = answers == Answers::Yes && input.state.told.as_ref().is_some_and(told::Told::is_unsure);
    let answers = if is_doubted { Answers::No } else { answers };
    safety::with_line(&mut reply, answers, safety::is_first_reply(input.history), language);
    let mut found = delta("reply", &reply.response_type)?;
    if !checked.violations.is_empty() {
        // Which rules, never which words.
        let mut kinds: Vec<output_check::ViolationKind> = checked.violations.iter().map(|one| one.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        found.insert("output_check".to_owned(), serde_json::to_value(kinds)?);
    }
    Ok(StepOutput {
        agent: AgentName::ChatCommunicator,
        delta: found,
        agent_state: Some(agent_state(&reply, language)),
        next: Next::Done(Box::new(reply)),
    })
}

/// Whether a reply has room for an opening in a model's words: a plan or a question, nothing urgent, no letter.
pub fn takes_opening(input: &StepInput<'_>, reply: &ComposedReply) -> bool {
    let is_letter = input.state.strategy.as_ref().is_some_and(|strategy| strategy.plan.letter.is_some());
    matches!(reply.response_type, ResponseType::Guidance | ResponseType::Request)
        && !matches!(reply.urgency, Urgency::Urgent | Urgency::Emergency)
        && !is_letter
        && (input.state.strategy.is_some() || input.state.requirements.is_some())
}

/// Why an opening is not taken, if there is a reason; `prompt` is what was said to the model.
pub fn objection(wording: &Wording, input: &StepInput<'_>, prompt: &[&str]) -> Option<Objection> {
    let circumstances = Circumstances { language: reply_language(input), today: input.today, prompt };
    advice::objection(wording.opening.trim(), &circumstances)
}

/// What a reply says when the model that was to help with it did not.
pub fn without_model(language: Language) -> &'static str {
    language.pick(
        "Note: the language model did not help with this answer. It follows my fixed rules. The facts and steps are the same.",
        "Nota: el modelo de lenguaje no ayudó con esta respuesta. Sigue mis reglas fijas. Los datos y los pasos son los mismos.",
    )
}

fn agent_state(reply: &ComposedReply, language: Language) -> Value {
    serde_json::json!({ "response_type": reply.response_type, "language": language })
}

fn compose(input: &StepInput<'_>, language: Language) -> (output_check::Checked, Answers) {
    let emergency = input.state.security.as_ref().and_then(|security| security.emergency);
    if let Some(emergency) = emergency {
        let reply = talk::in_an_emergency(emergency, language);
        let grounds = Grounds { emergency: Some(emergency), ..grounds(input, language) };
        return (output_check::enforce(reply, &grounds), Answers::Yes);
    }
    let draft = written(input, language);
    let answers = draft.answers;
    let (reply, claims, told) = draft.finish();
    let checked = output_check::enforce(reply, &Grounds { claims, told, ..grounds(input, language) });
    // What is said when nothing else may be is no answer.
    let is_safe_reply = checked.reply.content == safe_reply(language).content;
    (checked, if is_safe_reply { Answers::No } else { answers })
}

fn grounds<'a>(input: &StepInput<'_>, language: Language) -> Grounds<'a> {
    Grounds { today: input.today, language, ..Grounds::default() }
}

fn written<'a>(input: &'a StepInput<'a>, language: Language) -> Draft<'a> {
    let state = input.state;
    let is_blocked = |security: &SecurityVerdict| security.verdict == Verdict::Blocked;
    if state.security.as_ref().is_some_and(is_blocked) {
        return talk::refused(input, language);
    }
    if let Some(requirements) = state.requirements.as_ref().filter(|requirements| requirements.asks()) {
        return asking::question(input, requirements, language);
    }
    let planned = state.strategy.as_ref().and_then(|strategy| strategy.plan.letter);
    // A letter is one whichever way the message went: on the short way there is no plan that could say so.
    let asked = || letters::requested(input.message, state.carried.last).filter(|_| state.strategy.is_none());
    if let Some(kind) = planned.or_else(asked) {
        return letter::letter(input, kind, language);
    }
    match (&state.strategy, &state.qa) {
        (Some(strategy), _) => plan::plan(input, strategy, language),
        (None, Some(answer)) => talk::answer(input, answer, language),
        (None, None) => {
            let mut draft = Draft::of(input, language, could_not_answer(language));
            draft.answers = Answers::No;
            draft
        }
    }
}

#[cfg(test)]
mod tests;
