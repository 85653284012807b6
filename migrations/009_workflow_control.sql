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

-- Private. Promises: the run of a locked head that is under way ends as 'cancelled'; the conversation says so, and so does
-- every replay of its request.
CREATE FUNCTION navigator.run_cancel(p_head navigator.workflow_states, p_answer text, p_reply jsonb) RETURNS navigator.workflow_states
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_head navigator.workflow_states;
    v_done jsonb;
BEGIN
    SELECT coalesce(jsonb_agg(w.step ORDER BY w.step_no), '[]') INTO v_done FROM navigator.workflow_steps AS w
     WHERE w.user_id = p_head.user_id AND w.conversation_id = p_head.conversation_id AND w.run_id = p_head.run_id;
    UPDATE navigator.workflow_states AS s
       SET status = 'cancelled', lease_until = NULL, wake_at = NULL, last_seq = s.last_seq + 1, updated_at = clock_timestamp()
     WHERE s.user_id = p_head.user_id AND s.conversation_id = p_head.conversation_id
    RETURNING * INTO STRICT v_head;
    PERFORM navigator.turn_finish(v_head, 'chat_communicator', (p_reply || jsonb_build_object(
        'conversation_id', v_head.conversation_id, 'run_id', v_head.run_id,
        'message', jsonb_build_object('id', v_head.run_id || '-a', 'seq', v_head.last_seq, 'content', p_answer,
                                      'agent_name', 'chat_communicator'),
        'workflow', jsonb_build_object('type', v_head.workflow_type, 'status', 'cancelled', 'steps', v_done),
        'persistence', jsonb_build_object('persisted', true, 'state', 'stored')))::text);
    RETURN v_head;
END $$;

-- Private, for operators. Promises: the run of a locked head that nobody holds is due now, as at its first attempt, and a
-- worker that comes back to it late is fenced.
CREATE FUNCTION navigator.run_retry(p_head navigator.workflow_states) RETURNS navigator.workflow_states
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_head navigator.workflow_states;
BEGIN
    UPDATE navigator.workflow_states AS s
       SET status = 'waiting', lease_until = NULL, wake_at = clock_timestamp(), step_attempt = 1,
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

GRANT EXECUTE ON FUNCTION
    navigator.conversation_gone(uuid, text),
    navigator.workflow_status(uuid, uuid, text),
    navigator.run_view(navigator.workflow_states),
    navigator.run_cancel(navigator.workflow_states, text, jsonb),
    navigator.turn_cancel(uuid, uuid, text, text, jsonb)
TO navigator_api;

GRANT EXECUTE ON FUNCTION navigator.run_retry(navigator.workflow_states),
    navigator.run_cancel(navigator.workflow_states, text, jsonb) TO navigator_operator;

GRANT CREATE ON SCHEMA navigator TO navigator_sweep;
SET LOCAL ROLE navigator_sweep;

-- Private. Promises: finished requests older than p_request_hours are forgotten (their keys are new again), and journal rows
-- older than p_journal_days; at most p_limit of each, none for NULL.
CREATE FUNCTION navigator.prune(p_request_hours int, p_journal_days int, p_limit int) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    v_requests int;
    v_steps int;
BEGIN
    DELETE FROM navigator.workflow_requests AS q
     WHERE (q.user_id, q.conversation_id, q.request_key) IN (
        SELECT o.user_id, o.conversation_id, o.request_key FROM navigator.workflow_requests AS o
         WHERE o.finished_at < clock_timestamp() - p_request_hours * interval '1 hour'
         ORDER BY o.finished_at LIMIT p_limit);
    GET DIAGNOSTICS v_requests = ROW_COUNT;
    DELETE FROM navigator.workflow_steps AS w
     WHERE (w.user_id, w.conversation_id, w.run_id, w.step_no) IN (
        SELECT o.user_id, o.conversation_id, o.run_id, o.step_no FROM navigator.workflow_steps AS o
         WHERE o.committed_at < clock_timestamp() - p_journal_days * interval '1 day' LIMIT p_limit);
    GET DIAGNOSTICS v_steps = ROW_COUNT;
    RETURN jsonb_build_object('expired_requests', v_requests, 'pruned_steps', v_steps);
END $$;

-- Private. Promises: how many unfinished requests nobody has gone on with although they were due before p_before, of any version; 1,000
-- at most.
CREATE FUNCTION navigator.stalled(p_before timestamptz) RETURNS int
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN (SELECT count(*) FROM (
        SELECT FROM navigator.workflow_requests AS q
          JOIN navigator.workflow_states AS s ON s.user_id = q.user_id AND s.conversation_id = q.conversation_id
         WHERE q.finished_at IS NULL AND q.created_at <= p_before
           AND CASE s.status WHEN 'running' THEN q.run_id = s.run_id AND s.lease_until <= p_before
                             WHEN 'waiting' THEN q.run_id = s.run_id AND s.wake_at <= p_before
                             ELSE s.updated_at <= p_before END
         LIMIT 1000) AS o);
END $$;

-- Promises: the conversations in which somebody has to go on, each once, the longest waiting first: a run whose lease or
-- pause is over, or a queued message without a run before it. Those that a worker is busy with at this moment, and what is
-- newer than p_known, are passed over. It also forgets what is too old, and says whether mails wait, where the audit log ends, how
-- many runs are stalled, and in how many conversations of the last 5 minutes the rows do not fit together. No content is read.
CREATE FUNCTION navigator.sweep(p_known jsonb, p_limit int, p_request_hours int, p_journal_days int) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    v_due jsonb;
    v_now timestamptz := clock_timestamp();
BEGIN
    SELECT coalesce(jsonb_agg(jsonb_build_object('user_id', d.user_id, 'conversation_id', d.conversation_id)), '[]') INTO v_due
      FROM (SELECT q.user_id, q.conversation_id
              FROM navigator.workflow_requests AS q
              JOIN navigator.workflow_states AS s ON s.user_id = q.user_id AND s.conversation_id = q.conversation_id
             WHERE q.finished_at IS NULL
               AND CASE s.status WHEN 'running' THEN q.run_id = s.run_id AND s.lease_until <= v_now
                                 WHEN 'waiting' THEN q.run_id = s.run_id AND s.wake_at <= v_now
                                 ELSE q.status = 'queued' AND NOT EXISTS (
                                     SELECT FROM navigator.workflow_requests AS o
                                      WHERE o.user_id = q.user_id AND o.conversation_id = q.conversation_id
                                        AND o.status = 'queued' AND (o.created_at, o.run_id) < (q.created_at, q.run_id)) END
               AND CASE WHEN s.status IN ('running', 'waiting')
                        THEN navigator.is_known(p_known, s.workflow_type, s.workflow_version, s.state_version)
                        ELSE p_known ? q.workflow_type END
             ORDER BY q.created_at LIMIT p_limit FOR NO KEY UPDATE OF s SKIP LOCKED) AS d;
    PERFORM navigator.account_prune(1000);
    RETURN navigator.prune(p_request_hours, p_journal_days, 1000)
        || jsonb_build_object('due', v_due, 'mail_is_due', navigator.mail_is_due(), 'audit_anchor', navigator.audit_anchor(),
               'stalled', navigator.stalled(v_now - interval '5 minutes'),
               'inconsistent', navigator.agent_state_inconsistencies(v_now - interval '5 minutes'));
END $$;
GRANT EXECUTE ON FUNCTION navigator.sweep(jsonb, int, int, int) TO navigator_api;

SET LOCAL ROLE navigator_owner;
REVOKE CREATE ON SCHEMA navigator FROM navigator_sweep;
