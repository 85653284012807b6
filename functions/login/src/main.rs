//! `POST /login`: an access token for an address and its password.

use lambda_http::Error;
use shared::app::App;
use shared::http::{self, Problem, Reply, Request, Router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    http::run(App::load, Router::new().post("/login", login)).await
}

async fn login(app: App, request: Request) -> Result<Reply, Problem> {
    let credentials = request.credentials()?;
    let signed_in = app.accounts().log_in(credentials, request.deadline()).await?;
    Ok(Reply::ok(&signed_in))
}
