//! Tokens that are handed or mailed to somebody, to be used once.

use async_trait::async_trait;

use crate::{
    clock::Timestamp,
    error::Result,
    secret::{TokenHash, TokenPurpose},
    users::{AuthVersion, Credentials, EmailAddress, User, UserId},
};

/// A token that is good for one use by one account. It dies with the
/// `auth_version` that it was made under, and a mailed one with the address
/// that the account had then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOutToken {
    /// The digest of the token.
    pub hash: TokenHash,
    /// What it is for.
    pub purpose: TokenPurpose,
    /// Whose it is.
    pub user_id: UserId,
    /// The number that must still be the user's.
    pub auth_version: AuthVersion,
    /// The address that must still be the user's, for a mailed token.
    pub address: Option<EmailAddress>,
    /// The address that takes its place, for a change of address.
    pub new_address: Option<EmailAddress>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is worthless.
    pub expires_at: Timestamp,
}

impl HandedOutToken {
    /// Whether it is good for this user, as it is now, at this moment.
    pub fn is_good_for(&self, user: &User, credentials: &Credentials, now: Timestamp) -> bool {
        let is_bound_address = |bound: &EmailAddress| {
            user.email.as_ref().map(EmailAddress::canonical) == Some(bound.canonical())
        };
        now < self.expires_at
            && self.user_id == user.id
            && self.auth_version == credentials.auth_version
            && user.deleted_at.is_none()
            && self.address.as_ref().is_none_or(is_bound_address)
    }
}

/// Reads tokens that were handed out.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait HandedOutTokenReader: Send + Sync {
    /// The unused token of a digest and a purpose, expired or not.
    ///
    /// # Obligations
    /// - Every member comes back: `a_handed_out_token_survives_a_round_trip`.
    /// - A token of another purpose is not found:
    ///   `a_token_is_found_for_its_purpose_alone`.
    /// - An expired one is, while it is there; the domain judges time:
    ///   `expired_tokens_are_found_until_they_are_removed`.
    ///
    /// # Errors
    /// `storage_unavailable`; an internal error for rows that make no sense.
    async fn find(&self, hash: TokenHash, purpose: TokenPurpose) -> Result<Option<HandedOutToken>>;
}

/// Writes tokens that are handed out, in a unit of work.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait HandedOutTokenWriter: Send + Sync {
    /// Stores a token in place of every other of this user and purpose.
    ///
    /// # Obligations
    /// - Every member is stored: `a_handed_out_token_survives_a_round_trip`.
    /// - The one before is not found any more:
    ///   `a_new_token_voids_the_one_before`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn replace(&self, token: &HandedOutToken) -> Result<()>;

    /// Stores a challenge of the second factor beside others of this user: each
    /// sign-in that is under way has one.
    ///
    /// # Obligations
    /// - Those before stay: `challenges_stand_side_by_side`.
    ///
    /// # Errors
    /// `storage_unavailable`; an internal error for another purpose than
    /// [`TokenPurpose::MfaChallenge`].
    async fn add_challenge(&self, token: &HandedOutToken) -> Result<()>;

    /// Uses a token up. One of several callers gets true.
    ///
    /// # Obligations
    /// - It is not found any more: `a_consumed_token_is_gone`.
    /// - Of many at once one gets true: `one_of_many_consumes_a_token`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn consume(&self, hash: TokenHash) -> Result<bool>;

    /// Removes at most `limit` tokens that expired before a moment; says how many.
    ///
    /// # Obligations
    /// - Those alone: `expired_tokens_are_found_until_they_are_removed`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn remove_expired(&self, before: Timestamp, limit: u32) -> Result<u64>;
}
