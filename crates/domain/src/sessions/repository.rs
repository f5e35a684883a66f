//! The ports through which sessions are stored.

use async_trait::async_trait;

use super::{Rotation, Session, SessionId, SpentToken};
use crate::{
    clock::Timestamp,
    error::Result,
    secret::TokenHash,
    users::{AuthVersion, User, UserId},
};

/// A session together with its user, read in one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
    /// The user's current number.
    pub auth_version: AuthVersion,
}

impl Principal {
    /// Whether the session is in force at this moment.
    pub fn is_living(&self, now: Timestamp) -> bool {
        self.session.is_living(&self.user, self.auth_version, now)
    }
}

/// What a refresh token leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshLineage {
    /// The session and its user.
    pub principal: Principal,
    /// Where the token was used before.
    pub spent: Option<SpentToken>,
}

/// Reads sessions.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionReader: Send + Sync {
    /// The session and its user as they are now, or, from a cache, as they
    /// were at most a second ago. Asked on every request.
    async fn find_principal(&self, id: SessionId) -> Result<Option<Principal>>;

    /// What a refresh token, unspent or spent, leads to. Never from a cache.
    async fn find_by_refresh_token(&self, hash: TokenHash) -> Result<Option<RefreshLineage>>;

    /// The sessions of a user that are in force, the last used first.
    async fn list_living(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>>;
}

/// Writes sessions, in a unit of work.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionWriter: Send + Sync {
    /// Stores a new session.
    async fn insert(&self, session: &Session) -> Result<()>;

    /// Takes a step in the chain of refresh tokens, where the spent one is
    /// still the unspent one. One of several callers gets true; the others
    /// have changed nothing.
    async fn rotate(&self, rotation: &Rotation) -> Result<bool>;

    /// Ends a session of this user; false where there is no such session.
    async fn end(&self, id: SessionId, user: UserId) -> Result<bool>;

    /// Gives a session the user's new number, so that it outlives the end of
    /// all the others.
    async fn carry_over(
        &self,
        id: SessionId,
        user: UserId,
        auth_version: AuthVersion,
    ) -> Result<()>;

    /// Removes at most `limit` sessions that are over: expired before a
    /// moment, or of another number than their user's. Says how many.
    async fn remove_expired(&self, before: Timestamp, limit: u32) -> Result<u64>;
}
