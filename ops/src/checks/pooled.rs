//! Whether a pooler is in transaction mode: the one way in which a thousand functions share a few connections.

use tokio_postgres::Client;

use super::store::backend;
use crate::Result;

/// How often two clients take turns before they count as never having shared a connection.
const TURNS: u32 = 25;

/// How a pooler hands out its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For a transaction.
    Transaction,
    /// For as long as a client is connected; or there is no pooler.
    Session,
}

/// The mode behind two connections to the same place. In transaction mode they meet at one backend while both are open, or one of
/// them changes its backend between two transactions; in session mode neither ever happens.
///
/// # Errors
/// When the database fails.
pub async fn mode(one: &Client, other: &Client) -> Result<Mode> {
    let first = backend(one).await?;
    for _ in 0..TURNS {
        let (there, here) = (backend(other).await?, backend(one).await?);
        if here != first || there == first || there == here {
            return Ok(Mode::Transaction);
        }
    }
    Ok(Mode::Session)
}
