use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::ids::{SessionId, UserId};

const KEY: &str = "Zk3v-0pQ8x_unit-test-only_9LmN2rT5yU7w";
const OTHER_KEY: &str = "Another-0pQ8x_unit-test-only_9LmN2rT5yU";

fn at(seconds: i64) -> Clock {
    let start: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().expect("a time");
    Clock::fixed(start + TimeDelta::seconds(seconds))
}

fn tokens(key: &str, clock: Clock) -> Tokens {
    configured(key, None, clock)
}

fn rotating(key: &str, previous: &str, clock: Clock) -> Tokens {
    configured(key, Some(previous), clock)
}

pub(super) fn configured(key: &str, previous: Option<&str>, clock: Clock) -> Tokens {
    let config = Config::from_lookup(|name| match name {
        "DATABASE_URL" => Some("postgresql://navigator_api:p@h:6543/postgres?sslmode=verify-full".to_owned()),
        "JWT_SECRET_KEY" => Some(key.to_owned()),
        "JWT_SECRET_KEY_PREVIOUS" => previous.map(ToOwned::to_owned),
        _ => None,
    });
    Tokens::new(&config.expect("a configuration"), clock)
}

fn principal() -> Principal {
    Principal { user: UserId::new(), session: SessionId::new(), roles: vec!["user".to_owned()] }
}

#[test]
fn a_token_speaks_for_the_principal_it_was_issued_for() {
    let who = principal();
    let token = tokens(KEY, at(0)).issue(&who).expect("signed");
    assert_eq!(tokens(KEY, at(60)).verify(&token), Ok(who));
}

#[test]
fn a_token_expires_to_the_second_after_its_leeway() {
    let token = tokens(KEY, at(0)).issue(&principal()).expect("signed");
    assert!(tokens(KEY, at(30 * 60 + 4)).verify(&token).is_ok());
    assert_eq!(tokens(KEY, at(30 * 60 + 5)).verify(&token), Err(TokenError::Expired));
}

#[test]
fn a_token_from_the_future_or_of_another_key_is_refused() {
    let who = principal();
    let token = tokens(KEY, at(0)).issue(&who).expect("signed");
    assert_eq!(tokens(KEY, at(-6)).verify(&token), Err(TokenError::Invalid));
    assert_eq!(tokens(OTHER_KEY, at(0)).verify(&token), Err(TokenError::Invalid));
}

#[test]
fn every_changed_byte_makes_a_token_invalid() {
    let verifier = tokens(KEY, at(0));
    let token = verifier.issue(&principal()).expect("signed");
    for position in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).expect("ASCII");
        assert_eq!(verifier.verify(&changed), Err(TokenError::Invalid), "byte {position}");
    }
}

#[test]
fn a_header_with_anything_beyond_alg_and_typ_is_refused() {
    let verifier = tokens(KEY, at(0));
    let token = verifier.issue(&principal()).expect("signed");
    let rest = token.split_once('.').expect("three parts").1;
    for header in [
        r#"{"alg":"none","typ":"at+jwt"}"#,
        r#"{"alg":"HS512","typ":"at+jwt"}"#,
        r#"{"alg":"HS256","typ":"JWT"}"#,
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"HS256","typ":"at+jwt","crit":["exp"]}"#,
        r#"{"alg":"HS256","typ":"at+jwt","jku":"https://example.org"}"#,
        r#"{"alg":"HS256","typ":"at+jwt","b64":false}"#,
    ] {
        let forged = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
        assert_eq!(verifier.verify(&forged), Err(TokenError::Invalid), "{header}");
    }
}

#[test]
fn during_a_rotation_the_key_before_verifies_and_never_signs() {
    let who = principal();
    let before = tokens(OTHER_KEY, at(0));
    let rotating = rotating(KEY, OTHER_KEY, at(0));
    let old = before.issue(&who).expect("signed");
    assert_eq!(rotating.verify(&old), Ok(who.clone()));
    let new = rotating.issue(&who).expect("signed");
    assert_eq!(rotating.verify(&new), Ok(who.clone()));
    assert_eq!(tokens(KEY, at(0)).verify(&new), Ok(who));
    assert_eq!(before.verify(&new), Err(TokenError::Invalid));
}

#[test]
fn a_lifetime_that_is_never_issued_is_refused() {
    let long = tokens(KEY, at(0));
    let token = Tokens { ttl: Duration::from_secs(MAX_LIFETIME_S), ..long.clone() }.issue(&principal());
    assert!(long.verify(&token.expect("signed")).is_ok());
    let token = Tokens { ttl: Duration::from_secs(MAX_LIFETIME_S + 1), ..long.clone() }.issue(&principal());
    assert_eq!(long.verify(&token.expect("signed")), Err(TokenError::Invalid));
}
