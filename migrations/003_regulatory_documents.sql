-- Official texts: one row per version of a source. Everybody who is logged in may read them.
CREATE TABLE navigator.regulatory_documents (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    source_url text NOT NULL,
    version int NOT NULL DEFAULT 1,
    title text NOT NULL,
    content text NOT NULL,
    content_hash bytea NOT NULL,
    effective_date date,
    expires_date date,
    fetched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    metadata jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT regulatory_documents_pkey PRIMARY KEY (id),
    CONSTRAINT regulatory_documents_source_url_version_key UNIQUE (source_url, version),
    CONSTRAINT regulatory_documents_content_hash_check CHECK (octet_length(content_hash) = 32),
    CONSTRAINT regulatory_documents_version_check CHECK (version >= 1)
);
ALTER TABLE navigator.regulatory_documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE navigator.regulatory_documents FORCE ROW LEVEL SECURITY;
CREATE POLICY regulatory_documents_owner ON navigator.regulatory_documents TO navigator_owner USING (true) WITH CHECK (true);
CREATE POLICY regulatory_documents_select ON navigator.regulatory_documents FOR SELECT TO navigator_api USING (true);
GRANT SELECT ON navigator.regulatory_documents TO navigator_api;
CREATE POLICY regulatory_documents_operator ON navigator.regulatory_documents TO navigator_operator USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON navigator.regulatory_documents TO navigator_operator;
