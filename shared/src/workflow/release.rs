//! A worker that the database keeps from finishing a step says so: its attempt does not count.
//!
//! Invariants: who dies in a step says nothing, and that attempt counts; whoever lives says it at once where the database still
//! listens, else before it takes another run, so that no worker owes more than its last word; a worker that has been told
//! `fenced` changes nothing but how its own lost attempt is counted.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::store;
use super::{Place, TurnError, Turns};
use crate::clock::Deadline;
use crate::db::{Class, DbError};
use crate::ids::{ConversationId, HolderId, UserId};

/// When a run that was handed back may be gone on with: what kept it from its commit is not over in an instant.
const PAUSE: Duration = Duration::from_millis(500);
/// What saying so at once may take: somebody waits for a reply.
const AT_ONCE: Duration = Duration::from_secs(1);
/// More than this is not remembered; what is forgotten counts as lost.
const MOST: usize = 16;

/// A run that this environment held, and could not hand back yet.
#[derive(Clone)]
struct Held {
    user: UserId,
    conversation: ConversationId,
    holder: HolderId,
}

/// What an environment still has to say. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Unsaid(Arc<Mutex<Vec<Held>>>);

impl Unsaid {
    fn first(&self) -> Option<Held> {
        self.lock().first().cloned()
    }

    fn add(&self, held: Held) {
        let mut all = self.lock();
        if all.len() == MOST {
            all.remove(0);
        }
        all.push(held);
    }

    fn remove(&self, holder: HolderId) {
        self.lock().retain(|held| held.holder != holder);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turns {
    /// The database refused what this worker brought, or did not answer: the run is handed back, now or before the next one is
    /// taken.
    pub(super) async fn hand_back(&self, place: Place<'_>, error: &DbError, deadline: Deadline) {
        if listens(error.class()) && store::turn_release(&self.db, place, PAUSE, deadline.capped(AT_ONCE)).await.is_ok()
        {
            return;
        }
        self.say_later(place);
    }

    /// A grant may have been given whose reply never came.
    pub(super) fn begun_in_vain(&self, place: Place<'_>, error: &DbError) {
        if is_unknown(error.class()) {
            self.say_later(place);
        }
    }

    /// Another worker took the run over while this one waited for the database: this one did not die.
    pub(super) async fn was_overtaken(&self, place: Place<'_>, deadline: Deadline) {
        if store::turn_release(&self.db, place, PAUSE, deadline.capped(AT_ONCE)).await.is_err() {
            self.say_later(place);
        }
    }

    fn say_later(&self, place: Place<'_>) {
        let held = Held { user: place.user, conversation: place.conversation.clone(), holder: place.holder };
        self.unsaid.add(held);
    }

    /// Says what is still to be said, before this worker takes a run. No statement when there is nothing.
    ///
    /// # Errors
    /// [`TurnError::Database`] while the database cannot be reached: then no run could be taken either.
    pub(super) async fn say_what_is_unsaid(&self, deadline: Deadline) -> Result<(), TurnError> {
        while let Some(held) = self.unsaid.first() {
            let place = Place { user: held.user, conversation: &held.conversation, holder: held.holder };
            let said = store::turn_release(&self.db, place, Duration::ZERO, deadline).await;
            match said {
                Ok(()) => self.unsaid.remove(held.holder),
                Err(error) if is_unknown(error.class()) || error.class() == Class::ReadOnly => return Err(error.into()),
                Err(error) => {
                    // A row that is locked, a schema that is older: the next request tries again, and this one need not wait.
                    tracing::warn!(error = &error as &dyn std::error::Error, "a run could not be handed back yet");
                    self.unsaid.remove(held.holder);
                    self.unsaid.add(held);
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Whether a database that failed this way can be told something else at once.
fn listens(class: Class) -> bool {
    !matches!(class, Class::Unavailable | Class::Unanswered | Class::Blocked | Class::Timeout | Class::ReadOnly)
}

/// Whether what was asked for may have been done all the same, or the next question would fail as well.
fn is_unknown(class: Class) -> bool {
    matches!(
        class,
        Class::Unavailable | Class::Unanswered | Class::Saturated | Class::Blocked | Class::Ambiguous | Class::Timeout
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(number: u128) -> Held {
        Held {
            user: uuid::Uuid::from_u128(1).into(),
            conversation: ConversationId::parse("c").expect("an id"),
            holder: uuid::Uuid::from_u128(number).into(),
        }
    }

    #[test]
    fn the_last_words_of_the_latest_runs_are_remembered_and_each_is_said_once() {
        let unsaid = Unsaid::default();
        for number in 0..MOST as u128 + 3 {
            unsaid.add(held(number));
        }
        let mut said = Vec::new();
        while let Some(next) = unsaid.first() {
            unsaid.remove(next.holder);
            said.push(next.holder.uuid().as_u128());
        }
        assert_eq!(said, (3..MOST as u128 + 3).collect::<Vec<_>>());
    }
}
