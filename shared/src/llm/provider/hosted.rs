//! Anthropic's Messages and OpenAI's chat completions.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, ChatResponseFormat, JsonSpec};
use genai::resolver::{AuthData, Endpoint};
use genai::{Client, webc};
use secrecy::ExposeSecret as _;

use super::{CONNECT, of_status};
use crate::llm::{Form, LanguageModel, LlmSettings, ModelError, Provider, Question, Said};
use crate::workflow::usage::Usage;

pub(super) struct Hosted {
    client: Client,
    model: String,
}

impl Hosted {
    pub(super) fn new(settings: &LlmSettings) -> Result<Self, String> {
        let (kind, home) = match settings.provider {
            Provider::Anthropic => (AdapterKind::Anthropic, "https://api.anthropic.com/v1/"),
            _ => (AdapterKind::OpenAI, "https://api.openai.com/v1/"),
        };
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(1)
            .build()
            .map_err(|error| format!("the HTTP client cannot be set up: {error}"))?;
        let address = settings.base_url.as_ref().map_or(home, url::Url::as_str).to_owned();
        let key = settings.api_key.as_ref().map(|key| key.expose_secret().to_owned()).unwrap_or_default();
        let client = Client::builder()
            .with_reqwest(http)
            .with_adapter_kind(kind)
            .append_provider_config(kind, (Endpoint::from_owned(address), AuthData::from_single(key)))
            .build()
            .map_err(|_| "the model's client cannot be set up".to_owned())?;
        Ok(Self { client, model: settings.model.clone() })
    }

    async fn ask(&self, question: Question<'_>) -> Result<Said, ModelError> {
        let mut request = ChatRequest::from_system(question.system).append_message(ChatMessage::user(question.data));
        if let Some((said, wrong)) = question.repair {
            request = request
                .append_message(ChatMessage::assistant(said))
                .append_message(ChatMessage::user(format!("That cannot be used: {wrong}. Answer again.")));
        }
        let format = match question.form {
            Form::Schema => ChatResponseFormat::JsonSpec(JsonSpec::new(question.name, question.schema.clone())),
            Form::Object => ChatResponseFormat::JsonMode,
        };
        let options = ChatOptions::default().with_max_tokens(question.most_tokens).with_response_format(format);
        let response =
            self.client.exec_chat(&self.model, request, Some(&options)).await.map_err(|error| failure(&error))?;
        let tokens = |count: Option<i32>| count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
        Ok(Said {
            usage: Usage {
                input_tokens: tokens(response.usage.prompt_tokens),
                output_tokens: tokens(response.usage.completion_tokens),
            },
            text: response.into_first_text().unwrap_or_default(),
        })
    }
}

impl LanguageModel for Hosted {
    fn complete<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Result<Said, ModelError>> {
        self.ask(question).boxed()
    }
}

/// What an error means; its text may hold the request, so it is not kept.
fn failure(error: &genai::Error) -> ModelError {
    match error {
        genai::Error::WebModelCall { webc_error, .. } | genai::Error::WebAdapterCall { webc_error, .. } => {
            of_call(webc_error)
        }
        genai::Error::HttpError { status, headers, .. } => {
            of_status(status.as_u16(), headers.get("retry-after").and_then(|value| value.to_str().ok()))
        }
        genai::Error::RequiresApiKey { .. } | genai::Error::NoAuthData { .. } | genai::Error::Resolver { .. } => {
            ModelError::Refused(0)
        }
        _ => ModelError::Unreadable,
    }
}

fn of_call(error: &webc::Error) -> ModelError {
    match error {
        webc::Error::ResponseFailedStatus { status, headers, .. } => {
            of_status(status.as_u16(), headers.get("retry-after").and_then(|value| value.to_str().ok()))
        }
        webc::Error::Reqwest(_) => ModelError::Passing { status: None, retry_after: None },
        _ => ModelError::Unreadable,
    }
}
