//! Changing members of anybody's account.

use super::Administration;
use crate::{
    accounts::UpdateUserCommand,
    audit::Origin,
    caller::Admin,
    error::Result,
    users::{User, UserId, Version},
};

impl Administration {
    /// Changes a user, as
    /// [`Accounts::update`](crate::accounts::Accounts::update) does for people
    /// who have signed in: for jobs and command lines.
    ///
    /// Writes, as it applies, `user.updated`, `user.role_changed`,
    /// `user.suspended`, `user.reinstated`, `email.changed` and `email.verified`;
    /// nothing where nothing changes. Where the address becomes another one it
    /// mails [`EmailChanged`](crate::mail::MailKind::EmailChanged) to the one
    /// before, and [`VerifyEmail`](crate::mail::MailKind::VerifyEmail) to the new
    /// one where addresses must be verified and this one is not.
    ///
    /// # Errors
    /// `session_required` for a key that changes its owner's address;
    /// `user_not_found`; `user_deleted`; `last_admin`; `version_mismatch` where
    /// `expected` is not the current version; `validation_failed` where neither
    /// username nor e-mail address would be left, or the metadata would grow too
    /// large; `…_taken`; `edit_conflict`; those of the store.
    pub async fn update(
        &self,
        admin: &Admin,
        origin: &Origin,
        which: (UserId, Option<Version>),
        command: &UpdateUserCommand,
    ) -> Result<User> {
        self.context
            .change_by_admin(admin, origin, which, command)
            .await
    }
}
