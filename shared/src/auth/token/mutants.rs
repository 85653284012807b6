//! Mutants of a valid token: each is refused. Those of the header and of the claims are signed with the right key, so that
//! only the rule under test can refuse them.

mod claims;
mod form;
mod header;

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::{Sha256, Sha384, Sha512};

use super::tests::configured;
use super::*;

const KEY: &str = "Zk3v-0pQ8x_unit-test-only_9LmN2rT5yU7w";
const PREVIOUS: &str = "Previous-0pQ8x_unit-test-only_9LmN2rT5";
/// 2026-03-01T12:00:00Z.
const NOW: i64 = 1_772_366_400;
const HEADER: &str = r#"{"typ":"at+jwt","alg":"HS256"}"#;
const USER: &str = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
const SESSION: &str = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c";

/// A name and a text that has to be refused.
type Mutant = (String, String);

fn verifier() -> Tokens {
    configured(KEY, Some(PREVIOUS), Clock::fixed(DateTime::<Utc>::from_timestamp(NOW, 0).expect("a time")))
}

fn claims() -> Map<String, Value> {
    let claims = json!({
        "iss": "insurance-navigator", "aud": "insurance-navigator-api", "sub": USER, "sid": SESSION,
        "jti": "3f2b8c1e-5a4d-4e6f-9b7a-1c2d3e4f5a6b", "iat": NOW, "exp": NOW + 1_800, "app_roles": ["user"],
    });
    claims.as_object().cloned().expect("an object")
}

fn payload() -> String {
    Value::Object(claims()).to_string()
}

fn base(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// An HMAC without the code under test.
fn mac(signed: &str, key: &[u8], algorithm: Algorithm) -> String {
    fn of<M: Mac + KeyInit>(signed: &str, key: &[u8]) -> String {
        base(
            <M as Mac>::chain_update(<M as KeyInit>::new_from_slice(key).expect("a key"), signed)
                .finalize()
                .into_bytes(),
        )
    }
    match algorithm {
        Algorithm::HS256 => of::<Hmac<Sha256>>(signed, key),
        Algorithm::HS384 => of::<Hmac<Sha384>>(signed, key),
        Algorithm::HS512 => of::<Hmac<Sha512>>(signed, key),
        other => panic!("no mutant is signed with {other:?}"),
    }
}

/// Two parts as they are, and the right signature over them.
fn seal(header: &str, payload: &str) -> String {
    let signed = format!("{header}.{payload}");
    let signature = mac(&signed, KEY.as_bytes(), Algorithm::HS256);
    format!("{signed}.{signature}")
}

fn sign(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    seal(&base(header), &base(payload))
}

fn with_claim(name: &str, value: Value) -> String {
    let mut changed = claims();
    changed.insert(name.to_owned(), value);
    sign(HEADER, Value::Object(changed).to_string())
}

#[test]
fn at_least_three_hundred_mutants_of_a_valid_token_are_refused() {
    let verifier = verifier();
    let valid = sign(HEADER, payload());
    let who = verifier.verify(&valid).expect("the token without a mutation is valid");
    assert_eq!((who.user.to_string().as_str(), who.session.to_string().as_str()), (USER, SESSION));
    let mutants: Vec<Mutant> = [
        header::algorithms(),
        header::headers(),
        claims::missing_or_of_another_type(),
        claims::texts(),
        claims::times(),
        claims::payloads(),
        form::spellings(&valid),
        form::parts(&valid),
        form::keys(),
        form::signatures(&valid),
        form::other_forms(&valid),
    ]
    .concat();
    let (mut names, mut texts, mut wrong) = (HashSet::new(), HashSet::from([&valid]), Vec::new());
    for (name, text) in &mutants {
        let is_new = (names.insert(name), texts.insert(text));
        if is_new != (true, true) || verifier.verify(text).is_ok() {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "accepted, or there twice: {wrong:#?}");
    assert!(mutants.len() >= 300, "{} mutants", mutants.len());
    println!("{} mutants", mutants.len());
}
