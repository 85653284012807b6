DROP FUNCTION navigator.agent_state_inconsistencies(timestamptz);
DROP FUNCTION navigator.agent_state_problems(timestamptz, int);
DROP FUNCTION navigator.agent_state_problem(navigator.workflow_states, timestamptz);
