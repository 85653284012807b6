//! Mails: written to an outbox in the transaction that they are about, composed and sent by the function on the schedule.
//!
//! Invariants: the outbox holds no secret; the secret of a mail is derived again when it is composed, and used only when its hash is the
//! stored one. Nothing of a mail is logged. A mail that could not be sent stays and is tried again; its recipient is
//! forgotten as soon as it was.

mod folder;
#[cfg(feature = "ses")]
mod ses;
mod store;
mod text;

use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;

pub use folder::Folder;
#[cfg(feature = "ses")]
pub use ses::Ses;

use crate::auth::opaque::{Derivation, Mailed, Opaque, Reset, Verification};
use crate::clock::Deadline;
use crate::db::{Db, DbError, Statement};
use crate::telemetry::metrics::Metric;
use store::{Due, Kind};

/// How many mails one invocation sends at most.
const BATCH: i32 = 50;

/// A mail, ready to be sent.
pub struct Mail {
    /// The mail's id in the outbox; the same at every attempt.
    pub id: uuid::Uuid,
    /// Whom to.
    pub to: String,
    /// The subject.
    pub subject: &'static str,
    /// The text, plain.
    pub text: String,
}

/// Why a mail was not sent: one line for the log, without the mail's texts.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct MailError(pub String);

/// The future of sending.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;

/// What sends mails.
pub trait Mailer: Send + Sync {
    /// Sends one mail.
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a>;
}

/// The mails that wait. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    db: Db,
    derivation: Derivation,
    mailer: Option<Arc<dyn Mailer>>,
}

/// What one invocation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MailReport {
    /// Mails sent.
    pub mails_sent: u32,
    /// Mails that could not be sent and are tried again.
    pub mails_failed: u32,
}

impl Outbox {
    /// The outbox; without a mailer the mails stay in it until their secrets expire.
    pub fn new(db: Db, derivation: Derivation, mailer: Option<Arc<dyn Mailer>>) -> Self {
        Self { db, derivation, mailer }
    }

    /// Sends what is due.
    ///
    /// # Errors
    /// [`DbError`] when the database cannot be asked; a mail that fails is counted.
    pub async fn send_due(&self, deadline: Deadline) -> Result<MailReport, DbError> {
        let mut report = MailReport::default();
        let Some(mailer) = &self.mailer else { return Ok(report) };
        let mut sent = Vec::new();
        for due in store::mail_take(&self.db, BATCH, deadline).await? {
            let result = match self.compose(&due) {
                Some(mail) => match tokio::time::timeout_at(deadline.instant(), mailer.send(&mail)).await {
                    Ok(result) => result,
                    Err(_) => Err(MailError("the time was over".to_owned())),
                },
                None => Err(MailError("its secret belongs to a key that is not configured any more".to_owned())),
            };
            match result {
                Ok(()) => sent.push(due.id),
                Err(error) => {
                    tracing::error!(mail = %due.id, %error, "a mail could not be sent; it is tried again");
                    report.mails_failed += 1;
                }
            }
        }
        if !sent.is_empty() {
            store::mail_sent(&self.db, &sent, deadline).await?;
        }
        self.db.metrics().add(Metric::MailsFailed, report.mails_failed);
        report.mails_sent = u32::try_from(sent.len()).unwrap_or(u32::MAX);
        Ok(report)
    }

    fn compose(&self, due: &Due) -> Option<Mail> {
        let (subject, text) = match due.kind {
            Kind::VerifyEmail => text::verify_email(self.secret::<Verification>(due)?.expose()),
            Kind::ResetPassword => text::reset_password(self.secret::<Reset>(due)?.expose()),
            Kind::PasswordChanged => text::password_changed(),
            Kind::AccountDeleted => text::account_deleted(),
        };
        Some(Mail { id: due.id, to: due.recipient.clone(), subject, text })
    }

    /// The secret of a mail: of the keys that are valid, the one whose hash was stored.
    fn secret<K: Mailed>(&self, due: &Due) -> Option<Opaque<K>> {
        let stored = due.secret_hash.as_deref()?;
        let hex = |hash: Vec<u8>| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        self.derivation.one_time_candidates::<K>(due.id).into_iter().find(|secret| hex(secret.hash()) == stored)
    }
}

/// Every statement of the outbox.
pub const STATEMENTS: [&Statement; 2] = store::STATEMENTS;
