//! The environment of the function `archive`, which has a login and a secret of its own.

use std::path::PathBuf;

use chrono::TimeDelta;
use secrecy::SecretString;

use super::{ConfigError, Reader, environment, secrets};
use crate::db::Target;

/// What the function `archive` needs to know, checked.
#[derive(Clone, Debug)]
pub struct ArchiveConfig {
    /// What is archived, and where to; none is off.
    pub policy: Option<ArchivePolicy>,
    /// The lowest level that is logged.
    pub log_level: tracing::level_filters::LevelFilter,
}

/// The policy.
#[derive(Clone, Debug)]
pub struct ArchivePolicy {
    /// How long nobody has touched a conversation.
    pub age: TimeDelta,
    /// Where the database is, with an operator's login.
    pub database: Target,
    /// The CA that signed its certificate, PEM.
    pub database_ca_pem: Option<String>,
    /// Where the files go.
    pub place: ArchivePlace,
}

/// Where archives' files go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchivePlace {
    /// A folder: for development.
    Folder(PathBuf),
    /// A bucket of Amazon S3.
    Bucket(String),
}

impl ArchiveConfig {
    /// Reads the environment, and the secret bundle when `APP_SECRET_ARN` names one.
    ///
    /// # Errors
    /// [`ConfigError`] with every problem.
    pub async fn load() -> Result<Self, ConfigError> {
        let bundle = match environment("APP_SECRET_ARN") {
            None => secrets::Bundle::default(),
            Some(arn) => super::DatabaseSecret { arn }.fetch().await?,
        };
        Self::from_lookup(|name| bundle.get(name).or_else(|| environment(name)))
    }

    /// Builds it from any look-up, so that tests need no process environment.
    ///
    /// # Errors
    /// [`ConfigError`] with every problem.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut read = Reader { lookup, problems: Vec::new() };
        let days = read.number("ARCHIVE_AFTER_DAYS", 0, 0, 36_500);
        let log_level = read.log_level();
        let policy = if days == 0 { None } else { read.policy(days as i64) };
        if read.problems.is_empty() {
            Ok(Self { policy, log_level })
        } else {
            Err(ConfigError { problems: read.problems })
        }
    }
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    fn policy(&mut self, days: i64) -> Option<ArchivePolicy> {
        let database_ca_pem = self.ca();
        let database = self.operator_database(database_ca_pem.is_some());
        let place = match ((self.lookup)("ARCHIVE_FOLDER"), (self.lookup)("ARCHIVE_BUCKET")) {
            (Some(folder), None) => Some(ArchivePlace::Folder(folder.into())),
            (None, Some(bucket)) => Some(ArchivePlace::Bucket(bucket)),
            (Some(_), Some(_)) => {
                self.problem("ARCHIVE_FOLDER", "is for development and excludes ARCHIVE_BUCKET; unset one of them");
                None
            }
            (None, None) => {
                self.problem("ARCHIVE_BUCKET", "is not set; name the bucket that the archives go to");
                None
            }
        };
        Some(ArchivePolicy { age: TimeDelta::days(days), database: database?, database_ca_pem, place: place? })
    }

    fn operator_database(&mut self, ca_given: bool) -> Option<Target> {
        const NAME: &str = "OPERATOR_DATABASE_URL";
        let Some(url) = (self.lookup)(NAME) else {
            self.problem(NAME, "is not set; use the URL of a login of its own (GRANT navigator_operator TO it)");
            return None;
        };
        match Target::parse(&SecretString::from(url), ca_given) {
            Ok(target)
                if target.config.get_user().is_some_and(|user| user.split('.').next() == Some("navigator_api")) =>
            {
                self.problem(NAME, "names navigator_api, which may not archive; use a login of its own");
                None
            }
            Ok(target) => Some(target),
            Err(error) => {
                self.problem(NAME, error.to_string());
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<ArchiveConfig, ConfigError> {
        ArchiveConfig::from_lookup(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    const URL: (&str, &str) =
        ("OPERATOR_DATABASE_URL", "postgresql://archiver:hunter2@h:5432/postgres?sslmode=verify-full");

    #[test]
    fn it_is_off_by_default_and_then_needs_nothing() {
        assert!(load(&[]).expect("usable").policy.is_none());
        assert!(load(&[("ARCHIVE_AFTER_DAYS", "0")]).expect("usable").policy.is_none());
    }

    #[test]
    fn a_policy_needs_a_login_of_its_own_and_one_place() {
        let policy = load(&[("ARCHIVE_AFTER_DAYS", "365"), URL, ("ARCHIVE_BUCKET", "b")]).expect("usable").policy;
        let policy = policy.expect("on");
        assert_eq!((policy.age, policy.place), (TimeDelta::days(365), ArchivePlace::Bucket("b".to_owned())));
        let problems = |pairs: &[(&str, &str)]| -> Vec<&str> {
            let error = load(pairs).expect_err("refused");
            assert!(!error.to_string().contains("hunter2"), "{error}");
            error.problems.iter().map(|problem| problem.variable).collect()
        };
        assert_eq!(problems(&[("ARCHIVE_AFTER_DAYS", "soon")]), ["ARCHIVE_AFTER_DAYS"]);
        assert_eq!(problems(&[("ARCHIVE_AFTER_DAYS", "1")]), ["OPERATOR_DATABASE_URL", "ARCHIVE_BUCKET"]);
        let both = [("ARCHIVE_AFTER_DAYS", "1"), URL, ("ARCHIVE_BUCKET", "b"), ("ARCHIVE_FOLDER", "f")];
        assert_eq!(problems(&both), ["ARCHIVE_FOLDER"]);
        let functions =
            ("OPERATOR_DATABASE_URL", "postgresql://navigator_api.ref:hunter2@h:6543/postgres?sslmode=verify-full");
        assert_eq!(
            problems(&[("ARCHIVE_AFTER_DAYS", "1"), functions, ("ARCHIVE_BUCKET", "b")]),
            ["OPERATOR_DATABASE_URL"]
        );
    }
}
