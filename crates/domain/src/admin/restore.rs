//! Taking a deletion back.

use super::Administration;
use crate::{
    audit::{EventKind, Origin},
    caller::Admin,
    error::Result,
    revision::{Outcome, Revision, Written},
    users::{SessionsAfter, User, UserId},
};

impl Administration {
    /// Restores a deleted user. A suspended one comes back suspended, and no
    /// old session, token or key revives.
    ///
    /// Writes `user.restored`. Sends no mail.
    ///
    /// # Errors
    /// `user_not_found`; `not_deleted`; `…_taken`, with every identifier that has
    /// a new owner; `edit_conflict`; those of the store.
    pub async fn restore(&self, admin: &Admin, origin: &Origin, id: UserId) -> Result<User> {
        let revision = Revision {
            context: &self.context,
            actor: admin.actor(),
            origin,
            id,
            expected: None,
        };
        revision
            .run(|user, now| {
                user.restore(now)?;
                let event = self
                    .context
                    .event(now, EventKind::UserRestored, admin.actor(), origin)?
                    .about(id);
                Ok(Outcome::Write(Written::new(
                    SessionsAfter::End,
                    vec![event],
                )))
            })
            .await
    }
}
