//! `ops migrate …`.

use clap::Subcommand;

use crate::{Result, database};

/// The subcommands of `ops migrate`.
#[derive(Debug, Subcommand)]
pub enum MigrateCommand {
    /// Which migrations are applied.
    Status,
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
    /// Hold the ledger against the files and the schema against the matrix.
    Verify,
    /// Run what `up` would run, then take it back.
    DryRun,
    /// Print the schema's grants, policies and functions in the form of migrations/matrix.txt.
    Matrix,
}

impl MigrateCommand {
    /// Runs the command against MIGRATION_DATABASE_URL; makes roles and schema first where it writes.
    ///
    /// # Errors
    /// One line (or a list of differences) for the operator.
    pub async fn run(&self) -> Result<()> {
        let mut client = database::from_environment().await?;
        crate::roles::ensure(&mut client, None).await?;
        match self {
            Self::Status => {
                for row in super::status(&mut client).await? {
                    println!("applied  {}", row.name);
                }
            }
            Self::Up { to } => {
                report("applied", &super::up(&mut client, *to).await?);
                crate::regulatory::prepare(&mut client).await?;
            }
            Self::Down { to, allow_data_loss } => {
                report("rolled back", &super::down(&mut client, *to, *allow_data_loss).await?);
            }
            Self::Verify => {
                super::verify(&mut client).await?;
                println!("the ledger equals the files, the schema equals the matrix");
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

fn report(what: &str, ran: &[String]) {
    if ran.is_empty() {
        println!("nothing to do");
    }
    for name in ran {
        println!("{what}  {name}");
    }
}
