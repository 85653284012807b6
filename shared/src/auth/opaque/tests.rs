use super::*;

const KEY: &str = "Zk3v-0pQ8x_unit-test-only_9LmN2rT5yU7w";
/// 93 bytes: longer than one block of SHA-256.
const LONG_KEY: &str = "A-key-of-more-than-one-block_0123456789_abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// The bytes 0 to 31.
const PARENT: &str = "nr1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const ID: Uuid = Uuid::from_u128(0x0190_a1b2_c3d4_7e5f_8a9b_0c1d_2e3f_4a5b);

fn derivation(key: &str, previous: Option<&str>) -> Derivation {
    let config = Config::from_lookup(|name| match name {
        "DATABASE_URL" => Some("postgresql://navigator_api:p@h:6543/postgres?sslmode=verify-full".to_owned()),
        "JWT_SECRET_KEY" => Some(key.to_owned()),
        "JWT_SECRET_KEY_PREVIOUS" => previous.map(ToOwned::to_owned),
        _ => None,
    });
    Derivation::new(&config.expect("a configuration"))
}

fn parent() -> RefreshToken {
    RefreshToken::parse(PARENT).expect("a token")
}

/// The expected values come from Python's `hmac` and `hashlib`.
#[test]
fn derived_tokens_are_those_of_another_implementation() {
    for (key, child, reset, verification) in [
        (
            KEY,
            "nr1.X6ptUX0uOVVQoy_L4yU-J4EVjmVsznWKghP2ephh_ds",
            "np1.nqKbGIG7b-mUFZjc6RfR8yiipvnSDxouscjdMGValX8",
            "nv1.jnmVhF5Oyphpe7DGvIa1a0bSW5ZWqwopDFKGzcDl1xs",
        ),
        (
            LONG_KEY,
            "nr1.dtm5T7k42_RBB3Y47laxFHRrwbekt3Ca_0qfbrNrHwA",
            "np1.2PS9FcfSznIeioxmEO8JE_Jw8dS2ywniPsY2sB4ikQs",
            "nv1.aU2kHgGM5BXdrjl7E1lJAnV4RQUGYs5HTdkQ4a5ElY0",
        ),
    ] {
        let derivation = derivation(key, None);
        assert_eq!(derivation.child(&parent()).expose(), child);
        assert_eq!(derivation.one_time::<Reset>(ID).expose(), reset);
        assert_eq!(derivation.one_time::<Verification>(ID).expose(), verification);
    }
}

#[test]
fn the_hash_is_sha_256_over_the_whole_text() {
    let hex: String = parent().hash().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "16a7b6e1159b4667a144a75c44e62e8c31835c084c6f757914d62268e1f285ff");
}

#[test]
fn a_token_of_one_kind_is_none_of_another() {
    let derivation = derivation(KEY, None);
    let refresh = RefreshToken::random().expect("random numbers");
    let reset: ResetToken = derivation.one_time(ID);
    let verification: VerificationToken = derivation.one_time(ID);
    for text in [refresh.expose(), reset.expose(), verification.expose()] {
        let kinds = [
            RefreshToken::parse(text).is_ok(),
            ResetToken::parse(text).is_ok(),
            VerificationToken::parse(text).is_ok(),
        ];
        assert_eq!(kinds.iter().filter(|is_one| **is_one).count(), 1, "{text}");
    }
    assert_ne!(reset.expose()[4..], verification.expose()[4..], "the labels set the keys apart");
}

#[test]
fn a_token_has_one_spelling() {
    assert!(RefreshToken::parse(PARENT).is_ok());
    let secret = &PARENT[4..];
    for text in [
        String::new(),
        "nr1.".to_owned(),
        secret.to_owned(),
        format!("NR1.{secret}"),
        format!("nr2.{secret}"),
        format!("nr1{secret}"),
        format!("nr1.nr1.{secret}"),
        format!(" nr1.{secret}"),
        format!("nr1.{secret} "),
        format!("nr1.{secret}\n"),
        format!("nr1.{secret}="),
        format!("nr1.{}", &secret[..42]),
        format!("nr1.{secret}A"),
        // The last character's two spare bits are not zero.
        format!("nr1.{}9", &secret[..42]),
        format!("nr1.+{}", &secret[1..]),
        format!("nr1./{}", &secret[1..]),
        format!("nr1.é{}", &secret[2..]),
    ] {
        assert!(RefreshToken::parse(&text).is_err(), "{text:?}");
    }
}

#[test]
fn a_random_token_is_another_each_time_and_can_be_read() {
    let (one, other) = (RefreshToken::random().expect("random"), RefreshToken::random().expect("random"));
    assert_ne!(one.expose(), other.expose());
    let read = RefreshToken::parse(one.expose()).expect("a token");
    assert_eq!(read.hash(), one.hash());
    assert_eq!(one.clone().expose(), one.expose());
}

#[test]
fn after_the_keys_were_changed_what_was_given_before_is_still_a_candidate() {
    let (before, after) = (derivation(KEY, None), derivation(LONG_KEY, Some(KEY)));
    let sent: ResetToken = before.one_time(ID);
    assert_ne!(after.one_time::<Reset>(ID).expose(), sent.expose());
    let candidates = after.one_time_candidates::<Reset>(ID);
    assert_eq!(candidates.len(), 2);
    assert!(candidates.iter().any(|candidate| candidate.hash() == sent.hash()));
    assert_eq!(candidates[0].expose(), after.one_time::<Reset>(ID).expose());
    let children = after.child_candidates(&parent());
    assert_eq!(children[0].expose(), after.child(&parent()).expose());
    assert_eq!(children[1].expose(), before.child(&parent()).expose());
    assert_eq!(before.one_time_candidates::<Reset>(ID).len(), 1);
}

#[test]
fn each_parent_and_each_id_has_its_own_token() {
    let derivation = derivation(KEY, None);
    let child = derivation.child(&parent());
    assert_ne!(derivation.child(&child).expose(), child.expose());
    assert_ne!(
        derivation.one_time::<Reset>(ID).expose(),
        derivation.one_time::<Reset>(Uuid::from_u128(ID.as_u128() + 1)).expose()
    );
}
