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
    /// The user's current `auth_version`.
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
    /// How the token was spent; `None` for the unspent one.
    pub spent: Option<SpentToken>,
}

/// Reads sessions.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionReader: Send + Sync {
    /// The session and its user as they are now, or, from a cache, as they
    /// were at most a second ago. Asked on every request.
    ///
    /// A void or expired session may be given or be `None`: the domain asks
    /// [`Principal::is_living`].
    ///
    /// # Obligations
    /// - Session, user and number are from one moment, every member of them but
    ///   the request's id: `a_session_is_found_with_its_user`.
    /// - No session is `None`: `no_session_is_found_where_there_is_none`.
    /// - A void session is not in force: `void_sessions_are_known_to_be_void`.
    /// - What this store committed counts at once, what another one committed
    ///   within a second:
    ///   `a_store_sees_its_own_commits_in_the_session_check_at_once`,
    ///   `a_store_sees_commits_of_another_in_the_session_check_within_a_second`.
    /// - What was read before this store committed is not remembered after it:
    ///   `a_session_read_before_a_commit_is_not_remembered_after_it`.
    ///
    /// # Errors
    /// `storage_unavailable`; an internal error for rows that make no sense.
    async fn find_principal(&self, id: SessionId) -> Result<Option<Principal>>;

    /// What a refresh token, unspent or spent, leads to. Never from a cache.
    ///
    /// A token of a session that is not in force may lead to it or nowhere: the
    /// domain asks [`Principal::is_living`].
    ///
    /// # Obligations
    /// - The unspent token leads to its session:
    ///   `an_unspent_refresh_token_leads_to_its_session`.
    /// - So does every spent one while the session is in force, and says when and
    ///   with which salt it was spent:
    ///   `every_spent_refresh_token_leads_to_its_session`.
    /// - A void session is not in force: `void_sessions_are_known_to_be_void`.
    /// - A token of no session leads nowhere:
    ///   `no_session_is_found_where_there_is_none`,
    ///   `an_ended_session_is_gone_with_its_tokens`.
    ///
    /// # Errors
    /// `storage_unavailable`; an internal error for rows that make no sense.
    async fn find_by_refresh_token(&self, hash: TokenHash) -> Result<Option<RefreshLineage>>;

    /// The sessions of a user that are in force, the last used first; those last
    /// used at the same moment in either order.
    ///
    /// # Obligations
    /// - In that order, of this user alone:
    ///   `living_sessions_are_listed_last_used_first`.
    /// - In force as [`Session::is_living`] has it: not expired, of the user's
    ///   number, and the user is active: `sessions_that_are_over_are_not_listed`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn list_living(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>>;
}

/// Writes sessions, in a unit of work.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionWriter: Send + Sync {
    /// Stores a new session.
    ///
    /// # Obligations
    /// - Every member is stored but the request's id, which may be left out:
    ///   `a_session_is_found_with_its_user`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn insert(&self, session: &Session) -> Result<()>;

    /// Takes a step in the chain of refresh tokens, where the spent one is
    /// still the unspent one. One of several callers gets true; the others
    /// have changed nothing.
    ///
    /// # Obligations
    /// - The next token is the unspent one, the times of last use and expiry
    ///   move, nothing else does: `a_rotation_moves_the_session_on`.
    /// - Least of all its number: a session that has become void may be rotated
    ///   or not, and stays void: `a_rotation_revives_no_void_session`.
    /// - The spent token is remembered:
    ///   `every_spent_refresh_token_leads_to_its_session`.
    /// - It is compare-and-set on session, user and token; a loser changes
    ///   nothing: `a_lost_rotation_changes_nothing`,
    ///   `one_of_many_rotations_wins`.
    ///
    /// # Errors
    /// `storage_unavailable`. A lost race is false, not an error.
    async fn rotate(&self, rotation: &Rotation) -> Result<bool>;

    /// Ends a session of this user; false where there is no such session.
    ///
    /// # Obligations
    /// - The session goes with all its tokens, another user's does not:
    ///   `an_ended_session_is_gone_with_its_tokens`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn end(&self, id: SessionId, user: UserId) -> Result<bool>;

    /// Gives a session the user's new `auth_version`, so that it outlives the end
    /// of all the others.
    ///
    /// # Obligations
    /// - This session alone goes on, and nothing else of it moves:
    ///   `a_session_that_is_carried_over_outlives_the_others`.
    /// - Somebody else's session is left as it is:
    ///   `nobody_carries_over_the_session_of_another`.
    ///
    /// # Errors
    /// `storage_unavailable`. A session that is not there may be an error or be
    /// passed over.
    async fn carry_over(
        &self,
        id: SessionId,
        user: UserId,
        auth_version: AuthVersion,
    ) -> Result<()>;

    /// Removes at most `limit` sessions that are over: expired strictly before a
    /// moment, or of another number than their user's. Says how many.
    ///
    /// # Obligations
    /// - What is over goes with its spent tokens, everything else stays, that of
    ///   the suspended too, and no more than `limit` go at once:
    ///   `sessions_that_are_over_are_removed_in_portions`.
    ///
    /// # Errors
    /// `storage_unavailable`.
    async fn remove_expired(&self, before: Timestamp, limit: u32) -> Result<u64>;
}
