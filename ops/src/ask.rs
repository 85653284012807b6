//! `cargo ask "…"`: a demo user asks a question of the running `cargo dev` and reads the answer as text.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use launcher::process::random_hex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::dev::{DevState, write_private};
use crate::{OpsError, Result};

/// The arguments of `ops ask`.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// Where the data of `cargo dev` rests.
    #[arg(long)]
    folder: PathBuf,
    /// The question.
    #[arg(required = true)]
    question: Vec<String>,
}

/// The demo user's log-in and conversation.
#[derive(Serialize, Deserialize)]
struct DemoUser {
    email: String,
    password: String,
    conversation: String,
}

/// Asks, and prints the answer with the command that would do the same.
///
/// # Errors
/// When `cargo dev` does not run, or the API refuses; the API's own words are in the text.
pub async fn run(arguments: &AskArgs) -> Result<()> {
    let state = DevState::read(&arguments.folder)?;
    if !state.is_running() {
        return Err(OpsError::said("nothing is running; start it in another terminal with: cargo dev"));
    }
    let client = reqwest::Client::new();
    let user = demo_user(&arguments.folder)?;
    let token = sign_in(&client, &state.url, &user).await?;
    let body = json!({ "message": arguments.question.join(" "), "conversation_id": user.conversation });
    let (_, answer) = post(&client, &format!("{}/chat/navigator", state.url), &body, Some(&token)).await?;
    let content = answer["message"]["content"].as_str().ok_or_else(|| OpsError::said(problem(&answer)))?;
    println!("{content}\n");
    for citation in answer["citations"].as_array().into_iter().flatten() {
        println!(
            "  source: {} {}",
            citation["title"].as_str().unwrap_or_default(),
            citation["url"].as_str().unwrap_or_default()
        );
    }
    println!(
        "\nThe same with curl:\n  curl -s {url}/chat/navigator -H 'authorization: Bearer {token}' -H 'content-type: application/json' -d '{body}'",
        url = state.url,
        body = body.to_string().replace('\'', "'\\''"),
    );
    Ok(())
}

fn demo_user(folder: &Path) -> Result<DemoUser> {
    let path = folder.join("demo-user.json");
    if let Some(user) = fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str(&text).ok()) {
        return Ok(user);
    }
    let user = DemoUser {
        email: format!("demo-{}@example.org", random_hex(4)?),
        password: random_hex(16)?,
        conversation: "demo".to_owned(),
    };
    write_private(&path, &serde_json::to_string(&user).map_err(|error| OpsError::said(error.to_string()))?)?;
    Ok(user)
}

/// Logs in, and registers first when nobody knows the demo user (a reset database).
async fn sign_in(client: &reqwest::Client, url: &str, user: &DemoUser) -> Result<String> {
    let credentials = json!({ "email": user.email, "password": user.password });
    let (status, mut reply) = post(client, &format!("{url}/login"), &credentials, None).await?;
    if status == 401 {
        let account = json!({ "email": user.email, "password": user.password, "full_name": "Demo User" });
        (_, reply) = post(client, &format!("{url}/register"), &account, None).await?;
    }
    reply["access_token"].as_str().map(ToOwned::to_owned).ok_or_else(|| OpsError::said(problem(&reply)))
}

async fn post(client: &reqwest::Client, url: &str, body: &Value, token: Option<&str>) -> Result<(u16, Value)> {
    let mut request = client.post(url).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let failed = |error: reqwest::Error| OpsError::said(format!("{url} does not answer: {error}"));
    let response = request.send().await.map_err(failed)?;
    let status = response.status().as_u16();
    Ok((status, response.json().await.map_err(failed)?))
}

fn problem(reply: &Value) -> String {
    let text = |name: &str| reply[name].as_str().unwrap_or_default();
    format!("{}: {}", text("title"), text("detail"))
}
