//! Patterns over words: a few hundred of them, looked for in one pass.
//!
//! A pattern is written as elements between spaces:
//!
//! | element | matches |
//! |---|---|
//! | `deny` | this word |
//! | `deny\|denied` | one of these words |
//! | `appeal*` | a word that begins so |
//! | `#` | a word that begins with a digit |
//! | `@person` | a word of the set of this name |
//! | `my?` | the element, or nothing |
//! | `~3` | up to three words |
//! | `^`, `$` | the beginning, the end of the sentence |
//!
//! Invariant: linear in the number of words: at each word only the patterns that begin with it are looked at, each within
//! a window of 64 words, as a set of reachable places in one integer (no backtracking).

use std::collections::HashMap;

/// A match has at most so many words: one bit each, and one for the place behind the last.
const WINDOW: usize = 63;

/// A named set of words, for `@name`.
pub type WordSet = (&'static str, &'static str);

/// A set of patterns, each with a tag.
#[derive(Debug)]
pub struct Phrases<T> {
    patterns: Vec<Pattern<T>>,
    by_word: HashMap<&'static str, Vec<u32>>,
    by_beginning: HashMap<&'static str, Vec<u32>>,
    by_digit: Vec<u32>,
    longest_beginning: usize,
    rejected: Vec<&'static str>,
}

/// A pattern found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit<T> {
    /// The pattern's tag.
    pub tag: T,
    /// The first word.
    pub start: usize,
    /// The word after the last one.
    pub end: usize,
}

#[derive(Debug)]
struct Pattern<T> {
    tag: T,
    is_first: bool,
    is_last: bool,
    elements: Vec<Element>,
}

#[derive(Debug)]
enum Element {
    Gap(u32),
    Word { is_optional: bool, choice: Choice },
}

/// The words that one element matches.
#[derive(Debug, Default)]
struct Choice {
    exact: Vec<&'static str>,
    beginnings: Vec<&'static str>,
    digit: bool,
}

impl Choice {
    fn parse(text: &'static str, sets: &[WordSet]) -> Self {
        let mut choice = Self::default();
        for word in text.split('|') {
            choice.add(word, sets);
        }
        choice.exact.sort_unstable();
        choice
    }

    fn add(&mut self, word: &'static str, sets: &[WordSet]) {
        if word == "#" {
            self.digit = true;
        } else if let Some(name) = word.strip_prefix('@') {
            let set = sets.iter().find(|(named, _)| *named == name).map_or("", |(_, words)| words);
            set.split_whitespace().for_each(|word| self.add(word, &[]));
        } else if let Some(beginning) = word.strip_suffix('*') {
            self.beginnings.push(beginning);
        } else if !word.is_empty() {
            self.exact.push(word);
        }
    }

    fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.beginnings.is_empty() && !self.digit
    }

    fn matches(&self, word: &str) -> bool {
        self.exact.binary_search(&word).is_ok()
            || self.beginnings.iter().any(|beginning| word.starts_with(beginning))
            || (self.digit && word.starts_with(|c: char| c.is_ascii_digit()))
    }
}

/// Whether one of the others (as [`Phrases::find`] gives them) shares a word with a hit.
pub fn is_overlapped<T, U>(hit: &Hit<T>, others: &[Hit<U>]) -> bool {
    // No match is longer than the window, so only the others that begin within one before it can reach it.
    let first = others.partition_point(|other| other.start + WINDOW < hit.start);
    others[first..].iter().take_while(|other| other.start < hit.end).any(|other| hit.start < other.end)
}

impl<T: Copy> Phrases<T> {
    /// Reads patterns. One that begins with a gap or an optional element, or has an empty element, could never be found
    /// and is left out; [`Phrases::rejected`] tells.
    pub fn new(patterns: &[(T, &'static str)], sets: &[WordSet]) -> Self {
        let mut phrases = Self {
            patterns: Vec::with_capacity(patterns.len()),
            by_word: HashMap::new(),
            by_beginning: HashMap::new(),
            by_digit: Vec::new(),
            longest_beginning: 0,
            rejected: Vec::new(),
        };
        for (tag, text) in patterns {
            match Pattern::parse(*tag, text, sets) {
                Some(pattern) => phrases.add(pattern),
                None => phrases.rejected.push(text),
            }
        }
        phrases
    }

    /// The patterns that were left out; a test holds each list against it.
    pub fn rejected(&self) -> &[&'static str] {
        &self.rejected
    }

    fn add(&mut self, pattern: Pattern<T>) {
        let Ok(number) = u32::try_from(self.patterns.len()) else { return };
        if let Some(Element::Word { choice, .. }) = pattern.elements.first() {
            for word in &choice.exact {
                self.by_word.entry(word).or_default().push(number);
            }
            for beginning in &choice.beginnings {
                self.by_beginning.entry(beginning).or_default().push(number);
                self.longest_beginning = self.longest_beginning.max(beginning.len());
            }
            if choice.digit {
                self.by_digit.push(number);
            }
        }
        self.patterns.push(pattern);
    }

    /// All patterns in a sentence, by where they begin, each place and pattern once, as short as possible.
    pub fn find(&self, words: &[&str]) -> Vec<Hit<T>> {
        let mut hits = Vec::new();
        self.scan(words, |hit| {
            hits.push(hit);
            true
        });
        hits
    }

    /// Whether one of the patterns stands in the sentence.
    pub fn is_in(&self, words: &[&str]) -> bool {
        let mut found = false;
        self.scan(words, |_| {
            found = true;
            false
        });
        found
    }

    /// Calls `on_hit` until it says `false`; the result is how many elements were compared.
    fn scan(&self, words: &[&str], mut on_hit: impl FnMut(Hit<T>) -> bool) -> usize {
        let mut work = 0;
        for start in 0..words.len() {
            work += 1;
            for number in self.candidates(words[start]) {
                let Some(pattern) = self.patterns.get(number as usize) else { continue };
                if pattern.is_first && start > 0 {
                    continue;
                }
                if let Some(end) = pattern.match_at(words, start, &mut work)
                    && !on_hit(Hit { tag: pattern.tag, start, end })
                {
                    return work;
                }
            }
        }
        work
    }

    fn candidates<'a>(&'a self, word: &'a str) -> impl Iterator<Item = u32> + 'a {
        let exact = self.by_word.get(word).into_iter().flatten();
        let lengths = 1..=word.len().min(self.longest_beginning);
        let beginnings = lengths.filter_map(move |length| self.by_beginning.get(word.get(..length)?)).flatten();
        let digits = self.by_digit.iter().filter(move |_| word.starts_with(|c: char| c.is_ascii_digit()));
        exact.chain(beginnings).chain(digits).copied()
    }
}

impl Phrases<()> {
    /// Reads patterns that need no tag.
    pub fn plain(patterns: &[&'static str], sets: &[WordSet]) -> Self {
        let patterns: Vec<((), &'static str)> = patterns.iter().map(|pattern| ((), *pattern)).collect();
        Self::new(&patterns, sets)
    }
}

impl<T: Copy> Pattern<T> {
    fn parse(tag: T, text: &'static str, sets: &[WordSet]) -> Option<Self> {
        let mut pattern = Self { tag, is_first: false, is_last: false, elements: Vec::new() };
        for element in text.split_whitespace() {
            match element {
                "^" => pattern.is_first = true,
                "$" => pattern.is_last = true,
                _ => pattern.elements.push(Element::parse(element, sets)?),
            }
        }
        let begins_with_word = matches!(pattern.elements.first(), Some(Element::Word { is_optional: false, .. }));
        begins_with_word.then_some(pattern)
    }

    /// The end of the shortest match that begins at `start`. Bit n of `reachable` says that the next element may match
    /// the word `start + n`.
    fn match_at(&self, words: &[&str], start: usize, work: &mut usize) -> Option<usize> {
        let window = &words[start..words.len().min(start + WINDOW)];
        let within = (1_u64 << window.len() << 1).wrapping_sub(1);
        let mut reachable = 1_u64;
        for element in &self.elements {
            *work += 1;
            reachable = within
                & match element {
                    Element::Gap(most) => (0..=*most).fold(0, |places, step| places | (reachable << step)),
                    Element::Word { is_optional, choice } => {
                        let next = step(reachable, choice, window);
                        if *is_optional { reachable | next } else { next }
                    }
                };
            if reachable == 0 {
                return None;
            }
        }
        if self.is_last {
            let end = words.len() - start;
            return (end < 64 && reachable & (1 << end) != 0).then_some(words.len());
        }
        Some(start + reachable.trailing_zeros() as usize)
    }
}

/// The places after a word of the choice.
fn step(mut reachable: u64, choice: &Choice, window: &[&str]) -> u64 {
    let mut next = 0;
    while reachable != 0 {
        let place = reachable.trailing_zeros();
        reachable &= reachable - 1;
        if window.get(place as usize).is_some_and(|word| choice.matches(word)) {
            next |= 2 << place;
        }
    }
    next
}

impl Element {
    fn parse(text: &'static str, sets: &[WordSet]) -> Option<Self> {
        if let Some(most) = text.strip_prefix('~') {
            return most.parse().ok().filter(|most| *most <= 12).map(Self::Gap);
        }
        let (text, is_optional) = match text.strip_suffix('?') {
            Some(text) => (text, true),
            None => (text, false),
        };
        let choice = Choice::parse(text, sets);
        (!choice.is_empty() && !text.contains(['?', '~', '^', '$'])).then_some(Self::Word { is_optional, choice })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SETS: &[WordSet] = &[("person", "mom dad grand*")];

    fn found(pattern: &'static str, text: &str) -> Option<(usize, usize)> {
        let phrases = Phrases::new(&[((), pattern)], SETS);
        assert_eq!(phrases.rejected(), [""; 0]);
        let words: Vec<&str> = text.split(' ').collect();
        phrases.find(&words).first().map(|hit| (hit.start, hit.end))
    }

    #[test]
    fn each_element_matches_what_it_says() {
        assert_eq!(found("deny|denied my", "they denied my claim"), Some((1, 3)));
        assert_eq!(found("appeal*", "two appeals"), Some((1, 2)));
        assert_eq!(found("@person is", "my grandmother is"), Some((1, 3)));
        assert_eq!(found("in # days", "in 14 days"), Some((0, 3)));
        assert_eq!(found("ignore all? ~2 rules", "ignore all of the rules"), Some((0, 5)));
        assert_eq!(found("ignore all? ~2 rules", "ignore these three other odd rules"), None);
        assert_eq!(found("^ help $", "help"), Some((0, 1)));
        assert_eq!(found("^ help $", "help me"), None);
        assert_eq!(found("a ~12 b", "a a b"), Some((0, 3)));
    }

    #[test]
    fn a_pattern_that_could_never_be_found_is_left_out() {
        let patterns = [((), "~2 x"), ((), "x? y"), ((), "@nobody"), ((), "x ~99 y"), ((), "x a?|b"), ((), "")];
        assert_eq!(Phrases::new(&patterns, SETS).rejected().len(), patterns.len());
    }

    #[test]
    fn twice_the_words_are_twice_the_work() {
        let phrases = Phrases::new(&[(1, "a|b* ~8 a|b* ~8 a|b* ~8 c"), (2, "a a? a? a? d")], SETS);
        let work = |count: usize| phrases.scan(&vec!["a"; count], |_| true);
        assert!(work(20_000) <= 2 * work(10_000) + 100);
        assert!(work(10_000) <= 10_000 * 14);
    }

    #[test]
    fn hits_overlap_when_they_share_a_word() {
        let hit = |start, end| Hit { tag: (), start, end };
        let others = [hit(0, 2), hit(4, 5), hit(80, 90)];
        assert!(is_overlapped(&hit(1, 3), &others) && is_overlapped(&hit(3, 5), &others));
        assert!(!is_overlapped(&hit(2, 4), &others) && !is_overlapped(&hit(90, 91), &others));
    }

    proptest! {
        #[test]
        fn nothing_panics_and_hits_lie_within(words in proptest::collection::vec("[a-cé]{1,3}", 0..90)) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let phrases = Phrases::new(&[(1, "a* ~12 b* ~12 c $"), (2, "é|a b? ~1 c*"), (3, "^ a ~4 b")], SETS);
            for hit in phrases.find(&words) {
                prop_assert!(hit.start < hit.end && hit.end <= words.len());
            }
        }
    }
}
