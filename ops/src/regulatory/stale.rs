//! `ops regulatory stale`: what an operator should look at.

use chrono::{TimeDelta, Utc};
use tokio_postgres::Client;

use super::store;
use crate::Result;

pub(super) async fn run(client: &mut Client, days: u16) -> Result<()> {
    let now = Utc::now();
    let transaction = store::begin(client).await?;
    let found = store::stale(&transaction, now.date_naive(), now - TimeDelta::days(days.into())).await?;
    store::commit(transaction).await?;
    for (reason, url, documents) in &found {
        println!("{reason:<8} {documents:>4}  {url}");
    }
    println!("{}", summary(&found));
    Ok(())
}

fn summary(found: &[(String, String, i64)]) -> String {
    if found.is_empty() {
        return "nothing is stale".to_owned();
    }
    let documents: i64 = found.iter().map(|(_, _, documents)| documents).sum();
    format!(
        "{documents} documents of {} addresses are stale (expired: found no longer; old, changed: ops regulatory refresh, or \
         import a newer file; gone: no longer at its source)",
        found.len()
    )
}
