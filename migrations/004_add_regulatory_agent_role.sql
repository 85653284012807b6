-- The role of those who look after the official texts.
INSERT INTO navigator.roles (name, description) VALUES ('regulatory_agent', 'Adds and corrects official texts')
ON CONFLICT DO NOTHING;
