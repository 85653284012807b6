//! The SQL of `ops analytics`: one statement, one moment. Each number comes with how many people are behind it, and does not leave the
//! database when they are too few.

use chrono::NaiveDate;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::{FEWEST, Measure};
use crate::Result;
use crate::database::{Parameter, get, query};

/// $1 and $2 are the first and the last day, $3 the fewest people. A turn is a question and what became of it: read out of what is kept for good (messages and
/// journal), because requests are forgotten after a while. A turn that was cancelled has an answer, but no step that gave it.
const MEASURES: &str = "WITH turns AS MATERIALIZED (
    SELECT m.user_id, m.conversation_id, m.run_id, m.created_at, (m.created_at AT TIME ZONE 'UTC')::date AS day,
           extract(epoch FROM a.created_at - m.created_at) * 1000 AS duration_ms,
           j.intent, j.requirements, j.language,
           CASE WHEN a.id IS NOT NULL AND j.has_failed THEN 'failed' WHEN a.id IS NOT NULL AND j.has_reply THEN 'completed'
                WHEN a.id IS NOT NULL THEN 'cancelled' WHEN s.status = 'waiting' THEN 'suspended' ELSE 'under way' END AS outcome
      FROM navigator.conversation_messages AS m
      LEFT JOIN navigator.conversation_messages AS a ON a.user_id = m.user_id AND a.id = m.run_id || '-a'
      LEFT JOIN navigator.workflow_states AS s
        ON s.user_id = m.user_id AND s.conversation_id = m.conversation_id AND s.run_id = m.run_id
      LEFT JOIN LATERAL (
          SELECT bool_or(w.output ? 'failure') AS has_failed, bool_or(w.output ? 'reply') AS has_reply,
                 -- A plain question is answered without an analysis.
                 coalesce(min(w.output #>> '{analysis,intent}'), min(w.output #>> '{qa,intent}')) AS intent,
                 (array_agg(w.output -> 'requirements') FILTER (WHERE w.output ? 'requirements'))[1] AS requirements,
                 min(w.output #>> '{security,language}') AS language
            FROM navigator.workflow_steps AS w
           WHERE w.user_id = m.user_id AND w.conversation_id = m.conversation_id AND w.run_id = m.run_id) AS j ON true
     WHERE m.role = 'user' AND m.id = m.run_id || '-u'
       AND m.created_at >= $1::date::timestamp AT TIME ZONE 'UTC'
       AND m.created_at < ($2::date + 1)::timestamp AT TIME ZONE 'UTC'),
    steps AS MATERIALIZED (
        SELECT t.user_id, w.step, w.duration_ms FROM turns AS t
          JOIN navigator.workflow_steps AS w
            ON w.user_id = t.user_id AND w.conversation_id = t.conversation_id AND w.run_id = t.run_id),
    last_needs AS (
        SELECT DISTINCT ON (t.user_id, t.conversation_id) t.user_id, t.requirements FROM turns AS t
         WHERE t.requirements IS NOT NULL ORDER BY t.user_id, t.conversation_id, t.created_at DESC),
    measured AS (
        SELECT 1 AS part, 'volume' AS section, t.day::text AS grouped, count(DISTINCT t.user_id) AS people,
               jsonb_build_array('turns', count(*), 'conversations', count(DISTINCT (t.user_id, t.conversation_id)),
                                 'people', count(DISTINCT t.user_id)) AS numbers
          FROM turns AS t GROUP BY t.day
        UNION ALL
        SELECT 2, 'topics', coalesce(t.intent, 'none'), count(DISTINCT t.user_id), jsonb_build_array('turns', count(*))
          FROM turns AS t GROUP BY t.intent
        UNION ALL
        SELECT 3, 'outcomes', t.outcome, count(DISTINCT t.user_id), jsonb_build_array('turns', count(*))
          FROM turns AS t GROUP BY t.outcome
        UNION ALL
        SELECT 4, 'latency of a turn (ms)', 'completed', count(DISTINCT t.user_id), jsonb_build_array(
               'p50', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t.duration_ms)),
               'p90', round(percentile_cont(0.9) WITHIN GROUP (ORDER BY t.duration_ms)),
               'p99', round(percentile_cont(0.99) WITHIN GROUP (ORDER BY t.duration_ms)))
          FROM turns AS t WHERE t.outcome = 'completed' HAVING count(*) > 0
        UNION ALL
        SELECT 5, 'latency of a step (ms)', s.step, count(DISTINCT s.user_id), jsonb_build_array(
               'p50', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY s.duration_ms)),
               'p90', round(percentile_cont(0.9) WITHIN GROUP (ORDER BY s.duration_ms)),
               'p99', round(percentile_cont(0.99) WITHIN GROUP (ORDER BY s.duration_ms)))
          FROM steps AS s GROUP BY s.step
        UNION ALL
        SELECT 6, 'not clear', t.requirements ->> 'need', count(DISTINCT t.user_id), jsonb_build_array('turns', count(*))
          FROM turns AS t WHERE t.requirements ->> 'need' = 'unclear' GROUP BY t.requirements ->> 'need'
        UNION ALL
        SELECT 7, 'missing facts', f.fact, count(DISTINCT t.user_id), jsonb_build_array('turns', count(*))
          FROM turns AS t, jsonb_array_elements_text(t.requirements -> 'missing') AS f (fact) GROUP BY f.fact
        UNION ALL
        SELECT 8, 'needs that stayed open', l.requirements ->> 'need', count(DISTINCT l.user_id),
               jsonb_build_array('conversations', count(*))
          FROM last_needs AS l
         WHERE jsonb_array_length(l.requirements -> 'missing') > 0 AND NOT coalesce((l.requirements ->> 'goes_on')::bool, false)
         GROUP BY l.requirements ->> 'need'
        UNION ALL
        SELECT 9, 'languages', t.language, count(DISTINCT t.user_id), jsonb_build_array('turns', count(*))
          FROM turns AS t WHERE t.language IS NOT NULL GROUP BY t.language)
    SELECT m.section, m.grouped, m.numbers ->> (2 * n) AS name, CASE WHEN m.people >= $3 THEN m.numbers ->> (2 * n + 1) END AS value
      FROM measured AS m, generate_series(0, jsonb_array_length(m.numbers) / 2 - 1) AS n
     ORDER BY m.part, m.grouped, n";

/// Every number of the days.
pub(super) async fn measures(
    transaction: &Transaction<'_>,
    since: NaiveDate,
    until: NaiveDate,
) -> Result<Vec<Measure>> {
    let parameters: [Parameter<'_>; 3] = [(&since, Type::DATE), (&until, Type::DATE), (&FEWEST, Type::INT8)];
    let rows = query(transaction, MEASURES, &parameters).await?;
    let measure = |row: &tokio_postgres::Row| {
        Ok(Measure {
            section: get(row, "section")?,
            group: get(row, "grouped")?,
            name: get(row, "name")?,
            value: get(row, "value")?,
        })
    };
    rows.iter().map(measure).collect()
}
