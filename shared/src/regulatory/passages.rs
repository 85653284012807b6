//! From a text to the passages that are searched: short enough to be about one thing, cut where lines or sentences end.
//!
//! Invariants: every character of the text that is no white space is in exactly one passage, in order; no passage is
//! longer than [`MAX_CHARS`] plus a short rest.

/// The size of a passage, in characters; the search's weights are set for it.
pub const MAX_CHARS: usize = 1_200;
/// A last passage that is shorter goes to the one before it.
const SHORT_CHARS: usize = 200;

/// The passages of a text, in order; none for a text of white space.
pub fn split(text: &str) -> Vec<String> {
    let mut passages: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut chars = 0;
    for piece in text.lines().flat_map(pieces) {
        let size = piece.chars().count();
        if chars > 0 && chars + size > MAX_CHARS {
            push(&mut passages, &mut current);
            chars = 0;
        }
        if chars > 0 {
            current.push('\n');
        }
        current.push_str(piece);
        chars += size + 1;
    }
    push(&mut passages, &mut current);
    if passages.len() > 1 && passages.last().is_some_and(|last| last.chars().count() < SHORT_CHARS) {
        let rest = passages.pop().unwrap_or_default();
        if let Some(last) = passages.last_mut() {
            last.push('\n');
            last.push_str(&rest);
        }
    }
    passages
}

fn push(passages: &mut Vec<String>, current: &mut String) {
    let passage = std::mem::take(current);
    if !passage.trim().is_empty() {
        passages.push(passage.trim().to_owned());
    }
}

/// A line that is longer than a passage, cut after a sentence, else at a space, else anywhere.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some((limit, _)) = rest.char_indices().nth(MAX_CHARS) {
        let head = &rest[..limit];
        let sentence = [". ", "! ", "? "].iter().filter_map(|end| head.rfind(end)).max().map(|at| at + 1);
        let at =
            sentence.filter(|at| *at > limit / 2).or_else(|| head.rfind(' ').filter(|at| *at > 0)).unwrap_or(limit);
        pieces.push(&rest[..at]);
        rest = &rest[at..];
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visible(text: &str) -> String {
        text.chars().filter(|c| !c.is_whitespace()).collect()
    }

    #[test]
    fn a_short_text_is_one_passage_and_an_empty_one_none() {
        assert_eq!(split("  One line.\nAnother. "), ["One line.\nAnother."]);
        assert!(split(" \n\t\n").is_empty());
    }

    #[test]
    fn a_long_line_is_cut_after_a_sentence() {
        let line = format!("{}. {}", "a".repeat(900), "b ".repeat(400));
        let passages = split(&line);
        assert!(passages[0].ends_with("a."), "{}", passages[0]);
        assert_eq!(passages.len(), 2);
    }

    #[test]
    fn a_short_rest_goes_to_the_passage_before_it() {
        let text = format!("{}\n{}", "word ".repeat(239), "The end.");
        assert_eq!(split(&text).len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_no_passage_is_over_long(text in "([a-zé.\u{4e2d} ]{0,700}\n?){0,6}") {
            let passages = split(&text);
            assert_eq!(visible(&passages.concat()), visible(&text));
            assert!(passages.iter().all(|passage| passage.chars().count() <= MAX_CHARS + SHORT_CHARS + 1));
        }
    }
}
