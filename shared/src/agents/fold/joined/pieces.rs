//! Words and dates that lie in pieces without a hyphen: `Medi cal Sum mary`, `Janu⏎ary 14`, `20 26`, `11/0⏎6/2026`.
//!
//! How it decides on words. Two to five pieces are one word when the shipped texts have it and at least one piece is no word.
//! One such word in a line may be a name (`Medi Cal`); over the end of a line, or where there are two of them, the text is broken,
//! and only then they are joined.

use super::is_word;
use crate::knowledge::dates::month_named;

const MOST_PIECES: usize = 5;
const SHORTEST_WORD: usize = 5;
/// From so many words in pieces on the text is broken.
const BROKEN: usize = 2;
/// Names that nobody writes in two words on purpose.
const ALWAYS: [&str; 2] = ["medicare", "medicaid"];

/// A word in `Medi-Cal` only.
const HALF_NAME: &str = "medi";

/// A run of letters in the text (bytes).
type Piece = (usize, usize);

/// The text with its words and dates in one piece.
pub(super) fn whole(text: &str) -> String {
    let (text, is_broken) = words(text);
    dates(&text, is_broken)
}

/// The words in one piece, and whether the text is broken all over.
fn words(text: &str) -> (String, bool) {
    let pieces = pieces(text);
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        let longest = (2..=MOST_PIECES).rev().find(|count| is_one_word(text, pieces.get(at..at + count)));
        if let Some(count) = longest {
            found.push((at, count));
        }
        at += longest.unwrap_or(1);
    }
    let is_broken = found.len() >= BROKEN;
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, count) in found {
        let parts = pieces.get(at..at + count).unwrap_or_default();
        let word: String = parts.iter().filter_map(|(start, end)| text.get(*start..*end)).collect();
        let is_over_lines = || {
            parts.windows(2).any(|pair| matches!(pair, [(_, end), (start, _)] if text.get(*end..*start) == Some("\n")))
        };
        if !is_broken && !is_over_lines() && !ALWAYS.contains(&word.to_lowercase().as_str()) {
            continue;
        }
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else { continue };
        out.push_str(text.get(copied..first.0).unwrap_or_default());
        out.push_str(&word);
        copied = last.1;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    (out, is_broken)
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_alphabetic()) {
        match pieces.last_mut() {
            Some((_, end)) if *end == at => *end += c.len_utf8(),
            _ => pieces.push((at, at + c.len_utf8())),
        }
    }
    pieces
}

fn is_one_word(text: &str, pieces: Option<&[Piece]>) -> bool {
    let Some(pieces) = pieces else { return false };
    let is_gap = |pair: &[Piece]| {
        let [(_, end), (start, _)] = pair else { return false };
        let between = text.get(*end..*start).unwrap_or("x");
        matches!(between, " " | "\n")
    };
    let of = |piece: &Piece| text.get(piece.0..piece.1).unwrap_or_default();
    let is_inside =
        |piece: &Piece| !of(piece).starts_with(char::is_uppercase) || of(piece).chars().all(char::is_uppercase);
    let word: String = pieces.iter().map(of).collect();
    pieces.windows(2).all(is_gap)
        && pieces.iter().skip(1).all(is_inside)
        && word.chars().count() >= SHORTEST_WORD
        && pieces.iter().any(|piece| of(piece).eq_ignore_ascii_case(HALF_NAME) || !is_word(of(piece)))
        && is_word(&word)
}

/// A date's numbers in one piece.
fn dates(text: &str, is_broken: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find([' ', '\n']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let next = from.trim_start_matches([' ', '\n']);
        let gap = &from[..from.len() - next.len()];
        if gap.len() > 2 || !is_split_number(&out, gap, next, is_broken) {
            out.push_str(gap);
        }
        rest = next;
    }
    out.push_str(rest);
    out
}

fn is_split_number(before: &str, gap: &str, behind: &str, is_broken: bool) -> bool {
    let is_numeric = |c: char| c.is_ascii_digit() || c == '/';
    let left_at = before
        .rfind(|c: char| !is_numeric(c))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let (context, left) = before.split_at(left_at);
    let (right, rest) = behind.split_at(behind.find(|c: char| !is_numeric(c)).unwrap_or(behind.len()));
    if left.is_empty() || right.is_empty() {
        return false;
    }
    if left.contains('/') || right.contains('/') {
        return !is_date(left) && !is_date(right) && is_date(&format!("{left}{right}"));
    }
    let length = left.len() + right.len();
    let named = context.trim_end().rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
    let is_behind_day = context.trim_end().ends_with(',') || matches!(named.as_str(), "de" | "of");
    let is_behind_month = month_named(&named).is_some();
    // Two digits of a year may follow "20"; in a broken text every digit may stand alone.
    let is_year =
        is_behind_day && length <= 4 && ((left == "20" && right.len() == 2) || (is_broken && left.starts_with('2')));
    let follows_month = || {
        let next = rest.trim_start().trim_start_matches("de ").trim_start_matches("of ");
        month_named(&next.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase()).is_some()
    };
    let is_day = length == 2
        && ((is_behind_month && (gap.contains('\n') || rest.starts_with(',')))
            || (is_broken && (is_behind_month || follows_month())));
    is_year || is_day
}

/// `11/06/2026`, as far as its form goes.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    matches!(parts.as_slice(), [month, day, year] if matches!(month.len(), 1 | 2) && matches!(day.len(), 1 | 2) && year.len() == 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_pieces_are_one_word() {
        assert_eq!(whole("Notice of De nial of Medi cal Cover age"), "Notice of Denial of Medical Coverage");
        assert_eq!(whole("received by: Janu\nary 14, se gu ro"), "received by: January 14, seguro");
        assert_eq!(whole("my medi care"), "my medicare");
    }

    #[test]
    fn what_is_two_words_stays_two() {
        for text in ["I have Medi cal in Fresno", "my in surance", "cover age 65", "Dr. Al Lergy said no"] {
            assert_eq!(whole(text), text);
        }
    }

    #[test]
    fn a_date_in_pieces_is_one_date() {
        for (text, expected) in [
            ("November 12, 20 26", "November 12, 2026"),
            ("17 de noviembre de 20\n26", "17 de noviembre de 2026"),
            ("Date of notice: 11/0\n6/2026", "Date of notice: 11/06/2026"),
            ("by March 2\n2, 2027", "by March 22, 2027"),
            ("in 20 26 visits", "in 20 26 visits"),
            ("dated November 1 2, 20 26", "dated November 12, 2026"),
            ("Septem ber 30, 2 0 2 6, se gu ro", "September 30, 2026, seguro"),
            ("Fe cha: 2 0 de noviem bre de 2 026, se gu ro", "Fecha: 20 de noviembre de 2026, seguro"),
            ("2 of 5\n3 visits", "2 of 5\n3 visits"),
        ] {
            assert_eq!(whole(text), expected);
        }
    }
}
