//! Once a minute: finds turns that were abandoned or put off, and messages that wait, and goes on with them although nobody
//! asks; and sends the mails that wait. No route; the schedule in template.yaml invokes it.

use std::time::Duration;

use lambda_runtime::Error;
use shared::app::App;
use shared::clock::Deadline;
use shared::schedule::{self, Report};
use shared::workflow::TurnError;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    Box::pin(schedule::run(App::load, resume)).await
}

/// Mails come first, with a share of the time: a run that kills this process must not keep a password's reset from its owner.
const MAILS: Duration = Duration::from_secs(20);

async fn resume(app: App, deadline: Deadline) -> Result<Report, TurnError> {
    app.report_due_facts();
    let look = app.turns().look(deadline).await?;
    let mails = match look.mail_is_due() {
        true => app.outbox().send_due(deadline.capped(MAILS)).await,
        false => Ok(Default::default()),
    };
    let turns = app.turns().resume_due(look, deadline).await;
    Ok(Report { turns, mails: mails? })
}
