//! `ops workflow retry` and `ops workflow cancel`.

use shared::agents;
use tokio_postgres::Transaction;

use super::Found;
use super::store::{self, Run};
use super::text::{age, count, plain};
use crate::database::Purpose;
use crate::{OpsError, Result};

/// Makes a run that nobody holds due, with its attempts counted from one again.
pub(super) async fn retry(transaction: &Transaction<'_>, which: &Found) -> Result<String> {
    let run = store::run(transaction, which, Purpose::Change).await?;
    if let Some(refusal) = refusal_to_retry(&run) {
        return Err(OpsError::said(refusal));
    }
    store::run_retry(transaction, which).await?;
    Ok(format!(
        "run {} is due now, at attempt 1 of {}; the resume function or the next request takes it up\n",
        run.run,
        plain(&run.step)
    ))
}

/// Cancels the run under way, with the words of the owner's route.
pub(super) async fn cancel(transaction: &Transaction<'_>, which: &Found) -> Result<String> {
    let run = store::run(transaction, which, Purpose::Change).await?;
    match run.status.as_str() {
        "running" | "waiting" => {
            let answer = agents::cancelled();
            let parts = answer.without_content();
            let parts = parts.map_err(|error| OpsError::said(format!("the answer cannot be written down: {error}")))?;
            store::run_cancel(transaction, which, &answer.content, &parts).await?;
            Ok(format!("run {} is cancelled, and the conversation says so{}\n", run.run, behind(&run)))
        }
        "cancelled" => Ok(format!("run {} was cancelled before; nothing was changed{}\n", run.run, behind(&run))),
        status => Err(OpsError::said(format!(
            "run {} is {status}: it has its answer, and it is too late to cancel it{}",
            run.run,
            behind(&run)
        ))),
    }
}

fn refusal_to_retry(run: &Run) -> Option<String> {
    let (id, conversation, user) = (run.run, plain(&run.conversation), run.user);
    match (run.status.as_str(), run.until_seconds) {
        ("waiting", _) => None,
        ("running", Some(left)) if left > 0.0 => Some(format!(
            "run {id} is being worked on, for {} at the most; wait for that, or end it with: ops workflow cancel {conversation} --user {user}",
            age(left.ceil())
        )),
        ("running", _) => None,
        ("failed", _) => Some(format!(
            "run {id} failed and its answer says so, which is not rewritten; the person asks again, with a new Idempotency-Key{}",
            behind(run)
        )),
        (status, _) => Some(format!(
            "run {id} is {status}: there is nothing left to do in it; a new question is a new request{}",
            behind(run)
        )),
    }
}

/// What becomes of the messages behind a run that is over.
fn behind(run: &Run) -> String {
    match run.queued {
        0 => String::new(),
        queued => format!("; the resume function answers the {} behind it", count(queued, "message", "messages")),
    }
}
