//! `GET /conversations`, `GET /conversations/{conversation_id}/history`, `DELETE /conversations/{conversation_id}`: a person's
//! conversations and their messages.

use lambda_http::Error;
use shared::app::App;
use shared::http::{self, Problem, Reply, Request, Router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let router = Router::new()
        .get("/conversations", list)
        .get("/conversations/{conversation_id}/history", history)
        .delete("/conversations/{conversation_id}", delete);
    http::run(App::load, router).await
}

async fn list(app: App, request: Request) -> Result<Reply, Problem> {
    let query = request.list_query()?;
    Ok(Reply::ok(&app.conversations().list(request.principal()?, &query, request.deadline()).await?))
}

async fn history(app: App, request: Request) -> Result<Reply, Problem> {
    let query = request.history_query()?;
    let page = app.conversations().history(request.principal()?, &query, request.deadline()).await?;
    Ok(Reply::page(&query, &page))
}

async fn delete(app: App, request: Request) -> Result<Reply, Problem> {
    let conversation = request.conversation_id()?;
    app.conversations().delete(request.principal()?, &conversation, request.deadline()).await?;
    Ok(Reply::no_content())
}
