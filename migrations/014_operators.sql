-- What operators may do (`ops`), as a role of their own: they look at runs and help those that are stuck, look after the official
-- texts, accounts and limits, and read the audit log. They read no password hash and no secret; what they do to a person's
-- account, and each person's content that they read, is recorded with the role they logged in as. Their grants on a table stand with the
-- table.

GRANT CREATE ON SCHEMA navigator TO navigator_audit;
SET LOCAL ROLE navigator_audit;

-- Promises: recorded: the operator who is logged in did p_action.
CREATE FUNCTION navigator.audit_operator(p_subject uuid, p_action text, p_object text, p_outcome text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM navigator.audit_write(NULL, session_user, p_subject, p_action, p_object, p_outcome, NULL);
END $$;

-- Promises: a row for each place where the log is not what was written: 'edited' (the row, or its place, was changed), 'missing'
-- (a row before it), 'cut' (rows at the end), 'rewritten' (p_anchor, an earlier audit_anchor kept elsewhere, says otherwise). Every
-- chain is looked at, also one that has lost its head.
CREATE FUNCTION navigator.audit_verify(p_anchor jsonb) RETURNS TABLE (chain smallint, seq bigint, problem text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_head navigator.audit_heads;
    v_row navigator.audit_log;
    v_mac bytea;
    v_seq bigint;
BEGIN
    FOR v_head IN SELECT c::smallint, h.seq, h.mac
                    FROM generate_series(0, 16) AS c LEFT JOIN navigator.audit_heads AS h ON h.chain = c ORDER BY c LOOP
        v_mac := sha256(''::bytea);
        v_seq := 0;
        FOR v_row IN SELECT * FROM navigator.audit_log AS l WHERE l.chain = v_head.chain ORDER BY l.seq LOOP
            IF v_row.seq <> v_seq + 1 THEN
                RETURN QUERY SELECT v_head.chain, v_row.seq, 'missing';
            ELSIF v_row.mac IS DISTINCT FROM navigator.audit_mac(navigator.audit_data(v_row, v_mac)) THEN
                RETURN QUERY SELECT v_head.chain, v_row.seq, 'edited';
            END IF;
            IF encode(v_row.mac, 'hex') <> p_anchor #>> ARRAY[v_row.chain::text, '1']
               AND v_row.seq = (p_anchor #>> ARRAY[v_row.chain::text, '0'])::bigint THEN
                RETURN QUERY SELECT v_head.chain, v_row.seq, 'rewritten';
            END IF;
            v_mac := v_row.mac;
            v_seq := v_row.seq;
        END LOOP;
        -- greatest() passes over NULL.
        IF v_seq < greatest(v_head.seq, (p_anchor #>> ARRAY[v_head.chain::text, '0'])::bigint) THEN
            RETURN QUERY SELECT v_head.chain, v_seq, 'cut';
        ELSIF v_mac IS DISTINCT FROM v_head.mac OR v_seq IS DISTINCT FROM v_head.seq THEN
            RETURN QUERY SELECT v_head.chain, v_seq, 'edited';
        END IF;
    END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION navigator.audit_operator(uuid, text, text, text), navigator.audit_verify(jsonb) TO navigator_operator;
GRANT EXECUTE ON FUNCTION navigator.audit_operator(uuid, text, text, text) TO navigator_owner;

SET LOCAL ROLE navigator_owner;
REVOKE CREATE ON SCHEMA navigator FROM navigator_audit;

-- Promises: 'created': an account without a password, with the role admin, and a secret good for a day with which its owner sets
-- one (POST /password-reset/confirm); or 'taken'.
CREATE FUNCTION navigator.user_create_admin(p_user uuid, p_email text, p_full_name text, p_secret_id uuid, p_secret bytea)
RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    outcome := 'created';
    INSERT INTO navigator.users (id, email, password_hash, full_name) VALUES (p_user, p_email, '!', p_full_name)
        ON CONFLICT ON CONSTRAINT users_email_key_key DO NOTHING;
    IF NOT FOUND THEN
        outcome := 'taken';
    ELSE
        INSERT INTO navigator.user_roles (user_id, role_name) VALUES (p_user, 'user'), (p_user, 'admin');
        INSERT INTO navigator.one_time_secrets (id, user_id, purpose, secret_hash, expires_at)
            VALUES (p_secret_id, p_user, 'reset', p_secret, clock_timestamp() + interval '1 day');
        PERFORM navigator.audit_operator(p_user, 'user.create_admin', NULL, 'ok');
    END IF;
    RETURN NEXT;
END $$;

-- Promises: 'changed' or 'unchanged', and recorded: the account has the role, or has it not: when it was taken, its sessions
-- have ended, so that no token names it any longer. 'unknown_role'.
CREATE FUNCTION navigator.user_set_role(p_user uuid, p_role text, p_has bool) RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM navigator.roles AS r WHERE r.name = p_role) THEN
        RETURN QUERY SELECT 'unknown_role';
        RETURN;
    END IF;
    IF p_has THEN
        INSERT INTO navigator.user_roles (user_id, role_name) VALUES (p_user, p_role) ON CONFLICT DO NOTHING;
    ELSE
        DELETE FROM navigator.user_roles AS r WHERE r.user_id = p_user AND r.role_name = p_role;
    END IF;
    outcome := CASE WHEN FOUND THEN 'changed' ELSE 'unchanged' END;
    IF outcome = 'changed' AND NOT p_has THEN
        UPDATE navigator.sessions AS s SET revoked_at = clock_timestamp() WHERE s.user_id = p_user AND s.revoked_at IS NULL;
    END IF;
    PERFORM navigator.audit_operator(p_user, CASE WHEN p_has THEN 'user.grant' ELSE 'user.revoke' END, p_role, outcome);
    RETURN NEXT;
END $$;

-- Promises: 'changed' or 'unchanged', and recorded: nobody logs in to the account (p_is_disabled), and its sessions and codes have ended
-- for good; or its owner may log in again.
CREATE FUNCTION navigator.user_set_disabled(p_user uuid, p_is_disabled bool) RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    UPDATE navigator.users AS u
       SET disabled_at = CASE WHEN p_is_disabled THEN clock_timestamp() END, updated_at = clock_timestamp(),
           credential_version = u.credential_version + p_is_disabled::int
     WHERE u.id = p_user AND (u.disabled_at IS NULL) = p_is_disabled;
    outcome := CASE WHEN FOUND THEN 'changed' ELSE 'unchanged' END;
    PERFORM navigator.audit_operator(p_user, CASE WHEN p_is_disabled THEN 'user.disable' ELSE 'user.enable' END, NULL, outcome);
    RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION
    navigator.user_create_admin(uuid, text, text, uuid, bytea),
    navigator.user_set_role(uuid, text, bool),
    navigator.user_set_disabled(uuid, bool)
TO navigator_operator;
