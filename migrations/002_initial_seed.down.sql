-- lossy: the roles are taken from everybody who has them
DELETE FROM navigator.user_roles WHERE role_name IN ('user', 'navigator_staff', 'auditor', 'admin');
DELETE FROM navigator.roles WHERE name IN ('user', 'navigator_staff', 'auditor', 'admin');
