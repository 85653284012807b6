//! What a linter of Supabase projects looks for, in our own SQL: each lint with a change that must make it find something.

pub mod volatile;

/// One lint.
#[derive(Clone, Copy, Debug)]
pub struct Lint {
    /// What is wrong.
    pub name: &'static str,
    /// Returns one text a finding. `EXPOSED` stands for the schemas that are offered to clients, and ours; `CLIENTS` for the roles
    /// that clients of the platform act as (0 is PUBLIC).
    pub sql: &'static str,
    /// What makes it find something, and a part of what it then says.
    pub mutant: (&'static str, &'static str),
}

const fn lint(name: &'static str, sql: &'static str, mutant: (&'static str, &'static str)) -> Lint {
    Lint { name, sql, mutant }
}

impl Lint {
    /// The statement, ready to run.
    pub fn statement(&self) -> String {
        let exposed =
            "SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'graphql_public', 'storage', 'navigator')";
        let clients = "SELECT 0::oid UNION ALL SELECT oid FROM pg_roles WHERE rolname IN ('anon', 'authenticated', 'service_role')";
        self.sql.replace("EXPOSED", exposed).replace("CLIENTS", clients)
    }
}

/// Every lint.
pub const LINTS: &[Lint] = &[
    lint(
        "row-level security is off in an exposed schema",
        "SELECT oid::regclass::text FROM pg_class
          WHERE relnamespace IN (EXPOSED) AND relkind IN ('r', 'p') AND NOT relrowsecurity",
        ("CREATE TABLE public.open_to_all (id int PRIMARY KEY)", "open_to_all"),
    ),
    lint(
        "row-level security does not bind the owner",
        "SELECT oid::regclass::text FROM pg_class
          WHERE relnamespace IN (EXPOSED) AND relkind IN ('r', 'p') AND relrowsecurity AND NOT relforcerowsecurity",
        ("ALTER TABLE navigator.users NO FORCE ROW LEVEL SECURITY", "navigator.users"),
    ),
    lint(
        "there are policies, but row-level security is off",
        "SELECT DISTINCT c.oid::regclass::text FROM pg_class AS c JOIN pg_policy AS p ON p.polrelid = c.oid
          WHERE NOT c.relrowsecurity",
        ("ALTER TABLE navigator.sessions DISABLE ROW LEVEL SECURITY", "navigator.sessions"),
    ),
    lint(
        "row-level security is on, but there is no policy",
        "SELECT c.oid::regclass::text FROM pg_class AS c
          WHERE c.relnamespace IN (EXPOSED)
            AND c.relrowsecurity AND NOT EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid)",
        ("DROP POLICY policy_records_owner ON navigator.policy_records;
          DROP POLICY policy_records_select ON navigator.policy_records",
         "navigator.policy_records"),
    ),
    lint(
        "a policy is for everybody, or for a client of the platform",
        "SELECT format('%s on %s', polname, polrelid::regclass) FROM pg_policy WHERE polroles && ARRAY(CLIENTS)",
        ("CREATE POLICY to_anybody ON navigator.roles FOR SELECT USING (true)", "to_anybody on navigator.roles"),
    ),
    lint(
        "a policy lets the functions' role write what it likes",
        "SELECT format('%s on %s', policyname, tablename) FROM pg_policies
          WHERE 'navigator_api' = ANY (roles) AND cmd <> 'SELECT' AND permissive = 'PERMISSIVE'
            AND 'true' IN (coalesce(qual, ''), coalesce(with_check, ''))",
        ("ALTER POLICY conversations_update ON navigator.conversations WITH CHECK (true)", "conversations_update on conversations"),
    ),
    lint(
        "a policy asks for the user once for each row, not once for each statement",
        r"SELECT format('%s on %s', policyname, tablename) FROM pg_policies,
                 LATERAL regexp_replace(concat_ws(' ', qual, with_check),
                     'SELECT +(current_setting|navigator\.current_user_id|auth\.[a-z]+)\(', '', 'gi') AS rest
           WHERE rest ~* '(current_setting|current_user_id|auth\.[a-z]+)\('",
        ("ALTER POLICY users_select ON navigator.users USING (id = navigator.current_user_id())", "users_select on users"),
    ),
    lint(
        "a policy believes what people can write about themselves",
        "SELECT format('%s on %s', policyname, tablename) FROM pg_policies WHERE concat(qual, with_check) LIKE '%user_metadata%'",
        ("ALTER POLICY users_select ON navigator.users USING (current_setting('x')::jsonb -> 'user_metadata' IS NULL)",
         "users_select on users"),
    ),
    lint(
        "several permissive policies for one role and one action",
        "SELECT format('%s for %s as %s: %s', p.polrelid::regclass, a.action, r.role::regrole,
                       string_agg(p.polname, ', ' ORDER BY p.polname))
           FROM pg_policy AS p CROSS JOIN unnest('{r,a,w,d}'::\"char\"[]) AS a (action)
           JOIN (SELECT DISTINCT polrelid, unnest(polroles) AS role FROM pg_policy) AS r ON r.polrelid = p.polrelid
          WHERE p.polpermissive AND p.polcmd IN (a.action, '*') AND (r.role = ANY (p.polroles) OR 0 = ANY (p.polroles))
          GROUP BY p.polrelid, a.action, r.role HAVING count(*) > 1",
        ("CREATE POLICY one_more ON navigator.users FOR UPDATE TO navigator_api USING (true)",
         "navigator.users for w as navigator_api: one_more, users_update"),
    ),
    lint(
        "a foreign key without an index",
        "SELECT format('%s on %s', k.conname, k.conrelid::regclass) FROM pg_constraint AS k
          WHERE k.contype = 'f' AND k.connamespace IN (EXPOSED) AND NOT EXISTS (
                SELECT FROM pg_index AS i
                 WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL
                   AND (SELECT array_agg(n::int2 ORDER BY n) FROM unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) AS n)
                     = (SELECT array_agg(n ORDER BY n) FROM unnest(k.conkey) AS n))",
        ("DROP INDEX navigator.sessions_user_id_idx", "sessions_user_id_fkey on navigator.sessions"),
    ),
    lint(
        "a table without a primary key",
        "SELECT c.oid::regclass::text FROM pg_class AS c
          WHERE c.relnamespace IN (EXPOSED) AND c.relkind IN ('r', 'p')
            AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'p')",
        ("ALTER TABLE navigator.model_usage DROP CONSTRAINT model_usage_pkey", "navigator.model_usage"),
    ),
    lint(
        "two indexes say the same",
        "SELECT string_agg(i.indexrelid::regclass::text, ', ' ORDER BY i.indexrelid::regclass::text)
           FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
          WHERE c.relnamespace IN (EXPOSED)
          GROUP BY i.indrelid, c.relam, i.indkey::text, i.indclass::text, i.indcollation::text, i.indoption::text,
                   pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid)
         HAVING count(*) > 1",
        ("CREATE INDEX again_idx ON navigator.sessions (user_id)", "navigator.again_idx, navigator.sessions_user_id_idx"),
    ),
    lint(
        "an index is the beginning of another",
        "SELECT format('%s, %s', i.indexrelid::regclass, longer.indexrelid::regclass)
           FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
           JOIN pg_am AS m ON m.oid = c.relam AND m.amname = 'btree'
           JOIN pg_index AS longer ON longer.indrelid = i.indrelid AND longer.indnkeyatts > i.indnkeyatts
           JOIN pg_class AS l ON l.oid = longer.indexrelid AND l.relam = c.relam
          WHERE c.relnamespace IN (EXPOSED) AND NOT i.indisunique AND i.indexprs IS NULL
            AND i.indpred IS NULL AND longer.indpred IS NULL
            AND (longer.indkey::int2[])[0:i.indnkeyatts - 1] = (i.indkey::int2[])[0:i.indnkeyatts - 1]",
        ("CREATE INDEX needless_idx ON navigator.conversations (user_id)", "needless_idx"),
    ),
    lint(
        "a function's search_path can be changed by its caller",
        "SELECT f.oid::regprocedure::text FROM pg_proc AS f
          WHERE f.pronamespace IN (EXPOSED) AND NOT EXISTS (SELECT FROM unnest(f.proconfig) AS s WHERE s LIKE 'search_path=%')",
        ("ALTER FUNCTION navigator.enter(uuid, uuid) RESET search_path", "navigator.enter(uuid,uuid)"),
    ),
    lint(
        "a client of the platform may run a function",
        "SELECT DISTINCT format('%s by %s', f.oid::regprocedure, a.grantee::regrole)
           FROM pg_proc AS f, aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a
          WHERE f.pronamespace IN (EXPOSED) AND a.grantee IN (CLIENTS)",
        ("GRANT EXECUTE ON FUNCTION navigator.audit_write(uuid, text, uuid, text, text, text, text) TO anon", "by anon"),
    ),
    lint(
        "a function that lends its owner's rights is for somebody it is not meant for",
        "SELECT format('%s of %s by %s', f.oid::regprocedure, f.proowner::regrole, a.grantee::regrole)
           FROM pg_proc AS f, aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a
          WHERE f.prosecdef AND f.pronamespace IN (EXPOSED) AND a.grantee <> f.proowner
            AND (f.proowner::regrole::text, a.grantee::regrole::text) NOT IN (
                ('navigator_owner', 'navigator_api'), ('navigator_owner', 'navigator_operator'), ('navigator_owner', 'navigator_sweep'),
                ('navigator_auth', 'navigator_api'), ('navigator_auth', 'navigator_owner'), ('navigator_auth', 'navigator_sweep'),
                ('navigator_audit', 'navigator_api'), ('navigator_audit', 'navigator_auth'), ('navigator_audit', 'navigator_owner'),
                ('navigator_audit', 'navigator_sweep'), ('navigator_audit', 'navigator_operator'),
                ('navigator_sweep', 'navigator_api'))",
        ("GRANT EXECUTE ON FUNCTION navigator.hit(text, text) TO navigator_operator",
         "navigator.hit(text,text) of navigator_auth by navigator_operator"),
    ),
    lint(
        "a function lends the rights of a role that row-level security does not bind",
        "SELECT format('%s of %s', f.oid::regprocedure, r.rolname) FROM pg_proc AS f JOIN pg_roles AS r ON r.oid = f.proowner
          WHERE f.prosecdef AND f.pronamespace IN (EXPOSED) AND (r.rolsuper OR r.rolbypassrls OR r.rolcanlogin)",
        ("ALTER FUNCTION navigator.hit(text, text) OWNER TO supabase_postgres",
         "navigator.hit(text,text) of supabase_postgres"),
    ),
    lint(
        "a view lends its owner's rights",
        "SELECT oid::regclass::text FROM pg_class
          WHERE relnamespace IN (EXPOSED) AND relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)",
        ("CREATE VIEW public.everybody AS SELECT * FROM navigator.users", "everybody"),
    ),
    lint(
        "a materialized view or a foreign table, which row-level security does not reach",
        "SELECT oid::regclass::text FROM pg_class WHERE relnamespace IN (EXPOSED) AND relkind IN ('m', 'f')",
        ("CREATE MATERIALIZED VIEW public.all_users AS SELECT * FROM navigator.users", "all_users"),
    ),
    lint(
        "a client of the platform has a right on our tables",
        "SELECT format('%s on %s to %s', a.privilege_type, c.oid::regclass, a.grantee::regrole)
           FROM pg_class AS c, aclexplode(c.relacl) AS a
          WHERE c.relnamespace = 'navigator'::regnamespace AND a.grantee IN (CLIENTS)
         UNION ALL
         SELECT format('%s on %s.%s to %s', a.privilege_type, t.attrelid::regclass, t.attname, a.grantee::regrole)
           FROM pg_attribute AS t JOIN pg_class AS c ON c.oid = t.attrelid, aclexplode(t.attacl) AS a
          WHERE c.relnamespace = 'navigator'::regnamespace AND a.grantee IN (CLIENTS)",
        ("GRANT SELECT (email) ON navigator.users TO authenticated", "SELECT on navigator.users.email to authenticated"),
    ),
    lint(
        "a client of the platform may enter our schema",
        "SELECT format('%s to %s', a.privilege_type, a.grantee::regrole) FROM pg_namespace AS n, aclexplode(n.nspacl) AS a
          WHERE n.nspname = 'navigator' AND a.grantee IN (CLIENTS)",
        ("GRANT USAGE ON SCHEMA navigator TO service_role", "USAGE to service_role"),
    ),
    lint(
        "what is made later would be given to a client of the platform",
        "SELECT format('%s on %s to %s', a.privilege_type, d.defaclobjtype, a.grantee::regrole)
           FROM pg_default_acl AS d, aclexplode(d.defaclacl) AS a
          WHERE d.defaclrole::regrole::text LIKE 'navigator%' AND a.grantee IN (CLIENTS)",
        ("ALTER DEFAULT PRIVILEGES FOR ROLE navigator_owner GRANT SELECT ON TABLES TO anon", "SELECT on r to anon"),
    ),
    lint(
        "one of our roles has a right that belongs to nobody",
        "SELECT rolname::text FROM pg_roles
          WHERE rolname LIKE 'navigator%'
            AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
                 OR rolcanlogin <> (rolname = 'navigator_api'))",
        ("ALTER ROLE navigator_sweep BYPASSRLS", "navigator_sweep"),
    ),
    lint(
        "one of our roles is another's too",
        "SELECT format('%s is %s', member::regrole, roleid::regrole) FROM pg_auth_members
          WHERE member IN (CLIENTS) AND roleid::regrole::text LIKE 'navigator%'
             OR member::regrole::text LIKE 'navigator%'",
        ("GRANT navigator_audit TO navigator_auth", "navigator_auth is navigator_audit"),
    ),
    lint(
        "a secret is readable by the functions' role or by operators",
        "SELECT format('%s.%s by %s', t.attrelid::regclass, t.attname, r.role)
           FROM pg_attribute AS t JOIN pg_class AS c ON c.oid = t.attrelid,
                (VALUES ('navigator_api'), ('navigator_operator')) AS r (role)
          WHERE c.relnamespace = 'navigator'::regnamespace AND c.relkind IN ('r', 'p') AND t.attnum > 0
            AND t.attname ~ '(password|secret|token_hash|_block|recipient)'
            AND has_column_privilege(r.role, c.oid, t.attnum, 'SELECT')",
        ("GRANT SELECT ON navigator.users TO navigator_operator", "navigator.users.password_hash by navigator_operator"),
    ),
    lint(
        "a constraint or an index that does not hold",
        "SELECT conname::text FROM pg_constraint WHERE connamespace IN (EXPOSED) AND NOT convalidated
         UNION ALL
         SELECT i.indexrelid::regclass::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
          WHERE c.relnamespace IN (EXPOSED) AND NOT (i.indisvalid AND i.indisready)",
        ("ALTER TABLE navigator.sessions ADD CONSTRAINT later_check CHECK (user_id IS NOT NULL) NOT VALID", "later_check"),
    ),
    lint(
        "an extension in an exposed schema",
        "SELECT extname::text FROM pg_extension WHERE extnamespace IN (EXPOSED)",
        ("ALTER EXTENSION pg_trgm SET SCHEMA public", "pg_trgm"),
    ),
];
