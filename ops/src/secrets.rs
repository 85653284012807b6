//! `ops secrets rotate …`: a new signing key, or a new database password, in the secret bundle that the functions read.
//!
//! Invariants: no value is printed; no token that is valid becomes invalid by a rotation; the database's password is changed and stored
//! together or not at all.

use clap::{Args, Subcommand};
use launcher::process::random_hex;
use serde_json::{Map, Value};
use tokio_postgres::Client;

use crate::{OpsError, Result, database};

const KEY: &str = "JWT_SECRET_KEY";
/// The second key: it verifies. Before the switch it is the coming one, after it the one before.
const SECOND_KEY: &str = "JWT_SECRET_KEY_PREVIOUS";
/// Where a rotation stands; the functions do not read it.
const STATE: &str = "JWT_ROTATION";
const URL: &str = "DATABASE_URL";

/// The subcommands of `ops secrets`.
#[derive(Debug, Subcommand)]
pub enum SecretsCommand {
    /// Change a secret in the bundle.
    Rotate(RotateArgs),
}

/// What is to be changed.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["signing_key", "database"])))]
pub struct RotateArgs {
    /// The key that signs access tokens: run it three times, each time doing what it says in between.
    #[arg(long)]
    signing_key: bool,
    /// The password of navigator_api, with MIGRATION_DATABASE_URL.
    #[arg(long)]
    database: bool,
    /// The secret's ARN or name (default: APP_SECRET_ARN).
    #[arg(long)]
    secret: Option<String>,
}

impl SecretsCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// One line for the operator; no value of the bundle is in it.
    pub async fn run(&self) -> Result<()> {
        let Self::Rotate(arguments) = self;
        let id = arguments.secret.clone().or_else(|| std::env::var("APP_SECRET_ARN").ok());
        let id = id.ok_or_else(|| OpsError::said("say which secret: --secret ARN, or set APP_SECRET_ARN"))?;
        let store = store::Store::open(id).await?;
        let bundle = store.read().await?;
        if arguments.database {
            let mut client = database::from_environment().await?;
            println!("{}", rotate_database(&store, bundle, &mut client).await?);
        } else {
            let (bundle, said) = rotate_key(bundle, random_hex(48)?)?;
            store.write(&bundle).await?;
            println!("{said}");
        }
        Ok(())
    }
}

/// The bundle after the next step of a key's rotation, and what to do then.
fn rotate_key(mut bundle: Map<String, Value>, new: String) -> Result<(Map<String, Value>, &'static str)> {
    let state = bundle.get(STATE).and_then(Value::as_str).unwrap_or_default().to_owned();
    let second = bundle.get(SECOND_KEY).cloned();
    match (state.as_str(), second) {
        ("", None) => {
            bundle.insert(SECOND_KEY.to_owned(), new.into());
            bundle.insert(STATE.to_owned(), "announced".into());
            let next = "step 1 of 3: the new key is announced; nothing is signed with it yet. Let every function start anew (deploy, or \
                        change any of its settings), so that all accept it. Then run this again.";
            Ok((bundle, next))
        }
        ("announced", Some(coming)) => {
            let old = bundle.insert(KEY.to_owned(), coming);
            bundle.insert(SECOND_KEY.to_owned(), old.unwrap_or_default());
            bundle.insert(STATE.to_owned(), "switched".into());
            let next = "step 2 of 3: the new key signs as functions start; the old one verifies. Let every function start anew, wait for the \
                        longest life of an access token (ACCESS_TOKEN_EXPIRE_MINUTES) and a day for mails that wait. Then run this again.";
            Ok((bundle, next))
        }
        ("switched", Some(_)) => {
            bundle.remove(SECOND_KEY);
            bundle.remove(STATE);
            Ok((bundle, "step 3 of 3: the old key is gone. Functions that start from now on do not know it."))
        }
        _ => Err(OpsError::said(
            "the bundle has a JWT_SECRET_KEY_PREVIOUS that no rotation of this command put there; remove it, or set JWT_ROTATION to \
             announced (it is the coming key) or switched (it is the one before)",
        )),
    }
}

/// A new password for the functions' role: stored in the bundle before the database's transaction ends, so that either both have it or
/// neither.
async fn rotate_database(store: &store::Store, mut bundle: Map<String, Value>, client: &mut Client) -> Result<String> {
    let said = |line: &'static str| OpsError::said(line);
    let url = bundle.get(URL).and_then(Value::as_str).ok_or_else(|| said("the bundle has no DATABASE_URL"))?;
    let mut url = url::Url::parse(url).map_err(|_| said("the bundle's DATABASE_URL is no URL"))?;
    // With a pooler of Supabase the name carries the project's reference.
    let role = url.username().split('.').next().unwrap_or_default().to_owned();
    if role != "navigator_api" {
        return Err(said("the bundle's DATABASE_URL does not name navigator_api"));
    }
    let password = random_hex(32)?;
    url.set_password(Some(&password)).map_err(|()| said("the bundle's DATABASE_URL can have no password"))?;
    bundle.insert(URL.to_owned(), String::from(url).into());
    let transaction = client.transaction().await.map_err(OpsError::database("no transaction"))?;
    let sql = format!("ALTER ROLE navigator_api PASSWORD '{password}'");
    transaction
        .batch_execute(&sql)
        .await
        .map_err(|_| said("the role's password cannot be changed with these rights"))?;
    store.write(&bundle).await?;
    transaction.commit().await.map_err(OpsError::database("the password was not changed; run the command again"))?;
    Ok("the password is changed. Functions that are refused with the old one fetch the new one; a pooler with a list of its own must be \
        told (Supabase's looks it up itself)."
        .to_owned())
}

/// The bundle in Secrets Manager.
#[cfg(feature = "aws")]
pub(crate) mod store {
    use aws_sdk_secretsmanager::Client;
    use aws_sdk_secretsmanager::error::DisplayErrorContext;
    use serde_json::{Map, Value};

    use crate::{OpsError, Result};

    pub(crate) struct Store {
        client: Client,
        id: String,
    }

    impl Store {
        pub(crate) async fn open(id: String) -> Result<Self> {
            let sdk = aws_config::defaults(aws_config::BehaviorVersion::latest()).load().await;
            Ok(Self { client: Client::new(&sdk), id })
        }

        pub(crate) async fn read(&self) -> Result<Map<String, Value>> {
            let found = self.client.get_secret_value().secret_id(&self.id).send().await.map_err(|error| {
                OpsError::said(format!(
                    "the secret cannot be read: {}",
                    DisplayErrorContext(error.into_service_error())
                ))
            })?;
            let text = found.secret_string().unwrap_or_default();
            serde_json::from_str(text).map_err(|_| OpsError::said("the secret is no JSON object"))
        }

        pub(crate) async fn write(&self, bundle: &Map<String, Value>) -> Result<()> {
            let text = Value::Object(bundle.clone()).to_string();
            let put = self.client.put_secret_value().secret_id(&self.id).secret_string(text).send().await;
            put.map(|_| ()).map_err(|error| {
                OpsError::said(format!(
                    "the secret cannot be written: {}",
                    DisplayErrorContext(error.into_service_error())
                ))
            })
        }
    }
}

#[cfg(not(feature = "aws"))]
pub(crate) mod store {
    use serde_json::{Map, Value};

    use crate::{OpsError, Result};

    pub(crate) enum Store {}

    #[allow(clippy::unused_async, reason = "as with the feature")]
    impl Store {
        pub(crate) async fn open(_id: String) -> Result<Self> {
            Err(OpsError::said("this build has no AWS client; run it as: cargo run -p ops -- …"))
        }

        pub(crate) async fn read(&self) -> Result<Map<String, Value>> {
            match *self {}
        }

        pub(crate) async fn write(&self, _bundle: &Map<String, Value>) -> Result<()> {
            match *self {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(pairs: &[(&str, &str)]) -> Map<String, Value> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
    }

    #[test]
    fn a_key_is_announced_then_signs_then_the_old_one_goes() {
        let start = bundle(&[(KEY, "old"), ("OTHER", "kept")]);
        let (announced, _) = rotate_key(start, "new".to_owned()).expect("announced");
        assert_eq!(announced, bundle(&[(KEY, "old"), (SECOND_KEY, "new"), (STATE, "announced"), ("OTHER", "kept")]));
        let (switched, _) = rotate_key(announced, "unused".to_owned()).expect("switched");
        assert_eq!(switched, bundle(&[(KEY, "new"), (SECOND_KEY, "old"), (STATE, "switched"), ("OTHER", "kept")]));
        let (retired, _) = rotate_key(switched, "unused".to_owned()).expect("retired");
        assert_eq!(retired, bundle(&[(KEY, "new"), ("OTHER", "kept")]));
        assert!(rotate_key(bundle(&[(KEY, "a"), (SECOND_KEY, "b")]), "c".to_owned()).is_err());
    }
}
