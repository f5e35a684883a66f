//! The ports through which users are stored.

use async_trait::async_trait;

use super::{AuthVersion, EmailAddress, PasswordHash, User, UserId, UserQuery, Username, Version};
use crate::{
    clock::Timestamp,
    error::{Identifier, Result},
    page::{Page, PageRequest},
};

/// By what a user is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserKey {
    /// By id, deleted ones too.
    Id(UserId),
    /// By the canonical username, among the living.
    Username(Username),
    /// By the canonical address, among the living.
    Email(EmailAddress),
}

impl UserKey {
    /// From what somebody types to sign in: with an `@` an address, otherwise
    /// a username; blanks around it are cut. `None` where it can be neither.
    pub fn parse_identifier(text: &str) -> Option<Self> {
        let text = text.trim_matches(' ');
        if text.contains('@') {
            EmailAddress::parse(text).ok().map(Self::Email)
        } else {
            Username::parse(text).ok().map(Self::Username)
        }
    }
}

/// What opens an account, read in one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The stored form of the password.
    pub password_hash: PasswordHash,
    /// The number that belongs to this hash.
    pub auth_version: AuthVersion,
}

/// Reads users.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait UserReader: Send + Sync {
    /// The user of a key. Names and addresses are compared in canonical form
    /// and find only the living; an id finds the deleted too.
    async fn find(&self, key: &UserKey) -> Result<Option<User>>;

    /// The user and what opens the account, from one moment.
    async fn find_with_credentials(&self, key: &UserKey) -> Result<Option<(User, Credentials)>>;

    /// A page of the users that match, as [`UserQuery::matches`] has it, in the
    /// order of [`UserQuery::sort_key`]; `id` breaks ties.
    async fn list(&self, query: &UserQuery, page: &PageRequest) -> Result<Page<User>>;

    /// Which identifiers of `user` belong to another living user, in the order
    /// of [`Identifier::ALL`].
    async fn taken_identifiers(&self, user: &User) -> Result<Vec<Identifier>>;

    /// At most `limit` users that were deleted before a moment, oldest first.
    async fn list_deleted_before(&self, at: Timestamp, limit: u32) -> Result<Vec<UserId>>;
}

/// What an update does to the sessions and handed-out tokens of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionsAfter {
    /// They go on.
    Keep,
    /// They are void: the same UPDATE raises `auth_version`.
    End,
}

/// Writes users, in a unit of work.
///
/// An identifier that another living user has makes every verb that writes
/// identifiers fail with [`Conflict::Taken`](crate::error::Conflict::Taken),
/// naming all that are taken.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait UserWriter: Send + Sync {
    /// Stores a new user with [`AuthVersion::FIRST`].
    async fn insert(&self, user: &User, password_hash: &PasswordHash) -> Result<()>;

    /// Writes every member but `last_login_at`, where the stored version is
    /// still `expected`.
    ///
    /// # Errors
    /// [`Conflict::Stale`](crate::error::Conflict::Stale) where it is not.
    async fn update(&self, user: &User, expected: Version, sessions: SessionsAfter) -> Result<()>;

    /// As [`update`](Self::update), where the change takes away a working
    /// administrator. Takes turns with every other such change.
    ///
    /// # Errors
    /// [`Conflict::LastAdmin`](crate::error::Conflict::LastAdmin) where no
    /// other working administrator would be left.
    async fn update_keeping_an_admin(
        &self,
        user: &User,
        expected: Version,
        sessions: SessionsAfter,
    ) -> Result<()>;

    /// Sets a new password and raises `auth_version`, where it is still
    /// `expected` and the user is not deleted; gives the new number.
    ///
    /// # Errors
    /// [`Conflict::Stale`](crate::error::Conflict::Stale) where it is not.
    async fn set_password(
        &self,
        id: UserId,
        password_hash: &PasswordHash,
        expected: AuthVersion,
    ) -> Result<AuthVersion>;

    /// Replaces a hash by one of the same password, where it is still the old
    /// one; otherwise does nothing. Ends nothing.
    async fn rehash(&self, id: UserId, old: &PasswordHash, new: &PasswordHash) -> Result<()>;

    /// Raises `auth_version`: every session and handed-out token is void.
    async fn end_all_sessions(&self, id: UserId) -> Result<()>;

    /// Notes a sign-in in `last_login_at`; touches nothing else. False where
    /// there is no such user.
    async fn record_login(&self, id: UserId, at: Timestamp) -> Result<bool>;

    /// Removes a deleted user with all that hangs on it, and the personal data
    /// (address, user agent) in audit events about or by it; false where there
    /// is no such deleted user.
    async fn purge(&self, id: UserId) -> Result<bool>;
}
