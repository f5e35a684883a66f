//! The ports through which the outbox is stored.

use async_trait::async_trait;

use super::{Attempt, ClaimedMail, Mail, MailId, MailState, Settlement};
use crate::{clock::Timestamp, error::Result};

/// Which mails a list holds, oldest first. The default finds the 100 oldest of
/// both states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailQuery {
    /// Only mails of this state. `None`: of both.
    pub state: Option<MailState>,
    /// How many mails at most; 0 finds none.
    pub limit: u32,
}

impl Default for MailQuery {
    fn default() -> Self {
        Self {
            state: None,
            limit: 100,
        }
    }
}

/// How many mails are in the outbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MailCounts {
    /// To be sent.
    pub pending: u64,
    /// Given up.
    pub abandoned: u64,
}

/// Reads the outbox.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait OutboxReader: Send + Sync {
    /// Whether a pending mail is due, its claim, if any, being over: from the very
    /// moment of `due_at` on.
    ///
    /// # Obligations
    /// - Neither an abandoned mail nor one that is claimed or due later counts:
    ///   `a_mail_is_due_when_it_can_be_claimed`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn has_due(&self, now: Timestamp) -> Result<bool>;

    /// The oldest mails of a state, by `created_at` and id.
    ///
    /// # Obligations
    /// - Every member of mail and attempt comes back:
    ///   `a_mail_survives_a_round_trip`.
    /// - In that order, of that state, no more than asked for:
    ///   `mails_are_listed_oldest_first`.
    ///
    /// # Errors
    /// `storage_unavailable`; an internal error for rows that make no sense.
    async fn list(&self, query: &MailQuery) -> Result<Vec<(Mail, Attempt)>>;

    /// How many there are.
    ///
    /// # Obligations
    /// - Each counts under its state: `mails_are_counted_by_state`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn count(&self) -> Result<MailCounts>;
}

/// Writes the outbox, in a unit of work.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait OutboxWriter: Send + Sync {
    /// Puts a mail into the outbox, due from its `created_at` on.
    ///
    /// # Obligations
    /// - Every member is stored, with [`Attempt::first`] of the mail's
    ///   `created_at`: `a_mail_survives_a_round_trip`.
    /// - It is there with the unit of work and not without:
    ///   `a_mail_is_stored_with_the_write_that_causes_it`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn add(&self, mail: &Mail) -> Result<()>;

    /// Claims at most `limit` mails that are due, those that wait longest
    /// first: counts the try in `tries` and `unknown` and makes them due again
    /// at `lease_until`. Due is what is due at `now` or was before. They are given
    /// in any order.
    ///
    /// # Obligations
    /// - What is claimed is nobody else's until the lease is over, and then it
    ///   is: `a_claim_holds_until_its_lease_is_over`.
    /// - Of many at once each gets others: `no_two_claims_get_the_same_mail`.
    /// - Those that wait longest come first, and no more than `limit`:
    ///   `those_that_wait_longest_are_claimed_first`.
    /// - Abandoned mails and those due later stay:
    ///   `a_mail_is_due_when_it_can_be_claimed`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn claim(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedMail>>;

    /// Ends a claim, where it is still this one: of this mail, with these `tries`
    /// and this `due_at`; false where it is somebody else's by now. Whether one
    /// that was settled can be settled again the same way: either.
    ///
    /// The number of tries alone does not tell: [`retry`](Self::retry) starts it
    /// anew, while somebody may still hang in a try of before. Every claim ends
    /// later than those before it.
    ///
    /// # Obligations
    /// - It is removed, or stays as it is told, and what it is told is still there
    ///   while the next try is under way: `a_claim_is_settled_as_told`.
    /// - A claim that was lost settles nothing: `a_lost_claim_settles_nothing`.
    /// - Neither does one of before a retry:
    ///   `a_claim_of_before_a_retry_settles_nothing`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn settle(&self, claimed: &ClaimedMail, settlement: &Settlement) -> Result<bool>;

    /// Makes an abandoned mail pending, due at a moment, with no tries counted;
    /// all of them without an id. Says how many.
    ///
    /// # Obligations
    /// - Abandoned ones alone; `tries` and `unknown` are 0 then, and `last_error`
    ///   is kept or not, as the store likes: `an_abandoned_mail_can_be_tried_again`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn retry(&self, id: Option<MailId>, due_at: Timestamp) -> Result<u64>;
}
