//! The local database side as one piece: TLS on a private Postgres, the roles, a database with the newest schema, and the
//! pooler in front. `cargo dev` and the tests stand on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use launcher::process::{random_hex, signal};
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};

use crate::certificates::Certificates;
use crate::scram::Verifier;
use crate::{OpsError, Result, database, migrate, regulatory, roles};

/// A local Postgres that speaks TLS and knows the product's roles.
#[derive(Clone, Debug)]
pub struct LocalServer {
    folder: PathBuf,
    port: u16,
    superuser_password: String,
    /// The password of `navigator_api`.
    pub api_password: String,
    /// The files of its TLS.
    pub certificates: Certificates,
    ca_pem: String,
}

impl LocalServer {
    /// Prepares the server that runs in `folder` on `port`: certificates, TLS, roles.
    ///
    /// # Errors
    /// One line: what failed.
    pub async fn prepare(folder: &Path, port: u16) -> Result<Self> {
        Self::prepare_for(folder, port, None).await
    }

    /// [`LocalServer::prepare`], with a certificate that is also for `host`: the name or address by which containers come in.
    ///
    /// # Errors
    /// One line: what failed.
    pub async fn prepare_for(folder: &Path, port: u16, host: Option<&str>) -> Result<Self> {
        let read = |name: &str| {
            fs::read_to_string(folder.join(name))
                .map_err(OpsError::io(format!("{name} cannot be read; run: cargo dev --reset")))
        };
        let (certificates, are_new) = Certificates::ensure_for(folder, host)?;
        let api_password_file = folder.join("api-password");
        if !api_password_file.is_file() {
            fs::write(&api_password_file, random_hex(24)?).map_err(OpsError::io("api-password cannot be written"))?;
        }
        let server = Self {
            folder: folder.to_path_buf(),
            port,
            superuser_password: read("superuser-password")?.trim().to_owned(),
            api_password: read("api-password")?.trim().to_owned(),
            ca_pem: certificates.ca_pem()?,
            certificates,
        };
        server.switch_tls_on(&read("data/postmaster.pid")?, are_new).await?;
        let mut client = server.superuser("postgres").await?;
        let verifier = Verifier::of_url(&server.api_url(port, "postgres"))?;
        roles::ensure(&mut client, Some(&verifier)).await?;
        Ok(server)
    }

    /// TLS can be switched on by a reload, and certificates exchanged: the server was started before they could be made.
    async fn switch_tls_on(&self, postmaster: &str, certificates_are_new: bool) -> Result<()> {
        let settings = format!(
            "ssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'\n",
            self.certificates.certificate.display(),
            self.certificates.key.display()
        );
        let path = self.folder.join("data/postgresql.auto.conf");
        if !certificates_are_new && fs::read_to_string(&path).is_ok_and(|text| text.contains("ssl = on")) {
            return Ok(());
        }
        fs::write(&path, settings).map_err(OpsError::io("postgresql.auto.conf cannot be written"))?;
        launcher::postgres::give_to_server(&path)?;
        if let Some(pid) = postmaster.lines().next().and_then(|line| line.trim().parse().ok()) {
            signal(pid, "HUP");
        }
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            match self.superuser("postgres").await {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > until => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// A direct connection with all rights.
    ///
    /// # Errors
    /// When the server does not let us in.
    pub async fn superuser(&self, name: &str) -> Result<Client> {
        database::connect(&self.superuser_url(name), Some(&self.ca_pem)).await
    }

    /// The direct URL with all rights; for migrations.
    pub fn superuser_url(&self, name: &str) -> String {
        format!("postgresql://postgres:{}@127.0.0.1:{}/{name}?sslmode=verify-full", self.superuser_password, self.port)
    }

    /// The superuser's password, for a pooler that migrations go through.
    pub fn superuser_password(&self) -> &str {
        &self.superuser_password
    }

    /// The functions' URL through whatever listens on `port`.
    pub fn api_url(&self, port: u16, name: &str) -> String {
        format!("postgresql://navigator_api:{}@127.0.0.1:{port}/{name}?sslmode=verify-full", self.api_password)
    }

    /// The CA that signed the server's certificate, PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The loopback port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A database with the newest schema; made when absent.
    ///
    /// # Errors
    /// When it cannot be made or migrated.
    pub async fn migrated_database(&self, name: &str) -> Result<migrate::Ran> {
        let client = self.superuser("postgres").await?;
        let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&name, Type::TEXT)];
        let found = client
            .query_typed("SELECT 1 FROM pg_database WHERE datname = $1", &parameters)
            .await
            .map_err(OpsError::database("the databases cannot be listed"))?;
        if found.is_empty() {
            self.create_database(&client, name, "template1").await?;
        }
        let mut client = self.superuser(name).await?;
        roles::ensure(&mut client, None).await?;
        let ran = migrate::up(&mut client, None).await?;
        regulatory::prepare(&mut client).await?;
        Ok(ran)
    }

    /// A new database, as a copy of `template`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn create_database(&self, client: &Client, name: &str, template: &str) -> Result<()> {
        let sql = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\" STRATEGY file_copy");
        client.batch_execute(&sql).await.map_err(OpsError::database(format!("the database {name} cannot be made")))
    }
}
