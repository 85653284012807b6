-- lossy: every run and its journal is deleted
DROP TABLE navigator.model_usage;
DROP TABLE navigator.workflow_steps;
DROP TABLE navigator.workflow_requests;
DROP TABLE navigator.workflow_states;
