//! Who is struck, and when: the tap and the control port ask here at every point of every step.
//!
//! Invariants: at most one order stands for a conversation at a time; what was carried out is written down with the moment it
//! was; a frozen process always goes on again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::oneshot;

use super::control::{Announcement, Permission};
use super::schedule::{Blow, Order, Point};
use crate::tap::{Call, Moment, Verdict};

/// A frozen process goes on after this, whoever has taken over.
const LONGEST_FREEZE: Duration = Duration::from_secs(6);

/// A blow that fell.
#[derive(Clone, Debug)]
pub struct Hit {
    /// What was ordered.
    pub order: Order,
    /// The conversation.
    pub conversation: String,
    /// How many announcements the ledger held at the moment.
    pub ledger_length: usize,
}

/// One line of the ledger.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The step that was about to begin.
    pub step: Announcement,
    /// When.
    pub at: DateTime<Utc>,
}

/// See the module.
#[derive(Default)]
pub struct Director {
    orders: Mutex<HashMap<String, Order>>,
    /// Steps whose process is struck as soon as they have begun.
    begun: Mutex<HashMap<String, Order>>,
    hits: Mutex<Vec<Hit>>,
    ledger: Mutex<Vec<Entry>>,
    handed_back: Mutex<Vec<(String, DateTime<Utc>)>>,
    frozen: Mutex<HashMap<String, Frozen>>,
}

struct Frozen {
    pid: u32,
    fence: i64,
    release: oneshot::Sender<()>,
}

impl Director {
    /// Gives an order for a conversation.
    pub fn order(&self, conversation: &str, order: Order) {
        lock(&self.orders).insert(conversation.to_owned(), order);
    }

    /// Takes back an order that was not carried out.
    pub fn take_back(&self, conversation: &str) -> Option<Order> {
        lock(&self.begun).remove(conversation);
        lock(&self.orders).remove(conversation)
    }

    /// What fell so far.
    pub fn hits(&self) -> Vec<Hit> {
        lock(&self.hits).clone()
    }

    /// Every step that was announced, in order.
    pub fn ledger(&self) -> Vec<Entry> {
        lock(&self.ledger).clone()
    }

    /// When a worker handed the run of a conversation back: it may be taken up before its lease would have been over.
    pub fn handed_back(&self) -> Vec<(String, DateTime<Utc>)> {
        lock(&self.handed_back).clone()
    }

    /// The tap's question.
    pub fn statement(self: &Arc<Self>, moment: Moment, call: &Call) -> Verdict {
        if moment == Moment::Sent
            && call.sql.contains("navigator.turn_release(")
            && let Some(conversation) = text(call, 1)
        {
            lock(&self.handed_back).push((conversation, Utc::now()));
        }
        let Some((point, step_no, conversation)) = place(moment, call) else { return Verdict::Forward };
        let fits = |order: &Order| order.point == point && order.step_no == step_no;
        let Some(order) = take_if(&self.orders, &conversation, fits) else { return Verdict::Forward };
        let Some(pid) = call.pid else { return Verdict::Forward };
        self.write_down(order, &conversation);
        match order.blow {
            Blow::Kill => {
                signal(pid, Signal::SIGKILL);
                Verdict::Cut
            }
            Blow::Cut => Verdict::Cut,
            Blow::Freeze => Verdict::Hold(self.freeze(pid, &conversation, fence_of(call))),
        }
    }

    /// A step asks whether it may begin.
    pub fn step_begins(self: &Arc<Self>, step: &Announcement) -> Permission {
        lock(&self.ledger).push(Entry { step: step.clone(), at: Utc::now() });
        self.thaw_after_take_over(step);
        let fits = |order: &Order| {
            matches!(order.point, Point::BeforeStep | Point::InStep) && order.step_no == Some(step.step_no)
        };
        let Some(order) = take_if(&self.orders, &step.conversation, fits) else { return Permission::Go };
        match (order.blow, order.point) {
            (Blow::Freeze, _) => {
                self.write_down(order, &step.conversation);
                Permission::Wait(self.freeze(step.pid, &step.conversation, step.fence))
            }
            (_, Point::InStep) => {
                lock(&self.begun).insert(step.conversation.clone(), order);
                Permission::Go
            }
            _ => {
                self.write_down(order, &step.conversation);
                signal(step.pid, Signal::SIGKILL);
                Permission::Silence
            }
        }
    }

    /// A step was told to go.
    pub fn step_has_begun(&self, step: &Announcement) {
        if let Some(order) = lock(&self.begun).remove(&step.conversation) {
            self.write_down(order, &step.conversation);
            signal(step.pid, Signal::SIGKILL);
        }
    }

    fn write_down(&self, order: Order, conversation: &str) {
        let ledger_length = lock(&self.ledger).len();
        lock(&self.hits).push(Hit { order, conversation: conversation.to_owned(), ledger_length });
    }

    fn freeze(self: &Arc<Self>, pid: u32, conversation: &str, fence: i64) -> oneshot::Receiver<()> {
        signal(pid, Signal::SIGSTOP);
        let (release, until) = oneshot::channel();
        lock(&self.frozen).insert(conversation.to_owned(), Frozen { pid, fence, release });
        let (director, conversation) = (self.clone(), conversation.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(LONGEST_FREEZE).await;
            director.thaw(&conversation, |_| true);
        });
        until
    }

    /// Somebody else has the run now: the frozen process finds out that it lost it.
    fn thaw_after_take_over(&self, step: &Announcement) {
        self.thaw(&step.conversation, |frozen| frozen.fence < step.fence);
    }

    fn thaw(&self, conversation: &str, when: impl Fn(&Frozen) -> bool) {
        let mut all = lock(&self.frozen);
        if all.get(conversation).is_some_and(when)
            && let Some(frozen) = all.remove(conversation)
        {
            signal(frozen.pid, Signal::SIGCONT);
            drop(frozen.release);
        }
    }
}

/// Which point of which step a statement is at, and of which conversation.
fn place(moment: Moment, call: &Call) -> Option<(Point, Option<i32>, String)> {
    if call.sql.contains("navigator.turn_begin(") {
        let point = match moment {
            Moment::Sent => Point::BeforeBegin,
            Moment::Replied => Point::BeginSent,
            Moment::Received => return None,
        };
        return Some((point, None, text(call, 2)?));
    }
    if call.sql.contains("navigator.step_commit(") {
        let point = match moment {
            Moment::Sent => Point::BeforeCommit,
            Moment::Replied => Point::CommitSent,
            Moment::Received => Point::AfterCommit,
        };
        let step_no = call.parameters.get(4)?.as_deref()?.try_into().ok().map(i32::from_be_bytes)?;
        return Some((point, Some(step_no), text(call, 1)?));
    }
    None
}

fn text(call: &Call, at: usize) -> Option<String> {
    String::from_utf8(call.parameters.get(at)?.clone()?).ok()
}

fn fence_of(call: &Call) -> i64 {
    let fence = call.parameters.get(3).and_then(|value| value.as_deref()?.try_into().ok());
    fence.map(i64::from_be_bytes).unwrap_or_default()
}

fn take_if(orders: &Mutex<HashMap<String, Order>>, key: &str, fits: impl Fn(&Order) -> bool) -> Option<Order> {
    let mut orders = lock(orders);
    if orders.get(key).is_some_and(fits) { orders.remove(key) } else { None }
}

fn signal(pid: u32, signal: Signal) {
    let Ok(pid) = i32::try_from(pid) else { return };
    let _ended_already = kill(Pid::from_raw(pid), signal);
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no panic while it is held")
}

/// Waits until `condition` holds, at most `patience`.
pub async fn until(patience: Duration, condition: impl Fn() -> bool) -> bool {
    let end = Instant::now() + patience;
    while !condition() {
        if Instant::now() > end {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    true
}
