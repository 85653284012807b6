//! The password that navigator_api has or gets, and the keys that sign tokens: from where they are kept, from the file of an earlier
//! set-up, or new.
//!
//! Invariant: a password that is in use is never changed unasked, and an earlier set-up's keys come with its password or not at all.

use launcher::process::random_hex;
use tokio_postgres::Client;

use super::destination::Kept;
use super::keys::{Earlier, SigningKeys};
use super::plan::Plan;
use super::{Checked, refuses_the_login};
use crate::checks::advice::{Place, of_connection};
use crate::checks::{Report, Trouble, rights};
use crate::database;

/// The password that navigator_api has or gets.
pub(super) struct Password {
    /// Letters and digits.
    pub(super) text: String,
    /// Whether the role does not have it yet.
    pub(super) is_new: bool,
    /// Whether the file of an earlier set-up is of this project: its password let navigator_api in.
    earlier_is_ours: bool,
}

/// The password, and what is said of it. `anew` asks for another one in any case.
pub(super) async fn password(plan: &Plan, client: &mut Client, anew: bool) -> Checked<Password> {
    let is_there = rights::of_run_time_role(client).await?;
    let kept = match &plan.password {
        Some(known) if is_there && !anew => Some((known, let_in(plan, known).await?)),
        _ => None,
    };
    if let Some((known, true)) = kept {
        let text = known.clone();
        let password = Password { text, is_new: false, earlier_is_ours: false };
        return Ok((password, "navigator_api keeps its password".to_owned()));
    }
    let ours = match &plan.earlier {
        Some(earlier) if is_there && let_in(plan, &earlier.password).await? => Some(earlier),
        _ => None,
    };
    let new = |text: String| Password { text, is_new: true, earlier_is_ours: ours.is_some() };
    match (&plan.password, ours) {
        _ if anew => Ok((new(fresh()?), "navigator_api gets a new password".to_owned())),
        (None, _) if !is_there => Ok((new(fresh()?), "navigator_api is not there yet".to_owned())),
        (Some(known), _) if !is_there => {
            Ok((new(known.clone()), "navigator_api is not there yet; it gets the password that is kept".to_owned()))
        }
        (_, Some(Earlier { password, file, .. })) => {
            let password = Password { text: password.clone(), is_new: false, earlier_is_ours: true };
            Ok((password, format!("navigator_api keeps its password, which is taken over from {file}")))
        }
        (None, None) => Err(unknown(plan)),
        (Some(_), None) => Err(refused(plan)),
    }
}

fn fresh() -> Result<String, Trouble> {
    random_hex(32).map_err(|error| Trouble::new(error.0, "run it on a system with /dev/urandom"))
}

/// Whether the pooler lets navigator_api in with this password.
async fn let_in(plan: &Plan, password: &str) -> Result<bool, Trouble> {
    let url = plan.run_time_url(password);
    let place = Place::of("DATABASE_URL", &url)?;
    match database::connect(&url, plan.ca_pem.as_deref()).await {
        Ok(_) => Ok(true),
        Err(error) if refuses_the_login(&error) => Ok(false),
        Err(error) => Err(of_connection(&error, &place)),
    }
}

/// What an operator can do: each of these ways leads on from here.
fn unknown(plan: &Plan) -> Trouble {
    let tried = match (&plan.earlier, &plan.foreign) {
        (Some(earlier), _) => format!(" (that in {} is refused)", earlier.file),
        (None, Some(file)) => format!(" ({file} is another project's)"),
        (None, None) => String::new(),
    };
    Trouble::new(
        format!("navigator_api is there, and its password is not known here{tried}"),
        "if functions run with it, say where it is kept: --write FILE, --env-file FILE or --secret ARN; if none run, say --new-password",
    )
}

fn refused(plan: &Plan) -> Trouble {
    let (host, port) = &plan.pooler;
    Trouble::new(
        format!("{host}:{port} does not let navigator_api in with the password that is kept"),
        "if functions run with another one, set it in the DATABASE_URL that is kept; if none run, say --new-password",
    )
}

/// The keys that sign tokens: those that are kept, else those of an earlier set-up of this project, else the environment's, else one that
/// is made.
pub(super) async fn signing_keys(plan: &Plan, password: &Password) -> Checked<SigningKeys> {
    let earlier = plan.earlier.as_ref().filter(|_| password.earlier_is_ours);
    let earlier = earlier.and_then(|earlier| Some((&earlier.file, earlier.keys.clone()?)));
    match (plan.keys.clone(), earlier) {
        (Some(keys), _) if plan.keys_are_kept => Ok((keys, "JWT_SECRET_KEY stays as it is kept".to_owned())),
        (_, Some((file, keys))) => {
            Ok((keys, format!("JWT_SECRET_KEY is taken over from {file}: tokens that it signed stay valid")))
        }
        (Some(keys), None) => Ok((keys, "JWT_SECRET_KEY is the environment's".to_owned())),
        (None, None) => {
            let key = random_hex(48);
            let key = key.map_err(|error| Trouble::new(error.0, "run it on a system with /dev/urandom"))?;
            Ok((SigningKeys::of(key), "JWT_SECRET_KEY was not set: one is made".to_owned()))
        }
    }
}

/// What was not taken over from the file of an earlier set-up.
pub(super) fn say_what_stays(report: &Report, plan: &Plan, password: &Password, kept: &Kept) {
    if let Some(file) = &plan.foreign {
        report.say(&format!("{file} is of another project; nothing was taken from it"));
    }
    let earlier = plan.earlier.as_ref().filter(|earlier| password.earlier_is_ours && !kept.includes(&earlier.file));
    let Some(earlier) = earlier else { return };
    if password.is_new {
        report.say(&format!("{} still has another password: functions that read it are refused", earlier.file));
    }
    let left = earlier.left_behind(kept);
    if !left.is_empty() {
        let (names, place) = (left.join(", "), kept.name());
        report.say(&format!("only in {}: {names}; add to {place} what the functions need of it", earlier.file));
    }
}
