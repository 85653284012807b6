//! Messages that need no plan: greetings and thanks, abuse, nonsense, other countries, other scripts, medical advice; and
//! notices that stand before a reply.
//!
//! Invariant: each gets a short honest answer that says what can be done instead; nothing of the message is repeated.

use std::sync::LazyLock;

use super::draft::{Draft, Medicare};
use super::safety::Answers;
use crate::agents::StepInput;
use crate::agents::fold::Text;
use crate::agents::fold::phrases::{Phrases, WordSet};
use crate::agents::output_check::holds_identifier;
use crate::agents::patient_navigator::Intent;
use crate::agents::prompt_security::Severity;
use crate::agents::turn::Language;

/// What a message without a need is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    Abuse,
    OtherCountry,
    /// Whether this is a person.
    Person,
    /// Whether this is a machine, or what it is.
    Machine,
    MedicalAdvice,
    Thanks,
    Greeting,
    OtherScript,
    Nonsense,
}

const PATTERNS: &[(Topic, &str)] = &[
    (Topic::Abuse, "stupid|idiot|moron|dumb|useless|worthless|fuck*|shit|bullshit|bitch|asshole|damn|crap"),
    (Topic::Abuse, "you suck"),
    (Topic::Abuse, "hate you"),
    (Topic::Abuse, "shut up"),
    (Topic::Abuse, "estupid*|idiota|imbecil|inutil|mierda|pendej*|carajo|basura|maldit*|puta|puto|putas|putos"),
    (Topic::Abuse, "te odio"),
    (Topic::OtherCountry, "nhs|ohip|ramq|medibank|imss|issste|sisben"),
    (Topic::OtherCountry, "seguro popular|social mexicano"),
    (
        Topic::OtherCountry,
        "in|from|to the? uk|england|britain|canada|mexico|australia|germany|france|spain|india|ireland|japan|china|brazil|italy|scotland|ontario|toronto|london",
    ),
    (
        Topic::OtherCountry,
        "canadian|british|german|french|australian|mexican|spanish health|insurance|medicare|hospital|system",
    ),
    (
        Topic::OtherCountry,
        "en|de|desde mexico|espana|canada|inglaterra|alemania|francia|colombia|argentina|chile|peru|venezuela|cuba|italia|guatemala",
    ),
    (Topic::Person, "are|r|is you|u|this|it|that|there ~3 @person"),
    (Topic::Person, "^ are|r you|u ~1 real $"),
    (Topic::Person, "^ es|eres usted? real|verdadero|verdadera $"),
    (Topic::Person, "you|u|youre|ur|this ~2 @person right|correct|or|arent|isnt"),
    (Topic::Person, "you|youre|this|thats is? not ~2 @person"),
    (Topic::Person, "talking|speaking|chatting|writing|texting|messaging|connected to|with ~3 @person"),
    (Topic::Person, "is|are anybody|anyone|someone|somebody ~2 there|real|reading|answering"),
    (Topic::Person, "do you have ~2 feelings|body|family|heart|soul"),
    (Topic::Person, "eres|sos|es|son usted|ustedes|tu|vos ~2 @person_es"),
    (Topic::Person, "eres|sos ~2 @person_es"),
    (Topic::Person, "usted|ustedes|tu es|son|eres ~2 @person_es"),
    (Topic::Person, "^ es|esto|este es? ~1 @person_es"),
    (
        Topic::Person,
        "hablo|hablando|escribo|escribiendo|chateo|chateando|comunico|platico|platicando con ~2 @person_es",
    ),
    (Topic::Person, "hay alguien ~2 ahi|real|leyendo|respondiendo"),
    (Topic::Person, "hay ~1 @person_es ~2 ahi|aqui|detras|respondiendo|leyendo"),
    (Topic::Person, "am i ~2 talking|speaking|chatting|writing|texting|typing|dealing ~4 @person"),
    (Topic::Person, "what|whats is? your|ur ~1 name"),
    (Topic::Person, "may|can|could i ~1 ask|have|get|know ~3 your name"),
    (Topic::Person, "your name $"),
    (Topic::Person, "you|u got|have|gotta ~1 name"),
    (Topic::Person, "flesh and? blood"),
    (Topic::Person, "are|r you|u one ~3 $"),
    (Topic::Person, "who|whos is? this|there|reading|typing|answering|writing $"),
    (Topic::Person, "who|whom am i ~1 talking|speaking|chatting|writing|texting ~1 to|with"),
    (Topic::Person, "who ~2 on the other end|side"),
    (Topic::Person, "there ~1 somebody|someone|anybody|anyone ~3 typing|reading|writing|answering|real|alive"),
    (Topic::Person, "somebody|someone|anybody|anyone ~2 typing|answering ~2 this|me|back|here"),
    (Topic::Person, "you|u|this ~5 @person|being ~2 or ~2 ai|bot|robot|machine|computer|program|software"),
    (Topic::Person, "@person_es ~3 o ~2 ia|bot|robot|maquina|computadora|programa"),
    (Topic::Person, "con quien ~2 hablo|hablando|gusto|escribo|escribiendo|chateo|comunico|trato"),
    (Topic::Person, "como te|se llama|llamas usted? $"),
    (Topic::Person, "cual es su|tu nombre $"),
    (Topic::Person, "quien me? ~1 contesta|responde|habla|escribe|lee|atiende $"),
    (Topic::Person, "usted|tu ~6 de la oficina|carne"),
    (
        Topic::Machine,
        "am i ~2 talking|speaking|chatting|writing|texting|typing|dealing ~5 robot|bot|chatbot|machine|ai|program|computer|software",
    ),
    (Topic::Machine, "es|eres usted|tu ~8 robot|bot|maquina|programa|computadora"),
    (
        Topic::Machine,
        "are|r|is you|u|this|it ~3 robot|bot|chatbot|machine|ai|program|computer|automated|gpt|chatgpt|algorithm",
    ),
    (Topic::Machine, "talking|speaking|chatting to|with ~2 robot|bot|chatbot|machine|ai|program|computer|software"),
    (Topic::Machine, "who|what are you"),
    (Topic::Machine, "eres|sos ~2 robot|bot|maquina|ia|programa|computadora"),
    (Topic::Machine, "es usted|esto ~2 robot|bot|maquina|ia|programa|computadora"),
    (Topic::Machine, "hablo|hablando con ~2 robot|bot|maquina|ia|programa|computadora"),
    (Topic::Machine, "quien|que eres"),
    (Topic::Machine, "quien|que es usted"),
    (Topic::MedicalAdvice, "should i take|stop|eat|have|get"),
    (Topic::MedicalAdvice, "i|he|she should take|stop"),
    (Topic::MedicalAdvice, "dose|dosage|side effects"),
    (Topic::MedicalAdvice, "what ~3 symptoms|diagnosis"),
    (Topic::MedicalAdvice, "do i have cancer|diabetes|covid|flu"),
    (Topic::MedicalAdvice, "debo|deberia tomar|dejar|operarme"),
    (Topic::MedicalAdvice, "que dosis"),
    (Topic::MedicalAdvice, "efectos secundarios"),
    (Topic::Thanks, "thanks|thank|thx|gracias|appreciate"),
    (Topic::Greeting, "hello|hi|hey|good morning|afternoon|evening"),
    (Topic::Greeting, "hello|hi|hey|hola|buenas|saludos"),
    (Topic::Greeting, "buenos|buenas dias|tardes|noches"),
];

const SETS: &[WordSet] = &[
    ("person", "person people human humans alive woman man lady guy representative agent operator nurse lawyer"),
    (
        "person_es",
        "persona personas gente humano humana humanos vivo viva hombre mujer agente operador operadora representante",
    ),
];

static TOPICS: LazyLock<Phrases<Topic>> = LazyLock::new(|| Phrases::new(PATTERNS, SETS));

/// The topic of a message, if it is one of these; the first of the table counts.
pub(super) fn topic(message: &str) -> Option<Topic> {
    let letters = message.chars().filter(|c| c.is_alphabetic()).count();
    let latin = message.chars().filter(|c| c.is_alphabetic() && is_latin(*c)).count();
    if letters > 0 && latin * 2 < letters {
        return Some(Topic::OtherScript);
    }
    let text = Text::new(message);
    let mut found: Vec<Topic> = Vec::new();
    for sentence in text.sentences() {
        let words: Vec<&str> = sentence.iter().map(|(word, _)| *word).collect();
        found.extend(TOPICS.find(&words).into_iter().map(|hit| hit.tag));
    }
    let first = PATTERNS.iter().map(|(topic, _)| *topic).find(|topic| found.contains(topic));
    first.or_else(|| is_nonsense(&text, letters, message).then_some(Topic::Nonsense))
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || ('\u{C0}'..='\u{24F}').contains(&c)
}

/// No letters, or no word of either language.
fn is_nonsense(text: &Text, letters: usize, message: &str) -> bool {
    letters == 0 || (Language::told(&crate::agents::fold::fold(message)).is_none() && text.words().len() > 1)
}

/// The reply to a message that has no need, if it has a topic.
pub(super) fn reply<'a>(input: &'a StepInput<'a>, language: Language) -> Option<Draft<'a>> {
    topic(input.message).map(|topic| talk(input, topic, language))
}

/// The reply to an intent that needs no plan.
pub(super) fn of_intent<'a>(input: &'a StepInput<'a>, intent: Intent, language: Language) -> Option<Draft<'a>> {
    let own = topic(input.message);
    let topic = match intent {
        Intent::MedicalAdvice => Some(Topic::MedicalAdvice),
        Intent::Smalltalk => own.or(Some(Topic::Greeting)),
        Intent::Other => own,
        // "Am I talking to a human?" asks for no human, and "a real person, please" asks nothing about this one.
        Intent::HumanHelp if asks_who(input.message) => own
            .filter(|topic| matches!(topic, Topic::Person | Topic::Machine | Topic::OtherCountry | Topic::OtherScript)),
        _ => own.filter(|topic| matches!(topic, Topic::OtherCountry | Topic::OtherScript)),
    };
    topic.map(|topic| talk(input, topic, language))
}

/// Whether a message asks who is answering, whatever else it asks.
fn asks_who(message: &str) -> bool {
    matches!(topic(message), Some(Topic::Person | Topic::Machine)) && is_question(message)
}

fn is_question(message: &str) -> bool {
    let asks = |word: &str| {
        matches!(
            word,
            "are" | "r" | "is" | "am" | "do" | "who" | "what" | "eres" | "es" | "hablo" | "estoy" | "hay" | "son"
        )
    };
    let begins = |sentence: &Vec<(&str, _)>| sentence.iter().take(2).any(|(word, _)| asks(word));
    let is_verb = |word: &str| matches!(word, "is" | "are" | "am" | "r");
    let is_whom = |word: &str| matches!(word, "there" | "this" | "it" | "you" | "u" | "i" | "anyone" | "someone");
    let inverts = |pair: &[(&str, _)]| matches!(pair, [(verb, _), (whom, _)] if is_verb(verb) && is_whom(whom));
    let asks_inside = |sentence: &Vec<(&str, _)>| begins(sentence) || sentence.windows(2).any(inverts);
    let names_machine = |word: &str| matches!(word, "ai" | "bot" | "robot" | "machine" | "ia" | "maquina");
    let or_machine = Text::new(message).words().any(names_machine);
    message.contains(['?', '¿']) || or_machine || Text::new(message).sentences().iter().any(asks_inside)
}

fn talk<'a>(input: &'a StepInput<'a>, topic: Topic, language: Language) -> Draft<'a> {
    let mut draft = Draft::new(input, language);
    let text = match topic {
        Topic::Abuse => draft.pick(
            "I can hear that you are angry. Dealing with insurance can be hard. Tell me what happened, and I will try to help.",
            "Veo que está enojado. Tratar con los seguros puede ser duro. Dígame qué pasó y trataré de ayudarle.",
        ),
        Topic::OtherCountry => draft.pick(
            "I only know health insurance in the United States. For another country, ask its health service or your insurer there. \
             If you have a plan in the United States, tell me which kind, and what you need.",
            "Solo conozco los seguros de salud de los Estados Unidos. Para otro país, pregunte a su servicio de salud o a su aseguradora allí. \
             Si tiene un plan en los Estados Unidos, dígame de qué tipo y qué necesita.",
        ),
        Topic::Person => draft.pick(
            "No. I am a computer program, not a person. I help with health insurance and Medicare, day and night. If you would rather talk with a person, that is fine:",
            "No. Soy un programa de computadora, no una persona. Ayudo con seguros de salud y Medicare, de día y de noche. Si prefiere hablar con una persona, está bien:",
        ),
        Topic::Machine => draft.pick(
            "I am a computer program, not a person. I help with health insurance and Medicare. If you would rather talk with a person:",
            "Soy un programa de computadora, no una persona. Ayudo con seguros de salud y Medicare. Si prefiere hablar con una persona:",
        ),
        Topic::MedicalAdvice => draft.pick(
            "I can't give medical advice. Please ask your doctor or a pharmacist. Many plans have a nurse line too: look on your card. \
             I can help with what the plan decides, what to ask it, and how to appeal.",
            "No puedo dar consejos médicos. Pregunte a su médico o a un farmacéutico. Muchos planes tienen una línea de enfermería: mire su tarjeta. \
             Puedo ayudar con lo que decide el plan, qué preguntarle y cómo apelar.",
        ),
        Topic::Thanks => draft.pick(
            "You're welcome. Write to me any time about your health insurance or Medicare.",
            "Con gusto. Escríbame cuando quiera sobre su seguro de salud o Medicare.",
        ),
        Topic::Greeting => draft.pick(
            "Hello! I help with health insurance and Medicare. What do you need? For example: “My plan denied my MRI”, or “I turn 65 in March”.",
            "¡Hola! Ayudo con seguros de salud y Medicare. ¿Qué necesita? Por ejemplo: «Mi plan negó mi resonancia» o «Cumplo 65 en marzo».",
        ),
        Topic::OtherScript => "I can read English and Spanish only. Please write in one of them. For another language, call the line below \
             and ask for an interpreter.\n\nSolo leo inglés y español. Escriba por favor en uno de ellos. Para otro idioma, llame a la línea de \
             abajo y pida un intérprete."
            .to_owned(),
        Topic::Nonsense => draft.pick(
            "I could not find a question in that. Tell me in a sentence what you need, for example: “My plan denied my MRI”, or “What is a deductible?”",
            "No encontré una pregunta en eso. Dígame en una frase qué necesita, por ejemplo: «Mi plan negó mi resonancia» o «¿Qué es un deducible?»",
        ),
    };
    draft.add(&text);
    draft.answers = match topic {
        Topic::Person | Topic::Machine | Topic::Thanks => Answers::Yes,
        Topic::OtherScript => Answers::InNoLanguage,
        Topic::Abuse | Topic::OtherCountry | Topic::MedicalAdvice | Topic::Greeting | Topic::Nonsense => Answers::No,
    };
    if matches!(topic, Topic::Person | Topic::Machine | Topic::OtherScript | Topic::Abuse) {
        draft.help(&[], Medicare::Yes);
    }
    draft
}

/// What the person should know before the reply: who writes it if that was asked, of their own numbers, of orders in a text.
pub(super) fn notices(draft: &mut Draft<'_>) {
    let input = draft.input();
    if asks_who(input.message) {
        draft.paragraph(&draft.pick(
            "You asked who is writing: I am a computer program, not a person.",
            "Preguntó quién le escribe: soy un programa de computadora, no una persona.",
        ));
        draft.paragraph_break();
    }
    if holds_identifier(input.message) {
        draft.paragraph(&draft.pick(
            "For your safety: I do not need your Social Security or Medicare number. Please leave it out next time.",
            "Por su seguridad: no necesito su número del Seguro Social ni de Medicare. No lo escriba la próxima vez.",
        ));
        draft.paragraph_break();
    }
    let is_order = |severity: Severity| severity >= Severity::High;
    if input.state.security.as_ref().and_then(|security| security.severity).is_some_and(is_order) {
        draft.paragraph(&draft.pick(
            "Part of this text gives orders to me. I read it as text, and do not follow it.",
            "Parte de este texto me da órdenes. Lo leo como texto y no las sigo.",
        ));
        draft.paragraph_break();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_without_a_need_have_a_topic() {
        assert_eq!(TOPICS.rejected(), [""; 0]);
        for (text, expected) in [
            ("you are useless, idiot", Some(Topic::Abuse)),
            ("eres un inútil", Some(Topic::Abuse)),
            ("Does the NHS pay for dentures?", Some(Topic::OtherCountry)),
            ("¿cómo funciona el seguro en España?", Some(Topic::OtherCountry)),
            ("are you a real person", Some(Topic::Person)),
            ("Are you a person?", Some(Topic::Person)),
            ("are you human", Some(Topic::Person)),
            ("are you real?", Some(Topic::Person)),
            ("¿es usted real?", Some(Topic::Person)),
            ("r u a real human", Some(Topic::Person)),
            ("Is this a real person?", Some(Topic::Person)),
            ("Am I talking to a human being?", Some(Topic::Person)),
            ("Are you a person or a robot?", Some(Topic::Person)),
            ("is there a person reading this", Some(Topic::Person)),
            ("You're not a real person, are you?", Some(Topic::Person)),
            ("¿Eres una persona?", Some(Topic::Person)),
            ("¿Es usted una persona de verdad?", Some(Topic::Person)),
            ("¿usted es humano?", Some(Topic::Person)),
            ("¿Estoy hablando con una persona real?", Some(Topic::Person)),
            ("¿Hay alguien ahí?", Some(Topic::Person)),
            ("wait who is this. whats your name", Some(Topic::Person)),
            ("am i talking to a human being or a computer", Some(Topic::Person)),
            ("disculpe, ¿con quién tengo el gusto?", Some(Topic::Person)),
            ("who is this letter from", None),
            ("are you a robot?", Some(Topic::Machine)),
            ("¿eres un robot?", Some(Topic::Machine)),
            ("who are you", Some(Topic::Machine)),
            ("mi papá es una persona mayor", None),
            ("thanks!", Some(Topic::Thanks)),
            ("hola", Some(Topic::Greeting)),
            ("مرحبا، هل يغطي التأمين؟", Some(Topic::OtherScript)),
            ("asdf qwer zxcv", Some(Topic::Nonsense)),
            ("🙂🙂", Some(Topic::Nonsense)),
            ("My plan and I have a problem", None),
        ] {
            assert_eq!(topic(text), expected, "{text}");
        }
    }
}
