//! What a contestant can do, as the measurement sees it; and the two that are Python programs.

use std::path::PathBuf;

use ops::pooler::Pooler;
use serde_json::{Value, json};

use super::observer::Observer;
use super::proxy::Proxy;
use super::python::{Failed, Sizes, Worker, WorkerOptions};
use super::text::message;
use crate::python::Python;
use crate::stack::Stack;

/// The pooler's server connections, as many as the product has there.
const POOL: u32 = 5;

/// A turn that was taken.
pub(super) struct Taken {
    /// How long the caller waited, milliseconds.
    pub(super) ms: f64,
    pub(super) answer: String,
}

/// One contestant over its own database, behind its own proxy.
pub(super) trait Contestant {
    fn proxy(&self) -> &Proxy;
    fn observer(&self) -> &Observer;
    /// Makes what a conversation needs beforehand.
    async fn open(&mut self, conversation: &str);
    async fn take_turn(&mut self, conversation: &str, turn: usize) -> Taken;
    /// Ends the worker, so that the server knows everything it did.
    async fn rest(&mut self);
    async fn wake(&mut self);
}

/// A tool from PyPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    LangGraph,
    Dbos,
}

impl Tool {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::LangGraph => "LangGraph",
            Self::Dbos => "DBOS",
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::LangGraph => "langgraph_worker.py",
            Self::Dbos => "dbos_worker.py",
        }
    }
}

/// What stands between the proxy and Postgres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Nothing; the tool's settings are the documented ones.
    Direct,
    /// The pooler; the tool's settings are the documented ones.
    PoolerAsShipped,
    /// The pooler; the tool prepares nothing and does not listen.
    PoolerAdapted,
}

/// A Python tool at work.
pub(super) struct Scripted {
    pub(super) tool: Tool,
    pub(super) database: String,
    python: Python,
    options: WorkerOptions,
    worker: Option<Worker>,
    proxy: Proxy,
    observer: Observer,
    _pooler: Option<Pooler>,
    _folder: tempfile::TempDir,
}

impl Scripted {
    /// Starts the tool's worker over a database of its own and lets it make its tables.
    pub(super) async fn start(
        stack: &Stack,
        python: &Python,
        tool: Tool,
        route: Route,
        sizes: Sizes,
    ) -> Result<Self, Failed> {
        let database = stack.empty_database().await;
        let pooler = (route != Route::Direct).then(|| stack.pooler(POOL));
        let upstream = pooler.as_ref().map_or(stack.server.port(), Pooler::port);
        let proxy = Proxy::start(upstream, &stack.server.certificates).await;
        let folder = tempfile::tempdir().expect("a folder");
        let options = WorkerOptions {
            script: tool.script(),
            database_url: format!(
                "postgresql://postgres:{}@127.0.0.1:{}/{database}?sslmode=require",
                stack.server.superuser_password(),
                proxy.port()
            ),
            is_for_pooler: route == Route::PoolerAdapted,
            ledger: folder.path().join("ledger"),
            sizes,
        };
        let observer = Observer::of(&stack.server, &database).await;
        let mut worker = Worker::start(python, &options).await?;
        worker.call(&json!({ "do": "setup" })).await?;
        let python = python.clone();
        Ok(Self {
            tool,
            database,
            python,
            options,
            worker: Some(worker),
            proxy,
            observer,
            _pooler: pooler,
            _folder: folder,
        })
    }

    pub(super) fn ledger(&self) -> &PathBuf {
        &self.options.ledger
    }

    pub(super) fn worker(&mut self) -> &mut Worker {
        self.worker.as_mut().expect("it was woken")
    }

    /// Gives the worker away, to be killed.
    pub(super) fn take_worker(&mut self) -> Worker {
        self.worker.take().expect("it was woken")
    }

    pub(super) async fn restart(&mut self) -> Result<(), Failed> {
        if let Some(worker) = self.worker.take() {
            worker.stop().await;
        }
        self.worker = Some(Worker::start(&self.python, &self.options).await?);
        Ok(())
    }

    /// One more worker of the same kind at the same time.
    pub(super) async fn another_worker(&self) -> Result<Worker, Failed> {
        Worker::start(&self.python, &self.options).await
    }

    /// A command about a turn: `turn`, `resume` or `retry`.
    pub(super) fn about(command: &str, conversation: &str, turn: usize) -> Value {
        let message = message(conversation, turn);
        json!({ "do": command, "conversation": conversation, "turn": turn, "message": message })
    }
}

impl Contestant for Scripted {
    fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    fn observer(&self) -> &Observer {
        &self.observer
    }

    async fn open(&mut self, _conversation: &str) {}

    async fn take_turn(&mut self, conversation: &str, turn: usize) -> Taken {
        let reply = self.worker().call(&Self::about("turn", conversation, turn)).await.expect("a turn");
        Taken { ms: reply.ms, answer: reply.value.as_str().expect("an answer").to_owned() }
    }

    async fn rest(&mut self) {
        self.take_worker().stop().await;
    }

    async fn wake(&mut self) {
        self.restart().await.expect("a worker");
    }
}
