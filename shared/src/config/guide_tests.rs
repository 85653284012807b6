use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::guide::{KeyKind, key_kind, placeholder, project_of_host};
use super::tests::{GOOD_KEY, load};

const RUN_TIME: &str = "postgresql://navigator_api.abcdefghijklmnopqrst:p@aws-0-eu-central-1.pooler.supabase.com:6543/postgres?sslmode=verify-full";

fn key(role: &str) -> String {
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.x", part(r#"{"alg":"HS256"}"#.to_owned()), part(format!(r#"{{"iss":"supabase","role":"{role}"}}"#)))
}

#[test]
fn the_guides_own_lines_are_refused_at_once_each_with_what_to_do() {
    // The guide's example, as it is printed.
    let error = load(&[
        ("SUPABASE_URL", "https://your-project-id.supabase.co"),
        ("SUPABASE_ANON_KEY", "your_supabase_anon_key_here"),
        ("SUPABASE_SERVICE_ROLE_KEY", "your_supabase_service_role_key_here"),
        ("DATABASE_URL", "postgresql://postgres:[password]@db.[project-ref].supabase.co:5432/postgres"),
        ("POSTGRES_PASSWORD", "your_postgres_password"),
        ("JWT_SECRET_KEY", "your-super-secret-jwt-key-minimum-32-characters-long-for-security"),
        ("JWT_ALGORITHM", "HS256"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "30"),
        ("SUPABASE_STORAGE_BUCKET", "policies"),
        ("SIGNED_URL_EXPIRY_SECONDS", "3600"),
    ])
    .expect_err("refused");
    let names: Vec<_> = error.problems.iter().map(|problem| problem.variable).collect();
    assert_eq!(
        names,
        [
            "DATABASE_URL",
            "JWT_SECRET_KEY",
            "SUPABASE_URL",
            "SUPABASE_ANON_KEY",
            "SUPABASE_SERVICE_ROLE_KEY",
            "POSTGRES_PASSWORD"
        ]
    );
    assert!(error.to_string().contains("has to be removed"), "{error}");
}

#[test]
fn the_guides_variables_are_accepted_when_they_are_filled_in() {
    let anon = key("anon");
    load(&[
        ("DATABASE_URL", RUN_TIME),
        ("JWT_SECRET_KEY", GOOD_KEY),
        ("JWT_ALGORITHM", "HS256"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "30"),
        ("SUPABASE_URL", "https://abcdefghijklmnopqrst.supabase.co"),
        ("SUPABASE_ANON_KEY", &anon),
        ("SUPABASE_STORAGE_BUCKET", "policies"),
        ("SIGNED_URL_EXPIRY_SECONDS", "3600"),
    ])
    .expect("a usable configuration");
}

#[test]
fn a_database_url_that_functions_must_not_use_says_which_to_use() {
    for (url, part) in [
        ("postgresql://postgres:hunter2@db.abcdefghijklmnopqrst.supabase.co:5432/postgres", "direct host"),
        ("postgresql://navigator_api:hunter2@db.abcdefghijklmnopqrst.supabase.co/postgres", "direct host"),
        ("postgresql://postgres.abc:hunter2@aws-0-x.pooler.supabase.com:6543/postgres", "bypasses row-level security"),
        ("postgresql://navigator_api.abc:hunter2@aws-0-x.pooler.supabase.com:5432/postgres", "session mode"),
        ("postgresql://navigator_api.abc:hunter2@[pooler-host]:6543/postgres", "placeholder [pooler-host]"),
    ] {
        let error = load(&[("DATABASE_URL", url), ("JWT_SECRET_KEY", GOOD_KEY)]).expect_err(url).to_string();
        assert!(error.contains(part) && error.contains("6543") && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn what_has_no_effect_yet_is_checked_all_the_same() {
    for (name, value) in [
        ("SUPABASE_STORAGE_BUCKET", "my bucket"),
        ("SIGNED_URL_EXPIRY_SECONDS", "0"),
        ("SUPABASE_URL", "ftp://x"),
        ("SUPABASE_URL", "http://abc.supabase.co"),
        ("SUPABASE_ANON_KEY", "anything"),
    ] {
        let error = load(&[("DATABASE_URL", RUN_TIME), ("JWT_SECRET_KEY", GOOD_KEY), (name, value)]).expect_err(value);
        assert_eq!(error.problems.iter().map(|p| p.variable).collect::<Vec<_>>(), [name]);
    }
}

#[test]
fn a_secret_key_in_the_place_of_the_anonymous_one_is_told() {
    assert_eq!(key_kind(&key("anon")), KeyKind::Anonymous);
    assert_eq!(key_kind("sb_publishable_abc"), KeyKind::Anonymous);
    for secret in [key("service_role"), "sb_secret_abc".to_owned()] {
        assert_eq!(key_kind(&secret), KeyKind::Service);
        let pairs = [("DATABASE_URL", RUN_TIME), ("JWT_SECRET_KEY", GOOD_KEY), ("SUPABASE_ANON_KEY", secret.as_str())];
        let error = load(&pairs).expect_err("refused").to_string();
        assert!(error.contains("bypasses row-level security") && !error.contains(&secret), "{error}");
    }
    assert_eq!(key_kind("x.y.z"), KeyKind::Unknown);
}

#[test]
fn a_projects_reference_is_read_out_of_supabases_hosts_alone() {
    assert_eq!(project_of_host("db.abc.supabase.co"), Some("abc"));
    assert_eq!(project_of_host("abc.supabase.co"), Some("abc"));
    for host in ["supabase.co", "db.supabase.co.evil.org", "a.b.supabase.co", "aws-0-x.pooler.supabase.com", ""] {
        assert_eq!(project_of_host(host).filter(|found| *found != "db"), None, "{host}");
    }
    assert_eq!(placeholder("postgresql://postgres:[YOUR-PASSWORD]@h/d"), Some("[your-password]"));
    assert_eq!(placeholder("postgresql://[::1]/d"), None);
}
