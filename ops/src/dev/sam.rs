//! What `sam local invoke` needs to reach a running `cargo dev --docker`.

use std::collections::BTreeMap;

use launcher::workspace;
use serde_json::{Map, Value};
use url::Url;

use super::DevState;
use crate::{OpsError, Result};

/// The variables that template.yaml names: SAM hands on no others.
const NAMED: [&str; 3] = ["DATABASE_URL", "DATABASE_CA_PEM", "JWT_SECRET_KEY"];

/// `host:port`, as a URL has it.
pub(super) fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// The file for `sam local invoke --env-vars`: one object for each function that is served, by its name in template.yaml.
///
/// # Errors
/// When `cargo dev` does not run, or runs without --docker.
pub(super) fn environment(state: &DevState) -> Result<String> {
    let start = "start it, in another terminal, with: cargo dev --docker";
    if !state.is_running() {
        return Err(OpsError::said(format!("cargo dev does not run; {start}")));
    }
    let Some(address) = &state.docker else {
        return Err(OpsError::said(format!(
            "cargo dev runs without a way for Docker's containers; end it, and {start}"
        )));
    };
    let environment: Map<String, Value> = through(&state.environment, address)?.into_iter().collect();
    let functions = workspace::SERVED.iter().map(|name| (logical_id(name), Value::Object(environment.clone())));
    let all: Map<String, Value> = functions.collect();
    serde_json::to_string_pretty(&all).map_err(|error| OpsError::said(error.to_string()))
}

/// The functions' environment with the database at another address.
fn through(environment: &BTreeMap<String, String>, address: &str) -> Result<Vec<(String, Value)>> {
    let unusable = || OpsError::said("the state of cargo dev is unreadable; start it again");
    let named = environment.iter().filter(|(name, _)| NAMED.contains(&name.as_str()));
    let value = |(name, value): (&String, &String)| {
        let mut text = value.clone();
        if name == "DATABASE_URL" {
            let there = Url::parse(&format!("postgresql://{address}")).map_err(|_| unusable())?;
            let mut url = Url::parse(value).map_err(|_| unusable())?;
            url.set_host(there.host_str()).map_err(|_| unusable())?;
            url.set_port(there.port()).map_err(|()| unusable())?;
            text = url.into();
        }
        Ok((name.clone(), Value::from(text)))
    };
    // Without a secret's name nothing asks AWS.
    let none = ("APP_SECRET_ARN".to_owned(), Value::from(""));
    named.map(value).chain([Ok(none)]).collect()
}

/// `register` is `RegisterFunction` in template.yaml.
fn logical_id(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}Function", first.to_uppercase())
}

/// What to type next.
pub(super) fn welcome(address: &str) -> String {
    format!(
        "Containers reach the database at {address}. In another terminal, with SAM's command line:\n\n  \
         sam build RegisterFunction\n  \
         cargo dev --print-sam-env > env.json\n  \
         sam local invoke RegisterFunction -e tests/events/register.json --env-vars env.json\n"
    )
}
