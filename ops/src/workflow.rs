//! `ops workflow …`: looking at conversations' runs, and helping those that are stuck.
//!
//! Invariants: one transaction a command, as the role navigator_operator; what is done to a run, and each content that is read, is in
//! the audit log; what a person or the product wrote is printed only when it
//! is asked for; a run is changed under its head row's lock by the SQL function that does nothing else.

mod change;
mod list;
mod show;
mod store;
pub(crate) mod text;

use clap::{Args, Subcommand};
use tokio_postgres::Transaction;
use uuid::Uuid;

use crate::database::Purpose;
use crate::{OpsError, Result, database};
pub use list::ListArgs;

/// The subcommands of `ops workflow`.
#[derive(Debug, Subcommand)]
pub enum WorkflowCommand {
    /// Runs, the newest first: those under way or failed, unless --status says otherwise.
    List(ListArgs),
    /// The timeline of a conversation's current or last run.
    Show {
        /// Whose.
        #[command(flatten)]
        which: Which,
        /// Print the messages too: what is said in them is health information.
        #[arg(long)]
        content: bool,
    },
    /// Let a run that waits, or that its worker abandoned, be taken up at once, as at its first attempt.
    Retry(Which),
    /// Cancel the run that is under way, as its owner can; messages that wait are answered next.
    Cancel(Which),
}

/// A conversation.
#[derive(Debug, Args)]
pub struct Which {
    /// The conversation's id.
    conversation: String,
    /// Its user's id, where several users have a conversation of this id.
    #[arg(long, value_name = "ID")]
    user: Option<Uuid>,
}

/// A conversation of one user.
#[derive(Clone, Debug)]
struct Found {
    user: Uuid,
    conversation: String,
}

impl WorkflowCommand {
    /// Runs the command against OPERATOR_DATABASE_URL, else MIGRATION_DATABASE_URL, and prints what it found or did.
    ///
    /// # Errors
    /// One line for the operator: what is wrong and what to do.
    pub async fn run(&self) -> Result<()> {
        let mut client = database::for_operator().await?;
        let purpose = match self {
            Self::List(_) | Self::Show { content: false, .. } => Purpose::Look,
            Self::Show { content: true, .. } | Self::Retry(_) | Self::Cancel(_) => Purpose::Change,
        };
        let transaction = database::begin(&mut client, purpose).await?;
        let text = match self {
            Self::List(arguments) => list::list(&transaction, arguments).await?,
            Self::Show { which, content } => {
                let messages = if *content { show::Messages::Printed } else { show::Messages::Withheld };
                let found = which.find(&transaction).await?;
                let text = show::show(&transaction, &found, messages).await?;
                if *content {
                    store::record(&transaction, &found, "operator.read").await?;
                }
                text
            }
            Self::Retry(which) => {
                let found = which.find(&transaction).await?;
                let text = change::retry(&transaction, &found).await?;
                store::record(&transaction, &found, "operator.retry").await?;
                text
            }
            Self::Cancel(which) => {
                let found = which.find(&transaction).await?;
                let text = change::cancel(&transaction, &found).await?;
                store::record(&transaction, &found, "operator.cancel").await?;
                text
            }
        };
        database::commit(transaction).await?;
        print!("{text}");
        Ok(())
    }
}

impl Which {
    /// The one conversation that is meant.
    async fn find(&self, transaction: &Transaction<'_>) -> Result<Found> {
        let conversation = self.conversation.as_str();
        let owners = store::owners(transaction, conversation).await?;
        let user = match (self.user, owners.as_slice()) {
            (Some(user), owners) if owners.contains(&user) => user,
            (Some(user), _) => {
                let line = format!(
                    "user {user} has no run in conversation {}; see: ops workflow list --status all",
                    text::plain(conversation)
                );
                return Err(OpsError::said(line));
            }
            (None, [only]) => *only,
            (None, []) => {
                let line = format!(
                    "no run was begun in conversation {}; see: ops workflow list --status all",
                    text::plain(conversation)
                );
                return Err(OpsError::said(line));
            }
            (None, several) => {
                let ids: Vec<String> = several.iter().map(Uuid::to_string).collect();
                return Err(OpsError::said(format!(
                    "several users have a conversation {}; say which with --user: {}",
                    text::plain(conversation),
                    ids.join(", ")
                )));
            }
        };
        Ok(Found { user, conversation: conversation.to_owned() })
    }
}
