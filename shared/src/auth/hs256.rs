//! HS256 (RFC 7518, section 3.2) for `jsonwebtoken`, over the `hmac` and `sha2` that hash everything else here.
//!
//! `jsonwebtoken` brings no cryptography of its own; its feature `rust_crypto` would bring RSA, elliptic curves and their
//! advisories for algorithms that no token of ours has.
//!
//! Invariants: a key comes from here alone, so the provider is there whenever one is used; every other algorithm is an
//! error, never a panic; an empty key is none; the comparison takes the same time for every wrong signature.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey};
use sha2::Sha256;

type HmacSha256 = Hmac<Sha256>;

/// The key that signs, from the secret's bytes.
///
/// # Errors
/// [`ErrorKind::InvalidKeyFormat`] for an empty secret.
#[allow(clippy::disallowed_methods, reason = "the provider is installed here")]
pub(super) fn signing_key(secret: &[u8]) -> Result<EncodingKey, Error> {
    install();
    EncodingKey::from_secret(secret)
}

/// The key that verifies, from the secret's bytes.
///
/// # Errors
/// [`ErrorKind::InvalidKeyFormat`] for an empty secret.
#[allow(clippy::disallowed_methods, reason = "the provider is installed here")]
pub(super) fn verifying_key(secret: &[u8]) -> Result<DecodingKey, Error> {
    install();
    DecodingKey::from_secret(secret)
}

/// The process has one provider. The second call finds it there, which is as good.
fn install() {
    static PROVIDER: CryptoProvider =
        CryptoProvider { signer_factory: signer, verifier_factory: verifier, key_utils: NO_KEY_SETS };
    let _there_already = PROVIDER.install_default();
}

/// Nothing here reads or writes JSON Web Keys; the crate's own placeholder would panic.
const NO_KEY_SETS: KeyUtils = KeyUtils {
    rsa_pub_components_from_private_key: |_| refused(),
    rsa_pub_components_from_public_key: |_| refused(),
    ec_pub_components_from_private_key: |_, _| refused(),
    ed_pub_components_from_private_key: |_, _| refused(),
    compute_digest: |_, _| refused(),
};

fn refused<T>() -> Result<T, Error> {
    Err(ErrorKind::InvalidAlgorithm.into())
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    if *algorithm != Algorithm::HS256 || key.family() != AlgorithmFamily::Hmac {
        return refused();
    }
    Ok(Box::new(Hs256(keyed(key.as_bytes())?)))
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    if *algorithm != Algorithm::HS256 || key.family() != AlgorithmFamily::Hmac {
        return refused();
    }
    Ok(Box::new(Hs256(keyed(key.try_get_as_bytes()?)?)))
}

fn keyed(secret: &[u8]) -> Result<HmacSha256, Error> {
    HmacSha256::new_from_slice(secret).map_err(|_| ErrorKind::InvalidKeyFormat.into())
}

/// The function with its key; each text begins with a copy.
struct Hs256(HmacSha256);

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, text: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.clone().chain_update(text).finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, text: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        self.0.clone().chain_update(text).verify_slice(signature).map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::crypto::{sign, verify};

    /// RFC 4231, sections 4.2, 4.3 and 4.7 (a key longer than a block): key, text, HMAC-SHA-256 in hexadecimal.
    const VECTORS: [(&[u8], &[u8], &str); 3] = [
        (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ];

    fn bytes(hexadecimal: &str) -> Vec<u8> {
        let digits = hexadecimal.as_bytes().chunks(2);
        digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).expect("ASCII"), 16).expect("digits")).collect()
    }

    #[test]
    fn the_vectors_of_the_standard_are_signed_and_verified() {
        for (secret, text, mac) in VECTORS {
            let mac = URL_SAFE_NO_PAD.encode(bytes(mac));
            let key = signing_key(secret).expect("a key");
            assert_eq!(sign(text, &key, Algorithm::HS256).expect("signed"), mac);
            let key = verifying_key(secret).expect("a key");
            assert_eq!(verify(&mac, text, &key, Algorithm::HS256).ok(), Some(true));
        }
    }

    #[test]
    fn a_signature_of_another_bit_length_or_text_is_wrong() {
        let (secret, text, mac) = VECTORS[0];
        let (mac, key) = (bytes(mac), verifying_key(secret).expect("a key"));
        let accepts = |mac: &[u8], text: &[u8]| verify(&URL_SAFE_NO_PAD.encode(mac), text, &key, Algorithm::HS256).ok();
        for bit in 0..256 {
            let mut other = mac.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(accepts(&other, text), Some(false), "bit {bit}");
        }
        for length in 0..32 {
            assert_eq!(accepts(&mac[..length], text), Some(false), "{length} bytes");
        }
        assert_eq!(accepts(&[&mac[..], &[0]].concat(), text), Some(false));
        assert_eq!(accepts(&mac, b"Hi there"), Some(false));
    }

    #[test]
    fn every_other_algorithm_and_an_empty_secret_are_errors_and_nothing_panics() {
        use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
        let (signing, verifying) = (signing_key(b"secret").expect("a key"), verifying_key(b"secret").expect("a key"));
        for algorithm in ["HS384", "HS512", "RS256", "RS512", "PS256", "PS512", "ES256", "ES384", "EdDSA"] {
            let algorithm: Algorithm = algorithm.parse().expect("an algorithm");
            assert!(sign(b"text", &signing, algorithm).is_err(), "{algorithm:?}");
            assert!(verify("AAAA", b"text", &verifying, algorithm).is_err(), "{algorithm:?}");
        }
        let rsa = DecodingKey::from_rsa_der(b"no key");
        assert!(verify("AAAA", b"text", &rsa, Algorithm::HS256).is_err());
        let set = Jwk::from_encoding_key(&signing, Algorithm::HS256).expect("a key of bytes needs no arithmetic");
        assert!(set.thumbprint(ThumbprintHash::SHA256).is_err());
        assert!(signing_key(b"").is_err() && verifying_key(b"").is_err());
    }
}
