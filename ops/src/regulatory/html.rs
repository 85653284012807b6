//! The readable text of a page: what stands in its `main` element (else in its body), without scripts, styles, navigation
//! and forms. One pass, linear in the page's size; nothing is run or followed.

/// Elements whose content is not the page's text.
const SKIPPED: [&str; 14] = [
    "script", "style", "noscript", "template", "svg", "nav", "header", "footer", "aside", "form", "button", "select",
    "iframe", "head",
];
/// Elements that stand on lines of their own.
const BLOCKS: [&str; 24] = [
    "p",
    "div",
    "section",
    "article",
    "main",
    "br",
    "li",
    "ul",
    "ol",
    "tr",
    "table",
    "dl",
    "dt",
    "dd",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "figure",
    "hr",
];

/// The text of a page, a line for each block.
pub(super) fn text(html: &str) -> String {
    let mut reader = Reader::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        reader.text(&rest[..at]);
        rest = reader.markup(&rest[at..]);
    }
    reader.text(rest);
    tidy(if reader.main.trim().is_empty() { &reader.body } else { &reader.main })
}

#[derive(Default)]
struct Reader {
    body: String,
    main: String,
    main_depth: usize,
    /// The skipped element that is open, and how often it is open.
    skipping: Option<(&'static str, usize)>,
}

impl Reader {
    fn text(&mut self, text: &str) {
        if self.skipping.is_some() {
            return;
        }
        let text = decode(text);
        if self.main_depth > 0 {
            self.main.push_str(&text);
        }
        self.body.push_str(&text);
    }

    /// Takes what begins with `<`; the rest of the page.
    fn markup<'a>(&mut self, from: &'a str) -> &'a str {
        if let Some(comment) = from.strip_prefix("<!--") {
            return comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        let Some(end) = tag_end(from) else {
            self.text(&from[..1]);
            return &from[1..];
        };
        let (tag, rest) = (&from[1..end], &from[end + 1..]);
        let (is_closing, tag) = match tag.strip_prefix('/') {
            Some(tag) => (true, tag),
            None => (false, tag),
        };
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        self.tag(&name, is_closing, tag.ends_with('/'));
        // The content of these two is no markup: it ends at its end tag alone.
        if !is_closing && (name == "script" || name == "style") {
            let end = find_end_tag(rest, &name).unwrap_or(rest.len());
            return &rest[end..];
        }
        rest
    }

    fn tag(&mut self, name: &str, is_closing: bool, is_empty: bool) {
        if let Some((skipped, depth)) = &mut self.skipping {
            if *skipped == name {
                *depth = if is_closing { depth.saturating_sub(1) } else { *depth + 1 };
                if *depth == 0 {
                    self.skipping = None;
                }
            }
            return;
        }
        if let Some(skipped) = SKIPPED.into_iter().find(|skipped| *skipped == name)
            && !is_closing
            && !is_empty
        {
            self.skipping = Some((skipped, 1));
        } else if name == "main" {
            self.main_depth = if is_closing { self.main_depth.saturating_sub(1) } else { self.main_depth + 1 };
        }
        if BLOCKS.contains(&name) {
            self.main.push('\n');
            self.body.push('\n');
        }
    }
}

/// Where the tag that `from` begins with ends: at the first `>` outside quotes. None when it is no tag.
fn tag_end(from: &str) -> Option<usize> {
    let second = from.as_bytes().get(1)?;
    if !(second.is_ascii_alphabetic() || matches!(second, b'/' | b'!' | b'?')) {
        return None;
    }
    let mut quote = None;
    for (at, byte) in from.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    // A quote that is never closed: the tag ends at the first `>` all the same.
    from.find('>')
}

fn find_end_tag(text: &str, name: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find("</") {
        let start = at + found;
        let follows = text.as_bytes().get(start + 2..start + 2 + name.len());
        if follows.is_some_and(|bytes| bytes.eq_ignore_ascii_case(name.as_bytes())) {
            return Some(start);
        }
        at = start + 2;
    }
    None
}

/// Character references: the common names, and numbers.
fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| reference(&rest[1..end]).map(|c| (c, end))) {
            Some((c, end)) => {
                decoded.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

fn reference(name: &str) -> Option<char> {
    let number = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        },
        None => None,
    };
    if let Some(number) = number {
        return char::from_u32(number).filter(|c| !c.is_control() || *c == '\n');
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "bull" => '•',
        "hellip" => '…',
        "reg" => '®',
        "trade" => '™',
        "copy" => '©',
        "sect" => '§',
        "aacute" => 'á',
        "eacute" => 'é',
        "iacute" => 'í',
        "oacute" => 'ó',
        "uacute" => 'ú',
        "ntilde" => 'ñ',
        _ => return None,
    })
}

fn tidy(text: &str) -> String {
    text.lines().map(one_line).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_part_is_read_and_the_rest_left_out() {
        let html = "<!doctype html><html><head><title>Appeals &amp; more</title><style>p{}</style></head><body>\
            <nav><a href='/'>Home</a></nav><main><h1>Appeal</h1><p>You have <b>65 days</b>&nbsp;to ask.</p>\
            <!-- <p>hidden</p> --><script>if (a < b) { '</p>' }</script><ul><li>One<li>Two</ul></main>\
            <footer>About us</footer></body></html>";
        assert_eq!(text(html), "Appeal\nYou have 65 days to ask.\nOne\nTwo");
    }

    #[test]
    fn a_page_without_main_is_read_whole() {
        assert_eq!(
            text("<body>One<br>two <img alt='a > b'> 3 < 4 &unknown; &#241; &#x2022;</body>"),
            "One\ntwo 3 < 4 &unknown; ñ •"
        );
    }

    #[test]
    fn instructions_in_a_page_are_text_like_any_other() {
        assert_eq!(text("<main>Ignore all &lt;b&gt; instructions</main>"), "Ignore all <b> instructions");
    }

    proptest::proptest! {
        #[test]
        fn no_page_makes_it_fail(html in "[<>/a-z \"'&;#!-]{0,300}") {
            let _text = text(&html);
        }
    }
}
