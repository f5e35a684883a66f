//! Removal for good.

use super::Administration;
use crate::{
    audit::{EventKind, Origin},
    caller::Admin,
    error::{Conflict, NotFound, Result},
    users::{UserId, UserKey},
};

impl Administration {
    /// Removes a deleted user with all that hangs on it; audit events stay,
    /// without personal data. Writes `user.purged`.
    ///
    /// # Errors
    /// `user_not_found`, `not_deleted`, those of the store.
    pub async fn purge(&self, admin: &Admin, origin: &Origin, id: UserId) -> Result<()> {
        let users = self.context.ports.store.users();
        match users.find(&UserKey::Id(id)).await? {
            None => Err(NotFound::User.into()),
            Some(user) if user.deleted_at.is_none() => Err(Conflict::NotDeleted.into()),
            Some(_) if self.remove(admin, origin, id).await? => Ok(()),
            // Restored or purged since it was read: the second is as asked.
            Some(_) => match users.find(&UserKey::Id(id)).await? {
                None => Ok(()),
                Some(_) => Err(Conflict::NotDeleted.into()),
            },
        }
    }

    /// Says whether there was such a deleted user.
    pub(super) async fn remove(&self, admin: &Admin, origin: &Origin, id: UserId) -> Result<bool> {
        let context = &self.context;
        let event = context
            .event(context.now(), EventKind::UserPurged, admin.actor(), origin)?
            .about(id);
        let unit = context.ports.store.begin().await?;
        let removed = unit.users().purge(id).await?;
        if removed {
            unit.commit(&[event]).await?;
        }
        Ok(removed)
    }
}
