//! A reply as lines of sentences, so that one sentence can be taken out and the rest still reads well.
//!
//! Invariant: the parts joined again are the reply, but for the white space at the ends of its lines.

/// One line of a reply.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(super) struct Line {
    /// What stands before the first sentence: white space, `- `, `3. `.
    pub(super) mark: String,
    /// The sentences, each with its final punctuation.
    pub(super) sentences: Vec<String>,
}

impl Line {
    fn read(text: &str) -> Self {
        let body = after_mark(text);
        let mark = text.get(..text.len() - body.len()).unwrap_or_default().to_owned();
        Self { mark, sentences: split(body) }
    }

    fn is_numbered(&self) -> bool {
        self.mark.trim_start().starts_with(|c: char| c.is_ascii_digit())
    }

    /// A line that announces those below it.
    fn is_heading(&self) -> bool {
        self.mark.is_empty() && self.sentences.last().is_some_and(|last| last.ends_with(':'))
    }

    fn is_blank(&self) -> bool {
        self.sentences.is_empty()
    }
}

/// The lines of a text.
pub(super) fn lines(text: &str) -> Vec<Line> {
    text.lines().map(|line| Line::read(line.trim_end())).collect()
}

/// The lines as a text again: without lines that lost all their sentences and headings that announce nothing any more,
/// and with the numbers in order.
pub(super) fn join(lines: &[Line], was: &[Line]) -> String {
    let is_lost =
        |at: usize| lines.get(at).is_some_and(Line::is_blank) && was.get(at).is_some_and(|line| !line.is_blank());
    let kept: Vec<usize> =
        (0..lines.len()).filter(|at| !is_lost(*at) && !announces_nothing(lines, *at, &is_lost)).collect();
    let (mut text, mut number) = (String::new(), 0);
    for line in kept.into_iter().filter_map(|at| lines.get(at)) {
        let is_blank = line.is_blank();
        if is_blank && (text.is_empty() || text.ends_with("\n\n")) {
            continue;
        }
        if line.is_numbered() {
            number += 1;
            text.push_str(&format!("{number}. "));
        } else {
            // A new list begins at 1.
            if line.mark.is_empty() && !is_blank {
                number = 0;
            }
            text.push_str(&line.mark);
        }
        text.push_str(&line.sentences.join(" "));
        text.push('\n');
    }
    text.trim_end().to_owned()
}

fn announces_nothing(lines: &[Line], at: usize, is_lost: &impl Fn(usize) -> bool) -> bool {
    if !lines.get(at).is_some_and(Line::is_heading) || !is_lost(at + 1) {
        return false;
    }
    let next = (at + 1..lines.len()).find(|at| !is_lost(*at));
    next.and_then(|at| lines.get(at)).is_none_or(|line| line.is_blank() || line.is_heading())
}

fn after_mark(line: &str) -> &str {
    let rest = line.trim_start_matches([' ', '\t', '>', '#']);
    if let Some(item) = ["- ", "* ", "• "].iter().find_map(|mark| rest.strip_prefix(mark)) {
        return item.trim_start();
    }
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let numbered = rest.get(digits..).filter(|_| (1..=2).contains(&digits));
    numbered.and_then(|rest| rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") "))).map_or(rest, str::trim_start)
}

/// Abbreviations whose full stop ends no sentence.
const ABBREVIATIONS: [&str; 20] = [
    "dr", "dra", "mr", "mrs", "ms", "sr", "sra", "st", "no", "vs", "p", "pág", "ext", "a.m", "p.m", "u.s", "e.g",
    "i.e", "etc", "inc",
];

/// A question or sentence inside quotation marks belongs to the sentence around it.
fn split(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let (mut begin, mut depth) = (0, 0_u32);
    let mut places = text.char_indices().peekable();
    while let Some((at, c)) = places.next() {
        match c {
            '“' | '«' => depth += 1,
            '”' | '»' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !matches!(c, '.' | '!' | '?' | '…' | '。' | '”' | '»') {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some((_, next)) =
            places.peek().filter(|(_, c)| matches!(c, '.' | '!' | '?' | '"' | '”' | '’' | '»' | ')'))
        {
            depth = depth.saturating_sub(u32::from(matches!(next, '”' | '»')));
            end += next.len_utf8();
            places.next();
        }
        let sentence = text.get(begin..end).unwrap_or_default();
        let is_end = places.peek().is_none_or(|(_, c)| c.is_whitespace()) && depth == 0 && ends_as_sentence(sentence);
        if is_end && !(c == '.' && ends_with_abbreviation(sentence)) {
            sentences.push(sentence.trim().to_owned());
            begin = end;
        }
    }
    sentences.push(text.get(begin..).unwrap_or_default().trim().to_owned());
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// A quotation ends a sentence only when it ends with one itself.
fn ends_as_sentence(sentence: &str) -> bool {
    sentence.trim_end_matches(['"', '”', '’', '»', ')']).ends_with(['.', '!', '?', '…', '。'])
}

fn ends_with_abbreviation(sentence: &str) -> bool {
    let word = sentence.trim_end_matches('.').rsplit([' ', '(', '“', '"']).next().unwrap_or_default().to_lowercase();
    ABBREVIATIONS.contains(&word.as_str()) && sentence.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_people_see_it() {
        assert_eq!(
            split("Call Dr. Lee at 9 a.m. today. Ask: “Is it in?” Then wait."),
            ["Call Dr. Lee at 9 a.m. today.", "Ask: “Is it in?”", "Then wait."]
        );
        assert_eq!(split("See Medicare.gov/x. ¿Y ahora? Bien"), ["See Medicare.gov/x.", "¿Y ahora?", "Bien"]);
        assert_eq!(
            split("Ask: “Is it in? Who pays?” Then write “yes”, or “no.” End."),
            ["Ask: “Is it in? Who pays?”", "Then write “yes”, or “no.”", "End."]
        );
        assert_eq!(split("   "), Vec::<String>::new());
    }

    #[test]
    fn a_text_joined_again_is_the_text() {
        let text = "Hello there. You can appeal.\n\nWhat to do:\n1. Read it. Mark it.\n2. Write.\n\n- a line\n\nBye.";
        let read = lines(text);
        assert_eq!(join(&read, &read), text);
    }

    #[test]
    fn what_is_taken_out_leaves_no_empty_number_or_heading() {
        let text = "Do this:\n1. First.\n2. Second.\n3. Third.\n\nAlso:\n- gone.\n\nEnd.";
        let was = lines(text);
        let mut lines = was.clone();
        for line in &mut lines {
            line.sentences.retain(|sentence| sentence != "Second." && sentence != "gone.");
        }
        assert_eq!(join(&lines, &was), "Do this:\n1. First.\n2. Third.\n\nEnd.");
    }
}
