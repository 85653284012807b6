-- lossy: how far imports came is forgotten
DROP FUNCTION navigator.archive_list(bool);
DROP FUNCTION navigator.archive_fill(jsonb);
DROP FUNCTION navigator.archive_restore(text, uuid, text, jsonb);
DROP FUNCTION navigator.archive_empty(uuid, text);
DROP FUNCTION navigator.archive_commit(text, jsonb);
DROP FUNCTION navigator.archive_pick(text, timestamptz, int);
DROP FUNCTION navigator.archive_discard(text);
DROP FUNCTION navigator.archive_begin(text, text);
DROP FUNCTION navigator.archive_hash(uuid, text);
DROP FUNCTION navigator.archive_lines(uuid, text);
DROP FUNCTION navigator.import_conversation(uuid, text, jsonb);
DROP FUNCTION navigator.import_refuse(jsonb, text);
DROP FUNCTION navigator.import_batch(text, bigint, bigint, bigint, int, bool, jsonb);
DROP FUNCTION navigator.import_open(text);
DROP TABLE navigator.imports;
DROP FUNCTION navigator.agent_state_inconsistencies(timestamptz);
DROP FUNCTION navigator.agent_state_problems(timestamptz, int);
DROP FUNCTION navigator.agent_state_problem(navigator.workflow_states, timestamptz);
