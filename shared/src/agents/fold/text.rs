//! The words of a text, folded, with the sentences they stand in and their places in the text.

use std::ops::Range;

use super::letters::{folded, unmask};

/// A folded text.
#[derive(Default)]
#[cfg_attr(test, derive(Debug))]
pub struct Text {
    folded: String,
    words: Vec<Word>,
}

/// One word of a [`Text`].
#[cfg_attr(test, derive(Debug))]
struct Word {
    /// Where it stands in the folded string.
    folded: Range<usize>,
    /// Where it stood in the text (bytes).
    source: Range<usize>,
    /// What separates it from the word before.
    pause: Pause,
}

/// What stands between two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pause {
    /// A space, a dash, a quotation mark.
    None,
    /// A comma, a colon, a bracket.
    Comma,
    /// The end of a sentence or of a line.
    Stop,
}

impl Text {
    /// Reads a text.
    pub fn new(text: &str) -> Self {
        let mut read = Self { folded: String::with_capacity(text.len()), words: Vec::new() };
        let (mut pause, mut word): (Pause, Option<(usize, usize)>) = (Pause::Stop, None);
        for (at, c) in text.char_indices() {
            let begin = read.folded.len();
            let mut is_separator = false;
            for letter in folded(c) {
                if letter.is_alphanumeric() {
                    read.folded.push(letter);
                } else if !is_apostrophe(letter) {
                    is_separator = true;
                }
            }
            if read.folded.len() > begin {
                let _ = word.get_or_insert((begin, at));
            }
            if !is_separator || is_inside_number(text, at, c) {
                continue;
            }
            if let Some((begin, source)) = word.take() {
                read.push(begin, source..at, pause);
                pause = Pause::None;
            }
            pause = pause.max(pause_of(text, at, c));
        }
        if let Some((begin, source)) = word {
            read.push(begin, source..text.len(), pause);
        }
        read.unmask();
        read
    }

    fn push(&mut self, begin: usize, source: Range<usize>, pause: Pause) {
        self.words.push(Word { folded: begin..self.folded.len(), source, pause });
    }

    /// Makes words Latin that only look so.
    fn unmask(&mut self) {
        if self.folded.is_ascii() {
            return;
        }
        let context_is_latin = self.folded.bytes().filter(u8::is_ascii_alphabetic).count() * 2 > self.folded.len();
        let mut folded = String::with_capacity(self.folded.len());
        for word in &mut self.words {
            let begin = folded.len();
            let old = &self.folded[word.folded.clone()];
            match unmask(old, context_is_latin) {
                Some(latin) => folded.push_str(&latin),
                None => folded.push_str(old),
            }
            word.folded = begin..folded.len();
        }
        self.folded = folded;
    }

    /// The folded words, in order.
    pub fn words(&self) -> impl ExactSizeIterator<Item = &str> {
        self.words.iter().map(|word| &self.folded[word.folded.clone()])
    }

    /// The sentences: each word with what separates it from the one before.
    pub fn sentences(&self) -> Vec<Vec<(&str, Pause)>> {
        let mut sentences: Vec<Vec<(&str, Pause)>> = Vec::new();
        for word in &self.words {
            let piece = (&self.folded[word.folded.clone()], word.pause);
            match sentences.last_mut() {
                Some(sentence) if word.pause != Pause::Stop => sentence.push(piece),
                _ => sentences.push(vec![piece]),
            }
        }
        sentences
    }

    /// Where the words from `words.start` to `words.end` stood in the text (bytes); `None` when there are no such words.
    pub fn source(&self, words: Range<usize>) -> Option<Range<usize>> {
        let words = self.words.get(words)?;
        Some(words.first()?.source.start..words.last()?.source.end)
    }

    /// How many bytes the folded words with their spaces need.
    pub fn len(&self) -> usize {
        self.folded.len() + self.words.len()
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | '´')
}

/// Whether a comma stands inside a number, as in 1,000.
fn is_inside_number(text: &str, at: usize, c: char) -> bool {
    c == ','
        && text[..at].ends_with(|c: char| c.is_ascii_digit())
        && text[at + c.len_utf8()..].starts_with(|c: char| c.is_ascii_digit())
}

fn pause_of(text: &str, at: usize, c: char) -> Pause {
    match c {
        '.' if ends_with_title(&text[..at]) || text[at + 1..].starts_with(|c: char| c.is_alphanumeric()) => Pause::None,
        '.' | '!' | '?' | ';' | '\n' | '…' | '。' | '¡' | '¿' | '！' | '？' => Pause::Stop,
        ',' | ':' | '(' | ')' | '[' | ']' | '—' | '–' | '、' | '，' => Pause::Comma,
        _ => Pause::None,
    }
}

/// Whether the text so far ends with a word whose full stop ends no sentence.
fn ends_with_title(text: &str) -> bool {
    let bytes = text.as_bytes();
    let tail = &bytes[bytes.len().saturating_sub(4)..];
    [&b"dr"[..], b"mr", b"mrs", b"ms", b"st", b"sra", b"sr", b"no", b"vs"].iter().any(|title| {
        tail.len() >= title.len() && {
            let (before, end) = tail.split_at(tail.len() - title.len());
            end.eq_ignore_ascii_case(title) && !before.last().is_some_and(u8::is_ascii_alphanumeric)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(text: &str) -> Vec<String> {
        let text = Text::new(text);
        text.sentences().iter().map(|words| words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn sentences_end_where_they_end() {
        assert_eq!(sentences("Is Dr. Lee in? It's $1,000.50 now; ok"), ["is dr lee in", "its 1000 50 now", "ok"]);
        assert_eq!(sentences("a, b"), ["a b"]);
        assert_eq!(sentences(" \u{200B}.\n"), Vec::<String>::new());
    }

    #[test]
    fn a_word_knows_where_it_stood() {
        let text = "¿Qué ES, ＡＢ\u{200B}c?";
        let read = Text::new(text);
        let word = |n: usize| &text[read.source(n..n + 1).expect("a word")];
        assert_eq!((word(0), word(1), word(2)), ("Qué", "ES", "ＡＢ\u{200B}c"));
        assert_eq!(read.source(3..4), None);
    }
}
