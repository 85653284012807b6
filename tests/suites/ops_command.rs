//! The operator's command line, run as an operator runs it.

use std::process::{Command, Output};

use tests::product::{Product, binary};
use tests::stack::stack;

/// `ops` against one database.
pub(crate) struct Ops {
    database: String,
}

/// `ops` against the product's database.
pub(crate) fn ops(product: &Product) -> Ops {
    Ops { database: product.database.clone() }
}

/// `ops` against a database without a product.
pub(crate) fn ops_on(database: &str) -> Ops {
    Ops { database: database.to_owned() }
}

impl Ops {
    /// What it prints; it must succeed.
    pub(crate) async fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What it says when it fails, which it must.
    pub(crate) async fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert!(!output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let server = &stack().await.server;
        let mut command = Command::new(binary("ops"));
        command.args(arguments).env_remove("OPERATOR_DATABASE_URL");
        command
            .env("MIGRATION_DATABASE_URL", server.superuser_url(&self.database))
            .env("DATABASE_CA_PEM", server.ca_pem());
        command.output().expect("ops runs")
    }
}
