//! Names of people, by the words before and after them.
//!
//! A name alone cannot be told from other words in capitals; what makes it one is "my name is", "I am", "my husband", a
//! signature, or a date of birth behind it. Names of doctors stay: they are public, and a question may be about them.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::tokens::Tokens;
use super::{Kind, Span};

/// A name has at most so many words.
const LONGEST: usize = 4;

/// The names of a text.
pub(super) fn find(tokens: &Tokens<'_>) -> Vec<Span> {
    (0..tokens.len()).filter_map(|at| named(tokens, at).or_else(|| described(tokens, at))).collect()
}

/// How sure the words before are that a name follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cue {
    /// "My name is": whatever follows.
    Sure,
    /// "I am", "my husband": two words in capitals, or one that is a usual first name.
    Maybe,
}

/// A name that words before it announce.
fn named(tokens: &Tokens<'_>, at: usize) -> Option<Span> {
    let cue = cue(tokens, at)?;
    let end = run(tokens, at, cue)?;
    let count = end - at;
    let is_known = is_among(FIRST_NAMES, tokens.lower(at));
    let fits = match cue {
        Cue::Sure => true,
        Cue::Maybe => count >= 2 || is_known,
    };
    fits.then(|| span(tokens, at, end)).flatten()
}

/// A name at the beginning of a sentence, with a date of birth or a number behind it.
fn described(tokens: &Tokens<'_>, at: usize) -> Option<Span> {
    let opens = at == 0 || tokens.get(at - 1).is_some_and(super::tokens::Token::ends_sentence);
    if !opens {
        return None;
    }
    let end = run(tokens, at, Cue::Maybe)?;
    let is_followed = tokens.get(end - 1).is_some_and(|token| token.after.contains([',', '(', ':', '-']));
    const PERSONAL: &[&str] =
        &["dob", "born", "ssn", "mbi", "medicare", "member", "age", "aged", "birth", "nacido", "nacida", "d.o.b"];
    (end - at >= 2 && is_followed && tokens.has_after(end, 2, PERSONAL)).then(|| span(tokens, at, end)).flatten()
}

fn span(tokens: &Tokens<'_>, at: usize, end: usize) -> Option<Span> {
    Some(Span { kind: Kind::Person, range: tokens.get(at)?.range.start..tokens.get(end - 1)?.range.end })
}

/// What the words before a token announce.
fn cue(tokens: &Tokens<'_>, at: usize) -> Option<Cue> {
    let before = |back: usize| at.checked_sub(back).map_or("", |at| tokens.lower(at));
    let gap = at.checked_sub(1).and_then(|at| tokens.get(at)).map(|token| token.after.trim())?;
    let is_colon = gap.starts_with(':');
    let is_blank = gap.is_empty();
    match (before(3), before(2), before(1)) {
        (_, "name" | "nombre", "is" | "es") if is_blank || is_colon => Some(Cue::Sure),
        (_, "me" | "se", "llamo" | "llama") if is_blank => Some(Cue::Sure),
        (_, _, "name's") if is_blank => Some(Cue::Sure),
        (_, _, "name" | "nombre") if is_colon => Some(Cue::Sure),
        (_, "member" | "patient" | "subscriber" | "beneficiary", "name") if is_blank => Some(Cue::Maybe),
        (_, _, "patient" | "paciente" | "member" | "beneficiary") if is_colon => Some(Cue::Maybe),
        (_, _, "sincerely" | "regards" | "signed" | "atentamente") => Some(Cue::Maybe),
        (_, "i" | "it" | "this" | "she" | "he", "am" | "is") if is_blank && before(2) != "it" => Some(Cue::Maybe),
        (_, _, "i'm" | "i’m" | "im" | "soy") if is_blank => Some(Cue::Maybe),
        ("on", "behalf", "of") => Some(Cue::Maybe),
        (_, _, "mr" | "mrs" | "ms" | "miss" | "sra" | "sr") => Some(Cue::Maybe),
        (_, "my" | "our" | "mi" | "her" | "his", relation)
            if is_among(RELATIONS, relation) && (is_blank || gap == ",") =>
        {
            Some(Cue::Maybe)
        }
        _ => None,
    }
}

/// Where a run of words that can be a name ends.
fn run(tokens: &Tokens<'_>, at: usize, cue: Cue) -> Option<usize> {
    let mut end = at;
    while end < at + LONGEST {
        let Some(token) = tokens.get(end) else { break };
        let is_initial = token.text.chars().count() == 1 && token.after.starts_with('.');
        let is_particle = end > at && PARTICLES.contains(&token.lower.as_str());
        let is_capital = token.text.starts_with(char::is_uppercase) && token.text.chars().any(char::is_lowercase);
        let is_written = is_capital || is_initial && token.text.starts_with(char::is_uppercase) || cue == Cue::Sure;
        let is_letters = token.text.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-'));
        // "Nguyen Van An" and "John A. Smith": inside a name these are no words of grammar.
        let is_part =
            is_initial || (end > at && matches!(token.text, "An" | "Do" | "So" | "No" | "My" | "Will" | "Han"));
        let fits = is_letters && (is_particle || (is_written && (is_part || !is_common(&token.lower))));
        if !fits {
            break;
        }
        end += 1;
        let goes_on = token.is_joined() || (is_initial && token.after.trim() == ".");
        if !goes_on {
            break;
        }
    }
    // A particle at the end belongs to what follows.
    while end > at
        && PARTICLES.contains(&tokens.lower(end - 1))
        && tokens.get(end - 1)?.text.starts_with(char::is_lowercase)
    {
        end -= 1;
    }
    (end > at).then_some(end)
}

const PARTICLES: [&str; 14] =
    ["de", "la", "del", "los", "las", "van", "von", "da", "dos", "bin", "al", "y", "der", "st"];

const RELATIONS: &str = "husband wife mother father mom dad son daughter brother sister aunt uncle friend partner spouse grandmother \
     grandfather grandma grandpa niece nephew neighbor cousin esposo esposa madre padre mamá papá hijo hija \
     hermano hermana abuela abuelo";

/// Whether a word stands in a list between blanks.
fn is_among(list: &str, word: &str) -> bool {
    list.split(' ').any(|other| other == word)
}

/// Whether a word in capitals is no name: what people write in capitals, and all words of grammar.
fn is_common(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| COMMON.split_whitespace().collect());
    WORDS.contains(word) || (word.ends_with("ing") && word.len() > 5)
}

/// Words that people write in capitals and that are no names: of grammar, of the field, of the calendar.
const COMMON: &str = "a an the and or but so if in on at by for from of to with not no yes is am are was were be been has have had \
     do does did can could will would should may might must my your his her our their its this that these those \
     who what when where which why how all any some very too also just still only now here there then again never \
     always already about after before over under until since because than as it he she we they you i me us them \
     im please thanks thank hi hello dear born aged age años calling writing trying looking waiting turning right \
     wrong ready sure sorry new old back out up off well good bad sick ill tired worried afraid confused angry \
     disabled retired single married divorced widowed diabetic pregnant eligible enrolled covered insured \
     uninsured denied american un una el los que con para por en tengo soy diabética diabético jubilado jubilada \
     ciudadano paciente viuda viudo llamo medicare medicaid medigap advantage original part plan plans health \
     healthcare insurance claim claims appeal denial notice letter bill coverage card member patient customer \
     service services social security blue cross shield humana aetna cigna kaiser permanente anthem \
     unitedhealthcare united wellcare ambetter oscar molina centene marketplace obamacare hospital clinic doctor \
     dr nurse pharmacy center foundation advocate department office company group ssn mbi dob hmo ppo ship cobra \
     eob mri er va tricare insurer agent broker rep gold silver bronze seguro carta january february march april \
     june july august september october november december monday tuesday wednesday thursday friday saturday \
     sunday today tomorrow yesterday";

/// First names that are common in the United States, in English and Spanish.
const FIRST_NAMES: &str = "james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony \
     donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob \
     gary nicholas eric jonathan stephen larry justin scott frank raymond gregory samuel patrick jack dennis \
     jerry walter henry harold peter arthur albert eugene ralph roy louis carl mary patricia jennifer linda \
     elizabeth barbara susan jessica sarah karen lisa nancy betty margaret sandra ashley kimberly emily donna \
     michelle carol amanda dorothy melissa deborah stephanie rebecca sharon laura cynthia kathleen amy angela \
     shirley anna brenda pamela nicole helen ruth virginia janet catherine frances alice gloria doris evelyn \
     judith martha joan diane marie josé jose luis juan carlos jesús jesus miguel pedro manuel francisco antonio \
     jorge ramón ramon raúl raul maría maria rosa carmen ana guadalupe juana lucía lucia teresa elena isabel \
     dolores yolanda silvia marta esperanza mohammed fatima wei nguyen priya olga ivan";

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        find(&Tokens::new(text)).into_iter().map(|span| &text[span.range]).collect()
    }

    #[test]
    fn a_name_is_what_is_said_to_be_one() {
        assert_eq!(found("Dolores O'Brien, DOB October 21, 1953"), ["Dolores O'Brien"]);
        assert_eq!(found("I am John Q. Smith, born 1950"), ["John Q. Smith"]);
        assert_eq!(found("my name is tommy nguyen and im 66"), ["tommy nguyen"]);
        assert_eq!(found("My mother, Lucille Baker, has Medicaid"), ["Lucille Baker"]);
        assert_eq!(found("Sincerely, Patricia O'Neill"), ["Patricia O'Neill"]);
    }

    #[test]
    fn capitals_alone_are_no_name() {
        for text in [
            "I am Medicare Eligible in May",
            "I am Turning 65 in June",
            "This is Blue Cross calling",
            "This is Not Right",
            "Is Dr. Patel in my network?",
            "My plan is Kaiser Permanente",
            "my mother Medicare card",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
