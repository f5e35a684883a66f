//! Ending one of the caller's own sessions.

use super::{SessionId, Sessions};
use crate::{
    audit::Origin,
    caller::SignedIn,
    error::{NotFound, Result},
};

impl Sessions {
    /// Ends a session of the caller. Writes `session.ended`.
    ///
    /// # Errors
    /// `session_required` for a key; `session_not_found`, also for somebody
    /// else's; those of the store.
    pub async fn end(&self, caller: &SignedIn, origin: &Origin, id: SessionId) -> Result<()> {
        caller.require_person()?;
        if self
            .end_session(id, caller.id(), &caller.actor(), origin)
            .await?
        {
            Ok(())
        } else {
            Err(NotFound::Session.into())
        }
    }
}
