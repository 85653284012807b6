//! The six agents, each one step's work, under the `rules` provider: no model, no network, no clock.
//!
//! Invariants: an emergency is recognised in the first step and answered before anything else; no verdict of one turn
//! reaches the next, only the open need and the known facts do; nothing is stated about coverage, and deadlines, phone
//! numbers and links come from [`crate::knowledge`] alone.

pub mod chat_communicator;
pub mod fold;
pub mod patient_navigator;
pub mod pii;
pub mod prompt_security;
pub mod regulatory;
pub mod service_access_strategy;
pub mod task_requirements;
pub mod turn;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use turn::{Carried, Language, TurnState};

use crate::workflow::step::{Step, WorkflowType};

/// Who did a step's work; the names are the seed system's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentName {
    /// Emergencies and attacks.
    PromptSecurity,
    /// What is asked.
    PatientNavigator,
    /// What is missing.
    TaskRequirements,
    /// The plan of action.
    ServiceAccessStrategy,
    /// Sources of the claims.
    Regulatory,
    /// The reply.
    ChatCommunicator,
}

impl AgentName {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PromptSecurity => "prompt_security",
            Self::PatientNavigator => "patient_navigator",
            Self::TaskRequirements => "task_requirements",
            Self::ServiceAccessStrategy => "service_access_strategy",
            Self::Regulatory => "regulatory",
            Self::ChatCommunicator => "chat_communicator",
        }
    }
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person.
    User,
    /// The product.
    Assistant,
}

/// An earlier message of the conversation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PastMessage {
    /// Who wrote it.
    pub role: Role,
    /// Its first 2,000 characters.
    pub content: String,
}

/// What a step works on.
pub struct StepInput<'a> {
    /// Which step.
    pub step: Step,
    /// Of which workflow.
    pub workflow_type: WorkflowType,
    /// What the person wrote.
    pub message: &'a str,
    /// What was said before, oldest first.
    pub history: &'a [PastMessage],
    /// What the steps before have found out.
    pub state: &'a TurnState,
    /// Today, for what expires.
    pub today: NaiveDate,
}

/// What a step found out, and what comes next.
pub struct StepOutput {
    /// Who did the work.
    pub agent: AgentName,
    /// The step's own top-level field of [`TurnState`], to be merged into the stored state.
    pub delta: Map<String, Value>,
    /// What the agent remembers for the conversation, if anything changed.
    pub agent_state: Option<Value>,
    /// What comes next.
    pub next: Next,
}

/// What comes after a step.
pub enum Next {
    /// Another step.
    Step(Step),
    /// Nothing: this is the answer.
    Done(Box<ComposedReply>),
}

/// How a reply is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// It explains.
    Informational,
    /// It asks for something.
    Request,
    /// It says what to do.
    Guidance,
    /// It sends the person to immediate help.
    Emergency,
}

/// How soon to act.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// In the usual time.
    #[default]
    Routine,
    /// There is a deadline.
    Soon,
    /// Today.
    Urgent,
    /// Now.
    Emergency,
}

/// A source beside the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// The document, with its page.
    pub title: String,
    /// Its address.
    pub url: String,
    /// When it was read there (ISO date).
    pub effective: Option<String>,
    /// What it is cited for, in our words.
    pub excerpt: String,
}

/// The answer.
#[derive(Clone, Debug, Serialize)]
pub struct ComposedReply {
    /// The text.
    pub content: String,
    /// How it is meant.
    pub response_type: ResponseType,
    /// How soon to act.
    pub urgency: Urgency,
    /// What to do, in order.
    pub next_steps: Vec<String>,
    /// The sources.
    pub citations: Vec<Citation>,
}

/// Why a step cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// A finding cannot be written down.
    #[error("a finding cannot be encoded")]
    Encode(#[from] serde_json::Error),
    /// The step before left nothing to work on.
    #[error("the step before left nothing to work on")]
    MissingInput,
}

impl StepError {
    /// The reason, as it is stored with a failed run.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Encode(_) => "a finding could not be encoded",
            Self::MissingInput => "a finding of an earlier step is missing",
        }
    }
}

/// The workflow for a message, before the turn begins. A turn may still change its route after the analysis.
pub fn route(message: &str) -> WorkflowType {
    patient_navigator::route(message)
}

/// Does one step's work.
///
/// # Errors
/// [`StepError`]; the run then ends as failed, with an answer that says so.
pub async fn run_step(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    match input.step {
        Step::SecurityCheck => prompt_security::run(input),
        Step::NavigatorAnalysis => patient_navigator::analyse(input),
        Step::NavigatorQa => patient_navigator::answer(input),
        Step::TaskRequirements => task_requirements::run(input),
        Step::ServiceStrategy => service_access_strategy::run(input),
        Step::RegulatoryCheck => regulatory::run(input),
        Step::ChatResponse => chat_communicator::run(input),
    }
}

/// The answer of a run that had to be given up.
pub fn could_not_answer(message: &str) -> ComposedReply {
    chat_communicator::could_not_answer(Language::of(&fold::fold(message)))
}

/// A step's own field as a delta.
fn delta(field: &str, finding: &impl Serialize) -> Result<Map<String, Value>, serde_json::Error> {
    let mut map = Map::new();
    map.insert(field.to_owned(), serde_json::to_value(finding)?);
    Ok(map)
}
