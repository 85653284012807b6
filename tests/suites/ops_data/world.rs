//! A database with people, the operator's command, and files of conversations.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use tests::product::{Product, binary};
use tests::stack::{Stack, stack};
use tokio_postgres::Client;

pub(crate) struct World {
    pub(crate) root: Client,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) database: String,
    stack: &'static Stack,
}

impl World {
    pub(crate) async fn new() -> Self {
        let stack = stack().await;
        Self::within(stack.database().await).await
    }

    /// Over a product's database.
    pub(crate) async fn of(product: &Product) -> Self {
        Self::within(product.database.clone()).await
    }

    async fn within(database: String) -> Self {
        let stack = stack().await;
        let root = stack.server.superuser(&database).await.expect("a connection");
        Self { root, folder: tempfile::tempdir().expect("a folder"), stack, database }
    }

    pub(crate) async fn person(&self, email: &str) {
        let sql = "INSERT INTO navigator.users (id, email, password_hash, full_name) VALUES (gen_random_uuid(), $1, '-', 'A Name')";
        self.root.execute(sql, &[&email]).await.expect("a person");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary("ops"));
        command.args(arguments).env_remove("MIGRATION_DATABASE_URL").envs(self.operator());
        command
    }

    /// What an operator's process needs to find the database.
    pub(crate) fn operator(&self) -> BTreeMap<String, String> {
        let url = self.stack.server.superuser_url(&self.database);
        let ca = self.stack.server.ca_pem().to_owned();
        [("OPERATOR_DATABASE_URL".to_owned(), url), ("DATABASE_CA_PEM".to_owned(), ca)].into()
    }

    pub(crate) fn stack(&self) -> &'static Stack {
        self.stack
    }

    pub(crate) fn ops(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("ops runs")
    }

    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("ops runs")
    }

    /// What a command that has to succeed prints.
    pub(crate) fn printed(&self, arguments: &[&str]) -> String {
        let output = self.ops(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    pub(crate) async fn text(&self, sql: &str) -> String {
        self.root.query_one(sql, &[]).await.expect(sql).get(0)
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.root.query_one(sql, &[]).await.expect(sql).get(0)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file of these bytes.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }
}

/// What was said, by whom, in order: the same for the same conversations, whatever the ids of people are.
pub(crate) const SAID: &str = "SELECT md5(coalesce(string_agg(jsonb_build_array(u.email, m.conversation_id, m.seq, m.role, m.content, \
    m.agent_name, m.metadata, extract(epoch FROM m.created_at), c.metadata, extract(epoch FROM c.created_at))::text, '' \
    ORDER BY u.email, m.conversation_id, m.seq), '')) \
    FROM navigator.conversation_messages AS m JOIN navigator.users AS u ON u.id = m.user_id \
    JOIN navigator.conversations AS c ON c.user_id = m.user_id AND c.id = m.conversation_id";

/// Heads whose last_seq is not how many messages there are, and the last of them.
pub(crate) const WRONG_HEADS: &str = "SELECT count(*) FROM navigator.workflow_states AS s LEFT JOIN (SELECT user_id, conversation_id, \
    count(*) AS number, max(seq) AS last FROM navigator.conversation_messages GROUP BY 1, 2) AS m USING (user_id, conversation_id) \
    WHERE s.last_seq <> m.number OR s.last_seq <> m.last OR m.last IS NULL";

pub(crate) fn message(user: &str, conversation: &str, number: usize) -> Value {
    let (minutes, seconds) = (number / 60, number % 60);
    let role = if number.is_multiple_of(2) { "user" } else { "assistant" };
    json!({ "user": user, "conversation_id": conversation, "role": role, "content": format!("message {number} of {conversation}"),
            "agent_name": (role == "assistant").then_some("chat_communicator"), "metadata": { "n": number },
            "created_at": format!("2025-01-31T{:02}:{:02}:{seconds:02}.5Z", minutes / 60, minutes % 60) })
}

/// Conversations of so many messages each, two at a time and mixed.
pub(crate) fn conversations(users: &[&str], conversations: usize, messages: usize) -> String {
    let mut text = String::new();
    for pair in 0..conversations / 2 {
        for number in 0..messages {
            for one in [2 * pair, 2 * pair + 1] {
                let user = users[one % users.len()];
                writeln!(text, "{}", message(user, &format!("c{one}"), number)).expect("text");
            }
        }
    }
    text
}

pub(crate) fn utf8(path: &Path) -> &str {
    path.to_str().expect("a path")
}
