//! `GET /health`, `GET /health/ready`, `GET /`; also the HTTP API's `$default` route, so that an unknown path and a wrong
//! method get the same kind of answer as every other mistake.

use lambda_http::Error;
use shared::app::App;
use shared::http::{self, Problem, ROUTES, Reply, Request, Router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    http::run(App::load, Router::new().get("/", index).get("/health", live).get("/health/ready", ready)).await
}

async fn index(_app: App, _request: Request) -> Result<Reply, Problem> {
    Ok(Reply::ok(&serde_json::json!({ "name": "Insurance Navigator", "routes": ROUTES })))
}

async fn live(_app: App, _request: Request) -> Result<Reply, Problem> {
    Ok(Reply::ok(&serde_json::json!({ "status": "ok" })))
}

async fn ready(app: App, request: Request) -> Result<Reply, Problem> {
    let migration = app.readiness().check(request.deadline().capped(std::time::Duration::from_secs(1))).await?;
    Ok(Reply::ok(&serde_json::json!({ "status": "ready", "migration": migration })))
}
