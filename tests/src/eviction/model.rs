//! What each operation answers when it comes after the others, and who is in then: a dozen lines instead of a schema.

use std::collections::BTreeSet;

use super::Act;

/// Whose session it is, or which operation opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Session {
    /// The owner's.
    Owner,
    /// The attacker's, from before.
    Attacker,
    /// A log-in's that was let in with the old password.
    LoggedIn,
    /// That of a registration which is sent again.
    Registered,
}

/// A code that was mailed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// For a reset, in the owner's hands.
    OwnersReset,
    /// For a reset, in somebody else's.
    OthersReset,
    /// Verifies the address.
    Verification,
}

/// One function, called once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `login_finish` with the hash that `login_admit` showed before.
    LogIn,
    /// `register_finish` of the registration that made the account, sent again with another session.
    Register,
    /// `reset_finish`.
    Reset(Code),
    /// `verification_confirm`.
    Verify,
    /// `password_change` by a session.
    Change(Session),
    /// `account_delete` by a session.
    Delete(Session),
    /// `user_set_disabled`.
    Disable,
    /// `session_refresh` with the attacker's token.
    Refresh,
    /// `turn_begin` with the attacker's session.
    Ask,
}

impl Act {
    /// The function that does it.
    pub fn operation(self) -> Operation {
        match self {
            Self::Change => Operation::Change(Session::Owner),
            Self::Reset => Operation::Reset(Code::OwnersReset),
            Self::Disable => Operation::Disable,
            Self::Delete => Operation::Delete(Session::Owner),
        }
    }
}

/// An account with two sessions and three codes.
#[derive(Clone, Debug)]
pub struct Model {
    /// Sessions that live.
    pub living: BTreeSet<Session>,
    /// Codes that are good.
    pub codes: BTreeSet<Code>,
    has_old_password: bool,
    /// Whether an operator has disabled it.
    pub is_disabled: bool,
    is_deleted: bool,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            living: [Session::Owner, Session::Attacker].into(),
            codes: [Code::OwnersReset, Code::OthersReset, Code::Verification].into(),
            has_old_password: true,
            is_disabled: false,
            is_deleted: false,
        }
    }
}

impl Model {
    /// Does it, and says what the function answers.
    pub fn apply(&mut self, operation: Operation) -> &'static str {
        match operation {
            Operation::LogIn if self.is_deleted || !self.has_old_password => "changed",
            Operation::LogIn if self.is_disabled => "disabled",
            Operation::LogIn => self.open(Session::LoggedIn, "opened"),
            Operation::Register if self.is_deleted || self.is_disabled || !self.has_old_password => "taken",
            Operation::Register => self.open(Session::Registered, "created"),
            Operation::Reset(code) if !self.codes.contains(&code) => "invalid",
            Operation::Reset(_) => self.evict(None, "changed"),
            Operation::Verify if !self.codes.contains(&Code::Verification) => "invalid",
            Operation::Verify => "verified",
            Operation::Change(by) | Operation::Delete(by) if !self.living.contains(&by) => "session_ended",
            Operation::Change(by) => self.evict(Some(by), "changed"),
            Operation::Delete(_) => {
                self.is_deleted = true;
                self.evict(None, "deleted")
            }
            Operation::Disable if self.is_deleted => "unchanged",
            Operation::Disable => {
                self.is_disabled = true;
                let had = self.has_old_password;
                let answer = self.evict(None, "changed");
                self.has_old_password = had;
                answer
            }
            Operation::Refresh if self.is_deleted => "unknown",
            Operation::Refresh if !self.living.contains(&Session::Attacker) => "ended",
            Operation::Refresh => "refreshed",
            Operation::Ask if !self.living.contains(&Session::Attacker) => "session_ended",
            Operation::Ask => "started",
        }
    }

    fn open(&mut self, session: Session, answer: &'static str) -> &'static str {
        self.living.insert(session);
        answer
    }

    fn evict(&mut self, but: Option<Session>, answer: &'static str) -> &'static str {
        self.living.retain(|session| Some(*session) == but);
        self.codes.clear();
        self.has_old_password = false;
        answer
    }
}
