//! Signed texts: the compact serialisation of a JSON Web Signature with HS256 (RFC 7515; RFC 7518, section 3.2).
//!
//! Invariants: the algorithm is HS256 and the keys are the caller's, whatever the text says (RFC 8725, sections 3.1 and
//! 3.5); there is one spelling of a signed text, so neither padding nor spare bits nor white space can vary it; a header
//! that names or carries a key, or that changes what is signed, is refused; nothing of the payload is read before the
//! signature is found right.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use super::{hs256, object};

/// The longest text that is looked at, in bytes.
pub const MAX_BYTES: usize = 4_096;

/// Length of an HMAC-SHA-256, in bytes.
const SIGNATURE_BYTES: usize = 32;

/// Members of a header that name or carry a key, or change what is signed (RFC 7515, section 4.1; RFC 7797). They would
/// let the sender of a text choose how it is checked.
const REFUSED: [&str; 7] = ["crit", "jwk", "jku", "x5u", "x5c", "b64", "zip"];

/// A key that verifies; an empty one verifies nothing. How long it has to be is the configuration's rule.
#[derive(Clone)]
pub struct VerifyingKey(Option<DecodingKey>);

impl VerifyingKey {
    /// The key with these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(hs256::verifying_key(bytes).ok())
    }
}

/// A text whose signature is right.
pub struct Verified {
    /// The header's members.
    pub header: Map<String, Value>,
    /// What was signed beside it.
    pub payload: Vec<u8>,
}

/// Why a text is not accepted. It is for tests and tools; a client is not told which check failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Longer than [`MAX_BYTES`], not three parts, not base64url in its one spelling, or a signature of another length.
    #[error("not a compact JWS")]
    Malformed,
    /// Not an object without duplicate members, another algorithm than HS256, or a member that is refused.
    #[error("a header that is not accepted")]
    Header,
    /// None of the keys made this signature.
    #[error("a wrong signature")]
    Signature,
}

/// Verifies a compact JWS with any of `keys`.
///
/// # Errors
/// [`JwsError`].
pub fn verify(text: &str, keys: &[VerifyingKey]) -> Result<Verified, JwsError> {
    let parts = Parts::split(text)?;
    let header = object::parse(&decode(parts.header)?).ok_or(JwsError::Header)?;
    let is_hs256 = header.get("alg").and_then(Value::as_str) == Some("HS256");
    if !is_hs256 || REFUSED.iter().any(|name| header.contains_key(*name)) {
        return Err(JwsError::Header);
    }
    let payload = decode(parts.payload)?;
    if decode(parts.signature)?.len() != SIGNATURE_BYTES {
        return Err(JwsError::Malformed);
    }
    // The comparison inside takes the same time for every wrong signature.
    let made_by = |key: &VerifyingKey| {
        key.0.as_ref().is_some_and(|key| {
            jsonwebtoken::crypto::verify(parts.signature, parts.signed.as_bytes(), key, Algorithm::HS256)
                .unwrap_or(false)
        })
    };
    if keys.iter().any(made_by) { Ok(Verified { header, payload }) } else { Err(JwsError::Signature) }
}

struct Parts<'a> {
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// Header and payload with the dot between them.
    signed: &'a str,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Result<Self, JwsError> {
        if text.len() > MAX_BYTES {
            return Err(JwsError::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JwsError::Malformed)?;
        // A dot too many is left in the header or the payload, where base64url has none.
        let (header, payload) = signed.split_once('.').ok_or(JwsError::Malformed)?;
        Ok(Self { header, payload, signature, signed })
    }
}

/// The engine refuses padding, characters outside the alphabet, and spare bits that are not zero.
fn decode(part: &str) -> Result<Vec<u8>, JwsError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515, appendix A.1: the key, and the example's text.
    const RFC_KEY: &str = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    const RFC_TEXT: &str = concat!(
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
        ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
    const KEY: &[u8] = b"a key of these tests, of 32 bytes";

    fn sign(header: &str, payload: &[u8]) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let key = hs256::signing_key(KEY).expect("a key");
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::HS256).expect("signed");
        format!("{signed}.{signature}")
    }

    fn check(text: &str) -> Result<Vec<u8>, JwsError> {
        verify(text, &[VerifyingKey::new(KEY)]).map(|verified| verified.payload)
    }

    #[test]
    fn the_example_of_the_standard_is_right() {
        let key = VerifyingKey::new(&URL_SAFE_NO_PAD.decode(RFC_KEY).expect("base64url"));
        let Ok(verified) = verify(RFC_TEXT, &[key]) else { panic!("refused") };
        assert!(verified.payload.starts_with(b"{\"iss\":\"joe\""));
        assert_eq!(verified.header.get("typ"), Some(&Value::from("JWT")));
    }

    #[test]
    fn any_of_the_keys_may_have_signed_and_no_key_accepts_nothing() {
        let text = sign(r#"{"alg":"HS256"}"#, b"x");
        let (other, key) = (VerifyingKey::new(b"another key"), VerifyingKey::new(KEY));
        assert!(verify(&text, &[other.clone(), key.clone()]).is_ok());
        assert!(verify(&text, &[key, other.clone()]).is_ok());
        assert_eq!(verify(&text, &[other]).err(), Some(JwsError::Signature));
        assert_eq!(verify(&text, &[]).err(), Some(JwsError::Signature));
        assert_eq!(verify(&text, &[VerifyingKey::new(b"")]).err(), Some(JwsError::Signature));
    }

    #[test]
    fn a_payload_is_any_bytes() {
        for payload in [&b""[..], b"\xff\x00", b"{}"] {
            assert_eq!(check(&sign(r#"{"alg":"HS256","kid":"1"}"#, payload)).as_deref(), Ok(payload));
        }
    }

    #[test]
    fn a_header_that_chooses_how_it_is_checked_is_refused_although_its_signature_is_right() {
        for name in REFUSED {
            let header = format!(r#"{{"alg":"HS256","{name}":null}}"#);
            assert_eq!(check(&sign(&header, b"x")), Err(JwsError::Header), "{header}");
        }
        for header in [
            "{}",
            "[]",
            r#"{"alg":"none"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"alg":"HS512"}"#,
            r#"{"alg":["HS256"]}"#,
            r#"{"alg":"HS256","alg":"HS256"}"#,
            r#"{"alg":"HS256","\u0063rit":["exp"]}"#,
            r#"{"alg":"HS256"}x"#,
        ] {
            assert_eq!(check(&sign(header, b"x")), Err(JwsError::Header), "{header}");
        }
    }

    #[test]
    fn four_kib_is_the_longest() {
        let header = r#"{"alg":"HS256"}"#;
        let overhead = sign(header, b"").len();
        let fits = vec![b'x'; (MAX_BYTES - overhead) / 4 * 3];
        assert_eq!(check(&sign(header, &fits)), Ok(fits.clone()));
        let too_long = [fits, vec![b'x'; 3]].concat();
        assert_eq!(check(&sign(header, &too_long)), Err(JwsError::Malformed));
    }

    proptest::proptest! {
        #[test]
        fn one_changed_byte_is_refused(position in 0_usize..RFC_TEXT.len(), byte in 0x20_u8..0x7f) {
            let mut bytes = RFC_TEXT.as_bytes().to_vec();
            proptest::prop_assume!(bytes[position] != byte);
            bytes[position] = byte;
            let text = String::from_utf8(bytes).expect("ASCII");
            let key = VerifyingKey::new(&URL_SAFE_NO_PAD.decode(RFC_KEY).expect("base64url"));
            assert!(verify(&text, &[key]).is_err(), "{text}");
        }
    }
}
