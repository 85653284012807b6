SET LOCAL ROLE navigator_sweep;
DROP FUNCTION navigator.sweep(jsonb, int, int, int);
DROP FUNCTION navigator.prune(int, int, int);
SET LOCAL ROLE navigator_owner;
DROP FUNCTION navigator.turn_cancel(uuid, uuid, text, text, jsonb);
DROP FUNCTION navigator.run_retry(navigator.workflow_states);
DROP FUNCTION navigator.run_cancel(navigator.workflow_states, text, jsonb);
DROP FUNCTION navigator.run_view(navigator.workflow_states);
DROP FUNCTION navigator.workflow_status(uuid, uuid, text);
