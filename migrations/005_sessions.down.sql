-- lossy: every open session ends; people have to log in again
SET LOCAL ROLE navigator_auth;
DROP FUNCTION navigator.login_finish(uuid, uuid);
DROP FUNCTION navigator.login_admit(text);
DROP FUNCTION navigator.register_finish(uuid, text, text, text, uuid);
DROP FUNCTION navigator.register_admit(text);
SET LOCAL ROLE navigator_owner;
DROP FUNCTION navigator.enter(uuid, uuid);
DROP TABLE navigator.sessions;
