//! The six agents, each one step's work, under the `rules` provider: no model, no network, no clock.
//!
//! Invariants: an emergency is recognised in the first step and answered before anything else; no verdict of one turn
//! reaches the next, only the open need and the known facts do; nothing is stated about coverage, and deadlines, phone
//! numbers and links come from [`crate::knowledge`] alone.

pub mod advice;
pub mod chat_communicator;
mod decision;
pub mod fold;
pub mod letters;
pub mod output_check;
pub mod patient_navigator;
pub mod pii;
pub mod prompt_security;
pub mod regulatory;
#[cfg(any(test, feature = "testing"))]
pub mod rehearsal;
pub mod service_access_strategy;
pub mod task_requirements;
pub mod told;
pub mod turn;

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use advice::Advice;
pub use decision::decision;
pub use turn::{Carried, Language, TurnState};

use crate::workflow::step::{Step, WorkflowType};
use crate::workflow::usage::Usage;

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
    /// Everybody.
    pub const ALL: [Self; 6] = [
        Self::PromptSecurity,
        Self::PatientNavigator,
        Self::TaskRequirements,
        Self::ServiceAccessStrategy,
        Self::Regulatory,
        Self::ChatCommunicator,
    ];

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
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub struct PastMessage {
    /// Who wrote it.
    pub role: Role,
    /// Its first 2,000 characters.
    pub content: String,
}

/// What a step works on.
#[derive(Clone, Copy)]
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
    /// What was found for the query that the step before left as `search`; may be empty.
    pub evidence: &'a [Evidence],
    /// What a language model advised for this step, if one was asked.
    pub advice: Option<&'a Advice>,
}

/// A passage that was found for a question: of an official text, or of the person's own document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
pub struct Evidence {
    /// Its id, which a citation carries.
    pub id: String,
    /// The document's title.
    pub title: String,
    /// Its address; empty for the person's own document.
    pub url: String,
    /// The page, for a document with pages.
    pub page: Option<i32>,
    /// Since when it holds, or when it was read (ISO date).
    pub effective: Option<String>,
    /// The passage's text.
    pub excerpt: String,
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
    /// The source's id: `fact:...` for a shipped fact, else the passage's.
    #[serde(default)]
    pub id: String,
    /// The document, with its page.
    pub title: String,
    /// Its address.
    pub url: String,
    /// When it was read there (ISO date).
    pub effective: Option<String>,
    /// What it is cited for, in our words.
    pub excerpt: String,
}

/// A last day, as clients show it and put it into a calendar.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(Debug))]
pub struct DatedDeadline {
    /// The id of the deadline rule, or of the enrollment window.
    pub rule: String,
    /// The id of the citation that it rests on.
    pub source: String,
    /// The last day.
    pub last_day: NaiveDate,
    /// How it was counted, in a sentence or two.
    pub how: String,
    /// The path of its calendar file; none when the day is over.
    pub calendar: Option<String>,
}

/// The answer.
#[derive(Clone, Serialize)]
#[cfg_attr(test, derive(Debug))]
pub struct ComposedReply {
    /// The text.
    pub content: String,
    /// How it is meant.
    pub response_type: ResponseType,
    /// How soon to act.
    pub urgency: Urgency,
    /// What to do, in order.
    pub next_steps: Vec<String>,
    /// The sources: each amount, deadline, phone number and link of the text is that of one of them.
    pub citations: Vec<Citation>,
    /// The last days that the text names.
    pub deadlines: Vec<DatedDeadline>,
}

impl ComposedReply {
    /// A reply that only says something.
    pub fn informational(content: String) -> Self {
        Self {
            content,
            response_type: ResponseType::Informational,
            urgency: Urgency::Routine,
            next_steps: Vec::new(),
            citations: Vec::new(),
            deadlines: Vec::new(),
        }
    }

    /// Everything but the text.
    ///
    /// # Errors
    /// When it cannot be expressed in JSON.
    pub fn without_content(&self) -> Result<Value, serde_json::Error> {
        let mut parts = serde_json::to_value(self)?;
        if let Some(object) = parts.as_object_mut() {
            object.remove("content");
        }
        Ok(parts)
    }
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
    /// It was not done in its time.
    #[error("the step took too long")]
    TimedOut,
    /// What it depends on did not answer: a stand-in's, until there are language models.
    #[cfg(feature = "testing")]
    #[error("what the step depends on is unavailable")]
    Unavailable {
        /// What the attempt used.
        usage: Usage,
    },
}

impl StepError {
    /// The reason, as it is stored with a failed run.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Encode(_) => "a finding could not be encoded",
            Self::MissingInput => "a finding of an earlier step is missing",
            Self::TimedOut => "the step took too long",
            #[cfg(feature = "testing")]
            Self::Unavailable { .. } => "what the step depends on is unavailable",
        }
    }

    /// Whether another attempt may help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Encode(_) | Self::MissingInput => false,
            Self::TimedOut => true,
            #[cfg(feature = "testing")]
            Self::Unavailable { .. } => true,
        }
    }

    /// What the attempt used of a model, as far as it is known.
    pub fn usage(&self) -> Option<Usage> {
        match self {
            Self::Encode(_) | Self::MissingInput | Self::TimedOut => None,
            #[cfg(feature = "testing")]
            Self::Unavailable { usage } => Some(*usage),
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
    // What hides an attack is looked for in the text as it came; everything else reads what its author wrote.
    let text = match input.step {
        Step::SecurityCheck => Cow::Borrowed(input.message),
        _ => fold::joined(input.message),
    };
    let input = &StepInput { message: &text, ..*input };
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

/// The same where nobody could look at the message: in both languages.
pub fn could_not_answer_anybody() -> ComposedReply {
    let (english, spanish) =
        (chat_communicator::could_not_answer(Language::En), chat_communicator::could_not_answer(Language::Es));
    ComposedReply { content: format!("{}\n\n{}", english.content, spanish.content), ..english }
}

/// What the conversation says of a run that the person cancelled.
pub fn cancelled() -> ComposedReply {
    ComposedReply::informational("You cancelled this question. / Usted canceló esta pregunta.".to_owned())
}

/// A step's own field as a delta.
fn delta(field: &str, finding: &impl Serialize) -> Result<Map<String, Value>, serde_json::Error> {
    let mut map = Map::new();
    map.insert(field.to_owned(), serde_json::to_value(finding)?);
    Ok(map)
}

#[cfg(test)]
mod floors_tests;
