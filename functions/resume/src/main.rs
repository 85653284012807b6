//! Once a minute: finds turns that were abandoned or put off, and messages that wait, and goes on with them although nobody
//! asks. No route; the schedule in template.yaml invokes it.

use lambda_runtime::Error;
use shared::app::App;
use shared::clock::Deadline;
use shared::schedule;
use shared::workflow::{SweepReport, TurnError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    schedule::run(App::load, resume).await
}

async fn resume(app: App, deadline: Deadline) -> Result<SweepReport, TurnError> {
    app.turns().resume_due(deadline).await
}
