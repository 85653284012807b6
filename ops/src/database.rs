//! Connections for operators: TLS as for the functions, the owner's or a superuser's rights.

use std::error::Error as _;
use std::time::Duration;

use shared::db::{Target, connector};
use tokio_postgres::Client;

use crate::{OpsError, Result};

/// Connects to a URL; `ca_pem` is the CA to check the certificate against.
///
/// # Errors
/// When the URL is unusable or the server does not let us in.
pub async fn connect(url: &str, ca_pem: Option<&str>) -> Result<Client> {
    let target = Target::parse(&url.to_owned().into(), ca_pem.is_some())
        .map_err(|error| OpsError::said(format!("the database URL {error}")))?;
    let tls = connector(target.verification, ca_pem)
        .map_err(|error| OpsError::said(format!("TLS cannot be set up: {error}")))?;
    let attempt = tokio::time::timeout(Duration::from_secs(10), target.config.connect(tls));
    let (client, connection) = attempt
        .await
        .map_err(|_| OpsError::said("the database does not answer within 10 s; check host, port and firewall"))?
        .map_err(OpsError::database("the database cannot be reached"))?;
    tokio::spawn(async move {
        // Whoever waits for a reply sees the error.
        let _closed = connection.await;
    });
    Ok(client)
}

/// Connects to MIGRATION_DATABASE_URL; DATABASE_CA_PEM, when it is set, is the CA.
///
/// # Errors
/// When the variable is not set, or as [`connect`].
pub async fn from_environment() -> Result<Client> {
    let url = std::env::var("MIGRATION_DATABASE_URL").map_err(|_| {
        OpsError::said(
            "MIGRATION_DATABASE_URL is not set; use the direct or session-mode URL of the role that owns the database",
        )
    })?;
    let ca = std::env::var("DATABASE_CA_PEM").ok().map(|pem| pem.replace("\\n", "\n"));
    connect(&url, ca.as_deref()).await
}

/// The whole chain of causes in one line.
pub(crate) fn reason(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
