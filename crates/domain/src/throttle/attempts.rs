//! The port through which attempts are counted.

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use super::AttemptRule;
use crate::{clock::Timestamp, error::Result};

/// What attempts are counted under: a digest, so that what is counted is
/// bounded in size and tells nobody's name or address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptKey([u8; 32]);

impl AttemptKey {
    /// Of a canonical text under one kind of attempt.
    pub fn new(kind: &'static str, canonical: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update(kind.as_bytes());
        digest.update([0]);
        digest.update(canonical.as_bytes());
        Self(digest.finalize().into())
    }

    /// The digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What counting an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// It may go on. It is the n-th in a row, counted from 1.
    Allowed(u32),
    /// It was not counted and may not go on before this moment.
    Blocked(Timestamp),
}

/// Counts attempts, in a unit of work of their own that is committed before
/// anything is checked.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AttemptWriter: Send + Sync {
    /// Counts an attempt, unless the one before said to wait: then nothing
    /// changes. One statement that no other comes between.
    ///
    /// - Without a count, or where it is forgotten: the count is 1.
    /// - Otherwise it is one more than before.
    /// - The next attempt is blocked until `now` and
    ///   [`AttemptRule::delay_after`] this count, if that says so.
    /// - The count is forgotten [`AttemptRule::forgotten_after`] after `now`
    ///   and the delay, from that very moment on.
    ///
    /// # Obligations
    /// - As described above: `attempts_are_counted_as_the_rule_says`,
    ///   `a_blocked_attempt_is_not_counted`, `old_attempts_are_forgotten`.
    /// - Keys do not mix: `attempts_of_one_key_do_not_count_for_another`.
    /// - Of many at once, through two stores on one database, no more go on
    ///   than are free: `no_more_attempts_at_once_than_are_free`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn count(&self, key: AttemptKey, rule: &AttemptRule, now: Timestamp) -> Result<Counted>;

    /// Forgets all attempts of a key: this one was right.
    ///
    /// # Obligations
    /// - The next is the first again: `a_key_can_be_forgotten`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn forget(&self, key: AttemptKey) -> Result<()>;

    /// Takes back one attempt of a key, and any wait: this one was right, those
    /// before it were not. A count of 0 may stay or go.
    ///
    /// # Obligations
    /// - The count is one less, never below 0, and nothing is blocked; when it is
    ///   forgotten stays as it was: `an_attempt_can_be_taken_back`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn take_back(&self, key: AttemptKey) -> Result<()>;

    /// Removes at most `limit` counts that were forgotten strictly before a
    /// moment; says how many.
    ///
    /// # Obligations
    /// - Those alone: `forgotten_attempts_are_removed_in_portions`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn remove_forgotten(&self, before: Timestamp, limit: u32) -> Result<u64>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_of_kind_and_text_and_of_where_one_ends() {
        let key = AttemptKey::new("mail", "ann");
        assert_eq!(key, AttemptKey::new("mail", "ann"));
        let digest: [u8; 32] = Sha256::digest(b"mail\0ann").into();
        assert_eq!(key.as_bytes(), &digest);
        for (kind, text) in [("mail", "ben"), ("code", "ann"), ("maila", "nn")] {
            assert_ne!(key, AttemptKey::new(kind, text), "{kind} {text}");
        }
    }
}
