//! What the rows say: accounts, mails, conversations, runs, the audit log, the official texts.
//!
//! Invariant: a table that this login does not see whole gets a `!` that says so: none of its rows would look like all is well.

use std::collections::BTreeSet;

use chrono::{TimeDelta, Utc};
use tokio_postgres::Transaction;

use super::store::{self, Rights};
use super::{judge, judged};
use crate::checks::{Report, Trouble};
use crate::{Result, regulatory};

/// Every table that is counted in.
const TABLES: [&str; 10] = [
    "users",
    "outbox",
    "conversations",
    "conversation_messages",
    "agent_states",
    "workflow_requests",
    "workflow_states",
    "workflow_steps",
    "audit_log",
    "regulatory_documents",
];

/// Which tables this login does not see whole.
struct Sight(BTreeSet<String>);

impl Sight {
    /// Whether all of these tables are seen; else the report says what is not.
    fn of(&self, report: &mut Report, subject: &'static str, tables: &[&str]) -> bool {
        let hidden: Vec<&str> = tables.iter().copied().filter(|table| self.0.contains(*table)).collect();
        if hidden.is_empty() {
            return true;
        }
        let found = format!("not visible to this login: a right or a policy is missing for {}", hidden.join(", "));
        let advice = "use the login that runs `ops migrate up`; if it is that one, run: ops migrate verify";
        report.warn(subject, Trouble::new(found, advice));
        false
    }
}

pub(super) async fn look(
    report: &mut Report,
    transaction: &Transaction<'_>,
    whose: Rights,
    stale_days: u16,
) -> Result<()> {
    let sight = Sight(store::hidden(transaction, &TABLES).await?);
    accounts(report, transaction, &sight).await?;
    conversations(report, transaction, &sight, whose).await?;
    if sight.of(report, "orchestrator", &["workflow_requests", "workflow_states"]) {
        judged(report, "orchestrator", judge::runs(&store::late_runs(transaction).await?));
    }
    if sight.of(report, "audit log", &["audit_log"]) {
        match store::broken_chains(transaction).await? {
            0 => report.ok("audit log", "every chain ends where its head says (ops audit verify looks at every row)"),
            count => report.fail(
                "audit log",
                Trouble::new(format!("{count} chains do not end where their heads say"), "run: ops audit verify"),
            ),
        }
    }
    if sight.of(report, "official texts", &["regulatory_documents"]) {
        texts(report, transaction, stale_days).await?;
    }
    Ok(())
}

async fn accounts(report: &mut Report, transaction: &Transaction<'_>, sight: &Sight) -> Result<()> {
    if sight.of(report, "user service", &["users"]) {
        match store::trial_accounts(transaction).await? {
            0 => report.ok("user service", "no trial account is left over"),
            count => report.warn(
                "user service",
                Trouble::new(
                    format!("{count} trial accounts of set-ups that were cut off are left"),
                    "run `ops setup` again: it clears them away",
                ),
            ),
        }
    }
    if sight.of(report, "user service", &["outbox"]) {
        let mails = store::late_mails(transaction).await?;
        match mails.count {
            0 => report.ok("user service", "no mail waits for long"),
            count => report.warn(
                "user service",
                Trouble::new(
                    format!("{count} mails wait, the oldest for {:.0} s", mails.seconds),
                    "see that MAIL_FROM is set and verified, and that the schedule invokes the function resume",
                ),
            ),
        }
    }
    Ok(())
}

async fn conversations(report: &mut Report, transaction: &Transaction<'_>, sight: &Sight, whose: Rights) -> Result<()> {
    const SUBJECT: &str = "conversation service";
    if whose == Rights::Operator {
        report.warn(
            SUBJECT,
            Trouble::new(
                "only the owner sees the agents' states",
                "give MIGRATION_DATABASE_URL instead of OPERATOR_DATABASE_URL to compare them",
            ),
        );
        return Ok(());
    }
    if !sight.of(
        report,
        SUBJECT,
        &["conversations", "conversation_messages", "agent_states", "workflow_states", "workflow_steps"],
    ) {
        return Ok(());
    }
    let found = store::mismatches(transaction).await?;
    if found.is_empty() {
        let seen = match store::recent_conversations(transaction).await? {
            0 => "no conversation was touched in the last 7 days, so nothing was compared".to_owned(),
            count => {
                format!("messages, runs and agents' states of {count} conversations of the last 7 days fit together")
            }
        };
        report.ok(SUBJECT, seen);
    }
    for (reason, count) in found {
        let advice = "somebody changed rows by hand, or it is a mistake of this program: ops workflow list and show; restore the rows";
        report.fail(SUBJECT, Trouble::new(format!("{count} conversations have {reason}"), advice));
    }
    Ok(())
}

async fn texts(report: &mut Report, transaction: &Transaction<'_>, stale_days: u16) -> Result<()> {
    let now = Utc::now();
    let since = now - TimeDelta::days(stale_days.into());
    let stale = regulatory::stale_documents(transaction, now.date_naive(), since).await?;
    let all = store::texts(transaction).await?;
    match stale.iter().map(|(_, _, documents)| documents).sum::<i64>() {
        0 if all == 0 => report.warn(
            "official texts",
            Trouble::new(
                "there is none, nor one of the product's own facts",
                "run: ops migrate up, then ops regulatory import",
            ),
        ),
        0 => report.ok("official texts", format!("none of {all} texts is expired, old, changed or gone")),
        count => report.warn(
            "official texts",
            Trouble::new(
                format!("{count} texts of {} addresses are stale", stale.len()),
                "run: ops regulatory stale, then refresh or import",
            ),
        ),
    }
    Ok(())
}
