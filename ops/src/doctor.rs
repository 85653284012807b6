//! `ops doctor`: looks at a system that runs, and says what somebody should do.
//!
//! Invariants: it only reads, in transactions that can do nothing else, and makes no account; nothing that people wrote is read; exit
//! code 1 on ✗ alone; what this login cannot see gets no ✓.

mod data;
mod judge;
mod network;
mod store;

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;
use shared::config::Config;
use shared::knowledge::amounts;
use tokio_postgres::Client;
use url::Url;

use crate::checks::advice::{Place, of_connection, of_statement};
use crate::checks::environment::Environment;
use crate::checks::ledger::Ledger;
use crate::checks::pooled::{self, Mode};
use crate::checks::{Format, Level, Report, Stop, Trouble, rights};
use crate::secrets::store::Store;
use crate::setup::plan::{is_functions, owner_url};
use crate::{OpsError, Result, database};
use judge::Judged;
use store::Rights;

/// The arguments of `ops doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Read variables from this file too; the environment wins (default: .env.runtime and .env, if they are there).
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// Read the functions' environment from this secret of AWS Secrets Manager.
    #[arg(long, value_name = "ARN")]
    secret: Option<String>,
    /// The functions' reserved concurrency, in all.
    #[arg(long, value_name = "N")]
    concurrency: Option<u32>,
    /// The pooler's connections to the server (Supabase: Database settings, pool size).
    #[arg(long, value_name = "N", default_value_t = 15)]
    pool_size: u32,
    /// The clients that the pooler takes.
    #[arg(long, value_name = "N", default_value_t = 200)]
    max_clients: u32,
    /// A file of the last backup: its age is what counts.
    #[arg(long, value_name = "FILE", conflicts_with = "last_backup")]
    backup: Option<PathBuf>,
    /// When the last backup was made (RFC 3339).
    #[arg(long, value_name = "TIME")]
    last_backup: Option<DateTime<Utc>>,
    /// How old the last backup may be, hours.
    #[arg(long, value_name = "N", default_value_t = 26)]
    backup_hours: u32,
    /// How many days an official text counts as fresh.
    #[arg(long, value_name = "N", default_value_t = 180)]
    stale_days: u16,
    /// One JSON object instead of lines: {"ok", "checks": [{"subject", "level", "found", "advice", "ms"}]}.
    #[arg(long)]
    json: bool,
}

/// Looks.
///
/// # Errors
/// The summary, when something is marked ✗; or one line when the arguments cannot be used.
pub async fn run(arguments: &DoctorArgs) -> Result<()> {
    let mut report = Report::new(if arguments.json { Format::Json } else { Format::Lines });
    let environment = Environment::read(&arguments.env_file, &[".env.runtime", ".env"])?;
    let kept = kept(&mut report, arguments.secret.as_deref()).await;
    let variable = |name: &str| kept.get(name).cloned().or_else(|| environment.get(name));
    let run_time = run_time_url(&environment, kept.get("DATABASE_URL").cloned());
    check_environment(&mut report, &variable, run_time.as_deref());
    let ca_pem = variable("DATABASE_CA_PEM").map(|pem| pem.replace("\\n", "\n"));
    if let Some(url) = &run_time {
        let _it_is_in_the_report = report.check("connection", pooled(url, ca_pem.as_deref())).await;
    }
    // What fails before it is in the report.
    if let Ok(client) = connect(&mut report, &environment, ca_pem.as_deref()).await {
        let _it_is_in_the_report = look(&mut report, client, arguments).await;
    }
    facts(&mut report);
    backup(&mut report, arguments);
    report.conclude()
}

/// What the secret holds; nothing when none is named, or when it cannot be read, which is in the report.
async fn kept(report: &mut Report, secret: Option<&str>) -> BTreeMap<String, String> {
    let Some(id) = secret else { return BTreeMap::new() };
    let read = async || Store::open(id.to_owned()).await?.read().await;
    match read().await {
        Ok(bundle) => {
            let texts = bundle.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
            texts.collect()
        }
        Err(trouble) => {
            report.fail("environment", trouble);
            BTreeMap::new()
        }
    }
}

/// The product's own facts of the year: in this program, and so in functions of its version.
fn facts(report: &mut Report) {
    let due = amounts::due(Utc::now().date_naive(), amounts::NOTICE_DAYS);
    match crate::facts::summary(&due, amounts::NOTICE_DAYS) {
        None => report.ok("facts", format!("none of the year's amounts expires within {} days", amounts::NOTICE_DAYS)),
        Some(found) => {
            let advice =
                "ops facts due lists them; docs/yearly.md is the change of one file, and the deployment after it";
            report.warn("facts", Trouble::new(found, advice));
        }
    }
}

/// The functions' URL, where one is known.
fn run_time_url(environment: &Environment, kept: Option<String>) -> Option<String> {
    let is_theirs = |url: &String| Url::parse(url).is_ok_and(|url| is_functions(&url));
    kept.or_else(|| environment.all("DATABASE_URL").into_iter().find(is_theirs))
}

fn check_environment(report: &mut Report, variable: &impl Fn(&str) -> Option<String>, run_time: Option<&str>) {
    let Some(url) = run_time else {
        report.warn(
            "environment",
            Trouble::new(
                "the functions' DATABASE_URL is not known here (it names navigator_api): they are not looked at",
                "give what `ops setup` wrote, --env-file .env.runtime or --secret ARN",
            ),
        );
        return;
    };
    let checked = Config::from_lookup(|name| match name {
        "DATABASE_URL" => Some(url.to_owned()),
        // In this command's environment they may be: for the owner's URL.
        "SUPABASE_SERVICE_ROLE_KEY" | "POSTGRES_PASSWORD" => None,
        _ => variable(name),
    });
    match checked {
        Ok(_) => report.ok("environment", "the functions' variables are usable"),
        Err(error) => {
            for problem in error.problems {
                let advice = format!("correct {}, or functions refuse to start", problem.variable);
                report.fail("environment", Trouble::new(format!("{} {}", problem.variable, problem.problem), advice));
            }
        }
    }
}

async fn pooled(url: &str, ca_pem: Option<&str>) -> std::result::Result<((), String), Trouble> {
    let place = Place::of("the functions' DATABASE_URL", url)?;
    let connect = || database::connect(url, ca_pem);
    let one = connect().await.map_err(|error| of_connection(&error, &place))?;
    let other = connect().await.map_err(|error| of_connection(&error, &place))?;
    match pooled::mode(&one, &other).await.map_err(|error| of_statement(&error, "the pooler"))? {
        Mode::Transaction => Ok(((), format!("{} as {}, transaction mode", place.address, place.user))),
        Mode::Session => Err(Trouble::new(
            format!("{} keeps a connection for each client: session mode, or no pooler at all", place.address),
            "functions need transaction mode: use the pooler's port 6543, or set pool_mode = transaction",
        )),
    }
}

/// Connects to look: as an operator, else as the owner.
async fn connect(
    report: &mut Report,
    environment: &Environment,
    ca_pem: Option<&str>,
) -> std::result::Result<Client, Stop> {
    let named = ["OPERATOR_DATABASE_URL", "MIGRATION_DATABASE_URL"];
    let found = named.into_iter().find_map(|name| Some((name, environment.get(name)?))).or_else(|| {
        let is_others = |url: &String| !Url::parse(url).is_ok_and(|url| is_functions(&url));
        environment.all("DATABASE_URL").into_iter().find(is_others).map(|url| ("DATABASE_URL", url))
    });
    let Some((variable, raw)) = found else {
        report.fail(
            "connection",
            Trouble::new(
                "there is no URL to look with",
                "set OPERATOR_DATABASE_URL (a login with navigator_operator) or MIGRATION_DATABASE_URL (the project's postgres)",
            ),
        );
        return Err(Stop);
    };
    let url = match owner_url(environment, variable, &raw) {
        Ok(url) => url,
        Err(trouble) => {
            report.fail("environment", trouble);
            return Err(Stop);
        }
    };
    if let Some(host) = url.host_str() {
        let addresses = network::addresses(&format!("{}:5432", host)).await;
        if let Some(trouble) = network::judge(host, &addresses, network::has_way) {
            report.warn("connection", trouble);
        }
    }
    report
        .check("connection", async {
            let place = Place::of(variable, url.as_str())?;
            let client =
                database::connect(url.as_str(), ca_pem).await.map_err(|error| of_connection(&error, &place))?;
            Ok((client, format!("{} as {}", place.address, place.user)))
        })
        .await
}

async fn look(report: &mut Report, mut client: Client, arguments: &DoctorArgs) -> std::result::Result<(), Stop> {
    let failed = |error: OpsError| of_statement(&error, "the database cannot be looked at");
    let before = Utc::now();
    let there = store::now(&client).await.map_err(|error| add(report, "connection", failed(error)))?;
    judged(report, "connection", judge::clock(there, before, Utc::now()));
    let connections = store::connections(&client).await.map_err(|error| add(report, "connection", failed(error)))?;
    judged(
        report,
        "connection",
        judge::capacity(&connections, arguments.pool_size, arguments.concurrency, arguments.max_clients),
    );
    let whose = store::rights(&client).await.map_err(|error| add(report, "connection", failed(error)))?;
    roles(report, &mut client).await;
    migrations(report, &mut client, whose).await;
    let transaction = match store::look(&mut client, whose).await {
        Ok(transaction) => transaction,
        Err(error) => {
            let advice = "run: ops setup; or use a login that may act as navigator_operator";
            return Err(add(report, "connection", Trouble::new(error.to_string(), advice)));
        }
    };
    data::look(report, &transaction, whose, arguments.stale_days)
        .await
        .map_err(|error| add(report, "connection", failed(error)))
}

fn add(report: &mut Report, subject: &'static str, trouble: Trouble) -> Stop {
    report.fail(subject, trouble);
    Stop
}

fn judged(report: &mut Report, subject: &'static str, judged: Judged) {
    match judged {
        Ok(found) => report.ok(subject, found),
        Err((Level::Failed, trouble)) => report.fail(subject, trouble),
        Err((_, trouble)) => report.warn(subject, trouble),
    }
}

async fn roles(report: &mut Report, client: &mut Client) {
    match rights::of_run_time_role(client).await {
        Ok(true) => report.ok("roles", "navigator_api owns nothing and is bound by row-level security"),
        Ok(false) => report.fail("roles", Trouble::new("there is no role navigator_api", "run: ops setup")),
        Err(trouble) => report.fail("roles", trouble),
    }
    match rights::of_web_roles(client).await {
        Ok(open) if open.is_empty() => report.ok("roles", "the project's web interface has no right in the schema"),
        Ok(open) => report.fail(
            "roles",
            Trouble::new(
                format!("roles of the project's web interface have rights in the schema navigator: {}", open.join("; ")),
                "REVOKE ALL ON SCHEMA navigator FROM PUBLIC, anon, authenticated, service_role; and likewise ON ALL TABLES and ALL FUNCTIONS IN it",
            ),
        ),
        Err(error) => report.fail("roles", of_statement(&error, "the rights in the schema")),
    }
}

async fn migrations(report: &mut Report, client: &mut Client, whose: Rights) {
    if whose == Rights::Operator {
        let advice =
            "give MIGRATION_DATABASE_URL instead of OPERATOR_DATABASE_URL to see it; functions check their own version";
        return report.warn("migrations", Trouble::new("only the owner sees the ledger", advice));
    }
    let ledger = match Ledger::read(client).await {
        Ok(ledger) => ledger,
        Err(error) => return report.fail("migrations", of_statement(&error, "the ledger")),
    };
    let fine = ledger.pending.is_empty() && ledger.changed.is_empty() && ledger.unknown.is_empty();
    if fine {
        report.ok("migrations", format!("{} applied, none missing", ledger.applied));
    }
    if !ledger.pending.is_empty() {
        report.fail(
            "migrations",
            Trouble::new(format!("not applied: {}", ledger.pending.join(", ")), "run: ops migrate up"),
        );
    }
    if !ledger.changed.is_empty() {
        let advice = "use the program that applied them, or restore the files; an applied migration is never edited";
        report.fail(
            "migrations",
            Trouble::new(format!("changed after they were applied: {}", ledger.changed.join(", ")), advice),
        );
    }
    if !ledger.unknown.is_empty() {
        let advice = "use the newer program for migrations; functions of this version work with the newer schema";
        report.warn(
            "migrations",
            Trouble::new(format!("newer than this program: {}", ledger.unknown.join(", ")), advice),
        );
    }
}

fn backup(report: &mut Report, arguments: &DoctorArgs) {
    let is_empty = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() == 0);
    if let Some(path) = arguments.backup.as_ref().filter(|path| is_empty(path)) {
        let advice = "see why the backup wrote nothing (its log, a full disk), and make one";
        return report.fail("backup", Trouble::new(format!("{} is empty", path.display()), advice));
    }
    let of_file = |path: &PathBuf| Some(DateTime::<Utc>::from(std::fs::metadata(path).ok()?.modified().ok()?));
    let taken = match (&arguments.backup, arguments.last_backup) {
        (Some(path), _) => match of_file(path) {
            Some(taken) => taken,
            None => {
                let advice = "see that the backup runs and where it writes";
                return report.fail("backup", Trouble::new(format!("{} is not there", path.display()), advice));
            }
        },
        (None, Some(taken)) => taken,
        (None, None) => {
            return report.warn(
                "backup",
                Trouble::new(
                    "not told when the last backup was made; the database does not know it either",
                    "say --last-backup TIME (Supabase: Database, Backups) or --backup FILE",
                ),
            );
        }
    };
    judged(report, "backup", judge::backup(taken, Utc::now(), arguments.backup_hours));
}
