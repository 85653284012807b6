//! The durable turn: a message is answered step by step, and each step is committed before the next begins.
//!
//! Invariants: the SQL functions of migrations 008 and 009 are the only writers, one round trip each; a repeated commit
//! carries the same commit id; a worker that is told `fenced` or `cancelled` stops at once; decisions are made by `state`,
//! which knows no I/O and no clock; nothing is said to be stored before its commit was acknowledged, and nothing else is done
//! between that and the reply; between invocations no statement is sent.

mod accepted;
mod answer;
mod control;
mod control_store;
mod definition;
mod error;
mod message;
mod release;
mod resume;
#[cfg(feature = "testing")]
pub mod stand_in;
mod state;
mod status;
pub mod step;
mod store;
mod trace;
pub mod usage;

use std::time::Duration;

use tokio::time::timeout;

pub use accepted::{Accepted, Turn};
pub use answer::TurnAnswer;
pub use control::{ControlError, WorkflowControl};
pub use error::TurnError;
pub use message::{Message, MessageError, MetadataError, NewTurn, TurnMetadata, WhenBusy, WhenBusyError};
pub use resume::{Look, SweepReport};
pub use state::StateError;
pub use status::RunStatus;
pub use step::{Step, WorkflowType};

use crate::agents::{self, StepError, StepOutput};
use crate::auth::{Principal, Refusal};
use crate::clock::{Clock, Deadline, Stopwatch};
use crate::config::Retention;
use crate::db::{Db, DbError, Statement};
use crate::ids::{CommitId, ConversationId, HolderId, RunId, UserId};
use crate::llm::Advisor;
use state::{AfterFailure, Limits, Plan, Run};
use store::{Begun, Committed, Deferred, Grant};
use usage::{Usage, Work};

/// How many runs that stand before its own a request finishes.
const MAX_DRAINS: usize = 3;

/// Every statement of the workflow.
pub fn statements() -> Vec<&'static Statement> {
    [&store::STATEMENTS[..], &control_store::STATEMENTS[..]].concat()
}

/// The durable turns of this execution environment. Cheap to clone.
#[derive(Clone)]
pub struct Turns {
    db: Db,
    clock: Clock,
    limits: Limits,
    retention: Retention,
    advisor: Option<Advisor>,
    unsaid: release::Unsaid,
    #[cfg(feature = "testing")]
    stand_in: Option<stand_in::StandIn>,
}

/// Whose run, and as whom this worker holds it.
#[derive(Clone, Copy)]
struct Place<'a> {
    user: UserId,
    conversation: &'a ConversationId,
    holder: HolderId,
}

/// How work on a run ended.
enum Worked {
    Answered { response: String, has_next: bool },
    Suspended { run: Box<Run>, pause: Duration },
    Cancelled,
    Fenced,
    Gone,
}

impl Turns {
    /// Turns over a database; `reserve` is what is kept of an invocation's time beside what its deadline already keeps.
    pub fn new(db: Db, clock: Clock, reserve: Duration, retention: Retention) -> Self {
        Self {
            db,
            clock,
            limits: Limits { reserve },
            retention,
            advisor: None,
            unsaid: release::Unsaid::default(),
            #[cfg(feature = "testing")]
            stand_in: None,
        }
    }

    /// Turns whose steps ask a language model for advice.
    #[must_use]
    pub fn with_advisor(mut self, advisor: Advisor) -> Self {
        self.advisor = Some(advisor);
        self
    }

    /// Turns whose steps are a stand-in's.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn with_stand_in(mut self, stand_in: stand_in::StandIn) -> Self {
        self.stand_in = Some(stand_in);
        self
    }

    /// Answers a message, or goes on where an earlier invocation stopped, or replays the stored answer; when the time is not
    /// enough, says that it goes on later.
    ///
    /// # Errors
    /// [`TurnError`]. After any of them the same request with the same key is safe to send again.
    pub async fn take(&self, principal: &Principal, turn: &NewTurn, deadline: Deadline) -> Result<Turn, TurnError> {
        let mut work = Work::default();
        let taken = self.take_counted(principal, turn, deadline, &mut work).await;
        work.report(self.db.metrics());
        taken
    }

    async fn take_counted(
        &self,
        principal: &Principal,
        turn: &NewTurn,
        deadline: Deadline,
        work: &mut Work,
    ) -> Result<Turn, TurnError> {
        self.say_what_is_unsaid(deadline).await?;
        let (run, holder) = (RunId::new(), HolderId::new());
        let place = Place { user: principal.user, conversation: &turn.conversation, holder };
        for _ in 0..=MAX_DRAINS {
            let begun = store::turn_begin(&self.db, principal, turn, run, holder, self.claim(deadline), deadline).await;
            let begun = begun.inspect_err(|error| self.begun_in_vain(place, error))?;
            trace::begun(&begun);
            match begun {
                begun @ (Begun::Started(_) | Begun::Resumed(_)) => {
                    let (Begun::Started(grant) | Begun::Resumed(grant)) = count(begun, work) else { continue };
                    match self.work(place, *grant, deadline, work).await? {
                        // At once: what waits behind it is its own client's next request's, or the schedule's.
                        Worked::Answered { response, .. } => {
                            return Ok(Turn::Answered(TurnAnswer { response, replayed: false }));
                        }
                        Worked::Suspended { run, pause } => {
                            return Ok(Turn::Accepted(Accepted::suspended(turn, &run, pause)));
                        }
                        Worked::Fenced => return Err(TurnError::InProgress { retry_ms: state::RETRY_MS }),
                        Worked::Gone => return Err(Refusal::SessionEnded.into()),
                        // The next look finds the stored answer.
                        Worked::Cancelled => {}
                    }
                }
                Begun::Drain(grant) => match self.work(place, *grant, deadline, work).await? {
                    Worked::Answered { .. } | Worked::Cancelled => {}
                    Worked::Suspended { .. } => return Err(TurnError::Unfinished { retry_ms: state::RETRY_MS }),
                    Worked::Fenced => return Err(TurnError::Busy { retry_ms: state::RETRY_MS }),
                    Worked::Gone => return Err(Refusal::SessionEnded.into()),
                },
                Begun::Replay { response } => return Ok(Turn::Answered(TurnAnswer { response, replayed: true })),
                Begun::Queued { run_id, workflow_type, retry_ms } => {
                    return Ok(Turn::Accepted(Accepted::queued(turn, run_id.into(), &workflow_type, retry_ms)));
                }
                Begun::InProgress { retry_ms } => return Err(TurnError::InProgress { retry_ms: spread(retry_ms) }),
                Begun::Busy { retry_ms } => return Err(TurnError::Busy { retry_ms: spread(retry_ms) }),
                Begun::Mismatch => return Err(TurnError::KeyReused),
                Begun::NotMine { retry_ms } => return Err(TurnError::NotMine { retry_ms }),
                Begun::Deleted => return Err(TurnError::Deleted),
                Begun::Archived => return Err(TurnError::Archived),
                Begun::Refused { refusal } => return Err(store::refused(&refusal)),
                Begun::Idle => break,
            }
        }
        Err(TurnError::Unfinished { retry_ms: state::RETRY_MS })
    }

    /// Goes on with the conversation's run that is due, or with its oldest waiting message; `None` when there is nothing.
    async fn go_on(&self, place: Place<'_>, deadline: Deadline, work: &mut Work) -> Result<Option<Worked>, TurnError> {
        let begun = store::turn_resume(&self.db, place, self.claim(deadline), deadline).await;
        let begun = begun.inspect_err(|error| self.begun_in_vain(place, error))?;
        trace::begun(&begun);
        match count(begun, work) {
            Begun::Started(grant) | Begun::Resumed(grant) | Begun::Drain(grant) => {
                self.work(place, *grant, deadline, work).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Runs the remaining steps.
    async fn work(
        &self,
        place: Place<'_>,
        grant: Grant,
        deadline: Deadline,
        work: &mut Work,
    ) -> Result<Worked, TurnError> {
        let mut run = Run::from_grant(grant);
        loop {
            let (budget, clock) = (self.budget(run.step()), Stopwatch::start());
            let outcome = match run.plan(budget, deadline.remaining(), self.limits) {
                Plan::GiveUp(reason) => run.give_up(reason),
                Plan::Suspend => {
                    return self.defer(place, run, Duration::ZERO, None, deadline, work).await;
                }
                Plan::Work { timeout: limit } => {
                    let attempt = timeout(limit, self.run_step(&run, place.conversation, limit)).await;
                    match attempt.unwrap_or(Err(StepError::TimedOut)) {
                        Ok((output, usage)) => {
                            trace::step(&run, &output, clock.elapsed());
                            work.without_model += u32::from(Advisor::has_failed(&output));
                            run.complete(output, usage)
                        }
                        Err(error) => {
                            trace::failed(&run, &error, clock.elapsed());
                            let spread = uuid::Uuid::new_v4().as_bytes()[0];
                            match run.after_failure(&error, budget, deadline.remaining(), self.limits, spread) {
                                AfterFailure::GiveUp(reason) => run.give_up(reason),
                                AfterFailure::Suspend { pause } => {
                                    return self.defer(place, run, pause, Some(&error), deadline, work).await;
                                }
                                AfterFailure::Retry { pause } => {
                                    if let Some(stop) = self.pause(place, &mut run, pause, &error, deadline).await? {
                                        return Ok(stop);
                                    }
                                    continue;
                                }
                            }
                        }
                    }
                }
            };
            let lease = state::lease(budget, deadline.remaining());
            let commit = run.commit(outcome, place.conversation, clock.elapsed(), lease, CommitId::new())?;
            let committed = self.commit(place, &commit, deadline).await?;
            trace::committed(&run, &committed);
            match committed {
                Committed::Stored { has_next, evidence } => {
                    work.committed(commit.usage.as_ref(), &commit.wasted);
                    work.runs_completed += u32::from(commit.status == RunStatus::Completed);
                    work.runs_failed += u32::from(commit.status == RunStatus::Failed);
                    if let Some(response) = run.advance(commit, evidence) {
                        return Ok(Worked::Answered { response, has_next });
                    }
                }
                Committed::Fenced => return Ok(Worked::Fenced),
                Committed::Cancelled => return Ok(Worked::Cancelled),
                Committed::Gone => return Ok(Worked::Gone),
            }
        }
    }

    /// Gives the run back, to be gone on with after `pause`.
    async fn defer(
        &self,
        place: Place<'_>,
        mut run: Run,
        pause: Duration,
        error: Option<&StepError>,
        deadline: Deadline,
        work: &mut Work,
    ) -> Result<Worked, TurnError> {
        let deferral = run.deferral(RunStatus::Waiting, pause, error);
        let deferred = store::step_defer(&self.db, place, &deferral, deadline).await;
        if let (Err(refused), None) = (&deferred, error) {
            self.hand_back(place, refused, deadline).await;
        }
        let deferred = deferred?;
        trace::deferred(&run, &deferred, pause);
        Ok(match deferred {
            Deferred::Stored => {
                work.runs_suspended += 1;
                run.failed(deferral);
                Worked::Suspended { run: Box::new(run), pause }
            }
            Deferred::Fenced => Worked::Fenced,
            Deferred::Cancelled => Worked::Cancelled,
            Deferred::Gone => Worked::Gone,
        })
    }

    /// Keeps the run for another attempt after `pause`; `Some` when it is no longer this worker's.
    async fn pause(
        &self,
        place: Place<'_>,
        run: &mut Run,
        pause: Duration,
        error: &StepError,
        deadline: Deadline,
    ) -> Result<Option<Worked>, TurnError> {
        let lease = pause + state::lease(self.budget(run.step()), deadline.remaining());
        let deferral = run.deferral(RunStatus::Running, lease, Some(error));
        let deferred = store::step_defer(&self.db, place, &deferral, deadline).await?;
        trace::deferred(run, &deferred, pause);
        match deferred {
            Deferred::Stored => {
                run.failed(deferral);
                tokio::time::sleep(pause).await;
                Ok(None)
            }
            Deferred::Fenced => Ok(Some(Worked::Fenced)),
            Deferred::Cancelled => Ok(Some(Worked::Cancelled)),
            Deferred::Gone => Ok(Some(Worked::Gone)),
        }
    }

    /// Commits the step; a worker that lives, and whose commit is not stored all the same, says so.
    async fn commit(&self, place: Place<'_>, commit: &state::Commit, deadline: Deadline) -> Result<Committed, DbError> {
        let committed = self.send_commit(place, commit, deadline).await;
        match &committed {
            Err(error) => self.hand_back(place, error, deadline).await,
            Ok(Committed::Fenced) => self.was_overtaken(place, deadline).await,
            Ok(_) => {}
        }
        committed
    }

    async fn send_commit(
        &self,
        place: Place<'_>,
        commit: &state::Commit,
        deadline: Deadline,
    ) -> Result<Committed, DbError> {
        let send = store::step_commit(&self.db, place, commit, self.clock.today(), deadline);
        #[cfg(feature = "testing")]
        if let Some(stand_in) = &self.stand_in {
            return stand_in.commit(send, commit).await;
        }
        send.await
    }

    fn claim(&self, deadline: Deadline) -> store::Claim {
        // Whichever step comes next: a lease that ends within it would let a second worker begin it too.
        let longest = Step::ALL.iter().map(|step| self.budget(*step)).max_by_key(|budget| budget.timeout);
        let lease = state::lease(longest.unwrap_or_else(|| Step::SecurityCheck.budget()), deadline.remaining());
        store::Claim { lease, today: self.clock.today() }
    }

    async fn run_step(
        &self,
        run: &Run,
        conversation: &ConversationId,
        time: Duration,
    ) -> Result<(StepOutput, Option<Usage>), StepError> {
        #[cfg(feature = "testing")]
        if let Some(stand_in) = &self.stand_in {
            return stand_in.run_step(run, conversation).await;
        }
        let _only_stand_ins_ask_for_it = conversation;
        let input = run.step_input(self.clock.today());
        match &self.advisor {
            Some(advisor) => advisor.step(&input, run.tokens_today(), time).await,
            None => Ok((agents::run_step(&input).await?, None)),
        }
    }

    fn budget(&self, step: Step) -> step::StepBudget {
        #[cfg(feature = "testing")]
        if let Some(stand_in) = &self.stand_in {
            return stand_in.budget();
        }
        self.advisor.as_ref().map_or_else(|| step.budget(), |advisor| advisor.budget(step))
    }
}

/// Between half of a waiting time and all of it: clients that wait for the same lease must not come back together. One that
/// is early waits for the rest.
fn spread(milliseconds: u64) -> u64 {
    milliseconds - milliseconds * u64::from(uuid::Uuid::new_v4().as_bytes()[0]) / 512
}

/// Counts how a run began.
fn count(begun: Begun, work: &mut Work) -> Begun {
    match begun {
        Begun::Started(_) => work.runs_started += 1,
        Begun::Resumed(_) | Begun::Drain(_) => work.runs_resumed += 1,
        _ => {}
    }
    begun
}
