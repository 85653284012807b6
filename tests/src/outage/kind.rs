//! The outages, each with its place, its beginning and its end.

use tokio_postgres::Client;

use super::small_disk::SmallDisk;
use crate::product::{Options, Product, product_on};
use crate::stack::{Stack, stack, stack_of_its_own};

/// As many as there are questions at once: as with Lambda, nobody waits for another's process.
pub(super) const PROCESSES: usize = 6;

/// What is wrong with the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The server is gone; its pooler lives.
    ServerDown,
    /// Somebody holds the journal, as CREATE INDEX does.
    JournalLocked,
    /// The function that commits a step is not there: code and schema of different releases.
    CommitMissing,
    /// The server only reads: a failover under way.
    ReadOnly,
    /// Nothing more fits on the disk.
    DiskFull,
}

/// Where an outage is to be.
pub(super) struct Place {
    kind: Kind,
    stack: &'static Stack,
    database: String,
    disk: Option<SmallDisk>,
}

/// An outage under way.
pub(super) enum Outage<'a> {
    Down(&'static Stack),
    /// The transaction lives as long as its connection.
    Locked(Client),
    Missing(Client),
    ReadOnly(Client, String),
    Full(&'a Place),
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::ServerDown, Self::JournalLocked, Self::CommitMissing, Self::ReadOnly, Self::DiskFull];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::ServerDown => "server down",
            Self::JournalLocked => "lock on the journal",
            Self::CommitMissing => "commit function missing",
            Self::ReadOnly => "read-only",
            Self::DiskFull => "disk full",
        }
    }
}

impl Place {
    /// A database to have it in.
    pub(super) async fn new(kind: Kind) -> Self {
        let stack = match kind {
            // The others of this process need theirs.
            Kind::ServerDown => stack_of_its_own(&[]).await,
            _ => stack().await,
        };
        let disk = match kind {
            Kind::DiskFull => Some(SmallDisk::new(stack).await),
            _ => None,
        };
        let database = match &disk {
            Some(disk) => disk.database(stack).await,
            None => stack.database().await,
        };
        Self { kind, stack, database, disk }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) async fn product(&self) -> Product {
        let options = Options { processes: PROCESSES, ..Options::default() };
        product_on(self.stack, self.database.clone(), options).await
    }

    pub(super) async fn begin(&self, product: &Product) -> Outage<'_> {
        let run = async |sql: &str| {
            let client = product.superuser().await;
            client.batch_execute(sql).await.expect(sql);
            client
        };
        match self.kind {
            Kind::ServerDown => {
                tokio::task::block_in_place(|| self.stack.crash());
                Outage::Down(self.stack)
            }
            Kind::JournalLocked => {
                Outage::Locked(run("BEGIN; LOCK TABLE navigator.workflow_steps IN SHARE MODE").await)
            }
            Kind::CommitMissing => {
                Outage::Missing(run("ALTER FUNCTION navigator.step_commit RENAME TO step_commit_gone").await)
            }
            Kind::ReadOnly => {
                let sql = format!("ALTER DATABASE \"{}\" SET default_transaction_read_only = on", self.database);
                let client = run(&sql).await;
                end_others(&client).await;
                Outage::ReadOnly(client, self.database.clone())
            }
            Kind::DiskFull => {
                self.disk.as_ref().expect("a small disk").fill(&run("SELECT 1").await).await;
                Outage::Full(self)
            }
        }
    }

    /// What it leaves behind goes.
    pub(super) async fn clear(self) {
        if let Some(disk) = self.disk {
            disk.clear(self.stack, &self.database).await;
        }
    }
}

impl Outage<'_> {
    pub(super) async fn end(self) {
        match self {
            Self::Down(stack) => tokio::task::block_in_place(|| stack.restart()),
            Self::Locked(client) => client.batch_execute("ROLLBACK").await.expect("rolled back"),
            Self::Missing(client) => client
                .batch_execute("ALTER FUNCTION navigator.step_commit_gone RENAME TO step_commit")
                .await
                .expect("renamed"),
            Self::ReadOnly(client, database) => {
                let sql = format!(
                    "SET default_transaction_read_only = off; ALTER DATABASE \"{database}\" RESET default_transaction_read_only"
                );
                client.batch_execute(&sql).await.expect("reset");
                end_others(&client).await;
            }
            Self::Full(place) => {
                let client = place.stack.server.superuser(&place.database).await.expect("a connection");
                place.disk.as_ref().expect("a small disk").empty(&client).await;
            }
        }
    }
}

/// Whoever is connected to this database starts anew, as after a failover.
async fn end_others(client: &Client) {
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    client.query_one(sql, &[]).await.expect("ended");
}
