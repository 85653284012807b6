//! Commands as the documents show them: the ```sh blocks of a Markdown file, command by command, so that what a test types and what a
//! reader copies cannot differ.

/// One command of a document, with its continued lines and its here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The document's line, from 1.
    pub line: usize,
    /// The text as it stands there.
    pub text: String,
}

/// The commands of every ```sh block, in their order. Comments and empty lines are none.
///
/// # Panics
/// On a block or a here-document without an end.
pub fn commands(document: &str) -> Vec<Typed> {
    let mut lines = document.lines().enumerate();
    let mut found = Vec::new();
    while let Some((_, line)) = lines.next() {
        if line.trim() != "```sh" {
            continue;
        }
        while let Some((index, line)) = lines.next() {
            let line = line.trim();
            if line == "```" {
                break;
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut text = line.to_owned();
            let mut more = || lines.next().unwrap_or_else(|| panic!("line {}: the block has no end", index + 1)).1;
            while text.ends_with('\\') {
                text.push('\n');
                text.push_str(more());
            }
            if let Some((_, word)) = text.clone().split_once("<<'") {
                let word = word.split('\'').next().unwrap_or_default().to_owned();
                loop {
                    let line = more().trim();
                    text.push('\n');
                    text.push_str(line);
                    if line == word {
                        break;
                    }
                }
            }
            found.push(Typed { line: index + 1, text });
        }
    }
    found
}

/// A text with the reader's own values put in; those that come first in the list win where one is part of another.
pub fn filled(text: &str, values: &[(String, String)]) -> String {
    values.iter().fold(text.to_owned(), |text, (placeholder, value)| text.replace(placeholder.as_str(), value))
}

/// The first `<placeholder>` that is left in a text.
pub fn placeholder(text: &str) -> Option<&str> {
    text.match_indices('<').find_map(|(at, _)| {
        let inner = &text[at + 1..];
        let end = inner.find('>')?;
        let is_name = inner.starts_with(|first: char| first.is_ascii_alphabetic()) && !inner[..end].contains('\n');
        is_name.then(|| &text[at..=at + end + 1])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_read_command_by_command() {
        let document = "text\n```text\nno command\n```\n```sh\n# a comment\na   # said\n\nb \\\n  -c\ncat > f <<'END'\nx=1\n  y\nEND\n```\n- in a list\n  ```sh\n  d <who>\n  ```\n";
        let texts: Vec<(usize, String)> =
            commands(document).into_iter().map(|typed| (typed.line, typed.text)).collect();
        let expected = [(7, "a   # said"), (9, "b \\\n  -c"), (11, "cat > f <<'END'\nx=1\ny\nEND"), (18, "d <who>")];
        assert_eq!(texts, expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn a_placeholder_that_nobody_filled_is_found() {
        assert_eq!(placeholder("a <b-c> d"), Some("<b-c>"));
        assert_eq!(placeholder("cat <<'END' > f < g"), None);
        let values = [("db.<x>.y".to_owned(), "127.0.0.1".to_owned()), ("<x>".to_owned(), "z".to_owned())];
        assert_eq!(filled("db.<x>.y <x>", &values), "127.0.0.1 z");
    }
}
