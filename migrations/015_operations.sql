-- What operators do with data: whether what is stored fits together; bringing conversations in, taking them out, archiving
-- them; and what the numbers say.

-- Promises: the conversations that were touched since p_since, p_limit at most, whose rows do not fit together, each once with the
-- first thing that is wrong. One statement, so one moment: a commit that is under way is seen whole or not at all. p_since must lie
-- within the retention of requests and journal. The work is bounded by p_limit, over the two indexes on requests.
CREATE FUNCTION navigator.agent_state_problems(p_since timestamptz, p_limit int)
RETURNS TABLE (user_id uuid, conversation_id text, problem text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH touched AS (
        (SELECT q.user_id, q.conversation_id FROM navigator.workflow_requests AS q
          WHERE q.finished_at >= p_since ORDER BY q.finished_at DESC LIMIT p_limit)
        UNION
        (SELECT q.user_id, q.conversation_id FROM navigator.workflow_requests AS q
          WHERE q.finished_at IS NULL ORDER BY q.created_at DESC LIMIT p_limit)
        LIMIT p_limit)
    SELECT s.user_id, s.conversation_id, p.problem
      FROM touched AS t
      JOIN navigator.workflow_states AS s ON s.user_id = t.user_id AND s.conversation_id = t.conversation_id,
           LATERAL navigator.agent_state_problem(s, p_since) AS p (problem)
     WHERE s.updated_at >= p_since AND p.problem IS NOT NULL;
END $$;

-- Private. Promises: the first thing that does not fit together in a conversation, NULL when all does: the head's last_seq and the
-- messages; its run and the run's question, answer, request and journal; what the agents remember and the steps that said so.
CREATE FUNCTION navigator.agent_state_problem(p_head navigator.workflow_states, p_since timestamptz) RETURNS text
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
    SELECT CASE
        WHEN p_head.last_seq <> coalesce((SELECT max(m.seq) FROM navigator.conversation_messages AS m
              WHERE m.user_id = p_head.user_id AND m.conversation_id = p_head.conversation_id), 0) THEN 'last_seq'
        WHEN p_head.run_id IS NULL THEN NULL
        WHEN u.seq IS NULL THEN 'question_missing'
        WHEN NOT r.is_open AND a.seq IS DISTINCT FROM p_head.last_seq THEN 'answer_missing'
        WHEN q.status IS DISTINCT FROM CASE WHEN r.is_open THEN 'running' ELSE p_head.status END THEN 'request'
        WHEN w.last_step IS DISTINCT FROM nullif(p_head.step_no, 0) - 1 THEN 'journal'
        WHEN p_head.status = 'completed' AND p_head.state_data = '{}' THEN 'state_missing'
        -- What an agent remembered during this run was said by one of its steps.
        WHEN EXISTS (SELECT FROM navigator.agent_states AS g
              WHERE g.user_id = p_head.user_id AND g.conversation_id = p_head.conversation_id
                AND g.updated_at >= greatest(u.created_at, p_since)
                AND NOT EXISTS (SELECT FROM navigator.workflow_steps AS j
                     WHERE j.user_id = g.user_id AND j.conversation_id = g.conversation_id AND j.run_id = p_head.run_id
                       AND j.agent_name = g.agent_name AND j.step = g.workflow_step)) THEN 'agent_state_without_step'
        -- The agent that gives the answer remembers that it did.
        WHEN p_head.status = 'completed' AND NOT EXISTS (SELECT FROM navigator.agent_states AS g
              WHERE g.user_id = p_head.user_id AND g.conversation_id = p_head.conversation_id AND g.agent_name = a.agent_name
                AND g.workflow_step = p_head.current_step AND g.updated_at >= u.created_at) THEN 'agent_state_missing'
        END
      FROM (SELECT p_head.status IN ('running', 'waiting') AS is_open) AS r
      LEFT JOIN navigator.conversation_messages AS u ON u.user_id = p_head.user_id AND u.id = p_head.run_id || '-u'
      LEFT JOIN navigator.conversation_messages AS a ON a.user_id = p_head.user_id AND a.id = p_head.run_id || '-a'
      LEFT JOIN navigator.workflow_requests AS q ON q.user_id = p_head.user_id AND q.conversation_id = p_head.conversation_id
           AND q.request_key = p_head.request_key AND q.run_id = p_head.run_id
      LEFT JOIN LATERAL (SELECT max(j.step_no) AS last_step FROM navigator.workflow_steps AS j
           WHERE j.user_id = p_head.user_id AND j.conversation_id = p_head.conversation_id AND j.run_id = p_head.run_id) AS w ON true
$$;

-- Promises: how many conversations agent_state_problems names, of 200 at most. It lends the owner's eyes for one number: the sweep
-- reads no content.
CREATE FUNCTION navigator.agent_state_inconsistencies(p_since timestamptz) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN (SELECT count(*) FROM navigator.agent_state_problems(p_since, 200));
END $$;
GRANT EXECUTE ON FUNCTION navigator.agent_state_problems(timestamptz, int), navigator.agent_state_inconsistencies(timestamptz)
    TO navigator_operator;
GRANT EXECUTE ON FUNCTION navigator.agent_state_inconsistencies(timestamptz) TO navigator_sweep;
