//! Which messages of a connection belong to one round trip (PostgreSQL, "Frontend/Backend Protocol").
//!
//! A round trip begins with a message that the client sends while it has every reply it asked for, and ends with the
//! ReadyForQuery that answers its last Sync or query. Whatever the client sends before that reply, pipelined, belongs
//! to the same trip: it did not wait in between.

/// One connection, after its start-up.
#[derive(Debug, Default)]
pub(super) struct Trips {
    /// ReadyForQuery replies that are still to come.
    owed: usize,
    is_under_way: bool,
    /// The client asked for what there is (Flush) without ending the trip.
    wants_flush: bool,
    is_flushed: bool,
}

impl Trips {
    /// The client sent a message of this kind; whether a round trip begins with it.
    pub(super) fn sent(&mut self, kind: u8) -> bool {
        // After a Flush nothing says which reply is the last; the client's next message does.
        let begins = !self.is_under_way || (self.owed == 0 && self.is_flushed);
        if begins {
            *self = Self { is_under_way: true, ..Self::default() };
        }
        match kind {
            b'S' | b'Q' | b'F' => self.owed += 1,
            b'H' => self.wants_flush = true,
            _ => {}
        }
        begins
    }

    /// A message of this kind reached the client; whether a round trip ends with it.
    pub(super) fn received(&mut self, kind: u8) -> bool {
        // Notifications, notices and changed settings come unasked.
        if kind != b'Z' {
            self.is_flushed |= self.wants_flush && self.owed == 0 && !matches!(kind, b'A' | b'N' | b'S');
            return false;
        }
        self.owed = self.owed.saturating_sub(1);
        let ends = self.is_under_way && self.owed == 0;
        if ends {
            *self = Self::default();
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters are the client's messages; after `<` the server's.
    fn begun(conversation: &str) -> usize {
        let mut trips = Trips::default();
        let mut begun = 0;
        for part in conversation.split_whitespace() {
            match part.strip_prefix('<') {
                Some(replies) => replies.bytes().for_each(|kind| {
                    trips.received(kind);
                }),
                None => begun += part.bytes().filter(|kind| trips.sent(*kind)).count(),
            }
        }
        begun
    }

    #[test]
    fn a_statement_with_its_sync_is_one_trip() {
        assert_eq!(begun("PBDES <12TDCZ"), 1);
        assert_eq!(begun("Q <TDCZ"), 1);
        assert_eq!(begun("PBDES <12TDCZ PBDES <12TDCZ Q <CZ"), 3);
    }

    #[test]
    fn a_statement_that_is_prepared_and_awaited_first_is_two_trips() {
        assert_eq!(begun("PDS <1tTZ BES <2DCZ"), 2);
    }

    #[test]
    fn what_is_pipelined_is_one_trip_however_many_syncs_it_has() {
        assert_eq!(begun("PBDEPBDEPBDES <12C12C12CZ"), 1);
        assert_eq!(begun("PBDES PBDES PBDES <12CZ12CZ12CZ"), 1);
        assert_eq!(begun("PBDES PBDES <12CZ PBDES <12CZ12CZ Q <CZ"), 2, "sent while a reply was to come: no wait");
    }

    #[test]
    fn a_client_that_waits_for_a_flush_makes_a_trip_of_it() {
        assert_eq!(begun("PDH <1tT BES <2DCZ"), 2);
        assert_eq!(begun("PBDEH PBDES <12C12CZ"), 1, "it did not wait");
        assert_eq!(begun("PDH <N BES <1t2CZ"), 1, "a notice is no answer");
    }

    #[test]
    fn what_comes_unasked_is_no_trip() {
        let mut trips = Trips::default();
        assert!(!trips.received(b'A'));
        assert!(!trips.received(b'Z'));
        assert!(trips.sent(b'Q'));
        assert!(!trips.received(b'C'));
        assert!(trips.received(b'Z'));
    }
}
