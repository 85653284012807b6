//! The schedule's side: runs that were abandoned or suspended, and messages that wait, are gone on with although nobody asks.

use std::time::Duration;

use serde::Serialize;

use super::control_store;
use super::usage::Work;
use super::{TurnError, Turns, Worked};
use crate::clock::Deadline;
use crate::ids::{ConversationId, HolderId};
use crate::telemetry::metrics::Metric;

/// How many conversations one look finds at the most; there are as many looks as there is time for.
const BATCH: i32 = 16;
/// With less than this left, the next minute's invocation is the better one.
const LEAST_TIME: Duration = Duration::from_secs(1);

/// What one invocation of the schedule did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SweepReport {
    /// Conversations found in which somebody had to go on.
    pub found: u32,
    /// Turns finished, with an answer or as failed.
    pub finished: u32,
    /// Turns put off again: the time was over, or a step failed.
    pub suspended: u32,
    /// Conversations somebody else was faster in.
    pub taken: u32,
    /// Turns that could not be gone on with because the database failed; the next invocation tries again.
    pub errors: u32,
    /// Finished requests forgotten (REQUEST_RETENTION_HOURS).
    pub expired_requests: u32,
    /// Journal rows deleted (JOURNAL_RETENTION_DAYS).
    pub pruned_steps: u32,
    /// Unfinished turns that nobody has gone on with for more than 5 minutes, at the last look.
    pub stalled: u32,
    /// Conversations touched in the last 5 minutes in which head, messages, journal and agents' states do not fit together, at the
    /// last look; 200 are looked at.
    pub inconsistent: u32,
    /// Whether a mail waits to be sent.
    #[serde(skip)]
    pub mail_is_due: bool,
}

impl Turns {
    /// Finds what is due and finishes it, until nothing is left or the time is over. An empty look is one round trip.
    ///
    /// # Errors
    /// [`TurnError`] when the database cannot even be asked what is due.
    pub async fn resume_due(&self, deadline: Deadline) -> Result<SweepReport, TurnError> {
        let (mut report, mut work) = (SweepReport::default(), Work::default());
        while self.limits.reserve + LEAST_TIME < deadline.remaining() {
            let swept = control_store::sweep(&self.db, BATCH, self.retention, deadline).await?;
            report.expired_requests += swept.expired_requests;
            report.pruned_steps += swept.pruned_steps;
            report.mail_is_due = swept.mail_is_due;
            (report.stalled, report.inconsistent) = (swept.stalled, swept.inconsistent);
            if let Some(anchor) = swept.audit_anchor {
                // The log of the functions is kept elsewhere: what is cut from the audit log is missing beside this line.
                tracing::info!(audit_anchor = %anchor, "audit anchor");
            }
            if swept.due.is_empty() {
                break;
            }
            let before = report;
            for due in swept.due {
                if self.limits.reserve + LEAST_TIME > deadline.remaining() {
                    break;
                }
                report.found += 1;
                self.resume(&due, deadline, &mut report, &mut work).await;
            }
            // What failed, or did not fit into the time left, is no further in a moment; the next minute's invocation tries it.
            if report.finished == before.finished {
                break;
            }
        }
        work.report(self.db.metrics());
        self.db.metrics().add(Metric::WorkflowStalled, report.stalled);
        self.db.metrics().add(Metric::AgentStateInconsistencies, report.inconsistent);
        Ok(report)
    }

    async fn resume(&self, due: &control_store::Due, deadline: Deadline, report: &mut SweepReport, work: &mut Work) {
        let Ok(conversation) = ConversationId::parse(&due.conversation_id) else {
            report.errors += 1;
            return;
        };
        match self.go_on(due.user_id.into(), &conversation, HolderId::new(), deadline, work).await {
            Ok(Some(Worked::Answered { .. })) => {
                self.db.metrics().persisted(true);
                report.finished += 1;
            }
            Ok(Some(Worked::Suspended { .. })) => report.suspended += 1,
            Ok(Some(Worked::Cancelled | Worked::Fenced | Worked::Gone) | None) => report.taken += 1,
            Err(error) => {
                self.db.metrics().persisted(false);
                tracing::error!(error = &error as &dyn std::error::Error, "a due run could not be gone on with");
                report.errors += 1;
            }
        }
    }
}
