//! What happens to the processes, told as it happens, so that a test waits for a fact and not for a time.

use tokio::sync::mpsc;
use uuid::Uuid;

/// One thing that happened to a process of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// A process was started; it may still initialise.
    Started {
        /// The function.
        function: String,
        /// Its process.
        pid: u32,
    },
    /// A process took an invocation.
    Invoked {
        /// The function.
        function: String,
        /// Its process.
        pid: u32,
        /// The invocation's id, as the function sees it.
        request_id: Uuid,
    },
    /// A process answered an invocation, or reported its error.
    Responded {
        /// The function.
        function: String,
        /// Its process.
        pid: u32,
        /// The invocation's id.
        request_id: Uuid,
    },
    /// A process ended before it was ready for its first invocation. `Died` follows.
    InitFailed {
        /// The function.
        function: String,
        /// Its process.
        pid: u32,
        /// What it reported, or its last lines of output.
        message: String,
    },
    /// A process ended.
    Died {
        /// The function.
        function: String,
        /// Its process.
        pid: u32,
        /// The signal that ended it; `None` when it ended by itself.
        signal: Option<i32>,
    },
}

/// What only a test asks of a host. The default asks for nothing.
#[derive(Clone, Debug, Default)]
pub struct Hooks {
    /// Whether a request's `x-local-deadline-ms` header replaces the function's timeout.
    pub honours_deadline_header: bool,
    /// Where the processes' lives are told.
    pub lifecycle: Option<mpsc::UnboundedSender<Lifecycle>>,
}

impl Hooks {
    pub(super) fn tell(&self, what: Lifecycle) {
        if let Some(sender) = &self.lifecycle {
            let _nobody_listens_any_more = sender.send(what);
        }
    }
}
