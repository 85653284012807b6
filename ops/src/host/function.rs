//! One function: its processes, each with a Runtime API of its own, and who works on what.
//!
//! Invariants: as many invocations run at once as the function may have processes, the rest waits in order; a process
//! that is to die gets no further invocation; an invocation goes on when its caller leaves, as on Lambda.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use nix::sys::signal::Signal;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::lifecycle::{Hooks, Lifecycle};
use super::log::LogSink;
use super::process::{Exit, OsProcess};
use super::runtime_api::{Invocation, Outcome, RuntimeApi};
use super::{FunctionSpec, lock};
use crate::Result;

/// What Lambda gives a process to initialise; as long as an invocation may take where that is longer.
const INIT_LIMIT: Duration = Duration::from_secs(10);
/// What a process gets to end by itself after SIGTERM.
const TERM_PATIENCE: Duration = Duration::from_millis(500);
/// The kernel needs a moment for SIGKILL, longer on a busy machine.
const KILL_PATIENCE: Duration = Duration::from_secs(5);

/// Why an invocation has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The process ended in the middle, or never began; with what is known.
    #[error("the function's process ended: {0}")]
    Crashed(String),
    /// The process ended before it was ready, with its own words: a wrong configuration is named here.
    #[error("the function does not start: {0}")]
    InitFailed(String),
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
    /// The id of that invocation, as the function sees it.
    pub request_id: Option<Uuid>,
}

/// A function's processes. Cheap to clone.
#[derive(Clone)]
pub(super) struct Function {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    spec: Mutex<FunctionSpec>,
    log: LogSink,
    hooks: Hooks,
    free: Semaphore,
    processes: Mutex<Vec<Arc<Process>>>,
}

/// A process and what it works on.
struct Process {
    os: OsProcess,
    api: RuntimeApi,
    work: Mutex<Work>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    Idle,
    Busy(Uuid),
    /// It was sent a signal that ends it.
    Doomed,
}

/// How an invocation went that was left for a process.
enum Attempt {
    Done(Outcome),
    /// The process died idle, before it took the invocation: another one may take it.
    NotTaken,
}

impl Function {
    pub(super) async fn start(name: String, spec: FunctionSpec, log: LogSink, hooks: Hooks) -> Result<Self> {
        let free = Semaphore::new(spec.processes.max(1));
        let inner = Inner { name, spec: Mutex::new(spec), log, hooks, free, processes: Mutex::default() };
        let function = Self { inner: Arc::new(inner) };
        function.inner.spawn(Work::Idle).await?;
        Ok(function)
    }

    /// `time_limit` replaces the function's timeout.
    pub(super) async fn invoke(&self, event: String, time_limit: Option<Duration>) -> Outcome {
        let inner = self.inner.clone();
        let invocation = tokio::spawn(async move { inner.invoke(event, time_limit).await });
        invocation.await.unwrap_or_else(|_| Err(Failure::Crashed("the host ended".to_owned())))
    }

    pub(super) fn processes(&self) -> Vec<ProcessInfo> {
        let processes = lock(&self.inner.processes);
        let alive = processes.iter().filter(|process| !process.os.fate().has_ended());
        alive
            .map(|process| {
                let work = *lock(&process.work);
                let request_id = if let Work::Busy(request_id) = work { Some(request_id) } else { None };
                ProcessInfo { pid: process.os.pid(), is_busy: request_id.is_some(), request_id }
            })
            .collect()
    }

    /// SIGKILL to the process `pid` if it is one of this function's.
    pub(super) fn kill_process(&self, pid: u32) {
        if let Some(process) = self.process(pid) {
            process.doom(Signal::SIGKILL);
        }
    }

    /// Stops the process `pid` if it is one of this function's; it has stopped when this returns.
    pub(super) fn freeze(&self, pid: u32) {
        if let Some(process) = self.process(pid) {
            process.os.freeze();
        }
    }

    /// Lets the process `pid` go on if it is one of this function's.
    pub(super) fn thaw(&self, pid: u32) {
        if let Some(process) = self.process(pid) {
            process.os.signal(Signal::SIGCONT);
        }
    }

    fn process(&self, pid: u32) -> Option<Arc<Process>> {
        lock(&self.inner.processes).iter().find(|process| process.os.pid() == pid).cloned()
    }

    pub(super) fn set_environment(&self, environment: BTreeMap<String, String>) {
        lock(&self.inner.spec).environment = environment;
    }

    /// Ends every process and starts a first one again.
    pub(super) async fn restart(&self) -> Result<()> {
        self.inner.end_processes().await;
        self.inner.spawn(Work::Idle).await.map(|_| ())
    }

    /// Takes no further invocation and ends every process.
    pub(super) async fn stop(&self) {
        self.inner.free.close();
        self.inner.end_processes().await;
    }

    /// `stop` without the patience.
    pub(super) fn kill_all(&self) {
        self.inner.free.close();
        for process in lock(&self.inner.processes).drain(..) {
            process.doom(Signal::SIGKILL);
        }
    }
}

impl Inner {
    async fn invoke(&self, event: String, time_limit: Option<Duration>) -> Outcome {
        let _permit = self.free.acquire().await.map_err(|_| Failure::Crashed("the host ends".to_owned()))?;
        let time_limit = time_limit.unwrap_or_else(|| lock(&self.spec).timeout);
        let request_id = Uuid::new_v4();
        let outcome = loop {
            let process = self.reserve(request_id).await?;
            if let Attempt::Done(outcome) = self.attempt(&process, request_id, time_limit, event.clone()).await {
                process.release();
                break outcome;
            }
        };
        match &outcome {
            // What a process says when it does not start is in the log already.
            Ok(_) | Err(Failure::InitFailed(_)) => {}
            Err(failure) => self.log.write(&self.name, &failure.to_string()),
        }
        outcome
    }

    /// A process for one invocation: an idle one, or a new one.
    async fn reserve(&self, request_id: Uuid) -> std::result::Result<Arc<Process>, Failure> {
        if self.free.is_closed() {
            return Err(Failure::Crashed("the host ends".to_owned()));
        }
        {
            let mut processes = lock(&self.processes);
            processes.retain(|process| !process.os.fate().has_ended());
            if let Some(process) = processes.iter().find(|process| process.reserve(request_id)) {
                return Ok(process.clone());
            }
        }
        self.spawn(Work::Busy(request_id)).await.map_err(|error| Failure::Crashed(error.to_string()))
    }

    async fn spawn(&self, work: Work) -> Result<Arc<Process>> {
        let spec = lock(&self.spec).clone();
        let api = RuntimeApi::start(&self.name).await?;
        let os = OsProcess::spawn(&self.name, &spec, api.address(), &self.log).await?;
        self.hooks.tell(Lifecycle::Started { function: self.name.clone(), pid: os.pid() });
        self.watch(&os, &api);
        let process = Arc::new(Process { os, api, work: Mutex::new(work) });
        lock(&self.processes).push(process.clone());
        if self.free.is_closed() {
            process.doom(Signal::SIGKILL);
        }
        Ok(process)
    }

    /// Tells the end of a process when it comes.
    fn watch(&self, os: &OsProcess, api: &RuntimeApi) {
        let (function, pid) = (self.name.clone(), os.pid());
        let (fate, initialisation) = (os.fate().clone(), api.initialisation().clone());
        let (hooks, log) = (self.hooks.clone(), self.log.clone());
        tokio::spawn(async move {
            let Exit { signal, description } = fate.ended().await;
            if signal.is_none() && !initialisation.is_ready() {
                let message = initialisation.error();
                log.write(&function, &format!("process {pid} ended before it was ready: {description}"));
                if let Some(error) = &message {
                    log.write(&function, error);
                }
                let message = message.unwrap_or(fate.last_words().await);
                hooks.tell(Lifecycle::InitFailed { function: function.clone(), pid, message });
            }
            hooks.tell(Lifecycle::Died { function, pid, signal });
        });
    }

    async fn attempt(&self, process: &Process, request_id: Uuid, time_limit: Duration, event: String) -> Attempt {
        let (function, pid) = (self.name.clone(), process.os.pid());
        let (invocation, pending) = Invocation::new(request_id, time_limit, event);
        process.api.submit(invocation).await;
        let has_taken = tokio::select! {
            biased;
            taken = pending.taken => taken.is_ok(),
            _ = process.os.fate().ended() => false,
            () = tokio::time::sleep(INIT_LIMIT.max(time_limit)) => return Attempt::Done(Err(process.time_out())),
        };
        if !has_taken {
            return process.not_taken().await;
        }
        self.hooks.tell(Lifecycle::Invoked { function: function.clone(), pid, request_id });
        let outcome = tokio::select! {
            biased;
            answer = pending.answer => answer
                .unwrap_or_else(|_| Err(Failure::Crashed("it asked for the next request without an answer".to_owned()))),
            exit = process.os.fate().ended() => Err(Failure::Crashed(exit.description)),
            () = tokio::time::sleep(time_limit) => Err(process.time_out()),
        };
        if matches!(outcome, Ok(_) | Err(Failure::Reported(_))) {
            self.hooks.tell(Lifecycle::Responded { function, pid, request_id });
        }
        Attempt::Done(outcome)
    }

    async fn end_processes(&self) {
        let processes: Vec<_> = lock(&self.processes).drain(..).collect();
        join_all(processes.iter().map(|process| process.end())).await;
    }
}

impl Process {
    fn reserve(&self, request_id: Uuid) -> bool {
        let mut work = lock(&self.work);
        let is_idle = *work == Work::Idle;
        if is_idle {
            *work = Work::Busy(request_id);
        }
        is_idle
    }

    fn release(&self) {
        let mut work = lock(&self.work);
        if matches!(*work, Work::Busy(_)) {
            *work = Work::Idle;
        }
    }

    /// A signal that ends the process.
    fn doom(&self, signal: Signal) {
        *lock(&self.work) = Work::Doomed;
        self.os.signal(signal);
    }

    fn time_out(&self) -> Failure {
        self.doom(Signal::SIGKILL);
        Failure::TimedOut
    }

    /// A process that was ready and died idle says nothing about the request; one that was never ready does.
    async fn not_taken(&self) -> Attempt {
        if self.api.initialisation().is_ready() || *lock(&self.work) == Work::Doomed {
            return Attempt::NotTaken;
        }
        let exit = self.os.fate().ended().await;
        let words = match self.api.initialisation().error() {
            Some(error) => error,
            None => self.os.fate().last_words().await,
        };
        Attempt::Done(Err(Failure::InitFailed(format!("{}: {words}", exit.description))))
    }

    async fn end(&self) {
        self.doom(Signal::SIGTERM);
        // A frozen process hears SIGTERM only when it goes on.
        self.os.signal(Signal::SIGCONT);
        if tokio::time::timeout(TERM_PATIENCE, self.os.fate().ended()).await.is_err() {
            self.doom(Signal::SIGKILL);
            let _gone = tokio::time::timeout(KILL_PATIENCE, self.os.fate().ended()).await;
        }
    }
}
