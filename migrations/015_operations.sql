-- What operators do with data: whether what is stored fits together; bringing conversations in, taking them out, archiving
-- them; and what the numbers say.

-- Promises: the conversations that were touched since p_since, p_limit at most, whose rows do not fit together, each once with the
-- first thing that is wrong. One statement, so one moment: a commit that is under way is seen whole or not at all. p_since must lie
-- within the retention of requests and journal. The work is bounded by p_limit, over the two indexes on requests.
CREATE FUNCTION navigator.agent_state_problems(p_since timestamptz, p_limit int)
RETURNS TABLE (user_id uuid, conversation_id text, problem text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH touched AS (
        (SELECT q.user_id, q.conversation_id FROM navigator.workflow_requests AS q
          WHERE q.finished_at >= p_since ORDER BY q.finished_at DESC LIMIT p_limit)
        UNION
        (SELECT q.user_id, q.conversation_id FROM navigator.workflow_requests AS q
          WHERE q.finished_at IS NULL ORDER BY q.created_at DESC LIMIT p_limit)
        LIMIT p_limit)
    SELECT s.user_id, s.conversation_id, p.problem
      FROM touched AS t
      JOIN navigator.workflow_states AS s ON s.user_id = t.user_id AND s.conversation_id = t.conversation_id,
           LATERAL navigator.agent_state_problem(s, p_since) AS p (problem)
     WHERE s.updated_at >= p_since AND p.problem IS NOT NULL;
END $$;

-- Private. Promises: the first thing that does not fit together in a conversation, NULL when all does: the head's last_seq and the
-- messages; its run and the run's question, answer, request and journal; what the agents remember and the steps that said so.
CREATE FUNCTION navigator.agent_state_problem(p_head navigator.workflow_states, p_since timestamptz) RETURNS text
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
    SELECT CASE
        WHEN p_head.last_seq <> coalesce((SELECT max(m.seq) FROM navigator.conversation_messages AS m
              WHERE m.user_id = p_head.user_id AND m.conversation_id = p_head.conversation_id), 0) THEN 'last_seq'
        WHEN p_head.run_id IS NULL THEN NULL
        WHEN u.seq IS NULL THEN 'question_missing'
        WHEN NOT r.is_open AND a.seq IS DISTINCT FROM p_head.last_seq THEN 'answer_missing'
        WHEN q.status IS DISTINCT FROM CASE WHEN r.is_open THEN 'running' ELSE p_head.status END THEN 'request'
        WHEN w.last_step IS DISTINCT FROM nullif(p_head.step_no, 0) - 1 THEN 'journal'
        WHEN p_head.status = 'completed' AND p_head.state_data = '{}' THEN 'state_missing'
        -- What an agent remembered during this run was said by one of its steps.
        WHEN EXISTS (SELECT FROM navigator.agent_states AS g
              WHERE g.user_id = p_head.user_id AND g.conversation_id = p_head.conversation_id
                AND g.updated_at >= greatest(u.created_at, p_since)
                AND NOT EXISTS (SELECT FROM navigator.workflow_steps AS j
                     WHERE j.user_id = g.user_id AND j.conversation_id = g.conversation_id AND j.run_id = p_head.run_id
                       AND j.agent_name = g.agent_name AND j.step = g.workflow_step)) THEN 'agent_state_without_step'
        -- The agent that gives the answer remembers that it did.
        WHEN p_head.status = 'completed' AND NOT EXISTS (SELECT FROM navigator.agent_states AS g
              WHERE g.user_id = p_head.user_id AND g.conversation_id = p_head.conversation_id AND g.agent_name = a.agent_name
                AND g.workflow_step = p_head.current_step AND g.updated_at >= u.created_at) THEN 'agent_state_missing'
        END
      FROM (SELECT p_head.status IN ('running', 'waiting') AS is_open) AS r
      LEFT JOIN navigator.conversation_messages AS u ON u.user_id = p_head.user_id AND u.id = p_head.run_id || '-u'
      LEFT JOIN navigator.conversation_messages AS a ON a.user_id = p_head.user_id AND a.id = p_head.run_id || '-a'
      LEFT JOIN navigator.workflow_requests AS q ON q.user_id = p_head.user_id AND q.conversation_id = p_head.conversation_id
           AND q.request_key = p_head.request_key AND q.run_id = p_head.run_id
      LEFT JOIN LATERAL (SELECT max(j.step_no) AS last_step FROM navigator.workflow_steps AS j
           WHERE j.user_id = p_head.user_id AND j.conversation_id = p_head.conversation_id AND j.run_id = p_head.run_id) AS w ON true
$$;

-- Promises: how many conversations agent_state_problems names, of 200 at most. It lends the owner's eyes for one number: the sweep
-- reads no content.
CREATE FUNCTION navigator.agent_state_inconsistencies(p_since timestamptz) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN (SELECT count(*) FROM navigator.agent_state_problems(p_since, 200));
END $$;
GRANT EXECUTE ON FUNCTION navigator.agent_state_problems(timestamptz, int), navigator.agent_state_inconsistencies(timestamptz)
    TO navigator_operator;
GRANT EXECUTE ON FUNCTION navigator.agent_state_inconsistencies(timestamptz) TO navigator_sweep;

-- How far an import of a file has come: after a kill it goes on there.
CREATE TABLE navigator.imports (
    name text NOT NULL,
    line bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    imported bigint NOT NULL DEFAULT 0,
    present bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    CONSTRAINT imports_pkey PRIMARY KEY (name)
) WITH (fillfactor = 50);
ALTER TABLE navigator.imports ENABLE ROW LEVEL SECURITY;
ALTER TABLE navigator.imports FORCE ROW LEVEL SECURITY;
CREATE POLICY imports_owner ON navigator.imports TO navigator_owner USING (true) WITH CHECK (true);
CREATE POLICY imports_operator_select ON navigator.imports FOR SELECT TO navigator_operator USING (true);
GRANT SELECT ON navigator.imports TO navigator_operator;

-- Promises, and records: where the import of this name goes on; one that was finished begins anew.
CREATE FUNCTION navigator.import_open(p_name text) RETURNS TABLE (line bigint, bytes bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO navigator.imports AS i (name) VALUES (p_name)
    ON CONFLICT ON CONSTRAINT imports_pkey DO UPDATE
        SET line = 0, bytes = 0, imported = 0, present = 0, refused = 0, finished_at = NULL WHERE i.finished_at IS NOT NULL;
    PERFORM navigator.audit_operator(NULL, 'operator.import', p_name, 'ok');
    RETURN QUERY SELECT i.line, i.bytes FROM navigator.imports AS i WHERE i.name = p_name;
END $$;

-- Promises: what the rows of the lines from p_from (exclusive) to p_line hold is stored, each message once, and so is the position
-- (none for a p_name of NULL): {outcome: 'stored', imported, present, refused: [{n, reason}]}. 'elsewhere', nothing stored, when
-- another import of this name has moved on. A row is {n, user_id | email, conversation_id, role, content, agent_name, metadata,
-- created_at, seq}, or a conversation's own without role. p_refused lines were refused before they came here.
CREATE FUNCTION navigator.import_batch(
    p_name text, p_from bigint, p_line bigint, p_bytes bigint, p_refused int, p_is_last bool, p_rows jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' SET lock_timeout = '10s' AS $$
DECLARE
    v_group record;
    v_one jsonb;
    v_all jsonb := '{"imported": 0, "present": 0, "refused": []}';
    v_users uuid[] := '{}';
BEGIN
    -- One at a time: several would meet at the ends of the audit log's chains.
    PERFORM pg_advisory_xact_lock(hashtextextended('navigator.operations', 0));
    IF p_name IS NOT NULL AND NOT EXISTS (
        SELECT FROM navigator.imports AS i WHERE i.name = p_name AND i.line = p_from AND i.finished_at IS NULL FOR UPDATE) THEN
        RETURN '{"outcome": "elsewhere"}';
    END IF;
    FOR v_group IN
        SELECT coalesce(b.id, e.id) AS user_id, r.conversation_id, jsonb_agg(r ORDER BY r.n) AS rows
          FROM jsonb_to_recordset(p_rows) AS r (n bigint, user_id uuid, email text, conversation_id text, role text, content text,
                                                agent_name text, metadata jsonb, created_at timestamptz, seq bigint)
          LEFT JOIN navigator.users AS b ON b.id = r.user_id
          LEFT JOIN navigator.users AS e ON e.email_key = lower(r.email)
         GROUP BY 1, 2 ORDER BY 1, 2 LOOP
        v_one := CASE WHEN v_group.user_id IS NULL THEN navigator.import_refuse(v_group.rows, 'there is no such user')
                      ELSE navigator.import_conversation(v_group.user_id, v_group.conversation_id, v_group.rows) END;
        v_all := jsonb_build_object(
            'imported', (v_all ->> 'imported')::int + (v_one ->> 'imported')::int,
            'present', (v_all ->> 'present')::int + (v_one ->> 'present')::int,
            'refused', (v_all -> 'refused') || (v_one -> 'refused'));
        IF (v_one ->> 'imported')::int > 0 THEN
            v_users := v_users || v_group.user_id;
        END IF;
    END LOOP;
    UPDATE navigator.imports AS i
       SET line = p_line, bytes = p_bytes, imported = i.imported + (v_all ->> 'imported')::int,
           present = i.present + (v_all ->> 'present')::int,
           refused = i.refused + p_refused + jsonb_array_length(v_all -> 'refused'), updated_at = clock_timestamp(),
           finished_at = CASE WHEN p_is_last THEN clock_timestamp() END
     WHERE i.name = p_name;
    PERFORM navigator.audit_operator(u, 'operator.import', p_name, 'ok') FROM (SELECT DISTINCT unnest(v_users) AS u) AS touched;
    RETURN v_all || '{"outcome": "stored"}';
END $$;

-- Private. Promises: every one of the rows refused for p_reason, as import_conversation says it.
CREATE FUNCTION navigator.import_refuse(p_rows jsonb, p_reason text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SECURITY INVOKER SET search_path = '' AS $$
    SELECT jsonb_build_object('imported', 0, 'present', 0, 'refused', coalesce(
        jsonb_agg(jsonb_build_object('n', r -> 'n', 'reason', p_reason) ORDER BY (r ->> 'n')::bigint), '[]'))
      FROM jsonb_array_elements(p_rows) AS r
$$;

-- Private. Promises: those of the rows that are messages, stored at the end of a locked head's conversation, or refused. A message's id
-- derives from what it is (and from its place, when the row has one), so the same row again is the same message.
CREATE FUNCTION navigator.import_messages(p_head navigator.workflow_states, p_rows jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_last timestamptz;
    v_found record;
BEGIN
    SELECT m.created_at INTO v_last FROM navigator.conversation_messages AS m
     WHERE m.user_id = p_head.user_id AND m.conversation_id = p_head.conversation_id AND m.seq = p_head.last_seq;
    WITH r AS (
        SELECT x.*, encode(sha256(convert_to(jsonb_build_array(p_head.conversation_id, x.seq, x.role, x.created_at AT TIME ZONE 'UTC',
                                                               x.agent_name, x.content)::text, 'UTF8')), 'hex') AS hash
          FROM jsonb_to_recordset(p_rows) AS x (n bigint, role text, content text, agent_name text, metadata jsonb,
                                                created_at timestamptz, seq bigint)
         WHERE x.role IS NOT NULL),
    k AS (
        SELECT r.*, max(r.created_at) OVER (ORDER BY r.n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before,
               row_number() OVER (PARTITION BY r.hash ORDER BY r.n) > 1
               -- LIMIT keeps it a look-up for each row: as EXISTS it read all that the person has.
               OR (SELECT true FROM navigator.conversation_messages AS m
                    WHERE m.user_id = p_head.user_id AND m.id = 'imported-' || r.hash LIMIT 1) IS NOT NULL
               OR (SELECT true FROM navigator.conversation_messages AS m
                    WHERE m.user_id = p_head.user_id AND m.conversation_id = p_head.conversation_id AND m.seq = r.seq AND m.role = r.role
                      AND m.created_at = r.created_at AND m.content = r.content LIMIT 1) IS NOT NULL AS is_present
          FROM r),
    j AS (
        SELECT k.*, CASE WHEN k.is_present THEN 'present' WHEN k.created_at < greatest(k.before, v_last) THEN 'early'
                         ELSE 'imported' END AS outcome FROM k),
    i AS (
        INSERT INTO navigator.conversation_messages
            (user_id, conversation_id, seq, id, run_id, role, content, agent_name, metadata, created_at)
        SELECT p_head.user_id, p_head.conversation_id, p_head.last_seq + row_number() OVER (ORDER BY j.n), 'imported-' || j.hash,
               substr(j.hash, 1, 32)::uuid, j.role, j.content, j.agent_name, coalesce(j.metadata, '{}'), j.created_at
          FROM j WHERE j.outcome = 'imported'
        RETURNING created_at)
    SELECT (SELECT count(*) FROM i) AS imported, (SELECT max(i.created_at) FROM i) AS last,
           count(*) FILTER (WHERE j.outcome = 'present') AS present,
           coalesce(jsonb_agg(jsonb_build_object('n', j.n, 'reason', 'it is older than the message before it') ORDER BY j.n)
                    FILTER (WHERE j.outcome = 'early'), '[]') AS refused
      INTO v_found FROM j;
    UPDATE navigator.workflow_states AS s SET last_seq = s.last_seq + v_found.imported, updated_at = clock_timestamp()
     WHERE s.user_id = p_head.user_id AND s.conversation_id = p_head.conversation_id AND v_found.imported > 0;
    UPDATE navigator.conversations AS c SET updated_at = greatest(c.updated_at, v_found.last)
     WHERE c.user_id = p_head.user_id AND c.id = p_head.conversation_id AND c.updated_at < v_found.last;
    RETURN jsonb_build_object('imported', v_found.imported, 'present', v_found.present, 'refused', v_found.refused);
END $$;

-- Private. Promises: the rows of one conversation stored at its end, in their order, or refused: {imported, present, refused}. The
-- head says where the conversation ends, so its person can go on with it.
CREATE FUNCTION navigator.import_conversation(p_user uuid, p_conversation text, p_rows jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_head navigator.workflow_states;
    v_is_new bool;
    v_found jsonb;
BEGIN
    INSERT INTO navigator.conversations (user_id, id, metadata, created_at, updated_at)
    SELECT p_user, p_conversation, coalesce((array_agg(r.metadata) FILTER (WHERE r.role IS NULL))[1], '{}'),
           min(r.created_at), max(r.created_at)
      FROM jsonb_to_recordset(p_rows) AS r (role text, metadata jsonb, created_at timestamptz)
    ON CONFLICT DO NOTHING;
    v_is_new := FOUND;
    INSERT INTO navigator.workflow_states (user_id, conversation_id) VALUES (p_user, p_conversation) ON CONFLICT DO NOTHING;
    SELECT * INTO STRICT v_head FROM navigator.workflow_states AS s
     WHERE s.user_id = p_user AND s.conversation_id = p_conversation FOR NO KEY UPDATE;
    CASE navigator.conversation_state(p_user, p_conversation)
        WHEN 'deleted' THEN RETURN navigator.import_refuse(p_rows, 'the conversation was deleted');
        WHEN 'archived' THEN RETURN navigator.import_refuse(p_rows, 'the conversation is archived');
        ELSE NULL;
    END CASE;
    IF v_head.status IN ('running', 'waiting') OR EXISTS (
        SELECT FROM navigator.workflow_requests AS q
         WHERE q.user_id = p_user AND q.conversation_id = p_conversation AND q.finished_at IS NULL) THEN
        RETURN navigator.import_refuse(p_rows, 'the conversation is being answered');
    END IF;
    v_found := navigator.import_messages(v_head, p_rows);
    -- A conversation's own rows: the first one made it, unless it was there.
    RETURN (SELECT jsonb_build_object('imported', (v_found ->> 'imported')::int + least(count(*), v_is_new::int),
                                      'present', (v_found ->> 'present')::int + count(*) - least(count(*), v_is_new::int),
                                      'refused', v_found -> 'refused')
              FROM jsonb_array_elements(p_rows) AS r WHERE r ->> 'role' IS NULL);
END $$;

-- Promises: a conversation's records as they are archived, one JSON object each, in a fixed order: itself, its messages, what the agents
-- remember, its head, requests and journal.
CREATE FUNCTION navigator.archive_lines(p_user uuid, p_conversation text) RETURNS TABLE (line text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET timezone = 'UTC' AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT jsonb_build_object('table', r.name, 'row', r.record)::text FROM (
        SELECT 1 AS part, '' AS key, 'conversations' AS name, to_jsonb(t) - 'archived_at' AS record
          FROM navigator.conversations AS t WHERE t.user_id = p_user AND t.id = p_conversation
        UNION ALL SELECT 2, lpad(t.seq::text, 19, '0'), 'conversation_messages', to_jsonb(t)
          FROM navigator.conversation_messages AS t WHERE t.user_id = p_user AND t.conversation_id = p_conversation
        UNION ALL SELECT 3, t.agent_name, 'agent_states', to_jsonb(t)
          FROM navigator.agent_states AS t WHERE t.user_id = p_user AND t.conversation_id = p_conversation
        UNION ALL SELECT 4, '', 'workflow_states', to_jsonb(t)
          FROM navigator.workflow_states AS t WHERE t.user_id = p_user AND t.conversation_id = p_conversation
        UNION ALL SELECT 5, t.request_key, 'workflow_requests', to_jsonb(t)
          FROM navigator.workflow_requests AS t WHERE t.user_id = p_user AND t.conversation_id = p_conversation
        UNION ALL SELECT 6, t.run_id || lpad(t.step_no::text, 10, '0'), 'workflow_steps', to_jsonb(t)
          FROM navigator.workflow_steps AS t WHERE t.user_id = p_user AND t.conversation_id = p_conversation) AS r
     ORDER BY r.part, r.key COLLATE "C";
END $$;

-- Private. Promises: SHA-256 over those records, a line feed after each.
CREATE FUNCTION navigator.archive_hash(p_user uuid, p_conversation text) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN (SELECT sha256(convert_to(string_agg(l.line || E'\n', '' ORDER BY l.place), 'UTF8'))
              FROM navigator.archive_lines(p_user, p_conversation) WITH ORDINALITY AS l (line, place));
END $$;

-- Promises: the archive p_name is being written, and is known before anything of anybody is in its file.
CREATE FUNCTION navigator.archive_begin(p_name text, p_place text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('navigator.operations', 0));
    INSERT INTO navigator.archives (name, place) VALUES (p_name, p_place);
END $$;

-- Promises: an archive that was never completed is forgotten; its file was removed before.
CREATE FUNCTION navigator.archive_discard(p_name text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('navigator.operations', 0));
    DELETE FROM navigator.archives AS a WHERE a.name = p_name AND a.status = 'writing';
END $$;

-- Promises: up to p_limit conversations that were not touched since p_before, locked until the end of the transaction; none with a run or a
-- message under way, none that somebody works on at this moment, none when the archive is not the caller's any more.
CREATE FUNCTION navigator.archive_pick(p_name text, p_before timestamptz, p_limit int)
RETURNS TABLE (user_id uuid, conversation_id text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    -- Until the commit: whoever removes unfinished files waits, and sees then that this one is complete.
    PERFORM pg_advisory_xact_lock(hashtextextended('navigator.operations', 0));
    IF NOT EXISTS (SELECT FROM navigator.archives AS a WHERE a.name = p_name AND a.status = 'writing' FOR UPDATE) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT s.user_id, s.conversation_id
      FROM navigator.conversations AS c
      JOIN navigator.workflow_states AS s ON s.user_id = c.user_id AND s.conversation_id = c.id
     WHERE c.updated_at < p_before AND c.deleted_at IS NULL AND c.archived_at IS NULL
       AND s.status NOT IN ('running', 'waiting') AND s.last_seq > 0
       AND NOT EXISTS (SELECT FROM navigator.workflow_requests AS q
                        WHERE q.user_id = c.user_id AND q.conversation_id = c.id AND q.finished_at IS NULL)
       AND NOT EXISTS (SELECT FROM navigator.archived_conversations AS o
                        WHERE o.user_id = c.user_id AND o.conversation_id = c.id AND o.restored_at >= p_before)
     ORDER BY c.updated_at, c.user_id, c.id LIMIT p_limit FOR UPDATE OF s SKIP LOCKED;
END $$;

-- Promises: 'archived': what the file p_name was read back to hold (p_found: [{user_id, conversation_id, records, hash}]) is what the
-- database holds, and is taken out of it, in this transaction; 'mismatch' or 'lost' (the archive is not the caller's any more): roll back.
CREATE FUNCTION navigator.archive_commit(p_name text, p_found jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    v record;
BEGIN
    UPDATE navigator.archives AS a SET status = 'complete', conversations = jsonb_array_length(p_found)
     WHERE a.name = p_name AND a.status = 'writing';
    IF NOT FOUND THEN
        RETURN 'lost';
    END IF;
    FOR v IN SELECT f.* FROM jsonb_to_recordset(p_found) AS f (user_id uuid, conversation_id text, records int, hash text) LOOP
        IF navigator.archive_hash(v.user_id, v.conversation_id) IS DISTINCT FROM decode(v.hash, 'hex') THEN
            RETURN 'mismatch';
        END IF;
        INSERT INTO navigator.archived_conversations (user_id, conversation_id, archive, records, content_hash)
            VALUES (v.user_id, v.conversation_id, p_name, v.records, decode(v.hash, 'hex'));
        PERFORM navigator.archive_empty(v.user_id, v.conversation_id);
    END LOOP;
    PERFORM navigator.audit_operator(f.user_id, 'operator.archive', f.conversation_id, 'ok')
       FROM jsonb_to_recordset(p_found) AS f (user_id uuid, conversation_id text);
    RETURN 'archived';
END $$;

-- Private. Promises: nothing of the conversation's content is left; it says that it is archived, and how many messages it has.
CREATE FUNCTION navigator.archive_empty(p_user uuid, p_conversation text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    UPDATE navigator.conversations AS c SET archived_at = clock_timestamp() WHERE c.user_id = p_user AND c.id = p_conversation;
    UPDATE navigator.workflow_states AS s
       SET run_id = NULL, request_key = NULL, workflow_type = '', workflow_version = 0, current_step = '', step_no = 0,
           status = 'idle', state_data = '{}', state_version = 0, holder = NULL, lease_until = NULL, wake_at = NULL,
           step_attempt = 0, wasted = '[]', last_error = NULL
     WHERE s.user_id = p_user AND s.conversation_id = p_conversation;
    DELETE FROM navigator.workflow_requests AS t WHERE t.user_id = p_user AND t.conversation_id = p_conversation;
    DELETE FROM navigator.workflow_steps AS t WHERE t.user_id = p_user AND t.conversation_id = p_conversation;
    DELETE FROM navigator.agent_states AS t WHERE t.user_id = p_user AND t.conversation_id = p_conversation;
    DELETE FROM navigator.conversation_messages AS t WHERE t.user_id = p_user AND t.conversation_id = p_conversation;
END $$;

-- Promises: 'restored': the conversation is what it was when it was archived (p_records, as archive_lines gave them). 'present' (it is not
-- archived), 'deleted' (it was), 'account_deleted', 'unknown' (this archive does not hold it). 'mismatch': roll back.
CREATE FUNCTION navigator.archive_restore(p_name text, p_user uuid, p_conversation text, p_records jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' SET timezone = 'UTC' SET lock_timeout = '3s' AS $$
DECLARE
    v_hash bytea;
    v_state text;
BEGIN
    PERFORM FROM navigator.workflow_states AS s WHERE s.user_id = p_user AND s.conversation_id = p_conversation FOR UPDATE;
    v_state := navigator.conversation_state(p_user, p_conversation);
    SELECT o.content_hash INTO v_hash FROM navigator.archived_conversations AS o
     WHERE o.user_id = p_user AND o.conversation_id = p_conversation AND o.archive = p_name;
    IF v_state <> 'archived' OR v_hash IS NULL THEN
        RETURN CASE v_state WHEN 'ok' THEN 'present' WHEN 'deleted' THEN 'deleted' WHEN 'archived' THEN 'unknown' ELSE
            CASE WHEN EXISTS (SELECT FROM navigator.users AS u WHERE u.id = p_user) THEN 'unknown' ELSE 'account_deleted' END END;
    END IF;
    PERFORM navigator.archive_fill(p_records);
    IF navigator.archive_hash(p_user, p_conversation) IS DISTINCT FROM v_hash THEN
        RETURN 'mismatch';
    END IF;
    UPDATE navigator.conversations AS c SET archived_at = NULL WHERE c.user_id = p_user AND c.id = p_conversation;
    UPDATE navigator.archived_conversations AS o SET restored_at = clock_timestamp()
     WHERE o.user_id = p_user AND o.conversation_id = p_conversation AND o.archive = p_name;
    PERFORM navigator.audit_operator(p_user, 'operator.restore', p_conversation, 'ok');
    RETURN 'restored';
END $$;

-- Private. Promises: the records are rows again.
CREATE FUNCTION navigator.archive_fill(p_records jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    INSERT INTO navigator.conversation_messages SELECT t.* FROM jsonb_array_elements(p_records) AS r,
           jsonb_populate_record(NULL::navigator.conversation_messages, r -> 'row') AS t WHERE r ->> 'table' = 'conversation_messages';
    INSERT INTO navigator.agent_states SELECT t.* FROM jsonb_array_elements(p_records) AS r,
           jsonb_populate_record(NULL::navigator.agent_states, r -> 'row') AS t WHERE r ->> 'table' = 'agent_states';
    INSERT INTO navigator.workflow_requests SELECT t.* FROM jsonb_array_elements(p_records) AS r,
           jsonb_populate_record(NULL::navigator.workflow_requests, r -> 'row') AS t WHERE r ->> 'table' = 'workflow_requests';
    INSERT INTO navigator.workflow_steps SELECT t.* FROM jsonb_array_elements(p_records) AS r,
           jsonb_populate_record(NULL::navigator.workflow_steps, r -> 'row') AS t WHERE r ->> 'table' = 'workflow_steps';
    UPDATE navigator.workflow_states AS s
       SET run_id = t.run_id, request_key = t.request_key, workflow_type = t.workflow_type, workflow_version = t.workflow_version,
           current_step = t.current_step, step_no = t.step_no, status = t.status, state_data = t.state_data,
           state_version = t.state_version, holder = t.holder, lease_until = t.lease_until, wake_at = t.wake_at,
           step_attempt = t.step_attempt, wasted = t.wasted, last_error = t.last_error, updated_at = t.updated_at
      FROM jsonb_array_elements(p_records) AS r, jsonb_populate_record(NULL::navigator.workflow_states, r -> 'row') AS t
     WHERE r ->> 'table' = 'workflow_states' AND s.user_id = t.user_id AND s.conversation_id = t.conversation_id;
END $$;

-- Promises: what the archives hold, one row a conversation: 'archived', 'restored' (the file still holds it), 'deleted' or
-- 'account_deleted' (its content is to be erased from the file); only the last two when p_of_deleted.
CREATE FUNCTION navigator.archive_list(p_of_deleted bool)
RETURNS TABLE (archive text, place text, user_id uuid, conversation_id text, records int, archived_at timestamptz, standing text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT o.archive, a.place, o.user_id, o.conversation_id, o.records, o.archived_at, w.standing
      FROM navigator.archived_conversations AS o
      JOIN navigator.archives AS a ON a.name = o.archive
      LEFT JOIN navigator.conversations AS c ON c.user_id = o.user_id AND c.id = o.conversation_id,
           LATERAL (SELECT CASE WHEN c.id IS NULL THEN 'account_deleted' WHEN c.deleted_at IS NOT NULL THEN 'deleted'
                                WHEN o.restored_at IS NOT NULL THEN 'restored' ELSE 'archived' END AS standing) AS w
     WHERE NOT p_of_deleted OR w.standing IN ('deleted', 'account_deleted')
     ORDER BY o.archive, o.user_id, o.conversation_id;
END $$;
GRANT EXECUTE ON FUNCTION
    navigator.import_open(text),
    navigator.import_batch(text, bigint, bigint, bigint, int, bool, jsonb),
    navigator.archive_lines(uuid, text),
    navigator.archive_begin(text, text),
    navigator.archive_discard(text),
    navigator.archive_pick(text, timestamptz, int),
    navigator.archive_commit(text, jsonb),
    navigator.archive_restore(text, uuid, text, jsonb),
    navigator.archive_list(bool)
TO navigator_operator;
