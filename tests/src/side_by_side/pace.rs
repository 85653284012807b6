//! Waiting for an instant more exactly than the runtime's timer, which counts in whole milliseconds: half a round trip of
//! 2 ms is one of them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

type Waiter = (Instant, oneshot::Sender<()>);

/// A thread that wakes whoever waits; it ends with the last clone.
#[derive(Clone)]
pub(super) struct Pacer {
    waiters: Sender<Waiter>,
}

impl Pacer {
    pub(super) fn start() -> Self {
        let (waiters, arriving) = mpsc::channel::<Waiter>();
        std::thread::Builder::new().name("pacer".to_owned()).spawn(move || wake(&arriving)).expect("a thread");
        Self { waiters }
    }

    /// Returns at `due`, or at once when that has passed.
    pub(super) async fn until(&self, due: Instant) {
        if due <= Instant::now() {
            return;
        }
        let (wake, woken) = oneshot::channel();
        self.waiters.send((due, wake)).expect("the thread lives as long as this");
        woken.await.expect("the thread wakes everybody");
    }
}

fn wake(arriving: &mpsc::Receiver<Waiter>) {
    let mut dues = BinaryHeap::new();
    let mut asleep = Vec::<Option<oneshot::Sender<()>>>::new();
    loop {
        let patience = match dues.peek() {
            Some(Reverse((due, _))) => Instant::saturating_duration_since(due, Instant::now()),
            None => Duration::from_secs(3_600),
        };
        match arriving.recv_timeout(patience) {
            Ok((due, wake)) => {
                if dues.is_empty() {
                    asleep.clear();
                }
                dues.push(Reverse((due, asleep.len())));
                asleep.push(Some(wake));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        while let Some(Reverse((due, number))) = dues.peek().copied() {
            if due > Instant::now() {
                break;
            }
            dues.pop();
            if let Some(wake) = asleep[number].take() {
                let _the_connection_ended = wake.send(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_is_woken_before_the_time_whatever_the_order_of_asking() {
        let pacer = &Pacer::start();
        let begun = Instant::now();
        let wait = async |milliseconds| {
            let due = begun + Duration::from_millis(milliseconds);
            pacer.until(due).await;
            Instant::now() >= due
        };
        let (late, early, past) = tokio::join!(wait(30), wait(10), wait(0));
        assert!(late && early && past);
    }
}
