//! JSON text that is also safe inside HTML, and values that PostgreSQL can store.

use serde::Serialize;
use serde_json::Value;

const ESCAPES: [(char, &str); 5] =
    [('<', "\\u003c"), ('>', "\\u003e"), ('&', "\\u0026"), ('\u{2028}', "\\u2028"), ('\u{2029}', "\\u2029")];

/// JSON in which `<`, `>`, `&` and the two line separators of JavaScript are escaped: they occur only inside strings, so
/// the value is the same, and a client that puts the text into a page is not open to markup from a conversation.
///
/// # Errors
/// When the value cannot be expressed in JSON.
pub(crate) fn render(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let plain = serde_json::to_string(value)?;
    let mut safe = String::with_capacity(plain.len() + 16);
    let mut copied = 0;
    for (at, byte) in plain.bytes().enumerate() {
        // Bytes and long pieces, because a page is mostly text without any of these. Each is the first byte of a character; E2
        // begins the separators, and other signs.
        if matches!(byte, b'<' | b'>' | b'&' | 0xe2)
            && let Some((found, escape)) = ESCAPES.iter().find(|(found, _)| plain[at..].starts_with(*found))
        {
            safe.push_str(&plain[copied..at]);
            safe.push_str(escape);
            copied = at + found.len_utf8();
        }
    }
    safe.push_str(&plain[copied..]);
    Ok(safe)
}

/// Whether a string or a name in it holds U+0000, which PostgreSQL cannot store.
pub(crate) fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(entries) => entries.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_means_the_same() {
        let text = "</script><b>&\u{2028}\u{2029}\u{2027} \"quoted\" “q” — \\ ñ 🙂";
        let rendered = render(&text).expect("JSON");
        assert!(!rendered.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{rendered}");
        assert_eq!(serde_json::from_str::<String>(&rendered).expect("JSON"), text);
    }
}
