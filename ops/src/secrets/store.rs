//! The secret bundle in AWS Secrets Manager.

#[cfg(feature = "aws")]
mod aws {
    use aws_sdk_secretsmanager::Client;
    use serde_json::{Map, Value};

    use crate::aws::trouble;
    use crate::checks::Trouble;

    pub(crate) struct Store {
        client: Client,
        id: String,
    }

    impl Store {
        pub(crate) async fn open(id: String) -> Result<Self, Trouble> {
            let sdk = aws_config::defaults(aws_config::BehaviorVersion::latest()).load().await;
            Ok(Self { client: Client::new(&sdk), id })
        }

        pub(crate) async fn read(&self) -> Result<Map<String, Value>, Trouble> {
            let found = self.client.get_secret_value().secret_id(&self.id).send().await;
            let found = found.map_err(|error| trouble("the secret cannot be read", &error))?;
            let is_of_use = "store one JSON object of text in it, with the variables' names as keys; or let `ops setup --secret ARN` fill `{}`";
            let text = found.secret_string().ok_or_else(|| Trouble::new("the secret is binary", is_of_use))?;
            serde_json::from_str(text).map_err(|_| Trouble::new("the secret is no JSON object", is_of_use))
        }

        pub(crate) async fn write(&self, bundle: &Map<String, Value>) -> Result<(), Trouble> {
            let text = Value::Object(bundle.clone()).to_string();
            let put = self.client.put_secret_value().secret_id(&self.id).secret_string(text).send().await;
            put.map(|_| ()).map_err(|error| trouble("the secret cannot be written", &error))
        }
    }
}

#[cfg(not(feature = "aws"))]
mod none {
    use serde_json::{Map, Value};

    use crate::checks::Trouble;

    pub(crate) enum Store {}

    #[allow(clippy::unused_async, reason = "as with the feature")]
    impl Store {
        pub(crate) async fn open(_id: String) -> Result<Self, Trouble> {
            Err(Trouble::new("this build has no AWS client", "run it as: cargo run -p ops -- …"))
        }

        pub(crate) async fn read(&self) -> Result<Map<String, Value>, Trouble> {
            match *self {}
        }

        pub(crate) async fn write(&self, _bundle: &Map<String, Value>) -> Result<(), Trouble> {
            match *self {}
        }
    }
}

#[cfg(feature = "aws")]
pub(crate) use aws::Store;
#[cfg(not(feature = "aws"))]
pub(crate) use none::Store;
