//! `ops setup`: makes a Supabase project ready for the functions, from the URLs and keys that its pages show to the functions' own
//! environment.
//!
//! Invariants: everything that can be checked is checked before anything is made; a failed check stops what depends on it; the password
//! of navigator_api is kept where the functions read it before the role gets it, and a password that is in use is never changed unasked;
//! it can be run again, and then changes nothing; no secret is printed but the run-time URL, and that only when it was asked for.

mod destination;
mod keys;
mod password;
pub(crate) mod plan;
pub(crate) mod services;
mod store;
mod values;

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use shared::app::App;
use tokio_postgres::Client;

use crate::checks::advice::{Place, of_connection, of_statement};
use crate::checks::environment::Environment;
use crate::checks::ledger::Ledger;
use crate::checks::pooled::{self, Mode};
use crate::checks::{Format, Report, Stop, Trouble, rights};
use crate::scram::Verifier;
use crate::{OpsError, Result, database, migrate, regulatory, roles};
use destination::Kept;
use keys::SigningKeys;
use password::{Password, password, say_what_stays, signing_keys};
use plan::{Asked, Plan};

/// A pooler that looks passwords up learns a new one within seconds.
const NEW_PASSWORD_PATIENCE: u32 = 10;

/// The arguments of `ops setup`.
#[derive(Debug, Args)]
pub struct SetupArgs {
    /// Read variables from this file too; the environment wins (default: .env, if it is there).
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// The pooler's host (Supabase: Connect, transaction pooler), with :PORT unless it is 6543; also POOLER_HOST.
    #[arg(long, value_name = "HOST")]
    pooler_host: Option<String>,
    /// The CA that signed the project's certificate (Supabase: Database settings, SSL configuration).
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Keep the functions' environment in this file (default: .env.runtime, unless --secret is given; with both it is kept in both).
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Keep it in this secret of AWS Secrets Manager; its other keys stay. What an earlier set-up of the same project left in
    /// .env.runtime (or in FILE of --write) is taken over: the password of navigator_api and the keys that sign tokens.
    #[arg(long, value_name = "ARN")]
    secret: Option<String>,
    /// Print the functions' DATABASE_URL, password included, on standard output; the report goes to standard error.
    #[arg(long)]
    print_url: bool,
    /// Make a new password for navigator_api although it has one: functions that run are cut off until they have it.
    #[arg(long)]
    new_password: bool,
}

/// Checks, makes, tries.
///
/// # Errors
/// The summary, when a check failed; or one line when the arguments cannot be used.
pub async fn run(arguments: &SetupArgs) -> Result<()> {
    let mut report = Report::new(if arguments.print_url { Format::LinesAside } else { Format::Lines });
    let kept = Kept::open(arguments.write.as_deref(), arguments.secret.as_deref()).await?;
    let environment = Environment::read(&arguments.env_file, &[".env"])?;
    let done = set_up(&mut report, arguments, environment, &kept).await;
    if let Ok(url) = &done {
        report.say(&format!("the functions' environment is in {}", kept.name()));
        if arguments.print_url {
            println!("{url}");
        }
    } else {
        report.say("what comes after the ✗ was not tried");
    }
    report.conclude()
}

/// The functions' URL.
async fn set_up(
    report: &mut Report,
    arguments: &SetupArgs,
    environment: Environment,
    kept: &Kept,
) -> std::result::Result<String, Stop> {
    let plan = draft(report, arguments, environment, kept)?;
    let mut client = report.check("connection", direct(&plan)).await?;
    let role = report.check("connection", login(&mut client)).await?;
    report.check("connection", pooler(&plan)).await?;
    let password = report.check("connection", password(&plan, &mut client, arguments.new_password)).await?;
    let ledger = report.check("migrations", ledger(&mut client)).await?;
    let url = plan.run_time_url(&password.text);
    let keys = report.check("environment", signing_keys(&plan, &password)).await?;
    let values = values(&plan, &url, &keys);
    report.check("migrations", make_roles(&mut client, kept, &values, &password)).await?;
    report.check("migrations", migrated(&mut client, &ledger, &role)).await?;
    report.check("migrations", closed_to_the_web(&mut client)).await?;
    report.check("connection", run_time(&plan, &url, password.is_new)).await?;
    let app = report.check("connection", start(&plan, &url, &keys)).await?;
    services::exercise(report, &app, &mut client).await?;
    say_what_stays(report, &plan, &password, kept);
    Ok(url)
}

fn draft(
    report: &mut Report,
    arguments: &SetupArgs,
    environment: Environment,
    kept: &Kept,
) -> std::result::Result<Plan, Stop> {
    let ca_pem = match arguments.ca.as_ref().map(std::fs::read_to_string).transpose() {
        Ok(pem) => pem,
        Err(error) => {
            report.fail(
                "environment",
                Trouble::new(
                    format!("the file of --ca cannot be read: {error}"),
                    "give the file that the project's page offers",
                ),
            );
            return Err(Stop);
        }
    };
    let asked = |host| Asked { pooler_host: host, ca_pem: ca_pem.clone() };
    let mut drafted = Plan::draft(environment.clone(), kept, asked(arguments.pooler_host.as_deref()));
    let lacks_host = |problems: &Vec<Trouble>| problems.len() == 1 && problems[0].found == plan::NO_POOLER;
    if drafted.as_ref().err().is_some_and(lacks_host)
        && let Some(host) = ask_for_pooler()
    {
        drafted = Plan::draft(environment, kept, asked(Some(&host)));
    }
    match drafted {
        Ok(plan) => {
            report.ok("environment", "every variable is usable");
            Ok(plan)
        }
        Err(problems) => {
            for problem in problems {
                report.fail("environment", problem);
            }
            Err(Stop)
        }
    }
}

/// Asks a person, if there is one.
fn ask_for_pooler() -> Option<String> {
    if !std::io::stdin().is_terminal() {
        return None;
    }
    eprint!("The pooler's host (Supabase: Connect, transaction pooler; aws-0-<region>.pooler.supabase.com): ");
    let _shown = std::io::stderr().flush();
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).ok()?;
    Some(line.trim().to_owned()).filter(|line| !line.is_empty())
}

type Checked<T> = std::result::Result<(T, String), Trouble>;

async fn direct(plan: &Plan) -> Checked<Client> {
    let connected = database::connect(plan.migration_url.as_str(), plan.ca_pem.as_deref()).await;
    let client = connected.map_err(|error| of_connection(&error, &plan.place))?;
    Ok((client, format!("{} as {} (TLS, certificate checked)", plan.place.address, plan.place.user)))
}

async fn login(client: &mut Client) -> Checked<String> {
    let role = rights::of_login(client).await?;
    let found = format!("{role} may make roles and schemas");
    Ok((role, found))
}

/// The pooler is there, shows the right certificate, and is in transaction mode. Whether it lets navigator_api in can be seen only
/// when that role is made; some let the project's owner in.
async fn pooler(plan: &Plan) -> Checked<()> {
    let url = plan.pooled_owner_url();
    let place = Place::of("--pooler-host", &url)?;
    let connect = || database::connect(&url, plan.ca_pem.as_deref());
    match connect().await {
        Ok(one) => {
            let other = connect().await.map_err(|error| of_connection(&error, &place))?;
            in_transaction_mode(&one, &other, &place).await?;
            Ok(((), format!("the pooler at {} is in transaction mode", place.address)))
        }
        Err(error) if refuses_the_login(&error) => Ok(((), format!("the pooler at {} answers", place.address))),
        Err(error) => Err(of_connection(&error, &place)),
    }
}

/// The host is right, and this login is not known there.
fn refuses_the_login(error: &OpsError) -> bool {
    let OpsError::Database { source, .. } = error else { return false };
    let Some(db) = source.as_db_error() else { return false };
    let is_of_login = matches!(db.code().code(), "28P01" | "28000") || db.message().contains("no such user");
    is_of_login || db.message().contains("SASL authentication failed")
}

async fn in_transaction_mode(one: &Client, other: &Client, place: &Place) -> std::result::Result<(), Trouble> {
    match pooled::mode(one, other).await.map_err(|error| of_statement(&error, "the pooler"))? {
        Mode::Transaction => Ok(()),
        Mode::Session => Err(Trouble::new(
            format!("{} keeps a connection for each client: session mode, or no pooler at all", place.address),
            "functions need transaction mode: use the pooler's port 6543, or set pool_mode = transaction",
        )),
    }
}

async fn ledger(client: &mut Client) -> Checked<Ledger> {
    let ledger = Ledger::read(client).await.map_err(|error| of_statement(&error, "the ledger of migrations"))?;
    if !ledger.changed.is_empty() {
        return Err(Trouble::new(
            format!("changed after they were applied: {}", ledger.changed.join(", ")),
            "use the program that applied them, or restore the files; an applied migration is never edited",
        ));
    }
    if !ledger.unknown.is_empty() {
        return Err(Trouble::new(
            format!("the schema is newer than this program: {}", ledger.unknown.join(", ")),
            "use the newer program; to go back, first: ops migrate down --to N",
        ));
    }
    let found = format!("{} applied, {} to apply", ledger.applied, ledger.pending.len());
    Ok((ledger, found))
}

fn values(plan: &Plan, url: &str, keys: &SigningKeys) -> Vec<(String, String)> {
    let mut values = vec![("DATABASE_URL".to_owned(), url.to_owned())];
    if let Some(pem) = &plan.ca_pem {
        let pem = pem.trim().replace("\r\n", "\n").replace('\n', "\\n");
        values.push(("DATABASE_CA_PEM".to_owned(), pem));
    }
    values.extend(keys.values().map(|(name, value)| (name.clone(), value.clone())));
    values
}

/// The roles, and where their password is kept: both or neither.
async fn make_roles(client: &mut Client, kept: &Kept, values: &[(String, String)], password: &Password) -> Checked<()> {
    let cannot = |error: OpsError| {
        Trouble::new(error.to_string(), "name a place that can be written: --write FILE or --secret ARN")
    };
    let url = values.iter().find(|(name, _)| name == "DATABASE_URL").map_or("", |(_, url)| url.as_str());
    let verifier = password.is_new.then(|| Verifier::of_url(url)).transpose().map_err(cannot)?;
    let written = kept.put(values).await.map_err(cannot)?;
    if let Err(error) = roles::ensure(client, verifier.as_ref()).await {
        kept.restore(&written).await.map_err(cannot)?;
        return Err(of_statement(&error, "the roles"));
    }
    let written = if written.is_empty() { String::new() } else { format!("; written: {}", kept.names(&written)) };
    Ok(((), format!("roles and schema are there{written}")))
}

async fn migrated(client: &mut Client, ledger: &Ledger, role: &str) -> Checked<()> {
    let failed = |error: OpsError| of_statement(&error, "the migrations");
    let ran = match ledger.pending.is_empty() {
        true => {
            migrate::verify(client).await.map_err(failed)?;
            Vec::new()
        }
        false => {
            // All of them in one transaction first: a later one that fails must not leave the earlier ones.
            migrate::dry_run(client).await.map_err(failed)?;
            migrate::up(client, None).await.map_err(failed)?
        }
    };
    regulatory::prepare(client).await.map_err(|error| of_statement(&error, "the product's own facts"))?;
    let found = match ran.len() {
        0 => "nothing to apply; the schema equals the matrix".to_owned(),
        count => format!("{count} applied by {role}; the schema equals the matrix"),
    };
    Ok(((), found))
}

async fn closed_to_the_web(client: &mut Client) -> Checked<()> {
    let open = rights::of_web_roles(client).await.map_err(|error| of_statement(&error, "the rights in the schema"))?;
    if open.is_empty() {
        return Ok(((), "the project's web interface has no right in the schema".to_owned()));
    }
    Err(Trouble::new(
        format!("roles of the project's web interface have rights in the schema navigator: {}", open.join("; ")),
        "REVOKE ALL ON SCHEMA navigator FROM PUBLIC, anon, authenticated, service_role; and likewise ON ALL TABLES and ALL FUNCTIONS IN it",
    ))
}

async fn run_time(plan: &Plan, url: &str, is_new: bool) -> Checked<()> {
    let place = Place::of("the functions' DATABASE_URL", url)?;
    let connect = || database::connect(url, plan.ca_pem.as_deref());
    let mut attempt = 1;
    let one = loop {
        match connect().await {
            Ok(client) => break client,
            Err(error) if is_new && attempt < NEW_PASSWORD_PATIENCE && refuses_the_login(&error) => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                attempt += 1;
            }
            Err(error) => return Err(of_connection(&error, &place)),
        }
    };
    let other = connect().await.map_err(|error| of_connection(&error, &place))?;
    in_transaction_mode(&one, &other, &place).await?;
    Ok(((), format!("{} as {}, transaction mode", place.address, place.user)))
}

async fn start(plan: &Plan, url: &str, keys: &SigningKeys) -> Checked<App> {
    let mend = "the functions would refuse to start with this: mend it, and run this again";
    let config = plan.configuration(url, keys).map_err(|error| Trouble::new(error.to_string(), mend))?;
    let app = Box::pin(App::start(config)).await.map_err(|error| Trouble::new(error.to_string(), mend))?;
    let deadline = shared::clock::Deadline::after(Duration::from_secs(10));
    let migration = app.readiness().check(deadline).await.map_err(|error| Trouble::new(error.to_string(), mend))?;
    Ok((app, format!("the functions' own start succeeds, at migration {migration}")))
}
