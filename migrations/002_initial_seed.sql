-- The roles people can have. There is no default admin account: an operator makes the first one.
INSERT INTO navigator.roles (name, description) VALUES
    ('user', 'Asks questions and reads their own conversations'),
    ('navigator_staff', 'Helps people who asked for a person'),
    ('auditor', 'Reads the audit log'),
    ('admin', 'Grants roles and disables accounts')
ON CONFLICT DO NOTHING;
