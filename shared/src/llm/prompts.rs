//! The prompts: files with a version, the schemas of their answers, and the data that goes with them.
//!
//! Invariants: what a person wrote, and what was looked up, stands only inside JSON strings of the data, never in the
//! instructions; personal data is replaced before, unless the operator allows it. A changed prompt is a new file.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::Question;
use crate::agents::pii::{self, Map};
use crate::agents::service_access_strategy::{Line as _, Strategy};
use crate::agents::{ComposedReply, Language, Role, StepInput};

/// What a model is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptKind {
    /// Intent and kind of plan.
    Analysis,
    /// The order of the steps.
    Strategy,
    /// The opening of the reply.
    Wording,
}

impl PromptKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Analysis, Self::Strategy, Self::Wording];

    /// The name of the prompt's file, and of the answer's form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Analysis => "analysis",
            Self::Strategy => "strategy",
            Self::Wording => "wording",
        }
    }

    /// Our instructions.
    pub fn system(self) -> &'static str {
        match self {
            Self::Analysis => include_str!("prompts/analysis.v1.txt"),
            Self::Strategy => include_str!("prompts/strategy.v1.txt"),
            Self::Wording => include_str!("prompts/wording.v1.txt"),
        }
    }

    /// The JSON Schema of the answer.
    pub fn schema(self) -> &'static Value {
        static SCHEMAS: LazyLock<[Value; 3]> = LazyLock::new(|| {
            let object = |properties: Value, required: &[&str]| json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
            let text_or_null = json!({ "type": ["string", "null"] });
            [
                object(
                    json!({ "intent": { "type": "string" }, "plan_type": text_or_null, "plan_words": text_or_null }),
                    &["intent", "plan_type", "plan_words"],
                ),
                object(json!({ "actions": { "type": "array", "items": { "type": "string" } } }), &["actions"]),
                object(json!({ "opening": { "type": "string" } }), &["opening"]),
            ]
        });
        let [analysis, strategy, wording] = &*SCHEMAS;
        match self {
            Self::Analysis => analysis,
            Self::Strategy => strategy,
            Self::Wording => wording,
        }
    }

    fn most_tokens(self) -> u32 {
        match self {
            Self::Analysis => 200,
            Self::Strategy => 400,
            Self::Wording => 300,
        }
    }
}

/// A question with its data.
pub struct Prompt {
    kind: PromptKind,
    data: String,
    map: Map,
}

/// What stands between two texts while they are redacted together: the same name then has the same placeholder.
const BETWEEN: &str = "\n\u{241e}\n";

impl Prompt {
    /// What navigator_analysis asks.
    pub fn analysis(input: &StepInput<'_>, phi_allowed: bool) -> Self {
        Self::of(PromptKind::Analysis, input, phi_allowed, &[])
    }

    /// What service_strategy asks.
    pub fn strategy(input: &StepInput<'_>, strategy: &Strategy, phi_allowed: bool) -> Self {
        let steps: Vec<Value> =
            strategy.plan.actions.iter().map(|action| json!({ "name": action, "text": action.text().en })).collect();
        Self::of(PromptKind::Strategy, input, phi_allowed, &[("steps", json!(steps))])
    }

    /// What chat_response asks.
    pub fn wording(input: &StepInput<'_>, reply: &ComposedReply, language: Language, phi_allowed: bool) -> Self {
        let language = language.pick("English", "Spanish");
        Self::of(
            PromptKind::Wording,
            input,
            phi_allowed,
            &[("language", json!(language)), ("reply", json!(reply.content))],
        )
    }

    fn of(kind: PromptKind, input: &StepInput<'_>, phi_allowed: bool, more: &[(&str, Value)]) -> Self {
        let said: Vec<&str> =
            std::iter::once(input.message).chain(input.history.iter().map(|past| past.content.as_str())).collect();
        let (texts, map) = if phi_allowed { (owned(&said), Map::default()) } else { redacted(&said) };
        let mut texts = texts.into_iter();
        let mut data = json!({ "message": texts.next().unwrap_or_default() });
        let earlier: Vec<Value> = input
            .history
            .iter()
            .zip(texts)
            .map(|(past, text)| {
                let who = if past.role == Role::User { "person" } else { "assistant" };
                json!({ "from": who, "text": text })
            })
            .collect();
        data["earlier"] = Value::Array(earlier);
        for (name, value) in more {
            data[*name] = value.clone();
        }
        Self { kind, data: data.to_string(), map }
    }

    /// What it asks for.
    pub fn kind(&self) -> PromptKind {
        self.kind
    }

    /// The question as it goes to a model.
    pub fn question(&self) -> Question<'_> {
        Question {
            name: self.kind.name(),
            system: self.kind.system(),
            data: &self.data,
            schema: self.kind.schema(),
            form: super::Form::Schema,
            most_tokens: self.kind.most_tokens(),
            repair: None,
        }
    }

    /// A text of the model with the placeholders replaced by what they stand for.
    pub fn restore(&self, text: &str) -> String {
        self.map.restore(text)
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn redacted(texts: &[&str]) -> (Vec<String>, Map) {
    let joined = pii::redact(&texts.join(BETWEEN));
    let parts: Vec<String> = joined.text.split(BETWEEN).map(ToOwned::to_owned).collect();
    if parts.len() == texts.len() {
        return (parts, joined.map);
    }
    // The person wrote our separator: each text alone, and nothing is put back.
    (texts.iter().map(|text| pii::redact(text).text).collect(), Map::default())
}

#[cfg(test)]
mod tests;
