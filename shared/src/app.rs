//! What a function is made of: built once per cold start, cheap to clone, one accessor per service.
//!
//! Invariant: a database that is away does not stop the start; a wrong configuration and an unsafe database role do.

use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "password")]
use crate::accounts::Accounts;
#[cfg(feature = "mail")]
use crate::accounts::mail::Outbox;
#[cfg(any(feature = "password", feature = "mail"))]
use crate::auth::opaque::Derivation;
#[cfg(feature = "password")]
use crate::auth::password::Passwords;
use crate::auth::token::Tokens;
use crate::clock::{Clock, Deadline};
use crate::config::{Config, DatabaseSecret};
use crate::conversations::Conversations;
use crate::db::{Class, Db, Endpoint, Reload, connector};
use crate::http::{AllowedOrigins, StartError};
use crate::readiness::Readiness;
#[cfg(feature = "regulatory")]
use crate::regulatory::Regulatory;
use crate::telemetry;
#[cfg(feature = "workflow")]
use crate::telemetry::metrics::Metric;
use crate::telemetry::metrics::Metrics;
#[cfg(feature = "workflow")]
use crate::workflow::{Turns, WorkflowControl};

/// How long the first connection may take. A database that is away must not hold up the init phase.
const FIRST_CONNECT: Duration = Duration::from_secs(2);

/// The services of one execution environment.
#[derive(Clone)]
pub struct App {
    services: Arc<Services>,
}

struct Services {
    metrics: Metrics,
    tokens: Tokens,
    allowed_origins: AllowedOrigins,
    #[cfg(feature = "password")]
    accounts: Accounts,
    conversations: Conversations,
    readiness: Readiness,
    #[cfg(feature = "regulatory")]
    regulatory: Regulatory,
    #[cfg(feature = "mail")]
    outbox: Outbox,
    #[cfg(feature = "workflow")]
    turns: Turns,
    #[cfg(feature = "workflow")]
    control: WorkflowControl,
}

impl App {
    /// Reads the configuration, sets up logging, and connects.
    ///
    /// # Errors
    /// [`StartError`] when the environment must not serve.
    pub async fn load() -> Result<Self, StartError> {
        let config = match Config::load().await {
            Ok(config) => config,
            Err(error) => {
                telemetry::init(tracing::level_filters::LevelFilter::INFO);
                return Err(error.into());
            }
        };
        telemetry::init(config.log_level);
        Self::start(config).await
    }

    /// Connects, with a configuration that was read before.
    ///
    /// # Errors
    /// [`StartError`] when it must not serve.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let tls = connector(config.database.verification, config.database_ca_pem.as_deref())
            .map_err(|error| StartError::Unsafe(format!("TLS cannot be set up: {error}")))?;
        let db = match config.database_secret.clone() {
            None => Db::new(config.database.clone(), tls),
            Some(secret) => Db::with_reload(config.database.clone(), tls, reload(secret)),
        };
        match db.connect(Deadline::after(FIRST_CONNECT)).await {
            Ok(()) => {}
            Err(error) if error.class() == Class::UnsafeRole => return Err(StartError::Unsafe(error.to_string())),
            Err(error) => tracing::warn!(%error, "started without the database; the next request tries again"),
        }
        Self::assemble(&config, db, Clock::system()).await
    }

    #[cfg_attr(
        not(any(feature = "workflow", feature = "ses")),
        allow(clippy::unused_async, reason = "models and mailers are set up here")
    )]
    async fn assemble(config: &Config, db: Db, clock: Clock) -> Result<Self, StartError> {
        let tokens = Tokens::new(config, clock);
        Ok(Self {
            services: Arc::new(Services {
                metrics: db.metrics().clone(),
                #[cfg(feature = "password")]
                accounts: Accounts::new(
                    db.clone(),
                    Passwords::new(config.password_cost).map_err(|error| StartError::Unsafe(error.to_string()))?,
                    tokens.clone(),
                    Derivation::new(config),
                ),
                conversations: Conversations::new(db.clone()),
                #[cfg(feature = "regulatory")]
                regulatory: Regulatory::new(db.clone(), clock),
                #[cfg(feature = "mail")]
                outbox: outbox(config, db.clone()).await?,
                #[cfg(feature = "workflow")]
                turns: turns(config, db.clone(), clock).await?,
                #[cfg(feature = "workflow")]
                control: WorkflowControl::new(db.clone()),
                readiness: Readiness::new(db),
                allowed_origins: config.allowed_origins.clone(),
                tokens,
            }),
        })
    }

    /// What this environment counts.
    pub fn metrics(&self) -> &Metrics {
        &self.services.metrics
    }

    /// Counts the amounts of the year that expire soon, and those that have: where the schedule runs, operators hear of it once a minute.
    #[cfg(feature = "workflow")]
    pub fn report_due_facts(&self) {
        let due = crate::knowledge::amounts::due(Clock::system().today(), crate::knowledge::amounts::NOTICE_DAYS);
        let count = |due: usize| u32::try_from(due).unwrap_or(u32::MAX);
        self.metrics().add(Metric::FactsDue, count(due.len()));
        self.metrics().add(Metric::FactsExpired, count(due.iter().filter(|due| due.has_expired).count()));
    }

    /// Signs and verifies access tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.services.tokens
    }

    /// The pages that may call from a browser.
    pub fn allowed_origins(&self) -> &AllowedOrigins {
        &self.services.allowed_origins
    }

    /// Registration, log-in, and the own account.
    #[cfg(feature = "password")]
    pub fn accounts(&self) -> &Accounts {
        &self.services.accounts
    }

    /// Conversations and their messages.
    pub fn conversations(&self) -> &Conversations {
        &self.services.conversations
    }

    /// Whether the database is there and migrated.
    pub fn readiness(&self) -> &Readiness {
        &self.services.readiness
    }

    /// The official texts.
    #[cfg(feature = "regulatory")]
    pub fn regulatory(&self) -> &Regulatory {
        &self.services.regulatory
    }

    /// The mails that wait.
    #[cfg(feature = "mail")]
    pub fn outbox(&self) -> &Outbox {
        &self.services.outbox
    }

    /// The durable turns.
    #[cfg(feature = "workflow")]
    pub fn turns(&self) -> &Turns {
        &self.services.turns
    }

    /// Looking at runs and cancelling them.
    #[cfg(feature = "workflow")]
    pub fn workflow(&self) -> &WorkflowControl {
        &self.services.control
    }
}

#[cfg(feature = "mail")]
async fn outbox(config: &Config, db: Db) -> Result<Outbox, StartError> {
    use crate::config::MailSettings;
    let mailer: Option<Arc<dyn crate::accounts::mail::Mailer>> = match config.mail.clone() {
        None => None,
        Some(MailSettings::Folder(path)) => {
            let folder = crate::accounts::mail::Folder::new(path);
            Some(Arc::new(folder.map_err(|error| StartError::Unsafe(error.to_string()))?))
        }
        #[cfg(feature = "ses")]
        Some(MailSettings::Ses { from }) => Some(Arc::new(crate::accounts::mail::Ses::new(from).await)),
        #[cfg(not(feature = "ses"))]
        Some(MailSettings::Ses { .. }) => {
            let line = "MAIL_FROM is set, and this build has no SES; build with the feature ses or unset it";
            return Err(StartError::Unsafe(line.to_owned()));
        }
    };
    Ok(Outbox::new(db, Derivation::new(config), mailer))
}

/// Asks the secret where the database is now.
fn reload(secret: DatabaseSecret) -> Reload {
    Arc::new(move || {
        let secret = secret.clone();
        Box::pin(async move {
            let (target, ca_pem) = match secret.database().await {
                Ok(found) => found,
                Err(error) => {
                    tracing::error!(%error, "the secret says of no usable database");
                    return None;
                }
            };
            match connector(target.verification, ca_pem.as_deref()) {
                Ok(tls) => Some(Endpoint { target, tls }),
                Err(error) => {
                    tracing::error!(%error, "TLS cannot be set up");
                    None
                }
            }
        })
    })
}

#[cfg(feature = "workflow")]
async fn turns(config: &Config, db: Db, clock: Clock) -> Result<Turns, StartError> {
    // TURN_RESERVE_MS counts from the invocation's end; the deadline of a request ends a little before it already.
    let reserve = config.turn_reserve.saturating_sub(crate::clock::REPLY_RESERVE);
    let mut turns = Turns::new(db, clock, reserve, config.retention);
    if let Some(settings) = &config.llm {
        turns = turns.with_advisor(advisor(settings).await.map_err(StartError::Unsafe)?);
    }
    #[cfg(feature = "testing")]
    if let Some(text) = &config.stand_in {
        let stand_in = crate::workflow::stand_in::StandIn::parse(text);
        let stand_in = stand_in.map_err(|error| StartError::Unsafe(error.to_string()))?;
        return Ok(if stand_in.leaves_the_agents() { turns } else { turns.with_stand_in(stand_in) });
    }
    Ok(turns)
}

#[cfg(feature = "llm")]
async fn advisor(settings: &crate::llm::LlmSettings) -> Result<crate::llm::Advisor, String> {
    Ok(crate::llm::Advisor::new(crate::llm::connect(settings).await?, settings))
}

#[cfg(all(feature = "workflow", not(feature = "llm")))]
#[allow(clippy::unused_async, reason = "as with the feature")]
async fn advisor(_settings: &crate::llm::LlmSettings) -> Result<crate::llm::Advisor, String> {
    Err("LLM_PROVIDER names a language model, and this build has none; build with the feature llm".to_owned())
}
