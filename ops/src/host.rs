//! The local host: HTTP on API Gateway's paths in front, Lambda's Runtime API behind, the real function binaries between.
//!
//! Invariants: a function process has a Runtime API listener of its own, so the host knows which process works on what; an
//! invocation has a deadline, and a process that misses it is killed as Lambda would kill it; everything the host started
//! ends with it.

mod event;
#[cfg(test)]
mod fake_function;
mod function;
mod gateway;
mod lifecycle;
mod log;
mod log_files;
mod process;
mod routes;
mod runtime_api;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use function::{Failure, ProcessInfo};
pub use lifecycle::{Hooks, Lifecycle};
pub use log::LogSink;
pub use routes::{RouteTable, Target};

use crate::{OpsError, Result};
use function::Function;
use gateway::Gateway;

/// One function and how it runs.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    /// The binary.
    pub binary: PathBuf,
    /// How many processes (execution environments) may run at once.
    pub processes: usize,
    /// The time an invocation may take.
    pub timeout: Duration,
    /// The environment, beside what Lambda sets.
    pub environment: BTreeMap<String, String>,
}

/// How a host is to run.
#[derive(Clone, Debug)]
pub struct HostOptions {
    /// Where HTTP is served; port 0 for a free one.
    pub listen: SocketAddr,
    /// The routes.
    pub routes: RouteTable,
    /// The functions by name.
    pub functions: BTreeMap<String, FunctionSpec>,
    /// Where the functions' output goes.
    pub log: LogSink,
}

/// A running host.
pub struct Host {
    address: SocketAddr,
    functions: Arc<BTreeMap<String, Function>>,
    server: JoinHandle<()>,
}

impl Host {
    /// Starts every function's first process and serves.
    ///
    /// # Errors
    /// When the address is in use or a binary is missing.
    pub async fn start(options: HostOptions) -> Result<Self> {
        Self::start_with(options, Hooks::default()).await
    }

    /// `start`, with what a test asks for beside.
    ///
    /// # Errors
    /// As `start`.
    pub async fn start_with(options: HostOptions, hooks: Hooks) -> Result<Self> {
        let listener = TcpListener::bind(options.listen).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                OpsError::said(format!("port {} is in use; choose another: cargo dev --port N", options.listen.port()))
            }
            _ => OpsError::said(format!("{} cannot be listened on: {error}", options.listen)),
        })?;
        let address = listener.local_addr().map_err(OpsError::io("the address is unknown"))?;
        let mut functions = BTreeMap::new();
        for (name, spec) in options.functions {
            if !spec.binary.is_file() {
                return Err(OpsError::said(format!(
                    "{} is not built; run: cargo build -p {name}",
                    spec.binary.display()
                )));
            }
            functions.insert(name.clone(), Function::start(name, spec, options.log.clone(), hooks.clone()).await?);
        }
        let functions = Arc::new(functions);
        let gateway = Gateway::new(options.routes, functions.clone(), hooks.honours_deadline_header);
        let server = tokio::spawn(gateway::serve(listener, gateway));
        Ok(Self { address, functions, server })
    }

    /// Where HTTP is served.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Invokes a function directly with an event, as a schedule or `aws lambda invoke` does.
    ///
    /// # Errors
    /// The function's failure.
    pub async fn invoke(&self, function: &str, event: Value) -> std::result::Result<Value, Failure> {
        let function = self.functions.get(function).ok_or_else(|| Failure::Crashed("no such function".to_owned()))?;
        function.invoke(event.to_string(), None).await
    }

    /// A function's processes.
    pub fn processes(&self, function: &str) -> Vec<ProcessInfo> {
        self.functions.get(function).map(Function::processes).unwrap_or_default()
    }

    /// SIGKILL to a process of a function; it is replaced at the next invocation.
    pub fn kill(&self, pid: u32) {
        self.functions.values().for_each(|function| function.kill_process(pid));
    }

    /// SIGSTOP: the process has stopped, in the middle of what it does, when this returns.
    pub fn freeze(&self, pid: u32) {
        self.functions.values().for_each(|function| function.freeze(pid));
    }

    /// SIGCONT: it goes on.
    pub fn thaw(&self, pid: u32) {
        self.functions.values().for_each(|function| function.thaw(pid));
    }

    /// Changes the environment that a function's next processes get; `restart` makes it so at once.
    pub fn set_environment(&self, function: &str, environment: BTreeMap<String, String>) {
        if let Some(function) = self.functions.get(function) {
            function.set_environment(environment);
        }
    }

    /// Ends a function's processes, busy or not, and starts a first one again.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn restart(&self, function: &str) -> Result<()> {
        match self.functions.get(function) {
            Some(function) => function.restart().await,
            None => Err(OpsError::said(format!("there is no function {function}"))),
        }
    }

    /// Ends everything: every process gets SIGTERM, and SIGKILL when that does not help.
    pub async fn shutdown(self) {
        self.server.abort();
        futures_util::future::join_all(self.functions.values().map(Function::stop)).await;
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.server.abort();
        self.functions.values().for_each(Function::kill_all);
    }
}

/// A value behind a mutex is whole at any time here, so a panic elsewhere does not make it unusable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
