-- What goes by mail: resetting a password, verifying an address; and the outbox, emptied by the function on the schedule. Asking
-- for a mail does the same work whether the address is known or not.

GRANT CREATE ON SCHEMA navigator TO navigator_auth;
SET LOCAL ROLE navigator_auth;

-- Promises: 'accepted': a mail with a secret for 10 minutes waits when the address is known, and was not mailed too often within
-- the hour; or a refusal for the network address. The answer, and the work, do not tell which. Repeatable with the same p_mail.
CREATE FUNCTION navigator.reset_request(p_email text, p_mail uuid, p_secret bytea, p_origin text) RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_user navigator.users;
    v_is_sent bool;
BEGIN
    outcome := navigator.hit('mail_address', p_origin);
    IF outcome IS NULL THEN
        -- Not while the account is being deleted: the secret would be nobody's.
        SELECT * INTO v_user FROM navigator.users AS u WHERE u.email_key = lower(p_email) FOR KEY SHARE;
        v_is_sent := navigator.hit('mail_account', navigator.email_mark(p_email)) IS NULL AND v_user.disabled_at IS NULL;
        PERFORM navigator.mail_write(p_mail, 'reset_password', CASE WHEN v_is_sent THEN v_user.id END,
                    CASE WHEN v_is_sent THEN v_user.email END, 'reset', p_secret, 10),
                navigator.audit_write(NULL, NULL, v_user.id, 'password.reset_request', navigator.audit_pseudonym(p_email), 'ok', p_origin);
        outcome := 'accepted';
    END IF;
    RETURN NEXT;
END $$;

-- Promises: 'valid' with whose it is, when the secret for a reset is unused, not expired and of the present credential; 'invalid', nothing more said; or a
-- refusal for the network address.
CREATE FUNCTION navigator.reset_admit(p_secret bytea, p_origin text) RETURNS TABLE (outcome text, email text, full_name text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    outcome := navigator.hit('secret_address', p_origin);
    IF outcome IS NULL THEN
        RETURN QUERY SELECT 'valid', u.email, u.full_name
            FROM navigator.one_time_secrets AS o JOIN navigator.users AS u ON u.id = o.user_id
           WHERE o.secret_hash = p_secret AND o.purpose = 'reset' AND o.used_at IS NULL AND o.expires_at > statement_timestamp()
             AND o.credential_version = u.credential_version AND u.disabled_at IS NULL;
        IF FOUND THEN
            RETURN;
        END IF;
        outcome := 'invalid';
    END IF;
    RETURN NEXT;
END $$;

-- Private. Promises: whose a secret is, locked; NULL for a secret of nobody.
CREATE FUNCTION navigator.secret_person(p_secret bytea, p_purpose text) RETURNS navigator.users
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
    v_user navigator.users;
BEGIN
    SELECT * INTO v_user FROM navigator.users AS u
     WHERE u.id = (SELECT o.user_id FROM navigator.one_time_secrets AS o WHERE o.secret_hash = p_secret AND o.purpose = p_purpose)
       FOR NO KEY UPDATE;
    RETURN v_user;
END $$;

-- Promises: 'changed': the secret is used up, the password is p_hash, every session has ended, the address counts as verified (the
-- secret came by mail), and a mail says so. 'invalid' when the secret is not good any more. Repeatable with the same p_hash.
CREATE FUNCTION navigator.reset_finish(p_secret bytea, p_hash text, p_mail uuid, p_origin text) RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_secret navigator.one_time_secrets;
    v_user navigator.users;
BEGIN
    v_user := navigator.secret_person(p_secret, 'reset');
    -- After the lock: whoever was faster has used it, or every secret of its version.
    SELECT * INTO v_secret FROM navigator.one_time_secrets AS o WHERE o.secret_hash = p_secret AND o.purpose = 'reset';
    outcome := CASE WHEN v_user.id IS NULL OR v_secret.id IS NULL OR v_user.disabled_at IS NOT NULL THEN 'invalid'
        WHEN v_secret.used_at IS NOT NULL THEN CASE WHEN v_user.password_hash = p_hash THEN 'changed' ELSE 'invalid' END
        WHEN v_secret.credential_version <> v_user.credential_version OR v_secret.expires_at <= clock_timestamp() THEN 'invalid'
        ELSE 'changed' END;
    IF outcome = 'changed' AND v_secret.used_at IS NULL THEN
        UPDATE navigator.users AS u SET email_verified_at = coalesce(u.email_verified_at, clock_timestamp()) WHERE u.id = v_user.id;
        PERFORM navigator.password_set(v_user.id, p_hash, NULL),
                navigator.mail_notice(p_mail, 'password_changed', v_user.id, v_user.email),
                navigator.audit_write(v_user.id, NULL, v_user.id, 'password.reset', NULL, 'ok', p_origin);
    END IF;
    RETURN NEXT;
END $$;

-- Promises: 'accepted' and a mail with a secret for a day waits; 'verified' when the address is verified already; or a refusal.
CREATE FUNCTION navigator.verification_request(p_user uuid, p_session uuid, p_mail uuid, p_secret bytea)
RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_user navigator.users;
BEGIN
    outcome := nullif(navigator.enter(p_user, p_session), 'ok');
    SELECT * INTO v_user FROM navigator.users AS u WHERE u.id = p_user;
    IF outcome IS NULL AND v_user.email_verified_at IS NOT NULL THEN
        outcome := 'verified';
    END IF;
    outcome := coalesce(outcome, navigator.hit('mail_account', navigator.email_mark(v_user.email)));
    IF outcome IS NULL THEN
        PERFORM navigator.mail_write(p_mail, 'verify_email', p_user, v_user.email, 'verify', p_secret, 1440),
                navigator.audit(p_user, 'email.verify_request', NULL, 'ok');
        outcome := 'accepted';
    END IF;
    RETURN NEXT;
END $$;

-- Promises: 'verified': the address of the secret's account is; 'invalid' for a secret that is unknown, expired, of an earlier
-- credential, or of a disabled account; or a refusal for the network address. Repeatable: a secret that verified this account verifies it again.
CREATE FUNCTION navigator.verification_confirm(p_secret bytea, p_origin text) RETURNS TABLE (outcome text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
DECLARE
    v_secret navigator.one_time_secrets;
    v_user navigator.users;
BEGIN
    outcome := navigator.hit('secret_address', p_origin);
    IF outcome IS NULL THEN
        v_user := navigator.secret_person(p_secret, 'verify');
        SELECT * INTO v_secret FROM navigator.one_time_secrets AS o
         WHERE o.secret_hash = p_secret AND o.purpose = 'verify' AND o.expires_at > statement_timestamp()
           AND o.credential_version = v_user.credential_version AND v_user.disabled_at IS NULL;
        outcome := CASE WHEN FOUND THEN 'verified' ELSE 'invalid' END;
    END IF;
    IF outcome = 'verified' AND v_secret.used_at IS NULL THEN
        UPDATE navigator.one_time_secrets AS o SET used_at = clock_timestamp() WHERE o.id = v_secret.id;
        UPDATE navigator.users AS u SET email_verified_at = coalesce(u.email_verified_at, clock_timestamp())
         WHERE u.id = v_secret.user_id;
        PERFORM navigator.audit_write(v_secret.user_id, NULL, v_secret.user_id, 'email.verify', NULL, 'ok', p_origin);
    END IF;
    RETURN NEXT;
END $$;

-- Promises: up to p_limit mails that are due, as an array; nobody else gets them for a while, the longer the more often they
-- failed. A mail whose secret is dead (expired, used, of an earlier credential), or that failed ten times, is finished instead.
CREATE FUNCTION navigator.mail_take(p_limit int) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_mails jsonb;
BEGIN
    UPDATE navigator.outbox AS m SET finished_at = v_now, recipient = NULL,
           outcome = CASE WHEN m.attempts >= 10 THEN 'failed' ELSE 'expired' END
     WHERE m.id IN (
        SELECT e.id FROM navigator.outbox AS e
          LEFT JOIN navigator.one_time_secrets AS o ON o.id = e.secret_id
          LEFT JOIN navigator.users AS u ON u.id = o.user_id
         WHERE e.finished_at IS NULL AND e.next_at <= v_now
           AND (e.attempts >= 10 OR o.expires_at <= v_now OR o.used_at IS NOT NULL
                OR o.credential_version <> u.credential_version OR u.disabled_at IS NOT NULL)
           -- A deletion that is under way takes its own mails along.
           FOR NO KEY UPDATE OF e SKIP LOCKED);
    WITH due AS (
        SELECT m.id FROM navigator.outbox AS m WHERE m.finished_at IS NULL AND m.next_at <= v_now
         ORDER BY m.next_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED),
    taken AS (
        UPDATE navigator.outbox AS m SET attempts = m.attempts + 1, next_at = v_now + least(60, 2 ^ m.attempts) * interval '1 minute'
          FROM due AS d WHERE m.id = d.id
        RETURNING m.id, m.kind, m.recipient, m.secret_id)
    SELECT jsonb_agg(jsonb_build_object('id', t.id, 'kind', t.kind, 'recipient', t.recipient,
               'secret_hash', encode(o.secret_hash, 'hex'), 'expires_at', o.expires_at)) INTO v_mails
      FROM taken AS t LEFT JOIN navigator.one_time_secrets AS o ON o.id = t.secret_id;
    RETURN coalesce(v_mails, '[]');
END $$;

-- Promises: these mails were sent; to whom is forgotten.
CREATE FUNCTION navigator.mail_sent(p_mails uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE navigator.outbox AS m SET finished_at = clock_timestamp(), outcome = 'sent', recipient = NULL
     WHERE m.id = ANY (p_mails) AND m.finished_at IS NULL;
END $$;

-- Private. Promises: whether a mail waits to be sent now.
CREATE FUNCTION navigator.mail_is_due() RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
BEGIN
    RETURN EXISTS (SELECT FROM navigator.outbox AS m WHERE m.finished_at IS NULL AND m.next_at <= v_now);
END $$;

-- Private. Promises: since when what is over is not kept any more: 'sessions' (with their refresh tokens) for 30 days, 'secrets' and
-- 'mails' for a day, 'limits' (counts) for their p_seconds. NULL for another kind.
CREATE FUNCTION navigator.account_kept_since(p_kind text, p_seconds int, p_now timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE SECURITY INVOKER SET search_path = '' AS $$
    SELECT p_now - CASE p_kind WHEN 'sessions' THEN interval '30 days' WHEN 'secrets' THEN interval '1 day'
                               WHEN 'mails' THEN interval '1 day' WHEN 'limits' THEN p_seconds * interval '1 second' END
$$;

-- Private. Promises: of which kinds there is something to prune now. Each is one look into an index.
CREATE FUNCTION navigator.account_prunable() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_sessions timestamptz := navigator.account_kept_since('sessions', NULL, v_now);
    v_secrets timestamptz := navigator.account_kept_since('secrets', NULL, v_now);
    v_mails timestamptz := navigator.account_kept_since('mails', NULL, v_now);
BEGIN
    RETURN ARRAY(
        SELECT 'sessions' FROM (SELECT FROM navigator.sessions AS o WHERE o.expires_at < v_sessions ORDER BY o.expires_at LIMIT 1) AS o
        UNION ALL
        SELECT 'secrets' FROM (SELECT FROM navigator.one_time_secrets AS o WHERE o.expires_at < v_secrets
                                ORDER BY o.expires_at LIMIT 1) AS o
        UNION ALL
        SELECT 'mails' FROM (SELECT FROM navigator.outbox AS o WHERE o.finished_at < v_mails ORDER BY o.finished_at LIMIT 1) AS o
        UNION ALL
        (SELECT 'limits' FROM navigator.rate_policies AS p, LATERAL (
             SELECT FROM navigator.rate_limits AS r
              WHERE r.policy = p.name AND r.began_at < navigator.account_kept_since('limits', p.seconds, v_now)
              ORDER BY r.began_at LIMIT 1) AS o LIMIT 1));
END $$;

-- Private. Promises: the p_limit oldest rows of a kind that are over for as long as account_kept_since says are gone; how many. What
-- somebody uses at this moment is passed over.
CREATE FUNCTION navigator.account_prune(p_kind text, p_limit int) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_before timestamptz := navigator.account_kept_since(p_kind, 0, v_now);
    v_count int;
BEGIN
    IF p_kind = 'sessions' THEN
        DELETE FROM navigator.sessions AS s WHERE s.ctid = ANY (ARRAY(
            SELECT o.ctid FROM navigator.sessions AS o WHERE o.expires_at < v_before
             ORDER BY o.expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    ELSIF p_kind = 'secrets' THEN
        DELETE FROM navigator.one_time_secrets AS s WHERE s.ctid = ANY (ARRAY(
            SELECT o.ctid FROM navigator.one_time_secrets AS o WHERE o.expires_at < v_before
             ORDER BY o.expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    ELSIF p_kind = 'mails' THEN
        DELETE FROM navigator.outbox AS m WHERE m.ctid = ANY (ARRAY(
            SELECT o.ctid FROM navigator.outbox AS o WHERE o.finished_at < v_before
             ORDER BY o.finished_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    ELSIF p_kind = 'limits' THEN
        DELETE FROM navigator.rate_limits AS l WHERE l.ctid = ANY (ARRAY(
            SELECT o.ctid FROM navigator.rate_policies AS p, LATERAL (
                SELECT r.ctid FROM navigator.rate_limits AS r
                 WHERE r.policy = p.name AND r.began_at < navigator.account_kept_since('limits', p.seconds, v_now)
                 ORDER BY r.began_at LIMIT p_limit FOR UPDATE SKIP LOCKED) AS o LIMIT p_limit));
    ELSE
        RETURN 0;
    END IF;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END $$;

GRANT EXECUTE ON FUNCTION
    navigator.reset_request(text, uuid, bytea, text),
    navigator.reset_admit(bytea, text),
    navigator.reset_finish(bytea, text, uuid, text),
    navigator.verification_request(uuid, uuid, uuid, bytea),
    navigator.verification_confirm(bytea, text),
    navigator.mail_take(int),
    navigator.mail_sent(uuid[])
TO navigator_api;
GRANT EXECUTE ON FUNCTION navigator.mail_is_due(), navigator.account_prunable(), navigator.account_prune(text, int)
    TO navigator_sweep;

SET LOCAL ROLE navigator_owner;
REVOKE CREATE ON SCHEMA navigator FROM navigator_auth;
