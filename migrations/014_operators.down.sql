DROP FUNCTION navigator.user_set_disabled(uuid, bool);
DROP FUNCTION navigator.user_set_role(uuid, text, bool);
DROP FUNCTION navigator.user_create_admin(uuid, text, text, uuid, bytea);
SET LOCAL ROLE navigator_audit;
DROP FUNCTION navigator.audit_verify(jsonb);
DROP FUNCTION navigator.audit_operator(uuid, text, text, text);
REVOKE EXECUTE ON FUNCTION navigator.audit_anchor(), navigator.audit_pseudonym(text) FROM navigator_operator;
SET LOCAL ROLE navigator_owner;
DO $$
DECLARE p record;
BEGIN
    FOR p IN SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'navigator' AND 'navigator_operator' = ANY (roles) LOOP
        EXECUTE format('DROP POLICY %I ON navigator.%I', p.policyname, p.tablename);
    END LOOP;
END $$;
REVOKE ALL ON ALL TABLES IN SCHEMA navigator FROM navigator_operator;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA navigator FROM navigator_operator;
