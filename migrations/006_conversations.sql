-- Conversations, their messages, and what each agent remembers of one. Keys are scoped by user: a client chooses the id,
-- and one id may exist for two people without either seeing the other's.

CREATE TABLE navigator.conversations (
    user_id uuid NOT NULL,
    id text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- What is left of a deleted conversation is its id: it is not used again.
    deleted_at timestamptz,
    -- What was said in an archived conversation stands in a file (navigator.archived_conversations), until it is restored.
    archived_at timestamptz,
    CONSTRAINT conversations_pkey PRIMARY KEY (user_id, id),
    CONSTRAINT conversations_user_id_fkey FOREIGN KEY (user_id) REFERENCES navigator.users (id) ON DELETE CASCADE,
    CONSTRAINT conversations_id_check CHECK (char_length(id) BETWEEN 1 AND 128)
) WITH (fillfactor = 80);
-- For operators (`ops conversations`), by containment. A person's own are few, and found by their keys: `@>` is not leakproof, so
-- row-level security lets no index on it be used before the owner is known.
CREATE INDEX conversations_metadata_idx ON navigator.conversations USING gin (metadata jsonb_path_ops);

CREATE TABLE navigator.conversation_messages (
    user_id uuid NOT NULL,
    conversation_id text NOT NULL,
    seq bigint NOT NULL,
    id text NOT NULL,
    run_id uuid NOT NULL,
    role text NOT NULL,
    content text NOT NULL,
    agent_name text,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT conversation_messages_pkey PRIMARY KEY (user_id, conversation_id, seq),
    CONSTRAINT conversation_messages_user_id_id_key UNIQUE (user_id, id),
    CONSTRAINT conversation_messages_role_check CHECK (role IN ('user', 'assistant')),
    CONSTRAINT conversation_messages_conversation_fkey FOREIGN KEY (user_id, conversation_id)
        REFERENCES navigator.conversations (user_id, id) ON DELETE CASCADE
);

-- The files of archives. One that is 'writing' and that nobody works on is what a kill left: nothing was taken out of the database for it.
CREATE TABLE navigator.archives (
    name text NOT NULL,
    place text NOT NULL,
    status text NOT NULL DEFAULT 'writing',
    conversations int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT archives_pkey PRIMARY KEY (name),
    CONSTRAINT archives_status_check CHECK (status IN ('writing', 'complete'))
);
-- Which file holds which conversation of whom. It outlives the account, so that the file's content can still be found and erased.
CREATE TABLE navigator.archived_conversations (
    user_id uuid NOT NULL,
    conversation_id text NOT NULL,
    archive text NOT NULL,
    records int NOT NULL,
    content_hash bytea NOT NULL,
    archived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    restored_at timestamptz,
    CONSTRAINT archived_conversations_pkey PRIMARY KEY (user_id, conversation_id, archive),
    CONSTRAINT archived_conversations_archive_fkey FOREIGN KEY (archive) REFERENCES navigator.archives (name) ON DELETE CASCADE
);
CREATE INDEX archived_conversations_archive_idx ON navigator.archived_conversations (archive);

CREATE TABLE navigator.agent_states (
    user_id uuid NOT NULL,
    conversation_id text NOT NULL,
    agent_name text NOT NULL,
    state_data jsonb NOT NULL,
    workflow_step text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT agent_states_pkey PRIMARY KEY (user_id, conversation_id, agent_name),
    CONSTRAINT agent_states_conversation_fkey FOREIGN KEY (user_id, conversation_id)
        REFERENCES navigator.conversations (user_id, id) ON DELETE CASCADE
) WITH (fillfactor = 60);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['conversations', 'conversation_messages', 'agent_states'] LOOP
        EXECUTE format('ALTER TABLE navigator.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE navigator.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I TO navigator_owner USING (true) WITH CHECK (true)', t || '_owner', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I FOR SELECT TO navigator_api
                            USING (user_id = (SELECT navigator.current_user_id()))', t || '_select', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I FOR INSERT TO navigator_api
                            WITH CHECK (user_id = (SELECT navigator.current_user_id()))', t || '_insert', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['conversations', 'agent_states'] LOOP
        EXECUTE format('CREATE POLICY %I ON navigator.%I FOR UPDATE TO navigator_api
                            USING (user_id = (SELECT navigator.current_user_id()))
                            WITH CHECK (user_id = (SELECT navigator.current_user_id()))', t || '_update', t);
    END LOOP;
END $$;
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['archives', 'archived_conversations'] LOOP
        EXECUTE format('ALTER TABLE navigator.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE navigator.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I TO navigator_owner USING (true) WITH CHECK (true)', t || '_owner', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I FOR SELECT TO navigator_operator USING (true)', t || '_operator_select', t);
        EXECUTE format('GRANT SELECT ON navigator.%I TO navigator_operator', t);
    END LOOP;
END $$;
CREATE POLICY archived_conversations_select ON navigator.archived_conversations FOR SELECT TO navigator_api
    USING (user_id = (SELECT navigator.current_user_id()));
GRANT SELECT ON navigator.archived_conversations TO navigator_api;
GRANT SELECT, INSERT, UPDATE ON navigator.conversations, navigator.agent_states TO navigator_api;
-- What was said is never rewritten.
GRANT SELECT, INSERT ON navigator.conversation_messages TO navigator_api;
-- Operators look at runs and cancel them; the answer that says so is a message.
CREATE POLICY conversations_operator_select ON navigator.conversations FOR SELECT TO navigator_operator USING (true);
CREATE POLICY conversations_operator_update ON navigator.conversations FOR UPDATE TO navigator_operator USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE (updated_at) ON navigator.conversations TO navigator_operator;
CREATE POLICY conversation_messages_operator_select ON navigator.conversation_messages FOR SELECT TO navigator_operator USING (true);
CREATE POLICY conversation_messages_operator_insert ON navigator.conversation_messages FOR INSERT TO navigator_operator
    WITH CHECK (role = 'assistant');
GRANT SELECT, INSERT ON navigator.conversation_messages TO navigator_operator;

-- Private. Promises: 'ok' for a conversation of p_user, 'deleted' or 'archived' for one that was, 'not_found' for none.
CREATE FUNCTION navigator.conversation_state(p_user uuid, p_conversation text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN coalesce((SELECT CASE WHEN c.deleted_at IS NOT NULL THEN 'deleted' WHEN c.archived_at IS NOT NULL THEN 'archived' ELSE 'ok' END
                       FROM navigator.conversations AS c WHERE c.user_id = p_user AND c.id = p_conversation), 'not_found');
END $$;

-- Promises: rows of outcome 'message', newest first, all before p_before (NULL: from the newest), p_limit at most; or one
-- row 'not_found' (absent or somebody else's), 'deleted', 'archived', or a refusal of navigator.enter.
CREATE FUNCTION navigator.history_page(
    p_user uuid, p_session uuid, p_conversation text, p_before bigint, p_limit int, p_metadata bool)
RETURNS TABLE (outcome text, seq bigint, id text, role text, content text, agent_name text, metadata jsonb,
               created_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_outcome text := navigator.enter(p_user, p_session);
BEGIN
    IF v_outcome = 'ok' THEN
        v_outcome := navigator.conversation_state(p_user, p_conversation);
        PERFORM navigator.audit(p_user, 'history.read', p_conversation, v_outcome);
    END IF;
    IF v_outcome <> 'ok' THEN
        RETURN QUERY SELECT v_outcome, NULL::bigint, NULL::text, NULL::text, NULL::text, NULL::text, NULL::jsonb,
            NULL::timestamptz;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT 'message', m.seq, m.id, m.role, m.content, m.agent_name, CASE WHEN p_metadata THEN m.metadata END, m.created_at
          FROM navigator.conversation_messages AS m
         WHERE m.user_id = p_user AND m.conversation_id = p_conversation
           AND m.seq < coalesce(p_before, 9223372036854775807)
         ORDER BY m.seq DESC
         LIMIT p_limit;
END $$;

-- Private. Promises: what came with a message is merged into its conversation's metadata: the newer value of a key wins, the other
-- keys stay. All of it or nothing, when together it would be more than 16 KiB: a question is never refused for its labels. The
-- key `data` stays with the message: it holds what another system found out, which is content.
CREATE FUNCTION navigator.conversation_describe(p_user uuid, p_conversation text, p_metadata jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_new jsonb := p_metadata - 'data';
BEGIN
    IF v_new <> '{}' THEN
        -- Only what changes is written: the index is on it.
        UPDATE navigator.conversations AS c SET metadata = c.metadata || v_new
         WHERE c.user_id = p_user AND c.id = p_conversation AND c.metadata || v_new <> c.metadata
           AND octet_length((c.metadata || v_new)::text) <= 16384;
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION navigator.conversation_state(uuid, text), navigator.history_page(uuid, uuid, text, bigint, int, bool),
    navigator.conversation_describe(uuid, text, jsonb)
    TO navigator_api;
