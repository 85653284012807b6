//! Columns and the foot of a page, as a PDF's text has them between the lines: put behind what they interrupt.

/// So many spaces part two columns.
const GAP: &str = "    ";
/// A page's foot has at most so many characters.
const LONGEST_FOOT: usize = 60;

/// The text with each column in one piece, and the feet of pages at its end.
pub(super) fn in_order(text: &str) -> String {
    columns_apart(&feet_last(text))
}

/// A foot that stands between two halves of a word, moved to the end.
fn feet_last(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let (mut out, mut feet): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        out.push(line);
        at += 1;
        if !line.trim_end().ends_with('-') {
            continue;
        }
        let between = lines.get(at..).unwrap_or_default().iter().take_while(|line| is_between(line)).count();
        let next = lines.get(at + between).map_or("", |line| line.trim_start());
        if between > 0 && next.starts_with(char::is_lowercase) {
            feet.extend(lines.get(at..at + between).unwrap_or_default().iter().filter(|line| !line.trim().is_empty()));
            at += between;
        }
    }
    out.extend(feet);
    out.join("\n")
}

fn is_between(line: &str) -> bool {
    let line = line.trim();
    let lower = line.to_lowercase();
    let has_number = line.contains(|c: char| c.is_ascii_digit());
    let is_page = ["page", "pag", "pág", "cms-", "form", " of ", " de ", "/"].iter().any(|word| lower.contains(word));
    let is_text = line.starts_with(char::is_lowercase);
    line.is_empty() || (has_number && !is_text && is_page && line.chars().count() <= LONGEST_FOOT)
}

/// Each block of lines that holds two columns, the left one first. Only where the left one visibly goes on from line to line:
/// a list of names and values stays as it is.
fn columns_apart(text: &str) -> String {
    if !text.contains(GAP) && !text.contains(['\t', '|']) {
        return text.to_owned();
    }
    let mut out: Vec<String> = Vec::new();
    let lines: Vec<&str> = text.split('\n').collect();
    for block in lines.chunk_by(|before, after| before.trim().is_empty() == after.trim().is_empty()) {
        let parts: Vec<(&str, &str)> = block.iter().map(|line| parted(line)).collect();
        let goes_on = parts.windows(2).any(|pair| matches!(pair, [before, after] if is_broken(before.0, after.0)));
        if !goes_on {
            out.extend(block.iter().map(|line| (*line).to_owned()));
            continue;
        }
        let left = parts.iter().map(|(left, _)| (*left).to_owned()).filter(|part| !part.is_empty());
        let right = parts.iter().map(|(_, right)| right.split_whitespace().collect::<Vec<_>>().join(" "));
        out.extend(left);
        out.extend(right.filter(|part| !part.is_empty()));
    }
    out.join("\n")
}

/// What stands before and behind the gap of a line; a name and its value are one piece.
fn parted(line: &str) -> (&str, &str) {
    let text = line.trim();
    if let Some((left, right)) = text.split_once('|') {
        return (left.trim_end(), right.trim_start());
    }
    let gap = text.find(GAP).or_else(|| text.find('\t'));
    match gap.map(|at| text.split_at(at)) {
        Some((left, right)) if !left.trim_end().ends_with(':') => (left.trim_end(), right.trim_start()),
        _ => (text, ""),
    }
}

fn is_broken(before: &str, after: &str) -> bool {
    let is_word = before.ends_with('-') && after.starts_with(char::is_lowercase);
    let is_number =
        before.ends_with(|c: char| c.is_ascii_digit() || c == ',') && after.starts_with(|c: char| c.is_ascii_digit());
    is_word || is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_left_column_comes_first() {
        let text = "Date of Notice: Octo-       power wheel-\nber 19,                 chair repair\n2026";
        assert_eq!(in_order(text), "Date of Notice: Octo-\nber 19,\n2026\npower wheel-\nchair repair");
    }

    #[test]
    fn names_with_values_stay_beside_each_other() {
        let text = "Date of notice:      October 2, 2026\nService:             MRI";
        assert_eq!(in_order(text), text);
    }

    #[test]
    fn a_foot_inside_a_word_moves_to_the_end() {
        let text = "ends on 3 de di-\n\nCMS-10123   Pág. 1\n\nciembre de 2026";
        assert_eq!(in_order(text), "ends on 3 de di-\nciembre de 2026\nCMS-10123   Pág. 1");
    }
}
