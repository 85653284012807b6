//! Text made comparable: NFKC, no accents, no invisible characters, lower case, words between single spaces.
//!
//! Invariant: linear in the text's length; the result begins and ends with a space, so that a whole phrase is found by
//! looking for it between spaces.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The folded text.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 2);
    folded.push(' ');
    for c in text.nfkc().flat_map(char::to_lowercase).nfd().filter(|c| !is_combining_mark(*c) && !is_invisible(*c)) {
        if c.is_alphanumeric() {
            folded.push(c);
        } else if !matches!(c, '\'' | '’') && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    if !folded.ends_with(' ') {
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

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{00AD}')
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
    fn a_phrase_is_found_as_whole_words_only() {
        let folded = fold("Medicare covers this deductible");
        assert!(!has_any(&folded, &["care", "ct"]));
        assert!(has_any(&folded, &["deduct*"]));
        assert!(has_any(&folded, &["medicare covers"]));
    }
}
