//! Text as PDFs, word processors and mail programs give it, made what its author wrote: before anything reads it.
//!
//! Columns and the feet of pages are put behind what they interrupt (`layout`), words and dates in pieces are joined
//! (`pieces`). Words broken at the end of a line are joined (`Advan-⏎tage`, `Advan- tage`, a soft hyphen), real hyphens stay
//! (`out-of-⏎network`, `Medi-⏎Cal`, `short- and long-term`); typographic dashes, slashes, spaces, ligatures and their HTML
//! entities become the plain ones; a line that was only wrapped goes on.
//!
//! How it decides on a hyphen at a line's end. The shipped texts are the dictionary: a word that they have is joined; two
//! halves that are both words keep their hyphen; else it was a break.
//!
//! Invariants: linear in the text; joining twice changes nothing more; only for reading, never shown.

mod layout;
mod pieces;

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use super::letters::folded;
use crate::knowledge::dates::month_named;
use crate::knowledge::{deadlines, glossary, help, windows};

/// A line of this many characters was wrapped, when the next one goes on with a small letter.
const WRAPPED: usize = 45;

/// More letters than a word has.
const LONGEST_WORD: usize = 40;

/// The text as it was meant.
pub fn joined(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !matches!(byte, b'&' | b'\r' | b'\n' | b'-' | b'/' | 0x0B | 0x0C)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(unwrapped(&pieces::whole(&unbroken(&tightened(&layout::in_order(&plain(text)))))))
}

/// Characters made plain.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let (c, used) = entity(rest).unwrap_or((first, first.len_utf8()));
        rest = rest.get(used..).unwrap_or_default();
        match c {
            // What it breaks is joined, also over the end of a line.
            '\u{AD}' => rest = behind_line_end(rest).unwrap_or(rest),
            c if is_invisible(c) => {}
            '\u{2010}' | '\u{2011}' | '\u{2043}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => out.push('-'),
            '\u{2012}'..='\u{2015}' if is_joint(before, next_visible(rest)) => out.push('-'),
            '\u{2044}' | '\u{2215}' | '\u{FF0F}' => out.push('/'),
            '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => out.push(' '),
            '\r' if rest.starts_with('\n') => {}
            '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\u{FB00}'..='\u{FB06}' | '\u{FF10}'..='\u{FF19}' => out.extend(folded(c)),
            c => out.push(c),
        }
        if !is_invisible(c) {
            before = c;
        }
    }
    out
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}')
}

/// The next character that is seen; a space when there is none.
fn next_visible(mut text: &str) -> char {
    while let Some(first) = text.chars().next() {
        let (c, used) = entity(text).unwrap_or((first, first.len_utf8()));
        if !is_invisible(c) {
            return c;
        }
        text = text.get(used..).unwrap_or_default();
    }
    ' '
}

/// Whether a long dash between two characters is the hyphen of a date, as in `2026–11–02` and `2–Nov–2026`.
fn is_joint(before: char, after: char) -> bool {
    before.is_alphanumeric() && after.is_alphanumeric() && (before.is_numeric() || after.is_numeric())
}

/// The character of an HTML entity at the beginning of a text, and how many bytes it takes; only spaces and signs that may
/// stand inside words and dates.
fn entity(text: &str) -> Option<(char, usize)> {
    const LONGEST: usize = 8;
    let name = text.strip_prefix('&')?;
    let end = name.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = name.get(..end)?;
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let hex = number.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16));
            let code = hex.unwrap_or_else(|| number.parse()).ok()?;
            char::from_u32(code).filter(|c| {
                matches!(c, '-' | '/' | '\'' | '\u{A0}' | '\u{AD}' | '\u{2000}'..='\u{2069}' | '\u{2212}')
            })?
        }
        None => match name {
            "nbsp" => '\u{A0}',
            "ensp" | "emsp" | "thinsp" => '\u{2009}',
            "shy" => '\u{AD}',
            "ndash" => '\u{2013}',
            "mdash" => '\u{2014}',
            "minus" => '\u{2212}',
            "hyphen" | "dash" => '\u{2010}',
            "frasl" | "sol" => '/',
            "zwnj" => '\u{200C}',
            "rsquo" | "apos" => '\'',
            _ => return None,
        },
    };
    Some((c, end + 2))
}

/// What stands behind the end of a line and the spaces around it, when a letter does.
fn behind_line_end(text: &str) -> Option<&str> {
    let line = text.trim_start_matches([' ', '\t', '\r']);
    let next = line.strip_prefix('\n')?.trim_start_matches([' ', '\t']);
    next.starts_with(char::is_alphabetic).then_some(next)
}

/// `11 / 02 / 2026` and `2026 - 11 - 02` without the spaces.
fn tightened(text: &str) -> Cow<'_, str> {
    if !text.contains(" / ") && !text.contains(" - ") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let digits = from.len() - from.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let used = match spaced_date(from) {
            Some((date, used)) => {
                out.push_str(&date);
                used
            }
            None => {
                out.push_str(&from[..digits]);
                digits
            }
        };
        rest = &from[used..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Three numbers between two equal signs, one of the outer ones a year.
fn spaced_date(text: &str) -> Option<(String, usize)> {
    let mut rest = text;
    let mut parts: Vec<&str> = Vec::new();
    let mut sign = None;
    for number in 0..3 {
        if number > 0 {
            let trimmed = rest.trim_start_matches(' ');
            let found = trimmed.chars().next().filter(|c| matches!(c, '-' | '/'))?;
            if sign.is_some_and(|sign| sign != found) {
                return None;
            }
            sign = Some(found);
            rest = trimmed[1..].trim_start_matches(' ');
        }
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if !(1..=4).contains(&end) {
            return None;
        }
        parts.push(&rest[..end]);
        rest = &rest[end..];
    }
    let [first, second, third] = parts.as_slice() else { return None };
    let has_year = (first.len() == 4) != (third.len() == 4) && second.len() <= 2;
    let joint = sign.unwrap_or('-');
    has_year.then(|| (format!("{first}{joint}{second}{joint}{third}"), text.len() - rest.len()))
}

/// How the two sides of a hyphen belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Break {
    /// One word.
    Word,
    /// Two, with the hyphen between them.
    Hyphen,
    /// As it is.
    None,
}

/// Words broken by a hyphen at the end of a line, or by a hyphen and a space, in one piece.
fn unbroken(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('-') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let behind = &from[1..];
        let (next, is_line_end) = match (behind_line_end(behind), behind.strip_prefix(' ')) {
            (Some(next), _) => (next, true),
            (None, Some(next)) if next.starts_with(char::is_lowercase) => (next, false),
            _ => ("", false),
        };
        let left: String = out
            .chars()
            .rev()
            .take(LONGEST_WORD)
            .take_while(|c| c.is_alphabetic())
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let right: String = next.chars().take(LONGEST_WORD).take_while(|c| c.is_alphabetic()).collect();
        let is_compound = out[..out.len() - left.len()].ends_with('-') || next[right.len()..].starts_with('-');
        match broken(&left, &right, is_line_end, is_compound) {
            Break::Word => rest = next,
            Break::Hyphen => {
                out.push('-');
                rest = next;
            }
            Break::None => {
                out.push('-');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

fn broken(left: &str, right: &str, is_line_end: bool, is_compound: bool) -> Break {
    if left.is_empty() || right.is_empty() {
        return Break::None;
    }
    let hyphen = if is_line_end { Break::Hyphen } else { Break::None };
    let is_name = right.starts_with(char::is_uppercase) && left.ends_with(char::is_lowercase);
    if is_compound || is_name {
        return hyphen;
    }
    if is_word(&format!("{left}{right}")) {
        return Break::Word;
    }
    // "short- and long-term", "Aetna- denied"
    let stands_alone = is_word(right) && (!is_line_end || is_word(left));
    if stands_alone { hyphen } else { Break::Word }
}

/// Whether the shipped texts, or the list of everyday words, have a word.
fn is_word(word: &str) -> bool {
    let word: String = word.chars().flat_map(folded).collect();
    WORDS.contains(word.as_str())
}

/// Words of every sentence, and of letters, that the shipped texts may not have.
const EVERYDAY: &str = "a an and or y o u e of to the in on at by for from with without my your his her our their i we you he she \
    it they is was are were be not no so but if as than then that this these those there here what when where why how who which \
    will would can could may might must should have has had do does did said says say el la los las un una de del en con por para \
    que se su sus mi al lo no si ya another anything anyone someone something sometimes everything today tomorrow yesterday tonight \
    because before after between become without within about again against also always cannot however himself herself into maybe \
    nobody nothing overnight over under upon until while whole according advantage advantages denied denial denials denying \
    medicare medicaid medigap marketplace healthcare insurance insurer company letter letters notice notices determination decision \
    request requested review appeal appeals service services treatment therapy therapies surgery imaging resonance scanner dated \
    date day days month months year years network provider providers member members prescription prescriptions pharmacy medication \
    medications necessary medically coverage covered information receive received because following authorization preauthorization \
    copay copayment coinsurance deductible premium noncoverage skilled nursing facility hospital discharge home health hospice \
    rehabilitation january february march april june july august september october november december enero febrero marzo abril mayo \
    junio julio agosto septiembre octubre noviembre diciembre negaron negado negacion denegacion resonancia cirugia carta aviso \
    fecha seguro mercado medicina medicinas medicamento medicamentos receta servicio servicios terapia apelacion cobertura pocket \
    term time based paid pay person care out long short part full self employed funded non pre follow up check high low cost";

static WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let mut words: HashSet<String> = EVERYDAY.split_whitespace().map(str::to_owned).collect();
    let mut add = |text: &str| words.extend(super::Text::new(text).words().map(str::to_owned));
    for term in glossary::terms() {
        [term.word, term.word_es, term.meaning, term.meaning_es]
            .into_iter()
            .chain(term.aliases.iter().copied())
            .for_each(&mut add);
    }
    for rule in deadlines::rules() {
        for text in [Some(rule.what), Some(rule.from_text), rule.notes, rule.if_late].into_iter().flatten() {
            [text.en, text.es].into_iter().for_each(&mut add);
        }
    }
    for fact in windows::facts() {
        [fact.what.en, fact.what.es, fact.when.en, fact.when.es].into_iter().for_each(&mut add);
    }
    for line in help::lines() {
        [line.text, line.text_es].into_iter().for_each(&mut add);
    }
    words
});

/// Lines that were only wrapped, in one: a long one that goes on with a small letter, and a date or a name over two lines.
fn unwrapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = "";
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push(if goes_on(before, line) { ' ' } else { '\n' });
        }
        out.push_str(line);
        before = line;
    }
    out
}

fn goes_on(before: &str, line: &str) -> bool {
    let (before, line) = (before.trim_end(), line.trim_start());
    let Some(next) = line.chars().next() else { return false };
    let is_open = before.ends_with(|c: char| c.is_alphanumeric() || c == ',');
    let last = || before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    let first = || line.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let is_wrapped = is_open && next.is_lowercase() && before.chars().count() >= WRAPPED;
    let is_in_date = (month_named(&last()).is_some() && next.is_ascii_digit())
        || (before.ends_with(',') && first().len() == 4 && first().bytes().all(|byte| byte.is_ascii_digit()));
    let is_in_name = last() == "medicare" && is_open && next.is_alphabetic();
    is_wrapped || is_in_date || is_in_name
}

#[cfg(test)]
mod tests;
