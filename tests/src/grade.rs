//! The reading grade of a text, in school years of the United States.
//!
//! English: the Flesch-Kincaid grade (Kincaid and others, 1975): 0.39 × words per sentence + 11.8 × syllables per word − 15.59.
//! Spanish: the reading ease of Fernández Huerta (1959), 206.84 − 60 × syllables per word − 1.02 × words per sentence, and
//! the school grade that his table gives for it (90 and more: 4th; 80: 5th; 70: 6th; 60: 8th; 50: before university, here
//! 11th; 30: 14th), with straight lines between.
//!
//! What is counted: words with a letter. Addresses, phone numbers, numbers and placeholders in brackets are none. A line
//! ends a sentence; a heading (a line that ends with a colon) is left out, so that short ones do not make a text look easy.

use shared::agents::Language;

/// What the formulas count.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// Sentences.
    pub sentences: f64,
    /// Words.
    pub words: f64,
    /// Syllables.
    pub syllables: f64,
}

/// Counts a text.
pub fn counts(text: &str, language: Language) -> Counts {
    let mut counts = Counts::default();
    for line in text.lines().map(str::trim).filter(|line| !line.ends_with(':')) {
        for sentence in sentences(line) {
            let words: Vec<String> = words(&sentence);
            if words.is_empty() {
                continue;
            }
            counts.sentences += 1.0;
            counts.words += words.len() as f64;
            counts.syllables += words.iter().map(|word| f64::from(syllables(word, language))).sum::<f64>();
        }
    }
    counts
}

/// The reading grade of a text.
pub fn grade(text: &str, language: Language) -> f64 {
    let counts = counts(text, language);
    if counts.words == 0.0 {
        return 0.0;
    }
    let (length, weight) = (counts.words / counts.sentences, counts.syllables / counts.words);
    match language {
        Language::En => 0.39 * length + 11.8 * weight - 15.59,
        Language::Es => grade_of_ease(206.84 - 60.0 * weight - 1.02 * length),
    }
}

/// Fernández Huerta's table.
fn grade_of_ease(ease: f64) -> f64 {
    const TABLE: [(f64, f64); 7] =
        [(90.0, 4.0), (80.0, 5.0), (70.0, 6.0), (60.0, 8.0), (50.0, 11.0), (30.0, 14.0), (0.0, 18.0)];
    if ease >= 90.0 {
        return 4.0;
    }
    let pair = TABLE.windows(2).find(|pair| ease >= pair[1].0).unwrap_or(&TABLE[5..]);
    let ((high, low_grade), (low, high_grade)) = (pair[0], pair[1]);
    low_grade + (high - ease) / (high - low) * (high_grade - low_grade)
}

fn sentences(line: &str) -> Vec<String> {
    let mut sentences = vec![String::new()];
    let letters: Vec<char> = line.chars().collect();
    for (at, c) in letters.iter().enumerate() {
        let is_end = matches!(c, '.' | '!' | '?')
            && letters.get(at + 1).is_none_or(|next| next.is_whitespace() || matches!(next, '”' | '»' | '"' | ')'))
            && !ends_with_abbreviation(sentences.last().map_or("", String::as_str));
        if let Some(sentence) = sentences.last_mut() {
            sentence.push(*c);
        }
        if is_end {
            sentences.push(String::new());
        }
    }
    sentences
}

fn ends_with_abbreviation(sentence: &str) -> bool {
    let last = sentence.rsplit(' ').next().unwrap_or_default().to_lowercase();
    ["dr", "mr", "mrs", "a.m", "p.m", "u.s", "ee", "uu"].contains(&last.as_str())
}

fn words(sentence: &str) -> Vec<String> {
    let mut outside = String::new();
    let mut depth = 0;
    for c in sentence.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    let is_address = |piece: &str| {
        let bare = piece.trim_matches(|c: char| !c.is_alphanumeric());
        let host = bare.split('/').next().unwrap_or_default();
        let has_dot = host.contains('.') && host.split('.').all(|part| part.len() > 1);
        bare.contains('@') || bare.contains("://") || has_dot
    };
    let letters =
        |piece: &str| -> String { piece.chars().filter(|c| c.is_alphabetic()).collect::<String>().to_lowercase() };
    outside
        .split_whitespace()
        .filter(|piece| !is_address(piece) && !piece.chars().any(|c| c.is_ascii_digit()))
        .flat_map(|piece| piece.split(['-', '–', '/']))
        .map(letters)
        .filter(|word| !word.is_empty())
        .collect()
}

/// The syllables of a word.
pub fn syllables(word: &str, language: Language) -> u32 {
    match language {
        Language::En => english(word),
        Language::Es => spanish(word),
    }
}

/// Groups of vowels, without a silent ending.
fn english(word: &str) -> u32 {
    let word = word.trim_end_matches('\'');
    if word.len() <= 3 {
        return 1;
    }
    let base = word.strip_suffix("es").filter(|base| !ends_with_any(base, &["s", "x", "z", "ch", "sh", "c", "g", "i"]));
    let base = base.or_else(|| word.strip_suffix("ed").filter(|base| !ends_with_any(base, &["t", "d", "i"])));
    let base = base.or_else(|| {
        word.strip_suffix('e').filter(|base| {
            !ends_with_any(base, &["l"])
                || base.ends_with("al")
                || base.ends_with("il")
                || base.ends_with("ol")
                || base.ends_with("ul")
                || base.ends_with("el")
        })
    });
    let base = base.unwrap_or(word);
    let is_vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let letters: Vec<char> = base.chars().collect();
    let mut count = 0;
    for (at, c) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let is_split = matches!((before, c), (Some('i'), 'a' | 'o' | 'u') | (Some('e'), 'o') | (Some('u'), 'a'))
            && !matches!(
                (at.checked_sub(2).map(|at| letters[at]), before),
                (Some('t' | 'c' | 's' | 'g'), Some('i')) | (Some('q' | 'g'), Some('u'))
            );
        // "being", "going", "saying".
        let is_ing = *c == 'i' && letters.get(at + 1..).is_some_and(|rest| rest.starts_with(&['n', 'g']));
        let is_split = is_split || is_ing;
        // "people", "Italian", "familiar".
        let is_one = base.starts_with("peopl") || ends_with_any(base, &["lian", "lians", "miliar"]);
        if is_vowel(*c) && (!before.is_some_and(is_vowel) || (is_split && !is_one)) {
            count += 1;
        }
    }
    count.max(1)
}

fn ends_with_any(word: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| word.ends_with(ending))
}

/// Vowels, of which a weak one (i, u, y) next to another makes one syllable, unless it carries an accent.
fn spanish(word: &str) -> u32 {
    let letters: Vec<char> =
        word.replace("que", "ke").replace("qui", "ki").replace("gue", "ge").replace("gui", "gi").chars().collect();
    let is_strong = |c: char| matches!(c, 'a' | 'e' | 'o' | 'á' | 'é' | 'ó' | 'í' | 'ú');
    let is_vowel = |c: char| is_strong(c) || matches!(c, 'i' | 'u' | 'ü' | 'y');
    let mut count = 0;
    let mut before: Option<char> = None;
    for (at, c) in letters.iter().enumerate() {
        // A y before a vowel is a consonant.
        let is_consonant_y = *c == 'y' && letters.get(at + 1).is_some_and(|next| is_vowel(*next));
        if is_vowel(*c) && !is_consonant_y {
            if before.is_none_or(|before| is_strong(before) && is_strong(*c)) {
                count += 1;
            }
            before = Some(*c);
        } else {
            before = None;
        }
    }
    count.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_of_english_words() {
        for (word, count) in [
            ("cat", 1),
            ("appeal", 2),
            ("medicare", 3),
            ("letter", 2),
            ("date", 1),
            ("denied", 2),
            ("decision", 3),
            ("because", 2),
            ("notice", 2),
            ("insurance", 3),
            ("authorization", 5),
            ("asked", 1),
            ("needed", 2),
            ("table", 2),
            ("rules", 1),
            ("reviewer", 3),
            ("free", 1),
            ("people", 2),
            ("hospital", 3),
            ("social", 2),
            ("period", 3),
            ("medicaid", 3),
            ("being", 2),
            ("paying", 2),
        ] {
            assert_eq!(english(word), count, "{word}");
        }
    }

    #[test]
    fn syllables_of_spanish_words() {
        for (word, count) in [
            ("carta", 2),
            ("apelación", 4),
            ("médico", 3),
            ("día", 2),
            ("país", 2),
            ("aviso", 3),
            ("que", 1),
            ("seguro", 3),
            ("ayuda", 3),
            ("muy", 1),
            ("cuidado", 3),
            ("recibió", 3),
            ("número", 3),
            ("línea", 3),
            ("guía", 2),
            ("tiene", 2),
        ] {
            assert_eq!(spanish(word), count, "{word}");
        }
    }

    #[test]
    fn texts_of_a_known_grade() {
        let near = |text: &str, expected: f64, language: Language| {
            let found = grade(text, language);
            assert!((found - expected).abs() < 0.35, "{found} for {text}");
        };
        // The examples that descriptions of the formula give.
        near("The cat sat on the mat.", -1.45, Language::En);
        near("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 11.3, Language::En);
        near(
            "This sentence, taken as a reading passage unto itself, is being used to prove a point.",
            7.6,
            Language::En,
        );
        // Counted by hand: 9 words, 16 syllables: 206.84 - 106.67 - 9.18 = 91; 7 words, 24 syllables: -6 and below.
        near("La casa de mi madre es grande y bonita.", 4.0, Language::Es);
        assert!(grade("Consideraciones administrativas extraordinariamente complejas.", Language::Es) > 14.0);
    }

    #[test]
    fn headings_addresses_and_numbers_are_not_counted() {
        let text = "What to do:\n1. Call 1-800-633-4227 or see Medicare.gov/costs.\n[YOUR NAME]";
        assert_eq!(counts(text, Language::En), Counts { sentences: 1.0, words: 3.0, syllables: 3.0 });
        assert_eq!(grade("", Language::En), 0.0);
    }
}
