-- Looking at a run, cancelling it, and finding those that nobody goes on with.

-- Private. Promises: why a conversation has no run: 'deleted', 'archived', or 'not_found' (absent, somebody else's, nothing was asked yet).
CREATE FUNCTION navigator.conversation_gone(p_user uuid, p_conversation text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN replace(navigator.conversation_state(p_user, p_conversation), 'ok', 'not_found');
END $$;

-- Promises: 'found' with the conversation's current or last run, its committed steps and the messages that wait behind it; or
-- what conversation_gone says, or 'refused' with a refusal of navigator.enter.
CREATE FUNCTION navigator.workflow_status(p_user uuid, p_session uuid, p_conversation text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_head navigator.workflow_states;
    v_refusal text := nullif(navigator.enter(p_user, p_session), 'ok');
BEGIN
    IF v_refusal IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', 'refused', 'refusal', v_refusal);
    END IF;
    SELECT * INTO v_head FROM navigator.workflow_states AS s
     WHERE s.user_id = p_user AND s.conversation_id = p_conversation AND s.run_id IS NOT NULL;
    PERFORM navigator.audit(p_user, 'workflow.read', p_conversation, CASE WHEN v_head.run_id IS NULL THEN 'not_found' ELSE 'ok' END);
    IF v_head.run_id IS NULL THEN
        RETURN jsonb_build_object('outcome', navigator.conversation_gone(p_user, p_conversation));
    END IF;
    RETURN navigator.run_view(v_head) || jsonb_build_object('outcome', 'found');
END $$;

-- Private. Promises: a run as its owner sees it: where it stands, what was done and how long it took, what waits behind it.
CREATE FUNCTION navigator.run_view(p_head navigator.workflow_states) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_request navigator.workflow_requests;
BEGIN
    SELECT * INTO v_request FROM navigator.workflow_requests AS q
     WHERE q.user_id = p_head.user_id AND q.conversation_id = p_head.conversation_id AND q.request_key = p_head.request_key;
    RETURN jsonb_build_object(
        'conversation_id', p_head.conversation_id, 'run_id', p_head.run_id, 'type', p_head.workflow_type,
        'version', p_head.workflow_version, 'status', p_head.status,
        'current_step', CASE WHEN p_head.status IN ('running', 'waiting') THEN p_head.current_step END,
        'attempt', CASE WHEN p_head.status IN ('running', 'waiting') THEN p_head.step_attempt END,
        'reason', p_head.last_error,
        'started_at', v_request.created_at, 'updated_at', p_head.updated_at, 'finished_at', v_request.finished_at,
        'steps', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                      'step', w.step, 'agent_name', w.agent_name, 'attempts', w.attempt, 'duration_ms', w.duration_ms,
                      'committed_at', w.committed_at) ORDER BY w.step_no), '[]')
                    FROM navigator.workflow_steps AS w
                   WHERE w.user_id = p_head.user_id AND w.conversation_id = p_head.conversation_id
                     AND w.run_id = p_head.run_id),
        'queue', (SELECT coalesce(jsonb_agg(jsonb_build_object('run_id', q.run_id, 'queued_at', q.created_at)
                                            ORDER BY q.created_at, q.run_id), '[]')
                    FROM navigator.workflow_requests AS q
                   WHERE q.user_id = p_head.user_id AND q.conversation_id = p_head.conversation_id AND q.status = 'queued'));
END $$;

-- Private. Promises: the run of a locked head that is under way ends as p_status without a worker; the conversation says so, and so
-- does every replay of its request. No step is journaled: what kept the run from its commits must not keep it from its end.
CREATE FUNCTION navigator.run_end(p_head navigator.workflow_states, p_status text, p_reason text, p_answer text, p_reply jsonb)
RETURNS navigator.workflow_states
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_head navigator.workflow_states;
    v_done jsonb;
BEGIN
    SELECT coalesce(jsonb_agg(w.step ORDER BY w.step_no), '[]') INTO v_done FROM navigator.workflow_steps AS w
     WHERE w.user_id = p_head.user_id AND w.conversation_id = p_head.conversation_id AND w.run_id = p_head.run_id;
    UPDATE navigator.workflow_states AS s
       SET status = p_status, last_error = p_reason, lease_until = NULL, wake_at = NULL, takeovers = 0, troubled_since = NULL,
           claimed_until = NULL, last_seq = p_head.last_seq + 1, updated_at = clock_timestamp()
     WHERE s.user_id = p_head.user_id AND s.conversation_id = p_head.conversation_id
    RETURNING * INTO STRICT v_head;
    PERFORM navigator.turn_finish(v_head, 'chat_communicator', (p_reply || jsonb_build_object(
        'conversation_id', v_head.conversation_id, 'run_id', v_head.run_id,
        'message', jsonb_build_object('id', v_head.run_id || '-a', 'seq', v_head.last_seq, 'content', p_answer,
                                      'agent_name', 'chat_communicator'),
        'workflow', jsonb_build_object('type', v_head.workflow_type, 'status', p_status, 'steps', v_done),
        'persistence', jsonb_build_object('persisted', true, 'state', 'stored')))::text);
    RETURN v_head;
END $$;

-- Private. Promises: the run of a locked head that is under way ends as 'cancelled', as run_end does it.
CREATE FUNCTION navigator.run_cancel(p_head navigator.workflow_states, p_answer text, p_reply jsonb) RETURNS navigator.workflow_states
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN navigator.run_end(p_head, 'cancelled', p_head.last_error, p_answer, p_reply);
END $$;

-- Private. Promises: whether it is time to end a run that is due, and for which reason, NULL when it is not. Its step was begun five
-- times in vain: failed, or lost with its worker (a run that is still 'running' when it is due has lost one more). Or, whatever
-- the cause, it was taken up ten times within 15 minutes or more: an outage that is over sooner ends nothing.
CREATE FUNCTION navigator.hopeless(p_status text, p_attempt int, p_wasted jsonb, p_takeovers int, p_since timestamptz, p_now timestamptz)
RETURNS text
LANGUAGE sql IMMUTABLE SECURITY INVOKER SET search_path = '' AS $$
    SELECT CASE
        WHEN p_attempt + (p_status = 'running')::int > 5
             + (SELECT count(*) FROM jsonb_array_elements(p_wasted) AS a (attempt) WHERE a.attempt ->> 'outcome' = 'refused')
            THEN 'the step was begun too often'
        WHEN p_takeovers >= 10 AND p_since <= p_now - interval '15 minutes' THEN 'the step could not be stored'
    END
$$;

-- Private, for operators. Promises: the run of a locked head that nobody holds is due now, as at its first attempt, and a
-- worker that comes back to it late is fenced.
CREATE FUNCTION navigator.run_retry(p_head navigator.workflow_states) RETURNS navigator.workflow_states
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_head navigator.workflow_states;
BEGIN
    UPDATE navigator.workflow_states AS s
       SET status = 'waiting', lease_until = NULL, wake_at = clock_timestamp(), step_attempt = 1, takeovers = 0,
           troubled_since = NULL, claimed_until = NULL,
           wasted = s.wasted || CASE s.status WHEN 'running' THEN
               jsonb_build_array(jsonb_build_object('attempt', s.step_attempt, 'outcome', 'lost')) ELSE '[]' END,
           updated_at = clock_timestamp()
     WHERE s.user_id = p_head.user_id AND s.conversation_id = p_head.conversation_id
    RETURNING * INTO STRICT v_head;
    RETURN v_head;
END $$;

-- Promises: 'cancelled' with the run (also when it was cancelled before), 'finished' (too late, nothing changed), or as
-- workflow_status. A step that is being worked on finds out at its commit; messages that wait are answered next.
CREATE FUNCTION navigator.turn_cancel(p_user uuid, p_session uuid, p_conversation text, p_answer text, p_reply jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '1s' AS $$
DECLARE
    v_head navigator.workflow_states;
    v_outcome text := 'cancelled';
    v_refusal text := nullif(navigator.enter(p_user, p_session), 'ok');
BEGIN
    IF v_refusal IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', 'refused', 'refusal', v_refusal);
    END IF;
    PERFORM navigator.act_as(p_user, NULL);
    SELECT * INTO v_head FROM navigator.workflow_states AS s
     WHERE s.user_id = p_user AND s.conversation_id = p_conversation AND s.run_id IS NOT NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        v_outcome := navigator.conversation_gone(p_user, p_conversation);
    ELSIF v_head.status IN ('running', 'waiting') THEN
        v_head := navigator.run_cancel(v_head, p_answer, p_reply);
    ELSIF v_head.status <> 'cancelled' THEN
        v_outcome := 'finished';
    END IF;
    PERFORM navigator.audit(p_user, 'workflow.cancel', p_conversation, CASE v_outcome WHEN 'cancelled' THEN 'ok' ELSE v_outcome END);
    RETURN CASE v_outcome WHEN 'cancelled' THEN navigator.run_view(v_head) ELSE '{}' END || jsonb_build_object('outcome', v_outcome);
END $$;

-- Promises: 'failed': the run that is due and hopeless has ended without a worker, with this answer, and its conversation goes on.
-- 'busy' (somebody has it), 'not_due' (it is not hopeless, or over). The answer's place is looked up: a head that disagrees with
-- the messages may be what kept the run from its commits. An answer that cannot be a message stays in the request alone.
CREATE FUNCTION navigator.turn_give_up(p_user uuid, p_conversation text, p_answer text, p_reply jsonb)
RETURNS TABLE (outcome text, run_id uuid, reason text)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '1s' AS $$
#variable_conflict use_column
DECLARE
    v_head navigator.workflow_states;
    v_reason text;
BEGIN
    PERFORM navigator.act_as(p_user, NULL);
    SELECT * INTO v_head FROM navigator.workflow_states AS s
     WHERE s.user_id = p_user AND s.conversation_id = p_conversation FOR NO KEY UPDATE SKIP LOCKED;
    v_reason := navigator.hopeless(v_head.status, v_head.step_attempt, v_head.wasted, v_head.takeovers, v_head.troubled_since,
                                   clock_timestamp());
    IF v_head.run_id IS NULL OR navigator.turn_left_ms(v_head) > 0 THEN
        RETURN QUERY SELECT 'busy', v_head.run_id, v_reason;
        RETURN;
    ELSIF v_head.status NOT IN ('running', 'waiting') OR v_reason IS NULL THEN
        RETURN QUERY SELECT 'not_due', v_head.run_id, v_reason;
        RETURN;
    END IF;
    v_head.last_seq := greatest(v_head.last_seq, (SELECT coalesce(max(m.seq), 0) FROM navigator.conversation_messages AS m
                                                   WHERE m.user_id = p_user AND m.conversation_id = p_conversation));
    BEGIN
        PERFORM navigator.run_end(v_head, 'failed', v_reason, p_answer, p_reply);
    EXCEPTION WHEN OTHERS THEN
        PERFORM navigator.run_close(v_head, v_reason, p_answer, p_reply);
    END;
    RETURN QUERY SELECT 'failed', v_head.run_id, v_reason;
END $$;

-- Private. Promises: the run of a locked head is 'failed' and its request answered, and nothing else is written.
CREATE FUNCTION navigator.run_close(p_head navigator.workflow_states, p_reason text, p_answer text, p_reply jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    UPDATE navigator.workflow_states AS s
       SET status = 'failed', last_error = p_reason, lease_until = NULL, wake_at = NULL, takeovers = 0, troubled_since = NULL,
           claimed_until = NULL, last_seq = p_head.last_seq, updated_at = clock_timestamp()
     WHERE s.user_id = p_head.user_id AND s.conversation_id = p_head.conversation_id;
    UPDATE navigator.workflow_requests AS q
       SET status = 'failed', finished_at = clock_timestamp(), message = NULL, metadata = NULL,
           response = (p_reply || jsonb_build_object(
               'conversation_id', p_head.conversation_id, 'run_id', p_head.run_id,
               'message', jsonb_build_object('id', p_head.run_id || '-a', 'seq', p_head.last_seq, 'content', p_answer,
                                             'agent_name', 'chat_communicator'),
               'workflow', jsonb_build_object('type', p_head.workflow_type, 'status', 'failed', 'steps', '[]'::jsonb),
               'persistence', jsonb_build_object('persisted', true, 'state', 'stored')))::text
     WHERE q.user_id = p_head.user_id AND q.conversation_id = p_head.conversation_id AND q.run_id = p_head.run_id;
END $$;

GRANT EXECUTE ON FUNCTION
    navigator.conversation_gone(uuid, text),
    navigator.workflow_status(uuid, uuid, text),
    navigator.run_view(navigator.workflow_states),
    navigator.run_end(navigator.workflow_states, text, text, text, jsonb),
    navigator.run_cancel(navigator.workflow_states, text, jsonb),
    navigator.run_close(navigator.workflow_states, text, text, jsonb),
    navigator.hopeless(text, int, jsonb, int, timestamptz, timestamptz),
    navigator.turn_cancel(uuid, uuid, text, text, jsonb),
    navigator.turn_give_up(uuid, text, text, jsonb)
TO navigator_api;
GRANT EXECUTE ON FUNCTION navigator.hopeless(text, int, jsonb, int, timestamptz, timestamptz) TO navigator_sweep;
GRANT EXECUTE ON FUNCTION navigator.run_retry(navigator.workflow_states),
    navigator.run_end(navigator.workflow_states, text, text, text, jsonb),
    navigator.run_cancel(navigator.workflow_states, text, jsonb) TO navigator_operator;

GRANT CREATE ON SCHEMA navigator TO navigator_sweep;
SET LOCAL ROLE navigator_sweep;

-- Private. Promises: how long what is over is kept, when its caller asks for p_wanted: 'requests' in hours, 'journal' in days. The one
-- place that says the least and the most: whoever holds the functions' login may ask for less, and gets the least. NULL: for good.
CREATE FUNCTION navigator.retention(p_kind text, p_wanted int) RETURNS interval
LANGUAGE sql IMMUTABLE SECURITY INVOKER SET search_path = '' AS $$
    SELECT CASE p_kind
        WHEN 'requests' THEN least(greatest(coalesce(p_wanted, 168), 24), 8760) * interval '1 hour'
        WHEN 'journal' THEN CASE WHEN p_wanted IS NOT NULL THEN least(greatest(p_wanted, 30), 36500) * interval '1 day' END
    END
$$;

-- Private. Promises: of which kinds there is something to prune now. Each is one look into an index.
CREATE FUNCTION navigator.prunable(p_request_hours int, p_journal_days int, p_now timestamptz) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_requests timestamptz := p_now - navigator.retention('requests', p_request_hours);
    v_journal timestamptz := p_now - navigator.retention('journal', p_journal_days);
    v_kinds text[] := navigator.account_prunable();
BEGIN
    PERFORM FROM navigator.workflow_requests AS q WHERE q.finished_at < v_requests ORDER BY q.finished_at LIMIT 1;
    IF FOUND THEN
        v_kinds := v_kinds || 'requests'::text;
    END IF;
    PERFORM FROM navigator.workflow_steps AS w WHERE w.committed_at < v_journal ORDER BY w.committed_at LIMIT 1;
    RETURN CASE WHEN FOUND THEN v_kinds || 'journal'::text ELSE v_kinds END;
END $$;

-- Promises: of one kind that the sweep named, the 1,000 oldest rows that are older than navigator.retention says are gone: 'requests'
-- (finished ones: their keys are new again), 'journal', or one of account_prune; how many. Another kind is none.
CREATE FUNCTION navigator.prune(p_kind text, p_request_hours int, p_journal_days int) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' SET lock_timeout = '1s' AS $$
DECLARE
    v_before timestamptz := clock_timestamp()
        - navigator.retention(p_kind, CASE p_kind WHEN 'requests' THEN p_request_hours ELSE p_journal_days END);
    v_count int;
BEGIN
    IF p_kind = 'requests' THEN
        DELETE FROM navigator.workflow_requests AS q WHERE q.ctid = ANY (ARRAY(
            SELECT o.ctid FROM navigator.workflow_requests AS o WHERE o.finished_at < v_before ORDER BY o.finished_at LIMIT 1000));
    ELSIF p_kind = 'journal' THEN
        DELETE FROM navigator.workflow_steps AS w WHERE w.ctid = ANY (ARRAY(
            SELECT o.ctid FROM navigator.workflow_steps AS o WHERE o.committed_at < v_before ORDER BY o.committed_at LIMIT 1000));
    ELSE
        RETURN navigator.account_prune(p_kind, 1000);
    END IF;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END $$;

-- Private. Promises: how many unfinished requests nobody has gone on with although they were due before p_before, or with whose run
-- nobody has got on since then, of any version; 1,000 at most.
CREATE FUNCTION navigator.stalled(p_before timestamptz) RETURNS int
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN (SELECT count(*) FROM (
        SELECT FROM navigator.workflow_requests AS q
          JOIN navigator.workflow_states AS s ON s.user_id = q.user_id AND s.conversation_id = q.conversation_id
         WHERE q.finished_at IS NULL AND q.created_at <= p_before
           AND CASE s.status WHEN 'running' THEN q.run_id = s.run_id AND least(s.lease_until, s.troubled_since) <= p_before
                             WHEN 'waiting' THEN q.run_id = s.run_id AND least(s.wake_at, s.troubled_since) <= p_before
                             ELSE s.updated_at <= p_before END
         LIMIT 1000) AS o);
END $$;

-- Private. Promises: up to p_limit conversations in which somebody has to go on, each once: a run whose lease or pause is over, or a
-- queued message without a run before it. They are the caller's for 10 seconds: no other look finds them before. First what is to
-- be given up (it takes no worker), then what was taken up least often, of that what no worker was lost with, of that what is due
-- longest: a run that kills its worker or never gets to its commit comes after everybody else. What a worker is busy with at
-- this moment, and what is newer than p_known, is passed over.
CREATE FUNCTION navigator.sweep_claim(p_known jsonb, p_limit int, p_now timestamptz) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_due jsonb;
BEGIN
    WITH due AS (
        SELECT q.user_id, q.conversation_id, s.takeovers, s.status = 'running' AS is_lost, e.is_hopeless,
               CASE s.status WHEN 'running' THEN s.lease_until WHEN 'waiting' THEN s.wake_at ELSE q.created_at END AS due_at
          FROM navigator.workflow_requests AS q
          JOIN navigator.workflow_states AS s ON s.user_id = q.user_id AND s.conversation_id = q.conversation_id,
               LATERAL (SELECT s.status IN ('running', 'waiting') AND navigator.hopeless(s.status, s.step_attempt, s.wasted,
                            s.takeovers, s.troubled_since, p_now) IS NOT NULL AS is_hopeless) AS e
         WHERE q.finished_at IS NULL AND (s.claimed_until <= p_now) IS NOT FALSE
           AND CASE s.status WHEN 'running' THEN q.run_id = s.run_id AND s.lease_until <= p_now
                             WHEN 'waiting' THEN q.run_id = s.run_id AND s.wake_at <= p_now
                             ELSE q.status = 'queued' AND NOT EXISTS (
                                 SELECT FROM navigator.workflow_requests AS o
                                  WHERE o.user_id = q.user_id AND o.conversation_id = q.conversation_id
                                    AND o.status = 'queued' AND o.finished_at IS NULL
                                    AND (o.created_at, o.run_id) < (q.created_at, q.run_id)) END
           AND CASE WHEN s.status IN ('running', 'waiting')
                    THEN navigator.is_known(p_known, s.workflow_type, s.workflow_version, s.state_version)
                    ELSE p_known ? q.workflow_type END
         ORDER BY e.is_hopeless DESC, s.takeovers, s.status = 'running', due_at
         LIMIT least(greatest(coalesce(p_limit, 0), 0), 1000) FOR NO KEY UPDATE OF s SKIP LOCKED),
    claimed AS (
        UPDATE navigator.workflow_states AS s
           SET claimed_until = p_now + interval '10 seconds',
               takeovers = s.takeovers + (s.status IN ('running', 'waiting'))::int,
               troubled_since = CASE WHEN s.status IN ('running', 'waiting') THEN coalesce(s.troubled_since, p_now) END
          FROM due AS d WHERE s.user_id = d.user_id AND s.conversation_id = d.conversation_id
        RETURNING d.*)
    SELECT coalesce(jsonb_agg(jsonb_build_object('user_id', c.user_id, 'conversation_id', c.conversation_id, 'give_up', c.is_hopeless)
                              ORDER BY c.is_hopeless DESC, c.takeovers, c.is_lost, c.due_at), '[]') INTO v_due
      FROM claimed AS c;
    RETURN v_due;
END $$;

-- Promises: what sweep_claim hands out; whether mails wait, where the audit log ends, how many runs are stalled, in how many
-- conversations of the last 5 minutes the rows do not fit together; and of which kinds there is something to prune, for
-- navigator.prune, a statement of its own: nothing is deleted here. No content is read. The locks are taken last. Heads are looked up
-- one by one: with some work to do the server would rather read all of them. No plan is compiled (jit): over millions of rows the
-- planner's costs ask for it, and it takes 150 ms of the processor for a sweep of 2.
CREATE FUNCTION navigator.sweep(p_known jsonb, p_limit int, p_request_hours int, p_journal_days int) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' SET lock_timeout = '1s'
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_reply jsonb;
BEGIN
    v_reply := jsonb_build_object('mail_is_due', navigator.mail_is_due(), 'audit_anchor', navigator.audit_anchor(),
        'stalled', navigator.stalled(v_now - interval '5 minutes'),
        'inconsistent', navigator.agent_state_inconsistencies(v_now - interval '5 minutes'),
        'prunable', navigator.prunable(p_request_hours, p_journal_days, v_now));
    RETURN v_reply || jsonb_build_object('due', navigator.sweep_claim(p_known, p_limit, v_now));
END $$;
GRANT EXECUTE ON FUNCTION navigator.sweep(jsonb, int, int, int), navigator.prune(text, int, int) TO navigator_api;

SET LOCAL ROLE navigator_owner;
REVOKE CREATE ON SCHEMA navigator FROM navigator_sweep;
