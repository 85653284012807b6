//! Mistakes made on purpose, in the SQL and in the driver: the judge has to notice each of them.

use tokio_postgres::Client;

/// A mistake in an SQL function: this text of it, replaced.
#[derive(Clone, Copy, Debug)]
pub struct SqlMutant {
    /// What the mistake is called.
    pub name: &'static str,
    function: &'static str,
    from: &'static str,
    to: &'static str,
}

/// A mistake: in `function`, `to` instead of `from`.
pub const fn mutant(name: &'static str, function: &'static str, from: &'static str, to: &'static str) -> SqlMutant {
    SqlMutant { name, function, from, to }
}

/// The mistake that only a storm of refused commits brings to light.
pub const REFUSED_COUNTS: &str = "a_refused_commit_counts_as_an_attempt";

/// Every mistake in the SQL.
pub const SQL_MUTANTS: &[SqlMutant] = &[
    mutant("commit_without_fence", "step_commit", "AND s.fence = p_fence", ""),
    mutant("commit_without_step", "step_commit", "AND s.step_no = p_step_no AND s.status", "AND s.status"),
    mutant("commit_without_status", "step_commit", "AND s.status = 'running'\n    RETURNING", "\n    RETURNING"),
    mutant("commit_forgets_its_id", "step_commit", "AND w.commit_id = p_commit", "AND false"),
    mutant("commit_drops_the_output", "step_commit", "s.state_data || p_output", "s.state_data"),
    mutant("take_over_keeps_the_fence", "turn_take_over", "fence = s.fence + 1", "fence = s.fence"),
    mutant("take_over_forgets_the_attempt", "turn_take_over", "s.wasted || v_lost", "s.wasted"),
    mutant(
        "lease_is_ignored",
        "turn_left_ms",
        "WHEN 'running' THEN p_head.lease_until",
        "WHEN 'running' THEN p_head.updated_at",
    ),
    mutant("lease_never_ends", "step_commit", "p_lease_ms * interval '1 ms'", "interval '1 hour'"),
    mutant("keys_are_not_looked_up", "turn_open", "q.request_key = p_key", "q.request_key = p_key AND false"),
    mutant(
        "replay_is_not_byte_for_byte",
        "turn_open",
        "'response', v_request.response",
        "'response', v_request.response || ' '",
    ),
    mutant("answer_is_not_stored", "turn_finish", "v_response #>> '{message,content}'", "''"),
    mutant(
        "question_is_stored_twice",
        "turn_take_over",
        "    RETURN navigator.turn_grant",
        "    INSERT INTO navigator.conversation_messages (user_id, conversation_id, seq, id, run_id, role, content) SELECT m.user_id, m.conversation_id, v_head.last_seq + 1, m.id || v_head.fence, m.run_id, m.role, m.content FROM navigator.conversation_messages AS m WHERE m.user_id = v_head.user_id AND m.id = v_head.run_id || '-u' ON CONFLICT DO NOTHING;\n    RETURN navigator.turn_grant",
    ),
    mutant("seq_has_gaps", "turn_start", "last_seq = s.last_seq + 1", "last_seq = s.last_seq + 2"),
    mutant("sweep_is_blind", "sweep_claim", "q.finished_at IS NULL", "q.finished_at IS NULL AND false"),
    mutant("queue_is_forgotten", "turn_start_queued", "q.status = 'queued'", "q.status = 'queued' AND false"),
    // With what the database refuses in a storm, five attempts are soon together.
    mutant(
        REFUSED_COUNTS,
        "turn_release",
        "last_error = p_reason,",
        "last_error = p_reason, step_attempt = s.step_attempt + 1,",
    ),
    mutant(
        "requests_are_kept_for_as_long_as_is_asked",
        "retention",
        "least(greatest(coalesce(p_wanted, 168), 24), 8760)",
        "p_wanted",
    ),
    mutant("journal_is_kept_for_as_long_as_is_asked", "retention", "least(greatest(p_wanted, 30), 36500)", "p_wanted"),
    mutant("request_is_not_closed", "turn_finish", "q.request_key = p_head.request_key", "q.request_key = ''"),
];

/// Every mistake in the driver, as NAVIGATOR_STAND_IN names it.
pub const DRIVER_MUTANTS: &[&str] = &["ignore_fence", "answer_without_commit", "stale_state", "double_step"];

/// Every mistake's name.
pub fn names() -> Vec<&'static str> {
    SQL_MUTANTS.iter().map(|mutant| mutant.name).chain(DRIVER_MUTANTS.iter().copied()).collect()
}

impl SqlMutant {
    /// Makes the mistake in a database of its own.
    pub async fn apply(&self, client: &Client) {
        let source = "SELECT pg_get_functiondef(p.oid) FROM pg_proc AS p \
                      WHERE p.pronamespace = 'navigator'::regnamespace AND p.proname = $1";
        let row = client.query_one(source, &[&self.function]).await.expect("the function");
        let correct: String = row.get(0);
        let wrong = correct.replace(self.from, self.to);
        assert_ne!(correct, wrong, "{}: the text is not in {}", self.name, self.function);
        client.batch_execute(&wrong).await.expect("the mistake");
    }
}
