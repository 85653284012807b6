//! Whoever knows an old password, or holds an old session or code, against what is to evict them: a change or a reset of the
//! password, an operator who disables the account, its deletion. Both at once, in either order.
//!
//! [`interleaved`] makes two SQL functions wait for the same row and decides who gets it first; [`rounds`] lets the product's
//! clients race. [`MUTANTS`] are mistakes that `interleaved` has to notice.

pub mod interleaved;
pub mod model;
mod people;
pub mod rounds;

use crate::torture::mutants::{SqlMutant, mutant};

/// What evicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The owner changes the password: every session but theirs ends.
    Change,
    /// The owner resets it by mail: every session ends.
    Reset,
    /// An operator disables the account.
    Disable,
    /// The owner deletes the account.
    Delete,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Change, Self::Reset, Self::Disable, Self::Delete];
}

/// Mistakes made on purpose: after each, somebody who was evicted gets in.
pub const MUTANTS: &[SqlMutant] = &[
    mutant(
        "credential_version_is_not_compared",
        "session_seen",
        "s.credential_version = u.credential_version AND u.disabled_at IS NULL",
        "true",
    ),
    mutant("credential_version_is_not_counted", "password_set", "u.credential_version + 1", "u.credential_version"),
    mutant("disabling_counts_no_version", "user_set_disabled", "+ p_is_disabled::int", ""),
    mutant("enter_does_not_look_again", "enter", "IF v_seen IS NULL THEN", "IF false THEN"),
    mutant(
        "log_in_believes_its_caller",
        "login_finish",
        "(v_user.password_hash IN (p_hash, p_new_hash)) IS NOT TRUE",
        "v_user.id IS NULL",
    ),
    mutant("log_in_locks_nobody", "login_finish", "u.id = p_user FOR NO KEY UPDATE", "u.id = p_user"),
    mutant("log_in_does_not_see_disabled", "login_finish", "v_user.disabled_at IS NOT NULL", "false"),
    mutant(
        "registration_opens_any_account",
        "register_finish",
        "u.password_hash = p_password_hash AND u.disabled_at IS NULL",
        "true",
    ),
    mutant(
        "refresh_looks_at_revocations_alone",
        "session_refresh",
        "navigator.session_seen(v_session.user_id, v_session.id) IS NULL",
        "v_session.revoked_at IS NOT NULL",
    ),
    mutant("reset_locks_nobody", "secret_person", "FOR NO KEY UPDATE", ""),
    mutant(
        "verification_compares_no_version",
        "verification_confirm",
        "AND o.credential_version = v_user.credential_version AND v_user.disabled_at IS NULL",
        "AND o.user_id IS NOT NULL",
    ),
    mutant(
        "change_does_not_look_again",
        "password_change",
        "WHEN navigator.session_seen(p_user, p_session) IS NULL THEN 'session_ended'",
        "WHEN false THEN ''",
    ),
    mutant(
        "deletion_does_not_look_again",
        "account_delete",
        "CASE WHEN navigator.session_seen(p_user, p_session) IS NULL THEN 'session_ended' END",
        "NULL",
    ),
];
