-- lossy: every account is deleted
DROP TABLE navigator.user_roles;
DROP TABLE navigator.roles;
DROP TABLE navigator.users;
DROP FUNCTION navigator.current_user_id();
