//! The ledger of migrations against the files of this program, without changing anything.

use sha2::{Digest as _, Sha256};
use tokio_postgres::Client;

use super::store;
use crate::Result;
use crate::migrate::embedded::MIGRATIONS;

/// How a database's schema stands to this program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// How many migrations are applied.
    pub applied: usize,
    /// Names of those that are missing.
    pub pending: Vec<String>,
    /// Names of those that this program does not know: the schema is newer.
    pub unknown: Vec<String>,
    /// Names of those whose file is another one now.
    pub changed: Vec<String>,
}

impl Ledger {
    /// Reads it, with rights of navigator_owner when there is one.
    ///
    /// # Errors
    /// When the database fails, or somebody holds a lock on the ledger.
    pub async fn read(client: &mut Client) -> Result<Self> {
        Ok(Self::compare(&store::ledger(client).await?))
    }

    fn compare(rows: &[(i32, String, String, String)]) -> Self {
        let mut ledger = Self { applied: rows.len(), ..Self::default() };
        for (version, name, up, down) in rows {
            match MIGRATIONS.iter().find(|known| known.version == *version) {
                None => ledger.unknown.push(name.clone()),
                Some(known) if known.name == name && *up == checksum(known.up) && *down == checksum(known.down) => {}
                Some(_) => ledger.changed.push(name.clone()),
            }
        }
        let is_missing = |version: i32| !rows.iter().any(|row| row.0 == version);
        ledger.pending =
            MIGRATIONS.iter().filter(|known| is_missing(known.version)).map(|known| known.name.to_owned()).collect();
        ledger
    }
}

fn checksum(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_newer_or_changed_is_named() {
        let row = |index: usize| {
            let known = MIGRATIONS[index];
            (known.version, known.name.to_owned(), checksum(known.up), checksum(known.down))
        };
        let mut rows: Vec<_> = (0..3).map(row).collect();
        rows[1].2 = "another".to_owned();
        rows.push((900, "900_later".to_owned(), String::new(), String::new()));
        let ledger = Ledger::compare(&rows);
        assert_eq!((ledger.applied, ledger.pending.len()), (4, MIGRATIONS.len() - 3));
        assert_eq!(
            (ledger.changed, ledger.unknown),
            (vec![MIGRATIONS[1].name.to_owned()], vec!["900_later".to_owned()])
        );
        assert_eq!(Ledger::compare(&[]).pending.len(), MIGRATIONS.len());
    }
}
