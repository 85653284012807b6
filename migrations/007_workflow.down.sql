-- lossy: runs that are under way are forgotten, and finished requests are no longer replayed
DROP FUNCTION navigator.step_commit(uuid, text, uuid, bigint, int, int, uuid, text, text, jsonb, jsonb, text, text, int, text, jsonb, text);
DROP FUNCTION navigator.turn_finish(navigator.workflow_states, text, text, jsonb, text);
DROP FUNCTION navigator.turn_begin(uuid, uuid, text, text, bytea, uuid, uuid, text, jsonb, text, text, jsonb, int);
DROP FUNCTION navigator.turn_lock(uuid, text);
DROP FUNCTION navigator.turn_start(navigator.workflow_states, text, bytea, uuid, uuid, text, jsonb, text, text, jsonb, int);
DROP FUNCTION navigator.turn_take_over(text, navigator.workflow_states, uuid, jsonb, int);
DROP FUNCTION navigator.turn_grant(text, navigator.workflow_states);
DROP TABLE navigator.workflow_steps;
DROP TABLE navigator.workflow_requests;
DROP TABLE navigator.workflow_states;
