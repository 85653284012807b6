//! The words that tell one kind of plan from another, as people and scanners misspell them.
//!
//! A word is one of ours when few letters are wrong (swapped, missing, doubled, another), when it is written as it sounds,
//! when it is cut short (`Adv.`) or when it stands in two pieces (`market place`). Only words whose recognition can do no harm
//! are corrected: `original` is not, because it would move a last day to a later one.
//!
//! Invariants: linear in the words; a word of the list, and its plural, stays as it is.

/// The words, and how many letters may be wrong.
const WORDS: [(&str, usize); 11] = [
    ("advantage", 2),
    ("prescription", 2),
    ("pharmacy", 2),
    ("supplement", 2),
    ("supplemental", 2),
    ("marketplace", 2),
    ("replacement", 2),
    ("silverscript", 2),
    ("obamacare", 2),
    ("medigap", 1),
    ("medicare", 1),
];
/// A shorter word is not corrected: with fewer letters chance does the rest.
const SHORTEST: usize = 6;

/// Folded words with the known ones put right, and two pieces of one made one.
pub(super) fn corrected<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut right: Vec<&'a str> = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let next = words.get(at + 1).copied().unwrap_or_default();
        if let Some(whole) = in_two_pieces(word, next) {
            right.push(whole);
            at += 2;
            continue;
        }
        let is_of_plan = || {
            right.iter().rev().take(2).any(|word| *word == "medicare")
                || matches!(next, "plan" | "plans" | "hmo" | "ppo")
        };
        right.push(match known(word) {
            Some(known) => known,
            None if is_short_advantage(word) && is_of_plan() => "advantage",
            None => word,
        });
        at += 1;
    }
    right
}

fn in_two_pieces(first: &str, second: &str) -> Option<&'static str> {
    let is_whole = |word: &&(&'static str, usize)| {
        word.0.strip_prefix(first).is_some_and(|rest| !first.is_empty() && rest.len() >= 3 && rest == second)
    };
    WORDS.iter().find(is_whole).map(|(word, _)| *word)
}

/// `adv`, `advtg`, `advan`: the beginning of the word with some of its other letters, in their order.
fn is_short_advantage(word: &str) -> bool {
    let mut letters = "advantage".chars();
    word.starts_with("adv") && word.chars().all(|c| letters.any(|letter| letter == c))
}

fn known(word: &str) -> Option<&'static str> {
    let length = word.chars().count();
    if length < SHORTEST || WORDS.iter().any(|(known, _)| *known == word.strip_suffix('s').unwrap_or(word)) {
        return None;
    }
    let sounds = sound(word);
    let is_near = |(known, most): &(&'static str, usize)| {
        let known_sound = sound(known);
        // "Medicade" is as near to Medicare as to Medicaid, and said like the latter.
        let is_medicaid = *known == "medicare" && (sounds.ends_with('d') || sounds.ends_with("de"));
        sounds.first_char() == known_sound.first_char()
            && sounds.chars().count().abs_diff(known_sound.chars().count()) <= *most
            && !is_medicaid
            && distance(&sounds, &known_sound) <= *most
    };
    WORDS.iter().copied().find(is_near).map(|(known, _)| known)
}

/// One letter for each sound: `ph` is `f`, a doubled letter is one.
fn sound(word: &str) -> String {
    let mut sounds = String::with_capacity(word.len());
    for c in word.replace("ph", "f").chars() {
        if !sounds.ends_with(c) {
            sounds.push(c);
        }
    }
    sounds
}

trait FirstChar {
    fn first_char(&self) -> Option<char>;
}

impl FirstChar for String {
    fn first_char(&self) -> Option<char> {
        self.chars().next()
    }
}

/// How many letters are missing, too many, wrong, or swapped with their neighbor (optimal string alignment).
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut now = vec![row + 1];
        for (column, wanted) in other.iter().enumerate() {
            let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX - 1);
            let replaced = at(&last, column) + usize::from(letter != wanted);
            let mut best = replaced.min(at(&last, column + 1) + 1).min(at(&now, column) + 1);
            let is_swapped =
                row > 0 && column > 0 && one.get(row - 1) == Some(wanted) && other.get(column - 1) == Some(letter);
            if is_swapped {
                best = best.min(at(&before, column - 1) + 1);
            }
            now.push(best);
        }
        before = std::mem::replace(&mut last, now);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn put_right(text: &str) -> String {
        corrected(&text.split(' ').collect::<Vec<_>>()).join(" ")
    }

    #[test]
    fn misspelled_words_are_put_right() {
        for word in [
            "advantge",
            "advatage",
            "advantagc",
            "advanatge",
            "advantige",
            "addvantage",
            "advanage",
            "adventage",
            "avantage",
        ] {
            assert_eq!(put_right(&format!("medicare {word} plan")), "medicare advantage plan");
        }
        for (text, expected) in [
            ("medicare adv plan", "medicare advantage plan"),
            ("my advtg plan", "my advantage plan"),
            ("medicare advan tage", "medicare advantage"),
            ("market place plan", "marketplace plan"),
            ("perscription plan", "prescription plan"),
            ("farmacy plan", "pharmacy plan"),
            ("medcare advantage", "medicare advantage"),
            ("medi gap", "medigap"),
        ] {
            assert_eq!(put_right(text), expected);
        }
    }

    #[test]
    fn other_words_stay() {
        let text = "advance advice adverse adventure disadvantage advantages description medicaid medicade medical privacy \
                    supplies orignal replaced market medicine prescribed";
        assert_eq!(put_right(text), text);
    }

    proptest! {
        #[test]
        fn one_wrong_letter_is_found(at in 1_usize..9, letter in "[a-z]", kind in 0..3) {
            let mut word: Vec<char> = "advantage".chars().collect();
            let letter = letter.chars().next().unwrap_or('x');
            match kind {
                0 => { word.remove(at.min(8)); }
                1 => word.insert(at, letter),
                _ => word[at.min(8)] = letter,
            }
            let word: String = word.into_iter().collect();
            prop_assume!(word != "advantages");
            prop_assert_eq!(put_right(&format!("medicare {word} plan")), "medicare advantage plan");
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,60}") {
            let _ = put_right(&text);
        }
    }
}
