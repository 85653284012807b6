//! The environment, read once and checked whole: every problem is reported in one start, each with the variable's name.
//!
//! Invariant: no other module reads the environment. Secrets stay in [`SecretString`] and are never printed.

#[cfg(feature = "archive")]
mod archive;
pub mod guide;
mod retention;
mod secrets;

use std::fmt;
use std::time::Duration;

#[cfg(feature = "archive")]
pub use archive::{ArchiveConfig, ArchivePlace, ArchivePolicy};
pub use retention::Retention;
use secrecy::{ExposeSecret as _, SecretString};

use crate::db::Target;
use crate::http::AllowedOrigins;

/// What a function needs to know, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the database is, and how its certificate is checked.
    pub database: Target,
    /// The CA that signed the database's certificate, PEM.
    pub database_ca_pem: Option<String>,
    /// The secret that can be asked again where the database is, when it was read from one.
    pub database_secret: Option<DatabaseSecret>,
    /// The HS256 key that signs access tokens; at least 32 bytes.
    pub jwt_secret_key: SecretString,
    /// The key before it, during a rotation: it verifies and never signs.
    pub jwt_secret_key_previous: Option<SecretString>,
    /// How long an access token is valid.
    pub access_token_ttl: Duration,
    /// The pages that may call from a browser.
    pub allowed_origins: AllowedOrigins,
    /// What is kept of an invocation's time for sending the reply.
    pub turn_reserve: Duration,
    /// How mails leave; none leaves without.
    #[cfg(feature = "mail")]
    pub mail: Option<MailSettings>,
    /// argon2id's cost.
    pub password_cost: PasswordCost,
    /// How long what is over is kept.
    pub retention: Retention,
    /// The language model; none is `rules`.
    #[cfg(feature = "workflow")]
    pub llm: Option<crate::llm::LlmSettings>,
    /// The lowest level that is logged.
    pub log_level: tracing::level_filters::LevelFilter,
    /// What stands in for the agents in tests.
    #[cfg(feature = "testing")]
    pub stand_in: Option<String>,
}

/// How mails leave.
#[cfg(feature = "mail")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailSettings {
    /// By Amazon SES, from this address.
    Ses {
        /// An address that SES has verified.
        from: String,
    },
    /// As files into this folder: for development.
    Folder(std::path::PathBuf),
}

/// argon2id's parameters (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
}

impl Default for PasswordCost {
    fn default() -> Self {
        // OWASP Password Storage Cheat Sheet, argon2id, second choice.
        Self { memory_kib: 19_456, iterations: 2 }
    }
}

/// One thing that is wrong with the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The variable's name.
    pub variable: &'static str,
    /// What is wrong and what to do.
    pub problem: String,
}

/// Everything that is wrong with the environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// The problems, in the order of the variables.
    pub problems: Vec<ConfigProblem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the configuration has {} problem(s):", self.problems.len())?;
        for problem in &self.problems {
            writeln!(f, "  {} {}", problem.variable, problem.problem)?;
        }
        write!(f, "every variable is explained in .env.example")
    }
}

/// The longest that an access token may be valid, minutes.
pub(crate) const MAX_ACCESS_TOKEN_MINUTES: u64 = 60;

/// Secrets that were published as examples; a start with one of them would sign tokens that anybody can forge.
const PUBLISHED_SECRETS: [&str; 3] = ["your-super-secret", "minimum_32_characters", "change-me"];

impl Config {
    /// Reads the environment, and the secret bundle when `APP_SECRET_ARN` names one.
    ///
    /// # Errors
    /// [`ConfigError`] with every problem.
    pub async fn load() -> Result<Self, ConfigError> {
        let database_secret = environment("APP_SECRET_ARN").map(|arn| DatabaseSecret { arn });
        let bundle = match &database_secret {
            None => secrets::Bundle::default(),
            Some(secret) => secret.fetch().await?,
        };
        let config = Self::from_lookup(|name| bundle.get(name).or_else(|| environment(name)))?;
        Ok(Self { database_secret, ..config })
    }

    /// Builds the configuration from any look-up, so that tests need no process environment.
    ///
    /// # Errors
    /// [`ConfigError`] with every problem.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut read = Reader { lookup, problems: Vec::new() };
        let database_ca_pem = read.ca();
        let database = read.database(database_ca_pem.is_some());
        let jwt_secret_key = read.jwt_secret_key();
        let jwt_secret_key_previous = read.jwt_secret_key_previous();
        read.jwt_algorithm();
        read.guide();
        let access_token_ttl =
            Duration::from_secs(60 * read.number("ACCESS_TOKEN_EXPIRE_MINUTES", 30, 1, MAX_ACCESS_TOKEN_MINUTES));
        let allowed_origins = read.allowed_origins();
        let turn_reserve = Duration::from_millis(read.number("TURN_RESERVE_MS", 1_500, 100, 20_000));
        let default_cost = PasswordCost::default();
        let password_cost = PasswordCost {
            memory_kib: read.number("ARGON2_MEMORY_KIB", u64::from(default_cost.memory_kib), 7_168, 262_144) as u32,
            iterations: read.number("ARGON2_ITERATIONS", u64::from(default_cost.iterations), 1, 16) as u32,
        };
        let retention = Retention::read(&mut read);
        #[cfg(feature = "mail")]
        let mail = read.mail();
        #[cfg(feature = "workflow")]
        let llm = read.llm();
        let log_level = read.log_level();
        #[cfg(feature = "testing")]
        let stand_in = (read.lookup)("NAVIGATOR_STAND_IN");
        match (database, jwt_secret_key) {
            (Some(database), Some(jwt_secret_key)) if read.problems.is_empty() => Ok(Self {
                database,
                database_ca_pem,
                database_secret: None,
                jwt_secret_key,
                jwt_secret_key_previous,
                access_token_ttl,
                allowed_origins,
                turn_reserve,
                password_cost,
                retention,
                #[cfg(feature = "mail")]
                mail,
                #[cfg(feature = "workflow")]
                llm,
                log_level,
                #[cfg(feature = "testing")]
                stand_in,
            }),
            _ => Err(ConfigError { problems: read.problems }),
        }
    }
}

/// The secret bundle in AWS Secrets Manager, asked again when the database refuses the credentials.
#[derive(Clone, Debug)]
pub struct DatabaseSecret {
    arn: String,
}

impl DatabaseSecret {
    /// Where the database is by the bundle as it is now, and the CA that signed its certificate, PEM.
    ///
    /// # Errors
    /// [`ConfigError`] when the bundle cannot be read or what it says of the database cannot be used.
    pub async fn database(&self) -> Result<(Target, Option<String>), ConfigError> {
        let bundle = self.fetch().await?;
        database(|name| bundle.get(name).or_else(|| environment(name)))
    }

    async fn fetch(&self) -> Result<secrets::Bundle, ConfigError> {
        secrets::fetch(&self.arn)
            .await
            .map_err(|problem| ConfigError { problems: vec![ConfigProblem { variable: "APP_SECRET_ARN", problem }] })
    }
}

fn database(lookup: impl Fn(&str) -> Option<String>) -> Result<(Target, Option<String>), ConfigError> {
    let mut read = Reader { lookup, problems: Vec::new() };
    let ca_pem = read.ca();
    match read.database(ca_pem.is_some()) {
        Some(target) if read.problems.is_empty() => Ok((target, ca_pem)),
        _ => Err(ConfigError { problems: read.problems }),
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Looks variables up and notes what is wrong with them.
pub(crate) struct Reader<L> {
    pub(crate) lookup: L,
    pub(crate) problems: Vec<ConfigProblem>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    pub(crate) fn problem(&mut self, variable: &'static str, problem: impl Into<String>) {
        self.problems.push(ConfigProblem { variable, problem: problem.into() });
    }

    #[cfg(feature = "workflow")]
    fn llm(&mut self) -> Option<crate::llm::LlmSettings> {
        crate::llm::LlmSettings::read(&self.lookup).unwrap_or_else(|error| {
            self.problems.extend(error.problems);
            None
        })
    }

    fn database(&mut self, ca_given: bool) -> Option<Target> {
        let Some(url) = (self.lookup)("DATABASE_URL") else {
            self.problem(
                "DATABASE_URL",
                "is not set; use the pooler's URL, transaction mode, port 6543, role navigator_api",
            );
            return None;
        };
        if let Some(problem) = guide::database_problem(&url) {
            self.problem("DATABASE_URL", problem);
            return None;
        }
        match Target::parse(&SecretString::from(url), ca_given) {
            Ok(target) => Some(target),
            Err(error) => {
                self.problem("DATABASE_URL", error.to_string());
                None
            }
        }
    }

    fn ca(&mut self) -> Option<String> {
        let pem = (self.lookup)("DATABASE_CA_PEM").map(|text| text.replace("\\n", "\n"))?;
        match native_tls::Certificate::from_pem(pem.as_bytes()) {
            Ok(_) => Some(pem),
            Err(_) => {
                self.problem("DATABASE_CA_PEM", "is not a PEM certificate (-----BEGIN CERTIFICATE----- …)");
                None
            }
        }
    }

    fn jwt_secret_key(&mut self) -> Option<SecretString> {
        let Some(key) = (self.lookup)("JWT_SECRET_KEY") else {
            self.problem("JWT_SECRET_KEY", "is not set; make one with: openssl rand -base64 48");
            return None;
        };
        self.strong("JWT_SECRET_KEY", key)
    }

    fn jwt_secret_key_previous(&mut self) -> Option<SecretString> {
        let key = (self.lookup)("JWT_SECRET_KEY_PREVIOUS")?;
        if (self.lookup)("JWT_SECRET_KEY").as_ref() == Some(&key) {
            self.problem(
                "JWT_SECRET_KEY_PREVIOUS",
                "is the same as JWT_SECRET_KEY; set the key before it, or remove it when the rotation is over",
            );
            return None;
        }
        self.strong("JWT_SECRET_KEY_PREVIOUS", key)
    }

    fn strong(&mut self, variable: &'static str, key: String) -> Option<SecretString> {
        match weakness(&key) {
            None => Some(SecretString::from(key)),
            Some(problem) => {
                self.problem(variable, problem);
                None
            }
        }
    }

    fn jwt_algorithm(&mut self) {
        if let Some(other) = (self.lookup)("JWT_ALGORITHM").filter(|name| name != "HS256") {
            let shown: String = other.chars().take(16).collect();
            self.problem("JWT_ALGORITHM", format!("is {shown:?}; only HS256 is supported: remove it or set HS256"));
        }
    }

    #[cfg(feature = "mail")]
    fn mail(&mut self) -> Option<MailSettings> {
        let (from, folder) = ((self.lookup)("MAIL_FROM"), (self.lookup)("MAIL_FOLDER"));
        match (from, folder) {
            (Some(_), Some(_)) => {
                self.problem("MAIL_FOLDER", "is for development and excludes MAIL_FROM; unset one of them");
                None
            }
            (Some(from), None) if crate::accounts::Email::parse(&from).is_err() => {
                self.problem("MAIL_FROM", "must be an e-mail address that SES has verified");
                None
            }
            (Some(from), None) => Some(MailSettings::Ses { from }),
            (None, folder) => folder.map(|path| MailSettings::Folder(path.into())),
        }
    }

    fn allowed_origins(&mut self) -> AllowedOrigins {
        let text = (self.lookup)("CORS_ALLOWED_ORIGINS").unwrap_or_default();
        AllowedOrigins::parse(&text).unwrap_or_else(|error| {
            self.problem("CORS_ALLOWED_ORIGINS", error.to_string());
            AllowedOrigins::default()
        })
    }

    pub(crate) fn number(&mut self, variable: &'static str, default: u64, min: u64, max: u64) -> u64 {
        let Some(text) = (self.lookup)(variable) else { return default };
        match text.trim().parse::<u64>() {
            Ok(number) if (min..=max).contains(&number) => number,
            _ => {
                self.problem(variable, format!("must be a whole number from {min} to {max}"));
                default
            }
        }
    }

    fn log_level(&mut self) -> tracing::level_filters::LevelFilter {
        let Some(text) = (self.lookup)("LOG_LEVEL") else { return tracing::level_filters::LevelFilter::INFO };
        text.trim().parse().unwrap_or_else(|_| {
            self.problem("LOG_LEVEL", "must be one of error, warn, info, debug, trace, off");
            tracing::level_filters::LevelFilter::INFO
        })
    }
}

/// Why a signing key is too weak, if it is. At least 32 bytes: RFC 7518, section 3.2.
fn weakness(key: &str) -> Option<String> {
    if key.len() < 32 {
        return Some(format!("has {} bytes; at least 32 are needed: openssl rand -base64 48", key.len()));
    }
    let lower = key.to_ascii_lowercase();
    if PUBLISHED_SECRETS.iter().any(|known| lower.contains(known)) {
        return Some("is a published example; make one with: openssl rand -base64 48".to_owned());
    }
    let mut distinct: Vec<u8> = key.bytes().collect();
    distinct.sort_unstable();
    distinct.dedup();
    (distinct.len() < 8).then(|| "repeats a few characters; make one with: openssl rand -base64 48".to_owned())
}

impl Config {
    /// The signing key's bytes.
    pub(crate) fn jwt_key_bytes(&self) -> &[u8] {
        self.jwt_secret_key.expose_secret().as_bytes()
    }

    /// The bytes of every key that verifies: the signing key, then the one before it.
    pub(crate) fn jwt_keys_bytes(&self) -> impl Iterator<Item = &[u8]> {
        let previous = self.jwt_secret_key_previous.as_ref();
        std::iter::once(self.jwt_key_bytes()).chain(previous.map(|key| key.expose_secret().as_bytes()))
    }
}

#[cfg(test)]
mod guide_tests;
#[cfg(test)]
mod tests;
