//! What poolers say in the server's place, under SQLSTATEs that mean something else: `XX000` with an `(ECODE)` and a text
//! (Supavisor), `08P01` with a text alone (PgBouncer).
//!
//! Sources: supabase/supavisor, `lib/supavisor/errors`, and its texts before there were codes; PgBouncer 1.18 to 1.24, what it
//! tells clients whom it disconnects.
//!
//! Invariant: what a pooler says in a way that is not known here is a passing trouble of the connection, never a bug: texts
//! change with a pooler's release, and nobody asks us first.

use super::error::Class;

/// Supavisor's codes. Those that are not here are [`Class::Ambiguous`].
const CODES: [(&str, Class); 28] = [
    // All that there may be are there.
    ("EMAXCONN", Class::Saturated),
    ("EMAXCONNSESSION", Class::Saturated),
    ("EMAXCLIENTCONN", Class::Saturated),
    ("EMAXPOOLSREACHED", Class::Saturated),
    // Nothing reached the server.
    ("ECHECKOUTTIMEOUT", Class::Unavailable),
    ("ECHECKOUTFAILED", Class::Unavailable),
    ("ECHECKOUTRETRIES", Class::Unavailable),
    ("EPOOLCHECKOUT", Class::Unavailable),
    ("EPOOLCONFIGNOTFOUND", Class::Unavailable),
    ("EPOOLRANCHNOTFOUND", Class::Unavailable),
    ("EPROXYSTARTFAILED", Class::Unavailable),
    ("EPROXYSUPERVISORUNAVAILABLE", Class::Unavailable),
    ("ESUBSCRIBERETRIES", Class::Unavailable),
    ("EWORKERNOTFOUND", Class::Unavailable),
    ("EAUTHQUERY", Class::Unavailable),
    ("EAUTHSECRETS", Class::Unavailable),
    ("EAUTHTIMEOUT", Class::Unavailable),
    // Trying soon makes it worse.
    ("ECIRCUITBREAKER", Class::Blocked),
    ("EBANNED", Class::Blocked),
    // There may be other credentials by now.
    ("ENOTFOUND", Class::Credential),
    ("EWRONGPASSWORD", Class::Credential),
    ("EJITUNAUTHORIZED", Class::Credential),
    // Somebody has to change a setting.
    ("EADDRNOTALLOWED", Class::Configuration),
    ("EINVALIDUSERINFO", Class::Configuration),
    ("EMULTIPLEUSERS", Class::Configuration),
    ("ENOIDENTIFIER", Class::Configuration),
    ("ESSLREQUIRED", Class::Configuration),
    ("ESTARTUPMESSAGE", Class::Configuration),
];

/// Parts of texts without a code, in lower case.
const TEXTS: [(&str, Class); 27] = [
    ("max client connections reached", Class::Saturated),
    ("max clients reached", Class::Saturated),
    ("maxclientsinsessionmode", Class::Saturated),
    ("max_client_conn", Class::Saturated),
    ("no more connections allowed", Class::Saturated),
    ("too many connections", Class::Saturated),
    ("unable to check out", Class::Unavailable),
    ("query_wait_timeout", Class::Unavailable),
    ("server login has been failing", Class::Unavailable),
    ("server_login_retry", Class::Unavailable),
    ("cannot connect to server", Class::Unavailable),
    ("connect failed", Class::Unavailable),
    ("client_login_timeout", Class::Unavailable),
    ("the database system is", Class::Unavailable),
    ("pooler is shutting down", Class::Unavailable),
    ("dbhandler exited", Class::Ambiguous),
    ("server conn crashed", Class::Ambiguous),
    ("query timeout", Class::Timeout),
    ("password authentication failed", Class::Credential),
    ("sasl authentication failed", Class::Credential),
    ("no such user", Class::Credential),
    ("tenant or user not found", Class::Credential),
    ("no such database", Class::Configuration),
    ("unsupported startup parameter", Class::Configuration),
    ("bouncer config error", Class::Configuration),
    ("ssl required", Class::Configuration),
    ("tls connection required", Class::Configuration),
];

/// The class of what a pooler said; none when it is not known to be a pooler's.
pub(super) fn classify(sqlstate: &str, message: &str) -> Option<Class> {
    if let Some(code) = code(message) {
        let known = CODES.iter().find(|(known, _)| *known == code).map(|(_, class)| *class);
        return Some(known.unwrap_or(Class::Ambiguous));
    }
    if sqlstate != "XX000" && !sqlstate.starts_with("08") {
        return None;
    }
    let message = message.to_ascii_lowercase();
    TEXTS.iter().find(|(part, _)| message.contains(part)).map(|(_, class)| *class)
}

/// The code in front of a text: `ECODE` of `(ECODE) text`.
fn code(message: &str) -> Option<&str> {
    let (code, _) = message.strip_prefix('(')?.split_once(')')?;
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (code.len() > 3 && code.starts_with('E') && code.bytes().all(fits)).then_some(code)
}
