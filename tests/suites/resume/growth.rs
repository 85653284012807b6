//! The sweep over grown tables: no statement of it reads a table as a whole, or rows that it throws away.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::growth::{Growth, fill};
use tests::plans::{Explaining, Node};
use tests::stack::stack;

use crate::ops_workflow::runs::Runs;

const ROWS: u64 = 50_000;
/// A table of so many rows may be read as a whole: settings, heads of chains.
const SMALL: i64 = 200;
/// So many rows may be thrown away in one node: those of runs under way.
const REMOVED: f64 = 200.0;

async fn sweep(explaining: &Explaining) -> Value {
    let sql = "SELECT navigator.sweep('{\"strategy_request\": 1, \"navigator_only\": 1, \"state\": 1}', 16, 168, 2190)";
    explaining.client.query_one(sql, &[]).await.expect("swept").get(0)
}

async fn judge(explaining: &Explaining, nodes: &[Node]) {
    for node in nodes {
        assert!(node.removed <= REMOVED, "{} rows thrown away in {node:?}", node.removed);
        let Some(relation) = node.relation.as_ref().filter(|_| node.kind == "Seq Scan") else { continue };
        let sql =
            "SELECT reltuples::int8 FROM pg_class WHERE relname = $1 AND relnamespace = 'navigator'::regnamespace";
        let row = explaining.client.query_opt(sql, &[relation]).await.expect("a table");
        assert!(row.is_none_or(|row| row.get::<_, i64>(0) <= SMALL), "{node:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_statement_of_the_sweep_reads_a_grown_table_as_a_whole() {
    let stack = stack().await;
    let runs = Runs::new().await;
    fill(&runs.root, Growth { requests: ROWS, steps: ROWS, others: ROWS }).await;
    let explaining = Explaining::connect(stack, &runs.database).await;
    // Costs of millions of rows: whatever may be compiled is. The statement outside of the function shows that.
    explaining.client.batch_execute("SET jit_above_cost = 0").await.expect("set");
    // Often enough that the server plans once for every value.
    for _ in 0..8 {
        let swept = sweep(&explaining).await;
        assert_eq!(
            (&swept["due"], &swept["prunable"]),
            (&Value::from(Vec::<Value>::new()), &Value::from(Vec::<Value>::new()))
        );
    }
    let nodes = explaining.take();
    assert!(nodes.len() > 80, "{} nodes: the statements in the functions are explained", nodes.len());
    judge(&explaining, &nodes).await;
    let compiled = |is_outside: bool| {
        let is_it =
            |node: &&Node| node.is_compiled && node.statement.starts_with("SELECT navigator.sweep(") == is_outside;
        nodes.iter().find(is_it)
    };
    let available: bool = explaining.client.query_one("SELECT pg_jit_available()", &[]).await.expect("a row").get(0);
    assert_eq!(compiled(true).is_some(), available, "a plan outside of the function");
    assert!(compiled(false).is_none(), "{:?}", compiled(false));
    explaining.client.batch_execute("RESET jit_above_cost").await.expect("reset");
    explaining.take();
    // With work, and with old rows of every kind.
    for number in 0..40 {
        runs.begin(&format!("due-{number}"), "a question", 0).await;
    }
    let old = "SET session_replication_role = replica;
        UPDATE navigator.workflow_requests SET finished_at = finished_at - interval '1 day' WHERE finished_at < now() - interval '160 hours';
        UPDATE navigator.workflow_steps SET committed_at = committed_at - interval '6 years' WHERE committed_at < now() - interval '700 days';
        UPDATE navigator.sessions SET expires_at = expires_at - interval '2 days' WHERE expires_at < now() - interval '28 days';
        UPDATE navigator.one_time_secrets SET expires_at = expires_at - interval '2 days' WHERE expires_at < now() + interval '1 hour';
        UPDATE navigator.outbox SET finished_at = finished_at - interval '2 hours' WHERE finished_at < now() - interval '22 hours';
        UPDATE navigator.rate_limits SET began_at = began_at - interval '2 days' WHERE length(key) < 4";
    runs.root.batch_execute(old).await.expect("old rows");
    runs.root.batch_execute("ANALYZE").await.expect("known");
    let mut due = BTreeSet::new();
    for _ in 0..8 {
        let swept = sweep(&explaining).await;
        due.extend(swept["due"].as_array().into_iter().flatten().map(|one| one["conversation_id"].to_string()));
        let kinds = swept["prunable"].as_array().cloned().unwrap_or_default();
        for kind in kinds {
            let kind = kind.as_str().expect("a kind");
            let pruned = explaining.client.query_one("SELECT navigator.prune($1, 168, 2190)", &[&kind]).await;
            assert!(pruned.expect("pruned").get::<_, i32>(0) > 0, "{kind}");
        }
    }
    assert_eq!(due.len(), 40, "all of them");
    let nodes = explaining.take();
    for index in [
        "workflow_requests_finished_idx",
        "workflow_steps_committed_at_idx",
        "sessions_expires_at_idx",
        "one_time_secrets_expires_at_idx",
        "outbox_finished_at_idx",
        "rate_limits_began_at_idx",
    ] {
        assert!(nodes.iter().any(|node| node.index.as_deref() == Some(index)), "{index} is used");
    }
    judge(&explaining, &nodes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_sweeps_at_once_hand_each_conversation_to_one_and_again_when_nobody_took_it() {
    const DUE: usize = 32;
    let runs = Runs::new().await;
    for number in 0..DUE {
        runs.begin(&format!("c{number}"), "a question", 0).await;
    }
    let url = runs.stack.server.api_url(runs.stack.server.port(), &runs.database);
    let mut clients = Vec::new();
    for _ in 0..8 {
        clients.push(ops::database::connect(&url, Some(runs.stack.server.ca_pem())).await.expect("a connection"));
    }
    let sweep = async |client: &tokio_postgres::Client| {
        let sql = "SELECT navigator.sweep('{\"strategy_request\": 1, \"state\": 1}', 4, 168, NULL)";
        let mut found = Vec::new();
        loop {
            let swept: Value = client.query_one(sql, &[]).await.expect("swept").get(0);
            let due = swept["due"].as_array().expect("a list").clone();
            if due.is_empty() {
                return found;
            }
            found.extend(due.iter().map(|one| one["conversation_id"].as_str().expect("an id").to_owned()));
        }
    };
    for round in 0..20 {
        let found: Vec<Vec<String>> = futures_util::future::join_all(clients.iter().map(&sweep)).await;
        let mut all: Vec<String> = found.into_iter().flatten().collect();
        all.sort();
        let count = all.len();
        all.dedup();
        assert_eq!((count, all.len()), (DUE, DUE), "round {round}");
        // Nobody came for them.
        let over = "UPDATE navigator.workflow_states SET claimed_until = clock_timestamp(), takeovers = 0";
        runs.root.batch_execute(over).await.expect("over");
    }
}
