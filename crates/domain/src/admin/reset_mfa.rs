//! The way back in for somebody who has lost app and recovery codes.

use super::Administration;
use crate::{
    audit::{EventKind, Origin},
    caller::Admin,
    error::Result,
    mail::MailKind,
    users::{UserId, UserKey},
};

impl Administration {
    /// Takes a user's second factor away: the password alone signs in until
    /// another is set up. Nothing happens where there is none.
    ///
    /// Writes `mfa.reset`. Mails [`MfaDisabled`](MailKind::MfaDisabled).
    ///
    /// # Errors
    /// `session_required` for a key of this very user; `user_not_found`;
    /// `user_deleted`; those of the store.
    pub async fn reset_mfa(&self, admin: &Admin, origin: &Origin, id: UserId) -> Result<()> {
        admin.require_person_for(id)?;
        let context = &self.context;
        let user = self.get(admin, &UserKey::Id(id)).await?;
        user.require_living()?;
        let (now, kind) = (context.now(), EventKind::MfaReset);
        let event = context.event(now, kind, admin.actor(), origin)?.about(id);
        let mail = context.mail_to(MailKind::MfaDisabled, &user, None, origin)?;
        let unit = context.ports.store.begin().await?;
        if !unit.second_factors().remove(id).await? {
            return Ok(());
        }
        if let Some(mail) = &mail {
            unit.outbox().add(mail).await?;
        }
        unit.commit(&[event]).await
    }
}
