//! `POST /chat/navigator`: a question answered step by step, each step durable before the next begins.

use lambda_http::Error;
use shared::app::App;
use shared::http::{self, Problem, Reply, Request, Router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    http::run(App::load, Router::new().post("/chat/navigator", navigator)).await
}

async fn navigator(app: App, request: Request) -> Result<Reply, Problem> {
    let principal = request.principal()?;
    let turn = request.new_turn(principal)?;
    let taken = app.turns().take(principal, &turn, request.deadline()).await;
    Ok(Reply::turn(taken.map_err(|error| Problem::of_turn(error, &turn))?))
}
