//! The schedule's side: runs that were abandoned or suspended, and messages that wait, are gone on with although nobody asks.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;

use super::control_store::{self, Due, GivenUp, PRUNED_AT_ONCE};
use super::usage::Work;
use super::{Place, TurnError, Turns, Worked};
use crate::agents;
use crate::clock::Deadline;
use crate::ids::{ConversationId, HolderId, UserId};
use crate::telemetry::metrics::Metric;

/// How many conversations one look finds at the most; there are as many looks as there is time for.
const BATCH: i32 = 16;
/// With less than this left, the next minute's invocation is the better one.
const LEAST_TIME: Duration = Duration::from_secs(1);
/// How many messages that wait behind each other in one conversation are answered in a row: as many as may wait.
const QUEUE: usize = 10;

/// What one look found: what is due is this worker's for 10 seconds.
pub struct Look {
    swept: control_store::Swept,
}

impl Look {
    /// Whether a mail waits to be sent.
    pub fn mail_is_due(&self) -> bool {
        self.swept.mail_is_due
    }
}

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
    /// Turns that were ended as failed without a worker: their step killed each one, or was never stored.
    pub given_up: u32,
    /// Turns that could not be gone on with because the database failed; a later look tries again, after everybody else.
    pub errors: u32,
    /// Finished requests forgotten (REQUEST_RETENTION_HOURS).
    pub expired_requests: u32,
    /// Journal rows deleted (JOURNAL_RETENTION_DAYS).
    pub pruned_steps: u32,
    /// Kinds of rows that could not be pruned; the next invocation tries again.
    pub prune_errors: u32,
    /// Unfinished turns that nobody has got on with for more than 5 minutes, at the last look.
    pub stalled: u32,
    /// Conversations touched in the last 5 minutes in which head, messages, journal and agents' states do not fit together, at the
    /// last look; 200 are looked at.
    pub inconsistent: u32,
}

impl Turns {
    /// Looks for what is due: one round trip, and nothing is deleted.
    ///
    /// # Errors
    /// [`TurnError`] when the database cannot be asked.
    pub async fn look(&self, deadline: Deadline) -> Result<Look, TurnError> {
        self.say_what_is_unsaid(deadline).await?;
        let swept = control_store::sweep(&self.db, BATCH, self.retention, deadline).await?;
        if let Some(anchor) = &swept.audit_anchor {
            // The log of the functions is kept elsewhere: what is cut from the audit log is missing beside this line.
            tracing::info!(audit_anchor = %anchor, "audit anchor");
        }
        Ok(Look { swept })
    }

    /// Finishes what a look found and looks again, until nothing is left that was not tried or the time is over; then forgets what
    /// is too old. What fails is counted and costs nothing else.
    pub async fn resume_due(&self, first: Look, deadline: Deadline) -> SweepReport {
        let (mut report, mut work, mut tried) = (SweepReport::default(), Work::default(), BTreeSet::new());
        let mut look = first;
        loop {
            (report.stalled, report.inconsistent) = (look.swept.stalled, look.swept.inconsistent);
            let is_full = look.swept.due.len() >= BATCH as usize;
            let due: Vec<_> = look.swept.due.drain(..).filter(|due| !tried.contains(&place_of(due))).collect();
            let ended = report.finished + report.given_up;
            let mut is_time_left = !due.is_empty();
            for due in due {
                is_time_left = self.has_time(deadline);
                if !is_time_left {
                    break;
                }
                report.found += 1;
                tried.insert(place_of(&due));
                if self.resume(&due, deadline, &mut report, &mut work).await {
                    // What waited behind it may be due.
                    tried.remove(&place_of(&due));
                }
            }
            // What failed, or does not fit into the time left, is no further in a moment.
            if !is_time_left || !(is_full || report.finished + report.given_up > ended) {
                break;
            }
            look = match self.look(deadline).await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "what else is due could not be asked");
                    report.errors += 1;
                    break;
                }
            };
        }
        self.prune(&look.swept.prunable, deadline, &mut report).await;
        work.runs_failed += report.given_up;
        work.report(self.db.metrics());
        self.db.metrics().add(Metric::WorkflowStalled, report.stalled);
        self.db.metrics().add(Metric::AgentStateInconsistencies, report.inconsistent);
        report
    }

    fn has_time(&self, deadline: Deadline) -> bool {
        self.limits.reserve + LEAST_TIME < deadline.remaining()
    }

    /// Goes on in one conversation; whether its run is over.
    async fn resume(&self, due: &Due, deadline: Deadline, report: &mut SweepReport, work: &mut Work) -> bool {
        let Ok(conversation) = ConversationId::parse(&due.conversation_id) else {
            report.errors += 1;
            return false;
        };
        let before = report.finished + report.given_up;
        let gone_on = match due.give_up {
            true => self.give_up(due.user_id.into(), &conversation, deadline, report).await,
            false => self.finish(due.user_id.into(), &conversation, deadline, report, work).await,
        };
        if let Err(error) = gone_on {
            self.db.metrics().persisted(false);
            tracing::error!(error = &error as &dyn std::error::Error, "a due run could not be gone on with");
            report.errors += 1;
        }
        report.finished + report.given_up > before
    }

    /// Finishes the run, and answers what waits behind it.
    async fn finish(
        &self,
        user: UserId,
        conversation: &ConversationId,
        deadline: Deadline,
        report: &mut SweepReport,
        work: &mut Work,
    ) -> Result<(), TurnError> {
        for _ in 0..=QUEUE {
            let place = Place { user, conversation, holder: HolderId::new() };
            match self.go_on(place, deadline, work).await? {
                Some(Worked::Answered { has_next, .. }) => {
                    self.db.metrics().persisted(true);
                    report.finished += 1;
                    if !has_next || !self.has_time(deadline) {
                        break;
                    }
                }
                Some(Worked::Suspended { .. }) => {
                    report.suspended += 1;
                    break;
                }
                Some(Worked::Cancelled | Worked::Fenced | Worked::Gone) | None => {
                    report.taken += 1;
                    break;
                }
            }
        }
        Ok(())
    }

    /// Ends a run that is hopeless: no step of it is begun, and none is committed.
    async fn give_up(
        &self,
        user: UserId,
        conversation: &ConversationId,
        deadline: Deadline,
        report: &mut SweepReport,
    ) -> Result<(), TurnError> {
        let answer = agents::could_not_answer_anybody();
        match control_store::turn_give_up(&self.db, user, conversation, &answer, deadline).await? {
            GivenUp::Failed { run, reason } => {
                tracing::error!(run_id = %run, reason, "run failed");
                report.given_up += 1;
            }
            GivenUp::NotDue => report.taken += 1,
        }
        Ok(())
    }

    /// Forgets what is too old, each kind for itself.
    async fn prune(&self, kinds: &[String], deadline: Deadline, report: &mut SweepReport) {
        for kind in kinds {
            while self.has_time(deadline) {
                match control_store::prune(&self.db, kind, self.retention, deadline).await {
                    Ok(rows) => {
                        match kind.as_str() {
                            "requests" => report.expired_requests += rows,
                            "journal" => report.pruned_steps += rows,
                            _ => {}
                        }
                        if rows < PRUNED_AT_ONCE {
                            break;
                        }
                    }
                    Err(error) => {
                        tracing::error!(error = &error as &dyn std::error::Error, kind, "old rows could not be pruned");
                        report.prune_errors += 1;
                        break;
                    }
                }
            }
        }
    }
}

fn place_of(due: &Due) -> (uuid::Uuid, String) {
    (due.user_id, due.conversation_id.clone())
}
