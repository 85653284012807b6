//! JSON text that is also safe inside HTML.

use serde::Serialize;

/// JSON in which `<`, `>`, `&` and the two line separators of JavaScript are escaped: they occur only inside strings, so
/// the value is the same, and a client that puts the text into a page is not open to markup from a conversation.
///
/// # Errors
/// When the value cannot be expressed in JSON.
pub(crate) fn render(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let plain = serde_json::to_string(value)?;
    let mut safe = String::with_capacity(plain.len() + 16);
    for c in plain.chars() {
        match c {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            other => safe.push(other),
        }
    }
    Ok(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_means_the_same() {
        let text = "</script><b>&\u{2028}\u{2029} \"quoted\" \\ ñ 🙂";
        let rendered = render(&text).expect("JSON");
        assert!(!rendered.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{rendered}");
        assert_eq!(serde_json::from_str::<String>(&rendered).expect("JSON"), text);
    }
}
