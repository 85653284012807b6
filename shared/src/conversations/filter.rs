//! What a conversation's metadata must hold, to be found by it.

use serde_json::Value;

/// An object that a conversation's metadata must contain (PostgreSQL's `@>`): each of its members with its value, an object's
/// and an array's by containment again; what else the metadata holds does not matter. The empty object is in all of them.
#[derive(Clone)]
pub struct MetadataFilter(Value);

/// Why a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataFilterError {
    /// It is no JSON.
    #[error("must be a JSON object, in a URL percent-encoded, such as {EXAMPLE}")]
    NotJson,
    /// It is JSON of another kind.
    #[error("must be an object, such as {EXAMPLE}: the members that the metadata must have")]
    NotAnObject,
    /// Over [`MetadataFilter::MAX_BYTES`].
    #[error("must have at most {} bytes; name fewer members", MetadataFilter::MAX_BYTES)]
    TooLong,
    /// Over [`MetadataFilter::MAX_DEPTH`].
    #[error("must be nested at most {} deep; name the outer members alone", MetadataFilter::MAX_DEPTH)]
    TooDeep,
    /// No metadata can hold it.
    #[error("must not contain U+0000")]
    Nul,
}

const EXAMPLE: &str = r#"{"source":"navigator_output"}"#;

impl MetadataFilter {
    /// The longest text, in bytes.
    pub const MAX_BYTES: usize = 1024;
    /// How many objects and arrays may stand within each other, the outermost counted.
    pub const MAX_DEPTH: usize = 8;

    /// Reads one.
    ///
    /// # Errors
    /// [`MetadataFilterError`], whose text is for the client.
    pub fn parse(text: &str) -> Result<Self, MetadataFilterError> {
        if text.len() > Self::MAX_BYTES {
            return Err(MetadataFilterError::TooLong);
        }
        // Before it is parsed: the parser, too, has a limit, and calls what is deeper no JSON.
        if deepest(text) > Self::MAX_DEPTH {
            return Err(MetadataFilterError::TooDeep);
        }
        let value: Value = serde_json::from_str(text).map_err(|_| MetadataFilterError::NotJson)?;
        if !value.is_object() {
            return Err(MetadataFilterError::NotAnObject);
        }
        if crate::json::has_nul(&value) { Err(MetadataFilterError::Nul) } else { Ok(Self(value)) }
    }

    /// The object.
    pub fn value(&self) -> &Value {
        &self.0
    }
}

/// How deep the brackets of a text stand within each other, those in strings not counted.
fn deepest(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut is_escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> Option<MetadataFilterError> {
        MetadataFilter::parse(text).err()
    }

    #[test]
    fn an_object_within_the_bounds_is_taken_as_it_is() {
        for text in ["{}", r#"{"source":"navigator_output"}"#, r#" {"a":{"b":[1,null,"[[[[[[[[[\"{"]}} "#] {
            let filter = MetadataFilter::parse(text).map(|filter| filter.value().clone());
            assert_eq!(filter, Ok(serde_json::from_str(text).expect("JSON")), "{text}");
        }
        let nested = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
        assert_eq!(error(&nested(8)), None);
        assert_eq!(error(&nested(9)), Some(MetadataFilterError::TooDeep));
        assert_eq!(error(&format!(r#"{{"a":"{}"}}"#, "x".repeat(1024 - 8))), None);
        assert_eq!(error(&format!(r#"{{"a":"{}"}}"#, "x".repeat(1024 - 7))), Some(MetadataFilterError::TooLong));
    }

    #[test]
    fn everything_else_is_refused_with_what_to_do() {
        for (text, expected) in [
            ("", MetadataFilterError::NotJson),
            ("source=navigator_output", MetadataFilterError::NotJson),
            (r#"{"a":1"#, MetadataFilterError::NotJson),
            (r#"{"a":1} x"#, MetadataFilterError::NotJson),
            ("{'a':1}", MetadataFilterError::NotJson),
            ("[]", MetadataFilterError::NotAnObject),
            ("null", MetadataFilterError::NotAnObject),
            ("7", MetadataFilterError::NotAnObject),
            (r#"{"a":"\u0000"}"#, MetadataFilterError::Nul),
            (r#"{"a\u0000":1}"#, MetadataFilterError::Nul),
        ] {
            assert_eq!(error(text), Some(expected), "{text}");
        }
        assert_eq!(error(&"[".repeat(500)), Some(MetadataFilterError::TooDeep));
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,200}") {
            let _ = MetadataFilter::parse(&text);
        }
    }
}
