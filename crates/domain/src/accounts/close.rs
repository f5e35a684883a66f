//! Somebody closes their own account.

use super::Accounts;
use crate::{
    audit::{EventKind, Origin},
    caller::SignedIn,
    error::Result,
    revision::{Outcome, Revision, Written},
    users::SessionsAfter,
};

impl Accounts {
    /// Soft-deletes the caller's own account; every session ends and every API
    /// key is revoked. An administrator can restore it.
    ///
    /// Writes `user.closed`, and nothing where the account is deleted already.
    /// Sends no mail.
    ///
    /// # Errors
    /// `session_required` for a key; `last_admin`; `user_not_found` where the
    /// account was removed for good meanwhile; `edit_conflict`; those of the
    /// store.
    pub async fn close(&self, caller: &SignedIn, origin: &Origin) -> Result<()> {
        caller.require_person()?;
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
                let written = Written::new(SessionsAfter::End, vec![event]);
                Ok(Outcome::Write(written.revoking_keys()))
            })
            .await
            .map(drop)
    }
}
