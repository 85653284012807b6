-- Accounts: registration, log-in, refreshing, passwords, and the mails that carry a secret. These functions act before
-- identity is known, or with what the functions' role may not read (password hashes); they are navigator_auth's. Secrets are
-- stored as SHA-256 of the whole token; a mail holds the id from which its secret is derived, never the secret.
--
-- What opens, changes or proves something (`*_finish`, password_change, verification_confirm, account_delete) locks the person's row
-- first and then compares: the hash that `*_admit` showed, the credential version, disabled_at. It believes no verdict of its caller.
-- Rows are locked in one order, so that nobody waits in a circle: the person's count, the session, the heads of conversations, the
-- person, what hangs on the person (secrets, mails, tokens, further counts), the end of the audit log.

CREATE TABLE navigator.refresh_tokens (
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    used_at timestamptz,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES navigator.sessions (id) ON DELETE CASCADE,
    CONSTRAINT refresh_tokens_token_hash_check CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX refresh_tokens_session_id_idx ON navigator.refresh_tokens (session_id);

-- user_id is NULL for an address that nobody registered: asking for a mail does the same work then.
CREATE TABLE navigator.one_time_secrets (
    id uuid NOT NULL,
    user_id uuid,
    purpose text NOT NULL,
    secret_hash bytea NOT NULL,
    -- The person's when it was asked for: a code of another one is dead.
    credential_version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT one_time_secrets_pkey PRIMARY KEY (id),
    CONSTRAINT one_time_secrets_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT one_time_secrets_user_id_fkey FOREIGN KEY (user_id) REFERENCES navigator.users (id) ON DELETE CASCADE,
    CONSTRAINT one_time_secrets_purpose_check CHECK (purpose IN ('reset', 'verify'))
);
CREATE INDEX one_time_secrets_user_id_idx ON navigator.one_time_secrets (user_id);
CREATE INDEX one_time_secrets_expires_at_idx ON navigator.one_time_secrets (expires_at);

CREATE TABLE navigator.outbox (
    id uuid NOT NULL,
    kind text NOT NULL,
    -- NULL: a mail to nobody, see above.
    recipient text,
    user_id uuid,
    secret_id uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts int NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    outcome text,
    CONSTRAINT outbox_pkey PRIMARY KEY (id),
    CONSTRAINT outbox_user_id_fkey FOREIGN KEY (user_id) REFERENCES navigator.users (id) ON DELETE CASCADE,
    CONSTRAINT outbox_secret_id_fkey FOREIGN KEY (secret_id) REFERENCES navigator.one_time_secrets (id) ON DELETE CASCADE,
    CONSTRAINT outbox_kind_check CHECK (kind IN ('verify_email', 'reset_password', 'password_changed', 'account_deleted'))
);
CREATE INDEX outbox_user_id_idx ON navigator.outbox (user_id);
CREATE INDEX outbox_secret_id_idx ON navigator.outbox (secret_id);
CREATE INDEX outbox_due_idx ON navigator.outbox (next_at) WHERE finished_at IS NULL;
CREATE INDEX outbox_waiting_idx ON navigator.outbox (lower(recipient)) WHERE finished_at IS NULL;
CREATE INDEX outbox_finished_at_idx ON navigator.outbox (finished_at) WHERE finished_at IS NOT NULL;

-- Ids that were somebody's: a repeated registration or a restored backup must not bring them back.
CREATE TABLE navigator.deleted_users (
    user_id uuid NOT NULL,
    deleted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT deleted_users_pkey PRIMARY KEY (user_id)
);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['refresh_tokens', 'one_time_secrets', 'outbox', 'deleted_users'] LOOP
        EXECUTE format('ALTER TABLE navigator.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE navigator.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I TO navigator_owner USING (true) WITH CHECK (true)', t || '_owner', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I TO navigator_auth USING (true) WITH CHECK (true)', t || '_auth', t);
    END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE (used_at) ON navigator.refresh_tokens TO navigator_auth;
GRANT SELECT, INSERT, UPDATE (used_at), DELETE ON navigator.one_time_secrets TO navigator_auth;
GRANT SELECT, INSERT, UPDATE (attempts, next_at, finished_at, outcome, recipient), DELETE ON navigator.outbox TO navigator_auth;
GRANT SELECT ON navigator.deleted_users TO navigator_auth;
CREATE POLICY outbox_operator_select ON navigator.outbox FOR SELECT TO navigator_operator USING (true);
GRANT SELECT (id, kind, user_id, created_at, attempts, next_at, finished_at, outcome) ON navigator.outbox TO navigator_operator;

GRANT CREATE ON SCHEMA navigator TO navigator_auth;
SET LOCAL ROLE navigator_auth;

-- Private. Promises: the name under which counts keep an e-mail address.
CREATE FUNCTION navigator.email_mark(p_email text) RETURNS text
LANGUAGE sql IMMUTABLE SECURITY INVOKER SET search_path = '' AS $$
    SELECT encode(sha256(convert_to(lower(p_email), 'UTF8')), 'hex')
$$;

-- Private. Promises: the account as its owner sees it.
CREATE FUNCTION navigator.account_view(p_user uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', u.id, 'email', u.email, 'full_name', u.full_name,
                'email_verified', u.email_verified_at IS NOT NULL, 'created_at', u.created_at,
                'roles', (SELECT coalesce(jsonb_agg(r.role_name ORDER BY r.role_name), '[]') FROM navigator.user_roles AS r
                           WHERE r.user_id = u.id))
              FROM navigator.users AS u WHERE u.id = p_user);
END $$;

-- Private. Promises: the session of a locked person exists, bound to their present credential, and its first refresh token lives.
-- Repeatable; somebody else's session of this id gets no token.
CREATE FUNCTION navigator.session_open(p_user uuid, p_session uuid, p_refresh bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    INSERT INTO navigator.sessions (id, user_id, credential_version)
        SELECT p_session, u.id, u.credential_version FROM navigator.users AS u WHERE u.id = p_user ON CONFLICT DO NOTHING;
    INSERT INTO navigator.refresh_tokens (token_hash, session_id)
        SELECT p_refresh, s.id FROM navigator.sessions AS s WHERE s.id = p_session AND s.user_id = p_user ON CONFLICT DO NOTHING;
END $$;

-- Private. Promises: a mail waits to be sent, with a secret when p_hash is given: for p_purpose, for p_minutes. Repeatable with
-- the same p_id. p_user and p_email may be NULL: the same work, for nobody.
CREATE FUNCTION navigator.mail_write(
    p_id uuid, p_kind text, p_user uuid, p_email text, p_purpose text, p_hash bytea, p_minutes int) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    IF p_hash IS NOT NULL THEN
        INSERT INTO navigator.one_time_secrets (id, user_id, purpose, secret_hash, credential_version, expires_at)
            VALUES (p_id, p_user, p_purpose, p_hash,
                    coalesce((SELECT u.credential_version FROM navigator.users AS u WHERE u.id = p_user), 0),
                    clock_timestamp() + p_minutes * interval '1 minute') ON CONFLICT DO NOTHING;
    END IF;
    INSERT INTO navigator.outbox (id, kind, recipient, user_id, secret_id, finished_at, outcome)
        VALUES (p_id, p_kind, p_email, p_user, CASE WHEN p_hash IS NOT NULL THEN p_id END,
                CASE WHEN p_email IS NULL THEN clock_timestamp() END, CASE WHEN p_email IS NULL THEN 'nobody' END)
        ON CONFLICT DO NOTHING;
END $$;

-- Private. Promises: a mail of p_kind tells p_email what happened: now, when it is the first of its kind within the window of mail_notice; else
-- at the window's end, one for all that happened since. So the owner learns of it, and nobody can flood them. Repeatable.
CREATE FUNCTION navigator.mail_notice(p_id uuid, p_kind text, p_user uuid, p_email text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_refusal text;
BEGIN
    -- One that nobody has begun to send says it too.
    IF EXISTS (SELECT FROM navigator.outbox AS m WHERE m.id = p_id)
       OR EXISTS (SELECT FROM navigator.outbox AS m
                   WHERE lower(m.recipient) = lower(p_email) AND m.finished_at IS NULL AND m.kind = p_kind AND m.attempts = 0) THEN
        RETURN;
    END IF;
    v_refusal := navigator.hit('mail_notice', p_kind || ' ' || navigator.email_mark(p_email));
    INSERT INTO navigator.outbox (id, kind, recipient, user_id, next_at)
        VALUES (p_id, p_kind, p_email, p_user,
                -- The refusal's last word: the seconds until the window ends.
                clock_timestamp() + coalesce(split_part(v_refusal, ' ', 5)::int, 0) * interval '1 second')
        ON CONFLICT DO NOTHING;
END $$;

-- Promises: 'free', 'taken' (recorded; whatever the address's case; only a hint, register_finish decides), or a refusal.
CREATE FUNCTION navigator.register_admit(p_email text, p_origin text) RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    outcome := coalesce(
        navigator.hit('register_address', p_origin),
        navigator.hit('register_all', ''),
        CASE WHEN EXISTS (SELECT FROM navigator.users AS u WHERE u.email_key = lower(p_email)) THEN 'taken' ELSE 'free' END);
    IF outcome = 'taken' THEN
        PERFORM navigator.audit_write(NULL, NULL, NULL, 'register', navigator.audit_pseudonym(p_email), outcome, p_origin);
    END IF;
    RETURN NEXT;
END $$;

-- Promises: 'created' with the account, a session with its refresh token, and the mail that verifies the address (p_mail,
-- p_secret; not sent when the address got too many); or 'taken'. A repeat with the same p_user and p_password_hash (a lost
-- acknowledgement) is 'created' again and changes nothing; whoever does not know the hash opens no session of an account that is there.
CREATE FUNCTION navigator.register_finish(
    p_user uuid, p_email text, p_password_hash text, p_full_name text, p_session uuid, p_refresh bytea, p_mail uuid,
    p_secret bytea, p_origin text) RETURNS TABLE (outcome text, account jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_is_mailed bool := true;
BEGIN
    -- A deletion of this id that is under way is waited for, and its tombstone seen.
    PERFORM 1 FROM navigator.users AS u WHERE u.id = p_user FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM navigator.deleted_users AS d WHERE d.user_id = p_user) THEN
        INSERT INTO navigator.users (id, email, password_hash, full_name)
            VALUES (p_user, p_email, p_password_hash, p_full_name) ON CONFLICT DO NOTHING;
        IF FOUND THEN
            v_is_mailed := navigator.hit('mail_account', navigator.email_mark(p_email)) IS NULL;
        END IF;
    END IF;
    PERFORM 1 FROM navigator.users AS u
      WHERE u.id = p_user AND u.password_hash = p_password_hash AND u.disabled_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM navigator.audit_write(NULL, NULL, NULL, 'register', navigator.audit_pseudonym(p_email), 'taken', p_origin);
        RETURN QUERY SELECT 'taken', NULL::jsonb;
        RETURN;
    END IF;
    INSERT INTO navigator.user_roles (user_id, role_name) VALUES (p_user, 'user') ON CONFLICT DO NOTHING;
    PERFORM navigator.session_open(p_user, p_session, p_refresh),
            navigator.mail_write(p_mail, 'verify_email', p_user, CASE WHEN v_is_mailed THEN p_email END, 'verify', p_secret, 1440),
            navigator.audit_write(p_user, NULL, p_user, 'register', p_session::text, 'ok', p_origin);
    RETURN QUERY SELECT 'created', navigator.account_view(p_user);
END $$;

-- Promises: 'found' with what the verification needs, 'unknown', or a refusal, which depends on the address as it was typed and
-- on where the request comes from, never on whether it is known. The first try of a network address at an account is
-- outside the account's own limit: whoever floods an account cannot lock its owner out everywhere.
CREATE FUNCTION navigator.login_admit(p_email text, p_origin text) RETURNS TABLE (outcome text, user_id uuid, password_hash text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_mark text := navigator.email_mark(p_email);
    v_pair text := v_mark || ' ' || p_origin;
    v_refusal text := navigator.hit('login_pair', v_pair);
BEGIN
    v_refusal := coalesce(v_refusal,
        (SELECT navigator.hit('login_account', v_mark) FROM navigator.rate_limits AS r
          WHERE r.policy = 'login_pair' AND r.key = v_pair AND r.hits > 1),
        navigator.hit('login_address', p_origin),
        navigator.hit('login_all', ''));
    IF v_refusal IS NOT NULL THEN
        RETURN QUERY SELECT v_refusal, NULL::uuid, NULL::text;
        RETURN;
    END IF;
    RETURN QUERY SELECT 'found', u.id, u.password_hash FROM navigator.users AS u WHERE u.email_key = lower(p_email);
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'unknown', NULL::uuid, NULL::text;
    END IF;
END $$;

-- Promises: 'refused', and recorded: the password was wrong, or the address unknown.
CREATE FUNCTION navigator.login_refuse(p_email text, p_origin text) RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    outcome := 'refused';
    PERFORM navigator.audit_write(NULL, NULL, (SELECT u.id FROM navigator.users AS u WHERE u.email_key = lower(p_email)), 'login',
        navigator.audit_pseudonym(p_email), outcome, p_origin);
    RETURN NEXT;
END $$;

-- Promises, for the hash that login_admit showed and that the password was found to fit: 'opened' with the account, the session with its
-- refresh token, the count of wrong tries from here forgotten, and p_new_hash stored when the parameters of p_hash are outdated;
-- or 'disabled'. Both recorded. 'changed', nothing done, when the account has another hash by now, or is gone: login_admit shows it.
-- Repeatable.
CREATE FUNCTION navigator.login_finish(
    p_user uuid, p_email text, p_hash text, p_new_hash text, p_session uuid, p_refresh bytea, p_origin text)
RETURNS TABLE (outcome text, account jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_user navigator.users;
    v_outcome text;
BEGIN
    SELECT * INTO v_user FROM navigator.users AS u WHERE u.id = p_user FOR NO KEY UPDATE;
    -- A repeat finds the new hash, which it brings along.
    v_outcome := CASE WHEN (v_user.password_hash IN (p_hash, p_new_hash)) IS NOT TRUE THEN 'changed'
        WHEN v_user.disabled_at IS NOT NULL THEN 'disabled' ELSE 'opened' END;
    IF v_outcome = 'changed' THEN
        RETURN QUERY SELECT v_outcome, NULL::jsonb;
        RETURN;
    END IF;
    DELETE FROM navigator.rate_limits AS r
     WHERE r.policy = 'login_pair' AND r.key = navigator.email_mark(p_email) || ' ' || p_origin;
    IF v_outcome = 'opened' THEN
        UPDATE navigator.users AS u SET password_hash = p_new_hash, updated_at = clock_timestamp()
         WHERE u.id = p_user AND u.password_hash = p_hash AND p_new_hash IS NOT NULL;
        PERFORM navigator.session_open(p_user, p_session, p_refresh);
    END IF;
    PERFORM navigator.audit_write(p_user, NULL, p_user, 'login',
        CASE WHEN v_outcome = 'opened' THEN p_session::text ELSE navigator.audit_pseudonym(p_email) END,
        CASE WHEN v_outcome = 'opened' THEN 'ok' ELSE v_outcome END, p_origin);
    RETURN QUERY SELECT v_outcome, CASE WHEN v_outcome = 'opened' THEN navigator.account_view(p_user) END;
END $$;

-- Private. Promises: the session of a refresh token has ended, with every token of it, because the token was used twice.
CREATE FUNCTION navigator.session_kill(p_session uuid, p_user uuid, p_origin text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    UPDATE navigator.sessions AS s SET revoked_at = clock_timestamp() WHERE s.id = p_session AND s.revoked_at IS NULL;
    PERFORM navigator.audit_write(p_user, NULL, p_user, 'session.refresh', p_session::text, 'reused', p_origin);
END $$;

-- Private. Promises: which of p_children (from 1) was given for a token of the session and was not used yet; NULL when none.
CREATE FUNCTION navigator.session_child(p_session uuid, p_children bytea[]) RETURNS int
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
    RETURN (SELECT min(c.place) FROM unnest(p_children) WITH ORDINALITY AS c (token_hash, place)
              JOIN navigator.refresh_tokens AS t ON t.token_hash = c.token_hash
             WHERE t.session_id = p_session AND t.used_at IS NULL);
END $$;

-- Promises: 'refreshed' with session, account and child: the token p_hash is used up, and the one of p_children at this place (from 1)
-- lives instead. p_children are the successors by each key that is valid, the newest first: the first is given for an unused token; for
-- a used one the one that was given, again and however late, as long as it was not used itself (a lost reply, two windows). Afterwards
-- 'reused', and the whole session has ended, which stays although the request fails. 'unknown', 'ended' (session over, another
-- credential, account disabled), or a refusal.
CREATE FUNCTION navigator.session_refresh(p_hash bytea, p_children bytea[], p_origin text)
RETURNS TABLE (outcome text, session_id uuid, account jsonb, child int)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_token navigator.refresh_tokens;
    v_session navigator.sessions;
BEGIN
    outcome := navigator.hit('refresh_address', p_origin);
    -- The session before its tokens, as a deletion goes; whoever waited for it sees what the other one did.
    SELECT s.* INTO v_session FROM navigator.sessions AS s
     WHERE s.id = (SELECT t.session_id FROM navigator.refresh_tokens AS t WHERE t.token_hash = p_hash) FOR NO KEY UPDATE;
    SELECT * INTO v_token FROM navigator.refresh_tokens AS t WHERE t.token_hash = p_hash;
    child := CASE WHEN v_token.used_at IS NULL THEN 1 ELSE navigator.session_child(v_session.id, p_children) END;
    outcome := CASE WHEN outcome IS NOT NULL THEN outcome
        WHEN v_token.token_hash IS NULL OR v_session.id IS NULL THEN 'unknown'
        WHEN navigator.session_seen(v_session.user_id, v_session.id) IS NULL THEN 'ended'
        WHEN child IS NULL THEN 'reused'
        ELSE 'refreshed' END;
    IF outcome = 'refreshed' THEN
        IF v_token.used_at IS NULL THEN
            UPDATE navigator.refresh_tokens AS t SET used_at = clock_timestamp() WHERE t.token_hash = p_hash;
            INSERT INTO navigator.refresh_tokens (token_hash, session_id) VALUES (p_children[child], v_session.id);
        END IF;
        UPDATE navigator.sessions AS s SET last_seen_at = clock_timestamp() WHERE s.id = v_session.id;
        PERFORM navigator.audit_write(v_session.user_id, NULL, v_session.user_id, 'session.refresh', v_session.id::text,
            CASE WHEN v_token.used_at IS NULL THEN 'ok' ELSE 'again' END, p_origin);
    ELSIF outcome = 'reused' THEN
        PERFORM navigator.session_kill(v_session.id, v_session.user_id, p_origin);
    END IF;
    RETURN QUERY SELECT outcome, v_session.id, CASE WHEN outcome = 'refreshed' THEN navigator.account_view(v_session.user_id) END,
        child;
END $$;

-- Promises: 'admitted' with the hash that the present password is to be compared with, or a refusal of navigator.enter.
CREATE FUNCTION navigator.password_admit(p_user uuid, p_session uuid)
RETURNS TABLE (outcome text, password_hash text, email text, full_name text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    outcome := nullif(navigator.enter(p_user, p_session), 'ok');
    outcome := coalesce(outcome, navigator.hit('password', p_user::text), 'admitted');
    RETURN QUERY SELECT outcome, u.password_hash, u.email, u.full_name FROM navigator.users AS u
        WHERE u.id = p_user AND outcome = 'admitted';
    IF NOT FOUND THEN
        RETURN NEXT;
    END IF;
END $$;

-- Private. Promises: the password of a locked person is p_new; every session but p_keep has ended, and no secret that was mailed before is
-- good: none is of this credential version.
CREATE FUNCTION navigator.password_set(p_user uuid, p_new text, p_keep uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_version bigint;
BEGIN
    UPDATE navigator.users AS u
       SET password_hash = p_new, credential_version = u.credential_version + 1, updated_at = clock_timestamp()
     WHERE u.id = p_user RETURNING u.credential_version INTO v_version;
    UPDATE navigator.sessions AS s SET credential_version = v_version WHERE s.id = p_keep AND s.user_id = p_user;
    -- So that those that wait to be sent are not.
    UPDATE navigator.one_time_secrets AS o SET used_at = clock_timestamp()
     WHERE o.user_id = p_user AND o.used_at IS NULL AND o.expires_at > statement_timestamp();
END $$;

-- Promises: with p_new the password is changed ('changed'), when it still was p_old, and a mail says so; without it a wrong
-- guess is recorded ('refused'). Repeatable. 'conflict' when it was changed meanwhile; or a refusal of navigator.enter.
CREATE FUNCTION navigator.password_change(p_user uuid, p_session uuid, p_old text, p_new text, p_mail uuid)
RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_user navigator.users;
BEGIN
    outcome := nullif(navigator.enter(p_user, p_session), 'ok');
    SELECT * INTO v_user FROM navigator.users AS u WHERE u.id = p_user FOR NO KEY UPDATE;
    outcome := coalesce(outcome,
        -- A reset or an operator, who count nothing of the person, may have been faster.
        CASE WHEN navigator.session_seen(p_user, p_session) IS NULL THEN 'session_ended' WHEN p_new IS NULL THEN 'refused'
             WHEN v_user.password_hash IN (p_old, p_new) THEN 'changed' ELSE 'conflict' END);
    IF outcome = 'changed' AND v_user.password_hash = p_old THEN
        DELETE FROM navigator.rate_limits AS r WHERE r.policy = 'password' AND r.key = p_user::text;
        PERFORM navigator.password_set(p_user, p_new, p_session),
                navigator.mail_notice(p_mail, 'password_changed', p_user, v_user.email);
    END IF;
    IF outcome IN ('changed', 'refused') THEN
        PERFORM navigator.audit(p_user, 'password.change', NULL, CASE outcome WHEN 'changed' THEN 'ok' ELSE outcome END);
    END IF;
    RETURN NEXT;
END $$;

GRANT EXECUTE ON FUNCTION
    navigator.register_admit(text, text),
    navigator.register_finish(uuid, text, text, text, uuid, bytea, uuid, bytea, text),
    navigator.login_admit(text, text),
    navigator.login_refuse(text, text),
    navigator.login_finish(uuid, text, text, text, uuid, bytea, text),
    navigator.session_refresh(bytea, bytea[], text),
    navigator.password_admit(uuid, uuid),
    navigator.password_change(uuid, uuid, text, text, uuid)
TO navigator_api;
GRANT EXECUTE ON FUNCTION navigator.mail_notice(uuid, text, uuid, text), navigator.email_mark(text) TO navigator_owner;

SET LOCAL ROLE navigator_owner;
REVOKE CREATE ON SCHEMA navigator FROM navigator_auth;
