//! `ops workflow list`.

use clap::{Args, ValueEnum};
use tokio_postgres::Transaction;

use super::store::{self, Run};
use super::text::{age, plain, table};
use crate::Result;

/// The arguments of `ops workflow list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Runs of one status, or all; without it: what is under way (messages that wait are, too) or failed.
    #[arg(long)]
    status: Option<Status>,
    /// How many at the most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    limit: u16,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Status {
    /// A worker has it, or had it when it died.
    Running,
    /// It is put off.
    Waiting,
    /// It was given up.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// It was answered.
    Completed,
    /// Any of them.
    All,
}

/// The table.
pub(super) async fn list(transaction: &Transaction<'_>, arguments: &ListArgs) -> Result<String> {
    let all = ["running", "waiting", "failed", "cancelled", "completed"];
    let (statuses, with_queue): (&[&str], bool) = match arguments.status {
        None => (&["running", "waiting", "failed"], true),
        Some(Status::Running) => (&["running"], false),
        Some(Status::Waiting) => (&["waiting"], false),
        Some(Status::Failed) => (&["failed"], false),
        Some(Status::Cancelled) => (&["cancelled"], false),
        Some(Status::Completed) => (&["completed"], false),
        Some(Status::All) => (&all, false),
    };
    let runs = store::runs(transaction, statuses, with_queue, arguments.limit.into()).await?;
    if runs.is_empty() {
        return Ok(match arguments.status {
            None => "no run is under way or failed\n".to_owned(),
            Some(_) => "no such run\n".to_owned(),
        });
    }
    let head =
        ["USER", "CONVERSATION", "RUN", "TYPE", "STATUS", "STEP", "ATTEMPT", "LEASE/WAKE", "QUEUED", "AGE", "REASON"];
    Ok(table(head, &runs.iter().map(cells).collect::<Vec<_>>()))
}

fn cells(run: &Run) -> [String; 11] {
    let under_way = |text: String| if run.is_under_way() { text } else { "-".to_owned() };
    [
        run.user.to_string(),
        plain(&run.conversation),
        run.run.to_string(),
        plain(&run.workflow_type),
        run.status.clone(),
        under_way(plain(&run.step)),
        under_way(run.attempt.to_string()),
        until(run),
        run.queued.to_string(),
        age(run.age_seconds),
        plain(run.reason.as_deref().unwrap_or("-")),
    ]
}

/// When somebody else may go on with the run.
pub(super) fn until(run: &Run) -> String {
    match (run.status.as_str(), run.until_seconds) {
        ("running", Some(left)) if left > 0.0 => format!("ends in {}", age(left)),
        ("running", Some(left)) => format!("abandoned for {}", age(-left)),
        ("waiting", Some(left)) if left > 0.0 => format!("due in {}", age(left)),
        ("waiting", Some(left)) => format!("due for {}", age(-left)),
        (_, _) => "-".to_owned(),
    }
}
