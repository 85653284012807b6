//! How easily a password is guessed. The estimate is zxcvbn's (Wheeler, USENIX Security 2016): words, names, leaked
//! passwords, keyboard walks, sequences, dates. It is asked about several readings of the text, because a long
//! password is most often a short one stretched: written twice, forwards and backwards, in leet, between digits.
//!
//! Invariants: the work is bounded (at most [`MAX_CHARS`] characters are looked at); the easiest reading counts.

use std::collections::BTreeSet;

use zxcvbn::matching::Match;
use zxcvbn::matching::patterns::MatchPattern;
use zxcvbn::zxcvbn;

use super::reading::{self, Reading};
use super::words;

/// The estimate's time grows faster than the text. Six words of the usual lists rarely have more characters.
const MAX_CHARS: usize = 48;

/// The fewest guesses (decimal logarithm) by the kind of text. zxcvbn counts 10 guesses a character where it knows
/// nothing better, so 15 random characters have about 15, and less where they look like a word or a date by chance.
/// `cargo run -p tests --bin passwords` shows what a change here costs on both sides.
mod limit {
    /// Half known words, walks, dates: what two or three of them with a year reach.
    pub(super) const KNOWN: f64 = 14.0;
    /// Mostly unknown: an unknown base with digits stays below, 15 random letters do not.
    pub(super) const UNKNOWN: f64 = 12.3;
    /// At least three different words and nothing else: four unrelated words, two of which also make one.
    pub(super) const THREE_WORDS: f64 = 12.4;
    /// At least four different words, found by the estimate or set apart in the text.
    pub(super) const PASSPHRASE: f64 = 11.5;
    /// Four words, each of the most common ones: below what four words of a list of 7,776 have. zxcvbn's own sum has at
    /// least 10,000 guesses a word, because its attacker does not begin with phrases.
    pub(super) const COMMON_WORDS: f64 = 10.0;
    /// Changes between kinds of characters all the time, as a generator's texts do.
    pub(super) const MIXED: f64 = 11.0;
    /// Hexadecimal, at least 60 bits: full of dates and years by chance.
    pub(super) const HEXADECIMAL: f64 = 9.5;
    /// One word of four or five letters, or a longer one; more is chance, or not one word.
    pub(super) const SHORT_WORD: f64 = 3.9;
    pub(super) const WORD: f64 = 5.9;
}

/// Why a password is easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weakness {
    /// It is made of common passwords, words, walks, sequences.
    Common,
    /// It is made of the product's or the person's words.
    Contextual,
}

/// What makes `text` easy to guess for somebody who knows the product and the person, if anything does.
pub(super) fn weakness(text: &str, context: &[&str]) -> Option<Weakness> {
    let head: String = text.chars().take(MAX_CHARS).collect();
    let (kind, readings) = (Kind::of(&head), reading::readings(&head));
    if readings.iter().any(|reading| is_easy(reading, &[], kind)) {
        return Some(Weakness::Common);
    }
    let personal = words::personal(context);
    let known: Vec<&str> = words::PRODUCT.into_iter().chain(personal.iter().map(String::as_str)).collect();
    readings.iter().any(|reading| is_easy(reading, &known, kind)).then_some(Weakness::Contextual)
}

fn is_easy(reading: &Reading, known: &[&str], kind: Kind) -> bool {
    let estimate = zxcvbn(&reading.text, known);
    let kind = if reading.is_unrepeated { Kind::Written } else { kind };
    let sequence = estimate.sequence();
    estimate.guesses_log10() < kind.limit(&reading.text, sequence)
        || (matches!(kind, Kind::Phrase | Kind::Written) && words_log10(sequence) < limit::COMMON_WORDS)
        || is_one_word(&reading.text, known)
}

/// The guesses (decimal logarithm) of somebody who knows how many parts there are, but not in which order.
#[allow(clippy::cast_precision_loss, reason = "an order of magnitude")]
fn words_log10(sequence: &[Match]) -> f64 {
    let parts = sequence.iter().map(|part| (part.guesses.unwrap_or(1) as f64).log10());
    let orders = (1..=sequence.len()).map(|n| (n as f64).log10());
    parts.chain(orders).sum()
}

/// Whether all letters belong to one word: the rest is what people put around a word, however many digits it has.
fn is_one_word(text: &str, known: &[&str]) -> bool {
    let (_, core, _) = reading::core(text);
    if !core.chars().all(char::is_alphabetic) {
        return false;
    }
    let limit = match core.chars().count() {
        0..4 => return false,
        4..6 => limit::SHORT_WORD,
        _ => limit::WORD,
    };
    zxcvbn(core, known).guesses_log10() < limit
}

/// How a text came about, as far as its characters tell.
#[derive(Clone, Copy)]
enum Kind {
    Hexadecimal,
    /// By a generator of random characters.
    Mixed,
    /// Words side by side.
    Phrase,
    /// By a person.
    Written,
}

impl Kind {
    fn of(text: &str) -> Self {
        let any = |is: fn(&char) -> bool| text.chars().any(|c| is(&c));
        if text.chars().all(|c| c.is_ascii_hexdigit()) && any(char::is_ascii_digit) && any(char::is_ascii_alphabetic) {
            return Self::Hexadecimal;
        }
        if reading::is_phrase(text) {
            return Self::Phrase;
        }
        let (_, core, _) = reading::core(text);
        let class = |c: char| (c.is_uppercase(), c.is_lowercase(), c.is_numeric());
        let changes = core.chars().zip(core.chars().skip(1)).filter(|&(a, b)| class(a) != class(b)).count();
        if changes >= 7 { Self::Mixed } else { Self::Written }
    }

    fn limit(self, text: &str, sequence: &[Match]) -> f64 {
        match self {
            Self::Hexadecimal => return limit::HEXADECIMAL,
            Self::Mixed => return limit::MIXED,
            Self::Phrase => return limit::PASSPHRASE,
            Self::Written => {}
        }
        let known: usize = sequence
            .iter()
            .filter(|part| !matches!(part.pattern, MatchPattern::BruteForce))
            .map(chars)
            .filter(|&n| n >= 4)
            .sum();
        match different_words(sequence) {
            4.. => limit::PASSPHRASE,
            3 if text.chars().all(char::is_alphabetic) => limit::THREE_WORDS,
            _ if known * 5 >= text.chars().count() * 3 => limit::KNOWN,
            _ => limit::UNKNOWN,
        }
    }
}

/// How many different words of at least three letters an estimate has.
fn different_words(sequence: &[Match]) -> usize {
    let is_word = |part: &&Match| {
        matches!(part.pattern, MatchPattern::Dictionary(_))
            && part.token.chars().filter(|c| c.is_alphabetic()).count() >= 3
    };
    sequence.iter().filter(is_word).map(|part| part.token.as_str()).collect::<BTreeSet<_>>().len()
}

fn chars(part: &Match) -> usize {
    part.token.chars().count()
}
