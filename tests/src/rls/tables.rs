//! Every table of the schema with the rows that the matrix is measured on: one for each person, or for each person and kind.

/// A table as the matrix sees it.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What names a row: an expression over columns that everybody who may read the table may read.
    pub key: &'static str,
    /// The column that says whose a row is, with its value in a row of `{id}`; none where a row is nobody's.
    pub owner: Option<(&'static str, &'static str)>,
    /// A column that whoever may update the table may update, and what it becomes; nothing is read, because SELECT's policies
    /// would count too.
    pub update: (&'static str, &'static str),
    /// The rows.
    pub rows: &'static [Kind],
}

/// The rows of one kind: one for each person where the table has an owner, else one.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The kind's name in the matrix; empty where a table has only one.
    pub name: &'static str,
    /// The key of a row of `{id}`.
    pub key: &'static str,
    /// Columns and values of a row of `{id}`; every value that must be unique holds it.
    pub insert: &'static str,
}

const fn kind(name: &'static str, key: &'static str, insert: &'static str) -> Kind {
    Kind { name, key, insert }
}

const USER: Option<(&str, &str)> = Some(("user_id", "{id}"));
const NOW: &str = "clock_timestamp()";

const fn table(
    name: &'static str,
    key: &'static str,
    owner: Option<(&'static str, &'static str)>,
    update: (&'static str, &'static str),
    rows: &'static [Kind],
) -> Table {
    Table { name, key, owner, update, rows }
}

/// Parents before children.
pub const TABLES: &[Table] = &[
    table(
        "users",
        "id",
        Some(("id", "{id}")),
        ("updated_at", NOW),
        &[kind(
            "",
            "{id}",
            "(id, email, password_hash, full_name) VALUES ('{id}', '{id}@example.org', 'a hash', 'A Name')",
        )],
    ),
    table(
        "roles",
        "name",
        None,
        ("description", "'x'"),
        &[kind("", "a_role", "(name, description) VALUES ('a_role', 'x')")],
    ),
    table(
        "user_roles",
        "user_id || ' ' || role_name",
        USER,
        ("granted_at", NOW),
        &[
            kind("user", "{id} user", "(user_id, role_name) VALUES ('{id}', 'user')"),
            kind("admin", "{id} admin", "(user_id, role_name) VALUES ('{id}', 'admin')"),
        ],
    ),
    table(
        "sessions",
        "user_id",
        USER,
        ("revoked_at", NOW),
        &[kind("", "{id}", "(id, user_id) VALUES ('{id}', '{id}')")],
    ),
    // A session has its person's id here.
    table(
        "refresh_tokens",
        "session_id",
        Some(("session_id", "{id}")),
        ("used_at", NOW),
        &[kind("", "{id}", "(token_hash, session_id) VALUES (sha256('{id}'), '{id}')")],
    ),
    table(
        "one_time_secrets",
        "user_id",
        USER,
        ("used_at", NOW),
        &[kind(
            "",
            "{id}",
            "(id, user_id, purpose, secret_hash, expires_at) VALUES ('{id}', '{id}', 'reset', sha256('{id}'), clock_timestamp())",
        )],
    ),
    table(
        "outbox",
        "user_id",
        USER,
        ("attempts", "1"),
        &[kind(
            "",
            "{id}",
            "(id, kind, recipient, user_id) VALUES ('{id}', 'password_changed', '{id}@example.org', '{id}')",
        )],
    ),
    table("deleted_users", "user_id", USER, ("deleted_at", NOW), &[kind("", "{id}", "(user_id) VALUES ('{id}')")]),
    table(
        "rate_policies",
        "name",
        None,
        ("hits", "7"),
        &[kind("", "a_policy", "(name, hits, seconds) VALUES ('a_policy', 1, 1)")],
    ),
    table(
        "rate_limits",
        "key",
        Some(("key", "{id}")),
        ("hits", "1"),
        &[kind("", "{id}", "(policy, key, hits, began_at) VALUES ('account', '{id}', 1, clock_timestamp())")],
    ),
    table(
        "audit_log",
        "coalesce(subject::text, 'nobody ' || chain || ' ' || seq)",
        Some(("subject", "{id}")),
        ("outcome", "'x'"),
        &[kind(
            "",
            "{id}",
            "(chain, seq, at, subject, action, outcome, mac) VALUES (0, 1000, clock_timestamp(), '{id}', 'x', 'x', sha256('x'))",
        )],
    ),
    table("audit_heads", "chain", None, ("seq", "7"), &[kind("", "0", "(chain, seq, mac) VALUES (0, 0, sha256('x'))")]),
    table(
        "audit_keys",
        "id",
        None,
        ("inner_block", "'x'"),
        &[kind("", "1", "(id, inner_block, outer_block) VALUES (1, 'x', 'x')")],
    ),
    table(
        "policy_records",
        "user_id",
        USER,
        ("updated_at", NOW),
        &[kind("", "{id}", "(user_id, id, plan_name, plan_type) VALUES ('{id}', '{id}', 'Plan', 'ma')")],
    ),
    table(
        "policy_documents",
        "user_id",
        USER,
        ("title", "'x'"),
        &[kind(
            "",
            "{id}",
            "(user_id, id, title, media_type, size_bytes, content_hash, storage_path) \
             VALUES ('{id}', '{id}', 'Letter', 'application/pdf', 1, sha256('x'), 'p')",
        )],
    ),
    table(
        "conversations",
        "user_id",
        USER,
        ("updated_at", NOW),
        &[kind("", "{id}", "(user_id, id) VALUES ('{id}', 'c')")],
    ),
    table(
        "conversation_messages",
        "user_id || ' ' || role",
        USER,
        ("content", "'x'"),
        &[
            kind(
                "question",
                "{id} user",
                "(user_id, conversation_id, seq, id, run_id, role, content) VALUES ('{id}', 'c', 1, 'q', '{id}', 'user', 'x')",
            ),
            kind(
                "answer",
                "{id} assistant",
                "(user_id, conversation_id, seq, id, run_id, role, content) VALUES ('{id}', 'c', 2, 'a', '{id}', 'assistant', 'x')",
            ),
        ],
    ),
    table(
        "archives",
        "name",
        None,
        ("place", "'x'"),
        &[kind("", "an_archive", "(name, place) VALUES ('an_archive', 'x')")],
    ),
    table(
        "archived_conversations",
        "user_id",
        USER,
        ("restored_at", NOW),
        &[kind(
            "",
            "{id}",
            "(user_id, conversation_id, archive, records, content_hash) VALUES ('{id}', 'c', 'an_archive', 1, sha256('x'))",
        )],
    ),
    table(
        "agent_states",
        "user_id",
        USER,
        ("updated_at", NOW),
        &[kind(
            "",
            "{id}",
            "(user_id, conversation_id, agent_name, state_data, workflow_step) VALUES ('{id}', 'c', 'an_agent', '{}', 'x')",
        )],
    ),
    table(
        "workflow_states",
        "user_id",
        USER,
        ("troubled_since", NOW),
        &[kind("", "{id}", "(user_id, conversation_id) VALUES ('{id}', 'c')")],
    ),
    table(
        "workflow_requests",
        "user_id || ' ' || status",
        USER,
        ("status", "'failed', response = 'x', finished_at = clock_timestamp()"),
        &[
            kind(
                "finished",
                "{id} completed",
                "(user_id, conversation_id, request_key, request_hash, run_id, workflow_type, status, response, finished_at) \
                 VALUES ('{id}', 'c', 'k1', sha256('x'), '{id}', 'x', 'completed', 'x', clock_timestamp())",
            ),
            kind(
                "running",
                "{id} running",
                "(user_id, conversation_id, request_key, request_hash, run_id, workflow_type, status) \
                 VALUES ('{id}', 'c', 'k2', sha256('x'), '{id}', 'x', 'running')",
            ),
        ],
    ),
    table(
        "workflow_steps",
        "user_id",
        USER,
        ("duration_ms", "7"),
        &[kind(
            "",
            "{id}",
            "(user_id, conversation_id, run_id, step_no, step, agent_name, commit_id, fence, attempt, duration_ms, output, wasted) \
             VALUES ('{id}', 'c', '{id}', 0, 'x', 'x', '{id}', 1, 1, 1, '{}', '[]')",
        )],
    ),
    table(
        "model_usage",
        "user_id",
        USER,
        ("tokens", "7"),
        &[kind("", "{id}", "(user_id, day, tokens) VALUES ('{id}', '2026-01-01', 1)")],
    ),
    table(
        "regulatory_documents",
        "source_key",
        None,
        ("title", "'x'"),
        &[kind(
            "",
            "a source",
            "(id, source_url, source_key, title, content, content_hash) \
             VALUES ('00000000-0000-4000-8000-00000000d0c5', 'a source', 'a source', 'x', 'x', sha256('x'))",
        )],
    ),
    table(
        "regulatory_chunks",
        "document_id || ' ' || seq",
        None,
        ("content", "'x'"),
        &[kind(
            "",
            "00000000-0000-4000-8000-00000000d0c5 0",
            "(document_id, seq, content, terms, is_fact) VALUES ('00000000-0000-4000-8000-00000000d0c5', 0, 'x', 'x', false)",
        )],
    ),
    table(
        "regulatory_postings",
        "term || ' ' || chunk_id",
        None,
        ("impact", "1"),
        &[kind("", "a_term 1", "(term, chunk_id, impact) VALUES ('a_term', 1, 1)")],
    ),
    table(
        "regulatory_terms",
        "term",
        None,
        ("passages", "1"),
        &[kind("", "a_term", "(term, passages) VALUES ('a_term', 1)")],
    ),
    table(
        "regulatory_grams",
        "gram || ' ' || word",
        None,
        // No part of the key may become equal in every row.
        ("gram", "gen_random_uuid()::text"),
        &[kind("", "abc abcd", "(gram, word) VALUES ('abc', 'abcd')")],
    ),
    table(
        "regulatory_synonyms",
        "lang || ' ' || phrase",
        None,
        ("english", "'x'"),
        &[kind("", "en a phrase", "(lang, phrase, english) VALUES ('en', 'a phrase', 'x')")],
    ),
    table("imports", "name", None, ("line", "1"), &[kind("", "an_import", "(name) VALUES ('an_import')")]),
    table(
        "schema_migrations",
        "version",
        None,
        ("name", "'x'"),
        &[kind("", "9000", "(version, name, up_checksum, down_checksum, down_sql) VALUES (9000, 'x', 'x', 'x', 'x')")],
    ),
];
