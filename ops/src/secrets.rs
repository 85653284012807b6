//! `ops secrets rotate …`: a new signing key, or a new database password, in the secret bundle that the functions read.
//!
//! Invariants: no value is printed; no token that is valid becomes invalid by a rotation that keeps its times; the database's password is
//! changed and stored together or not at all, and no statement holds it.

mod rotation;
pub(crate) mod store;

use clap::{Args, Subcommand};
use launcher::process::random_hex;
use serde_json::{Map, Value};
use shared::clock::Clock;
use tokio_postgres::Client;

use crate::scram::Verifier;
use crate::{OpsError, Result, database, roles};
use store::Store;

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
    /// The key that signs access tokens: run it three times, each time doing what it says in between. A step before its time is refused.
    #[arg(long)]
    signing_key: bool,
    /// The password of navigator_api, with MIGRATION_DATABASE_URL.
    #[arg(long)]
    database: bool,
    /// Take the signing key's next step before its time, when a key may be known: people have to sign in again.
    #[arg(long, requires = "signing_key")]
    now: bool,
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
        let store = Store::open(id).await?;
        let bundle = store.read().await?;
        if arguments.database {
            let mut client = database::from_environment().await?;
            println!("{}", rotate_database(&store, bundle, &mut client).await?);
            return Ok(());
        }
        let step = rotation::next(bundle, random_hex(48)?, Clock::system().now(), arguments.now)?;
        if let Some(warning) = &step.warning {
            eprintln!("warning: {warning}");
        }
        store.write(&step.bundle).await?;
        println!("{}", step.said);
        Ok(())
    }
}

/// A new password for the functions' role: stored in the bundle before the database's transaction ends, so that either both have it or
/// neither.
async fn rotate_database(store: &Store, mut bundle: Map<String, Value>, client: &mut Client) -> Result<String> {
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
    let verifier = Verifier::of_url(url.as_str())?;
    bundle.insert(URL.to_owned(), String::from(url).into());
    let transaction = client.transaction().await.map_err(OpsError::database("no transaction"))?;
    roles::set_password(&transaction, &verifier).await?;
    store.write(&bundle).await?;
    transaction.commit().await.map_err(OpsError::database("the password was not changed; run the command again"))?;
    Ok("the password is changed. Functions that are refused with the old one fetch the new one; a pooler with a list of its own must be \
        told (Supabase's looks it up itself)."
        .to_owned())
}
