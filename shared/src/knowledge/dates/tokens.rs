//! A text as words and numbers with their places.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A word, a number, or numbers and words joined as in `2026-10-02` or `2-Oct-26`.
pub(super) struct Token {
    /// Where it begins, in bytes.
    pub(super) start: usize,
    /// Where it ends, in bytes, exclusive.
    pub(super) end: usize,
    /// Lower case, without accents.
    pub(super) word: String,
    /// Whether a sentence ends before it.
    pub(super) begins_sentence: bool,
    /// Whether a comma or a colon stands before it.
    pub(super) begins_clause: bool,
    /// Whether it begins with a capital letter.
    pub(super) is_capital: bool,
    /// Whether an apostrophe stands before it, as in `'26`.
    pub(super) has_apostrophe: bool,
}

impl Token {
    /// The token as a plain number.
    pub(super) fn number(&self) -> Option<u32> {
        (self.word.len() <= 4 && self.word.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| self.word.parse().ok())
            .flatten()
    }
}

/// Abbreviations whose full stop does not end a sentence.
const ABBREVIATIONS: [&str; 9] = ["dr", "mr", "mrs", "ms", "sr", "sra", "dra", "st", "no"];

const SOFT_HYPHEN: char = '\u{AD}';

/// The plain form of a sign between the parts of a date; PDFs and word processors have their own dashes and slashes.
fn joint(c: char) -> Option<char> {
    match c {
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        '/' | '\u{2044}' | '\u{2215}' => Some('/'),
        '.' => Some('.'),
        _ => None,
    }
}

/// The tokens of a text.
pub(super) fn split(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut begins_sentence = true;
    let mut begins_clause = false;
    let mut has_apostrophe = false;
    while let Some((start, first)) = chars.next() {
        if !first.is_alphanumeric() {
            let is_stop = match first {
                ';' | '!' | '?' | '\n' => true,
                '.' => {
                    chars.peek().is_none_or(|(_, next)| next.is_whitespace())
                        && !tokens.last().is_some_and(|last| is_abbreviation(&last.word))
                }
                _ => false,
            };
            begins_sentence |= is_stop;
            begins_clause |= matches!(first, ',' | ':');
            has_apostrophe = matches!(first, '\'' | '’');
            continue;
        }
        let mut last = first;
        let mut end = start + first.len_utf8();
        while let Some(&(at, c)) = chars.peek() {
            let next = || text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
            let joins = (c == SOFT_HYPHEN && next().is_some_and(char::is_alphanumeric))
                || (joint(c).is_some()
                    && next().is_some_and(|next| {
                        next.is_alphanumeric() && (last.is_numeric() || next.is_numeric()) && last.is_alphanumeric()
                    }));
            if !c.is_alphanumeric() && !joins {
                break;
            }
            chars.next();
            last = c;
            end = at + c.len_utf8();
        }
        let word = text.get(start..end).unwrap_or_default();
        tokens.push(Token {
            start,
            end,
            word: word
                .nfkd()
                .filter(|c| !is_combining_mark(*c) && *c != SOFT_HYPHEN)
                .map(|c| joint(c).unwrap_or(c))
                .flat_map(char::to_lowercase)
                .collect(),
            begins_sentence,
            begins_clause,
            is_capital: first.is_uppercase(),
            has_apostrophe,
        });
        begins_sentence = false;
        begins_clause = false;
        has_apostrophe = false;
    }
    tokens
}

fn is_abbreviation(word: &str) -> bool {
    ABBREVIATIONS.contains(&word) || super::parse::month(word).is_some()
}
