//! Secrets Manager, and S3, played by moto (PyPI), a server of others that speaks AWS's protocols; installed once into the build folder.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use launcher::install::find_program;
use serde_json::{Value, json};

use crate::python::Python;

/// A running server; ended by its process id.
pub struct SecretsManager {
    child: Child,
    /// Where it answers.
    pub url: String,
}

impl Drop for SecretsManager {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// The server's program, found or installed; or why it is not there.
fn program() -> Result<PathBuf, String> {
    let pins = launcher::workspace::root().join("tests/moto/requirements.txt");
    find_program("moto_server").map_or_else(|| Ok(Python::install("moto-venv", &pins)?.script("moto_server")), Ok)
}

impl SecretsManager {
    /// Starts it on a free loopback port.
    ///
    /// # Errors
    /// Why it cannot be had on this machine.
    pub async fn start() -> Result<Self, String> {
        let program = program()?;
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(|error| error.to_string())?;
        let server = Self { child, url: format!("http://127.0.0.1:{port}") };
        let until = Instant::now() + Duration::from_secs(60);
        while reqwest::get(format!("{}/moto-api/", server.url)).await.is_err() {
            if Instant::now() > until {
                return Err("moto_server does not start".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(server)
    }

    /// What a process needs to find it.
    pub fn environment(&self) -> Vec<(String, String)> {
        let fixed = [
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "testing"),
            ("AWS_SECRET_ACCESS_KEY", "testing"),
        ];
        fixed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Stores a bundle under a name, and gives its ARN.
    pub async fn store(&self, name: &str, bundle: &Value) -> String {
        let made = self.call("CreateSecret", json!({ "Name": name, "SecretString": bundle.to_string() })).await;
        made["ARN"].as_str().expect("an ARN").to_owned()
    }

    /// Puts another bundle in place of one.
    pub async fn put(&self, arn: &str, bundle: &Value) {
        self.call("PutSecretValue", json!({ "SecretId": arn, "SecretString": bundle.to_string() })).await;
    }

    /// The bundle as it is now.
    pub async fn bundle(&self, arn: &str) -> Value {
        let found = self.call("GetSecretValue", json!({ "SecretId": arn })).await;
        serde_json::from_str(found["SecretString"].as_str().expect("text")).expect("JSON")
    }

    /// Makes a bucket of S3, which the same server plays.
    pub async fn make_bucket(&self, name: &str) {
        self.s3(reqwest::Method::PUT, name).await;
    }

    /// What a bucket keeps under a key.
    pub async fn object(&self, bucket: &str, key: &str) -> Vec<u8> {
        self.s3(reqwest::Method::GET, &format!("{bucket}/{key}")).await
    }

    async fn s3(&self, method: reqwest::Method, path: &str) -> Vec<u8> {
        let request = reqwest::Client::new().request(method, format!("{}/{path}", self.url));
        let answer = request.header("authorization", authorization("s3")).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.bytes().await.expect("a body").to_vec()
    }

    async fn call(&self, action: &str, body: Value) -> Value {
        let request = reqwest::Client::new()
            .post(&self.url)
            .header("x-amz-target", format!("secretsmanager.{action}"))
            .header("content-type", "application/x-amz-json-1.1")
            .header("authorization", authorization("secretsmanager"))
            .body(body.to_string());
        let answer = request.send().await.expect("an answer");
        serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON")
    }
}

/// The server looks at whose and for what it is, not at a signature.
fn authorization(service: &str) -> String {
    format!("AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/{service}/aws4_request")
}
