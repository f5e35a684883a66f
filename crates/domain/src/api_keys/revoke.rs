//! Taking a key away.

use super::{ApiKeyId, ApiKeys};
use crate::{
    audit::{EventKind, Origin},
    caller::OwnSession,
    error::{NotFound, Result},
};

impl ApiKeys {
    /// Removes a key of the caller: it is refused from now on. Writes
    /// `api_key.revoked`.
    ///
    /// # Errors
    /// `api_key_not_found`, also for somebody else's; those of the store.
    pub async fn revoke(&self, caller: &OwnSession, origin: &Origin, id: ApiKeyId) -> Result<()> {
        let context = &self.context;
        let user_id = caller.signed_in().id();
        let (now, actor) = (context.now(), caller.signed_in().actor());
        let event = context
            .event(now, EventKind::ApiKeyRevoked, &actor, origin)?
            .about(user_id)
            .in_session(caller.session_id());
        let unit = context.ports.store.begin().await?;
        if !unit.api_keys().revoke(id, user_id).await? {
            return Err(NotFound::ApiKey.into());
        }
        unit.commit(&[event]).await
    }
}
