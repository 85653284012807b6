use super::*;

pub(super) const GOOD_KEY: &str = "Zk3v-0pQ8x_unit-test-only_9LmN2rT5yU7w";

pub(super) fn load(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_lookup(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
}

#[test]
fn every_problem_is_listed_at_once_with_its_variable() {
    let error = load(&[
        ("DATABASE_URL", "mysql://x"),
        ("JWT_SECRET_KEY", "short"),
        ("JWT_ALGORITHM", "none"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "soon"),
        ("LOG_LEVEL", "loud"),
    ])
    .expect_err("five problems");
    let names: Vec<_> = error.problems.iter().map(|problem| problem.variable).collect();
    assert_eq!(names, ["DATABASE_URL", "JWT_SECRET_KEY", "JWT_ALGORITHM", "ACCESS_TOKEN_EXPIRE_MINUTES", "LOG_LEVEL"]);
    let text = error.to_string();
    assert!(names.iter().all(|name| text.contains(name)), "{text}");
}

#[test]
fn published_repeated_and_short_signing_keys_are_refused() {
    for key in [
        "your-super-secret-jwt-key-minimum-32-characters-long-for-security",
        "minimum_32_characters_secure_random_string",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "abababababababababababababababababababab",
        "only-31-bytes-long-abcdefghijkl",
    ] {
        assert!(weakness(key).is_some(), "{key}");
    }
    assert_eq!(weakness(GOOD_KEY), None);
}

#[test]
fn the_key_before_has_to_be_another_one_and_as_strong() {
    const BEFORE: &str = "Another-0pQ8x_unit-test-only_9LmN2rT5yU";
    let with = |previous| {
        load(&[
            ("DATABASE_URL", "postgresql://navigator_api:p@h:6543/postgres?sslmode=verify-full"),
            ("JWT_SECRET_KEY", GOOD_KEY),
            ("JWT_SECRET_KEY_PREVIOUS", previous),
        ])
    };
    let config = with(BEFORE).expect("a usable configuration");
    assert_eq!(config.jwt_keys_bytes().collect::<Vec<_>>(), [GOOD_KEY.as_bytes(), BEFORE.as_bytes()]);
    assert!(!format!("{config:?}").contains(BEFORE), "Debug must not print the key");
    for (previous, problem) in [(GOOD_KEY, "the same as JWT_SECRET_KEY"), ("short", "has 5 bytes")] {
        let error = with(previous).expect_err("refused");
        assert_eq!(error.problems.len(), 1);
        assert_eq!(error.problems[0].variable, "JWT_SECRET_KEY_PREVIOUS");
        assert!(error.problems[0].problem.contains(problem), "{error}");
        assert!(!error.to_string().contains(GOOD_KEY), "{error}");
    }
}

#[test]
fn the_defaults_are_the_guides() {
    let config = load(&[
        ("DATABASE_URL", "postgresql://navigator_api:p@h:6543/postgres?sslmode=verify-full"),
        ("JWT_SECRET_KEY", GOOD_KEY),
    ])
    .expect("a usable configuration");
    assert_eq!(config.access_token_ttl, Duration::from_secs(30 * 60));
    assert_eq!(config.turn_reserve, Duration::from_millis(1_500));
    assert!(!format!("{config:?}").contains(GOOD_KEY), "Debug must not print the key");
}

#[test]
fn what_is_asked_again_about_the_database_is_checked_as_at_the_start() {
    let url = |url: &'static str| database(move |name| (name == "DATABASE_URL").then(|| url.to_owned()));
    let (target, ca) = url("postgresql://navigator_api:p@h:6543/postgres?sslmode=verify-full").expect("usable");
    assert_eq!((target.config.get_user(), ca), (Some("navigator_api"), None));
    let error = url("postgresql://navigator_api:hunter2@h/postgres?sslmode=disable").expect_err("plain text");
    assert_eq!(error.problems[0].variable, "DATABASE_URL");
    assert!(!error.to_string().contains("hunter2"), "{error}");
    let error = database(|name| (name == "DATABASE_CA_PEM").then(|| "no certificate".to_owned())).expect_err("both");
    assert_eq!(error.problems.len(), 2);
}
