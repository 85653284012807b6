//! `GET /conversations/{conversation_id}/workflow`, `POST …/workflow/cancel`: how far an answer is, and a way to stop it.

use lambda_http::Error;
use shared::app::App;
use shared::http::{self, Problem, Reply, Request, Router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let router = Router::new()
        .get("/conversations/{conversation_id}/workflow", status)
        .post("/conversations/{conversation_id}/workflow/cancel", cancel);
    http::run(App::load, router).await
}

async fn status(app: App, request: Request) -> Result<Reply, Problem> {
    let principal = request.principal()?;
    let conversation = request.conversation_id()?;
    let run = app.workflow().status(principal, &conversation, request.deadline()).await?;
    Ok(Reply::ok(&run))
}

async fn cancel(app: App, request: Request) -> Result<Reply, Problem> {
    let principal = request.principal()?;
    let conversation = request.conversation_id()?;
    let run = app.workflow().cancel(principal, &conversation, request.deadline()).await?;
    Ok(Reply::accepted(&run))
}
