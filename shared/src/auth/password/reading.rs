//! The texts that a password may be a stretched form of: in plain letters, without leet, its repeated part once, two
//! interleaved sequences one after the other. Pure text work; how easy each is to guess is [`super::strength`]'s.

use std::collections::BTreeSet;

use super::words::plain;

/// A word may be reversed, and that repeated, and both again.
const MAX_STRETCHES: usize = 3;
/// What may follow a repetition: a year and a sign or two.
const MAX_TAIL_CHARS: usize = 6;

/// What zxcvbn reads as letters. It tries every combination of their meanings, which takes seconds for ten signs.
const LEET_SIGNS: &str = "@({[<!|$+%";
const MAX_LEET_KINDS: usize = 6;

/// One way to read a password, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reading {
    pub(super) text: String,
    /// Whether the password repeats this text.
    pub(super) is_unrepeated: bool,
}

/// The password as it is, and as what it may be a stretched form of.
pub(super) fn readings(password: &str) -> BTreeSet<Reading> {
    let text = plain(password);
    let mut texts = BTreeSet::from([text.clone(), deinterleaved(&text)]);
    // Hexadecimal digits read as leet are words by chance.
    if !text.chars().all(|c| c.is_ascii_hexdigit()) {
        let (before, core, after) = core(&text);
        for one in ['i', 'l'] {
            texts.insert(without_leet(&text, one));
            texts.insert(format!("{before}{}{after}", without_leet(core, one)));
        }
    }
    if is_phrase(password) {
        texts.insert(text.chars().filter(|c| c.is_alphanumeric()).collect());
    }
    let mut readings: BTreeSet<Reading> =
        texts.into_iter().map(|text| Reading { text: without_many_signs(text), is_unrepeated: false }).collect();
    for _ in 0..MAX_STRETCHES {
        let shorter: Vec<String> = readings.iter().filter_map(|reading| unrepeated(&reading.text)).collect();
        readings.extend(shorter.into_iter().map(|text| Reading { text, is_unrepeated: true }));
    }
    readings
}

/// Splits off what is not a letter at both ends.
pub(super) fn core(text: &str) -> (&str, &str, &str) {
    let core = text.trim_matches(|c: char| !c.is_alphabetic());
    let before = text.len() - text.trim_start_matches(|c: char| !c.is_alphabetic()).len();
    let before = if core.is_empty() { 0 } else { before };
    (&text[..before], core, &text[before + core.len()..])
}

/// Whether four different words are set apart.
pub(super) fn is_phrase(text: &str) -> bool {
    parts(text).iter().filter(|part| part.chars().count() >= 3).count() >= 4
}

/// The different words of letters in a text, as separators, digits and capitals set them apart.
fn parts(text: &str) -> BTreeSet<String> {
    let mut parts = vec![String::new()];
    let mut was_lower = false;
    for c in text.chars() {
        if !c.is_alphabetic() || (was_lower && c.is_uppercase()) {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut().filter(|_| c.is_alphabetic()) {
            part.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase();
    }
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

/// Digits and signs as the letters they look like; `1` looks like two.
fn without_leet(text: &str, one: char) -> String {
    let letter = |c| match c {
        '@' | '4' => 'a',
        '8' => 'b',
        '(' | '<' => 'c',
        '3' | '€' => 'e',
        '6' | '9' => 'g',
        '1' | '!' | '|' => one,
        '0' => 'o',
        '$' | '5' => 's',
        '7' | '+' => 't',
        '2' => 'z',
        _ => c,
    };
    text.chars().map(letter).collect()
}

/// The text with signs that mean nothing when it has more kinds of leet than people write. Words in leet are found
/// all the same: [`without_leet`]'s readings have them.
fn without_many_signs(text: String) -> String {
    let kinds = |of: &str| of.chars().filter(|&c| text.contains(c)).count();
    let signs = kinds(LEET_SIGNS);
    if signs < 2 || signs + kinds("0123456789") <= MAX_LEET_KINDS {
        return text;
    }
    text.chars().map(|c| if LEET_SIGNS.contains(c) { '_' } else { c }).collect()
}

/// `a1b2c3` as `abc123`.
fn deinterleaved(text: &str) -> String {
    text.chars().step_by(2).chain(text.chars().skip(1).step_by(2)).collect()
}

/// The part that the rest of a text repeats, forwards or backwards, with what is between and after.
fn unrepeated(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let shortest = chars.len().saturating_sub(MAX_TAIL_CHARS).max(2);
    let with_tail = (shortest..=chars.len()).rev().find_map(|end| {
        let (head, tail) = chars.split_at(end);
        unit(head).map(|unit| head[..unit].iter().chain(tail).collect())
    });
    with_tail.or_else(|| {
        let (letters, others): (Vec<char>, Vec<char>) = chars.iter().partition(|c| c.is_alphabetic());
        let unit = (1..=letters.len() / 2).find(|&unit| letters.len() > others.len() && is_tiled(&letters, unit))?;
        Some(letters[..unit].iter().chain(&others).collect())
    })
}

/// How many characters of a text make all of it: by repetition, of which the last may be cut, or by reflection.
fn unit(chars: &[char]) -> Option<usize> {
    let repeats = |unit: &usize| chars.iter().zip(&chars[*unit..]).all(|(a, b)| a == b);
    let reflects = chars.len() > 2 && chars.iter().eq(chars.iter().rev());
    (1..=chars.len() / 2).find(repeats).or(reflects.then_some(chars.len().div_ceil(2)))
}

/// Whether the letters are their first `unit` ones, forwards or backwards, over and over.
fn is_tiled(letters: &[char], unit: usize) -> bool {
    let first = &letters[..unit];
    letters.len().is_multiple_of(unit)
        && letters.chunks(unit).all(|tile| tile == first || tile.iter().rev().eq(first.iter()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_read_as(password: &str, text: &str) -> bool {
        readings(password).iter().any(|reading| reading.text == text)
    }

    #[test]
    fn what_is_stretched_is_also_read_as_what_it_was() {
        for (password, text) in [
            ("Xzibit77Xzibit77", "xzibit77"),
            ("Xzibit77Xzibit77Xzi", "xzibit77"),
            ("xzibit77tibizx", "xzibit7"),
            ("Xzibit-Yonder-Wozzle-Quux", "xzibityonderwozzlequux"),
            ("xzibittibizxxzibittibizx", "xzibit"),
            ("xzibitxzibit2026!", "xzibit2026!"),
            ("xzibit-xzibit-xzibit", "xzibit-"),
            ("xzibit1xzibit2xzibit3", "xzibit123"),
            ("P@ssw0rd12345678", "password12345678"),
            ("a1b2c3d4e5f6g7h8", "abcdefgh12345678"),
            ("Pérez-Núñez", "perez-nunez"),
        ] {
            assert!(is_read_as(password, text), "{password} is not read as {text} but as {:?}", readings(password));
        }
    }

    #[test]
    fn what_is_not_repeated_is_not_shortened() {
        for text in ["", "a", "ab", "correct horse battery staple", "under thunder asunder"] {
            assert_eq!(unrepeated(text), None, "{text}");
        }
    }

    #[test]
    fn parts_are_set_apart_by_signs_and_by_capitals() {
        let expected: BTreeSet<String> = ["correct", "horse", "battery"].map(str::to_owned).into();
        for text in
            ["correct horse battery", "Correct-Horse.battery", "CorrectHorseBattery", "1correct2horse3battery4horse"]
        {
            assert_eq!(parts(text), expected, "{text}");
        }
        assert_eq!(parts("ABC").len(), 1);
        assert!(parts("123!").is_empty());
    }

    #[test]
    fn the_core_is_between_the_first_and_the_last_letter() {
        assert_eq!(core("12ñandú-x!"), ("12", "ñandú-x", "!"));
        assert_eq!(core("x"), ("", "x", ""));
        assert_eq!(core("123!"), ("", "", "123!"));
        assert_eq!(core(""), ("", "", ""));
    }
}
