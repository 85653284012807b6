//! The local host: HTTP on API Gateway's paths in front, Lambda's Runtime API behind, the real function binaries between.
//!
//! Invariants: a function process has a Runtime API listener of its own, so the host knows which process works on what; an
//! invocation has a deadline, and a process that misses it is killed as Lambda would kill it; everything the host started
//! ends with it.

mod event;
mod function;
mod gateway;
mod log;
mod routes;
mod runtime_api;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use function::{Failure, ProcessInfo};
pub use log::LogSink;
pub use routes::{RouteTable, Target};

use crate::{OpsError, Result};
use function::Function;

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
            functions.insert(name.clone(), Function::start(name, spec, options.log.clone()).await?);
        }
        let functions = Arc::new(functions);
        let server = tokio::spawn(gateway::serve(listener, options.routes, functions.clone()));
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
        function.invoke(event).await
    }

    /// A function's processes.
    pub fn processes(&self, function: &str) -> Vec<ProcessInfo> {
        self.functions.get(function).map(Function::processes).unwrap_or_default()
    }

    /// SIGKILL to a process of a function; it is replaced at the next invocation.
    pub fn kill(&self, pid: u32) {
        launcher::process::signal(pid, "KILL");
    }

    /// SIGSTOP: the process freezes in the middle of what it does.
    pub fn freeze(&self, pid: u32) {
        launcher::process::signal(pid, "STOP");
    }

    /// SIGCONT: it goes on.
    pub fn thaw(&self, pid: u32) {
        launcher::process::signal(pid, "CONT");
    }

    /// Ends everything.
    pub async fn shutdown(self) {
        self.server.abort();
        for function in self.functions.values() {
            function.stop().await;
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.server.abort();
    }
}
