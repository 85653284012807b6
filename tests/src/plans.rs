//! What the server really does for a statement, the statements within its functions included: auto_explain's plans, read as they
//! are reported to this connection.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use shared::db::{Target, connector};
use tokio_postgres::{AsyncMessage, Client};

use crate::stack::Stack;

/// A connection with all rights whose statements are explained.
pub struct Explaining {
    /// The connection.
    pub client: Client,
    reports: Arc<Mutex<Vec<String>>>,
}

/// One node of a plan.
#[derive(Clone, Debug)]
pub struct Node {
    /// The statement.
    pub statement: String,
    /// For example `Index Scan`.
    pub kind: String,
    /// The table, of a node that reads one.
    pub relation: Option<String>,
    /// The index, of a node that uses one.
    pub index: Option<String>,
    /// Rows that were read and thrown away, all loops together.
    pub removed: f64,
    /// Pages read, those of the nodes below included.
    pub pages: u64,
    /// Whether the server compiled the plan (`jit`).
    pub is_compiled: bool,
}

impl Explaining {
    /// Connects to a database of a stack.
    pub async fn connect(stack: &Stack, database: &str) -> Self {
        let target = Target::parse(&stack.server.superuser_url(database).into(), true).expect("a URL");
        let tls = connector(target.verification, Some(stack.server.ca_pem())).expect("TLS");
        let (client, mut connection) = target.config.connect(tls).await.expect("a connection");
        let reports: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = reports.clone();
        tokio::spawn(async move {
            while let Some(message) = std::future::poll_fn(|context| connection.poll_message(context)).await {
                if let Ok(AsyncMessage::Notice(notice)) = message {
                    heard.lock().expect("no panic while it is held").push(notice.message().to_owned());
                }
            }
        });
        let settings = "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on;
            SET auto_explain.log_buffers = on; SET auto_explain.log_nested_statements = on; SET auto_explain.log_format = json;
            SET client_min_messages = log";
        client.batch_execute(settings).await.expect("auto_explain, of Debian's postgresql package");
        Self { client, reports }
    }

    /// The nodes of every plan since the last call.
    pub fn take(&self) -> Vec<Node> {
        let reports = std::mem::take(&mut *self.reports.lock().expect("no panic while it is held"));
        let mut nodes = Vec::new();
        for report in reports {
            let Some((_, plan)) = report.split_once("plan:") else { continue };
            let plan: Value = serde_json::from_str(plan).expect("a plan");
            let statement =
                plan["Query Text"].as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
            collect(&statement, &plan["Plan"], plan["JIT"].is_object(), &mut nodes);
        }
        nodes
    }
}

fn collect(statement: &str, plan: &Value, is_compiled: bool, nodes: &mut Vec<Node>) {
    let text = |name: &str| plan[name].as_str().map(ToOwned::to_owned);
    let number = |name: &str| plan[name].as_f64().unwrap_or(0.0);
    let removed: f64 = ["Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck"]
        .into_iter()
        .map(number)
        .sum();
    nodes.push(Node {
        statement: statement.to_owned(),
        kind: text("Node Type").unwrap_or_default(),
        relation: text("Relation Name"),
        index: text("Index Name"),
        removed: removed * number("Actual Loops").max(1.0),
        pages: (number("Shared Hit Blocks") + number("Shared Read Blocks")) as u64,
        is_compiled,
    });
    for below in plan["Plans"].as_array().into_iter().flatten() {
        collect(statement, below, is_compiled, nodes);
    }
}
