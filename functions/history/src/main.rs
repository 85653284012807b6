//! `GET /conversations/{conversation_id}/history`: a conversation's messages for its owner.

use lambda_http::Error;
use shared::app::App;
use shared::http::{self, Problem, Reply, Request, Router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    http::run(App::load, Router::new().get("/conversations/{conversation_id}/history", history)).await
}

async fn history(app: App, request: Request) -> Result<Reply, Problem> {
    let principal = request.principal(&app)?;
    let query = request.history_query()?;
    let page = app.conversations().history(&principal, &query, request.deadline()).await?;
    Ok(Reply::page(&query, &page))
}
