//! The ledger of migrations against the files of this program, without changing anything.

use sha2::{Digest as _, Sha256};
use tokio_postgres::{Client, Transaction};

use super::store;
use crate::Result;
use crate::migrate::embedded::MIGRATIONS;

/// What of the product a database has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// No schema `navigator`.
    #[default]
    Nothing,
    /// A schema `navigator` without a ledger: its owner's name.
    NoLedger(String),
    /// A ledger.
    There,
}

/// How a database's schema stands to this program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// What there is at all.
    pub standing: Standing,
    /// How many migrations are applied.
    pub applied: usize,
    /// Their names, in order.
    pub names: Vec<String>,
    /// Names of those that are missing.
    pub pending: Vec<String>,
    /// Names of those that this program does not know: the schema is newer.
    pub unknown: Vec<String>,
    /// Names of those whose file is another one now.
    pub changed: Vec<String>,
}

/// A row of the ledger.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) version: i32,
    pub(super) name: String,
    pub(super) up_checksum: String,
    pub(super) down_checksum: String,
}

impl Ledger {
    /// Reads it in a transaction of its own, which only looks.
    ///
    /// # Errors
    /// As `read_in`.
    pub async fn read(client: &mut Client) -> Result<Self> {
        Self::read_in(&store::look(client).await?).await
    }

    /// Reads it, with the owner's rights where the login has them.
    ///
    /// # Errors
    /// When the database fails, somebody holds a lock on the ledger, or this login cannot see its rows.
    pub(crate) async fn read_in(transaction: &Transaction<'_>) -> Result<Self> {
        let (standing, rows) = store::ledger(transaction).await?;
        Ok(Self { standing, ..Self::compare(&rows) })
    }

    fn compare(rows: &[Row]) -> Self {
        let mut ledger = Self { applied: rows.len(), ..Self::default() };
        for row in rows {
            let name = row.name.clone();
            ledger.names.push(name.clone());
            match MIGRATIONS.iter().find(|known| known.version == row.version) {
                None => ledger.unknown.push(name),
                Some(known) => {
                    let is_same = row.name == known.name
                        && row.up_checksum == checksum(known.up)
                        && row.down_checksum == checksum(known.down);
                    ledger.changed.extend((!is_same).then_some(name));
                }
            }
        }
        let is_missing = |version: i32| !rows.iter().any(|row| row.version == version);
        ledger.pending =
            MIGRATIONS.iter().filter(|known| is_missing(known.version)).map(|known| known.name.to_owned()).collect();
        ledger
    }

    /// `8 of 16 applied; missing: 008_turns, …`, and what is not as it should be.
    pub fn summary(&self) -> String {
        let mut text = match &self.standing {
            Standing::Nothing => "it has no schema navigator: nothing of the product is in it. ".to_owned(),
            Standing::NoLedger(owner) => format!("its schema navigator, of {owner}, has no ledger of migrations. "),
            Standing::There => String::new(),
        };
        let known = self.applied - self.unknown.len();
        text.push_str(&format!("{known} of {} applied", MIGRATIONS.len()));
        for (what, names) in
            [("missing", &self.pending), ("changed", &self.changed), ("newer than this program", &self.unknown)]
        {
            if !names.is_empty() {
                text.push_str(&format!("; {what}: {}", names.join(", ")));
            }
        }
        text
    }

    /// What is another than in the files, a line each with what to do.
    pub fn differences(&self) -> Vec<String> {
        let line = |what: &'static str, advice: &'static str| move |name: &String| format!("{what}: {name} ({advice})");
        let mut all = Vec::new();
        all.extend(self.pending.iter().map(line("missing", "ops migrate up")));
        all.extend(
            self.changed
                .iter()
                .map(line("changed after it was applied", "restore the file, or use the program that applied it")),
        );
        all.extend(self.unknown.iter().map(line("newer than this program", "use the newer program")));
        all
    }
}

pub(crate) fn checksum(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_newer_or_changed_is_named() {
        let row = |index: usize| {
            let known = MIGRATIONS[index];
            let (up_checksum, down_checksum) = (checksum(known.up), checksum(known.down));
            Row { version: known.version, name: known.name.to_owned(), up_checksum, down_checksum }
        };
        let mut rows: Vec<_> = (0..3).map(row).collect();
        rows[1].up_checksum = "another".to_owned();
        rows.push(Row {
            version: 900,
            name: "900_later".to_owned(),
            up_checksum: String::new(),
            down_checksum: String::new(),
        });
        let ledger = Ledger { standing: Standing::There, ..Ledger::compare(&rows) };
        assert_eq!((ledger.applied, ledger.pending.len()), (4, MIGRATIONS.len() - 3));
        assert_eq!(
            (&ledger.changed, &ledger.unknown),
            (&vec![MIGRATIONS[1].name.to_owned()], &vec!["900_later".to_owned()])
        );
        let summary = ledger.summary();
        assert!(
            summary.starts_with(&format!("3 of {} applied; missing: {}", MIGRATIONS.len(), MIGRATIONS[3].name)),
            "{summary}"
        );
        assert!(
            summary.contains("; changed: 001") && summary.ends_with("newer than this program: 900_later"),
            "{summary}"
        );
        assert_eq!(ledger.differences().len(), MIGRATIONS.len() - 3 + 2);
        let none = Ledger::compare(&[]);
        assert_eq!((none.pending.len(), none.differences().len()), (MIGRATIONS.len(), MIGRATIONS.len()));
        assert!(none.summary().starts_with("it has no schema navigator"));
    }
}
