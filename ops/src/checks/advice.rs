//! What to do about a database that does not let us in, or refuses a statement.

use std::error::Error as _;
use std::io::ErrorKind;

use super::Trouble;
use crate::OpsError;
use crate::database::reason;

/// What makes a host of a part of the password.
const ENCODED: &str = "If the password has one of @ # / ? % in it, write it percent-encoded there (@ as %40, # as %23)";

/// Where a connection goes, and as whom: for the texts, so without the password.
#[derive(Clone, Debug)]
pub struct Place {
    /// The variable or option that an operator would change.
    pub variable: &'static str,
    /// `host:port`.
    pub address: String,
    /// The role that logs in.
    pub user: String,
    /// The database's name.
    pub database: String,
}

impl Place {
    /// The place that a URL names.
    ///
    /// # Errors
    /// When it is not a usable URL of a database.
    pub fn of(variable: &'static str, url: &str) -> Result<Self, Trouble> {
        let target = shared::db::Target::parse(&url.to_owned().into(), true).map_err(|error| {
            Trouble::new(format!("{variable} {error}"), format!("correct {variable}; see .env.example. {ENCODED}"))
        })?;
        let config = &target.config;
        let host = match config.get_hosts().first() {
            Some(tokio_postgres::config::Host::Tcp(host)) => host.clone(),
            _ => String::new(),
        };
        Ok(Self {
            variable,
            address: format!("{host}:{}", config.get_ports().first().copied().unwrap_or(5432)),
            user: config.get_user().unwrap_or_default().to_owned(),
            database: config.get_dbname().unwrap_or_default().to_owned(),
        })
    }
}

/// Why a connection did not come about.
pub fn of_connection(error: &OpsError, place: &Place) -> Trouble {
    let Place { variable, address, user, database } = place;
    let OpsError::Database { source, .. } = error else {
        return Trouble::new(
            format!("{address} does not answer: {error}"),
            format!(
                "check the host and the port in {variable}, and that no firewall or network restriction of the project is in between"
            ),
        );
    };
    if let Some(db) = source.as_db_error() {
        let message = db.message();
        let advice = match db.code().code() {
            _ if message.contains("enant or user not found") => format!(
                "the pooler does not know this project or role: take host and region from the project's page (Connect), and see that the user in \
                 {variable} ends with .<project-ref>"
            ),
            "28P01" | "28000" => format!(
                "the password of {user} in {variable} is wrong; set the right one (Database settings, reset password)"
            ),
            _ if message.contains("no such user") || message.contains("SASL authentication failed") => {
                format!("the pooler does not accept {user}; correct the role or its password in {variable}")
            }
            "3D000" => format!("there is no database {database:?}; correct the end of {variable} (Supabase: postgres)"),
            "53300" => "every connection is taken: end some, or lower the pool's size, and run it again".to_owned(),
            "57P03" => {
                "the server is starting, stopping or paused: resume the project, wait, and run it again".to_owned()
            }
            _ => format!("correct {variable}"),
        };
        return Trouble::new(format!("{address} refuses {user}: {message}"), advice);
    }
    let said = reason(source);
    let advice = if said.contains("does not support TLS") {
        format!(
            "the server at {address} speaks no TLS; {variable} names another server than the project's, or TLS is off there"
        )
    } else if said.contains("certificate") {
        "the server's certificate is signed by another CA than DATABASE_CA_PEM, or by none that this system knows: give the project's (Database \
         settings, SSL configuration) with --ca FILE or in DATABASE_CA_PEM"
            .to_owned()
    } else {
        match io_kind(source) {
            Some(ErrorKind::ConnectionRefused) => {
                format!("nothing listens there: correct the port in {variable}, or start the server")
            }
            Some(ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::AddrNotAvailable) => format!(
                "this network has no way there; Supabase's direct host has IPv6 only: use the pooler's session mode (its host, port 5432, user \
                 postgres.<project-ref>) in {variable}"
            ),
            _ if said.contains("lookup address") => {
                format!("the host does not resolve: correct it in {variable}. {ENCODED}")
            }
            _ => format!("check host, port and network, and {variable}"),
        }
    };
    Trouble::new(format!("{address} cannot be reached: {said}"), advice)
}

/// Why a statement was refused.
pub fn of_statement(error: &OpsError, what: &str) -> Trouble {
    let code = match error {
        OpsError::Database { source, .. } => source.as_db_error().map(|db| db.code().code().to_owned()),
        _ => None,
    };
    let advice = match code.as_deref() {
        Some("25006") => {
            "the server only reads (a standby, a full disk, or default_transaction_read_only): use the primary, make room, or switch it off"
        }
        Some("42501") => {
            "the role that sets up lacks rights: use the project's postgres, or the owner of what is in the way"
        }
        Some("42P07" | "42710" | "42723" | "42P06") => {
            "something of this name is there already and is not the product's: rename or drop it, or use another database; nothing was changed"
        }
        Some("55P03") => {
            "somebody holds a lock on it: wait for their migration, or end it (pg_stat_activity), and run this again"
        }
        Some("53100") => "the disk is full: make room, and run this again",
        Some("53300") => "every connection is taken: end some, and run this again",
        _ if matches!(error, OpsError::Said(line) if line.contains("committed matrix")) => {
            "something in the schema navigator is not the product's, or grants or policies were changed by hand: take that back, and run this again"
        }
        _ => "nothing was changed by this step; mend the cause and run this again",
    };
    Trouble::new(format!("{what}: {error}"), advice)
}

fn io_kind(error: &tokio_postgres::Error) -> Option<ErrorKind> {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        cause = inner.source();
    }
    None
}
