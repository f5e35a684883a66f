//! Somebody closes their own account.

use super::Accounts;
use crate::{
    audit::{EventKind, Origin},
    caller::SignedIn,
    error::Result,
    revision::{Outcome, Revision},
    users::SessionsAfter,
};

impl Accounts {
    /// Soft-deletes the caller's own account; every session ends. An
    /// administrator can restore it. Writes `user.closed`.
    ///
    /// # Errors
    /// `last_admin`, `edit_conflict`, those of the store.
    pub async fn close(&self, caller: &SignedIn, origin: &Origin) -> Result<()> {
        let actor = caller.actor();
        let revision = Revision {
            context: &self.context,
            actor: &actor,
            origin,
            id: caller.id(),
            expected: None,
        };
        revision
            .run(|user, now| {
                if !user.delete(now) {
                    return Ok(Outcome::Nothing);
                }
                let event = self
                    .context
                    .event(now, EventKind::UserClosed, &actor, origin)?
                    .about(user.id);
                Ok(Outcome::Write(SessionsAfter::End, vec![event]))
            })
            .await
            .map(drop)
    }
}
