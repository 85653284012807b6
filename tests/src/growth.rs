//! Tables as they are after years, filled by the server itself: finished requests, their journal, ended sessions, mails, secrets
//! and counts of limits, of a few hundred thousand people.

use tokio_postgres::Client;

/// How many rows of what.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    /// Finished requests, evenly over the last 7 days but for the last 10 minutes.
    pub requests: u64,
    /// Journal rows, evenly over the last two years.
    pub steps: u64,
    /// Sessions, secrets, mails and counts: so many of each, none of them old enough to be pruned.
    pub others: u64,
}

/// Conversations of one person.
const EACH: u64 = 10;

/// Fills the tables. Constraints and triggers are passed over: what is written fits together.
pub async fn fill(client: &Client, growth: Growth) {
    let Growth { requests, steps, others } = growth;
    let people = (requests / 60).clamp(100, 100_000);
    let id = |n: &str| format!("lpad(to_hex({n}), 32, '0')::uuid");
    let (person, conversation) = (id(&format!("1 + g % {people}")), format!("'c' || (g / {people} % {EACH})"));
    let run = id("g");
    let statements = [
        "SET session_replication_role = replica; SET synchronous_commit = off".to_owned(),
        format!(
            "INSERT INTO navigator.users (id, email, password_hash, full_name)
             SELECT {}, g || '@example.org', '-', 'Ana' FROM generate_series(1, {people}) AS g",
            id("g")
        ),
        format!(
            "INSERT INTO navigator.conversations (user_id, id)
             SELECT {}, 'c' || c FROM generate_series(1, {people}) AS g, generate_series(0, {EACH} - 1) AS c",
            id("g")
        ),
        format!(
            "INSERT INTO navigator.workflow_states (user_id, conversation_id, status, updated_at)
             SELECT {}, 'c' || c, 'completed', now() - interval '1 hour'
               FROM generate_series(1, {people}) AS g, generate_series(0, {EACH} - 1) AS c",
            id("g")
        ),
        format!(
            "INSERT INTO navigator.workflow_requests (user_id, conversation_id, request_key, request_hash, run_id, workflow_type,
                                                      status, response, created_at, finished_at)
             SELECT {person}, {conversation}, 'k' || g, '\\x00', {run}, 'navigator_only', 'completed', '{{}}', f.at, f.at
               FROM generate_series(1, {requests}) AS g,
                    LATERAL (SELECT now() - interval '167 hours' + g * (interval '10010 minutes' / {requests}) AS at) AS f"
        ),
        format!(
            "INSERT INTO navigator.workflow_steps (user_id, conversation_id, run_id, step_no, step, agent_name, commit_id, fence,
                                                   attempt, duration_ms, output, wasted, committed_at)
             SELECT {person}, {conversation}, {run}, 0, 'security_check', 'prompt_security', {run}, 1, 1, 3, '{{}}', '[]',
                    now() - interval '729 days' + g * (interval '728 days' / {steps})
               FROM generate_series(1, {steps}) AS g"
        ),
        format!(
            "INSERT INTO navigator.sessions (id, user_id, expires_at)
             SELECT {run}, {person}, now() - interval '29 days' + g * (interval '29 days' / {others}) FROM generate_series(1, {others}) AS g"
        ),
        format!(
            "INSERT INTO navigator.one_time_secrets (id, user_id, purpose, secret_hash, expires_at)
             SELECT {run}, {person}, 'verify', sha256(g::text::bytea), now() + g * (interval '1 day' / {others})
               FROM generate_series(1, {others}) AS g"
        ),
        format!(
            "INSERT INTO navigator.outbox (id, kind, user_id, secret_id, finished_at, outcome)
             SELECT {run}, 'verify_email', {person}, {run}, now() - g * (interval '23 hours' / {others}), 'sent'
               FROM generate_series(1, {others}) AS g"
        ),
        format!(
            "INSERT INTO navigator.rate_limits (policy, key, hits, began_at)
             SELECT p.name, g::text, 1, now() + interval '1 hour' - g * (interval '1 second' / {others})
               FROM (SELECT name FROM navigator.rate_policies ORDER BY name LIMIT 1) AS p, generate_series(1, {others}) AS g"
        ),
        "SET session_replication_role = origin; VACUUM ANALYZE".to_owned(),
    ];
    for statement in statements {
        for statement in statement.split("; ") {
            client.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error:?}"));
        }
    }
}
