-- Sessions: one row per log-in. An access token names its session (sid); navigator.enter decides in the transaction of
-- the data whether that session still lives. Also the operations that run before identity is known.

CREATE TABLE navigator.sessions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL DEFAULT clock_timestamp() + interval '12 hours',
    revoked_at timestamptz,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES navigator.users (id) ON DELETE CASCADE
);
CREATE INDEX sessions_user_id_idx ON navigator.sessions (user_id);

ALTER TABLE navigator.sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE navigator.sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY sessions_owner ON navigator.sessions TO navigator_owner USING (true) WITH CHECK (true);
CREATE POLICY sessions_select ON navigator.sessions FOR SELECT TO navigator_api
    USING (user_id = (SELECT navigator.current_user_id()));
CREATE POLICY sessions_update ON navigator.sessions FOR UPDATE TO navigator_api
    USING (user_id = (SELECT navigator.current_user_id())) WITH CHECK (user_id = (SELECT navigator.current_user_id()));
CREATE POLICY sessions_auth_insert ON navigator.sessions FOR INSERT TO navigator_auth WITH CHECK (true);
GRANT SELECT, UPDATE (last_seen_at) ON navigator.sessions TO navigator_api;
GRANT INSERT ON navigator.sessions TO navigator_auth;

-- Promises: from here to the end of the transaction the caller is p_user and nobody else, and 'ok' means that the session
-- is theirs, not revoked, not older than its 12 hours, and was used within the last 60 minutes (45 CFR 164.312(a)(2)(iii)).
-- last_seen_at is written at most once a minute. Every user-facing function begins with it.
CREATE FUNCTION navigator.enter(p_user uuid, p_session uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_session navigator.sessions;
    v_now timestamptz := clock_timestamp();
BEGIN
    PERFORM set_config('app.user_id', p_user::text, true);
    SELECT * INTO v_session FROM navigator.sessions AS s WHERE s.id = p_session AND s.user_id = p_user;
    IF NOT FOUND OR v_session.revoked_at IS NOT NULL OR v_session.expires_at <= v_now
       OR v_session.last_seen_at < v_now - interval '60 minutes' THEN
        RETURN 'session_ended';
    END IF;
    IF v_session.last_seen_at < v_now - interval '1 minute' THEN
        UPDATE navigator.sessions AS s SET last_seen_at = v_now WHERE s.id = p_session AND s.user_id = p_user;
    END IF;
    RETURN 'ok';
END $$;
GRANT EXECUTE ON FUNCTION navigator.enter(uuid, uuid) TO navigator_api;

GRANT CREATE ON SCHEMA navigator TO navigator_auth;
SET LOCAL ROLE navigator_auth;

-- Promises: 'free' or 'taken', whatever the address's case. Only a hint: register_finish decides.
CREATE FUNCTION navigator.register_admit(p_email text) RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN QUERY SELECT CASE
        WHEN EXISTS (SELECT FROM navigator.users AS u WHERE u.email_key = lower(p_email)) THEN 'taken' ELSE 'free' END;
END $$;

-- Promises: 'created' with the account's roles, and a session; or 'taken'. A repeat with the same p_user (a lost
-- acknowledgement) is 'created' again and changes nothing.
CREATE FUNCTION navigator.register_finish(p_user uuid, p_email text, p_password_hash text, p_full_name text, p_session uuid)
RETURNS TABLE (outcome text, created_at timestamptz, roles text[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO navigator.users (id, email, password_hash, full_name)
        VALUES (p_user, p_email, p_password_hash, p_full_name) ON CONFLICT DO NOTHING;
    IF NOT EXISTS (SELECT FROM navigator.users AS u WHERE u.id = p_user) THEN
        RETURN QUERY SELECT 'taken', NULL::timestamptz, NULL::text[];
        RETURN;
    END IF;
    INSERT INTO navigator.user_roles (user_id, role_name) VALUES (p_user, 'user') ON CONFLICT DO NOTHING;
    INSERT INTO navigator.sessions (id, user_id) VALUES (p_session, p_user) ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT 'created', u.created_at,
            (SELECT array_agg(r.role_name ORDER BY r.role_name) FROM navigator.user_roles AS r WHERE r.user_id = p_user)
        FROM navigator.users AS u WHERE u.id = p_user;
END $$;

-- Promises: 'found' with what the verification needs, or 'unknown'.
CREATE FUNCTION navigator.login_admit(p_email text) RETURNS TABLE (outcome text, user_id uuid, password_hash text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT 'found', u.id, u.password_hash FROM navigator.users AS u WHERE u.email_key = lower(p_email);
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'unknown', NULL::uuid, NULL::text;
    END IF;
END $$;

-- Promises: 'opened' with the account, and the session exists; or 'unknown' when the account went away. Repeatable.
CREATE FUNCTION navigator.login_finish(p_user uuid, p_session uuid)
RETURNS TABLE (outcome text, email text, full_name text, created_at timestamptz, roles text[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM navigator.users AS u WHERE u.id = p_user) THEN
        RETURN QUERY SELECT 'unknown', NULL::text, NULL::text, NULL::timestamptz, NULL::text[];
        RETURN;
    END IF;
    INSERT INTO navigator.sessions (id, user_id) VALUES (p_session, p_user) ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT 'opened', u.email, u.full_name, u.created_at,
            coalesce((SELECT array_agg(r.role_name ORDER BY r.role_name)
                        FROM navigator.user_roles AS r WHERE r.user_id = p_user), '{}')
        FROM navigator.users AS u WHERE u.id = p_user;
END $$;
GRANT EXECUTE ON FUNCTION
    navigator.register_admit(text),
    navigator.register_finish(uuid, text, text, text, uuid),
    navigator.login_admit(text),
    navigator.login_finish(uuid, uuid)
TO navigator_api;

SET LOCAL ROLE navigator_owner;
REVOKE CREATE ON SCHEMA navigator FROM navigator_auth;
