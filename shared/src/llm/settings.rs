//! Which model, where, and how much of it; read by [`crate::config`].

use std::time::Duration;

use secrecy::SecretString;

use crate::config::{ConfigError, Reader};

/// Who runs the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Amazon Bedrock, the Converse API, with the function's own role.
    Bedrock,
    /// Anthropic's Messages API.
    Anthropic,
    /// OpenAI's chat completions, or any server that speaks them.
    OpenAi,
}

/// What LLM_PROVIDER may say, and whom that asks; `rules` asks nobody. template.yaml's LlmProvider takes the same.
pub const PROVIDERS: [(&str, Option<Provider>); 4] = [
    ("rules", None),
    ("bedrock", Some(Provider::Bedrock)),
    ("anthropic", Some(Provider::Anthropic)),
    ("openai", Some(Provider::OpenAi)),
];

/// The file with Amazon's CAs that template.yaml's layer puts into a function.
pub const AMAZONS_ROOTS: &str = "/opt/amazon.pem";

impl Provider {
    /// Whether its host is one of AWS, whose certificates Amazon's CAs sign.
    pub fn is_aws(self) -> bool {
        self == Self::Bedrock
    }
}

/// What is needed to ask a model.
#[derive(Clone, Debug)]
pub struct LlmSettings {
    /// Who runs it.
    pub provider: Provider,
    /// Its name there.
    pub model: String,
    /// Where it is, when not at the provider's own address.
    pub base_url: Option<url::Url>,
    /// The key; without one Bedrock takes the function's role.
    pub api_key: Option<SecretString>,
    /// The most tokens of a person's day (UTC), in and out together.
    pub daily_tokens: u64,
    /// The longest that one step waits for it.
    pub step_time: Duration,
    /// Whether the provider may see what identifies a person.
    pub phi_allowed: bool,
}

impl LlmSettings {
    /// Reads `LLM_PROVIDER` and what belongs to it. None for `rules`.
    ///
    /// # Errors
    /// Every setting that is wrong.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, ConfigError> {
        let mut read = Reader { lookup, problems: Vec::new() };
        let name = (read.lookup)("LLM_PROVIDER");
        let name = name.as_deref().unwrap_or("rules");
        let provider = match PROVIDERS.into_iter().find(|(known, _)| *known == name) {
            Some((_, None)) => return Ok(None),
            Some((_, provider)) => provider,
            None => {
                read.problem("LLM_PROVIDER", "must be rules, bedrock, anthropic or openai");
                None
            }
        };
        let trusts_amazon_alone = (read.lookup)("SSL_CERT_FILE").as_deref() == Some(AMAZONS_ROOTS);
        if trusts_amazon_alone && provider.is_some_and(|provider| !provider.is_aws()) {
            let instead =
                format!("asks a host that Amazon's CAs do not sign for; deploy the stack with LlmProvider={name}");
            read.problem("LLM_PROVIDER", instead);
        }
        let model = (read.lookup)("LLM_MODEL");
        if model.is_none() {
            read.problem("LLM_MODEL", "is not set; name the model as its provider does");
        }
        let api_key = (read.lookup)("LLM_API_KEY").map(SecretString::from);
        if api_key.is_none() && matches!(provider, Some(Provider::Anthropic | Provider::OpenAi)) {
            read.problem("LLM_API_KEY", "is not set; put the provider's key into the secret bundle");
        }
        let base_url = (read.lookup)("LLM_BASE_URL")
            .and_then(|text| checked_url(&text).map_err(|problem| read.problem("LLM_BASE_URL", problem)).ok());
        let daily_tokens = read.number("LLM_DAILY_TOKENS", 200_000, 0, 1_000_000_000);
        let step_time = Duration::from_millis(read.number("LLM_STEP_MS", 7_000, 1_000, 15_000));
        let phi_allowed = match (read.lookup)("PHI_ALLOWED_LLM").as_deref() {
            None | Some("0" | "false") => false,
            Some("1" | "true") => true,
            Some(_) => {
                read.problem("PHI_ALLOWED_LLM", "must be true or false; true needs a contract (BAA) with the provider");
                false
            }
        };
        match (provider, model) {
            (Some(provider), Some(model)) if read.problems.is_empty() => {
                Ok(Some(Self { provider, model, base_url, api_key, daily_tokens, step_time, phi_allowed }))
            }
            _ => Err(ConfigError { problems: read.problems }),
        }
    }
}

/// https, or http on this machine; with the slash that relative addresses need.
fn checked_url(text: &str) -> Result<url::Url, &'static str> {
    let url = url::Url::parse(&format!("{}/", text.trim().trim_end_matches('/'))).map_err(|_| "is no address")?;
    let is_local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local => Ok(url),
        _ => Err("must begin with https:// (http:// only for this machine)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<LlmSettings>, ConfigError> {
        LlmSettings::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn rules_need_nothing_and_a_provider_says_all_that_is_missing() {
        assert!(read(&[]).expect("rules").is_none());
        assert!(read(&[("LLM_PROVIDER", "rules"), ("LLM_MODEL", "x")]).expect("rules").is_none());
        let names = |pairs: &[(&str, &str)]| -> Vec<&'static str> {
            read(pairs).expect_err("wrong").problems.iter().map(|problem| problem.variable).collect()
        };
        assert_eq!(names(&[("LLM_PROVIDER", "anthropic")]), ["LLM_MODEL", "LLM_API_KEY"]);
        assert_eq!(names(&[("LLM_PROVIDER", "gemini"), ("LLM_MODEL", "x")]), ["LLM_PROVIDER"]);
        let wrong = [
            ("LLM_PROVIDER", "openai"),
            ("LLM_MODEL", "x"),
            ("LLM_API_KEY", "k"),
            ("LLM_BASE_URL", "http://models.example.com/v1"),
            ("LLM_STEP_MS", "20000"),
            ("PHI_ALLOWED_LLM", "yes"),
        ];
        assert_eq!(names(&wrong), ["LLM_BASE_URL", "LLM_STEP_MS", "PHI_ALLOWED_LLM"]);
    }

    #[test]
    fn a_host_whose_certificate_would_not_be_trusted_is_told_at_the_start() {
        let with = |provider: &str, roots: &str| {
            let pairs =
                [("LLM_PROVIDER", provider), ("LLM_MODEL", "m"), ("LLM_API_KEY", "k"), ("SSL_CERT_FILE", roots)];
            read(&pairs).map_err(|error| error.problems[0].problem.clone())
        };
        for (name, provider) in PROVIDERS {
            let is_refused = with(name, AMAZONS_ROOTS).is_err_and(|said| said.contains(&format!("LlmProvider={name}")));
            assert_eq!(is_refused, provider.is_some_and(|provider| !provider.is_aws()), "{name}");
            assert!(with(name, "/etc/ssl/certs/ca-certificates.crt").is_ok(), "{name}");
        }
    }

    #[test]
    fn an_address_ends_with_a_slash_and_is_safe() {
        let local = [
            ("LLM_PROVIDER", "openai"),
            ("LLM_MODEL", "m"),
            ("LLM_API_KEY", "k"),
            ("LLM_BASE_URL", "http://127.0.0.1:9/v1"),
        ];
        let settings = read(&local).expect("read").expect("a provider");
        assert_eq!(settings.base_url.map(String::from).as_deref(), Some("http://127.0.0.1:9/v1/"));
        assert!(read(&[("LLM_PROVIDER", "bedrock"), ("LLM_MODEL", "m")]).expect("the role is enough").is_some());
    }
}
