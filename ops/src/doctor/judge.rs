//! What numbers mean: pure rules, so that each can be tested at its edge.

use chrono::{DateTime, TimeDelta, Utc};

use super::store::{Connections, Late};
use crate::checks::{Level, Trouble};

/// Tokens have 5 s of leeway.
const CLOCK_WARNING: TimeDelta = TimeDelta::seconds(2);
const CLOCK_FAILED: TimeDelta = TimeDelta::seconds(5);
/// The schedule runs once a minute; after so long it does not run at all.
const LATE_FAILED_S: f64 = 900.0;
/// A transaction is held for about a tenth of a request: so many requests share a connection before they wait for each other.
const REQUESTS_PER_CONNECTION: u32 = 10;
/// Each environment keeps one connection to the pooler, and those of the version before live on for a while.
const VERSIONS: u32 = 2;

/// A verdict and what goes with it.
pub(super) type Judged = Result<String, (Level, Trouble)>;

/// The difference between the clocks; `uncertain` is how long asking took.
pub(super) fn clock(there: DateTime<Utc>, before: DateTime<Utc>, after: DateTime<Utc>) -> Judged {
    let uncertain = after - before;
    let here = before + uncertain / 2;
    let apart = (there - here).abs();
    let said = format!("clocks of this machine and the database are {} ms apart", apart.num_milliseconds());
    let certain = apart - uncertain / 2;
    let advice = "set this machine's clock by NTP; if it is right, the project's is wrong: ask its support";
    match certain {
        _ if certain > CLOCK_FAILED => Err((Level::Failed, Trouble::new(said, advice))),
        _ if certain > CLOCK_WARNING => Err((Level::Warning, Trouble::new(said, advice))),
        _ => Ok(said),
    }
}

/// Whether pool, functions and server fit together.
pub(super) fn capacity(server: &Connections, pool: u32, concurrency: Option<u32>, clients: u32) -> Judged {
    let free = (server.most - server.reserved).max(0).unsigned_abs();
    let used = match (server.used, server.unknown) {
        (0, _) => format!("how many of {} connections are in use is not visible to this login", server.most),
        (used, 0) => format!("{used} of {} connections in use", server.most),
        // The server's own workers may be among those whose kind is not visible.
        (used, _) => format!("at most {used} of {} connections in use", server.most),
    };
    let seen = format!("{used}, pool of {pool}");
    if pool >= free {
        let advice = format!(
            "make the pool smaller than {free}, about 80 % of the server's connections at most (Database settings, pool size)"
        );
        return Err((Level::Failed, Trouble::new(seen, advice)));
    }
    let warn = |found: String, advice: String| Err((Level::Warning, Trouble::new(found, advice)));
    if pool * 5 > free * 4 {
        return warn(
            format!("{seen}: more than 80 % of the server's"),
            "leave connections for migrations, backups and the project's own services".to_owned(),
        );
    }
    let Some(concurrency) = concurrency else {
        return warn(
            format!("{seen}; the functions' reserved concurrency is not told"),
            "say --concurrency N, the sum over the functions".to_owned(),
        );
    };
    if concurrency > clients / VERSIONS {
        return warn(
            format!(
                "{concurrency} environments at once, twice that after a deployment; the pooler takes {clients} clients"
            ),
            format!(
                "reserve at most {} in all, or raise the pooler's limit (--max-clients says it)",
                clients / VERSIONS
            ),
        );
    }
    if concurrency > pool * REQUESTS_PER_CONNECTION {
        return warn(
            format!("{concurrency} environments at once share {pool} connections"),
            format!("reserve at most {} in all, or make the pool larger", pool * REQUESTS_PER_CONNECTION),
        );
    }
    if server.used == 0 {
        return warn(seen, "let this login see them: GRANT pg_read_all_stats TO …".to_owned());
    }
    Ok(format!("{seen}, {concurrency} environments at once"))
}

/// Runs that nobody goes on with.
pub(super) fn runs(late: &Late) -> Judged {
    if late.count == 0 {
        return Ok("no run waits for somebody to go on".to_owned());
    }
    let level = if late.seconds > LATE_FAILED_S { Level::Failed } else { Level::Warning };
    let found = format!("{} runs are abandoned or overdue, the oldest for {:.0} s", late.count, late.seconds);
    Err((
        level,
        Trouble::new(
            found,
            "see that the schedule invokes the function resume (its log); then: ops workflow list, and retry or cancel",
        ),
    ))
}

/// The last backup's age.
pub(super) fn backup(taken: DateTime<Utc>, now: DateTime<Utc>, hours: u32) -> Judged {
    let age = now - taken;
    let said = format!("the last backup is {} h old", age.num_hours());
    if age < TimeDelta::minutes(-5) {
        return Err((
            Level::Warning,
            Trouble::new("the last backup is of a time to come", "see which backup was told, and this machine's clock"),
        ));
    }
    if age > TimeDelta::hours(hours.into()) {
        return Err((
            Level::Warning,
            Trouble::new(
                said,
                format!("see why there is none of the last {hours} h; --backup-hours says how old it may be"),
            ),
        ));
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(judged: Judged) -> Level {
        judged.err().map_or(Level::Ok, |(level, _)| level)
    }

    #[test]
    fn clocks_may_differ_by_less_than_the_tokens_leeway() {
        let at = |ms: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::milliseconds(ms);
        for (there, took, expected) in [
            (0, 0, Level::Ok),
            (1_900, 10, Level::Ok),
            (-2_500, 10, Level::Warning),
            (5_200, 10, Level::Failed),
            (3_000, 4_000, Level::Ok),
        ] {
            assert_eq!(level(clock(at(there), at(0), at(took))), expected, "{there} {took}");
        }
    }

    #[test]
    fn a_pool_must_leave_connections_and_serve_the_functions() {
        let server = Connections { most: 60, reserved: 3, used: 9, unknown: 0 };
        for (pool, concurrency, clients, expected) in [
            (57, Some(10), 200, Level::Failed),
            (50, Some(10), 200, Level::Warning),
            (15, None, 200, Level::Warning),
            (15, Some(101), 200, Level::Warning),
            (15, Some(100), 200, Level::Ok),
            (15, Some(151), 400, Level::Warning),
            (15, Some(150), 400, Level::Ok),
        ] {
            assert_eq!(level(capacity(&server, pool, concurrency, clients)), expected, "{pool} {concurrency:?}");
        }
    }

    #[test]
    fn what_was_not_seen_is_not_counted_as_none() {
        let said = |used, unknown| {
            let server = Connections { most: 60, reserved: 3, used, unknown };
            capacity(&server, 15, Some(10), 200).unwrap_or_else(|(_, trouble)| trouble.found)
        };
        assert!(said(9, 0).starts_with("9 of 60 connections in use,"));
        assert!(said(9, 4).starts_with("at most 9 of 60 connections in use,"));
        assert!(said(0, 0).starts_with("how many of 60 connections are in use is not visible"));
        let unseen = Connections { most: 60, reserved: 3, used: 0, unknown: 0 };
        assert_eq!(level(capacity(&unseen, 15, Some(10), 200)), Level::Warning);
    }

    #[test]
    fn a_quarter_of_an_hour_without_the_schedule_is_a_failure() {
        for (count, seconds, expected) in [(0, 0.0, Level::Ok), (1, 130.0, Level::Warning), (1, 901.0, Level::Failed)] {
            assert_eq!(level(runs(&Late { count, seconds })), expected);
        }
    }

    #[test]
    fn an_old_backup_is_told() {
        let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
        for (hours, expected) in [(3, Level::Ok), (27, Level::Warning), (-1, Level::Warning)] {
            assert_eq!(level(backup(now - TimeDelta::hours(hours), now, 26)), expected, "{hours}");
        }
    }
}
