//! Soft deletion.

use super::Administration;
use crate::{
    audit::{EventKind, Origin},
    caller::Admin,
    error::Result,
    revision::{Outcome, Revision},
    users::{SessionsAfter, UserId},
};

impl Administration {
    /// Soft-deletes a user: the identifiers are free, every session ends.
    /// Nothing happens to one who is deleted already. Writes `user.deleted`.
    ///
    /// # Errors
    /// `user_not_found`, `last_admin`, `edit_conflict`, those of the store.
    pub async fn delete(&self, admin: &Admin, origin: &Origin, id: UserId) -> Result<()> {
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
                Ok(Outcome::Write(SessionsAfter::End, vec![event]))
            })
            .await
            .map(drop)
    }
}
