//! Getting the next pair of tokens.

use secrecy::{ExposeSecret, SecretString};

use super::{Principal, RefreshLineage, Session, Sessions, TokenPair};
use crate::{
    audit::{Actor, EventKind, Origin},
    error::{Conflict, Result, Unauthenticated},
    secret::{RawToken, TokenPurpose},
};

/// A loser of the race reads again and finds the winner's step; the second
/// time only where that was taken back.
const MOST_ATTEMPTS: usize = 3;

impl Sessions {
    /// Spends a refresh token and gives the next pair. Within the grace time,
    /// and while the next token is unspent, a repetition gets the same one
    /// again. Any other repetition ends the session.
    ///
    /// Writes `session.reuse_detected` where the session is ended, and no event
    /// where the refresh succeeds: that is bookkeeping.
    ///
    /// # Errors
    /// `invalid_refresh_token` for a token that is unknown, expired, of a session
    /// that is over, or used again too late; `edit_conflict` after three lost
    /// races; those of store and signer.
    pub async fn refresh(&self, origin: &Origin, token: &SecretString) -> Result<TokenPair> {
        let presented = RawToken::parse(TokenPurpose::Refresh, token.expose_secret())
            .ok_or(Unauthenticated::RefreshToken)?;
        for _ in 0..MOST_ATTEMPTS {
            let RefreshLineage { principal, spent } = self
                .context
                .ports
                .store
                .sessions()
                .find_by_refresh_token(presented.hash())
                .await?
                .filter(|lineage| lineage.principal.is_living(self.context.now()))
                .ok_or(Unauthenticated::RefreshToken)?;
            let Some(spent) = spent else {
                match self.rotate(&presented, &principal).await? {
                    Some(pair) => return Ok(pair),
                    None => continue,
                }
            };
            let grace = self.context.rules.policy().lifetimes.refresh_grace;
            let now = self.context.now();
            let session = &principal.session;
            return match session.successor_again(&presented, &spent, grace, now)? {
                Some(successor) => {
                    self.context
                        .token_pair(session, successor, principal.user, now)
                        .await
                }
                None => self.end_family(origin, session).await,
            };
        }
        Err(Conflict::Stale.into())
    }

    /// `None` where somebody else has taken the step.
    async fn rotate(
        &self,
        presented: &RawToken,
        principal: &Principal,
    ) -> Result<Option<TokenPair>> {
        let context = &self.context;
        let lifetimes = &context.rules.policy().lifetimes;
        let entropy = context.ports.entropy.as_ref();
        let now = context.now();
        let (rotation, successor) = principal
            .session
            .rotate(presented, lifetimes, now, entropy)?;
        let session = Session {
            expires_at: rotation.expires_at,
            ..principal.session.clone()
        };
        let pair = context
            .token_pair(&session, successor, principal.user.clone(), now)
            .await?;
        let unit = context.ports.store.begin().await?;
        if !unit.sessions().rotate(&rotation).await? {
            return Ok(None);
        }
        unit.commit(&[]).await?;
        Ok(Some(pair))
    }

    async fn end_family<T>(&self, origin: &Origin, session: &Session) -> Result<T> {
        let context = &self.context;
        let event = context
            .event(
                context.now(),
                EventKind::SessionReuseDetected,
                &Actor::Anonymous,
                origin,
            )?
            .about(session.user_id)
            .in_session(session.id);
        let unit = context.ports.store.begin().await?;
        if unit.sessions().end(session.id, session.user_id).await? {
            unit.commit(&[event]).await?;
        }
        Err(Unauthenticated::RefreshToken.into())
    }
}
