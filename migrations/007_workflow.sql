-- The durable turn's tables: the head row (the one serialisation point of a conversation), the journal of steps, and the
-- requests by Idempotency-Key. States and outcomes are explained in ARCHITECTURE.md, "The durable turn".

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
    wake_at timestamptz,
    step_attempt int NOT NULL DEFAULT 0,
    -- The attempts at the current step that ended without a commit: failed; lost with their worker; or refused, when that worker
    -- said later that it was alive and the database had kept it from finishing. Refused ones do not count.
    wasted jsonb NOT NULL DEFAULT '[]',
    -- How often somebody began to go on with the current step, and since when, whatever kept it from its commit.
    takeovers int NOT NULL DEFAULT 0,
    troubled_since timestamptz,
    -- The sweep has handed the conversation to a worker: no other look finds it before.
    claimed_until timestamptz,
    last_error text,
    last_seq bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT workflow_states_pkey PRIMARY KEY (user_id, conversation_id),
    CONSTRAINT workflow_states_status_check CHECK (status IN ('idle', 'running', 'waiting', 'completed', 'failed', 'cancelled')),
    CONSTRAINT workflow_states_conversation_fkey FOREIGN KEY (user_id, conversation_id)
        REFERENCES navigator.conversations (user_id, id) ON DELETE CASCADE
) WITH (fillfactor = 60);

CREATE TABLE navigator.workflow_requests (
    user_id uuid NOT NULL,
    conversation_id text NOT NULL,
    request_key text NOT NULL,
    request_hash bytea NOT NULL,
    run_id uuid NOT NULL,
    workflow_type text NOT NULL,
    status text NOT NULL,
    -- A queued request keeps its message until its run starts.
    message text,
    metadata jsonb,
    response text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    CONSTRAINT workflow_requests_pkey PRIMARY KEY (user_id, conversation_id, request_key),
    CONSTRAINT workflow_requests_status_check CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT workflow_requests_response_check CHECK ((status IN ('queued', 'running')) = (response IS NULL)),
    CONSTRAINT workflow_requests_message_check CHECK ((status = 'queued') = (message IS NOT NULL)),
    CONSTRAINT workflow_requests_finished_at_check CHECK ((response IS NULL) = (finished_at IS NULL)),
    CONSTRAINT workflow_requests_conversation_fkey FOREIGN KEY (user_id, conversation_id)
        REFERENCES navigator.conversations (user_id, id) ON DELETE CASCADE
) WITH (fillfactor = 80);
-- What is looked for when somebody has to go on. Not on the head: an index on what a step changes would cost the head its
-- HOT updates (71 % of them with it, 99.8 % without).
CREATE INDEX workflow_requests_unfinished_idx ON navigator.workflow_requests (created_at) WHERE finished_at IS NULL;
CREATE INDEX workflow_requests_finished_idx ON navigator.workflow_requests (finished_at) WHERE finished_at IS NOT NULL;

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
    duration_ms int NOT NULL,
    output jsonb NOT NULL,
    -- Tokens of the attempt that was committed; NULL when no model was asked.
    usage jsonb,
    -- The attempts before it, as in workflow_states.
    wasted jsonb NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT workflow_steps_pkey PRIMARY KEY (user_id, conversation_id, run_id, step_no),
    CONSTRAINT workflow_steps_conversation_fkey FOREIGN KEY (user_id, conversation_id)
        REFERENCES navigator.conversations (user_id, id) ON DELETE CASCADE
);
-- Rows arrive in this order, so a commit touches the last page only. A block range index would cost less, and finds old rows
-- only after a vacuum has summarized them: until then it reads up to a fifth of the table, each minute.
CREATE INDEX workflow_steps_committed_at_idx ON navigator.workflow_steps (committed_at);

-- What a person's day has used of a language model: a row is written only when one was asked.
CREATE TABLE navigator.model_usage (
    user_id uuid NOT NULL,
    day date NOT NULL,
    tokens bigint NOT NULL,
    CONSTRAINT model_usage_pkey PRIMARY KEY (user_id, day),
    CONSTRAINT model_usage_user_id_fkey FOREIGN KEY (user_id) REFERENCES navigator.users (id) ON DELETE CASCADE
);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['workflow_states', 'workflow_requests', 'workflow_steps', 'model_usage'] LOOP
        EXECUTE format('ALTER TABLE navigator.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE navigator.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I TO navigator_owner USING (true) WITH CHECK (true)', t || '_owner', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I FOR SELECT TO navigator_api
                            USING (user_id = (SELECT navigator.current_user_id()))', t || '_select', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I FOR INSERT TO navigator_api
                            WITH CHECK (user_id = (SELECT navigator.current_user_id()))', t || '_insert', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['workflow_states', 'workflow_requests', 'model_usage'] LOOP
        EXECUTE format('CREATE POLICY %I ON navigator.%I FOR UPDATE TO navigator_api
                            USING (user_id = (SELECT navigator.current_user_id()))
                            WITH CHECK (user_id = (SELECT navigator.current_user_id()))', t || '_update', t);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON navigator.workflow_states, navigator.workflow_requests, navigator.model_usage TO navigator_api;
-- The journal is append-only.
GRANT SELECT, INSERT ON navigator.workflow_steps TO navigator_api;

-- The sweep sees whose run has to go on, and no content; it changes only whom it has handed out, and how often.
CREATE POLICY workflow_states_sweep_select ON navigator.workflow_states FOR SELECT TO navigator_sweep USING (true);
CREATE POLICY workflow_states_sweep_update ON navigator.workflow_states FOR UPDATE TO navigator_sweep USING (true) WITH CHECK (true);
GRANT SELECT (user_id, conversation_id, run_id, workflow_type, workflow_version, state_version, status, lease_until, wake_at,
              step_attempt, wasted, takeovers, troubled_since, claimed_until, updated_at),
    UPDATE (takeovers, troubled_since, claimed_until) ON navigator.workflow_states TO navigator_sweep;
CREATE POLICY workflow_requests_sweep_select ON navigator.workflow_requests FOR SELECT TO navigator_sweep USING (true);
CREATE POLICY workflow_requests_sweep_delete ON navigator.workflow_requests FOR DELETE TO navigator_sweep
    USING (finished_at IS NOT NULL);
-- By ctid what is old is deleted where it was found, however the server would join it.
GRANT SELECT (ctid, user_id, conversation_id, request_key, run_id, workflow_type, status, created_at, finished_at), DELETE
    ON navigator.workflow_requests TO navigator_sweep;
CREATE POLICY workflow_steps_sweep_select ON navigator.workflow_steps FOR SELECT TO navigator_sweep USING (true);
CREATE POLICY workflow_steps_sweep_delete ON navigator.workflow_steps FOR DELETE TO navigator_sweep USING (true);
GRANT SELECT (ctid, user_id, conversation_id, run_id, step_no, committed_at), DELETE ON navigator.workflow_steps TO navigator_sweep;

CREATE POLICY workflow_states_operator_select ON navigator.workflow_states FOR SELECT TO navigator_operator USING (true);
CREATE POLICY workflow_states_operator_update ON navigator.workflow_states FOR UPDATE TO navigator_operator USING (true) WITH CHECK (true);
CREATE POLICY workflow_requests_operator_select ON navigator.workflow_requests FOR SELECT TO navigator_operator USING (true);
CREATE POLICY workflow_requests_operator_update ON navigator.workflow_requests FOR UPDATE TO navigator_operator
    USING (true) WITH CHECK (true);
CREATE POLICY workflow_steps_operator_select ON navigator.workflow_steps FOR SELECT TO navigator_operator USING (true);
-- What run_cancel and run_retry change; never whose a run is, nor what it has found out.
GRANT SELECT, UPDATE (status, lease_until, wake_at, step_attempt, wasted, takeovers, troubled_since, claimed_until, last_error,
                      last_seq, updated_at)
    ON navigator.workflow_states TO navigator_operator;
GRANT SELECT, UPDATE (status, response, finished_at) ON navigator.workflow_requests TO navigator_operator;
GRANT SELECT ON navigator.workflow_steps TO navigator_operator;
