-- The account's owner and their data: reading and changing the account, ending sessions, taking everything along, deleting.

-- Promises: 'account' with the account and its living sessions, or a refusal.
CREATE FUNCTION navigator.account_read(p_user uuid, p_session uuid) RETURNS TABLE (outcome text, account jsonb)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    outcome := navigator.enter(p_user, p_session);
    IF outcome = 'ok' THEN
        outcome := 'account';
        account := navigator.account_details(p_user, p_session);
    END IF;
    RETURN NEXT;
END $$;

-- Private. Promises: the account and its living sessions.
CREATE FUNCTION navigator.account_details(p_user uuid, p_session uuid) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', u.id, 'email', u.email, 'full_name', u.full_name,
                'email_verified', u.email_verified_at IS NOT NULL, 'created_at', u.created_at,
                'roles', (SELECT coalesce(jsonb_agg(r.role_name ORDER BY r.role_name), '[]') FROM navigator.user_roles AS r
                           WHERE r.user_id = p_user),
                'sessions', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'created_at', s.created_at,
                                 'last_seen_at', s.last_seen_at, 'is_current', s.id = p_session) ORDER BY s.created_at), '[]')
                               FROM navigator.sessions AS s
                              WHERE s.user_id = p_user AND s.revoked_at IS NULL AND s.credential_version = u.credential_version
                                AND s.expires_at > statement_timestamp()
                                AND s.last_seen_at > statement_timestamp() - interval '60 minutes'))
              FROM navigator.users AS u WHERE u.id = p_user);
END $$;

-- Promises: 'account' as account_read, with the new name; or a refusal.
CREATE FUNCTION navigator.account_update(p_user uuid, p_session uuid, p_full_name text) RETURNS TABLE (outcome text, account jsonb)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    outcome := navigator.enter(p_user, p_session);
    IF outcome = 'ok' THEN
        UPDATE navigator.users AS u SET full_name = p_full_name, updated_at = clock_timestamp() WHERE u.id = p_user;
        outcome := 'account';
        account := navigator.account_details(p_user, p_session);
        PERFORM navigator.audit(p_user, 'account.update', NULL, 'ok');
    END IF;
    RETURN NEXT;
END $$;

-- Promises: 'ended', and so have this session (p_scope 'this'), all but this ('others'), or all: at their next request; or a
-- refusal.
CREATE FUNCTION navigator.session_end(p_user uuid, p_session uuid, p_scope text) RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    outcome := navigator.enter(p_user, p_session);
    IF outcome = 'ok' THEN
        UPDATE navigator.sessions AS s SET revoked_at = clock_timestamp()
         WHERE s.user_id = p_user AND s.revoked_at IS NULL
           AND CASE p_scope WHEN 'this' THEN s.id = p_session WHEN 'others' THEN s.id <> p_session ELSE true END;
        PERFORM navigator.audit(p_user, 'logout', p_scope, 'ok');
        outcome := 'ended';
    END IF;
    RETURN NEXT;
END $$;

-- Promises: rows of outcome 'conversation', the latest first, p_limit at most, after the place (p_at, p_id) when it is given; none
-- that was deleted, and with p_metadata only those whose metadata contains it (`@>`); or one row with a refusal. title is the beginning of the first question, NULL while it is archived.
CREATE FUNCTION navigator.conversations_page(
    p_user uuid, p_session uuid, p_at timestamptz, p_id text, p_limit int, p_metadata jsonb)
RETURNS TABLE (outcome text, id text, title text, messages bigint, metadata jsonb, created_at timestamptz, updated_at timestamptz,
               archived bool)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    outcome := navigator.enter(p_user, p_session);
    IF outcome <> 'ok' THEN
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT 'conversation', c.id, left(f.content, 120), coalesce(s.last_seq, 0), c.metadata, c.created_at, c.updated_at,
               c.archived_at IS NOT NULL
          FROM navigator.conversations AS c
          LEFT JOIN navigator.conversation_messages AS f ON f.user_id = c.user_id AND f.conversation_id = c.id AND f.seq = 1
          LEFT JOIN navigator.workflow_states AS s ON s.user_id = c.user_id AND s.conversation_id = c.id
         WHERE c.user_id = p_user AND c.deleted_at IS NULL
           AND (p_at IS NULL OR c.updated_at < p_at OR (c.updated_at = p_at AND c.id > p_id))
           AND (p_metadata IS NULL OR c.metadata @> p_metadata)
         ORDER BY c.updated_at DESC, c.id
         LIMIT p_limit;
    PERFORM navigator.audit(p_user, 'conversations.read', NULL, 'ok');
END $$;

-- Private. Promises: everything that is stored about p_user, as {table, row}, in a fixed order of (part, key_1, key_2). One branch
-- for each table with a person in it; a test holds the list against the schema.
CREATE FUNCTION navigator.export_records(p_user uuid)
RETURNS TABLE (part int, key_1 text, key_2 text, record jsonb)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
    SELECT 0, '', '', jsonb_build_object('table', 'users', 'row', jsonb_build_object('id', u.id, 'email', u.email,
           'full_name', u.full_name, 'email_verified_at', u.email_verified_at, 'created_at', u.created_at, 'updated_at', u.updated_at))
      FROM navigator.users AS u WHERE u.id = p_user
    UNION ALL SELECT 1, t.role_name, '', jsonb_build_object('table', 'user_roles', 'row', to_jsonb(t))
      FROM navigator.user_roles AS t WHERE t.user_id = p_user
    UNION ALL SELECT 2, t.id::text, '', jsonb_build_object('table', 'sessions', 'row', to_jsonb(t))
      FROM navigator.sessions AS t WHERE t.user_id = p_user
    UNION ALL SELECT 3, t.id::text, '', jsonb_build_object('table', 'policy_records', 'row', to_jsonb(t))
      FROM navigator.policy_records AS t WHERE t.user_id = p_user
    UNION ALL SELECT 4, t.id::text, '', jsonb_build_object('table', 'policy_documents', 'row', to_jsonb(t))
      FROM navigator.policy_documents AS t WHERE t.user_id = p_user
    UNION ALL SELECT 5, t.day::text, '', jsonb_build_object('table', 'model_usage', 'row', to_jsonb(t))
      FROM navigator.model_usage AS t WHERE t.user_id = p_user
    UNION ALL SELECT 6, t.id, '', jsonb_build_object('table', 'conversations', 'row', to_jsonb(t))
      FROM navigator.conversations AS t WHERE t.user_id = p_user
    UNION ALL SELECT 7, t.conversation_id, lpad(t.seq::text, 19, '0'), jsonb_build_object('table', 'conversation_messages', 'row', to_jsonb(t))
      FROM navigator.conversation_messages AS t WHERE t.user_id = p_user
    UNION ALL SELECT 8, t.conversation_id, t.agent_name, jsonb_build_object('table', 'agent_states', 'row', to_jsonb(t))
      FROM navigator.agent_states AS t WHERE t.user_id = p_user
    UNION ALL SELECT 9, t.conversation_id, '', jsonb_build_object('table', 'workflow_states', 'row', to_jsonb(t))
      FROM navigator.workflow_states AS t WHERE t.user_id = p_user
    UNION ALL SELECT 10, t.conversation_id, t.request_key, jsonb_build_object('table', 'workflow_requests', 'row', to_jsonb(t))
      FROM navigator.workflow_requests AS t WHERE t.user_id = p_user
    UNION ALL SELECT 11, t.conversation_id, t.run_id || lpad(t.step_no::text, 10, '0'),
           jsonb_build_object('table', 'workflow_steps', 'row', to_jsonb(t))
      FROM navigator.workflow_steps AS t WHERE t.user_id = p_user
    UNION ALL SELECT 12, lpad(t.chain::text, 2, '0'), lpad(t.seq::text, 19, '0'), jsonb_build_object('table', 'audit_log', 'row', to_jsonb(t) - 'mac')
      FROM navigator.audit_log AS t WHERE t.subject = p_user
    UNION ALL SELECT 13, t.conversation_id, t.archive, jsonb_build_object('table', 'archived_conversations', 'row', to_jsonb(t))
      FROM navigator.archived_conversations AS t WHERE t.user_id = p_user
$$;

-- Promises: rows of outcome 'record' after the place (p_part, p_key_1, p_key_2), as many as fit into p_bytes but at least one;
-- none when the export is complete; or one row with a refusal.
CREATE FUNCTION navigator.export_page(p_user uuid, p_session uuid, p_part int, p_key_1 text, p_key_2 text, p_bytes int)
RETURNS TABLE (outcome text, part int, key_1 text, key_2 text, record text)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    outcome := navigator.enter(p_user, p_session);
    IF outcome <> 'ok' THEN
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT 'record', w.part, w.key_1, w.key_2, w.record FROM (
            SELECT e.part, e.key_1, e.key_2, e.record::text AS record,
                   sum(octet_length(e.record::text)) OVER (ORDER BY e.part, e.key_1 COLLATE "C", e.key_2 COLLATE "C") AS bytes,
                   row_number() OVER (ORDER BY e.part, e.key_1 COLLATE "C", e.key_2 COLLATE "C") AS place
              FROM navigator.export_records(p_user) AS e
             WHERE (e.part, e.key_1 COLLATE "C", e.key_2 COLLATE "C") > (p_part, p_key_1, p_key_2)) AS w
         WHERE w.bytes <= p_bytes OR w.place = 1
         ORDER BY w.place;
    -- Once for an export: the row is a record of it, and each page's own would go on for ever.
    IF p_part < 0 THEN
        PERFORM navigator.audit(p_user, 'account.export', NULL, 'ok');
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION
    navigator.account_read(uuid, uuid),
    navigator.account_details(uuid, uuid),
    navigator.account_update(uuid, uuid, text),
    navigator.session_end(uuid, uuid, text),
    navigator.conversations_page(uuid, uuid, timestamptz, text, int, jsonb),
    navigator.export_records(uuid),
    navigator.export_page(uuid, uuid, int, text, text, int)
TO navigator_api;

-- Deletion is the owner's: the functions' role has no DELETE on any of these tables.

-- Promises: 'deleted', also when it was before: nothing of the conversation is left but its id, which cannot be used again; a
-- run that is under way finds no row to commit to. 'not_found', or a refusal.
CREATE FUNCTION navigator.conversation_delete(p_user uuid, p_session uuid, p_conversation text) RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' SET lock_timeout = '1s' AS $$
#variable_conflict use_column
BEGIN
    outcome := nullif(navigator.enter(p_user, p_session), 'ok');
    IF outcome IS NULL THEN
        -- The head first, as everywhere.
        PERFORM 1 FROM navigator.workflow_states AS s WHERE s.user_id = p_user AND s.conversation_id = p_conversation FOR UPDATE;
        UPDATE navigator.conversations AS c
           SET deleted_at = coalesce(c.deleted_at, clock_timestamp()), metadata = '{}', updated_at = clock_timestamp()
         WHERE c.user_id = p_user AND c.id = p_conversation;
        outcome := CASE WHEN FOUND THEN 'deleted' ELSE 'not_found' END;
        -- The head stays as the lock of whoever comes with the id; it holds nothing any more.
        UPDATE navigator.workflow_states AS t
           SET run_id = NULL, request_key = NULL, workflow_type = '', workflow_version = 0, current_step = '', step_no = 0,
               status = 'idle', state_data = '{}', state_version = 0, fence = t.fence + 1, holder = NULL, lease_until = NULL,
               wake_at = NULL, step_attempt = 0, wasted = '[]', last_error = NULL, last_seq = 0, updated_at = clock_timestamp()
         WHERE t.user_id = p_user AND t.conversation_id = p_conversation;
        DELETE FROM navigator.workflow_requests AS t WHERE t.user_id = p_user AND t.conversation_id = p_conversation;
        DELETE FROM navigator.workflow_steps AS t WHERE t.user_id = p_user AND t.conversation_id = p_conversation;
        DELETE FROM navigator.agent_states AS t WHERE t.user_id = p_user AND t.conversation_id = p_conversation;
        DELETE FROM navigator.conversation_messages AS t WHERE t.user_id = p_user AND t.conversation_id = p_conversation;
        PERFORM navigator.audit(p_user, 'conversation.delete', p_conversation, outcome);
    END IF;
    RETURN NEXT;
END $$;

-- Promises: 'deleted': the account and everything of it is gone but its rows in the audit log, and a mail says so. 'conflict' when
-- the password (p_hash, which was proved) changed meanwhile; or a refusal. A repeat finds the session ended.
CREATE FUNCTION navigator.account_delete(p_user uuid, p_session uuid, p_hash text, p_mail uuid) RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' SET lock_timeout = '2s' AS $$
#variable_conflict use_column
DECLARE
    v_email text;
BEGIN
    IF EXISTS (SELECT FROM navigator.deleted_users AS d WHERE d.user_id = p_user) THEN
        outcome := 'deleted';
        RETURN NEXT;
        RETURN;
    END IF;
    outcome := nullif(navigator.enter(p_user, p_session), 'ok');
    IF outcome IS NULL THEN
        -- The heads before the person, as everywhere: a step that commits at this moment is waited for.
        PERFORM 1 FROM navigator.workflow_states AS s WHERE s.user_id = p_user ORDER BY s.conversation_id FOR UPDATE;
        PERFORM 1 FROM navigator.users AS u WHERE u.id = p_user FOR UPDATE;
        -- A reset or an operator, who count nothing of the person, may have been faster.
        outcome := CASE WHEN navigator.session_seen(p_user, p_session) IS NULL THEN 'session_ended' END;
    END IF;
    IF outcome IS NULL THEN
        DELETE FROM navigator.users AS u WHERE u.id = p_user AND u.password_hash = p_hash RETURNING u.email INTO v_email;
        outcome := CASE WHEN FOUND THEN 'deleted' ELSE 'conflict' END;
    END IF;
    IF outcome = 'deleted' THEN
        INSERT INTO navigator.deleted_users (user_id) VALUES (p_user);
        PERFORM navigator.mail_notice(p_mail, 'account_deleted', NULL, v_email),
                navigator.audit(p_user, 'account.delete', NULL, 'ok');
    END IF;
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION navigator.conversation_delete(uuid, uuid, text), navigator.account_delete(uuid, uuid, text, uuid)
    TO navigator_api;
