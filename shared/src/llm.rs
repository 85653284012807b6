//! Language models, asked for advice by three steps of a turn and trusted with none of its facts.
//!
//! Data flow: the rules do the step; what it is about, redacted, goes to the model as data beside a prompt of ours; the answer
//! is parsed, validated, and held against the step's rules ([`crate::agents::advice`]); the step is done again with what is
//! left of it; usage and what failed rest in the journal with the step's commit.
//!
//! Invariants: the rules run first, so a model can cost a turn time within its slice and nothing else; a call ends within its
//! slice, holds no connection, and is never made for an emergency or a refused message; security, triage, dates, citations
//! and the output check never see a model; nothing of a person leaves unredacted unless the operator says so.

mod advisor;
mod ask;
mod breaker;
mod prompts;
#[cfg(feature = "llm")]
mod provider;
mod settings;

use std::time::Duration;

use futures_util::future::BoxFuture;

pub use advisor::Advisor;
pub use prompts::{Prompt, PromptKind};
#[cfg(feature = "llm")]
pub use provider::connect;
pub use settings::{AMAZONS_ROOTS, LlmSettings, PROVIDERS, Provider};

use crate::workflow::usage::Usage;

/// One question to a model.
#[derive(Clone, Copy)]
#[cfg_attr(test, derive(Debug))]
pub struct Question<'a> {
    /// What the form of the answer is called.
    pub name: &'static str,
    /// Our instructions.
    pub system: &'a str,
    /// What it is about: one JSON object, whose strings are data.
    pub data: &'a str,
    /// The JSON Schema of the answer.
    pub schema: &'a serde_json::Value,
    /// How the answer's form is asked for.
    pub form: Form,
    /// The most tokens that the answer may have.
    pub most_tokens: u32,
    /// The answer before this one, and what was wrong with it.
    pub repair: Option<(&'a str, &'a str)>,
}

/// How the answer's form is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The provider holds the model to the schema.
    Schema,
    /// The provider holds the model to JSON, where it can; the prompt names the fields.
    Object,
}

/// What a model said.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub struct Said {
    /// The text.
    pub text: String,
    /// What it cost.
    pub usage: Usage,
}

/// Why a model said nothing usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// It is away or busy; asking again may help.
    #[error("the model is away or busy ({status:?})")]
    Passing {
        /// The HTTP status; none when there was no answer.
        status: Option<u16>,
        /// When to ask again, if it said so.
        retry_after: Option<Duration>,
    },
    /// It does not take this request (400, 413, 422): another form may do.
    #[error("the model does not take this request ({0})")]
    Rejected(u16),
    /// The key, the model's name or the region is wrong: only the operator can mend it.
    #[error("the model cannot be used with this configuration ({0})")]
    Refused(u16),
    /// The answer is not in the provider's own form.
    #[error("the model's answer is not in its provider's form")]
    Unreadable,
    /// It did not answer in time.
    #[error("the model did not answer in time")]
    TimedOut,
}

/// A model behind a provider.
pub trait LanguageModel: Send + Sync {
    /// Asks once; no retries. The caller bounds the time.
    fn complete<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Result<Said, ModelError>>;
}
