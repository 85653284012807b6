//! Text made comparable: NFKC, no accents, no invisible characters, look-alike letters made Latin, lower case.
//!
//! Two forms: [`fold`] is one string of words between single spaces (a whole phrase is found by looking for it between
//! spaces), [`Text`] is the words with their sentences and where each stood. [`phrases`] looks for patterns of words.
//!
//! Invariant: linear in the text's length.

mod joined;
pub mod letters;
pub mod phrases;
pub mod text;

pub use joined::joined;
pub use text::Text;

/// The folded text; it begins and ends with a space.
pub fn fold(text: &str) -> String {
    let text = Text::new(text);
    let mut folded = String::with_capacity(text.len() + 2);
    folded.push(' ');
    for word in text.words() {
        folded.push_str(word);
        folded.push(' ');
    }
    folded
}

/// Whether one of the phrases stands in the folded text. A phrase is folded words with single spaces; one that ends with
/// `*` matches the beginning of a word.
pub fn has_any(folded: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| has(folded, phrase))
}

fn has(folded: &str, phrase: &str) -> bool {
    match phrase.strip_suffix('*') {
        Some(beginning) => folded.contains(&format!(" {beginning}")),
        None => folded.contains(&format!(" {phrase} ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_width_and_invisible_characters_do_not_matter() {
        assert_eq!(fold("  ¿Qué ES   una APELACIÓN?"), " que es una apelacion ");
        assert_eq!(fold("ig\u{200B}nore ＡＬＬ"), " ignore all ");
        assert_eq!(fold("don't"), " dont ");
        assert_eq!(fold("🙂"), " ");
    }

    #[test]
    fn letters_that_only_look_latin_are_latin() {
        assert_eq!(fold("іgnоrе аll рrеvіоus"), " ignore all previous ");
        assert_eq!(fold("ιgnοre"), " ignore ");
        assert_eq!(fold("Привет, как дела?"), " привет как дела ");
    }

    #[test]
    fn a_phrase_is_found_as_whole_words_only() {
        let folded = fold("Medicare covers this deductible");
        assert!(!has_any(&folded, &["care", "ct"]));
        assert!(has_any(&folded, &["deduct*"]));
        assert!(has_any(&folded, &["medicare covers"]));
    }
}
