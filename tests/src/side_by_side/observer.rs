//! What the server itself says about one contestant's database.

use std::time::{Duration, Instant};

use ops::stack::LocalServer;
use tokio_postgres::Client;

/// A connection that stands beside the contestant's.
pub(super) struct Observer {
    client: Client,
}

/// No statement is left running as long.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the comparison asks of the server: no full-page images in the WAL, and nobody who writes on his own.
pub(super) async fn calm(server: &LocalServer) {
    let client = server.superuser("postgres").await.expect("a connection");
    for sql in
        ["ALTER SYSTEM SET full_page_writes = off", "ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()"]
    {
        client.simple_query(sql).await.expect("a setting");
    }
    let until = Instant::now() + PATIENCE;
    loop {
        // A new connection: a setting reaches an old one at some later time.
        let client = server.superuser("postgres").await.expect("a connection");
        let row = client.query_one("SELECT current_setting('full_page_writes')", &[]).await.expect("a setting");
        if row.get::<_, &str>(0) == "off" {
            return;
        }
        assert!(Instant::now() < until, "full_page_writes stays on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Observer {
    pub(super) async fn of(server: &LocalServer, database: &str) -> Self {
        Self { client: server.superuser(database).await.expect("a connection") }
    }

    /// Where the server's WAL ends, bytes.
    pub(super) async fn wal(&self) -> i64 {
        self.number("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint").await
    }

    /// Rows inserted, updated and deleted so far. A backend reports what it did at the latest when it ends, so every other one is
    /// ended first.
    pub(super) async fn rows_written(&self) -> i64 {
        let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        self.number(&format!("SELECT count(pg_terminate_backend(pid)) {others}")).await;
        self.until_none(&format!("SELECT count(*) {others}")).await;
        self.number("SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables").await
    }

    /// Returns when the server has finished everything that a killed worker sent.
    pub(super) async fn until_quiet(&self) {
        self.until_none(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND state <> 'idle'",
        )
        .await;
    }

    /// The one number that a query returns.
    pub(super) async fn number(&self, sql: &str) -> i64 {
        self.client.query_one(sql, &[]).await.unwrap_or_else(|error| panic!("{error}: {sql}")).get(0)
    }

    /// The texts of a query's first column.
    pub(super) async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.client.query(sql, &[]).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn until_none(&self, sql: &str) {
        let until = Instant::now() + PATIENCE;
        while self.number(sql).await > 0 {
            assert!(Instant::now() < until, "still busy: {sql}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
