//! Removal for good.

use super::Administration;
use crate::{
    audit::{EventKind, Origin},
    caller::Admin,
    error::{Conflict, Error, NotFound, Result},
    users::{UserId, UserKey},
};

impl Administration {
    /// Removes a deleted user for good, with everything that belongs to it;
    /// audit events stay, without personal data.
    ///
    /// Writes `user.purged`. Sends no mail.
    ///
    /// # Errors
    /// `user_not_found`; `not_deleted`; `edit_conflict` where the user was restored
    /// and deleted again meanwhile; those of the store.
    pub async fn purge(&self, admin: &Admin, origin: &Origin, id: UserId) -> Result<()> {
        self.require_deleted(id).await?;
        if self.remove(admin, origin, id).await? {
            return Ok(());
        }
        // Restored since it was read, or purged, which is as asked.
        match self.require_deleted(id).await {
            Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
            Ok(()) => Err(Conflict::Stale.into()),
        }
    }

    async fn require_deleted(&self, id: UserId) -> Result<()> {
        let users = self.context.ports.store.users();
        let user = users.find(&UserKey::Id(id)).await?.ok_or(NotFound::User)?;
        if user.deleted_at.is_none() {
            return Err(Conflict::NotDeleted.into());
        }
        Ok(())
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
