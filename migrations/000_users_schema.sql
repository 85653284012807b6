-- Users and roles. The schema and the database roles are made by `ops` (they belong to the cluster, not to a version).

-- Promises: the user of this transaction, or NULL. A pooled backend answers '' and not NULL once the setting was used.
CREATE FUNCTION navigator.current_user_id() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = ''
AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;
GRANT EXECUTE ON FUNCTION navigator.current_user_id() TO navigator_api;

CREATE TABLE navigator.users (
    id uuid NOT NULL,
    email text NOT NULL,
    email_key text GENERATED ALWAYS AS (lower(email)) STORED,
    password_hash text NOT NULL,
    -- Counted up by whatever evicts: a change or a reset of the password, and disabling. What was opened or mailed under an earlier
    -- one is dead: sessions, refresh tokens, codes.
    credential_version bigint NOT NULL DEFAULT 1,
    full_name text NOT NULL,
    email_verified_at timestamptz,
    -- By an operator: nobody logs in to the account, and its sessions have ended.
    disabled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_key_key UNIQUE (email_key),
    CONSTRAINT users_email_check CHECK (char_length(email) BETWEEN 3 AND 254),
    CONSTRAINT users_full_name_check CHECK (char_length(full_name) BETWEEN 1 AND 200)
);

CREATE TABLE navigator.roles (
    name text NOT NULL,
    description text NOT NULL,
    CONSTRAINT roles_pkey PRIMARY KEY (name)
);

CREATE TABLE navigator.user_roles (
    user_id uuid NOT NULL,
    role_name text NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT user_roles_pkey PRIMARY KEY (user_id, role_name),
    CONSTRAINT user_roles_user_id_fkey FOREIGN KEY (user_id) REFERENCES navigator.users (id) ON DELETE CASCADE,
    CONSTRAINT user_roles_role_name_fkey FOREIGN KEY (role_name) REFERENCES navigator.roles (name)
);
CREATE INDEX user_roles_role_name_idx ON navigator.user_roles (role_name);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['users', 'roles', 'user_roles'] LOOP
        EXECUTE format('ALTER TABLE navigator.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE navigator.%I FORCE ROW LEVEL SECURITY', t);
        -- Without it FORCE would blind the migrations themselves: a backfill would silently change nothing.
        EXECUTE format('CREATE POLICY %I ON navigator.%I TO navigator_owner USING (true) WITH CHECK (true)', t || '_owner', t);
    END LOOP;
END $$;

-- A person reads their own row and roles; the hash is read by navigator_auth alone.
CREATE POLICY users_select ON navigator.users FOR SELECT TO navigator_api
    USING (id = (SELECT navigator.current_user_id()));
CREATE POLICY users_update ON navigator.users FOR UPDATE TO navigator_api
    USING (id = (SELECT navigator.current_user_id())) WITH CHECK (id = (SELECT navigator.current_user_id()));
GRANT SELECT (id, email, credential_version, full_name, email_verified_at, disabled_at, created_at, updated_at),
    UPDATE (full_name, updated_at) ON navigator.users TO navigator_api;
CREATE POLICY user_roles_select ON navigator.user_roles FOR SELECT TO navigator_api
    USING (user_id = (SELECT navigator.current_user_id()));
GRANT SELECT ON navigator.user_roles TO navigator_api;

CREATE POLICY users_auth_select ON navigator.users FOR SELECT TO navigator_auth USING (true);
CREATE POLICY users_auth_insert ON navigator.users FOR INSERT TO navigator_auth WITH CHECK (true);
CREATE POLICY users_auth_update ON navigator.users FOR UPDATE TO navigator_auth USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (password_hash, credential_version, email_verified_at, disabled_at, updated_at) ON navigator.users
    TO navigator_auth;
CREATE POLICY user_roles_auth_select ON navigator.user_roles FOR SELECT TO navigator_auth USING (true);
-- Whoever registers becomes a user; any other role is granted by an operator (013_operators).
CREATE POLICY user_roles_auth_insert ON navigator.user_roles FOR INSERT TO navigator_auth WITH CHECK (role_name = 'user');
GRANT SELECT, INSERT ON navigator.user_roles TO navigator_auth;

-- Operators look after accounts, and read no hash.
CREATE POLICY users_operator_select ON navigator.users FOR SELECT TO navigator_operator USING (true);
GRANT SELECT (id, email, email_key, credential_version, full_name, email_verified_at, disabled_at, created_at, updated_at)
    ON navigator.users TO navigator_operator;
CREATE POLICY user_roles_operator_select ON navigator.user_roles FOR SELECT TO navigator_operator USING (true);
CREATE POLICY roles_operator_select ON navigator.roles FOR SELECT TO navigator_operator USING (true);
GRANT SELECT ON navigator.user_roles, navigator.roles TO navigator_operator;
