//! The ports through which API keys are stored.

use async_trait::async_trait;

use super::{ApiKey, ApiKeyId};
use crate::{
    clock::Timestamp,
    error::Result,
    secret::TokenHash,
    users::{User, UserId},
};

/// A key together with its owner, read in one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHolder {
    /// The key.
    pub key: ApiKey,
    /// Its owner.
    pub user: User,
}

impl KeyHolder {
    /// Whether the key is good at this moment.
    pub fn is_living(&self, now: Timestamp) -> bool {
        !self.key.is_expired(now) && self.user.is_active()
    }
}

/// Reads API keys.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ApiKeyReader: Send + Sync {
    /// The key of a digest and its owner as they are now, or, from a cache, as
    /// they were at most a second ago. A key that has expired, or whose owner is
    /// not active, may be given or be `None`: the domain asks
    /// [`KeyHolder::is_living`].
    ///
    /// # Obligations
    /// - Every member comes back, with the owner:
    ///   `a_key_is_found_with_its_owner`.
    /// - What this store committed counts at once, what another one committed
    ///   within a second: `a_revoked_key_is_refused_within_a_second`,
    ///   `a_change_of_a_keys_owner_is_seen_within_a_second`.
    /// - What was read before this store committed is not remembered after it:
    ///   `a_key_read_before_a_commit_is_not_remembered_after_it`.
    ///
    /// # Errors
    /// `storage_unavailable`; an internal error for rows that make no sense.
    async fn find_holder(&self, hash: TokenHash) -> Result<Option<KeyHolder>>;

    /// The keys of a user, expired ones too, oldest first.
    ///
    /// # Obligations
    /// - All of this user and nobody else's, in that order:
    ///   `keys_are_listed_oldest_first`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn list(&self, user: UserId) -> Result<Vec<ApiKey>>;
}

/// Writes API keys, in a unit of work.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ApiKeyWriter: Send + Sync {
    /// Stores a new key. Takes turns with every other change of its owner, so
    /// that whoever revokes all keys finds it, or it is stored after them.
    ///
    /// # Obligations
    /// - Every member is stored: `a_key_is_found_with_its_owner`.
    /// - Whoever changes the owner and revokes all keys meanwhile waits for it:
    ///   `a_key_that_is_being_stored_is_revoked_with_all`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn insert(&self, key: &ApiKey) -> Result<()>;

    /// Removes a key of this user; false where there is no such key.
    ///
    /// # Obligations
    /// - That key alone, and nobody else's: `a_key_is_revoked_by_its_owner_alone`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn revoke(&self, id: ApiKeyId, user: UserId) -> Result<bool>;

    /// Removes every key of a user; says how many.
    ///
    /// # Obligations
    /// - Of this user alone: `all_keys_of_a_user_are_revoked_at_once`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn revoke_all(&self, user: UserId) -> Result<u64>;

    /// Notes when a key was used. A key that is gone is passed over.
    ///
    /// # Obligations
    /// - That member alone, and never an earlier moment than is there; a key that
    ///   was revoked meanwhile is no error: `the_last_use_of_a_key_is_noted`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn record_use(&self, id: ApiKeyId, at: Timestamp) -> Result<()>;
}
