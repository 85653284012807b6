//! One function: its processes, each with a Runtime API of its own, and who works on what.

use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::FunctionSpec;
use super::log::LogSink;
use super::runtime_api::{self, Invocation};
use crate::{OpsError, Result};

/// Why an invocation has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The process ended, or never began; with what is known.
    #[error("the function's process ended: {0}")]
    Crashed(String),
    /// The function reported an error to the Runtime API.
    #[error("the function reported: {0}")]
    Reported(String),
    /// The deadline passed; the process was killed.
    #[error("the function timed out")]
    TimedOut,
}

/// A process of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessInfo {
    /// Its process id.
    pub pid: u32,
    /// Whether it works on an invocation.
    pub is_busy: bool,
}

/// A function's processes. Cheap to clone.
#[derive(Clone)]
pub(super) struct Function {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    spec: FunctionSpec,
    log: LogSink,
    free: Arc<Semaphore>,
    slots: Mutex<Vec<Option<Arc<Process>>>>,
}

struct Process {
    pid: u32,
    busy: Mutex<bool>,
    invocations: mpsc::Sender<Invocation>,
    ended: watch::Receiver<bool>,
    api: JoinHandle<()>,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.api.abort();
    }
}

impl Function {
    pub(super) async fn start(name: String, spec: FunctionSpec, log: LogSink) -> Result<Self> {
        let slots = Mutex::new(vec![None; spec.processes.max(1)]);
        let free = Arc::new(Semaphore::new(spec.processes.max(1)));
        let function = Self { inner: Arc::new(Inner { name, spec, log, free, slots }) };
        let first = function.inner.spawn().await?;
        if let Some(slot) = lock(&function.inner.slots).first_mut() {
            *slot = Some(first);
        }
        Ok(function)
    }

    pub(super) async fn invoke(&self, event: Value) -> std::result::Result<Value, Failure> {
        let (process, _permit) = self.inner.reserve().await?;
        let (reply, answer) = oneshot::channel();
        let timeout = self.inner.spec.timeout;
        let request_id = uuid::Uuid::new_v4().to_string();
        let invocation = Invocation { request_id, deadline: SystemTime::now() + timeout, event, reply };
        let mut ended = process.ended.clone();
        if process.invocations.send(invocation).await.is_err() {
            process.set_busy(false);
            return Err(Failure::Crashed("it ended before it took the request".to_owned()));
        }
        let result = tokio::select! {
            answer = answer => answer.unwrap_or_else(|_| Err(Failure::Crashed("it ended in the middle".to_owned()))),
            _ = ended.wait_for(|ended| *ended) => Err(Failure::Crashed("it ended in the middle".to_owned())),
            () = tokio::time::sleep(timeout) => {
                launcher::process::signal(process.pid, "KILL");
                Err(Failure::TimedOut)
            }
        };
        process.set_busy(false);
        if let Err(failure) = &result {
            self.inner.log.write(&self.inner.name, &failure.to_string());
        }
        result
    }

    pub(super) fn processes(&self) -> Vec<ProcessInfo> {
        let slots = lock(&self.inner.slots);
        let alive = slots.iter().flatten().filter(|process| !*process.ended.borrow());
        alive.map(|process| ProcessInfo { pid: process.pid, is_busy: *lock(&process.busy) }).collect()
    }

    pub(super) async fn stop(&self) {
        let processes: Vec<_> = lock(&self.inner.slots).iter_mut().filter_map(Option::take).collect();
        for process in processes {
            launcher::process::signal(process.pid, "KILL");
            let mut ended = process.ended.clone();
            let _gone = tokio::time::timeout(Duration::from_secs(2), ended.wait_for(|ended| *ended)).await;
        }
    }
}

impl Process {
    fn set_busy(&self, busy: bool) {
        *lock(&self.busy) = busy;
    }

    fn is_free(&self) -> bool {
        !*self.ended.borrow() && !*lock(&self.busy)
    }
}

impl Inner {
    /// A process for one invocation: an idle one, or a new one in the place of one that ended.
    async fn reserve(&self) -> std::result::Result<(Arc<Process>, OwnedSemaphorePermit), Failure> {
        let crashed = |error: &dyn std::fmt::Display| Failure::Crashed(error.to_string());
        let permit = self.free.clone().acquire_owned().await.map_err(|error| crashed(&error))?;
        {
            let slots = lock(&self.slots);
            if let Some(process) = slots.iter().flatten().find(|process| process.is_free()) {
                process.set_busy(true);
                return Ok((process.clone(), permit));
            }
        }
        let process = self.spawn().await.map_err(|error| crashed(&error))?;
        process.set_busy(true);
        let mut slots = lock(&self.slots);
        let vacant = slots.iter_mut().find(|slot| slot.as_ref().is_none_or(|process| *process.ended.borrow()));
        match vacant {
            Some(slot) => *slot = Some(process.clone()),
            None => slots.push(Some(process.clone())),
        }
        Ok((process, permit))
    }

    async fn spawn(&self) -> Result<Arc<Process>> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(OpsError::io("no port for the Runtime API"))?;
        let address = listener.local_addr().map_err(OpsError::io("no port for the Runtime API"))?;
        let (invocations, queue) = mpsc::channel(1);
        let api = tokio::spawn(runtime_api::serve(listener, self.name.clone(), queue));
        let mut child = self
            .command(&address.to_string())
            .spawn()
            .map_err(OpsError::io(format!("{} cannot be started", self.name)))?;
        let pid = child.id().ok_or_else(|| OpsError::said(format!("{} ended at once", self.name)))?;
        self.follow(child.stdout.take());
        self.follow(child.stderr.take());
        let (ended_sender, ended) = watch::channel(false);
        tokio::spawn(async move {
            let _status = Child::wait(&mut child).await;
            let _nobody_waits = ended_sender.send(true);
        });
        Ok(Arc::new(Process { pid, busy: Mutex::new(false), invocations, ended, api }))
    }

    /// The function as Lambda would start it: a clean environment, and what Lambda sets.
    fn command(&self, runtime_api: &str) -> Command {
        let mut command = Command::from(launcher::process::supervised(&self.spec.binary, None, "KILL"));
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
            .env("AWS_LAMBDA_FUNCTION_NAME", &self.name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_REGION", "us-east-1")
            .envs(&self.spec.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    fn follow(&self, stream: Option<impl AsyncRead + Unpin + Send + 'static>) {
        let Some(stream) = stream else { return };
        let (log, name) = (self.log.clone(), self.name.clone());
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                log.write(&name, &line);
            }
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
