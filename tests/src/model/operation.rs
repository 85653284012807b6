//! What happens to a conversation, as data that can be generated, shrunk, printed and pasted back into a test.

use std::collections::BTreeMap;

use proptest::prelude::*;

/// So many workers act.
pub const ACTORS: usize = 3;

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Op {
    /// A worker begins a turn for a request.
    Begin {
        /// Which worker.
        actor: usize,
        /// Which Idempotency-Key.
        key: u8,
        /// What the request says.
        text: Text,
        /// Whether the message may wait.
        queue: Queue,
        /// Under which hold.
        holder: Holder,
        /// In which session.
        session: Session,
    },
    /// So many new messages are sent at once that may wait.
    Crowd(u8),
    /// A worker asks for whatever is due.
    Resume {
        /// Which worker.
        actor: usize,
        /// Under which hold.
        holder: Holder,
    },
    /// A worker commits the step it was given.
    Commit {
        /// Which worker.
        by: By,
        /// How the step ended.
        ending: Ending,
        /// What the agent keeps.
        memory: Memory,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// A worker sends its last commit again.
    CommitAgain(By),
    /// A worker puts its step off.
    Defer {
        /// Which worker.
        by: By,
        /// Whether it keeps the run.
        keep: Keep,
        /// For how long.
        wait: Wait,
        /// Why.
        reason: Reason,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// A worker sends its last deferral again.
    DeferAgain(By),
    /// A worker says that it lives, and that the database kept it from its commit.
    HandBack(By),
    /// The person cancels.
    Cancel(Session),
    /// The time of a lease or a pause goes by.
    Expire,
    /// An operator lets an abandoned run be taken up at once.
    Retry,
    /// The schedule looks for what is due.
    Sweep(Release, Forget),
    /// The person looks.
    Status(Session),
}

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $weight:literal,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum $name { $($(#[$variant_doc])* $variant,)* }

            impl $name {
                fn any() -> impl Strategy<Value = Self> {
                    prop_oneof![$($weight => Just(Self::$variant),)*]
                }
            }
        )*
    };
}

choices! {
    /// What a request says under its key.
    Text {
        /// What it said before.
        Same = 12,
        /// Something else.
        Other = 1,
    }
    /// What becomes of a message while another one is being answered.
    Queue {
        /// It is refused.
        Reject = 1,
        /// It waits.
        Enqueue = 1,
    }
    /// Whose session it is.
    Session {
        /// The person's.
        Live = 30,
        /// None that lives.
        Ended = 1,
    }
    /// How a step ended.
    Ending {
        /// Another step comes.
        Step = 6,
        /// The turn is answered.
        Completed = 3,
        /// The run is given up.
        Failed = 1,
    }
    /// What the step's agent keeps for the conversation.
    Memory {
        /// Nothing.
        None = 10,
        /// Facts, for later turns.
        Facts = 1,
        /// An open question, for the next turn.
        Need = 1,
        /// Something of an agent whose memory is nobody else's.
        Private = 1,
    }
    /// What is wrong with a commit or a deferral.
    Flaw {
        /// Nothing.
        None = 20,
        /// The fence is that of the grant before.
        OldFence = 1,
        /// The fence is that of a grant to come.
        NextFence = 1,
        /// The step is the one before, under a new commit id.
        OldStep = 2,
        /// The step is the one to come.
        NextStep = 1,
        /// The run is none.
        OtherRun = 1,
    }
    /// Whether a worker keeps a run that it puts off.
    Keep {
        /// Nobody has it meanwhile.
        Release = 1,
        /// It tries again itself.
        Hold = 1,
    }
    /// How long a step is put off.
    Wait {
        /// Not at all.
        Zero = 1,
        /// Longer than the test.
        Long = 1,
    }
    /// Why a step is put off.
    Reason {
        /// There was no time for it.
        Time = 1,
        /// The attempt failed.
        Failure = 1,
    }
    /// Which version of the product a worker is.
    Release {
        /// Today's.
        Current = 5,
        /// It knows less: what the others began is not its.
        Old = 1,
        /// It knows more.
        Next = 2,
    }
    /// What a sweep forgets.
    Forget {
        /// Nothing.
        Nothing = 6,
        /// Finished requests.
        Requests = 1,
        /// The journal.
        Journal = 1,
    }
}

/// The hold under which a worker asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// That of its last question: the reply was lost.
    Same,
    /// A new one, of such a release.
    New(Release),
}

/// Which worker acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whoever was given a run last.
    Newest,
    /// This one, with what it was given last.
    Actor(usize),
}

impl Holder {
    fn any() -> impl Strategy<Value = Self> {
        prop_oneof![5 => Release::any().prop_map(Self::New), 1 => Just(Self::Same)]
    }
}

impl By {
    fn any() -> impl Strategy<Value = Self> {
        prop_oneof![3 => Just(Self::Newest), 1 => (0..ACTORS).prop_map(Self::Actor)]
    }
}

impl Release {
    /// The newest versions that a worker of this release understands, by workflow type, and `state`.
    pub fn known(self) -> BTreeMap<&'static str, i32> {
        let known: &[(&str, i32)] = match self {
            Self::Old => &[("strategy_request", 1), ("navigator_only", 1), ("state", 1)],
            Self::Current => &[("strategy_request", 2), ("navigator_only", 1), ("state", 1)],
            Self::Next => &[("strategy_request", 2), ("navigator_only", 1), ("appeal_request", 1), ("state", 2)],
        };
        known.iter().copied().collect()
    }

    /// Where it routes the message of a key.
    pub fn route(self, key: u8) -> &'static str {
        match (key % 3, self) {
            (0, _) => "strategy_request",
            (1, Self::Next) => "appeal_request",
            (_, _) => "navigator_only",
        }
    }
}

impl Op {
    /// Anything that may happen.
    pub fn any() -> impl Strategy<Value = Self> {
        let begin = (0..ACTORS, 0..4_u8, Text::any(), Queue::any(), Holder::any(), Session::any());
        let begin = begin.prop_map(|(actor, key, text, queue, holder, session)| Self::Begin {
            actor,
            key,
            text,
            queue,
            holder,
            session,
        });
        let commit = (By::any(), Ending::any(), Memory::any(), Flaw::any());
        let defer = (By::any(), Keep::any(), Wait::any(), Reason::any(), Flaw::any());
        prop_oneof![
            16 => begin,
            1 => (1..12_u8).prop_map(Self::Crowd),
            8 => (0..ACTORS, Holder::any()).prop_map(|(actor, holder)| Self::Resume { actor, holder }),
            20 => commit.prop_map(|(by, ending, memory, flaw)| Self::Commit { by, ending, memory, flaw }),
            4 => By::any().prop_map(Self::CommitAgain),
            8 => defer.prop_map(|(by, keep, wait, reason, flaw)| Self::Defer { by, keep, wait, reason, flaw }),
            3 => By::any().prop_map(Self::DeferAgain),
            4 => By::any().prop_map(Self::HandBack),
            3 => Session::any().prop_map(Self::Cancel),
            12 => Just(Self::Expire),
            2 => Just(Self::Retry),
            5 => (Release::any(), Forget::any()).prop_map(|(release, forget)| Self::Sweep(release, forget)),
            2 => Session::any().prop_map(Self::Status),
        ]
    }
}
