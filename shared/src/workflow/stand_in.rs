//! A stand-in for the agents, for the kill test: the same steps with outputs that can be checked from outside.
//!
//! Compiled with the feature `testing` only, and used only when NAVIGATOR_STAND_IN is set. Each output continues a hash chain
//! with a random nonce, so that no two attempts bring the same output; each step first asks the test's control port, which
//! keeps the ledger and may kill or freeze this process instead of answering.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use uuid::Uuid;

use super::state::{Commit, Run};
use super::step::{Step, StepBudget, WorkflowType};
use super::store::Committed;
use super::usage::Usage;
use crate::agents::{AgentName, ComposedReply, Next, StepError, StepOutput};
use crate::db::DbError;
use crate::ids::ConversationId;

/// The stand-in of this environment. Cheap to clone.
#[derive(Clone, Debug)]
pub struct StandIn {
    spec: Arc<Spec>,
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Spec {
    /// Where each step asks whether it may begin.
    control: Option<SocketAddr>,
    step_ms: u64,
    needs_ms: u64,
    timeout_ms: u64,
    /// So many attempts at each step fail first.
    failures: i32,
    /// Each step panics, with what the person sent in the panic's text.
    panics: bool,
    /// By how much this process' wall clock is off.
    clock_offset_ms: i64,
    /// A file in place of the embedded amounts of the year.
    amounts: Option<PathBuf>,
    /// The real agents work; only the clock and the amounts are others.
    real_agents: bool,
    mutant: Option<Mutant>,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            control: None,
            step_ms: 0,
            needs_ms: 100,
            timeout_ms: 1_000,
            failures: 0,
            panics: false,
            clock_offset_ms: 0,
            amounts: None,
            real_agents: false,
            mutant: None,
        }
    }
}

/// A mistake in the driver that the kill test has to notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mutant {
    /// A worker that lost its run goes on.
    IgnoreFence,
    /// The answer is sent without its commit.
    AnswerWithoutCommit,
    /// The state of the step before is not taken along.
    StaleState,
    /// Each step is run twice.
    DoubleStep,
}

impl StandIn {
    /// Reads NAVIGATOR_STAND_IN.
    ///
    /// # Errors
    /// When it is not the JSON that this module documents.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let spec: Spec = serde_json::from_str(text)?;
        crate::clock::set_offset(spec.clock_offset_ms);
        if let Some(path) = &spec.amounts {
            crate::knowledge::rehearse(std::fs::read_to_string(path).map_err(serde::de::Error::custom)?);
        }
        Ok(Self { spec: Arc::new(spec) })
    }

    /// Whether the agents are not to be stood in for.
    pub(crate) fn leaves_the_agents(&self) -> bool {
        self.spec.real_agents
    }

    pub(super) fn budget(&self) -> StepBudget {
        StepBudget {
            needs: Duration::from_millis(self.spec.needs_ms),
            timeout: Duration::from_millis(self.spec.timeout_ms),
        }
    }

    pub(super) async fn commit(
        &self,
        send: impl Future<Output = Result<Committed, DbError>>,
        commit: &Commit,
    ) -> Result<Committed, DbError> {
        match self.spec.mutant {
            Some(Mutant::AnswerWithoutCommit) if commit.response.is_some() => {
                Ok(Committed::Stored { has_next: false, evidence: Vec::new() })
            }
            Some(Mutant::IgnoreFence) => match send.await? {
                Committed::Fenced => Ok(Committed::Stored { has_next: false, evidence: Vec::new() }),
                other => Ok(other),
            },
            _ => send.await,
        }
    }

    pub(super) async fn run_step(
        &self,
        run: &Run,
        conversation: &ConversationId,
    ) -> Result<(StepOutput, Option<Usage>), StepError> {
        self.announce(run, conversation).await;
        if self.spec.mutant == Some(Mutant::DoubleStep) {
            self.announce(run, conversation).await;
        }
        tokio::time::sleep(Duration::from_millis(self.spec.step_ms)).await;
        assert!(!self.spec.panics, "{conversation} {}", run.stored_state());
        let usage = Usage { input_tokens: 100, output_tokens: 10 };
        if run.attempt() <= self.spec.failures {
            return Err(StepError::Unavailable { usage });
        }
        Ok((self.output(run), Some(usage)))
    }

    async fn announce(&self, run: &Run, conversation: &ConversationId) {
        let Some(control) = self.spec.control else { return };
        let line = json!({
            "pid": std::process::id(),
            "conversation": conversation.as_str(),
            "run": run.id(),
            "fence": run.fence(),
            "step_no": run.step_no(),
            "attempt": run.attempt(),
        });
        let asked = async {
            let mut stream = TcpStream::connect(control).await?;
            stream.write_all(format!("{line}\n").as_bytes()).await?;
            let mut answer = String::new();
            BufReader::new(stream).read_line(&mut answer).await
        };
        if let Err(error) = asked.await {
            tracing::error!(%error, "the control port does not answer");
        }
    }

    fn output(&self, run: &Run) -> StepOutput {
        let nonce = Uuid::new_v4().to_string();
        let before = match run.stored_state()["chain"].as_str() {
            Some(chain) if self.spec.mutant != Some(Mutant::StaleState) => chain.to_owned(),
            _ => run.id().to_string(),
        };
        let chain = link(&before, run.step().as_str(), &nonce);
        let mut delta = Map::new();
        delta.insert("chain".to_owned(), Value::from(chain.as_str()));
        delta.insert("nonce".to_owned(), Value::from(nonce));
        let agent = agent(run.step());
        let next =
            next(run.workflow_type(), run.step()).map_or_else(|| Next::Done(Box::new(reply(&chain))), Next::Step);
        StepOutput { agent, delta, agent_state: Some(json!({ "chain": chain })), next }
    }
}

/// The next link of an output's chain: SHA-256 over the link before (the run's id for the first), the step and a nonce.
pub fn link(before: &str, step: &str, nonce: &str) -> String {
    let digest = Sha256::digest(format!("{before} {step} {nonce}"));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The answer whose chain ends here.
pub fn content(chain: &str) -> String {
    format!("The chain ends in {chain}.")
}

fn reply(chain: &str) -> ComposedReply {
    ComposedReply::informational(content(chain))
}

fn next(workflow_type: WorkflowType, step: Step) -> Option<Step> {
    match step {
        Step::SecurityCheck => Some(workflow_type.second_step()),
        Step::NavigatorAnalysis => Some(Step::TaskRequirements),
        Step::TaskRequirements => Some(Step::ServiceStrategy),
        Step::ServiceStrategy | Step::NavigatorQa => Some(Step::RegulatoryCheck),
        Step::RegulatoryCheck => Some(Step::ChatResponse),
        Step::ChatResponse => None,
    }
}

fn agent(step: Step) -> AgentName {
    match step {
        Step::SecurityCheck => AgentName::PromptSecurity,
        Step::NavigatorAnalysis | Step::NavigatorQa => AgentName::PatientNavigator,
        Step::TaskRequirements => AgentName::TaskRequirements,
        Step::ServiceStrategy => AgentName::ServiceAccessStrategy,
        Step::RegulatoryCheck => AgentName::Regulatory,
        Step::ChatResponse => AgentName::ChatCommunicator,
    }
}
