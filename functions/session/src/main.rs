//! Sessions and the own account: `POST /token/refresh`, `POST /logout`, `/me…`, and the mails that reset a password or verify an
//! address.

use lambda_http::Error;
use shared::app::App;
use shared::auth::opaque::Verification;
use shared::http::{self, Problem, Reply, Request, Router};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let router = Router::new()
        .post("/token/refresh", refresh)
        .post("/logout", log_out)
        .get("/me", read)
        .patch("/me", rename)
        .delete("/me", delete)
        .get("/me/export", export)
        .post("/me/password", change_password)
        .post("/password-reset", ask_for_reset)
        .post("/password-reset/confirm", reset_password)
        .post("/email-verification", ask_for_verification)
        .post("/email-verification/confirm", verify_email);
    http::run(App::load, router).await
}

async fn refresh(app: App, request: Request) -> Result<Reply, Problem> {
    let token = request.refresh_token()?;
    Ok(Reply::ok(&app.accounts().refresh(&token, request.origin(), request.deadline()).await?))
}

async fn log_out(app: App, request: Request) -> Result<Reply, Problem> {
    let scope = request.log_out_scope()?;
    app.accounts().log_out(request.principal()?, scope, request.deadline()).await?;
    Ok(Reply::no_content())
}

async fn read(app: App, request: Request) -> Result<Reply, Problem> {
    Ok(Reply::ok(&app.accounts().read(request.principal()?, request.deadline()).await?))
}

async fn rename(app: App, request: Request) -> Result<Reply, Problem> {
    let full_name = request.full_name()?;
    Ok(Reply::ok(&app.accounts().rename(request.principal()?, &full_name, request.deadline()).await?))
}

async fn delete(app: App, request: Request) -> Result<Reply, Problem> {
    let password = request.proof()?;
    app.accounts().delete(request.principal()?, password, request.deadline()).await?;
    Ok(Reply::no_content())
}

async fn export(app: App, request: Request) -> Result<Reply, Problem> {
    let after = request.export_cursor()?;
    Ok(Reply::ok(&app.accounts().export(request.principal()?, after, request.deadline()).await?))
}

async fn change_password(app: App, request: Request) -> Result<Reply, Problem> {
    let change = request.password_change()?;
    app.accounts().change_password(request.principal()?, change, request.deadline()).await?;
    Ok(Reply::no_content())
}

async fn ask_for_reset(app: App, request: Request) -> Result<Reply, Problem> {
    let email = request.forgotten_address()?;
    app.accounts().ask_for_reset(email.as_str(), request.origin(), request.deadline()).await?;
    Ok(Reply::mail_asked())
}

async fn reset_password(app: App, request: Request) -> Result<Reply, Problem> {
    let (secret, new) = request.reset()?;
    app.accounts().reset_password(&secret, new, request.origin(), request.deadline()).await?;
    Ok(Reply::no_content())
}

async fn ask_for_verification(app: App, request: Request) -> Result<Reply, Problem> {
    Ok(Reply::verification(app.accounts().ask_for_verification(request.principal()?, request.deadline()).await?))
}

async fn verify_email(app: App, request: Request) -> Result<Reply, Problem> {
    let secret = request.secret::<Verification>()?;
    app.accounts().verify_email(&secret, request.origin(), request.deadline()).await?;
    Ok(Reply::no_content())
}
