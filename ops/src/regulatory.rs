//! `ops regulatory …`: the official texts, imported from files, refreshed from their sources, and what is stale; and the
//! seeding of what the product brings itself: its vocabulary and its own facts.
//!
//! Invariants: everything is written through `navigator.regulatory_store` alone; a repeat changes
//! nothing; what a text says is never acted upon.

pub mod fetch;
mod formats;
mod html;
pub mod import;
pub mod refresh;
pub mod seed;
mod stale;
mod store;

use std::path::PathBuf;

use chrono::{NaiveDate, NaiveTime};
use clap::Subcommand;

use crate::{Result, database};
pub use seed::{Passage, Seeded, prepare, seed};
pub(crate) use store::stale as stale_documents;

/// The subcommands of `ops regulatory`.
#[derive(Debug, Subcommand)]
pub enum RegulatoryCommand {
    /// Import a file of official texts, one JSON object a line. A repeat goes on where it stopped, or changes nothing.
    Import {
        /// The file.
        file: PathBuf,
        /// The day its texts were read at their sources (default: today).
        #[arg(long)]
        fetched: Option<NaiveDate>,
    },
    /// List what is past its date, was not read for long, has changed at its source or is gone there.
    Stale {
        /// How many days a text counts as fresh.
        #[arg(long, default_value_t = 180)]
        days: u16,
    },
    /// Read the texts again at their sources: the list of official hosts only, over https.
    Refresh {
        /// Only texts that were not read for so many days.
        #[arg(long, default_value_t = 30)]
        days: u16,
        /// At most so many addresses, the oldest first.
        #[arg(long, default_value_t = 100)]
        limit: u16,
    },
}

impl RegulatoryCommand {
    /// Runs the command against OPERATOR_DATABASE_URL, else MIGRATION_DATABASE_URL.
    ///
    /// # Errors
    /// One line for the operator; also when rows were refused.
    pub async fn run(&self) -> Result<()> {
        let mut client = database::for_operator().await?;
        match self {
            Self::Import { file, fetched } => {
                let fetched = fetched.map(|day| day.and_time(NaiveTime::MIN).and_utc());
                let report = import::import(&mut client, file, fetched, &mut |line| eprintln!("{line}")).await?;
                println!("{report}");
                report.verdict()
            }
            Self::Stale { days } => stale::run(&mut client, *days).await,
            Self::Refresh { days, limit } => {
                let fetcher = fetch::Fetcher::new(fetch::SystemResolver);
                let report = refresh::refresh(&mut client, &fetcher, *days, *limit).await?;
                println!("{report}");
                Ok(())
            }
        }
    }
}
