//! The services as the functions have them, tried from a registration to its deletion through the functions' own URL.
//!
//! Invariant: whatever fails in between, the trial account is deleted.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use launcher::process::random_hex;
use secrecy::SecretString;
use serde_json::{Map, Value};
use shared::accounts::{Credentials, Email, FullName, LoginError, NewAccount};
use shared::app::App;
use shared::auth::password::NewPassword;
use shared::auth::{Origin, Principal};
use shared::clock::Deadline;
use shared::conversations::{HistoryError, HistoryQuery, ListQuery};
use shared::ids::{ConversationId, RequestKey};
use shared::workflow::{Message, NewTurn, Turn, TurnMetadata};
use tokio_postgres::Client;
use uuid::Uuid;

use super::store;
use crate::checks::{Report, Stop, Trouble};

/// Mails to it are accepted and thrown away: the mailbox simulator of Amazon SES, should the schedule be faster than the deletion.
const ADDRESS: (&str, &str) = ("success+navigator-setup-", "@simulator.amazonses.com");
/// The addresses of trials, for LIKE.
pub(crate) const ADDRESS_PATTERN: &str = "success+navigator-setup-%@simulator.amazonses.com";
/// No client comes from here (RFC 5737), so that its limits are nobody else's.
pub(super) const ORIGIN: &str = "192.0.2.1";
/// After so many minutes an account of a trial is one that was left over.
const LEFT_OVER_MINUTES: i32 = 10;

type Checked<T> = Result<(T, String), Trouble>;

/// Tries the services, then clears away what they made; `client` is the connection that set up.
pub(super) async fn exercise(report: &mut Report, app: &App, client: &mut Client) -> Result<(), Stop> {
    if let Ok(1..) = store::clear(client, LEFT_OVER_MINUTES, None).await {
        report.ok("user service", "an account that an earlier set-up left was deleted");
    }
    let trial = match report.check("user service", register(app)).await {
        Ok(trial) => trial,
        Err(stop) => {
            // Only counters can be left; the next set-up counts anew in any case.
            let _cleared = store::clear(client, LEFT_OVER_MINUTES, None).await;
            return Err(stop);
        }
    };
    let tried = try_out(report, app, &trial).await;
    let cleared = report.check("user service", delete(app, &trial, client)).await;
    tried.and(cleared)
}

async fn try_out(report: &mut Report, app: &App, trial: &Trial) -> Result<(), Stop> {
    report.check("user service", log_in(app, trial)).await?;
    report.check("conversation service", Box::pin(converse(app, &trial.principal))).await?;
    report.check("orchestrator", Box::pin(orchestrate(app, &trial.principal))).await
}

/// The account of this trial.
struct Trial {
    email: String,
    password: String,
    principal: Principal,
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

fn wrong(what: &str, error: impl std::error::Error) -> Trouble {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    Trouble::new(
        format!("{what}: {text}"),
        "roles and schema are made, and this service does not work with them: mend the cause, and run this again",
    )
}

fn unexpected(what: &str) -> Trouble {
    Trouble::new(what, "this is a mistake of this program or of a changed schema; please report it")
}

async fn register(app: &App) -> Checked<Trial> {
    let random = |bytes| random_hex(bytes).map_err(|error| unexpected(&error.0));
    let (email, password) = (format!("{}{}{}", ADDRESS.0, random(8)?, ADDRESS.1), random(24)?);
    let name = "Set-up";
    let new = NewAccount {
        email: Email::parse(&email).map_err(|error| wrong("the trial's address", error))?,
        password: NewPassword::parse(SecretString::from(password.clone()), &[&email, name])
            .map_err(|error| wrong("the trial's password", error))?,
        full_name: FullName::parse(name).map_err(|error| wrong("the trial's name", error))?,
        origin: Origin::parse(Some(ORIGIN)),
    };
    let signed_in = app.accounts().register(new, soon()).await.map_err(|error| wrong("nobody can register", error))?;
    let principal = app
        .tokens()
        .verify(&signed_in.access_token)
        .map_err(|error| wrong("the token that was issued is refused", error))?;
    if principal.user != signed_in.user.id {
        return Err(unexpected("the token names somebody else"));
    }
    Ok((Trial { email, password, principal }, "a trial account registers, and its token is good".to_owned()))
}

async fn log_in(app: &App, trial: &Trial) -> Checked<()> {
    let credentials = |password: &str| Credentials {
        email: trial.email.to_uppercase(),
        password: SecretString::from(password.to_owned()),
        origin: Origin::parse(Some(ORIGIN)),
    };
    match app.accounts().log_in(credentials("another password entirely"), soon()).await {
        Err(LoginError::WrongCredentials) => {}
        Ok(_) => return Err(unexpected("a wrong password is accepted")),
        Err(error) => return Err(wrong("nobody can log in", error)),
    }
    app.accounts()
        .log_in(credentials(&trial.password), soon())
        .await
        .map_err(|error| wrong("nobody can log in", error))?;
    let account = app
        .accounts()
        .read(&trial.principal, soon())
        .await
        .map_err(|error| wrong("the account cannot be read", error))?;
    if account.account.email != trial.email || account.sessions.len() != 2 {
        return Err(unexpected("the account is not what was registered"));
    }
    Ok(((), "logs in, is refused with a wrong password, reads its account".to_owned()))
}

fn turn(conversation: &str, message: &str) -> Result<NewTurn, Trouble> {
    Ok(NewTurn::new(
        ConversationId::parse(conversation).map_err(|error| wrong("a conversation's id", error))?,
        Message::parse(message).map_err(|error| wrong("a message", error))?,
        TurnMetadata::parse(Map::new()).map_err(|error| wrong("metadata", error))?,
        RequestKey::mint(),
    ))
}

/// The stored answer's JSON text, and whether it was stored before.
async fn answer(app: &App, principal: &Principal, turn: &NewTurn) -> Result<(String, bool), Trouble> {
    let taken = app.turns().take(principal, turn, soon()).await;
    match taken.map_err(|error| wrong("a message is not answered", error))? {
        Turn::Answered(answer) => Ok((answer.response, answer.replayed)),
        Turn::Accepted(_) => Err(Trouble::new(
            "a message was not answered within 20 s",
            "the database is far away or overloaded: run it again nearer to it, or choose a larger project",
        )),
    }
}

async fn messages(app: &App, principal: &Principal, turn: &NewTurn) -> Result<Vec<String>, HistoryError> {
    let conversation = turn.conversation.clone();
    let query = HistoryQuery { conversation, limit: 50, before: None, include_metadata: true };
    let page = app.conversations().history(principal, &query, soon()).await?;
    Ok(page.messages.into_iter().map(|message| message.content).collect())
}

async fn converse(app: &App, principal: &Principal) -> Checked<()> {
    let question = turn("setup-history", "What is a deductible?")?;
    let (response, _) = answer(app, principal, &question).await?;
    let said = messages(app, principal, &question).await.map_err(|error| wrong("the history cannot be read", error))?;
    let content = parse(&response)?["message"]["content"].as_str().unwrap_or_default().to_owned();
    if said != [question.message.as_str().to_owned(), content] {
        return Err(unexpected("the history is not the question and its answer"));
    }
    let list = ListQuery { limit: 10, after: None, metadata: None };
    app.conversations()
        .list(principal, &list, soon())
        .await
        .map_err(|error| wrong("conversations cannot be listed", error))?;
    let deleted = app.conversations().delete(principal, &question.conversation, soon()).await;
    deleted.map_err(|error| wrong("a conversation cannot be deleted", error))?;
    match messages(app, principal, &question).await {
        Err(HistoryError::Deleted) => {
            Ok(((), "a message and its answer are kept in order, listed, and deleted".to_owned()))
        }
        _ => Err(unexpected("a deleted conversation is still there")),
    }
}

async fn orchestrate(app: &App, principal: &Principal) -> Checked<()> {
    let dated = (Utc::now() - TimeDelta::days(3)).format("%B %-d, %Y");
    let question =
        turn("setup-turn", &format!("My plan denied my MRI. I have Medicare Advantage, the letter is dated {dated}."))?;
    let (response, _) = answer(app, principal, &question).await?;
    let steps = parse(&response)?["workflow"]["steps"].as_array().map_or(0, Vec::len);
    let run = app.workflow().status(principal, &question.conversation, soon()).await;
    let run = run.map_err(|error| wrong("the state of a run cannot be read", error))?;
    let run: Value = serde_json::to_value(&run).map_err(|error| wrong("the state of a run", error))?;
    let journal = run["steps"].as_array().map_or(0, Vec::len);
    if steps != 6 || journal != steps || run["status"] != "completed" {
        return Err(unexpected(&format!(
            "a turn of six steps has {steps}, its journal {journal}, and is {}",
            run["status"]
        )));
    }
    let (again, replayed) = answer(app, principal, &question).await?;
    if !replayed || again != response {
        return Err(unexpected("the same request sent again gets another answer"));
    }
    let said = messages(app, principal, &question).await.map_err(|error| wrong("the history cannot be read", error))?;
    match said.len() {
        2 => Ok(((), format!("a turn of {steps} steps is answered, journalled, and replayed byte for byte"))),
        count => Err(unexpected(&format!("a turn left {count} messages instead of 2"))),
    }
}

fn parse(response: &str) -> Result<Value, Trouble> {
    serde_json::from_str(response).map_err(|error| wrong("the answer is no JSON", error))
}

async fn delete(app: &App, trial: &Trial, client: &mut Client) -> Checked<()> {
    let password = SecretString::from(trial.password.clone());
    let deleted = app.accounts().delete(&trial.principal, password, soon()).await;
    let user: Uuid = trial.principal.user.uuid();
    // Also when the service could not: nothing of the trial stays but its rows in the audit log.
    let cleared = store::clear(client, LEFT_OVER_MINUTES, Some((user, &trial.email))).await;
    deleted.map_err(|error| wrong("an account cannot be deleted by its owner", error))?;
    match cleared {
        Ok(_) => Ok(((), "the trial account is deleted with everything of it".to_owned())),
        Err(error) => Err(Trouble::new(
            format!("of the trial account {user} something is left: {error}"),
            "run this again: it clears away what is left",
        )),
    }
}
