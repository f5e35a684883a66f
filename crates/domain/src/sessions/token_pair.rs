//! What a sign-in and a refresh give.

use chrono::{SubsecRound, TimeDelta};
use secrecy::SecretString;

use super::{AccessClaims, AccessTokenId, Session, SessionId};
use crate::{clock::Timestamp, error::Result, ports::Context, secret::RawToken, users::User};

/// An access token, and the refresh token that gets the next pair.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TokenPair {
    /// Proves who is calling, for a short time.
    pub access_token: SecretString,
    /// How long the access token lasts.
    pub expires_in: TimeDelta,
    /// Gets the next pair, once.
    pub refresh_token: RawToken,
    /// How long the refresh token lasts unless it is used.
    pub refresh_expires_in: TimeDelta,
    /// The session that both belong to.
    pub session_id: SessionId,
    /// Whose they are.
    pub user: User,
}

impl Context {
    /// Signs an access token for a session and puts the pair together.
    pub(crate) async fn token_pair(
        &self,
        session: &Session,
        refresh_token: RawToken,
        user: User,
        now: Timestamp,
    ) -> Result<TokenPair> {
        let expires_in = self.rules.policy().lifetimes.access;
        // A JWT counts whole seconds.
        let issued_at = now.trunc_subsecs(0);
        let claims = AccessClaims {
            id: AccessTokenId::generate(now, self.ports.entropy.as_ref())?,
            user_id: user.id,
            session_id: session.id,
            role: user.role,
            issued_at,
            expires_at: issued_at + expires_in,
        };
        Ok(TokenPair {
            access_token: self.ports.access_tokens.sign(&claims).await?,
            expires_in,
            refresh_token,
            refresh_expires_in: session.expires_at - now,
            session_id: session.id,
            user,
        })
    }
}
