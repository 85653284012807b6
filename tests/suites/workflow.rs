//! The durable workflow from outside: how a run stands, who may stop it, what waits behind it, and how it ends when steps
//! fail, time is short, processes die, or another version made it. Agents are a stand-in's, so that a step can be held.

mod busy;
mod cancel;
mod clocks;
mod deadlines;
mod failures;
mod status;
mod take_up;
mod transitions;
mod versions;

use serde_json::{Value, json};
use tests::client::{Answer, Call};
use tests::gate::Gate;
use tests::product::{Options, Product, product_with};
use tokio::task::JoinHandle;

/// A question that takes four steps.
const QUESTION: &str = "What is a deductible?";
const STEPS: [&str; 4] = ["security_check", "navigator_qa", "regulatory_check", "chat_response"];

/// Steps that may be held for long: what a test holds must not time out meanwhile.
fn patient() -> Value {
    json!({ "timeout_ms": 20_000 })
}

/// A product whose steps ask the gate, with a process for what is held and others for what is asked meanwhile.
async fn gated(specification: Value) -> (Gate, Product) {
    let gate = Gate::start().await;
    let environment = gate.environment(specification);
    let product = product_with(Options { processes: 3, environment, ..Options::default() }).await;
    (gate, product)
}

/// Sends without waiting for the answer.
fn begin(call: Call) -> JoinHandle<Answer> {
    tokio::spawn(call.send())
}

async fn end(asked: JoinHandle<Answer>) -> Answer {
    asked.await.expect("no panic")
}
