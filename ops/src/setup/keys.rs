//! The keys that sign tokens, and what an earlier set-up of the same project left in a file: `.env.runtime` before `--secret`.
//!
//! Invariant: nothing is taken over from a file before its password has let navigator_api in. A file of another project, or one that is
//! older than a change of the password, gives nothing.

use std::collections::BTreeMap;

use shared::config::guide::project_of_host;
use url::Url;

use super::destination::Kept;
use super::plan::{authority, is_functions};

/// Every value of one place that has to do with signing: they make sense together only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SigningKeys(BTreeMap<String, String>);

/// The key that signs. Where it is missing, the others are of no use.
const SIGNS: &str = "JWT_SECRET_KEY";
/// The other key during a rotation, and where the rotation stands.
const WITH_IT: [&str; 2] = ["JWT_SECRET_KEY_PREVIOUS", "JWT_ROTATION"];

impl SigningKeys {
    /// The keys that a place holds.
    pub(super) fn read(lookup: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let signs = lookup(SIGNS)?;
        let more = WITH_IT.iter().filter_map(|name| Some(((*name).to_owned(), lookup(name)?)));
        Some(Self(more.chain([(SIGNS.to_owned(), signs)]).collect()))
    }

    /// One new key.
    pub(super) fn of(key: String) -> Self {
        Self([(SIGNS.to_owned(), key)].into())
    }

    /// Names and values.
    pub(super) fn values(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }

    /// The value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&String> {
        self.0.get(name)
    }
}

/// What an earlier set-up left in a file.
pub(super) struct Earlier {
    /// The file's name.
    pub(super) file: String,
    /// The password of navigator_api.
    pub(super) password: String,
    /// The pooler's `host:port`.
    pub(super) pooler: Option<String>,
    /// The CA, PEM.
    pub(super) ca_pem: Option<String>,
    /// The keys that sign tokens.
    pub(super) keys: Option<SigningKeys>,
    /// The names of everything else in the file.
    others: Vec<String>,
}

impl Earlier {
    /// What the file of an earlier set-up knows, when it may be of the project that `migration` names.
    ///
    /// # Errors
    /// The file's name, when it certainly is another project's.
    pub(super) fn find(kept: &Kept, migration: Option<&Url>, project: Option<&str>) -> Result<Option<Self>, String> {
        let Some((file, values)) = kept.earlier() else { return Ok(None) };
        let get = |name: &str| values.get(name).filter(|value| !value.trim().is_empty()).cloned();
        let url = get("DATABASE_URL").and_then(|url| Url::parse(&url).ok()).filter(is_functions);
        let Some(url) = url else { return Ok(None) };
        let Some(password) = url.password().map(ToOwned::to_owned) else { return Ok(None) };
        let is_other_database = migration.is_some_and(|migration| migration.path() != url.path());
        let theirs = url.username().split_once('.').map(|(_, project)| project);
        let theirs = theirs.or_else(|| url.host_str().and_then(project_of_host));
        if is_other_database || matches!((theirs, project), (Some(one), Some(other)) if one != other) {
            return Err(file);
        }
        let taken = ["DATABASE_URL", "DATABASE_CA_PEM", SIGNS].into_iter().chain(WITH_IT);
        let taken: Vec<&str> = taken.collect();
        let others = values.keys().filter(|name| !taken.contains(&name.as_str()) && get(name).is_some());
        Ok(Some(Self {
            password,
            pooler: authority(&url),
            ca_pem: get("DATABASE_CA_PEM"),
            keys: SigningKeys::read(get),
            others: others.cloned().collect(),
            file,
        }))
    }

    /// Names in the file that the place that counts lacks: they are not the set-up's, so they stay where they are.
    pub(super) fn left_behind(&self, kept: &Kept) -> Vec<&str> {
        self.others.iter().map(String::as_str).filter(|name| kept.get(name).is_none()).collect()
    }
}
