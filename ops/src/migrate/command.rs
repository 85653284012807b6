//! `ops migrate …`.

use clap::Subcommand;
use serde::Serialize;
use tokio_postgres::Client;

use crate::checks::ledger::Ledger;
use crate::{OpsError, Result, database};

/// The subcommands of `ops migrate`.
#[derive(Debug, Subcommand)]
pub enum MigrateCommand {
    /// Which migrations are applied and which are missing; only looks.
    Status {
        /// One JSON object: {"database", "applied", "missing", "changed", "unknown"}.
        #[arg(long)]
        json: bool,
    },
    /// Apply what is missing.
    Up {
        /// The last version to apply.
        #[arg(long)]
        to: Option<i32>,
    },
    /// Roll back every version newer than `--to`.
    Down {
        /// The version to go back to; -1 for none.
        #[arg(long, allow_negative_numbers = true)]
        to: i32,
        /// Go on although data is lost.
        #[arg(long)]
        allow_data_loss: bool,
    },
    /// Hold the ledger against the files and the schema against the matrix; only looks, and fails on every difference.
    Verify,
    /// Run what `up` would run, then take it all back.
    DryRun,
    /// Print the schema's grants, policies and functions in the form of migrations/matrix.txt.
    Matrix,
}

impl MigrateCommand {
    /// Runs the command against MIGRATION_DATABASE_URL; what only looks, else against OPERATOR_DATABASE_URL. Only `up` makes roles and schema.
    ///
    /// # Errors
    /// One line (or a list of differences) for the operator.
    pub async fn run(&self) -> Result<()> {
        let mut client = match self {
            Self::Status { .. } | Self::Verify | Self::Matrix => database::to_look().await?,
            Self::Up { .. } | Self::Down { .. } | Self::DryRun => database::from_environment().await?,
        };
        match self {
            Self::Status { json } => status(&mut client, *json).await?,
            Self::Up { to } => {
                crate::roles::ensure(&mut client, None).await?;
                report("applied", &super::up(&mut client, *to).await?);
                crate::regulatory::prepare(&mut client).await?;
            }
            Self::Down { to, allow_data_loss } => {
                report("rolled back", &super::down(&mut client, *to, *allow_data_loss).await?);
            }
            Self::Verify => {
                let applied = super::verify(&mut client).await?;
                println!("{applied} of {applied} applied: the ledger equals the files, the schema equals the matrix");
            }
            Self::DryRun => report("would apply", &super::dry_run(&mut client).await?),
            Self::Matrix => {
                for line in super::facts(&mut client).await? {
                    println!("{line}");
                }
            }
        }
        Ok(())
    }
}

/// What `ops migrate status` knows, for machines.
#[derive(Serialize)]
struct StatusView<'a> {
    database: &'a str,
    applied: &'a [String],
    missing: &'a [String],
    changed: &'a [String],
    unknown: &'a [String],
}

async fn status(client: &mut Client, json: bool) -> Result<()> {
    let ledger = Ledger::read(client).await?;
    let name = client.query_typed("SELECT current_database()::text AS name", &[]).await;
    let name = name.map_err(OpsError::database("the database's name"))?;
    let name = name.first().map_or_else(|| Ok(String::new()), |row| database::get::<String>(row, "name"))?;
    if json {
        let Ledger { names: applied, pending: missing, changed, unknown, .. } = &ledger;
        let view = StatusView { database: &name, applied, missing, changed, unknown };
        println!("{}", serde_json::to_string(&view).map_err(|error| OpsError::said(error.to_string()))?);
        return Ok(());
    }
    let is_in = |list: &[String], name: &String| list.contains(name);
    for name in &ledger.names {
        let word = match (is_in(&ledger.changed, name), is_in(&ledger.unknown, name)) {
            (true, _) => "changed ",
            (_, true) => "newer   ",
            _ => "applied ",
        };
        println!("{word} {name}");
    }
    ledger.pending.iter().for_each(|name| println!("missing  {name}"));
    println!("database {name}: {}", ledger.summary());
    Ok(())
}

fn report(what: &str, ran: &[String]) {
    if ran.is_empty() {
        println!("nothing to do");
    }
    for name in ran {
        println!("{what}  {name}");
    }
}
