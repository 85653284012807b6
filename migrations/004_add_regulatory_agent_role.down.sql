-- lossy: the role is taken from everybody who has it
DELETE FROM navigator.user_roles WHERE role_name = 'regulatory_agent';
DELETE FROM navigator.roles WHERE name = 'regulatory_agent';
