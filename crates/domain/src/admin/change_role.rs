//! Making administrators, and ordinary users of them again.

use super::{Administration, user_change_events};
use crate::{
    audit::Origin,
    caller::Admin,
    error::Result,
    revision::{Outcome, Revision, Written},
    users::{AdminChanges, ProfileChanges, Role, SessionsAfter, User, UserId},
};

impl Administration {
    /// Gives a user a role, for operators: people do it with
    /// [`Accounts::update`](crate::accounts::Accounts::update). Nothing happens
    /// where the role is the user's already. Writes `user.role_changed`.
    ///
    /// # Errors
    /// `user_not_found`, `user_deleted`, `last_admin`, `edit_conflict`, those
    /// of the store.
    pub async fn change_role(
        &self,
        admin: &Admin,
        origin: &Origin,
        id: UserId,
        role: Role,
    ) -> Result<User> {
        let revision = Revision {
            context: &self.context,
            actor: admin.actor(),
            origin,
            id,
            expected: None,
        };
        let changes = AdminChanges {
            role: Some(role),
            ..AdminChanges::default()
        };
        revision
            .run(|user, now| {
                let changed = user.apply(&ProfileChanges::default(), &changes, now)?;
                if changed.is_empty() {
                    return Ok(Outcome::Nothing);
                }
                let events = user_change_events(&revision, user, &changed, now)?;
                Ok(Outcome::Write(Written::new(SessionsAfter::Keep, events)))
            })
            .await
    }
}
