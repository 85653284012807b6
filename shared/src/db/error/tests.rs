use super::*;

/// SQLSTATE, text, class of an error that leaves the connection as it is.
const ERRORS: &[(&str, &str, Class)] = &[
    ("53300", "sorry, too many clients already", Class::Saturated),
    ("53100", "could not extend file: No space left on device", Class::Saturated),
    ("53200", "out of memory", Class::Saturated),
    ("58030", "could not read block 7: Input/output error", Class::Ambiguous),
    ("25006", "cannot execute UPDATE in a read-only transaction", Class::ReadOnly),
    ("40001", "could not serialize access", Class::Conflict),
    ("40P01", "deadlock detected", Class::Conflict),
    ("40003", "statement completion unknown", Class::Ambiguous),
    ("55P03", "canceling statement due to lock timeout", Class::Contention),
    ("55000", "the table is not in the state that this needs", Class::Unavailable),
    ("55006", "the object is in use", Class::Unavailable),
    ("57014", "canceling statement due to statement timeout", Class::Timeout),
    ("57000", "operator intervention", Class::Ambiguous),
    ("42P05", "prepared statement already exists", Class::Bug),
    ("26000", "prepared statement does not exist", Class::Bug),
    ("22021", "invalid byte sequence", Class::Validation),
    ("22P05", "unsupported Unicode escape sequence", Class::Validation),
    ("23514", "violates check constraint", Class::Validation),
    ("42501", "permission denied", Class::Denied),
    ("42883", "function navigator.step_commit(uuid) does not exist", Class::Schema),
    ("42P01", "relation navigator.users does not exist", Class::Schema),
    ("42703", "column p.other does not exist", Class::Schema),
    ("42725", "function navigator.enter(unknown) is not unique", Class::Schema),
    ("3F000", "schema navigator does not exist", Class::Schema),
    ("0A000", "cached plan must not change result type", Class::Schema),
    ("0A000", "this is not supported", Class::Bug),
    ("42601", "syntax error", Class::Bug),
    // The server's own errors under the code that poolers use.
    ("XX000", "cache lookup failed for function 4711", Class::Ambiguous),
    ("XX000", "tuple concurrently updated", Class::Ambiguous),
    ("XX001", "invalid page in block 7", Class::Bug),
];

/// The same for one that ends the connection.
const LAST_WORDS: &[(&str, &str, Class)] = &[
    ("28P01", "password authentication failed", Class::Credential),
    ("28000", "role is not permitted to log in", Class::Credential),
    ("3D000", "database \"other\" does not exist", Class::Configuration),
    ("42501", "permission denied for database", Class::Configuration),
    ("53300", "remaining connection slots are reserved", Class::Saturated),
    ("57P01", "terminating connection due to administrator command", Class::Ambiguous),
    ("57P02", "terminating connection because of crash of another server process", Class::Ambiguous),
    ("57P03", "the database system is starting up", Class::Ambiguous),
    ("57P04", "the database was dropped", Class::Ambiguous),
    ("57P05", "terminating connection due to idle-session timeout", Class::Ambiguous),
    ("25P03", "terminating connection due to idle-in-transaction timeout", Class::Ambiguous),
    ("25P04", "terminating connection due to transaction timeout", Class::Timeout),
    ("08006", "connection failure", Class::Ambiguous),
    ("99Z99", "what no release has said so far", Class::Ambiguous),
    // Supavisor.
    ("XX000", "(EMAXCONN) max client connections reached, limit: 200", Class::Saturated),
    ("XX000", "(EMAXCONNSESSION) max clients reached in session mode", Class::Saturated),
    ("XX000", "(EMAXPOOLSREACHED) all the pools are in use", Class::Saturated),
    ("XX000", "Max client connections reached", Class::Saturated),
    ("XX000", "MaxClientsInSessionMode: max clients reached", Class::Saturated),
    ("XX000", "(ECHECKOUTTIMEOUT) unable to check out connection from the pool after 60000ms", Class::Unavailable),
    ("XX000", "Unable to check out process from the pool due to timeout", Class::Unavailable),
    ("XX000", "(EPOOLCHECKOUT) no connection", Class::Unavailable),
    ("XX000", "(EAUTHQUERY) connection to database failed", Class::Unavailable),
    ("08006", "(EAUTHTIMEOUT) timeout while waiting for message", Class::Unavailable),
    ("XX000", "(EDBHANDLEREXITED) DbHandler exited. Check logs for more information", Class::Ambiguous),
    ("XX000", "DbHandler exited", Class::Ambiguous),
    ("XX000", "(ESOMETHINGNEW) a release of next year", Class::Ambiguous),
    ("XX000", "a text of next year", Class::Ambiguous),
    ("XX000", "(ECIRCUITBREAKER) too many authentication errors", Class::Blocked),
    ("XX000", "(EBANNED) tenant is banned: abuse", Class::Blocked),
    ("XX000", "(ENOTFOUND) tenant/user navigator_api.project not found", Class::Credential),
    ("XX000", "Tenant or user not found", Class::Credential),
    ("XX000", "(ENOIDENTIFIER) no tenant identifier provided", Class::Configuration),
    ("XX000", "(EADDRNOTALLOWED) address not in tenant allow_list", Class::Configuration),
    // PgBouncer.
    ("08P01", "no more connections allowed (max_client_conn)", Class::Saturated),
    ("08P01", "query_wait_timeout", Class::Unavailable),
    ("08P01", "client_login_timeout (server down)", Class::Unavailable),
    ("08P01", "server login has been failing, try again later (server_login_retry)", Class::Unavailable),
    ("08P01", "pgbouncer cannot connect to server", Class::Unavailable),
    ("08P01", "server conn crashed?", Class::Ambiguous),
    ("08P01", "a text of next year", Class::Ambiguous),
    ("08P01", "query timeout", Class::Timeout),
    ("08P01", "no such user: navigator_api", Class::Credential),
    ("08P01", "SASL authentication failed", Class::Credential),
    ("08P01", "no such database: postgres", Class::Configuration),
    ("08P01", "unsupported startup parameter: extra_float_digits", Class::Configuration),
];

#[test]
fn every_row_of_the_table_has_its_class() {
    for (is_last_word, rows) in [(false, ERRORS), (true, LAST_WORDS)] {
        for (sqlstate, message, class) in rows {
            assert_eq!(classify_server(is_last_word, sqlstate, message), *class, "{sqlstate} {message}");
        }
    }
}

#[test]
fn what_ended_the_connection_is_never_a_bug_and_always_spoils_it() {
    let digits =
        ["00", "08", "0A", "22", "23", "25", "26", "28", "3D", "42", "53", "54", "55", "57", "58", "P0", "XX", "9Z"];
    for first in digits {
        for last in ["000", "001", "P01", "P05", "ZZZ"] {
            let class = classify_server(true, &format!("{first}{last}"), "whatever it says");
            assert_ne!(class, Class::Bug, "{first}{last}");
            assert!(class.spoils_connection(), "{first}{last}: {class:?}");
        }
    }
}

#[test]
fn only_failures_that_a_repeat_can_cure_are_repeated() {
    assert_eq!(Class::Conflict.attempts(), 3);
    for class in [Class::Ambiguous, Class::Unavailable, Class::Saturated, Class::ReadOnly, Class::Contention] {
        assert_eq!(class.attempts(), 2, "{class:?}");
    }
    for class in [
        Class::Configuration,
        Class::Credential,
        Class::Blocked,
        Class::Bug,
        Class::Schema,
        Class::Timeout,
        Class::Unanswered,
    ] {
        assert_eq!(class.attempts(), 1, "{class:?}");
    }
}
