DROP FUNCTION navigator.user_set_disabled(uuid, bool);
DROP FUNCTION navigator.user_set_role(uuid, text, bool);
DROP FUNCTION navigator.user_create_admin(uuid, text, text, uuid, bytea);
SET LOCAL ROLE navigator_audit;
DROP FUNCTION navigator.audit_verify(jsonb);
DROP FUNCTION navigator.audit_operator(uuid, text, text, text);
SET LOCAL ROLE navigator_owner;
