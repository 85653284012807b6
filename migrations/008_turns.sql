-- Begin a turn and commit a step: one round trip and one transaction each. A head row is always locked before anything
-- else of its conversation is written; any other order deadlocks when workers are killed.

-- Private. Promises: the transaction acts as p_user on the worker's p_today (a fixed clock's, in tests), and is on disk when its
-- COMMIT is acknowledged, whatever the role's or the database's setting.
CREATE FUNCTION navigator.act_as(p_user uuid, p_today date) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    PERFORM set_config('app.user_id', p_user::text, true), set_config('app.today', coalesce(p_today::text, ''), true),
            set_config('synchronous_commit', 'on', true);
END $$;

-- Private. Promises: the day that the worker says it is (act_as), else the server's, UTC.
CREATE FUNCTION navigator.today() RETURNS date
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
    SELECT coalesce(nullif(current_setting('app.today', true), '')::date, (clock_timestamp() AT TIME ZONE 'UTC')::date)
$$;

-- Private. Promises: what an attempt used of a language model counts for the person's day.
CREATE FUNCTION navigator.model_used(p_user uuid, p_usage jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    IF p_usage IS NOT NULL THEN
        INSERT INTO navigator.model_usage AS u (user_id, day, tokens)
            VALUES (p_user, navigator.today(), (p_usage ->> 'input_tokens')::bigint + (p_usage ->> 'output_tokens')::bigint)
        ON CONFLICT ON CONSTRAINT model_usage_pkey DO UPDATE SET tokens = u.tokens + excluded.tokens;
    END IF;
END $$;

-- Private. Promises: the passages for the query that a step left as `search`, when the step that reads them is next: they come
-- with the grant or with the commit, in the same round trip. Looking them up never costs the turn: on any error, none.
CREATE FUNCTION navigator.turn_evidence(p_head navigator.workflow_states) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    IF p_head.current_step <> 'regulatory_check' OR p_head.state_data ->> 'search' IS NULL THEN
        RETURN '[]';
    END IF;
    BEGIN
        RETURN navigator.regulatory_evidence(p_head.state_data ->> 'search', 6, navigator.today());
    EXCEPTION WHEN OTHERS THEN
        RETURN '[]';
    END;
END $$;

-- Private. Promises: what a worker needs to go on with the head's run, as one object.
CREATE FUNCTION navigator.turn_grant(p_outcome text, p_head navigator.workflow_states) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_message navigator.conversation_messages;
BEGIN
    SELECT * INTO STRICT v_message FROM navigator.conversation_messages AS m
     WHERE m.user_id = p_head.user_id AND m.id = p_head.run_id || '-u';
    RETURN jsonb_build_object(
        'outcome', p_outcome, 'run_id', p_head.run_id, 'fence', p_head.fence, 'step_no', p_head.step_no,
        'step', p_head.current_step, 'attempt', p_head.step_attempt, 'wasted', p_head.wasted, 'last_seq', p_head.last_seq,
        'workflow_type', p_head.workflow_type, 'workflow_version', p_head.workflow_version,
        'state', p_head.state_data, 'state_version', p_head.state_version,
        'message', v_message.content, 'told', v_message.metadata -> 'data', 'evidence', navigator.turn_evidence(p_head),
        'tokens_today', coalesce((SELECT u.tokens FROM navigator.model_usage AS u
                                   WHERE u.user_id = p_head.user_id AND u.day = navigator.today()), 0),
        'done', (SELECT coalesce(jsonb_agg(w.step ORDER BY w.step_no), '[]') FROM navigator.workflow_steps AS w
                  WHERE w.user_id = p_head.user_id AND w.conversation_id = p_head.conversation_id AND w.run_id = p_head.run_id),
        'history', (SELECT coalesce(jsonb_agg(jsonb_build_object('role', h.role, 'content', h.content) ORDER BY h.seq), '[]')
                      FROM (SELECT m.seq, m.role, left(m.content, 2000) AS content
                              FROM navigator.conversation_messages AS m
                             WHERE m.user_id = p_head.user_id AND m.conversation_id = p_head.conversation_id
                               AND m.seq < v_message.seq
                             ORDER BY m.seq DESC LIMIT 6) AS h));
END $$;

-- Private. Promises: whether a worker that knows p_known (versions by workflow type, and 'state') understands a run of these
-- versions.
CREATE FUNCTION navigator.is_known(p_known jsonb, p_type text, p_version int, p_state_version int) RETURNS bool
LANGUAGE plpgsql IMMUTABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN coalesce((p_known ->> p_type)::int >= p_version AND (p_known ->> 'state')::int >= p_state_version, false);
END $$;

-- Private. Promises: the milliseconds until somebody else may go on with the head's run, 0 when it is free now; NULL when no
-- run is under way.
CREATE FUNCTION navigator.turn_left_ms(p_head navigator.workflow_states) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_free_at timestamptz := CASE p_head.status WHEN 'running' THEN p_head.lease_until WHEN 'waiting' THEN p_head.wake_at END;
BEGIN
    -- greatest() passes over NULL.
    RETURN CASE WHEN v_free_at IS NOT NULL THEN
        greatest(0, ceil(extract(epoch FROM v_free_at - clock_timestamp()) * 1000)::int) END;
END $$;

-- Private. Promises: the run of a locked head whose time is over is p_holder's for p_lease_ms, with a new fence. A run that
-- was left running counts as an attempt lost with its worker, until that worker says otherwise (turn_release); a waiting one
-- does not. 'not_mine', nothing touched, when the run is newer than p_known.
CREATE FUNCTION navigator.turn_take_over(
    p_outcome text, p_head navigator.workflow_states, p_holder uuid, p_known jsonb, p_lease_ms int) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_head navigator.workflow_states;
    v_lost jsonb := '[]';
    v_now timestamptz := clock_timestamp();
BEGIN
    IF NOT navigator.is_known(p_known, p_head.workflow_type, p_head.workflow_version, p_head.state_version) THEN
        RETURN jsonb_build_object('outcome', 'not_mine', 'retry_ms', 2000);
    END IF;
    IF p_head.status = 'running' THEN
        v_lost := jsonb_build_array(jsonb_build_object('attempt', p_head.step_attempt, 'outcome', 'lost', 'holder', p_head.holder));
    END IF;
    -- What the sweep has handed out is counted already: also a run that nobody gets as far as taking over.
    UPDATE navigator.workflow_states AS s
       SET fence = s.fence + 1, holder = p_holder, status = 'running', wake_at = NULL, wasted = s.wasted || v_lost,
           step_attempt = s.step_attempt + jsonb_array_length(v_lost),
           takeovers = s.takeovers + (s.claimed_until IS NULL)::int, troubled_since = coalesce(s.troubled_since, v_now),
           claimed_until = NULL, lease_until = v_now + p_lease_ms * interval '1 ms', updated_at = v_now
     WHERE s.user_id = p_head.user_id AND s.conversation_id = p_head.conversation_id
    RETURNING * INTO STRICT v_head;
    RETURN navigator.turn_grant(p_outcome, v_head);
END $$;

-- Private. Promises: the message of a request that is running stands in the conversation, and the head belongs to its run,
-- with a state that carries nothing of earlier turns but what task_requirements left: the open need and the known facts.
CREATE FUNCTION navigator.turn_start(
    p_outcome text, p_head navigator.workflow_states, p_request navigator.workflow_requests, p_message text, p_metadata jsonb,
    p_holder uuid, p_first_step text, p_known jsonb, p_lease_ms int) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_head navigator.workflow_states;
    v_carried jsonb;
    v_type text := p_request.workflow_type;
BEGIN
    INSERT INTO navigator.conversation_messages (user_id, conversation_id, seq, id, run_id, role, content, metadata)
        VALUES (p_head.user_id, p_head.conversation_id, p_head.last_seq + 1, p_request.run_id || '-u', p_request.run_id, 'user',
                p_message, p_metadata);
    PERFORM navigator.conversation_describe(p_head.user_id, p_head.conversation_id, p_metadata);
    SELECT a.state_data INTO v_carried FROM navigator.agent_states AS a
     WHERE a.user_id = p_head.user_id AND a.conversation_id = p_head.conversation_id AND a.agent_name = 'task_requirements';
    -- Whatever the message looks like: while a question is open it may be the answer.
    IF v_carried ? 'need' THEN
        v_type := 'strategy_request';
    END IF;
    UPDATE navigator.workflow_states AS s
       SET run_id = p_request.run_id, request_key = p_request.request_key, workflow_type = v_type,
           workflow_version = (p_known ->> v_type)::int, current_step = p_first_step, step_no = 0, status = 'running',
           state_data = CASE WHEN v_carried IS NULL THEN '{}' ELSE jsonb_build_object('carried', v_carried) END,
           state_version = (p_known ->> 'state')::int, fence = s.fence + 1, holder = p_holder, step_attempt = 1,
           wasted = '[]', takeovers = 0, troubled_since = NULL, claimed_until = NULL, last_error = NULL,
           last_seq = s.last_seq + 1, wake_at = NULL,
           lease_until = clock_timestamp() + p_lease_ms * interval '1 ms', updated_at = clock_timestamp()
     WHERE s.user_id = p_head.user_id AND s.conversation_id = p_head.conversation_id
    RETURNING * INTO STRICT v_head;
    RETURN navigator.turn_grant(p_outcome, v_head);
END $$;

-- Private. Promises: the oldest queued request of a head without a run is started; NULL when none is queued; 'not_mine',
-- nothing touched, when a newer version queued it for a workflow that p_known does not have.
CREATE FUNCTION navigator.turn_start_queued(
    p_key text, p_head navigator.workflow_states, p_holder uuid, p_first_step text, p_known jsonb, p_lease_ms int)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_request navigator.workflow_requests;
BEGIN
    SELECT * INTO v_request FROM navigator.workflow_requests AS q
     WHERE q.user_id = p_head.user_id AND q.conversation_id = p_head.conversation_id AND q.status = 'queued'
     ORDER BY q.created_at, q.run_id LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF NOT (p_known ? v_request.workflow_type) THEN
        RETURN jsonb_build_object('outcome', 'not_mine', 'retry_ms', 2000);
    END IF;
    UPDATE navigator.workflow_requests AS q SET status = 'running', message = NULL, metadata = NULL
     WHERE q.user_id = p_head.user_id AND q.conversation_id = p_head.conversation_id AND q.request_key = v_request.request_key;
    -- Somebody else's message before the caller's own is drained, not answered to the caller.
    RETURN navigator.turn_start(CASE WHEN v_request.request_key = p_key THEN 'started' ELSE 'drain' END, p_head, v_request,
        v_request.message, v_request.metadata, p_holder, p_first_step, p_known, p_lease_ms);
END $$;

-- Private. Promises: the conversation exists, and its head row is locked until the end of the transaction; NULL when it was
-- deleted or archived.
CREATE FUNCTION navigator.turn_lock(p_user uuid, p_conversation text) RETURNS navigator.workflow_states
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_head navigator.workflow_states;
BEGIN
    INSERT INTO navigator.conversations (user_id, id) VALUES (p_user, p_conversation) ON CONFLICT DO NOTHING;
    INSERT INTO navigator.workflow_states (user_id, conversation_id) VALUES (p_user, p_conversation) ON CONFLICT DO NOTHING;
    SELECT * INTO STRICT v_head FROM navigator.workflow_states AS s
     WHERE s.user_id = p_user AND s.conversation_id = p_conversation FOR NO KEY UPDATE;
    -- After the lock: a deletion holds it too.
    RETURN CASE WHEN navigator.conversation_state(p_user, p_conversation) = 'ok' THEN v_head END;
END $$;

-- Private. Promises: what a request gets while the run of a locked head is another worker's: 'in_progress' for the run's own
-- request, 'queued' for one that waits for its turn or may (p_enqueue; ten at most), else 'busy'. retry_ms says when to ask again.
CREATE FUNCTION navigator.turn_wait(
    p_head navigator.workflow_states, p_request navigator.workflow_requests, p_left_ms int, p_key text, p_hash bytea, p_run uuid,
    p_message text, p_metadata jsonb, p_type text, p_enqueue bool) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_retry_ms int := least(p_left_ms, 2000);
    v_queued int;
BEGIN
    IF p_request.run_id = p_head.run_id THEN
        RETURN jsonb_build_object('outcome', 'in_progress', 'retry_ms', v_retry_ms);
    ELSIF p_request.status = 'queued' THEN
        RETURN jsonb_build_object('outcome', 'queued', 'run_id', p_request.run_id, 'workflow_type', p_request.workflow_type,
            'retry_ms', v_retry_ms);
    END IF;
    SELECT count(*) INTO v_queued FROM navigator.workflow_requests AS q
     WHERE q.user_id = p_head.user_id AND q.conversation_id = p_head.conversation_id AND q.status = 'queued';
    IF NOT p_enqueue OR v_queued >= 10 THEN
        RETURN jsonb_build_object('outcome', 'busy', 'retry_ms', v_retry_ms);
    END IF;
    INSERT INTO navigator.workflow_requests
        (user_id, conversation_id, request_key, request_hash, run_id, workflow_type, status, message, metadata)
        VALUES (p_head.user_id, p_head.conversation_id, p_key, p_hash, p_run, p_type, 'queued', p_message, p_metadata);
    RETURN jsonb_build_object('outcome', 'queued', 'run_id', p_run, 'workflow_type', p_type, 'retry_ms', v_retry_ms);
END $$;

-- Private. Promises what turn_begin promises, for somebody who may ask.
CREATE FUNCTION navigator.turn_open(
    p_user uuid, p_conversation text, p_key text, p_hash bytea, p_run uuid, p_holder uuid, p_message text, p_metadata jsonb,
    p_type text, p_first_step text, p_known jsonb, p_lease_ms int, p_enqueue bool) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_head navigator.workflow_states := navigator.turn_lock(p_user, p_conversation);
    v_request navigator.workflow_requests;
    v_left_ms int;
    v_mine text;
    v_queued jsonb;
BEGIN
    IF v_head.conversation_id IS NULL THEN
        RETURN jsonb_build_object('outcome', navigator.conversation_state(p_user, p_conversation));
    END IF;
    SELECT * INTO v_request FROM navigator.workflow_requests AS q
     WHERE q.user_id = p_user AND q.conversation_id = p_conversation AND q.request_key = p_key;
    IF v_request.request_hash <> p_hash THEN
        RETURN jsonb_build_object('outcome', 'mismatch');
    ELSIF v_request.response IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', 'replay', 'response', v_request.response);
    END IF;
    v_mine := CASE WHEN v_request.run_id = v_head.run_id THEN 'resumed' ELSE 'drain' END;
    IF v_head.status = 'running' AND v_head.holder = p_holder THEN
        RETURN navigator.turn_grant(v_mine, v_head);
    END IF;
    -- The lease is compared after the lock was granted.
    v_left_ms := navigator.turn_left_ms(v_head);
    IF v_left_ms > 0 THEN
        RETURN navigator.turn_wait(v_head, v_request, v_left_ms, p_key, p_hash, p_run, p_message, p_metadata, p_type, p_enqueue);
    ELSIF v_left_ms = 0 THEN
        RETURN navigator.turn_take_over(v_mine, v_head, p_holder, p_known, p_lease_ms);
    END IF;
    v_queued := navigator.turn_start_queued(p_key, v_head, p_holder, p_first_step, p_known, p_lease_ms);
    IF v_queued IS NOT NULL THEN
        RETURN v_queued;
    END IF;
    INSERT INTO navigator.workflow_requests (user_id, conversation_id, request_key, request_hash, run_id, workflow_type, status)
        VALUES (p_user, p_conversation, p_key, p_hash, p_run, p_type, 'running') RETURNING * INTO STRICT v_request;
    RETURN navigator.turn_start('started', v_head, v_request, p_message, p_metadata, p_holder, p_first_step, p_known, p_lease_ms);
END $$;

-- Promises one of: 'started', 'resumed', 'drain' (another run of this conversation comes first: finish it, then begin
-- again), each with the run's grant; 'replay' with the stored response; 'in_progress', 'queued' and 'busy' with retry_ms;
-- 'mismatch' (the key belongs to another request); 'not_mine' (made by a newer version); 'deleted' and 'archived' (the conversation was);
-- 'refused' with a refusal of navigator.enter. Asked again by the same holder it answers as before: a lost reply costs nothing.
CREATE FUNCTION navigator.turn_begin(
    p_user uuid, p_session uuid, p_conversation text, p_key text, p_hash bytea, p_run uuid, p_holder uuid, p_message text,
    p_metadata jsonb, p_type text, p_first_step text, p_known jsonb, p_lease_ms int, p_enqueue bool,
    p_today date) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '1s' AS $$
DECLARE
    v_refusal text := nullif(navigator.enter(p_user, p_session), 'ok');
    v_reply jsonb;
BEGIN
    IF v_refusal IS NOT NULL THEN
        RETURN jsonb_build_object('outcome', 'refused', 'refusal', v_refusal);
    END IF;
    PERFORM navigator.act_as(p_user, p_today);
    v_reply := navigator.turn_open(p_user, p_conversation, p_key, p_hash, p_run, p_holder, p_message, p_metadata, p_type,
        p_first_step, p_known, p_lease_ms, p_enqueue);
    PERFORM navigator.audit(p_user, 'question', p_conversation, v_reply ->> 'outcome');
    RETURN v_reply;
END $$;

-- Promises, without a person at the other end: 'resumed' or 'drain' with the grant of the conversation's run that is due, or
-- of its oldest queued request; 'busy' (another worker has it), 'idle' (nothing to do), 'not_mine'. The resume function asks with
-- it for what the sweep found, and for what waits behind a turn that it has finished.
CREATE FUNCTION navigator.turn_resume(
    p_user uuid, p_conversation text, p_holder uuid, p_first_step text, p_known jsonb, p_lease_ms int, p_today date)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '1s' AS $$
DECLARE
    v_head navigator.workflow_states;
    v_left_ms int;
BEGIN
    PERFORM navigator.act_as(p_user, p_today);
    SELECT * INTO v_head FROM navigator.workflow_states AS s
     WHERE s.user_id = p_user AND s.conversation_id = p_conversation FOR NO KEY UPDATE;
    IF v_head.status = 'running' AND v_head.holder = p_holder THEN
        RETURN navigator.turn_grant('resumed', v_head);
    END IF;
    v_left_ms := navigator.turn_left_ms(v_head);
    IF v_left_ms > 0 THEN
        RETURN jsonb_build_object('outcome', 'busy', 'retry_ms', least(v_left_ms, 2000));
    ELSIF v_left_ms = 0 THEN
        RETURN navigator.turn_take_over('resumed', v_head, p_holder, p_known, p_lease_ms);
    END IF;
    RETURN coalesce(navigator.turn_start_queued(NULL, v_head, p_holder, p_first_step, p_known, p_lease_ms),
        jsonb_build_object('outcome', 'idle'));
END $$;

-- Private. Promises: the answer is a message, the run's request answered by p_response, and the conversation the latest. The
-- message is read out of the response (its text, and beside it what neither text nor envelope has), so an answer is sent once.
CREATE FUNCTION navigator.turn_finish(p_head navigator.workflow_states, p_agent text, p_response text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_response jsonb := p_response;
BEGIN
    INSERT INTO navigator.conversation_messages (user_id, conversation_id, seq, id, run_id, role, content, agent_name, metadata)
        VALUES (p_head.user_id, p_head.conversation_id, p_head.last_seq, p_head.run_id || '-a', p_head.run_id, 'assistant',
                v_response #>> '{message,content}', p_agent,
                v_response - '{conversation_id,run_id,message,next_steps,workflow,persistence}'::text[]);
    UPDATE navigator.workflow_requests AS q SET status = p_head.status, response = p_response, finished_at = clock_timestamp()
     WHERE q.user_id = p_head.user_id AND q.conversation_id = p_head.conversation_id AND q.request_key = p_head.request_key;
    UPDATE navigator.conversations AS c SET updated_at = clock_timestamp()
     WHERE c.user_id = p_head.user_id AND c.id = p_head.conversation_id;
END $$;

-- Private. Promises: what became of a commit or a deferral that found no row to change: 'gone' when the account was deleted, 'cancelled'
-- when the run was, else 'fenced'.
CREATE FUNCTION navigator.step_refused(p_user uuid, p_conversation text, p_run uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN CASE WHEN NOT EXISTS (SELECT FROM navigator.users AS u WHERE u.id = p_user) THEN 'gone'
        WHEN EXISTS (
            SELECT FROM navigator.workflow_requests AS q
             WHERE q.user_id = p_user AND q.conversation_id = p_conversation AND q.run_id = p_run AND q.status = 'cancelled')
        THEN 'cancelled' ELSE 'fenced' END;
END $$;

-- Promises: the step's output is stored exactly once and the head stands at the next step with a renewed lease ('committed');
-- or this very commit was stored before ('already'); or the run is no longer this worker's ('fenced', 'cancelled'), nothing
-- changed. p_status is 'running' for a step, 'completed' or 'failed' for the last one, which stores the answer too; has_next
-- says then that another message waits; evidence is what the next step reads. Not user-facing: the fence of the grant is the
-- authority, so a log-out during the turn does not lose the answer.
CREATE FUNCTION navigator.step_commit(
    p_user uuid, p_conversation text, p_run uuid, p_fence bigint, p_step_no int, p_attempt int, p_commit uuid, p_step text,
    p_agent text, p_output jsonb, p_agent_state jsonb, p_duration_ms int, p_usage jsonb, p_wasted jsonb, p_status text,
    p_next_step text, p_lease_ms int, p_response text, p_today date)
RETURNS TABLE (outcome text, has_next bool, evidence jsonb)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '1s' AS $$
#variable_conflict use_column
DECLARE
    v_head navigator.workflow_states;
    v_last bool := p_status <> 'running';
BEGIN
    PERFORM navigator.act_as(p_user, p_today);
    UPDATE navigator.workflow_states AS s
       SET state_data = s.state_data || p_output, step_no = s.step_no + 1, current_step = coalesce(p_next_step, p_step),
           status = p_status, step_attempt = 1, wasted = '[]', takeovers = 0, troubled_since = NULL, claimed_until = NULL,
           last_seq = s.last_seq + v_last::int,
           last_error = CASE WHEN p_status = 'failed' THEN p_output ->> 'failure' END,
           lease_until = CASE WHEN NOT v_last THEN clock_timestamp() + p_lease_ms * interval '1 ms' END,
           updated_at = clock_timestamp()
     WHERE s.user_id = p_user AND s.conversation_id = p_conversation AND s.run_id = p_run AND s.fence = p_fence
       AND s.step_no = p_step_no AND s.status = 'running'
    RETURNING * INTO v_head;
    IF NOT FOUND AND EXISTS (
        SELECT FROM navigator.workflow_steps AS w
         WHERE w.user_id = p_user AND w.conversation_id = p_conversation AND w.run_id = p_run AND w.step_no = p_step_no
           AND w.commit_id = p_commit) THEN
        SELECT * INTO v_head FROM navigator.workflow_states AS s WHERE s.user_id = p_user AND s.conversation_id = p_conversation;
        RETURN QUERY SELECT 'already', v_last, navigator.turn_evidence(v_head);
        RETURN;
    ELSIF v_head.run_id IS NULL THEN
        RETURN QUERY SELECT navigator.step_refused(p_user, p_conversation, p_run), false, '[]'::jsonb;
        RETURN;
    END IF;
    INSERT INTO navigator.workflow_steps (user_id, conversation_id, run_id, step_no, step, agent_name, commit_id, fence, attempt,
                                          duration_ms, output, usage, wasted)
        VALUES (p_user, p_conversation, p_run, p_step_no, p_step, p_agent, p_commit, p_fence, p_attempt, p_duration_ms, p_output,
                p_usage, p_wasted);
    PERFORM navigator.model_used(p_user, p_usage);
    IF p_agent_state IS NOT NULL THEN
        INSERT INTO navigator.agent_states AS a (user_id, conversation_id, agent_name, state_data, workflow_step)
            VALUES (p_user, p_conversation, p_agent, p_agent_state, p_step)
        ON CONFLICT ON CONSTRAINT agent_states_pkey DO UPDATE
            SET state_data = excluded.state_data, workflow_step = excluded.workflow_step, updated_at = clock_timestamp();
    END IF;
    IF v_last THEN
        PERFORM navigator.turn_finish(v_head, p_agent, p_response);
    END IF;
    RETURN QUERY SELECT 'committed', v_last AND EXISTS (
        SELECT FROM navigator.workflow_requests AS q
         WHERE q.user_id = p_user AND q.conversation_id = p_conversation AND q.status = 'queued'),
        navigator.turn_evidence(v_head);
END $$;

-- Promises: the step was not done and the run is put off for p_wait_ms ('deferred', also when this very call was made
-- before): p_status 'waiting' gives the run back, 'running' keeps it for another attempt after a pause. p_failed is the attempt
-- that failed (one object, as workflow_states.wasted keeps it), NULL when there was no time for one: then the step is as good as
-- untried. Else 'fenced' or 'cancelled'.
CREATE FUNCTION navigator.step_defer(
    p_user uuid, p_conversation text, p_run uuid, p_fence bigint, p_step_no int, p_attempt int, p_status text, p_wait_ms int,
    p_failed jsonb) RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '1s' AS $$
#variable_conflict use_column
DECLARE
    v_until timestamptz := clock_timestamp() + p_wait_ms * interval '1 ms';
    v_attempt int := p_attempt + (p_failed IS NOT NULL)::int;
BEGIN
    PERFORM navigator.act_as(p_user, NULL);
    UPDATE navigator.workflow_states AS s
       SET status = p_status, step_attempt = v_attempt, wasted = s.wasted || coalesce(p_failed, '[]'),
           takeovers = CASE WHEN p_failed IS NULL THEN 0 ELSE s.takeovers END,
           troubled_since = CASE WHEN p_failed IS NOT NULL THEN s.troubled_since END,
           last_error = coalesce(p_failed ->> 'reason', s.last_error),
           lease_until = CASE p_status WHEN 'running' THEN v_until END, wake_at = CASE p_status WHEN 'waiting' THEN v_until END,
           updated_at = clock_timestamp()
     WHERE s.user_id = p_user AND s.conversation_id = p_conversation AND s.run_id = p_run AND s.fence = p_fence
       AND s.step_no = p_step_no AND s.status = 'running' AND s.step_attempt = p_attempt;
    RETURN QUERY SELECT CASE WHEN FOUND OR EXISTS (
        SELECT FROM navigator.workflow_states AS s
         WHERE s.user_id = p_user AND s.conversation_id = p_conversation AND s.run_id = p_run AND s.fence = p_fence
           AND s.step_no = p_step_no AND s.status = p_status AND s.step_attempt = v_attempt)
        THEN 'deferred' ELSE navigator.step_refused(p_user, p_conversation, p_run) END;
END $$;

-- Promises: the worker p_holder is alive, and the database kept it from finishing its step, which is no attempt. 'released': the
-- run is free in p_wait_ms. 'excused': somebody had taken it over, and the attempt that was lost then does not count. 'nothing':
-- the run has gone on since. Repeatable. Whoever else is at the run notices nothing.
CREATE FUNCTION navigator.turn_release(p_user uuid, p_conversation text, p_holder uuid, p_wait_ms int, p_reason text)
RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '1s' AS $$
#variable_conflict use_column
DECLARE
    v_now timestamptz := clock_timestamp();
    v_lost jsonb := jsonb_build_object('outcome', 'lost', 'holder', p_holder);
BEGIN
    PERFORM navigator.act_as(p_user, NULL);
    UPDATE navigator.workflow_states AS s
       SET status = 'waiting', lease_until = NULL, wake_at = v_now + p_wait_ms * interval '1 ms', last_error = p_reason,
           updated_at = v_now
     WHERE s.user_id = p_user AND s.conversation_id = p_conversation AND s.holder = p_holder AND s.status = 'running';
    IF FOUND THEN
        RETURN QUERY SELECT 'released';
        RETURN;
    END IF;
    UPDATE navigator.workflow_states AS s
       SET wasted = (SELECT jsonb_agg(CASE WHEN a.attempt @> v_lost THEN a.attempt || '{"outcome": "refused"}' ELSE a.attempt END
                                      ORDER BY a.place)
                       FROM jsonb_array_elements(s.wasted) WITH ORDINALITY AS a (attempt, place))
     WHERE s.user_id = p_user AND s.conversation_id = p_conversation AND s.status IN ('running', 'waiting')
       AND s.wasted @> jsonb_build_array(v_lost);
    RETURN QUERY SELECT CASE WHEN FOUND THEN 'excused' ELSE 'nothing' END;
END $$;

GRANT EXECUTE ON FUNCTION
    navigator.act_as(uuid, date),
    navigator.today(),
    navigator.model_used(uuid, jsonb),
    navigator.turn_evidence(navigator.workflow_states),
    navigator.turn_grant(text, navigator.workflow_states),
    navigator.is_known(jsonb, text, int, int),
    navigator.turn_left_ms(navigator.workflow_states),
    navigator.turn_take_over(text, navigator.workflow_states, uuid, jsonb, int),
    navigator.turn_start(text, navigator.workflow_states, navigator.workflow_requests, text, jsonb, uuid, text, jsonb, int),
    navigator.turn_start_queued(text, navigator.workflow_states, uuid, text, jsonb, int),
    navigator.turn_lock(uuid, text),
    navigator.turn_wait(navigator.workflow_states, navigator.workflow_requests, int, text, bytea, uuid, text, jsonb, text, bool),
    navigator.turn_open(uuid, text, text, bytea, uuid, uuid, text, jsonb, text, text, jsonb, int, bool),
    navigator.turn_begin(uuid, uuid, text, text, bytea, uuid, uuid, text, jsonb, text, text, jsonb, int, bool, date),
    navigator.turn_resume(uuid, text, uuid, text, jsonb, int, date),
    navigator.turn_finish(navigator.workflow_states, text, text),
    navigator.step_refused(uuid, text, uuid),
    navigator.step_commit(uuid, text, uuid, bigint, int, int, uuid, text, text, jsonb, jsonb, int, jsonb, jsonb, text, text, int, text, date),
    navigator.step_defer(uuid, text, uuid, bigint, int, int, text, int, jsonb),
    navigator.turn_release(uuid, text, uuid, int, text)
TO navigator_api;
GRANT EXECUTE ON FUNCTION navigator.is_known(jsonb, text, int, int) TO navigator_sweep;
GRANT EXECUTE ON FUNCTION navigator.turn_finish(navigator.workflow_states, text, text) TO navigator_operator;
