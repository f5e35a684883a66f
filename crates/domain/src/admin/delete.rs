//! Soft deletion.

use super::Administration;
use crate::{
    audit::{EventKind, Origin},
    caller::Admin,
    error::Result,
    revision::{Outcome, Revision, Written},
    users::{SessionsAfter, UserId},
};

impl Administration {
    /// Soft-deletes a user: the identifiers are free, every session ends, every
    /// API key is revoked. Nothing happens to one who is deleted already.
    ///
    /// Writes `user.deleted`. Sends no mail.
    ///
    /// # Errors
    /// `session_required` for a key of this very user; `user_not_found`;
    /// `last_admin`; `edit_conflict`; those of the store.
    pub async fn delete(&self, admin: &Admin, origin: &Origin, id: UserId) -> Result<()> {
        admin.require_person_for(id)?;
        let revision = Revision {
            context: &self.context,
            actor: admin.actor(),
            origin,
            id,
            expected: None,
        };
        revision
            .run(|user, now| {
                if !user.delete(now) {
                    return Ok(Outcome::Nothing);
                }
                let event = self
                    .context
                    .event(now, EventKind::UserDeleted, admin.actor(), origin)?
                    .about(id);
                let written = Written::new(SessionsAfter::End, vec![event]);
                Ok(Outcome::Write(written.revoking_keys()))
            })
            .await
            .map(drop)
    }
}
