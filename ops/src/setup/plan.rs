//! What is to be set up, read out of the environment and checked whole before anything is connected to.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use shared::config::guide::{placeholder, project_of_host};
use shared::config::{Config, ConfigError};
use url::Url;

use super::destination::Kept;
use super::keys::{Earlier, SigningKeys};
use super::values::{password, pooler, service_key, verified};
use crate::checks::Trouble;
use crate::checks::advice::Place;
use crate::checks::environment::Environment;

/// The port of Supabase's pooler in transaction mode.
pub(super) const POOLED_PORT: u16 = 6543;
/// The one problem that a person at a terminal can be asked about.
pub(super) const NO_POOLER: &str = "the pooler's host is not known";

/// Everything that the set-up needs to know.
pub(super) struct Plan {
    /// The URL that roles and migrations are made with.
    pub(super) migration_url: Url,
    /// Where it goes.
    pub(super) place: Place,
    /// The CA, PEM.
    pub(super) ca_pem: Option<String>,
    /// The pooler's host and port.
    pub(super) pooler: (String, u16),
    /// The project's reference, which the pooler wants in each user's name.
    pub(super) project: Option<String>,
    /// The password of navigator_api, when it was given.
    pub(super) password: Option<String>,
    /// What an earlier set-up of this project left in a file.
    pub(super) earlier: Option<Earlier>,
    /// A file of another project's set-up, of which nothing is taken.
    pub(super) foreign: Option<String>,
    /// The keys that sign tokens; none: one is made.
    pub(super) keys: Option<SigningKeys>,
    /// Whether those keys are where the environment is to be kept: then nothing replaces them.
    pub(super) keys_are_kept: bool,
    environment: Environment,
}

/// What the command line says.
pub(super) struct Asked<'a> {
    pub(super) pooler_host: Option<&'a str>,
    pub(super) ca_pem: Option<String>,
}

impl Plan {
    /// Reads and checks.
    ///
    /// # Errors
    /// Every problem, each with what mends it.
    pub(super) fn draft(environment: Environment, kept: &Kept, asked: Asked<'_>) -> Result<Self, Vec<Trouble>> {
        let mut problems = Vec::new();
        let migration = note(&mut problems, migration(&environment));
        let migration_url = migration.as_ref().map(|(_, url)| url);
        let run_time = note(&mut problems, run_time(&environment, kept, migration_url)).flatten();
        let project = note(&mut problems, project(&environment, migration_url)).flatten();
        let (earlier, foreign) = match Earlier::find(kept, migration_url, project.as_deref()) {
            Ok(earlier) => (earlier, None),
            Err(file) => (None, Some(file)),
        };
        let ca_pem = asked
            .ca_pem
            .or_else(|| environment.get("DATABASE_CA_PEM"))
            .or_else(|| kept.get("DATABASE_CA_PEM"))
            .or_else(|| earlier.as_ref().and_then(|earlier| earlier.ca_pem.clone()))
            .map(|pem| pem.replace("\\n", "\n"));
        if let Some((variable, url)) = &migration {
            note(&mut problems, verified(variable, url, ca_pem.is_some()));
        }
        let host = asked
            .pooler_host
            .map(ToOwned::to_owned)
            .or_else(|| environment.get("POOLER_HOST"))
            .or_else(|| run_time.as_ref().and_then(authority))
            .or_else(|| earlier.as_ref().and_then(|earlier| earlier.pooler.clone()))
            .or_else(|| {
                let host = migration_url.and_then(Url::host_str)?;
                host.ends_with(".pooler.supabase.com").then(|| host.to_owned())
            });
        let pooler = note(&mut problems, pooler(host.as_deref()));
        let password = note(&mut problems, password(run_time.as_ref())).flatten();
        if let Err(trouble) = service_key(&environment) {
            problems.push(trouble);
        }
        let keys_are_kept = kept.get("JWT_SECRET_KEY").is_some();
        let keys = SigningKeys::read(|name| if keys_are_kept { kept.get(name) } else { environment.get(name) });
        let place =
            migration.as_ref().and_then(|(variable, url)| note(&mut problems, Place::of(variable, url.as_str())));
        let (Some((_, migration_url)), Some(place), Some(pooler)) = (migration, place, pooler) else {
            // The rest of what functions read is checked with a URL that is certainly usable: what this one lacks is in the list.
            let url = "postgresql://navigator_api:x@h:6543/d?sslmode=verify-full";
            problems.extend(function_problems(&environment, ca_pem.as_deref(), keys.as_ref(), url));
            return Err(problems);
        };
        let plan = Self {
            migration_url,
            place,
            ca_pem,
            pooler,
            project,
            password,
            earlier,
            foreign,
            keys,
            keys_are_kept,
            environment,
        };
        let url = plan.run_time_url("x");
        problems.extend(function_problems(&plan.environment, plan.ca_pem.as_deref(), plan.keys.as_ref(), &url));
        if problems.is_empty() { Ok(plan) } else { Err(problems) }
    }

    /// The functions' URL with this password.
    pub(super) fn run_time_url(&self, password: &str) -> String {
        self.pooled("navigator_api", password)
    }

    /// The URL of the role that sets up, through the pooler; none when the role's name is not known.
    pub(super) fn pooled_owner_url(&self) -> String {
        let name = self.place.user.split('.').next().unwrap_or_default();
        let password = percent_decode_str(self.migration_url.password().unwrap_or_default()).decode_utf8_lossy();
        self.pooled(name, &password)
    }

    fn pooled(&self, role: &str, password: &str) -> String {
        let (host, port) = &self.pooler;
        // The dedicated pooler stands at the project's own host and knows one project only.
        let user = match &self.project {
            Some(project) if project_of_host(host).is_none() => format!("{role}.{project}"),
            _ => role.to_owned(),
        };
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let user = encode(&user).replace("%5F", "_").replace("%2E", ".");
        let database = self.migration_url.path().trim_start_matches('/');
        format!("postgresql://{user}:{}@{host}:{port}/{database}?sslmode=verify-full", encode(password))
    }

    /// The configuration with which the set-up tries the services: the functions' own, without models and mails.
    ///
    /// # Errors
    /// When it cannot be used.
    pub(super) fn configuration(&self, run_time_url: &str, keys: &SigningKeys) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| match name {
            _ if name.starts_with("LLM_") || name.starts_with("MAIL_") || name == "NAVIGATOR_STAND_IN" => None,
            _ => function_variable(&self.environment, self.ca_pem.as_deref(), keys, run_time_url, name),
        })
    }
}

fn function_variable(
    environment: &Environment,
    ca_pem: Option<&str>,
    keys: &SigningKeys,
    url: &str,
    name: &str,
) -> Option<String> {
    match name {
        "DATABASE_URL" => Some(url.to_owned()),
        "DATABASE_CA_PEM" => ca_pem.map(ToOwned::to_owned),
        "JWT_SECRET_KEY" | "JWT_SECRET_KEY_PREVIOUS" => keys.get(name).cloned(),
        // They are for this command, which does not pass them on.
        "SUPABASE_SERVICE_ROLE_KEY" | "POSTGRES_PASSWORD" => None,
        _ => environment.get(name),
    }
}

/// What is wrong with what the functions will read.
fn function_problems(
    environment: &Environment,
    ca_pem: Option<&str>,
    keys: Option<&SigningKeys>,
    url: &str,
) -> Vec<Trouble> {
    // A key that is made is long enough.
    let made = SigningKeys::of("0123456789abcdef".repeat(4));
    let keys = keys.unwrap_or(&made);
    let checked = Config::from_lookup(|name| function_variable(environment, ca_pem, keys, url, name));
    let problems = checked.err().map(|error| error.problems).unwrap_or_default();
    let advice = |variable: &str| match variable {
        "JWT_SECRET_KEY" => "remove JWT_SECRET_KEY, and one is made; or: openssl rand -base64 48".to_owned(),
        "DATABASE_CA_PEM" => {
            "give the project's certificate with --ca FILE (Database settings, SSL configuration)".to_owned()
        }
        _ => format!("correct {variable}; .env.example explains it"),
    };
    problems.iter().map(|p| Trouble::new(format!("{} {}", p.variable, p.problem), advice(p.variable))).collect()
}

fn note<T>(problems: &mut Vec<Trouble>, result: Result<T, Trouble>) -> Option<T> {
    result.map_err(|trouble| problems.push(trouble)).ok()
}

pub(crate) fn is_functions(url: &Url) -> bool {
    url.username().split('.').next() == Some("navigator_api")
}

/// The URL for roles and migrations, and which variable it comes from.
fn migration(environment: &Environment) -> Result<(&'static str, Url), Trouble> {
    // A file that an earlier set-up wrote may be among those that are read: the functions' URL in it is not this one.
    let urls = environment.all("DATABASE_URL");
    let is_owners = |url: &&String| !Url::parse(url).is_ok_and(|url| is_functions(&url));
    let owners = urls.iter().find(is_owners).or(urls.first()).cloned();
    let (variable, raw) = match (environment.get("MIGRATION_DATABASE_URL"), owners) {
        (Some(url), _) => ("MIGRATION_DATABASE_URL", url),
        (None, Some(url)) => ("DATABASE_URL", url),
        (None, None) => {
            return Err(Trouble::new(
                "DATABASE_URL is not set",
                "DATABASE_URL=postgresql://postgres:[password]@db.<project-ref>.supabase.co:5432/postgres?sslmode=verify-full (or \
                 MIGRATION_DATABASE_URL)",
            ));
        }
    };
    Ok((variable, owner_url(environment, variable, &raw)?))
}

/// A URL of the role that sets up, with its placeholders filled.
///
/// # Errors
/// Why it cannot be used.
pub(crate) fn owner_url(environment: &Environment, variable: &str, raw: &str) -> Result<Url, Trouble> {
    let filled = fill(environment, raw)?;
    let form = "postgresql://postgres:PASSWORD@db.<project-ref>.supabase.co:5432/postgres?sslmode=verify-full";
    let not_a_url = || Trouble::new(format!("{variable} is not a postgresql:// URL"), format!("{variable}={form}"));
    let mut url = Url::parse(&filled).map_err(|_| not_a_url())?;
    if !matches!(url.scheme(), "postgres" | "postgresql") || url.host_str().is_none_or(str::is_empty) {
        return Err(not_a_url());
    }
    if is_functions(&url) {
        return Err(Trouble::new(
            format!("{variable} names navigator_api, which cannot make roles"),
            format!("MIGRATION_DATABASE_URL={form}"),
        ));
    }
    if url.port() == Some(POOLED_PORT) {
        return Err(Trouble::new(
            format!("{variable} names the pooler's transaction mode (port {POOLED_PORT})"),
            "use the direct host or the pooler's session mode, port 5432, for roles and migrations",
        ));
    }
    if url.password().is_none_or(str::is_empty) {
        let password = owner_password(environment)?;
        let _a_url_with_a_host_takes_one = url.set_password(Some(&password));
    }
    if !url.query_pairs().any(|(name, _)| name == "sslmode") {
        url.query_pairs_mut().append_pair("sslmode", "verify-full");
    }
    Ok(url)
}

/// Puts POSTGRES_PASSWORD and the project's reference in where the URL has placeholders.
fn fill(environment: &Environment, raw: &str) -> Result<String, Trouble> {
    let mut filled = raw.to_owned();
    while let Some((begin, found)) = bracketed(&filled) {
        let value = match found {
            "password" | "your-password" => {
                utf8_percent_encode(&owner_password(environment)?, NON_ALPHANUMERIC).to_string()
            }
            _ => {
                let url = environment.get("SUPABASE_URL").and_then(|url| Url::parse(&url).ok());
                let host = url
                    .as_ref()
                    .and_then(Url::host_str)
                    .and_then(project_of_host)
                    .filter(|name| placeholder(name).is_none());
                host.map(ToOwned::to_owned).ok_or_else(|| {
                    Trouble::new(
                        "DATABASE_URL still has [project-ref], and SUPABASE_URL does not say it",
                        "SUPABASE_URL=https://<project-ref>.supabase.co, with your project's",
                    )
                })?
            }
        };
        filled.replace_range(begin..begin + found.len() + 2, &value);
    }
    match placeholder(&filled) {
        None => Ok(filled),
        Some(left) => Err(Trouble::new(
            format!("DATABASE_URL still has the placeholder {left}"),
            "put your project's own value there (Supabase: Connect)",
        )),
    }
}

/// The first bracketed placeholder that can be filled, without its brackets, and where it begins.
fn bracketed(text: &str) -> Option<(usize, &'static str)> {
    let lower = text.to_ascii_lowercase();
    let names = ["password", "your-password", "project-ref", "your-project-ref"];
    names.into_iter().find_map(|name| lower.find(&format!("[{name}]")).map(|begin| (begin, name)))
}

fn owner_password(environment: &Environment) -> Result<String, Trouble> {
    let password = environment.get("POSTGRES_PASSWORD").filter(|password| placeholder(password).is_none());
    password.ok_or_else(|| {
        Trouble::new(
            "POSTGRES_PASSWORD is not set, or still holds an example",
            "POSTGRES_PASSWORD=… with the database's password (Supabase: Database settings)",
        )
    })
}

/// The functions' URL as it is known: where it is kept, else from the environment.
fn run_time(environment: &Environment, kept: &Kept, migration: Option<&Url>) -> Result<Option<Url>, Trouble> {
    let kept = kept.get("DATABASE_URL").and_then(|url| Url::parse(&url).ok()).filter(is_functions);
    if kept.is_some() {
        return Ok(kept);
    }
    let urls = environment.all("DATABASE_URL");
    let functions = urls.iter().filter_map(|url| Url::parse(url).ok()).find(is_functions);
    if functions.is_some() || environment.get("MIGRATION_DATABASE_URL").is_none() {
        return Ok(functions);
    }
    let Some(url) = urls.into_iter().next() else { return Ok(None) };
    let Ok(url) = Url::parse(&url) else {
        // The example line with its placeholders stands next to the real URL.
        return if placeholder(&url).is_some() {
            Ok(None)
        } else {
            Err(Trouble::new("DATABASE_URL is not a postgresql:// URL", "remove it: it is made"))
        };
    };
    let is_same = migration.is_some_and(|other| other.host_str() == url.host_str() && other.port() == url.port());
    if is_same {
        return Ok(None);
    }
    Err(Trouble::new(
        format!(
            "DATABASE_URL names the role {:?}; functions run as navigator_api, which row-level security binds",
            url.username()
        ),
        "remove DATABASE_URL, and the right one is made; or set the one that `ops setup` made",
    ))
}

/// `host:port` of a URL of the pooler.
pub(super) fn authority(url: &Url) -> Option<String> {
    Some(format!("{}:{}", url.host_str()?, url.port().unwrap_or(POOLED_PORT)))
}

fn project(environment: &Environment, migration: Option<&Url>) -> Result<Option<String>, Trouble> {
    let by_url = migration.and_then(|url| {
        let by_host = url.host_str().and_then(project_of_host).map(ToOwned::to_owned);
        by_host.or_else(|| url.username().split_once('.').map(|(_, project)| project.to_owned()))
    });
    let supabase = environment.get("SUPABASE_URL").and_then(|url| Url::parse(&url).ok());
    let by_supabase = supabase.as_ref().and_then(Url::host_str).and_then(project_of_host).map(ToOwned::to_owned);
    match (by_url, by_supabase) {
        (Some(one), Some(other)) if one != other => Err(Trouble::new(
            format!("DATABASE_URL is of the project {one}, SUPABASE_URL of {other}"),
            "take both from the page of the same project",
        )),
        (one, other) => Ok(one.or(other)),
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
