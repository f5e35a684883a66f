//! Signing out: here, or everywhere.

use secrecy::{ExposeSecret, SecretString};

use super::{SessionId, Sessions};
use crate::{
    audit::{Actor, EventKind, Origin},
    caller::SignedIn,
    error::Result,
    secret::{RawToken, TokenPurpose},
    users::UserId,
};

impl Sessions {
    /// Ends the caller's session. Writes `session.ended`.
    ///
    /// Does nothing, and writes nothing, for a caller without a session of
    /// UserHub ([`SignedIn::trust`]) and for a session that has ended already.
    ///
    /// # Errors
    /// `session_required` for a key; those of the store.
    pub async fn logout(&self, caller: &SignedIn, origin: &Origin) -> Result<()> {
        caller.require_person()?;
        if let Some(session_id) = caller.session_id() {
            self.end_session(session_id, caller.id(), &caller.actor(), origin)
                .await?;
        }
        Ok(())
    }

    /// Ends the session of a refresh token, spent or not. Writes
    /// `session.ended`.
    ///
    /// Does nothing, and writes nothing, where the token leads to no session.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn logout_by_refresh_token(
        &self,
        origin: &Origin,
        token: &SecretString,
    ) -> Result<()> {
        let Some(token) = RawToken::parse(TokenPurpose::Refresh, token.expose_secret()) else {
            return Ok(());
        };
        let sessions = self.context.ports.store.sessions();
        if let Some(lineage) = sessions.find_by_refresh_token(token.hash()).await? {
            let session = &lineage.principal.session;
            let actor = Actor::User(session.user_id);
            self.end_session(session.id, session.user_id, &actor, origin)
                .await?;
        }
        Ok(())
    }

    /// Ends every session of the caller, this one too, and every handed-out
    /// token; API keys go on. Writes `session.all_ended`.
    ///
    /// # Errors
    /// `session_required` for a key; those of the store.
    pub async fn logout_all(&self, caller: &SignedIn, origin: &Origin) -> Result<()> {
        caller.require_person()?;
        self.context
            .end_all_sessions(caller.id(), &caller.actor(), origin)
            .await
    }

    /// Says whether there was such a session.
    pub(super) async fn end_session(
        &self,
        id: SessionId,
        user: UserId,
        actor: &Actor,
        origin: &Origin,
    ) -> Result<bool> {
        let context = &self.context;
        let event = context
            .event(context.now(), EventKind::SessionEnded, actor, origin)?
            .about(user)
            .in_session(id);
        let unit = context.ports.store.begin().await?;
        let ended = unit.sessions().end(id, user).await?;
        if ended {
            unit.commit(&[event]).await?;
        }
        Ok(ended)
    }
}

impl crate::ports::Context {
    /// Makes every session and handed-out token of a user void.
    pub(crate) async fn end_all_sessions(
        &self,
        user: UserId,
        actor: &Actor,
        origin: &Origin,
    ) -> Result<()> {
        let event = self
            .event(self.now(), EventKind::SessionAllEnded, actor, origin)?
            .about(user);
        let unit = self.ports.store.begin().await?;
        unit.users().end_all_sessions(user).await?;
        unit.commit(&[event]).await
    }
}
