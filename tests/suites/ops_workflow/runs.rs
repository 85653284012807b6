//! A person's runs, made by the functions that make them in earnest, and the operator's command.

use std::process::{Command, Output};

use serde_json::{Value, json};
use shared::agents;
use tests::product::binary;
use tests::stack::{Stack, stack};
use tokio_postgres::Client;
use uuid::Uuid;

/// An hour and a half: an hour is told of it for half an hour.
pub(crate) const LONG_MS: i32 = 5_400_000;

/// A person's runs, made by the functions that make them in earnest.
pub(crate) struct Runs {
    pub(crate) stack: &'static Stack,
    pub(crate) database: String,
    api: Client,
    pub(crate) root: Client,
    pub(crate) user: Uuid,
    pub(crate) session: Uuid,
}

/// What a worker was given.
pub(crate) struct Grant {
    pub(crate) conversation: String,
    pub(crate) key: String,
    pub(crate) answer: Value,
}

impl Grant {
    pub(crate) fn text(&self, name: &str) -> String {
        self.answer[name].as_str().unwrap_or_else(|| panic!("{name} in {}", self.answer)).to_owned()
    }

    pub(crate) fn run(&self) -> Uuid {
        self.text("run_id").parse().expect("an id")
    }

    pub(crate) fn number(&self, name: &str) -> i64 {
        self.answer[name].as_i64().expect("a number")
    }
}

impl Runs {
    pub(crate) async fn new() -> Self {
        let stack = stack().await;
        let database = stack.database().await;
        Self::within(stack, database).await
    }

    /// Another person in the same database.
    pub(crate) async fn somebody_else(&self) -> Self {
        Self::within(self.stack, self.database.clone()).await
    }

    pub(crate) async fn within(stack: &'static Stack, database: String) -> Self {
        let url = stack.server.api_url(stack.server.port(), &database);
        let api = ops::database::connect(&url, Some(stack.server.ca_pem())).await.expect("a connection");
        let root = stack.server.superuser(&database).await.expect("a connection");
        let (user, session) = (Uuid::new_v4(), Uuid::new_v4());
        let sql = format!(
            "INSERT INTO navigator.users (id, email, password_hash, full_name) VALUES ('{user}', '{user}@example.org', '-', 'Ana'); \
             INSERT INTO navigator.sessions (id, user_id) VALUES ('{session}', '{user}')"
        );
        root.batch_execute(&sql).await.expect("a person");
        Self { stack, database, api, root, user, session }
    }

    pub(crate) async fn begin(&self, conversation: &str, message: &str, lease_ms: i32) -> Grant {
        let key = Uuid::new_v4().to_string();
        let sql = "SELECT navigator.turn_begin($1, $2, $3, $4, $5, $6, $7, $8, '{}', 'strategy_request', 'security_check', \
                   '{\"strategy_request\": 1, \"state\": 1}', $9, true, NULL)";
        let (hash, run, holder) = (key.as_bytes(), Uuid::new_v4(), Uuid::new_v4());
        let row = self
            .api
            .query_one(
                sql,
                &[&self.user, &self.session, &conversation, &key, &hash, &run, &holder, &message, &lease_ms],
            )
            .await
            .expect("begun");
        Grant { conversation: conversation.to_owned(), key, answer: row.get(0) }
    }

    /// Commits the step that the grant names; with an answer it is the last one.
    pub(crate) async fn commit(&self, grant: &Grant, status: &str, output: Value, answer: Option<&str>) -> String {
        let sql = "SELECT outcome FROM navigator.step_commit($1, $2, $3, $4, $5, $6, $7, $8, 'prompt_security', $9, NULL, 12, \
                   '{\"input_tokens\": 120, \"output_tokens\": 30}', $10, $11, 'navigator_analysis', 5400000, $12, NULL)";
        let (step_no, attempt) = (grant.number("step_no") as i32, grant.number("attempt") as i32);
        let (run, fence, step, wasted) =
            (grant.run(), grant.number("fence"), grant.text("step"), &grant.answer["wasted"]);
        let response = answer.map(|content| json!({ "message": { "content": content } }).to_string());
        let commit = Uuid::new_v4();
        let row = self
            .api
            .query_one(
                sql,
                &[
                    &self.user,
                    &grant.conversation,
                    &run,
                    &fence,
                    &step_no,
                    &attempt,
                    &commit,
                    &step,
                    &output,
                    wasted,
                    &status,
                    &response,
                ],
            )
            .await
            .expect("committed");
        row.get(0)
    }

    pub(crate) async fn defer(&self, grant: &Grant, step_no: i32, failed: Option<Value>, wait_ms: i32) {
        let sql = "SELECT outcome FROM navigator.step_defer($1, $2, $3, $4, $5, 1, 'waiting', $6, $7)";
        let (run, fence) = (grant.run(), grant.number("fence"));
        let row = self
            .api
            .query_one(sql, &[&self.user, &grant.conversation, &run, &fence, &step_no, &wait_ms, &failed])
            .await
            .expect("deferred");
        assert_eq!(row.get::<_, String>(0), "deferred");
    }

    pub(crate) async fn resume(&self, conversation: &str) -> Grant {
        let sql = "SELECT navigator.turn_resume($1, $2, $3, 'security_check', '{\"strategy_request\": 1, \"state\": 1}', 5400000, NULL)";
        let row = self.api.query_one(sql, &[&self.user, &conversation, &Uuid::new_v4()]).await.expect("resumed");
        Grant { conversation: conversation.to_owned(), key: String::new(), answer: row.get(0) }
    }

    /// What the owner's route calls.
    pub(crate) async fn cancel(&self, conversation: &str) -> Value {
        let reply = agents::cancelled();
        let parts = reply.without_content().expect("JSON");
        let sql = "SELECT navigator.turn_cancel($1, $2, $3, $4, $5)";
        let row = self.api.query_one(sql, &[&self.user, &self.session, &conversation, &reply.content, &parts]).await;
        row.expect("cancelled").get(0)
    }

    /// Runs of every status, each in a conversation of that name.
    pub(crate) async fn of_every_status(&self) {
        for (status, output) in
            [("completed", json!({})), ("failed", json!({ "failure": "the step was begun too often" }))]
        {
            let grant = self.begin(status, "a question", LONG_MS).await;
            assert_eq!(self.commit(&grant, status, output, Some("an answer")).await, "committed");
        }
        self.begin("cancelled", "a question", LONG_MS).await;
        assert_eq!(self.cancel("cancelled").await["outcome"], "cancelled");
        let waiting = self.begin("waiting", "a question", LONG_MS).await;
        self.defer(&waiting, 0, None, LONG_MS).await;
        self.begin("abandoned", "a question", 0).await;
        self.begin("running", "a question", LONG_MS).await;
        assert_eq!(self.begin("running", "another question", LONG_MS).await.answer["outcome"], "queued");
        let answered = self.begin("answered", "a question", LONG_MS).await;
        self.begin("answered", "another question", LONG_MS).await;
        assert_eq!(self.commit(&answered, "completed", json!({}), Some("an answer")).await, "committed");
    }

    pub(crate) fn ops(&self, arguments: &[&str]) -> Output {
        let url = self.stack.server.superuser_url(&self.database);
        ops_at(Some(&url), self.stack.server.ca_pem(), arguments)
    }

    /// What a command that has to succeed prints.
    pub(crate) fn printed(&self, arguments: &[&str]) -> String {
        let output = self.ops(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    /// What a command that has to fail says.
    pub(crate) fn refused(&self, arguments: &[&str]) -> String {
        one_line(&self.ops(arguments))
    }

    pub(crate) async fn head(&self, conversation: &str) -> Value {
        let sql =
            "SELECT to_jsonb(s) FROM navigator.workflow_states AS s WHERE s.user_id = $1 AND s.conversation_id = $2";
        self.root.query_one(sql, &[&self.user, &conversation]).await.expect("a head").get(0)
    }
}

pub(crate) fn ops_at(url: Option<&str>, ca: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary("ops"));
    command.arg("workflow").args(arguments).env_remove("MIGRATION_DATABASE_URL").env("DATABASE_CA_PEM", ca);
    if let Some(url) = url {
        command.env("MIGRATION_DATABASE_URL", url);
    }
    command.output().expect("ops runs")
}

/// The one line of a command that failed with exit code 1.
pub(crate) fn one_line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(output.stdout.is_empty());
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}
