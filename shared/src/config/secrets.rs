//! The secret bundle: one JSON object in AWS Secrets Manager whose keys are the variables' names.
//!
//! Invariant: one fetch per cold start; what the bundle holds wins over the environment.

use std::collections::HashMap;

/// The bundle's values by variable name.
#[derive(Default)]
pub(super) struct Bundle(HashMap<String, String>);

impl Bundle {
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.trim().is_empty()).cloned()
    }

    /// Numbers and booleans are taken as their text, so that `"ACCESS_TOKEN_EXPIRE_MINUTES": 30` works.
    #[cfg_attr(
        not(feature = "aws"),
        allow(dead_code, reason = "only the AWS client and the tests have a bundle's text")
    )]
    fn parse(text: &str) -> Result<Self, String> {
        let object: HashMap<String, serde_json::Value> =
            serde_json::from_str(text).map_err(|_| "names a secret that is not a JSON object of strings".to_owned())?;
        Ok(Self(
            object
                .into_iter()
                .filter_map(|(name, value)| match value {
                    serde_json::Value::String(text) => Some((name, text)),
                    serde_json::Value::Number(number) => Some((name, number.to_string())),
                    serde_json::Value::Bool(flag) => Some((name, flag.to_string())),
                    _ => None,
                })
                .collect(),
        ))
    }
}

/// Fetches the bundle. The text of an error is for the operator; it never holds a value of the bundle.
#[cfg(feature = "aws")]
pub(super) async fn fetch(arn: &str) -> Result<Bundle, String> {
    use aws_sdk_secretsmanager::config::retry::RetryConfig;

    let sdk = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .retry_config(RetryConfig::standard().with_max_attempts(2))
        .load()
        .await;
    let secret =
        aws_sdk_secretsmanager::Client::new(&sdk).get_secret_value().secret_id(arn).send().await.map_err(|error| {
            format!(
                "cannot be read: {}",
                aws_sdk_secretsmanager::error::DisplayErrorContext(error.into_service_error())
            )
        })?;
    Bundle::parse(secret.secret_string().ok_or("names a binary secret; store the bundle as text")?)
}

/// Without the feature there is no client: the configuration says so instead of ignoring the variable.
#[cfg(not(feature = "aws"))]
pub(super) async fn fetch(_arn: &str) -> Result<Bundle, String> {
    Err("is set, but this binary was built without the feature `aws`; build with it or unset the variable".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_holds_texts_and_numbers_and_nothing_nested() {
        let bundle = Bundle::parse(r#"{"A":"x","B":30,"C":{"d":1},"E":" "}"#).expect("a bundle");
        assert_eq!(bundle.get("A").as_deref(), Some("x"));
        assert_eq!(bundle.get("B").as_deref(), Some("30"));
        assert_eq!(bundle.get("C"), None);
        assert_eq!(bundle.get("E"), None);
    }

    #[test]
    fn a_secret_that_is_no_object_is_refused() {
        assert!(Bundle::parse("plain text").is_err());
        assert!(Bundle::parse("[1]").is_err());
    }
}
