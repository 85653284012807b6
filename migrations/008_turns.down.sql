-- lossy: runs that are under way stay where they are until the functions are back
DROP FUNCTION navigator.step_defer(uuid, text, uuid, bigint, int, int, text, int, jsonb);
DROP FUNCTION navigator.step_commit(uuid, text, uuid, bigint, int, int, uuid, text, text, jsonb, jsonb, int, jsonb, jsonb, text, text, int, text, date);
DROP FUNCTION navigator.step_refused(uuid, text, uuid);
DROP FUNCTION navigator.turn_finish(navigator.workflow_states, text, text);
DROP FUNCTION navigator.turn_resume(uuid, text, uuid, text, jsonb, int, date);
DROP FUNCTION navigator.turn_begin(uuid, uuid, text, text, bytea, uuid, uuid, text, jsonb, text, text, jsonb, int, bool, date);
DROP FUNCTION navigator.turn_wait(navigator.workflow_states, navigator.workflow_requests, int, text, bytea, uuid, text, jsonb, text, bool);
DROP FUNCTION navigator.turn_lock(uuid, text);
DROP FUNCTION navigator.turn_start_queued(text, navigator.workflow_states, uuid, text, jsonb, int);
DROP FUNCTION navigator.turn_start(text, navigator.workflow_states, navigator.workflow_requests, text, jsonb, uuid, text, jsonb, int);
DROP FUNCTION navigator.turn_take_over(text, navigator.workflow_states, uuid, jsonb, int);
DROP FUNCTION navigator.turn_left_ms(navigator.workflow_states);
DROP FUNCTION navigator.is_known(jsonb, text, int, int);
DROP FUNCTION navigator.turn_grant(text, navigator.workflow_states);
DROP FUNCTION navigator.turn_evidence(navigator.workflow_states);
DROP FUNCTION navigator.model_used(uuid, jsonb);
DROP FUNCTION navigator.today();
DROP FUNCTION navigator.act_as(uuid, date);
