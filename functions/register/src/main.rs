//! `POST /register`: a new account, logged in.

use lambda_http::Error;
use shared::app::App;
use shared::http::{self, Problem, Reply, Request, Router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    http::run(App::load, Router::new().post("/register", register)).await
}

async fn register(app: App, request: Request) -> Result<Reply, Problem> {
    let account = request.new_account()?;
    let signed_in = app.accounts().register(account, request.deadline()).await?;
    Ok(Reply::created(&signed_in))
}
