//! The providers: Anthropic and any server with OpenAI's chat completions through `genai`, Bedrock through its official SDK.
//!
//! Decisions: nothing is streamed, because nothing may leave before the output check and the commit. Bedrock does not go
//! through `genai`: its SigV4 adapter blocks the thread to fetch credentials, which a one-threaded runtime refuses.

#[cfg(feature = "bedrock")]
mod bedrock;
mod hosted;

use std::sync::Arc;
use std::time::Duration;

use super::{LanguageModel, LlmSettings, ModelError, Provider};

/// How long a connection to a model may take.
const CONNECT: Duration = Duration::from_secs(3);

/// The model of these settings; asks nothing yet.
///
/// # Errors
/// What is wrong, for the operator.
pub async fn connect(settings: &LlmSettings) -> Result<Arc<dyn LanguageModel>, String> {
    match settings.provider {
        Provider::Anthropic | Provider::OpenAi => Ok(Arc::new(hosted::Hosted::new(settings)?)),
        #[cfg(feature = "bedrock")]
        Provider::Bedrock => Ok(Arc::new(bedrock::Bedrock::new(settings).await)),
        #[cfg(not(feature = "bedrock"))]
        Provider::Bedrock => Err("this build has no Bedrock client; build with the feature bedrock".to_owned()),
    }
}

/// What an HTTP status means.
fn of_status(status: u16, retry_after: Option<&str>) -> ModelError {
    match status {
        400 | 413 | 422 => ModelError::Rejected(status),
        408 | 409 | 425 | 429 | 500..=599 => {
            ModelError::Passing { status: Some(status), retry_after: retry_after.and_then(seconds) }
        }
        300..=499 => ModelError::Refused(status),
        _ => ModelError::Unreadable,
    }
}

/// `Retry-After` in seconds; a date is not worth a clock here.
fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_to_ask_again() {
        let passing = |seconds: Option<u64>, status| ModelError::Passing {
            status: Some(status),
            retry_after: seconds.map(Duration::from_secs),
        };
        assert_eq!(of_status(429, Some("2")), passing(Some(2), 429));
        for status in [408, 500, 502, 503, 529] {
            assert_eq!(of_status(status, None), passing(None, status));
        }
        assert_eq!(of_status(503, Some("Fri, 31 Dec 1999 23:59:59 GMT")), passing(None, 503));
        assert_eq!(of_status(503, Some("-1")), passing(None, 503));
        assert_eq!(of_status(400, None), ModelError::Rejected(400));
        for status in [301, 401, 403, 404] {
            assert_eq!(of_status(status, None), ModelError::Refused(status));
        }
    }
}
