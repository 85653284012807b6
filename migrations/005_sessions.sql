-- Sessions, and what every operation is guarded by: rate limits and the audit log. One row per log-in; an access token names
-- its session (sid), and navigator.enter decides in the transaction of the data whether that session still lives.

CREATE TABLE navigator.sessions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    -- The person's when the session was opened: a session of another one is dead.
    credential_version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL DEFAULT clock_timestamp() + interval '12 hours',
    revoked_at timestamptz,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES navigator.users (id) ON DELETE CASCADE
);
CREATE INDEX sessions_user_id_idx ON navigator.sessions (user_id);
CREATE INDEX sessions_expires_at_idx ON navigator.sessions (expires_at);

-- How often something may happen: hits within so many seconds, counted from the first. Operators change it with `ops limits`.
CREATE TABLE navigator.rate_policies (
    name text NOT NULL,
    hits int NOT NULL,
    seconds int NOT NULL,
    CONSTRAINT rate_policies_pkey PRIMARY KEY (name),
    CONSTRAINT rate_policies_hits_check CHECK (hits >= 1),
    CONSTRAINT rate_policies_seconds_check CHECK (seconds BETWEEN 1 AND 86400)
);
-- Not logged: a count that a crash forgets is worth less than a write to disk at every request.
CREATE UNLOGGED TABLE navigator.rate_limits (
    policy text NOT NULL,
    key text NOT NULL,
    hits int NOT NULL,
    began_at timestamptz NOT NULL,
    CONSTRAINT rate_limits_pkey PRIMARY KEY (policy, key)
) WITH (fillfactor = 50);
CREATE INDEX rate_limits_began_at_idx ON navigator.rate_limits (policy, began_at);

-- Who did what, and who read what. Append-only: each row's mac covers the row and the mac before it in its chain; the head
-- says where a chain ends. Rows name people by id and outlive them. Chain 0 to 15 by the person, 16 for nobody's.
CREATE TABLE navigator.audit_log (
    chain smallint NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    -- The account that acted, or the operator's database role; neither for somebody unknown.
    actor uuid,
    operator text,
    -- Whose data.
    subject uuid,
    action text NOT NULL,
    object text,
    outcome text NOT NULL,
    -- The client's network address, where it is known.
    origin text,
    mac bytea NOT NULL,
    CONSTRAINT audit_log_pkey PRIMARY KEY (chain, seq),
    -- No row outside the chains that audit_verify goes along.
    CONSTRAINT audit_log_chain_check CHECK (chain BETWEEN 0 AND 16),
    CONSTRAINT audit_log_mac_check CHECK (octet_length(mac) = 32)
);
CREATE TABLE navigator.audit_heads (
    chain smallint NOT NULL,
    seq bigint NOT NULL,
    mac bytea NOT NULL,
    CONSTRAINT audit_heads_pkey PRIMARY KEY (chain)
) WITH (fillfactor = 20);
-- The key of the chains, as HMAC's two padded blocks (RFC 2104). Only navigator_audit reads it.
CREATE TABLE navigator.audit_keys (
    id int NOT NULL,
    inner_block bytea NOT NULL,
    outer_block bytea NOT NULL,
    CONSTRAINT audit_keys_pkey PRIMARY KEY (id),
    CONSTRAINT audit_keys_id_check CHECK (id = 1)
);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['sessions', 'rate_policies', 'rate_limits', 'audit_log', 'audit_heads', 'audit_keys'] LOOP
        EXECUTE format('ALTER TABLE navigator.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE navigator.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I TO navigator_owner USING (true) WITH CHECK (true)', t || '_owner', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['sessions', 'rate_policies', 'audit_log', 'audit_heads'] LOOP
        EXECUTE format('CREATE POLICY %I ON navigator.%I FOR SELECT TO navigator_operator USING (true)', t || '_operator_select', t);
        EXECUTE format('GRANT SELECT ON navigator.%I TO navigator_operator', t);
    END LOOP;
END $$;
CREATE POLICY rate_policies_operator_update ON navigator.rate_policies FOR UPDATE TO navigator_operator
    USING (true) WITH CHECK (true);
GRANT UPDATE (hits, seconds) ON navigator.rate_policies TO navigator_operator;
CREATE POLICY sessions_select ON navigator.sessions FOR SELECT TO navigator_api
    USING (user_id = (SELECT navigator.current_user_id()));
CREATE POLICY sessions_update ON navigator.sessions FOR UPDATE TO navigator_api
    USING (user_id = (SELECT navigator.current_user_id())) WITH CHECK (user_id = (SELECT navigator.current_user_id()));
GRANT SELECT, UPDATE (last_seen_at, revoked_at) ON navigator.sessions TO navigator_api;
CREATE POLICY sessions_auth ON navigator.sessions TO navigator_auth USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (credential_version, last_seen_at, revoked_at), DELETE ON navigator.sessions TO navigator_auth;
CREATE POLICY rate_policies_auth_select ON navigator.rate_policies FOR SELECT TO navigator_auth USING (true);
GRANT SELECT ON navigator.rate_policies TO navigator_auth;
CREATE POLICY rate_limits_auth ON navigator.rate_limits TO navigator_auth USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON navigator.rate_limits TO navigator_auth;
-- A person may read what is recorded about their own data.
CREATE POLICY audit_log_select ON navigator.audit_log FOR SELECT TO navigator_api
    USING (subject = (SELECT navigator.current_user_id()));
GRANT SELECT ON navigator.audit_log TO navigator_api;
CREATE POLICY audit_log_audit_select ON navigator.audit_log FOR SELECT TO navigator_audit USING (true);
CREATE POLICY audit_log_audit_insert ON navigator.audit_log FOR INSERT TO navigator_audit WITH CHECK (true);
GRANT SELECT, INSERT ON navigator.audit_log TO navigator_audit;
CREATE POLICY audit_heads_audit ON navigator.audit_heads TO navigator_audit USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE (seq, mac) ON navigator.audit_heads TO navigator_audit;
CREATE POLICY audit_keys_audit_select ON navigator.audit_keys FOR SELECT TO navigator_audit USING (true);
GRANT SELECT ON navigator.audit_keys TO navigator_audit;
CREATE INDEX audit_log_at_idx ON navigator.audit_log USING brin (at);

INSERT INTO navigator.rate_policies (name, hits, seconds) VALUES
    ('account', 300, 60),           -- requests of one person
    ('login_pair', 5, 900),         -- tries from one network address at one account, successful ones not counted
    ('login_account', 50, 3600),    -- tries at one account beyond the first of each network address
    ('login_address', 100, 900),    -- tries from one network address
    ('login_all', 6000, 60),        -- tries in all
    ('register_address', 30, 3600),
    ('register_all', 3000, 3600),
    ('password', 10, 900),          -- tries at the present password by who is logged in
    ('refresh_address', 600, 60),
    ('secret_address', 30, 900),    -- tries at the secrets that mails carry
    ('mail_address', 20, 3600),     -- mails asked for from one network address
    ('mail_account', 3, 3600),      -- mails with a code to one address; further ones are not sent
    ('mail_notice', 1, 3600);       -- notices of one kind to one address; further ones are one, at the window's end
INSERT INTO navigator.audit_heads (chain, seq, mac) SELECT c, 0, sha256(''::bytea) FROM generate_series(0, 16) AS c;
-- 64 random bytes; HMAC's blocks are the key XOR 0x36 and 0x5c in every byte.
INSERT INTO navigator.audit_keys (id, inner_block, outer_block)
SELECT 1, decode(string_agg(lpad(to_hex(b # 54), 2, '0'), '' ORDER BY i), 'hex'),
       decode(string_agg(lpad(to_hex(b # 92), 2, '0'), '' ORDER BY i), 'hex')
  FROM (SELECT i, get_byte(k.bytes, i) AS b
          FROM (SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
                    || sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) AS bytes)
               AS k, generate_series(0, 63) AS i) AS bytes;

GRANT CREATE ON SCHEMA navigator TO navigator_audit, navigator_auth;
SET LOCAL ROLE navigator_audit;

-- Private. Promises: HMAC-SHA-256 (RFC 2104) of p_data under the log's key.
CREATE FUNCTION navigator.audit_mac(p_data bytea) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    v_key navigator.audit_keys;
BEGIN
    SELECT * INTO STRICT v_key FROM navigator.audit_keys AS k WHERE k.id = 1;
    RETURN sha256(v_key.outer_block || sha256(v_key.inner_block || p_data));
END $$;

-- Private. Promises: the name under which the log keeps an e-mail address, so that it holds none.
CREATE FUNCTION navigator.audit_pseudonym(p_email text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN 'email:' || encode(substr(navigator.audit_mac(convert_to('email ' || lower(p_email), 'UTF8')), 1, 12), 'hex');
END $$;

-- Private. Promises: what a row's mac covers: the mac before it and every column.
CREATE FUNCTION navigator.audit_data(p_row navigator.audit_log, p_before bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN p_before || convert_to(jsonb_build_array(
        p_row.chain, p_row.seq, (extract(epoch FROM p_row.at) * 1000000)::bigint, p_row.actor, p_row.operator, p_row.subject,
        p_row.action, p_row.object, p_row.outcome, p_row.origin)::text, 'UTF8');
END $$;

-- Private. Promises: the row stands at the end of its chain when the transaction commits. The last write of a function: the
-- chain's head is locked from here on.
CREATE FUNCTION navigator.audit_write(
    p_actor uuid, p_operator text, p_subject uuid, p_action text, p_object text, p_outcome text, p_origin text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    v_head navigator.audit_heads;
    v_row navigator.audit_log;
BEGIN
    v_row.chain := coalesce(get_byte(uuid_send(coalesce(p_subject, p_actor)), 15) & 15, 16);
    SELECT * INTO STRICT v_head FROM navigator.audit_heads AS h WHERE h.chain = v_row.chain FOR NO KEY UPDATE;
    v_row.seq := v_head.seq + 1;
    v_row.at := clock_timestamp();
    v_row.actor := p_actor;
    v_row.operator := p_operator;
    v_row.subject := p_subject;
    v_row.action := p_action;
    v_row.object := p_object;
    v_row.outcome := p_outcome;
    v_row.origin := p_origin;
    v_row.mac := navigator.audit_mac(navigator.audit_data(v_row, v_head.mac));
    INSERT INTO navigator.audit_log SELECT v_row.*;
    UPDATE navigator.audit_heads AS h SET seq = v_row.seq, mac = v_row.mac WHERE h.chain = v_row.chain;
END $$;

-- Private. Promises: recorded: the person p_user did p_action with their own data.
CREATE FUNCTION navigator.audit(p_user uuid, p_action text, p_object text, p_outcome text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    PERFORM navigator.audit_write(p_user, NULL, p_user, p_action, p_object, p_outcome, NULL);
END $$;

-- Promises: where every chain ends, to be kept outside the database: {chain: [seq, mac]}.
CREATE FUNCTION navigator.audit_anchor() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN (SELECT jsonb_object_agg(h.chain, jsonb_build_array(h.seq, encode(h.mac, 'hex'))) FROM navigator.audit_heads AS h
             WHERE h.seq > 0);
END $$;
GRANT EXECUTE ON FUNCTION navigator.audit_anchor() TO navigator_sweep, navigator_operator;
GRANT EXECUTE ON FUNCTION navigator.audit_pseudonym(text) TO navigator_operator;
GRANT EXECUTE ON FUNCTION navigator.audit_write(uuid, text, uuid, text, text, text, text), navigator.audit_pseudonym(text),
    navigator.audit(uuid, text, text, text) TO navigator_api, navigator_auth, navigator_owner;

SET LOCAL ROLE navigator_auth;

-- Private. Promises: NULL, and counted, when p_key may do p_policy once more; else the refusal, 'rate_limited NAME HITS WINDOW
-- LEFT' in seconds, nothing counted. Exact, whoever else counts at the same moment.
CREATE FUNCTION navigator.hit(p_policy text, p_key text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    v_policy navigator.rate_policies;
    v_row navigator.rate_limits;
    v_now timestamptz := clock_timestamp();
    v_since timestamptz;
BEGIN
    SELECT * INTO STRICT v_policy FROM navigator.rate_policies AS p WHERE p.name = p_policy;
    v_since := v_now - v_policy.seconds * interval '1 second';
    FOR v_look IN 1..2 LOOP
        -- Whoever is over the limit makes nobody wait for the row.
        SELECT * INTO v_row FROM navigator.rate_limits AS r WHERE r.policy = p_policy AND r.key = p_key;
        IF v_row.hits >= v_policy.hits AND v_row.began_at > v_since THEN
            RETURN format('rate_limited %s %s %s %s', p_policy, v_policy.hits, v_policy.seconds,
                greatest(1, ceil(extract(epoch FROM v_row.began_at - v_since))::int));
        END IF;
        INSERT INTO navigator.rate_limits AS r (policy, key, hits, began_at) VALUES (p_policy, p_key, 1, v_now)
        ON CONFLICT ON CONSTRAINT rate_limits_pkey DO UPDATE
            SET hits = CASE WHEN r.began_at <= v_since THEN 1 ELSE r.hits + 1 END,
                began_at = CASE WHEN r.began_at <= v_since THEN v_now ELSE r.began_at END
          WHERE r.began_at <= v_since OR r.hits < v_policy.hits;
        IF FOUND THEN
            RETURN NULL;
        END IF;
        -- Others were faster: the second look sees their hits.
    END LOOP;
    RETURN format('rate_limited %s %s %s 1', p_policy, v_policy.hits, v_policy.seconds);
END $$;
GRANT EXECUTE ON FUNCTION navigator.hit(text, text) TO navigator_api, navigator_owner;

SET LOCAL ROLE navigator_owner;
REVOKE CREATE ON SCHEMA navigator FROM navigator_audit, navigator_auth;

-- Private. Promises: when a living session was last used; NULL for one that does not live: it must be p_user's, not revoked, not older than
-- its 12 hours, used within the last 60 minutes (45 CFR 164.312(a)(2)(iii)), opened with the credential that still holds, and the
-- account not disabled.
CREATE FUNCTION navigator.session_seen(p_user uuid, p_session uuid) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN (SELECT s.last_seen_at FROM navigator.sessions AS s JOIN navigator.users AS u ON u.id = s.user_id
             WHERE s.id = p_session AND s.user_id = p_user AND s.revoked_at IS NULL
               AND s.credential_version = u.credential_version AND u.disabled_at IS NULL
               AND s.expires_at > statement_timestamp() AND s.last_seen_at >= statement_timestamp() - interval '60 minutes');
END $$;
GRANT EXECUTE ON FUNCTION navigator.session_seen(uuid, uuid) TO navigator_api, navigator_auth;

-- Promises: from here to the end of the transaction the caller is p_user and nobody else, and 'ok' means that the session lives
-- (session_seen), and that the person has requests left; else 'session_ended' or a refusal of navigator.hit. last_seen_at is written
-- at most once a minute. Every user-facing function begins with it.
CREATE FUNCTION navigator.enter(p_user uuid, p_session uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_seen timestamptz;
    v_refusal text;
BEGIN
    PERFORM set_config('app.user_id', p_user::text, true);
    IF navigator.session_seen(p_user, p_session) IS NULL THEN
        RETURN 'session_ended';
    END IF;
    v_refusal := navigator.hit('account', p_user::text);
    IF v_refusal IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    -- Whoever counts for this person holds the count until their commit: a deletion or a change of password that was waited for here
    -- is seen now, and one that comes later waits for this transaction.
    v_seen := navigator.session_seen(p_user, p_session);
    IF v_seen IS NULL THEN
        RETURN 'session_ended';
    ELSIF v_seen < clock_timestamp() - interval '1 minute' THEN
        UPDATE navigator.sessions AS s SET last_seen_at = clock_timestamp() WHERE s.id = p_session AND s.user_id = p_user;
    END IF;
    RETURN 'ok';
END $$;
GRANT EXECUTE ON FUNCTION navigator.enter(uuid, uuid) TO navigator_api, navigator_auth;
