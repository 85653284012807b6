-- The durable turn: the head row (the one serialisation point of a conversation), the journal of steps, the requests by
-- Idempotency-Key, and the functions that begin a turn and commit a step, each one round trip and one transaction.
-- States and outcomes are explained in ARCHITECTURE.md, "The durable turn".

CREATE TABLE navigator.workflow_states (
    user_id uuid NOT NULL,
    conversation_id text NOT NULL,
    run_id uuid,
    request_key text,
    workflow_type text NOT NULL DEFAULT '',
    workflow_version int NOT NULL DEFAULT 0,
    current_step text NOT NULL DEFAULT '',
    step_no int NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'idle',
    state_data jsonb NOT NULL DEFAULT '{}',
    state_version int NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    holder uuid,
    lease_until timestamptz,
    step_attempt int NOT NULL DEFAULT 0,
    last_seq bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT workflow_states_pkey PRIMARY KEY (user_id, conversation_id),
    CONSTRAINT workflow_states_status_check CHECK (status IN ('idle', 'running', 'completed', 'failed')),
    CONSTRAINT workflow_states_conversation_fkey FOREIGN KEY (user_id, conversation_id)
        REFERENCES navigator.conversations (user_id, id) ON DELETE CASCADE
) WITH (fillfactor = 60);

CREATE TABLE navigator.workflow_requests (
    user_id uuid NOT NULL,
    conversation_id text NOT NULL,
    request_key text NOT NULL,
    request_hash bytea NOT NULL,
    run_id uuid NOT NULL,
    status text NOT NULL,
    response text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    CONSTRAINT workflow_requests_pkey PRIMARY KEY (user_id, conversation_id, request_key),
    CONSTRAINT workflow_requests_status_check CHECK (status IN ('running', 'completed', 'failed')),
    CONSTRAINT workflow_requests_response_check CHECK ((status = 'running') = (response IS NULL)),
    CONSTRAINT workflow_requests_conversation_fkey FOREIGN KEY (user_id, conversation_id)
        REFERENCES navigator.conversations (user_id, id) ON DELETE CASCADE
) WITH (fillfactor = 80);

CREATE TABLE navigator.workflow_steps (
    user_id uuid NOT NULL,
    conversation_id text NOT NULL,
    run_id uuid NOT NULL,
    step_no int NOT NULL,
    step text NOT NULL,
    agent_name text NOT NULL,
    commit_id uuid NOT NULL,
    fence bigint NOT NULL,
    attempt int NOT NULL,
    output jsonb NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT workflow_steps_pkey PRIMARY KEY (user_id, conversation_id, run_id, step_no),
    CONSTRAINT workflow_steps_conversation_fkey FOREIGN KEY (user_id, conversation_id)
        REFERENCES navigator.conversations (user_id, id) ON DELETE CASCADE
);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['workflow_states', 'workflow_requests', 'workflow_steps'] LOOP
        EXECUTE format('ALTER TABLE navigator.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE navigator.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I TO navigator_owner USING (true) WITH CHECK (true)', t || '_owner', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I FOR SELECT TO navigator_api
                            USING (user_id = (SELECT navigator.current_user_id()))', t || '_select', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I FOR INSERT TO navigator_api
                            WITH CHECK (user_id = (SELECT navigator.current_user_id()))', t || '_insert', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['workflow_states', 'workflow_requests'] LOOP
        EXECUTE format('CREATE POLICY %I ON navigator.%I FOR UPDATE TO navigator_api
                            USING (user_id = (SELECT navigator.current_user_id()))
                            WITH CHECK (user_id = (SELECT navigator.current_user_id()))', t || '_update', t);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON navigator.workflow_states, navigator.workflow_requests TO navigator_api;
-- The journal is append-only.
GRANT SELECT, INSERT ON navigator.workflow_steps TO navigator_api;

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
        'step', p_head.current_step, 'attempt', p_head.step_attempt, 'last_seq', p_head.last_seq,
        'workflow_type', p_head.workflow_type, 'workflow_version', p_head.workflow_version,
        'state', p_head.state_data, 'state_version', p_head.state_version,
        'message', v_message.content,
        'done', (SELECT coalesce(jsonb_agg(w.step ORDER BY w.step_no), '[]') FROM navigator.workflow_steps AS w
                  WHERE w.user_id = p_head.user_id AND w.conversation_id = p_head.conversation_id AND w.run_id = p_head.run_id),
        'history', (SELECT coalesce(jsonb_agg(jsonb_build_object('role', h.role, 'content', h.content) ORDER BY h.seq), '[]')
                      FROM (SELECT m.seq, m.role, left(m.content, 2000) AS content
                              FROM navigator.conversation_messages AS m
                             WHERE m.user_id = p_head.user_id AND m.conversation_id = p_head.conversation_id
                               AND m.seq < v_message.seq
                             ORDER BY m.seq DESC LIMIT 6) AS h));
END $$;

-- Private. Promises: the run of a locked head is p_holder's for p_lease_ms, with a new fence, as one more attempt at its
-- step; or 'not_mine', nothing touched, when the run's versions are newer than p_known says this worker understands.
CREATE FUNCTION navigator.turn_take_over(
    p_outcome text, p_head navigator.workflow_states, p_holder uuid, p_known jsonb, p_lease_ms int) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_head navigator.workflow_states;
BEGIN
    IF NOT coalesce((p_known ->> p_head.workflow_type)::int >= p_head.workflow_version, false)
       OR (p_known ->> 'state')::int < p_head.state_version THEN
        RETURN jsonb_build_object('outcome', 'not_mine', 'retry_ms', 2000);
    END IF;
    UPDATE navigator.workflow_states AS s
       SET fence = s.fence + 1, holder = p_holder, step_attempt = s.step_attempt + 1,
           lease_until = clock_timestamp() + p_lease_ms * interval '1 ms'
     WHERE s.user_id = p_head.user_id AND s.conversation_id = p_head.conversation_id
    RETURNING * INTO STRICT v_head;
    RETURN navigator.turn_grant(p_outcome, v_head);
END $$;

-- Private. Promises: the message is stored, its request is known, and the head belongs to the new run with a state that
-- carries nothing of earlier turns but what task_requirements left: the open need and the known facts.
CREATE FUNCTION navigator.turn_start(
    p_head navigator.workflow_states, p_key text, p_hash bytea, p_run uuid, p_holder uuid, p_message text, p_metadata jsonb,
    p_type text, p_first_step text, p_known jsonb, p_lease_ms int) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_head navigator.workflow_states;
    v_carried jsonb;
    v_type text := p_type;
BEGIN
    INSERT INTO navigator.conversation_messages (user_id, conversation_id, seq, id, run_id, role, content, metadata)
        VALUES (p_head.user_id, p_head.conversation_id, p_head.last_seq + 1, p_run || '-u', p_run, 'user', p_message, p_metadata);
    INSERT INTO navigator.workflow_requests (user_id, conversation_id, request_key, request_hash, run_id, status)
        VALUES (p_head.user_id, p_head.conversation_id, p_key, p_hash, p_run, 'running');
    SELECT a.state_data INTO v_carried FROM navigator.agent_states AS a
     WHERE a.user_id = p_head.user_id AND a.conversation_id = p_head.conversation_id AND a.agent_name = 'task_requirements';
    -- Whatever the message looks like: while a question is open it may be the answer.
    IF v_carried ? 'need' THEN
        v_type := 'strategy_request';
    END IF;
    UPDATE navigator.workflow_states AS s
       SET run_id = p_run, request_key = p_key, workflow_type = v_type, workflow_version = (p_known ->> v_type)::int,
           current_step = p_first_step, step_no = 0, status = 'running',
           state_data = CASE WHEN v_carried IS NULL THEN '{}' ELSE jsonb_build_object('carried', v_carried) END,
           state_version = (p_known ->> 'state')::int, fence = s.fence + 1, holder = p_holder, step_attempt = 1,
           last_seq = s.last_seq + 1, lease_until = clock_timestamp() + p_lease_ms * interval '1 ms',
           updated_at = clock_timestamp()
     WHERE s.user_id = p_head.user_id AND s.conversation_id = p_head.conversation_id
    RETURNING * INTO STRICT v_head;
    RETURN navigator.turn_grant('started', v_head);
END $$;

-- Private. Promises: the conversation exists, and its head row is locked until the end of the transaction.
CREATE FUNCTION navigator.turn_lock(p_user uuid, p_conversation text) RETURNS navigator.workflow_states
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_head navigator.workflow_states;
BEGIN
    INSERT INTO navigator.conversations (user_id, id) VALUES (p_user, p_conversation) ON CONFLICT DO NOTHING;
    INSERT INTO navigator.workflow_states (user_id, conversation_id) VALUES (p_user, p_conversation) ON CONFLICT DO NOTHING;
    SELECT * INTO STRICT v_head FROM navigator.workflow_states AS s
     WHERE s.user_id = p_user AND s.conversation_id = p_conversation FOR NO KEY UPDATE;
    RETURN v_head;
END $$;

-- Promises one of: 'started', 'resumed', 'drain' (somebody else's abandoned run of this conversation: finish it, then
-- begin again), each with the run's grant; 'replay' with the stored response; 'in_progress' (this request is being worked
-- on) and 'busy' (another one is) with retry_ms; 'mismatch' (the key belongs to another request); 'not_mine' (made by a
-- newer version); 'session_ended'. Asked again by the same holder it answers as before: a lost reply costs nothing.
CREATE FUNCTION navigator.turn_begin(
    p_user uuid, p_session uuid, p_conversation text, p_key text, p_hash bytea, p_run uuid, p_holder uuid, p_message text,
    p_metadata jsonb, p_type text, p_first_step text, p_known jsonb, p_lease_ms int) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '1s' AS $$
DECLARE
    v_head navigator.workflow_states;
    v_request navigator.workflow_requests;
    v_left_ms int;
BEGIN
    IF navigator.enter(p_user, p_session) <> 'ok' THEN
        RETURN jsonb_build_object('outcome', 'session_ended');
    END IF;
    v_head := navigator.turn_lock(p_user, p_conversation);
    SELECT * INTO v_request FROM navigator.workflow_requests AS q
     WHERE q.user_id = p_user AND q.conversation_id = p_conversation AND q.request_key = p_key;
    IF v_request.run_id IS NOT NULL AND v_request.request_hash <> p_hash THEN
        RETURN jsonb_build_object('outcome', 'mismatch');
    ELSIF v_request.run_id IS NOT NULL AND v_request.status <> 'running' THEN
        RETURN jsonb_build_object('outcome', 'replay', 'response', v_request.response);
    ELSIF v_head.status = 'running' AND v_head.holder = p_holder THEN
        RETURN navigator.turn_grant(CASE WHEN v_request.run_id IS NULL THEN 'drain'
            WHEN v_head.step_no = 0 AND v_head.step_attempt = 1 THEN 'started' ELSE 'resumed' END, v_head);
    END IF;
    -- The lease is compared after the lock was granted.
    v_left_ms := ceil(extract(epoch FROM v_head.lease_until - clock_timestamp()) * 1000)::int;
    IF v_head.status = 'running' AND v_left_ms > 0 THEN
        RETURN jsonb_build_object('outcome', CASE WHEN v_request.run_id IS NULL THEN 'busy' ELSE 'in_progress' END,
            'retry_ms', least(v_left_ms, 2000));
    ELSIF v_head.status = 'running' THEN
        RETURN navigator.turn_take_over(CASE WHEN v_request.run_id IS NULL THEN 'drain' ELSE 'resumed' END,
            v_head, p_holder, p_known, p_lease_ms);
    END IF;
    RETURN navigator.turn_start(v_head, p_key, p_hash, p_run, p_holder, p_message, p_metadata, p_type, p_first_step, p_known,
        p_lease_ms);
END $$;

-- Private. Promises: the answer stands in the conversation and the request has its response, to be replayed as it is.
CREATE FUNCTION navigator.turn_finish(
    p_head navigator.workflow_states, p_agent text, p_answer text, p_answer_metadata jsonb, p_response text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    INSERT INTO navigator.conversation_messages (user_id, conversation_id, seq, id, run_id, role, content, agent_name, metadata)
        VALUES (p_head.user_id, p_head.conversation_id, p_head.last_seq, p_head.run_id || '-a', p_head.run_id, 'assistant',
                p_answer, p_agent, p_answer_metadata);
    UPDATE navigator.workflow_requests AS q SET status = p_head.status, response = p_response, finished_at = clock_timestamp()
     WHERE q.user_id = p_head.user_id AND q.conversation_id = p_head.conversation_id AND q.request_key = p_head.request_key;
    UPDATE navigator.conversations AS c SET updated_at = clock_timestamp()
     WHERE c.user_id = p_head.user_id AND c.id = p_head.conversation_id;
END $$;

-- Promises: the step's output is stored exactly once and the head stands at the next step with a renewed lease ('committed');
-- or this very commit was stored before ('already'); or the run is no longer this worker's ('fenced'), nothing changed.
-- p_status is 'running' for a step, 'completed' or 'failed' for the last one, which stores the answer too. Not user-facing:
-- the fence of turn_begin's grant is the authority, so a log-out during the turn does not lose the answer.
CREATE FUNCTION navigator.step_commit(
    p_user uuid, p_conversation text, p_run uuid, p_fence bigint, p_step_no int, p_attempt int, p_commit uuid, p_step text,
    p_agent text, p_output jsonb, p_agent_state jsonb, p_status text, p_next_step text, p_lease_ms int,
    p_answer text, p_answer_metadata jsonb, p_response text) RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '1s' AS $$
#variable_conflict use_column
DECLARE
    v_head navigator.workflow_states;
    v_last bool := p_status <> 'running';
BEGIN
    PERFORM set_config('app.user_id', p_user::text, true);
    UPDATE navigator.workflow_states AS s
       SET state_data = s.state_data || p_output, step_no = s.step_no + 1, current_step = coalesce(p_next_step, p_step),
           status = p_status, step_attempt = 1, last_seq = s.last_seq + v_last::int,
           lease_until = CASE WHEN v_last THEN NULL ELSE clock_timestamp() + p_lease_ms * interval '1 ms' END,
           updated_at = clock_timestamp()
     WHERE s.user_id = p_user AND s.conversation_id = p_conversation AND s.run_id = p_run AND s.fence = p_fence
       AND s.step_no = p_step_no AND s.status = 'running'
    RETURNING * INTO v_head;
    IF NOT FOUND THEN
        RETURN QUERY SELECT CASE WHEN EXISTS (
            SELECT FROM navigator.workflow_steps AS w
             WHERE w.user_id = p_user AND w.conversation_id = p_conversation AND w.run_id = p_run AND w.step_no = p_step_no
               AND w.commit_id = p_commit) THEN 'already' ELSE 'fenced' END;
        RETURN;
    END IF;
    INSERT INTO navigator.workflow_steps
        (user_id, conversation_id, run_id, step_no, step, agent_name, commit_id, fence, attempt, output)
        VALUES (p_user, p_conversation, p_run, p_step_no, p_step, p_agent, p_commit, p_fence, p_attempt, p_output);
    IF p_agent_state IS NOT NULL THEN
        INSERT INTO navigator.agent_states AS a (user_id, conversation_id, agent_name, state_data, workflow_step)
            VALUES (p_user, p_conversation, p_agent, p_agent_state, p_step)
        ON CONFLICT ON CONSTRAINT agent_states_pkey DO UPDATE
            SET state_data = excluded.state_data, workflow_step = excluded.workflow_step, updated_at = clock_timestamp();
    END IF;
    IF v_last THEN
        PERFORM navigator.turn_finish(v_head, p_agent, p_answer, p_answer_metadata, p_response);
    END IF;
    RETURN QUERY SELECT 'committed';
END $$;

GRANT EXECUTE ON FUNCTION
    navigator.turn_grant(text, navigator.workflow_states),
    navigator.turn_take_over(text, navigator.workflow_states, uuid, jsonb, int),
    navigator.turn_start(navigator.workflow_states, text, bytea, uuid, uuid, text, jsonb, text, text, jsonb, int),
    navigator.turn_lock(uuid, text),
    navigator.turn_begin(uuid, uuid, text, text, bytea, uuid, uuid, text, jsonb, text, text, jsonb, int),
    navigator.turn_finish(navigator.workflow_states, text, text, jsonb, text),
    navigator.step_commit(uuid, text, uuid, bigint, int, int, uuid, text, text, jsonb, jsonb, text, text, int, text, jsonb, text)
TO navigator_api;
