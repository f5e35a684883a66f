//! The port to everything that is kept.
//!
//! Each method says under **Obligations** what an implementer owes, and which
//! check of `userhub-testkit`'s conformance kit proves it. A store that passes
//! `store_conformance!` keeps all of them.
//!
//! What holds for every method: text comes back letter by letter and moments
//! to the microsecond, rows that make no sense are
//! [`Error::Internal`](crate::Error::Internal) and not a panic, and a store that
//! cannot be reached is `storage_unavailable` after a bounded wait, not a hang.

use async_trait::async_trait;

use crate::{
    api_keys::{ApiKeyReader, ApiKeyWriter},
    audit::{AuditEvent, AuditReader},
    error::Result,
    handed_out::{HandedOutTokenReader, HandedOutTokenWriter},
    mail::{OutboxReader, OutboxWriter},
    second_factor::{SecondFactorReader, SecondFactorWriter},
    sessions::{SessionReader, SessionWriter},
    throttle::AttemptWriter,
    users::{UserReader, UserWriter},
};

/// What is kept: readers, each of whose methods sees what was committed, and
/// units of work that write.
///
/// Use cases read and think outside of a unit of work and only write inside.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads users.
    ///
    /// # Obligations
    /// - The reader sees what was committed and does not wait for a writer:
    ///   `nothing_is_visible_before_the_commit`.
    /// - What was committed is there when the store is opened again:
    ///   `what_is_committed_is_there_when_the_store_is_opened_again`.
    fn users(&self) -> &dyn UserReader;

    /// Reads sessions.
    ///
    /// # Obligations
    /// - The reader sees what was committed and does not wait for a writer:
    ///   `nothing_is_visible_before_the_commit`.
    fn sessions(&self) -> &dyn SessionReader;

    /// Reads tokens that were handed out.
    ///
    /// # Obligations
    /// - The reader sees what was committed and nothing else:
    ///   `a_dropped_unit_of_work_leaves_no_trace`.
    fn handed_out_tokens(&self) -> &dyn HandedOutTokenReader;

    /// Reads second factors.
    ///
    /// # Obligations
    /// - The reader sees what was committed and nothing else:
    ///   `a_dropped_unit_of_work_leaves_nothing_of_the_account_flows`.
    fn second_factors(&self) -> &dyn SecondFactorReader;

    /// Reads API keys.
    ///
    /// # Obligations
    /// - The reader sees what was committed and nothing else:
    ///   `a_dropped_unit_of_work_leaves_nothing_of_the_account_flows`.
    fn api_keys(&self) -> &dyn ApiKeyReader;

    /// Reads the outbox.
    ///
    /// # Obligations
    /// - The reader sees what was committed and nothing else:
    ///   `a_mail_is_stored_with_the_write_that_causes_it`.
    fn outbox(&self) -> &dyn OutboxReader;

    /// Reads audit events.
    ///
    /// # Obligations
    /// - The reader sees what was committed and nothing else:
    ///   `events_are_stored_with_the_write_and_not_without`.
    fn audit(&self) -> &dyn AuditReader;

    /// Starts a unit of work: nothing of it is visible before
    /// [`commit`](UnitOfWork::commit).
    ///
    /// # Obligations
    /// - Nobody sees a write before the commit, through this store or another
    ///   one on the same data: `nothing_is_visible_before_the_commit`.
    /// - Dropping the unit of work takes everything back and gives the turn to
    ///   the next: `a_dropped_unit_of_work_leaves_no_trace`.
    /// - Verbs see what verbs of the same unit of work have written:
    ///   `verbs_of_one_unit_of_work_see_each_other`.
    /// - Who has to wait for a turn gets it, and failures give theirs back:
    ///   `many_at_once_are_all_served`,
    ///   `many_failures_leave_the_store_working`.
    ///
    /// # Errors
    /// `storage_unavailable` where the store does not answer in bounded time.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>>;
}

/// Writes that happen together or not at all.
///
/// Dropping it takes everything back, also while a call is under way
/// (`a_unit_of_work_dropped_in_a_call_leaves_no_trace`). After any error it is
/// finished: every further verb, and the commit, fail
/// (`after_a_conflict_a_unit_of_work_is_finished`,
/// `after_a_lost_race_a_unit_of_work_is_finished`,
/// `after_the_last_administrator_a_unit_of_work_is_finished`,
/// `after_an_internal_error_a_unit_of_work_is_finished`). An answer of `false`
/// is no error. Where a call is given up and the unit of work is not, that call
/// may be done or not, or the unit of work be finished.
///
/// Locks, where there are some, are taken in one order: the guard of the last
/// administrator, users by id, sessions, handed-out tokens, second factors, API
/// keys, the outbox, events. Attempts are counted in units of work of their
/// own, those of a client before those of an account.
#[must_use = "what is not committed is taken back"]
#[async_trait]
pub trait UnitOfWork: Send + Sync {
    /// Writes users.
    ///
    /// # Obligations
    /// - It writes within this unit of work:
    ///   `a_dropped_unit_of_work_leaves_no_trace`.
    fn users(&self) -> &dyn UserWriter;

    /// Writes sessions.
    ///
    /// # Obligations
    /// - It writes within this unit of work:
    ///   `a_dropped_unit_of_work_leaves_no_trace`.
    fn sessions(&self) -> &dyn SessionWriter;

    /// Writes tokens that are handed out.
    ///
    /// # Obligations
    /// - It writes within this unit of work:
    ///   `a_dropped_unit_of_work_leaves_no_trace`.
    fn handed_out_tokens(&self) -> &dyn HandedOutTokenWriter;

    /// Writes second factors.
    ///
    /// # Obligations
    /// - It writes within this unit of work:
    ///   `a_dropped_unit_of_work_leaves_nothing_of_the_account_flows`.
    fn second_factors(&self) -> &dyn SecondFactorWriter;

    /// Writes API keys.
    ///
    /// # Obligations
    /// - It writes within this unit of work:
    ///   `a_dropped_unit_of_work_leaves_nothing_of_the_account_flows`.
    fn api_keys(&self) -> &dyn ApiKeyWriter;

    /// Writes the outbox.
    ///
    /// # Obligations
    /// - It writes within this unit of work:
    ///   `a_mail_is_stored_with_the_write_that_causes_it`.
    fn outbox(&self) -> &dyn OutboxWriter;

    /// Counts attempts.
    ///
    /// # Obligations
    /// - It writes within this unit of work:
    ///   `a_dropped_unit_of_work_leaves_nothing_of_the_account_flows`.
    fn attempts(&self) -> &dyn AttemptWriter;

    /// Makes everything durable, the events with it. When this returns,
    /// every reader sees it and a crash does not take it back.
    ///
    /// # Obligations
    /// - The events are stored with the writes, all of them, and never without
    ///   them; no order is kept, since readers sort by `at` and id:
    ///   `events_are_stored_with_the_write_and_not_without`,
    ///   `events_of_a_failed_write_are_not_stored`.
    /// - After an error of any verb the commit fails and leaves nothing:
    ///   `after_a_conflict_a_unit_of_work_is_finished`,
    ///   `after_a_lost_race_a_unit_of_work_is_finished`,
    ///   `after_the_last_administrator_a_unit_of_work_is_finished`,
    ///   `after_an_internal_error_a_unit_of_work_is_finished`.
    /// - Whoever gives it up in the middle leaves all or nothing, and the turn to
    ///   the next: `a_dropped_commit_is_done_wholly_or_not_at_all`.
    /// - It is durable:
    ///   `what_is_committed_is_there_when_the_store_is_opened_again`.
    /// - From then on [`find_principal`](SessionReader::find_principal) of this
    ///   store answers by it, whatever was remembered:
    ///   `a_store_sees_its_own_commits_in_the_session_check_at_once`.
    ///
    /// # Errors
    /// `storage_unavailable`; an internal error for a unit of work that is
    /// finished. Nothing was written then.
    async fn commit(self: Box<Self>, events: &[AuditEvent]) -> Result<()>;
}
