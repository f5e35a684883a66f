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
    /// The user's `auth_version` when it was made. When the user's moves on, the
    /// token is void.
    pub auth_version: AuthVersion,
    /// The address that must still be the user's, for a mailed token.
    pub address: Option<EmailAddress>,
    /// The address that takes its place, for a change of address.
    pub new_address: Option<EmailAddress>,
    /// When it was asked for; a mailed one is made later.
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
    /// Stores a token in place of every other of this user and purpose; false,
    /// and nothing changes, where one that was asked for later is there.
    ///
    /// # Obligations
    /// - Every member is stored: `a_handed_out_token_survives_a_round_trip`.
    /// - The one before is not found any more:
    ///   `a_new_token_voids_the_one_before`.
    /// - One that was made later, by `created_at`, stays:
    ///   `a_token_that_was_asked_for_later_stays`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn replace(&self, token: &HandedOutToken) -> Result<bool>;

    /// Removes every token of a user that is bound to an address: the address
    /// is another now, and must not revive them when it comes back.
    ///
    /// # Obligations
    /// - Those of this user that have an address, and no other, no challenge:
    ///   `tokens_of_an_address_are_voided_together`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn void_mailed(&self, user: UserId) -> Result<()>;

    /// Stores a challenge of the second factor beside others of this user: each
    /// sign-in that is under way has one.
    ///
    /// # Obligations
    /// - Those before stay: `challenges_stand_side_by_side`.
    /// - For another purpose it is an error, which finishes the unit of work:
    ///   `after_an_internal_error_a_unit_of_work_is_finished`.
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

    /// Removes at most `limit` tokens that expired strictly before a moment; says
    /// how many.
    ///
    /// # Obligations
    /// - Those alone, whether or not others are void for another reason:
    ///   `expired_tokens_are_found_until_they_are_removed`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn remove_expired(&self, before: Timestamp, limit: u32) -> Result<u64>;
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::users::{AdminChanges, Change, Metadata, PasswordHash, Role, UserRecord, Version};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn user(email: Option<&str>) -> User {
        User::from_record(UserRecord {
            id: UserId::from_uuid(uuid::Uuid::from_u128(7)),
            username: crate::users::Username::parse("ann").ok(),
            email: email.and_then(|text| EmailAddress::parse(text).ok()),
            email_verified: false,
            first_name: None,
            last_name: None,
            phone_number: None,
            role: Role::User,
            suspended: false,
            mfa_enabled: false,
            external_id: None,
            metadata: Metadata::default(),
            version: Version::FIRST,
            created_at: at(0),
            updated_at: at(0),
            last_login_at: None,
            deleted_at: None,
        })
    }

    fn credentials(number: i64) -> Credentials {
        Credentials {
            password_hash: PasswordHash::new("$x"),
            auth_version: AuthVersion(number),
        }
    }

    fn token(address: Option<&str>) -> HandedOutToken {
        HandedOutToken {
            hash: TokenHash::parse_stored(&[7; 32]).expect("a digest"),
            purpose: TokenPurpose::PasswordReset,
            user_id: user(None).id,
            auth_version: AuthVersion(3),
            address: address.and_then(|text| EmailAddress::parse(text).ok()),
            new_address: None,
            created_at: at(0),
            expires_at: at(60),
        }
    }

    #[test]
    fn it_is_good_for_its_user_its_number_and_its_time() {
        let (token, owner) = (token(None), user(None));
        assert!(token.is_good_for(&owner, &credentials(3), at(59)));
        assert!(!token.is_good_for(&owner, &credentials(3), at(60)));
        for number in [2, 4] {
            assert!(!token.is_good_for(&owner, &credentials(number), at(0)));
        }
        let mut record = owner.record().clone();
        record.id = UserId::from_uuid(uuid::Uuid::from_u128(8));
        let other = User::from_record(record);
        assert!(!token.is_good_for(&other, &credentials(3), at(0)));
        let mut gone = owner;
        assert!(gone.delete(at(1)));
        assert!(!token.is_good_for(&gone, &credentials(3), at(1)));
    }

    #[test]
    fn one_that_was_mailed_is_good_for_its_address_whatever_the_spelling() {
        let good = |bound: Option<&str>, email: Option<&str>| {
            token(bound).is_good_for(&user(email), &credentials(3), at(0))
        };
        assert!(good(Some("ann@example.org"), Some("ANN@example.org")));
        assert!(!good(Some("ann@example.org"), Some("ben@example.org")));
        assert!(!good(Some("ann@example.org"), None));
        assert!(good(None, Some("ann@example.org")));
    }

    #[test]
    fn a_suspended_account_keeps_its_tokens() {
        let mut owner = user(None);
        let changes = AdminChanges {
            is_active: Some(false),
            email: Change::Keep,
            ..AdminChanges::default()
        };
        owner
            .apply(&crate::users::ProfileChanges::default(), &changes, at(1))
            .expect("suspended");
        assert!(token(None).is_good_for(&owner, &credentials(3), at(2)));
    }
}
