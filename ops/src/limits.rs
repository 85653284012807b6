//! `ops limits …`: how often something may happen, as the database holds it: a change takes effect at the next request.

use clap::Subcommand;
use tokio_postgres::types::Type;

use crate::database::{self, Parameter, Purpose, get, query};
use crate::{OpsError, Result};

/// The subcommands of `ops limits`.
#[derive(Debug, Subcommand)]
pub enum LimitsCommand {
    /// Print every limit.
    List,
    /// Change one.
    Set {
        /// Its name, as in the list.
        name: String,
        /// How many.
        #[arg(value_parser = clap::value_parser!(i32).range(1..))]
        hits: i32,
        /// Within so many seconds.
        #[arg(value_parser = clap::value_parser!(i32).range(1..=86_400))]
        seconds: i32,
    },
}

impl LimitsCommand {
    /// Runs the command against OPERATOR_DATABASE_URL, else MIGRATION_DATABASE_URL.
    ///
    /// # Errors
    /// One line for the operator: what is wrong and what to do.
    pub async fn run(&self) -> Result<()> {
        let mut client = database::for_operator().await?;
        let transaction = database::begin(&mut client, Purpose::Change).await?;
        if let Self::Set { name, hits, seconds } = self {
            let sql =
                "UPDATE navigator.rate_policies AS p SET hits = $2, seconds = $3 WHERE p.name = $1 RETURNING p.name";
            let parameters: [Parameter<'_>; 3] = [(name, Type::TEXT), (hits, Type::INT4), (seconds, Type::INT4)];
            if query(&transaction, sql, &parameters).await?.is_empty() {
                return Err(OpsError::said("there is no such limit; see: ops limits list"));
            }
            let record = "SELECT navigator.audit_operator(NULL, 'limits.set', $1, 'ok')::text";
            query(&transaction, record, &[(&format!("{name} {hits} {seconds}"), Type::TEXT)]).await?;
        }
        let rows = query(
            &transaction,
            "SELECT p.name, p.hits, p.seconds FROM navigator.rate_policies AS p ORDER BY p.name",
            &[],
        );
        for row in rows.await? {
            let (name, hits, seconds): (String, i32, i32) =
                (get(&row, "name")?, get(&row, "hits")?, get(&row, "seconds")?);
            println!("{name:<18} {hits:>7} in {seconds:>6} s");
        }
        database::commit(transaction).await
    }
}
