//! Amazon Bedrock's Converse, with the function's own role, or with a Bedrock API key when one is given.
//!
//! A schema is asked for as the one tool that the model has to call: the form that every family with tools knows.

use aws_config::BehaviorVersion;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::Token;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;
use aws_sdk_bedrockruntime::error::SdkError;
use aws_sdk_bedrockruntime::operation::converse::{ConverseError, ConverseOutput};
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, InferenceConfiguration, Message, SpecificToolChoice, SystemContentBlock, Tool,
    ToolChoice, ToolConfiguration, ToolInputSchema, ToolSpecification,
};
use aws_smithy_types::{Document, Number};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};

use super::{CONNECT, of_status};
use crate::llm::{Form, LanguageModel, LlmSettings, ModelError, Question, Said};
use crate::workflow::usage::Usage;

pub(super) struct Bedrock {
    client: Client,
    model: String,
}

impl Bedrock {
    pub(super) async fn new(settings: &LlmSettings) -> Self {
        let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new()).or_else("us-east-1");
        let loader = aws_config::defaults(BehaviorVersion::latest()).region(region);
        let key = settings.api_key.as_ref();
        let shared = if key.is_some() { loader.no_credentials().load().await } else { loader.load().await };
        // One layer retries, and it is not this one.
        let mut config = aws_sdk_bedrockruntime::config::Builder::from(&shared)
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).build());
        if let Some(key) = key {
            config = config.bearer_token(Token::new(key.expose_secret(), None));
        }
        if let Some(url) = &settings.base_url {
            config = config.endpoint_url(url.as_str());
        }
        Self { client: Client::from_conf(config.build()), model: settings.model.clone() }
    }

    async fn ask(&self, question: Question<'_>) -> Result<Said, ModelError> {
        let request = self
            .client
            .converse()
            .model_id(&self.model)
            .system(SystemContentBlock::Text(question.system.to_owned()))
            .set_messages(Some(messages(question)?))
            .inference_config(InferenceConfiguration::builder().max_tokens(question.most_tokens.cast_signed()).build())
            .set_tool_config(if question.form == Form::Schema { Some(tool(question)?) } else { None });
        let output = request.send().await.map_err(|error| failure(&error))?;
        said(&output)
    }
}

impl LanguageModel for Bedrock {
    fn complete<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Result<Said, ModelError>> {
        self.ask(question).boxed()
    }
}

fn messages(question: Question<'_>) -> Result<Vec<Message>, ModelError> {
    let text = |role: ConversationRole, text: String| {
        Message::builder().role(role).content(ContentBlock::Text(text)).build().map_err(|_| ModelError::Unreadable)
    };
    let mut messages = vec![text(ConversationRole::User, question.data.to_owned())?];
    if let Some((said, wrong)) = question.repair {
        // An empty text is refused.
        let said = if said.trim().is_empty() { "{}" } else { said };
        messages.push(text(ConversationRole::Assistant, said.to_owned())?);
        messages.push(text(ConversationRole::User, format!("That cannot be used: {wrong}. Answer again."))?);
    }
    Ok(messages)
}

fn tool(question: Question<'_>) -> Result<ToolConfiguration, ModelError> {
    let unusable = |_| ModelError::Unreadable;
    let schema = ToolInputSchema::Json(document(question.schema));
    let spec = ToolSpecification::builder().name(question.name).input_schema(schema).build().map_err(unusable)?;
    let choice = SpecificToolChoice::builder().name(question.name).build().map_err(unusable)?;
    ToolConfiguration::builder()
        .tools(Tool::ToolSpec(spec))
        .tool_choice(ToolChoice::Tool(choice))
        .build()
        .map_err(unusable)
}

/// The tool's input, or the text; none of either is an answer that cannot be used.
fn said(output: &ConverseOutput) -> Result<Said, ModelError> {
    let blocks = output.output().and_then(|output| output.as_message().ok()).map(Message::content).unwrap_or_default();
    let input = blocks.iter().find_map(|block| block.as_tool_use().ok()).map(|tool| value(tool.input()).to_string());
    let texts = || blocks.iter().filter_map(|block| block.as_text().ok()).cloned().collect::<Vec<String>>().join("\n");
    let count = |tokens: i32| u64::try_from(tokens).unwrap_or(0);
    let usage = output
        .usage()
        .map(|usage| Usage { input_tokens: count(usage.input_tokens()), output_tokens: count(usage.output_tokens()) });
    Ok(Said { text: input.unwrap_or_else(texts), usage: usage.unwrap_or_default() })
}

/// What an error means; its text may hold the request, so it is not kept.
fn failure(error: &SdkError<ConverseError>) -> ModelError {
    match error {
        SdkError::ServiceError(service) => {
            let raw = service.raw();
            of_status(raw.status().as_u16(), raw.headers().get("retry-after"))
        }
        SdkError::ResponseError(response) if !response.raw().status().is_success() => {
            let raw = response.raw();
            of_status(raw.status().as_u16(), raw.headers().get("retry-after"))
        }
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => {
            ModelError::Passing { status: None, retry_after: None }
        }
        SdkError::ConstructionFailure(_) => ModelError::Refused(0),
        _ => ModelError::Unreadable,
    }
}

fn document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(value) => Document::Bool(*value),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(values) => Document::Array(values.iter().map(document).collect()),
        Value::Object(fields) => {
            Document::Object(fields.iter().map(|(name, value)| (name.clone(), document(value))).collect())
        }
        Value::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Number::PosInt(number),
            (None, Some(number)) => Number::NegInt(number),
            (None, None) => Number::Float(number.as_f64().unwrap_or_default()),
        }),
    }
}

fn value(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(value) => Value::Bool(*value),
        Document::String(text) => Value::String(text.clone()),
        Document::Array(values) => Value::Array(values.iter().map(value).collect()),
        Document::Object(fields) => {
            Value::Object(fields.iter().map(|(name, field)| (name.clone(), value(field))).collect::<Map<_, _>>())
        }
        Document::Number(Number::PosInt(number)) => Value::from(*number),
        Document::Number(Number::NegInt(number)) => Value::from(*number),
        Document::Number(Number::Float(number)) => Value::from(*number),
    }
}
