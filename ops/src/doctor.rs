//! `ops doctor`: looks at a system that runs, and says what somebody should do.
//!
//! Invariants: it only reads, in transactions that can do nothing else, and makes no account; nothing that people wrote is read; exit
//! code 1 on ✗ alone.

mod judge;
mod network;
mod store;

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use shared::config::Config;
use tokio_postgres::{Client, Transaction};
use url::Url;

use crate::checks::advice::{Place, of_connection, of_statement};
use crate::checks::environment::Environment;
use crate::checks::ledger::Ledger;
use crate::checks::pooled::{self, Mode};
use crate::checks::{Format, Level, Report, Stop, Trouble, rights};
use crate::setup::plan::{is_functions, owner_url};
use crate::{OpsError, Result, database, regulatory};
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
    let kept = crate::setup::kept_in(arguments.secret.as_deref()).await?;
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
    backup(&mut report, arguments);
    report.conclude()
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
    data(report, &transaction, whose, arguments).await.map_err(|error| add(report, "connection", failed(error)))
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

async fn data(report: &mut Report, transaction: &Transaction<'_>, whose: Rights, arguments: &DoctorArgs) -> Result<()> {
    let connections = store::connections(transaction).await?;
    judged(
        report,
        "connection",
        judge::capacity(&connections, arguments.pool_size, arguments.concurrency, arguments.max_clients),
    );
    match store::trial_accounts(transaction).await? {
        0 => report.ok("user service", "no trial account is left over"),
        count => report.warn(
            "user service",
            Trouble::new(
                format!("{count} trial accounts of set-ups that were cut off are left"),
                "run `ops setup` again: it clears them away",
            ),
        ),
    }
    let mails = store::late_mails(transaction).await?;
    match mails.count {
        0 => report.ok("user service", "no mail waits for long"),
        count => report.warn(
            "user service",
            Trouble::new(
                format!("{count} mails wait, the oldest for {:.0} s", mails.seconds),
                "see that MAIL_FROM is set and verified, and that the schedule invokes the function resume",
            ),
        ),
    }
    match whose {
        Rights::Operator => report.warn(
            "conversation service",
            Trouble::new(
                "only the owner sees the agents' states",
                "give MIGRATION_DATABASE_URL instead of OPERATOR_DATABASE_URL to compare them",
            ),
        ),
        Rights::Owner => {
            let found = store::mismatches(transaction).await?;
            if found.is_empty() {
                report.ok("conversation service", "messages, runs and agents' states of the last 7 days fit together");
            }
            for (reason, count) in found {
                let advice = "somebody changed rows by hand, or it is a mistake of this program: ops workflow list and show; restore the rows";
                report
                    .fail("conversation service", Trouble::new(format!("{count} conversations have {reason}"), advice));
            }
        }
    }
    judged(report, "orchestrator", judge::runs(&store::late_runs(transaction).await?));
    match store::broken_chains(transaction).await? {
        0 => report.ok("audit log", "every chain ends where its head says (ops audit verify looks at every row)"),
        count => report.fail(
            "audit log",
            Trouble::new(format!("{count} chains do not end where their heads say"), "run: ops audit verify"),
        ),
    }
    let now = Utc::now();
    let since = now - TimeDelta::days(arguments.stale_days.into());
    let stale = regulatory::stale_documents(transaction, now.date_naive(), since).await?;
    match stale.iter().map(|(_, _, documents)| documents).sum::<i64>() {
        0 => report.ok("official texts", "none is expired, old, changed or gone"),
        count => report.warn(
            "official texts",
            Trouble::new(
                format!("{count} texts of {} addresses are stale", stale.len()),
                "run: ops regulatory stale, then refresh or import",
            ),
        ),
    }
    Ok(())
}

fn backup(report: &mut Report, arguments: &DoctorArgs) {
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
