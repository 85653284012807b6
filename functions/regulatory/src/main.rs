//! `GET /regulatory`, `GET /regulatory/{id}`, `POST /regulatory`: the official texts, searched, read, added; and
//! `GET /regulatory/deadlines/{rule}`, `…/calendar`: the deadline calculator.

use lambda_http::Error;
use shared::app::App;
use shared::http::{self, Problem, Reply, Request, Router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let router = Router::new()
        .get("/regulatory", search)
        .get("/regulatory/{id}", read)
        .post("/regulatory", create)
        .get("/regulatory/deadlines/{rule}", last_day)
        .get("/regulatory/deadlines/{rule}/calendar", calendar);
    http::run(App::load, router).await
}

async fn search(app: App, request: Request) -> Result<Reply, Problem> {
    let principal = request.principal()?;
    let query = request.search_query()?;
    let results = app.regulatory().search(principal, &query, request.deadline()).await?;
    Ok(Reply::ok(&results))
}

async fn read(app: App, request: Request) -> Result<Reply, Problem> {
    let principal = request.principal()?;
    let id = request.document_id()?;
    let document = app.regulatory().read(principal, id, request.deadline()).await?;
    Ok(Reply::ok(&document))
}

async fn create(app: App, request: Request) -> Result<Reply, Problem> {
    let document = request.new_document()?;
    let role = request.role()?.as_str();
    let stored = app.regulatory().create(request.principal()?, role, &document, request.deadline()).await?;
    Ok(Reply::stored(stored))
}

async fn last_day(app: App, request: Request) -> Result<Reply, Problem> {
    let query = request.last_day_query()?;
    Ok(Reply::ok(&app.regulatory().last_day(&query)?))
}

async fn calendar(app: App, request: Request) -> Result<Reply, Problem> {
    let query = request.last_day_query()?;
    Ok(Reply::calendar(app.regulatory().calendar(&query)?, &query.rule))
}
