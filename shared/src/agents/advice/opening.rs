//! What an opening of a reply may say: that the person was understood, and nothing else.
//!
//! Invariants: linear in the text; a figure, an instruction, a judgement or a word about coverage has no place in it, because
//! the rest of the reply, made by the rules, says those with their sources.

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::words;
use crate::agents::fold::{Text, fold, phrases::Phrases};
use crate::agents::output_check::{self, Grounds};
use crate::agents::{ComposedReply, Language};

/// Why an opening is not taken; in the order in which they are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    /// Too short or too long.
    Length,
    /// Markup, an address, a line break, a placeholder.
    Form,
    /// A number, in digits or words.
    Figure,
    /// Another language than the reply's.
    Language,
    /// It tells the person what to do or not to do.
    Instruction,
    /// It judges the case, promises, or speaks of coverage, law or medicine.
    Judgement,
    /// It asks for or repeats what identifies a person.
    Identity,
    /// It speaks of itself, its instructions, or an emergency that is not there.
    Role,
    /// A word that is not one of sympathy, family, letters, or the small words between.
    Word,
    /// The output check does not let it pass.
    OutputCheck,
}

impl Objection {
    /// What is wrong, for the model that is asked once more.
    pub fn why(self) -> &'static str {
        match self {
            Self::Length => "write one to three short sentences, 20 to 400 characters",
            Self::Form => "write plain text in one paragraph: no lists, links, brackets or markup",
            Self::Figure => "name no number, date, amount or length of time",
            Self::Language => "write in the language of the message",
            Self::Instruction => "do not say what to do; the steps come after your text",
            Self::Judgement => "do not judge, promise, or say what is covered or allowed",
            Self::Identity => "name nobody and ask for nothing",
            Self::Role => "speak of the person's situation only",
            Self::Word => "use everyday words of sympathy only: no names, no terms, nothing about what happens next",
            Self::OutputCheck => "state no fact that needs a source",
        }
    }
}

/// What an opening is held against.
pub(in crate::agents) struct Circumstances<'a> {
    pub(in crate::agents) language: Language,
    pub(in crate::agents) today: NaiveDate,
    /// What was said to the model.
    pub(in crate::agents) prompt: &'a [&'a str],
}

/// Why an opening cannot be taken, if there is a reason.
pub(in crate::agents) fn objection(opening: &str, circumstances: &Circumstances<'_>) -> Option<Objection> {
    let length = opening.chars().count();
    if !(20..=400).contains(&length) {
        return Some(Objection::Length);
    }
    let is_bad = |c: char| c.is_control() || "<>[]{}|*#`@/\\=_~^\u{200b}\u{2028}\u{2029}".contains(c);
    let is_letter = |c: char| c.is_ascii() || ('\u{a1}'..='\u{17f}').contains(&c) || "‘’“”–—…".contains(c);
    if opening.contains(is_bad) || !opening.chars().all(is_letter) || has_address(opening) {
        return Some(Objection::Form);
    }
    if opening.contains(|c: char| c.is_numeric() || "$€£%".contains(c)) {
        return Some(Objection::Figure);
    }
    let folded = fold(opening);
    if Language::told(&folded).is_some_and(|told| told != circumstances.language) || Language::told(&folded).is_none() {
        return Some(Objection::Language);
    }
    let text = Text::new(opening);
    // A few words are of both languages.
    let is_other = |sentence: &str| {
        let folded = fold(sentence);
        folded.split_whitespace().count() >= 6
            && Language::told(&folded).is_some_and(|told| told != circumstances.language)
    };
    if opening.split_inclusive(['.', '!', '?', ';', ':']).any(is_other) {
        return Some(Objection::Language);
    }
    let mut found: Vec<Objection> = Vec::new();
    for sentence in text.sentences() {
        let words: Vec<&str> = sentence.iter().map(|(word, _)| *word).collect();
        found.extend(SIGNS.find(&words).into_iter().map(|hit| hit.tag));
    }
    for objection in ORDER {
        if found.contains(&objection) {
            return Some(objection);
        }
    }
    if words::foreign(&text).is_some() {
        return Some(Objection::Word);
    }
    let grounds = Grounds {
        today: circumstances.today,
        language: circumstances.language,
        prompt: circumstances.prompt,
        ..Grounds::default()
    };
    let broken = output_check::check(&ComposedReply::informational(opening.to_owned()), &grounds);
    (!broken.is_empty()).then_some(Objection::OutputCheck)
}

/// A name of a host: a dot between letters.
fn has_address(opening: &str) -> bool {
    let letters: Vec<char> = opening.chars().collect();
    letters
        .windows(3)
        .any(|three| matches!(three, [before, '.', after] if before.is_alphanumeric() && after.is_alphanumeric()))
        || fold(opening).contains(" www ")
        || fold(opening).contains(" http")
}

const ORDER: [Objection; 5] =
    [Objection::Figure, Objection::Instruction, Objection::Judgement, Objection::Identity, Objection::Role];

static SIGNS: LazyLock<Phrases<Objection>> = LazyLock::new(|| Phrases::new(PATTERNS, &[]));

use Objection::{Figure, Identity, Instruction, Judgement, Role};

const PATTERNS: &[(Objection, &str)] = &[
    (
        Figure,
        "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|ninety|hundred|hundreds|thousand|thousands|million|dozen|half|double|twice|zero",
    ),
    (
        Figure,
        "dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|quince|veinte|treinta|cuarenta|cincuenta|sesenta|noventa|cien|ciento|cientos|mil|millon|doble|mitad|cero",
    ),
    (
        Figure,
        "day|days|week|weeks|month|months|year|years|hour|hours|tomorrow|yesterday|monday|tuesday|wednesday|thursday|friday|saturday|sunday",
    ),
    (
        Figure,
        "dia|dias|semana|semanas|mes|meses|ano|anos|hora|horas|manana|ayer|lunes|martes|miercoles|jueves|viernes|sabado|domingo",
    ),
    (Figure, "january|february|march|april|june|july|august|september|october|november|december"),
    (Figure, "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"),
    (Figure, "dollar|dollars|cent|cents|percent|dolar|dolares|centavos|deadline|deadlines|plazo|plazos|late|tarde"),
    (Instruction, "must|should|ought|shall|need|needs|needed|have|has to"),
    (Instruction, "must|should|shouldnt|ought|mustnt|neednt"),
    (
        Instruction,
        "you|not|dont|do|to need|needed|required|supposed|better|bother|worry|wait|waste|ignore|skip|stop|delay|appeal|sign|pay|call|send|give|tell|file|forget",
    ),
    (
        Instruction,
        "^ call|send|pay|wait|stop|ignore|skip|forget|throw|sign|give|tell|mail|fax|file|write|ask|visit|go|click|download|open|take|use|buy|reply|text|email|contact|wire|transfer|withdraw|cancel|accept|keep|never|avoid|try|drop",
    ),
    (
        Instruction,
        "just|simply|please|then|and|or call|send|pay|wait|stop|ignore|skip|forget|throw|sign|give|mail|fax|file|visit|click|download|take|use|buy|text|email|contact|wire|transfer|withdraw|cancel|accept|drop|relax",
    ),
    (Instruction, "no need|point|reason|use|sense|hurry|rush|harm"),
    (Instruction, "give up|away|in"),
    (Instruction, "let it|this go"),
    (Instruction, "too late|soon|hard|risky|expensive"),
    (Instruction, "not|isnt|wont worth|worthwhile|help|matter"),
    (Instruction, "waste|pointless|useless|hopeless|unnecessary|optional"),
    (Instruction, "debe|deben|debes|deberia|tiene|tienes|hay que"),
    (Instruction, "debe|debes|deberia|deberias|necesita|necesitas"),
    (Instruction, "no hace|es falta|necesario"),
    (Instruction, "no haga|pague|llame|mande|espere|apele|firme|conteste|pierda|moleste|preocupe"),
    (
        Instruction,
        "^ llame|mande|envie|pague|espere|ignore|olvide|firme|deje|visite|haga|de|escriba|pida|tome|use|compre|cancele|acepte|transfiera|retire|nunca|evite",
    ),
    (Instruction, "no vale|sirve|tiene la|de|pena|nada|sentido"),
    (Instruction, "inutil|innecesario|demasiado"),
    (
        Judgement,
        "cover|covers|covered|covering|coverage|uncovered|entitled|qualify|qualifies|eligible|eligibility|approved|approve|approves|free|guaranteed|guarantee|guarantees|promise|promised",
    ),
    (
        Judgement,
        "cubre|cubren|cubierto|cubierta|cobertura|derecho|califica|elegible|aprobado|aprobada|aprobara|gratis|garantizado|garantiza|garantizo|prometo",
    ),
    (
        Judgement,
        "will|going|gonna|sure|certain|certainly|definitely|surely|always|bound ~3 win|winning|succeed|pay|pays|overturn|approve|lose|fail|work|get",
    ),
    (
        Judgement,
        "win|wins|winning|succeed|success|victory|overturned|lose|losing|fail|failed|chance|chances|odds|likely|unlikely",
    ),
    (Judgement, "gana|ganara|ganar|exito|perder|perdera|probable|probabilidad"),
    (Judgement, "seguro que"),
    (
        Judgement,
        "illegal|legal|law|laws|lawful|lawsuit|sue|court|judge|rights|wrong|mistake|mistaken|error|fraud|scam|crime|criminal|corrupt|evil|greedy|stupid|idiot|liar|lied|lying|cheat|cheating|cheated",
    ),
    (Judgement, "bad faith"),
    (Judgement, "ilegal|ley|leyes|demanda|demandar|juez|equivoco|equivocado|fraude|estafa|delito|mentira|mentiroso"),
    (
        Judgement,
        "your plan|insurer|insurance|doctor|medicare|hospital is|are|was|were|made|makes|did|does|has|have|had|broke|acted|lied|can|cannot|cant|wants",
    ),
    (
        Judgement,
        "dose|dosage|diagnosis|symptom|symptoms|medicine|medication|medications|pill|pills|cure|cured|treatment|treatments|surgery|cancer|tumor|safe|dangerous|healthy|heal|healing",
    ),
    (Judgement, "side effects"),
    (
        Judgement,
        "dosis|diagnostico|sintomas|medicina|medicinas|pastilla|pastillas|cura|curar|tratamiento|peligroso|sano",
    ),
    (Judgement, "democrat|republican|president|vote|election|religion|god|jesus|allah|race|gender"),
    (
        Identity,
        "ssn|number|numbers|password|passcode|pin|bank|account|credit|debit|card|cards|address|birthday|birth|login|username|routing|wallet|bitcoin|crypto|gift",
    ),
    (Identity, "social security"),
    (Identity, "contrasena|clave|banco|cuenta|tarjeta|direccion|numero|nacimiento|cripto"),
    (
        Role,
        "ai|bot|robot|assistant|chatbot|model|prompt|prompts|instruction|instructions|system|developer|openai|anthropic|claude|gpt|chatgpt|llama|bedrock|json|schema|token|tokens|rule|rules|policy|guidelines|roleplay|pretend|jailbreak|dan",
    ),
    (Role, "ia|asistente|modelo|instrucciones|sistema|reglas"),
    (Role, "i am|was|work|represent|as ~2 doctor|lawyer|nurse|attorney|agent|human|person|employee|medicare|unable"),
    (Role, "i cannot|cant|wont|refuse|decline"),
    (Role, "as|being an|a|your|the doctor|lawyer|nurse|attorney|agent|human|person|expert"),
    (
        Role,
        "i cannot|cant|wont|refuse|decline|will|can|could ~2 not|assist|comply|provide|discuss|guarantee|call|file|send|pay|handle|do",
    ),
    (Role, "emergency|911|988|suicide|suicidal|kill|die|dying|dead|death|ambulance|overdose|weapon|gun|bomb"),
    (Role, "emergencia|suicidio|matar|morir|muerte|muerto|sobredosis|arma|bomba"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(opening: &str, language: Language) -> Option<Objection> {
        let today = "2026-11-22".parse().expect("a date");
        objection(opening, &Circumstances { language, today, prompt: &[] })
    }

    #[test]
    fn every_pattern_can_be_read() {
        assert_eq!(SIGNS.rejected(), [""; 0]);
    }

    #[test]
    fn kind_words_pass() {
        for opening in [
            "I am sorry to hear that your MRI was turned down. It is hard to get a letter like that while your back hurts.",
            "Thank you for writing about your mother. That letter sounds like a shock.",
            "It sounds like a stressful time. Let us look at it together, one step after the other.",
            "I understand how upsetting this letter is. Here is a way forward.",
        ] {
            let found = of(opening, Language::En);
            assert!(found.is_none(), "{opening}: {found:?}");
        }
        for opening in [
            "Lamento mucho lo de su resonancia. Es difícil recibir una carta así cuando le duele la espalda.",
            "Gracias por escribirme sobre su mamá. Entiendo que esta carta es una preocupación grande.",
        ] {
            let found = of(opening, Language::Es);
            assert!(found.is_none(), "{opening}: {found:?}");
        }
    }

    #[test]
    fn what_an_opening_must_not_say_has_its_objection() {
        for (opening, expected) in [
            ("Sorry.", Objection::Length),
            ("I am sorry to hear that. See <b>here</b> for more.", Objection::Form),
            ("I am sorry. More of this stands on evil.example today.", Objection::Form),
            ("I am sorry, and you still have 90 of them left for this.", Objection::Figure),
            ("I am sorry, and you still have ninety of them left for this.", Objection::Figure),
            ("Lamento mucho lo que le pasa con su plan de salud.", Objection::Language),
            ("I am sorry about the letter. You should just ignore it.", Objection::Instruction),
            ("I am sorry about the letter, but there is no point in it.", Objection::Instruction),
            ("I am happy to say that this is covered by the plan.", Objection::Judgement),
            ("I am sorry about the letter. The decision was a mistake.", Objection::Judgement),
            ("I am sorry about that. What is the password of the account?", Objection::Identity),
            ("As a language model I am sorry about the letter you got.", Objection::Role),
        ] {
            assert_eq!(of(opening, Language::En), Some(expected), "{opening}");
        }
    }
}
