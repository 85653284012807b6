//! Characters that are not what they seem: invisible ones, letters of other scripts that look Latin, digits for letters.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A character's folded letters: compatibility forms, lower case, without accents; nothing for an invisible one.
pub fn folded(c: char) -> Folded {
    if c.is_ascii() {
        return Folded::from_iter([c.to_ascii_lowercase()]);
    }
    visible(c).into_iter().nfkc().flat_map(char::to_lowercase).nfd().filter(|c| !is_combining_mark(*c)).collect()
}

/// At most this many letters come of one character (U+FDFA has 18).
const LONGEST: usize = 18;

/// The letters of one character, without an allocation.
pub struct Folded {
    letters: [char; LONGEST],
    next: usize,
    end: usize,
}

impl FromIterator<char> for Folded {
    fn from_iter<I: IntoIterator<Item = char>>(letters: I) -> Self {
        let mut folded = Self { letters: ['\0'; LONGEST], next: 0, end: 0 };
        for (place, letter) in folded.letters.iter_mut().zip(letters) {
            *place = letter;
            folded.end += 1;
        }
        folded
    }
}

impl Iterator for Folded {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let letter = self.letters[..self.end].get(self.next).copied();
        self.next += 1;
        letter
    }
}

/// The character, unless nobody can see it; a tag character (U+E0020 to U+E007E) is the ASCII character it hides.
fn visible(c: char) -> Option<char> {
    match c {
        '\u{E0020}'..='\u{E007E}' => char::from_u32(u32::from(c) - 0xE0000),
        '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{E0000}'..='\u{E007F}'
        | '\u{E0100}'..='\u{E01EF}'
        | '\u{FEFF}'
        | '\u{00AD}'
        | '\u{180E}'
        | '\u{034F}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{3164}' => None,
        _ => Some(c),
    }
}

/// Whether the text has characters that no keyboard types and nobody sees: somebody hides something in it. Joiners
/// (emoji, Persian, Hindi) and marks of direction at the edges are not counted.
pub fn hides_characters(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{E0020}'..='\u{E007E}' | '\u{202A}'..='\u{202E}'))
}

/// The Latin letter that a folded letter of another script looks like.
pub fn latin_lookalike(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' | 'ɑ' => 'a',
        'в' | 'β' | 'ь' => 'b',
        'с' | 'ϲ' | 'ς' => 'c',
        'ԁ' | 'ժ' => 'd',
        'е' | 'є' | 'ε' | 'ҽ' => 'e',
        'ғ' => 'f',
        'ɡ' | 'ց' => 'g',
        'һ' | 'н' | 'հ' => 'h',
        'і' | 'ι' | 'ı' | 'ɩ' | 'ӏ' => 'i',
        'ј' | 'ϳ' => 'j',
        'к' | 'κ' => 'k',
        'ⅼ' => 'l',
        'м' => 'm',
        'п' | 'ո' | 'η' | 'ɴ' => 'n',
        'о' | 'ο' | 'σ' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' | 'я' => 'r',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' | 'μ' => 'u',
        'ѵ' | 'ν' => 'v',
        'ѡ' | 'ω' | 'ԝ' | 'ш' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ү' => 'y',
        'ᴢ' => 'z',
        _ => return None,
    })
}

/// Makes a word Latin when it mixes Latin letters with ones that look Latin; a word of one script stays as it is, unless
/// every letter of it looks Latin and `context_is_latin`.
pub fn unmask(word: &str, context_is_latin: bool) -> Option<String> {
    let has_latin = word.chars().any(|c| c.is_ascii_alphabetic());
    let has_masked = word.chars().any(|c| latin_lookalike(c).is_some());
    let all_latin = || word.chars().all(|c| c.is_ascii_alphanumeric() || latin_lookalike(c).is_some());
    (has_masked && (has_latin || (context_is_latin && all_latin())))
        .then(|| word.chars().map(|c| latin_lookalike(c).unwrap_or(c)).collect())
}

/// The letter that a digit or sign stands for in "1gn0r3".
pub fn leet(c: char) -> Option<char> {
    Some(match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        _ => return None,
    })
}
