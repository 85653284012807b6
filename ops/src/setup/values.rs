//! The single values that a set-up is given, each checked for itself.

use shared::config::guide::{KeyKind, key_kind, placeholder};
use url::Url;

use super::plan::{NO_POOLER, POOLED_PORT};
use crate::checks::Trouble;
use crate::checks::environment::Environment;

/// `host`, `host:port`, or a URL as the project's page shows it.
pub(super) fn pooler(text: Option<&str>) -> Result<(String, u16), Trouble> {
    let mend =
        "--pooler-host aws-0-<region>.pooler.supabase.com (Supabase: Connect, transaction pooler), or POOLER_HOST";
    let text = text.ok_or_else(|| Trouble::new(NO_POOLER, mend))?.trim();
    let text = text.rsplit_once('@').map_or(text, |(_, rest)| rest);
    let text = text.strip_prefix("postgresql://").unwrap_or(text);
    let text = text.split(['/', '?']).next().unwrap_or_default();
    let url = Url::parse(&format!("postgresql://{text}")).ok();
    let host = url.as_ref().and_then(Url::host_str).filter(|host| !host.is_empty() && placeholder(host).is_none());
    let Some(host) = host else { return Err(Trouble::new("the pooler's host is not a host", mend)) };
    let port = url.as_ref().and_then(Url::port).unwrap_or(POOLED_PORT);
    if host.ends_with(".pooler.supabase.com") && port != POOLED_PORT {
        return Err(Trouble::new(
            format!("port {port} of the pooler is its session mode"),
            format!("functions need transaction mode: leave the port away, or say :{POOLED_PORT}"),
        ));
    }
    Ok((host.to_owned(), port))
}

/// The password in the functions' URL.
pub(super) fn password(run_time: Option<&Url>) -> Result<Option<String>, Trouble> {
    let Some(password) = run_time.and_then(Url::password) else { return Ok(None) };
    if password.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(Some(password.to_owned()));
    }
    Err(Trouble::new(
        "the password of navigator_api in DATABASE_URL has other characters than letters and digits",
        "remove that DATABASE_URL and say --new-password: one that fits is made",
    ))
}

/// The service key is not needed; one that is something else is a mistake.
pub(super) fn service_key(environment: &Environment) -> Result<(), Trouble> {
    match environment.get("SUPABASE_SERVICE_ROLE_KEY").as_deref().map(key_kind) {
        None | Some(KeyKind::Service) => Ok(()),
        Some(_) => Err(Trouble::new(
            "SUPABASE_SERVICE_ROLE_KEY is no service key",
            "remove it: neither the set-up nor the functions need it",
        )),
    }
}

/// Over a network `require` without a CA would let anybody in between answer: the project's certificate is always checked.
pub(super) fn verified(variable: &str, url: &Url, ca_given: bool) -> Result<(), Trouble> {
    if ca_given || !url.query_pairs().any(|(name, value)| name == "sslmode" && value == "require") {
        return Ok(());
    }
    Err(Trouble::new(
        format!("{variable} has sslmode=require and there is no CA: the server's certificate would not be checked"),
        "give the project's CA with --ca FILE (Supabase: Database settings, SSL configuration), and say sslmode=verify-full",
    ))
}
