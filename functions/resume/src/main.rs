//! Once a minute: finds turns that were abandoned or put off, and messages that wait, and goes on with them although nobody
//! asks; and sends the mails that wait. No route; the schedule in template.yaml invokes it.

use lambda_runtime::Error;
use shared::app::App;
use shared::clock::Deadline;
use shared::schedule::{self, Report};
use shared::workflow::TurnError;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    schedule::run(App::load, resume).await
}

async fn resume(app: App, deadline: Deadline) -> Result<Report, TurnError> {
    app.report_due_facts();
    let turns = app.turns().resume_due(deadline).await?;
    let mails = match turns.mail_is_due {
        true => app.outbox().send_due(deadline).await?,
        false => Default::default(),
    };
    Ok(Report { turns, mails })
}
