//! How well the rule for new passwords works: what it refuses of lists of common passwords and of what attackers' tools
//! make of them, and whether it accepts phrases of random words.
//!
//! Invariant: the same lists give the same result; phrases come from a generator with a fixed seed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use secrecy::SecretString;
use shared::auth::password::{MIN_CHARS, NewPassword};

/// The share of refused texts, percent, below which an evaluation fails.
pub const BAR_PERCENT: f64 = 99.0;
/// How many phrases are made of a word list.
pub const PHRASES: usize = 1_000;

/// Combinations of two common passwords take the second from the most common ones.
const PARTNERS: usize = 1_000;

/// How a list did.
#[derive(Debug, Default)]
pub struct Outcome {
    /// By derivation: refused texts, all texts, and the first that were accepted.
    by_derivation: BTreeMap<&'static str, Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    refused: usize,
    all: usize,
    accepted: Vec<String>,
}

/// Whether the rule refuses a text, of whoever it is.
pub fn is_refused(text: &str) -> bool {
    NewPassword::parse(SecretString::from(text), &[]).is_err()
}

/// Judges every password, its derivations and itself before a more common one; what is too short to be a password is not counted.
pub fn judge<'a>(passwords: impl IntoIterator<Item = &'a str>) -> Outcome {
    let mut outcome = Outcome::default();
    let list: Vec<&str> = passwords.into_iter().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let partners = &list[..list.len().min(PARTNERS)];
    for (number, password) in list.iter().enumerate() {
        let mut glued = (*password).to_owned() + partners[(number * 7_919 + 11) % partners.len()];
        let with_year = format!("{glued}2024!");
        for more in 1..5 {
            if missing(&glued) > 0 {
                glued += partners[(number * 7_919 + more * 31) % partners.len()];
            }
        }
        let glued = [("before a more common one", glued), ("before a more common one and year!", with_year)];
        for (name, text) in derivations(password, number).into_iter().chain(glued) {
            if text.chars().count() < MIN_CHARS {
                continue;
            }
            let tally = outcome.by_derivation.entry(name).or_default();
            tally.all += 1;
            if is_refused(&text) {
                tally.refused += 1;
            } else if tally.accepted.len() < 3 {
                tally.accepted.push(text);
            }
        }
    }
    outcome
}

impl Outcome {
    /// How many texts were judged.
    pub fn all(&self) -> usize {
        self.by_derivation.values().map(|tally| tally.all).sum()
    }

    /// The share of refused texts.
    pub fn percent(&self) -> f64 {
        let refused: usize = self.by_derivation.values().map(|tally| tally.refused).sum();
        percent(refused, self.all())
    }

    /// A Markdown table by derivation.
    pub fn table(&self) -> String {
        let mut table = "| derivation | texts | refused | accepted, for example |\n|---|--:|--:|---|\n".to_owned();
        for (name, tally) in &self.by_derivation {
            let (share, examples) = (percent(tally.refused, tally.all), tally.accepted.join(" "));
            let _ = writeln!(table, "| {name} | {} | {share:.2} % | {examples} |", tally.all);
        }
        let _ = writeln!(table, "| all | {} | {:.2} % | |", self.all(), self.percent());
        table
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of passwords are small")]
fn percent(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { 100.0 * part as f64 / all as f64 }
}

/// What the rules of password crackers (hashcat's and John's stock rules) make of a common password until it is long
/// enough: itself, in capitals, repeated with and without a separator, reversed, with its mirror image, in two kinds of
/// leet; and each of these with digits in a row, zeros, exclamation marks, or a year and an exclamation mark.
pub fn derivations(password: &str, number: usize) -> Vec<(&'static str, String)> {
    let year = 1950 + number % 77;
    let reversed: String = password.chars().rev().collect();
    let mirrored = format!("{password}{reversed}");
    let capital = capitalised(password);
    let (signs, digits) = (leet(password, "a@e3i1o0s$t7"), leet(password, "a4e3i!l1o0s5"));
    vec![
        ("itself", password.to_owned()),
        ("repeated", repeated(password, "")),
        ("repeated with hyphens", repeated(password, "-")),
        ("repeated, year!", format!("{}{year}!", repeated(password, ""))),
        ("digits after", padded(password, "1234567890")),
        ("digits before", format!("{}{password}", &padded("", "1234567890")[..missing(password)])),
        ("zeros after", padded(password, "0")),
        ("exclamation marks after", padded(password, "!")),
        ("year!, repeated", repeated(&format!("{password}{year}!"), "")),
        ("capitalised, digits after", padded(&capital, "1234567890")),
        ("capitalised, repeated, year!", format!("{}{year}!", repeated(&capital, ""))),
        ("upper case, repeated", repeated(&password.to_uppercase(), "")),
        ("leet of signs, repeated", repeated(&signs, "")),
        ("leet of signs, digits after", padded(&signs, "1234567890")),
        ("leet of signs, repeated, year!", format!("{}{year}!", repeated(&signs, ""))),
        ("leet of digits, repeated", repeated(&digits, "")),
        ("leet of digits, digits after", padded(&digits, "1234567890")),
        ("reversed, repeated", repeated(&reversed, "")),
        ("reversed, digits after", padded(&reversed, "1234567890")),
        ("mirrored", repeated(&mirrored, "")),
        ("mirrored, year", format!("{}{year}", repeated(&mirrored, ""))),
    ]
}

fn missing(text: &str) -> usize {
    MIN_CHARS.saturating_sub(text.chars().count())
}

fn repeated(text: &str, separator: &str) -> String {
    let mut repeated = text.to_owned();
    while missing(&repeated) > 0 {
        repeated = repeated + separator + text;
    }
    repeated
}

fn padded(text: &str, with: &str) -> String {
    text.chars().chain(with.chars().cycle().take(missing(text))).collect()
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// `pairs` is a letter and what stands for it, and so on.
fn leet(text: &str, pairs: &str) -> String {
    let instead = |c: char| {
        let at = pairs.chars().step_by(2).position(|letter| letter == c);
        at.and_then(|at| pairs.chars().nth(at * 2 + 1)).unwrap_or(c)
    };
    text.chars().map(instead).collect()
}

/// Phrases of four, five and six words, with spaces, hyphens, dots and in camel case, in turn.
pub fn phrases(words: &[&str]) -> Vec<String> {
    let mut random = Random(0x5EED);
    (0..)
        .map(|number: usize| {
            let chosen: Vec<&str> = (0..4 + number % 3).map(|_| words[random.below(words.len())]).collect();
            match number / 3 % 4 {
                0 => chosen.join(" "),
                1 => chosen.join("-"),
                2 => chosen.join("."),
                _ => chosen.iter().map(|word| capitalised(word)).collect(),
            }
        })
        .filter(|phrase| missing(phrase) == 0)
        .take(PHRASES)
        .collect()
}

/// The words of a list with one word in a line, after the numbers of the dice if there are any.
pub fn words(list: &str) -> Vec<&str> {
    list.lines().filter_map(|line| line.split_whitespace().last()).collect()
}

/// splitmix64: enough to choose words.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).expect("below a usize")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivations_are_long_enough_and_differ() {
        let made = derivations("monkey", 74);
        let texts: BTreeMap<&str, &str> = made.iter().map(|(name, text)| (*name, text.as_str())).collect();
        assert_eq!(texts["repeated"], "monkeymonkeymonkey");
        assert_eq!(texts["digits before"], "123456789monkey");
        assert_eq!(texts["year!, repeated"], "monkey2024!monkey2024!");
        assert_eq!(texts["leet of signs, digits after"], "m0nk3y123456789");
        assert_eq!(texts["mirrored"], "monkeyyeknommonkeyyeknom");
        assert!(made.iter().all(|(name, text)| *name == "itself" || text.chars().count() >= MIN_CHARS), "{made:?}");
        let different: std::collections::BTreeSet<&str> = texts.values().copied().collect();
        assert!(different.len() > 15, "{different:?}");
    }

    #[test]
    fn phrases_are_the_same_each_time_and_of_every_kind() {
        let list: Vec<String> = (0..50).map(|n| format!("word{}", char::from(b'a' + n % 26))).collect();
        let list: Vec<&str> = list.iter().map(String::as_str).collect();
        let made = phrases(&list);
        assert_eq!(made, phrases(&list));
        assert_eq!(made.len(), PHRASES);
        for kind in [" ", "-", "."] {
            assert!(made.iter().filter(|phrase| phrase.contains(kind)).count() > PHRASES / 5);
        }
        assert_eq!(words("11111\tabacus\nabide\n\n"), ["abacus", "abide"]);
    }

    #[test]
    fn what_is_accepted_is_counted_and_shown() {
        let outcome = judge(["zq8Rw0vK-tjE7nLb4x", ""]);
        assert!(outcome.percent() < 100.0 && outcome.all() > 10, "{outcome:?}");
        assert!(outcome.table().contains("| itself | 1 | 0.00 % | zq8Rw0vK-tjE7nLb4x |"), "{}", outcome.table());
    }
}
