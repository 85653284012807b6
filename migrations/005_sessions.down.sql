-- lossy: every open session ends, and the audit log is deleted
DROP FUNCTION navigator.enter(uuid, uuid);
DROP FUNCTION navigator.session_seen(uuid, uuid);
SET LOCAL ROLE navigator_auth;
DROP FUNCTION navigator.hit(text, text);
SET LOCAL ROLE navigator_audit;
DROP FUNCTION navigator.audit_anchor();
DROP FUNCTION navigator.audit(uuid, text, text, text);
DROP FUNCTION navigator.audit_write(uuid, text, uuid, text, text, text, text);
DROP FUNCTION navigator.audit_data(navigator.audit_log, bytea);
DROP FUNCTION navigator.audit_pseudonym(text);
DROP FUNCTION navigator.audit_mac(bytea);
SET LOCAL ROLE navigator_owner;
DROP TABLE navigator.audit_keys;
DROP TABLE navigator.audit_heads;
DROP TABLE navigator.audit_log;
DROP TABLE navigator.rate_limits;
DROP TABLE navigator.rate_policies;
DROP TABLE navigator.sessions;
