//! What the guide of the system before puts into `.env`: each of its variables is taken, or refused with what replaces it.
//!
//! Invariants: nothing that bypasses row-level security is accepted where a function reads it; no text here quotes a secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::Reader;

/// What the guide's lines hold before somebody fills them in, in lower case.
const PLACEHOLDERS: [&str; 9] = [
    "[password]",
    "[your-password]",
    "[project-ref]",
    "[your-project-ref]",
    "your-project-id",
    "project-ref.supabase",
    "your_supabase_",
    "your_postgres_password",
    "[pooler-host]",
];

/// What a function's DATABASE_URL has to be.
const INSTEAD: &str = "use the pooler's, transaction mode: postgresql://navigator_api.<project-ref>:…@<pooler-host>:6543/postgres?sslmode=verify-full \
                       (`ops setup` makes it)";

/// The placeholder that somebody left in a value, if any.
pub fn placeholder(value: &str) -> Option<&'static str> {
    let lower = value.to_ascii_lowercase();
    PLACEHOLDERS.into_iter().find(|placeholder| lower.contains(placeholder))
}

/// The project's reference in a host of Supabase: `db.<ref>.supabase.co`, `<ref>.supabase.co`.
pub fn project_of_host(host: &str) -> Option<&str> {
    let name = host.strip_suffix(".supabase.co")?;
    let name = name.strip_prefix("db.").unwrap_or(name);
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(name)
}

/// Why a function must not use this DATABASE_URL, although it is one.
pub(super) fn database_problem(url: &str) -> Option<String> {
    if let Some(placeholder) = placeholder(url) {
        return Some(format!("still has the placeholder {placeholder}; {INSTEAD}"));
    }
    let url = Url::parse(url).ok()?;
    let (host, user) = (url.host_str().unwrap_or_default(), url.username());
    let is_direct_port = url.port().is_none_or(|port| port == 5432);
    if host.starts_with("db.") && project_of_host(host).is_some() && is_direct_port {
        return Some(format!(
            "names the direct host of the database, which has one connection for each client and IPv6 only, and is for migrations; {INSTEAD}"
        ));
    }
    if user == "postgres" || user.starts_with("postgres.") {
        return Some(format!("names the role postgres, which bypasses row-level security; {INSTEAD}"));
    }
    if host.ends_with(".pooler.supabase.com") && is_direct_port {
        return Some(
            "names the pooler's session mode, which keeps a connection for each client; use its port 6543".to_owned(),
        );
    }
    None
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    /// The rest of the guide's variables.
    pub(super) fn guide(&mut self) {
        self.supabase_url();
        self.anon_key();
        for (variable, what) in [
            ("SUPABASE_SERVICE_ROLE_KEY", "the key of a role that bypasses row-level security"),
            ("POSTGRES_PASSWORD", "the password of the database's owner, who bypasses row-level security"),
        ] {
            if (self.lookup)(variable).is_some() {
                self.problem(
                    variable,
                    format!("has to be removed: it is {what}; only `ops setup` takes it, functions never"),
                );
            }
        }
        self.bucket();
        self.number("SIGNED_URL_EXPIRY_SECONDS", 3_600, 60, 604_800);
    }

    fn supabase_url(&mut self) {
        let Some(text) = (self.lookup)("SUPABASE_URL") else { return };
        let url =
            Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
        let is_plain = url.as_ref().is_some_and(|url| {
            let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
            (url.scheme() == "https" || is_local) && matches!(url.path(), "" | "/") && url.username().is_empty()
        });
        if placeholder(&text).is_some() || !is_plain {
            self.problem(
                "SUPABASE_URL",
                "must be the project's URL, https://<project-ref>.supabase.co, or be removed: functions do not need it",
            );
        }
    }

    fn anon_key(&mut self) {
        let Some(text) = (self.lookup)("SUPABASE_ANON_KEY") else { return };
        match key_kind(&text) {
            KeyKind::Anonymous => {}
            KeyKind::Service => self.problem(
                "SUPABASE_ANON_KEY",
                "holds a secret key, which bypasses row-level security and belongs into no function; remove it, and replace the key if it was published",
            ),
            KeyKind::Unknown => self.problem(
                "SUPABASE_ANON_KEY",
                "must be the project's anonymous or publishable key, or be removed: functions do not need it",
            ),
        }
    }

    fn bucket(&mut self) {
        // The names that Supabase Storage takes, without spaces.
        let fits = |name: &str| {
            (1..=100).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        if (self.lookup)("SUPABASE_STORAGE_BUCKET").is_some_and(|name| !fits(&name)) {
            self.problem(
                "SUPABASE_STORAGE_BUCKET",
                "must be a bucket's name: 1 to 100 letters, digits, '-', '_' or '.'",
            );
        }
    }
}

/// What a key of Supabase's API is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// A key for browsers: `anon`, or `sb_publishable_…`.
    Anonymous,
    /// A key that bypasses row-level security: `service_role`, or `sb_secret_…`.
    Service,
    /// Neither.
    Unknown,
}

/// What a key is for, by its form; nobody is asked whether it is valid.
pub fn key_kind(key: &str) -> KeyKind {
    match key {
        _ if placeholder(key).is_some() => return KeyKind::Unknown,
        _ if key.starts_with("sb_publishable_") => return KeyKind::Anonymous,
        _ if key.starts_with("sb_secret_") => return KeyKind::Service,
        _ => {}
    }
    let payload = key.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok());
    let claims: Option<serde_json::Value> = payload.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    match claims.as_ref().and_then(|claims| claims.get("role")?.as_str()) {
        Some("anon") => KeyKind::Anonymous,
        Some("service_role") => KeyKind::Service,
        _ => KeyKind::Unknown,
    }
}
