//! A text as tokens: words and numbers, each with its place and what stands around it.

use std::ops::Range;

/// The tokens of a text.
pub(super) struct Tokens<'a> {
    /// The text.
    pub(super) text: &'a str,
    list: Vec<Token<'a>>,
}

/// A run of letters and digits; `'`, `-`, `.` and `/` inside it belong to it.
#[derive(Clone)]
pub(super) struct Token<'a> {
    /// As it is written.
    pub(super) text: &'a str,
    /// In lower case.
    pub(super) lower: String,
    /// Where it is.
    pub(super) range: Range<usize>,
    /// What stands between it and the next token.
    pub(super) after: &'a str,
}

impl<'a> Tokens<'a> {
    /// Reads a text.
    pub(super) fn new(text: &'a str) -> Self {
        let characters: Vec<(usize, char)> = text.char_indices().collect();
        let is_word = |at: usize| characters.get(at).is_some_and(|(_, c)| c.is_alphanumeric());
        let is_inside = |at: usize| {
            matches!(characters.get(at), Some((_, '\'' | '’' | '-' | '.' | '/')))
                && at > 0
                && is_word(at - 1)
                && is_word(at + 1)
        };
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        while at < characters.len() {
            if !is_word(at) {
                at += 1;
                continue;
            }
            let begin = characters[at].0;
            while is_word(at) || is_inside(at) {
                at += 1;
            }
            let end = characters.get(at).map_or(text.len(), |(end, _)| *end);
            ranges.push(begin..end);
        }
        let next = |number: usize| ranges.get(number + 1).map_or(text.len(), |next| next.start);
        let list = ranges
            .iter()
            .enumerate()
            .map(|(number, range)| Token {
                text: &text[range.clone()],
                lower: text[range.clone()].to_lowercase(),
                range: range.clone(),
                after: &text[range.end..next(number)],
            })
            .collect();
        Self { text, list }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The token of this number.
    pub(super) fn get(&self, at: usize) -> Option<&Token<'a>> {
        self.list.get(at)
    }

    /// The token's lower case; empty where there is none.
    pub(super) fn lower(&self, at: usize) -> &str {
        self.get(at).map_or("", |token| token.lower.as_str())
    }

    /// Whether one of the words stands among the `most` tokens before.
    pub(super) fn has_before(&self, at: usize, most: usize, words: &[&str]) -> bool {
        let start = at.saturating_sub(most);
        self.list[start..at.min(self.list.len())].iter().any(|token| words.contains(&token.lower.as_str()))
    }

    /// Whether one of the words stands among the `most` tokens from here on.
    pub(super) fn has_after(&self, at: usize, most: usize, words: &[&str]) -> bool {
        let start = at.min(self.list.len());
        let end = self.list.len().min(start + most);
        self.list[start..end].iter().any(|token| words.contains(&token.lower.as_str()))
    }

    /// The character before a token, if it touches it.
    pub(super) fn touches_before(&self, at: usize) -> Option<char> {
        let start = self.get(at)?.range.start;
        self.text[..start].chars().next_back().filter(|c| !c.is_whitespace())
    }
}

impl Token<'_> {
    /// Whether the next token follows after blanks alone.
    pub(super) fn is_joined(&self) -> bool {
        self.after.chars().all(|c| matches!(c, ' ' | '\u{A0}')) && !self.after.is_empty()
    }

    /// Whether a sentence or a line ends after it.
    pub(super) fn ends_sentence(&self) -> bool {
        self.after.contains(['.', '!', '?', ';', '\n'])
    }

    /// How many digits it has.
    pub(super) fn digits(&self) -> usize {
        self.text.bytes().filter(u8::is_ascii_digit).count()
    }
}
