//! Somebody else's sessions.

use super::Administration;
use crate::{
    audit::Origin,
    caller::{Admin, AdminReader},
    error::Result,
    sessions::Session,
    users::{UserId, UserKey},
};

impl Administration {
    /// A user's sessions that are in force, the last used first.
    ///
    /// # Errors
    /// `user_not_found`; those of the store.
    pub async fn list_sessions(&self, admin: &AdminReader, id: UserId) -> Result<Vec<Session>> {
        self.get(admin, &UserKey::Id(id)).await?;
        let sessions = self.context.ports.store.sessions();
        sessions.list_living(id, self.context.now()).await
    }

    /// Ends every session and handed-out token of a user. Writes
    /// `session.all_ended`.
    ///
    /// # Errors
    /// `session_required` for a key of this very user; `user_not_found`; those of
    /// the store.
    pub async fn end_sessions(&self, admin: &Admin, origin: &Origin, id: UserId) -> Result<()> {
        admin.require_person_for(id)?;
        self.get(admin, &UserKey::Id(id)).await?;
        self.context
            .end_all_sessions(id, admin.actor(), origin)
            .await
    }
}
