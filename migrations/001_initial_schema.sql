-- A person's insurance policies and the documents that belong to them. Their routes come in a later release; until then
-- a person can only take them along (013_account_data).

CREATE TABLE navigator.policy_records (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_name text NOT NULL,
    plan_type text NOT NULL,
    member_id text,
    plan_year int,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT policy_records_pkey PRIMARY KEY (user_id, id),
    CONSTRAINT policy_records_user_id_fkey FOREIGN KEY (user_id) REFERENCES navigator.users (id) ON DELETE CASCADE,
    CONSTRAINT policy_records_plan_year_check CHECK (plan_year BETWEEN 1966 AND 2200)
);

CREATE TABLE navigator.policy_documents (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    policy_id uuid,
    title text NOT NULL,
    media_type text NOT NULL,
    size_bytes bigint NOT NULL,
    content_hash bytea NOT NULL,
    storage_path text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT policy_documents_pkey PRIMARY KEY (user_id, id),
    CONSTRAINT policy_documents_user_id_fkey FOREIGN KEY (user_id) REFERENCES navigator.users (id) ON DELETE CASCADE,
    CONSTRAINT policy_documents_policy_fkey FOREIGN KEY (user_id, policy_id)
        REFERENCES navigator.policy_records (user_id, id) ON DELETE CASCADE,
    CONSTRAINT policy_documents_size_bytes_check CHECK (size_bytes >= 0),
    CONSTRAINT policy_documents_content_hash_check CHECK (octet_length(content_hash) = 32)
);
CREATE INDEX policy_documents_policy_idx ON navigator.policy_documents (user_id, policy_id);

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['policy_records', 'policy_documents'] LOOP
        EXECUTE format('ALTER TABLE navigator.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE navigator.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I TO navigator_owner USING (true) WITH CHECK (true)', t || '_owner', t);
        EXECUTE format('CREATE POLICY %I ON navigator.%I FOR SELECT TO navigator_api
                            USING (user_id = (SELECT navigator.current_user_id()))', t || '_select', t);
        EXECUTE format('GRANT SELECT ON navigator.%I TO navigator_api', t);
    END LOOP;
END $$;
