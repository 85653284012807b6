//! chat_response: the reply, in plain words, in the person's language, with steps, dates, sources and human help.

use super::patient_navigator::{Intent, QaAnswer, Slot, language};
use super::prompt_security::{Emergency, SecurityVerdict, Verdict};
use super::regulatory::{cite_help, cite_line, cite_rule, rule};
use super::service_access_strategy::{Deadline, Strategy};
use super::turn::Language;
use super::{AgentName, ComposedReply, Next, ResponseType, StepError, StepInput, StepOutput, Urgency, delta};
use crate::knowledge::help::{CRISIS, HelpLine, MEDICARE, SHIP};
use crate::knowledge::terms::TERMS;

/// The step.
///
/// # Errors
/// [`StepError`].
pub fn run(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    let reply = compose(input);
    Ok(StepOutput {
        agent: AgentName::ChatCommunicator,
        delta: delta("reply", &reply.response_type)?,
        agent_state: Some(serde_json::json!({ "response_type": reply.response_type, "language": language(input) })),
        next: Next::Done(Box::new(reply)),
    })
}

fn compose(input: &StepInput<'_>) -> ComposedReply {
    let (state, language) = (input.state, language(input));
    if let Some(SecurityVerdict { emergency: Some(emergency), .. }) = state.security {
        return in_an_emergency(emergency, language);
    }
    if state.security.as_ref().is_some_and(|security| security.verdict == Verdict::Blocked) {
        return refused(language);
    }
    if let Some(missing) = state.requirements.as_ref().map(|found| &found.missing).filter(|missing| !missing.is_empty())
    {
        return question(missing, language);
    }
    match (&state.strategy, &state.qa) {
        (Some(strategy), _) => plan(strategy, language),
        (None, Some(answer)) => plain_answer(answer, language),
        (None, None) => could_not_answer(language),
    }
}

fn in_an_emergency(emergency: Emergency, language: Language) -> ComposedReply {
    let content = match emergency {
        Emergency::Medical => language.pick(
            "This sounds like a medical emergency. Call 911 now, or go to the nearest emergency room. Do not wait, and do not \
             drive yourself. Questions about your plan can wait; write to me again when you are safe.",
            "Esto parece una emergencia médica. Llame al 911 ahora o vaya a la sala de emergencias más cercana. No espere y no \
             maneje usted. Las preguntas sobre su plan pueden esperar; escríbame de nuevo cuando esté a salvo.",
        ),
        Emergency::Crisis => language.pick(
            "I am glad that you wrote this. You do not have to go through it alone. Call or text 988 now: someone is there day \
             and night, and it is free. If you are in danger right now, call 911. I can help with your plan when you are safe.",
            "Me alegra que lo haya escrito. No tiene que pasar por esto a solas. Llame o escriba al 988 ahora: hay alguien de día \
             y de noche, y es gratis. Si está en peligro, llame al 911. Puedo ayudar con su plan cuando esté a salvo.",
        ),
    };
    let step = match emergency {
        Emergency::Medical => language.pick("Call 911 now.", "Llame al 911 ahora."),
        Emergency::Crisis => language.pick("Call or text 988 now.", "Llame o escriba al 988 ahora."),
    };
    ComposedReply {
        content: content.to_owned(),
        response_type: ResponseType::Emergency,
        urgency: Urgency::Emergency,
        next_steps: vec![step.to_owned()],
        citations: vec![cite_line(&CRISIS)],
    }
}

fn refused(language: Language) -> ComposedReply {
    informational(
        language
            .pick(
                "I can't do that. I can help with health insurance and Medicare: a denial letter, costs, or signing up.",
                "No puedo hacer eso. Puedo ayudar con seguros de salud y Medicare: una carta de negación, costos o inscripción.",
            )
            .to_owned(),
    )
}

fn question(missing: &[Slot], language: Language) -> ComposedReply {
    let asked: Vec<&str> = missing
        .iter()
        .map(|slot| match slot {
            Slot::PlanType => language.pick(
                "What kind of plan is it? (Original Medicare, Medicare Advantage, a Medicare drug plan, from a job, the Marketplace, or Medicaid)",
                "¿Qué tipo de plan es? (Medicare Original, Medicare Advantage, un plan de medicinas de Medicare, de un trabajo, del Mercado o Medicaid)",
            ),
            Slot::NoticeDate => language.pick(
                "What date is printed on the letter? (for example 2026-10-02)",
                "¿Qué fecha está impresa en la carta? (por ejemplo 2026-10-02)",
            ),
            Slot::Service => language.pick(
                "What care, drug or item is it about? (for example an MRI, rehab or a medicine)",
                "¿De qué atención, medicina o artículo se trata? (por ejemplo una resonancia, rehabilitación o una medicina)",
            ),
            Slot::Location => {
                language.pick("What is your ZIP code, or your town and state?", "¿Cuál es su código postal, o su ciudad y estado?")
            }
            Slot::Specialty => language.pick(
                "What kind of doctor or place do you need? (for example an eye doctor)",
                "¿Qué tipo de médico o lugar necesita? (por ejemplo un médico de los ojos)",
            ),
            Slot::Situation => language.pick(
                "What has changed? (for example: you turn 65, you lost your coverage, you moved, or you want another plan)",
                "¿Qué ha cambiado? (por ejemplo: cumple 65 años, perdió su cobertura, se mudó o quiere otro plan)",
            ),
            Slot::DocumentText => {
                language.pick("What does the letter or bill say? You can type or paste its text here.", "¿Qué dice la carta o la cuenta? Puede escribir o pegar el texto aquí.")
            }
            Slot::State => language.pick("Which state do you live in?", "¿En qué estado vive?"),
        })
        .collect();
    let opening = language.pick(
        "I can help with that. To give you the right steps, please tell me:",
        "Puedo ayudar con eso. Para darle los pasos correctos, dígame por favor:",
    );
    let closing = language.pick(
        "If you don't know, say so and I will tell you where to look.",
        "Si no lo sabe, dígalo y le diré dónde mirar.",
    );
    let lines: Vec<String> = asked.iter().map(|line| format!("- {line}")).collect();
    ComposedReply {
        content: format!("{opening}\n{}\n{closing}", lines.join("\n")),
        response_type: ResponseType::Request,
        urgency: Urgency::Routine,
        next_steps: asked.into_iter().map(ToOwned::to_owned).collect(),
        citations: Vec::new(),
    }
}

fn plan(strategy: &Strategy, language: Language) -> ComposedReply {
    let (opening, steps) = steps(strategy, language);
    let mut citations = cite_help();
    let mut text = opening.to_owned();
    if let Some(deadline) = &strategy.deadline {
        text.push_str("\n\n");
        text.push_str(&deadline_sentence(deadline, language));
        citations.extend(rule(&deadline.rule).map(cite_rule));
    }
    text.push_str("\n\n");
    for (number, step) in steps.iter().enumerate() {
        text.push_str(&format!("{}. {step}\n", number + 1));
    }
    text.push_str(&format!("\n{}", help(language)));
    let urgency = if strategy.deadline.is_some() { Urgency::Soon } else { Urgency::Routine };
    ComposedReply { content: text, response_type: ResponseType::Guidance, urgency, next_steps: steps, citations }
}

fn deadline_sentence(deadline: &Deadline, language: Language) -> String {
    let is_estimate = rule(&deadline.rule).is_none_or(|rule| rule.is_estimate);
    let (last_day, notice_date) = (deadline.last_day, deadline.notice_date);
    let sentence = match (language, deadline.has_passed) {
        (Language::En, false) => {
            format!("Ask for the appeal by {last_day}. This is counted from the letter's date, {notice_date}.")
        }
        (Language::En, true) => format!(
            "The time to appeal seems to have ended on {last_day}, counted from the letter's date, {notice_date}. Ask anyway, and explain why you are late: a good reason, such as illness, can be accepted."
        ),
        (Language::Es, false) => format!(
            "Pida la apelación a más tardar el {last_day}. Se cuenta desde la fecha de la carta, {notice_date}."
        ),
        (Language::Es, true) => format!(
            "El plazo para apelar parece haber terminado el {last_day}, contado desde la fecha de la carta, {notice_date}. Pídala de todos modos y explique por qué: una buena razón, como una enfermedad, puede ser aceptada."
        ),
    };
    let caution = if is_estimate {
        language.pick(
            " This is an estimate; use the date printed on your notice.",
            " Es una estimación; use la fecha impresa en su aviso.",
        )
    } else {
        language.pick(
            " If your letter prints another last day, use that one.",
            " Si su carta indica otro último día, use ese.",
        )
    };
    sentence + caution
}

fn steps(strategy: &Strategy, language: Language) -> (&'static str, Vec<String>) {
    let pick = |english: &'static str, spanish: &'static str| match language {
        Language::En => english,
        Language::Es => spanish,
    };
    let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    match strategy.intent {
        Intent::AppealDenial | Intent::FastAppealDischarge => (
            pick(
                "I'm sorry that your plan said no. You have the right to appeal, and it costs nothing to ask.",
                "Lamento que su plan haya dicho que no. Usted tiene derecho a apelar, y pedirlo no cuesta nada.",
            ),
            owned(&[
                pick("Find the reason for the denial in the letter.", "Busque en la carta la razón de la negación."),
                pick(
                    "Ask your doctor for a letter that says why you need the care.",
                    "Pida a su médico una carta que diga por qué necesita la atención.",
                ),
                pick(
                    "Write to the address on the letter: your name, your member number, the decision, and why you disagree. Keep copies.",
                    "Escriba a la dirección de la carta: su nombre, su número de miembro, la decisión y por qué no está de acuerdo. Guarde copias.",
                ),
                pick(
                    "If waiting could harm your health, ask for a fast appeal, and ask your doctor to support it.",
                    "Si esperar puede dañar su salud, pida una apelación rápida y el apoyo de su médico.",
                ),
            ]),
        ),
        Intent::PriorAuthorization => (
            pick(
                "Prior authorization means that your plan must say yes before you get the care.",
                "La autorización previa quiere decir que su plan debe decir que sí antes de la atención.",
            ),
            owned(&[
                pick(
                    "Ask your doctor's office whether they have sent the request, and when.",
                    "Pregunte al consultorio si ya enviaron la solicitud y cuándo.",
                ),
                pick(
                    "Call the number on your member card and ask when a decision is due.",
                    "Llame al número de su tarjeta y pregunte cuándo decidirán.",
                ),
                pick(
                    "If waiting could harm your health, ask for a fast decision.",
                    "Si esperar puede dañar su salud, pida una decisión rápida.",
                ),
            ]),
        ),
        Intent::FindProvider => (
            pick(
                "I don't have your plan's provider list, so I can't say who is in it.",
                "No tengo la lista de médicos de su plan, así que no puedo decir quién está en ella.",
            ),
            owned(&[
                pick(
                    "Call the number on your member card and ask which doctors near you take new patients.",
                    "Llame al número de su tarjeta y pregunte qué médicos cerca aceptan pacientes nuevos.",
                ),
                pick(
                    "Ask the doctor's office too: \"Are you in the network of my plan?\" Give the plan's full name.",
                    "Pregunte también en el consultorio: «¿Están en la red de mi plan?» Diga el nombre completo del plan.",
                ),
            ]),
        ),
        Intent::CoverageQuestion | Intent::Costs | Intent::SurpriseBill | Intent::FinancialHelp => (
            pick(
                "I don't have your plan's papers, so I can't say what it covers or what you would pay.",
                "No tengo los papeles de su plan, así que no puedo decir qué cubre ni cuánto pagaría.",
            ),
            owned(&[
                pick(
                    "Call the number on your member card. Ask: \"Is this covered, what will I pay, and do I need approval first?\"",
                    "Llame al número de su tarjeta. Pregunte: «¿Está cubierto, cuánto pagaré y necesito aprobación antes?»",
                ),
                pick(
                    "Write down the day, the name of the person, and the answer.",
                    "Anote el día, el nombre de la persona y la respuesta.",
                ),
            ]),
        ),
        Intent::Enrollment => (
            pick(
                "When you can sign up depends on your age and the coverage you have now.",
                "Cuándo puede inscribirse depende de su edad y de la cobertura que tiene ahora.",
            ),
            owned(&[
                pick(
                    "For Medicare, call 1-800-633-4227 and ask when your time to sign up begins and ends.",
                    "Para Medicare, llame al 1-800-633-4227 y pregunte cuándo empieza y termina su período.",
                ),
                pick(
                    "Write down the dates. Signing up late can cost more.",
                    "Anote las fechas. Inscribirse tarde puede costar más.",
                ),
            ]),
        ),
        Intent::ExplainTerm
        | Intent::ExplainDocument
        | Intent::Fraud
        | Intent::Representative
        | Intent::Complaint
        | Intent::PrivacyRequest
        | Intent::HumanHelp
        | Intent::MedicalAdvice
        | Intent::Smalltalk
        | Intent::Other => (
            pick(
                "I help with health insurance and Medicare. I'm not sure yet what you need.",
                "Ayudo con seguros de salud y Medicare. Todavía no sé bien qué necesita.",
            ),
            owned(&[pick(
                "Tell me in a sentence what happened, for example: \"My plan denied my MRI.\"",
                "Dígame en una frase qué pasó, por ejemplo: «Mi plan negó mi resonancia».",
            )]),
        ),
    }
}

fn plain_answer(answer: &QaAnswer, language: Language) -> ComposedReply {
    let meanings: Vec<&str> = TERMS
        .iter()
        .filter(|term| answer.terms.iter().any(|word| word == term.word))
        .map(|term| language.pick(term.meaning, term.meaning_es))
        .collect();
    let body = match answer.intent {
        Intent::MedicalAdvice => language
            .pick(
                "I can't give medical advice. Please ask your doctor or a pharmacist. I can help with your insurance.",
                "No puedo dar consejos médicos. Pregunte a su médico o farmacéutico. Puedo ayudar con su seguro.",
            )
            .to_owned(),
        Intent::Smalltalk => language
            .pick(
                "You're welcome. Write to me any time about your health insurance or Medicare.",
                "Con gusto. Escríbame cuando quiera sobre su seguro de salud o Medicare.",
            )
            .to_owned(),
        Intent::HumanHelp => {
            language.pick("Yes, people can help you, for free.", "Sí, hay personas que le ayudan, gratis.").to_owned()
        }
        _ if !meanings.is_empty() => meanings.join("\n"),
        _ => language
            .pick(
                "I don't know this well enough to answer, and I don't want to guess.",
                "No sé esto lo suficiente para responder, y no quiero adivinar.",
            )
            .to_owned(),
    };
    let mut reply = informational(format!("{body}\n\n{}", help(language)));
    reply.citations = cite_help();
    reply
}

/// The answer of a run that had to be given up.
pub fn could_not_answer(language: Language) -> ComposedReply {
    let opening = language.pick(
        "I could not finish the answer. Your message is saved. Please ask again, or call:",
        "No pude terminar la respuesta. Su mensaje está guardado. Pregunte de nuevo o llame:",
    );
    let mut reply = informational(format!("{opening}\n{}", help(language)));
    reply.citations = cite_help();
    reply
}

fn help(language: Language) -> String {
    let line = |line: &HelpLine| language.pick(line.text, line.text_es).to_owned();
    format!("{}\n{}", line(&MEDICARE), line(&SHIP))
}

fn informational(content: String) -> ComposedReply {
    ComposedReply {
        content,
        response_type: ResponseType::Informational,
        urgency: Urgency::Routine,
        next_steps: Vec::new(),
        citations: Vec::new(),
    }
}
