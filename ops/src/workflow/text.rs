//! Text for a terminal.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};

/// Text of others on one line, without what a terminal would obey.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|character| if is_obeyed(character) { '\u{fffd}' } else { character }).collect()
}

/// Text of others, line by line behind `margin`.
pub(super) fn indented(text: &str, margin: &str) -> String {
    text.lines().map(|line| format!("{margin}{}\n", plain(line))).collect()
}

/// Control characters, and those that reorder what follows (Unicode, "Bidirectional Algorithm", explicit formatting).
fn is_obeyed(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A length of time in its largest whole unit.
pub(super) fn age(seconds: f64) -> String {
    let units = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s")];
    let found = units.iter().find(|(length, _)| seconds >= *length);
    match found {
        Some((length, unit)) => format!("{:.0} {unit}", (seconds / length).floor()),
        None => "0 s".to_owned(),
    }
}

/// A time as the rest of the product writes it (RFC 3339, UTC).
pub(crate) fn at(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// One thing or several.
pub(super) fn count(number: i64, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

/// Columns as wide as their widest cell.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let head = head.map(ToOwned::to_owned);
    let mut widths = [0; N];
    for row in std::iter::once(&head).chain(rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // Writing into a String cannot fail.
            let _written = write!(line, "{cell:<width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_not_printed() {
        assert_eq!(plain("a\u{1b}[2Jb\r\nc\u{202e}d é"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}c\u{fffd}d é");
        assert_eq!(indented("one\ntwo\u{7}", "  "), "  one\n  two\u{fffd}\n");
    }

    #[test]
    fn an_age_is_told_in_its_largest_whole_unit() {
        let told = [(-1.0, "0 s"), (0.4, "0 s"), (59.9, "59 s"), (60.0, "1 min"), (7_199.0, "1 h"), (200_000.0, "2 d")];
        for (seconds, text) in told {
            assert_eq!(age(seconds), text);
        }
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["é".to_owned(), "x".to_owned()], ["long".to_owned(), String::new()]];
        assert_eq!(table(["A", "B"], &rows), "A     B\né     x\nlong\n");
    }
}
