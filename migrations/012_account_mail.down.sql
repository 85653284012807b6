-- lossy: resets and verifications that wait cannot be finished
SET LOCAL ROLE navigator_auth;
DROP FUNCTION navigator.account_prune(text, int);
DROP FUNCTION navigator.account_prunable();
DROP FUNCTION navigator.account_kept_since(text, int, timestamptz);
DROP FUNCTION navigator.mail_is_due();
DROP FUNCTION navigator.mail_sent(uuid[]);
DROP FUNCTION navigator.mail_take(int);
DROP FUNCTION navigator.verification_confirm(bytea, text);
DROP FUNCTION navigator.verification_request(uuid, uuid, uuid, bytea);
DROP FUNCTION navigator.reset_finish(bytea, text, uuid, text);
DROP FUNCTION navigator.secret_person(bytea, text);
DROP FUNCTION navigator.reset_admit(bytea, text);
DROP FUNCTION navigator.reset_request(text, uuid, bytea, text);
SET LOCAL ROLE navigator_owner;
